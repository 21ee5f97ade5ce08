//! What is shown of units: a unit with its facts and the names above it, lists, searches, rows for a file.

use super::gb2260;
use super::model::{Facts, Standing};
use super::place::Place;
use super::sheet::ExportRow;
use super::store::{self, contacts, facts, labels::labels, standing};
use crate::lines::operation::{Names, operation_current};
use crate::seal::Seals;
use crate::{Ctx, Fail, Reach};
use muster_kernel::{Day, Digest, Finding, Problem};
use muster_store::{Result, Rows};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A unit as it is shown on a day.
#[derive(Clone, Debug)]
pub struct UnitView {
    /// How it stands.
    pub standing: Standing,
    /// Its facts on that day.
    pub facts: Facts,
    /// Codes and names from the top down to it.
    pub path: Vec<(String, Names)>,
    /// Name of its place, where it is known.
    pub place_name: Option<Names>,
    /// First day.
    pub opened: Day,
    /// First day on which it is not open; [`Day::OPEN_END`] where none is known.
    pub closed: Day,
    /// Whether anything is right below it on that day.
    pub has_children: bool,
}

/// The unit of a code on a day, if it is open then and within the actor's reach.
pub fn unit_standing(rows: &mut impl Rows, ctx: &Ctx, code: &str, on: Day) -> Result<Standing, Fail> {
    let found = standing::unit_by_code(rows, code, on)?.filter(|standing| ctx.reach.covers(&standing.chain));
    match found {
        Some(found) => Ok(found),
        None => Err(unit_absent(rows, &ctx.reach, code, on)?.into()),
    }
}

/// Why there is no unit of a code on a day: it is not open then, or there never was one (that the actor may know of).
pub fn unit_absent(rows: &mut impl Rows, reach: &Reach, code: &str, on: Day) -> Result<Problem> {
    Ok(units_absent(rows, &[(reach.clone(), code, on)])?.swap_remove(0))
}

/// The same of many codes, in their order, in two reads: who may know what, the code, the day.
pub fn units_absent(rows: &mut impl Rows, wanted: &[(Reach, &str, Day)]) -> Result<Vec<Problem>> {
    let codes: BTreeSet<&str> = wanted.iter().map(|(_, code, _)| *code).collect();
    let codes: Vec<String> = codes.into_iter().map(str::to_owned).collect();
    let units = store::units_by_code(rows, &codes)?;
    let ids: Vec<i64> = units.iter().map(|unit| unit.id).collect();
    let mut stood: HashMap<i64, Vec<Standing>> = HashMap::new();
    for standing in standing::standings_from(rows, &ids, Day::from_number(i32::MIN))? {
        stood.entry(standing.unit).or_default().push(standing);
    }
    let stood: HashMap<&str, Vec<Standing>> =
        units.iter().map(|unit| (&*unit.code, stood.remove(&unit.id).unwrap_or_default())).collect();
    let absent = |(reach, code, on): &(Reach, &str, Day)| {
        let stood = stood.get(code).map_or(&[][..], Vec::as_slice);
        // Who had it at its end may know that it ended; one that is open stands where others have it.
        let ended = stood.iter().all(|standing| standing.since > *on || standing.until <= *on);
        match ended && stood.last().is_some_and(|last| reach.covers(&last.chain)) {
            true => Problem::not_found("unit.not_open").with("unit", code).with("day", on),
            false => Problem::not_found("unit.unknown").with("unit", code),
        }
    };
    Ok(wanted.iter().map(absent).collect())
}

/// The state of a unit, for who changes it and looked at it before: another one after each entry about it, and after
/// each change of what it stands below.
///
/// # Errors
/// `unit.unknown`.
pub fn unit_tag(rows: &mut impl Rows, code: &str) -> Result<String, Fail> {
    let unknown = || Problem::not_found("unit.unknown").with("unit", code);
    let unit = store::units_by_code(rows, &[code.to_owned()])?.pop().ok_or_else(unknown)?;
    let mut state = format!("{:?}", unit.last.map(|link| (link.lane, link.no)));
    for edge in facts::edges_of(rows, &[unit.id], Day::from_number(i32::MIN))? {
        state += &format!("/{}-{}-{}", edge.since.number(), edge.until.number(), edge.parent);
    }
    Ok(Digest::of(state.as_bytes()).short())
}

