//! Doors of one report: the sheet to fill, filing it, its history, incidents.

use super::super::check::{self, Draft, Entered};
use super::super::model::{ActKind, Element, Form, Scope, Sheet, SheetKey, ValueType};
use super::super::verbs::{Filing, Receipt, cut_off_ms, incident_file, instant_ms};
use super::super::{compare, store};
use super::{About, Asked, UnitLabel, ask, labels, shown};
use crate::lines::org::Standing;
use crate::request::refusal::FindingBody;
use crate::request::{Answer, Caller, Permission};
use crate::serve::events::Live;
use crate::{App, Ctx, Fail};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use muster_kernel::day::rfc3339;
use muster_kernel::{Day, Locale, Problem};
use muster_store::Rows;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(report_read, report_file))
        .routes(routes!(report_history))
        .routes(routes!(incident_file_door, incidents_list))
}

#[derive(Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Code of the form; the operation's daily report when absent.
    form: Option<String>,
    /// `alone` or `below`; `alone` when absent.
    scope: Option<Scope>,
}

/// One field of a sheet.
#[derive(Serialize, ToSchema)]
struct Field {
    /// Code of the element.
    element: String,
    /// Its name, in the reader's language.
    name: String,
    /// `event`, `state` or `text`.
    class: super::super::model::Class,
    /// What may be entered.
    value_type: ValueType,
    /// Unit of measurement.
    unit: String,
    /// Whether a values report must say it.
    required: bool,
    /// Least value.
    min: i64,
    /// Largest value.
    max: Option<i64>,
    /// Whether it was said.
    said: bool,
    /// What was said: a number, the code of a choice, words; null when not said.
    #[schema(value_type = Option<Value>)]
    value: Value,
    /// What was said the day before.
    #[schema(value_type = Option<Value>)]
    yesterday: Value,
}

/// What was done on a sheet.
#[derive(Serialize, ToSchema)]
struct ActBody {
    /// `values` or `zero`.
    act: ActKind,
    /// When the first report came (RFC 3339).
    first_at: String,
    /// When the latest came.
    last_at: String,
    /// Whether the first came by the cut-off.
    on_time: bool,
}

/// A sheet as a form shows it.
#[derive(Serialize, ToSchema)]
struct SheetBody {
    /// The unit.
    unit: UnitLabel,
    /// Units above it that the caller may know of, the top first.
    path: Vec<UnitLabel>,
    /// The day.
    day: String,
    /// Code of the form.
    form: String,
    /// Its name.
    form_name: String,
    /// Its version.
    version: i64,
    /// `alone` or `below`.
    scope: Scope,
    /// `expected`, `values`, `zero`, `late` or `missing`.
    status: String,
    /// The as-of instant (RFC 3339).
    as_of: String,
    /// The cut-off (RFC 3339).
    cut_off: String,
    /// Revision; 0 when nothing was said yet. Also the ETag.
    revision: i64,
    /// The form's fields, in order.
    fields: Vec<Field>,
    /// What was done on this form.
    act: Option<ActBody>,
}

/// The sheet of a unit and day, as a form shows it, with yesterday beside.
#[utoipa::path(get, path = "/reports/{unit}/{day}", operation_id = "report_read", tag = "reporting",
    params(("unit" = String, Path, description = "Code of the unit"), ("day" = String, Path, description = "YYYY-MM-DD"), Which),
    responses((status = 200, body = SheetBody)))]
