//! The door: [`Db`] takes closures, hands them to threads that own connections, and answers when
//! what they did is durable.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::Duration,
};

use parking_lot::Mutex;

use crate::{
    Dialect, LANES, Result, Rows as _, Rx, StoreError, Tx,
    job::{self, Ask, ReadJob, WriteJob},
    postgres::{self, Conn, Target},
    queue::{Class, Queue},
    sqlite,
};

/// Where the data is and how much at once.
#[derive(Clone, Debug)]
pub struct DbConfig {
    /// `postgres://..`, `sqlite:path` or a path.
    pub url: String,
    /// Threads that read, each with a connection, and those that write on PostgreSQL; there no more than two a processor read
    /// (four at least): each has its own plans to make.
    pub connections: usize,
    /// Writes of people, and reads, that may wait before the answer is busy.
    pub people_max: usize,
    /// Writes of imports and jobs that may wait.
    pub bulk_max: usize,
    /// The longest a read may take.
    pub read_deadline: Duration,
    /// The longest one statement of a write may take on PostgreSQL; the client gives the server up
    /// after one and a half times as long.
    pub statement_max: Duration,
    /// Buckets the data is spread over; 1 unless the database is a distributed one.
    pub buckets: i32,
    /// Slow closures are a warning in the log; if not, only a note for debugging.
    pub slow_warns: bool,
}

impl DbConfig {
    /// Defaults for a server.
    pub fn new(url: impl Into<String>) -> DbConfig {
        DbConfig {
            url: url.into(),
            connections: cores().clamp(LANES as usize, 16),
            people_max: 4096,
            bulk_max: 256,
            read_deadline: Duration::from_secs(2),
            statement_max: Duration::from_secs(30),
            buckets: 1,
            slow_warns: true,
        }
    }

    /// Few threads, patient with slow machines.
    pub fn for_testing(url: impl Into<String>) -> DbConfig {
        DbConfig {
            connections: 4,
            read_deadline: Duration::from_secs(10),
            slow_warns: false,
            ..DbConfig::new(url)
        }
    }

    fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres://") || self.url.starts_with("postgresql://")
    }
}

/// Processors of this machine, as far as this program may use them.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(4, usize::from)
}

/// A database, open. Cheap to clone; the last one dropped closes it.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    config: DbConfig,
    dialect: Dialect,
    writes: Arc<Queue<Box<dyn WriteJob>>>,
    reads: Arc<Queue<Box<dyn ReadJob>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Reads that asked beyond what they had asked alone.
    missed: Arc<AtomicU64>,
}

impl Db {
    /// Opens the database and starts its threads. Call [`Db::migrate`] next. Blocks.
    pub fn open(config: &DbConfig) -> Result<Db> {
        let writes = Arc::new(Queue::new(config.people_max, config.bulk_max));
        let reads = Arc::new(Queue::new(config.people_max, 0));
        let dialect = if config.is_postgres() { Dialect::Postgres } else { Dialect::Sqlite };
        let inner = Inner {
            config: config.clone(),
            dialect,
            writes,
            reads,
            threads: Mutex::default(),
            missed: Arc::default(),
        };
        match dialect {
            Dialect::Sqlite => inner.start_sqlite()?,
            Dialect::Postgres => inner.start_postgres()?,
        }
        Ok(Db(Arc::new(inner)))
    }

    /// Which database this is. For what only one of them has; statements need not ask.
    pub fn dialect(&self) -> Dialect {
        self.0.dialect
    }

    /// Runs `f` and answers when what it did is durable. `f` may run several times, one run is kept:
    /// it has no effect but through its [`Tx`]. `now_ms` is the caller's clock.
    ///
    /// If the future is dropped the write goes on.
    pub async fn write<T, E, F>(&self, name: &'static str, now_ms: i64, f: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.write_async(Class::People, name, now_ms, f).await
    }

    /// As [`Db::write`], after those of people: imports, rebuilds, jobs. Chunks of at most 500 rows.
    pub async fn write_bulk<T, E, F>(&self, name: &'static str, now_ms: i64, f: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.write_async(Class::Bulk, name, now_ms, f).await
    }

