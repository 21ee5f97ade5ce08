//! The real figures by rules: a cumulative count that falls asks a reason, and a change of what is counted is an element of its
//! own from its day on.

use super::{day, folder, taken_in};
use muster::lines::operation::Names;
use muster::lines::org;
use muster::lines::reporting::{
    self, ActKind, Book, BookShelf, Counting, Draft, Earlier, Entered, Filing, Follows, Form, Item, Rule,
    Scope, Test,
};
use muster::migrations::MIGRATIONS;
use muster::{Ctx, Fail, Reach};
use muster_kernel::{Actor, Day, IdSource, Locale, Problem};
use muster_store::testdb::{TestDb, each_store};
use muster_store::{StoreError, Tx};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;

/// Hubei counted who was diagnosed without a test from this day on.
const COUNTED_ANEW: &str = "2020-02-12";
const HUBEI: &str = "420000";
const COUNTS: [&str; 3] = ["confirmed", "cured", "dead"];

fn ctx(now_ms: i64) -> Ctx {
    Ctx {
        actor: Actor::system("test"),
        now_ms,
        ids: IdSource::Random,
        operation: 1,
        zone: jiff::tz::TimeZone::get("Asia/Shanghai").unwrap(),
        locale: Locale::ZhCn,
        reach: Reach::All,
        seals: muster::seal::Seals::of_demo(),
        lent_ms: None,
    }
}

/// After all of the figures.
fn late() -> Ctx {
    ctx(1_583_000_000_000)
}

/// What provinces said of a day: confirmed, cured, dead; of two rows the first.
type Said = BTreeMap<(Day, String), [i64; 3]>;

fn provinces(folder: &Path) -> Said {
    let mut text = String::new();
    let file = std::fs::File::open(folder.join("daily.csv.gz")).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let mut said = Said::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        if cells[3].is_empty() || !cells[5].is_empty() {
            continue;
        }
        let counts = [7, 9, 10].map(|at| cells[at].parse().unwrap());
        said.entry((day(cells[0]), cells[4].to_owned())).or_insert(counts);
    }
    said
}

fn names(text: &str) -> Names {
    Names { zh_hans: text.into(), zh_hant: String::new(), en: text.into() }
}

fn rule(code: &str, test: Test, at: &str) -> Rule {
    Rule { code: code.into(), test, follows: Follows::Reason, at: at.into(), says: names(code) }
}

fn never_falls() -> Vec<Rule> {
    let rule =
        |code: &&str| rule(&format!("{code}_falls"), Test::NeverFalls { element: (*code).into() }, code);
    COUNTS.iter().map(rule).collect()
}

fn jump(element: &str) -> Vec<Rule> {
    let test = Test::Jump { element: element.into(), percent: 30, least: 0, down: false };
    vec![rule("jump", test, element)]
}

/// Sets a version of a form of its own sheets, as if before any of its days began; the first one is given to all.
fn set(at: &TestDb, code: &str, since: Day, elements: &[&str], rules: Vec<Rule>) {
    let item = |element: &&str| Item {
        element: (*element).into(),
        required: false,
        min: None,
        max: None,
        computed: None,
    };
    let form = Form {
        id: 0,
        code: code.into(),
        version: 0,
        names: names(code),
        items: elements.iter().map(item).collect(),
        counting: Counting::Stated,
        as_of_min: if code == "watched" { 600 } else { 660 },
        cut_off_min: 1440,
        afterwards: true,
        rules,
        since,
        until: Day::OPEN_END,
    };
    let set = move |tx: &mut Tx<'_>| {
        let before = ctx(1_577_000_000_000);
        reporting::form_set(tx, &before, form.clone())?;
        if form.since < day(COUNTED_ANEW) {
            let root =
                org::unit_by_code(tx, "CN", form.since)?.ok_or_else(|| Problem::not_found("unit.unknown"))?;
            let until = Day::OPEN_END;
            reporting::form_assign(tx, &before, &form.code, root.unit, Vec::new(), form.since, until)?;
        }
        Ok::<_, Fail>(())
    };
    at.db.write_blocking("test.form", 0, set).unwrap();
}

