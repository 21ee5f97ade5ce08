//! Who has reported: what a filler looks for again, to read or correct what was sent.

use crate::App;
use crate::lines::org;
use crate::lines::reporting::absent::{self, Which};
use crate::lines::reporting::http::{About, UnitLabel, ask};
use crate::lines::reporting::seen::Absent;
use crate::request::page::{Page, cursor_after};
use crate::request::{Answer, Caller, Query};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(reported_list))
}

/// A unit that has reported.
#[derive(Serialize, ToSchema)]
struct ReportedUnit {
    /// The unit.
    unit: UnitLabel,
    /// Units above it, from the one that is asked for down.
    path: Vec<UnitLabel>,
    /// Whether its first report came after the cut-off.
    late: bool,
}

/// Who has reported.
#[derive(Serialize, ToSchema)]
struct ReportedBody {
    /// In the order of the tree.
    items: Vec<ReportedUnit>,
    /// Where the next page starts; null at the end.
    next_cursor: Option<String>,
}

/// Which units of a unit with all below it have reported on a day: with those of `GET /missing`, all who are asked.
#[utoipa::path(get, path = "/reported", operation_id = "reported_list", tag = "figures", params(About, Page), responses((status = 200, body = ReportedBody)))]
async fn reported_list(
    State(app): State<App>,
    caller: Caller,
    Query(about): Query<About>,
    Query(page): Query<Page>,
) -> Answer<Json<ReportedBody>> {
    let after = page.after()?;
    let limit = page.limit()? as usize;
    let body = ask(&app, &caller, about, move |rx, asked, node| {
        let found = absent::absent(rx, &asked.question()?, node, Which::Reported, &after, limit)?;
        let units: Vec<i64> = found.iter().map(|one| one.unit).collect();
        let chains: HashMap<i64, Arc<[i64]>> =
            org::standings_on(rx, &units, asked.day)?.into_iter().map(|s| (s.unit, s.chain)).collect();
        let named: Vec<i64> = chains.values().flat_map(|chain| chain.iter().copied()).collect();
        let named = asked.labels(rx, &named)?;
        let body = |one: &Absent| {
            let chain = chains.get(&one.unit)?;
            let from = chain.iter().position(|unit| *unit == node.unit).unwrap_or(0);
            let mut path: Vec<_> = chain[from..].iter().filter_map(|unit| named.get(unit).cloned()).collect();
            Some(ReportedUnit { unit: path.pop()?, path, late: one.late_at_ms.is_some() })
        };
        let next_cursor = found.last().filter(|_| found.len() == limit).map(|last| cursor_after(&last.path));
        Ok(ReportedBody { items: found.iter().filter_map(body).collect(), next_cursor })
    })
    .await?;
    Ok(Json(body))
}