    /// As [`Db::write_bulk`], from a thread that may wait: the command line, tests.
    pub fn write_blocking<T, E, F>(&self, name: &'static str, now_ms: i64, f: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (send, answer) = mpsc::sync_channel(1);
        self.0.send_write(Class::Bulk, name, now_ms, f, move |out| drop(send.send(out)))?;
        answer.recv().unwrap_or_else(|_| Err(StoreError::Unknown.into()))
    }

    /// Runs `f` on one snapshot, within the deadline.
    pub async fn read<T, E, F>(&self, name: &'static str, f: F) -> Result<T, E>
    where
        F: Fn(&mut Rx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (send, answer) = tokio::sync::oneshot::channel();
        self.0.send_read(name, f, move |out| drop(send.send(out)))?;
        answer.await.unwrap_or_else(|_| Err(StoreError::Lost.into()))
    }

    /// As [`Db::read`], from a thread that may wait.
    pub fn read_blocking<T, E, F>(&self, name: &'static str, f: F) -> Result<T, E>
    where
        F: Fn(&mut Rx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (send, answer) = mpsc::sync_channel(1);
        self.0.send_read(name, f, move |out| drop(send.send(out)))?;
        answer.recv().unwrap_or_else(|_| Err(StoreError::Lost.into()))
    }

    /// Copies a SQLite database, as it is at this moment, to a new file that only its owner may read; writes go on,
    /// here and in other processes. The file is there once it is whole and on disk. `on` hears how many of how many
    /// pages are copied. Blocks. PostgreSQL has `pg_dump`.
    pub fn backup(&self, to: &Path, on: &mut dyn FnMut(u64, u64)) -> Result<()> {
        match self.0.dialect {
            Dialect::Sqlite => sqlite::copy(self.0.sqlite_path(), to, on),
            Dialect::Postgres => Err(StoreError::Io("a PostgreSQL database is copied with pg_dump".into())),
        }
    }

    /// Leaves nothing behind of what was deleted: SQLite's file is written anew and its log emptied; PostgreSQL is told
    /// `postgres`, statements that run in no transaction (`vacuum full ..`). Slow, and it wants room for a second copy.
    /// Blocks.
    pub fn scrub(&self, postgres: &'static [&'static str]) -> Result<()> {
        match self.0.dialect {
            Dialect::Sqlite => sqlite::scrub(self.0.sqlite_path()),
            Dialect::Postgres => {
                let target = Target::new(&self.0.config)?;
                Conn::apart(move || {
                    let mut conn = Conn::writer(&target, 0)?;
                    postgres.iter().try_for_each(|statement| conn.alone(statement))
                })
            }
        }
    }

    /// Empties SQLite's log, in which pages stand as they were before something was deleted: whether nobody was reading
    /// from it. PostgreSQL keeps no such file of its own. Blocks.
    pub fn log_empty(&self) -> Result<bool> {
        match self.0.dialect {
            Dialect::Sqlite => sqlite::log_empty(self.0.sqlite_path()),
            Dialect::Postgres => Ok(true),
        }
    }

    /// The clock of the database's own machine, in ms UTC; none where the database is a file of this one. For whoever
    /// compares clocks: no row is ever written by it.
    pub async fn clock_ms(&self) -> Result<Option<i64>> {
        match self.0.dialect {
            Dialect::Sqlite => Ok(None),
            Dialect::Postgres => {
                self.read("store.clock", |rx| rx.one(&postgres::CLOCK, &[], |row| row.int(0).map(Some))).await
            }
        }
    }

    /// How many reads asked something beyond what they had asked alone ([`Rx::ahead_alone`](crate::Rx::ahead_alone)) and ran a
    /// second time for it. Each costs two runs, and those after it a transaction: a kind of read that is foreseen wrongly is
    /// seen here. Always 0 on SQLite.
    pub fn reads_missed(&self) -> u64 {
        self.0.missed.load(Ordering::Relaxed)
    }

    /// Why no write is taken in any more, once that is so: closed, or an I/O error under a COMMIT of
    /// SQLite, after which only a new start of the program knows what is stored.
    pub fn down(&self) -> Option<StoreError> {
        self.0.writes.why_shut()
    }

    /// Takes in no more, finishes what waits, ends the threads. Blocks.
    pub fn close(&self) {
        self.0.close();
    }

    async fn write_async<T, E, F>(&self, class: Class, name: &'static str, now_ms: i64, f: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (send, answer) = tokio::sync::oneshot::channel();
        self.0.send_write(class, name, now_ms, f, move |out| drop(send.send(out)))?;
        answer.await.unwrap_or_else(|_| Err(StoreError::Unknown.into()))
    }
}

impl Inner {
    fn sqlite_path(&self) -> &Path {
        Path::new(self.config.url.strip_prefix("sqlite:").unwrap_or(&self.config.url))
    }

