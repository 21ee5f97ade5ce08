//! A copy of the running database, made in steps on the writer's own connection, so that it never
//! holds a snapshot for long and never has to start again because someone wrote.

use std::path::Path;

use rusqlite::{
    Connection,
    backup::{Backup, StepResult},
};

use super::classify;
use crate::{Result, StoreError};

/// Pages a step: about a millisecond.
const PAGES: i32 = 256;

/// Copies to a new file; `between` runs between the steps. What is committed meanwhile is in the copy.
pub(crate) fn run(conn: &Connection, to: &Path, mut between: impl FnMut()) -> Result<()> {
    if to.exists() {
        return Err(StoreError::Io(format!("{} exists already", to.display())));
    }
    let failed = |err: rusqlite::Error| classify(conn, "backup", &err);
    let mut copy = Connection::open(to).map_err(failed)?;
    let backup = Backup::new(conn, &mut copy).map_err(failed)?;
    loop {
        match backup.step(PAGES).map_err(failed)? {
            StepResult::Done => break,
            _ => between(),
        }
    }
    drop(backup);
    copy.close().map_err(|(_, err)| failed(err))?;
    std::fs::File::open(to).and_then(|file| file.sync_all()).map_err(|err| StoreError::Io(err.to_string()))
}
