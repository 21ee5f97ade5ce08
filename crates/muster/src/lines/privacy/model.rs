//! Nouns of privacy.

use muster_kernel::Day;

/// What an operation says of a field otherwise than is said of it from the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The field's word.
    pub field: String,
    /// On what legal basis it is kept, in the office's words; empty: as from the start.
    pub basis: String,
    /// For how many days after its occasion ended.
    pub keep_days: u32,
    /// How often it was set.
    pub revision: i64,
}

/// The day on which an operation ends, as far as persons are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// First day on which it is over.
    pub day: Day,
    /// Why then.
    pub reason: String,
    /// How often it was set.
    pub revision: i64,
}
