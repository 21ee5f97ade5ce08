//! Evidence: the journal as an inspector reads it, on both stores.

mod journal;