    fn start_sqlite(&self) -> Result<()> {
        let path = self.sqlite_path();
        let writer = sqlite::Writer::open(path, self.writes.clone(), self.config.buckets)?;
        self.spawn("store-writer", move || writer.work())?;
        for _ in 0..self.config.connections {
            let (deadline, buckets) = (self.config.read_deadline, self.config.buckets);
            self.spawn("store-reader", sqlite::read_loop(path, self.reads.clone(), deadline, buckets)?)?;
        }
        Ok(())
    }

    fn start_postgres(&self) -> Result<()> {
        let target = Target::new(&self.config)?;
        // The first connection tells at once what is wrong with the address.
        let mut first = Some(Conn::apart(|| {
            let mut conn = Conn::writer(&target, 0)?;
            conn.check().map(|()| conn)
        })?);
        let readers = self.config.connections.min(2 * cores().max(2));
        for ordinal in 0..self.config.connections {
            let writer = postgres::Writer {
                adds: Default::default(),
                left: None,
                wary: 0,
                lane: -1,
                target: target.clone(),
                queue: self.writes.clone(),
                ordinal: ordinal as i32,
                conn: first.take(),
            };
            self.spawn("store-writer", move || writer.work())?;
        }
        for _ in 0..readers {
            let (target, reads, missed) = (target.clone(), self.reads.clone(), self.missed.clone());
            self.spawn("store-reader", move || postgres::read_loop(&target, &reads, &missed))?;
        }
        Ok(())
    }

    fn spawn(&self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
        let thread = std::thread::Builder::new().name(name.into()).spawn(work);
        self.threads.lock().push(thread.map_err(|err| StoreError::Io(err.to_string()))?);
        Ok(())
    }

    fn ask<F, T, E>(
        &self,
        name: &'static str,
        at: i64,
        f: F,
        reply: impl FnOnce(Result<T, E>) + Send + 'static,
    ) -> Ask<F, T, E> {
        Ask {
            name,
            at,
            f,
            outcome: None,
            reply: Box::new(reply),
            parent: tracing::Span::current(),
            tally: job::tally(),
            slow_warns: self.config.slow_warns,
        }
    }

    fn send_write<T, E, F>(
        &self,
        class: Class,
        name: &'static str,
        at: i64,
        f: F,
        reply: impl FnOnce(Result<T, E>) + Send + 'static,
    ) -> Result<()>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let job: Box<dyn WriteJob> = Box::new(self.ask(name, at, f, reply));
        self.writes.push(class, job)
    }

    fn send_read<T, E, F>(
        &self,
        name: &'static str,
        f: F,
        reply: impl FnOnce(Result<T, E>) + Send + 'static,
    ) -> Result<()>
    where
        F: Fn(&mut Rx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let job: Box<dyn ReadJob> = Box::new(self.ask(name, 0, f, reply));
        self.reads.push(Class::People, job)
    }

    fn close(&self) {
        self.writes.shut(StoreError::Lost);
        self.reads.shut(StoreError::Lost);
        let me = std::thread::current().id();
        for thread in self.threads.lock().drain(..) {
            // A closure may hold the last clone of the door: it cannot wait for itself.
            if thread.thread().id() != me && thread.join().is_err() {
                tracing::error!("a thread of the store had panicked");
            }
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}
