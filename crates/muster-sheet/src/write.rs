//! Rows to a file: CSV as a stream, a workbook with a bounded memory.

use crate::biff::Book;
use crate::columns::{Column, ColumnKind};
use crate::delimited;
use crate::out::{Out, WriteError};
use rust_xlsxwriter::{ExcelDateTime, Format as Style, Workbook, Worksheet, XlsxError};
use std::io::{Seek, Write};

/// Rows that a sheet of a workbook can hold, header included.
const SHEET_ROWS_MAX: u32 = 1_048_576;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutFormat {
    /// UTF-8 with a byte order mark, without which a spreadsheet takes it for the machine's old encoding; lines end
    /// in CR LF (RFC 4180); text that a spreadsheet would take for a formula is guarded by an apostrophe.
    Csv,
    /// A workbook; ids are text.
    Xlsx,
    /// A workbook of Excel 97 to 2003, for machines that have nothing newer: 65,536 rows; ids are text.
    Xls,
}

impl OutFormat {
    /// By its short name: `csv`, `xlsx`, `xls`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            "xls" => Some(Self::Xls),
            _ => None,
        }
    }
    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Xls => "application/vnd.ms-excel",
        }
    }
}

/// Writes a header and then rows.
pub struct SheetWriter<W: Write>(Inner<W>);

enum Inner<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Xlsx { to: W, book: Box<Workbook>, row: u32, day: Style },
    Xls { to: W, book: Box<Book> },
}

impl<W: Write + Seek + Send> SheetWriter<W> {
    /// Begins a file with the header of a dictionary.
    ///
    /// # Errors
    /// The place refuses; the name is not one that a sheet can have.
    pub fn new(format: OutFormat, mut to: W, sheet: &str, columns: &[Column]) -> Result<Self, WriteError> {
        let names = columns.iter().map(|column| column.names.first().unwrap_or(&column.key).as_ref());
        match format {
            OutFormat::Csv => {
                to.write_all("\u{feff}".as_bytes())?;
                let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(to);
                csv.write_record(names.map(|name| name.as_bytes())).map_err(io)?;
                Ok(Self(Inner::Csv(Box::new(csv))))
            }
            OutFormat::Xls => {
                let book = Box::new(Book::new(sheet, columns, names)?);
                Ok(Self(Inner::Xls { to, book }))
            }
            OutFormat::Xlsx => {
                let mut book = Box::new(Workbook::new());
                let page = book.add_worksheet_with_constant_memory()?;
                page.set_name(sheet)?.set_freeze_panes(1, 0)?;
                let head = Style::new().set_bold();
                let text = Style::new().set_num_format("@");
                for (at, (column, name)) in columns.iter().zip(names).enumerate() {
                    let at = at as u16;
                    page.set_column_width(at, if column.kind == ColumnKind::Text { 28 } else { 16 })?;
                    if column.kind == ColumnKind::Id {
                        // A person who adds a row by hand types digits that stay as typed.
                        page.set_column_format(at, &text)?;
                    }
                    page.write_string_with_format(0, at, name, &head)?;
                }
                let day = Style::new().set_num_format("yyyy-mm-dd");
                Ok(Self(Inner::Xlsx { to, book, row: 1, day }))
            }
        }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// The place refuses; the sheet is full.
    pub fn row(&mut self, values: &[Out<'_>]) -> Result<(), WriteError> {
        match &mut self.0 {
            Inner::Csv(csv) => {
                for value in values {
                    match value {
                        Out::Empty => csv.write_field(b""),
                        Out::Text(text) => csv.write_field(delimited::guard(text).as_bytes()),
                        Out::Integer(number) => csv.write_field(number.to_string()),
                        Out::Number(number) => csv.write_field(number.to_string()),
                        Out::Day(day) => csv.write_field(day.to_string()),
                    }
                    .map_err(io)?;
                }
                csv.write_record(None::<&[u8]>).map_err(io)
            }
            Inner::Xls { book, .. } => book.row(values),
            Inner::Xlsx { book, row, day, .. } => {
                if *row >= SHEET_ROWS_MAX {
                    return Err(WriteError::TooManyRows);
                }
                let page = book.worksheet_from_index(0)?;
                for (column, value) in values.iter().enumerate() {
                    write_cell(page, *row, column as u16, value, day)?;
                }
                *row += 1;
                Ok(())
            }
        }
    }

    /// Ends the file.
    ///
    /// # Errors
    /// The place refuses.
    pub fn finish(self) -> Result<W, WriteError> {
        match self.0 {
            Inner::Csv(csv) => csv.into_inner().map_err(|error| WriteError::Io(error.into_error())),
            Inner::Xls { to, book } => book.finish(to),
            Inner::Xlsx { mut to, mut book, .. } => {
                book.save_to_writer(&mut to)?;
                Ok(to)
            }
        }
    }
}

fn write_cell(
    page: &mut Worksheet,
    row: u32,
    column: u16,
    value: &Out<'_>,
    style: &Style,
) -> Result<(), XlsxError> {
    match value {
        Out::Empty => Ok(()),
        Out::Text(text) => page.write_string(row, column, *text).map(drop),
        Out::Integer(number) => page.write_number(row, column, *number as f64).map(drop),
        Out::Number(number) => page.write_number(row, column, *number).map(drop),
        Out::Day(day) => match day.date() {
            Some(date) => {
                let (year, month, day) = (date.year() as u16, date.month() as u8, date.day() as u8);
                let date = ExcelDateTime::from_ymd(year, month, day)?;
                page.write_datetime_with_format(row, column, &date, style).map(drop)
            }
            None => Ok(()),
        },
    }
}

fn io(error: csv::Error) -> WriteError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => WriteError::Io(error),
        other => WriteError::Io(std::io::Error::other(format!("{other:?}"))),
    }
}
