//! What is measured, in order: the world is built, filed into, asked, restarted.

use crate::bare::{self, Sent};
use crate::load::{self, Make, Measured, request};
use crate::place::Place;
use crate::server::{Cpu, Server};
use crate::{Wanted, people, ruled, world};
use muster::demo::Scaled;
use muster::migrations::MIGRATIONS;
use muster_kernel::{Clock, Day};
use muster_store::{Db, DbConfig};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::ops::Range;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

/// Connections of the closed loops.
pub const CONNECTIONS: [usize; 2] = [64, 256];
/// Connections of questions, and how many a second fall due: what a command of this size asks, and far from the limit,
/// since it is asked how long one waits. What the machine can answer at most stands beside it.
pub const ASKING: usize = 16;
pub const ASKED: f64 = 1_000.0;
/// Rows of one bulk.
const BULK_ROWS: usize = 10_000;
/// Rows that the bulk sends at least, whole days at a time.
const BULK_LEAST: u32 = 300_000;
/// Later days are copied for so long at most.
const COPYING: Duration = Duration::from_secs(60);
/// Of a filled day one unit in so many stays silent.
const SILENT: u32 = 40;

/// A run, and who used the processor meanwhile.
#[derive(Clone, Debug, Default)]
pub struct Run {
    pub measured: Measured,
    pub cpu: Cpu,
}

/// Ours beside the bare one, at the same task.
#[derive(Clone, Debug)]
pub struct Pair {
    pub ours: Run,
    pub bare: Run,
}

/// All of one store and size.
pub struct Results {
    pub store: String,
    pub units: u32,
    /// Units a second into the empty tree.
    pub build_rate: f64,
    /// Closed loops, one for each of [`CONNECTIONS`].
    pub closed: Vec<Pair>,
    /// The first closed loop by one account, and by as many as there are connections, of [`people::ACCOUNTS`].
    pub rights: [Run; 2],
    /// Open loop at half of our closed rate with the most connections, and that rate.
    pub open: Pair,
    pub open_rate: f64,
    /// Bulk rows a second: ours, bare.
    pub bulk: [f64; 2],
    /// Bulk rows a second where the form has [`ruled::RULES`] rules.
    pub bulk_ruled: f64,
    /// The bare limit where a transaction's rows are one list; none where that is no other way.
    pub bulk_listed: Option<f64>,
    /// Totals of any unit beside a GET of nothing, at [`ASKED`] a second.
    pub totals: Pair,
    /// The same as fast as they are answered.
    pub totals_most: Run,
    /// The first hundred missing of a subtree, one question after the other.
    pub missing: Run,
    /// Milliseconds of one live brief, and of freezing its day.
    pub brief_ms: [f64; 2],
    /// MiB after all of it.
    pub resident_mib: f64,
    /// Bytes a report takes, journal and totals with it.
    pub bytes_report: f64,
    /// Days that were full, and milliseconds from start to the first answer of the root's total.
    pub days: i32,
    pub first_answer_ms: f64,
    pub opened_ms: f64,
    /// Requests refused anywhere; not zero is a failed run.
    pub refused: u64,
}

