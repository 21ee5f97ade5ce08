//! The book beside the entries that set it.

use super::super::model::{Assignment, Element, Form};
use super::super::store;
use super::{Replayed, RowFaultKind};
use muster_store::{Link, Rows, StoreError, Stored};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What the journal says of the book: the last word on each part.
#[derive(Clone, Debug, Default)]
pub(super) struct BookSaid {
    elements: BTreeMap<String, Last<Element>>,
    forms: BTreeMap<(String, i64), Last<Form>>,
    assignments: BTreeMap<i64, Last<Assignment>>,
    layouts: BTreeMap<i64, Last<Vec<i64>>>,
}

/// A value and when it was said; of two, the later holds.
#[derive(Clone, Debug)]
struct Last<T> {
    at: (i64, Link),
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
        let at = (entry.at, entry.link);
        let body = &entry.body;
        match entry.action.as_str() {
            "element.set" => {
                let said: Element = serde_json::from_slice(body).ok()?;
                put(&mut self.elements, said.code.clone(), Last { at, said });
            }
            "form.set" => {
                let said: Form = serde_json::from_slice(body).ok()?;
                put(&mut self.forms, (said.code.clone(), said.version), Last { at, said });
            }
            "form.assign" => {
                let said: Assignment = serde_json::from_slice(body).ok()?;
                put(&mut self.assignments, said.id, Last { at, said });
            }
            "layout.add" => {
                let id = entry.subject.strip_prefix("layout:")?.parse().ok()?;
                put(&mut self.layouts, id, Last { at, said: serde_json::from_slice(body).ok()? });
            }
            _ => {}
        }
        Some(())
    }

    /// Takes in what another part of the journal says.
    pub(super) fn add(&mut self, other: BookSaid) {
        other.elements.into_iter().for_each(|(key, last)| put(&mut self.elements, key, last));
        other.forms.into_iter().for_each(|(key, last)| put(&mut self.forms, key, last));
        other.assignments.into_iter().for_each(|(key, last)| put(&mut self.assignments, key, last));
        other.layouts.into_iter().for_each(|(key, last)| put(&mut self.layouts, key, last));
    }
}

/// The book's rows as they stand.
#[derive(Debug)]
pub(super) struct BookRows {
    elements: HashMap<String, Option<Element>>,
    forms: Vec<(String, Option<Form>)>,
    assignments: Vec<Assignment>,
    layouts: HashMap<i64, Arc<[i64]>>,
}

impl BookRows {
    pub(super) fn read(rows: &mut impl Rows) -> Result<Self, StoreError> {
        Ok(Self {
            elements: store::elements_raw(rows)?,
            forms: store::forms_raw(rows)?,
            assignments: store::assignments_raw(rows)?,
            layouts: store::layouts(rows)?,
        })
    }

    /// Compares them with what was set.
    pub(super) fn compare(&self, said: &BookSaid, replayed: &mut Replayed) {
        let Self { elements, forms, assignments, layouts } = self;
        let mut differs = |what: String| replayed.fault(RowFaultKind::BookDiffers, what);
        for (code, element) in elements {
            if said.elements.get(code).map(|last| &last.said) != element.as_ref() {
                differs(format!("element {code}"));
            }
        }
        for code in said.elements.keys().filter(|code| !elements.contains_key(*code)) {
            differs(format!("element {code} is gone"));
        }
        for (code, form) in forms {
            let fits = form.as_ref().is_some_and(|form| {
                let set = said.forms.get(&(code.clone(), form.version)).map(|last| &last.said);
                // A version ends where the next begins.
                let next = said.forms.get(&(code.clone(), form.version + 1)).map(|last| last.said.since);
                set.is_some_and(|set| Form { until: next.unwrap_or(set.until), ..set.clone() } == *form)
            });
            if !fits {
                differs(format!("form {code}"));
            }
        }
        if said.forms.len() != forms.len() {
            differs(format!("{} versions of forms were set, {} are there", said.forms.len(), forms.len()));
        }
        for row in assignments {
            let fits = said.assignments.get(&row.id).is_some_and(|last| {
                let layout = last.said.layout.clone();
                // The places of elements only grow, as the form asks more.
                row.layout.starts_with(&layout) && Assignment { layout, ..row.clone() } == last.said
            });
            if !fits {
                differs(format!("assignment {}", row.id));
            }
        }
        for id in said.assignments.keys().filter(|id| !assignments.iter().any(|row| row.id == **id)) {
            differs(format!("assignment {id} is gone"));
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
