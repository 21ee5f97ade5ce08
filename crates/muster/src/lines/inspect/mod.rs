//! Inspect: what an inspector found, and what became of it. An inspector stands beside the chain of command: it writes
//! findings and nothing else, and nobody else writes one.
//!
//! Nouns: finding (of a unit, of a kind, with references to what it rests on), step (the unit's answer, the close). Verbs:
//! `finding_file`, `finding_answer`, `finding_close`.
//!
//! A finding is dated and signed by reference; the unit's office answers once, the inspector closes with a reason, and all of it
//! stays: there is no way to change or take back a word of it. The unit, its chain and the inspectors over it read it. That
//! somebody concealed is only ever such a finding of a person: no rule of this program says it.

mod http;
mod model;
mod replay;
mod store;
mod verbs;

pub use http::router;
pub use model::{Finding, Kind, Step, StepKind};
pub use replay::{FindingFaultKind, FindingsReplayed, findings_replay};
pub use store::STATEMENTS;
pub use verbs::{FindingDraft, finding_answer, finding_close, finding_file};