/// Measures one store at one size.
pub fn run(place: &Place, units: u32, wanted: &Wanted) -> Results {
    let tree = Scaled::new(units);
    // Enough rows that they do not all fit where they would cost nothing; at the large size one day is more than that.
    let days = (BULK_LEAST / units).max(1) as i32;
    say(place, units, "building the tree");
    let since = Instant::now();
    {
        let db = Db::open(&DbConfig::new(&place.ours)).expect("open");
        db.migrate(Clock::Wall.now_ms(), MIGRATIONS).expect("migrate");
        world::build(&db, tree, Clock::Wall.now_ms()).expect("a world");
        let from = world::SINCE.plus(days);
        ruled::rules(&db, (from, from.plus(days))).expect("rules");
        db.close();
    }
    let build_rate = f64::from(units) / since.elapsed().as_secs_f64();
    place.settle();
    let empty = place.bytes();

    let server = ours(place);
    let cookie = login(server.at);
    say(place, units, &format!("{days} full day(s) in bulk"));
    let (bulk_ours, rows) = bulk(&server, tree, &cookie, 0..days);
    place.settle();
    let bytes_report = (place.bytes().saturating_sub(empty)) as f64 / rows as f64;
    say(place, units, "as many days by rules");
    let (bulk_ruled, _) = bulk(&server, tree, &cookie, days..2 * days);
    place.settle();
    say(place, units, "the same rows, bare");
    let order = tree.shuffled(0, units);
    let bare_bulk = |sent| {
        place.fresh_bare();
        bare::bulk(&place.bare, sent, &order, |unit| tree.figures(unit, 1).into(), rows)
    };
    let bulk_bare = bare_bulk(Sent::Each);
    let bulk_listed = (place.store != "sqlite").then(|| bare_bulk(Sent::Listed));
    say(
        place,
        units,
        &format!(
            "{bulk_ours:.0} rows a second, {bulk_ruled:.0} by rules, beside {bulk_bare:.0}, listed {bulk_listed:.0?}"
        ),
    );

    let file = filing(tree, &cookie);
    let next = AtomicU64::new(0);
    let mut closed = Vec::new();
    for connections in CONNECTIONS {
        say(place, units, &format!("closed loop, {connections} connections"));
        closed.push(beside(place, wanted, &server, rate, |at, is_ours| match is_ours {
            true => load::closed(at, connections, wanted.seconds, &next, &file),
            false => load::closed(at, connections, wanted.seconds, &AtomicU64::new(0), &filing(tree, "")),
        }));
    }
    let open_rate = closed.last().map_or(0.0, |pair| pair.ours.measured.rate) / 2.0;
    let connections = CONNECTIONS[1];
    say(place, units, &format!("open loop at {open_rate:.0}/s"));
    let open = beside(place, wanted, &server, waiting, |at, is_ours| match is_ours {
        true => load::open(at, connections, open_rate, wanted.seconds, &next, &file),
        false => {
            load::open(at, connections, open_rate, wanted.seconds, &AtomicU64::new(0), &filing(tree, ""))
        }
    });
    say(place, units, "totals");
    let ask = asking(tree, &cookie, days);
    let nothing: Make = Arc::new(|_| request("GET", "/nothing", "", ""));
    let totals = beside(place, wanted, &server, waiting, |at, is_ours| {
        let make = if is_ours { &ask } else { &nothing };
        load::open(at, ASKING, ASKED, wanted.seconds, &AtomicU64::new(0), make)
    });
    let (measured, cpu) =
        server.watched(|| load::closed(server.at, ASKING, wanted.seconds, &AtomicU64::new(0), &ask));
    let totals_most = Run { measured, cpu };
    say(place, units, "the first hundred missing");
    let absent = who_is_missing(tree, &cookie);
    let (measured, cpu) =
        server.watched(|| load::closed(server.at, 1, wanted.seconds, &AtomicU64::new(0), &absent));
    let missing = Run { measured, cpu };
    say(place, units, "the brief");
    let brief_ms = [("GET", ""), ("POST", "/freeze")].map(|(method, verb)| {
        let path = format!("/api/v1/briefs/{}{verb}", world::SINCE);
        timed(&server, &request(method, &path, &cookie, ""))
    });
    let resident_mib = server.resident_mib();
    say(place, units, "many accounts with many roles");
    let rights = rights(place, wanted, &server, tree, &file, &next);
    drop(server);

    say(place, units, "copying the first day to later days");
    let days = days + place.copy_days(days, wanted.days, COPYING);
    say(place, units, "start to first answer");
    let started = Instant::now();
    let again = ours(place);
    let question = total_of(tree, 0, world::SINCE, &cookie);
    let (status, body) = load::once(again.at, &question).expect("an answer");
    assert_eq!(status, 200, "{body}");
    let first_answer_ms = started.elapsed().as_secs_f64() * 1000.0;
    let opened_ms = again.opened_after.as_secs_f64() * 1000.0;
    let pairs = closed.iter().chain([&open, &totals]);
    let refused = pairs.map(|pair| pair.ours.measured.refused + pair.bare.measured.refused).sum::<u64>();
    let refused = refused + rights.iter().map(|run| run.measured.refused).sum::<u64>();
    let refused = refused + missing.measured.refused + totals_most.measured.refused;
    Results {
        store: place.store.clone(),
        units,
        build_rate,
        closed,
        rights,
        open,
        open_rate,
        bulk: [bulk_ours, bulk_bare],
        bulk_ruled,
        bulk_listed,
        totals,
        totals_most,
        missing,
        brief_ms,
        resident_mib,
        bytes_report,
        days,
        first_answer_ms,
        opened_ms,
        refused,
    }
}

