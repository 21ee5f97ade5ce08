//! Is the tree what the journal says? Every unit has a chain of entries of its own, from the latest back to its birth:
//! its facts and edges are made again from that alone and compared, and how it stands is drawn from them. A page of
//! units at a time, so that a large tree needs little more memory than a small one (names of places are held at once).
//! Posts stand in the chain of their unit; classes, names of places and bodies beside the tree are gathered on the way.
//!
//! Not in the journal, and so not compared: ordinals (the order of children), and what a telephone is (that there is one
//! is).

mod beside;
mod contacts;
mod entries;
mod posts;

pub use contacts::{ContactsLooked, contacts_look};

use super::check::NewUnit;
use super::model::{DatedFacts, Edge, Succession, SuccessionKind};
use super::store::contacts::contacts_checked;
use super::store::{self, Identity, facts, strays};
use super::timeline::{Patch, edges_closed, edges_moved, facts_changed};
use super::verbs::page_compared;
use crate::Fail;
use crate::faults::Faults;
use crate::seal::{Closed, Seals};
use beside::{Beside, BesideRows};
use flate2::read::GzDecoder;
use muster_kernel::Day;
use muster_store::{Db, Head, Link, Rows, Rx, StoreError, Stored, heads, journal_of, journal_read};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::Read as _;
use std::sync::Arc;

/// Units compared in one read.
const PAGE: i64 = 500;
/// Entries looked over in one read for those that tell of births and successions.
const SPAN: i64 = 20_000;
/// Bytes of the births of one entry, unpacked.
const BIRTHS_BYTES_MAX: u64 = 64 << 20;

/// What a replay of the tree found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TreeReplayed {
    /// Units compared with their entries.
    pub units: u64,
    /// Entries of their chains.
    pub entries: u64,
    /// Successions (merged, split) compared.
    pub successions: u64,
    /// What differed.
    #[serde(flatten)]
    pub wrong: Faults<TreeFaultKind>,
}

/// What can be wrong with the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TreeFaultKind {
    /// An entry about the tree cannot be read.
    EntryUnreadable,
    /// A unit that was created is gone.
    UnitMissing,
    /// A unit that no entry created.
    UnitUnfounded,
    /// Names, kind, place, time zone or classes of a unit are not what was said of it.
    FactsDiffer,
    /// Where a unit stands, from which day to which, is not what was said of it.
    EdgesDiffer,
    /// A succession is gone, or was never told.
    SuccessionDiffers,
    /// How a unit stands is not what its facts, and how the unit above it stands, come to.
    StandingDiffers,
    /// Entries about units that are in no unit's chain: a unit's note of its last entry was put back.
    ChainBreaks,
    /// A post, who holds it, or that it has a telephone, is not what was said.
    PostsDiffer,
    /// A telephone does not open, or its index or keys are of another.
    ContactDiffers,
    /// A class is gone, was never told, or is not called what was said.
    ClassDiffers,
    /// The name of a place is not one that an import told, or is gone.
    PlaceDiffers,
    /// A body beside the tree is not what was said of it, is gone, or was never told.
    PartyDiffers,
    /// A counter of the tree is behind the numbers that were given: one would be given again.
    CounterBehind,
    /// What is noted of an entry that changed how units stand, is not what the entry says.
    TreeEntryDiffers,
    /// Rows about units, classes or posts that there are not.
    RowsUnfounded,
}

impl TreeReplayed {
    fn fault(&mut self, kind: TreeFaultKind, at: impl Into<String>) {
        self.wrong.fault(kind, at);
    }
    fn add(&mut self, other: Self) {
        self.units += other.units;
        self.entries += other.entries;
        self.successions += other.successions;
        self.wrong.add(other.wrong);
    }
}

/// What is told of the whole tree, gathered while the journal is walked.
#[derive(Default)]
struct Told {
    successions: Successions,
    beside: Beside,
    /// Entries about units; a birth counts once for each unit, as it stands in the chain of each.
    entries: u64,
    /// Older versions told of a whole file of duty posts in one entry that names none.
    duties_unnamed: bool,
}

