//! What can go wrong at the door of the store, in words that are the same on both databases.

/// Why a write or a read did not end well. Except for [`StoreError::Unknown`], nothing was stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A named constraint of the schema refused a row. The name is the same on both databases: a
    /// named one as named, a nameless one as PostgreSQL would call it (`unit_pkey`, `unit_code_key`),
    /// `table_column_not_null` for a missing value, and `foreign_key` for any reference, because
    /// SQLite does not say which (check references in the verb).
    #[error("constraint {name}")]
    Constraint {
        /// Name of the constraint.
        name: String,
    },
    /// COMMIT was sent and not answered. The write may be stored or not: look up its request id,
    /// never repeat it blindly.
    #[error("the commit was not answered: stored or not is unknown")]
    Unknown,
    /// The queue is full, or other writers stayed in the way three times: come back a little later.
    #[error("busy, try again shortly")]
    Busy,
    /// Another transaction was in the way. The store runs the closure again; seen by callers only
    /// inside a closure, which brings it about with [`Tx::again`](crate::Tx::again): returning it does not.
    #[error("in the way of another transaction")]
    Conflict,
    /// The connection was lost before COMMIT (and again on each re-run), or the store is closed.
    #[error("no connection to the database")]
    Lost,
    /// The read took longer than its deadline, or a statement longer than its limit.
    #[error("took too long")]
    Timeout,
    /// A total would go beyond what one connection may add to it (2^60 on one machine).
    #[error("a total would overflow")]
    Overflow,
    /// A value one of the databases cannot hold (NUL in a text, a number that is not finite).
    #[error("value refused: {0}")]
    Value(&'static str),
    /// Something stored is not what the program wrote.
    #[error("stored data is damaged: {0}")]
    Corrupt(String),
    /// The database refused a statement: `statement name: what it said`.
    #[error("{0}")]
    Sql(String),
    /// A migration does not fit the database it was to change.
    #[error("migration {0}")]
    Migration(String),
    /// Disk or file trouble.
    #[error("input or output: {0}")]
    Io(String),
    /// The closure panicked; what it did was undone.
    #[error("panic in a closure: {0}")]
    Panic(String),
}

/// Result with the store's own error.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
