//! What a day's figures of the whole say: everything that a document is written from, read on one snapshot. Nothing
//! here writes, and nothing here is in a language.

use super::check::covered;
use super::figures::{charted, figures, points, scaled, value};
use super::model::{
    AbsentFacts, Changed, ContradictionFacts, CorrectionFacts, Cut, DisagreementFacts, Facts, Figure,
    GroupFacts, Heads, Key, Narrative,
};
use super::store;
use crate::lines::operation::{Names, Operation};
use crate::lines::org::{self, Standing};
use crate::lines::reporting::{
    self, ActKind, Book, Class, Corrected, Element, Origin, Past, Picture, Query, Which,
};
use crate::{Ctx, Fail};
use muster_kernel::{Day, Problem};
use muster_store::{Rows, StoreError};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Names and codes by unit.
type Labels = (HashMap<i64, Names>, HashMap<i64, String>);

/// Days that the chart shows.
const CHART_DAYS: i32 = 14;
/// Lists of a brief end here, and say so; the pages go on.
const GROUPS_MAX: usize = 300;
const ABSENT_MAX: usize = 5000;
const DISAGREEMENTS_MAX: usize = 1000;
const CORRECTIONS_MAX: usize = 1000;
/// A correction's instant is drawn before it is stored: so far back is looked for those that the cut before lacks.
const STORED_LATE_MS: i64 = 600_000;
/// Units that one read asks for.
const UNITS_AT_ONCE: usize = 500;

/// What a brief is made of.
pub struct Making<'a> {
    /// Who makes it, and when.
    pub ctx: &'a Ctx,
    /// The book.
    pub book: &'a Book,
    /// The operation.
    pub operation: &'a Operation,
    /// Code of the form.
    pub form: &'a str,
    /// The day.
    pub day: Day,
    /// The heads of the journal on this snapshot.
    pub heads: Heads,
}

impl<'a> Making<'a> {
    /// The question about the day; 404 where the form is not asked then.
    pub fn query(&self) -> Result<Query<'a>, Problem> {
        let absent = || reporting::form_absent(self.book, self.form, self.day);
        Query::new(self.book, self.ctx.operation, self.form, self.day).ok_or_else(absent)
    }
    /// The top of the tree on the day, for those who may know of the whole; for others there is no brief.
    pub fn top(&self, rows: &mut impl Rows) -> Result<Standing, Fail> {
        let unknown = || Problem::not_found("brief.unknown").with("day", self.day);
        let top = org::standing_on(rows, self.operation.root_unit, self.day)?.ok_or_else(unknown)?;
        if self.ctx.reach.covers(&top.chain) { Ok(top) } else { Err(unknown().into()) }
    }
}

/// What a day's figures of the whole say, as this snapshot has them.
pub fn facts(rows: &mut impl Rows, making: &Making<'_>) -> Result<Facts, Fail> {
    let (query, top) = (making.query()?, making.top(rows)?);
    let lineage = match query.series.holds(making.day) {
        true => reporting::origins_count(rows, &query, &top)?,
        false => (0, 0),
    };
    facts_of(rows, making, lineage)
}

/// How many units' sheets are in a day's figures, and how many revisions they have come to.
pub(super) fn lineage(origins: &[Origin]) -> (i64, i64) {
    let units: BTreeSet<i64> = origins.iter().map(|origin| origin.unit).collect();
    (units.len() as i64, origins.iter().map(|origin| origin.rev).sum())
}

/// The sheets that are in a day's figures.
pub(super) fn origins(rows: &mut impl Rows, making: &Making<'_>, day: Day) -> Result<Vec<Origin>, Fail> {
    let query = making.query()?;
    let mut origins = Vec::new();
    let top = org::standing_on(rows, making.operation.root_unit, day)?;
    if let Some(top) = top.filter(|_| query.series.holds(day)) {
        reporting::origins_each(rows, &query.on(day), &top, |origin| origins.push(origin))?;
    }
    Ok(origins)
}

/// As [`facts`], where the day's origins were read already; `lineage` is what they come to.
pub(super) fn facts_of(
    rows: &mut impl Rows,
    making: &Making<'_>,
    (units, revisions): (i64, i64),
) -> Result<Facts, Fail> {
    let query = making.query()?;
    let top = making.top(rows)?;
    let key = Key { operation: query.operation, form: query.form.id, day: making.day };
    let days: Vec<Day> = (0..CHART_DAYS).rev().map(|back| making.day.plus(-back)).collect();
    let pictures = pictures(rows, &query, top.unit, &days)?;
    let [.., yesterday, today] = &pictures[..] else {
        return Err(StoreError::Corrupt("no days".into()).into());
    };
    let today = today.clone().unwrap_or_default();
    let figures = figures(rows, &query, &top, &key, (&today, yesterday.as_ref()))?;
    let place = |element: &Element| figures.iter().position(|figure| figure.element == element.id);
    let leading: Vec<usize> = query.leading().filter_map(place).collect();
    let charted = charted(&figures, &leading);
    let chart = charted.into_iter().map(|at| (at, points(&query, &figures[at], &pictures))).collect();
    let mut facts = Facts {
        simulated: making.operation.seed.is_some(),
        office: making.operation.office.clone(),
        title: query.form.names.clone(),
        number: None,
        day: making.day,
        made_at_ms: making.ctx.now_ms,
        frozen: false,
        zone: making.ctx.zone.clone(),
        rates: rates(&query, &today),
        groups: groups(rows, &query, &top, &figures, &leading)?,
        figures,
        leading,
        chart_days: days,
        chart,
        absent: absent(rows, &query, &top)?,
        contradictions: contradictions(rows, &query, &top)?,
        disagreements: disagreements(rows, &query, &top)?,
        corrections: corrections(rows, making, key, &query, &top)?,
        narrative: store::narrative(rows, &key)?.map_or_else(Narrative::default, |(_, narrative)| narrative),
        units,
        revisions,
        heads: making.heads.clone(),
        names: HashMap::new(),
        codes: HashMap::new(),
    };
    (facts.names, facts.codes) = labels(rows, &facts)?;
    Ok(facts)
}