impl Told {
    fn add(&mut self, other: Self) {
        self.successions.extend(other.successions);
        self.beside.add(other.beside);
        self.entries += other.entries;
        self.duties_unnamed |= other.duties_unnamed;
    }
}

/// Numbers of the last entries of the lanes when the look began: later ones are left to the next.
type Ends = BTreeMap<i32, i64>;

type Successions = BTreeMap<(i64, i64, Day), SuccessionKind>;

/// Replays the tree as the journal has it by now. Long; blocks, in short reads. `on` hears how many of how many units
/// were compared.
pub fn tree_replay(db: &Db, seals: &Seals, on: &mut dyn FnMut(u64, u64)) -> Result<TreeReplayed, Fail> {
    // One snapshot: what is changed later is in none of these.
    let (ends, stored, beside, all) = db.read_blocking("tree.replay_ends", |rx| {
        Ok::<_, StoreError>((heads(rx)?, successions(rx)?, BesideRows::read(rx)?, store::unit_count(rx)?))
    })?;
    let mut replayed = TreeReplayed::default();
    let mut told = Told::default();
    for end in &ends {
        entries_heard(db, end, &mut told, &mut replayed)?;
    }
    replayed.successions = stored.len() as u64;
    for key in told.successions.keys().chain(stored.keys()).collect::<BTreeSet<_>>() {
        if told.successions.get(key) != stored.get(key) {
            let (from, to, day) = key;
            replayed.fault(TreeFaultKind::SuccessionDiffers, format!("from={from} to={to} day={day}"));
        }
    }
    beside.compare(&told.beside, &mut replayed);
    let last: Arc<Ends> = Arc::new(ends.iter().map(|end| (end.lane, end.no)).collect());
    let (mut after, mut chained) = (0, 0);
    loop {
        let (last, unnamed, seals) = (last.clone(), told.duties_unnamed, seals.clone());
        let look = move |rx: &mut Rx<'_>| page_replay(rx, after, &last, unnamed, &seals);
        let page = db.read_blocking("tree.replay_page", look)?;
        let Some((unit, entries, page)) = page else { break };
        replayed.add(page);
        (after, chained) = (unit, chained + entries);
        on(replayed.units, all.unsigned_abs());
    }
    let is_of_units = |kind| {
        use TreeFaultKind::{EntryUnreadable, UnitMissing, UnitUnfounded};
        matches!(kind, EntryUnreadable | UnitMissing | UnitUnfounded)
    };
    // Where a unit is gone, so is its chain: that was told.
    if told.entries != chained && !replayed.wrong.faults.iter().any(|fault| is_of_units(fault.kind)) {
        replayed.fault(TreeFaultKind::ChainBreaks, format!("entries={} chained={chained}", told.entries));
    }
    let (behind, strays) = db.read_blocking("tree.replay_strays", |rx| {
        Ok::<_, StoreError>((strays::counters_behind(rx)?, strays::strays(rx)?))
    })?;
    for at in behind {
        replayed.fault(TreeFaultKind::CounterBehind, at);
    }
    let beyond = db.read_blocking("tree.replay_beyond", |rx| entries::beyond(rx))?;
    if beyond > 0 {
        replayed.fault(TreeFaultKind::TreeEntryDiffers, format!("count={beyond}"));
    }
    for (table, count) in strays {
        replayed.fault(TreeFaultKind::RowsUnfounded, format!("table={table} count={count}"));
    }
    Ok(replayed)
}

fn successions(rows: &mut impl Rows) -> Result<Successions, StoreError> {
    let (mut all, mut after) = (Successions::new(), None::<Succession>);
    loop {
        let page = facts::successions_after(rows, after.as_ref(), PAGE)?;
        all.extend(page.iter().map(|s| ((s.from, s.to, s.day), s.kind)));
        match page.last() {
            Some(last) => after = Some(*last),
            None => return Ok(all),
        }
    }
}

/// Actions that tell of the tree.
const ACTIONS: &[&str] = &[
    "unit.create",
    "unit.change",
    "unit.move",
    "unit.close",
    "unit.merge",
    "unit.split",
    "post.set",
    "contact.set",
    "class.name",
    "party.create",
    "party.change",
];

