//! The figures of a day's brief: each element of the form with yesterday's beside it, and whether the two may be compared.

use super::model::{Figure, Key, Sort};
use super::store;
use crate::lines::org::{self, Standing};
use crate::lines::reporting::{Class, Element, Picture, Query, Sum, ValueType, compares};
use muster_kernel::Locale;
use muster_print::BriefDoc;
use muster_store::{Rows, StoreError};
use std::collections::HashMap;

/// Units whose sheets of two days are read to compare them.
const SAME_UNITS_MAX: i64 = 10_000;

/// A stored number in the element's own unit.
pub(super) fn scaled(number: i64, scale: u8) -> f64 {
    number as f64 / 10f64.powi(i32::from(scale))
}

/// Every element of the form that has a figure, with yesterday's.
pub(super) fn figures(
    rows: &mut impl Rows,
    query: &Query<'_>,
    top: &Standing,
    key: &Key,
    (today, yesterday): (&Picture, Option<&Picture>),
) -> Result<Vec<Figure>, StoreError> {
    let mut figures = figures_by_counts(query, today, yesterday);
    if let Some(yesterday) = yesterday {
        same_units(rows, query, top, (yesterday, today), &mut figures)?;
        rates_of_others(query, &mut figures);
    }
    let then = frozen_yesterday(rows, key)?;
    for figure in &mut figures {
        let frozen = then.get(&figure.code).copied();
        figure.yesterday_frozen = frozen.filter(|frozen| *frozen != figure.yesterday);
    }
    Ok(figures)
}

/// A rate is of other units than yesterday's where one of its two numbers is.
fn rates_of_others(query: &Query<'_>, figures: &mut [Figure]) {
    let of_others = |figure: &&Figure| figure.other_units && figure.sort != Sort::Rate;
    let others: Vec<String> = figures.iter().filter(of_others).map(|figure| figure.code.clone()).collect();
    for figure in figures.iter_mut().filter(|figure| figure.value.is_some() && figure.yesterday.is_some()) {
        let value_type = query.book.element(figure.element).map(|element| &element.value_type);
        if let Some(ValueType::Rate { numerator, denominator }) = value_type {
            figure.other_units |= others.contains(numerator) || others.contains(denominator);
        }
    }
}

/// The same, where how many said it on each day alone tells whether they are the same units.
fn figures_by_counts(query: &Query<'_>, today: &Picture, yesterday: Option<&Picture>) -> Vec<Figure> {
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
            other_units: then.as_ref().filter(known).is_some_and(|(then, _)| !compares(now.said, then.said)),
            same: None,
            line: now.line,
        })
    };
    elements.filter_map(figure).collect()
}

/// Looks whether the figures are of the very units of the day before, and if not, how they changed in those that say
/// them on both days. All sheets of both days are read for it, so not of the largest trees; there, and
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
    for figure in figures.iter_mut().filter(|figure| figure.sort != Sort::Rate) {
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

pub(super) struct Value {
    pub(super) value: Option<f64>,
    said: i64,
    line: Option<(f64, f64)>,
}

/// What an element's figure is in a picture; none where the form's series does not keep it.
pub(super) fn value(query: &Query<'_>, picture: &Picture, element: &Element) -> Option<Value> {
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
pub(super) fn charted(figures: &[Figure], leading: &[usize]) -> Vec<usize> {
    let event = figures.iter().position(|figure| figure.sort == Sort::Event);
    let others = leading.iter().copied().filter(|at| Some(*at) != event).take(2);
    event.into_iter().chain(others).collect()
}

pub(super) fn points(query: &Query<'_>, figure: &Figure, pictures: &[Option<Picture>]) -> Vec<Option<f64>> {
    let element = query.book.element(figure.element);
    pictures.iter().map(|picture| value(query, picture.as_ref()?, element?)?.value).collect()
}
