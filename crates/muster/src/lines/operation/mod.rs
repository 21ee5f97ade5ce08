//! The operation: the emergency that is being answered, and what its office calls itself.
//!
//! Nouns: operation. Verbs: `operation_begin`, `operation_set`. One database answers one operation at a time; its id
//! stands in every form, assignment and journal entry, so that a second one can follow without a new shape. Whoever
//! changes the row journals it whole; `muster verify --deep` holds it to the last of those entries.

mod model;
mod replay;
mod store;
mod verbs;

pub use model::{Names, Operation};
pub use replay::{OperationFaultKind, OperationReplayed, operation_replay};
pub use store::{STATEMENTS, operation_current};
pub use verbs::{operation_begin, operation_set};
