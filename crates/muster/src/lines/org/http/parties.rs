//! Bodies beside the tree: one, a list, added, changed.

use crate::lines::operation::Names;
use crate::lines::org::{self, Party, PartyDraft, PartyPatchDraft, check_party, check_party_patch};
use crate::request::page::{Page, cursor_after};
use crate::request::refusal::FindingBody;
use crate::request::{Answer, Caller, Json, Looking, Once, Permission, Query, Reply, Seen, etag};
use crate::{App, Ctx, Fail};
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use muster_kernel::{Day, Finding, Locale, Problem};
use muster_store::{Rows, Rx, Tx};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(party_list, party_create)).routes(routes!(party_read, party_change))
}

/// A body beside the tree.
#[derive(Debug, Serialize, ToSchema)]
struct PartyBody {
    /// Code, unique among outside parties.
    code: String,
    /// Name in the reader's language.
    name: String,
    /// All its names.
    names: Names,
    /// `command`, `hospital`, `charity`, `supplier`, `press`, or a code of one's own.
    kind: String,
    /// Place code.
    place: Option<String>,
    /// First day on which it is there, where one is known.
    #[schema(value_type = Option<String>, format = Date)]
    opened: Option<Day>,
    /// First day on which it is there no more, where one is known.
    #[schema(value_type = Option<String>, format = Date)]
    closed: Option<Day>,
    /// Taken in, and worth a look; only after a change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    findings: Vec<FindingBody>,
    /// True where the change was only looked at, and nothing is stored.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    dry_run: bool,
}

impl PartyBody {
    /// A party as a reader of a language sees it.
    fn new(party: Party, locale: Locale) -> Self {
        Self {
            code: party.code,
            name: party.names.of(locale).to_owned(),
            names: party.names,
            kind: party.kind,
            place: party.place.map(|place| place.to_string()),
            opened: party.opened,
            closed: party.closed,
            findings: Vec::new(),
            dry_run: false,
        }
    }
}

/// A body as it is after a change, with what is worth a look, and its state.
fn changed(
    rows: &mut impl Rows,
    ctx: &Ctx,
    party: Party,
    Looking { dry_run }: Looking,
) -> Result<Reply, Fail> {
    let (rev, found) = (party.rev, org::place_looked_up(rows, party.place)?);
    let findings = found.iter().map(|finding| FindingBody::new(ctx.locale, finding)).collect();
    Ok(Reply::json(&PartyBody { findings, dry_run, ..PartyBody::new(party, ctx.locale) })?.tagged(rev))
}

fn invalid(findings: Vec<Finding>) -> Problem {
    Problem::invalid("party.refused").findings(findings)
}

/// Bodies beside the tree.
#[derive(Serialize, ToSchema)]
struct PartiesBody {
    /// By code.
    items: Vec<PartyBody>,
    /// Where the next page starts; none when this is the last.
    next_cursor: Option<String>,
}

/// Bodies beside the tree, by code.
#[utoipa::path(get, path = "/parties", operation_id = "party_list", tag = "org", params(Page),
    responses((status = 200, body = PartiesBody)))]
async fn party_list(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<Page>,
) -> Answer<Json<PartiesBody>> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let (after, limit) = (page.after()?, page.limit()?);
    let mut found = app.db.read("party.list", move |rx: &mut Rx| org::parties(rx, &after, limit + 1)).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next_cursor = found.last().filter(|_| more).map(|last| cursor_after(&last.code));
    let items = found.into_iter().map(|party| PartyBody::new(party, ctx.locale)).collect();
    Ok(Json(PartiesBody { items, next_cursor }))
}

/// A body beside the tree.
#[utoipa::path(get, path = "/parties/{code}", operation_id = "party_read", tag = "org",
    params(("code" = String, Path, description = "Code of the body.")), responses((status = 200, body = PartyBody)))]
async fn party_read(State(app): State<App>, caller: Caller, Path(code): Path<String>) -> Answer<Response> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let read = move |rx: &mut Rx| org::party_read(rx, &code);
    let party = app.db.read("party.read", read).await.map_err(Problem::from)?;
    Ok(([(header::ETAG, etag(party.rev))], Json(PartyBody::new(party, ctx.locale))).into_response())
}

/// Adds a body beside the tree.
#[utoipa::path(post, path = "/parties", operation_id = "party_create", tag = "org", params(Looking), request_body = PartyDraft,
    responses((status = 200, body = PartyBody), (status = 201, body = PartyBody)))]
async fn party_create(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Query(looking): Query<Looking>,
    Json(draft): Json<PartyDraft>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::PartyCreate)?;
    let party: Party = check_party(&draft).map_err(invalid)?;
    let create = move |tx: &mut Tx<'_>, ctx: &Ctx| {
        org::party_create(tx, ctx, &party)?;
        let reply = changed(tx, ctx, party.clone(), looking)?;
        Ok(if looking.dry_run { reply } else { reply.created() })
    };
    looking.write(&app, ctx, once, "party.create", create).await
}

/// Changes what a body beside the tree is: names, kind, place, its days.
#[utoipa::path(patch, path = "/parties/{code}", operation_id = "party_change", tag = "org", request_body = PartyPatchDraft,
    params(("code" = String, Path, description = "Code of the body."), Looking), responses((status = 200, body = PartyBody)))]
async fn party_change(
    State(app): State<App>,
    caller: Caller,
    once: Once,
    Query(looking): Query<Looking>,
    Path(code): Path<String>,
    Json(draft): Json<PartyPatchDraft>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::PartyChange)?;
    let patch = check_party_patch(&draft).map_err(invalid)?;
    let seen = once.clone();
    let change = move |tx: &mut Tx<'_>, ctx: &Ctx| {
        if let Some(seen) = seen.seen() {
            let there_is = org::party_held(tx, &code)?.rev.to_string();
            Seen::expect(Some(seen), &there_is, "party.stale")
                .map_err(|problem| problem.with("code", &code))?;
        }
        let party = org::party_change(tx, ctx, &code, &patch)?;
        changed(tx, ctx, party, looking)
    };
    looking.write(&app, ctx, once, "party.change", change).await
}
