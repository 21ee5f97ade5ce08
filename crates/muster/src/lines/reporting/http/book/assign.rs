//! Doors of assignments: of whom a form is asked, from when to when.

use super::{BookPreview, Change, book_of};
use crate::lines::org;
use crate::lines::reporting::compare::{Reassigned, assignments_changed};
use crate::lines::reporting::http::{UnitLabel, labels};
use crate::lines::reporting::model::{Assignment, until};
use crate::lines::reporting::verbs::{self, Reassign};
use crate::lines::reporting::{Book, store};
use crate::request::{Answer, Caller, Json, Looking, Once, Permission, Query, Reply};
use crate::{App, Ctx, Fail};
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use muster_kernel::day::rfc3339;
use muster_kernel::{Day, Finding, Problem};
use muster_store::{Rows, Rx, Tx};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(assignments_list, form_assign)).routes(routes!(form_reassign))
}

/// A form given to a part of the tree.
#[derive(Serialize, ToSchema)]
struct AssignmentBody {
    /// Number of the assignment: the series of its totals.
    series: i64,
    /// Code of the form.
    form: String,
    /// The unit at whose top it is given.
    unit: UnitLabel,
    /// Kinds of unit that are expected to report; all when empty.
    kinds: Vec<String>,
    /// First day.
    #[schema(value_type = String, format = Date)]
    since: Day,
    /// Day after the last; null while open. The first day itself where it was taken back.
    #[serde(with = "until")]
    #[schema(value_type = Option<String>, format = Date)]
    until: Day,
    /// What was changed of it, the latest first.
    changes: Vec<ReassignedBody>,
}

/// A change of an assignment, and what it was before.
#[derive(Serialize, ToSchema)]
struct ReassignedBody {
    /// When (RFC 3339).
    at: String,
    /// By whom: a reference, never a name.
    actor: String,
    /// Why; absent where none was needed and none was given.
    reason: Option<String>,
    /// The unit at its top before.
    unit: UnitLabel,
    /// The kinds before.
    kinds: Vec<String>,
    /// The first day before.
    #[schema(value_type = String, format = Date)]
    since: Day,
    /// The day after the last before; null where it was open.
    #[serde(with = "until")]
    #[schema(value_type = Option<String>, format = Date)]
    until: Day,
}

/// All assignments.
#[derive(Serialize, ToSchema)]
struct AssignmentList {
    /// By number.
    items: Vec<AssignmentBody>,
}

impl AssignmentBody {
    fn new(ctx: &Ctx, book: &Book, tops: &Tops, series: &Assignment, changes: &[Reassigned]) -> Self {
        let changed = |change: &Reassigned| {
            let Assignment { kinds, since, until, .. } = change.was.clone();
            ReassignedBody {
                at: rfc3339(change.at_ms, &ctx.zone),
                actor: change.actor.clone(),
                reason: Some(change.reason.clone()).filter(|reason| !reason.is_empty()),
                unit: tops.of(&change.was),
                kinds,
                since,
                until,
            }
        };
        let form = book.forms().iter().find(|form| form.id == series.form);
        let Assignment { id, kinds, since, until, .. } = series.clone();
        Self {
            series: id,
            form: form.map(|form| form.code.clone()).unwrap_or_default(),
            unit: tops.of(series),
            kinds,
            since,
            until,
            changes: changes.iter().rev().filter(|change| change.was.id == id).map(changed).collect(),
        }
    }
}

/// The units at the top of assignments, each as it is called on the assignment's first day: one read a day.
struct Tops(HashMap<(Day, i64), UnitLabel>);

impl Tops {
    fn read<'a>(
        rows: &mut impl Rows,
        ctx: &Ctx,
        all: impl Iterator<Item = &'a Assignment>,
    ) -> Result<Self, Fail> {
        let mut days: BTreeMap<Day, BTreeSet<i64>> = BTreeMap::new();
        for series in all {
            days.entry(series.since).or_default().insert(series.unit);
        }
        let mut tops = HashMap::new();
        for (day, units) in days {
            let units: Vec<i64> = units.into_iter().collect();
            let named = labels(rows, &units, day, ctx.locale)?.into_iter();
            tops.extend(named.map(|(unit, label)| ((day, unit), label)));
        }
        Ok(Self(tops))
    }
    fn of(&self, series: &Assignment) -> UnitLabel {
        let label = self.0.get(&(series.since, series.unit)).cloned();
        label.unwrap_or_else(|| UnitLabel { code: series.unit.to_string(), name: String::new() })
    }
}

