//! What can be done with reports. The only place where the order of things is decided: tree, sheets, journal, totals.

mod book;

pub use book::{element_set, form_assign, form_set};

use super::book::Book;
use super::check::Checked;
use super::compare::{Incident, counts_incidents};
use super::model::{Act, ActKind, Assignment, Scope, Sheet, SheetKey};
use super::pack::{pack_acts, pack_values};
use super::revision::{Revision, words_hash};
use super::rollup::Total;
use super::{read, store};
use crate::lines::org::{self, Standing};
use crate::{Ctx, Fail, Reach};
use muster_kernel::day::Day;
use muster_kernel::{Finding, Problem, ProblemKind};
use muster_store::{Entry, Link, StoreError, TotalKey, Tx};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What the sender of a report gets back: proof that it is stored, and where.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The unit.
    pub unit: i64,
    /// Ancestors from the top down to the unit itself.
    pub chain: Vec<i64>,
    /// The day it speaks of.
    pub day: Day,
    /// The entry in the journal; its number is the receipt's.
    pub link: Link,
    /// Revision of the sheet.
    pub rev: i64,
    /// When it was stored, milliseconds UTC.
    pub at_ms: i64,
    /// Whether the first report came by the cut-off.
    pub on_time: bool,
    /// Whether it says zero or values.
    pub act: ActKind,
    /// Taken in, and worth a look.
    pub findings: Vec<Finding>,
}

impl Receipt {
    /// The number that a person can read out: `R20200203-0-1234`.
    pub fn number(&self) -> String {
        Self::number_of(self.day, self.link)
    }
    /// The number of the receipt for an entry about a day.
    pub fn number_of(day: Day, link: Link) -> String {
        format!("R{}-{}-{}", day.to_string().replace('-', ""), link.lane, link.no)
    }
}

/// One result for each draft, in order. A refusal of one is data: it does not touch the others.
pub type Filed = Vec<Result<Receipt, Problem>>;

/// One report on its way in: who files it, what it says, when it was filed (the doors say now, an import of past
/// reports what its file says).
#[derive(Clone, Debug)]
pub struct Filing {
    /// Who files it, and what part of the tree they may know of.
    pub ctx: Ctx,
    /// What it says.
    pub draft: Checked,
    /// When it was filed, milliseconds UTC.
    pub at_ms: i64,
}

/// Files a batch of reports of one operation: a single request, a bulk upload and a workbook are the same path.
pub fn report_file(tx: &mut Tx<'_>, operation: i64, book: &Book, filings: &[Filing]) -> Result<Filed, Fail> {
    tx.gate("tree", |tx| org::tree_epoch(tx))?;
    let standings = standings(tx, filings)?;
    let mut work = Work::open(tx, operation, book, filings, &standings)?;
    let mut filed = Filed::with_capacity(filings.len());
    for filing in filings {
        filed.push(match standing(&standings, filing) {
            Ok(standing) => work.file(tx, standing, filing)?,
            Err(problem) => Err(problem),
        });
    }
    work.close(tx)?;
    Ok(filed)
}

type Standings = HashMap<(Day, String), Standing>;

fn standings(tx: &mut Tx<'_>, filings: &[Filing]) -> Result<Standings, StoreError> {
    let mut by_day: BTreeMap<Day, BTreeSet<&str>> = BTreeMap::new();
    for Filing { draft, .. } in filings {
        by_day.entry(draft.day).or_default().insert(&draft.unit);
    }
    let mut all = Standings::new();
    for (day, codes) in by_day {
        let codes: Vec<&str> = codes.into_iter().collect();
        for standing in org::standings_by_code(tx, &codes, day)? {
            all.insert((day, standing.code.to_string()), standing);
        }
    }
    Ok(all)
}

/// The unit as it stands on the draft's day, if the actor may know of it.
fn standing<'a>(
    standings: &'a Standings,
    Filing { ctx, draft, .. }: &Filing,
) -> Result<&'a Standing, Problem> {
    if draft.day > ctx.today().plus(1) {
        return Err(Problem::invalid("report.future_day").with("day", draft.day));
    }
    let unknown = || Problem::not_found("unit.unknown").with("unit", &draft.unit);
    let standing = standings.get(&(draft.day, draft.unit.clone())).ok_or_else(unknown)?;
    match ctx.reach {
        Reach::Under(top) if !standing.chain.contains(&top) => Err(unknown()),
        _ => Ok(standing),
    }
}

