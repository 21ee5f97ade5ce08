//! Changing the tree: one handler a verb. What follows a change elsewhere follows in the same transaction.

use super::wire::{ChangeAnswer, ChangePreview, CloseAnswer, SplitAnswer, UnitBody, UnitClosed, UnitsSplit};
use super::{day_of, operation_follow};
use crate::lines::org::{self, PatchDraft, Place, TreeChange, UnitDraft};
use crate::request::Json;
use crate::request::{Answer, Caller, Looking, Once, Permission, Query, Reply, Seen};
use crate::{App, Ctx, Fail, Reach, wiring};
use axum::extract::{Path, State};
use muster_kernel::{Day, Finding, Problem};
use muster_store::{StoreError, Tx};
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(unit_create))
        .routes(routes!(unit_change))
        .routes(routes!(unit_move))
        .routes(routes!(unit_close))
        .routes(routes!(unit_merge))
        .routes(routes!(unit_split))
}

/// A change of the tree on its way in: in which words, once, from which day on, what unit `If-Match` speaks of, which
/// places it names at which fields, and whether it is only looked at.
struct Change {
    ctx: Ctx,
    once: Once,
    name: &'static str,
    day: Day,
    about: Option<String>,
    places: Vec<(String, Place)>,
    looking: Looking,
}

impl Change {
    fn new(ctx: &Ctx, once: Once, name: &'static str, day: Day, looking: Looking) -> Self {
        Self { ctx: ctx.clone(), once, name, day, about: None, places: Vec::new(), looking }
    }

    fn about(self, unit: &str) -> Self {
        Self { about: Some(unit.to_owned()), ..self }
    }

    /// With a place that is told at a field; it is looked up after the change, which may itself have named it.
    fn placed(mut self, field: impl Into<String>, place: Option<Place>) -> Self {
        self.places.extend(place.map(|place| (field.into(), place)));
        self
    }

    /// Runs a verb, what follows it, and what is answered, as one write. Looked at or done, what is worth a look is told.
    async fn run(
        self,
        app: &App,
        verb: impl Fn(&mut Tx<'_>, &Ctx) -> Result<TreeChange, Fail> + Send + 'static,
        answer: impl Fn(&mut Tx<'_>, &Ctx, &[Finding]) -> Result<Reply, Fail> + Send + 'static,
    ) -> Answer<Reply> {
        let Self { ctx, once, name, day, about, places, looking } = self;
        let (about, seen) = (about.map(|unit| (unit, day)), once.clone());
        let deed = move |tx: &mut Tx<'_>, ctx: &Ctx| {
            expect(tx, ctx, &seen, about.as_ref())?;
            let change = verb(tx, ctx)?;
            let mut found = wiring::tree_changed(tx, ctx, &change).map_err(at_the_day)?;
            found.extend(looked_up(tx, &places)?);
            if looking.dry_run {
                let preview = org::preview(tx, &change, day)?;
                return Ok(Reply::json(&ChangePreview::new(preview, day, &found, ctx.locale))?);
            }
            answer(tx, ctx, &found)
        };
        let reply = looking.write(app, ctx, once, name, deed).await?;
        if looking.dry_run {
            return Ok(reply);
        }
        operation_follow(app).await?;
        Ok(reply)
    }
}

/// Refuses where the sender saw another state of the unit than there is.
pub(super) fn expect(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    once: &Once,
    about: Option<&(String, Day)>,
) -> Result<(), Fail> {
    if let (Some(seen), Some((code, day))) = (once.seen(), about) {
        let there_is = org::unit_held(tx, ctx, code, *day)?;
        Seen::expect(Some(seen), &there_is, "unit.stale").map_err(|problem| problem.with("unit", code))?;
    }
    Ok(())
}

/// Findings of one refusal at most.
const FINDINGS_MAX: usize = 20;

/// What is in the way of a change on its day is told at the day: the first of it there, and not all of it.
fn at_the_day(fail: Fail) -> Fail {
    match fail {
        Fail::Problem(mut problem) => {
            problem.findings.truncate(FINDINGS_MAX);
            if let Some(first) = problem.findings.first_mut() {
                *first = first.clone().field("day");
            }
            Fail::Problem(problem)
        }
        store => store,
    }
}

/// What is to be said of places, each at its field.
fn looked_up(tx: &mut Tx<'_>, places: &[(String, Place)]) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    for (field, place) in places {
        let found = org::place_looked_up(tx, Some(*place))?;
        findings.extend(found.map(|finding| finding.field(field)));
    }
    Ok(findings)
}