/// What is to be said of a place that no list knows: neither GB/T 2260 nor a tree of places that was taken in. It is taken
/// all the same, and is worth a look.
pub fn place_looked_up(rows: &mut impl Rows, place: Option<Place>) -> Result<Option<Finding>> {
    let Some(unlisted) = place.and_then(gb2260::unlisted) else { return Ok(None) };
    let named = store::place_names(rows, &[unlisted.number()])?.contains_key(&unlisted.number());
    Ok(place.filter(|_| !named).map(|place| place_unknown(place).field("place")))
}

/// The finding of such a place: of what was written, not of the part of it that is unknown, which stands in no cell.
pub(super) fn place_unknown(place: Place) -> Finding {
    Finding::warn("unit.place_unknown").with("place", place)
}

/// Code of the unit at the top of the tree; empty where there is none.
pub(super) fn top_code(rows: &mut impl Rows) -> Result<String> {
    let top = operation_current(rows)?.map_or(0, |operation| operation.root_unit);
    Ok(store::units_by_id(rows, &[top])?.pop().map(|unit| unit.code.to_string()).unwrap_or_default())
}

/// Those of some units that an actor may change from a day on: each stands within the actor's reach on every day from
/// then on; one that is closed by then did at its end. Who lost a unit cannot change its past, for that lasts until now.
pub(super) fn units_own(rows: &mut impl Rows, reach: &Reach, ids: &[i64], day: Day) -> Result<HashSet<i64>> {
    if *reach == Reach::All {
        return Ok(ids.iter().copied().collect());
    }
    let mut own: HashMap<i64, (bool, Option<bool>)> = HashMap::new();
    for stood in standing::standings_from(rows, ids, Day::from_number(i32::MIN))? {
        let (before, from) = own.entry(stood.unit).or_default();
        let covered = reach.covers(&stood.chain);
        match stood.until > day {
            true => *from = Some(from.unwrap_or(true) && covered),
            false => *before = covered,
        }
    }
    let own = own.into_iter().filter(|(_, (before, from))| from.unwrap_or(*before));
    Ok(own.map(|(unit, _)| unit).collect())
}

/// Those of some units whose posts and duty telephones an actor may know of: each stands within the actor's reach today,
/// whatever day is asked for. Of one that is closed its last days count, of one that opens later its first.
pub fn units_today(rows: &mut impl Rows, reach: &Reach, ids: &[i64], today: Day) -> Result<HashSet<i64>> {
    if *reach == Reach::All {
        return Ok(ids.iter().copied().collect());
    }
    let mut own: HashMap<i64, bool> = HashMap::new();
    // In the order of days: the stretch that holds today, or else the last before it, or else the first after it.
    for stood in standing::standings_from(rows, ids, Day::from_number(i32::MIN))? {
        let covered = reach.covers(&stood.chain);
        let known = own.entry(stood.unit).or_insert(covered);
        if stood.since <= today {
            *known = covered;
        }
    }
    Ok(own.into_iter().filter(|(_, covered)| *covered).map(|(unit, _)| unit).collect())
}

/// Shows units as they are on a day, in the order given.
pub fn units_view(rows: &mut impl Rows, standings: Vec<Standing>, on: Day) -> Result<Vec<UnitView>> {
    let ids: Vec<i64> = standings.iter().map(|standing| standing.unit).collect();
    let mut known: HashMap<i64, _> = facts::facts_on(rows, &ids, on)?.into_iter().collect();
    let above: HashSet<i64> = standings.iter().flat_map(|standing| standing.chain.iter().copied()).collect();
    let names = labels(rows, &above.into_iter().collect::<Vec<_>>(), on)?;
    let places: Vec<i64> =
        standings.iter().map(|standing| standing.place).filter(|place| *place != 0).collect();
    let place_names = store::place_names(rows, &places)?;
    let parents = standing::parents_among(rows, &ids, on)?;
    let mut life = life(rows, &ids)?;
    let mut views = Vec::with_capacity(standings.len());
    for standing in standings {
        let Some(dated) = known.remove(&standing.unit) else { continue };
        let path = standing.chain.iter().filter_map(|unit| names.get(unit).cloned()).collect();
        let (opened, closed) = life.remove(&standing.unit).unwrap_or((standing.since, standing.until));
        views.push(UnitView {
            facts: dated.facts,
            path,
            place_name: place_names.get(&standing.place).cloned(),
            opened,
            closed,
            has_children: parents.contains(&standing.unit),
            standing,
        });
    }
    Ok(views)
}