/// The sheets of one batch while it is worked on.
struct Work<'a> {
    operation: i64,
    book: Cow<'a, Book>,
    sheets: BTreeMap<SheetKey, Open>,
    totals: HashMap<TotalKey, Total>,
    notes: Vec<store::Note>,
    corrections: Vec<store::Correction>,
    frozen: HashMap<(i64, Day), bool>,
}

#[derive(Default)]
struct Open {
    sheet: Sheet,
    written: bool,
    layout: i64,
    vals: Vec<u8>,
    acts: Vec<u8>,
}

impl<'a> Work<'a> {
    fn open(
        tx: &mut Tx<'_>,
        operation: i64,
        book: &'a Book,
        filings: &[Filing],
        standings: &Standings,
    ) -> Result<Self, Fail> {
        let mut wanted: BTreeMap<(i64, Day, i64), BTreeSet<i64>> = BTreeMap::new();
        for filing in filings {
            if let Ok(standing) = standing(standings, filing) {
                wanted
                    .entry((standing.bucket, filing.draft.day, filing.draft.slot))
                    .or_default()
                    .insert(standing.unit);
            }
        }
        let mut sheets = BTreeMap::new();
        for ((bucket, day, slot), units) in wanted {
            let units: Vec<i64> = units.into_iter().collect();
            for (unit, scope, sheet) in store::sheets_lock(tx, book, operation, bucket, day, slot, &units)? {
                let key = SheetKey { bucket, operation, day, slot, unit, scope };
                sheets.insert(key, Open { sheet, ..Open::default() });
            }
        }
        Ok(Self {
            operation,
            book: Cow::Borrowed(book),
            sheets,
            totals: HashMap::new(),
            notes: Vec::new(),
            corrections: Vec::new(),
            frozen: HashMap::new(),
        })
    }

    fn file(
        &mut self,
        tx: &mut Tx<'_>,
        standing: &Standing,
        Filing { ctx, draft, at_ms }: &Filing,
    ) -> Result<Result<Receipt, Problem>, Fail> {
        let at_ms = *at_ms;
        let Some(form) = self.book.form_by_id(draft.form, draft.day) else {
            return Ok(Err(Problem::not_found("form.unknown")));
        };
        if form.version != draft.version {
            return Ok(Err(Problem::conflict("form.version_changed")));
        }
        let assigned = self.book.assignments().iter().any(|series| {
            let below = draft.scope == Scope::Below || series.expects(&standing.kind);
            series.form == draft.form
                && series.holds(draft.day)
                && standing.chain.contains(&series.unit)
                && below
        });
        if !assigned {
            return Ok(Err(Problem::invalid("report.not_expected").with("unit", &draft.unit)));
        }
        let cut_off_ms = cut_off_ms(form, draft.day, ctx);
        let on_time = at_ms <= cut_off_ms;
        let key = SheetKey {
            bucket: standing.bucket,
            operation: self.operation,
            day: draft.day,
            slot: draft.slot,
            unit: standing.unit,
            scope: draft.scope,
        };
        let before = self.sheets.get(&key).map(|open| open.sheet.clone()).unwrap_or_default();
        let after = match apply(&before, draft, at_ms, on_time) {
            Ok(after) => after,
            Err(problem) => return Ok(Err(problem)),
        };
        if let Some(problem) = self.moved_meanwhile(tx, &before, draft)? {
            return Ok(Err(problem));
        }
        let mut findings = self.falls(tx, &key, draft)?;
        let known = before.act(draft.form).is_some();
        let changed = after.values != before.values
            || after.act(draft.form).map(|act| act.kind) != before.act(draft.form).map(|act| act.kind)
            || !draft.words.is_empty() && store::words_differ(tx, &key, &draft.words)?;
        let act = after.act(draft.form).map_or(draft.act, |act| act.kind);
        let on_time = after.act(draft.form).is_some_and(|act| act.on_time);
        let receipt = |link, rev, at_ms, findings| Receipt {
            unit: standing.unit,
            chain: standing.chain.clone(),
            day: draft.day,
            link,
            rev,
            at_ms,
            on_time,
            act,
            findings,
        };
        if known && !changed {
            // Said again, word for word: the first answer stands, nothing is stored twice.
            let link = before.last.ok_or_else(|| StoreError::Corrupt("a sheet without its entry".into()))?;
            findings.push(Finding::note("report.unchanged"));
            return Ok(Ok(receipt(link, before.rev, before.at_ms, findings)));
        }
        if known && draft.reason.is_none() {
            return Ok(Err(Problem::invalid("report.reason_needed")
                .findings(vec![Finding::refuse("report.reason_needed").field("reason")])));
        }
        let rev = before.rev + 1;
        let link = self.store(tx, ctx, &key, &before, after, draft, known)?;
        // No day is frozen before its cut-off, so a report in time need not ask.
        if !known && ctx.now_ms >= cut_off_ms && self.is_frozen(tx, draft.form, draft.day)? {
            self.corrections.push(store::Correction { key, at_ms: ctx.now_ms, link, rev });
        }
        self.add_up(standing, &key, &before);
        Ok(Ok(receipt(link, rev, ctx.now_ms, findings)))
    }

