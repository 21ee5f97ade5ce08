//! `muster serve`.

use super::outside::{OutsideArgs, say_open};
use super::{Common, PrinterAt, Stop};
use crate::app::Login;
use crate::lines::operation::{Operation, operation_current};
use crate::printer::Standing;
use crate::serve::{Listening, Patience, Standing as TermStanding, Term};
use crate::{App, say};
use clap::Args;
use jiff::tz::TimeZone;
use muster_kernel::{Clock, Day, IdSource, Problem, ProblemKind};
use muster_store::{Db, Link, Rows, StoreError, heads, journal_read};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

/// How far this machine's clock may be from that of the database.
const APART_MS: i64 = 1_000;
/// How long closing the store may take.
const CLOSE_MAX: Duration = Duration::from_secs(5);

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
    outbound: super::outbound::OutboundFrom,
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
        let outbound = self.outbound.read()?;
        let db = common.open_to_serve().await?;
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
        if app.printer.standing() == Standing::None {
            let place = app.printer.place();
            let lacking = Problem::new(ProblemKind::Busy, "serve.no_printer").with("file", place.display());
            eprintln!("{}", say::problem(common.locale(), &lacking));
        }
        app.heads = keeper;
        app.oidc = services;
        app.outbound = outbound;
        app.certificate = listening.tls();
        if let Some(tls) = &app.certificate
            && let Some(standing) = standing(&tls.term(), app.clock.now_ms())
        {
            eprintln!("{}", say::problem(common.locale(), &standing));
        }
        if self.log.log_to.is_some() {
            tokio::spawn(super::log::watch());
        }
        app.outside = self.outside.outside();
        app.limits = self.outside.limits();
        if let Some(warning) = self.outside.warning(common.locale()) {
            eprintln!("{warning}");
        }
        let stop = stopped();
        say_open(common.locale(), &self.outside.urls(at));
        run(app, listening, stop).await
    }
}

/// What to say of a certificate that is not good for long; none of one that is.
fn standing(term: &Term, now_ms: i64) -> Option<Problem> {
    let (code, at) = match term.standing(now_ms) {
        TermStanding::Good => return None,
        TermStanding::Early => ("tls.early", term.begins_at),
        TermStanding::Soon | TermStanding::Near => ("tls.ends", term.ends_at),
        TermStanding::Ended => ("tls.ended", term.ends_at),
    };
    let day = Day::of_instant(at, &TimeZone::UTC);
    Some(Problem::conflict(code).with("day", day).with("days", term.days_left(now_ms)))
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

/// Serves an app until `stop`: what [`stopped`] was before anybody was told that it is open.
pub(crate) async fn run(
    mut app: App,
    at: impl Into<Listening>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<ExitCode, Stop> {
    app.read_pdf = Arc::new(super::pdf_text::read_apart);
    let keeper = app.heads.clone().map(|keeper| (tokio::spawn(keeper.clone().keep(app.clone())), keeper));
    let served = crate::serve::serve(app.clone(), at, Patience::of_machine(), stop).await;
    if let Some((keeping, keeper)) = keeper {
        keeping.abort();
        // What was acknowledged until the end is in the last line.
        keeper.write(&app).await;
    }
    served?;
    put_away(app.db.clone()).await;
    Ok(ExitCode::SUCCESS)
}

/// Closes the store, so that a SQLite file stands alone once the server has stopped: whoever copies it then and leaves the
/// log beside it has all of it nevertheless. Nothing hangs on it: what was acknowledged is on disk either way.
async fn put_away(db: Db) {
    let (tell, closed) = oneshot::channel::<()>();
    // A thread of its own: the end of the program does not wait for it, should a database that is away keep it.
    std::thread::spawn(move || {
        db.close();
        drop(tell);
    });
    drop(tokio::time::timeout(CLOSE_MAX, closed).await);
}

/// Ctrl-C or SIGTERM, from now on: whoever ends the program as soon as it says that it is open ends it in order.
pub(crate) fn stopped() -> impl Future<Output = ()> + Send + 'static {
    let (interrupt, terminate) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    let comes = async |signal: std::io::Result<Signal>| match signal {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    };
    async move {
        tokio::select! {
            () = comes(interrupt) => {}
            () = comes(terminate) => {}
        }
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
