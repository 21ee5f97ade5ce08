//! Totals are an algebra: whatever is moved, merged, closed, opened, asked, said and corrected, in whatever order it
//! arrives, the stored totals, the totals drawn anew and a naive sum over all units are the same numbers, on every day,
//! at every node of all three axes, now and as they were known before; and so are the expected counts and the lists of
//! those who are missing or late. And the journal alone makes all of it again.

mod said;

use crate::cast::{element, form, names};
use muster::lines::org::{self, Facts, NewUnit, Node, Patch, Standing};
use muster::lines::reporting::{
    self, ActKind, Book, BookShelf, Class, Counting, Draft, Entered, Filing, Query, Reassign, Scope, Total,
    ValueType, Which, absent, check, report_file,
};
use muster::migrations::MIGRATIONS;
use muster::{Ctx, Fail, Reach};
use muster_kernel::{Actor, Day, IdSource, Locale};
use muster_store::testdb::TestDb;
use muster_store::{Rx, StoreError, TotalKey, Tx, total_read};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use said::{Said, trimmed};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const UNITS: usize = 8;
const DAYS: i32 = 4;
const FORMS: [&str; 3] = ["a", "b", "other_instant"];
const ELEMENTS: [&str; 4] = ["event", "shared", "late_asked", "more"];

#[derive(Clone, Debug)]
enum Deed {
    Move(usize, i32, usize),
    Merge(usize, i32, usize),
    Close(usize, i32),
    Nature(usize, i32, u8),
    Open(usize, i32),
    /// Reports that arrive together.
    File(Vec<Report>),
    /// Form `b` asks more from a day on.
    AskMore(i32),
    /// A form is given to the part below a unit.
    Assign(usize, usize, i32),
    /// An assignment ends, begins on another day, or goes to another part of the tree.
    Reassign(usize, Option<i32>, Option<i32>, Option<usize>),
}

#[derive(Clone, Debug)]
struct Report {
    unit: usize,
    day: i32,
    form: usize,
    below: bool,
    zero: bool,
    late: bool,
    values: Vec<(usize, Option<i64>)>,
}

fn reports() -> impl Strategy<Value = Vec<Report>> {
    let values = prop::collection::vec((0..ELEMENTS.len(), prop::option::weighted(0.85, 0..4_i64)), 1..5);
    // Few of them say most: so that much is said again, and corrected.
    let often = prop_oneof![3 => UNITS - 3..UNITS, 1 => 0..UNITS];
    let one =
        (often, 0..DAYS, 0..FORMS.len(), prop::bool::weighted(0.2), any::<bool>(), any::<bool>(), values);
    let one = one.prop_map(|(unit, day, form, below, zero, late, values)| Report {
        unit,
        day,
        form,
        below,
        zero,
        late,
        values,
    });
    prop::collection::vec(one, 2..12)
}

fn reassigned() -> impl Strategy<Value = Deed> {
    let some = |days| prop::option::weighted(0.5, days);
    let unit = prop::option::weighted(0.3, 0..UNITS);
    let one = (0..FORMS.len() + 2, some(0..DAYS), some(0..DAYS + 2), unit);
    one.prop_map(|(at, since, until, unit)| Deed::Reassign(at, since, until, unit))
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let (unit, on) = (0..UNITS, 0..DAYS);
    let one = prop_oneof![
        8 => reports().prop_map(Deed::File),
        3 => (unit.clone(), on.clone(), unit.clone()).prop_map(|(unit, on, to)| Deed::Move(unit, on, to)),
        2 => (unit.clone(), on.clone(), unit.clone()).prop_map(|(unit, on, into)| Deed::Merge(unit, on, into)),
        1 => (unit.clone(), on.clone()).prop_map(|(unit, on)| Deed::Close(unit, on)),
        2 => (unit.clone(), on.clone(), 0..4_u8).prop_map(|(unit, on, to)| Deed::Nature(unit, on, to)),
        1 => (unit.clone(), on.clone()).prop_map(|(unit, on)| Deed::Open(unit, on)),
        2 => on.clone().prop_map(Deed::AskMore),
        2 => (0..FORMS.len(), unit.clone(), 0..DAYS).prop_map(|(form, unit, on)| Deed::Assign(form, unit, on)),
        4 => reassigned(),
    ];
    prop::collection::vec(one, 4..20)
}