    /// Journals one revision and puts it in the sheet.
    #[expect(clippy::too_many_arguments, reason = "the parts of one step; a struct would only rename them")]
    fn store(
        &mut self,
        tx: &mut Tx<'_>,
        ctx: &Ctx,
        key: &SheetKey,
        before: &Sheet,
        mut after: Sheet,
        draft: &Checked,
        correction: bool,
    ) -> Result<Link, Fail> {
        let rev = before.rev + 1;
        let elements: Vec<i64> = after.values.keys().copied().collect();
        let (layout, vals) = self.packed(tx, &elements, &after)?;
        let acts = pack_acts(&after.acts);
        let mut words: Vec<(i64, &str)> =
            draft.words.iter().map(|(&id, words)| (id, words.as_str())).collect();
        if correction && let Some(reason) = &draft.reason {
            words.push((0, reason));
        }
        let revision = Revision {
            key: *key,
            rev,
            form: draft.form,
            layout,
            vals: vals.clone(),
            acts: acts.clone(),
            words: words.iter().map(|&(id, words)| (id, words_hash(words))).collect(),
        };
        let link = tx.journal(Entry {
            operation: self.operation,
            actor: &ctx.actor.to_string(),
            action: if correction { "report.correct" } else { "report.file" },
            subject: &format!("unit:{}", key.unit),
            prev: before.last,
            request: draft.client_id.as_deref(),
            body: revision.pack(),
        })?;
        for (element, words) in words {
            self.notes.push(store::Note { key: *key, element, rev, words: words.to_owned() });
        }
        if correction {
            self.corrections.push(store::Correction { key: *key, at_ms: ctx.now_ms, link, rev });
        }
        after.rev = rev;
        after.at_ms = ctx.now_ms;
        after.last = Some(link);
        self.sheets.insert(*key, Open { sheet: after, written: true, layout, vals, acts });
        Ok(link)
    }

    /// The numbers packed by the smallest layout that holds them; a new layout is written when there is none.
    fn packed(&mut self, tx: &mut Tx<'_>, elements: &[i64], sheet: &Sheet) -> Result<(i64, Vec<u8>), Fail> {
        let impossible = || StoreError::Corrupt("a layout that does not hold its elements".into());
        if let Some((id, layout)) = self.book.layout_holding(elements) {
            return Ok((id, pack_values(layout, &sheet.values).ok_or_else(impossible)?));
        }
        let id = self.book.layout_next();
        if !store::layout_add(tx, id, elements)? {
            return Err(StoreError::Conflict.into());
        }
        store::book_epoch_next(tx)?;
        self.book = Cow::Owned(self.book.with_layout(id, elements));
        Ok((id, pack_values(elements, &sheet.values).ok_or_else(impossible)?))
    }

    /// Whether a form's day is frozen: a first report that comes after that stands with the corrections, so that the
    /// next brief tells of it. Asked after the report was journalled: from then on the transaction holds its lane, and
    /// no freeze can come between the answer and the commit.
    fn is_frozen(&mut self, tx: &mut Tx<'_>, form: i64, day: Day) -> Result<bool, Fail> {
        if let Some(&known) = self.frozen.get(&(form, day)) {
            return Ok(known);
        }
        let at = store::frozen_at(tx, self.operation, form, day)?;
        self.frozen.insert((form, day), at.is_some());
        Ok(at.is_some())
    }