/// Reports by one account and by one for each connection, by turns; the middle run of each.
fn rights(
    place: &Place,
    wanted: &Wanted,
    server: &Server,
    tree: Scaled,
    alone: &Make,
    next: &AtomicU64,
) -> [Run; 2] {
    let connections = CONNECTIONS[0];
    let db = Db::open(&DbConfig::new(&place.ours)).expect("open");
    let now_ms = Clock::Wall.now_ms();
    people::fill(&db, tree, connections as u32, now_ms);
    let cookies = people::sessions(&db, connections as u32, now_ms);
    db.close();
    place.settle();
    let makes: Vec<Make> = cookies.iter().map(|cookie| filing(tree, cookie)).collect();
    let many: Make = Arc::new(move |n| makes[n as usize % makes.len()](n));
    let mut runs = [Vec::new(), Vec::new()];
    for _ in 0..wanted.repeat {
        for (make, runs) in [alone, &many].into_iter().zip(&mut runs) {
            let (measured, cpu) =
                server.watched(|| load::closed(server.at, connections, wanted.seconds, next, make));
            eprintln!("    {:.0}/s, p99 {:.2} ms", measured.rate, measured.quantile_ms(0.99));
            runs.push(Run { measured, cpu });
        }
    }
    runs.map(|runs| middle(runs, rate))
}

fn say(place: &Place, units: u32, what: &str) {
    eprintln!("  {} {units}: {what}", place.store);
}

fn ours(place: &Place) -> Server {
    let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--limits", "off", "--database", &place.ours]);
    // Nothing is sealed here; PostgreSQL is served with a key file or not at all.
    Server::start(command.env("MUSTER_LOG", "error").env("MUSTER_KEYS", place.keys()))
}

/// Milliseconds of one request; not a number where it was refused.
fn timed(server: &Server, request: &[u8]) -> f64 {
    let since = Instant::now();
    let (status, body) = load::once(server.at, request).expect("an answer");
    if !(200..300).contains(&status) {
        eprintln!("  refused: {status} {}", &body[..body.len().min(400)]);
        return f64::NAN;
    }
    since.elapsed().as_secs_f64() * 1000.0
}

/// By what the runs of a closed loop differ: how many are answered.
fn rate(run: &Measured) -> f64 {
    run.rate
}

/// By what those of an open loop differ, whose rate is given: how long one waits.
fn waiting(run: &Measured) -> f64 {
    run.quantile_ms(0.99)
}

/// Runs a task by turns, bare and ours, and keeps the middle run of each: what the machine does beside falls on both.
fn beside(
    place: &Place,
    wanted: &Wanted,
    server: &Server,
    by: fn(&Measured) -> f64,
    run: impl Fn(SocketAddr, bool) -> Measured,
) -> Pair {
    let watched = |server: &Server, is_ours: bool| {
        let (measured, cpu) = server.watched(|| run(server.at, is_ours));
        let who = if is_ours { "muster" } else { "bare" };
        eprintln!(
            "    {who}: {:.0}/s, p50 {:.2} ms, p99 {:.2} ms; processors: server {:.2}, load {:.2}, rest {:.2}",
            measured.rate,
            measured.quantile_ms(0.5),
            measured.quantile_ms(0.99),
            cpu.server,
            cpu.load,
            cpu.rest
        );
        Run { measured, cpu }
    };
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..wanted.repeat {
        place.fresh_bare();
        let limit = Server::start(
            Command::new(std::env::current_exe().expect("ourselves")).args(["bare", &place.bare]),
        );
        bare.push(watched(&limit, false));
        drop(limit);
        ours.push(watched(server, true));
    }
    Pair { ours: middle(ours, by), bare: middle(bare, by) }
}

fn middle(mut runs: Vec<Run>, by: fn(&Measured) -> f64) -> Run {
    runs.sort_by(|a, b| by(&a.measured).total_cmp(&by(&b.measured)));
    let refused = runs.iter().map(|run| run.measured.refused).sum();
    let mut middle = runs.swap_remove(runs.len() / 2);
    middle.measured.refused = refused;
    middle
}

