//! Rules of a form and elements that are computed on it. Pure.
//!
//! A rule is a CEL expression over the elements of a form: `today.X` is what the sheet says after the report, `yesterday.X`
//! what the unit's own sheet says of the day before; what was not said is null. Numbers are compared and reckoned exactly, in
//! units of their last decimal place, and never rounded: an element with two places and one with none may stand in one
//! expression. The codes of a choice are strings. There are no functions, lists or loops, and no division: so each
//! expression ends after as many steps as it has signs.
//!
//! An expression is read and its kinds are looked at once, when the book is read; see `read.rs`. What it comes to for a sheet
//! is found in `judge.rs`.

mod compile;
mod judge;
mod read;
mod set;
#[cfg(test)]
mod tests;

pub(super) use compile::Compiled;
pub(super) use judge::Judged;
pub(super) use set::rules_findings;

use crate::lines::operation::Names;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use utoipa::ToSchema;

/// Most rules of one form.
pub const RULES_MAX: usize = 50;
/// Longest expression, in characters.
pub const EXPRESSION_CHARS_MAX: usize = 500;
/// Largest share, in percent, that a jump is measured by.
pub const JUMP_PERCENT_MAX: u32 = 100_000;

/// What follows where a rule does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Follows {
    /// The report is refused.
    Refuse,
    /// The report is taken in with a reason, which stays with it; without one it is refused.
    Reason,
    /// The report is taken in, and its sender is told.
    Note,
}

/// What a rule asks of a sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Test {
    /// An expression in CEL over `today.X` and `yesterday.X`, at most [`EXPRESSION_CHARS_MAX`] characters; it holds where it
    /// is true.
    Cel {
        /// The expression.
        expression: String,
    },
    /// An element is not above another, where both are said: what is new is part of what there is.
    AtMost {
        /// Code of the element that is not above.
        element: String,
        /// Code of the element that it is not above.
        most: String,
    },
    /// What there is is what there was yesterday, and what is new, less what was corrected; where yesterday was said.
    Carried {
        /// Code of the element that goes on from day to day.
        cumulative: String,
        /// Code of the element that is added.
        new: String,
        /// Code of the element that is taken off; where it is not said, nothing was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        corrected: Option<String>,
    },
    /// An element is not above yesterday's by more than a share of it.
    Jump {
        /// Code of the element.
        element: String,
        /// The share of yesterday's, in percent.
        percent: u32,
        /// A change up to this is never a jump, in the element's own unit.
        #[serde(default)]
        least: u32,
        /// Whether it may not lie below yesterday's by more either.
        #[serde(default)]
        down: bool,
    },
    /// An element is not below yesterday's. Where a form has such a rule, the warning that every cumulative element gives
    /// when it falls is not given beside it.
    NeverFalls {
        /// Code of the element.
        element: String,
    },
}

impl Test {
    /// The expression it stands for.
    pub fn expression(&self) -> String {
        let today = |code: &str| format!("today[\"{code}\"]");
        let yesterday = |code: &str| format!("yesterday[\"{code}\"]");
        let mut text = String::new();
        match self {
            Self::Cel { expression } => text.push_str(expression),
            Self::AtMost { element, most } => {
                let (element, most) = (today(element), today(most));
                unless_said(&mut text, &[&element, &most]);
                let _ = write!(text, "{element} <= {most}");
            }
            Self::Carried { cumulative, new, corrected } => {
                let (now, was, new) = (today(cumulative), yesterday(cumulative), today(new));
                unless_said(&mut text, &[&now, &was, &new]);
                let _ = write!(text, "{now} == {was} + {new}");
                if let Some(corrected) = corrected.as_deref().map(today) {
                    let _ = write!(text, " - ({corrected} == null ? 0 : {corrected})");
                }
            }
            Self::Jump { element, percent, least, down } => {
                let (now, was) = (today(element), yesterday(element));
                unless_said(&mut text, &[&now, &was]);
                let _ =
                    write!(text, "{now} - {was} <= {least} || ({now} - {was}) * 100 <= {was} * {percent}");
                if *down {
                    let up = std::mem::take(&mut text);
                    unless_said(&mut text, &[&now, &was]);
                    let _ = write!(
                        text,
                        "{was} - {now} <= {least} || ({was} - {now}) * 100 <= {was} * {percent}"
                    );
                    text = format!("({up}) && ({text})");
                }
            }
            Self::NeverFalls { element } => {
                let (now, was) = (today(element), yesterday(element));
                unless_said(&mut text, &[&now, &was]);
                let _ = write!(text, "{now} >= {was}");
            }
        }
        text
    }
}

/// Holds where one of these is null, or else what follows.
fn unless_said(text: &mut String, parts: &[&String]) {
    for part in parts {
        let _ = write!(text, "{part} == null || ");
    }
}

/// One rule of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rule {
    /// Code, of its own within the form, such as `new_is_part`.
    pub code: String,
    /// What it asks.
    pub test: Test,
    /// What follows where that is not so.
    pub follows: Follows,
    /// Code of the element at which it is told.
    pub at: String,
    /// The sentence that is told.
    pub says: Names,
}
