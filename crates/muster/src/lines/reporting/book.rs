//! The book: what is asked, in which views, of whom. Pure; `shelf.rs` reads it and keeps it in memory.

use super::check::Asked;
use super::model::{Assignment, Element, Form, Item};
use super::rules::Compiled;
use muster_kernel::{Day, Problem};
use muster_store::StoreError;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::HashMap;
use std::sync::Arc;

/// The book as it stood at one epoch.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// Counts its changes.
    pub epoch: i64,
    elements: FxHashMap<i64, Arc<Element>>,
    codes: HashMap<String, i64>,
    forms: Vec<Form>,
    /// Of each form the elements of its items, and their order by code; see [`Asked`].
    asked: Vec<(Vec<Arc<Element>>, Vec<usize>)>,
    /// Of each form its rules, ready to be judged by; none where it has none.
    rules: Vec<Option<Arc<Compiled>>>,
    assignments: Vec<Assignment>,
    layouts: HashMap<i64, Arc<[i64]>>,
    crown: FxHashSet<i64>,
}

/// The rows that a book is made of.
pub(super) struct Written {
    pub(super) epoch: i64,
    pub(super) elements: Vec<Element>,
    pub(super) forms: Vec<Form>,
    pub(super) assignments: Vec<Assignment>,
    pub(super) layouts: HashMap<i64, Arc<[i64]>>,
    pub(super) crown: FxHashSet<i64>,
}

impl Book {
    /// The book of what a store holds of it.
    ///
    /// # Errors
    /// A form asks an element that there is not.
    pub(super) fn of(written: Written) -> Result<Self, StoreError> {
        let Written { epoch, elements, forms, assignments, layouts, crown } = written;
        let elements: FxHashMap<_, _> =
            elements.into_iter().map(|element| (element.id, Arc::new(element))).collect();
        let codes = elements.values().map(|element| (element.code.clone(), element.id)).collect();
        let asked: Vec<_> =
            forms.iter().map(|form| asked(form, &elements, &codes)).collect::<Result<_, _>>()?;
        let ready = forms.iter().zip(&asked).map(|(form, (elements, _))| Compiled::of(form, elements));
        let rules = ready.map(|ready| ready.map(Arc::new)).collect();
        Ok(Self { epoch, elements, codes, forms, asked, rules, assignments, layouts, crown })
    }
    /// An element by its number.
    pub fn element(&self, id: i64) -> Option<&Element> {
        self.elements.get(&id).map(|element| &**element)
    }
    /// An element by its code.
    pub fn element_by_code(&self, code: &str) -> Option<&Element> {
        self.element(*self.codes.get(code)?)
    }
    /// All elements, by number.
    pub fn elements(&self) -> Vec<&Element> {
        let mut all: Vec<_> = self.elements.values().map(|element| &**element).collect();
        all.sort_by_key(|element| element.id);
        all
    }
    /// The version of a form that is asked on a day.
    pub fn form(&self, code: &str, day: Day) -> Option<&Form> {
        self.forms.iter().find(|form| form.code == code && form.since <= day && day < form.until)
    }
    /// As [`Book::form`], with its elements at hand: what a report is checked by.
    pub fn asked(&self, code: &str, day: Day) -> Option<Asked<'_>> {
        let holds = |form: &Form| form.code == code && form.since <= day && day < form.until;
        let at = self.forms.iter().position(holds)?;
        let (elements, by_code) = &self.asked[at];
        Some(Asked { form: &self.forms[at], elements, by_code })
    }
    /// The version of a form, by its number, that is asked on a day.
    pub fn form_by_id(&self, id: i64, day: Day) -> Option<&Form> {
        self.forms.iter().find(|form| form.id == id && form.since <= day && day < form.until)
    }
    /// The rules of a form's version of a day, by the form's number; none where it has none and computes nothing.
    pub(super) fn rules(&self, form: i64, day: Day) -> Option<&Arc<Compiled>> {
        let holds = |known: &Form| known.id == form && known.since <= day && day < known.until;
        self.rules[self.forms.iter().position(holds)?].as_ref()
    }
    /// All versions of all forms.
    pub fn forms(&self) -> &[Form] {
        &self.forms
    }
    /// All assignments.
    pub fn assignments(&self) -> &[Assignment] {
        &self.assignments
    }
    /// The assignment that is the series of a form on a day: the one whose totals a page shows.
    pub fn series_of_form(&self, form: i64, day: Day) -> Option<&Assignment> {
        self.assignments.iter().find(|series| series.form == form && series.holds(day))
    }
    /// The series to whose totals a sheet of a unit belongs, by the chain above the unit, its kind, and the day and
    /// as-of instant of the sheet.
    pub fn series_for<'a>(
        &'a self,
        chain: &'a [i64],
        kind: &'a str,
        day: Day,
        slot: i64,
    ) -> impl Iterator<Item = &'a Assignment> {
        self.assignments.iter().filter(move |series| {
            series.holds(day)
                && self.slot(series.form) == Some(slot)
                && chain.contains(&series.unit)
                && series.expects(kind)
        })
    }
    /// The as-of instant of a form within the day, in minutes; the same for all its versions.
    pub fn slot(&self, form: i64) -> Option<i64> {
        self.forms.iter().find(|known| known.id == form).map(|known| i64::from(known.as_of_min))
    }
    /// The elements that a form asks on a day and that are kept as numbers.
    pub fn numbers_asked(&self, form: i64, day: Day) -> impl Iterator<Item = i64> {
        let items = self.form_by_id(form, day).into_iter().flat_map(|form| &form.items);
        let elements = items.filter_map(|item| self.element_by_code(&item.element));
        elements.filter(|element| element.is_number()).map(|element| element.id)
    }
    /// The elements of a layout, by position.
    pub fn layout(&self, id: i64) -> Option<&Arc<[i64]>> {
        self.layouts.get(&id)
    }
    /// The smallest layout that has a place for all these elements (ascending, as layouts are).
    pub fn layout_holding(&self, elements: &[i64]) -> Option<(i64, &Arc<[i64]>)> {
        let holds = |layout: &Arc<[i64]>| {
            let mut places = layout.iter();
            elements.iter().all(|element| places.any(|place| place == element))
        };
        let fitting = self.layouts.iter().filter(|(_, layout)| holds(layout));
        fitting.min_by_key(|(id, layout)| (layout.len(), **id)).map(|(id, layout)| (*id, layout))
    }
    /// A layout that was written a moment ago, known before the next reading of the book.
    pub(super) fn with_layout(&self, id: i64, elements: &[i64]) -> Self {
        let mut book = self.clone();
        book.layouts.insert(id, elements.into());
        book
    }
    /// Whether the totals of a node are kept as rows; all others are added up from their sheets.
    pub fn in_crown(&self, node: i64) -> bool {
        self.crown.contains(&node)
    }
    /// The nodes whose totals are kept as rows.
    pub fn crown(&self) -> &FxHashSet<i64> {
        &self.crown
    }
    /// The next free layout number.
    pub(super) fn layout_next(&self) -> i64 {
        self.layouts.keys().max().map_or(1, |id| id + 1)
    }
}