fn day(number: i32) -> Day {
    Day::from_number(18_290 + number)
}

fn code(unit: usize) -> String {
    format!("U{unit}")
}

fn ctx() -> Ctx {
    Ctx {
        actor: Actor::system("test"),
        now_ms: 18_400 * 86_400_000,
        ids: IdSource::Random,
        operation: 1,
        zone: jiff::tz::TimeZone::UTC,
        locale: Locale::En,
        reach: Reach::All,
        seals: muster::seal::Seals::of_demo(),
        lent_ms: None,
    }
}

fn write<T: Send + 'static>(
    db: &TestDb,
    verb: impl Fn(&mut Tx<'_>, &Ctx) -> Result<T, Fail> + Send + 'static,
) -> Result<T, Fail> {
    let ctx = ctx();
    db.db.write_blocking("test.write", ctx.now_ms, move |tx| verb(tx, &ctx))
}

fn read<T: Send + 'static>(
    db: &TestDb,
    look: impl Fn(&mut Rx<'_>) -> Result<T, StoreError> + Send + 'static,
) -> T {
    db.db.read_blocking("test.read", look).unwrap()
}

fn patch(nature: u8) -> Patch {
    let place = [None, Some("340100"), Some("340102"), Some("420100")][usize::from(nature)];
    let classes: &[&str] = [&[][..], &["key"], &["key", "mine"], &["mine"]][usize::from(nature)];
    Patch {
        kind: Some(if nature == 3 { "office" } else { "site" }.to_owned()),
        place: Some(place.map(|place| place.parse().unwrap())),
        classes: Some(classes.iter().map(|class| (*class).to_owned()).collect()),
        ..Patch::default()
    }
}

fn begin(db: &TestDb, crown_min: i64, parents: &[usize], natures: &[u8]) {
    let unit = |at: usize| NewUnit {
        code: code(at),
        facts: Facts {
            names: names(&code(at)),
            kind: patch(natures[at]).kind.unwrap(),
            place: patch(natures[at]).place.unwrap(),
            time_zone: String::new(),
            classes: patch(natures[at]).classes.unwrap(),
        },
        parent: (at > 0).then(|| code(parents[at] % at)),
        since: day(-1),
        until: Day::OPEN_END,
    };
    let units: Vec<NewUnit> = (0..UNITS).map(unit).collect();
    write(db, move |tx, ctx| {
        reporting::crown_min_set(tx, crown_min)?;
        let change = org::unit_create(tx, ctx, &units)?;
        reporting::tree_changed(tx, ctx, &change)?;
        for (at, code) in ELEMENTS.iter().enumerate() {
            let class = if at == 0 { Class::Event } else { Class::State };
            reporting::element_set(tx, ctx, element(code, class, ValueType::Integer, "person"))?;
        }
        for (code, asked, slot) in
            [("a", &ELEMENTS[..2], 720), ("b", &ELEMENTS[2..3], 720), ("other_instant", &ELEMENTS[1..2], 600)]
        {
            let mut form = form(code, asked, Counting::Parts);
            (form.as_of_min, form.since) = (slot, day(-1));
            reporting::form_set(tx, ctx, form)?;
        }
        let root = org::unit_by_code(tx, "U0", day(0))?.unwrap().unit;
        reporting::form_assign(tx, ctx, "a", root, vec!["site".into()], day(0), Day::OPEN_END)?;
        reporting::form_assign(tx, ctx, "other_instant", root, Vec::new(), day(1), day(DAYS - 1))?;
        Ok(())
    })
    .unwrap();
}

