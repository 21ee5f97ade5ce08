//! Asking a group's service over HTTP: few bytes, little time, no redirect, no proxy, and no host but its own and those that
//! the operator named. What a service says of its own addresses is its word alone: it must not send this server anywhere.

use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use openidconnect::url::Url;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// Largest answer that is read: a discovery document or a set of keys has some kilobytes.
const BODY_BYTES_MAX: usize = 256 << 10;

/// Why a service was not asked, or did not answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    /// It is at a host that nobody named.
    #[error("an address at a host that is not the service's own: {0}")]
    Elsewhere(String),
    /// It did not answer in time.
    #[error("no answer in time")]
    Late,
    /// Its answer is larger than any that is read.
    #[error("an answer that is too large")]
    Large,
    /// It could not be reached, or broke off.
    #[error("{0}")]
    Wire(String),
}

/// Asks one service.
pub(super) struct Fetch {
    client: Client<HttpsConnector<HttpConnector>, Full<bytes::Bytes>>,
    scheme: String,
    /// Hosts with their ports.
    hosts: Vec<(String, Option<u16>)>,
    patience: Duration,
}

impl Fetch {
    /// Of a service at an issuer's address; `authority`: certificates (PEM) that alone are believed about it.
    ///
    /// # Errors
    /// What is wrong with the certificates.
    pub(super) fn new(
        issuer: &Url,
        hosts: &[String],
        authority: Option<&[u8]>,
        patience: Duration,
    ) -> Result<Self, String> {
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots(issuer, authority)?)
            .with_no_client_auth();
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().build();
        // A connection is not kept: logins are rare, and a service may be restarted between two.
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        let own = (issuer.host_str().unwrap_or_default().to_owned(), issuer.port_or_known_default());
        let hosts = hosts.iter().map(|host| (host.to_ascii_lowercase(), Some(443))).chain([own]).collect();
        Ok(Self { client, scheme: issuer.scheme().to_owned(), hosts, patience })
    }

    /// Whether an address is one that the service may be asked at, or a browser sent to.
    pub(super) fn is_own(&self, url: &Url) -> bool {
        let port = url.port_or_known_default();
        let is = |host: &str| self.hosts.iter().any(|(own, at)| own == host && *at == port);
        url.scheme() == self.scheme && url.host_str().is_some_and(is)
    }

    /// Asks once.
    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, FetchError> {
        let address = request.uri().to_string();
        match Url::parse(&address) {
            Ok(url) if self.is_own(&url) => {}
            Ok(url) => return Err(FetchError::Elsewhere(url.host_str().unwrap_or_default().to_owned())),
            Err(_) => return Err(FetchError::Elsewhere(String::new())),
        }
        let asked = async {
            let request = request.map(|body| Full::new(bytes::Bytes::from(body)));
            let wire = |error: &dyn std::error::Error| FetchError::Wire(told(error));
            let response = self.client.request(request).await.map_err(|error| wire(&error))?;
            let (parts, body) = response.into_parts();
            let read = Limited::new(body, BODY_BYTES_MAX).collect().await.map_err(|error| {
                let large = error.downcast_ref::<LengthLimitError>().is_some();
                if large { FetchError::Large } else { wire(error.as_ref()) }
            })?;
            Ok(HttpResponse::from_parts(parts, read.to_bytes().to_vec()))
        };
        tokio::time::timeout(self.patience, asked).await.unwrap_or(Err(FetchError::Late))
    }
}

impl<'c> AsyncHttpClient<'c> for Fetch {
    type Error = FetchError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, FetchError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

/// An error with what is behind it.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

/// Whom to believe about the service: the operator's authority alone, or those of the machine.
fn roots(issuer: &Url, authority: Option<&[u8]>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    if let Some(pem) = authority {
        for certificate in CertificateDer::pem_slice_iter(pem) {
            roots.add(certificate.map_err(|error| error.to_string())?).map_err(|error| error.to_string())?;
        }
        return if roots.is_empty() { Err("ca_file: no certificate in it".to_owned()) } else { Ok(roots) };
    }
    if issuer.scheme() == "https" {
        let machine = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(machine.certs);
        if roots.is_empty() {
            return Err("this machine knows no authority: say ca_file, or install ca-certificates".to_owned());
        }
    }
    Ok(roots)
}
