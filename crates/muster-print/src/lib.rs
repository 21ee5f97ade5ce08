//! The printer: a daily brief as PDF, DOCX, XLSX and a long picture for a phone.
//!
//! The house hands over one [`BriefDoc`] (JSON on the standard input of the binary `muster-print`)
//! and gets bytes back. Printing is a process of its own: a crash or a memory blow-up of the
//! typesetter stays there.
//!
//! Here is the document, the words on it and what can go wrong.

mod doc;
mod format;
pub mod labels;
mod problem;

pub use doc::{
    Absence, Absent, BYTES_MAX, BigNumber, BriefDoc, Cell, Chart, Contradiction, Correction, Disagreement,
    Group, GroupValue, Lang, Lineage, Narrative, Rates, Series, TotalRow, VERSION,
};
pub use format::Format;
pub use problem::{Finding, PrintProblem};
