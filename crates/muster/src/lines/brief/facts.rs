//! What a day's figures of the whole say: everything that a document is written from, read on one snapshot. Nothing
//! here writes, and nothing here is in a language.

use super::check::covered;
use super::model::{
    AbsentFacts, Changed, ContradictionFacts, CorrectionFacts, Cut, DisagreementFacts, Facts, Figure,
    GroupFacts, Heads, Key, Narrative, Sort,
};
use super::store;
use crate::lines::operation::{Names, Operation};
use crate::lines::org::{self, Standing};
use crate::lines::reporting::{
    self, ActKind, Book, Class, Corrected, Element, Origin, Past, Picture, Query, Sum, ValueType, Which,
};
use crate::{Ctx, Fail, Reach};
use muster_kernel::{Day, Locale, Problem};
use muster_print::BriefDoc;
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
/// Units whose sheets of two days are read to compare them.
const SAME_UNITS_MAX: i64 = 10_000;
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
        match self.ctx.reach {
            Reach::Under(unit) if !top.chain.contains(&unit) => Err(unknown().into()),
            _ => Ok(top),
        }
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
    let mut figures = figures(&query, &today, yesterday.as_ref());
    if let Some(yesterday) = yesterday {
        same_units(rows, &query, &top, (yesterday, &today), &mut figures)?;
    }
    let then = frozen_yesterday(rows, &key)?;
    for figure in &mut figures {
        let frozen = then.get(&figure.code).copied();
        figure.yesterday_frozen = frozen.filter(|frozen| *frozen != figure.yesterday);
    }
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

/// A stored number in the element's own unit.
pub(super) fn scaled(number: i64, scale: u8) -> f64 {
    number as f64 / 10f64.powi(i32::from(scale))
}

/// Every element of the form that has a figure.
fn figures(query: &Query<'_>, today: &Picture, yesterday: Option<&Picture>) -> Vec<Figure> {
    let elements = query.form.items.iter().filter_map(|item| query.book.element_by_code(&item.element));
    let figure = |element: &Element| {
        let sort = match (&element.value_type, element.class) {
            (ValueType::Rate { .. }, _) => Sort::Rate,
            _ if !element.is_added() => return None,
            (_, Class::Event) => Sort::Event,
            (_, Class::State | Class::Text) => Sort::State,
        };
        let now = value(query, today, element)?;
        let then = yesterday.and_then(|picture| Some((value(query, picture, element)?, picture.expected)));
        let known = |then: &&(Value, i64)| now.value.is_some() && then.0.value.is_some();
        Some(Figure {
            element: element.id,
            code: element.code.clone(),
            names: element.names.clone(),
            unit: element.unit.clone(),
            sort,
            scale: if sort == Sort::Rate { 1 } else { element.scale() },
            value: now.value,
            yesterday: then.as_ref().and_then(|(then, _)| then.value),
            yesterday_frozen: None,
            said: now.said,
            base: today.expected,
            before: then.as_ref().map(|(then, base)| (then.said, *base)),
            other_units: then
                .as_ref()
                .filter(known)
                .is_some_and(|(then, _)| !element.compares(now.said, then.said)),
            same: None,
            line: now.line,
        })
    };
    elements.filter_map(figure).collect()
}

/// Looks whether figures of how things stand are of the very units of the day before, and if not, how they changed in
/// those that say them on both days. All sheets of both days are read for it, so not of the largest trees; there, and
/// where statements are among the figures, what was found by how many say them stays.
fn same_units(
    rows: &mut impl Rows,
    query: &Query<'_>,
    top: &Standing,
    (yesterday, today): (&Picture, &Picture),
    figures: &mut [Figure],
) -> Result<(), StoreError> {
    let most = yesterday.expected.max(today.expected);
    if most > SAME_UNITS_MAX || yesterday.counted.by_statements + today.counted.by_statements > 0 {
        return Ok(());
    }
    let Some(before) = org::standing_on(rows, top.unit, query.day.before())? else { return Ok(()) };
    let same = query.same_units(rows, ((query.day.before(), &before), (query.day, top)))?;
    for figure in figures.iter_mut().filter(|figure| figure.sort == Sort::State) {
        let place = query.series.layout.iter().position(|id| *id == figure.element);
        let (Some(same), Some(element)) =
            (place.and_then(|at| same.get(at)), query.book.element(figure.element))
        else {
            continue;
        };
        let said = figure.before.map(|(said, _)| said);
        let both = figure.value.is_some() && figure.yesterday.is_some();
        figure.other_units = both && (same.units != figure.said || Some(same.units) != said);
        figure.same = figure.other_units.then(|| (same.units, scaled(same.change, element.scale())));
    }
    Ok(())
}

