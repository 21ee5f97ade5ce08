//! One entry of a report: what was written for an element, and the number or the words it comes to. Pure.

use super::super::model::{Element, Item, NUMBER_MAX, TEXT_CHARS_MAX, ValueType};
use muster_kernel::Finding;
use muster_kernel::words::{has_control, number_of_person};
use muster_sheet::halfwidth;
use std::borrow::Cow;

/// What was entered for an element: words, a number as it was written, or *unsay it*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entered {
    /// As written: `12`, `3.5`, a code, words.
    Written(String),
    /// A whole number, from a door that knows numbers: the same as its digits written, and cheaper.
    Whole(i64),
    /// Said before, and now not said.
    Unsaid,
}

/// What an entry comes to.
pub(super) enum Read {
    Number(i64),
    Words(String),
    Unsaid,
}

/// Reads an entry as its element's type, within the bounds of the form's item.
pub(super) fn read(element: &Element, item: &Item, entered: &Entered) -> Result<Read, Finding> {
    let text = match entered {
        // Words are taken back by empty ones, which stand where they stood.
        Entered::Unsaid if element.value_type == ValueType::Text => return Ok(Read::Words(String::new())),
        Entered::Unsaid => return Ok(Read::Unsaid),
        Entered::Written(text) => Cow::Borrowed(text),
        Entered::Whole(number) => match element.value_type {
            ValueType::Integer => return within(item, element, in_bounds(*number)?).map(Read::Number),
            _ => Cow::Owned(number.to_string()),
        },
    };
    let text = text.as_str();
    match &element.value_type {
        ValueType::Rate { .. } => Err(Finding::refuse("value.computed")),
        ValueType::Text => match words_finding(text, TEXT_CHARS_MAX) {
            Some(finding) => Err(finding),
            None => Ok(Read::Words(text.trim().to_owned())),
        },
        ValueType::Choice { codes } => match codes.iter().position(|code| code == text.trim()) {
            Some(position) => Ok(Read::Number(position as i64)),
            None => Err(Finding::refuse("value.unknown_choice").with("value", text)),
        },
        ValueType::Integer => within(item, element, parse_scaled(text, 0)?).map(Read::Number),
        ValueType::Decimal { scale } => within(item, element, parse_scaled(text, *scale)?).map(Read::Number),
    }
}

/// Reads a number as it was written into whole numbers of its last decimal place. Nothing is rounded in silence.
pub fn parse_scaled(text: &str, scale: u8) -> Result<i64, Finding> {
    // A workbook takes full-width digits for words, and so they come.
    let narrow = halfwidth(text.trim());
    let plain = narrow.as_ref();
    let not_a_number = || {
        // A workbook's way to show a long number: what it stands for can no longer be told.
        let scientific = plain.contains(['e', 'E']) && plain.parse::<f64>().is_ok_and(f64::is_finite);
        let code = if scientific { "value.scientific" } else { "value.not_a_number" };
        Finding::refuse(code).with("value", text)
    };
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, plain),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty()
        || !is_digits(whole)
        || !is_digits(fraction)
        || (digits.contains('.') && fraction.is_empty())
    {
        return Err(not_a_number());
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > usize::from(scale) {
        return Err(Finding::refuse("value.too_many_decimals").with("value", text).with("places", scale));
    }
    let scaled: i64 = format!("{whole}{fraction:0<width$}", width = usize::from(scale))
        .parse()
        .ok()
        .filter(|&number| number <= NUMBER_MAX)
        .ok_or_else(|| out_of_range(text, -NUMBER_MAX, NUMBER_MAX))?;
    Ok(sign * scaled)
}

/// A number that is kept, as a written one would be.
fn in_bounds(number: i64) -> Result<i64, Finding> {
    let out = || out_of_range(number, -NUMBER_MAX, NUMBER_MAX);
    (-NUMBER_MAX..=NUMBER_MAX).contains(&number).then_some(number).ok_or_else(out)
}

/// Smaller or larger than may be, and what may be.
pub(in crate::lines::reporting) fn out_of_range(
    value: impl std::fmt::Display,
    least: i64,
    most: i64,
) -> Finding {
    Finding::refuse("value.out_of_range").with("value", value).with("min", least).with("max", most)
}

pub(in crate::lines::reporting) fn within(
    item: &Item,
    element: &Element,
    number: i64,
) -> Result<i64, Finding> {
    let unit = 10i64.pow(u32::from(element.scale()));
    let least = item.min.unwrap_or(0).saturating_mul(unit);
    let most = item.max.map_or(NUMBER_MAX, |max| max.saturating_mul(unit));
    if (least..=most).contains(&number) {
        return Ok(number);
    }
    let shown = show_scaled(number, element.scale());
    Err(out_of_range(shown, item.min.unwrap_or(0), item.max.unwrap_or(NUMBER_MAX)))
}

/// A stored number as it is written: `1250` with two places is `12.5`.
pub fn show_scaled(number: i64, scale: u8) -> String {
    if scale == 0 {
        return number.to_string();
    }
    let unit = 10i64.pow(u32::from(scale));
    let sign = if number < 0 { "-" } else { "" };
    let (whole, fraction) = (number.abs() / unit, number.abs() % unit);
    let fraction = format!("{fraction:0width$}", width = usize::from(scale));
    match fraction.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    }
}

/// What is wrong with words: what no text holds, or too many of them.
pub(in crate::lines::reporting) fn words_finding(text: &str, chars_max: usize) -> Option<Finding> {
    if has_control(text) {
        return Some(Finding::refuse("value.control_character"));
    }
    let long = text.chars().nth(chars_max).is_some();
    long.then(|| Finding::refuse("value.too_long").with("max", chars_max))
}

/// What is worth a look in words that are taken in: a number that may be somebody's. A report speaks of no person.
pub(in crate::lines::reporting) fn words_worth_a_look(text: &str) -> Option<Finding> {
    number_of_person(text).map(|_| Finding::warn("value.telephone"))
}
