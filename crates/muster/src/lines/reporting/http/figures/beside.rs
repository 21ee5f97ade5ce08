//! Statements about all below beside what lies below.

use super::{Range, is_zero};
use crate::App;
use crate::lines::org;
use crate::lines::reporting::compare::{self, Beside};
use crate::lines::reporting::http::{About, UnitLabel, ask, shown};
use crate::request::{Answer, Caller, Query};
use axum::Json;
use axum::extract::State;
use muster_kernel::Problem;
use serde::Serialize;
use serde_json::Number;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(disagreements_list)).routes(routes!(agreement_list))
}

/// A statement and what lies below it, where they differ.
#[derive(Serialize, ToSchema)]
struct Disagreement {
    /// The unit that states.
    unit: UnitLabel,
    /// Code of the element.
    element: String,
    /// Its name.
    element_name: String,
    /// What it states about all below.
    #[schema(value_type = f64)]
    stated: Number,
    /// What lies below.
    #[schema(value_type = f64)]
    below: Number,
    /// How many below say it.
    said: i64,
    /// Whether they are the same number.
    agrees: bool,
}

/// Statements beside their parts.
#[derive(Serialize, ToSchema)]
struct DisagreementList {
    /// How many statements have something below to be compared with.
    compared: i64,
    /// How many of them agree.
    agree: i64,
    /// Those that differ, in the order of the tree, at most 1000.
    items: Vec<Disagreement>,
    /// With `as_known_at`: how many changes of units that are or were below the node, later than that instant, reach
    /// the day (of the last hundred of the tree). The units are those of the tree as it is known now.
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false)]
    tree_changes_since: usize,
}

/// Where a unit's statement about all below it and its parts differ. Both stay; neither is judged.
#[utoipa::path(get, path = "/disagreements", operation_id = "disagreement_list", tag = "figures", params(About), responses((status = 200, body = DisagreementList)))]
async fn disagreements_list(
    State(app): State<App>,
    caller: Caller,
    Query(about): Query<About>,
) -> Answer<Json<DisagreementList>> {
    let body = ask(&app, &caller, about, |rx, asked, standing| {
        let query = asked.question()?;
        let all = compare::beside(rx, &query, standing)?;
        let differing: Vec<&Beside> = all.iter().filter(|beside| !beside.agrees()).take(1000).collect();
        let units: Vec<i64> = differing.iter().map(|beside| beside.unit).collect();
        let named = asked.labels(rx, &units)?;
        let items = differing.iter().filter_map(|beside| {
            let element = asked.book.element(beside.element)?;
            Some(Disagreement {
                unit: named.get(&beside.unit)?.clone(),
                element: element.code.clone(),
                element_name: element.names.of(asked.ctx.locale).to_owned(),
                stated: shown(element, beside.stated),
                below: shown(element, beside.below.sum),
                said: beside.below.said,
                agrees: false,
            })
        });
        let agree = all.iter().filter(|beside| beside.agrees()).count() as i64;
        let (compared, items) = (all.len() as i64, items.collect());
        let tree_changes_since = asked.tree_changes_since(rx, standing)?;
        Ok(DisagreementList { compared, agree, items, tree_changes_since })
    })
    .await?;
    Ok(Json(body))
}

/// On how many days a unit's statement and what lies below it agree.
#[derive(Serialize, ToSchema)]
struct AgreementBody {
    /// The unit.
    unit: UnitLabel,
    /// Its kind.
    kind: String,
    /// Days that have both.
    both: i64,
    /// Days on which they are the same number.
    agree: i64,
}

/// The same, added up for a kind of unit.
#[derive(Serialize, ToSchema)]
struct AgreementOfKind {
    /// The kind.
    kind: String,
    /// Days that have both, of all units of the kind.
    both: i64,
    /// Days on which they are the same number.
    agree: i64,
}

/// How far statements and parts agree.
#[derive(Serialize, ToSchema)]
struct AgreementList {
    /// Code of the element.
    element: String,
    /// First day.
    from: String,
    /// Last day.
    to: String,
    /// By kind of unit.
    kinds: Vec<AgreementOfKind>,
    /// By unit, in the order of the tree.
    items: Vec<AgreementBody>,
}

/// On how many days statements about all below agree with what lies below, by unit and by kind of unit.
#[utoipa::path(get, path = "/disagreements/agreement", operation_id = "agreement_list", tag = "figures", params(Range), responses((status = 200, body = AgreementList)))]
async fn agreement_list(
    State(app): State<App>,
    caller: Caller,
    Query(range): Query<Range>,
) -> Answer<Json<AgreementList>> {
    let about = range.about();
    let body = ask(&app, &caller, about, move |rx, asked, standing| {
        let query = asked.question()?;
        let unknown = || Problem::not_found("value.unknown_element").with("element", &range.element);
        let element = asked.book.element_by_code(&range.element).ok_or_else(unknown)?;
        let from = range.from(asked.day)?;
        let found = compare::agreement(rx, &query, standing.unit, element.id, from, asked.day)?;
        let units: Vec<i64> = found.iter().map(|agreement| agreement.unit).collect();
        let standings = org::standings_on(rx, &units, asked.day)?;
        let named = asked.labels(rx, &units)?;
        let mut kinds: Vec<AgreementOfKind> = Vec::new();
        let mut items = Vec::new();
        for standing in &standings {
            let Some(agreement) = found.iter().find(|agreement| agreement.unit == standing.unit) else {
                continue;
            };
            let (both, agree, kind) = (agreement.both, agreement.agree, standing.kind.to_string());
            match kinds.iter_mut().find(|known| known.kind == kind) {
                Some(known) => {
                    known.both += both;
                    known.agree += agree;
                }
                None => kinds.push(AgreementOfKind { kind: kind.clone(), both, agree }),
            }
            if let Some(unit) = named.get(&standing.unit) {
                items.push(AgreementBody { unit: unit.clone(), kind, both, agree });
            }
        }
        let (from, to) = (from.to_string(), asked.day.to_string());
        Ok(AgreementList { element: element.code.clone(), from, to, kinds, items })
    })
    .await?;
    Ok(Json(body))
}
