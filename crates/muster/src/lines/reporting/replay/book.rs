//! The book beside the entries that set it.

use super::super::model::{Assignment, Element, Form};
use super::super::store;
use super::{Replayed, RowFaultKind};
use muster_kernel::Digest;
use muster_store::{Link, Rows, StoreError, Stored};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// What the journal says of the book.
#[derive(Clone, Debug, Default)]
pub(super) struct BookSaid {
    /// Every word on an element: what a form added depends on what its elements were when it was set.
    elements: BTreeMap<String, Vec<Last<Element>>>,
    forms: BTreeMap<(String, i64), Last<Form>>,
    /// With the operation that it is of.
    assignments: BTreeMap<i64, Last<(i64, Assignment)>>,
    /// Changes of assignments, by number and which time: where they are told, and the hash of the reason.
    reassigned: BTreeMap<(i64, i64), (Link, Option<String>)>,
    layouts: BTreeMap<i64, Last<Vec<i64>>>,
}

/// By the count of changes of the book; in entries that do not bear it, by their time.
type Order = (i64, i64, Link);

/// A value and when it was said; of two, the later holds.
#[derive(Clone, Debug)]
struct Last<T> {
    at: Order,
    said: T,
}

fn put<K: Ord, T>(all: &mut BTreeMap<K, Last<T>>, key: K, last: Last<T>) {
    if all.get(&key).is_none_or(|known| known.at <= last.at) {
        all.insert(key, last);
    }
}

impl BookSaid {
    /// Takes in an entry; none where it is about the book and cannot be read.
    pub(super) fn hear(&mut self, entry: &Stored) -> Option<()> {
        let action = entry.action.as_str();
        if !matches!(action, "element.set" | "form.set" | "form.assign" | "form.reassign" | "layout.add") {
            return Some(());
        }
        let body: Value = serde_json::from_slice(&entry.body).ok()?;
        let at = (body["asked"].as_i64().unwrap_or(0), entry.at, entry.link);
        match action {
            "element.set" => {
                let said: Element = serde_json::from_value(body).ok()?;
                self.elements.entry(said.code.clone()).or_default().push(Last { at, said });
            }
            "form.set" => {
                let said: Form = serde_json::from_value(body).ok()?;
                put(&mut self.forms, (said.code.clone(), said.version), Last { at, said });
            }
            "form.assign" | "form.reassign" => {
                if action == "form.reassign" {
                    let reason = body["reason"].as_str().map(str::to_owned);
                    let which = (body["id"].as_i64()?, body["rev"].as_i64()?);
                    self.reassigned.insert(which, (entry.link, reason));
                }
                let said: Assignment = serde_json::from_value(body).ok()?;
                put(&mut self.assignments, said.id, Last { at, said: (entry.operation, said) });
            }
            _ => {
                let id = entry.subject.strip_prefix("layout:")?.parse().ok()?;
                put(&mut self.layouts, id, Last { at, said: serde_json::from_value(body).ok()? });
            }
        }
        Some(())
    }

    /// Takes in what another part of the journal says.
    pub(super) fn add(&mut self, other: BookSaid) {
        for (code, all) in other.elements {
            self.elements.entry(code).or_default().extend(all);
        }
        other.forms.into_iter().for_each(|(key, last)| put(&mut self.forms, key, last));
        other.assignments.into_iter().for_each(|(key, last)| put(&mut self.assignments, key, last));
        self.reassigned.extend(other.reassigned);
        other.layouts.into_iter().for_each(|(key, last)| put(&mut self.layouts, key, last));
    }

    /// An element as it was last set, before something else where that is given.
    fn element(&self, code: &str, before: Option<Order>) -> Option<&Element> {
        let all = self.elements.get(code)?.iter();
        let last = all.filter(|one| before.is_none_or(|before| one.at < before)).max_by_key(|one| one.at)?;
        Some(&last.said)
    }