/// What the frozen brief of the day before says of each element, by its code; nothing where there is none. All languages
/// say the same. A page that cannot be read hinders no other brief; `verify` tells of it.
fn frozen_yesterday(rows: &mut impl Rows, key: &Key) -> Result<HashMap<String, Option<f64>>, StoreError> {
    let yesterday = Key { day: key.day.before(), ..*key };
    let Some(page) = store::document(rows, &yesterday, Locale::default().tag())? else {
        return Ok(HashMap::new());
    };
    let totals = BriefDoc::from_json(page.as_bytes()).map(|page| page.totals).unwrap_or_default();
    Ok(totals.into_iter().map(|row| (row.code, row.value)).collect())
}

struct Value {
    value: Option<f64>,
    said: i64,
    line: Option<(f64, f64)>,
}

/// What an element's figure is in a picture; none where the form's series does not keep it.
fn value(query: &Query<'_>, picture: &Picture, element: &Element) -> Option<Value> {
    let ValueType::Rate { numerator, denominator } = &element.value_type else {
        let sum = sum(query, picture, element)?;
        return Some(Value { value: said(element, sum), said: sum.said, line: None });
    };
    let part = |code: &str| {
        let element = query.book.element_by_code(code)?;
        let sum = sum(query, picture, element)?;
        Some((said(element, sum), sum.said))
    };
    let ((above, above_said), (below, below_said)) = (part(numerator)?, part(denominator)?);
    let line = above.zip(below);
    let times = element.rate_times() * 10.0;
    let ratio =
        line.filter(|(_, below)| *below != 0.0).map(|(above, below)| (above / below * times).round() / 10.0);
    // No more than these say both.
    Some(Value { value: ratio, said: above_said.min(below_said), line })
}

fn sum(query: &Query<'_>, picture: &Picture, element: &Element) -> Option<Sum> {
    let place = query.series.layout.iter().position(|id| *id == element.id)?;
    Some(picture.counted.sums.get(place).copied().unwrap_or_default())
}

fn said(element: &Element, sum: Sum) -> Option<f64> {
    (sum.said > 0).then(|| scaled(sum.sum, element.scale()))
}

/// What the chart shows: the first event, and the first two of the leading figures beside it.
fn charted(figures: &[Figure], leading: &[usize]) -> Vec<usize> {
    let event = figures.iter().position(|figure| figure.sort == Sort::Event);
    let others = leading.iter().copied().filter(|at| Some(*at) != event).take(2);
    event.into_iter().chain(others).collect()
}

fn points(query: &Query<'_>, figure: &Figure, pictures: &[Option<Picture>]) -> Vec<Option<f64>> {
    let element = query.book.element(figure.element);
    pictures.iter().map(|picture| value(query, picture.as_ref()?, element?)?.value).collect()
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
        for (child, picture) in some.iter().zip(pictures).filter(|(_, picture)| picture.expected > 0) {
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
    if came {
        what.push(Changed::Came(zero));
    }
    for &(id, before, after) in changes {
        let Some(element) = book.element(id) else { continue };
        // Of a first report only what happened is told; that it came is the correction.
        if !came || element.class == Class::Event && after.is_some_and(|value| value != 0) {
            let scaled = |number: Option<i64>| number.map(|number| scaled(number, element.scale()));
            what.push(Changed::Figure(element.names.clone(), scaled(before), scaled(after)));
        }
    }
    let named = words.iter().filter(|_| !came).filter_map(|(id, _)| book.element(*id));
    what.extend(named.map(|element| Changed::Words(element.names.clone())));
    if what.is_empty() {
        what.push(Changed::Act(zero));
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
