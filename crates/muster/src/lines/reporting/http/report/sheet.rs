//! The sheet of a unit and day, as a form shows it.

use super::{Which, key_of};
use crate::lines::org::{self, Standing};
use crate::lines::reporting::http::{About, Asked, UnitLabel, ask, shown};
use crate::lines::reporting::model::{ActKind, Class, Element, Scope, Sheet, SheetKey, ValueType};
use crate::lines::reporting::store;
use crate::lines::reporting::verbs::{cut_off_in, instant_ms, report_of_another};
use crate::request::{Answer, Caller, Query};
use crate::{App, Fail, Reach};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use muster_kernel::Day;
use muster_kernel::day::rfc3339;
use muster_store::Rows;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// One field of a sheet.
#[derive(Serialize, ToSchema)]
pub(super) struct Field {
    /// Code of the element.
    pub(super) element: String,
    /// Its name, in the reader's language.
    pub(super) name: String,
    /// `event`, `state` or `text`.
    pub(super) class: Class,
    /// What may be entered.
    pub(super) value_type: ValueType,
    /// Unit of measurement.
    pub(super) unit: String,
    /// Whether a values report must say it.
    pub(super) required: bool,
    /// Least value.
    pub(super) min: i64,
    /// Largest value.
    pub(super) max: Option<i64>,
    /// Whether it was said.
    pub(super) said: bool,
    /// What was said: a number, the code of a choice, words; null when not said.
    #[schema(value_type = Option<Value>)]
    pub(super) value: Value,
    /// What was said the day before.
    #[schema(value_type = Option<Value>)]
    pub(super) yesterday: Value,
    /// Whether it is computed of others, and not entered.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub(super) computed: bool,
    /// The last reason that was given where a rule of the form asked for one at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub(super) remark: Option<String>,
}

/// What was done on a sheet.
#[derive(Serialize, ToSchema)]
pub(super) struct ActBody {
    /// `values` or `zero`.
    pub(super) act: ActKind,
    /// When it was first reported (RFC 3339): now by every door; in a file of past reports, what the file says.
    pub(super) first_at: String,
    /// When the latest was reported (RFC 3339).
    pub(super) last_at: String,
    /// Whether the first came by the cut-off; null on a form whose days are taken in afterwards, where nobody is judged.
    pub(super) on_time: Option<bool>,
}

/// A sheet as a form shows it.
#[derive(Serialize, ToSchema)]
pub(super) struct SheetBody {
    /// The unit.
    pub(super) unit: UnitLabel,
    /// Units above it that the caller may know of, the top first.
    pub(super) path: Vec<UnitLabel>,
    /// The day.
    pub(super) day: String,
    /// Code of the form.
    pub(super) form: String,
    /// Its name.
    pub(super) form_name: String,
    /// Its version.
    pub(super) version: i64,
    /// `alone` or `below`.
    pub(super) scope: Scope,
    /// `not_asked`, `expected` (and not reported yet), `overdue` (nor by the cut-off), `missing` (nor when the day was
    /// frozen), `values`, `zero` or `late`.
    pub(super) status: String,
    /// The as-of instant (RFC 3339).
    pub(super) as_of: String,
    /// The cut-off (RFC 3339), by the clocks of the unit's own time zone where it has one.
    pub(super) cut_off: String,
    /// Revision; 0 when nothing was said yet. Also the ETag.
    pub(super) revision: i64,
    /// The form's fields, in order.
    pub(super) fields: Vec<Field>,
    /// What was done on this form.
    pub(super) act: Option<ActBody>,
    /// Whether somebody else than the reader said it, of a unit that is not the reader's own: then a correction by the
    /// reader is refused (`report.of_another`).
    pub(super) of_another: bool,
}

/// The sheet of a unit and day, as a form shows it, with yesterday beside.
#[utoipa::path(get, path = "/reports/{unit}/{day}", operation_id = "report_read", tag = "reporting",
    params(("unit" = String, Path, description = "Code of the unit"), ("day" = String, Path, description = "YYYY-MM-DD"), Which),
    responses((status = 200, body = SheetBody)))]
