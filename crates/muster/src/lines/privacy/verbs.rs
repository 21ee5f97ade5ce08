//! Saying what is kept, for how long, and when it ends; erasing what is due.

use super::fields::{DUTY_PHONE, FIELDS, LOGIN_NAME, field};
use super::model::{End, Rule};
use super::store;
use crate::lines::{access, org};
use crate::{Ctx, Fail};
use muster_kernel::words::{has_control, number_of_person};
use muster_kernel::{Day, Finding, Problem};
use muster_store::{Entry, Rows, StoreError, Tx};
use serde_json::{Value, json};

/// Longest legal basis or reason, in characters.
pub(super) const TEXT_CHARS_MAX: usize = 300;
/// Longest time that something may be kept after its occasion ended: ten years.
pub(super) const KEEP_DAYS_MAX: u32 = 3_650;
/// What the house itself erases for; journalled.
const TIME_IS_OVER: &str = "time is over";

/// What an operation says of every field of which it may say something, and when it ends.
///
/// # Errors
/// The store's.
pub fn rules(rows: &mut impl Rows, operation: i64) -> Result<(Vec<Rule>, Option<End>), StoreError> {
    let mut said = store::rules(rows, operation)?;
    for field in FIELDS {
        if !said.iter().any(|rule| rule.field == field.word) {
            let keep_days = field.keep_days.unwrap_or_default();
            said.push(Rule { field: field.word.to_owned(), basis: String::new(), keep_days, revision: 0 });
        }
    }
    Ok((said, store::end_of(rows, operation)?))
}

/// Says of a field on what legal basis it is kept (empty: as from the start), and for how many days after its occasion ended
/// (`privacy.set`). What is not said stays.
///
/// # Errors
/// `privacy.unknown`; `privacy.nothing_said`; `privacy.refused` with findings at `basis` and `keep_days`.
pub fn rule_set(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    word: &str,
    basis: Option<&str>,
    keep_days: Option<u32>,
) -> Result<(), Fail> {
    let unknown = || Problem::not_found("privacy.unknown").with("field", word);
    let field = field(word).ok_or_else(unknown)?;
    if basis.is_none() && keep_days.is_none() {
        return Err(Problem::invalid("privacy.nothing_said").into());
    }
    let mut findings = Vec::new();
    if let Some(found) =
        basis.filter(|text| !text.trim().is_empty()).and_then(|text| text_refused(text, "basis"))
    {
        findings.push(found);
    }
    match keep_days {
        Some(_) if field.keep_days.is_none() => {
            findings.push(Finding::refuse("privacy.goes_by_itself").field("keep_days"));
        }
        Some(days) if days > KEEP_DAYS_MAX => {
            findings.push(Finding::refuse("privacy.keep_days").field("keep_days").with("max", KEEP_DAYS_MAX));
        }
        _ => {}
    }
    if !findings.is_empty() {
        return Err(Problem::invalid("privacy.refused").findings(findings).into());
    }
    let held = store::rule_lock(tx, ctx.operation, word)?;
    let was = held.as_ref();
    let rule = Rule {
        field: word.to_owned(),
        basis: basis.map_or_else(
            || was.map(|rule| rule.basis.clone()).unwrap_or_default(),
            |text| text.trim().to_owned(),
        ),
        keep_days: keep_days.or(was.map(|rule| rule.keep_days)).or(field.keep_days).unwrap_or_default(),
        revision: was.map_or(0, |rule| rule.revision) + 1,
    };
    store::rule_put(tx, ctx.operation, &rule)?;
    let body = json!({
        "field": rule.field, "basis": rule.basis, "keep_days": rule.keep_days, "revision": rule.revision,
    });
    noted(tx, ctx, "privacy.set", &body)
}

/// Says on which day the operation ends as far as persons are concerned, and why (`privacy.end`). Said again, it is another
/// decision: an extension, or an earlier end.
///
/// # Errors
/// `privacy.refused` with findings at `day` (before today) and `reason`.
pub fn end_set(tx: &mut Tx<'_>, ctx: &Ctx, day: Day, reason: &str) -> Result<(), Fail> {
    let mut findings: Vec<Finding> = text_refused(reason, "reason").into_iter().collect();
    if day < ctx.today() || day.date().is_none() {
        findings.push(Finding::refuse("privacy.day_past").field("day").with("today", ctx.today()));
    }
    if !findings.is_empty() {
        return Err(Problem::invalid("privacy.refused").findings(findings).into());
    }
    let revision = store::end_lock(tx, ctx.operation)?.map_or(0, |end| end.revision) + 1;
    let end = End { day, reason: reason.trim().to_owned(), revision };
    store::end_put(tx, ctx.operation, &end)?;
    noted(tx, ctx, "privacy.end", &json!({ "day": day, "reason": end.reason, "revision": revision }))
}

/// What is wrong with words that are kept and journalled: none, too long, a number of somebody in them.
fn text_refused(text: &str, field: &str) -> Option<Finding> {
    let count = text.trim().chars().count();
    if count == 0 || count > TEXT_CHARS_MAX || has_control(text) || text.trim().chars().any(char::is_control)
    {
        return Some(Finding::refuse("privacy.text").field(field).with("max", TEXT_CHARS_MAX));
    }
    number_of_person(text).map(|_| Finding::refuse("privacy.text_number").field(field))
}

fn noted(tx: &mut Tx<'_>, ctx: &Ctx, action: &'static str, body: &Value) -> Result<(), Fail> {
    tx.journal(Entry {
        operation: ctx.operation,
        actor: &ctx.actor.to_string(),
        action,
        subject: "privacy",
        prev: None,
        request: None,
        body: body.to_string().into_bytes(),
    })?;
    Ok(())
}

/// Erases the next things whose time is over: names of accounts that ended, telephones of units that closed, and all
/// telephones once the operation ended, each after the days that are said of it. How many; 0 when there are no more.
///
/// # Errors
/// The store's.
pub fn due_erase(tx: &mut Tx<'_>, ctx: &Ctx, limit: u32) -> Result<u64, Fail> {
    let (said, end) = rules(tx, ctx.operation)?;
    let keep = |field: &str| said.iter().find(|rule| rule.field == field).map_or(0, |rule| rule.keep_days);
    // The first day after which nothing that ended then is due yet.
    let due = |field: &str| ctx.today().plus(1 - i32::try_from(keep(field)).unwrap_or(i32::MAX));
    let names = access::accounts_erase_ended(tx, ctx, due(LOGIN_NAME), TIME_IS_OVER, limit)?;
    let closed = match end {
        Some(end) if end.day < due(DUTY_PHONE) => None,
        _ => Some(due(DUTY_PHONE)),
    };
    Ok(names + org::contacts_erase_due(tx, ctx, closed, limit)?)
}