/// The unit as it is on a day, after a change, with what is worth a look.
fn shown(tx: &mut Tx<'_>, ctx: &Ctx, code: &str, day: Day, found: &[Finding]) -> Result<Reply, Fail> {
    let body = unit_body(tx, ctx, code, day)?.with_findings(found, ctx.locale);
    Ok(Reply::json(&body)?.tagged(org::unit_tag(tx, code)?))
}

fn unit_body(tx: &mut Tx<'_>, ctx: &Ctx, code: &str, day: Day) -> Result<UnitBody, Fail> {
    let unknown = || Problem::not_found("unit.unknown").with("unit", code);
    let standing = org::unit_standing(tx, ctx, code, day)?;
    let view = org::units_view(tx, vec![standing], day)?.pop().ok_or_else(unknown)?;
    Ok(UnitBody::new(view, Vec::new(), &[], ctx.locale))
}

pub(super) fn invalid(findings: Vec<Finding>) -> Problem {
    Problem::invalid("unit.draft").findings(findings)
}

/// Adds a unit.
#[utoipa::path(post, path = "/units", operation_id = "unit_create", tag = "org", params(Looking), request_body = UnitDraft,
    responses((status = 200, body = ChangePreview), (status = 201, body = UnitBody)))]
async fn unit_create(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Query(looking): Query<Looking>,
    Json(draft): Json<UnitDraft>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::UnitChange)?;
    let unit = org::unit_check(&draft, ctx.today()).map_err(invalid)?;
    let (code, since) = (unit.code.clone(), unit.since);
    let change = Change::new(&ctx, once, "unit.create", since, looking).placed("place", unit.facts.place);
    let verb = move |tx: &mut Tx<'_>, ctx: &Ctx| org::unit_create(tx, ctx, std::slice::from_ref(&unit));
    change.run(&app, verb, move |tx, ctx, found| Ok(shown(tx, ctx, &code, since, found)?.created())).await
}

/// Changes facts of a unit from a day on.
#[utoipa::path(patch, path = "/units/{code}", operation_id = "unit_change", tag = "org", request_body = PatchDraft,
    params(("code" = String, Path, description = "Code of the unit."), Looking), responses((status = 200, body = ChangeAnswer)))]
async fn unit_change(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Query(looking): Query<Looking>,
    Path(code): Path<String>,
    Json(draft): Json<PatchDraft>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::UnitChange)?;
    let day = draft.day.unwrap_or_else(|| ctx.today());
    let patch = org::patch_check(&draft).map_err(invalid)?;
    let change = Change::new(&ctx, once, "unit.change", day, looking).about(&code);
    let change = change.placed("place", patch.place.flatten());
    let changing = code.clone();
    let verb = move |tx: &mut Tx<'_>, ctx: &Ctx| org::unit_change(tx, ctx, &changing, day, &patch);
    change.run(&app, verb, move |tx, ctx, found| shown(tx, ctx, &code, day, found)).await
}

/// A move.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MoveBody {
    /// Code of the new unit above.
    parent: String,
    /// First day; today when absent.
    day: Option<String>,
}

/// Puts a unit, and all below it, below another from a day on.
#[utoipa::path(post, path = "/units/{code}/move", operation_id = "unit_move", tag = "org", request_body = MoveBody,
    params(("code" = String, Path, description = "Code of the unit."), Looking), responses((status = 200, body = ChangeAnswer)))]
async fn unit_move(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Query(looking): Query<Looking>,
    Path(code): Path<String>,
    Json(body): Json<MoveBody>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::UnitChange)?;
    let day = day_of(body.day.as_deref(), &ctx)?;
    let change = Change::new(&ctx, once, "unit.move", day, looking).about(&code);
    let moving = code.clone();
    let verb = move |tx: &mut Tx<'_>, ctx: &Ctx| org::unit_move(tx, ctx, &moving, day, &body.parent);
    change.run(&app, verb, move |tx, ctx, found| shown(tx, ctx, &code, day, found)).await
}

/// A closing.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CloseBody {
    /// First day on which it is not open; today when absent.
    day: Option<String>,
    /// Whether all below it closes too; otherwise nothing may be open below it.
    #[serde(default)]
    below: bool,
}

/// Closes a unit.
#[utoipa::path(post, path = "/units/{code}/close", operation_id = "unit_close", tag = "org", request_body = CloseBody,
    params(("code" = String, Path, description = "Code of the unit."), Looking), responses((status = 200, body = CloseAnswer), (status = 204)))]
