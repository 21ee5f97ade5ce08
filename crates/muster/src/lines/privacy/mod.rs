//! Privacy: what is kept of persons, for what, on what legal basis and until when; and that it goes when its time is over.
//!
//! Nouns: field (something that is kept of a person, and where), rule (basis and days, as an operation says them), end (the day
//! on which the operation ends for persons). Verbs: `rule_set`, `end_set`, `due_erase`. What is kept of one person is told
//! and erased by `access`; a telephone wherever it stands by `org`.
//!
//! What is kept stands in `fields.rs`, as data, and a test holds every column of the schema against it: a new column is
//! either a person's, with a purpose and an end, or said to be nobody's.

mod fields;
mod http;
mod model;
mod replay;
mod store;
mod verbs;

pub use fields::{FIELDS, Field, Kept};
pub use http::router;
pub use model::{End, Rule};
pub use replay::{PrivacyFaultKind, PrivacyReplayed, privacy_replay};
pub use store::STATEMENTS;
pub use verbs::{due_erase, end_set, rule_set, rules};
