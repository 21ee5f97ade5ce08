//! Real figures that nobody here wrote: the public daily figures of January and February 2020. They lie beside the
//! project; in a clone without them these tests say so and are left out.

mod ruled;

use crate::command::muster;
use muster::lines::operation::operation_current;
use muster::lines::org;
use muster::lines::reporting::{Book, Query, agreement, beside};
use muster::migrations::MIGRATIONS;
use muster::real::{SourceOutcome, covid_import};
use muster::{Ctx, Reach};
use muster_kernel::{Actor, Day, IdSource, Locale};
use muster_store::testdb::{TestDb, each_store};
use muster_store::{Rx, StoreError};
use std::path::{Path, PathBuf};

/// The folder with the figures, if it is there.
fn folder() -> Option<PathBuf> {
    let shared = std::env::var_os("MUSTER_SHARED").map(PathBuf::from);
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = shared.unwrap_or(beside).join("data/covid-cn-daily");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("left out: {} is not there", folder.display());
    None
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn taken_in(at: &TestDb, folder: &Path) -> Vec<SourceOutcome> {
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let ctx = Ctx {
        actor: Actor::system("test"),
        now_ms: 1_583_000_000_000,
        ids: IdSource::Random,
        operation: 1,
        zone: jiff::tz::TimeZone::get("Asia/Shanghai").unwrap(),
        locale: Locale::ZhCn,
        reach: Reach::All,
        seals: muster::seal::Seals::of_demo(),
        lent_ms: None,
    };
    let (daily, bulletins) = (read("daily.csv.gz"), read("bulletins.csv.gz"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(covid_import(&at.db, &ctx, &daily, &bulletins, |_, _| {})).unwrap()
}

fn ask<T: Send + 'static>(
    at: &TestDb,
    form: &'static str,
    on: &'static str,
    question: impl Fn(&mut Rx<'_>, &Query<'_>, i64) -> T + Send + 'static,
) -> T {
    at.db
        .read_blocking("test.ask", move |rx| {
            let operation = operation_current(rx)?.unwrap();
            let book = Book::load(rx, operation.id)?;
            let query = Query::new(&book, operation.id, form, day(on)).unwrap();
            Ok::<_, StoreError>(question(rx, &query, operation.root_unit))
        })
        .unwrap()
}

/// Days that have both, and days on which they agree: of one unit, or of all of a kind.
fn agreed(at: &TestDb, element: &'static str, of: fn(&org::Standing) -> bool) -> (i64, i64) {
    ask(at, "daily", "2020-02-29", move |rx, query, root| {
        let element = query.book.element_by_code(element).unwrap().id;
        let found = agreement(rx, query, root, element, day("2020-01-10"), query.day).unwrap();
        let units: Vec<i64> = found.iter().map(|agreement| agreement.unit).collect();
        let standings = org::standings_on(rx, &units, query.day).unwrap();
        let wanted = |unit: i64| standings.iter().any(|standing| standing.unit == unit && of(standing));
        let some = found.iter().filter(|agreement| wanted(agreement.unit));
        some.fold((0, 0), |(agree, both), found| (agree + found.agree, both + found.both))
    })
}

#[test]
fn real_figures_disagree_exactly_where_they_do() {
    let Some(folder) = folder() else { return };
    each_store(MIGRATIONS, |at| {
        let outcomes = taken_in(at, &folder);
        let rows: Vec<_> = outcomes.iter().map(|o| (o.form, o.rows, o.accepted, o.refused)).collect();
        assert_eq!(
            rows,
            [("daily", 11_004, 11_004, 0), ("bulletin", 3_444, 3_444, 0)],
            "rows in = accepted + refused"
        );

        let province: fn(&org::Standing) -> bool = |standing| &*standing.kind == "place-province";
        assert_eq!(agreed(at, "confirmed", province), (431, 662));
        assert_eq!(agreed(at, "dead", province), (550, 662));
        let anhui: fn(&org::Standing) -> bool = |standing| &*standing.code == "340000";
        assert_eq!(agreed(at, "confirmed", anhui), (20, 40));
        assert_eq!(agreed(at, "dead", anhui), (35, 40));
        let nation: fn(&org::Standing) -> bool = |standing| &*standing.kind == "place-nation";
        assert_eq!(agreed(at, "confirmed", nation), (10, 51));

        // The files have no times: it is known from the moment it was taken in, and nobody is in time or late.
        let totals = |known: &[&str]| -> serde_json::Value {
            let asked = ["query", "totals", "--form", "daily", "--day", "2020-02-03", "--json"];
            serde_json::from_slice(&muster(&at.config.url, &[&asked[..], known].concat()).stdout).unwrap()
        };
        let now = totals(&[]);
        assert_eq!(
            (&now["late"], &now["rates"]["reporting_rate_on_time"]),
            (&0.into(), &serde_json::Value::Null)
        );
        assert_eq!(now["rates"]["actual"], 244, "{now}");
        let before = totals(&["--as-known-at", "2020-02-29T23:00:00+08:00"]);
        assert_eq!(before["rates"]["actual"], 0, "{before}");

        // The same by a command.
        for (element, both, agree) in [("confirmed", [51, 662], [10, 431]), ("dead", [51, 662], [45, 550])] {
            let asked = ["--from", "2020-01-10", "--to", "2020-02-29", "--element", element, "--json"];
            let out = muster(&at.config.url, &[&["query", "agreement"], &asked[..]].concat());
            let told: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
            for (of, kind) in ["place-nation", "place-province"].into_iter().enumerate() {
                let found = &told["kinds"][of];
                assert_eq!(found["kind"], kind);
                assert_eq!((&found["both"], &found["agree"]), (&both[of].into(), &agree[of].into()));
            }
            let anhui =
                told["items"].as_array().unwrap().iter().find(|item| item["unit"]["code"] == "340000");
            assert_eq!(anhui.unwrap()["agree"], if element == "dead" { 35 } else { 20 });
        }

        // 2020-02-03: the province says 480, its cities 466 or whatever they add up to; both stay readable.
        let (stated, below, said) = ask(at, "daily", "2020-02-03", |rx, query, _| {
            let anhui = org::unit_by_code(rx, "340000", query.day).unwrap().unwrap();
            let confirmed = query.book.element_by_code("confirmed").unwrap().id;
            let all = beside(rx, query, &anhui).unwrap();
            let found = all.into_iter().find(|found| found.element == confirmed).unwrap();
            (found.stated, found.below.sum, found.below.said)
        });
        assert_eq!((stated, said), (480, 17));
        assert_eq!(below, 81 + 21 + 43 + 8 + 28 + 11 + 19 + 55 + 6 + 9 + 11 + 79 + 23 + 30 + 48 + 10 + 4);

        // A blank in a bulletin is not said: it is in no sum and in no count of those who said it.
        let said = ask(at, "bulletin", "2020-01-30", |rx, query, root| {
            let nation = org::standing_on(rx, root, query.day).unwrap().unwrap();
            let (_, parts) = query.parts(rx, &nation).unwrap();
            let place = |code: &str| {
                let id = query.book.element_by_code(code).unwrap().id;
                query.series.layout.iter().position(|known| *known == id).unwrap()
            };
            (parts.element(place("bulletin_confirmed")).said, parts.element(place("bulletin_suspected")).said)
        });
        assert!(said.0 > said.1, "{said:?}");
    });
}
