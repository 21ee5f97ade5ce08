//! Who calls: the session of the cookie, or the role of the demonstration.

use crate::app::Login;
use crate::lines::access::{self, Account, Permission};
use crate::request::Limits;
use crate::request::refusal::{Refusal, locale_of};
use crate::{App, Ctx, Reach};
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use muster_kernel::{Actor, Locale, Problem, ProblemKind};
use muster_store::Tx;
use std::sync::Arc;

/// The name of the session cookie. Cookies know no port: the demonstration has one of its own, so that taking a role in
/// it does not log anybody out of the operation beside it.
pub fn cookie_name(login: Login) -> &'static str {
    match login {
        Login::Local => "muster_session",
        Login::Demo => "muster_role",
    }
}

/// In the demonstration only: acts as this role for one request, so that two roles fit on one page.
pub const ROLE_HEADER: &str = "x-muster-role";

/// Longest name of a role.
const ROLE_BYTES_MAX: usize = 64;

/// Somebody who is logged in, and in which language they read.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The account.
    pub account: Account,
    /// The reader's language.
    pub locale: Locale,
    hand: Hand,
    /// Id of the token that a program bears.
    token: Option<String>,
    /// When the link was issued that they hold.
    lent_ms: Option<i64>,
    /// What its account may ask in a while.
    pub(super) limits: Limits,
}

/// By whose hand a caller acts; what the journal says.
#[derive(Clone, Copy, Debug)]
enum Hand {
    Account,
    Role,
    Link,
    /// A program that bears a token.
    Token,
    Machine,
}

impl Caller {
    /// The command line on the machine itself, asking what the doors answer. Put into a request's extensions; nothing
    /// that comes over a socket can carry it.
    pub(crate) fn machine(locale: Locale) -> Self {
        let account = Account::at("cli", access::Role::Office, 0);
        Self { account, locale, hand: Hand::Machine, token: None, lent_ms: None, limits: Limits::default() }
    }
    /// The context for a verb, where some role lets the caller do it: over the part of the tree where it does.
    ///
    /// # Errors
    /// `permission.lacking`.
    pub fn ctx(&self, app: &App, permission: Permission) -> Result<Ctx, Problem> {
        let root = app.operation().root_unit;
        let reach = match self.hand {
            // It opens its unit alone, and lets one fill in there, whatever the seat says.
            Hand::Link => matches!(permission, Permission::Read | Permission::ReportFile)
                .then_some(Reach::Alone(self.account.unit)),
            _ => self.account.reach(permission, root),
        };
        let reach = reach.filter(|reach| !permission.is_of_the_whole() || reach.covers(&[root]));
        let lacking = || Problem::new(ProblemKind::Forbidden, "permission.lacking");
        let ctx = app.ctx(self.actor(), reach.ok_or_else(lacking)?, self.locale);
        Ok(Ctx { lent_ms: self.lent_ms, ..ctx })
    }
    /// Who calls, by what the headers of a request say.
    ///
    /// # Errors
    /// `session.needed`, `token.refused_here`, `demo.no_such_role`; `request.too_many`; the store's.
    pub(crate) async fn of(app: &App, headers: &HeaderMap) -> Result<Self, Refusal> {
        let locale = locale_of(headers);
        if let Some(said) = headers.get(header::AUTHORIZATION) {
            return by_token(app, said, locale).await;
        }
        let demo = app.login == Login::Demo;
        let account = match demo_role(app, headers)? {
            Some(role) => Some(role_account(app, &role).await?.ok_or_else(|| no_such_role(&role))?),
            None => match token(headers, app.login) {
                Some(token) => session(app, token).await?,
                None => None,
            },
        };
        let account = match account {
            None if demo => role_account(app, "office").await?,
            other => other,
        };
        let account = account.ok_or_else(|| Problem::new(ProblemKind::Unauthenticated, "session.needed"))?;
        app.limits.account(&account.id)?;
        let hand = if demo { Hand::Role } else { Hand::Account };
        Ok(Self { account, locale, hand, token: None, lent_ms: None, limits: app.limits.clone() })
    }
    /// Whoever has a link open on their device.
    pub(super) fn of_link(link: &access::Link, locale: Locale) -> Self {
        let account =
            Account { seats: Arc::new([]), ..Account::at(&link.id, access::Role::Filler, link.unit) };
        let lent_ms = Some(link.issued_at);
        Self { account, locale, hand: Hand::Link, token: None, lent_ms, limits: Limits::default() }
    }
    /// The context for what somebody does with their own account, which needs no role.
    ///
    /// # Errors
    /// `token.not_here`: a program does nothing with the account whose token it bears.
    pub(crate) fn own_ctx(&self, app: &App) -> Result<Ctx, Problem> {
        match self.hand {
            Hand::Token => Err(Problem::new(ProblemKind::Forbidden, "token.not_here")),
            _ => Ok(app.ctx(self.actor(), Reach::Under([].into()), self.locale)),
        }
    }
    /// Over what part of the tree the caller may read duty telephones: nothing where they may not.
    pub(crate) fn contact_reach(&self, app: &App) -> Reach {
        self.ctx(app, Permission::ContactRead).map_or_else(|_| Reach::Under([].into()), |ctx| ctx.reach)
    }
    /// What the journal calls the caller.
    pub fn actor(&self) -> Actor {
        match self.hand {
            Hand::Account => Actor::account(&self.account.id),
            Hand::Role => Actor::role(&self.account.id),
            Hand::Link => Actor::link(&self.account.id),
            Hand::Token => Actor::token(self.token.as_deref().unwrap_or_default()),
            Hand::Machine => Actor::system(&self.account.id),
        }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        if let Some(machine) = parts.extensions.get::<Caller>() {
            return Ok(machine.clone());
        }
        let caller = Self::of(app, &parts.headers).await?;
        if let Some(who) = parts.extensions.get::<crate::serve::Who>() {
            who.is(&caller.actor().to_string());
        }
        Ok(caller)
    }
}

