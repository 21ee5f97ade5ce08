//! One group's service: what it says of itself (asked when it is needed, kept for an hour), where a browser is sent, and who
//! its answer says that somebody is.

use super::fetch::{Fetch, FetchError};
use super::settings::{Claim, Settings, issuer};
use chrono::{DateTime, Utc};
use muster_kernel::{Problem, ProblemKind};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod,
    CoreGrantType, CoreIdToken, CoreIdTokenClaims, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType,
    CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret,
    CsrfToken, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata, RedirectUrl,
    RequestTokenError, Scope, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

/// How long what a service says of itself is taken as still so; its keys are asked anew as soon as one is not known.
const KEPT_MS: i64 = 3_600_000;
/// For how long a service that could not be reached is not asked again: whoever waits for it meanwhile is told at once.
const DOWN_MS: i64 = 5_000;
/// Longest word by which a person is known, in characters (OpenID Connect Core, 2).
const SUBJECT_CHARS_MAX: usize = 255;

/// Signatures that are believed: by a key that only the service has. Never `none`, nor a secret that two sides know.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 5] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What a service says of itself beyond the standard's first edition.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct Further {
    /// Whether it names itself when it sends a browser back (RFC 9207).
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}
impl AdditionalProviderMetadata for Further {}

type Metadata = ProviderMetadata<
    Further,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// A group's service.
pub struct Provider {
    settings: Settings,
    issuer: IssuerUrl,
    redirect: RedirectUrl,
    fetch: Fetch,
    known: Mutex<Known>,
}

/// What was last heard of it.
#[derive(Default)]
struct Known {
    metadata: Option<(Arc<Metadata>, i64)>,
    /// When it could not be reached, if not since.
    down_ms: Option<i64>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Provider({:?})", self.settings)
    }
}

/// A browser that is sent to a service, and what must be remembered of it until it comes back.
#[derive(Debug)]
pub struct Away {
    /// Where it is sent.
    pub url: String,
    /// What it brings back.
    pub state: String,
    /// What the ID token repeats.
    pub nonce: String,
    /// What shows the service that the code is brought by whoever asked for it.
    pub verifier: Zeroizing<String>,
}

/// What a browser brought back, and what was remembered of it.
pub struct Back<'a> {
    /// The code.
    pub code: String,
    /// As whom the service names itself beside it, if it does.
    pub iss: Option<&'a str>,
    /// As in [`Away`].
    pub nonce: String,
    /// As in [`Away`].
    pub verifier: Zeroizing<String>,
}

impl Provider {
    /// A service, and the page of ours that it sends browsers back to.
    ///
    /// # Errors
    /// `oidc.settings`.
    pub(super) fn new(settings: Settings, redirect: &str, patience: Duration) -> Result<Self, Problem> {
        let wrong = |why: &dyn Display| {
            let problem = Problem::new(ProblemKind::Busy, "oidc.settings");
            problem.with("file", &settings.id).with("why", why)
        };
        let url = issuer(&settings.issuer).map_err(|why| wrong(&why))?;
        let fetch = Fetch::new(&url, &settings.hosts, settings.authority.as_deref(), patience);
        Ok(Self {
            fetch: fetch.map_err(|why| wrong(&why))?,
            issuer: IssuerUrl::new(settings.issuer.clone()).map_err(|error| wrong(&error))?,
            redirect: RedirectUrl::new(redirect.to_owned()).map_err(|error| wrong(&error))?,
            settings,
            known: Mutex::default(),
        })
    }

    /// What the operator said of it.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Where to send a browser.
    ///
    /// # Errors
    /// `oidc.unreachable`.
    pub async fn away(&self, now_ms: i64) -> Result<Away, Problem> {
        let metadata = self.metadata(now_ms, None).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = CoreClient::from_provider_metadata(
            (*metadata).clone(),
            ClientId::new(self.settings.client_id.clone()),
            None,
        );
        let client = client.set_redirect_uri(self.redirect.clone());
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let request = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(self.scope().map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(challenge);
        let (url, state, nonce) = request.url();
        Ok(Away {
            url: url.into(),
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            verifier: Zeroizing::new(verifier.secret().clone()),
        })
    }

    /// What is asked for beside `openid`.
    fn scope(&self) -> Option<&'static str> {
        match self.settings.claim {
            Claim::Sub => None,
            Claim::Email => Some("email"),
            Claim::PreferredUsername => Some("profile"),
        }
    }

