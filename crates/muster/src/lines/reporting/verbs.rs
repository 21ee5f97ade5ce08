//! What can be done with reports. The only place where the order of things is decided: tree, sheets, journal, totals.

mod answered;
mod assign;
mod book;
mod incident;
mod remind;
mod scan;
mod wanted;
mod work;

pub use assign::{Reassign, form_assign, form_reassign};
pub use book::{book_held, book_tag, element_set, form_set};
pub use incident::incident_file;
pub use remind::{RemindStep, Reminded, Reminding, missing_remind};
pub use scan::report_scan;

use super::check::Checked;
use super::model::{ActKind, Sheet};
use super::shelf::BookShelf;
use super::store;
use crate::lines::org::{self, Call, Called, Standing};
use crate::{Ctx, Fail, Reach};
use answered::Answers;
use jiff::tz::TimeZone;
use muster_kernel::day::Day;
use muster_kernel::{Finding, Problem};
use muster_store::{Link, Rows, StoreError, Tx, journal_read};
use std::collections::BTreeSet;
use std::sync::Arc;
use wanted::{SheetsWanted, sheets_asks, sheets_wanted};
use work::Work;

/// What the sender of a report gets back: proof that it is stored, and where.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The unit.
    pub unit: i64,
    /// Ancestors from the top down to the unit itself.
    pub chain: Arc<[i64]>,
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
    /// Whether it changed what was said before.
    pub corrects: bool,
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

/// Days of forms of which a batch asks beforehand whether they are frozen; of others it asks one by one, where it must.
const FROZEN_LOOKS_MAX: usize = 4;

/// The finding on a report that says what was said before, word for word.
pub const UNCHANGED: &str = "report.unchanged";

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

/// Whether the units of a batch may have reported before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// They may: each is looked for and locked.
    Look,
    /// Hardly: all are written as first reports, without a look that costs about as much as the writing. Where one is
    /// not the first, the database refuses it and the batch runs again, and looks.
    Unlikely,
}

/// Files a batch of reports of one operation: a single request, a bulk upload and a workbook are the same path. Beside
/// the results, the units it called, to be kept on the roll once this is stored.
pub fn report_file(
    tx: &mut Tx<'_>,
    operation: i64,
    shelf: &BookShelf,
    filings: &[Filing],
    earlier: Earlier,
) -> Result<(Filed, Call), Fail> {
    // Who tells which revision it saw, saw an earlier one.
    let is_looked_for =
        earlier == Earlier::Look || filings.iter().any(|filing| filing.draft.seen_rev.is_some());
    let wanted: Vec<(Day, &str)> = filings.iter().map(|f| (f.draft.day, f.draft.unit.as_str())).collect();
    let mut call = shelf.roll.call(tx, &wanted)?;
    let mut found = found(filings, &call);
    // Its sheets are locked and earlier answers looked for, then what a report relies on without locking it is looked at:
    // where units stand, what is asked of whom, and whether the day is frozen.
    let days: BTreeSet<(i64, Day)> = filings.iter().map(|f| (f.draft.form, f.draft.day)).collect();
    let frozen =
        days.iter().take(FROZEN_LOOKS_MAX).map(|&(form, day)| store::frozen_ask(operation, form, day));
    let looks = [org::epoch_ask()].into_iter().chain(store::epoch_asks()).chain(frozen);
    let sheets_of = |found: &[Result<Option<Arc<Called>>, Problem>]| match is_looked_for {
        true => sheets_wanted(filings, found.iter().map(|found| found.as_ref().ok()?.as_deref())),
        false => SheetsWanted::new(),
    };
    let mut sheets = sheets_of(&found);
    let own = sheets_asks(&sheets, operation).into_iter().chain(Answers::ask(tx, filings));
    tx.hold(own.collect(), looks.collect())?;
    let epoch = tx.gate("tree", |tx| org::tree_epoch(tx))?;
    tx.gate("asked", |tx| store::asked_epoch(tx))?;
    if call.epoch != epoch {
        call = shelf.roll.anew(tx, epoch, &wanted)?;
        found = self::found(filings, &call);
        sheets = sheets_of(&found);
    }
    let standings = explained(tx, filings, found)?;
    let book = shelf.current(tx, operation)?;
    let mut answers = Answers::read(tx, filings)?;
    let mut work = Work::open(tx, operation, &book, filings, &standings, sheets)?;
    let mut filed = Filed::with_capacity(filings.len());
    for (filing, called) in filings.iter().zip(&standings) {
        if let Some(answer) = answers.given(filing, called.as_ref().ok()) {
            filed.push(answer);
            continue;
        }
        let result = match called {
            Ok(called) => work.file(tx, called, filing)?,
            Err(problem) => Err(problem.clone()),
        };
        if let Ok(receipt) = &result {
            answers.keep(filing, receipt)?;
        }
        filed.push(result);
    }
    work.close(tx)?;
    answers.close(tx)?;
    Ok((filed, call))
}

