//! `muster serve`.

use super::outside::{OutsideArgs, say_open};
use super::{Common, PrinterAt, Stop};
use crate::app::Login;
use crate::lines::operation::{Operation, operation_current};
use crate::serve::{Listening, Patience};
use crate::{App, say};
use clap::Args;
use muster_kernel::{Clock, IdSource, Problem};
use muster_store::{Db, Link, Rows, StoreError, heads, journal_read};
use std::process::ExitCode;
use std::sync::Arc;

/// How far this machine's clock may be from that of the database.
const APART_MS: i64 = 1_000;

/// Serve the pages and the API.
///
/// Exit codes: 0 stopped by ctrl-C or SIGTERM; 1 refused (this machine's clock is more than a second from the database's);
/// 2 wrong command line; 3 the address, the certificate or the store would not do, or the store takes no more writes: what was acknowledged
/// is on disk, start it anew.
#[derive(Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    outside: OutsideArgs,
    #[command(flatten)]
    printer: PrinterAt,
    #[command(flatten)]
    oidc: super::oidc::OidcFrom,
    #[command(flatten)]
    heads: super::heads::HeadsTo,
    #[command(flatten)]
    pub(crate) log: super::log::LogTo,
}

impl Serve {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        let keeper = self.heads.keeper()?;
        let (listening, at) = self.outside.listen().await?;
        let services = self.oidc.read(self.outside.own_address(at).as_deref())?;
        let db = common.open().await?;
        clocks_agree(&db).await?;
        if let Some(behind) = db.read("journal.latest", |rx| clock_behind(rx, Clock::Wall.now_ms())).await? {
            eprintln!("{}", say::problem(common.locale(), &behind));
        }
        let operation = db
            .read("operation.current", |rx| operation_current(rx))
            .await?
            .unwrap_or_else(Operation::unnamed);
        let seals = common.keys_to_serve(&db).await?;
        let mut app = App::new(db, Clock::Wall, IdSource::Random, Login::Local, operation);
        app.seals = seals;
        app.printer = self.printer.printer();
        app.heads = keeper;
        app.oidc = services;
        if self.log.log_to.is_some() {
            tokio::spawn(super::log::watch());
        }
        app.outside = self.outside.outside();
        app.limits = self.outside.limits();
        if let Some(warning) = self.outside.warning(common.locale()) {
            eprintln!("{warning}");
        }
        say_open(common.locale(), &self.outside.urls(at));
        run(app, listening).await
    }
}

/// Several servers on one database judge by their own clocks what is on time: none may be more than a second from the
/// database's.
async fn clocks_agree(db: &Db) -> Result<(), Stop> {
    let before_ms = Clock::Wall.now_ms();
    let Some(theirs_ms) = db.clock_ms().await? else { return Ok(()) };
    match apart_ms(before_ms, theirs_ms, Clock::Wall.now_ms()) {
        apart if apart.abs() > APART_MS => Err(Problem::conflict("clock.apart")
            .with("seconds", format!("{:.1}", apart as f64 / 1000.0))
            .into()),
        _ => Ok(()),
    }
}

/// How far another clock is from ours, which it was asked between two moments of.
fn apart_ms(before_ms: i64, theirs_ms: i64, after_ms: i64) -> i64 {
    theirs_ms - theirs_ms.clamp(before_ms, after_ms.max(before_ms))
}

/// What to say where the machine's clock is more than a minute behind the latest entry of the journal: it is wrong, or
/// was.
fn clock_behind(rows: &mut impl Rows, now_ms: i64) -> Result<Option<Problem>, StoreError> {
    let mut latest_ms = i64::MIN;
    for end in heads(rows)? {
        let entry = journal_read(rows, Link { lane: end.lane, no: end.no })?;
        latest_ms = latest_ms.max(entry.map_or(i64::MIN, |entry| entry.at));
    }
    let behind_ms = latest_ms.saturating_sub(now_ms);
    let behind = Problem::conflict("clock.behind_journal").with("seconds", behind_ms / 1000);
    Ok((behind_ms > 60_000).then_some(behind))
}

/// Serves an app until ctrl-C or SIGTERM.
pub(crate) async fn run(mut app: App, at: impl Into<Listening>) -> Result<ExitCode, Stop> {
    app.read_pdf = Arc::new(super::pdf_text::read_apart);
    let keeper = app.heads.clone().map(|keeper| (tokio::spawn(keeper.clone().keep(app.clone())), keeper));
    let served = crate::serve::serve(app.clone(), at, Patience::of_machine(), stopped()).await;
    if let Some((keeping, keeper)) = keeper {
        keeping.abort();
        // What was acknowledged until the end is in the last line.
        keeper.write(&app).await;
    }
    served?;
    Ok(ExitCode::SUCCESS)
}

async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_apart_by_what_the_asking_does_not_explain() {
        assert_eq!(apart_ms(1_000, 1_500, 2_000), 0);
        assert_eq!(apart_ms(1_000, 500, 2_000), -500);
        assert_eq!(apart_ms(1_000, 4_500, 2_000), 2_500);
        assert_eq!(apart_ms(1_000, 900, 999), -100, "our own clock was put back meanwhile");
    }
}
