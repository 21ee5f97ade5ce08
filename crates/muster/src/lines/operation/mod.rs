//! The operation: the emergency that is being answered, and what its office calls itself.
//!
//! Nouns: operation. Verbs: `operation_begin`. One database answers one operation at a time; its id stands in every
//! form, assignment and journal entry, so that a second one can follow without a new shape.

mod model;
mod store;
mod verbs;

pub use model::{Names, Operation};
pub use store::{STATEMENTS, operation_current, operation_set};
pub use verbs::operation_begin;
