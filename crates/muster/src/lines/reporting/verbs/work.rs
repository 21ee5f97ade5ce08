//! One batch of reports while it is worked on: sheets locked and read at once, each report applied to them in order,
//! everything written at once.

mod ruled;
mod said;

use super::super::book::Book;
use super::super::check::{Checked, Request};
use super::super::model::{Act, ActKind, Assignment, Element, Scope, Sheet, SheetKey, Values};
use super::super::pack::{pack_acts, pack_values};
use super::super::revision::{Revision, words_hash};
use super::super::rollup::Total;
use super::super::store;
use super::book::layout_add;
use super::wanted::SheetsWanted;
use super::{Filing, Receipt, Standings, UNCHANGED, cut_off_in, cut_off_ms, report_of_another};
use crate::lines::org::{Called, Standing};
use crate::{Ctx, Fail};
use muster_kernel::day::Day;
use muster_kernel::{Digest, Finding, Problem, ProblemKind};
use muster_store::{Entry, Link, StoreError, TotalKey, Tx};
use ruled::{Yesterday, answered, yesterday_read};
use rustc_hash::{FxBuildHasher, FxHashMap};
use said::words_differ;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The sheets of one batch.
pub(super) struct Work<'a> {
    operation: i64,
    book: Cow<'a, Book>,
    sheets: FxHashMap<SheetKey, Open>,
    /// Numbers of the day before, of units whose reports are compared with it.
    yesterday: Yesterday,
    totals: FxHashMap<TotalKey, Total>,
    notes: Vec<store::Note>,
    corrections: Vec<store::Correction>,
    frozen: HashMap<(i64, Day), bool>,
    /// When a form of a day is due by the operation's clocks, as it was last reckoned.
    due: Option<(i64, Day, i64)>,
    /// The layout that the last sheet was packed by, and its elements.
    layout: Option<(i64, Arc<[i64]>, Vec<i64>)>,
}

/// A sheet as the batch has left it so far.
#[derive(Default)]
struct Open {
    sheet: Sheet,
    /// Whether the table has a row of it.
    stored: bool,
    /// What is to be written: layout, numbers, acts.
    written: Option<(i64, Vec<u8>, Vec<u8>)>,
    /// Words that this batch said, by element.
    words: BTreeMap<i64, String>,
}

/// What is stored of one report.
struct Said<'d> {
    draft: &'d Checked,
    /// Reasons that rules asked, by element.
    remarks: BTreeMap<i64, String>,
    correction: bool,
}

impl<'a> Work<'a> {
    /// Locks and reads the sheets that the batch is about, in the order of their keys.
    pub(super) fn open(
        tx: &mut Tx<'_>,
        operation: i64,
        book: &'a Book,
        filings: &[Filing],
        standings: &Standings,
        wanted: SheetsWanted,
    ) -> Result<Self, Fail> {
        let mut sheets = FxHashMap::with_capacity_and_hasher(filings.len(), FxBuildHasher);
        for ((bucket, day, slot), units) in wanted {
            for (unit, scope, sheet) in store::sheets_lock(tx, book, operation, bucket, day, slot, &units)? {
                let key = SheetKey { bucket, operation, day, slot, unit, scope };
                sheets.insert(key, Open { sheet, stored: true, ..Open::default() });
            }
        }
        let yesterday = yesterday_read(tx, operation, book, filings, standings)?;
        Ok(Self {
            operation,
            book: Cow::Borrowed(book),
            sheets,
            yesterday,
            totals: FxHashMap::default(),
            notes: Vec::new(),
            corrections: Vec::new(),
            frozen: HashMap::new(),
            due: None,
            layout: None,
        })
    }