async fn unit_close(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Query(looking): Query<Looking>,
    Path(code): Path<String>,
    Json(body): Json<CloseBody>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::UnitChange)?;
    let day = day_of(body.day.as_deref(), &ctx)?;
    let change = Change::new(&ctx, once, "unit.close", day, looking).about(&code);
    let verb = move |tx: &mut Tx<'_>, ctx: &Ctx| org::unit_close(tx, ctx, &code, day, body.below);
    let answer = |_: &mut Tx<'_>, ctx: &Ctx, found: &[Finding]| match found {
        [] => Ok(Reply::empty()),
        found => Ok(Reply::json(&UnitClosed::new(found, ctx.locale))?),
    };
    change.run(&app, verb, answer).await
}

/// A merge.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MergeBody {
    /// Codes of the units that end, at most 100.
    from: Vec<String>,
    /// Code of the unit that goes on.
    into: String,
    /// First day after; today when absent.
    day: Option<String>,
}

/// Makes units part of another; what is below them moves below it.
#[utoipa::path(post, path = "/units/merge", operation_id = "unit_merge", tag = "org", params(Looking), request_body = MergeBody,
    responses((status = 200, body = ChangeAnswer)))]
async fn unit_merge(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Query(looking): Query<Looking>,
    Json(body): Json<MergeBody>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::UnitChange)?;
    let day = day_of(body.day.as_deref(), &ctx)?;
    if body.from.is_empty() || body.from.len() > 100 {
        return Err(invalid(vec![Finding::refuse("request.count").field("from").with("limit", 100)]).into());
    }
    let change = Change::new(&ctx, once, "unit.merge", day, looking).about(&body.into);
    let into = body.into.clone();
    let verb = move |tx: &mut Tx<'_>, ctx: &Ctx| org::unit_merge(tx, ctx, &body.from, &body.into, day);
    change.run(&app, verb, move |tx, ctx, found| shown(tx, ctx, &into, day, found)).await
}

/// A split.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SplitBody {
    /// Code of the unit that is split.
    unit: String,
    /// The new units, at most 100; they stand where the old one stood, from the day on.
    into: Vec<UnitDraft>,
    /// Which unit right below goes to which new one: code to code.
    #[serde(default)]
    given: BTreeMap<String, String>,
    /// First day after; today when absent.
    day: Option<String>,
}

/// Makes several units of one; it closes when nothing is left below it.
#[utoipa::path(post, path = "/units/split", operation_id = "unit_split", tag = "org", params(Looking), request_body = SplitBody,
    responses((status = 200, body = SplitAnswer)))]
async fn unit_split(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Query(looking): Query<Looking>,
    Json(body): Json<SplitBody>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::UnitChange)?;
    let day = day_of(body.day.as_deref(), &ctx)?;
    if body.into.is_empty() || body.into.len() > 100 {
        return Err(invalid(vec![Finding::refuse("request.count").field("into").with("limit", 100)]).into());
    }
    let (mut into, mut findings) = (Vec::new(), Vec::new());
    for (at, draft) in body.into.iter().enumerate() {
        match org::unit_check(draft, day) {
            Ok(unit) => into.push(unit),
            Err(found) => findings.extend(found.into_iter().map(|finding| {
                let field = format!("into[{at}].{}", finding.at.field.clone().unwrap_or_default());
                finding.field(field)
            })),
        }
    }
    if !findings.is_empty() {
        return Err(invalid(findings).into());
    }
    let change = Change::new(&ctx, once, "unit.split", day, looking).about(&body.unit);
    let change = into
        .iter()
        .enumerate()
        .fold(change, |change, (at, unit)| change.placed(format!("into[{at}].place"), unit.facts.place));
    let codes: Vec<String> = into.iter().map(|unit| unit.code.clone()).collect();
    let verb =
        move |tx: &mut Tx<'_>, ctx: &Ctx| org::unit_split(tx, ctx, &body.unit, day, &into, &body.given);
    let answer = move |tx: &mut Tx<'_>, ctx: &Ctx, found: &[Finding]| {
        // Who split the unit at the top of their own part may see, this once, what came of it beside that.
        let all = Ctx { reach: Reach::All, ..ctx.clone() };
        let items = codes.iter().map(|code| unit_body(tx, &all, code, day)).collect::<Result<_, Fail>>()?;
        Ok(Reply::json(&UnitsSplit::new(items, found, ctx.locale))?)
    };
    change.run(&app, verb, answer).await
}
