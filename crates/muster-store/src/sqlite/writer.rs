//! The one writer: closures that wait at the same time share a commit, each in its own savepoint.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use rusqlite::Connection;

use super::{Sqlite, Texts, classify};
use crate::{
    Result, StoreError, Tx,
    job::{Ran, WriteJob},
    queue::Queue,
    tx::{Session, Tail},
};

/// A group of closures ends after this time, so that the first of them does not wait for long.
const GROUP_TIME: Duration = Duration::from_millis(5);
/// And at this many.
const GROUP_MAX: usize = 512;

pub(crate) struct Writer {
    conn: Connection,
    queue: Arc<Queue<Box<dyn WriteJob>>>,
    buckets: i32,
}

/// What the writer remembers between groups.
#[derive(Default)]
struct Memory {
    texts: Texts,
    tail: Tail,
    /// Changes when another process wrote to the file: then nothing remembered holds.
    data_version: i64,
}

impl Writer {
    pub(crate) fn open(path: &Path, queue: Arc<Queue<Box<dyn WriteJob>>>, buckets: i32) -> Result<Writer> {
        Ok(Writer { conn: super::open(path, true)?, queue, buckets })
    }

    /// Works until the queue is shut and empty, then folds the log into the file.
    pub(crate) fn work(self) {
        // Whatever ends this thread, nobody may go on waiting for it.
        let _shut = ShutAtEnd(&self.queue);
        let mut memory = Memory { tail: Tail::new(0), ..Memory::default() };
        while let Some(job) = self.queue.pop() {
            self.group(&mut memory, job);
        }
        if let Err(err) = self.conn.execute_batch("pragma wal_checkpoint(truncate)") {
            tracing::warn!(%err, "last checkpoint");
        }
    }

    /// One commit for all that waits now.
    fn group(&self, memory: &mut Memory, first: Box<dyn WriteJob>) {
        if let Err(why) = self.begin(memory) {
            return first.end(Err(why));
        }
        let start = Instant::now();
        let mut done = Vec::new();
        let mut next = Some(first);
        while let Some(mut job) = next.take() {
            let kept = self.closure(memory, job.as_mut());
            done.push(job);
            if let Err(why) = kept {
                return self.undone(memory, done, &why);
            }
            if start.elapsed() < GROUP_TIME && done.len() < GROUP_MAX {
                next = self.queue.try_pop();
            }
        }
        self.commit(memory, done);
    }

    fn begin(&self, memory: &mut Memory) -> Result<()> {
        let failed = |err: rusqlite::Error| classify(&self.conn, "begin", &err);
        self.conn.prepare_cached("begin immediate").and_then(|mut s| s.raw_execute()).map_err(failed)?;
        let version = self
            .conn
            .prepare_cached("pragma data_version")
            .and_then(|mut s| s.query_row([], |row| row.get(0)))
            .map_err(failed)?;
        if version != memory.data_version {
            memory.data_version = version;
            memory.tail = Tail::new(0);
        }
        Ok(())
    }

    /// Runs a closure in a savepoint. `Err` when the whole group is lost with it.
    fn closure(&self, memory: &mut Memory, job: &mut dyn WriteJob) -> Result<()> {
        self.quick("savepoint closure")?;
        let mark = memory.tail.mark();
        let mut engine = Sqlite { conn: &self.conn, texts: &mut memory.texts };
        let mut tx = Tx::new(Session::new(&mut engine, self.buckets), &mut memory.tail, job.at());
        let ran = job.run(&mut tx);
        // A full disk, an I/O error, want of memory: SQLite may have undone everything since BEGIN.
        if self.conn.is_autocommit() {
            return Err(tx.session.poison.take().unwrap_or(StoreError::Lost));
        }
        if ran == Ran::Kept {
            memory.tail.adds.keep();
            return self.quick("release closure");
        }
        memory.tail.rewind(mark);
        self.quick("rollback to closure")?;
        self.quick("release closure")
    }

    fn commit(&self, memory: &mut Memory, done: Vec<Box<dyn WriteJob>>) {
        let mut engine = Sqlite { conn: &self.conn, texts: &mut memory.texts };
        let written = memory.tail.writes().and_then(|writes| {
            let mut tx = Tx::new(Session::new(&mut engine, self.buckets), &mut memory.tail, 0);
            writes.iter().try_for_each(|write| tx.exec_rows(&write.stmt, &write.rows).map(drop))
        });
        if let Err(why) = written {
            return self.undone(memory, done, &why);
        }
        match self.quick("commit") {
            Ok(()) => done.into_iter().for_each(|job| job.end(Ok(()))),
            // Only a deferred reference can be refused here, and SQLite does not say whose.
            Err(why @ StoreError::Constraint { .. }) => self.undone(memory, done, &why),
            Err(why) => {
                // After a failed fsync nobody knows what is on the disk. Say so, take no more, and
                // let the process end: opening the file again finds out.
                tracing::error!(%why, "commit failed: no more writes until a restart");
                self.queue.shut(StoreError::Io(format!("restart needed after a failed commit: {why}")));
                done.into_iter().for_each(|job| job.end(Err(StoreError::Unknown)));
                self.refuse_all();
            }
        }
    }

    /// The whole group is void: nothing stored, and memory of it forgotten.
    fn undone(&self, memory: &mut Memory, done: Vec<Box<dyn WriteJob>>, why: &StoreError) {
        if !self.conn.is_autocommit()
            && let Err(err) = self.conn.execute_batch("rollback")
        {
            tracing::error!(%err, "rollback");
            self.queue.shut(StoreError::Io(format!("restart needed: {err}")));
        }
        memory.tail = Tail::new(0);
        done.into_iter().for_each(|job| job.end(Err(why.clone())));
    }

    fn refuse_all(&self) {
        while let Some(job) = self.queue.try_pop() {
            job.end(Err(StoreError::Lost));
        }
    }

    fn quick(&self, sql: &str) -> Result<()> {
        let ran = self.conn.prepare_cached(sql).and_then(|mut s| s.raw_execute());
        ran.map(drop).map_err(|err| classify(&self.conn, sql, &err))
    }
}

struct ShutAtEnd<'q>(&'q Queue<Box<dyn WriteJob>>);

impl Drop for ShutAtEnd<'_> {
    fn drop(&mut self) {
        self.0.shut(StoreError::Lost);
        while self.0.try_pop().is_some() {}
    }
}