/// Does a deed as it would be done; one that is refused changes nothing. The model hears what was taken in.
fn deed(db: &TestDb, shelf: &BookShelf, said: &mut Said, deed: &Deed, now_ms: i64) {
    let done = deed.clone();
    let changed = write(db, move |tx, ctx| {
        let change = match &done {
            Deed::Move(unit, on, to) => org::unit_move(tx, ctx, &code(*unit), day(*on), &code(*to))?,
            Deed::Merge(unit, on, into) => org::unit_merge(tx, ctx, &[code(*unit)], &code(*into), day(*on))?,
            Deed::Close(unit, on) => org::unit_close(tx, ctx, &code(*unit), day(*on), true)?,
            Deed::Nature(unit, on, to) => org::unit_change(tx, ctx, &code(*unit), day(*on), &patch(*to))?,
            Deed::Open(parent, on) => {
                let since = day(*on);
                let new = NewUnit {
                    code: format!("N{parent}-{on}"),
                    facts: Facts {
                        names: names("new"),
                        kind: "site".into(),
                        place: "340103".parse().ok(),
                        time_zone: String::new(),
                        classes: vec!["key".into()],
                    },
                    parent: Some(code(*parent)),
                    since,
                    until: Day::OPEN_END,
                };
                org::unit_create(tx, ctx, &[new])?
            }
            Deed::AskMore(on) => {
                let mut more = form("b", &ELEMENTS, Counting::Parts);
                more.since = day(*on);
                reporting::form_set(tx, ctx, more)?;
                return Ok(());
            }
            Deed::Assign(form, unit, on) => {
                let top = org::unit_by_code(tx, &code(*unit), day(*on))?.map_or(0, |standing| standing.unit);
                reporting::form_assign(tx, ctx, FORMS[*form], top, Vec::new(), day(*on), Day::OPEN_END)?;
                return Ok(());
            }
            Deed::Reassign(at, since, until, unit) => {
                let unit = match unit {
                    Some(unit) => org::unit_by_code(tx, &code(*unit), day(0))?.map(|standing| standing.unit),
                    None => None,
                };
                let (since, until) = (since.map(day), until.map(day));
                let reason = Some("why".to_owned());
                let change = Reassign { unit, kinds: None, since, until, reason };
                reporting::form_reassign(tx, ctx, 1 + *at as i64, &change)?;
                return Ok(());
            }
            Deed::File(_) => return Ok(()),
        };
        reporting::tree_changed(tx, ctx, &change).map(drop)
    });
    if let Err(Fail::Store(error)) = changed {
        panic!("{deed:?}: {error}");
    }
    if let Deed::File(reports) = deed {
        let book = read(db, |rx| Book::load(rx, 1));
        let filings: Vec<Filing> =
            reports.iter().filter_map(|report| filing(&book, report, now_ms)).collect();
        let sent = filings.clone();
        let kept = shelf.clone();
        let (filed, call) =
            write(db, move |tx, _| report_file(tx, 1, &kept, &sent, reporting::Earlier::Look)).unwrap();
        shelf.roll.keep(call);
        for (filing, filed) in filings.iter().zip(filed) {
            if filed.is_ok() {
                said.hear(filing, filing.at_ms == 0);
            }
        }
    }
}

fn filing(book: &Book, report: &Report, now_ms: i64) -> Option<Filing> {
    let code_of = |at: usize| ELEMENTS[at].to_owned();
    let entered = |value: &Option<i64>| value.map_or(Entered::Unsaid, |v| Entered::Written(v.to_string()));
    let (form, day) = (FORMS[report.form], day(report.day));
    let version = book.asked(form, day)?;
    let asked = |at: usize| version.form.items.iter().any(|item| item.element == ELEMENTS[at]);
    let values = report.values.iter().filter(|(at, _)| asked(*at));
    let draft = Draft {
        unit: code(report.unit),
        day,
        form: form.to_owned(),
        scope: if report.below { Scope::Below } else { Scope::Alone },
        act: if report.zero { ActKind::Zero } else { ActKind::Values },
        values: values.map(|(at, value)| (code_of(*at).into(), entered(value))).collect(),
        reason: Some("why".into()),
        remarks: Vec::new(),
        client_id: None,
        seen_rev: None,
    };
    let draft = check(&draft, version, |code| book.element_by_code(code)).ok()?;
    // Far before or far after every cut-off of the story.
    let at_ms = if report.late { ctx().now_ms } else { 0 };
    Some(Filing { ctx: Ctx { now_ms, ..ctx() }, draft, at_ms })
}

