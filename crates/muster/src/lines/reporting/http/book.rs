//! Doors of the book: elements, forms, assignments.

use super::super::model::{Element, Form};
use super::super::verbs;
use crate::App;
use crate::lines::org;
use crate::request::{Answer, Caller, Permission};
use axum::Json;
use axum::extract::{Path, Query, State};
use muster_kernel::{Day, Problem};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(elements_list, element_set))
        .routes(routes!(forms_list, form_set))
        .routes(routes!(form_read))
        .routes(routes!(form_assign))
}

/// All elements of the catalogue.
#[derive(Serialize, ToSchema)]
struct ElementList {
    /// By number.
    items: Vec<Element>,
}

/// All elements of the catalogue.
#[utoipa::path(get, path = "/elements", operation_id = "element_list", tag = "reporting", responses((status = 200, body = ElementList)))]
async fn elements_list(State(app): State<App>, caller: Caller) -> Answer<Json<ElementList>> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let shelf = app.shelf.clone();
    let book = app.db.read("element.list", move |rx| shelf.current(rx, ctx.operation)).await?;
    Ok(Json(ElementList { items: book.elements().into_iter().cloned().collect() }))
}

/// Sets an element, by its code.
#[utoipa::path(post, path = "/elements", operation_id = "element_set", tag = "reporting", request_body = Element,
    responses((status = 200, body = Element)))]
async fn element_set(
    State(app): State<App>,
    caller: Caller,
    Json(element): Json<Element>,
) -> Answer<Json<Element>> {
    let ctx = caller.ctx(&app, Permission::FormSet)?;
    let set = element.clone();
    let id =
        app.db.write("element.set", ctx.now_ms, move |tx| verbs::element_set(tx, &ctx, set.clone())).await?;
    Ok(Json(Element { id, ..element }))
}

/// All versions of all forms.
#[derive(Serialize, ToSchema)]
struct FormList {
    /// By number and version.
    items: Vec<Form>,
}

/// All forms.
#[utoipa::path(get, path = "/forms", operation_id = "form_list", tag = "reporting", responses((status = 200, body = FormList)))]
async fn forms_list(State(app): State<App>, caller: Caller) -> Answer<Json<FormList>> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let shelf = app.shelf.clone();
    let book = app.db.read("form.list", move |rx| shelf.current(rx, ctx.operation)).await?;
    Ok(Json(FormList { items: book.forms().to_vec() }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OnDay {
    /// `YYYY-MM-DD`; today when absent.
    day: Option<String>,
}

/// The version of a form that is asked on a day.
#[utoipa::path(get, path = "/forms/{code}", operation_id = "form_read", tag = "reporting",
    params(("code" = String, Path, description = "Code of the form"), OnDay), responses((status = 200, body = Form)))]
async fn form_read(
    State(app): State<App>,
    caller: Caller,
    Path(code): Path<String>,
    Query(on): Query<OnDay>,
) -> Answer<Json<Form>> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let day = super::day_of(on.day.as_deref(), &ctx)?;
    let shelf = app.shelf.clone();
    let book = app.db.read("form.read", move |rx| shelf.current(rx, ctx.operation)).await?;
    let form = book.form(&code, day).ok_or_else(|| Problem::not_found("form.unknown").with("form", &code))?;
    Ok(Json(form.clone()))
}

/// Sets a new version of a form, by its code.
#[utoipa::path(post, path = "/forms", operation_id = "form_set", tag = "reporting", request_body = Form, responses((status = 200, body = Form)))]
async fn form_set(State(app): State<App>, caller: Caller, Json(form): Json<Form>) -> Answer<Json<Form>> {
    let ctx = caller.ctx(&app, Permission::FormSet)?;
    let (code, since) = (form.code.clone(), form.since);
    let operation = ctx.operation;
    app.db.write("form.set", ctx.now_ms, move |tx| verbs::form_set(tx, &ctx, form.clone())).await?;
    let shelf = app.shelf.clone();
    let book = app.db.read("form.read", move |rx| shelf.current(rx, operation)).await?;
    let stored = book.form(&code, since).ok_or_else(|| Problem::not_found("form.unknown"))?;
    Ok(Json(stored.clone()))
}

/// A form to be given to a part of the tree.
#[derive(Clone, Deserialize, ToSchema)]
struct AssignBody {
    /// Code of the form.
    form: String,
    /// Code of the unit at the top.
    unit: String,
    /// Kinds of unit that are expected to report; all when empty.
    #[serde(default)]
    kinds: Vec<String>,
    /// First day.
    #[schema(value_type = String)]
    since: Day,
}

/// What was assigned.
#[derive(Serialize, ToSchema)]
struct Assigned {
    /// Number of the series.
    series: i64,
}

/// Gives a form to a part of the tree.
#[utoipa::path(post, path = "/assignments", operation_id = "form_assign", tag = "reporting", request_body = AssignBody, responses((status = 200, body = Assigned)))]
async fn form_assign(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<AssignBody>,
) -> Answer<Json<Assigned>> {
    let ctx = caller.ctx(&app, Permission::FormSet)?;
    let series = app
        .db
        .write("form.assign", ctx.now_ms, move |tx| {
            let AssignBody { form, unit, kinds, since } = body.clone();
            let unknown = || Problem::not_found("unit.unknown").with("unit", &unit);
            let standing =
                org::standings_by_code(tx, &[&unit], since)?.into_iter().next().ok_or_else(unknown)?;
            verbs::form_assign(tx, &ctx, &form, standing.unit, kinds, since, Day::OPEN_END)
        })
        .await?;
    Ok(Json(Assigned { series }))
}
