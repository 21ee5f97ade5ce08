//! The door of what became of a frozen page.

use super::super::compare::{self, Cause, Comparison, Part, TreeCause};
use super::{Asked, Of};
use crate::lines::access::Permission;
use crate::lines::reporting::{Receipt, Scope};
use crate::request::{Answer, Caller, Json, Query};
use crate::{App, Ctx};
use axum::extract::{Path, State};
use muster_kernel::day::rfc3339;
use muster_store::Rx;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(brief_compare))
}

/// A frozen brief beside the same figures made again.
#[derive(Serialize, ToSchema)]
pub(crate) struct CompareBody {
    /// The day.
    pub(crate) day: String,
    /// When it was frozen (RFC 3339).
    pub(crate) frozen_at: String,
    /// The digest that was frozen.
    pub(crate) digest: String,
    /// Whether what is kept is still what was frozen.
    pub(crate) intact: bool,
    /// Figures that are another now.
    pub(crate) differences: Vec<DifferenceBody>,
    /// Sheets that changed since, at most 500.
    pub(crate) causes: Vec<CauseBody>,
    /// Whether more sheets changed than are told.
    pub(crate) more: bool,
    /// Changes of the tree since that reach the day, the earliest first, at most 50.
    pub(crate) tree: Vec<TreeCauseBody>,
    /// Whether there are more of them than are told.
    pub(crate) tree_more: bool,
}

/// A change of the tree that came after freezing and reaches the day.
#[derive(Serialize, ToSchema)]
pub(crate) struct TreeCauseBody {
    /// The first day on which something stands otherwise.
    pub(crate) since: String,
    /// When it was said (RFC 3339).
    pub(crate) at: String,
    /// By whom: a reference, never a name.
    pub(crate) actor: String,
    /// What was done: `unit.create`, `unit.change`, `unit.move`, `unit.close`, `unit.merge`, `unit.split`.
    pub(crate) action: String,
    /// Code of the unit; null where one entry tells of many, as of a file.
    pub(crate) unit: Option<String>,
    /// Its name.
    pub(crate) name: Option<String>,
    /// Code of the unit that it was put below, or became part of.
    pub(crate) to: Option<String>,
}

/// A figure that is another now.
#[derive(Serialize, ToSchema)]
pub(crate) struct DifferenceBody {
    /// `rates`, `totals` or `groups`.
    pub(crate) part: String,
    /// What it counts.
    pub(crate) name: String,
    /// The group, for a figure of a group.
    pub(crate) unit: Option<String>,
    /// What was frozen; null when nobody had said it.
    pub(crate) frozen: Option<f64>,
    /// What it is now.
    pub(crate) now: Option<f64>,
    /// Places in `causes` of the sheets that changed it; none: the tree changed, see `tree`.
    pub(crate) causes: Vec<usize>,
}

/// A sheet that changed since.
#[derive(Serialize, ToSchema)]
pub(crate) struct CauseBody {
    /// Code of the unit.
    pub(crate) unit: String,
    /// Its name.
    pub(crate) name: String,
    /// `alone` or `below`.
    pub(crate) scope: Scope,
    /// The revision that was frozen; null where there was no report.
    pub(crate) revision_frozen: Option<i64>,
    /// The revision now; null where the unit is no longer in the figures.
    pub(crate) revision_now: Option<i64>,
    /// When it changed (RFC 3339).
    pub(crate) at: Option<String>,
    /// The receipt of the revision now.
    pub(crate) receipt: Option<String>,
    /// What changed.
    pub(crate) changes: Vec<CauseChange>,
}

/// What changed in a sheet.
#[derive(Serialize, ToSchema)]
pub(crate) struct CauseChange {
    /// Name of the element.
    pub(crate) element: String,
    /// What it was.
    pub(crate) before: Option<f64>,
    /// What it is.
    pub(crate) after: Option<f64>,
}

impl CompareBody {
    /// A comparison on its way out.
    pub(crate) fn new(comparison: &Comparison, ctx: &Ctx) -> Self {
        let day = comparison.frozen.key.day;
        let difference = |one: &compare::Difference| DifferenceBody {
            part: match one.part {
                Part::Rates => "rates",
                Part::Totals => "totals",
                Part::Groups => "groups",
            }
            .to_owned(),
            name: one.name.clone(),
            unit: one.unit.clone(),
            frozen: one.frozen,
            now: one.now,
            causes: one.causes.clone(),
        };
        let cause = |one: &Cause| CauseBody {
            unit: one.code.clone(),
            name: one.name.clone(),
            scope: one.scope,
            revision_frozen: one.before.map(|origin| origin.rev),
            revision_now: one.now.map(|origin| origin.rev),
            at: one.at_ms.map(|ms| rfc3339(ms, &ctx.zone)),
            receipt: one.now.map(|origin| Receipt::number_of(day, origin.link)),
            changes: one.changes.iter().map(change).collect(),
        };
        let tree = |one: &TreeCause| TreeCauseBody {
            since: one.since.to_string(),
            at: rfc3339(one.at_ms, &ctx.zone),
            actor: one.actor.clone(),
            action: one.action.clone(),
            unit: one.unit.as_ref().map(|(code, _)| code.clone()),
            name: one.unit.as_ref().map(|(_, name)| name.clone()),
            to: one.to.clone(),
        };
        fn change((_, element, before, after): &(i64, String, Option<f64>, Option<f64>)) -> CauseChange {
            CauseChange { element: element.clone(), before: *before, after: *after }
        }
        Self {
            day: day.to_string(),
            frozen_at: rfc3339(comparison.frozen.at_ms, &ctx.zone),
            digest: comparison.frozen.digest.to_string(),
            intact: comparison.intact,
            differences: comparison.differences.iter().map(difference).collect(),
            causes: comparison.causes.iter().map(cause).collect(),
            more: comparison.more,
            tree: comparison.tree.iter().map(tree).collect(),
            tree_more: comparison.tree_more,
        }
    }
}

/// A frozen brief beside the same figures made again: each difference, and the sheets that changed since.
#[utoipa::path(get, path = "/briefs/{day}/compare", operation_id = "brief_compare", tag = "brief",
    params(("day" = String, Path, description = "YYYY-MM-DD"), Of), responses((status = 200, body = CompareBody)))]
async fn brief_compare(
    State(app): State<App>,
    caller: Caller,
    Path(day): Path<String>,
    Query(of): Query<Of>,
) -> Answer<Json<CompareBody>> {
    let asked = Asked::new(&app, &caller, Permission::Read, &day, of)?;
    let (shelf, ctx) = (app.shelf.clone(), asked.ctx.clone());
    let read = move |rx: &mut Rx<'_>| {
        compare::compare(rx, &asked.ctx, &shelf, asked.form(), asked.day, asked.locale)
    };
    let comparison = app.db.read("brief.compare", read).await?;
    Ok(Json(CompareBody::new(&comparison, &ctx)))
}
