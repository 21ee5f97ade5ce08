//! Totals and rates of a node's day.

use super::{Totals, picture, pictures, totals_body};
use crate::lines::org::{self, Standing};
use crate::lines::reporting::http::{About, Asked, Subject, UnitLabel, ask, ask_any, label, labels};
use crate::lines::reporting::read::Query as Question;
use crate::request::{Answer, Caller};
use crate::{App, Fail};
use axum::Json;
use axum::extract::{Query, State};
use muster_store::Rows;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(totals_read)).routes(routes!(totals_children))
}

/// A node's totals and rates of a day, with the day before: right at the moment every report was acknowledged. Those of
/// a place or a class are of the own reports of its units; statements about all below are not among them, since what
/// lies below may lie in several places.
#[utoipa::path(get, path = "/totals", operation_id = "totals_read", tag = "figures", params(About), responses((status = 200, body = Totals)))]
async fn totals_read(
    State(app): State<App>,
    caller: Caller,
    Query(about): Query<About>,
) -> Answer<Json<Totals>> {
    let totals = ask_any(&app, &caller, about, |rx, asked, subject| {
        let query = asked.question()?;
        match subject {
            Subject::Unit(standing) => {
                let (today, before) = picture(rx, &query, standing)?;
                let label = label(rx, asked, standing)?;
                Ok(totals_body(asked, &query, standing, label, &today, before.as_ref()))
            }
            Subject::Axis(axis) => {
                let today = query.axis_picture(rx, axis.node, &axis.own)?;
                let before = query.on(query.day.before()).axis_picture(rx, axis.node, &axis.own)?;
                let label = axis.label.clone();
                let body = totals_body(asked, &query, &axis.own, label, &today, Some(&before));
                Ok(Totals { kind: axis.kind.to_owned(), ..body })
            }
        }
    })
    .await?;
    Ok(Json(totals))
}

/// Totals of several nodes.
#[derive(Serialize, ToSchema)]
struct TotalsList {
    /// In the order of the tree, at most 1000.
    items: Vec<Totals>,
}

/// Totals of a node's children on a day.
#[utoipa::path(get, path = "/totals/children", operation_id = "totals_children", tag = "figures", params(About), responses((status = 200, body = TotalsList)))]
async fn totals_children(
    State(app): State<App>,
    caller: Caller,
    Query(about): Query<About>,
) -> Answer<Json<TotalsList>> {
    let items = ask(&app, &caller, about, |rx, asked, standing| {
        let query = asked.question()?;
        children_totals(rx, asked, &query, standing)
    })
    .await?;
    Ok(Json(TotalsList { items }))
}

pub(crate) fn children_totals(
    rows: &mut impl Rows,
    asked: &Asked,
    query: &Question<'_>,
    standing: &Standing,
) -> Result<Vec<Totals>, Fail> {
    let children = org::children(rows, standing.unit, query.day)?;
    let units: Vec<i64> = children.iter().map(|child| child.unit).collect();
    let mut named = labels(rows, &units, query.day, asked.ctx.locale)?;
    let shown: Vec<&Standing> = children.iter().take(1000).collect();
    let pictures = pictures(rows, query, &shown)?;
    let mut items = Vec::with_capacity(shown.len());
    for (child, (today, before)) in shown.into_iter().zip(pictures) {
        let code = || UnitLabel { code: child.code.to_string(), name: String::new() };
        let label = named.remove(&child.unit).unwrap_or_else(code);
        items.push(totals_body(asked, query, child, label, &today, before.as_ref()));
    }
    Ok(items)
}
