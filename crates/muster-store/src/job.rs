//! A closure on its way to a thread of the store, and its answer on the way back.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use tracing::{Span, field::Empty};

use crate::{Result, Rx, StoreError, Tx, tx::Counts};

/// A closure that takes longer than this is said in the log: it holds up a whole group.
const SLOW: Duration = Duration::from_millis(2);

/// A write in a queue. May run several times; ends once.
pub(crate) trait WriteJob: Send {
    fn at(&self) -> i64;
    fn run(&mut self, tx: &mut Tx<'_>) -> Ran;
    /// Answers: with what the closure gave, or with what became of the commit.
    fn end(self: Box<Self>, verdict: Result<()>);
}

/// A read in a queue. Runs again when the connection was lost; ends once.
pub(crate) trait ReadJob: Send {
    fn run(&mut self, rx: &mut Rx<'_>) -> Ran;
    fn end(self: Box<Self>, verdict: Result<()>);
}

/// How a run of a closure went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ran {
    Kept,
    Failed,
    Panicked,
}

pub(crate) struct Ask<F, T, E> {
    pub(crate) name: &'static str,
    pub(crate) at: i64,
    pub(crate) f: F,
    pub(crate) outcome: Option<Result<T, E>>,
    pub(crate) reply: Box<dyn FnOnce(Result<T, E>) + Send>,
    pub(crate) parent: Span,
    pub(crate) tally: Option<Arc<Tally>>,
    pub(crate) slow_warns: bool,
}

impl<F, T, E: From<StoreError>> Ask<F, T, E> {
    /// Runs `f` in a span of its own, catching panics.
    fn guarded(&mut self, span: Span, f: impl FnOnce(&F) -> (Result<T, E>, Counts)) -> Ran {
        let _in = span.enter();
        let start = Instant::now();
        let (outcome, ran) = match catch_unwind(AssertUnwindSafe(|| f(&self.f))) {
            Ok((outcome, counts)) => {
                span.record("statements", counts.statements).record("rows", counts.rows);
                if let Some(tally) = &self.tally {
                    tally.add(counts);
                }
                let ran = if outcome.is_ok() { Ran::Kept } else { Ran::Failed };
                (outcome, ran)
            }
            Err(panic) => {
                let text = panic
                    .downcast_ref::<&str>()
                    .map(|text| (*text).to_owned())
                    .or_else(|| panic.downcast_ref::<String>().cloned())
                    .unwrap_or_else(|| "no message".into());
                tracing::error!(closure = self.name, panic = text, "a closure panicked");
                (Err(StoreError::Panic(text).into()), Ran::Panicked)
            }
        };
        let took = start.elapsed();
        if took > SLOW {
            let us = took.as_micros() as u64;
            if self.slow_warns {
                tracing::warn!(closure = self.name, us, "slow closure");
            } else {
                tracing::debug!(closure = self.name, us, "slow closure");
            }
        }
        self.outcome = Some(outcome);
        ran
    }

    fn answer(self, verdict: Result<()>) {
        let outcome = match (verdict, self.outcome) {
            (Ok(()), Some(outcome)) => outcome,
            (Ok(()), None) => Err(StoreError::Lost.into()),
            (Err(why), _) => Err(why.into()),
        };
        (self.reply)(outcome);
    }
}

impl<F, T, E> WriteJob for Ask<F, T, E>
where
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn at(&self) -> i64 {
        self.at
    }

    fn run(&mut self, tx: &mut Tx<'_>) -> Ran {
        let span = tracing::info_span!(parent: &self.parent, "store.write",
            closure = self.name, statements = Empty, rows = Empty);
        self.guarded(span, |f| {
            let mut out = f(tx);
            // An SQL error the closure swallowed is still an error: nothing of it may be kept.
            if out.is_ok()
                && let Err(why) = tx.session.poison.clone().map_or_else(|| tx.settle(), Err)
            {
                out = Err(why.into());
            }
            (out, tx.session.counts)
        })
    }

    fn end(self: Box<Self>, verdict: Result<()>) {
        (*self).answer(verdict);
    }
}

impl<F, T, E> ReadJob for Ask<F, T, E>
where
    F: Fn(&mut Rx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, rx: &mut Rx<'_>) -> Ran {
        let span = tracing::info_span!(parent: &self.parent, "store.read",
            closure = self.name, statements = Empty, rows = Empty);
        self.guarded(span, |f| {
            let mut out = f(rx);
            if out.is_ok()
                && let Some(why) = rx.session.poison.clone()
            {
                out = Err(why.into());
            }
            (out, rx.session.counts)
        })
    }

    fn end(self: Box<Self>, verdict: Result<()>) {
        (*self).answer(verdict);
    }
}

/// Sums the counts of all closures of one request.
#[derive(Default)]
pub(crate) struct Tally {
    statements: AtomicU64,
    rows: AtomicU64,
}

impl Tally {
    fn add(&self, counts: Counts) {
        self.statements.fetch_add(counts.statements, Relaxed);
        self.rows.fetch_add(counts.rows, Relaxed);
    }
}

tokio::task_local! {
    static TALLY: Arc<Tally>;
}

pub(crate) fn tally() -> Option<Arc<Tally>> {
    TALLY.try_with(Arc::clone).ok()
}

/// Runs a request and says how much its reads and writes asked of the database: for its log line.
pub async fn counted<F: Future>(request: F) -> (F::Output, Counts) {
    let tally = Arc::new(Tally::default());
    let out = TALLY.scope(tally.clone(), request).await;
    let counts = Counts { statements: tally.statements.load(Relaxed), rows: tally.rows.load(Relaxed) };
    (out, counts)
}
