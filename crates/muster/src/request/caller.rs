//! Who calls: the session of the cookie, or the role of the demonstration.

use crate::app::Login;
use crate::lines::access::{self, Account, Permission};
use crate::request::refusal::{Refusal, locale_of};
use crate::{App, Ctx, Reach};
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header;
use axum::http::request::Parts;
use muster_kernel::{Actor, Locale, Problem, ProblemKind};

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
}

/// By whose hand a caller acts; what the journal says.
#[derive(Clone, Copy, Debug)]
enum Hand {
    Account,
    Role,
    Machine,
}

impl Caller {
    /// The command line on the machine itself, asking what the doors answer. Put into a request's extensions; nothing
    /// that comes over a socket can carry it.
    pub(crate) fn machine(unit: i64, locale: Locale) -> Self {
        let account =
            Account { id: "cli".to_owned(), name: "cli".to_owned(), role: access::Role::Office, unit };
        Self { account, locale, hand: Hand::Machine }
    }
    /// The context for a verb, if the role may do it.
    pub fn ctx(&self, app: &App, permission: Permission) -> Result<Ctx, Problem> {
        let unit = self.account.unit;
        // 0: an account of the whole operation, also while there is no tree yet.
        let at_top = unit == 0 || unit == app.operation().root_unit;
        if !self.account.role.may(permission) || permission.is_of_the_whole() && !at_top {
            return Err(Problem::new(ProblemKind::Forbidden, "permission.lacking"));
        }
        let reach = if unit == 0 { Reach::All } else { Reach::Under(unit) };
        Ok(app.ctx(self.actor(), reach, self.locale))
    }
    /// Who it is, as the journal says it.
    fn actor(&self) -> Actor {
        match self.hand {
            Hand::Account => Actor::account(&self.account.id),
            Hand::Role => Actor::role(&self.account.id),
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
        let locale = locale_of(&parts.headers);
        let demo = app.login == Login::Demo;
        let account = match demo_role(app, &parts.headers)? {
            Some(role) => Some(role_account(app, &role).await?.ok_or_else(|| no_such_role(&role))?),
            None => match token(&parts.headers, app.login) {
                Some(token) => session(app, token).await?,
                None => None,
            },
        };
        let account = match account {
            None if demo => role_account(app, "office").await?,
            other => other,
        };
        let account = account.ok_or_else(|| Problem::new(ProblemKind::Unauthenticated, "session.needed"))?;
        let caller = Self { account, locale, hand: if demo { Hand::Role } else { Hand::Account } };
        if let Some(who) = parts.extensions.get::<crate::serve::Who>() {
            who.is(&caller.actor().to_string());
        }
        Ok(caller)
    }
}

/// The session token of a request, if it bears one.
pub fn token(headers: &HeaderMap, login: Login) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            (name == cookie_name(login) && value.len() == 64).then(|| value.to_owned())
        })
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
    let (now_ms, today) = (app.clock.now_ms(), app.today());
    if let Some(account) = app.sessions.known(&token, now_ms) {
        return Ok(Some(account));
    }
    let asked = token.clone();
    let account =
        app.db.read("session.account", move |rx| access::session_account(rx, &asked, now_ms, today)).await?;
    if let Some(account) = &account {
        app.sessions.keep(token, account.clone(), now_ms);
    }
    Ok(account)
}

async fn role_account(app: &App, role: &str) -> Result<Option<Account>, Refusal> {
    let role = role.to_owned();
    let roles = app.db.read("role.list", |rx| access::accounts_by_role(rx)).await?;
    Ok(roles.into_iter().find(|account| account.id == role))
}