    /// Applies one report.
    pub(super) fn file(
        &mut self,
        tx: &mut Tx<'_>,
        Called { standing, zone }: &Called,
        filing: &Filing,
    ) -> Result<Result<Receipt, Problem>, Fail> {
        let draft = &filing.draft;
        let Some(form) = self.book.form_by_id(draft.form, draft.day) else {
            return Ok(Err(Problem::conflict("form.version_changed")));
        };
        if form.version != draft.version {
            return Ok(Err(Problem::conflict("form.version_changed")));
        }
        let of_form = self.book.assignments().iter().filter(|series| series.form == draft.form);
        let given = of_form.filter(|series| series.asks(&standing.chain, &standing.kind, draft.scope));
        if !given.clone().any(|series| series.holds(draft.day)) {
            let ended = given.filter(|series| series.until <= draft.day).map(|series| series.until).max();
            let problem = match ended {
                Some(since) => Problem::invalid("report.expected_no_more").with("since", since),
                None => Problem::invalid("report.not_expected"),
            };
            return Ok(Err(problem.with("unit", &draft.unit)));
        }
        // Zones take their time, and most of a batch is about one day.
        let reckoned = self.due.filter(|(form, day, _)| (*form, *day) == (draft.form, draft.day));
        let due_ms = reckoned.map_or_else(|| cut_off_ms(form, draft.day, &filing.ctx), |(.., due_ms)| due_ms);
        self.due = Some((draft.form, draft.day, due_ms));
        let due_ms = match zone {
            // When it was told nobody knows: that it is taken in now says nothing of it.
            _ if form.afterwards => i64::MAX,
            Some(zone) => cut_off_in(form, draft.day, zone),
            None => due_ms,
        };
        let key = SheetKey {
            bucket: standing.bucket,
            operation: self.operation,
            day: draft.day,
            slot: draft.slot,
            unit: standing.unit,
            scope: draft.scope,
        };
        let mut open = std::mem::take(self.sheets.entry(key).or_default());
        let filed = self.file_on(tx, standing, filing, due_ms, &key, &mut open);
        self.sheets.insert(key, open);
        filed
    }

    fn file_on(
        &mut self,
        tx: &mut Tx<'_>,
        standing: &Standing,
        filing: &Filing,
        due_ms: i64,
        key: &SheetKey,
        open: &mut Open,
    ) -> Result<Result<Receipt, Problem>, Fail> {
        let Filing { ctx, draft, at_ms } = filing;
        let before = &open.sheet;
        let on_time = *at_ms <= due_ms;
        let mut after = match apply(before, draft, *at_ms, on_time) {
            Ok(after) => after,
            Err(problem) => return Ok(Err(problem)),
        };
        if let Some(problem) = self.moved_meanwhile(tx, key, before, draft)? {
            return Ok(Err(problem));
        }
        let (mut lacking, judged) = self.ruled(key, &mut after, draft);
        lacking.extend(self.lacking(tx, key, before, &after, draft)?);
        let act = |sheet: &Sheet| sheet.act(draft.form).map(|act| (act.kind, act.on_time));
        let (kind, on_time) = act(&after).unwrap_or((draft.act, on_time));
        let mut receipt = Receipt {
            unit: standing.unit,
            chain: standing.chain.clone(),
            day: draft.day,
            link: before.last.unwrap_or(Link { lane: 0, no: 0 }),
            rev: before.rev,
            at_ms: before.at_ms,
            on_time,
            act: kind,
            corrects: false,
            findings: draft.notes.iter().cloned().chain(self.falls(key, draft)).collect(),
        };
        let known = act(before).is_some();
        let replaces = before.values.iter().any(|(id, value)| after.values.get(id) != Some(value));
        let same = known
            && lacking.is_empty()
            && !replaces
            && after.values.len() == before.values.len()
            && act(before) == act(&after)
            && (draft.words.is_empty() || !words_differ(tx, key, open, &draft.words)?);
        if same {
            // Said again, word for word: the first answer stands, nothing is stored twice.
            receipt.findings.push(Finding::note(UNCHANGED));
            return Ok(Ok(receipt));
        }
        let refused: Vec<Finding> = lacking.into_iter().chain(judged.refused).collect();
        if !refused.is_empty() {
            return Ok(Err(Problem::invalid("report.refused").findings(refused)));
        }
        let correction = known || replaces;
        if correction && draft.reason.is_none() {
            return Ok(Err(Problem::invalid("report.reason_needed")
                .findings(vec![Finding::refuse("report.reason_needed").field("reason")])));
        }
        if correction && report_of_another(tx, ctx, standing, before)? {
            return Ok(Err(Problem::new(ProblemKind::Forbidden, "report.of_another")));
        }
        receipt.findings.extend(judged.told);
        let (remarks, missing) = answered(draft, judged.asked, &mut receipt.findings);
        if !missing.is_empty() {
            return Ok(Err(Problem::invalid("report.refused").findings(missing)));
        }
        let said = Said { draft, remarks, correction };
        let link = self.store(tx, ctx, key, open, after, &said, standing)?;
        // Whatever the clock said when the report was drawn up: it may have waited since, or be behind.
        if !correction && self.is_frozen(tx, draft.form, draft.day)? {
            let rev = open.sheet.rev;
            self.corrections.push(store::Correction { key: *key, at_ms: ctx.now_ms, link, rev });
        }
        Ok(Ok(Receipt { link, rev: open.sheet.rev, at_ms: ctx.now_ms, corrects: correction, ..receipt }))
    }

