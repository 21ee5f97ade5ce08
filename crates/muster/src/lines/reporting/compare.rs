//! Questions that set two things beside each other: a statement and its parts, a zero and an incident, a figure and
//! what it was before. They show; they never judge.

use super::book::Book;
use super::model::{ActKind, Assignment, Class, Incident, Scope, Sheet, SheetKey, Values};
use super::query::Query;
use super::revision::Revision;
use super::rollup::{Stated, Sum, count};
use super::span::Span;
use super::store;
use crate::lines::org::{self, Standing};
use muster_kernel::{Day, Digest};
use muster_store::{Link, Rows, StoreError, Stored, journal_read, journal_read_many};

/// A unit's statement about all below it beside what lies below, for one element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beside {
    /// The unit.
    pub unit: i64,
    /// The element.
    pub element: i64,
    /// What the unit stated.
    pub stated: i64,
    /// What counts below it, the unit's own statement left out.
    pub below: Sum,
}

impl Beside {
    /// Whether both exist and are the same number.
    pub fn agrees(&self) -> bool {
        self.below.said > 0 && self.below.sum == self.stated
    }
}

/// Every statement of a node's part of the tree beside what lies below it, by element, where both exist.
pub fn beside(rows: &mut impl Rows, query: &Query<'_>, node: &Standing) -> Result<Vec<Beside>, StoreError> {
    let trees = query.stated(rows, &[(query.day, node)])?.pop().unwrap_or_default();
    Ok(beside_of(query, query.day, trees))
}

fn beside_of(query: &Query<'_>, day: Day, trees: Vec<(i64, Stated)>) -> Vec<Beside> {
    let mut found = Vec::new();
    let mut open: Vec<_> = trees.into_iter().rev().collect();
    while let Some((unit, stated)) = open.pop() {
        let below = count(query.counting(day), &query.series.layout, &stated.parts, &stated.below);
        for (position, &element) in query.series.layout.iter().enumerate() {
            if let Some(&value) = stated.values.get(&element)
                && below.sums[position].said > 0
            {
                found.push(Beside { unit, element, stated: value, below: below.sums[position] });
            }
        }
        open.extend(stated.below.into_iter().map(|inner| (inner.unit, inner)).rev());
    }
    found
}

/// A report that says less of an event than the incidents of the same unit and day. Both stand; which is right is for
/// people to find out.
#[derive(Clone, Debug)]
pub struct Contradiction {
    /// The unit.
    pub unit: i64,
    /// The event element.
    pub element: i64,
    /// What the report says.
    pub reported: i64,
    /// Whether it is a signed zero.
    pub zero: bool,
    /// When the report last changed, milliseconds UTC.
    pub reported_at_ms: i64,
    /// The incidents.
    pub incidents: Vec<Incident>,
}

/// Contradictions between the reports and the incidents of a node's day.
pub fn contradictions(
    rows: &mut impl Rows,
    query: &Query<'_>,
    node: &Standing,
) -> Result<Vec<Contradiction>, StoreError> {
    let mut found: Vec<Contradiction> = Vec::new();
    for incident in store::incidents(rows, query.operation, query.day, &Span::below(&node.path))? {
        if let Some(known) =
            found.iter_mut().find(|c| c.unit == incident.unit && c.element == incident.element)
        {
            known.incidents.push(incident);
            continue;
        }
        let key = SheetKey {
            bucket: incident.bucket,
            operation: query.operation,
            day: query.day,
            slot: query.slot(),
            unit: incident.unit,
            scope: Scope::Alone,
        };
        let Some(sheet) = store::sheet(rows, query.book, &key)? else { continue };
        let (Some(act), Some(&reported)) = (sheet.act(query.form.id), sheet.values.get(&incident.element))
        else {
            continue;
        };
        found.push(Contradiction {
            unit: incident.unit,
            element: incident.element,
            reported,
            zero: act.kind == ActKind::Zero,
            reported_at_ms: act.last_at_ms,
            incidents: vec![incident],
        });
    }
    found.retain(|c| c.incidents.iter().map(|incident| incident.value).sum::<i64>() > c.reported);
    Ok(found)
}

/// Whether an element may be counted by an incident.
pub fn counts_incidents(book: &Book, element: &str) -> Option<i64> {
    book.element_by_code(element).filter(|e| e.class == Class::Event && e.is_number()).map(|e| e.id)
}

