//! PostgreSQL: threads that each own a connection, and a transaction per closure.
//!
//! A thread drives its connection itself while it waits, so a statement wakes nobody else. A connection that writes has a
//! lane for its own while one is free: so writers do not wait for one another, of one node or of several.

mod ahead;
mod bulk;
mod conn;
mod failure;
mod own;
mod recall;
mod tls;
mod types;

pub(crate) use {conn::Conn, own::CLOCK};

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::{
    DbConfig, Head, LANES, Result, Rx, StoreError, Tx,
    adds::Adds,
    job::{Ran, ReadJob, WriteJob},
    queue::Queue,
    tx::{Session, Tail, Write},
};

/// How long a reader keeps its last transaction open for the next question, whose BEGIN ends it without a journey.
const LINGER: Duration = Duration::from_millis(20);
/// Reads that are not tried without a transaction after one that had to run again within one.
const WARY: u32 = 64;
/// Writes that are not done by memory after one that remembered wrongly: somebody else has the lane too.
const WARY_WRITES: u32 = 64;
/// Times a closure is run again when others were in the way or the connection was lost.
const RERUNS: u32 = 3;

/// Everything a thread needs to connect, now and again.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) config: tokio_postgres::Config,
    pub(crate) tls: tokio_postgres_rustls::MakeRustlsConnect,
    pub(crate) read_deadline: Duration,
    pub(crate) statement_max: Duration,
    pub(crate) buckets: i32,
}

impl Target {
    pub(crate) fn new(from: &DbConfig) -> Result<Target> {
        let (mut config, tls) = tls::read(&from.url)?;
        config.connect_timeout(Duration::from_secs(5)).tcp_user_timeout(Duration::from_secs(15));
        if config.get_application_name().is_none() {
            config.application_name("muster");
        }
        let DbConfig { read_deadline, statement_max, buckets, .. } = *from;
        Ok(Target { config, tls, read_deadline, statement_max, buckets })
    }
}

/// What became of one run of a write.
enum Once {
    /// It ended: as the closure said, or refused by the database at the last step.
    Ended(Result<()>),
    /// Nothing is stored; worth another run.
    Again(StoreError),
    /// It went by what its connection remembered, which held no more; nothing is stored.
    Wrong,
}

/// A thread that writes.
pub(crate) struct Writer {
    pub(crate) target: Target,
    pub(crate) queue: Arc<Queue<Box<dyn WriteJob>>>,
    /// Its number among the writers of this process.
    pub(crate) ordinal: i32,
    pub(crate) conn: Option<Conn>,
    /// What it last wrote to the totals; forgotten with anything that did not end as it should.
    pub(crate) adds: Adds,
    /// The lane as it left it; forgotten with the same.
    pub(crate) left: Option<Head>,
    /// Of which lane it remembers all that.
    pub(crate) lane: i32,
    /// Writes that are not done by memory.
    pub(crate) wary: u32,
}

impl Writer {
    pub(crate) fn work(mut self) {
        while let Some(job) = self.queue.pop() {
            self.write(job);
        }
        if let Some(conn) = self.conn {
            conn.close();
        }
    }

    fn write(&mut self, mut job: Box<dyn WriteJob>) {
        let mut last = StoreError::Lost;
        let (mut run, mut by_memory) = (0, self.wary == 0);
        self.wary = self.wary.saturating_sub(1);
        while run <= RERUNS {
            pause(run);
            match self.once(job.as_mut(), by_memory) {
                Once::Ended(verdict) => return job.end(verdict),
                Once::Again(why) => {
                    last = why;
                    run += 1;
                }
                // Nobody is in the way: it runs again at once, and asks.
                Once::Wrong => self.wary = WARY_WRITES,
            }
            by_memory = false;
        }
        job.end(Err(if last == StoreError::Conflict { StoreError::Busy } else { last }));
    }

