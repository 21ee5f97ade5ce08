//! Doors of findings: the list, filing one, answering it, closing it.

use super::model::{Finding, Kind, Step, StepKind};
use super::store;
use super::verbs::{self, FindingDraft, is_seen};
use crate::lines::org;
use crate::request::page::{Page, cursor_after};
use crate::request::{Answer, Caller, Json, Once, Permission, Query, Reply};
use crate::{App, Ctx, Fail};
use axum::extract::{Path, State};
use muster_kernel::day::rfc3339;
use muster_kernel::{Day, Problem};
use muster_store::{Rows, Rx, StoreError, Tx};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The doors of this line.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(finding_list, finding_file))
        .routes(routes!(finding_answer))
        .routes(routes!(finding_close))
}

/// Findings that are looked at before a page ends, seen or not.
const LOOKED_MAX: usize = 5_000;
/// Findings read at a time.
const READ: u32 = 500;

/// A unit by code and name.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = FindingUnit)]
struct UnitOf {
    /// Code of the unit.
    code: String,
    /// Its name, in the reader's language.
    name: String,
}

/// A step after a finding.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = FindingStep)]
struct StepBody {
    /// The answer, or why it was closed.
    text: String,
    /// By whom: a reference.
    by: String,
    /// When (RFC 3339).
    at: String,
}

/// A finding of an inspector.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
struct FindingBody {
    /// Its id.
    id: String,
    /// The unit it is about, as it is called today.
    unit: UnitOf,
    /// The day it speaks of (YYYY-MM-DD); null where it speaks of none.
    day: Option<String>,
    /// What was found.
    kind: Kind,
    /// In the inspector's words.
    text: String,
    /// What it rests on: numbers of receipts and of entries in the journal.
    evidence: Vec<String>,
    /// By whom: a reference.
    by: String,
    /// When (RFC 3339).
    at: String,
    /// What the unit's office answered; null while it did not.
    answer: Option<StepBody>,
    /// Why it was closed; null while it is open.
    closed: Option<StepBody>,
    /// Its entry in the journal: lane and number.
    entry: String,
}

impl FindingBody {
    fn new(ctx: &Ctx, one: &Finding, steps: &[Step], units: &HashMap<i64, (String, String)>) -> Self {
        let step = |kind: StepKind| {
            let step = steps.iter().find(|step| step.finding == one.id && step.kind == kind)?;
            let (text, by) = (step.words.clone(), step.actor.clone());
            Some(StepBody { text, by, at: rfc3339(step.at_ms, &ctx.zone) })
        };
        let (code, name) = units.get(&one.unit).cloned().unwrap_or_default();
        Self {
            id: one.id.clone(),
            unit: UnitOf { code, name },
            day: one.day.map(|day| day.to_string()),
            kind: one.kind,
            text: one.words.clone(),
            evidence: one.evidence.clone(),
            by: one.actor.clone(),
            at: rfc3339(one.at_ms, &ctx.zone),
            answer: step(StepKind::Answer),
            closed: step(StepKind::Close),
            entry: format!("{}/{}", one.link.lane, one.link.no),
        }
    }
}

/// Findings as they are told: with what followed them and the names of their units.
fn bodies(rows: &mut impl Rows, ctx: &Ctx, found: &[Finding]) -> Result<Vec<FindingBody>, Fail> {
    let ids: Vec<String> = found.iter().map(|one| one.id.clone()).collect();
    let steps = store::steps(rows, &ids)?;
    let mut units: Vec<i64> = found.iter().map(|one| one.unit).collect();
    units.sort_unstable();
    units.dedup();
    let labels = org::labels(rows, &units, ctx.today())?;
    let named = labels
        .into_iter()
        .map(|(id, (code, names))| (id, (code.to_string(), names.of(ctx.locale).to_owned())));
    let named = named.collect();
    Ok(found.iter().map(|one| FindingBody::new(ctx, one, &steps, &named)).collect())
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// `unit:CODE`: only about this unit and those below it; the caller's own part when absent.
    node: Option<String>,
}

/// A page of findings.
#[derive(Serialize, ToSchema)]
struct FindingList {
    /// The latest first.
    items: Vec<FindingBody>,
    /// Where the next page begins; null at the end.
    next_cursor: Option<String>,
}

/// Findings about units of the caller's own part, the latest first, with what the office answered and why one was closed.
#[utoipa::path(get, path = "/findings", operation_id = "finding_list", tag = "inspect", params(Asked, Page),
    responses((status = 200, body = FindingList)))]
async fn finding_list(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<Asked>,
    Query(page): Query<Page>,
) -> Answer<Json<FindingList>> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let (after, limit) = (page.after()?, page.limit()? as usize);
    let from = match after.split_once(' ') {
        Some((at, id)) => (at.parse().map_err(|_| Problem::invalid("request.cursor"))?, id.to_owned()),
        None if after.is_empty() => (i64::MAX, String::new()),
        None => return Err(Problem::invalid("request.cursor").into()),
    };
    let read = move |rx: &mut Rx<'_>| {
        let below = match asked.node.as_deref() {
            None => None,
            Some(node) => {
                let unit_only = || {
                    Problem::invalid("node.unit_only").with("node", node.chars().take(64).collect::<String>())
                };
                let code = node.strip_prefix("unit:").ok_or_else(unit_only)?;
                Some(org::unit_standing(rx, &ctx, code, ctx.today())?.unit)
            }
        };
        let (found, next) = seen(rx, &ctx, below, from.clone(), limit)?;
        let next_cursor = next.map(|(at, id)| cursor_after(&format!("{at} {id}")));
        Ok::<_, Fail>(FindingList { items: bodies(rx, &ctx, &found)?, next_cursor })
    };
    Ok(Json(app.db.read("finding.list", read).await?))
}