/// Of whom forms are asked, and what was changed of that. Only for who stands at the top of the tree.
#[utoipa::path(get, path = "/assignments", operation_id = "assignment_list", tag = "reporting",
    responses((status = 200, body = AssignmentList)))]
async fn assignments_list(State(app): State<App>, caller: Caller) -> Answer<Response> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    if !ctx.reach.covers(&[app.operation().root_unit]) {
        return Err(Problem::not_found("assignment.of_the_whole").into());
    }
    let (book, tag) = book_of(&app, &ctx, "assignment.list").await?;
    let list = move |rx: &mut Rx<'_>| {
        let changes = assignments_changed(rx, None)?;
        let all = book.assignments().iter();
        let tops = Tops::read(rx, &ctx, all.clone().chain(changes.iter().map(|change| &change.was)))?;
        let body = |series| AssignmentBody::new(&ctx, &book, &tops, series, &changes);
        Ok::<_, Fail>(AssignmentList { items: all.map(body).collect() })
    };
    let list = app.db.read("assignment.list", list).await?;
    Ok(([(header::ETAG, tag)], Json(list)).into_response())
}

/// A form to be given to a part of the tree.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AssignBody {
    /// Code of the form.
    form: String,
    /// Code of the unit at the top.
    unit: String,
    /// Kinds of unit that are expected to report; all when empty.
    #[serde(default)]
    kinds: Vec<String>,
    /// First day.
    #[schema(value_type = String, format = Date)]
    since: Day,
    /// Day after the last; absent or null while open.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<Day>,
}

/// What was assigned.
#[derive(Serialize, ToSchema)]
struct Assigned {
    /// Number of the series.
    series: i64,
}

/// What giving a form answers.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only the contract speaks of it: a door writes one or the other")]
enum AssignAnswer {
    /// The assignment.
    Done(Assigned),
    /// What would come of it, with `dry_run`.
    Foreseen(BookPreview),
}

/// What changing an assignment answers.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only the contract speaks of it: a door writes one or the other")]
enum ReassignAnswer {
    /// The assignment after it.
    Done(Box<AssignmentBody>),
    /// What would come of it, with `dry_run`.
    Foreseen(BookPreview),
}

/// Gives a form to a part of the tree.
#[utoipa::path(post, path = "/assignments", operation_id = "form_assign", tag = "reporting", params(Looking), request_body = AssignBody,
    responses((status = 200, body = AssignAnswer)))]
async fn form_assign(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Query(looking): Query<Looking>,
    Json(body): Json<AssignBody>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::FormSet)?;
    let kinds = kinds_of(&body.kinds)?;
    let assign = move |tx: &mut Tx<'_>, ctx: &Ctx| {
        let AssignBody { form, unit, since, until, .. } = body.clone();
        let standing = org::unit_standing(tx, ctx, &unit, since)?;
        let until = until.unwrap_or(Day::OPEN_END);
        let series = verbs::form_assign(tx, ctx, &form, standing.unit, kinds.clone(), since, until)?;
        Ok(match looking.dry_run {
            true => Reply::json(&foreseen(tx, ctx, series)?)?,
            false => Reply::json(&Assigned { series })?,
        })
    };
    let change = Change { ctx, once, looking, name: "form.assign" };
    let assigned = change.run(&app, assign).await?;
    if !looking.dry_run && app.operation().form.is_empty() {
        app.operation_follow().await?;
    }
    Ok(assigned)
}

