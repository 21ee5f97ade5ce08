//! The truth: edges, facts, successions, each with its days.

use super::cells::{day, unpacked, zone_named};
use super::{LIST_MAX, names};
use crate::lines::operation::Names;
use crate::lines::org::model::{DatedFacts, Edge, Facts, Succession, SuccessionKind};
use crate::lines::org::place::Place;
use crate::lines::org::plan::KnownUnit;
use jiff::tz::TimeZone;
use muster_kernel::Day;
use muster_store::{Result, Row, Rows, Stmt, StoreError, Tx, args};
use std::collections::HashMap;

const EDGES_OF: Stmt = Stmt::new(
    "org.edges_of",
    "select unit, since, until, parent, ordinal from unit_edge where unit {in:$1} and until > $2 order by unit, since",
);
const EDGES_BELOW: Stmt = Stmt::new(
    "org.edges_below",
    "select unit, since, until, parent, ordinal from unit_edge where parent {in:$1} and until > $2",
);
const EDGES_DROP: Stmt =
    Stmt::new("org.edges_drop", "delete from unit_edge where unit {in:$1} and until > $2");
const EDGE_ADD: Stmt = Stmt::new(
    "org.edge_add",
    "insert into unit_edge (unit, since, until, parent, ordinal) values ($1, $2, $3, $4, $5)",
);
const FACTS_OF: Stmt = Stmt::new(
    "org.facts_of",
    "select unit, since, until, name_zh_hans, name_zh_hant, name_en, kind, place, time_zone, classes
     from unit_facts where unit {in:$1} and until > $2 order by unit, since",
);
const FACTS_ON: Stmt = Stmt::new(
    "org.facts_on",
    "select unit, since, until, name_zh_hans, name_zh_hant, name_en, kind, place, time_zone, classes
     from unit_facts where unit {in:$1} and since <= $2 and until > $2 order by unit",
);
const ZONES_ON: Stmt = Stmt::new(
    "org.zones_on",
    "select unit, time_zone from unit_facts
     where unit {in:$1} and since <= $2 and until > $2 and time_zone <> '' order by unit",
);
const NATURES_OF: Stmt = Stmt::new(
    "org.natures_of",
    "select unit, since, until, kind, place, classes from unit_facts where unit {in:$1} and until > $2
     order by unit, since",
);
const FACTS_DROP: Stmt =
    Stmt::new("org.facts_drop", "delete from unit_facts where unit {in:$1} and until > $2");
const FACTS_ADD: Stmt = Stmt::new(
    "org.facts_add",
    "insert into unit_facts (unit, since, until, name_zh_hans, name_zh_hant, name_en, kind, place, time_zone, classes)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
);
const KNOWN_UNITS: Stmt = Stmt::new(
    "org.known_units",
    "select u.id, u.code, st.chain, p.code,
            (select min(e.since) from unit_edge e where e.unit = u.id),
            (select max(e.until) from unit_edge e where e.unit = u.id),
            f.name_zh_hans, f.name_zh_hant, f.name_en, f.kind, f.place, f.time_zone, f.classes
     from unit u
     left join standing st on st.unit = u.id and st.since <= $1 and st.until > $1
     left join unit p on p.id = st.parent
     left join unit_facts f on f.unit = u.id and f.since <= $1 and f.until > $1
     where u.code {in:$2}",
);
const CHILDREN_CLOSING: Stmt = Stmt::new(
    "org.children_closing",
    "select e.parent, u.code, e.until from unit_edge e join unit u on u.id = e.unit
     where e.parent {in:$1} and e.until > $2",
);
const SUCCESSION_ADD: Stmt = Stmt::new(
    "org.succession_add",
    "insert into succession (from_unit, to_unit, day, kind) values ($1, $2, $3, $4) on conflict do nothing",
);
const SUCCESSIONS_OF: Stmt = Stmt::new(
    "org.successions_of",
    "select from_unit, to_unit, day, kind from succession where from_unit = $1 or to_unit = $1
     order by day, from_unit, to_unit limit 1000",
);
const SUCCESSIONS_AFTER: Stmt = Stmt::new(
    "org.successions_after",
    "select from_unit, to_unit, day, kind from succession where (from_unit, to_unit, day) > ($1, $2, $3)
     order by from_unit, to_unit, day limit $4",
);

pub(super) const STATEMENTS: &[Stmt] = &[
    EDGES_OF,
    EDGES_BELOW,
    EDGES_DROP,
    EDGE_ADD,
    FACTS_OF,
    FACTS_ON,
    NATURES_OF,
    ZONES_ON,
    FACTS_DROP,
    FACTS_ADD,
    KNOWN_UNITS,
    CHILDREN_CLOSING,
    SUCCESSION_ADD,
    SUCCESSIONS_OF,
    SUCCESSIONS_AFTER,
];

