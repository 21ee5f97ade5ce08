//! The bulk door: one report a line, one answer a line, in order. Rows in = rows accepted + rows refused.

use super::super::Book;
use super::super::check::Checked;
use super::super::intake::file_many;
use super::super::model::{ActKind, Scope};
use super::super::verbs::{Earlier, Filing, Receipt};
use super::report::{ReceiptBody, ReportBody, checked, draft_of, tell};
use super::sent::{Sent, entries};
use crate::request::refusal::ProblemBody;
use crate::request::{Answer, Caller, Coming, Once, Permission, Query, json_read};
use crate::{App, Ctx};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use compact_str::CompactString;
use futures_util::StreamExt;
use futures_util::future::FutureExt;
use futures_util::stream::FuturesOrdered;
use muster_kernel::{Problem, ProblemKind};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// Largest bulk body.
const BODY_BYTES_MAX: usize = 64 << 20;
/// Most rows of one bulk.
const ROWS_MAX: usize = 200_000;
/// Rows that one transaction takes.
const CHUNK_ROWS: usize = 500;
/// Transactions under way at once: one is made durable while the next one works.
const AT_ONCE: usize = 2;

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
    #[serde(default, deserialize_with = "entries")]
    #[schema(value_type = BTreeMap<String, Value>)]
    values: Vec<(CompactString, Sent)>,
    /// Why an earlier report is corrected.
    #[serde(default)]
    reason: Option<String>,
    /// Reasons that rules of the form ask, by the code of the element at which they do. Where there is none, `reason` is taken.
    #[serde(default, deserialize_with = "entries")]
    #[schema(value_type = BTreeMap<String, String>, required = false)]
    remarks: Vec<(CompactString, String)>,
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
/// other. With `Idempotency-Key`, each row that has no `client_id` bears the key and its number.
#[utoipa::path(post, path = "/reports/bulk", operation_id = "report_bulk", tag = "reporting", params(BulkQuery),
    request_body(content = BulkRow, content_type = "application/x-ndjson"),
    responses((status = 200, content_type = "application/x-ndjson", body = BulkResult)))]
async fn report_bulk(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Query(query): Query<BulkQuery>,
    coming: Coming,
) -> Answer<Response> {
    caller.ctx(&app, Permission::ReportFile)?;
    let upload = coming.come_in(&caller).await?;
    // Who sends slowly reports when all of it is there.
    let ctx = caller.ctx(&app, Permission::ReportFile)?;
    let form = query.form.unwrap_or_else(|| app.operation().form.clone());
    let (shelf, operation) = (app.shelf.clone(), ctx.operation);
    let book = app.db.read("book.read", move |rx| shelf.current(rx, operation)).await?;
    let (body, sorted) = (upload.bytes.clone(), upload.bytes.clone());
    let places =
        tokio::task::spawn_blocking(move || in_order(&sorted)).await.map_err(Problem::internal)??;
    let (form, places) = (Arc::<str>::from(form), Arc::new(places));
    let parts = (0..places.len()).step_by(CHUNK_ROWS).map(|from| from..(from + CHUNK_ROWS).min(places.len()));
    let read = |part: Option<Range<usize>>| {
        let (ctx, form, book, key) = (ctx.clone(), form.clone(), book.clone(), once.key().map(str::to_owned));
        let (body, places) = (body.clone(), places.clone());
        tokio::task::spawn_blocking(move || {
            let lines = places[part.unwrap_or_default()].iter();
            lines
                .map(|place| {
                    let id = key.as_ref().map(|key| format!("{key}/{}", place.row + 1));
                    (place.row, draft(place.row, &body[place.line.clone()], &ctx, &form, &book, id))
                })
                .collect::<Vec<Draft>>()
        })
    };
    let mut answers = Answers {
        bytes: Vec::with_capacity(places.len() * 200),
        rows: vec![0..0; places.len()],
        first: true,
    };
    let mut parts = parts.into_iter();
    let (mut next, mut last) = (read(parts.next()), None);
    let mut under_way = FuturesOrdered::new();
    loop {
        let drafts: Vec<Draft> = next.await.map_err(Problem::internal)?;
        let Some((_, first)) = drafts.first() else { break };
        // The next rows are read while these are stored.
        next = read(parts.next());
        // What one unit says twice is taken in the order in which it was said.
        let same = matches!((first, &last), (Ok((unit, _)), Some(before)) if unit == before);
        last = drafts.iter().rev().find_map(|(_, draft)| Some(draft.as_ref().ok()?.0.clone()));
        while under_way.len() >= AT_ONCE || same && !under_way.is_empty() {
            let Some(done) = under_way.next().await else { break };
            answers.add(&ctx, done)?;
        }
        let earlier = if answers.first { Earlier::Unlikely } else { Earlier::Look };
        let stored = store(app.clone(), ctx.clone(), drafts, earlier);
        under_way.push_back(tokio::spawn(stored).map(|done| done.ok()));
    }
    while let Some(done) = under_way.next().await {
        answers.add(&ctx, done)?;
    }
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], answers.in_order()).into_response())
}

/// A row on its way: its number from 0, and its unit with what it says, or why it is refused.
type Draft = (usize, Result<(String, Checked), Problem>);
/// A row and what became of it.
type Done = (usize, Result<(String, Receipt), Problem>);

