//! What was deleted is gone: from free pages and gaps between cells, and from the log. On a connection of its own, beside
//! those that write and read.

use std::path::Path;

use crate::Result;

/// Writes the file anew, and empties the log. `secure_delete` overwrites what is deleted where it stood last; a copy that a
/// page kept in a gap when its cells were moved to another, only this takes away.
pub(crate) fn scrub(path: &Path) -> Result<()> {
    let conn = super::open(path, true)?;
    conn.execute_batch("vacuum").map_err(|err| super::classify(&conn, "vacuum", &err))?;
    drop(conn);
    log_empty(path).map(drop)
}

/// Folds the log into the file and cuts it to nothing; whether nobody was reading from it.
pub(crate) fn log_empty(path: &Path) -> Result<bool> {
    let conn = super::open(path, true)?;
    let busy = conn.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get::<_, i64>(0));
    busy.map(|busy| busy == 0).map_err(|err| super::classify(&conn, "log_empty", &err))
}