/// Goes through what a lane tells of the tree.
fn entries_heard(db: &Db, end: &Head, told: &mut Told, replayed: &mut TreeReplayed) -> Result<(), Fail> {
    let (place, last) = ((end.bucket, end.lane), end.no);
    for from in (0..last).step_by(SPAN as usize) {
        let span = (from, last.min(from + SPAN));
        let (page, more) = db.read_blocking("tree.replay_entries", move |rx| {
            let (mut page, mut more) = (TreeReplayed::default(), Told::default());
            let entries = journal_of(rx, place, span, ACTIONS)?;
            for entry in &entries {
                if entry_heard(rx, entry, &mut more, &mut page)?.is_none() {
                    page.fault(TreeFaultKind::EntryUnreadable, link(entry.link));
                }
            }
            entries::compare(rx, place.1, span, &entries, &mut page)?;
            Ok::<_, StoreError>((page, more))
        })?;
        replayed.add(page);
        told.add(more);
    }
    Ok(())
}

/// Takes in an entry. None where it cannot be read.
fn entry_heard(
    rows: &mut impl Rows,
    entry: &Stored,
    told: &mut Told,
    page: &mut TreeReplayed,
) -> Result<Option<()>, StoreError> {
    match entry.action.as_str() {
        "unit.create" => return births_there(rows, entry, told, page),
        "unit.merge" | "unit.split" => {
            told.entries += 1;
            return succession_heard(rows, entry, &mut told.successions);
        }
        "class.name" | "party.create" | "party.change" => return Ok(told.beside.hear(entry)),
        "contact.set" if own(entry).is_none() => told.duties_unnamed = true,
        "unit.change" => {
            told.entries += 1;
            return Ok(told.beside.hear(entry));
        }
        _ => told.entries += 1,
    }
    Ok(Some(()))
}

/// Every unit that an entry created is there. None where the entry cannot be read.
fn births_there(
    rows: &mut impl Rows,
    entry: &Stored,
    told: &mut Told,
    page: &mut TreeReplayed,
) -> Result<Option<()>, StoreError> {
    let Some(births) = births(entry) else { return Ok(None) };
    told.entries += births.len() as u64;
    for unit in births.values() {
        told.beside.born(unit, own(entry).is_none());
    }
    let codes: Vec<String> = births.into_keys().collect();
    let there = store::units_by_code(rows, &codes)?;
    let there: HashSet<&str> = there.iter().map(|unit| &*unit.code).collect();
    for code in codes.iter().filter(|code| !there.contains(code.as_str())) {
        page.fault(TreeFaultKind::UnitMissing, format!("unit={code} {}", link(entry.link)));
    }
    Ok(Some(()))
}

