//! Workbooks and tables: bytes to rows with cell addresses, and back.
//!
//! A clerk's file is whatever the clerk had: a workbook saved by Excel, LibreOffice or WPS, a CSV in GB18030, a
//! NDJSON from a program, one of these in gzip, under any name. [`read`] looks at the bytes, never at the name, and
//! answers with a [`Table`] or with one [`Finding`] that says what kept the whole file out. What is wrong with a
//! single cell is found when that cell is asked for ([`Fields`]), so that each finding stands at its cell.
//!
//! Knows no mission noun: what the columns mean is said by a dictionary of [`Column`]s that the caller brings.
//! Everything that comes in is bounded by [`Limits`]; a bomb is a finding, never a crash.

mod biff;
mod columns;
mod decode;
mod delimited;
mod guard;
mod ndjson;
mod options;
mod out;
mod read;
mod table;
mod value;
mod write;
mod xls;
mod xlsx;

pub use columns::{Column, ColumnKind, Fields, Header, header_find};
pub use options::{Format, Limits, Options};
pub use out::{Out, WriteError};
pub use read::read;
pub use table::{Cell, Kind, Row, Table, column_letters};
pub use value::{day_parse, halfwidth, is_scientific, number_text};
pub use write::{OutFormat, SheetWriter};

use muster_kernel::Finding;

/// Why a whole file is not taken in: one finding. Boxed, because it travels up through many `?`.
pub type Refused = Box<Finding>;

/// A file-level finding with its code.
pub(crate) fn refused(code: &str) -> Refused {
    Box::new(Finding::refuse(code))
}
