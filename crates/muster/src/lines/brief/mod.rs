//! The daily brief: one day's figures of the whole, made, frozen, kept, compared.
//!
//! Nouns: facts (what a day's figures say, in no language), document (the facts in one language), narrative (what the
//! office writes beside them), frozen brief, origins (which revision of which sheet is in it), printed file. Verbs:
//! `brief_freeze`, `narrative_set`, `file_keep`.
//!
//! A day can be frozen once its cut-off has passed; what was frozen is kept byte for byte, in every language, with the
//! hash of it and the origins of its figures. A report that comes later is taken in and stands in the next brief with
//! the corrections. What this line never does: leave out who is missing or what contradicts, count silence as zero,
//! print a telephone number, change a frozen page.

mod check;
mod compare;
mod facts;
mod figures;
mod http;
mod make;
mod model;
mod origins;
mod replay;
mod sentence;
mod store;
#[cfg(test)]
mod tests;
mod verbs;

pub use compare::{Cause, Comparison, Difference, Part, compare};
pub use facts::{Making, facts};
pub(crate) use http::CompareBody;
pub use http::router;
pub use make::document;
pub use model::{Facts, Figure, Frozen, Kept, Key, Narrative};
pub use origins::{Listed, listed};
pub use replay::{BriefFaultKind, BriefsReplayed, briefs_replay};
pub use store::STATEMENTS;
pub use verbs::{
    Shown, brief_freeze, brief_shown, briefs, file_keep, file_kept, frozen, narrative, narrative_set,
    origin_values,
};
