//! What to look at: reports that incidents contradict, and corrections.

use crate::App;
use crate::lines::reporting::compare::{self, Contradiction};
use crate::lines::reporting::http::incident::IncidentBody;
use crate::lines::reporting::http::report::ChangeBody;
use crate::lines::reporting::http::{About, Asked, UnitLabel, ask, shown};
use crate::lines::reporting::verbs::instant_ms;
use crate::request::{Answer, Caller, Query};
use axum::Json;
use axum::extract::State;
use muster_kernel::day::rfc3339;
use serde::Serialize;
use serde_json::Number;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(contradictions_list)).routes(routes!(corrections_list))
}

/// A report that says less than the incidents of the same unit and day.
#[derive(Serialize, ToSchema)]
pub(super) struct ContradictionBody {
    /// The unit.
    unit: UnitLabel,
    /// Code of the event element.
    element: String,
    /// Its name.
    element_name: String,
    /// What the report says.
    #[schema(value_type = f64)]
    reported: Number,
    /// Whether it is a signed zero.
    zero: bool,
    /// When it was signed (RFC 3339).
    reported_at: String,
    /// The incidents.
    incidents: Vec<IncidentBody>,
}

/// Contradictions of a day.
#[derive(Serialize, ToSchema)]
struct ContradictionList {
    /// In the order the incidents came.
    items: Vec<ContradictionBody>,
}

pub(super) fn contradiction_body(
    asked: &Asked,
    contradiction: &Contradiction,
    unit: &UnitLabel,
) -> Option<ContradictionBody> {
    let element = asked.book.element(contradiction.element)?;
    let incidents = contradiction.incidents.iter();
    Some(ContradictionBody {
        unit: unit.clone(),
        element: element.code.clone(),
        element_name: element.names.of(asked.ctx.locale).to_owned(),
        reported: shown(element, contradiction.reported),
        zero: contradiction.zero,
        reported_at: rfc3339(contradiction.reported_at_ms, &asked.ctx.zone),
        incidents: incidents
            .map(|one| IncidentBody::new(&asked.book, &asked.ctx, one, unit.clone()))
            .collect(),
    })
}

/// Where a report and an incident say different things. Both are shown; which is right is for people to find out.
#[utoipa::path(get, path = "/contradictions", operation_id = "contradiction_list", tag = "figures", params(About), responses((status = 200, body = ContradictionList)))]
async fn contradictions_list(
    State(app): State<App>,
    caller: Caller,
    Query(about): Query<About>,
) -> Answer<Json<ContradictionList>> {
    let items = ask(&app, &caller, about, |rx, asked, standing| {
        let query = asked.question()?;
        let found = compare::contradictions(rx, &query, standing)?;
        let units: Vec<i64> = found.iter().map(|contradiction| contradiction.unit).collect();
        let named = asked.labels(rx, &units)?;
        Ok(found.iter().filter_map(|one| contradiction_body(asked, one, named.get(&one.unit)?)).collect())
    })
    .await?;
    Ok(Json(ContradictionList { items }))
}

/// A correction.
#[derive(Serialize, ToSchema)]
struct CorrectionBody {
    /// The unit.
    unit: UnitLabel,
    /// The day that was corrected.
    day: String,
    /// The revision it made.
    revision: i64,
    /// When it came (RFC 3339).
    at: String,
    /// By whom: a reference.
    actor: String,
    /// Why.
    reason: Option<String>,
    /// What changed.
    changes: Vec<ChangeBody>,
}

/// Corrections that came on a day.
#[derive(Serialize, ToSchema)]
struct CorrectionList {
    /// In the order they came, at most 1000.
    items: Vec<CorrectionBody>,
}

/// Corrections that came on a day, of whatever day they correct.
#[utoipa::path(get, path = "/corrections", operation_id = "correction_list", tag = "figures", params(About), responses((status = 200, body = CorrectionList)))]
async fn corrections_list(
    State(app): State<App>,
    caller: Caller,
    Query(about): Query<About>,
) -> Answer<Json<CorrectionList>> {
    let items = ask(&app, &caller, about, |rx, asked, standing| {
        let (query, ctx) = (asked.question()?, &asked.ctx);
        let start = instant_ms(asked.day, 0, ctx);
        let end = instant_ms(asked.day, 1440, ctx);
        let found = compare::corrections(rx, &query, standing, start - 1, end - 1, 1000)?;
        let units: Vec<i64> = found.iter().map(|corrected| corrected.unit).collect();
        let named = asked.labels(rx, &units)?;
        let bodies = found.iter().filter_map(|corrected| {
            let past = &corrected.past;
            let changes =
                past.changes.iter().filter_map(|change| ChangeBody::new(&asked.book, ctx.locale, change));
            Some(CorrectionBody {
                unit: named.get(&corrected.unit)?.clone(),
                day: corrected.day.to_string(),
                revision: past.rev,
                at: rfc3339(past.at_ms, &ctx.zone),
                actor: past.actor.clone(),
                reason: past.reason.clone(),
                changes: changes.collect(),
            })
        });
        Ok(bodies.collect())
    })
    .await?;
    Ok(Json(CorrectionList { items }))
}