    /// As whom the service knows the person whose browser came back.
    ///
    /// # Errors
    /// `oidc.issuer`, `oidc.code_refused`, `oidc.token_bad`, `oidc.no_claim`, `oidc.unreachable`.
    pub async fn subject(&self, now_ms: i64, back: Back<'_>) -> Result<String, Problem> {
        let metadata = self.metadata(now_ms, None).await?;
        // Another service's code, brought to this one (RFC 9207).
        let must = metadata.additional_metadata().authorization_response_iss_parameter_supported;
        if back.iss.map_or(must, |iss| iss != self.issuer.as_str()) {
            return Err(self.refused("oidc.issuer", &"another issuer sent the browser back"));
        }
        let token = self.exchange(&metadata, back.code, back.verifier).await?;
        let nonce = Nonce::new(back.nonce);
        let claims = match self.claims(&metadata, &token, &nonce, now_ms) {
            Ok(claims) => claims,
            // Its keys may have changed since they were asked.
            Err(ClaimsVerificationError::SignatureVerification(_)) => {
                let metadata = self.metadata(now_ms, Some(&metadata)).await?;
                let claims = self.claims(&metadata, &token, &nonce, now_ms);
                claims.map_err(|error| self.refused("oidc.token_bad", &sort(&error)))?
            }
            Err(error) => return Err(self.refused("oidc.token_bad", &sort(&error))),
        };
        // Whose token it is, where it says so: one that another program of the service's got for itself is none of ours.
        if claims.authorized_party().is_some_and(|party| party.as_str() != self.settings.client_id) {
            return Err(self.refused("oidc.token_bad", &"another authorized party"));
        }
        let found = match self.settings.claim {
            Claim::Sub => Some(claims.subject().as_str().to_owned()),
            Claim::Email => {
                let verified = claims.email_verified() == Some(true);
                claims.email().filter(|_| verified).map(|email| self.settings.claim.said(email.as_str()))
            }
            Claim::PreferredUsername => claims.preferred_username().map(|name| name.as_str().to_owned()),
        };
        let found = found.filter(|subject| is_subject(subject));
        found.ok_or_else(|| self.refused("oidc.no_claim", &self.settings.claim.word()))
    }

