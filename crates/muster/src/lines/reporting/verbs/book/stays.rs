//! What of an element stays as it is: what it is, always; what it means, once a frozen day shows it; that it is asked, on
//! days that began.

use super::super::super::book::Book;
use super::super::super::model::{Element, Form, ValueType};
use super::super::super::store;
use crate::{Ctx, Fail};
use muster_kernel::{Day, Finding};
use muster_store::Tx;

/// Why an element cannot become another, at each field that would have to stay.
pub(super) fn findings(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    book: &Book,
    was: &Element,
    now: &Element,
) -> Result<Vec<Finding>, Fail> {
    let mut findings: Vec<Finding> = changed_being(was, now)
        .into_iter()
        .map(|field| Finding::refuse("element.type_changed").field(field).with("element", &was.code))
        .collect();
    let (meaning, dates) = (changed_meaning(was, now), (was.since, was.until) != (now.since, now.until));
    if meaning.is_empty() && !dates {
        return Ok(findings);
    }
    // Freezings under way end first.
    tx.barrier()?;
    let frozen = frozen_asking(tx, book, was, now)?;
    if let Some(day) = frozen.iter().rfind(|day| was.holds(**day)) {
        findings.extend(meaning.into_iter().map(|field| {
            Finding::refuse("element.meaning_frozen").field(field).with("element", &was.code).with("day", day)
        }));
    }
    match frozen.into_iter().find(|day| was.holds(*day) != now.holds(*day)) {
        Some(day) => {
            let field = if (day < was.since) != (day < now.since) { "since" } else { "until" };
            findings.push(Finding::refuse("element.day_frozen").field(field).with("day", day));
        }
        None => findings.extend(asked_no_more(book, was, now, ctx.today())),
    }
    Ok(findings)
}

/// The versions of forms that ask an element.
pub(super) fn asking<'a>(book: &'a Book, element: &'a Element) -> impl Iterator<Item = &'a Form> {
    book.forms().iter().filter(|form| form.items.iter().any(|item| item.element == element.code))
}

/// Fields that say what an element is. A list of choices may grow.
fn changed_being(was: &Element, now: &Element) -> Vec<&'static str> {
    let mut fields = Vec::new();
    if was.class != now.class {
        fields.push("class");
    }
    match (&was.value_type, &now.value_type) {
        (was, now) if was == now => {}
        (ValueType::Choice { codes: old }, ValueType::Choice { codes: new }) if new.starts_with(old) => {}
        (ValueType::Decimal { .. }, ValueType::Decimal { .. }) => fields.push("value_type.scale"),
        (
            ValueType::Rate { numerator, denominator },
            ValueType::Rate { numerator: above, denominator: below },
        ) => {
            fields.extend((numerator != above).then_some("value_type.numerator"));
            fields.extend((denominator != below).then_some("value_type.denominator"));
        }
        _ => fields.push("value_type"),
    }
    fields
}

/// Fields that say what the numbers of an element mean. How something adds up that is no number means nothing.
fn changed_meaning(was: &Element, now: &Element) -> Vec<&'static str> {
    let adds_up = matches!(was.value_type, ValueType::Integer | ValueType::Decimal { .. });
    let mut fields = Vec::new();
    if was.unit != now.unit {
        fields.push("unit");
    }
    if adds_up && was.over_units != now.over_units {
        fields.push("over_units");
    }
    if adds_up && was.over_time != now.over_time {
        fields.push("over_time");
    }
    fields
}

/// Days, frozen in any operation, of forms that ask an element as it was or as it would be.
fn frozen_asking(tx: &mut Tx<'_>, book: &Book, was: &Element, now: &Element) -> Result<Vec<Day>, Fail> {
    let (since, until) = (was.since.min(now.since), was.until.max(now.until));
    let mut frozen = Vec::new();
    for form in asking(book, was) {
        let days = (since.max(form.since), until.min(form.until));
        frozen.extend(store::frozen_anywhere(tx, form.id, days)?);
    }
    frozen.sort_unstable();
    Ok(frozen)
}

/// What is wrong where a day that began would ask an element no more: reports of it may say it. To ask it of such a day
/// takes nothing from anybody.
fn asked_no_more(book: &Book, was: &Element, now: &Element, today: Day) -> Vec<Finding> {
    let begun = |(since, until): (Day, Day)| {
        let asked = |form: &Form| since.max(form.since) < until.min(form.until).min(today.plus(1));
        asking(book, was).any(asked)
    };
    let before = (was.since, was.until.min(now.since));
    let after = (was.since.max(now.until), was.until);
    let stretches = [("since", before), ("until", after)];
    let told = stretches.into_iter().filter(|(_, days)| begun(*days));
    told.map(|(field, _)| Finding::refuse("element.day_begun").field(field).with("day", today)).collect()
}