async fn report_read(
    State(app): State<App>,
    caller: Caller,
    Path((unit, day)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Answer<Response> {
    let about = About { node: Some(unit), day: Some(day), form: which.form, as_known_at: None };
    let scope = which.scope.unwrap_or(Scope::Alone);
    let body =
        ask(&app, &caller, about, move |rx, asked, standing| sheet_body(rx, asked, standing, scope)).await?;
    let tag = format!("\"{}\"", body.revision);
    Ok(([(header::ETAG, tag)], Json(body)).into_response())
}

fn sheet_body(
    rows: &mut impl Rows,
    asked: &Asked,
    standing: &Standing,
    scope: Scope,
) -> Result<SheetBody, Fail> {
    let (ctx, query) = (&asked.ctx, asked.question()?);
    let key = key_of(ctx, standing, asked.day, query.slot(), scope);
    let sheet = store::sheet(rows, &asked.book, &key)?.unwrap_or_default();
    let before_key = SheetKey { day: asked.day.before(), ..key };
    let before = store::sheet(rows, &asked.book, &before_key)?.unwrap_or_default();
    let words = latest_words(store::notes(rows, &key)?);
    let words_before = latest_words(store::notes(rows, &before_key)?);
    let items =
        query.form.items.iter().filter_map(|item| Some((item, asked.book.element_by_code(&item.element)?)));
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
    });
    let fields = fields.collect();
    let cut_off = cut_off_ms(query.form, asked.day, ctx);
    let act = sheet.act(query.form.id);
    let status = match act {
        None if ctx.now_ms > cut_off => "missing",
        None => "expected",
        Some(act) if !act.on_time => "late",
        Some(act) if act.kind == ActKind::Zero => "zero",
        Some(_) => "values",
    };
    let own = match ctx.reach {
        crate::Reach::All => 0,
        crate::Reach::Under(top) => standing.chain.iter().position(|unit| *unit == top).unwrap_or(0),
    };
    let mut named = labels(rows, &standing.chain[own..], asked.day, ctx.locale)?;
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
        cut_off: rfc3339(cut_off, &ctx.zone),
        revision: sheet.rev,
        fields,
        act: act.map(|act| ActBody {
            act: act.kind,
            first_at: rfc3339(act.first_at_ms, &ctx.zone),
            last_at: rfc3339(act.last_at_ms, &ctx.zone),
            on_time: act.on_time,
        }),
    })
}

fn key_of(ctx: &Ctx, standing: &Standing, day: Day, slot: i64, scope: Scope) -> SheetKey {
    SheetKey { bucket: standing.bucket, operation: ctx.operation, day, slot, unit: standing.unit, scope }
}

fn latest_words(notes: Vec<(i64, i64, String)>) -> BTreeMap<i64, String> {
    // Ordered by element and revision: the last one of an element stays.
    notes
        .into_iter()
        .filter(|(element, _, _)| *element > 0)
        .map(|(element, _, words)| (element, words))
        .collect()
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

/// A report to file.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportBody {
    /// `values` or `zero`.
    pub(super) act: ActKind,
    /// `alone` or `below`; `alone` when absent.
    #[serde(default)]
    pub(super) scope: Option<Scope>,
    /// By element code: a number, the code of a choice, words; null unsays.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(super) values: BTreeMap<String, Value>,
    /// Why an earlier report is corrected; needed for a correction.
    #[serde(default)]
    pub(super) reason: Option<String>,
    /// The sender's own id of this report: sent twice, stored once.
    #[serde(default)]
    pub(super) client_id: Option<String>,
}

/// Proof that a report is stored.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ReceiptBody {
    /// The number that a person can read out.
    pub(super) receipt: String,
    /// Code of the unit.
    pub(super) unit: String,
    /// The day it speaks of.
    pub(super) day: String,
    /// `values` or `zero`.
    pub(super) act: ActKind,
    /// Revision of the sheet.
    pub(super) revision: i64,
    /// When it was stored (RFC 3339).
    pub(super) at: String,
    /// Whether the first report came by the cut-off.
    pub(super) on_time: bool,
    /// Taken in, and worth a look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) findings: Vec<FindingBody>,
}

impl ReceiptBody {
    pub(super) fn new(ctx: &Ctx, unit: &str, receipt: &Receipt) -> Self {
        Self {
            receipt: receipt.number(),
            unit: unit.to_owned(),
            day: receipt.day.to_string(),
            act: receipt.act,
            revision: receipt.rev,
            at: rfc3339(receipt.at_ms, &ctx.zone),
            on_time: receipt.on_time,
            findings: receipt.findings.iter().map(|finding| FindingBody::new(ctx.locale, finding)).collect(),
        }
    }
}