    fn once(&mut self, job: &mut dyn WriteJob, by_memory: bool) -> Once {
        // Taken out; put back only when it is known to be clean.
        let mut conn =
            match self.conn.take().map_or_else(|| Conn::writer(&self.target, self.ordinal % LANES), Ok) {
                Ok(conn) => conn,
                Err(why) => return Once::Again(lost(&why)),
            };
        if conn.lane != self.lane {
            (self.adds, self.left, self.lane) = (Adds::default(), None, conn.lane);
        }
        // One statement writes to tables that a distributed database would spread: there it asks.
        conn.begin_write(by_memory && self.target.buckets == 1);
        let (adds, left) = (std::mem::take(&mut self.adds), self.left.take());
        let mut tail = Tail { adds, left, ..Tail::new(self.lane) };
        let mut tx = Tx::new(Session::new(&mut conn, self.target.buckets), &mut tail, job.at());
        let ran = job.run(&mut tx);
        let why = tx.session.poison.take();
        match ran {
            // A panic may have left anything behind: the connection goes with it.
            Ran::Panicked => Once::Ended(Ok(())),
            _ if conn.was_wrong() => {
                self.undo(conn);
                Once::Wrong
            }
            _ if again(why.as_ref()) => {
                self.undo(conn);
                Once::Again(why.unwrap_or(StoreError::Lost))
            }
            // Why it failed, it only remembered.
            Ran::Failed if conn.goes_by_memory() => {
                self.undo(conn);
                Once::Wrong
            }
            Ran::Failed => {
                self.undo(conn);
                Once::Ended(Ok(()))
            }
            Ran::Kept => match tail.writes() {
                Ok(writes) => {
                    let once = self.commit(conn, &writes);
                    if matches!(once, Once::Ended(Ok(()))) {
                        tail.adds.keep();
                        (self.adds, self.left) = (tail.adds, tail.left);
                    }
                    once
                }
                Err(why) => {
                    self.undo(conn);
                    Once::Ended(Err(why))
                }
            },
        }
    }

    fn commit(&mut self, mut conn: Conn, writes: &[Write]) -> Once {
        let out = conn.commit(writes);
        let was_wrong = conn.was_wrong();
        self.undo(conn);
        match out {
            Err(_) if was_wrong => Once::Wrong,
            Err(why) if again(Some(&why)) => Once::Again(why),
            out => Once::Ended(out),
        }
    }

    /// Rolls back what is not over, and keeps the connection, if it still is one.
    fn undo(&mut self, mut conn: Conn) {
        if !conn.is_spoilt() && conn.rollback().is_ok() {
            self.conn = Some(conn);
        }
    }
}

fn again(why: Option<&StoreError>) -> bool {
    matches!(why, Some(StoreError::Conflict | StoreError::Lost))
}

/// No connection now; the reason is for the log.
fn lost(why: &StoreError) -> StoreError {
    tracing::warn!(%why, "no connection");
    StoreError::Lost
}

/// A thread that reads, until the queue is shut. Counts the reads that ran again for what they had not foreseen.
pub(crate) fn read_loop(target: &Target, queue: &Queue<Box<dyn ReadJob>>, missed_count: &AtomicU64) {
    let mut kept: Option<Conn> = None;
    let (mut next, mut wary) = (None, 0u32);
    while let Some(mut job) = next.take().or_else(|| queue.pop()) {
        let mut verdict = Err(StoreError::Lost);
        let (mut run, mut may_be_alone) = (0, wary == 0);
        wary = wary.saturating_sub(1);
        while run <= RERUNS {
            pause(run);
            let mut conn = match kept.take().map_or_else(|| Conn::reader(target), Ok) {
                Ok(conn) => conn,
                Err(why) => {
                    verdict = Err(lost(&why));
                    run += 1;
                    continue;
                }
            };
            conn.begin_read(target.read_deadline, may_be_alone);
            let mut rx = Rx { session: Session::new(&mut conn, target.buckets) };
            let ran = job.run(&mut rx);
            let why = rx.session.poison.take();
            let missed = conn.missed();
            if ran != Ran::Panicked && !conn.is_spoilt() {
                kept = Some(conn);
            }
            if why.is_some() {
                // What failed takes no more statements: for the next one it must be over.
                kept = kept.take().and_then(end_read);
            }
            if missed && may_be_alone {
                // Nobody was in the way: it runs again at once. What was foreseen wrongly now will be so for a while.
                (may_be_alone, wary) = (false, WARY);
                missed_count.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            if !again(why.as_ref()) {
                verdict = Ok(());
                break;
            }
            run += 1;
        }
        job.end(verdict);
        // The reader has its answer already. The next BEGIN ends this transaction, or, when nobody comes for a
        // while, it is ended then: an idle one would keep old rows alive.
        next = queue.pop_within(LINGER);
        if next.is_none() {
            kept = kept.take().and_then(end_read);
        }
    }
    if let Some(conn) = kept {
        conn.close();
    }
}

fn end_read(mut conn: Conn) -> Option<Conn> {
    conn.rollback().is_ok().then_some(conn)
}

/// Waits before another run: about 4, 16, 64 ms, each time a little different.
fn pause(run: u32) {
    if run > 0 {
        let base = 1000 * 4u64.pow(run);
        let jitter = RandomState::new().hash_one(run) % base;
        std::thread::sleep(Duration::from_micros(base / 2 + jitter));
    }
}
