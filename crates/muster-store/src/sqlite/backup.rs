//! A copy of a database that others write to meanwhile: of one snapshot, so that it never starts again because someone
//! wrote, whichever process that was. The log grows by what is written while it lasts.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use rusqlite::{
    Connection,
    backup::{Backup, StepResult},
};

use super::classify;
use crate::{Result, StoreError};

/// Pages between two looks at how far it is: some milliseconds.
const PAGES: i32 = 4096;

/// Copies to a new file, first under the name `FILE.part`.
pub(crate) fn copy(from: &Path, to: &Path, on: &mut dyn FnMut(u64, u64)) -> Result<()> {
    let io = |path: &Path, err: &std::io::Error| StoreError::Io(format!("{}: {err}", path.display()));
    if to.exists() {
        return Err(StoreError::Io(format!("{} exists already", to.display())));
    }
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    // What a copy that was broken off left behind.
    if let Err(err) = std::fs::remove_file(part)
        && err.kind() != std::io::ErrorKind::NotFound
    {
        return Err(io(part, &err));
    }
    let new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(part);
    drop(new.map_err(|err| io(part, &err))?);
    pages(from, part, on)?;
    File::open(part).and_then(|file| file.sync_all()).map_err(|err| io(part, &err))?;
    // Unlike a renaming, a link never takes the place of a file that came meanwhile.
    std::fs::hard_link(part, to).and_then(|()| std::fs::remove_file(part)).map_err(|err| io(to, &err))?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|err| io(folder, &err))
}

fn pages(from: &Path, to: &Path, on: &mut dyn FnMut(u64, u64)) -> Result<()> {
    let conn = super::open(from, false)?;
    let failed = |err: rusqlite::Error| classify(&conn, "backup", &err);
    // The snapshot begins with the first look.
    conn.execute_batch("begin; select count(*) from sqlite_schema").map_err(failed)?;
    let mut copy = Connection::open(to).map_err(failed)?;
    let backup = Backup::new(&conn, &mut copy).map_err(failed)?;
    loop {
        let step = backup.step(PAGES).map_err(failed)?;
        let progress = backup.progress();
        on(
            (progress.pagecount - progress.remaining).unsigned_abs().into(),
            progress.pagecount.unsigned_abs().into(),
        );
        if step == StepResult::Done {
            break;
        }
    }
    drop(backup);
    copy.close().map_err(|(_, err)| failed(err))
}
