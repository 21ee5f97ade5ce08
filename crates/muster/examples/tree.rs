//! Measures the tree at a size, on a database: import of a file, reads on a day, moves of large subtrees.
//!
//! `cargo run --profile demo -p muster --example tree -- 1000000 /tmp/tree.db` (or a `postgres://` address of an empty
//! database). Prints one line a figure: what, how often, median and 99th percentile in milliseconds.

use muster::lines::org::{self, ImportOptions, Node, Standing};
use muster::migrations::MIGRATIONS;
use muster::{Ctx, Fail, Reach};
use muster_kernel::{Actor, Day, IdSource, Locale};
use muster_sheet::{Limits, Options};
use muster_store::{Db, DbConfig, Result as Stored, Rx, Tx};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

const OPENED: Day = Day::from_number(18_262);
const TODAY: Day = OPENED.plus(33);

fn main() {
    let mut args = std::env::args().skip(1);
    let size: usize = args.next().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let url = args.next().unwrap_or_else(|| "tree.db".to_owned());
    let config =
        DbConfig { read_deadline: Duration::from_secs(600), slow_warns: false, ..DbConfig::new(&url) };
    let db = Db::open(&config).expect("open");
    db.migrate(0, MIGRATIONS).expect("migrate");
    // A third word `phones`: each unit has a duty telephone, sealed.
    let phones = args.next().is_some_and(|word| word == "phones");
    println!("{size} units, {url}");
    if phones {
        sealed(&db, size);
    }
    let text = file(size, phones);
    println!("file: {:.1} MB of CSV", text.len() as f64 / 1e6);
    import(&db, text, OPENED, "import");
    println!("resident at its highest so far: {}", peak());
    reads(&db, size);
    moved(&db);
    import(&db, file(size, phones), TODAY, "the same file again");
    println!("resident at its highest: {}", peak());
}

/// Below a top, 31 groups of some 13 firms, of some 8 branches, of some 13 works, of sites: five levels below the top.
/// Each unit has one of 342 cities, some a class.
fn file(size: usize, phones: bool) -> String {
    let mut text = String::with_capacity(size * 64);
    text.push_str(if phones {
        "code,name,kind,parent,place,classes,duty_phone\n"
    } else {
        "code,name,kind,parent,place,classes\n"
    });
    let mut begins = vec![0];
    for width in [1, 31, 400, 3_000, 40_000] {
        begins.push(begins[begins.len() - 1] + width.min(size / 25 + 1));
    }
    for at in 0..size {
        let level = begins.iter().rposition(|begin| *begin <= at).unwrap_or(0);
        let parent = match level {
            0 => String::new(),
            _ => {
                let (above, here) = (begins[level - 1], begins[level]);
                let end = begins.get(level + 1).copied().unwrap_or(size).max(here + 1);
                format!("U{}", above + (at - here) * (here - above) / (end - here))
            }
        };
        let kind = ["regulator", "group", "firm", "branch", "works", "site"][level];
        let city = at * 7_919 % 342;
        let place = 110_100 + city / 12 * 10_000 + city % 12 * 100;
        let class = ["", "", "", "key", "mine"][at % 5];
        write!(text, "U{at},单位{at}号,{kind},{parent},{place},{class}").expect("a string");
        if phones {
            write!(text, ",0551-5{at:07}").expect("a string");
        }
        text.push('\n');
    }
    text
}

/// What sealing alone costs, within one write that is then taken back: unit keys, person keys, ciphertexts.
fn sealed(db: &Db, size: usize) {
    let took = timed("sealing alone", || {
        db.write_blocking("bench.seal", 0, move |tx: &mut Tx<'_>| {
            let phones: Vec<String> = (0..size).map(|at| format!("0551-5{at:07}")).collect();
            let fields: Vec<_> = phones
                .iter()
                .zip(0..)
                .map(|(phone, at)| (at, format!("post:{at}"), phone.as_str()))
                .collect();
            ctx().seals.seal_rows(tx, ("duty_contact", "sealed"), &fields)?;
            Err::<(), Fail>(muster_kernel::Problem::conflict("bench.back").into())
        })
    });
    assert!(matches!(took, Err(Fail::Problem(problem)) if problem.code == "bench.back"));
}

fn ctx() -> Ctx {
    Ctx {
        actor: Actor::system("bench"),
        now_ms: i64::from(TODAY.number()) * 86_400_000,
        ids: IdSource::Random,
        operation: 1,
        zone: jiff::tz::TimeZone::UTC,
        locale: Locale::ZhCn,
        reach: Reach::All,
        seals: muster::seal::Seals::of_demo(),
        lent_ms: None,
    }
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let done = work();
    println!("{what}: {:.2} s", begin.elapsed().as_secs_f64());
    done
}

