//! What is written, cell by cell, and why it cannot be.

use muster_kernel::Day;
use rust_xlsxwriter::XlsxError;

/// A value to write.
#[derive(Clone, Copy, Debug)]
pub enum Out<'a> {
    /// Nothing.
    Empty,
    /// Text, or an id: written so that no spreadsheet makes a number of it.
    Text(&'a str),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// A day.
    Day(Day),
}

impl<'a> From<Option<&'a str>> for Out<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Out::Empty, Out::Text)
    }
}

/// A file could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The place it goes to refused it.
    #[error("writing the table")]
    Io(#[from] std::io::Error),
    /// The workbook could not be made.
    #[error("writing the workbook")]
    Book(#[from] XlsxError),
    /// A sheet holds 1,048,576 rows, an old one (XLS) 65,536 and 256 columns; the caller offers CSV.
    #[error("more rows than a sheet can hold")]
    TooManyRows,
}
