//! Random verbs against a naive picture: each unit has a list of what was said of it from which day on, and a day is
//! read by walking up. Every verb must be taken exactly when the picture stays a tree on every day, and then every
//! unit, node and count must agree on every day, also those kept by following only what the verbs said they changed.

use super::{day, new, read, write};
use crate::Fail;
use crate::lines::org::model::{Node, Standing, TreeChange};
use crate::lines::org::place::Place;
use crate::lines::org::timeline::Patch;
use crate::lines::org::{self};
use crate::migrations::MIGRATIONS;
use muster_store::testdb::TestDb;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::{BTreeMap, HashMap};

const DAYS: i32 = 12;
const UNITS: usize = 7;

#[derive(Clone, Debug)]
enum Verb {
    Move(usize, i32, usize),
    Close(usize, i32, bool),
    Kind(usize, i32, u8),
    Merge(usize, usize, i32),
}

fn any_verb() -> impl Strategy<Value = Verb> {
    let unit = 1..UNITS;
    let on = 0..DAYS;
    prop_oneof![
        6 => (unit.clone(), on.clone(), 0..UNITS).prop_map(|(unit, on, parent)| Verb::Move(unit, on, parent)),
        2 => (unit.clone(), on.clone(), any::<bool>()).prop_map(|(unit, on, below)| Verb::Close(unit, on, below)),
        3 => (unit.clone(), on.clone(), 0..4_u8).prop_map(|(unit, on, kind)| Verb::Kind(unit, on, kind)),
        1 => (unit, 0..UNITS, on).prop_map(|(from, into, on)| Verb::Merge(from, into, on)),
    ]
}

/// What was said of a unit, from which day on: its parent, or that it is closed; its kind; its place and classes, which
/// here always change together. What only repeats what was said before is not a fact.
#[derive(Clone, Debug, Default, PartialEq)]
struct Said {
    parent: BTreeMap<i32, Option<usize>>,
    kind: BTreeMap<i32, u8>,
    rest: BTreeMap<i32, u8>,
}

impl Said {
    fn parent_on(&self, on: i32) -> Option<usize> {
        self.parent.range(..=on).next_back().and_then(|(_, parent)| *parent)
    }
    /// Kind, and place with classes, as numbers of [`nature`].
    fn nature_on(&self, on: i32) -> (u8, u8) {
        let value = |said: &BTreeMap<i32, u8>| said.range(..=on).next_back().map_or(0, |(_, value)| *value);
        (value(&self.kind), value(&self.rest))
    }
    fn first(&self) -> i32 {
        *self.parent.keys().next().unwrap()
    }
}

/// Unit 0 is the top, which is always there.
#[derive(Clone, Debug)]
struct Picture(Vec<Said>);

impl Picture {
    /// Units from the top down to one, if it is open and the way up ends at the top.
    fn chain(&self, unit: usize, on: i32) -> Option<Result<Vec<usize>, ()>> {
        let mut chain = vec![unit];
        while chain[0] != 0 {
            match self.0[chain[0]].parent_on(on) {
                None if chain.len() == 1 => return None,
                None => return Some(Err(())),
                Some(parent) if chain.contains(&parent) => return Some(Err(())),
                Some(parent) => chain.insert(0, parent),
            }
        }
        Some(Ok(chain))
    }
    fn is_tree(&self) -> bool {
        let days = || -1..=DAYS + 1;
        (0..self.0.len()).all(|unit| days().all(|on| self.chain(unit, on) != Some(Err(()))))
    }
    fn below(&self, unit: usize, on: i32) -> Vec<usize> {
        let is_below = |other: &usize| {
            *other != unit && matches!(self.chain(*other, on), Some(Ok(chain)) if chain.contains(&unit))
        };
        (0..self.0.len()).filter(is_below).collect()
    }
    fn put(&mut self, unit: usize, on: i32, parent: usize) -> Result<(), ()> {
        let said = &mut self.0[unit];
        if said.first() > on {
            return Err(());
        }
        if said.parent_on(on) != Some(parent) {
            said.parent.insert(on, Some(parent));
        }
        Ok(())
    }
    fn close(&mut self, unit: usize, on: i32) -> Result<(), ()> {
        let said = &mut self.0[unit];
        let later = said.parent.range(on + 1..).any(|(_, parent)| parent.is_some());
        if later || said.parent_on(on - 1).is_none() {
            return Err(());
        }
        // Closing earlier takes the place of a later closing.
        said.parent.split_off(&on);
        said.parent.insert(on, None);
        Ok(())
    }
    /// The picture after a verb, or nothing where it must be refused.
    fn after(&self, verb: &Verb) -> Option<Picture> {
        let mut next = self.clone();
        match *verb {
            Verb::Move(unit, on, parent) => next.put(unit, on, parent).ok()?,
            Verb::Close(unit, on, below) => {
                let all = if below { self.below(unit, on - 1) } else { Vec::new() };
                for unit in all.into_iter().chain([unit]) {
                    next.close(unit, on).ok()?;
                }
            }
            Verb::Kind(unit, on, nature) => {
                let said = &mut next.0[unit];
                if said.first() > on {
                    return None;
                }
                for (said, value) in [(&mut said.kind, nature / 2), (&mut said.rest, nature)] {
                    said.insert(on, value);
                    let mut before = None;
                    said.retain(|_, value| before.replace(*value) != Some(*value));
                }
            }
            Verb::Merge(from, into, on) => {
                let child = |unit: &usize| self.0[*unit].parent_on(on) == Some(from);
                let later =
                    |unit: &usize| self.0[*unit].parent.range(on + 1..).any(|(_, p)| *p == Some(from));
                let units = || 1..self.0.len();
                // What is closed by then is open no more, and so goes on as nothing.
                let gone = self.0[from].parent_on(on).is_none();
                if from == into
                    || gone
                    || self.0[into].parent_on(on).is_none()
                    || units().any(|unit| later(&unit))
                {
                    return None;
                }
                for unit in units().filter(child) {
                    next.put(unit, on, into).ok()?;
                }
                next.close(from, on).ok()?;
            }
        }
        next.is_tree().then_some(next)
    }
}

