//! `muster user oidc`, and where `muster serve` reads which groups have a login service of their own.

use super::door::{Knowing, ask_knowing, escape};
use super::user::called;
use super::{Common, Stop};
use crate::oidc::{self, Oidc};
use axum::http::{Method, StatusCode};
use clap::Args;
use muster_kernel::Problem;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Where the file of services is.
#[derive(Args, Clone)]
pub(crate) struct OidcFrom {
    /// Login services of groups that have one (OpenID Connect): a TOML file. How it is written: docs/operating.md.
    #[arg(long = "oidc", value_name = "FILE", env = "MUSTER_OIDC")]
    pub(super) file: Option<PathBuf>,
}

impl OidcFrom {
    /// The services; none where no file is named. `own`: where people open this server, as far as it is known besides.
    pub(super) fn read(&self, own: Option<&str>) -> Result<Arc<Oidc>, Stop> {
        let Some(file) = &self.file else { return Ok(Arc::default()) };
        let (all, said) = oidc::read(file)?;
        let address = said.as_deref().or(own);
        let address = address.ok_or_else(|| Problem::invalid("oidc.address").with("file", file.display()))?;
        Ok(Arc::new(Oidc::new(all, address)?))
    }
}

/// What is done with the logins of an account.
#[derive(Args)]
pub(crate) struct UserOidc {
    /// Login name, or the account's id.
    name: String,
    #[command(flatten)]
    from: OidcFrom,
    /// Id of the service, as that file says it.
    #[arg(long, value_name = "ID")]
    provider: Option<String>,
    /// As whom the service knows the person, to the letter.
    #[arg(long, requires = "provider", required_unless_present_any = ["end", "list"])]
    subject: Option<String>,
    /// Take the login away.
    #[arg(long, requires = "provider", conflicts_with_all = ["subject", "list"])]
    end: bool,
    /// Only say which there are.
    #[arg(long, conflicts_with = "provider")]
    list: bool,
}

impl UserOidc {
    pub(super) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        // No browser is sent anywhere from here.
        let services = self.from.read(Some("http://localhost"))?;
        let account = format!("/accounts/{}/oidc", escape(&called(common, &self.name).await?));
        let of = |provider: &str| format!("{account}/{}", escape(provider));
        let (method, path, body) = match (&self.provider, &self.subject) {
            (Some(provider), Some(subject)) => {
                (Method::PUT, of(provider), Some(json!({ "subject": subject })))
            }
            (Some(provider), None) => (Method::POST, of(provider) + "/end", Some(json!({}))),
            (None, _) => (Method::GET, account, None),
        };
        let (status, answer) =
            ask_knowing(common, Knowing { services, ..Knowing::default() }, method, &path, body.as_ref())
                .await?;
        if !status.is_success() {
            return common.refused(status, &answer);
        }
        match status {
            StatusCode::NO_CONTENT => common.tell("user.oidc_ended", &[("name", self.name)])?,
            StatusCode::CREATED => common.tell("user.oidc_linked", &[("name", self.name)])?,
            _ => common.answer(&answer)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