fn import(db: &Db, text: String, day: Day, what: &str) {
    let begin = Instant::now();
    let options = Options { limits: Limits { bytes: 1 << 30, ..Limits::default() }, ..Options::default() };
    let table = timed("  bytes to rows", || muster_sheet::read(text.as_bytes(), &options).expect("table"));
    let rows = Arc::new(timed("  rows to drafts", || org::rows_read(table).expect("rows")));
    let options =
        Arc::new(ImportOptions { day, under: None, complete: false, top: true, held: org::Held::new() });
    let (seen, asked) = (rows.clone(), options.clone());
    let plan =
        timed("  plan", || db.read_blocking("plan", move |rx| org::plan_now(rx, &ctx(), &seen, &asked)));
    let plan = Arc::new(plan.expect("plan"));
    let done = timed("  store", || {
        db.write_blocking("import", ctx().now_ms, move |tx| {
            org::units_import(tx, &ctx(), &rows, &options, &plan)
        })
    });
    let done = done.expect("import");
    let seconds = begin.elapsed().as_secs_f64();
    let (added, changed, unchanged, refused) = (done.added, done.changed, done.unchanged, done.refused);
    println!(
        "{what}: {} rows in {seconds:.1} s: {added} added, {changed} changed, {unchanged} unchanged, {refused} refused",
        done.rows
    );
}

fn read<T: Send + 'static>(db: &Db, look: impl Fn(&mut Rx<'_>) -> Stored<T> + Send + 'static) -> T {
    db.read_blocking("bench", look).expect("read")
}

/// Runs a look so many times and prints its times.
fn often<T: Send + 'static>(
    db: &Db,
    what: &str,
    times: u64,
    look: impl Fn(&mut Rx<'_>, u64) -> Stored<T> + Send + Sync + Clone + 'static,
) {
    let mut taken: Vec<f64> = (0..times)
        .map(|at| {
            let look = look.clone();
            let begin = Instant::now();
            read(db, move |rx| look(rx, at));
            begin.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    taken.sort_by(f64::total_cmp);
    let at = |share: f64| taken[((taken.len() - 1) as f64 * share) as usize];
    println!("{what}: {times} times, median {:.2} ms, p99 {:.2} ms", at(0.5), at(0.99));
}

fn reads(db: &Db, size: usize) {
    let group = read(db, |rx| org::unit_by_code(rx, "U1", TODAY)).expect("a group");
    let top = group.clone();
    let below = read(db, move |rx| org::subtree_count(rx, &top, TODAY));
    // Spread over all units, the same ones each time.
    let random = move |at: u64| (at.wrapping_mul(6_364_136_223_846_793_005) >> 20) % size as u64;
    often(db, "nothing (a read's own cost)", 1_000, |_, _| Ok(()));
    often(db, "unit by code", 1_000, move |rx, at| org::unit_by_code(rx, &format!("U{}", random(at)), TODAY));
    let top = group.clone();
    often(db, &format!("count of a subtree of {below}"), 50, move |rx, at| {
        org::subtree_count(rx, &top, OPENED.plus(at as i32 % 40))
    });
    let top = group.clone();
    often(db, "first 100 of that subtree", 500, move |rx, at| {
        org::subtree_page(rx, &top, OPENED.plus(at as i32 % 40), "", 100)
    });
    let unit = group.unit;
    often(db, "children of a group", 500, move |rx, _| org::children(rx, unit, TODAY));
    for (what, code) in [("province", "13"), ("city", "1301")] {
        let place: org::Place = code.parse().expect("a place");
        let count = read(db, move |rx| org::node_count_on(rx, Node::Place(place), TODAY));
        often(db, &format!("count of a {what} of {count}"), 100, move |rx, _| {
            org::node_count_on(rx, Node::Place(place), TODAY)
        });
        often(db, &format!("first 100 of a {what}"), 500, move |rx, _| {
            org::place_page(rx, place, TODAY, (0, 0), 100)
        });
    }
    let class = read(db, |rx| org::classes(rx))[0].id;
    let in_class = read(db, move |rx| org::node_count_on(rx, Node::Class(class), TODAY));
    often(db, &format!("count of a class of {in_class}"), 50, move |rx, _| {
        org::node_count_on(rx, Node::Class(class), TODAY)
    });
    often(db, "first 100 of a class", 500, move |rx, _| org::class_page(rx, class, TODAY, 0, 100));
    often(db, "first 50 whose name holds a word", 20, move |rx, at| {
        let search = org::Search { words: format!("{}号", 1_000 + at * 97), kind: String::new() };
        let top: Standing = org::children(rx, 0, TODAY)?.remove(0);
        org::units_below(rx, &top, TODAY, false, &search, "", 50)
    });
}

/// Two groups, each with all below it, go below a third; then the three of them below a fourth; then one comes back.
fn moved(db: &Db) {
    for (code, parent) in [("U1", "U31"), ("U2", "U31"), ("U31", "U30"), ("U1", "U0")] {
        let top = read(db, move |rx| org::unit_by_code(rx, code, TODAY)).expect("a group");
        let count = read(db, move |rx| org::subtree_count(rx, &top, TODAY));
        let change: Result<_, Fail> = timed(&format!("move of {count} units"), || {
            db.write_blocking("move", ctx().now_ms, move |tx: &mut Tx<'_>| {
                org::unit_move(tx, &ctx(), code, TODAY, parent)
            })
        });
        assert_eq!(change.expect("moved").came.len() as i64, count);
    }
}

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.map_or_else(|| "unknown".to_owned(), |line| line["VmHWM:".len()..].trim().to_owned())
}
