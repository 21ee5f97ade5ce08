//! The door: bounds, gzip, and what the bytes are.

use crate::options::Options;
use crate::table::Table;
use crate::{Refused, decode, delimited, guard, ndjson, refused, xls, xlsx};
use muster_kernel::Finding;
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Reads a file. The bytes decide what it is; its name is not asked, because `.xls` is as often a web page.
///
/// # Errors
/// One finding where nothing of the file can be taken in: a bound, a bomb, damage, a foreign format, an encoding.
pub fn read(bytes: &[u8], options: &Options) -> Result<Table, Refused> {
    let limits = &options.limits;
    if bytes.len() > limits.bytes {
        return Err(Box::new(Finding::refuse("sheet.too_large").with("limit", limits.bytes)));
    }
    let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
        Cow::Owned(guard::gunzip(bytes, limits)?)
    } else {
        Cow::Borrowed(bytes)
    };
    match bytes.as_ref() {
        [] => Err(refused("sheet.empty")),
        [0x1f, 0x8b, ..] => Err(refused("sheet.gzip_nested")),
        [b'P', b'K', 3, 4, ..] => contained(|| xlsx::read(&bytes, options)),
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => contained(|| xls::read(&bytes, options)),
        _ => read_text(&bytes, options),
    }
}

fn read_text(bytes: &[u8], options: &Options) -> Result<Table, Refused> {
    if let Some(format) = foreign(bytes) {
        return Err(Box::new(Finding::refuse("sheet.format_unsupported").with("format", format)));
    }
    let (text, encoding) = decode::decode(bytes, options.encoding.as_deref())?;
    let mut table = match text.trim_start().as_bytes() {
        [] => return Err(refused("sheet.empty")),
        [b'{', ..] => ndjson::read(&text, &options.limits)?,
        [b'[', b'{' | b'\n' | b'\r' | b' ' | b']' | b'[', ..] => return Err(refused("sheet.json_array")),
        [b'<', ..] => {
            return Err(Box::new(Finding::refuse("sheet.format_unsupported").with("format", "html")));
        }
        _ => delimited::read(&text, &options.limits, options.indents)?,
    };
    table.encoding = Some(encoding);
    Ok(table)
}

/// Formats that people send and that are not tables.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    [
        (&b"%PDF"[..], "pdf"),
        (b"\x89PNG", "png"),
        (b"\xff\xd8\xff", "jpeg"),
        (b"Rar!", "rar"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"SQLite format 3", "sqlite"),
        (b"PAR1", "parquet"),
        (b"{\\rtf", "rtf"),
    ]
    .into_iter()
    .find_map(|(magic, name)| bytes.starts_with(magic).then_some(name))
}

/// Runs a reader of a foreign format. The libraries are careful, but a panic on a damaged file is still a finding.
fn contained(read: impl FnOnce() -> Result<Table, Refused>) -> Result<Table, Refused> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(refused("sheet.damaged")))
}
