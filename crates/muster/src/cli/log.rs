//! Where the log goes: standard error, and for a server that is to keep it a folder of daily files.
//!
//! A line waits for nobody: it goes through a queue to a thread that writes it. Where the queue is full, or the disk, it is
//! lost rather than a report; how many were is counted, and said.

use super::{Stop, file_problem, wrong};
use clap::Args;
use muster_kernel::Problem;
use std::io::{self, IsTerminal as _, Write};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tracing::{Level, Metadata};
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, filter_fn};
use tracing_subscriber::fmt::layer;
use tracing_subscriber::prelude::*;

/// Days that a log is kept at least: six months, as the law on network security asks.
const KEEP_DAYS_MIN: u16 = 183;
/// Lines that may wait to be written.
const WAITING_MAX: usize = 64_000;
/// How often what was lost is looked at.
const LOOK: Duration = Duration::from_secs(10);

/// Where the log is kept.
#[derive(Args, Clone)]
pub(crate) struct LogTo {
    /// Keep the log in daily files of this folder too, with a line for each request: when, which account, which door,
    /// status, milliseconds, from where. Never a name, a telephone number, a token, or what was sent.
    #[arg(long, value_name = "FOLDER", env = "MUSTER_LOG_TO")]
    pub(crate) log_to: Option<PathBuf>,
    /// Daily files that are kept; at least 183, for six months.
    #[arg(long, value_name = "DAYS", env = "MUSTER_LOG_KEEP_DAYS", default_value_t = 190, value_parser = keep_days)]
    log_keep_days: u16,
}

/// Days of at least six months; fewer are a wrong command line.
fn keep_days(text: &str) -> Result<u16, String> {
    let days = text.parse().ok().filter(|days| (KEEP_DAYS_MIN..=3_660).contains(days));
    let refusal = || Problem::invalid("line.log_keep_days").with("text", text).with("min", KEEP_DAYS_MIN);
    days.ok_or_else(|| wrong(&refusal()))
}

/// Lines that the thread could not write.
static UNWRITTEN: AtomicU64 = AtomicU64::new(0);
/// Lines that found no place in the queue.
static DROPPED: OnceLock<ErrorCounter> = OnceLock::new();

/// Counts what cannot be written: the thread would pass over it.
struct Counted(RollingFileAppender);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).inspect_err(|_| {
            UNWRITTEN.fetch_add(1, Ordering::Relaxed);
        })
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Of other people's code only what is wrong: a driver's finer words hold what was sent to the database.
fn ours(of: &Metadata<'_>) -> bool {
    let target = of.target();
    *of.level() <= Level::WARN || target.starts_with("muster") || target == crate::serve::REQUEST
}

/// Begins the log. What is given back writes what waits when it goes.
pub(crate) fn begin(serves: bool, to: Option<&LogTo>) -> Result<Option<WorkerGuard>, Stop> {
    let usual = if serves { "warn,muster=info" } else { "error" };
    let wanted = || EnvFilter::try_from_env("MUSTER_LOG").unwrap_or_else(|_| usual.into());
    // Colours are for a terminal; in a file they are noise.
    let colours = io::stderr().is_terminal();
    let stderr =
        layer().with_ansi(colours).with_writer(io::stderr).with_filter(wanted().and(filter_fn(ours)));
    let mut guard = None;
    let file = match to.and_then(|to| Some((to.log_to.as_ref()?, to.log_keep_days))) {
        None => None,
        Some((folder, days)) => {
            let failed = |why: io::Error| file_problem(folder, &why);
            std::fs::create_dir_all(folder).map_err(failed)?;
            let files = RollingFileAppender::builder()
                .rotation(Rotation::DAILY)
                .filename_prefix("muster")
                .filename_suffix("log")
                .max_log_files(days.into())
                .build(folder)
                .map_err(|why| failed(io::Error::other(why)))?;
            let (writer, worker) = NonBlockingBuilder::default()
                .lossy(true)
                .buffered_lines_limit(WAITING_MAX)
                .finish(Counted(files));
            let _ = DROPPED.set(writer.error_counter());
            guard = Some(worker);
            let of_requests = filter_fn(|of| of.target() == crate::serve::REQUEST);
            let filter = wanted().and(filter_fn(ours)).or(of_requests);
            Some(layer().json().flatten_event(true).with_ansi(false).with_writer(writer).with_filter(filter))
        }
    };
    tracing_subscriber::registry().with(stderr).with(file).init();
    Ok(guard)
}

/// Says how many lines were lost, whenever there are more; never ends.
pub(crate) async fn watch() {
    let mut told = 0;
    loop {
        tokio::time::sleep(LOOK).await;
        let dropped = DROPPED.get().map_or(0, |counter| counter.dropped_lines() as u64);
        let lost = dropped + UNWRITTEN.load(Ordering::Relaxed);
        if lost > told {
            // On standard error even where the files take nothing.
            tracing::error!(lines = lost - told, all = lost, "lines of the log were lost");
            told = lost;
        }
    }
}