    /// The elements of an assignment's totals: those it began with, and after them what later versions of its form, and
    /// later words on elements that its form asks, added; each in its place for good.
    fn layout(&self, assigned: &Last<(i64, Assignment)>) -> Vec<i64> {
        let (_, series) = &assigned.said;
        let forms: Vec<&Last<Form>> =
            self.forms.values().filter(|form| form.said.id == series.form).collect();
        let mut later: Vec<(Order, &Element)> = Vec::new();
        for form in &forms {
            let asked = form.said.items.iter().filter_map(|item| self.element(&item.element, Some(form.at)));
            later.extend(asked.map(|element| (form.at, element)));
        }
        for Last { at, said } in self.elements.values().flatten() {
            let asks = |form: &Form| form.items.iter().any(|item| item.element == said.code);
            if forms.iter().any(|form| form.at < *at && asks(&form.said)) {
                later.push((*at, said));
            }
        }
        // What one form adds stays in the order of its items.
        later.sort_by_key(|(at, _)| *at);
        let mut layout = series.layout.clone();
        for (_, element) in later.into_iter().filter(|(at, one)| *at > assigned.at && one.is_added()) {
            if !layout.contains(&element.id) {
                layout.push(element.id);
            }
        }
        layout
    }
}

/// The book's rows as they stand.
#[derive(Debug)]
pub(super) struct BookRows {
    elements: HashMap<String, Option<Element>>,
    forms: Vec<(String, Option<Form>)>,
    assignments: Vec<(i64, Assignment)>,
    reassigned: Vec<store::Reassigned>,
    layouts: HashMap<i64, Arc<[i64]>>,
}

impl BookRows {
    pub(super) fn read(rows: &mut impl Rows) -> Result<Self, StoreError> {
        Ok(Self {
            elements: store::elements_raw(rows)?,
            forms: store::forms_raw(rows)?,
            assignments: store::assignments_raw(rows)?,
            reassigned: store::reassigned(rows)?,
            layouts: store::layouts(rows)?,
        })
    }

    /// Compares them with what was set.
    pub(super) fn compare(&self, said: &BookSaid, replayed: &mut Replayed) {
        let Self { elements, forms, assignments, reassigned, layouts } = self;
        let mut differs = |what: String| replayed.fault(RowFaultKind::BookDiffers, what);
        for (code, element) in elements {
            if said.element(code, None) != element.as_ref() {
                differs(format!("element {code}"));
            }
        }
        for code in said.elements.keys().filter(|code| !elements.contains_key(*code)) {
            differs(format!("element {code} is gone"));
        }
        for (code, form) in forms {
            let fits = form.as_ref().is_some_and(|form| {
                let set = said.forms.get(&(code.clone(), form.version)).map(|last| &last.said);
                // A version ends where the next begins, if not before.
                let next = said.forms.get(&(code.clone(), form.version + 1)).map(|last| last.said.since);
                set.is_some_and(|set| {
                    Form { until: next.unwrap_or(set.until).min(set.until), ..set.clone() } == *form
                })
            });
            if !fits {
                differs(format!("form {code}"));
            }
        }
        if said.forms.len() != forms.len() {
            differs(format!("{} versions of forms were set, {} are there", said.forms.len(), forms.len()));
        }
        for (operation, row) in assignments {
            let fits = said.assignments.get(&row.id).is_some_and(|last| {
                let (of, series) = &last.said;
                of == operation && Assignment { layout: said.layout(last), ..series.clone() } == *row
            });
            if !fits {
                differs(format!("assignment {}", row.id));
            }
        }
        for id in said.assignments.keys().filter(|id| !assignments.iter().any(|(_, row)| row.id == **id)) {
            differs(format!("assignment {id} is gone"));
        }
        let told = |row: &store::Reassigned| {
            let words = Some(&row.words).filter(|words| !words.is_empty());
            (row.link, words.map(|words| Digest::of(words.as_bytes()).to_string()))
        };
        let rows: BTreeMap<_, _> =
            reassigned.iter().map(|row| ((row.assignment, row.rev), told(row))).collect();
        for (id, rev) in rows.keys().chain(said.reassigned.keys()).collect::<BTreeSet<_>>() {
            if rows.get(&(*id, *rev)) != said.reassigned.get(&(*id, *rev)) {
                differs(format!("assignment {id} change {rev}"));
            }
        }
        for (id, elements) in layouts {
            if said.layouts.get(id).is_none_or(|last| last.said != **elements) {
                differs(format!("layout {id}"));
            }
        }
        for id in said.layouts.keys().filter(|id| !layouts.contains_key(id)) {
            differs(format!("layout {id} is gone"));
        }
    }
}
