//! `lower` for every script: SQLite's own knows the letters of ASCII alone, PostgreSQL's all.

use rusqlite::{Connection, functions::FunctionFlags, types::ValueRef};

/// Makes it known to a connection, in place of SQLite's own.
pub(super) fn register(conn: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    conn.create_scalar_function("lower", 1, flags, |of| match of.get_raw(0) {
        ValueRef::Null => Ok(None),
        text => Ok(Some(text.as_str()?.to_lowercase())),
    })
}
