//! The door: bounds, gzip, and what the bytes are.

use crate::table::Table;
use crate::{Refused, decode, delimited, guard, ndjson, refused, xls, xlsx};
use muster_kernel::Finding;
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What the bytes of a file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Office Open XML workbook, as Excel since 2007 and WPS write it, also under the name `.et`.
    Xlsx,
    /// Workbook of Excel 97 to 2003, as old WPS writes it, also under the name `.et`.
    Xls,
    /// Text with delimiters: comma, semicolon or tab.
    Csv,
    /// A JSON object a line.
    Ndjson,
}

impl Format {
    /// Its short name: `xlsx`, `xls`, `csv`, `ndjson`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Xls => "xls",
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }
}

/// Bounds on what is read. The defaults take a workbook of a million rows, and no more memory than a server can spare.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of the file as it comes.
    pub bytes: usize,
    /// Bytes after unpacking gzip or an archive, and bytes of text in the table.
    pub unpacked: usize,
    /// Rows that are not empty.
    pub rows: usize,
    /// Columns, counted from the left edge.
    pub columns: usize,
    /// Characters in a cell.
    pub cell_chars: usize,
    /// Cells that merged areas may fill.
    pub merged_cells: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 64 << 20,
            unpacked: 1 << 30,
            rows: 2_000_000,
            columns: 1_024,
            cell_chars: 32_767,
            merged_cells: 1_000_000,
        }
    }
}

/// What the caller knows of the file.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The sheet of a workbook to read; otherwise the first visible one that is not empty.
    pub sheet: Option<String>,
    /// The encoding of a text file by its WHATWG label (`gb18030`, `big5`); otherwise it is found out.
    pub encoding: Option<String>,
    /// Bounds.
    pub limits: Limits,
}

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
        _ => delimited::read(&text, &options.limits)?,
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
