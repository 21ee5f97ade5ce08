//! The office's desk in one answer: the landing page asks once.

use super::super::compare;
use super::super::verbs::{cut_off_ms, instant_ms};
use super::figures::{ElementTotal, Rates, Totals, children_totals, picture, totals_body};
use super::{About, UnitLabel, ask};
use crate::App;
use crate::request::{Answer, Caller, Query};
use axum::Json;
use axum::extract::State;
use muster_kernel::day::rfc3339;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(desk_read))
}

/// What the node consists of on the desk: its own report, or a child with all below it.
#[derive(Serialize, ToSchema)]
struct Tile {
    /// The unit.
    unit: UnitLabel,
    /// Whether it is the node's own report alone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    own: bool,
    /// The five rates.
    rates: Rates,
    /// Reported zero.
    zero: i64,
    /// Expected and not reported.
    missing: i64,
    /// Reported after the cut-off.
    late: i64,
    /// Elements of the form.
    elements: Vec<ElementTotal>,
}

/// The office's desk.
#[derive(Serialize, ToSchema)]
struct Desk {
    /// The day.
    day: String,
    /// Now, in the operation's time zone (RFC 3339).
    now: String,
    /// Code of the form.
    form: String,
    /// Its name.
    form_name: String,
    /// The cut-off (RFC 3339).
    cut_off: String,
    /// Whole minutes until the cut-off; negative after it.
    minutes_to_cut_off: i64,
    /// Whether the day is frozen.
    frozen: bool,
    /// The node itself.
    totals: Totals,
    /// Four figures to look at first: codes of elements of `totals`.
    figures: Vec<String>,
    /// The node's own report, where it is asked for one, and its children in the order of the tree: those of them that
    /// are asked or have a figure. They add up to the node's.
    tiles: Vec<Tile>,
    /// Contradictions of the day.
    contradictions: i64,
    /// Corrections that came on the day: reports said anew, not those that came late.
    corrections: i64,
}

/// The desk of the caller's unit (or another node's): one sentence, four figures, one tile for itself, where it reports, and for each child.
#[utoipa::path(get, path = "/desk", operation_id = "desk_read", tag = "figures", params(About), responses((status = 200, body = Desk)))]
async fn desk_read(State(app): State<App>, caller: Caller, Query(about): Query<About>) -> Answer<Json<Desk>> {
    let desk = ask(&app, &caller, about, |rx, asked, standing| {
        let (ctx, query) = (&asked.ctx, asked.question()?);
        let (today, before) = picture(rx, &query, standing)?;
        let label = asked.labels(rx, &[standing.unit])?.remove(&standing.unit);
        let label = label.unwrap_or(UnitLabel { code: standing.code.to_string(), name: String::new() });
        let frozen = asked.frozen(rx)?;
        let pictures = (&today, before.as_ref());
        let totals = totals_body(asked, &query, &standing.kind, label, frozen, pictures);
        let children = children_totals(rx, asked, &query, standing)?;
        let tiles = children.into_iter().filter(Totals::tells).map(|child| Tile {
            unit: child.node,
            own: child.own,
            rates: child.rates,
            zero: child.zero,
            missing: child.missing,
            late: child.late,
            elements: child.elements,
        });
        let tiles = tiles.collect();
        let cut_off = cut_off_ms(query.form, asked.day, ctx);
        let midnight = instant_ms(asked.day, 0, ctx);
        let corrections = compare::corrections(rx, &query, standing, midnight - 1, ctx.now_ms, 1000)?;
        Ok(Desk {
            day: asked.day.to_string(),
            now: rfc3339(ctx.now_ms, &ctx.zone),
            form: query.form.code.clone(),
            form_name: query.form.names.of(ctx.locale).to_owned(),
            cut_off: rfc3339(cut_off, &ctx.zone),
            minutes_to_cut_off: (cut_off - ctx.now_ms).div_euclid(60_000),
            frozen,
            figures: query.leading().map(|element| element.code.clone()).collect(),
            totals,
            tiles,
            contradictions: compare::contradictions(rx, &query, standing)?.len() as i64,
            // A first report that came late is told by the brief, and is no correction.
            corrections: corrections.iter().filter(|corrected| corrected.past.rev > 1).count() as i64,
        })
    })
    .await?;
    Ok(Json(desk))
}