/// Edges of units that reach beyond the day before `from`, by unit and day.
pub(in crate::lines::org) fn edges_of(rows: &mut impl Rows, units: &[i64], from: Day) -> Result<Vec<Edge>> {
    listed(rows, &EDGES_OF, units, from, edge)
}

/// Edges to children of units that reach beyond the day before `from`.
pub(in crate::lines::org) fn edges_below(
    rows: &mut impl Rows,
    units: &[i64],
    from: Day,
) -> Result<Vec<Edge>> {
    listed(rows, &EDGES_BELOW, units, from, edge)
}

/// Puts edges in place of all those of some units that reach beyond the day before `from`.
pub(in crate::lines::org) fn edges_replace(
    tx: &mut Tx<'_>,
    units: &[i64],
    from: Day,
    edges: &[Edge],
) -> Result<()> {
    for chunk in units.chunks(LIST_MAX) {
        tx.exec(&EDGES_DROP, args![chunk, from.number()])?;
    }
    edges_add(tx, edges)
}

pub(in crate::lines::org) fn edges_add(tx: &mut Tx<'_>, edges: &[Edge]) -> Result<()> {
    for chunk in edges.chunks(LIST_MAX) {
        let row = |e: &Edge| args![e.unit, e.since.number(), e.until.number(), e.parent, e.ordinal].to_vec();
        tx.exec_rows(&EDGE_ADD, &chunk.iter().map(row).collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Facts of units that reach beyond the day before `from`, by unit and day.
pub(in crate::lines::org) fn facts_of(
    rows: &mut impl Rows,
    units: &[i64],
    from: Day,
) -> Result<Vec<(i64, DatedFacts)>> {
    listed(rows, &FACTS_OF, units, from, facts)
}

/// The time zones of those units that have one of their own on a day.
pub fn zones_on(rows: &mut impl Rows, units: &[i64], on: Day) -> Result<HashMap<i64, TimeZone>> {
    let mut zones = HashMap::new();
    for chunk in units.chunks(LIST_MAX) {
        rows.each(&ZONES_ON, args![chunk, on.number()], |row| {
            zones.insert(row.int(0)?, zone_named(row.text(1)?)?);
            Ok(())
        })?;
    }
    Ok(zones)
}

/// Facts of units on a day, by unit.
pub(in crate::lines::org) fn facts_on(
    rows: &mut impl Rows,
    units: &[i64],
    day: Day,
) -> Result<Vec<(i64, DatedFacts)>> {
    listed(rows, &FACTS_ON, units, day, facts)
}

/// What the projection needs of facts, without names: unit, days, kind, place, class codes.
pub(in crate::lines::org) fn natures_each(
    rows: &mut impl Rows,
    units: &[i64],
    from: Day,
    mut f: impl FnMut(i64, (Day, Day), &str, i64, &str),
) -> Result<()> {
    for chunk in units.chunks(LIST_MAX) {
        rows.each(&NATURES_OF, args![chunk, from.number()], |row| {
            f(row.int(0)?, (day(row, 1)?, day(row, 2)?), row.text(3)?, row.int(4)?, row.text(5)?);
            Ok(())
        })?;
    }
    Ok(())
}

/// Puts facts in place of all those of some units that reach beyond the day before `from`.
pub(in crate::lines::org) fn facts_replace(
    tx: &mut Tx<'_>,
    units: &[i64],
    from: Day,
    facts: &[(i64, DatedFacts)],
) -> Result<()> {
    for chunk in units.chunks(LIST_MAX) {
        tx.exec(&FACTS_DROP, args![chunk, from.number()])?;
    }
    facts_add(tx, facts.iter().map(|(unit, dated)| (*unit, dated.since, dated.until, &dated.facts)))
}

/// Adds facts: unit, first day, first day after, facts.
pub(in crate::lines::org) fn facts_add<'f>(
    tx: &mut Tx<'_>,
    facts: impl Iterator<Item = (i64, Day, Day, &'f Facts)>,
) -> Result<()> {
    let mut rows = Vec::new();
    for (unit, since, until, Facts { names, kind, place, time_zone, classes }) in facts {
        let place = place.map_or(0, Place::number);
        let (since, until) = (since.number(), until.number());
        let Names { zh_hans, zh_hant, en } = names;
        let row = args![unit, since, until, zh_hans, zh_hant, en, kind, place, time_zone, classes.join(" ")];
        rows.push(row.to_vec());
        if rows.len() == LIST_MAX {
            tx.exec_rows(&FACTS_ADD, &rows)?;
            rows.clear();
        }
    }
    tx.exec_rows(&FACTS_ADD, &rows).map(drop)
}

/// Units by code as an import asks for them on a day.
pub(in crate::lines::org) fn known_units(
    rows: &mut impl Rows,
    codes: &[String],
    on: Day,
    mut f: impl FnMut(String, KnownUnit),
) -> Result<()> {
    for chunk in codes.chunks(LIST_MAX) {
        rows.each(&KNOWN_UNITS, args![on.number(), chunk], |row| {
            let chain = row.opt_bytes(2)?.map(unpacked).transpose()?;
            let has_facts = row.opt_text(9)?.is_some();
            let unit = KnownUnit {
                id: row.int(0)?,
                open: chain.is_some(),
                facts: if has_facts { Some(facts_from(row, 6)?) } else { None },
                opened: day(row, 4)?,
                closed: day(row, 5)?,
                chain: chain.unwrap_or_default(),
                parent: row.opt_text(3)?.map(str::to_owned),
                below: Vec::new(),
                phone: None,
                post: None,
            };
            f(row.string(1)?, unit);
            Ok(())
        })?;
    }
    Ok(())
}

/// By unit: codes of units below it from a day on, with the day on which they close or leave.
pub(in crate::lines::org) fn children_closing(
    rows: &mut impl Rows,
    units: &[i64],
    from: Day,
) -> Result<HashMap<i64, Vec<(String, Day)>>> {
    let mut below: HashMap<i64, Vec<(String, Day)>> = HashMap::new();
    for chunk in units.chunks(LIST_MAX) {
        rows.each(&CHILDREN_CLOSING, args![chunk, from.number()], |row| {
            below.entry(row.int(0)?).or_default().push((row.string(1)?, day(row, 2)?));
            Ok(())
        })?;
    }
    Ok(below)
}

pub(in crate::lines::org) fn succession_add(tx: &mut Tx<'_>, succession: &Succession) -> Result<()> {
    let Succession { from, to, day, kind } = succession;
    tx.exec(&SUCCESSION_ADD, args![*from, *to, day.number(), kind.word()]).map(drop)
}

/// What came before a unit and what came after it.
pub(in crate::lines::org) fn successions_of(rows: &mut impl Rows, unit: i64) -> Result<Vec<Succession>> {
    rows.all(&SUCCESSIONS_OF, args![unit], succession)
}

/// Successions after one, in the order of their keys.
pub(in crate::lines::org) fn successions_after(
    rows: &mut impl Rows,
    after: Option<&Succession>,
    limit: i64,
) -> Result<Vec<Succession>> {
    let (from, to, day) = after.map_or((0, 0, 0), |after| (after.from, after.to, after.day.number()));
    rows.all(&SUCCESSIONS_AFTER, args![from, to, day, limit], succession)
}

fn succession(row: &Row<'_>) -> Result<Succession> {
    let kind = SuccessionKind::from_word(row.text(3)?);
    let kind = kind.ok_or_else(|| StoreError::Corrupt("kind of a succession".into()))?;
    Ok(Succession { from: row.int(0)?, to: row.int(1)?, day: day(row, 2)?, kind })
}

fn listed<T>(
    rows: &mut impl Rows,
    stmt: &Stmt,
    units: &[i64],
    on: Day,
    f: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut found = Vec::with_capacity(units.len());
    for chunk in units.chunks(LIST_MAX) {
        rows.each(stmt, args![chunk, on.number()], |row| {
            found.push(f(row)?);
            Ok(())
        })?;
    }
    Ok(found)
}

fn edge(row: &Row<'_>) -> Result<Edge> {
    Ok(Edge {
        unit: row.int(0)?,
        since: day(row, 1)?,
        until: day(row, 2)?,
        parent: row.int(3)?,
        ordinal: row.int(4)?,
    })
}

fn facts(row: &Row<'_>) -> Result<(i64, DatedFacts)> {
    Ok((row.int(0)?, DatedFacts { since: day(row, 1)?, until: day(row, 2)?, facts: facts_from(row, 3)? }))
}

/// Facts from a column on: three names, kind, place, time zone, classes.
fn facts_from(row: &Row<'_>, from: usize) -> Result<Facts> {
    let place = Some(row.int(from + 4)?).filter(|place| *place != 0).map(Place::from_number);
    Ok(Facts {
        names: names(row, from)?,
        kind: row.string(from + 3)?,
        place,
        time_zone: row.string(from + 5)?,
        classes: row.text(from + 6)?.split_whitespace().map(str::to_owned).collect(),
    })
}
