//! What units ask for (困难、诉求): the words of a day's reports, in the order of the tree, for the office's desk.

use crate::App;
use crate::lines::org;
use crate::lines::reporting::http::{About, UnitLabel, ask};
use crate::lines::reporting::span::Span;
use crate::lines::reporting::store;
use crate::request::{Answer, Caller, Query};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Requests that one answer holds.
const REQUESTS_MAX: usize = 200;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(request_list))
}

/// What a unit asks for.
#[derive(Serialize, ToSchema)]
struct RequestBody {
    /// The unit that asks.
    unit: UnitLabel,
    /// The units above it, from below the node down.
    path: Vec<UnitLabel>,
    /// Code of the text element.
    element: String,
    /// Its name, in the reader's language.
    element_name: String,
    /// The revision in which it was said.
    revision: i64,
    /// The words, as they were written.
    text: String,
}

/// Requests of a day.
#[derive(Serialize, ToSchema)]
struct RequestList {
    /// In the order of the tree, at most 200.
    items: Vec<RequestBody>,
    /// Whether there are more.
    more: bool,
}

/// What the units of a node ask for on a day: the last words of each report on the form's text elements.
#[utoipa::path(get, path = "/requests", operation_id = "request_list", tag = "figures", params(About), responses((status = 200, body = RequestList)))]
async fn request_list(
    State(app): State<App>,
    caller: Caller,
    Query(about): Query<About>,
) -> Answer<Json<RequestList>> {
    let list = ask(&app, &caller, about, |rx, asked, node| {
        let (ctx, query) = (&asked.ctx, asked.question()?);
        let most = REQUESTS_MAX as u32 + 1;
        let mut found = store::requests(rx, ctx.operation, asked.day, &Span::below(&node.path), most)?;
        let more = found.len() > REQUESTS_MAX;
        found.truncate(REQUESTS_MAX);
        found.retain(|one| {
            let code = asked.book.element(one.element).map(|element| &element.code);
            query.form.items.iter().any(|item| Some(&item.element) == code)
        });
        let units: Vec<i64> = found.iter().map(|one| one.unit).collect();
        let chains: HashMap<i64, Arc<[i64]>> =
            org::standings_on(rx, &units, asked.day)?.into_iter().map(|s| (s.unit, s.chain)).collect();
        let named: Vec<i64> = chains.values().flat_map(|chain| chain.iter().copied()).collect();
        let named = asked.labels(rx, &named)?;
        let body = |one: store::Found| {
            let chain = chains.get(&one.unit)?;
            let from = chain.iter().position(|unit| *unit == node.unit).map_or(0, |at| at + 1);
            let above = chain.get(from..chain.len() - 1).unwrap_or_default();
            let element = asked.book.element(one.element)?;
            Some(RequestBody {
                unit: named.get(&one.unit)?.clone(),
                path: above.iter().filter_map(|unit| named.get(unit).cloned()).collect(),
                element: element.code.clone(),
                element_name: element.names.of(ctx.locale).to_owned(),
                revision: one.rev,
                text: one.words,
            })
        };
        Ok(RequestList { items: found.into_iter().filter_map(body).collect(), more })
    })
    .await?;
    Ok(Json(list))
}