/// The elements of a form's items in their order, and that order by code.
fn asked(
    form: &Form,
    elements: &FxHashMap<i64, Arc<Element>>,
    codes: &HashMap<String, i64>,
) -> Result<(Vec<Arc<Element>>, Vec<usize>), StoreError> {
    let element = |item: &Item| codes.get(&item.element).and_then(|id| elements.get(id)).cloned();
    let found: Option<Vec<_>> = form.items.iter().map(element).collect();
    let found =
        found.ok_or_else(|| StoreError::Corrupt(format!("form {}: an unknown element", form.code)))?;
    let mut by_code: Vec<usize> = (0..form.items.len()).collect();
    by_code.sort_by_key(|&item| &form.items[item].element);
    Ok((found, by_code))
}

/// Why there is no form of a code; an operation without any form has an empty one.
pub(crate) fn form_unknown(form: &str) -> Problem {
    match form {
        "" => Problem::not_found("form.none"),
        form => Problem::not_found("form.unknown").with("form", form),
    }
}

/// Why a form is asked of nobody on a day: there is none of this code, it is asked no more since a day, or it was not yet.
pub(crate) fn form_absent(book: &Book, form: &str, day: Day) -> Problem {
    let versions: Vec<&Form> = book.forms.iter().filter(|known| known.code == form).collect();
    let Some(known) = versions.first() else { return form_unknown(form) };
    let given = || book.assignments.iter().filter(|series| series.form == known.id);
    let ends = versions.iter().flat_map(|version| {
        let stretches =
            given().map(|series| (version.since.max(series.since), version.until.min(series.until)));
        stretches.filter(|(since, until)| since < until).map(|(_, until)| until)
    });
    let problem = match ends.filter(|until| *until <= day).max() {
        Some(since) => Problem::not_found("form.ended").with("since", since),
        None => Problem::not_found("form.not_assigned"),
    };
    problem.with("form", form).with("day", day)
}
