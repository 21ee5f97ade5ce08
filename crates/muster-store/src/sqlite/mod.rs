//! SQLite: one file, one writer thread, several readers.

mod backup;
mod gather;
mod lower;
mod names;
mod reader;
mod scrub;
mod writer;

pub(crate) use backup::copy;
pub(crate) use reader::read_loop;
pub(crate) use scrub::{log_empty, scrub};
pub(crate) use writer::Writer;

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::Read as _,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    sync::Arc,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig, ffi::ErrorCode, types::ValueRef};

use crate::{
    Result, Row, Stmt, StoreError, Val,
    dialect::Dialect,
    row::{Cell, Cells},
    tx::Engine,
};

/// Statements kept prepared on each connection.
const PREPARED_MAX: usize = 512;

/// `must` in ASCII, in the header of each file that was made here.
const OURS: u32 = 0x6d75_7374;

/// Whether a file is a database that was made here; looks at its header alone and changes nothing. What cannot be read is
/// none.
pub fn is_ours(path: &Path) -> bool {
    let mut header = [0; 72];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut header));
    read.is_ok() && header.starts_with(b"SQLite format 3\0") && header[68..] == OURS.to_be_bytes()
}

/// Opens the file, made ready for durable writes and quick reads.
pub(crate) fn open(path: &Path, writer: bool) -> Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_READ_WRITE;
    if writer {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let io = |err: rusqlite::Error| StoreError::Io(format!("{}: {err}", path.display()));
    // Nobody else on the machine reads telephones: a new file is its owner's alone, and so are the two beside it. One
    // that is there keeps its mode, and what stands in the way is told by the opening itself.
    let new = writer && OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).is_ok();
    let conn = Connection::open_with_flags(path, flags).map_err(io)?;
    conn.busy_timeout(Duration::from_secs(5)).map_err(io)?;
    conn.set_prepared_statement_cache_capacity(PREPARED_MAX);
    gather::register(&conn).map_err(io)?;
    lower::register(&conn).map_err(io)?;
    // A plan does not follow the arguments: else most statements are prepared anew with each that is bound.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(io)?;
    if new {
        // Before the log is opened beside it, so that it stands in the file itself.
        conn.pragma_update(None, "application_id", OURS).map_err(io)?;
    }
    // The writer checkpoints every 1,000 pages itself: a thread of its own for it was slower, larger
    // steps doubled the slowest commits.
    // What is deleted is overwritten, also on pages that are free from then on (`fast` leaves those): a telephone that was
    // taken away must not lie in the file, or in a copy of it, until its page is needed again. Sums and sheets are changed
    // in place and rarely deleted, so there is little to overwrite.
    // A small cache: where a commit moved pages of an index, SQLite walks through all of it (`balance_nonroot` lends such pages
    // a number far beyond the last, and the cache is cut back to that), which took a seventh of this thread at 64 MB.
    let pragmas = if writer {
        "pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 1000; \
         pragma journal_size_limit = 67108864; pragma cache_size = -16384; pragma secure_delete = on;"
    } else {
        "pragma query_only = on; pragma cache_size = -16384; pragma mmap_size = 268435456;"
    };
    conn.execute_batch(pragmas).map_err(io)?;
    conn.execute_batch(
        "pragma foreign_keys = on; pragma case_sensitive_like = on; pragma temp_store = memory; \
         pragma trusted_schema = off;",
    )
    .map_err(io)?;
    Ok(conn)
}

/// The texts of statements as SQLite reads them, by identity of the original.
#[derive(Default)]
pub(crate) struct Texts(HashMap<(usize, usize), Arc<str>>);

impl Texts {
    fn get(&mut self, stmt: &Stmt) -> Result<Arc<str>> {
        if let Some(text) = self.0.get(&stmt.key()) {
            return Ok(text.clone());
        }
        let text: Arc<str> = Dialect::Sqlite.text(stmt)?.into();
        self.0.insert(stmt.key(), text.clone());
        Ok(text)
    }
}

/// A connection at work for one closure.
pub(crate) struct Sqlite<'c> {
    pub(crate) conn: &'c Connection,
    pub(crate) texts: &'c mut Texts,
}

impl Sqlite<'_> {
    fn failed(&self, name: &str, err: &rusqlite::Error) -> StoreError {
        classify(self.conn, name, err)
    }

    fn run_rows<'a>(&mut self, stmt: &Stmt, rows: impl Iterator<Item = &'a [Val<'a>]>) -> Result<u64> {
        let text = self.texts.get(stmt)?;
        let failed = |err| self.failed(stmt.name, &err);
        let mut prepared = self.conn.prepare_cached(&text).map_err(failed)?;
        let mut touched = 0;
        for args in rows {
            bind(&mut prepared, stmt, args)?;
            touched += prepared.raw_execute().map_err(failed)? as u64;
        }
        Ok(touched)
    }
}

