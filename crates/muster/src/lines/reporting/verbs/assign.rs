//! Of whom it is asked: a form is given to a part of the tree, and that is ended or put right. Expected counts and totals
//! follow in the same transaction. What was reported stays asked, and a day that is frozen stays as it is.

use super::super::book::Book;
use super::super::check::short_findings;
use super::super::model::{Assignment, Element, Scope};
use super::super::redraw::{days_redraw, expected_redraw};
use super::super::store;
use super::book::{asked, asked_elsewhere, done, locked, refuse, series_drawn};
use crate::lines::operation::{operation_current, operation_set};
use crate::lines::org;
use crate::{Ctx, Fail};
use muster_kernel::{Day, Digest, Finding, Problem};
use muster_store::{Rows as _, Tx};
use serde::Serialize;

/// Days on which reports are in the way that are told one by one.
const DAYS_TOLD: usize = 20;

/// Gives a form to a part of the tree: a unit, and below it the units of some kinds (all when none is named).
///
/// # Errors
/// `form.unknown`; `form.assigned_already` where it is given to somebody on one of the days; `assignment.refused`, with
/// findings at the fields.
pub fn form_assign(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    form: &str,
    unit: i64,
    kinds: Vec<String>,
    since: Day,
    until: Day,
) -> Result<i64, Fail> {
    let book = locked(tx, ctx)?;
    let known = book.forms().iter().filter(|known| known.code == form).max_by_key(|known| known.version);
    let known = known.ok_or_else(|| Problem::not_found("form.unknown").with("form", form))?;
    let series = Assignment {
        id: book.assignments().iter().map(|series| series.id).max().unwrap_or(0) + 1,
        form: known.id,
        unit,
        kinds,
        since,
        until,
        layout: asked(&book, known, Element::is_added),
    };
    let mut findings: Vec<Finding> = before_form(&book, &series).into_iter().collect();
    if until <= since {
        findings.push(ends_before(since));
    }
    refuse("assignment.refused", findings)?;
    alone(&book, &series, form)?;
    store::assignment_set(tx, ctx.operation, &series)?;
    done(tx, ctx, "form.assign", &format!("form:{form}"), &series)?;
    // Whoever changed the tree has ended by now: what is drawn is drawn from the tree that stays.
    let drawn = Book::load(tx, ctx.operation)?;
    expected_redraw(tx, &drawn, &series)?;
    if asked_elsewhere(&book, known, &series.layout) {
        series_drawn(tx, ctx, std::slice::from_ref(&series))?;
    }
    // The first form that is given out is the operation's daily report, until another is named.
    if operation_current(tx)?.is_some_and(|operation| operation.form.is_empty()) {
        operation_set(tx, ctx, |operation| form.clone_into(&mut operation.form))?;
    }
    Ok(series.id)
}

/// What is changed of an assignment; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Reassign {
    /// The unit at whose top the form is given.
    pub unit: Option<i64>,
    /// Kinds of unit that are expected to report; empty = all.
    pub kinds: Option<Vec<String>>,
    /// First day.
    pub since: Option<Day>,
    /// Day after the last. The first day itself takes the whole assignment back.
    pub until: Option<Day>,
    /// Why; needed where a day that is past is asked of others than before.
    pub reason: Option<String>,
}

/// An entry of a change: all of the assignment after it, how often it was changed, what it was before, and the hash of
/// the reason.
#[derive(Serialize)]
struct Entry<'a> {
    #[serde(flatten)]
    now: &'a Assignment,
    rev: i64,
    was: &'a Assignment,
    reason: Option<String>,
}

