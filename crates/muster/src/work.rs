//! What the house does by itself while it serves: it looks whether the store still takes writes, says when the machine's
//! clock was put back, follows what other processes made of the operation, forgets answers to requests whose time is over,
//! erases what is kept of persons when its time is, and has letters carried out.

use crate::lines::privacy;
use crate::{App, Fail, Reach, outbound};
use muster_kernel::{Actor, Clock, Day, Locale};
use muster_store::{StoreError, Tx, request_sweep};
use std::time::Duration;
use tokio::task::JoinSet;

/// How often it looks.
const LOOK: Duration = Duration::from_secs(1);
/// Looks between two sweeps: ten minutes, of keys that are kept for a week.
const SWEEP_EVERY: u32 = 600;
/// Keys forgotten in one write.
const SWEEP_MAX: i64 = 500;
/// Names and telephones erased in one write.
const ERASE_MAX: u32 = 200;

/// Letters whose words are erased in one write.
const TEXTS_MAX: u32 = 500;

/// Works until the store is down for good; why it is.
pub async fn work(app: App) -> StoreError {
    let (mut looks, mut erased_on): (u32, Option<Day>) = (0, None);
    // One round at a time; what stops here stops it.
    let mut letters = JoinSet::new();
    loop {
        if let Some(why) = app.db.down() {
            return why;
        }
        let back_ms = Clock::put_back_ms();
        if back_ms > 0 {
            tracing::warn!(
                seconds = back_ms / 1000,
                "the machine's clock was put back: entries keep their order, by number; their times do not"
            );
        }
        // The command line, or another server: the first unit, the daily form. A store that is away is asked again.
        if let Err(why) = app.operation_follow().await {
            tracing::debug!(%why, "the operation was not read");
        }
        while letters.try_join_next().is_some() {}
        if letters.is_empty() && app.outbound.sends() {
            let app = app.clone();
            letters.spawn(async move {
                if let Err(why) = outbound::round(&app).await {
                    tracing::warn!(%why, "letters were not carried out; tried again");
                }
            });
        }
        // What was erased stands in the log until that is emptied; who reads from it just then is waited for.
        if app.seals.erased() {
            let db = app.db.clone();
            let emptied = tokio::task::spawn_blocking(move || db.log_empty()).await;
            if !matches!(emptied, Ok(Ok(true))) {
                tracing::debug!("the log was not emptied; tried again");
                app.seals.note_erased();
            }
        }
        if looks.is_multiple_of(SWEEP_EVERY)
            && let Err(why) = keys_sweep(&app).await
        {
            tracing::warn!(%why, "keys of requests were not swept");
        }
        if looks.is_multiple_of(SWEEP_EVERY)
            && let Err(why) = texts_erased(&app).await
        {
            tracing::warn!(%why, "words of letters were not erased; tried again");
        }
        // Once a day, and not in the rush of a start.
        if looks.is_multiple_of(SWEEP_EVERY) && looks > 0 && erased_on != Some(app.today()) {
            match due_erased(&app).await {
                Ok(count) => {
                    tracing::info!(count, "names and telephones whose time was over are erased");
                    erased_on = Some(app.today());
                }
                Err(why) => tracing::warn!(%why, "what is due was not erased; tried again"),
            }
        }
        looks = looks.wrapping_add(1);
        tokio::time::sleep(LOOK).await;
    }
}

/// Erases names and telephones whose time is over, some in each write; how many.
///
/// # Errors
/// The store's.
pub async fn due_erased(app: &App) -> Result<u64, Fail> {
    let mut all = 0;
    loop {
        let ctx = app.ctx(Actor::system("privacy"), Reach::All, Locale::default());
        let now_ms = ctx.now_ms;
        let erase = move |tx: &mut Tx<'_>| privacy::due_erase(tx, &ctx, ERASE_MAX);
        match app.db.write("privacy.erase", now_ms, erase).await? {
            0 => return Ok(all),
            count => all += count,
        }
    }
}

/// Erases the words of letters that were sent or given up days ago, some in each write; how many.
///
/// # Errors
/// The store's.
pub async fn texts_erased(app: &App) -> Result<u64, Fail> {
    let mut all = 0;
    loop {
        let ctx = app.ctx(Actor::system("outbound"), Reach::All, Locale::default());
        let now_ms = ctx.now_ms;
        let erase = move |tx: &mut Tx<'_>| outbound::texts_erase(tx, &ctx, TEXTS_MAX);
        let count = app.db.write("outbox.erase", now_ms, erase).await?;
        all += count;
        if count < u64::from(TEXTS_MAX) {
            return Ok(all);
        }
    }
}

/// Forgets the answers whose end date has come; how many.
///
/// # Errors
/// The store's.
pub async fn keys_sweep(app: &App) -> Result<u64, StoreError> {
    let mut all = 0;
    loop {
        let swept =
            app.db.write_bulk("keys.sweep", app.clock.now_ms(), |tx| request_sweep(tx, SWEEP_MAX)).await?;
        all += swept;
        if swept < SWEEP_MAX.unsigned_abs() {
            return Ok(all);
        }
    }
}
