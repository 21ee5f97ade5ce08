//! Verbs of the book: set an element, set a form. A question without an owner and a purpose cannot be asked; a changed
//! type is a new element.

mod stays;
mod words;

use super::super::book::Book;
use super::super::model::{Assignment, Element, Form, ValueType};
use super::super::redraw::series_redraw;
use super::super::rules::rules_findings;
use super::super::store;
use crate::{Ctx, Fail};
use muster_kernel::{Day, Finding, Problem};
use muster_store::{Entry, Link, Rows, StoreError, Tx};
use serde::Serialize;

/// Longest code of an element or form.
const CODE_CHARS_MAX: usize = 64;
/// Most items of a form: a form that asks more than this is not a daily report.
const ITEMS_MAX: usize = 500;

/// Sets an element: a new one by its code, or new names, owner, purpose or dates of one that is there. What it means may
/// change until a day that shows it is frozen; what it is, never.
///
/// # Errors
/// `element.refused` with findings at the fields.
pub fn element_set(tx: &mut Tx<'_>, ctx: &Ctx, mut element: Element) -> Result<i64, Fail> {
    let book = locked(tx, ctx)?;
    let mut findings = code_findings(&element.code);
    for (field, text) in
        [("owner", &element.owner), ("purpose", &element.purpose), ("names", &element.names.zh_hans)]
    {
        if text.trim().is_empty() {
            findings.push(Finding::refuse("element.needs").field(field).with("field", field));
        }
    }
    findings.extend(words::of_element(&element));
    findings.extend(days_findings(element.since, element.until));
    match book.element_by_code(&element.code) {
        Some(known) => {
            element.id = known.id;
            findings.extend(stays::findings(tx, ctx, &book, known, &element)?);
        }
        None => element.id = book.elements().last().map_or(1, |last| last.id + 1),
    }
    if let ValueType::Decimal { scale } = element.value_type
        && !(1..=6).contains(&scale)
    {
        findings.push(Finding::refuse("element.scale").field("value_type.scale"));
    }
    if let ValueType::Rate { numerator, denominator } = &element.value_type {
        for part in [numerator, denominator] {
            if !book.element_by_code(part).is_some_and(Element::is_added) {
                findings.push(Finding::refuse("element.rate_part").field("value_type").with("element", part));
            }
        }
    }
    if let Some(rate) =
        book.elements().iter().find(|rate| !element.is_added() && rate.is_rate_of(&element.code))
    {
        findings.push(Finding::refuse("element.in_rate").field("over_units").with("element", &rate.code));
    }
    refuse("element.refused", findings)?;
    store::element_set(tx, &element)?;
    let grown = grown_by(tx, ctx, &book, &element)?;
    done(tx, ctx, "element.set", &format!("element:{}", element.code), &element)?;
    series_drawn(tx, ctx, &grown)?;
    Ok(element.id)
}

/// Sets a version of a form. A new version ends the one before on its first day, which is not before tomorrow: what a
/// day asks, and what a frozen one asked, does not change once it began.
///
/// # Errors
/// `form.refused` with findings at the fields.
pub fn form_set(tx: &mut Tx<'_>, ctx: &Ctx, mut form: Form) -> Result<i64, Fail> {
    let book = locked(tx, ctx)?;
    let mut findings = code_findings(&form.code);
    if form.items.is_empty() || form.items.len() > ITEMS_MAX {
        findings.push(Finding::refuse("form.items").field("items").with("max", ITEMS_MAX));
    }
    for (place, item) in form.items.iter().enumerate() {
        let field = format!("items[{place}].element");
        if book.element_by_code(&item.element).is_none() {
            findings
                .push(Finding::refuse("value.unknown_element").field(&field).with("element", &item.element));
        }
        if form.items[..place].iter().any(|other| other.element == item.element) {
            findings.push(Finding::refuse("form.item_twice").field(field).with("element", &item.element));
        }
    }
    for (field, minutes, last) in
        [("cut_off_min", form.cut_off_min, 2880), ("as_of_min", form.as_of_min, 1440)]
    {
        if !(0..=last).contains(&minutes) {
            findings.push(Finding::refuse("form.clock").field(field));
        }
    }
    findings.extend(words::of_form(&form));
    findings.extend(rules_findings(&book, &form));
    findings.extend(days_findings(form.since, form.until));
    let mut versions: Vec<&Form> = book.forms().iter().filter(|known| known.code == form.code).collect();
    versions.sort_by_key(|known| known.version);
    form.id = versions
        .first()
        .map_or_else(|| book.forms().iter().map(|f| f.id).max().unwrap_or(0) + 1, |known| known.id);
    form.version = versions.last().map_or(1, |known| known.version + 1);
    if let Some(last) = versions.last() {
        // Days that began are asked as they were: who reported in the morning answered what is asked in the evening.
        let after = last.since.max(ctx.today());
        if form.since <= after {
            findings.push(Finding::refuse("form.since").field("since").with("day", after));
        }
        if form.as_of_min != last.as_of_min {
            findings.push(Finding::refuse("form.as_of_changed").field("as_of_min"));
        }
    }
    refuse("form.refused", findings)?;
    if let Some(last) = versions.last() {
        store::form_set(tx, &Form { until: last.until.min(form.since), ..(*last).clone() })?;
    }
    store::form_set(tx, &form)?;
    let mut numbers: Vec<i64> = asked(&book, &form, Element::is_number);
    numbers.sort_unstable();
    if book.layout_holding(&numbers).is_none() {
        layout_add(tx, ctx, book.layout_next(), &numbers)?;
    }
    let added = asked(&book, &form, Element::is_added);
    let old = book.assignments().iter().filter(|series| series.form == form.id);
    let mut grown: Vec<Assignment> = Vec::new();
    for series in old {
        let new: Vec<i64> = added.iter().copied().filter(|id| !series.layout.contains(id)).collect();
        if !new.is_empty() {
            let mut series = series.clone();
            series.layout.extend(&new);
            store::assignment_set(tx, ctx.operation, &series)?;
            if asked_elsewhere(&book, &form, &new) {
                grown.push(series);
            }
        }
    }
    done(tx, ctx, "form.set", &format!("form:{}", form.code), &form)?;
    series_drawn(tx, ctx, &grown)?;
    Ok(form.id)
}