    /// Journals one revision, puts it in the sheet, and adds up what it changes.
    #[expect(clippy::too_many_arguments, reason = "the parts of one step; a struct would only rename them")]
    fn store(
        &mut self,
        tx: &mut Tx<'_>,
        ctx: &Ctx,
        key: &SheetKey,
        open: &mut Open,
        mut after: Sheet,
        Said { draft, remarks, correction }: &Said<'_>,
        standing: &Standing,
    ) -> Result<Link, Fail> {
        let correction = *correction;
        let rev = open.sheet.rev + 1;
        let (layout, vals) = self.packed(tx, ctx, &after, draft)?;
        let acts = pack_acts(&after.acts);
        let reason = draft.reason.as_deref().filter(|_| correction).map(|reason| (0, reason));
        let words = draft.words.iter().filter(|(_, words)| rev > 1 || !words.is_empty());
        let words = words.map(|(&id, words)| (id, words.as_str())).chain(reason);
        // A remark stands beside the words of its element, under the element's number with the other sign.
        let remarks = remarks.iter().map(|(&id, remark)| (-id, remark.as_str()));
        let words: Vec<(i64, &str)> = words.chain(remarks).collect();
        let revision = Revision {
            key: *key,
            rev,
            form: draft.form,
            layout,
            vals,
            acts,
            words: words.iter().map(|&(id, words)| (id, words_hash(words))).collect(),
        };
        // A sender's id may be anybody's name, and what the journal holds is for ever.
        let id =
            |request: &Request| Digest::of(format!("{}/{}", ctx.actor, request.client_id).as_bytes()).short();
        let request = draft.request.as_ref().map(id);
        let entry = Entry {
            operation: self.operation,
            actor: &ctx.actor.to_string(),
            action: if correction { "report.correct" } else { "report.file" },
            subject: &format!("unit:{}", key.unit),
            prev: open.sheet.last,
            request: request.as_deref(),
            body: revision.pack(),
        };
        let link = tx.journal_at(entry, ctx.now_ms)?;
        for (element, words) in words {
            self.notes.push(store::Note { key: *key, element, rev, words: words.to_owned() });
        }
        open.words.extend(draft.words.iter().map(|(id, words)| (*id, words.clone())));
        if correction {
            self.corrections.push(store::Correction { key: *key, at_ms: ctx.now_ms, link, rev });
        }
        self.add_up(standing, key, &open.sheet, &after);
        (after.rev, after.at_ms, after.last) = (rev, ctx.now_ms, Some(link));
        open.sheet = after;
        open.written = Some((layout, revision.vals, revision.acts));
        if key.scope == Scope::Below {
            self.own_sheet_held(key)?;
        }
        Ok(link)
    }

    /// Keeps an empty own sheet beside a statement, so that whoever files the one or the other first meets the other
    /// at a row: the two together count as one report of the unit, not as two.
    fn own_sheet_held(&mut self, statement: &SheetKey) -> Result<(), Fail> {
        let key = SheetKey { scope: Scope::Alone, ..*statement };
        let own = self.sheets.entry(key).or_default();
        if !own.stored && own.written.is_none() {
            let layout = self.book.layout_holding(&[]);
            let (id, layout) = layout.ok_or_else(|| StoreError::Corrupt("a book without a layout".into()))?;
            let empty = pack_values(layout, &Values::new()).unwrap_or_default();
            own.written = Some((id, empty, pack_acts(&[])));
        }
        Ok(())
    }

    /// The numbers packed by the smallest layout that holds them. Where there is none, a new one is written: of all
    /// numbers that the forms of this sheet ask, so that a few layouts serve all sheets.
    fn packed(
        &mut self,
        tx: &mut Tx<'_>,
        ctx: &Ctx,
        sheet: &Sheet,
        draft: &Checked,
    ) -> Result<(i64, Vec<u8>), Fail> {
        let impossible = || StoreError::Corrupt("a layout that does not hold its elements".into());
        if let Some((id, layout, elements)) = &self.layout
            && sheet.values.keys().eq(elements)
        {
            return Ok((*id, pack_values(layout, &sheet.values).ok_or_else(impossible)?));
        }
        let mut elements: Vec<i64> = sheet.values.keys().copied().collect();
        if let Some((id, layout)) = self.book.layout_holding(&elements) {
            let packed = pack_values(layout, &sheet.values).ok_or_else(impossible)?;
            self.layout = Some((id, layout.clone(), elements));
            return Ok((id, packed));
        }
        for act in &sheet.acts {
            elements.extend(self.book.numbers_asked(act.form, draft.day));
        }
        elements.sort_unstable();
        elements.dedup();
        let id = self.book.layout_next();
        layout_add(tx, ctx, id, &elements)?;
        self.book = Cow::Owned(self.book.with_layout(id, &elements));
        Ok((id, pack_values(&elements, &sheet.values).ok_or_else(impossible)?))
    }

