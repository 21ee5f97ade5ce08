//! Posts at units and their duty telephones: added, changed, ended.

use super::changes::expect;
use super::contacts::contacts_shown;
use super::wire::{PostBody, PostPreview};
use crate::lines::org::{self, Look, PostChanged, PostDraft, PostPatch, check_code, check_phone, check_post};
use crate::request::{Answer, Caller, Json, Looking, Once, Permission, Query, Reply};
use crate::{App, Ctx, Fail, wiring};
use axum::extract::{Path, State};
use muster_kernel::{Day, Finding, Problem};
use muster_store::Tx;
use serde::Deserialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(post_set)).routes(routes!(contact_set))
}

fn invalid(findings: Vec<Finding>) -> Problem {
    Problem::invalid("post.refused").findings(findings)
}

/// A change of a post on its way in.
struct Change {
    ctx: Ctx,
    once: Once,
    looking: Looking,
    name: &'static str,
    unit: String,
    post: String,
    day: Day,
}

impl Change {
    /// Runs it as one write, or looks at it.
    async fn run(self, app: &App, patch: PostPatch) -> Answer<Reply> {
        let Self { ctx, once, looking, name, unit, post, day } = self;
        let (seen, about) = (once.clone(), (unit, day));
        // A preview shows what is there: that is a look, and told before it is sent.
        let (node, looker, shown) = (format!("unit:{}", about.0), ctx.clone(), Arc::new(AtomicUsize::new(0)));
        let showing = shown.clone();
        let change = move |tx: &mut Tx<'_>, ctx: &Ctx| {
            expect(tx, ctx, &seen, Some(&about))?;
            let mut patch = patch.clone();
            if let Some(holder) = &mut patch.holder {
                *holder = wiring::holder_known(tx, ctx, holder)?;
                wiring::holder_given(tx, ctx, holder, &about.0, &post)?;
            }
            let PostChanged { before, after, contacts, later_gone } =
                org::post_change(tx, ctx, &about.0, &post, day, &patch)?;
            if !looking.dry_run {
                return Ok(Reply::empty().tagged(org::unit_tag(tx, &about.0)?));
            }
            let [were, are] = contacts;
            showing.store(were.len(), Ordering::Relaxed);
            let preview = PostPreview {
                dry_run: true,
                day,
                before: before.map(|before| PostBody::new(before, &were, ctx.locale)),
                after: PostBody::new(after, &are, ctx.locale),
                later_gone,
            };
            Ok::<_, Fail>(Reply::json(&preview)?)
        };
        let reply = looking.write(app, ctx, once, name, change).await?;
        let count = shown.load(Ordering::Relaxed);
        contacts_shown(app, &looker, Look { node, at: "unit".to_owned(), purpose: String::new(), count })
            .await?;
        Ok(reply)
    }
}

/// Adds a post at a unit, or changes its names, who holds it from a day on, its duty telephone. An empty holder ends the
/// holding; what was said of later days goes.
#[utoipa::path(put, path = "/units/{code}/posts/{post}", operation_id = "post_set", tag = "org", request_body = PostDraft,
    params(("code" = String, Path, description = "Code of the unit."), ("post" = String, Path, description = "Code of the post."), Looking),
    responses((status = 200, body = PostPreview), (status = 204)))]
async fn post_set(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Query(looking): Query<Looking>,
    Path((unit, post)): Path<(String, String)>,
    Json(draft): Json<PostDraft>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::UnitChange)?;
    let day = draft.day.unwrap_or_else(|| ctx.today());
    let post = check_code("code", &post).map_err(invalid)?;
    let patch = check_post(&draft).map_err(invalid)?;
    let reply = Change { ctx, once, looking, name: "post.set", unit, post, day }.run(&app, patch).await?;
    // Roles go with a post: whoever held it, and whoever holds it now, is looked up anew.
    app.sessions.forget_all();
    Ok(reply)
}

/// A duty telephone.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ContactBody {
    /// One telephone; empty takes it away.
    phone: String,
}

/// Sets or takes away the duty telephone of a post.
#[utoipa::path(put, path = "/units/{code}/posts/{post}/contact", operation_id = "contact_set", tag = "org",
    request_body = ContactBody,
    params(("code" = String, Path, description = "Code of the unit."), ("post" = String, Path, description = "Code of the post."), Looking),
    responses((status = 200, body = PostPreview), (status = 204)))]
async fn contact_set(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Query(looking): Query<Looking>,
    Path((unit, post)): Path<(String, String)>,
    Json(body): Json<ContactBody>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::UnitChange)?;
    let duty_phone = Some(check_phone("phone", &body.phone).map_err(invalid)?);
    let (day, patch) = (ctx.today(), PostPatch { duty_phone, ..PostPatch::default() });
    Change { ctx, once, looking, name: "contact.set", unit, post, day }.run(&app, patch).await
}