impl Engine for Sqlite<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn each(&mut self, stmt: &Stmt, args: &[Val<'_>], f: &mut dyn FnMut(&Row<'_>) -> bool) -> Result<()> {
        let text = self.texts.get(stmt)?;
        let failed = |err| self.failed(stmt.name, &err);
        let mut prepared = self.conn.prepare_cached(&text).map_err(failed)?;
        bind(&mut prepared, stmt, args)?;
        let mut rows = prepared.raw_query();
        while let Some(row) = rows.next().map_err(failed)? {
            if !f(&Row { cells: row, stmt }) {
                break;
            }
        }
        Ok(())
    }

    fn exec(&mut self, stmt: &Stmt, args: &[Val<'_>]) -> Result<u64> {
        self.run_rows(stmt, std::iter::once(args))
    }

    fn exec_rows(&mut self, stmt: &Stmt, rows: &[Vec<Val<'_>>]) -> Result<u64> {
        self.run_rows(stmt, rows.iter().map(Vec::as_slice))
    }

    fn prepare(&mut self, stmt: &Stmt) -> Result<()> {
        let text = self.texts.get(stmt)?;
        self.conn.prepare(&text).map(drop).map_err(|err| self.failed(stmt.name, &err))
    }

    fn batch(&mut self, sql: &str) -> Result<()> {
        self.conn.execute_batch(sql).map_err(|err| self.failed("batch", &err))
    }
}

impl Cells for rusqlite::Row<'_> {
    fn cell(&self, i: usize) -> Result<Cell<'_>, String> {
        Ok(match self.get_ref(i).map_err(|_| "column")? {
            ValueRef::Null => Cell::Null,
            ValueRef::Integer(v) => Cell::Int(v),
            ValueRef::Real(v) => Cell::Real(v),
            ValueRef::Text(v) => Cell::Text(std::str::from_utf8(v).map_err(|_| "UTF-8 text")?),
            ValueRef::Blob(v) => Cell::Bytes(v),
        })
    }
}

fn bind(prepared: &mut rusqlite::Statement<'_>, stmt: &Stmt, args: &[Val<'_>]) -> Result<()> {
    let failed = |err: rusqlite::Error| StoreError::Sql(format!("{}: {err}", stmt.name));
    if prepared.parameter_count() != args.len() {
        let (wants, has) = (prepared.parameter_count(), args.len());
        return Err(StoreError::Sql(format!("{}: wants {wants} arguments, has {has}", stmt.name)));
    }
    for (i, arg) in args.iter().enumerate() {
        match arg {
            Val::Null => prepared.raw_bind_parameter(i + 1, rusqlite::types::Null),
            Val::Int(v) => prepared.raw_bind_parameter(i + 1, v),
            Val::Real(v) => prepared.raw_bind_parameter(i + 1, v),
            Val::Text(v) => prepared.raw_bind_parameter(i + 1, v.as_ref()),
            Val::Bytes(v) => prepared.raw_bind_parameter(i + 1, v.as_ref()),
            Val::Ints(v) => prepared.raw_bind_parameter(i + 1, json(stmt, v)?),
            Val::Texts(v) => prepared.raw_bind_parameter(i + 1, json(stmt, v)?),
        }
        .map_err(failed)?;
    }
    Ok(())
}

/// A list as `{in:$n}` reads it here.
fn json(stmt: &Stmt, list: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(list).map_err(|err| StoreError::Sql(format!("{}: {err}", stmt.name)))
}

/// What an error of SQLite means at the door of the store.
pub(crate) fn classify(conn: &Connection, name: &str, err: &rusqlite::Error) -> StoreError {
    let rusqlite::Error::SqliteFailure(code, message) = err else {
        return StoreError::Sql(format!("{name}: {err}"));
    };
    let message = message.as_deref().unwrap_or_default();
    match code.code {
        ErrorCode::ConstraintViolation => StoreError::Constraint { name: names::constraint(conn, message) },
        ErrorCode::OperationInterrupted => StoreError::Timeout,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
        ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::OutOfMemory => {
            StoreError::Io(format!("{name}: {err}"))
        }
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Corrupt(format!("{name}: {err}")),
        _ => StoreError::Sql(format!("{name}: {err}")),
    }
}
