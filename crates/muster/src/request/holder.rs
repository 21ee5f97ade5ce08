//! Who holds a link of a unit: the cookie of a device on which it was opened, and nothing else. A login does not open these
//! doors, nor a link any other.

use super::caller::cookie_of;
use crate::lines::access::{self, Link};
use crate::request::Caller;
use crate::request::refusal::{Refusal, locale_of};
use crate::{App, Ctx, Reach};
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use muster_kernel::{Actor, Problem, ProblemKind};

/// The cookie of a device on which a link was opened.
pub const LINK_COOKIE: &str = "muster_link";

/// Whoever has a link open on their device.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The link.
    pub link: Link,
    /// As who they ask: their unit alone.
    pub caller: Caller,
}

/// What the cookie of such a device holds.
pub fn device(headers: &HeaderMap) -> Option<String> {
    cookie_of(headers, LINK_COOKIE).filter(|token| token.len() == 64).map(str::to_owned)
}

/// As whom somebody opens a link: as its holder, over nothing yet.
pub fn opening(app: &App, headers: &HeaderMap) -> impl Fn(&str) -> Ctx + Send + Sync + 'static {
    let (app, locale) = (app.clone(), locale_of(headers));
    move |id: &str| app.ctx(Actor::link(id), Reach::Under([].into()), locale)
}

impl FromRequestParts<App> for Holder {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let needed = || Problem::new(ProblemKind::Unauthenticated, "link.needed");
        // Nobody but this server makes such a cookie, and who closes a link loses it: one that is known no more was opened once.
        let ended = || Problem::new(ProblemKind::Unauthenticated, "link.ended");
        let device = device(&parts.headers).ok_or_else(needed)?;
        let (now_ms, operation, today) = (app.clock.now_ms(), app.operation().id, app.today());
        let found = app.db.read("link.holder", move |rx| access::link_of(rx, &device, now_ms, today)).await?;
        let link = found.filter(|link| link.operation == operation).ok_or_else(ended)?;
        app.limits.account(&link.id)?;
        let caller = Caller::of_link(&link, locale_of(&parts.headers));
        Ok(Self { link, caller })
    }
}
