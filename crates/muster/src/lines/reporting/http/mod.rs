//! Doors of reporting. No SQL, no decisions: a request becomes drafts or a question, an answer becomes JSON.

mod book;
mod bulk;
mod desk;
mod figures;
mod import;
mod incident;
mod node;
mod report;
mod sent;

pub(crate) use import::ReportImport;

use node::{Foreseen, NOWHERE, Subject, ask, ask_any, ask_foreseen, place_label};

use super::book::{Book, form_absent};
use super::model::Element;
use super::query::Query as Question;
use super::shelf::BookShelf;
use crate::lines::operation::Names;
use crate::lines::org::{self, Standing};
use crate::{App, Ctx, Fail, Reach};
use muster_kernel::{Day, Locale, Problem};
use muster_store::{Ask, Rows, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;

/// The doors of this line.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(book::router())
        .merge(bulk::router())
        .merge(desk::router())
        .merge(figures::router())
        .merge(import::router())
        .merge(incident::router())
        .merge(report::router())
}

/// Which day of which form, about which unit.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct About {
    /// `unit:CODE`, `place:3401`, `place:all` (every place) or `class:CODE`; the caller's own unit when absent.
    node: Option<String>,
    /// `YYYY-MM-DD`; today when absent.
    day: Option<String>,
    /// Code of the form; the operation's daily report when absent.
    form: Option<String>,
    /// Answer as it was known at this instant (RFC 3339): with the reports that were in by then. The units are those of the
    /// day's tree as it is known now; `tree_changes_since` tells of later changes.
    as_known_at: Option<String>,
}

/// A unit by code and name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct UnitLabel {
    /// Code of the unit.
    pub(super) code: String,
    /// Its name, in the reader's language.
    pub(super) name: String,
}

/// A node by the words it is asked for with, and its name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct NodeLabel {
    /// `unit:G07`, `place:340000`, `place:all`.
    node: String,
    /// Its name, in the reader's language.
    name: String,
}

/// Later changes of the tree that are counted.
const TREE_CHANGES_MAX: usize = 100;

/// Of a number that is told only where there is something to tell.
pub(super) fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// What a question is about, read and allowed.
pub(super) struct Asked {
    pub(super) ctx: Ctx,
    pub(super) book: Arc<Book>,
    pub(super) form: String,
    pub(super) day: Day,
    pub(super) known_at_ms: Option<i64>,
    /// Over what part of the tree duty telephones may be read.
    pub(super) phones: Reach,
    /// What is kept in memory, and the tree's epoch in the moment that is read.
    pub(super) shelf: BookShelf,
    pub(super) epoch: i64,
}

impl Asked {
    /// The question; 404 where the form is not asked on that day, with why.
    pub(super) fn question(&self) -> Result<Question<'_>, Problem> {
        let missing = || form_absent(&self.book, &self.form, self.day);
        let question =
            Question::new(&self.book, self.ctx.operation, &self.form, self.day).ok_or_else(missing)?;
        let below = Some((&self.shelf.below, self.epoch));
        Ok(Question { known_at_ms: self.known_at_ms, below, reach: &self.ctx.reach, ..question })
    }
    /// Codes and names of units on the day.
    pub(super) fn labels(
        &self,
        rows: &mut impl Rows,
        units: &[i64],
    ) -> Result<HashMap<i64, UnitLabel>, StoreError> {
        self.labels_on(rows, units, self.day)
    }
    /// The same, as they were called on another day.
    pub(super) fn labels_on(
        &self,
        rows: &mut impl Rows,
        units: &[i64],
        day: Day,
    ) -> Result<HashMap<i64, UnitLabel>, StoreError> {
        let named = self.shelf.roll.labels(rows, self.epoch, units, day)?;
        Ok(labelled(named, self.ctx.locale))
    }
    /// What the names of a unit and of those above it ask, to be sent ahead.
    pub(super) fn labels_ask(&self, standing: &Standing) -> Option<Ask> {
        self.shelf.roll.labels_ask(self.epoch, &standing.chain)
    }
    /// How many changes later than the instant that is asked for reach the tree of the day below a unit; 0 where none is asked
    /// for.
    pub(super) fn tree_changes_since(
        &self,
        rows: &mut impl Rows,
        node: &Standing,
    ) -> Result<usize, StoreError> {
        match self.known_at_ms {
            Some(then) => org::tree_changes_below(rows, node, then, self.day, TREE_CHANGES_MAX),
            None => Ok(0),
        }
    }
    /// Whether the day was frozen, as far as it was known then.
    pub(super) fn frozen(&self, rows: &mut impl Rows) -> Result<bool, Fail> {
        let form = self.question()?.form.id;
        let at = super::store::frozen_at(rows, self.ctx.operation, form, self.day)?;
        Ok(at.is_some_and(|at| self.known_at_ms.is_none_or(|known| at <= known)))
    }
}

/// A day as it was written, or today.
pub(super) fn day_of(text: Option<&str>, ctx: &Ctx) -> Result<Day, Problem> {
    match text {
        None => Ok(ctx.today()),
        Some(text) => text.parse().map_err(|_| Problem::invalid("request.day").with("day", text)),
    }
}

/// Codes and names of units on a day, in one read.
pub(super) fn labels(
    rows: &mut impl Rows,
    units: &[i64],
    day: Day,
    locale: Locale,
) -> Result<HashMap<i64, UnitLabel>, StoreError> {
    Ok(labelled(org::labels(rows, units, day)?, locale))
}

fn labelled(named: HashMap<i64, (String, Names)>, locale: Locale) -> HashMap<i64, UnitLabel> {
    let label = |(unit, (code, names)): (i64, (String, Names))| {
        (unit, UnitLabel { code, name: names.of(locale).to_owned() })
    };
    named.into_iter().map(label).collect()
}

/// A stored number as JSON: whole where it is whole.
pub(super) fn shown(element: &Element, number: i64) -> serde_json::Number {
    match element.scale() {
        0 => number.into(),
        scale => {
            let value = number as f64 / 10f64.powi(i32::from(scale));
            serde_json::Number::from_f64(value).unwrap_or_else(|| 0.into())
        }
    }
}
