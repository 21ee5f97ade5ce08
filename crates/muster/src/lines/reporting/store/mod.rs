//! Every statement of reporting, with the functions that run them.

mod below;
mod book;
mod crown;
mod passed;
mod raw;
mod scans;
mod sheets;
mod staff;
mod words;

pub(super) use below::*;
pub(super) use book::*;
pub(super) use crown::*;
pub(super) use passed::*;
pub(super) use raw::*;
pub(super) use scans::*;
pub(super) use sheets::*;
pub(super) use staff::*;
pub(super) use words::*;

use muster_kernel::Day;
use muster_store::{Row, Rows, Stmt, StoreError};

/// All statements of this line.
pub fn statements() -> Vec<Stmt> {
    [
        below::STATEMENTS,
        book::STATEMENTS,
        crown::STATEMENTS,
        passed::STATEMENTS,
        raw::STATEMENTS,
        scans::STATEMENTS,
        sheets::STATEMENTS,
        words::STATEMENTS,
    ]
    .concat()
}

/// The buckets that data may be in.
fn buckets(rows: &impl Rows) -> Vec<i64> {
    (1..=i64::from(rows.buckets())).collect()
}

fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(what.to_owned())
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(error.to_string()))
}

fn to_json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("the book is plain data")
}

fn day(row: &Row<'_>, column: usize) -> Result<Day, StoreError> {
    Ok(Day::from_number(row.int32(column)?))
}
