//! Asking a host over HTTP: only those that the operator named, at public addresses unless the operator named their
//! network too; few bytes, little time, no redirect, no proxy.

use super::model::Erred;
use super::settings::Settings;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request, Response};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use ipnet::IpNet;
use muster_kernel::{Problem, ProblemKind};
use openidconnect::url::{Host, Url};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tower::Service;

/// Largest answer that is read; what is beyond is not looked at.
const BODY_BYTES_MAX: usize = 64 << 10;
/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks hosts.
pub struct Web {
    client: Client<HttpsConnector<HttpConnector<Public>>, Full<bytes::Bytes>>,
    hosts: Vec<(String, u16)>,
    private: Arc<[IpNet]>,
}

impl Web {
    /// By what the operator said.
    ///
    /// # Errors
    /// `outbound.settings` where a certificate is none.
    pub(super) fn new(settings: &Settings) -> Result<Self, Problem> {
        let wrong = |why: String| {
            Problem::new(ProblemKind::Busy, "outbound.settings").with("file", "").with("why", why)
        };
        let private: Arc<[IpNet]> = settings.private.clone().into();
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong(error.to_string()))?
            .with_root_certificates(roots(settings.authority.as_deref()).map_err(wrong)?)
            .with_no_client_auth();
        let mut http = HttpConnector::new_with_resolver(Public(private.clone()));
        http.enforce_http(false);
        http.set_connect_timeout(Some(PATIENCE));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        // A connection is not kept: letters are few, and whoever stands at the other end may be another by then.
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        let mut hosts = settings.hosts.clone();
        // Robots are where they are: who names their host names them. Elsewhere (a relay, a test) is named by its address.
        for own in [&settings.wecom, &settings.dingtalk] {
            let url = Url::parse(own).map_err(|error| wrong(error.to_string()))?;
            let at =
                (url.host_str().unwrap_or_default().to_owned(), url.port_or_known_default().unwrap_or(0));
            if *own != Settings::default().wecom && *own != Settings::default().dingtalk {
                hosts.push(at);
            }
        }
        Ok(Self { client, hosts, private })
    }

    /// Whether a host (`hooks.example`, `hooks.example:8443`) is one that the operator named.
    pub(super) fn names(&self, host: &str) -> bool {
        let url = Url::parse(&format!("https://{host}"));
        url.is_ok_and(|url| self.is_named(&url))
    }

    fn is_named(&self, url: &Url) -> bool {
        let port = url.port_or_known_default();
        let is = |host: &str| self.hosts.iter().any(|(own, at)| own == host && Some(*at) == port);
        url.host_str().is_some_and(is)
    }

    /// Whether an address may be asked: a named host, by https, or by http on this very machine; what is written as a
    /// number is public, or in a network that the operator named.
    fn check(&self, url: &Url) -> Result<(), Erred> {
        let refused = || Err(Erred::for_good("host_refused"));
        if !self.is_named(url) || !url.username().is_empty() || url.password().is_some() {
            return refused();
        }
        let here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(at)) => at.is_loopback(),
            Some(Host::Ipv6(at)) => at.is_loopback(),
            None => return refused(),
        };
        let number = match url.host() {
            Some(Host::Ipv4(at)) => Some(IpAddr::V4(at)),
            Some(Host::Ipv6(at)) => Some(IpAddr::V6(at)),
            _ => None,
        };
        match (url.scheme(), here) {
            ("https", _) | ("http", true) => {}
            _ => return refused(),
        }
        match number {
            Some(at) if !is_open(at, &self.private) => Err(Erred::for_good("address_private")),
            _ => Ok(()),
        }
    }

    /// Posts JSON once: what came back, as far as it is read.
    ///
    /// # Errors
    /// Why it could not be asked, or answered with what is no success. A redirect is one of those.
    pub(super) async fn post(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
    ) -> Result<Vec<u8>, Erred> {
        let url = Url::parse(url).map_err(|_| Erred::for_good("host_refused"))?;
        self.check(&url)?;
        let request = headers.iter().fold(
            Request::post(url.as_str()).header("content-type", "application/json; charset=utf-8"),
            |request, (name, value)| request.header(*name, value),
        );
        let request = request.body(Full::new(bytes::Bytes::from(body)));
        let request = request.map_err(|_| Erred::for_good("host_refused"))?;
        let asked = async {
            let response = self.client.request(request).await.map_err(|error| wire(&error))?;
            let status = response.status().as_u16();
            if !(200..300).contains(&status) {
                return Err(by_status(status, &response));
            }
            let read = Limited::new(response.into_body(), BODY_BYTES_MAX).collect().await;
            read.map(|read| read.to_bytes().to_vec()).map_err(|_| Erred::again("answer_broken"))
        };
        tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| Err(Erred::again("timeout")))
    }
}

fn by_status<B>(status: u16, _: &Response<B>) -> Erred {
    let code = format!("http_{status}");
    match status {
        408 | 425 | 429 | 500..=599 => Erred::again(code),
        _ => Erred::for_good(code),
    }
}

