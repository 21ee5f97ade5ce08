//! Doors of the book: elements, forms; what stands of them in a room of its own: assignments.

mod assign;

use crate::lines::reporting::book::Book;
use crate::lines::reporting::model::{Element, Form};
use crate::lines::reporting::verbs;
use crate::request::Json;
use crate::request::{Answer, Caller, Once, Permission, Reply, Seen, etag};
use crate::{App, Ctx, Fail};
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use muster_kernel::Problem;
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
        .merge(assign::router())
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
