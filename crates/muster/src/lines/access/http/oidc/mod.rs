//! Doors of logins by groups' own services: which there are, going there and coming back. Which of them open an account is
//! in [`linked`].
//!
//! A service sends the browser back to a page (`/login/oidc`), and the page hands over what it was sent with, by a POST of its
//! own. So a link from elsewhere changes nothing here, cookies may be `SameSite=Strict`, and a refusal is a sentence in the
//! reader's language like any other.

mod linked;

use super::session::{SessionBody, cookie, seconds};
use crate::lines::access::model::{Round, Service};
use crate::lines::access::verbs::{self, Entered, Going};
use crate::oidc::{Back, Provider};
use crate::request::refusal::{Refusal, locale_of};
use crate::request::{Answer, Caller, Json, Peer, agent_of, caller, limits};
use crate::{App, Ctx, Fail};
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::AppendHeaders;
use muster_kernel::{Problem, ProblemKind};
use muster_store::Tx;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use zeroize::Zeroizing;

/// The cookie of a browser that is away.
const COOKIE: &str = "muster_oidc";
/// Longest word that a service sends back, in bytes.
const WORD_BYTES_MAX: usize = 4_096;
/// Longest address of a page of ours, in bytes.
const PATH_BYTES_MAX: usize = 500;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(oidc_list))
        .routes(routes!(oidc_go))
        .routes(routes!(oidc_back))
        .routes(routes!(oidc_code))
        .merge(linked::router())
}

/// Lines of an answer that set cookies.
type Cookies = AppendHeaders<Vec<(HeaderName, String)>>;

/// A group's own login service.
#[derive(Serialize, ToSchema)]
struct OidcProvider {
    /// Its short id.
    id: String,
    /// What its group calls it.
    name: String,
}

/// Groups' own login services.
#[derive(Serialize, ToSchema)]
struct OidcProviders {
    /// In the operator's order.
    items: Vec<OidcProvider>,
    /// Where a person opens this server; a login by a service begins and ends there. Empty where there is no service.
    address: String,
}

/// By which services of groups one may log in.
#[utoipa::path(get, path = "/oidc", operation_id = "oidc_list", tag = "access", responses((status = 200, body = OidcProviders)))]
async fn oidc_list(State(app): State<App>) -> Json<OidcProviders> {
    let items = app
        .oidc
        .providers()
        .iter()
        .map(|one| OidcProvider { id: one.settings().id.clone(), name: one.settings().name.clone() });
    Json(OidcProviders { items: items.collect(), address: app.oidc.address().to_owned() })
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OidcGo {
    /// The page of ours to open afterwards, such as `/figures?day=2020-02-03`; the first one when absent.
    #[serde(default)]
    to: Option<String>,
}

/// Where the page sends its browser.
#[derive(Serialize, ToSchema)]
struct OidcAway {
    /// An address at the group's service.
    url: String,
}

/// Begins a login by a group's service: answers where to send the browser, which is known by a cookie when it comes back
/// within ten minutes.
#[utoipa::path(post, path = "/oidc/{provider}", operation_id = "oidc_go", tag = "access", request_body = OidcGo,
    params(("provider" = String, Path, description = "Id of the service.")), responses((status = 200, body = OidcAway)))]
async fn oidc_go(
    State(app): State<App>,
    Path(provider): Path<String>,
    Json(body): Json<OidcGo>,
) -> Answer<(Cookies, Json<OidcAway>)> {
    let path = own_path(body.to)?;
    let provider = app.oidc.provider(&provider)?;
    away(&app, &provider, path, String::new()).await
}

/// A path of ours, and nobody else's address.
fn own_path(to: Option<String>) -> Result<String, Problem> {
    let path = to.unwrap_or_else(|| "/".to_owned());
    let second = path.as_bytes().get(1);
    let bad = path.contains('\\') || path.chars().any(char::is_control) || path.len() > PATH_BYTES_MAX;
    match path.starts_with('/') && second != Some(&b'/') && !bad {
        true => Ok(path),
        false => Err(Problem::invalid("oidc.path").with("max", PATH_BYTES_MAX)),
    }
}