/// What is changed of an assignment; what is absent stays.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReassignBody {
    /// Code of the unit at the top.
    #[serde(default)]
    unit: Option<String>,
    /// Kinds of unit that are expected to report; all when empty.
    #[serde(default)]
    kinds: Option<Vec<String>>,
    /// First day.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    since: Option<Day>,
    /// Day after the last; null: open again. The first day itself takes the whole assignment back.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<Option<Day>>,
    /// Why; needed where a day that is past is asked of others than before. At most 400 characters.
    #[serde(default)]
    reason: Option<String>,
}

/// Null is something that was said.
fn said<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<Day>>, D::Error> {
    Option::<Day>::deserialize(from).map(Some)
}

/// Ends an assignment, or puts a wrong one right. Refused where a report was taken in that would no longer be asked, and
/// where a day is frozen.
#[utoipa::path(patch, path = "/assignments/{series}", operation_id = "form_reassign", tag = "reporting",
    params(("series" = String, Path, description = "Number of the assignment"), Looking),
    request_body = ReassignBody, responses((status = 200, body = ReassignAnswer)))]
async fn form_reassign(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Query(looking): Query<Looking>,
    Path(series): Path<String>,
    Json(body): Json<ReassignBody>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::FormSet)?;
    let unknown = || Problem::not_found("assignment.unknown").with("assignment", &series);
    let id: i64 = series.parse().map_err(|_| unknown())?;
    let kinds = body.kinds.as_deref().map(kinds_of).transpose()?;
    let reassign = move |tx: &mut Tx<'_>, ctx: &Ctx| {
        let ReassignBody { unit, since, until, reason, .. } = body.clone();
        let there = store::assignments(tx, ctx.operation)?.into_iter().find(|series| series.id == id);
        let there = there.ok_or_else(|| Problem::not_found("assignment.unknown").with("assignment", id))?;
        let first = since.unwrap_or(there.since);
        let unit = match unit {
            Some(unit) => Some(org::unit_standing(tx, ctx, &unit, first)?.unit),
            None => None,
        };
        let until = until.map(|until| until.unwrap_or(Day::OPEN_END));
        let change = Reassign { unit, kinds: kinds.clone(), since, until, reason };
        let now = verbs::form_reassign(tx, ctx, id, &change)?;
        if looking.dry_run {
            return Ok(Reply::json(&foreseen(tx, ctx, id)?)?);
        }
        let (book, changes) = (Book::load(tx, ctx.operation)?, assignments_changed(tx, Some(id))?);
        let tops = Tops::read(tx, ctx, [&now].into_iter().chain(changes.iter().map(|change| &change.was)))?;
        Ok(Reply::json(&AssignmentBody::new(ctx, &book, &tops, &now, &changes))?)
    };
    Change { ctx, once, looking, name: "form.reassign" }.run(&app, reassign).await
}

/// What an assignment would come to as it now stands in the transaction: of how many units it is asked on its first day.
fn foreseen(tx: &mut Tx<'_>, ctx: &Ctx, id: i64) -> Result<BookPreview, Fail> {
    let known = store::assignments(tx, ctx.operation)?.into_iter().find(|series| series.id == id);
    let unknown = || Problem::not_found("assignment.unknown").with("assignment", id);
    let series = known.ok_or_else(unknown)?;
    let mut expected = 0;
    if series.holds(series.since)
        && let Some(top) = org::standing_on(tx, series.unit, series.since)?
    {
        let kinds = org::subtree_kinds(tx, &top, series.since)?;
        expected = kinds.iter().filter(|(kind, _)| series.expects(kind)).map(|(_, n)| n).sum();
    }
    Ok(BookPreview { expected: Some(expected), ..BookPreview::new() })
}

/// Kinds as the tree writes them; a finding for each that is none.
fn kinds_of(kinds: &[String]) -> Result<Vec<String>, Problem> {
    let (mut sound, mut findings) = (Vec::new(), Vec::<Finding>::new());
    for (at, kind) in kinds.iter().enumerate() {
        match org::check_kind(&format!("kinds[{at}]"), kind) {
            Ok(kind) => sound.push(kind),
            Err(found) => findings.extend(found),
        }
    }
    sound.sort();
    sound.dedup();
    match findings.is_empty() {
        true => Ok(sound),
        false => Err(Problem::invalid("assignment.refused").findings(findings)),
    }
}
