//! Doors of the book: elements, forms, assignments.

use super::super::book::Book;
use super::super::model::{Element, Form};
use super::super::verbs;
use crate::lines::org;
use crate::request::Json;
use crate::request::{Answer, Caller, Once, Permission, Reply, Seen, etag};
use crate::{App, Ctx, Fail};
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use muster_kernel::{Day, Problem};
use muster_store::{Rx, StoreError, Tx};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
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

/// The book and its state, the `ETag` of all that is read of it.
async fn book_of(app: &App, ctx: &Ctx, name: &'static str) -> Result<(Arc<Book>, String), StoreError> {
    let (shelf, operation) = (app.shelf.clone(), ctx.operation);
    let read = move |rx: &mut Rx<'_>| Ok((shelf.current(rx, operation)?, verbs::book_tag(rx)?));
    let (book, tag) = app.db.read(name, read).await?;
    Ok((book, etag(tag)))
}

/// Runs a verb of the book as one write: once, and only while the book is what its sender saw.
async fn change(
    app: &App,
    ctx: Ctx,
    once: Once,
    name: &'static str,
    verb: impl Fn(&mut Tx<'_>, &Ctx) -> Result<Reply, Fail> + Send + 'static,
) -> Answer<Reply> {
    let now_ms = ctx.now_ms;
    let write = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            if let Some(seen) = once.seen() {
                Seen::expect(Some(seen), &verbs::book_held(tx)?, "book.stale")?;
            }
            let reply = verb(tx, &ctx)?;
            Ok(reply.tagged(verbs::book_tag(tx)?))
        })
    };
    Ok(app.db.write(name, now_ms, write).await?)
}

/// All elements of the catalogue.
#[utoipa::path(get, path = "/elements", operation_id = "element_list", tag = "reporting", responses((status = 200, body = ElementList)))]
async fn elements_list(State(app): State<App>, caller: Caller) -> Answer<Response> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let (book, tag) = book_of(&app, &ctx, "element.list").await?;
    let list = ElementList { items: book.elements().into_iter().cloned().collect() };
    Ok(([(header::ETAG, tag)], Json(list)).into_response())
}

/// Sets an element, by its code.
#[utoipa::path(post, path = "/elements", operation_id = "element_set", tag = "reporting", request_body = Element,
    responses((status = 200, body = Element)))]
async fn element_set(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Json(element): Json<Element>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::FormSet)?;
    let set = move |tx: &mut Tx<'_>, ctx: &Ctx| {
        let id = verbs::element_set(tx, ctx, element.clone())?;
        Ok(Reply::json(&Element { id, ..element.clone() })?)
    };
    change(&app, ctx, once, "element.set", set).await
}

/// All versions of all forms.
#[derive(Serialize, ToSchema)]
struct FormList {
    /// By number and version.
    items: Vec<Form>,
}

/// All forms.
#[utoipa::path(get, path = "/forms", operation_id = "form_list", tag = "reporting", responses((status = 200, body = FormList)))]
async fn forms_list(State(app): State<App>, caller: Caller) -> Answer<Response> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let (book, tag) = book_of(&app, &ctx, "form.list").await?;
    Ok(([(header::ETAG, tag)], Json(FormList { items: book.forms().to_vec() })).into_response())
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
) -> Answer<Response> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let day = super::day_of(on.day.as_deref(), &ctx)?;
    let (book, tag) = book_of(&app, &ctx, "form.read").await?;
    let form = book.form(&code, day).ok_or_else(|| Problem::not_found("form.unknown").with("form", &code))?;
    Ok(([(header::ETAG, tag)], Json(form.clone())).into_response())
}

/// Sets a new version of a form, by its code.
#[utoipa::path(post, path = "/forms", operation_id = "form_set", tag = "reporting", request_body = Form, responses((status = 200, body = Form)))]
async fn form_set(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Json(form): Json<Form>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::FormSet)?;
    let set = move |tx: &mut Tx<'_>, ctx: &Ctx| {
        verbs::form_set(tx, ctx, form.clone())?;
        // Not from the shelf: what is not committed yet must not be kept there.
        let book = Book::load(tx, ctx.operation)?;
        let unknown = || Problem::not_found("form.unknown").with("form", &form.code);
        Ok(Reply::json(book.form(&form.code, form.since).ok_or_else(unknown)?)?)
    };
    change(&app, ctx, once, "form.set", set).await
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
    once: Once,
    Json(body): Json<AssignBody>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::FormSet)?;
    let assign = move |tx: &mut Tx<'_>, ctx: &Ctx| {
        let AssignBody { form, unit, kinds, since } = body.clone();
        let standing = org::unit_standing(tx, ctx, &unit, since)?;
        let series = verbs::form_assign(tx, ctx, &form, standing.unit, kinds, since, Day::OPEN_END)?;
        Ok(Reply::json(&Assigned { series })?)
    };
    let assigned = change(&app, ctx, once, "form.assign", assign).await?;
    if app.operation().form.is_empty() {
        app.operation_follow().await?;
    }
    Ok(assigned)
}
