//! Reporting: one sheet per subject and period; forms are views of it.
//!
//! Nouns: element (a question of the catalogue), form (a dated view), assignment (a form given to a part of the tree),
//! sheet (one subject's figures for one period), act (values, or zero: signed), statement (a unit's word about all
//! below it), incident. Verbs: `element_set`, `form_set`, `form_assign`, `form_reassign`, `report_file` (which also corrects),
//! `incident_file`.
//!
//! A number is entered once; every form that asks for the same element at the same instant is already filled. Totals
//! of every ancestor are right when a report is acknowledged. What this line never does: overwrite a report from
//! above, take silence for zero, add a statement to its parts, drop a row without saying so.

mod absent;
mod below;
mod book;
mod check;
mod compare;
mod gather;
mod http;
mod import;
mod intake;
mod keep;
mod lineage;
mod met;
mod model;
mod pack;
mod paper;
mod parts;
mod pictures;
mod query;
mod read;
mod redraw;
mod replay;
mod revision;
mod rollup;
mod rules;
mod same;
mod scan;
mod seen;
mod sheet;
mod shelf;
mod span;
mod store;
mod survey;
mod verbs;

pub use absent::{Which, absent, absent_in};
pub use book::Book;
pub(crate) use book::{form_absent, form_unknown};
pub use check::{Asked, Checked, Draft, Entered, Said, check, parse_scaled, show_scaled};
pub use compare::{
    Agreement, Beside, Contradiction, Corrected, Past, agreement, beside, contradictions, corrections,
    history, sheet_entry_last,
};
pub(crate) use http::ReportImport;
pub use http::router;
pub use import::{Imported, ReportsFile, reports_import};
pub use intake::{Intake, file_many};
pub use keep::{crown_min_set, tree_changed};
pub use lineage::{
    Origin, Written, day_freeze, day_frozen_at, days_frozen, origins_count, origins_each, written,
};
pub use met::HAS_REPORTED;
pub use model::*;
pub use parts::parts_missing;
pub use query::{Query, unit_asks};
pub use read::Picture;
pub use redraw::{Rebuilt, Wrong, rebuild};
pub use replay::{Cut, Cuts, On, Replayed, RowFaultKind, ScanFaultKind, ScansReplayed, replay, scans_replay};
pub use revision::Revision;
pub use rollup::{Counted, Stated, Sum, Total};
pub use rules::{Follows, Rule, Test};
pub use same::SameUnits;
pub use seen::{Absent, Part};
pub use sheet::{column_needed as report_column_needed, columns as report_columns};
pub use shelf::BookShelf;
pub use store::statements;
pub use verbs::{
    Earlier, Filed, Filing, Reassign, Receipt, RemindStep, Reminded, Reminding, book_held, book_tag,
    cut_off_ms, element_set, form_assign, form_reassign, form_set, incident_file, instant_ms, missing_remind,
    report_file,
};