/// Ends an assignment, or puts it right: another last day, another first day, another part of the tree. Nothing changes
/// where that is what it is already.
///
/// # Errors
/// `assignment.unknown`; `form.assigned_already`; `assignment.refused` with findings at the fields: it ends before it
/// begins, a reason is needed, a day is frozen, a report was taken in that would no longer be asked.
pub fn form_reassign(tx: &mut Tx<'_>, ctx: &Ctx, id: i64, change: &Reassign) -> Result<Assignment, Fail> {
    let book = locked(tx, ctx)?;
    let unknown = || Problem::not_found("assignment.unknown").with("assignment", id);
    let was = book.assignments().iter().find(|series| series.id == id).ok_or_else(unknown)?.clone();
    let form = book.forms().iter().find(|form| form.id == was.form).ok_or_else(unknown)?.code.clone();
    let Reassign { unit, kinds, since, until, reason } = change.clone();
    let now = Assignment {
        unit: unit.unwrap_or(was.unit),
        kinds: kinds.unwrap_or_else(|| was.kinds.clone()),
        since: since.unwrap_or(was.since),
        until: until.unwrap_or(was.until),
        ..was.clone()
    };
    let reason = reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    let mut findings = short_findings("reason", reason.as_deref());
    if now.until < now.since {
        findings.push(ends_before(now.since).field(if until.is_some() { "until" } else { "since" }));
    }
    if now.since != was.since {
        findings.extend(before_form(&book, &now));
    }
    let Some(first) = now.differs_from(&was).filter(|_| findings.is_empty()) else {
        refuse("assignment.refused", findings)?;
        return Ok(was);
    };
    alone(&book, &now, &form)?;
    if first < ctx.today() && reason.is_none() {
        findings.push(Finding::refuse("assignment.reason_needed").field("reason").with("day", first));
    }
    // Reports and freezings under way end first, and changes of the tree too.
    tx.barrier()?;
    let book = Book::load(tx, ctx.operation)?;
    let days = (was.since.min(now.since), was.until.max(now.until));
    let differs = |day: &Day| now.differs_on(&was, *day);
    let frozen = store::frozen_days(tx, ctx.operation, was.form, days)?.into_iter().find(differs);
    findings.extend(frozen.map(|day| {
        Finding::refuse("assignment.day_frozen").field(field_of(&was, &now, day)).with("day", day)
    }));
    let said: Vec<Day> =
        store::sheet_days(tx, ctx.operation, days.0, days.1)?.into_iter().filter(differs).collect();
    for day in &said {
        if findings.len() < DAYS_TOLD {
            findings.extend(reports_in_the_way(tx, ctx, &book, (&was, &now), *day)?);
        }
    }
    refuse("assignment.refused", findings)?;
    let rev = 1 + store::reassigned(tx)?.iter().filter(|changed| changed.assignment == id).count() as i64;
    store::assignment_set(tx, ctx.operation, &now)?;
    let hash = reason.as_deref().map(|reason| Digest::of(reason.as_bytes()).to_string());
    let entry = Entry { now: &now, rev, was: &was, reason: hash };
    let link = done(tx, ctx, "form.reassign", &format!("form:{form}"), &entry)?;
    let words = reason.unwrap_or_default();
    store::reassigned_add(tx, &store::Reassigned { assignment: id, rev, link, words })?;
    let book = Book::load(tx, ctx.operation)?;
    expected_redraw(tx, &book, &now)?;
    days_redraw(tx, &book, ctx.operation, &now, &said)?;
    Ok(now)
}

/// Refuses where a form would be given to two on one day.
fn alone(book: &Book, series: &Assignment, form: &str) -> Result<(), Problem> {
    let mut others =
        book.assignments().iter().filter(|other| other.form == series.form && other.id != series.id);
    match others.find(|other| other.meets(series)) {
        Some(other) => Err(Problem::conflict("form.assigned_already")
            .with("form", form)
            .with("assignment", other.id)
            .with("since", other.since)),
        None => Ok(()),
    }
}

/// What is wrong where a form would be asked on days before its first version.
fn before_form(book: &Book, series: &Assignment) -> Option<Finding> {
    let versions = book.forms().iter().filter(|form| form.id == series.form);
    let begins = versions.map(|form| form.since).min().filter(|begins| series.since < *begins)?;
    Some(Finding::refuse("assignment.before_form").field("since").with("day", begins))
}

fn ends_before(since: Day) -> Finding {
    Finding::refuse("days.ends_before").field("until").with("since", since)
}

/// The field that changes what is asked on a day.
fn field_of(was: &Assignment, now: &Assignment, day: Day) -> &'static str {
    match () {
        () if was.holds(day) && now.holds(day) && was.unit != now.unit => "unit",
        () if was.holds(day) && now.holds(day) => "kinds",
        () if (day < was.since) != (day < now.since) => "since",
        () => "until",
    }
}

/// What is wrong where reports of a day were asked, and would not be any more.
fn reports_in_the_way(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    book: &Book,
    (was, now): (&Assignment, &Assignment),
    day: Day,
) -> Result<Option<Finding>, Fail> {
    let Some(slot) = book.slot(was.form) else { return Ok(None) };
    let (mut count, mut first) = (0, None);
    for bucket in 1..=i64::from(tx.buckets()) {
        let mut after = Some(i64::MIN);
        while let Some(from) = after {
            let (page, next) = store::sheets_page(tx, book, (ctx.operation, bucket), (day, slot), from)?;
            let said: Vec<(i64, Scope)> = page
                .into_iter()
                .filter(|(_, _, sheet)| sheet.act(was.form).is_some())
                .map(|(unit, scope, _)| (unit, scope))
                .collect();
            let mut units: Vec<i64> = said.iter().map(|(unit, _)| *unit).collect();
            units.dedup();
            for standing in org::standings_on(tx, &units, day)? {
                let asks = |series: &Assignment, scope| {
                    series.holds(day) && series.asks(&standing.chain, &standing.kind, scope)
                };
                let lost = |(unit, scope): &&(i64, Scope)| {
                    *unit == standing.unit && asks(was, *scope) && !asks(now, *scope)
                };
                let lost = said.iter().filter(lost).count();
                count += lost;
                if lost > 0 && first.is_none() {
                    first = Some(standing.code.clone());
                }
            }
            after = next;
        }
    }
    Ok(first.map(|unit| {
        Finding::refuse("assignment.reported")
            .field(field_of(was, now, day))
            .with("day", day)
            .with("count", count)
            .with("unit", unit)
    }))
}
