//! CSV and its relatives.

use crate::options::{Format, Limits};
use crate::table::{Builder, Flags, Kind, Table};
use crate::value::is_scientific;
use crate::{Refused, refused};
use csv::{ReaderBuilder, StringRecord};
use muster_kernel::Finding;

/// Reads text with delimiters. Row numbers are those that a spreadsheet would show.
pub(crate) fn read(text: &str, limits: &Limits) -> Result<Table, Refused> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let mut builder = Builder::new(Format::Csv, limits);
    let mut record = StringRecord::new();
    let (mut number, mut inner_lines) = (0_u64, 0_u64);
    let mut begins = 0;
    loop {
        let at = reader.position().byte();
        if !reader.read_record(&mut record).map_err(|_| refused("sheet.damaged"))? {
            break;
        }
        begins = at as usize;
        // The line on which the record ends, less line breaks inside quotes: blank lines count, as on a screen.
        let breaks: usize = record.iter().map(|field| field.bytes().filter(|b| *b == b'\n').count()).sum();
        let end_line = reader.position().line() - u64::from(ends_with_break(text, reader.position().byte()));
        inner_lines += breaks as u64;
        number = end_line.saturating_sub(inner_lines).max(number + 1);
        builder.row(number)?;
        if record.len() > limits.columns {
            let finding = Finding::refuse("sheet.too_many_columns").with("limit", limits.columns).row(number);
            return Err(Box::new(finding));
        }
        for (column, field) in record.iter().enumerate() {
            let field = unguard(field);
            let flags = if is_scientific(field) { Flags::DIGITS_LOST } else { Flags::default() };
            builder.cell(column as u32, field, Kind::Text, flags)?;
        }
    }
    if ends_in_quote(text.get(begins..).unwrap_or_default(), delimiter(text)) {
        // All that follows would be taken for one cell.
        return Err(Box::new(Finding::refuse("sheet.quote_open").with("row", number).row(number)));
    }
    Ok(builder.finish())
}

/// Whether a record, the last one of its file, ends inside quotes: a line put below it would be a part of it.
fn ends_in_quote(last: &str, delimiter: u8) -> bool {
    if last.bytes().filter(|byte| *byte == b'"').count() % 2 == 0 {
        return false;
    }
    let below = format!("{last}\nbelow");
    let mut reader = ReaderBuilder::new();
    reader.has_headers(false).flexible(true).delimiter(delimiter);
    reader.from_reader(below.as_bytes()).records().count() < 2
}

fn ends_with_break(text: &str, at: u64) -> bool {
    let at = (at as usize).min(text.len());
    text.as_bytes()[..at].ends_with(b"\n")
}

/// The delimiter that the first line uses most outside quotes.
fn delimiter(text: &str) -> u8 {
    let (mut commas, mut semicolons, mut tabs, mut quoted) = (0, 0, 0, false);
    for byte in text.trim_start().bytes().take(64 * 1024) {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            b',' if !quoted => commas += 1,
            b';' if !quoted => semicolons += 1,
            b'\t' if !quoted => tabs += 1,
            _ => {}
        }
    }
    match () {
        () if tabs > commas && tabs >= semicolons => b'\t',
        () if semicolons > commas => b';',
        () => b',',
    }
}

/// Whether a spreadsheet would take the text, less any apostrophes before it, for a formula (OWASP, CSV injection).
fn is_dangerous(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Text made harmless for a spreadsheet by an apostrophe before it; [`read`] takes it away again.
pub(crate) fn guard(text: &str) -> std::borrow::Cow<'_, str> {
    if is_dangerous(text) { format!("'{text}").into() } else { text.into() }
}

fn unguard(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_dangerous(rest) => rest,
        _ => text,
    }
}