/// Files a report, or corrects one (with a reason). Answered when it is durable; every total above is right by then.
/// `If-Match` refuses it where one of its own fields was changed by somebody else meanwhile.
#[utoipa::path(put, path = "/reports/{unit}/{day}", operation_id = "report_file", tag = "reporting",
    params(("unit" = String, Path, description = "Code of the unit"), ("day" = String, Path, description = "YYYY-MM-DD"), Which,
        ("Idempotency-Key" = Option<String>, Header, description = "The sender's own id of this report")),
    request_body = ReportBody, responses((status = 200, body = ReceiptBody)))]
async fn report_file(
    State(app): State<App>,
    caller: Caller,
    Path((unit, day)): Path<(String, String)>,
    Query(which): Query<Which>,
    headers: HeaderMap,
    Json(body): Json<ReportBody>,
) -> Answer<Response> {
    let ctx = caller.ctx(&app, Permission::ReportFile)?;
    let day = super::day_of(Some(&day), &ctx)?;
    let form = which.form.unwrap_or_else(|| app.operation().form.clone());
    let mut draft = draft_of(unit, day, form, which.scope, body)?;
    draft.seen_rev = seen_rev(&headers)?;
    if let Some(key) = headers.get("idempotency-key") {
        let key = key.to_str().map_err(|_| Problem::invalid("request.unreadable"))?;
        draft.client_id = Some(key.to_owned());
    }
    let unit = draft.unit.clone();
    let (receipt, ctx) = file(&app, ctx, draft).await?;
    tell(&app, std::slice::from_ref(&receipt)).await;
    let tag = format!("\"{}\"", receipt.rev);
    Ok(([(header::ETAG, tag)], Json(ReceiptBody::new(&ctx, &unit, &receipt))).into_response())
}

/// Checks a draft against the book and files it. A form whose version changed meanwhile is checked once more.
async fn file(app: &App, ctx: Ctx, draft: Draft) -> Result<(Receipt, Ctx), Problem> {
    let mut book = app.shelf.latest();
    for again in [true, false] {
        let current = match book.take() {
            Some(book) => book,
            None => {
                let (shelf, operation) = (app.shelf.clone(), ctx.operation);
                app.db
                    .read("book.read", move |rx| shelf.current(rx, operation))
                    .await
                    .map_err(crate::store_problem)?
            }
        };
        let filed = match checked(&current, &draft) {
            Ok(checked) => {
                let at_ms = ctx.now_ms;
                app.intake.file(Filing { ctx: ctx.clone(), draft: checked, at_ms }).await
            }
            Err(problem) => Err(problem),
        };
        match filed {
            Err(problem)
                if again
                    && matches!(problem.code, "form.version_changed" | "form.unknown" | "report.refused") => {
            }
            other => return other.map(|receipt| (receipt, ctx)),
        }
    }
    Err(Problem::conflict("form.version_changed"))
}

/// A draft checked by the form's version of its day.
pub(super) fn checked(book: &super::super::Book, draft: &Draft) -> Result<check::Checked, Problem> {
    let form = form_of(book, draft)?;
    check::check(draft, form, |code| book.element_by_code(code))
        .map_err(|findings| Problem::invalid("report.refused").findings(findings))
}

fn form_of<'b>(book: &'b super::super::Book, draft: &Draft) -> Result<&'b Form, Problem> {
    book.form(&draft.form, draft.day)
        .ok_or_else(|| Problem::not_found("form.unknown").with("form", &draft.form))
}

