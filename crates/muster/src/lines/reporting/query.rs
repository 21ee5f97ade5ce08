//! A question about one form's day. Pure; `read.rs` answers it.

use super::below::Below;
use super::book::{Book, form_absent};
use super::model::{Assignment, Counting, Element, Form, Scope};
use crate::Reach;
use crate::lines::org::Standing;
use muster_kernel::{Day, Problem};

/// Of whoever asks for all.
static EVERYWHERE: Reach = Reach::All;

/// What all questions about one form's day share.
#[derive(Clone, Copy)]
pub struct Query<'a> {
    /// The book.
    pub book: &'a Book,
    /// The operation.
    pub operation: i64,
    /// The version of the form on the day.
    pub form: &'a Form,
    /// The form's assignment whose totals are asked for.
    pub series: &'a Assignment,
    /// The day.
    pub day: Day,
    /// Answer as it was known at this instant (milliseconds UTC); none = now.
    pub known_at_ms: Option<i64>,
    /// Who is known to lie below small nodes, and the tree's epoch in the moment that is read; none = it is read.
    pub below: Option<(&'a Below, i64)>,
    /// What part of the tree the asker may know of. A node that is within it on one day may not have been on another.
    pub reach: &'a Reach,
}

impl<'a> Query<'a> {
    /// The question about a form on a day; none when it is not asked then.
    pub fn new(book: &'a Book, operation: i64, form: &str, day: Day) -> Option<Self> {
        let form = book.form(form, day)?;
        let series = book.series_of_form(form.id, day)?;
        Some(Self { book, operation, form, series, day, known_at_ms: None, below: None, reach: &EVERYWHERE })
    }
    /// The same question about another day.
    pub fn on(self, day: Day) -> Self {
        Self { day, ..self }
    }
    /// The rule of what counts on a day: that of the version of the form that is asked then.
    pub(super) fn counting(&self, day: Day) -> Counting {
        let asked = self.book.form(&self.form.code, day).unwrap_or(self.form);
        asked.counting
    }
    /// As-of instant within the day, in minutes.
    pub fn slot(&self) -> i64 {
        i64::from(self.form.as_of_min)
    }

    /// Whether the form asks a unit itself for a report.
    pub(super) fn asks(&self, unit: &Standing) -> bool {
        unit.chain.contains(&self.series.unit) && self.series.expects(&unit.kind)
    }

    /// Whether a node keeps totals that answer this question: those of now.
    pub(super) fn is_kept(&self, node: i64) -> bool {
        self.known_at_ms.is_none() && self.book.in_crown(node)
    }

    /// The elements to look at first: the first four of the form whose figures are added up.
    pub fn leading(&self) -> impl Iterator<Item = &'a Element> + use<'a> {
        let (book, form) = (self.book, self.form);
        let elements = form.items.iter().filter_map(move |item| book.element_by_code(&item.element));
        elements.filter(|element| element.is_added()).take(4)
    }
}

/// Whether a form asks a unit for its own figures on a day.
///
/// # Errors
/// As [`form_absent`], where the form is asked of nobody then.
pub fn unit_asks<'b>(
    book: &'b Book,
    form: &str,
    day: Day,
) -> Result<impl Fn(&Standing) -> bool + use<'b>, Problem> {
    let asked = book.form(form, day).ok_or_else(|| form_absent(book, form, day))?.id;
    let series = book.assignments().iter().filter(move |series| series.form == asked && series.holds(day));
    let series: Vec<_> = series.collect();
    Ok(move |unit: &Standing| series.iter().any(|series| series.asks(&unit.chain, &unit.kind, Scope::Alone)))
}