/// Which unit came after which, as the one that ended tells it.
fn succession_heard(
    rows: &mut impl Rows,
    entry: &Stored,
    told: &mut Successions,
) -> Result<Option<()>, StoreError> {
    let Ok(body) = serde_json::from_slice::<Value>(&entry.body) else { return Ok(None) };
    let (kind, into) = match (&body["into"], body.get("from")) {
        (Value::String(into), _) => (SuccessionKind::Merge, vec![into.clone()]),
        (Value::Array(into), _) => {
            (SuccessionKind::Split, into.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        }
        // The same merger as the unit that goes on tells it.
        (_, Some(_)) => return Ok(Some(())),
        _ => return Ok(None),
    };
    let (Some(from), Some(day)) = (own(entry), day_of(&body)) else { return Ok(None) };
    for unit in store::units_by_code(rows, &into)? {
        told.insert((from, unit.id, day), kind);
    }
    Ok(Some(()))
}

/// The units whose birth an entry tells, by code. None where it cannot be read.
fn births(entry: &Stored) -> Option<HashMap<String, NewUnit>> {
    let units: Vec<NewUnit> = match own(entry) {
        Some(_) => vec![serde_json::from_slice(&entry.body).ok()?],
        None => {
            let mut text = Vec::new();
            GzDecoder::new(entry.body.as_slice()).take(BIRTHS_BYTES_MAX).read_to_end(&mut text).ok()?;
            serde_json::Deserializer::from_slice(&text).into_iter().collect::<Result<_, _>>().ok()?
        }
    };
    Some(units.into_iter().map(|unit| (unit.code.clone(), unit)).collect())
}

fn own(entry: &Stored) -> Option<i64> {
    entry.subject.strip_prefix("unit:")?.parse().ok()
}

fn day_of(body: &Value) -> Option<Day> {
    body["day"].as_str()?.parse().ok()
}

fn link(link: Link) -> String {
    format!("lane={} entry={}", link.lane, link.no)
}

/// What a unit's entries come to.
struct Made {
    edges: Vec<Edge>,
    facts: Vec<DatedFacts>,
}

/// Compares the next units after one: the last of them, how many entries up to the ends are in their chains, and what
/// was found. None when there are no more.
fn page_replay(
    rows: &mut impl Rows,
    after: i64,
    ends: &Ends,
    duties_unnamed: bool,
    seals: &Seals,
) -> Result<Option<(i64, u64, TreeReplayed)>, StoreError> {
    let units = store::units_after(rows, after, PAGE)?;
    let Some(last) = units.last().map(|unit| unit.id) else { return Ok(None) };
    let mut page = TreeReplayed { units: units.len() as u64, ..TreeReplayed::default() };
    let mut unpacked = HashMap::new();
    let mut chains = Vec::with_capacity(units.len());
    let mut chained = 0;
    for unit in &units {
        let chain = chain(rows, unit, &mut unpacked)?;
        page.entries += chain.as_ref().map_or(0, |chain| 1 + chain.later.len() as u64);
        let links = chain.iter().flat_map(|c| c.later.iter().map(|entry| entry.link).chain([c.birth]));
        let known = |link: &Link| ends.get(&link.lane).is_some_and(|no| link.no <= *no);
        chained += links.filter(known).count() as u64;
        chains.push(chain);
    }
    let codes: BTreeSet<String> = chains.iter().flatten().flat_map(parents).collect();
    let codes: Vec<String> = codes.into_iter().collect();
    let parents: HashMap<String, i64> = store::units_by_code(rows, &codes)?
        .into_iter()
        .map(|unit| (unit.code.to_string(), unit.id))
        .collect();
    let ids: Vec<i64> = units.iter().map(|unit| unit.id).collect();
    let always = Day::from_number(i32::MIN);
    let mut edges: HashMap<i64, Vec<Edge>> = HashMap::new();
    for edge in facts::edges_of(rows, &ids, always)? {
        edges.entry(edge.unit).or_default().push(Edge { ordinal: 0, ..edge });
    }
    let mut natures: HashMap<i64, Vec<DatedFacts>> = HashMap::new();
    for (unit, facts) in facts::facts_of(rows, &ids, always)? {
        natures.entry(unit).or_default().push(facts);
    }
    let mut posts = posts::of_units(rows, &ids)?;
    for (unit, chain) in units.iter().zip(chains) {
        let at = format!("unit={} id={}", unit.code, unit.id);
        let Some(Chain { born, later, .. }) = chain else {
            page.fault(TreeFaultKind::UnitUnfounded, at);
            continue;
        };
        let stored = posts.remove(&unit.id).unwrap_or_default();
        match posts::made(&later) {
            None => page.fault(TreeFaultKind::EntryUnreadable, &*at),
            Some(made) => {
                for post in posts::differing(made, stored, duties_unnamed) {
                    page.fault(TreeFaultKind::PostsDiffer, format!("{at} post={post}"));
                }
            }
        }
        let Some(made) = made(unit.id, &born, &later, &parents) else {
            page.fault(TreeFaultKind::EntryUnreadable, at);
            continue;
        };
        if edges.remove(&unit.id).unwrap_or_default() != made.edges {
            page.fault(TreeFaultKind::EdgesDiffer, &*at);
        }
        if natures.remove(&unit.id).unwrap_or_default() != made.facts {
            page.fault(TreeFaultKind::FactsDiffer, at);
        }
    }
    let codes: HashMap<i64, &str> = units.iter().map(|unit| (unit.id, &*unit.code)).collect();
    // Of one whose key is not here it cannot be told.
    let contacts = if seals.ring().is_some() { contacts_checked(rows, seals, &ids)? } else { Vec::new() };
    for contact in contacts.iter().filter(|one| !one.sound && one.phone != Err(Closed::KeyMissing)) {
        let code = codes.get(&contact.unit).copied().unwrap_or_default();
        page.fault(TreeFaultKind::ContactDiffers, format!("unit={code} post={}", contact.code));
    }
    for unit in page_compared(rows, &units)?.0 {
        let code = codes.get(&unit).copied().unwrap_or_default();
        page.fault(TreeFaultKind::StandingDiffers, format!("unit={code} id={unit}"));
    }
    Ok(Some((last, chained, page)))
}

/// A unit's birth, and what was done to it since, the earliest first.
struct Chain {
    born: NewUnit,
    birth: Link,
    later: Vec<Stored>,
}
/// Births of whole imports: the units of a page came with few.
type Unpacked = HashMap<Link, Option<Arc<HashMap<String, NewUnit>>>>;

/// A unit's entries; none where they do not lead back to its birth.
fn chain(
    rows: &mut impl Rows,
    unit: &Identity,
    unpacked: &mut Unpacked,
) -> Result<Option<Chain>, StoreError> {
    let mut later = Vec::new();
    let mut at = unit.last;
    loop {
        let Some(link) = at else { return Ok(None) };
        if let Some(births) = unpacked.get(&link) {
            return Ok(born(births.as_deref(), unit, link, later));
        }
        let Some(entry) = journal_read(rows, link)? else { return Ok(None) };
        if entry.action == "unit.create" {
            let births = births(&entry).map(Arc::new);
            if own(&entry).is_some_and(|own| own != unit.id) {
                return Ok(None);
            }
            let chain = born(births.as_deref(), unit, link, later);
            if own(&entry).is_none() {
                unpacked.insert(link, births);
            }
            return Ok(chain);
        }
        if own(&entry) != Some(unit.id) {
            return Ok(None);
        }
        at = entry.prev;
        later.push(entry);
    }
}

fn born(
    births: Option<&HashMap<String, NewUnit>>,
    unit: &Identity,
    birth: Link,
    mut later: Vec<Stored>,
) -> Option<Chain> {
    later.reverse();
    Some(Chain { born: births?.get(&*unit.code)?.clone(), birth, later })
}

/// Codes of the units that a chain puts this one below.
fn parents(Chain { born, later, .. }: &Chain) -> Vec<String> {
    let moves = later.iter().filter(|entry| entry.action == "unit.move").filter_map(|entry| {
        Some(serde_json::from_slice::<Value>(&entry.body).ok()?["parent"].as_str()?.to_owned())
    });
    born.parent.iter().cloned().chain(moves).collect()
}

/// Does again what the entries say was done. None where that cannot be.
fn made(unit: i64, born: &NewUnit, later: &[Stored], parents: &HashMap<String, i64>) -> Option<Made> {
    let below = |code: &str| parents.get(code).copied();
    let parent = born.parent.as_deref().map_or(Some(0), below)?;
    let mut edges = vec![Edge { unit, since: born.since, until: born.until, parent, ordinal: 0 }];
    let mut facts = vec![DatedFacts { since: born.since, until: Day::OPEN_END, facts: born.facts.clone() }];
    for entry in later {
        let body: Value = serde_json::from_slice(&entry.body).ok()?;
        match entry.action.as_str() {
            "unit.change" => {
                let patch: Patch = serde_json::from_value(body["changes"].clone()).ok()?;
                facts = facts_changed(&facts, day_of(&body)?, &patch).ok()?;
            }
            "unit.move" => {
                let (day, parent) = (day_of(&body)?, below(body["parent"].as_str()?)?);
                let there = edges.iter().any(|e| e.since <= day && day < e.until && e.parent == parent);
                if !there {
                    edges = edges_moved(&edges, day, parent, 0).ok()?;
                }
            }
            "unit.close" => edges = edges_closed(&edges, day_of(&body)?).ok()?,
            "unit.merge" if body["into"].is_string() => edges = edges_closed(&edges, day_of(&body)?).ok()?,
            "unit.split" if body["closed"] == true => edges = edges_closed(&edges, day_of(&body)?).ok()?,
            // Of the unit that others were merged into, its posts, its telephones.
            _ => {}
        }
    }
    Some(Made { edges, facts })
}