async fn away(
    app: &App,
    provider: &Arc<Provider>,
    path: String,
    account: String,
) -> Answer<(Cookies, Json<OidcAway>)> {
    let now_ms = app.clock.now_ms();
    let away = provider.away(now_ms).await?;
    let browser = verbs::oidc_word();
    let going = Going {
        provider: provider.settings().id.clone(),
        state: away.state,
        browser: browser.clone(),
        nonce: away.nonce,
        verifier: away.verifier.to_string(),
        path,
        account,
    };
    app.db.write("oidc.go", now_ms, move |tx: &mut Tx<'_>| verbs::oidc_go(tx, now_ms, &going)).await?;
    let keep = format!("{COOKIE}={browser}; Path=/; Max-Age=600; HttpOnly; SameSite=Strict");
    Ok((AppendHeaders(vec![(header::SET_COOKIE, keep)]), Json(OidcAway { url: away.url })))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OidcBack {
    /// The `state` of the page's address.
    state: String,
    /// Its `code`.
    #[serde(default)]
    code: Option<String>,
    /// Its `iss`.
    #[serde(default)]
    iss: Option<String>,
    /// Its `error`.
    #[serde(default)]
    error: Option<String>,
}

/// What came of going to a group's service.
#[derive(Serialize, ToSchema)]
struct OidcDone {
    /// `in`: somebody is logged in; `linked`: the service's login opens their account from now on.
    deed: &'static str,
    /// The page of ours that was asked for.
    to: String,
    /// Who is logged in.
    session: SessionBody,
}

/// Ends a login by a group's service, or the linking of one: hands over what the service sent the browser back with. Each
/// opens once, in the browser that it was begun in. `session.code_needed`: the account has an authenticator, and its code
/// goes to `POST /oidc/code`.
#[utoipa::path(post, path = "/oidc/back", operation_id = "oidc_back", tag = "access", request_body = OidcBack,
    responses((status = 200, body = OidcDone)))]
async fn oidc_back(
    State(app): State<App>,
    who: Result<Caller, Refusal>,
    headers: HeaderMap,
    Json(body): Json<OidcBack>,
) -> Answer<(Cookies, Json<OidcDone>)> {
    let (state, browser) = words(&body.state, &headers)?;
    let now_ms = app.clock.now_ms();
    let back = move |tx: &mut Tx<'_>| verbs::oidc_back(tx, now_ms, &state, &browser);
    let round: Round = app.db.write("oidc.back", now_ms, back).await?;
    let provider = app.oidc.provider(&round.provider)?;
    let name = provider.settings().name.clone();
    let code =
        body.code.filter(|code| body.error.is_none() && !code.is_empty() && code.len() <= WORD_BYTES_MAX);
    let code = code.ok_or_else(|| {
        Problem::new(ProblemKind::Unauthenticated, "oidc.denied").with("name", name.clone())
    })?;
    // Before the service is asked: whoever links was logged in when they went, and must be so still.
    let linking = match round.account.is_empty() {
        true => None,
        false => Some(linker(&app, who, &round)?),
    };
    let back = Back {
        code,
        iss: body.iss.as_deref(),
        nonce: round.nonce.clone(),
        verifier: Zeroizing::new(round.verifier.clone()),
    };
    let subject = provider.subject(now_ms, back).await?;
    let service = Service::of(provider.settings());
    let Some((caller, ctx)) = linking else {
        return entered(&app, &headers, service, subject, round).await;
    };
    let (id, path) = (caller.account.id.clone(), round.path);
    let link = move |tx: &mut Tx<'_>| verbs::oidc_link_own(tx, &ctx, &id, &service, &subject).map(drop);
    let linked = app.db.write("oidc.link", now_ms, link).await;
    linked.map_err(|fail: Fail| with_name(fail, &name))?;
    let session = SessionBody::of(&app, &caller.account, caller.locale).await?;
    Ok((AppendHeaders(vec![gone()]), Json(OidcDone { deed: "linked", to: path, session })))
}

/// Whoever links a login: the one who began it, still logged in.
fn linker(app: &App, who: Result<Caller, Refusal>, round: &Round) -> Result<(Caller, Ctx), Problem> {
    let needed = || Problem::new(ProblemKind::Unauthenticated, "session.needed");
    let caller = who.map_err(|_| needed())?;
    let ctx = caller.own_ctx(app)?;
    if caller.account.id == round.account { Ok((caller, ctx)) } else { Err(needed()) }
}