/// One element before and after a revision.
pub type Change = (i64, Option<i64>, Option<i64>);

/// One revision of a sheet, as history shows it.
#[derive(Clone, Debug)]
pub struct Past {
    /// The revision.
    pub rev: i64,
    /// When it was reported, milliseconds UTC.
    pub at_ms: i64,
    /// When it was taken in, milliseconds UTC: after `at_ms` where a file of past reports said when it was reported.
    pub taken_in_at_ms: i64,
    /// By whom: a reference.
    pub actor: String,
    /// `report.file` or `report.correct`.
    pub action: String,
    /// Values or zero.
    pub act: Option<ActKind>,
    /// Why, when it corrects.
    pub reason: Option<String>,
    /// What changed: element, before, after.
    pub changes: Vec<Change>,
    /// Words said in it: element, words.
    pub words: Vec<(i64, String)>,
    /// Reasons that rules asked: element, words.
    pub remarks: Vec<(i64, String)>,
    /// Its entry in the journal.
    pub link: muster_store::Link,
    /// The hash of the packed sheet that its entry holds.
    pub hash: Digest,
}

impl Past {
    /// As its entry tells it: without its words, and without what it changed.
    fn of(entry: Stored, revision: &Revision) -> Result<Self, StoreError> {
        let act = store::act_of(&revision.acts, revision.form)?;
        Ok(Self {
            rev: revision.rev,
            at_ms: act.as_ref().map_or(entry.at, |act| act.last_at_ms),
            taken_in_at_ms: entry.at,
            actor: entry.actor,
            action: entry.action,
            act: act.map(|act| act.kind),
            reason: None,
            changes: Vec::new(),
            words: Vec::new(),
            remarks: Vec::new(),
            link: entry.link,
            hash: Digest::of(&entry.body),
        })
    }
}

/// Most revisions that one answer tells.
pub const HISTORY_MAX: usize = 200;

/// The last entry of a sheet in the journal, if it was ever reported; those before it are a walk along their links.
pub fn sheet_entry_last(
    rows: &mut impl Rows,
    book: &Book,
    key: &SheetKey,
) -> Result<Option<Link>, StoreError> {
    Ok(store::sheet(rows, book, key)?.and_then(|sheet| sheet.last))
}

/// The hash of the packed sheet of a revision, as its entry in the journal holds it; none where there is no such revision,
/// or it lies further back than a history tells.
pub fn revision_hash(
    rows: &mut impl Rows,
    book: &Book,
    key: &SheetKey,
    rev: i64,
) -> Result<Option<Digest>, StoreError> {
    let mut link = sheet_entry_last(rows, book, key)?;
    for _ in 0..HISTORY_MAX {
        let Some(entry) = link.map(|at| journal_read(rows, at)).transpose()?.flatten() else { break };
        match Revision::unpack(entry.operation, &entry.body) {
            Some(made) if made.rev == rev => return Ok(Some(Digest::of(&entry.body))),
            Some(made) if made.rev > rev => link = entry.prev,
            _ => break,
        }
    }
    Ok(None)
}

/// The latest revision of a sheet without what it changed and the words it said: two questions.
pub fn latest(rows: &mut impl Rows, key: &SheetKey, sheet: &Sheet) -> Result<Option<Past>, StoreError> {
    let Some(at) = sheet.last else { return Ok(None) };
    let corrupt = || StoreError::Corrupt("a sheet whose chain breaks".to_owned());
    let entry = journal_read(rows, at)?.ok_or_else(corrupt)?;
    let revision = Revision::unpack(entry.operation, &entry.body).ok_or_else(corrupt)?;
    let mut notes = store::notes(rows, key)?.into_iter();
    let reason = notes.find(|(element, rev, _)| *element == 0 && *rev == revision.rev);
    Ok(Some(Past { reason: reason.map(|(_, _, words)| words), ..Past::of(entry, &revision)? }))
}