/// What is wrong where days end before they begin.
fn days_findings(since: Day, until: Day) -> Option<Finding> {
    (until < since).then(|| Finding::refuse("days.ends_before").field("until").with("since", since))
}

/// Gives an element that is added up, and was not, its place in the totals of the forms that ask it.
fn grown_by(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    book: &Book,
    element: &Element,
) -> Result<Vec<Assignment>, StoreError> {
    let asks = |series: &&Assignment| stays::asking(book, element).any(|form| form.id == series.form);
    let lacks = |series: &&Assignment| element.is_added() && !series.layout.contains(&element.id);
    let mut grown: Vec<Assignment> = book.assignments().iter().filter(asks).filter(lacks).cloned().collect();
    for series in &mut grown {
        series.layout.push(element.id);
        store::assignment_set(tx, ctx.operation, series)?;
    }
    Ok(grown)
}

/// Whether another form asks some of these elements at the same instant: then there may be sheets that say them.
pub(super) fn asked_elsewhere(book: &Book, form: &Form, elements: &[i64]) -> bool {
    let mut others =
        book.forms().iter().filter(|other| other.id != form.id && other.as_of_min == form.as_of_min);
    others.any(|other| asked(book, other, |_| true).iter().any(|id| elements.contains(id)))
}

/// Draws the totals of series from the sheets that are there already. Reports under way have ended by now or look again
/// at what is asked.
pub(super) fn series_drawn(tx: &mut Tx<'_>, ctx: &Ctx, grown: &[Assignment]) -> Result<(), Fail> {
    if grown.is_empty() {
        return Ok(());
    }
    let book = Book::load(tx, ctx.operation)?;
    grown.iter().try_for_each(|series| series_redraw(tx, &book, ctx.operation, series))
}

/// The book, while nobody else changes it: numbers of elements, forms and assignments are given in order.
pub(super) fn locked(tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Book, Fail> {
    store::book_lock(tx)?;
    Ok(Book::load(tx, ctx.operation)?)
}

/// The state of what is asked of whom: another one after each change of an element, a form or an assignment.
pub fn book_tag(rows: &mut impl Rows) -> Result<String, StoreError> {
    Ok(store::asked_epoch(rows)?.to_string())
}

/// As [`book_tag`]; until the end of the transaction nobody else changes it.
pub fn book_held(tx: &mut Tx<'_>) -> Result<String, StoreError> {
    store::book_lock(tx)?;
    book_tag(tx)
}

pub(super) fn asked(book: &Book, form: &Form, wanted: impl Fn(&Element) -> bool) -> Vec<i64> {
    let elements = form.items.iter().filter_map(|item| book.element_by_code(&item.element));
    elements.filter(|element| wanted(element)).map(|element| element.id).collect()
}

/// Adds a layout. It stands in the journal, since without it no packed number can be read.
pub(super) fn layout_add(tx: &mut Tx<'_>, ctx: &Ctx, id: i64, elements: &[i64]) -> Result<(), Fail> {
    if !store::layout_add(tx, id, elements)? {
        return Err(tx.again().into());
    }
    store::book_epoch_next(tx)?;
    journal(tx, ctx, "layout.add", &format!("layout:{id}"), &elements).map(drop)
}

/// Counts and journals a change of what is asked. The caller holds the book.
pub(super) fn done(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    action: &'static str,
    subject: &str,
    body: &impl Serialize,
) -> Result<Link, Fail> {
    store::asked_epoch_next(tx)?;
    // Reports under way end first, and later ones see what is asked now.
    tx.barrier()?;
    let mut body = serde_json::to_value(body).map_err(Problem::internal)?;
    // Changes of the book come one at a time: by their count the later of two words is known, whatever the clock said.
    body["asked"] = store::asked_epoch(tx)?.into();
    journal(tx, ctx, action, subject, &body)
}

fn journal(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    action: &'static str,
    subject: &str,
    body: &impl Serialize,
) -> Result<Link, Fail> {
    let body = serde_json::to_vec(body).map_err(Problem::internal)?;
    let actor = ctx.actor.to_string();
    let entry =
        Entry { operation: ctx.operation, actor: &actor, action, subject, prev: None, request: None, body };
    Ok(tx.journal(entry)?)
}

pub(super) fn refuse(code: &'static str, findings: Vec<Finding>) -> Result<(), Problem> {
    if findings.is_empty() { Ok(()) } else { Err(Problem::invalid(code).findings(findings)) }
}

fn code_findings(code: &str) -> Vec<Finding> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let good = !code.is_empty() && code.len() <= CODE_CHARS_MAX && code.chars().all(plain);
    if good {
        Vec::new()
    } else {
        vec![Finding::refuse("code.malformed").field("code").with("max", CODE_CHARS_MAX)]
    }
}
