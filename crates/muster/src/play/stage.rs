//! Those who report while one watches, and what happens at the cut-off.

use super::OwnFolder;
use super::load::{ctx_at, filing};
use crate::demo::{self, Seed};
use crate::lines::brief;
use crate::lines::reporting;
use crate::serve::events::Live;
use crate::{App, Fail};
use muster_kernel::Problem;
use muster_store::Tx;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// The running demonstration. Cheap to clone.
#[derive(Clone)]
pub struct Stage {
    seed: Arc<Seed>,
    next: Arc<Mutex<usize>>,
    closed: Arc<AtomicBool>,
    turn: Arc<tokio::sync::Mutex<()>>,
    /// Operations of the visitor's own.
    pub own: OwnFolder,
}

impl Stage {
    /// Sets the stage; nobody has come in yet. The folder is where operations of a visitor's own are kept.
    pub fn new(seed: Arc<Seed>, own: OwnFolder) -> Self {
        Self { seed, next: Arc::default(), closed: Arc::default(), turn: Arc::default(), own }
    }

    /// Lets those come in whose time has come, every second, for as long as the server runs.
    pub async fn run(self, app: App) {
        loop {
            if let Err(fail) = self.play(&app).await {
                tracing::error!(%fail, "the demonstration stumbled");
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Files what the seed holds back until now, and closes the day once the cut-off has passed.
    pub async fn play(&self, app: &App) -> Result<(), Fail> {
        // One at a time: the day is not closed while those who came before are still being filed.
        let _turn = self.turn.lock().await;
        let now_ms = app.clock.now_ms();
        let from = *self.next.lock();
        let due: Vec<demo::Report> =
            self.seed.later[from..].iter().take_while(|report| report.at <= now_ms).cloned().collect();
        if !due.is_empty() {
            self.file(app, &due).await?;
            // Only now: a skip whose visitor left in the middle is filed again, and what is said again changes nothing.
            *self.next.lock() = from + due.len();
        }
        if now_ms >= demo::instant(demo::TODAY, demo::CUT_OFF_MINUTE * 60) && !self.closed.load(Relaxed) {
            self.close(app, now_ms).await?;
            self.closed.store(true, Relaxed);
        }
        Ok(())
    }

    /// Freezes the day: who has not reported is missing from now on.
    async fn close(&self, app: &App, now_ms: i64) -> Result<(), Fail> {
        let (shelf, ctx) = (app.shelf.clone(), ctx_at(now_ms, "demo"));
        let freeze = move |tx: &mut Tx<'_>| brief::brief_freeze(tx, &ctx, &shelf, None, demo::TODAY);
        app.db.write("brief.freeze", now_ms, freeze).await?;
        app.hub.tell(Live::Frozen { day: demo::TODAY.to_string() });
        Ok(())
    }

    async fn file(&self, app: &App, due: &[demo::Report]) -> Result<(), Fail> {
        let (shelf, operation) = (app.shelf.clone(), app.operation().id);
        let book = app.db.read("book.read", move |rx| shelf.current(rx, operation)).await?;
        // A visitor who changed the form may have made a report of the seed impossible.
        let filings = due.iter().filter_map(|report| filing(&book, &self.seed, report).ok());
        let mut chains = Vec::new();
        for filed in
            reporting::file_many(&app.db, &app.shelf, filings.collect(), reporting::Earlier::Look).await?
        {
            match filed {
                Ok(receipt) => chains.push(receipt.chain),
                // A visitor did something with this unit: reported for it, closed or moved it. Their word stands, and
                // the others come in all the same.
                Err(problem) => {
                    tracing::debug!(code = problem.code, "a visitor was before the demonstration");
                }
            }
        }
        app.hub.tell(Live::Totals { day: demo::TODAY.to_string(), chains });
        Ok(())
    }

    /// Moves the clock to a minute of the demonstration's day and lets everything happen that lies before it.
    pub async fn skip(&self, app: &App, minute: u32) -> Result<(), Fail> {
        let to_ms = demo::instant(demo::TODAY, minute * 60);
        if to_ms <= app.clock.now_ms() {
            return Err(Problem::conflict("demo.backwards").into());
        }
        app.clock.set(to_ms);
        app.hub.tell(Live::Clock);
        self.play(app).await
    }
}