/// All revisions of a sheet, the newest first, read along its own chain in the journal.
pub fn history(
    rows: &mut impl Rows,
    book: &Book,
    key: &SheetKey,
    sheet: &Sheet,
) -> Result<Vec<Past>, StoreError> {
    let notes = store::notes(rows, key)?;
    let mut pasts: Vec<(Past, Values)> = Vec::new();
    let mut link = sheet.last;
    while let Some(at) = link.filter(|_| pasts.len() < HISTORY_MAX) {
        let corrupt = || StoreError::Corrupt("a sheet whose chain breaks".to_owned());
        let entry = journal_read(rows, at)?.ok_or_else(corrupt)?;
        let revision = Revision::unpack(entry.operation, &entry.body).ok_or_else(corrupt)?;
        let values = store::values_of(book, revision.layout, &revision.vals)?;
        let before = entry.prev;
        let said = |element: i64| notes.iter().find(|(id, rev, _)| *id == element && *rev == revision.rev);
        let of_revision = || notes.iter().filter(|(_, rev, _)| *rev == revision.rev);
        let words = of_revision().filter(|(id, ..)| *id > 0);
        let remarks = of_revision().filter(|(id, ..)| *id < 0);
        let past = Past {
            reason: said(0).map(|(_, _, words)| words.clone()),
            words: words.map(|(id, _, words)| (*id, words.clone())).collect(),
            remarks: remarks.map(|(id, _, words)| (-id, words.clone())).collect(),
            ..Past::of(entry, &revision)?
        };
        pasts.push((past, values));
        link = before;
    }
    let befores: Vec<Values> =
        pasts.iter().skip(1).map(|(_, values)| values.clone()).chain([Values::new()]).collect();
    for ((past, after), before) in pasts.iter_mut().zip(befores) {
        past.changes = changes(&before, after);
    }
    Ok(pasts.into_iter().map(|(past, _)| past).collect())
}

/// A change of an assignment.
#[derive(Clone, Debug)]
pub struct Reassigned {
    /// What it was before.
    pub was: Assignment,
    /// When, milliseconds UTC.
    pub at_ms: i64,
    /// By whom: a reference.
    pub actor: String,
    /// Why; empty where none was given.
    pub reason: String,
}

/// The changes of an assignment, or of all where none is named; those of one in order.
pub fn assignments_changed(rows: &mut impl Rows, of: Option<i64>) -> Result<Vec<Reassigned>, StoreError> {
    #[derive(serde::Deserialize)]
    struct Body {
        was: Assignment,
    }
    let mut changed = Vec::new();
    let mut told = store::reassigned(rows)?;
    told.retain(|changed| of.is_none_or(|id| changed.assignment == id));
    for store::Reassigned { link, words, .. } in told {
        let corrupt = || StoreError::Corrupt("a change of an assignment that no entry tells".to_owned());
        let entry = journal_read(rows, link)?.ok_or_else(corrupt)?;
        let Body { was } = serde_json::from_slice(&entry.body).map_err(|_| corrupt())?;
        changed.push(Reassigned { was, at_ms: entry.at, actor: entry.actor, reason: words });
    }
    Ok(changed)
}

fn changes(before: &Values, after: &Values) -> Vec<Change> {
    let mut elements: Vec<i64> = before.keys().chain(after.keys()).copied().collect();
    elements.sort_unstable();
    elements.dedup();
    let all = elements.into_iter().map(|id| (id, before.get(&id).copied(), after.get(&id).copied()));
    all.filter(|(_, before, after)| before != after).collect()
}

/// A correction, for the brief: what a figure was and is, and why.
#[derive(Clone, Debug)]
pub struct Corrected {
    /// The unit.
    pub unit: i64,
    /// The day that was corrected.
    pub day: Day,
    /// The revision.
    pub past: Past,
}

/// Corrections below a node after an instant up to another, in the order they came: those that were made on the question's
/// form, and those that changed what it asks.
pub fn corrections(
    rows: &mut impl Rows,
    query: &Query<'_>,
    node: &Standing,
    since_ms: i64,
    until_ms: i64,
    limit: usize,
) -> Result<Vec<Corrected>, StoreError> {
    let (mut found, span) = (Vec::new(), Span::below(&node.path));
    let mut after = (since_ms, Link { lane: i32::MAX, no: i64::MAX });
    loop {
        let page = store::corrections(rows, query, &span, after, until_ms, limit)?;
        let Some(last) = page.last() else { return Ok(found) };
        after = (last.at_ms, last.link);
        let is_last = page.len() < limit;
        found.extend(corrected(rows, query, &page)?);
        if is_last || found.len() >= limit {
            found.truncate(limit);
            return Ok(found);
        }
    }
}