pub(super) async fn report_read(
    State(app): State<App>,
    caller: Caller,
    Path((unit, day)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Answer<Response> {
    sheet_read(&app, &caller, (unit, day, which.form, which.scope)).await
}

/// The sheet of a unit, a day, a form and a scope, as somebody may see it.
pub(super) async fn sheet_read(
    app: &App,
    caller: &Caller,
    (unit, day, form, scope): (String, String, Option<String>, Option<Scope>),
) -> Answer<Response> {
    let about = About { node: Some(unit), day: Some(day), form, as_known_at: None };
    let scope = scope.unwrap_or(Scope::Alone);
    let body =
        ask(app, caller, about, move |rx, asked, standing| sheet_body(rx, asked, standing, scope)).await?;
    let tag = format!("\"{}\"", body.revision);
    Ok(([(header::ETAG, tag)], Json(body)).into_response())
}

pub(super) fn sheet_body(
    rows: &mut impl Rows,
    asked: &Asked,
    standing: &Standing,
    scope: Scope,
) -> Result<SheetBody, Fail> {
    let (ctx, query) = (&asked.ctx, asked.question()?);
    let key = key_of(ctx, standing, asked.day, query.slot(), scope);
    let sheet = store::sheet(rows, &asked.book, &key)?.unwrap_or_default();
    let notes = store::notes(rows, &key)?;
    let remarks: BTreeMap<i64, String> =
        notes.iter().filter(|(id, ..)| *id < 0).map(|(id, _, words)| (-id, words.clone())).collect();
    let words = latest_words(notes);
    let before_key = SheetKey { day: asked.day.before(), ..key };
    // What it said the day before is the business of who had it then.
    let (before, words_before) = match knew(rows, asked, standing, before_key.day)? {
        true => {
            (store::sheet(rows, &asked.book, &before_key)?, latest_words(store::notes(rows, &before_key)?))
        }
        false => (None, BTreeMap::new()),
    };
    let before = before.unwrap_or_default();
    let items =
        query.form.items.iter().filter_map(|item| Some((item, asked.book.element_by_code(&item.element)?)));
    let items = items.filter(|(_, element)| element.holds(asked.day));
    let fields = items.map(|(item, element)| Field {
        element: element.code.clone(),
        name: element.names.of(ctx.locale).to_owned(),
        class: element.class,
        value_type: element.value_type.clone(),
        unit: element.unit.clone(),
        required: item.required,
        min: item.min.unwrap_or(0),
        max: item.max,
        said: sheet.values.contains_key(&element.id) || words.contains_key(&element.id),
        value: value_of(element, &sheet, &words),
        yesterday: value_of(element, &before, &words_before),
        computed: item.computed.is_some(),
        remark: remarks.get(&element.id).cloned(),
    });
    let fields = fields.collect();
    let zone = org::zones_on(rows, &[standing.unit], asked.day)?.remove(&standing.unit);
    let zone = zone.as_ref().unwrap_or(&ctx.zone);
    let cut_off = cut_off_in(query.form, asked.day, zone);
    let act = sheet.act(query.form.id);
    let status = match act {
        None if !query.asks(standing) => "not_asked",
        None if asked.frozen(rows)? => "missing",
        None if ctx.now_ms > cut_off => "overdue",
        None => "expected",
        Some(act) if !act.on_time => "late",
        Some(act) if act.kind == ActKind::Zero => "zero",
        Some(_) => "values",
    };
    let own = match ctx.reach.begin(&standing.chain) {
        outside if outside == standing.chain.len() => 0,
        own => own,
    };
    let mut named = asked.labels(rows, &standing.chain[own..])?;
    let mut path: Vec<_> = standing.chain[own..].iter().filter_map(|unit| named.remove(unit)).collect();
    let unit = path.pop().unwrap_or(UnitLabel { code: standing.code.to_string(), name: String::new() });
    Ok(SheetBody {
        unit,
        path,
        day: asked.day.to_string(),
        form: query.form.code.clone(),
        form_name: query.form.names.of(ctx.locale).to_owned(),
        version: query.form.version,
        scope,
        status: status.to_owned(),
        as_of: rfc3339(instant_ms(asked.day, query.form.as_of_min, ctx), &ctx.zone),
        cut_off: rfc3339(cut_off, zone),
        revision: sheet.rev,
        fields,
        act: act.map(|act| ActBody {
            act: act.kind,
            first_at: rfc3339(act.first_at_ms, &ctx.zone),
            last_at: rfc3339(act.last_at_ms, &ctx.zone),
            on_time: (!query.form.afterwards).then_some(act.on_time),
        }),
        of_another: report_of_another(rows, ctx, standing, &sheet)?,
    })
}

/// Whether a unit lay within the asker's reach on an earlier day too.
fn knew(rows: &mut impl Rows, asked: &Asked, standing: &Standing, on: Day) -> Result<bool, Fail> {
    let reach = &asked.ctx.reach;
    if *reach == Reach::All || standing.since <= on {
        return Ok(true);
    }
    let then = org::standing_on(rows, standing.unit, on)?;
    // Before it stood anywhere nobody had it.
    Ok(then.is_none_or(|then| reach.covers(&then.chain)))
}

fn latest_words(notes: Vec<(i64, i64, String)>) -> BTreeMap<i64, String> {
    // Ordered by element and revision: the last one of an element stays; empty ones took it back.
    let said = notes.into_iter().filter(|(element, _, _)| *element > 0);
    let mut latest: BTreeMap<i64, String> = said.map(|(element, _, words)| (element, words)).collect();
    latest.retain(|_, words| !words.is_empty());
    latest
}

fn value_of(element: &Element, sheet: &Sheet, words: &BTreeMap<i64, String>) -> Value {
    match &element.value_type {
        ValueType::Text => words.get(&element.id).map_or(Value::Null, |words| Value::String(words.clone())),
        ValueType::Choice { codes } => {
            let code =
                sheet.values.get(&element.id).and_then(|&place| codes.get(usize::try_from(place).ok()?));
            code.map_or(Value::Null, |code| Value::String(code.clone()))
        }
        ValueType::Rate { .. } => Value::Null,
        _ => {
            sheet.values.get(&element.id).map_or(Value::Null, |&number| Value::Number(shown(element, number)))
        }
    }
}
