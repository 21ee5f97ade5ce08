//! How an empty database becomes somebody's operation: a title, a first account, and a form to start with. Open only
//! while there is no operation, and only from this machine itself: whoever comes first has the first account.

use crate::app::Login;
use crate::lines::access::{self, Account, Role};
use crate::lines::operation::{Names, Operation, operation_begin, operation_current, operation_set};
use crate::lines::reporting;
use crate::play;
use crate::request::Json;
use crate::request::{Answer, Caller, Once, Peer, Permission, Reply, Seen, agent_of};
use crate::{App, Fail, Reach};
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use jiff::tz::TimeZone;
use muster_kernel::words::has_control;
use muster_kernel::{Actor, Finding, Locale, Problem, ProblemKind};
use muster_store::Tx;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The doors of the beginning.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(operation_begin_door))
        .routes(routes!(form_starter))
        .routes(routes!(starter_read))
}

/// Longest title of an office, in characters.
const TITLE_CHARS_MAX: usize = 100;

/// What an operation begins with.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Begin {
    /// The title of the office that runs it; stands on every page and paper.
    pub office: String,
    /// What the emergency is called; the office's title when absent.
    #[serde(default)]
    pub name: String,
    /// IANA time zone; Asia/Shanghai when absent.
    #[serde(default)]
    pub zone: String,
    /// Login name of the first account, which may do everything.
    pub account: String,
    /// Its password, 8 to 256 characters.
    pub password: String,
}

/// Begins the operation of an empty database and logs its first account in. Refused once there is one.
#[utoipa::path(post, path = "/operation", operation_id = "operation_begin", tag = "live", request_body = Begin, responses((status = 204)))]
async fn operation_begin_door(
    State(app): State<App>,
    headers: HeaderMap,
    Extension(peer): Extension<Peer>,
    Json(begin): Json<Begin>,
) -> Answer<(StatusCode, [(HeaderName, String); 1])> {
    if app.login == Login::Demo {
        return Err(Problem::not_found("request.no_such_path").into());
    }
    if !peer.is_here() {
        return Err(Problem::new(ProblemKind::Forbidden, "operation.begin_here").into());
    }
    let signed = begin_operation(&app, begin, agent_of(&headers)).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, access::cookie(&app, &signed.token))]))
}

/// Begins an operation: checks, hashes, stores, and opens a session; `agent`: what the browser calls itself.
pub async fn begin_operation(app: &App, begin: Begin, agent: &str) -> Result<access::Signed, Fail> {
    let zone = if begin.zone.is_empty() { "Asia/Shanghai".to_owned() } else { begin.zone.clone() };
    let mut findings = Vec::new();
    let count = begin.office.trim().chars().count();
    if count == 0
        || count > TITLE_CHARS_MAX
        || has_control(&begin.office)
        || begin.office.chars().any(char::is_control)
    {
        findings.push(Finding::refuse("operation.title").field("office").with("max", TITLE_CHARS_MAX));
    }
    let name = access::login_name(&begin.account);
    if name.is_err() {
        findings.push(Finding::refuse("account.name").field("account").with("max", TITLE_CHARS_MAX));
    }
    if TimeZone::get(&zone).is_err() {
        findings.push(Finding::refuse("unit.time_zone").field("zone").with("time_zone", &zone));
    }
    if !findings.is_empty() {
        return Err(Problem::invalid("operation.refused").findings(findings).into());
    }
    let password = begin.password.clone();
    let hash = tokio::task::spawn_blocking(move || access::password_hash(&password))
        .await
        .map_err(Problem::internal)??;
    let same = |text: &str| Names { zh_hans: text.trim().to_owned(), ..Names::default() };
    let operation = Operation {
        id: 1,
        code: "operation".to_owned(),
        name: same(if begin.name.trim().is_empty() { &begin.office } else { &begin.name }),
        office: same(&begin.office),
        root_unit: 0,
        zone,
        form: String::new(),
        seed: None,
    };
    let ctx = app.ctx(Actor::system("begin"), Reach::All, Locale::default());
    let account = Account::at(&ctx.id().to_string(), Role::Office, 0);
    let (stored, first) = (operation.clone(), account.clone());
    let (verb_ctx, now_ms, name) = (ctx.clone(), ctx.now_ms, name?);
    app.db
        .write("operation.begin", now_ms, move |tx: &mut Tx<'_>| {
            operation_begin(tx, &verb_ctx, &stored)?;
            access::account_set(tx, &verb_ctx, &first, Some((&name, Some(&hash))))?;
            Ok::<_, Fail>(())
        })
        .await?;
    app.operation_follow().await?;
    access::session_of(&app.db, app.moment(), account, agent).await
}

/// Gives the tree a daily form to start with: the catalogue and the form of the demonstration, asked of all units from
/// today. It can be changed from the next day on like any other.
#[utoipa::path(post, path = "/forms/starter", operation_id = "form_starter", tag = "reporting", responses((status = 204)))]
async fn form_starter(State(app): State<App>, caller: Caller, once: Once) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::FormSet)?;
    let now_ms = ctx.now_ms;
    let give = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            if let Some(seen) = once.seen() {
                Seen::expect(Some(seen), &reporting::book_held(tx)?, "book.stale")?;
            }
            let none = || Problem::not_found("operation.none");
            let operation = operation_current(tx)?.ok_or_else(none)?;
            if operation.root_unit == 0 {
                return Err(Problem::not_found("unit.none_yet").into());
            }
            play::starter(tx, &ctx, operation.root_unit)?;
            operation_set(tx, &ctx, |own| play::STARTER_FORM.clone_into(&mut own.form))?;
            Ok(Reply::empty().tagged(reporting::book_tag(tx)?))
        })
    };
    let reply = app.db.write("form.starter", now_ms, give).await?;
    app.operation_follow().await?;
    Ok(reply)
}

/// What the ready-made daily form would ask from today on; nothing is given to anybody by looking. `POST /forms/starter`
/// gives it.
#[utoipa::path(get, path = "/starter", operation_id = "starter_read", tag = "reporting", responses((status = 200, body = play::StarterForm)))]
async fn starter_read(State(app): State<App>, caller: Caller) -> Answer<Json<play::StarterForm>> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    Ok(Json(play::starter_form(ctx.locale, ctx.today())))
}