/// Files what units said of a day: by unit, the elements at which a reason was asked; the others were taken in.
fn filed(
    at: &TestDb,
    shelf: &BookShelf,
    form: &str,
    on: Day,
    said: &[(String, Vec<(&str, i64)>)],
    why: Option<&str>,
) -> BTreeMap<String, Vec<String>> {
    let book = at.db.read_blocking("test.book", |rx| Book::load(rx, 1)).unwrap();
    let filing = |(unit, values): &(String, Vec<(&str, i64)>)| {
        let draft = Draft {
            unit: unit.clone(),
            day: on,
            form: form.to_owned(),
            scope: Scope::Below,
            act: ActKind::Values,
            values: values.iter().map(|(code, value)| ((*code).into(), Entered::Whole(*value))).collect(),
            reason: None,
            remarks: why
                .iter()
                .flat_map(|why| values.iter().map(|(code, _)| ((*code).into(), (*why).into())))
                .collect(),
            client_id: None,
            seen_rev: None,
        };
        let draft =
            reporting::check(&draft, book.asked(form, on).unwrap(), |code| book.element_by_code(code))
                .unwrap();
        Filing { ctx: late(), draft, at_ms: late().now_ms }
    };
    let filings: Vec<Filing> = said.iter().map(filing).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let done = runtime.block_on(reporting::file_many(&at.db, shelf, filings, Earlier::Look)).unwrap();
    let mut asked = BTreeMap::new();
    for ((unit, _), result) in said.iter().zip(done) {
        let Err(problem) = result else { continue };
        assert!(problem.findings.iter().all(|finding| finding.code == "rule.reason_needed"), "{problem:?}");
        let fields = problem.findings.into_iter().filter_map(|finding| finding.at.field);
        asked.insert(unit.clone(), fields.map(|field| field.replace("values.", "")).collect());
    }
    asked
}

#[test]
fn what_falls_asks_a_reason_and_what_is_counted_anew_does_not() {
    let Some(folder) = folder() else { return };
    let said = provinces(&folder);
    let days: BTreeSet<Day> = said.keys().map(|(day, _)| *day).collect();
    each_store(MIGRATIONS, |at| {
        taken_in(at, &folder);
        let shelf = BookShelf::default();
        let first = *days.first().unwrap();
        set(at, "watched", first, &COUNTS, never_falls());
        let mut fell = 0;
        for &on in &days {
            let of_day = said.range((on, String::new())..(on.plus(1), String::new()));
            let rows: Vec<(String, Vec<(&str, i64)>)> = of_day
                .map(|((_, unit), counts)| (unit.clone(), COUNTS.into_iter().zip(*counts).collect()))
                .collect();
            // Reckoned here from the file alone.
            let falls = |(unit, now): &(String, Vec<(&str, i64)>)| -> Option<(String, Vec<String>)> {
                let was = said.get(&(on.before(), unit.clone()))?;
                let fell = now.iter().zip(was).filter(|((_, now), was)| now < was);
                let fell: Vec<String> = fell.map(|((code, _), _)| (*code).to_owned()).collect();
                (!fell.is_empty()).then(|| (unit.clone(), fell))
            };
            let expected: BTreeMap<String, Vec<String>> = rows.iter().filter_map(falls).collect();
            let asked = filed(at, &shelf, "watched", on, &rows, None);
            assert_eq!(asked, expected, "{on}");
            fell += asked.values().map(Vec::len).sum::<usize>();
            // With a reason all of it is taken in.
            let again: Vec<_> = rows.into_iter().filter(|(unit, _)| asked.contains_key(unit)).collect();
            assert_eq!(
                filed(at, &shelf, "watched", on, &again, Some("as the source has it")),
                BTreeMap::new()
            );
        }
        assert!(fell > 0, "provinces did correct their counts downwards");

        // Hubei. Counted as before, the day of the new definition is a jump; as an element of its own it is none, and the
        // days after it are compared with each other.
        let hubei = |on: &str, element: &'static str| {
            vec![(HUBEI.to_owned(), vec![(element, said[&(day(on), HUBEI.to_owned())][0])])]
        };
        let file = |form: &str, on: &str, element: &'static str| {
            filed(at, &shelf, form, day(on), &hubei(on, element), None).contains_key(HUBEI)
        };
        let clinical = |tx: &mut Tx<'_>| {
            let book = Book::load(tx, 1)?;
            let mut element =
                book.element_by_code("confirmed").cloned().ok_or(StoreError::Corrupt("none".into()))?;
            (element.id, element.code, element.since) = (0, "confirmed_clinical".into(), day(COUNTED_ANEW));
            element.names = names("confirmed, clinically too");
            reporting::element_set(tx, &late(), element)?;
            Ok::<_, Fail>(())
        };
        at.db.write_blocking("test.element", 0, clinical).unwrap();
        set(at, "old", day("2020-02-10"), &["confirmed"], jump("confirmed"));
        assert!(["2020-02-10", "2020-02-11"].iter().all(|on| !file("old", on, "confirmed")));
        assert!(file("old", COUNTED_ANEW, "confirmed"), "41% in a day");
        set(at, "old", day(COUNTED_ANEW), &["confirmed_clinical"], jump("confirmed_clinical"));
        for on in [COUNTED_ANEW, "2020-02-13", "2020-02-14"] {
            assert!(!file("old", on, "confirmed_clinical"), "{on}");
        }
        // The old days stay as they were asked.
        let asked = at.db.read_blocking("test.book", |rx| Book::load(rx, 1)).unwrap();
        let asks = |on: &str| asked.form("old", day(on)).unwrap().items[0].element.clone();
        assert_eq!([asks("2020-02-11"), asks(COUNTED_ANEW)], ["confirmed", "confirmed_clinical"]);
        assert_eq!(asked.element_by_code("confirmed_clinical").unwrap().since, day(COUNTED_ANEW));
    });
}