/// What a unit looked like on days (ascending); none where it did not stand or the form was not asked.
fn pictures(
    rows: &mut impl Rows,
    query: &Query<'_>,
    unit: i64,
    days: &[Day],
) -> Result<Vec<Option<Picture>>, StoreError> {
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return Ok(Vec::new()) };
    let standings = org::standings_during(rows, &[unit], *first, last.plus(1))?;
    let on = |day: &Day| {
        let standing = standings.iter().find(|s| s.since <= *day && *day < s.until);
        standing.filter(|_| query.series.holds(*day)).map(|standing| (*day, standing))
    };
    let nodes: Vec<(Day, &Standing)> = days.iter().filter_map(on).collect();
    let mut found = query.pictures(rows, &nodes)?.into_iter();
    Ok(days.iter().map(|day| on(day).and_then(|_| found.next())).collect())
}

fn rates(query: &Query<'_>, picture: &Picture) -> muster_print::Rates {
    muster_print::Rates {
        expected: picture.expected,
        actual: picture.parts.actual(),
        actual_on_time: picture.parts.on_time(),
        afterwards: query.form.afterwards,
        zero: picture.parts.zero(),
        missing: picture.missing(),
    }
}

fn groups(
    rows: &mut impl Rows,
    query: &Query<'_>,
    top: &Standing,
    figures: &[Figure],
    leading: &[usize],
) -> Result<Cut<GroupFacts>, StoreError> {
    let mut groups = Vec::new();
    let values = |picture: &Picture| -> Vec<Option<f64>> {
        let elements = leading.iter().map(|&at| query.book.element(figures[at].element));
        elements.map(|element| value(query, picture, element?)?.value).collect()
    };
    // What the top itself reports lies in no group; without it the groups would not add up to the whole.
    if let Some(alone) = query.pictures_alone(rows, &[(query.day, top)])?.pop().flatten() {
        let (rates, values) = (rates(query, &alone), values(&alone));
        groups.push(GroupFacts { unit: top.unit, own: true, rates, values });
    }
    let children = org::children(rows, top.unit, query.day)?;
    for some in children.chunks(GROUPS_MAX) {
        let nodes: Vec<(Day, &Standing)> = some.iter().map(|child| (query.day, child)).collect();
        let pictures = query.pictures(rows, &nodes)?;
        for (child, picture) in some.iter().zip(pictures).filter(|(_, picture)| picture.tells()) {
            let (rates, values) = (rates(query, &picture), values(&picture));
            groups.push(GroupFacts { unit: child.unit, own: false, rates, values });
        }
        if groups.len() > GROUPS_MAX {
            break;
        }
    }
    Ok(Cut::of(groups, GROUPS_MAX))
}

fn absent(rows: &mut impl Rows, query: &Query<'_>, top: &Standing) -> Result<Cut<AbsentFacts>, StoreError> {
    let mut found = reporting::absent(rows, query, top, Which::Missing, "", ABSENT_MAX + 1)?;
    found.extend(reporting::absent(rows, query, top, Which::Late, "", ABSENT_MAX + 1)?);
    let cut = Cut::of(found, ABSENT_MAX);
    let mut items = Vec::with_capacity(cut.items.len());
    for some in cut.items.chunks(UNITS_AT_ONCE) {
        let units: Vec<i64> = some.iter().map(|absent| absent.unit).collect();
        let chains: HashMap<i64, Arc<[i64]>> =
            org::standings_on(rows, &units, query.day)?.into_iter().map(|s| (s.unit, s.chain)).collect();
        items.extend(some.iter().map(|absent| {
            let alone = [absent.unit];
            let chain = chains.get(&absent.unit).map_or(&alone[..], |chain| chain);
            let from = chain.iter().position(|unit| *unit == top.unit).map_or(0, |at| at + 1);
            // The top itself may be expected to report.
            let chain = chain.get(from..).filter(|below| !below.is_empty()).unwrap_or(chain);
            AbsentFacts { chain: chain.to_vec(), late_at_ms: absent.late_at_ms }
        }));
    }
    Ok(Cut { items, more: cut.more })
}