fn code(unit: usize) -> String {
    format!("U{unit}")
}

/// Kind, place and classes that a nature stands for.
fn nature(number: u8) -> Patch {
    let place: Option<Place> =
        [None, Some("340100"), Some("340102"), Some("350000")][number as usize].map(|p| p.parse().unwrap());
    let classes: &[&str] = [&[][..], &["key"], &["key", "mine"], &["mine"]][number as usize];
    Patch {
        kind: Some(format!("k{}", number / 2)),
        place: Some(place),
        classes: Some(classes.iter().map(|class| (*class).to_owned()).collect()),
        ..Patch::default()
    }
}

fn run(db: &TestDb, verb: &Verb) -> Result<TreeChange, Fail> {
    let verb = verb.clone();
    write(db, move |tx, ctx| match &verb {
        Verb::Move(unit, on, parent) => org::unit_move(tx, ctx, &code(*unit), day(*on), &code(*parent)),
        Verb::Close(unit, on, below) => org::unit_close(tx, ctx, &code(*unit), day(*on), *below),
        Verb::Kind(unit, on, number) => org::unit_change(tx, ctx, &code(*unit), day(*on), &nature(*number)),
        Verb::Merge(from, into, on) => org::unit_merge(tx, ctx, &[code(*from)], &code(*into), day(*on)),
    })
}

/// How many units are in each node on each day, kept by following what verbs said they changed.
type Counts = BTreeMap<(i64, i32), i64>;

fn follow(counts: &mut Counts, change: &TreeChange) {
    let mut step = |row: &Standing, by: i64| {
        for on in (-1..=DAYS + 1).filter(|on| row.since <= day(*on) && day(*on) < row.until) {
            for node in row.nodes() {
                *counts.entry((node, on)).or_default() += by;
            }
        }
    };
    change.gone.iter().for_each(|row| step(row, -1));
    change.came.iter().for_each(|row| step(row, 1));
}

fn compare(db: &TestDb, picture: &Picture, counts: &mut Counts, ids: &HashMap<usize, i64>) {
    counts.retain(|_, count| *count != 0);
    for on in -1..=DAYS + 1 {
        let all: Vec<i64> = ids.values().copied().collect();
        let stood = read(db, move |rx| org::standings_on(rx, &all, day(on)));
        let mut walked = BTreeMap::new();
        for (unit, said) in picture.0.iter().enumerate() {
            if let Some(chain) = picture.chain(unit, on) {
                let chain: Vec<i64> = chain.unwrap().iter().map(|unit| ids[unit]).collect();
                walked.insert(ids[&unit], (chain, said.nature_on(on)));
            }
        }
        assert_eq!(stood.len(), walked.len(), "day {on}");
        assert!(stood.is_sorted_by(|a, b| a.path < b.path));
        let classes: HashMap<String, i64> =
            read(db, |rx| org::classes(rx)).into_iter().map(|class| (class.code, class.id)).collect();
        let mut expected = Counts::new();
        for standing in &stood {
            let (chain, (kind, rest)) = &walked[&standing.unit];
            assert_eq!(&*standing.chain, &chain[..], "day {on} unit {}", standing.code);
            let nature = nature(*rest);
            assert_eq!(*standing.kind, format!("k{kind}"));
            assert_eq!(standing.place, nature.place.unwrap().map_or(0, Place::number));
            let mut wanted: Vec<i64> = nature.classes.unwrap().iter().map(|class| classes[class]).collect();
            wanted.sort_unstable();
            assert_eq!(&*standing.classes, &*wanted);
            for node in standing.nodes() {
                *expected.entry((node, on)).or_default() += 1;
            }
        }
        let followed: Counts = counts
            .range((i64::MIN, on)..)
            .filter(|((_, day), _)| *day == on)
            .map(|(k, v)| (*k, *v))
            .collect();
        assert_eq!(followed, expected, "day {on}: what the verbs told");
    }
}

