//! The printer from outside: one document in, four papers out.

mod sample;
mod stored;