fn contradictions(
    rows: &mut impl Rows,
    query: &Query<'_>,
    top: &Standing,
) -> Result<Vec<ContradictionFacts>, StoreError> {
    let found = reporting::contradictions(rows, query, top)?;
    let facts = found.into_iter().filter_map(|one| {
        let element = query.book.element(one.element)?;
        Some(ContradictionFacts {
            unit: one.unit,
            names: element.names.clone(),
            measure: element.unit.clone(),
            reported: scaled(one.reported, element.scale()),
            zero: one.zero,
            reported_at_ms: one.reported_at_ms,
            incidents: scaled(one.incidents.iter().map(|incident| incident.value).sum(), element.scale()),
            incident_at_ms: one.incidents.iter().map(|incident| incident.at_ms).min().unwrap_or(0),
        })
    });
    Ok(facts.collect())
}

fn disagreements(
    rows: &mut impl Rows,
    query: &Query<'_>,
    top: &Standing,
) -> Result<Cut<DisagreementFacts>, StoreError> {
    let differing = reporting::beside(rows, query, top)?.into_iter().filter(|beside| !beside.agrees());
    let facts = differing.filter_map(|beside| {
        let element = query.book.element(beside.element)?;
        Some(DisagreementFacts {
            unit: beside.unit,
            names: element.names.clone(),
            stated: scaled(beside.stated, element.scale()),
            parts: scaled(beside.below.sum, element.scale()),
            said: beside.below.said,
        })
    });
    Ok(Cut::of(facts.take(DISAGREEMENTS_MAX + 1).collect(), DISAGREEMENTS_MAX))
}

/// What was corrected, or came late, since the brief before; where there was none, since the day before began.
fn corrections(
    rows: &mut impl Rows,
    making: &Making<'_>,
    key: Key,
    query: &Query<'_>,
    top: &Standing,
) -> Result<Cut<CorrectionFacts>, StoreError> {
    let before = store::frozen_before(rows, &key)?;
    let since_ms = match &before {
        Some(before) => before.at_ms - STORED_LATE_MS,
        None => reporting::instant_ms(key.day.before(), 0, making.ctx) - 1,
    };
    let most = CORRECTIONS_MAX + 1;
    let found = reporting::corrections(rows, query, top, since_ms, i64::MAX, most)?;
    let new =
        found.iter().filter(|one| before.as_ref().is_none_or(|before| !before.heads.hold(one.past.link)));
    let mut facts: Vec<CorrectionFacts> = new.flat_map(|one| changes(query.book, one)).collect();
    // What figures changed stands before who merely came late.
    facts.sort_by_key(|fact| matches!(fact.what, Changed::Came(_)));
    Ok(Cut::of(facts, CORRECTIONS_MAX))
}

/// What one revision changed, line by line.
fn changes(book: &Book, Corrected { unit, day, past }: &Corrected) -> Vec<CorrectionFacts> {
    let Past { rev, at_ms, act, reason, changes, words, .. } = past;
    let zero = *act == Some(ActKind::Zero);
    let came = *rev == 1;
    let mut what = Vec::new();
    for &(id, before, after) in changes {
        let Some(element) = book.element(id) else { continue };
        // Of a first report only what happened is told; where nothing did, that it came.
        if !came || element.class == Class::Event && after.is_some_and(|value| value != 0) {
            let scaled = |number: Option<i64>| number.map(|number| scaled(number, element.scale()));
            what.push(Changed::Figure(element.names.clone(), scaled(before), scaled(after)));
        }
    }
    let named = words.iter().filter(|_| !came).filter_map(|(id, _)| book.element(*id));
    what.extend(named.map(|element| Changed::Words(element.names.clone())));
    if what.is_empty() {
        what.push(if came { Changed::Came(zero) } else { Changed::Act(zero) });
    }
    let reason = covered(reason.as_deref().unwrap_or_default());
    let line = |what| CorrectionFacts {
        unit: *unit,
        day: *day,
        what,
        reason: reason.clone(),
        at_ms: *at_ms,
        revision: *rev,
    };
    what.into_iter().map(line).collect()
}

/// Names and codes of all units that are mentioned, on the day of the brief.
fn labels(rows: &mut impl Rows, facts: &Facts) -> Result<Labels, StoreError> {
    let mut units = BTreeSet::new();
    units.extend(facts.groups.items.iter().map(|group| group.unit));
    units.extend(facts.absent.items.iter().flat_map(|absent| absent.chain.iter().copied()));
    units.extend(facts.contradictions.iter().map(|one| one.unit));
    units.extend(facts.disagreements.items.iter().map(|one| one.unit));
    units.extend(facts.corrections.items.iter().map(|one| one.unit));
    let units: Vec<i64> = units.into_iter().collect();
    let (mut all, mut codes) = Labels::default();
    for units in units.chunks(UNITS_AT_ONCE) {
        for (unit, (code, mut names)) in org::labels(rows, units, facts.day)? {
            if names.zh_hans.is_empty() {
                names.zh_hans.clone_from(&code);
            }
            all.insert(unit, names);
            codes.insert(unit, code);
        }
    }
    Ok((all, codes))
}