/// Of the headers of a request those that say who calls: what a stream keeps, so that it can ask again.
pub(crate) fn said_of(headers: &HeaderMap) -> HeaderMap {
    let says = [header::AUTHORIZATION, header::COOKIE, HeaderName::from_static(ROLE_HEADER)];
    let said = headers.iter().filter(|(name, _)| says.contains(*name));
    said.map(|(name, value)| (name.clone(), value.clone())).fold(
        HeaderMap::new(),
        |mut kept, (name, value)| {
            kept.append(name, value);
            kept
        },
    )
}

/// Whoever bears a token: one that cannot be read is none, and no cookie stands in for it.
async fn by_token(app: &App, said: &HeaderValue, locale: Locale) -> Result<Caller, Refusal> {
    let refused = || Problem::new(ProblemKind::Unauthenticated, "token.refused_here");
    let says = said.to_str().ok().and_then(|said| said.strip_prefix("Bearer ")).ok_or_else(refused)?;
    let (says, at) = (says.trim().to_owned(), app.moment());
    let found = app.db.read("token.account", move |rx| access::token_account(rx, &says, at)).await;
    let (token, account) = found.map_err(Problem::from)?;
    app.limits.account(&account.id)?;
    let now_ms = at.now_ms;
    if token.is_use_stale(now_ms) {
        let id = token.id.clone();
        let used = move |tx: &mut Tx<'_>| access::token_used(tx, &id, now_ms);
        // It only tells its owner: where it cannot be noted now, the program is answered all the same.
        if let Err(error) = app.db.write("token.used", now_ms, used).await {
            tracing::warn!(%error, "the use of a token was not noted");
        }
    }
    let (hand, token, limits) = (Hand::Token, Some(token.id), app.limits.clone());
    Ok(Caller { account, locale, hand, token, lent_ms: None, limits })
}

/// The session token of a request, if it bears one.
pub fn token(headers: &HeaderMap, login: Login) -> Option<String> {
    cookie_of(headers, cookie_name(login)).filter(|token| token.len() == 64).map(str::to_owned)
}

/// What a cookie of a request holds, if it bears one of that name.
pub fn cookie_of<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(said, _)| *said == name).map(|(_, value)| value)
}

/// The role that a request is said to be of; who says one that cannot be read is nobody, not whoever says none.
fn demo_role(app: &App, headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(role) = headers.get(ROLE_HEADER).filter(|_| app.login == Login::Demo) else { return Ok(None) };
    match role.to_str() {
        Ok(role) if role.len() <= ROLE_BYTES_MAX => Ok(Some(role.to_owned())),
        _ => Err(no_such_role(&String::from_utf8_lossy(role.as_bytes()))),
    }
}

fn no_such_role(role: &str) -> Problem {
    let shown: String = role.chars().take(ROLE_BYTES_MAX).collect();
    Problem::new(ProblemKind::Unauthenticated, "demo.no_such_role").with("role", shown)
}

async fn session(app: &App, token: String) -> Result<Option<Account>, Refusal> {
    let at = app.moment();
    if let Some(account) = app.sessions.known(&token, at.now_ms) {
        return Ok(Some(account));
    }
    let asked = token.clone();
    let account = app.db.read("session.account", move |rx| access::session_account(rx, &asked, at)).await?;
    match &account {
        Some(account) => app.sessions.keep(token, account.clone(), at.now_ms),
        None => app.sessions.forget(&token),
    }
    Ok(account)
}

async fn role_account(app: &App, role: &str) -> Result<Option<Account>, Refusal> {
    let role = role.to_owned();
    let at = app.moment();
    Ok(app.db.read("role.read", move |rx| access::account_by_role(rx, &role, at)).await?)
}

/// What a browser calls itself; empty where it says nothing that can be read.
pub fn agent_of(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default()
}