/// Lets in whoever the service says it is.
async fn entered(
    app: &App,
    headers: &HeaderMap,
    service: Service,
    subject: String,
    round: Round,
) -> Answer<(Cookies, Json<OidcDone>)> {
    let (at, seals, agent) = (app.moment(), app.seals.clone(), agent_of(headers).to_owned());
    let (token, path) = (verbs::oidc_word(), round.path.clone());
    let opens = token.clone();
    let name = app.oidc.provider(&round.provider)?.settings().name.clone();
    let enter = move |tx: &mut Tx<'_>| {
        let (said, opens) = ((&service, subject.as_str()), (opens.as_str(), agent.as_str()));
        verbs::oidc_enter(tx, &seals, at, said, opens, &round)
    };
    let entered = app.db.write("oidc.enter", at.now_ms, enter).await;
    match entered.map_err(|fail: Fail| with_name(fail, &name))? {
        Entered::In(account) => {
            let session = SessionBody::of(app, &account, locale_of(headers)).await?;
            let cookies = vec![(header::SET_COOKIE, cookie(app, &token)), gone()];
            Ok((AppendHeaders(cookies), Json(OidcDone { deed: "in", to: path, session })))
        }
        Entered::Code => Err(Problem::new(ProblemKind::Unauthenticated, "session.code_needed").into()),
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OidcCode {
    /// The `state` of the login.
    state: String,
    /// Six digits of the account's authenticator.
    code: String,
}

/// Ends a login by a group's service for whoever has an authenticator: by its code, in the same browser, within five minutes.
#[utoipa::path(post, path = "/oidc/code", operation_id = "oidc_code", tag = "access", request_body = OidcCode,
    responses((status = 200, body = OidcDone)))]
async fn oidc_code(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    Json(body): Json<OidcCode>,
) -> Answer<(Cookies, Json<OidcDone>)> {
    let (state, browser) = words(&body.state, &headers)?;
    let at = app.moment();
    let waiting = move |tx: &mut Tx<'_>| verbs::oidc_waiting(tx, at.now_ms, &state, &browser);
    let round = app.db.write("oidc.code", at.now_ms, waiting).await?;
    let login = round.account.clone();
    if let Err(wait) = app.brake.attempt(&login, peer.address, false) {
        return Err(limits::too_many(seconds(wait)).into());
    }
    let provider = app.oidc.provider(&round.provider)?;
    let service = Service::of(provider.settings());
    let (token, path, seals) = (verbs::oidc_word(), round.path.clone(), app.seals.clone());
    let (opens, agent, code) = (token.clone(), agent_of(&headers).to_owned(), body.code);
    let enter = move |tx: &mut Tx<'_>| {
        let opens = (opens.as_str(), agent.as_str());
        verbs::oidc_code(tx, &seals, at, &service, opens, (&round, &code))
    };
    let entered = app.db.write("oidc.code", at.now_ms, enter).await;
    let Some(account) = entered.map_err(|fail: Fail| with_name(fail, &provider.settings().name))? else {
        app.brake.failed(&login, peer.address, false);
        return Err(Problem::invalid("totp.code").into());
    };
    app.brake.ok(&login, peer.address, false);
    let session = SessionBody::of(&app, &account, locale_of(&headers)).await?;
    let cookies = vec![(header::SET_COOKIE, cookie(&app, &token)), gone()];
    Ok((AppendHeaders(cookies), Json(OidcDone { deed: "in", to: path, session })))
}

/// What a browser brings back, and what its cookie holds.
fn words(state: &str, headers: &HeaderMap) -> Result<(String, String), Problem> {
    let round = || Problem::new(ProblemKind::Unauthenticated, "oidc.round");
    let browser = caller::cookie_of(headers, COOKIE).filter(|word| word.len() == 64).ok_or_else(round)?;
    match state.len() <= WORD_BYTES_MAX {
        true => Ok((state.to_owned(), browser.to_owned())),
        false => Err(round()),
    }
}

/// The cookie has done its part.
fn gone() -> (HeaderName, String) {
    (header::SET_COOKIE, format!("{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"))
}

/// A refusal that names the service.
fn with_name(fail: Fail, name: &str) -> Problem {
    let problem = Problem::from(fail);
    if problem.code.starts_with("oidc.") { problem.with("name", name) } else { problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_page_of_ours_is_opened_afterwards() {
        for own in ["/", "/figures", "/figures?day=2020-02-03&x=//y", "/units/%2F%2Fevil"] {
            assert_eq!(own_path(Some(own.to_owned())).unwrap(), own);
        }
        assert_eq!(own_path(None).unwrap(), "/");
        for foreign in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "\\\\evil",
            "javascript:1",
            "/\t/x",
            "x",
            " /",
        ] {
            assert_eq!(own_path(Some(foreign.to_owned())).unwrap_err().code, "oidc.path", "{foreign}");
        }
        assert!(own_path(Some(format!("/{}", "x".repeat(600)))).is_err());
    }
}
