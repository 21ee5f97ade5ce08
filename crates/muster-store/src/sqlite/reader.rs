//! Readers: each has a connection of its own and takes one snapshot per closure.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use super::{Sqlite, Texts, classify};
use crate::{Result, Rx, job::ReadJob, queue::Queue, tx::Session};

/// Steps of SQLite's machine between two looks at the clock; some tens of microseconds.
const STEPS: i32 = 2000;

/// Opens a reader's connection and gives back its work loop, which ends when the queue is shut.
pub(crate) fn read_loop(
    path: &Path,
    queue: Arc<Queue<Box<dyn ReadJob>>>,
    deadline: Duration,
    buckets: i32,
) -> Result<impl FnOnce() + Send + 'static> {
    let mut conn = super::open(path, false)?;
    let start = Instant::now();
    let ends = Arc::new(AtomicU64::new(u64::MAX));
    let watched = ends.clone();
    conn.progress_handler(STEPS, Some(move || start.elapsed().as_millis() as u64 > watched.load(Relaxed)))
        .map_err(|err| classify(&conn, "progress handler", &err))?;
    Ok(move || {
        let mut texts = Texts::default();
        let quick = |sql: &str| {
            let ran = conn.prepare_cached(sql).and_then(|mut s| s.raw_execute());
            ran.map(drop).map_err(|err| classify(&conn, sql, &err))
        };
        while let Some(mut job) = queue.pop() {
            ends.store((start.elapsed() + deadline).as_millis() as u64, Relaxed);
            if let Err(why) = quick("begin") {
                job.end(Err(why));
                continue;
            }
            let mut engine = Sqlite { conn: &conn, texts: &mut texts };
            job.run(&mut Rx { session: Session::new(&mut engine, buckets) });
            ends.store(u64::MAX, Relaxed);
            if let Err(why) = quick("commit") {
                tracing::warn!(%why, "end of a read");
            }
            job.end(Ok(()));
        }
    })
}
