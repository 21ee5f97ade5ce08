//! Filing a report, and the receipt that proves it.

use super::Which;
use crate::lines::reporting::check::{self, Draft, Said};
use crate::lines::reporting::http::day_of;
use crate::lines::reporting::http::sent::{Sent, entries};
use crate::lines::reporting::model::{ActKind, Scope};
use crate::lines::reporting::verbs::{Filing, Receipt};
use crate::lines::reporting::{Book, form_absent};
use crate::request::Json;
use crate::request::refusal::FindingBody;
use crate::request::{Answer, Caller, Once, Permission, Query, Seen};
use crate::serve::events::Live;
use crate::{App, Ctx};
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use compact_str::CompactString;
use muster_kernel::day::rfc3339;
use muster_kernel::{Day, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A report to file.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::lines::reporting::http) struct ReportBody {
    /// `values` or `zero`.
    pub(in crate::lines::reporting::http) act: ActKind,
    /// `alone` or `below`; `alone` when absent.
    #[serde(default)]
    pub(in crate::lines::reporting::http) scope: Option<Scope>,
    /// By element code: a number, the code of a choice, words; null unsays.
    #[serde(default, deserialize_with = "entries")]
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(in crate::lines::reporting::http) values: Vec<(CompactString, Sent)>,
    /// Why an earlier report is corrected; needed for a correction.
    #[serde(default)]
    pub(in crate::lines::reporting::http) reason: Option<String>,
    /// Reasons that rules of the form ask, by the code of the element at which they do. Where there is none, `reason` is taken.
    #[serde(default, deserialize_with = "entries")]
    #[schema(value_type = BTreeMap<String, String>, required = false)]
    pub(in crate::lines::reporting::http) remarks: Vec<(CompactString, String)>,
    /// The sender's own id of this report: sent twice, stored once.
    #[serde(default)]
    pub(in crate::lines::reporting::http) client_id: Option<String>,
}

/// Proof that a report is stored.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::lines::reporting::http) struct ReceiptBody {
    /// The number that a person can read out.
    pub(in crate::lines::reporting::http) receipt: String,
    /// Code of the unit.
    pub(in crate::lines::reporting::http) unit: String,
    /// The day it speaks of.
    pub(in crate::lines::reporting::http) day: String,
    /// `values` or `zero`.
    pub(in crate::lines::reporting::http) act: ActKind,
    /// Revision of the sheet.
    pub(in crate::lines::reporting::http) revision: i64,
    /// When it was stored (RFC 3339).
    pub(in crate::lines::reporting::http) at: String,
    /// Whether the first report came by the cut-off.
    pub(in crate::lines::reporting::http) on_time: bool,
    /// Taken in, and worth a look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::lines::reporting::http) findings: Vec<FindingBody>,
}

impl ReceiptBody {
    pub(in crate::lines::reporting::http) fn new(ctx: &Ctx, unit: &str, receipt: &Receipt) -> Self {
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
    params(("unit" = String, Path, description = "Code of the unit"), ("day" = String, Path, description = "YYYY-MM-DD"), Which),
    request_body = ReportBody, responses((status = 200, body = ReceiptBody)))]
pub(super) async fn report_file(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Path((unit, day)): Path<(String, String)>,
    Query(which): Query<Which>,
    Json(body): Json<ReportBody>,
) -> Answer<Response> {
    let form = which.form.unwrap_or_else(|| app.operation().form.clone());
    report_filed(&app, &caller, &once, (unit, day, form, which.scope), body).await
}

/// Files what somebody sent about a unit, a day, a form and a scope.
pub(super) async fn report_filed(
    app: &App,
    caller: &Caller,
    once: &Once,
    (unit, day, form, scope): (String, String, String, Option<Scope>),
    body: ReportBody,
) -> Answer<Response> {
    let ctx = caller.ctx(app, Permission::ReportFile)?;
    let day = day_of(Some(&day), &ctx)?;
    let mut draft = draft_of(unit, day, form, scope, body)?;
    draft.seen_rev = once.seen().map(Seen::revision).transpose()?;
    if let Some(key) = once.key() {
        draft.client_id = Some(key.to_owned());
    }
    let unit = draft.unit.clone();
    let (receipt, ctx) = file(app, ctx, draft).await?;
    tell(app, std::iter::once(&receipt));
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
                if again && (problem.code.starts_with("form.") || problem.code == "report.refused") => {}
            other => return other.map(|receipt| (receipt, ctx)),
        }
    }
    Err(Problem::conflict("form.version_changed"))
}

/// A draft checked by the form's version of its day.
pub(in crate::lines::reporting::http) fn checked(
    book: &Book,
    draft: &Draft,
) -> Result<check::Checked, Problem> {
    let asked =
        book.asked(&draft.form, draft.day).ok_or_else(|| form_absent(book, &draft.form, draft.day))?;
    check::check(draft, asked, |code| book.element_by_code(code))
        .map_err(|findings| Problem::invalid("report.refused").findings(findings))
}

/// A draft from what was sent.
pub(in crate::lines::reporting::http) fn draft_of(
    unit: String,
    day: Day,
    form: String,
    scope: Option<Scope>,
    body: ReportBody,
) -> Result<Draft, Problem> {
    let mut values = Said::with_capacity(body.values.len());
    let mut findings = Vec::new();
    for (code, Sent(entered)) in body.values {
        match entered {
            Some(entered) => values.push((code, entered)),
            None => findings.push(
                muster_kernel::Finding::refuse("value.neither_number_nor_words")
                    .field(format!("values.{code}")),
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
        remarks: body.remarks,
        client_id: body.client_id,
        seen_rev: None,
    })
}

/// Tells open pages which totals changed.
pub(in crate::lines::reporting::http) fn tell<'r>(
    app: &App,
    receipts: impl Iterator<Item = &'r Receipt> + Clone,
) {
    if let Some(first) = receipts.clone().next() {
        let chains = receipts.map(|receipt| receipt.chain.clone()).collect();
        app.hub.tell(Live::Totals { day: first.day.to_string(), chains });
    }
}