    /// Whether a form's day is frozen: a first report that comes after that stands with the corrections, so that the
    /// next brief tells of it. Looked at while the transaction holds its lane, so that no freeze can come between the answer
    /// and the commit.
    fn is_frozen(&mut self, tx: &mut Tx<'_>, form: i64, day: Day) -> Result<bool, Fail> {
        if let Some(&known) = self.frozen.get(&(form, day)) {
            return Ok(known);
        }
        let at = store::frozen_at(tx, self.operation, form, day)?;
        self.frozen.insert((form, day), at.is_some());
        Ok(at.is_some())
    }

    /// Adds the difference that a sheet makes to every node above it that keeps a row.
    fn add_up(&mut self, standing: &Standing, key: &SheetKey, before: &Sheet, after: &Sheet) {
        let other = if key.scope == Scope::Alone { Scope::Below } else { Scope::Alone };
        let other = self.sheets.get(&SheetKey { scope: other, ..*key }).map(|open| &open.sheet);
        for series in self.book.series_for(&standing.chain, &standing.kind, key.day, key.slot) {
            let delta = difference(series, key.scope, before, after, other).trimmed();
            if delta.0.is_empty() {
                continue;
            }
            for node in standing.nodes().filter(|node| self.book.in_crown(*node)) {
                let total = TotalKey { day: key.day.number(), series: series.id, node };
                self.totals.entry(total).or_default().add(&delta);
            }
        }
    }

    /// Writes what was collected, each kind in one step, in the order of its keys.
    pub(super) fn close(self, tx: &mut Tx<'_>) -> Result<(), Fail> {
        let (mut new, mut old) = (Vec::new(), Vec::new());
        for (key, open) in self.sheets {
            let Some((layout, vals, acts)) = open.written else { continue };
            let Sheet { rev, at_ms, last, .. } = open.sheet;
            let row = store::SheetRow { key, rev, at_ms, last, layout, vals, acts };
            if open.stored { old.push(row) } else { new.push(row) }
        }
        old.sort_unstable_by_key(|row| row.key);
        new.sort_unstable_by_key(|row| row.key);
        store::sheets_set(tx, old)?;
        store::notes_add(tx, self.notes)?;
        store::corrections_add(tx, self.operation, &self.corrections)?;
        for (key, total) in self.totals {
            tx.add(key, &total.places())?;
        }
        store::sheets_add(tx, new)?;
        Ok(())
    }
}

/// The elements of a draft that only grow, with what it says of them.
fn growing_elements<'b>(book: &'b Book, draft: &'b Checked) -> impl Iterator<Item = (&'b Element, i64)> {
    let element = |(id, value): (&i64, &i64)| book.element(*id).map(|element| (element, *value));
    draft.values.iter().filter_map(element).filter(|(element, _)| element.cumulative)
}

/// The sheet after a draft, or why it is refused.
fn apply(before: &Sheet, draft: &Checked, at_ms: i64, on_time: bool) -> Result<Sheet, Problem> {
    if draft.act == ActKind::Zero {
        let stands = |id: &&i64| before.values.get(id).is_some_and(|&value| value != 0);
        let findings = draft.events.iter().filter(stands);
        let findings: Vec<_> = findings.map(|_| Finding::refuse("zero.event_stands").field("act")).collect();
        if !findings.is_empty() {
            return Err(Problem::invalid("zero.event_stands").findings(findings));
        }
    }
    let mut after = before.clone();
    for id in &draft.unsaid {
        after.values.remove(id);
    }
    if after.values.is_empty() {
        after.values = draft.values.clone();
    } else {
        after.values.extend(draft.values.iter().map(|(&id, &value)| (id, value)));
    }
    match after.acts.iter_mut().find(|act| act.form == draft.form) {
        Some(act) => {
            act.kind = draft.act;
            act.version = draft.version;
            act.last_at_ms = at_ms;
        }
        None => after.acts.push(Act {
            form: draft.form,
            version: draft.version,
            kind: draft.act,
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
    let mut delta = Total::with_room_for(&series.layout);
    let other = other.and_then(|sheet| sheet.act(series.form));
    let (before_act, after_act) = (before.act(series.form), after.act(series.form));
    match scope {
        Scope::Alone => {
            delta.add_values(&series.layout, &before.values, before_act.or(other), -1);
            delta.add_values(&series.layout, &after.values, after_act.or(other), 1);
        }
        Scope::Below if other.is_none() => {
            delta.add_values(&series.layout, &Values::new(), before_act, -1);
            delta.add_values(&series.layout, &Values::new(), after_act, 1);
        }
        Scope::Below => {}
    }
    delta
}