/// A draft from what was sent.
pub(super) fn draft_of(
    unit: String,
    day: Day,
    form: String,
    scope: Option<Scope>,
    body: ReportBody,
) -> Result<Draft, Problem> {
    let entered = |value: Value| match value {
        Value::Null => Some(Entered::Unsaid),
        Value::Number(number) => Some(Entered::Written(plain(&number))),
        Value::String(text) => Some(Entered::Written(text)),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let mut values = BTreeMap::new();
    let mut findings = Vec::new();
    for (code, value) in body.values {
        match entered(value) {
            Some(entered) => drop(values.insert(code, entered)),
            None => findings.push(
                muster_kernel::Finding::refuse("value.not_a_number")
                    .field(format!("values.{code}"))
                    .with("value", "…"),
            ),
        }
    }
    if !findings.is_empty() {
        return Err(Problem::invalid("report.refused").findings(findings));
    }
    let scope = body.scope.or(scope).unwrap_or(Scope::Alone);
    Ok(Draft {
        unit,
        day,
        form,
        scope,
        act: body.act,
        values,
        reason: body.reason,
        client_id: body.client_id,
        seen_rev: None,
    })
}

/// A JSON number as it would be written by hand; an exponent stays and is refused by the check.
fn plain(number: &Number) -> String {
    number.to_string()
}

fn seen_rev(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(tag) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let rev = tag.to_str().ok().and_then(|tag| tag.trim_matches('"').parse().ok());
    rev.map(Some).ok_or_else(|| Problem::invalid("request.etag"))
}

/// Tells open pages which totals changed.
pub(super) async fn tell(app: &App, receipts: &[Receipt]) {
    if let Some(first) = receipts.first() {
        let chains = receipts.iter().map(|receipt| receipt.chain.clone()).collect();
        app.hub.tell(Live::Totals { day: first.day.to_string(), chains });
    }
}

/// One revision.
#[derive(Serialize, ToSchema)]
struct PastBody {
    /// Revision, from 1.
    revision: i64,
    /// When (RFC 3339).
    at: String,
    /// By whom: a reference, never a name.
    actor: String,
    /// `report.file` or `report.correct`.
    action: String,
    /// `values` or `zero`.
    act: Option<ActKind>,
    /// Why, when it corrects.
    reason: Option<String>,
    /// The receipt's number.
    receipt: String,
    /// What changed.
    changes: Vec<ChangeBody>,
}

/// One element before and after.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ChangeBody {
    /// Code of the element.
    element: String,
    /// Its name.
    name: String,
    /// Before; null when not said.
    #[schema(value_type = Option<f64>)]
    before: Option<Number>,
    /// After; null when not said.
    #[schema(value_type = Option<f64>)]
    after: Option<Number>,
}

impl ChangeBody {
    pub(super) fn new(book: &super::super::Book, locale: Locale, change: &compare::Change) -> Option<Self> {
        let element = book.element(change.0)?;
        Some(Self {
            element: element.code.clone(),
            name: element.names.of(locale).to_owned(),
            before: change.1.map(|number| shown(element, number)),
            after: change.2.map(|number| shown(element, number)),
        })
    }
}

/// The revisions of a sheet, the newest first.
#[derive(Serialize, ToSchema)]
struct ReportHistory {
    /// The unit.
    unit: UnitLabel,
    /// The day.
    day: String,
    /// At most 200.
    revisions: Vec<PastBody>,
}

/// Who said what when, and why it was corrected.
#[utoipa::path(get, path = "/reports/{unit}/{day}/history", operation_id = "report_history", tag = "reporting",
    params(("unit" = String, Path, description = "Code of the unit"), ("day" = String, Path, description = "YYYY-MM-DD"), Which),
    responses((status = 200, body = ReportHistory)))]
