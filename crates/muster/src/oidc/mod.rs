//! Logins by a group's own service (OpenID Connect): which services there are, as the operator said; what is asked of one;
//! what of its answer is believed. Below the lines: it knows no account, no door and no table. Whose login a subject is,
//! and whether a service may open that account, is `lines/access` to say.
//!
//! The way is the authorization code with PKCE; the person's browser goes to the service and comes back to a page of ours
//! (`/login/oidc`), which hands over what it was sent back with. So nothing is changed by a link that somebody follows from
//! elsewhere, and cookies stay `SameSite=Strict`.
//!
//! Considered and not done: asking the user-info endpoint (all that is needed stands in the signed ID token), refresh tokens
//! (a session of ours ends by itself), logging out at the service (a person at a shared desk ends ours).

mod fetch;
mod provider;
mod settings;

pub use provider::{Away, Back, Provider};
pub use settings::{Claim, Settings, is_id, read};

use muster_kernel::Problem;
use std::sync::Arc;
use std::time::Duration;

/// The page that a service sends a browser back to.
const BACK: &str = "/login/oidc";
/// How long one question to a service may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The services of groups that have one; none until an operator says so.
#[derive(Debug, Default)]
pub struct Oidc {
    providers: Vec<Arc<Provider>>,
    /// Where a person opens this server: `https://desk.example`. What a service sends back to; never taken from a request.
    address: String,
}

impl Oidc {
    /// Services, and the address at which people open this server.
    ///
    /// # Errors
    /// `oidc.settings` where a certificate or an address of theirs is none.
    pub fn new(all: Vec<Settings>, address: &str) -> Result<Self, Problem> {
        Self::patient(all, address, PATIENCE)
    }

    /// As [`Oidc::new`], with another patience.
    ///
    /// # Errors
    /// As [`Oidc::new`].
    pub fn patient(all: Vec<Settings>, address: &str, patience: Duration) -> Result<Self, Problem> {
        let address = address.trim_end_matches('/').to_owned();
        let redirect = format!("{address}{BACK}");
        let providers = all
            .into_iter()
            .map(|one| Ok(Arc::new(Provider::new(one, &redirect, patience)?)))
            .collect::<Result<_, Problem>>()?;
        Ok(Self { providers, address })
    }

    /// All of them, in the operator's order.
    pub fn providers(&self) -> &[Arc<Provider>] {
        &self.providers
    }

    /// Where a person opens this server.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Whether a word may be one by which a service knows somebody: 1 to 255 characters, none of them hidden.
    pub fn is_subject(word: &str) -> bool {
        provider::is_subject(word)
    }

    /// One, by its id.
    ///
    /// # Errors
    /// `oidc.unknown`.
    pub fn provider(&self, id: &str) -> Result<Arc<Provider>, Problem> {
        let found = self.providers.iter().find(|one| one.settings().id == id);
        let unknown = || {
            let shown: String = id.chars().take(40).collect();
            Problem::not_found("oidc.unknown").with("provider", shown)
        };
        found.cloned().ok_or_else(unknown)
    }
}
