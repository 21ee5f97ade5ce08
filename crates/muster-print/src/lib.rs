//! The printer: a daily brief as PDF, DOCX, XLSX and a long picture for a phone; one unit's report as PDF and DOCX.
//!
//! The house hands over one [`BriefDoc`] or [`SheetDoc`] (JSON on the standard input of the binary
//! `muster-print`) and gets bytes back. Printing is a process of its own: a crash or a memory blow-up of the
//! typesetter stays there.
//!
//! Two layers, because the typesetter is heavy:
//! - without features: the documents, the words on them and what can go wrong ([`BriefDoc`], [`SheetDoc`],
//!   [`labels`], [`PrintProblem`]); this is all the house compiles;
//! - with `engine`: the four writers.
//!
//! The same document, language and fonts give the same bytes: times inside the files are taken
//! from `made_at`, never from the wall clock.

#[cfg(feature = "engine")]
pub mod command;
mod doc;
#[cfg(feature = "engine")]
mod engine;
mod format;
pub mod labels;
#[cfg(feature = "engine")]
mod paper;
mod problem;
#[cfg(test)]
mod sample;
mod sheet;

pub use doc::{
    Absence, Absent, BYTES_MAX, BigNumber, BriefDoc, Cell, Chart, Contradiction, Correction, Disagreement,
    Group, GroupValue, Lang, Lineage, Narrative, Rates, SameUnits, Series, TotalRow, VERSION, Yesterday,
};
#[cfg(feature = "engine")]
pub use engine::{Fonts, Printed, print, print_sheet, render};
pub use format::Format;
pub use problem::{Finding, PrintProblem};
pub use sheet::{SHEET_CHECK_BYTES_MAX, SHEET_ROWS_MAX, SHEET_VERSION, SheetCheck, SheetDoc, SheetRow};