/// Whether a sheet says what somebody else than the asker said, of a unit that is not the asker's own. A superior may
/// file for the silent and put right what it filed itself, and never overwrite.
pub fn report_of_another(
    rows: &mut impl Rows,
    ctx: &Ctx,
    standing: &Standing,
    sheet: &Sheet,
) -> Result<bool, StoreError> {
    let Some(last) = sheet.last else { return Ok(false) };
    // Who has the whole has the unit at the top for its own, and no other: neither the first account nor the command line
    // is a way around this.
    let is_at = ctx.reach.is_at(standing.unit, standing.parent == 0);
    if is_at && ctx.lent_ms.is_none() {
        return Ok(false);
    }
    let entry = journal_read(rows, last)?;
    if entry.as_ref().is_some_and(|entry| entry.actor == ctx.actor.to_string()) {
        return Ok(false);
    }
    // Whoever holds a link is at the unit; who issued it may hold it as well, and be a superior. So what was said before it was
    // issued is not theirs to say otherwise.
    let is_before = |lent_ms| entry.is_none_or(|entry| entry.at <= lent_ms);
    Ok(!is_at || ctx.lent_ms.is_some_and(is_before))
}

/// For each filing, its unit as it stands on its day; or why the sender may not file for it.
type Standings = Vec<Result<Arc<Called>, Problem>>;

/// For each filing, its unit as far as the sender may know of it.
fn found(filings: &[Filing], call: &Call) -> Vec<Result<Option<Arc<Called>>, Problem>> {
    // What came in one upload came at one moment: its day is reckoned once.
    let mut today: Option<(i64, Day)> = None;
    let of = |(Filing { ctx, draft, .. }, found): (&Filing, &Option<Arc<Called>>)| {
        let known = today.filter(|(at_ms, _)| *at_ms == ctx.now_ms).map(|(_, day)| day);
        let day = known.unwrap_or_else(|| ctx.today());
        today = Some((ctx.now_ms, day));
        let found = found.clone().filter(|found| ctx.reach.covers(&found.standing.chain));
        // Nobody can say what a day was before it began: by the unit's own clocks where it has such.
        let own = found.as_ref().and_then(|found| found.zone.as_ref());
        if draft.day > own.map_or(day, |zone| Day::of_instant(ctx.now_ms, zone)) {
            return Err(Problem::invalid("report.future_day").with("day", draft.day));
        }
        Ok(found)
    };
    filings.iter().zip(&call.found).map(of).collect()
}

/// Says of each unit that was not found why it was not.
fn explained(
    tx: &mut Tx<'_>,
    filings: &[Filing],
    found: Vec<Result<Option<Arc<Called>>, Problem>>,
) -> Result<Standings, Fail> {
    let absent = filings.iter().zip(&found).filter(|(_, found)| matches!(found, Ok(None)));
    let absent: Vec<(Reach, &str, Day)> =
        absent.map(|(f, _)| (f.ctx.reach.clone(), f.draft.unit.as_str(), f.draft.day)).collect();
    let mut why = match absent.is_empty() {
        true => Vec::new(),
        false => org::units_absent(tx, &absent)?,
    }
    .into_iter();
    let explained = |found: Result<Option<Arc<Called>>, Problem>| match found? {
        Some(found) => Ok(found),
        None => Err(why.next().unwrap_or_else(|| Problem::internal("an absent unit without a reason"))),
    };
    Ok(found.into_iter().map(explained).collect())
}

/// The cut-off of a form on a day as an instant (milliseconds UTC), in the operation's time zone: the one that closes
/// the day.
pub fn cut_off_ms(form: &super::model::Form, day: Day, ctx: &Ctx) -> i64 {
    instant_ms(day, form.cut_off_min, ctx)
}

/// The cut-off of a form for a unit in a time zone of its own: the same time by its own clocks.
pub fn cut_off_in(form: &super::model::Form, day: Day, zone: &TimeZone) -> i64 {
    instant_in(day, form.cut_off_min, zone)
}

/// So many minutes after a day's midnight, as an instant.
pub fn instant_ms(day: Day, minutes: i32, ctx: &Ctx) -> i64 {
    instant_in(day, minutes, &ctx.zone)
}

fn instant_in(day: Day, minutes: i32, zone: &TimeZone) -> i64 {
    let (days, minutes) = (minutes.div_euclid(1440), minutes.rem_euclid(1440));
    let time = jiff::civil::time((minutes / 60) as i8, (minutes % 60) as i8, 0, 0);
    day.plus(days).at(time, zone).unwrap_or(i64::MAX)
}
