//! CSV and its relatives.

use crate::options::{Format, Limits};
use crate::table::{Builder, Flags, Kind, Table};
use crate::value::is_scientific;
use crate::{Refused, refused};
use csv::ReaderBuilder;
use csv_core::ReadRecordResult;
use muster_kernel::Finding;

/// Reads text with delimiters. Row numbers are those that a spreadsheet would show.
pub(crate) fn read(text: &str, limits: &Limits, indents: bool) -> Result<Table, Refused> {
    let delimiter = delimiter(text);
    let mut records = Records::of(text, delimiter, limits.columns);
    let mut builder = Builder::new(Format::Csv, limits).with_indents(indents);
    let (mut number, mut inner_lines) = (0_u64, 0_u64);
    let mut begins = 0;
    loop {
        let at = records.at;
        let next = records.next();
        if next == Next::End {
            break;
        }
        begins = at;
        // The line on which the record ends, less line breaks inside quotes: blank lines count, as on a screen.
        let breaks = records.said().iter().filter(|byte| **byte == b'\n').count();
        let end_line = records.core.line() - u64::from(text.as_bytes()[..records.at].ends_with(b"\n"));
        inner_lines += breaks as u64;
        number = end_line.saturating_sub(inner_lines).max(number + 1);
        builder.row(number)?;
        if next == Next::TooWide {
            let finding = Finding::refuse("sheet.too_many_columns").with("limit", limits.columns).row(number);
            return Err(Box::new(finding));
        }
        let said = std::str::from_utf8(records.said()).map_err(|_| refused("sheet.damaged"))?;
        let mut start = 0;
        for (column, end) in records.ends[..records.fields].iter().enumerate() {
            let field = unguard(said.get(start..*end).ok_or_else(|| refused("sheet.damaged"))?);
            let flags = if is_scientific(field) { Flags::DIGITS_LOST } else { Flags::default() };
            builder.cell(column as u32, field, Kind::Text, flags)?;
            start = *end;
        }
    }
    if ends_in_quote(text.get(begins..).unwrap_or_default(), delimiter) {
        // All that follows would be taken for one cell.
        return Err(Box::new(Finding::refuse("sheet.quote_open").with("row", number).row(number)));
    }
    Ok(builder.finish())
}

/// What comes next in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// A record that is whole.
    Record,
    /// A record with more fields than are taken; it was read no further.
    TooWide,
    /// Nothing more.
    End,
}

/// The records of a text, one at a time. Of one no more fields are held than may be in it: a line of nothing but commas, read
/// to its end, would take many times its own memory before anybody counted them.
struct Records<'t> {
    core: csv_core::Reader,
    text: &'t str,
    /// Bytes that were read.
    at: usize,
    /// What the fields of the record hold, one after the other; how much of it, where each ends, how many they are.
    output: Vec<u8>,
    written: usize,
    ends: Vec<usize>,
    fields: usize,
}

impl<'t> Records<'t> {
    fn of(text: &'t str, delimiter: u8, columns: usize) -> Self {
        let core = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        // One field more than may be: so that a record which is wider is told from one that just fits.
        let (output, ends) = (vec![0; 4096], vec![0; columns + 1]);
        Self { core, text, at: 0, output, written: 0, ends, fields: 0 }
    }
    /// Reads the next record.
    fn next(&mut self) -> Next {
        (self.written, self.fields) = (0, 0);
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            let (output, ends) = (&mut self.output[self.written..], &mut self.ends[self.fields..]);
            let (result, read, written, fields) = self.core.read_record(rest, output, ends);
            self.at += read;
            self.written += written;
            self.fields += fields;
            match result {
                // Asked again it has no more input, and says what that comes to.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.output.resize(self.output.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => return Next::TooWide,
                ReadRecordResult::Record if self.fields == self.ends.len() => return Next::TooWide,
                ReadRecordResult::Record => return Next::Record,
                ReadRecordResult::End => return Next::End,
            }
        }
    }
    /// What the fields of the record hold, one after the other.
    fn said(&self) -> &[u8] {
        &self.output[..self.written]
    }
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
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r'])
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_reckon_is_guarded_and_comes_back() {
        for text in ["=1+1", "＝1+1", "＋1", "－1", "＠a", "-1", "'=1", "\tx"] {
            assert_eq!(guard(text), format!("'{text}"));
            assert_eq!(unguard(&guard(text)), text);
        }
        for text in ["1=1", "'a", "合肥", ""] {
            assert_eq!((&*guard(text), unguard(text)), (text, text));
        }
    }

    #[test]
    fn a_row_is_read_no_further_than_it_may_be_wide() {
        let check = |text: &str, expected: &[Next], at: usize| {
            let mut records = Records::of(text, b',', 3);
            let told: Vec<Next> = expected.iter().map(|_| records.next()).collect();
            assert_eq!((told.as_slice(), records.at), (expected, at), "{}", &text[..text.len().min(40)]);
            assert_eq!((records.ends.len(), records.output.len()), (4, 4096), "what is held does not grow");
        };
        let wide = ",".repeat(4 << 20);
        check(&wide, &[Next::TooWide], 4);
        check(&format!("a,b\n{wide}"), &[Next::Record, Next::TooWide], 8);
        check("a,b,c\r\n1,2,3", &[Next::Record, Next::Record, Next::End], 12);
        check("a,b,c,d\n", &[Next::TooWide], 8);
        let limits = Limits { columns: 3, ..Limits::default() };
        let refused = read(&format!("a,\"b\nb\"\n\n{wide}"), &limits, false).unwrap_err();
        assert_eq!((refused.code.as_str(), refused.at.row), ("sheet.too_many_columns", Some(3)));
    }
}