/// First day and first day after the last of units.
pub(super) fn life(rows: &mut impl Rows, units: &[i64]) -> Result<HashMap<i64, (Day, Day)>> {
    let mut life: HashMap<i64, (Day, Day)> = HashMap::with_capacity(units.len());
    for edge in facts::edges_of(rows, units, Day::from_number(i32::MIN))? {
        let days = life.entry(edge.unit).or_insert((edge.since, edge.until));
        *days = (days.0.min(edge.since), days.1.max(edge.until));
    }
    Ok(life)
}

/// What a list of units is asked for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Words to be found in the name, or a code.
    pub words: String,
    /// Kind; empty for all.
    pub kind: String,
}

/// A code of fewer characters may as well be a part of names.
const CODE_CHARS_MIN: usize = 3;

/// A page of units below one on a day, in the order of the tree, after a path: right below it, or all, or those found.
pub fn units_below(
    rows: &mut impl Rows,
    top: &Standing,
    on: Day,
    right_below: bool,
    search: &Search,
    after: &str,
    limit: u32,
) -> Result<Vec<Standing>> {
    let searching = !search.words.is_empty() || !search.kind.is_empty();
    // Whoever types a whole code means that unit, which is found by its index, however large the tree is.
    if search.words.chars().count() >= CODE_CHARS_MIN && search.kind.is_empty() {
        let (from, end) = top.span();
        let within = |unit: &Standing| (from..&*end).contains(&&*unit.path);
        if let Some(unit) = standing::unit_by_code(rows, &search.words, on)?.filter(within) {
            return Ok(Vec::from_iter(Some(unit).filter(|unit| &*unit.path > after)));
        }
    }
    match () {
        () if searching => standing::subtree_search(rows, top, on, &search.words, &search.kind, after, limit),
        () if right_below => standing::children_after(rows, top.unit, on, after, limit),
        // The unit itself is not below itself.
        () => standing::subtree_page(rows, top, on, if after.is_empty() { &top.path } else { after }, limit),
    }
}

/// A page of a unit and all below it as rows for a file, after a path; and the path after which the next page begins. Duty
/// telephones where they are asked for: by which keys, by whom, and what day it is.
///
/// # Errors
/// `seal.key_missing` where a telephone is asked for and stays closed: a file without it would say that there is none.
pub fn export_page(
    rows: &mut impl Rows,
    top: &Standing,
    on: Day,
    after: &str,
    limit: u32,
    phones: Option<(&Seals, Reach, Day)>,
) -> Result<(Vec<ExportRow>, Option<String>), Fail> {
    let page = standing::subtree_page(rows, top, on, after, limit)?;
    let next = page.last().filter(|_| page.len() == limit as usize).map(|last| last.path.clone());
    let ids: Vec<i64> = page.iter().map(|standing| standing.unit).collect();
    let mut known: HashMap<i64, _> = facts::facts_on(rows, &ids, on)?.into_iter().collect();
    let parents: Vec<i64> = page.iter().map(|standing| standing.parent).collect();
    let codes: HashMap<i64, String> = store::units_by_id(rows, &parents)?
        .into_iter()
        .map(|unit| (unit.id, unit.code.to_string()))
        .collect();
    let life = life(rows, &ids)?;
    let mut duties: BTreeMap<i64, (String, String)> = BTreeMap::new();
    if let Some((seals, reach, today)) = phones {
        let own: Vec<i64> = units_today(rows, &reach, &ids, today)?.into_iter().collect();
        for contact in contacts::duty_contacts(rows, seals, &own)? {
            let phone = contact.phone.map_err(|closed| closed.problem(contact.unit))?;
            duties.entry(contact.unit).or_insert_with(|| (contact.names.zh_hans, phone.text().to_owned()));
        }
    }
    let mut made = Vec::with_capacity(page.len());
    for standing in page {
        let Some(Facts { names, kind, place, time_zone, classes }) =
            known.remove(&standing.unit).map(|d| d.facts)
        else {
            continue;
        };
        let (opened, closed) = life.get(&standing.unit).copied().unwrap_or((standing.since, standing.until));
        made.push(ExportRow {
            code: standing.code.to_string(),
            names,
            kind,
            parent: codes.get(&standing.parent).cloned(),
            place,
            classes,
            time_zone,
            opened,
            closed: Some(closed).filter(|closed| *closed != Day::OPEN_END),
            duty: duties.remove(&standing.unit),
        });
    }
    Ok((made, next))
}