/// Where a row stands in the body.
struct Place {
    row: usize,
    line: Range<usize>,
}

/// The rows of a body by day and unit, as their sheets lie on disk: stored in that order they cost a fraction. Rows of
/// one unit and day stay in the order in which they came.
fn in_order(body: &Bytes) -> Result<Vec<Place>, Problem> {
    #[derive(Deserialize)]
    struct Key<'b> {
        #[serde(borrow, default)]
        day: Cow<'b, str>,
        #[serde(borrow, default)]
        unit: Cow<'b, str>,
    }
    let mut from = 0;
    let lines = body.split(|byte| *byte == b'\n').map(|line| {
        let range = from..from + line.len();
        from = range.end + 1;
        range
    });
    let lines = lines.filter(|line| !body[line.clone()].trim_ascii().is_empty());
    // No more are kept than it takes to see that there are too many.
    let lines: Vec<Range<usize>> = lines.take(ROWS_MAX + 1).collect();
    if lines.len() > ROWS_MAX {
        return Err(Problem::new(ProblemKind::TooLarge, "request.too_many_rows").with("max", ROWS_MAX));
    }
    // A row that cannot be read has no key; the reading proper says why.
    let key = |line: &Range<usize>| serde_json::from_slice::<Key<'_>>(&body[line.clone()]).ok();
    let keys = lines.iter().map(|line| key(line).map(|key| (key.day, key.unit)));
    let mut keyed: Vec<_> = keys.zip(lines.iter().cloned()).enumerate().collect();
    keyed.sort_by(|(_, (a, _)), (_, (b, _))| a.cmp(b));
    Ok(keyed.into_iter().map(|(row, (_, line))| Place { row, line }).collect())
}

/// Files some rows in one transaction.
async fn store(app: App, ctx: Ctx, drafts: Vec<Draft>, earlier: Earlier) -> Vec<Done> {
    let (mut done, mut units, mut filings) = (Vec::new(), Vec::new(), Vec::new());
    for (row, draft) in drafts {
        match draft {
            Err(problem) => done.push((row, Err(problem))),
            Ok((unit, draft)) => {
                units.push((row, unit));
                filings.push(Filing { ctx: ctx.clone(), draft, at_ms: ctx.now_ms });
            }
        }
    }
    match file_many(&app.db, &app.shelf, filings, earlier).await {
        Ok(filed) => {
            tell(&app, filed.iter().filter_map(|filed| filed.as_ref().ok()));
            let filed = units.into_iter().zip(filed);
            done.extend(filed.map(|((row, unit), filed)| (row, filed.map(|receipt| (unit, receipt)))));
        }
        // They were not stored; each says so, and the others stand.
        Err(fail) => {
            let problem = Problem::from(fail);
            done.extend(units.into_iter().map(|(row, _)| (row, Err(problem.clone()))));
        }
    }
    done
}

/// Answers as they come, and where in them each row's is.
struct Answers {
    bytes: Vec<u8>,
    rows: Vec<Range<usize>>,
    /// Whether all that was stored so far were first reports.
    first: bool,
}

impl Answers {
    /// Adds what became of some rows; none where storing them broke off, so that nobody knows.
    fn add(&mut self, ctx: &Ctx, done: Option<Vec<Done>>) -> Result<(), Problem> {
        let done = done.ok_or_else(|| Problem::new(ProblemKind::Unknown, "unknown_outcome"))?;
        for (row, result) in done {
            self.first &=
                result.as_ref().is_ok_and(|(_, receipt)| receipt.rev == 1 && receipt.findings.is_empty());
            let result = match result {
                Ok((unit, receipt)) => BulkResult {
                    row: row + 1,
                    status: "accepted",
                    receipt: Some(ReceiptBody::new(ctx, &unit, &receipt)),
                    problem: None,
                },
                Err(problem) => BulkResult {
                    row: row + 1,
                    status: "refused",
                    receipt: None,
                    problem: Some(ProblemBody::new(ctx.locale, &problem)),
                },
            };
            let from = self.bytes.len();
            serde_json::to_writer(&mut self.bytes, &result).map_err(Problem::internal)?;
            self.bytes.push(b'\n');
            self.rows[row] = from..self.bytes.len();
        }
        Ok(())
    }

    fn in_order(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes.len());
        self.rows.iter().for_each(|row| out.extend_from_slice(&self.bytes[row.clone()]));
        out
    }
}

/// A row, checked. `number` counts from 0; `id` is its own where the sender gave it none.
fn draft(
    number: usize,
    line: &[u8],
    ctx: &Ctx,
    form: &str,
    book: &Book,
    id: Option<String>,
) -> Result<(String, Checked), Problem> {
    let row: BulkRow = json_read(line).map_err(|why| {
        let why = crate::say::problem(ctx.locale, &why);
        Problem::invalid("request.row_unreadable").with("row", number + 1).with("why", why)
    })?;
    let day = super::day_of(Some(&row.day), ctx)?;
    let BulkRow { unit, act, scope, values, reason, remarks, client_id, .. } = row;
    let form = row.form.unwrap_or_else(|| form.to_owned());
    let client_id = client_id.or(id);
    let body = ReportBody { act, scope, values, reason, remarks, client_id };
    let draft = draft_of(unit, day, form, scope, body)?;
    let checked = checked(book, &draft)?;
    Ok((draft.unit, checked))
}
