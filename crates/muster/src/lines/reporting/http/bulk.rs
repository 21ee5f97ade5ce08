//! The bulk door: one report a line, one answer a line, in order. Rows in = rows accepted + rows refused.

use super::super::check::Draft;
use super::super::intake::file_many;
use super::super::model::{ActKind, Scope};
use super::super::verbs::{Filing, Receipt};
use super::report::{ReceiptBody, ReportBody, checked, draft_of, tell};
use crate::request::refusal::ProblemBody;
use crate::request::{Answer, Caller, Permission};
use crate::{App, Ctx};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use muster_kernel::{Problem, ProblemKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// Largest bulk body.
const BODY_BYTES_MAX: usize = 64 << 20;
/// Most rows of one bulk.
const ROWS_MAX: usize = 200_000;
/// Rows that one transaction takes.
const CHUNK_ROWS: usize = 500;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(report_bulk)).layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BulkQuery {
    /// Code of the form for rows that name none; the operation's daily report when absent.
    form: Option<String>,
}

/// One row of a bulk.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BulkRow {
    /// Code of the unit.
    unit: String,
    /// `YYYY-MM-DD`.
    day: String,
    /// Code of the form.
    #[serde(default)]
    form: Option<String>,
    /// `values` or `zero`.
    act: ActKind,
    /// `alone` or `below`.
    #[serde(default)]
    scope: Option<Scope>,
    /// By element code.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Value>)]
    values: BTreeMap<String, Value>,
    /// Why an earlier report is corrected.
    #[serde(default)]
    reason: Option<String>,
    /// The sender's own id of this row.
    #[serde(default)]
    client_id: Option<String>,
}

/// The answer to one row.
#[derive(Serialize, ToSchema)]
struct BulkResult {
    /// Line, from 1.
    row: usize,
    /// `accepted` or `refused`.
    status: &'static str,
    /// The receipt of an accepted row.
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<ReceiptBody>,
    /// Why a row was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<ProblemBody>,
}

/// Files many reports: a JSON object a line in, a result a line out, in the same order. A refused row touches no
/// other.
#[utoipa::path(post, path = "/reports/bulk", operation_id = "report_bulk", tag = "reporting", params(BulkQuery),
    request_body(content = BulkRow, content_type = "application/x-ndjson"),
    responses((status = 200, content_type = "application/x-ndjson", body = BulkResult)))]
async fn report_bulk(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<BulkQuery>,
    body: Bytes,
) -> Answer<Response> {
    let ctx = caller.ctx(&app, Permission::ReportFile)?;
    let form = query.form.unwrap_or_else(|| app.operation().form.clone());
    let (shelf, operation) = (app.shelf.clone(), ctx.operation);
    let book = app.db.read("book.read", move |rx| shelf.current(rx, operation)).await?;
    let lines: Vec<&[u8]> =
        body.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).collect();
    if lines.len() > ROWS_MAX {
        return Err(Problem::new(ProblemKind::TooLarge, "request.too_many_rows")
            .with("max", ROWS_MAX)
            .into());
    }
    let mut out = Vec::with_capacity(lines.len() * 160);
    for (chunk, lines) in lines.chunks(CHUNK_ROWS).enumerate() {
        let drafts = lines.iter().map(|line| {
            draft(line, &ctx, &form).and_then(|draft| Ok((draft.unit.clone(), checked(&book, &draft)?)))
        });
        let drafts: Vec<Result<_, Problem>> = drafts.collect();
        let filings = drafts.iter().flatten().map(|(_, checked)| Filing {
            ctx: ctx.clone(),
            draft: checked.clone(),
            at_ms: ctx.now_ms,
        });
        let filed = file_many(&app.db, &app.shelf, filings.collect()).await;
        let mut filed: std::vec::IntoIter<Result<Receipt, Problem>> = match filed {
            Ok(filed) => filed.into_iter(),
            // The chunk as a whole was not stored; its rows say so and the others stand.
            Err(fail) => {
                let problem = Problem::from(fail);
                vec![Err(problem); drafts.iter().flatten().count()].into_iter()
            }
        };
        let mut receipts = Vec::new();
        for (place, draft) in drafts.into_iter().enumerate() {
            let result = match draft {
                Err(problem) => Err(problem),
                Ok((unit, _)) => filed
                    .next()
                    .unwrap_or_else(|| Err(Problem::internal("a row without a result")))
                    .map(|receipt| (unit, receipt)),
            };
            let result = match result {
                Ok((unit, receipt)) => {
                    let body = ReceiptBody::new(&ctx, &unit, &receipt);
                    receipts.push(receipt);
                    BulkResult {
                        row: chunk * CHUNK_ROWS + place + 1,
                        status: "accepted",
                        receipt: Some(body),
                        problem: None,
                    }
                }
                Err(problem) => BulkResult {
                    row: chunk * CHUNK_ROWS + place + 1,
                    status: "refused",
                    receipt: None,
                    problem: Some(ProblemBody::new(ctx.locale, &problem)),
                },
            };
            serde_json::to_writer(&mut out, &result).map_err(Problem::internal)?;
            out.push(b'\n');
        }
        tell(&app, &receipts).await;
    }
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], out).into_response())
}

fn draft(line: &[u8], ctx: &Ctx, form: &str) -> Result<Draft, Problem> {
    let unreadable = |error: serde_json::Error| Problem::invalid("request.row_unreadable").with("why", error);
    let row: BulkRow = serde_json::from_slice(line).map_err(unreadable)?;
    let day = super::day_of(Some(&row.day), ctx)?;
    let BulkRow { unit, act, scope, values, reason, client_id, .. } = row;
    let form = row.form.unwrap_or_else(|| form.to_owned());
    draft_of(unit, day, form, scope, ReportBody { act, scope, values, reason, client_id })
}
