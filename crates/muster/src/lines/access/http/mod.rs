//! Doors of access.

mod accounts;
mod body;
mod grants;
mod letters;
mod oidc;
mod person;
mod session;
mod tokens;

pub(crate) use session::cookie;

use crate::App;
use utoipa_axum::router::OpenApiRouter;

/// The doors of this line.
pub fn router() -> OpenApiRouter<App> {
    session::router()
        .merge(accounts::router())
        .merge(grants::router())
        .merge(letters::router())
        .merge(person::router())
        .merge(oidc::router())
        .merge(tokens::router())
}