/// What a page of corrections changed, as far as it is of the question's form, in four questions.
fn corrected(
    rows: &mut impl Rows,
    query: &Query<'_>,
    page: &[store::Correction],
) -> Result<Vec<Corrected>, StoreError> {
    let corrupt = || StoreError::Corrupt("a correction that no entry tells".to_owned());
    let links: Vec<Link> = page.iter().map(|one| one.link).collect();
    let mut entries = journal_read_many(rows, &links)?;
    let before: Vec<Link> = entries.values().filter_map(|entry| entry.prev).collect();
    let before = journal_read_many(rows, &before)?;
    let read = |entry: &Stored| -> Result<(Revision, Values), StoreError> {
        let revision = Revision::unpack(entry.operation, &entry.body).ok_or_else(corrupt)?;
        let values = store::values_of(query.book, revision.layout, &revision.vals)?;
        Ok((revision, values))
    };
    let mut found = Vec::new();
    for one in page {
        let entry = entries.remove(&one.link).ok_or_else(corrupt)?;
        let (revision, values) = read(&entry)?;
        let was = match entry.prev.and_then(|prev| before.get(&prev)) {
            Some(was) => read(was)?.1,
            None => Values::new(),
        };
        let changes = changes(&was, &values);
        let asked = query.book.form(&query.form.code, one.key.day);
        let asks = |id: i64| {
            let element = query.book.element(id)?;
            asked?.items.iter().find(|item| item.element == element.code)
        };
        if revision.form != query.form.id && !changes.iter().any(|(id, ..)| asks(*id).is_some()) {
            continue;
        }
        // An import files many at one instant; the correction knows its own.
        let past = Past { at_ms: one.at_ms, changes, ..Past::of(entry, &revision)? };
        found.push((one.key, past));
    }
    let revisions: Vec<(SheetKey, i64)> = found.iter().map(|(key, past)| (*key, past.rev)).collect();
    let mut notes = store::notes_of(rows, query.operation, query.slot(), &revisions)?;
    let told = |(key, mut past): (SheetKey, Past)| {
        for (element, words) in notes.remove(&(key, past.rev)).unwrap_or_default() {
            match element {
                0 => past.reason = Some(words),
                1.. => past.words.push((element, words)),
                _ => past.remarks.push((-element, words)),
            }
        }
        Corrected { unit: key.unit, day: key.day, past }
    };
    Ok(found.into_iter().map(told).collect())
}

/// Days of which statements are set beside their parts at once.
const DAYS_AT_ONCE: i32 = 60;

/// Statements and parts of one element over days: how many days have both, and on how many they agree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// The unit.
    pub unit: i64,
    /// Days that have both.
    pub both: i64,
    /// Days on which they are the same number.
    pub agree: i64,
}

/// For each unit of a node's part of the tree that makes statements: on how many days they agree with what lies below.
pub fn agreement(
    rows: &mut impl Rows,
    query: &Query<'_>,
    node: i64,
    element: i64,
    from: Day,
    to: Day,
) -> Result<Vec<Agreement>, StoreError> {
    let mut standings = org::standings_during(rows, &[node], from, to.plus(1))?;
    standings.retain(|standing| query.reach.covers(&standing.chain));
    let mut all: Vec<Agreement> = Vec::new();
    let mut day = from;
    while day <= to {
        // Some days at a time: so many statements are held at once, and no more.
        let until = day.plus(DAYS_AT_ONCE).min(to.plus(1));
        let days = (day.number()..until.number()).map(Day::from_number);
        let on = |day: Day| standings.iter().find(|s| s.since <= day && day < s.until).map(|s| (day, s));
        let nodes: Vec<(Day, &Standing)> = days.filter_map(on).collect();
        for (trees, (day, _)) in query.stated(rows, &nodes)?.into_iter().zip(&nodes) {
            for found in beside_of(query, *day, trees).iter().filter(|found| found.element == element) {
                let place = match all.iter().position(|agreement| agreement.unit == found.unit) {
                    Some(place) => place,
                    None => {
                        all.push(Agreement { unit: found.unit, ..Agreement::default() });
                        all.len() - 1
                    }
                };
                all[place].both += 1;
                all[place].agree += i64::from(found.agrees());
            }
        }
        day = until;
    }
    Ok(all)
}