/// An instant and an id: a place in the list.
type Place = (i64, String);

/// Findings that the caller may see, at most `limit`, and where to go on, if there is more to look at.
fn seen(
    rows: &mut impl Rows,
    ctx: &Ctx,
    below: Option<i64>,
    mut from: Place,
    limit: usize,
) -> Result<(Vec<Finding>, Option<Place>), StoreError> {
    let (mut found, mut looked) = (Vec::new(), 0);
    loop {
        let page = store::findings_before(rows, ctx.operation, (from.0, &from.1), READ)?;
        let is_last = page.len() < READ as usize;
        let mut units: Vec<i64> = page.iter().map(|one| one.unit).collect();
        units.sort_unstable();
        units.dedup();
        let standings = org::standings_on(rows, &units, ctx.today())?;
        let standings: HashMap<i64, _> = standings.into_iter().map(|one| (one.unit, one)).collect();
        for one in page {
            if found.len() == limit || looked == LOOKED_MAX {
                return Ok((found, Some(from)));
            }
            looked += 1;
            from = (one.at_ms, one.id.clone());
            let standing = standings.get(&one.unit);
            let is_below = below.is_none_or(|top| standing.is_some_and(|one| one.chain.contains(&top)));
            if is_below && is_seen(ctx, standing) {
                found.push(one);
            }
        }
        if is_last {
            return Ok((found, None));
        }
    }
}

/// A finding to file.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FindingIn {
    /// Code of the unit.
    unit: String,
    /// The day it speaks of (YYYY-MM-DD); absent or null where it speaks of none.
    #[serde(default)]
    day: Option<String>,
    /// What was found.
    kind: Kind,
    /// In words, at most 2000 characters; no names or numbers of persons.
    text: String,
    /// What it rests on, at most 20: numbers of receipts (`R20200203-0-82`) and of entries in the journal (`0/82`).
    #[serde(default)]
    evidence: Vec<String>,
}

/// Files a finding about a unit: dated, signed by reference, never changed. Only an inspector does.
#[utoipa::path(post, path = "/findings", operation_id = "finding_file", tag = "inspect", request_body = FindingIn,
    responses((status = 201, body = FindingBody)))]
async fn finding_file(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Json(body): Json<FindingIn>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::FindingFile)?;
    let unread =
        |day: &str| Problem::invalid("request.day").with("day", day.chars().take(64).collect::<String>());
    let day = body.day.as_deref().map(|day| day.parse::<Day>().map_err(|_| unread(day))).transpose()?;
    let FindingIn { unit, kind, text: words, evidence, .. } = body;
    let (draft, now_ms) = (FindingDraft { unit, day, kind, words, evidence }, ctx.now_ms);
    let file = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            let filed = verbs::finding_file(tx, &ctx, &draft)?;
            told(tx, &ctx, &filed.id).map(Reply::created)
        })
    };
    Ok(app.db.write("finding.file", now_ms, file).await?)
}

fn told(tx: &mut Tx<'_>, ctx: &Ctx, id: &str) -> Result<Reply, Fail> {
    let found =
        store::finding_by_id(tx, id)?.ok_or_else(|| Problem::internal("a finding that is not there"))?;
    let body =
        bodies(tx, ctx, &[found])?.pop().ok_or_else(|| Problem::internal("a finding without a body"))?;
    Ok(Reply::json(&body)?)
}

/// What the unit's office says to a finding.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FindingAnswer {
    /// In words, at most 2000 characters; no names or numbers of persons.
    text: String,
}

/// The unit's office answers a finding, once.
#[utoipa::path(post, path = "/findings/{id}/answer", operation_id = "finding_answer", tag = "inspect",
    params(("id" = String, Path, description = "Id of the finding")), request_body = FindingAnswer,
    responses((status = 200, body = FindingBody)))]
async fn finding_answer(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    once: Once,
    Json(body): Json<FindingAnswer>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::FindingAnswer)?;
    let now_ms = ctx.now_ms;
    let answer = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            verbs::finding_answer(tx, &ctx, &id, &body.text)?;
            told(tx, &ctx, &id)
        })
    };
    Ok(app.db.write("finding.answer", now_ms, answer).await?)
}

/// Why a finding is closed.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FindingClose {
    /// In words, at most 2000 characters; no names or numbers of persons.
    reason: String,
}

/// An inspector closes a finding, with a reason. It stays in the list.
#[utoipa::path(post, path = "/findings/{id}/close", operation_id = "finding_close", tag = "inspect",
    params(("id" = String, Path, description = "Id of the finding")), request_body = FindingClose,
    responses((status = 200, body = FindingBody)))]
async fn finding_close(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    once: Once,
    Json(body): Json<FindingClose>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::FindingFile)?;
    let now_ms = ctx.now_ms;
    let close = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            verbs::finding_close(tx, &ctx, &id, &body.reason)?;
            told(tx, &ctx, &id)
        })
    };
    Ok(app.db.write("finding.close", now_ms, close).await?)
}