/// Everything that can be asked, asked in every way, beside the naive sum: of what is known now, and of what was known
/// at an earlier instant, in the tree as it is now.
fn compare(db: &TestDb, said: &Said, (then_ms, then): (i64, &Said)) {
    let rebuilt = reporting::rebuild(&db.db, 1, 0, true, &mut |_, _| ()).unwrap();
    assert!(!rebuilt.differed(), "{rebuilt:?}");
    let book = read(db, |rx| Book::load(rx, 1));
    for on in (0..=DAYS).map(day) {
        let standings = read(db, move |rx| {
            let mut all = Vec::new();
            org::standings_all(rx, |standing| {
                all.push(standing);
                Ok(())
            })?;
            all.retain(|standing: &Standing| standing.since <= on && on < standing.until);
            Ok(all)
        });
        // All of it may be closed on a day.
        let Some(top) = standings.iter().find(|standing| standing.parent == 0) else { continue };
        let nodes: BTreeSet<i64> = standings.iter().flat_map(Standing::nodes).collect();
        for form in FORMS {
            let Some(query) = Query::new(&book, 1, form, on) else { continue };
            let (series, slot) = (query.series, query.slot());
            let asked = standings.iter();
            let asked: Vec<&Standing> =
                asked.filter(|s| s.chain.contains(&series.unit) && series.expects(&s.kind)).collect();
            for (at, &node) in nodes.iter().enumerate() {
                let (mut expected, mut total, mut then_total) = (0, Vec::new(), Vec::new());
                for standing in asked.iter().filter(|standing| standing.nodes().any(|one| one == node)) {
                    expected += 1;
                    said.add(&mut total, series, &standing.code, on, slot);
                    then.add(&mut then_total, series, &standing.code, on, slot);
                }
                let naive = (expected, Total(trimmed(total)));
                let place = format!("{form} {on} {:?}", Node::from_id(node));
                let (own, top) = (standings.iter().find(|s| s.unit == node).cloned(), top.clone());
                let book_there = book.clone();
                // The slower ways, in turn.
                let turn = (at + on.number() as usize) % 3;
                let (asked, past) = read(db, move |rx| {
                    let query = Query::new(&book_there, 1, form, on).unwrap();
                    let picture = |known_at_ms: Option<i64>, rx: &mut Rx<'_>| {
                        let query = Query { known_at_ms, ..query };
                        let picture = match (&own, Node::from_id(node)) {
                            (Some(own), _) => query.picture(rx, own)?,
                            (None, axis) => query.axis_picture(rx, axis, &top)?,
                        };
                        Ok::<_, StoreError>((picture.expected, picture.parts))
                    };
                    Ok((
                        picture(None, rx)?,
                        match turn {
                            0 => Some(picture(Some(i64::MAX), rx)?),
                            1 => Some(picture(Some(then_ms), rx)?),
                            _ => None,
                        },
                    ))
                });
                assert_eq!(asked, naive, "asked: {place}");
                if let Some(own) = standings.iter().find(|s| s.unit == node).cloned() {
                    let (all, known_at_ms) = (book.clone(), (turn == 0).then_some(i64::MAX));
                    let parts = read(db, move |rx| {
                        let query = Query { known_at_ms, ..Query::new(&all, 1, form, on).unwrap() };
                        let children = org::children(rx, own.unit, on)?;
                        let below: Vec<(Day, &Standing)> = children.iter().map(|child| (on, child)).collect();
                        let mut pictures = query.pictures(rx, &below)?;
                        pictures.extend(query.pictures_alone(rx, &[(on, &own)])?.into_iter().flatten());
                        Ok(pictures)
                    });
                    let (mut expected, mut total) = (0, Total::default());
                    for part in parts {
                        expected += part.expected;
                        total.add(&part.parts);
                    }
                    assert_eq!(
                        (expected, total.trimmed()),
                        naive,
                        "its own report and its children: {place}"
                    );
                }
                match turn {
                    0 => assert_eq!(past, Some(naive.clone()), "added up from the sheets: {place}"),
                    1 => {
                        let then = (expected, Total(trimmed(then_total)));
                        assert_eq!(past, Some(then), "as known at {then_ms}: {place}");
                    }
                    _ => {}
                }
                if book.in_crown(node) {
                    let key = TotalKey { day: on.number(), series: series.id, node };
                    assert_eq!(read(db, move |rx| total_read(rx, key)), naive.1.0, "stored: {place}");
                }
            }
            for which in [Which::Missing, Which::Late] {
                let wanted = asked.iter().filter(|s| match said.act(&s.code, on, slot, series.form) {
                    None => which == Which::Missing,
                    Some((_, on_time)) => which == Which::Late && !on_time,
                });
                let wanted: BTreeSet<i64> = wanted.map(|standing| standing.unit).collect();
                let (all, top) = (book.clone(), top.clone());
                let found = read(db, move |rx| {
                    absent(rx, &Query::new(&all, 1, form, on).unwrap(), &top, which, "", 1000)
                });
                let found: BTreeSet<i64> = found.into_iter().map(|absent| absent.unit).collect();
                assert_eq!(found, wanted, "{which:?} {form} {on}");
            }
        }
    }
}