    /// Adds the difference that this sheet makes to every node above it that keeps a row.
    fn add_up(&mut self, standing: &Standing, key: &SheetKey, before: &Sheet) {
        let after = &self.sheets[key].sheet;
        let other_scope = if key.scope == Scope::Alone { Scope::Below } else { Scope::Alone };
        let other = self.sheets.get(&SheetKey { scope: other_scope, ..*key }).map(|open| &open.sheet);
        for series in self.book.series_for(&standing.chain, &standing.kind, key.day) {
            let delta = difference(series, key.scope, before, after, other);
            let places = delta.trimmed();
            if places.0.is_empty() {
                continue;
            }
            for node in standing.nodes().filter(|node| self.book.in_crown(*node)) {
                let total = TotalKey { day: key.day.number(), series: series.id, node };
                self.totals.entry(total).or_default().add(&places);
            }
        }
    }

    /// Writes what was collected, each kind in one step, in the order of its keys.
    fn close(self, tx: &mut Tx<'_>) -> Result<(), Fail> {
        let written: Vec<_> = self.sheets.iter().filter(|(_, open)| open.written).collect();
        let (new, old): (Vec<_>, Vec<_>) = written.into_iter().partition(|(_, open)| open.sheet.rev == 1);
        let row = |(key, open): &(&SheetKey, &Open)| store::SheetRow {
            key: **key,
            rev: open.sheet.rev,
            at_ms: open.sheet.at_ms,
            last: open.sheet.last,
            layout: open.layout,
            vals: open.vals.clone(),
            acts: open.acts.clone(),
        };
        store::sheets_add(tx, &new.iter().map(row).collect::<Vec<_>>())?;
        store::sheets_set(tx, &old.iter().map(row).collect::<Vec<_>>())?;
        store::notes_add(tx, &self.notes)?;
        store::corrections_add(tx, self.operation, &self.corrections)?;
        for (key, total) in self.totals {
            tx.add(key, &total.places())?;
        }
        Ok(())
    }

    /// Elements that only grow, and fell since the day before: taken in, and said.
    fn falls(&mut self, tx: &mut Tx<'_>, key: &SheetKey, draft: &Checked) -> Result<Vec<Finding>, Fail> {
        let growing: Vec<_> = draft
            .values
            .iter()
            .filter_map(|(&id, &value)| {
                self.book.element(id).filter(|element| element.cumulative).map(|e| (e, value))
            })
            .collect();
        if growing.is_empty() {
            return Ok(Vec::new());
        }
        let yesterday = SheetKey { day: key.day.before(), ..*key };
        let before = match self.sheets.get(&yesterday) {
            Some(open) => Some(open.sheet.clone()),
            None => store::sheet(tx, &self.book, &yesterday)?,
        };
        let Some(before) = before else { return Ok(Vec::new()) };
        let fell = growing.into_iter().filter_map(|(element, value)| {
            let was = *before.values.get(&element.id)?;
            (value < was).then(|| {
                let finding = Finding::warn("value.falls").field(format!("values.{}", element.code));
                finding.with("element", &element.code).with("before", was).with("after", value)
            })
        });
        Ok(fell.collect())
    }

    /// Whether an element of the draft was changed by somebody else since the sender looked. Changes of other elements
    /// are merged.
    fn moved_meanwhile(
        &self,
        tx: &mut Tx<'_>,
        before: &Sheet,
        draft: &Checked,
    ) -> Result<Option<Problem>, Fail> {
        let Some(seen) = draft.seen_rev.filter(|&seen| seen != before.rev) else { return Ok(None) };
        let then = read::values_at_rev(tx, &self.book, before, seen)?;
        let touched = draft.values.keys().chain(&draft.unsaid);
        let clash = match then {
            None => true,
            Some(then) => touched.into_iter().any(|id| then.get(id) != before.values.get(id)),
        };
        Ok(clash.then(|| Problem::new(ProblemKind::Stale, "report.stale").with("revision", before.rev)))
    }
}

/// The sheet after a draft, or why it is refused.
fn apply(before: &Sheet, draft: &Checked, at_ms: i64, on_time: bool) -> Result<Sheet, Problem> {
    let mut after = before.clone();
    if draft.act == ActKind::Zero {
        let standing =
            draft.events.iter().filter(|id| before.values.get(id).is_some_and(|&value| value != 0));
        let findings: Vec<_> = standing.map(|_| Finding::refuse("zero.event_stands").field("act")).collect();
        if !findings.is_empty() {
            return Err(Problem::invalid("zero.event_stands").findings(findings));
        }
    }
    for id in &draft.unsaid {
        after.values.remove(id);
    }
    after.values.extend(&draft.values);
    let kind = draft.act;
    match after.acts.iter_mut().find(|act| act.form == draft.form) {
        Some(act) => {
            act.kind = kind;
            act.version = draft.version;
            act.last_at_ms = at_ms;
        }
        None => after.acts.push(Act {
            form: draft.form,
            version: draft.version,
            kind,
            on_time,
            first_at_ms: at_ms,
            last_at_ms: at_ms,
        }),
    }
    Ok(after)
}

