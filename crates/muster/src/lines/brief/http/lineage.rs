//! The door of where the figures of a frozen page come from.

use super::super::{origins, verbs};
use super::{Asked, FrozenBody, Of, cut};
use crate::App;
use crate::lines::access::Permission;
use crate::lines::org;
use crate::lines::reporting::{Receipt, Scope};
use crate::request::{Answer, Caller, Json, Query};
use axum::extract::{Path, State};
use muster_kernel::Problem;
use muster_store::Rx;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(brief_lineage))
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Whose {
    /// Code of a unit: its sheets in the brief; without it only what is kept of the brief.
    unit: Option<String>,
}

/// Of what a frozen brief is made.
#[derive(Serialize, ToSchema)]
struct LineageBody {
    /// What is kept of the brief.
    brief: FrozenBody,
    /// The unit's sheets in it: the day's, and those of the day before.
    sheets: Vec<OriginBody>,
}

/// A sheet in a frozen brief, at the revision at which it is in it.
#[derive(Serialize, ToSchema)]
struct OriginBody {
    /// The day of the sheet.
    period: String,
    /// `alone` or `below`.
    scope: Scope,
    /// Its revision.
    revision: i64,
    /// The receipt of that revision, with its lane and number in the journal.
    receipt: String,
    /// What it said: code of the element, value. A text is not among them.
    values: BTreeMap<String, f64>,
}

/// Where the figures of a frozen brief come from: the cut, and a unit's sheets as they are in it.
#[utoipa::path(get, path = "/briefs/{day}/lineage", operation_id = "brief_lineage", tag = "brief",
    params(("day" = String, Path, description = "YYYY-MM-DD"), Whose, Of), responses((status = 200, body = LineageBody)))]
async fn brief_lineage(
    State(app): State<App>,
    caller: Caller,
    Path(day): Path<String>,
    Query(of): Query<Of>,
    Query(whose): Query<Whose>,
) -> Answer<Json<LineageBody>> {
    let asked = Asked::new(&app, &caller, Permission::Read, &day, of)?;
    let (shelf, code) = (app.shelf.clone(), whose.unit.map(|code| cut(&code)));
    let read = move |rx: &mut Rx<'_>| {
        let ctx = &asked.ctx;
        let frozen = verbs::frozen(rx, ctx, &shelf, asked.form(), asked.day)?;
        let mut sheets = Vec::new();
        if let Some(code) = &code {
            let unknown = || Problem::not_found("unit.unknown").with("unit", code);
            let standing =
                org::standings_by_code(rx, &[code], asked.day)?.into_iter().next().ok_or_else(unknown)?;
            for listed in origins::listed(rx, &frozen.key, standing.unit)? {
                sheets.push(OriginBody {
                    period: listed.period.to_string(),
                    scope: listed.origin.scope,
                    revision: listed.origin.rev,
                    receipt: Receipt::number_of(listed.period, listed.origin.link),
                    values: verbs::origin_values(rx, ctx, &shelf, &listed)?,
                });
            }
        }
        Ok::<_, crate::Fail>(LineageBody { brief: FrozenBody::new(&frozen, ctx), sheets })
    };
    Ok(Json(app.db.read("brief.lineage", read).await?))
}