fn told(db: &TestDb, (crown_min, (parents, natures), deeds): &(i64, (Vec<usize>, Vec<u8>), Vec<Deed>)) {
    begin(db, *crown_min, parents, natures);
    // Kept from deed to deed, as a server keeps it.
    let shelf = BookShelf::default();
    let (mut said, first_ms) = (Said::default(), ctx().now_ms);
    let mut known = vec![(first_ms, said.clone())];
    for (at, one) in deeds.iter().enumerate() {
        let now_ms = first_ms + 1_000 * (1 + at as i64);
        deed(db, &shelf, &mut said, one, now_ms);
        known.push((now_ms, said.clone()));
        if at % 8 == 7 || at + 1 == deeds.len() {
            let (then_ms, then) = &known[known.len() * 2 / 3];
            compare(db, &said, (*then_ms, then));
        }
    }
    assert_eq!(
        muster::verify::deep(&db.db, 1, &muster::seal::Seals::of_demo(), &mut |_, _, _| ()).unwrap().faults(),
        []
    );
}

/// Tells random stories for some seconds, and `least` of them however long they take.
fn told_for(seconds: u64, least: u32, store: &dyn Fn() -> Option<TestDb>) {
    let start = (prop::collection::vec(0..UNITS, UNITS), prop::collection::vec(0..4_u8, UNITS));
    let stories = (prop::sample::select(vec![0_i64, 2, 256]), start, deeds());
    let config = Config { cases: 1, failure_persistence: None, max_shrink_time: 60_000, ..Config::default() };
    let (begun, mut count) = (Instant::now(), 0);
    while count < least || begun.elapsed() < Duration::from_secs(seconds) {
        // A runner that has told its stories tells no more: each has one of its own.
        let run = TestRunner::new(config.clone()).run(&stories, |story| {
            if let Some(db) = store() {
                told(&db, &story);
            }
            Ok(())
        });
        run.unwrap();
        count += 1;
    }
    assert!(count < 10_000, "{count} stories in {seconds} s: they are not told");
    eprintln!("{count} stories");
}

#[test]
fn totals_are_what_a_naive_sum_would_be_on_sqlite() {
    told_for(5, 3, &|| Some(TestDb::sqlite(MIGRATIONS)));
}

#[test]
fn totals_are_what_a_naive_sum_would_be_on_postgres() {
    if TestDb::postgres(MIGRATIONS).is_some() {
        told_for(5, 1, &|| TestDb::postgres(MIGRATIONS));
    }
}