/// What a sheet's change adds to the totals of a series. Statements about all below are never added; they only count
/// as the unit's report where it has made none of its own.
fn difference(
    series: &Assignment,
    scope: Scope,
    before: &Sheet,
    after: &Sheet,
    other: Option<&Sheet>,
) -> Total {
    let mut delta = Total::default();
    let other_act = other.and_then(|sheet| sheet.act(series.form));
    match scope {
        Scope::Alone => {
            delta.add_values(&series.layout, &before.values, before.act(series.form).or(other_act), -1);
            delta.add_values(&series.layout, &after.values, after.act(series.form).or(other_act), 1);
        }
        Scope::Below if other_act.is_none() => {
            delta.add_values(&series.layout, &Default::default(), before.act(series.form), -1);
            delta.add_values(&series.layout, &Default::default(), after.act(series.form), 1);
        }
        Scope::Below => {}
    }
    delta
}

/// The cut-off of a form on a day as an instant (milliseconds UTC), in the operation's time zone.
pub fn cut_off_ms(form: &super::model::Form, day: Day, ctx: &Ctx) -> i64 {
    instant_ms(day, form.cut_off_min, ctx)
}

/// So many minutes after a day's midnight, as an instant.
pub fn instant_ms(day: Day, minutes: i32, ctx: &Ctx) -> i64 {
    let (days, minutes) = (minutes.div_euclid(1440), minutes.rem_euclid(1440));
    let time = jiff::civil::time((minutes / 60) as i8, (minutes % 60) as i8, 0, 0);
    day.plus(days).at(time, &ctx.zone).unwrap_or(i64::MAX)
}

/// Longest words of an incident, in characters.
const INCIDENT_CHARS_MAX: usize = 2000;

/// Registers an incident: at once, outside the daily report, for every level above to see. Nobody between holds it,
/// and it changes no report.
pub fn incident_file(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    book: &Book,
    unit: &str,
    element: &str,
    value: i64,
    words: &str,
) -> Result<Incident, Fail> {
    let day = ctx.today();
    let unknown = || Problem::not_found("unit.unknown").with("unit", unit);
    let standing = org::standings_by_code(tx, &[unit], day)?.into_iter().next().ok_or_else(unknown)?;
    if let Reach::Under(top) = ctx.reach
        && !standing.chain.contains(&top)
    {
        return Err(unknown().into());
    }
    let mut findings = Vec::new();
    let element_id = counts_incidents(book, element);
    if element_id.is_none() {
        findings.push(Finding::refuse("incident.element").field("element").with("element", element));
    }
    if !(1..=1_000_000).contains(&value) {
        findings.push(
            Finding::refuse("value.out_of_range").field("value").with("value", value).with("max", 1_000_000),
        );
    }
    if words.chars().nth(INCIDENT_CHARS_MAX).is_some() || words.contains('\0') {
        findings.push(Finding::refuse("value.too_long").field("words").with("max", INCIDENT_CHARS_MAX));
    }
    let (Some(element), true) = (element_id, findings.is_empty()) else {
        return Err(Problem::invalid("incident.refused").findings(findings).into());
    };
    let incident = Incident {
        id: ctx.id().to_string(),
        unit: standing.unit,
        element,
        value,
        at_ms: ctx.now_ms,
        words: words.trim().to_owned(),
        bucket: standing.bucket,
    };
    let actor = ctx.actor.to_string();
    store::incident_add(tx, &incident, ctx.operation, day, &actor)?;
    let body = format!("{}/{day}/{}/{}", incident.id, incident.element, incident.value).into_bytes();
    let subject = format!("unit:{}", incident.unit);
    let entry = Entry {
        operation: ctx.operation,
        actor: &actor,
        action: "incident.file",
        subject: &subject,
        prev: None,
        request: None,
        body,
    };
    tx.journal(entry)?;
    Ok(incident)
}
