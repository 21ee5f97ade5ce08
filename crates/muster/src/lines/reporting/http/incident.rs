//! Doors of incidents: at once, outside the daily report.

use super::{About, UnitLabel, ask, labels};
use crate::lines::org;
use crate::lines::reporting::span::Span;
use crate::lines::reporting::verbs::incident_file;
use crate::lines::reporting::{Book, Incident, store};
use crate::request::Json;
use crate::request::refusal::FindingBody;
use crate::request::{Answer, Caller, Once, Permission, Query, Reply};
use crate::serve::events::Live;
use crate::{App, Ctx, Fail};
use axum::extract::State;
use muster_kernel::Problem;
use muster_kernel::day::rfc3339;
use muster_store::Tx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(incident_file_door, incidents_list))
}

/// An incident to register.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct IncidentIn {
    /// Code of the unit.
    unit: String,
    /// Code of the event element it counts.
    element: String,
    /// How many.
    value: i64,
    /// What happened, at most 2000 characters; no names or numbers of persons.
    #[serde(default)]
    text: String,
}

/// An incident.
#[derive(Serialize, ToSchema)]
pub(super) struct IncidentBody {
    /// Its id.
    id: String,
    /// The unit.
    unit: UnitLabel,
    /// Code of the event element.
    element: String,
    /// Its name.
    element_name: String,
    /// How many.
    value: i64,
    /// When it was registered (RFC 3339).
    at: String,
    /// What happened.
    text: String,
    /// On its registration: what was taken in and is worth a look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    findings: Vec<FindingBody>,
}

impl IncidentBody {
    pub(super) fn new(asked_book: &Book, ctx: &Ctx, incident: &Incident, unit: UnitLabel) -> Self {
        let element = asked_book.element(incident.element);
        Self {
            id: incident.id.clone(),
            unit,
            element: element.map(|e| e.code.clone()).unwrap_or_default(),
            element_name: element.map(|e| e.names.of(ctx.locale).to_owned()).unwrap_or_default(),
            value: incident.value,
            at: rfc3339(incident.at_ms, &ctx.zone),
            text: incident.words.clone(),
            findings: Vec::new(),
        }
    }
}

/// Registers an incident: at once, for every level above; nobody between holds or edits it.
#[utoipa::path(post, path = "/incidents", operation_id = "incident_file", tag = "reporting", request_body = IncidentIn, responses((status = 201, body = IncidentBody)))]
async fn incident_file_door(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Json(body): Json<IncidentIn>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::IncidentFile)?;
    let (shelf, now_ms, day) = (app.shelf.clone(), ctx.now_ms, ctx.today());
    let file = move |tx: &mut Tx<'_>| {
        let reply = once.run(tx, &ctx, |tx| {
            let book = shelf.current(tx, ctx.operation)?;
            let IncidentIn { unit, element, value, text } = &body;
            let (incident, notes) = incident_file(tx, &ctx, &book, unit, element, *value, text)?;
            let label = labels(tx, &[incident.unit], day, ctx.locale)?.remove(&incident.unit);
            let label = label.ok_or_else(|| Problem::internal("a unit without a label"))?;
            let findings = notes.iter().map(|note| FindingBody::new(ctx.locale, note)).collect();
            let body = IncidentBody { findings, ..IncidentBody::new(&book, &ctx, &incident, label) };
            Ok(Reply::json(&body)?.created())
        })?;
        // A request that is sent again is answered even where the unit has gone since; who stood above it
        // was told the first time.
        let standing = org::unit_by_code(tx, &body.unit, day)?;
        Ok::<_, Fail>((reply, standing.map(|standing| standing.chain).unwrap_or_default()))
    };
    let (reply, chain) = app.db.write("incident.file", now_ms, file).await?;
    app.hub.tell(Live::Incident { day: day.to_string(), chain });
    Ok(reply)
}

/// Incidents of a day below a node.
#[derive(Serialize, ToSchema)]
struct IncidentList {
    /// In the order they came, at most 1000.
    items: Vec<IncidentBody>,
}

/// Incidents of a day below a node.
#[utoipa::path(get, path = "/incidents", operation_id = "incident_list", tag = "reporting", params(About), responses((status = 200, body = IncidentList)))]
async fn incidents_list(
    State(app): State<App>,
    caller: Caller,
    Query(about): Query<About>,
) -> Answer<Json<IncidentList>> {
    let items = ask(&app, &caller, about, |rx, asked, standing| {
        let span = Span::below(&standing.path);
        let incidents = store::incidents(rx, asked.ctx.operation, asked.day, &span)?;
        let units: Vec<i64> = incidents.iter().map(|incident| incident.unit).collect();
        let named = asked.labels(rx, &units)?;
        let bodies = incidents.iter().filter_map(|incident| {
            Some(IncidentBody::new(&asked.book, &asked.ctx, incident, named.get(&incident.unit)?.clone()))
        });
        Ok(bodies.collect())
    })
    .await?;
    Ok(Json(IncidentList { items }))
}
