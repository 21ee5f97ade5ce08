//! Measures tasks at a size, on a database: handing a measure out, what waits for somebody among a million open tasks, how far
//! a measure is.
//!
//! `cargo run --release -p muster --example tasks -- 40000 25 /tmp/tasks.db` (or a `postgres://` address of an empty database):
//! units, measures that are handed out to each of them. Prints one line a figure, in milliseconds.
#![allow(missing_docs, reason = "a program of its own, not an interface")]
#![allow(clippy::disallowed_methods, reason = "measuring reads the real clock")]

#[path = "../tests/world/mod.rs"]
mod world;

use muster::demo::Scaled;
use muster::lines::command::task::{
    Given, HAND_OUT_MAX, MeasureDraft, Source, Waiting, measure_read, measure_register, progress,
    task_assign, tasks_below, waiting,
};
use muster::lines::org::{self, Standing};
use muster::migrations::MIGRATIONS;
use muster::{Ctx, Fail};
use muster_store::{Db, DbConfig, Rx, Tx};
use std::time::{Duration, Instant};

const NOW_MS: i64 = 1_580_954_400_000;
const DAY_MS: i64 = 86_400_000;

fn main() {
    let mut args = std::env::args().skip(1);
    let mut number = |or: usize| args.next().and_then(|n| n.parse().ok()).unwrap_or(or);
    let (size, measures) = (number(40_000), number(25));
    let url = args.next().unwrap_or_else(|| "tasks.db".to_owned());
    let config =
        DbConfig { read_deadline: Duration::from_secs(600), slow_warns: false, ..DbConfig::new(&url) };
    let db = Db::open(&config).expect("open");
    db.migrate(0, MIGRATIONS).expect("migrate");
    let tree = Scaled::new(size as u32);
    world::build(&db, tree, NOW_MS).expect("a tree");
    let ctx = world::ctx(NOW_MS);
    let units = units(&db, &ctx);
    println!("{} units, {measures} measures to each, {url}", units.len());
    let mut ids = Vec::new();
    let mut took = Vec::new();
    for n in 0..measures {
        let since = Instant::now();
        ids.push(handed(&db, &ctx, &units, n));
        took.push(ms(since));
    }
    took.sort_by(f64::total_cmp);
    println!(
        "a measure to {} units: median {:.0} ms, longest {:.0} ms",
        units.len(),
        took[took.len() / 2],
        took[took.len() - 1]
    );
    let last = units[units.len() - 1].unit;
    timed(&db, "what waits at one unit, first 100", 200, &ctx, move |rx, ctx| {
        let at = Waiting { does: vec![last], checks: vec![last], decides: vec![last] };
        waiting(rx, ctx, &at, (i64::MIN, ""), 100).map(|found| found.0.len())
    });
    timed(&db, "open tasks of everybody, first 100", 200, &ctx, |rx, ctx| {
        tasks_below(rx, ctx, None, (i64::MIN, String::new()), 100).map(|found| found.0.len())
    });
    let (id, top) = (ids[0].clone(), units[0].clone());
    timed(&db, "how far a measure is, by the units below the top", 5, &ctx, move |rx, ctx| {
        let measure = measure_read(rx, ctx, &id).expect("it is there");
        progress(rx, ctx, &measure, &top).map(|parts| parts.len())
    });
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

fn units(db: &Db, ctx: &Ctx) -> Vec<Standing> {
    let today = ctx.today();
    db.read_blocking("bench.units", move |rx: &mut Rx<'_>| {
        let mut all = Vec::new();
        org::standings_all(rx, |one| {
            all.push(one);
            Ok(())
        })?;
        all.retain(|one| one.since <= today && today < one.until);
        Ok::<_, muster_store::StoreError>(all)
    })
    .expect("units")
}

fn handed(db: &Db, ctx: &Ctx, units: &[Standing], n: usize) -> String {
    let (own, unit) = (ctx.clone(), units[0].unit);
    let register = move |tx: &mut Tx<'_>| {
        let words = format!("Measure {n}");
        measure_register(tx, &own, &MeasureDraft { unit, source: Source::Own, line: None, words })
    };
    let id = db.write_blocking("bench.measure", NOW_MS, register).expect("a measure").id;
    for chunk in units.chunks(HAND_OUT_MAX) {
        let (own, measure, chunk) = (ctx.clone(), id.clone(), chunk.to_vec());
        let given = Given { due_ms: NOW_MS + (n as i64 + 1) * DAY_MS, weight: 1, words: String::new() };
        let assign =
            move |tx: &mut Tx<'_>| task_assign(tx, &own, &measure, &chunk, &given).map(|tasks| tasks.len());
        let count = db.write_blocking("bench.assign", NOW_MS, assign).expect("tasks");
        assert!(count > 0, "somebody gets one");
    }
    id
}

fn timed(
    db: &Db,
    what: &str,
    times: usize,
    ctx: &Ctx,
    ask: impl Fn(&mut Rx<'_>, &Ctx) -> Result<usize, muster_store::StoreError> + Clone + Send + 'static,
) {
    let mut took = Vec::new();
    let mut found = 0;
    for _ in 0..times {
        let (ask, ctx, since) = (ask.clone(), ctx.clone(), Instant::now());
        found = db
            .read_blocking("bench.ask", move |rx: &mut Rx<'_>| ask(rx, &ctx).map_err(Fail::from))
            .expect("an answer");
        took.push(ms(since));
    }
    took.sort_by(f64::total_cmp);
    println!(
        "{what} ({found}): median {:.2} ms, p99 {:.2} ms",
        took[took.len() / 2],
        took[took.len() * 99 / 100]
    );
}