async fn report_history(
    State(app): State<App>,
    caller: Caller,
    Path((unit, day)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Answer<Json<ReportHistory>> {
    let about = About { node: Some(unit), day: Some(day), form: which.form, as_known_at: None };
    let scope = which.scope.unwrap_or(Scope::Alone);
    let body = ask(&app, &caller, about, move |rx, asked, standing| {
        let (ctx, query) = (&asked.ctx, asked.question()?);
        let key = key_of(ctx, standing, asked.day, query.slot(), scope);
        let sheet = store::sheet(rx, &asked.book, &key)?.unwrap_or_default();
        let pasts = compare::history(rx, &asked.book, &key, &sheet)?;
        let unit = labels(rx, &[standing.unit], asked.day, ctx.locale)?.remove(&standing.unit);
        let revisions = pasts.iter().map(|past| PastBody {
            revision: past.rev,
            at: rfc3339(past.at_ms, &ctx.zone),
            actor: past.actor.clone(),
            action: past.action.clone(),
            act: past.act,
            reason: past.reason.clone(),
            receipt: Receipt::number_of(asked.day, past.link),
            changes: past
                .changes
                .iter()
                .filter_map(|c| ChangeBody::new(&asked.book, ctx.locale, c))
                .collect(),
        });
        Ok(ReportHistory {
            unit: unit.unwrap_or(UnitLabel { code: standing.code.to_string(), name: String::new() }),
            day: asked.day.to_string(),
            revisions: revisions.collect(),
        })
    })
    .await?;
    Ok(Json(body))
}

/// An incident to register.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct IncidentIn {
    /// Code of the unit.
    unit: String,
    /// Code of the event element it counts.
    element: String,
    /// How many.
    value: i64,
    /// What happened, at most 2000 characters; no names of persons.
    #[serde(default)]
    text: String,
}

/// An incident.
#[derive(Serialize, ToSchema)]
pub(super) struct IncidentBody {
    /// Its id.
    id: String,
    /// The unit.
    unit: UnitLabel,
    /// Code of the event element.
    element: String,
    /// Its name.
    element_name: String,
    /// How many.
    value: i64,
    /// When it was registered (RFC 3339).
    at: String,
    /// What happened.
    text: String,
}

impl IncidentBody {
    pub(super) fn new(
        asked_book: &super::super::Book,
        ctx: &Ctx,
        incident: &compare::Incident,
        unit: UnitLabel,
    ) -> Self {
        let element = asked_book.element(incident.element);
        Self {
            id: incident.id.clone(),
            unit,
            element: element.map(|e| e.code.clone()).unwrap_or_default(),
            element_name: element.map(|e| e.names.of(ctx.locale).to_owned()).unwrap_or_default(),
            value: incident.value,
            at: rfc3339(incident.at_ms, &ctx.zone),
            text: incident.words.clone(),
        }
    }
}

/// Registers an incident: at once, for every level above; nobody between holds or edits it.
#[utoipa::path(post, path = "/incidents", operation_id = "incident_file", tag = "reporting", request_body = IncidentIn, responses((status = 201, body = IncidentBody)))]
async fn incident_file_door(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<IncidentIn>,
) -> Answer<(StatusCode, Json<IncidentBody>)> {
    let ctx = caller.ctx(&app, Permission::IncidentFile)?;
    let shelf = app.shelf.clone();
    let verb_ctx = ctx.clone();
    let (incident, book, unit) = app
        .db
        .write("incident.file", ctx.now_ms, move |tx| {
            let ctx = &verb_ctx;
            let book = shelf.current(tx, ctx.operation)?;
            let incident = incident_file(tx, ctx, &book, &body.unit, &body.element, body.value, &body.text)?;
            let unit = labels(tx, &[incident.unit], ctx.today(), ctx.locale)?.remove(&incident.unit);
            Ok::<_, Fail>((incident, book, unit))
        })
        .await?;
    app.hub.tell(Live::Incident { day: ctx.today().to_string() });
    let unit = unit.ok_or_else(|| Problem::internal("a unit without a label"))?;
    Ok((StatusCode::CREATED, Json(IncidentBody::new(&book, &ctx, &incident, unit))))
}

/// Incidents of a day below a node.
#[derive(Serialize, ToSchema)]
struct IncidentList {
    /// In the order they came, at most 1000.
    items: Vec<IncidentBody>,
}

/// Incidents of a day below a node.
#[utoipa::path(get, path = "/incidents", operation_id = "incident_list", tag = "reporting", params(About), responses((status = 200, body = IncidentList)))]
async fn incidents_list(
    State(app): State<App>,
    caller: Caller,
    Query(about): Query<About>,
) -> Answer<Json<IncidentList>> {
    let items = ask(&app, &caller, about, |rx, asked, standing| {
        let span = super::super::read::Span::below(&standing.path);
        let incidents = store::incidents(rx, asked.ctx.operation, asked.day, &span)?;
        let units: Vec<i64> = incidents.iter().map(|incident| incident.unit).collect();
        let named = labels(rx, &units, asked.day, asked.ctx.locale)?;
        let bodies = incidents.iter().filter_map(|incident| {
            Some(IncidentBody::new(&asked.book, &asked.ctx, incident, named.get(&incident.unit)?.clone()))
        });
        Ok(bodies.collect())
    })
    .await?;
    Ok(Json(IncidentList { items }))
}
