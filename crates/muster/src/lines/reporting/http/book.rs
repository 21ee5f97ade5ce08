//! Doors of the book: elements, forms; what stands of them in a room of its own: assignments.

mod assign;

use crate::lines::reporting::book::{Book, form_absent};
use crate::lines::reporting::model::{Element, Form};
use crate::lines::reporting::verbs;
use crate::request::Json;
use crate::request::{Answer, Caller, Looking, Once, Permission, Query, Reply, Seen, etag};
use crate::{App, Ctx, Fail};
use axum::extract::{Path, State};
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

/// What a change of what is asked would come to. Nothing of it is stored.
#[derive(Default, Serialize, ToSchema)]
struct BookPreview {
    /// Always true.
    dry_run: bool,
    /// Number of the version; of a form.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    version: Option<i64>,
    /// Units that would be expected to report on the first day; of a form given to a part of the tree, and none where it is
    /// taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    expected: Option<i64>,
}

impl BookPreview {
    fn new() -> Self {
        Self { dry_run: true, ..Self::default() }
    }
}

/// What setting an element answers.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only the contract speaks of it: a door writes one or the other")]
enum ElementAnswer {
    /// The element after it.
    Done(Box<Element>),
    /// What would come of it, with `dry_run`.
    Foreseen(BookPreview),
}

/// What setting a form answers.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only the contract speaks of it: a door writes one or the other")]
enum FormAnswer {
    /// The version after it.
    Done(Box<Form>),
    /// What would come of it, with `dry_run`.
    Foreseen(BookPreview),
}

/// A change of the book on its way in: once, and only while the book is what its sender saw; or only looked at.
struct Change {
    ctx: Ctx,
    once: Once,
    looking: Looking,
    name: &'static str,
}

impl Change {
    /// Runs a verb of the book as one write.
    async fn run(
        self,
        app: &App,
        verb: impl Fn(&mut Tx<'_>, &Ctx) -> Result<Reply, Fail> + Send + 'static,
    ) -> Answer<Reply> {
        let Self { ctx, once, looking, name } = self;
        let seen = once.clone();
        let deed = move |tx: &mut Tx<'_>, ctx: &Ctx| {
            if let Some(seen) = seen.seen() {
                Seen::expect(Some(seen), &verbs::book_held(tx)?, "book.stale")?;
            }
            let reply = verb(tx, ctx)?;
            Ok(reply.tagged(verbs::book_tag(tx)?))
        };
        looking.write(app, ctx, once, name, deed).await
    }
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
#[utoipa::path(post, path = "/elements", operation_id = "element_set", tag = "reporting", params(Looking), request_body = Element,
    responses((status = 200, body = ElementAnswer)))]
async fn element_set(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Query(looking): Query<Looking>,
    Json(element): Json<Element>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::FormSet)?;
    let set = move |tx: &mut Tx<'_>, ctx: &Ctx| {
        let id = verbs::element_set(tx, ctx, element.clone())?;
        Ok(match looking.dry_run {
            true => Reply::json(&BookPreview::new())?,
            false => Reply::json(&Element { id, ..element.clone() })?,
        })
    };
    Change { ctx, once, looking, name: "element.set" }.run(&app, set).await
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
    let form = book.form(&code, day).ok_or_else(|| form_absent(&book, &code, day))?;
    Ok(([(header::ETAG, tag)], Json(form.clone())).into_response())
}

/// Sets a new version of a form, by its code.
#[utoipa::path(post, path = "/forms", operation_id = "form_set", tag = "reporting", params(Looking), request_body = Form,
    responses((status = 200, body = FormAnswer)))]
async fn form_set(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Query(looking): Query<Looking>,
    Json(form): Json<Form>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::FormSet)?;
    let set = move |tx: &mut Tx<'_>, ctx: &Ctx| {
        verbs::form_set(tx, ctx, form.clone())?;
        // Not from the shelf: what is not committed yet must not be kept there.
        let book = Book::load(tx, ctx.operation)?;
        let unknown = || Problem::not_found("form.unknown").with("form", &form.code);
        let set = book.form(&form.code, form.since).ok_or_else(unknown)?;
        Ok(match looking.dry_run {
            true => Reply::json(&BookPreview { version: Some(set.version), ..BookPreview::new() })?,
            false => Reply::json(set)?,
        })
    };
    Change { ctx, once, looking, name: "form.set" }.run(&app, set).await
}