fn login(at: SocketAddr) -> String {
    let [name, password] = world::ACCOUNT;
    let body = format!(r#"{{"name":"{name}","password":"{password}"}}"#);
    let bytes = request("POST", "/api/v1/session", "content-type: application/json\r\n", &body);
    let (head, _) = load::headers(at, &bytes).expect("a login");
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie:")).expect("a cookie");
    format!("cookie: {}\r\n", cookie.split(';').next().unwrap_or_default().trim())
}

fn values(tree: Scaled, unit: u32, day: Day) -> String {
    let mut json = String::from("{");
    for (n, value) in tree.figures(unit, day.number()).iter().enumerate() {
        let comma = if n == 0 { "" } else { "," };
        let _ = write!(json, "{comma}\"{}\":{value}", world::element(n));
    }
    json + "}"
}

/// Reports one at a time: all units in random order, day after day from the second hundred on, none twice.
fn filing(tree: Scaled, cookie: &str) -> Make {
    let order = tree.shuffled(0, tree.units());
    let headers = format!("content-type: application/json\r\n{cookie}");
    // Without a cookie it is the bare endpoint that is asked, at its own path.
    let base = if cookie.is_empty() { "" } else { "/api/v1" };
    Arc::new(move |n| {
        let unit = order[(n % order.len() as u64) as usize];
        let day = world::SINCE.plus(100 + (n / order.len() as u64) as i32);
        let body = format!(r#"{{"act":"values","values":{}}}"#, values(tree, unit, day));
        request("PUT", &format!("{base}/reports/{}/{day}", tree.code(unit)), &headers, &body)
    })
}

/// Fills days by the bulk door, in random order, leaving some units silent; rows a second and rows.
fn bulk(server: &Server, tree: Scaled, cookie: &str, days: Range<i32>) -> (f64, u64) {
    let headers = format!("content-type: application/x-ndjson\r\n{cookie}");
    let (mut rows, mut took) = (0_u64, 0.0);
    for day in days.map(|n| world::SINCE.plus(n)) {
        let mut order = tree.shuffled(0, tree.units());
        order.retain(|unit| unit % SILENT != 7);
        for chunk in order.chunks(BULK_ROWS) {
            let mut body = String::new();
            for unit in chunk {
                let code = tree.code(*unit);
                let _ = writeln!(
                    body,
                    r#"{{"unit":"{code}","day":"{day}","act":"values","values":{}}}"#,
                    values(tree, *unit, day)
                );
            }
            let bytes = request("POST", "/api/v1/reports/bulk", &headers, &body);
            let since = Instant::now();
            let (status, answer) = load::once(server.at, &bytes).expect("an answer");
            took += since.elapsed().as_secs_f64();
            let accepted = answer.matches(r#""status":"accepted""#).count();
            assert!(
                status == 200 && accepted == chunk.len(),
                "{status}: {}",
                &answer[..answer.len().min(400)]
            );
            rows += chunk.len() as u64;
        }
    }
    (rows as f64 / took, rows)
}

fn total_of(tree: Scaled, unit: u32, day: Day, cookie: &str) -> Vec<u8> {
    request("GET", &format!("/api/v1/totals?node=unit:{}&day={day}", tree.code(unit)), cookie, "")
}

/// Totals of any unit on any full day: by turns an inner unit and any unit, so that the few large ones are not lost
/// among the many small.
fn asking(tree: Scaled, cookie: &str, days: i32) -> Make {
    let (inner, any) = (tree.shuffled(0, tree.first_leaf()), tree.shuffled(0, tree.units()));
    let cookie = cookie.to_owned();
    Arc::new(move |n| {
        let list = if n % 2 == 0 { &inner } else { &any };
        let unit = list[(n / 2 % list.len() as u64) as usize];
        total_of(tree, unit, world::SINCE.plus((n % days.max(1) as u64) as i32), &cookie)
    })
}

/// The first hundred missing below any inner unit, the root among them.
fn who_is_missing(tree: Scaled, cookie: &str) -> Make {
    let mut inner = tree.shuffled(0, tree.first_leaf());
    inner.insert(0, 0);
    let cookie = cookie.to_owned();
    Arc::new(move |n| {
        let unit = tree.code(inner[(n % inner.len() as u64) as usize]);
        let path = format!("/api/v1/missing?node=unit:{unit}&day={}&limit=100", world::SINCE);
        request("GET", &path, &cookie, "")
    })
}