    async fn exchange(
        &self,
        metadata: &Arc<Metadata>,
        code: String,
        verifier: Zeroizing<String>,
    ) -> Result<CoreIdToken, Problem> {
        let client = CoreClient::from_provider_metadata(
            (**metadata).clone(),
            ClientId::new(self.settings.client_id.clone()),
            Some(ClientSecret::new(self.settings.secret.to_string())),
        );
        let methods = metadata.token_endpoint_auth_methods_supported();
        let posts = methods.is_some_and(|methods| {
            !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
                && methods.contains(&CoreClientAuthMethod::ClientSecretPost)
        });
        let auth = if posts { AuthType::RequestBody } else { AuthType::BasicAuth };
        let client = client.set_redirect_uri(self.redirect.clone()).set_auth_type(auth);
        let request = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| self.unreachable(&"it names no token endpoint"))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_string()));
        let answer = request.request_async(&self.fetch).await.map_err(|error| match error {
            RequestTokenError::Request(error) => self.unreachable(&error),
            RequestTokenError::ServerResponse(answer) => {
                self.refused("oidc.code_refused", &cut(answer.error().as_ref()))
            }
            RequestTokenError::Parse(error, _) => {
                self.refused("oidc.token_bad", &cut(&error.path().to_string()))
            }
            RequestTokenError::Other(why) => self.refused("oidc.token_bad", &cut(&why)),
        })?;
        let token = answer.id_token().cloned();
        token.ok_or_else(|| self.refused("oidc.token_bad", &"no ID token in the answer"))
    }

    /// What an ID token claims, if it is one of this service, for this server, of now, of this very login.
    fn claims(
        &self,
        metadata: &Arc<Metadata>,
        token: &CoreIdToken,
        nonce: &Nonce,
        now_ms: i64,
    ) -> Result<CoreIdTokenClaims, ClaimsVerificationError> {
        // Without the secret: a signature by it would be believed of whoever knows it.
        let client = CoreClient::from_provider_metadata(
            (**metadata).clone(),
            ClientId::new(self.settings.client_id.clone()),
            None,
        );
        let now = DateTime::<Utc>::from_timestamp_millis(now_ms).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(move || now);
        token.claims(&verifier, nonce).cloned()
    }

    /// What the service says of itself. `but`: what of it turned out to be too old.
    async fn metadata(&self, now_ms: i64, but: Option<&Arc<Metadata>>) -> Result<Arc<Metadata>, Problem> {
        let mut known = self.known.lock().await;
        let kept = known.metadata.as_ref().filter(|(kept, at)| {
            (0..KEPT_MS).contains(&(now_ms - at)) && !but.is_some_and(|but| Arc::ptr_eq(but, kept))
        });
        if let Some((kept, _)) = kept {
            return Ok(kept.clone());
        }
        let old = known.metadata.as_ref().filter(|_| but.is_none()).map(|(kept, _)| kept.clone());
        if known.down_ms.is_some_and(|down| (0..DOWN_MS).contains(&(now_ms - down))) {
            return old.ok_or_else(|| self.unreachable(&"it was not reached a moment ago"));
        }
        match self.discover().await {
            Ok(found) => {
                let found = Arc::new(found);
                *known = Known { metadata: Some((found.clone(), now_ms)), down_ms: None };
                Ok(found)
            }
            Err(why) => {
                known.down_ms = Some(now_ms);
                let problem = self.unreachable(&why);
                // What was so an hour ago is better than nothing: keys that are no good any more are found out.
                old.ok_or(problem)
            }
        }
    }

    async fn discover(&self) -> Result<Metadata, String> {
        let found = Metadata::discover_async(self.issuer.clone(), &self.fetch).await;
        let found = found.map_err(|error| match error {
            openidconnect::DiscoveryError::Request(error) => error.to_string(),
            openidconnect::DiscoveryError::Response(status, _, _) => format!("status {status}"),
            openidconnect::DiscoveryError::Parse(error) => format!("it cannot be read at {}", error.path()),
            openidconnect::DiscoveryError::Validation(why) => why,
            _ => "it cannot be read".to_owned(),
        })?;
        // A browser is sent nowhere else either.
        let sent = found.authorization_endpoint().url();
        match self.fetch.is_own(sent) {
            true => Ok(found),
            false => Err(FetchError::Elsewhere(sent.host_str().unwrap_or_default().to_owned()).to_string()),
        }
    }

    /// The log says why; whoever wants to come in needs to know only that it is not their fault.
    fn unreachable(&self, why: &dyn Display) -> Problem {
        let why = cut(&why.to_string());
        tracing::warn!(provider = self.settings.id, why, "a group's login service could not be asked");
        let problem = Problem::new(ProblemKind::Busy, "oidc.unreachable");
        problem.with("name", &self.settings.name).retry_after(5)
    }

    /// `why` is ours, or a word of the standard's: nothing that tells who somebody is.
    fn refused(&self, code: &'static str, why: &dyn Display) -> Problem {
        let why = cut(&why.to_string());
        tracing::warn!(provider = self.settings.id, code, why, "a login by a group's service was refused");
        Problem::new(ProblemKind::Unauthenticated, code).with("name", &self.settings.name)
    }
}

/// Whether a word may be one by which a service knows somebody.
pub(super) fn is_subject(subject: &str) -> bool {
    let count = subject.chars().count();
    (1..=SUBJECT_CHARS_MAX).contains(&count)
        && subject.trim() == subject
        && !subject.chars().any(char::is_control)
}

/// What is wrong with a token, without what stands in it.
fn sort(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "it is too old",
        ClaimsVerificationError::InvalidAudience(_) => "it is for another",
        ClaimsVerificationError::InvalidIssuer(_) => "it is of another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "it is of another login",
        ClaimsVerificationError::SignatureVerification(_) => "its signature is not by a key of the service",
        _ => "it is none that is taken",
    }
}

/// A word of somebody else's, for the log.
fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
