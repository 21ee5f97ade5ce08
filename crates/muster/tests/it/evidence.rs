//! Evidence: the journal as an inspector reads it, signed heads, the log that is kept, a report's paper.

mod heads;
mod journal;
mod kept_log;
mod paper;
mod scan;
pub(crate) mod served;