/// Why nothing came back: never more than a word of ours, for what stands behind may name the whole address.
fn wire(error: &hyper_util::client::legacy::Error) -> Erred {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if cause.downcast_ref::<NotPublic>().is_some() || cause.to_string().contains(NOT_PUBLIC) {
            return Erred::for_good("address_private");
        }
        let inner = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if cause.is::<rustls::Error>() || inner.is_some_and(|inner| inner.is::<rustls::Error>()) {
            return Erred::again("tls");
        }
        source = cause.source();
    }
    Erred::again("unreachable")
}

const NOT_PUBLIC: &str = "an address that is not public";

/// No address of a name may be reached.
#[derive(Debug, thiserror::Error)]
#[error("an address that is not public")]
struct NotPublic;

/// Finds the addresses of a name, without those that are not public and that nobody named: what stands in a name server
/// must not send this server to its neighbours.
#[derive(Clone)]
struct Public(Arc<[IpNet]>);

impl Service<Name> for Public {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let private = self.0.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let open: Vec<_> = found.iter().copied().filter(|at| is_open(at.ip(), &private)).collect();
            if open.is_empty() && !found.is_empty() {
                return Err(io::Error::other(NotPublic));
            }
            Ok(open.into_iter())
        })
    }
}

/// Whether an address is public, or in a network that was named.
fn is_open(at: IpAddr, private: &[IpNet]) -> bool {
    let at = at.to_canonical();
    private.iter().any(|network| network.contains(&at)) || is_public(at)
}

/// Whether an address is one that anybody may reach (RFC 6890): not this machine, not a network of one's own, not what is
/// set apart for anything else.
fn is_public(at: IpAddr) -> bool {
    match at {
        IpAddr::V4(at) => {
            let [a, b, c, _] = at.octets();
            !(at.is_loopback()
                || at.is_private()
                || at.is_link_local()
                || at.is_broadcast()
                || at.is_documentation()
                || at.is_multicast()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0 && c == 0)
                || (a == 198 && (b == 18 || b == 19)))
        }
        IpAddr::V6(at) => {
            let [first, second, ..] = at.segments();
            // What is given out at all, without what is set apart of it: documentation, Teredo, 6to4.
            first & 0xe000 == 0x2000
                && !(first == 0x2001 && (second < 0x0200 || second == 0x0db8))
                && first != 0x2002
                && first != 0x3fff
        }
    }
}

/// Whom to believe about hosts: the operator's authority alone, or those of the machine.
fn roots(authority: Option<&[u8]>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    if let Some(pem) = authority {
        for certificate in CertificateDer::pem_slice_iter(pem) {
            roots.add(certificate.map_err(|error| error.to_string())?).map_err(|error| error.to_string())?;
        }
        return if roots.is_empty() { Err("ca_file: no certificate in it".to_owned()) } else { Ok(roots) };
    }
    // Where the machine knows none, no host is believed; mail and folder go all the same.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_reached_unless_their_network_is_named() {
        for at in ["8.8.8.8", "101.226.1.1", "2408:8756::1", "2606:4700::1111"] {
            assert!(is_open(at.parse().unwrap(), &[]), "{at}");
        }
        for at in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:10.1.2.3",
            "::ffff:127.0.0.1",
            "2001:db8::1",
            "2002:0a01:0203::1",
            "64:ff9b::a01:203",
            "ff02::1",
        ] {
            assert!(!is_open(at.parse().unwrap(), &[]), "{at}");
        }
        let named = ["10.1.0.0/16".parse().unwrap()];
        assert!(is_open("10.1.2.3".parse().unwrap(), &named));
        assert!(is_open("::ffff:10.1.2.3".parse().unwrap(), &named));
        assert!(!is_open("10.2.2.3".parse().unwrap(), &named));
    }

    #[test]
    fn an_address_is_asked_only_as_the_operator_named_it() {
        let settings = Settings {
            hosts: vec![
                ("hooks.example".into(), 443),
                ("127.0.0.1".into(), 8080),
                ("10.1.2.3".into(), 443),
                ("127.0.0.2".into(), 443),
            ],
            private: vec!["127.0.0.1/32".parse().unwrap()],
            ..Settings::default()
        };
        let web = Web::new(&settings).unwrap();
        let check = |url: &str| web.check(&Url::parse(url).unwrap()).map_err(|erred| erred.code);
        for good in ["https://hooks.example/x?y=1", "https://HOOKS.example:443/", "http://127.0.0.1:8080/"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, why) in [
            ("http://hooks.example/", "host_refused"),
            ("https://hooks.example:444/", "host_refused"),
            ("https://other.example/", "host_refused"),
            ("https://hooks.example.other.example/", "host_refused"),
            ("https://me:word@hooks.example/", "host_refused"),
            ("ftp://hooks.example/", "host_refused"),
            ("file:///etc/passwd", "host_refused"),
            ("http://127.0.0.1/", "host_refused"),
            ("https://10.1.2.3/", "address_private"),
            ("https://127.0.0.2/", "address_private"),
            ("https://2130706434/", "address_private"),
        ] {
            assert_eq!(check(bad), Err(why.to_owned()), "{bad}");
        }
        assert!(web.names("hooks.example") && !web.names("qyapi.weixin.qq.com"));
    }
}
