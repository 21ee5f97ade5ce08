//! `gathered(x, y, ..)`: cells of all rows as one, for SQLite; see [`Gathered`](crate::Gathered).

use rusqlite::{
    Connection, Error, Result,
    functions::{Aggregate, Context, FunctionFlags},
    types::ValueRef,
};

use crate::gathered::{put_bytes, put_int};

struct Gather;

impl Aggregate<Vec<u8>, Option<Vec<u8>>> for Gather {
    fn init(&self, _: &mut Context<'_>) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }
    fn step(&self, row: &mut Context<'_>, to: &mut Vec<u8>) -> Result<()> {
        for at in 0..row.len() {
            match row.get_raw(at) {
                ValueRef::Integer(int) => put_int(to, int),
                ValueRef::Blob(bytes) => put_bytes(to, bytes),
                other => {
                    let wanted = format!("whole numbers and bytes are gathered, not {}", other.data_type());
                    return Err(Error::UserFunctionError(wanted.into()));
                }
            }
        }
        Ok(())
    }
    fn finalize(&self, _: &mut Context<'_>, all: Option<Vec<u8>>) -> Result<Option<Vec<u8>>> {
        Ok(all)
    }
}

/// Makes the function known to a connection.
pub(super) fn register(conn: &Connection) -> Result<()> {
    conn.create_aggregate_function("gathered", -1, FunctionFlags::SQLITE_DETERMINISTIC, Gather)
}