/// What only other statements answer, at the end of a story: counts of nodes, pages, children.
fn compare_reads(db: &TestDb, counts: &Counts, ids: &HashMap<usize, i64>) {
    for on in [-1, DAYS / 2, DAYS + 1] {
        let of_day: Vec<_> =
            counts.iter().filter(|((_, day), _)| *day == on).map(|((n, _), c)| (*n, *c)).collect();
        for (node, count) in of_day {
            let node = Node::from_id(node);
            assert_eq!(read(db, move |rx| org::node_count_on(rx, node, day(on))), count, "{node:?} day {on}");
        }
        let all: Vec<i64> = ids.values().copied().collect();
        for standing in read(db, move |rx| org::standings_on(rx, &all, day(on))) {
            let top = standing.clone();
            let page = read(db, move |rx| org::subtree_page(rx, &top, day(on), "", 100));
            assert_eq!(page.len() as i64, counts[&(standing.unit, on)]);
            assert_eq!(page[0], standing);
            let (top, after) = (standing.clone(), standing.path.clone());
            let next = read(db, move |rx| org::subtree_page(rx, &top, day(on), &after, 100));
            assert_eq!(next, page[1..]);
            let children = read(db, move |rx| org::children(rx, standing.unit, day(on)));
            let of_parent = page.iter().filter(|below| below.parent == standing.unit).cloned();
            assert_eq!(children, of_parent.collect::<Vec<_>>());
        }
    }
}

fn story(db: &TestDb, opened: &[(i32, usize)], verbs: &[Verb]) {
    let mut picture = Picture(vec![Said { parent: BTreeMap::from([(-1, Some(0))]), ..Said::default() }]);
    let mut units = vec![new("U0", None, day(-1))];
    for (at, (on, parent)) in opened.iter().enumerate() {
        // A parent that is there before, so that the first picture is a tree.
        let parent = parent % (at + 1);
        let on = (*on).max(picture.0[parent].first());
        picture.0.push(Said {
            parent: BTreeMap::from([(on, Some(parent))]),
            kind: BTreeMap::from([(-1, 0)]),
            rest: BTreeMap::from([(-1, 0)]),
        });
        units.push(new(&code(at + 1), Some(&code(parent)), day(on)));
    }
    for unit in &mut units {
        unit.facts.kind = "k0".to_owned();
    }
    let mut counts = Counts::new();
    follow(&mut counts, &write(db, move |tx, ctx| org::unit_create(tx, ctx, &units)).unwrap());
    let codes: Vec<String> = (0..picture.0.len()).map(code).collect();
    let ids: HashMap<usize, i64> = codes
        .iter()
        .enumerate()
        .map(|(at, code)| {
            let code = code.clone();
            (at, read(db, move |rx| org::unit_by_code(rx, &code, day(DAYS + 1))).unwrap().unit)
        })
        .collect();
    compare(db, &picture, &mut counts, &ids);
    for verb in verbs {
        let expected = picture.after(verb);
        let done = run(db, verb);
        assert_eq!(done.is_ok(), expected.is_some(), "{verb:?} {:?}\n{picture:?}", done.as_ref().err());
        if let (Ok(change), Some(next)) = (done, expected) {
            picture = next;
            follow(&mut counts, &change);
        }
        compare(db, &picture, &mut counts, &ids);
    }
    compare_reads(db, &counts, &ids);
    let redrawn = org::standings_redraw(&db.db, 0, true, &mut |_| ()).unwrap();
    assert_eq!(redrawn.differed, 0, "the projection redrawn from the facts is the same");
    let replayed = org::tree_replay(&db.db, &crate::seal::Seals::of_demo(), &mut |_, _| ()).unwrap();
    assert_eq!(replayed.wrong.faults, [], "the facts are what the journal says");
}

#[test]
fn random_verbs_keep_the_tree_a_naive_walk_would_see() {
    let opened = prop::collection::vec((-1..DAYS / 2, 0..UNITS), UNITS - 1);
    let stories = (opened, prop::collection::vec(any_verb(), 1..16));
    let run = |cases: u32, store: &dyn Fn() -> Option<TestDb>| {
        let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
        runner.run(&stories, |(opened, verbs)| {
            if let Some(db) = store() {
                story(&db, &opened, &verbs);
            }
            Ok(())
        })
    };
    run(32, &|| Some(TestDb::sqlite(MIGRATIONS))).unwrap();
    run(4, &|| TestDb::postgres(MIGRATIONS)).unwrap();
}
