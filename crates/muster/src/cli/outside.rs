//! How the outside reaches the server: what `muster serve` is told of addresses, certificates, names and proxies.

use super::{Stop, wrong};
use crate::request::limits::Pace;
use crate::request::{Limits, Outside};
use crate::say;
use crate::serve::{Listening, Tls};
use clap::Args;
use clap::builder::FalseyValueParser;
use ipnet::IpNet;
use muster_kernel::{Locale, Problem, ProblemKind};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;

/// The port where none is said.
pub(super) const PORT: u16 = 8020;
/// Longest host name (RFC 1035).
const NAME_CHARS_MAX: usize = 253;

/// How the outside reaches the server.
#[derive(Args, Clone)]
pub(crate) struct OutsideArgs {
    /// Address to listen on, with or without a port (8020). One that is not loopback needs --tls-cert, or --plain.
    #[arg(long, env = "MUSTER_LISTEN", default_value = "127.0.0.1:8020", value_parser = address)]
    pub(super) listen: SocketAddr,
    /// Certificate (PEM; those between it and its authority after it), for every --name. Read anew when it changes, and at SIGHUP.
    #[arg(long, value_name = "FILE", env = "MUSTER_TLS_CERT", requires = "tls_key")]
    pub(super) tls_cert: Option<PathBuf>,
    /// The certificate's private key (PEM).
    #[arg(long, value_name = "FILE", env = "MUSTER_TLS_KEY", requires = "tls_cert")]
    pub(super) tls_key: Option<PathBuf>,
    /// Listen in the clear where others may listen too: whoever is on the network reads passwords and telephones.
    #[arg(long, env = "MUSTER_PLAIN", value_parser = FalseyValueParser::new(), conflicts_with = "tls_cert")]
    pub(super) plain: bool,
    /// A host name of this server; repeat it for each. Requests under any other name are refused.
    #[arg(long = "name", value_name = "HOST", env = "MUSTER_NAME", value_delimiter = ',', value_parser = host_name)]
    pub(super) names: Vec<String>,
    /// Address (10.0.0.5) or network (10.0.0.0/24) of a proxy that is believed in whom it says it speaks for; repeat it
    /// for each. It must set X-Forwarded-For, -Proto and -Host itself. Nobody else is believed.
    #[arg(long = "proxy", value_name = "ADDRESS", env = "MUSTER_PROXY", value_delimiter = ',', value_parser = network)]
    pub(super) proxies: Vec<IpNet>,
    /// Requests a second that one account may make, and one address without a login; `off` only for measuring.
    #[arg(long, value_name = "EACH_SECOND", env = "MUSTER_LIMITS", default_value = "50", value_parser = pace)]
    pub(super) limits: Pace,
}

impl OutsideArgs {
    /// Refuses to speak in the clear over a network unless told to: a wrong command line.
    pub(super) fn check(&self) -> Result<(), Stop> {
        if self.listen.ip().is_loopback() || self.plain || self.tls_cert.is_some() {
            return Ok(());
        }
        Err(Stop::Line(Problem::invalid("line.plain_needed").with("at", self.listen)))
    }

    /// Names and proxies, for the server.
    pub(super) fn outside(&self) -> Arc<Outside> {
        let (names, proxies) = (self.names.clone(), self.proxies.clone());
        Arc::new(Outside { names, proxies, address: self.address() })
    }

    /// What stands on paper: the first of its own names; behind a proxy by the usual way in, which is the proxy's.
    fn address(&self) -> Option<String> {
        let name = self.names.first()?;
        if !self.proxies.is_empty() {
            return Some(format!("https://{name}"));
        }
        self.urls(self.listen).into_iter().next()
    }

    /// Where people open it: by its own name, or on this machine alone; none where it has no name that anybody could say.
    pub(super) fn own_address(&self, at: SocketAddr) -> Option<String> {
        let here = || at.ip().is_loopback().then(|| self.urls(at).into_iter().next())?;
        self.address().or_else(here)
    }

    /// What one may ask in a while.
    pub(super) fn limits(&self) -> Limits {
        Limits::new(self.limits)
    }

    /// Takes the address, and reads the certificate.
    pub(super) async fn listen(&self) -> Result<(Listening, SocketAddr), Stop> {
        self.check()?;
        let tls = match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => Some(Tls::read(certificate, key, self.certified())?),
            _ => None,
        };
        let listener = listen(self.listen).await?;
        let at = listener.local_addr()?;
        let listening = match tls {
            Some(tls) => Listening::encrypted(listener, tls),
            None => listener.into(),
        };
        Ok((listening, at))
    }

    /// The names for which its certificate must be: its own, unless a proxy stands under them.
    fn certified(&self) -> &[String] {
        if self.proxies.is_empty() { &self.names } else { &[] }
    }

    /// What it costs to speak in the clear over a network; none where nobody does.
    pub(super) fn warning(&self, locale: Locale) -> Option<String> {
        let clear = self.tls_cert.is_none() && !self.listen.ip().is_loopback();
        clear.then(|| say::say(locale, "serve.plain", &[("at".to_owned(), self.listen.to_string())].into()))
    }

    /// Where it is opened: under its own names, where it has any and nobody stands between.
    pub(super) fn urls(&self, at: SocketAddr) -> Vec<String> {
        let (scheme, usual) = if self.tls_cert.is_some() { ("https", 443) } else { ("http", 80) };
        if self.names.is_empty() || !self.proxies.is_empty() {
            return vec![format!("{scheme}://{at}")];
        }
        let port = if at.port() == usual { String::new() } else { format!(":{}", at.port()) };
        self.names.iter().map(|name| format!("{scheme}://{name}{port}")).collect()
    }
}

/// Takes an address, or says plainly that somebody has it, or that this machine will not give it.
pub(crate) async fn listen(at: SocketAddr) -> Result<TcpListener, Stop> {
    use std::io::ErrorKind;
    TcpListener::bind(at).await.map_err(|error| {
        let code = match error.kind() {
            ErrorKind::AddrInUse => "serve.address_taken",
            ErrorKind::PermissionDenied => "serve.address_denied",
            ErrorKind::AddrNotAvailable => "serve.address_foreign",
            _ => return error.into(),
        };
        Problem::new(ProblemKind::Busy, code).with("at", at).into()
    })
}

/// Says where a server is open.
pub(super) fn say_open(locale: Locale, urls: &[String]) {
    for url in urls {
        println!("{}", say::say(locale, "serve.open", &BTreeMap::from([("url".to_owned(), url.clone())])));
    }
}

/// An address to listen on, with or without a port.
pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    let address = text.parse().or_else(|_| text.parse().map(|ip: IpAddr| SocketAddr::new(ip, PORT)));
    address.map_err(|_| wrong(&Problem::invalid("line.address").with("text", text).with("port", PORT)))
}

/// An address of this machine alone. Anything else is a wrong command line: the demonstration has no logins.
pub(super) fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address = address(text)?;
    if address.ip().is_loopback() { Ok(address) } else { Err(wrong(&Problem::invalid("line.loopback"))) }
}

/// A host name as a browser says it: letters, digits and hyphens between dots; no scheme, no port, no star.
pub(super) fn host_name(text: &str) -> Result<String, String> {
    let label = |label: &str| {
        let inner = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        (1..=63).contains(&label.len()) && inner && !label.starts_with('-') && !label.ends_with('-')
    };
    match text.len() <= NAME_CHARS_MAX && text.split('.').all(label) {
        true => Ok(text.to_ascii_lowercase()),
        false => Err(wrong(&Problem::invalid("line.host_name").with("text", text))),
    }
}

/// How much one may ask.
fn pace(text: &str) -> Result<Pace, String> {
    text.parse().map_err(|()| wrong(&Problem::invalid("line.limits").with("text", text)))
}

/// An address, or a network of them.
pub(super) fn network(text: &str) -> Result<IpNet, String> {
    let alone = || text.parse().map(|address: IpAddr| IpNet::from(address.to_canonical())).ok();
    let found = text.parse().ok().or_else(alone);
    found.ok_or_else(|| wrong(&Problem::invalid("line.network").with("text", text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        outside: OutsideArgs,
    }

    fn read(words: &[&str]) -> Result<OutsideArgs, clap::Error> {
        Line::try_parse_from([&["muster"], words].concat()).map(|line| line.outside)
    }

    #[test]
    fn names_and_networks_are_read_or_refused() {
        for good in ["desk.example", "DESK", "a-b.c_d.e", "xn--fiqs8s.cn"] {
            assert_eq!(host_name(good).as_deref(), Ok(good.to_lowercase().as_str()));
        }
        let long = "a.".repeat(126) + "aa";
        for bad in
            ["", "a..b", "-a", "a-", "a b", "desk.example:8020", "https://desk", "*.example", "百应", &long]
        {
            assert!(host_name(bad).is_err(), "{bad}");
        }
        assert_eq!(network("10.0.0.5").unwrap().to_string(), "10.0.0.5/32");
        assert_eq!(network("::ffff:10.0.0.5").unwrap().to_string(), "10.0.0.5/32");
        assert_eq!(network("fd00::/8").unwrap().to_string(), "fd00::/8");
        assert!(pace("off").is_ok() && pace("5").is_ok() && pace("none").is_err() && pace("0").is_err());
        for bad in ["", "10.0.0.0/33", "10.0.0", "proxy.example", "0.0.0.0/-1"] {
            assert!(network(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn nobody_speaks_in_the_clear_over_a_network_without_saying_so() {
        let stops = |words: &[&str]| read(words).unwrap().check().is_err();
        assert!(!stops(&[]) && !stops(&["--listen", "[::1]:0"]));
        assert!(stops(&["--listen", "0.0.0.0"]) && stops(&["--listen", "10.1.2.3:80"]));
        assert!(!stops(&["--listen", "0.0.0.0", "--plain"]));
        assert!(!stops(&["--listen", "0.0.0.0", "--tls-cert", "a", "--tls-key", "b"]));
        assert!(read(&["--tls-cert", "a"]).is_err() && read(&["--tls-key", "b"]).is_err());
        assert!(read(&["--plain", "--tls-cert", "a", "--tls-key", "b"]).is_err());
        for locale in Locale::ALL {
            let warned = |words: &[&str]| read(words).unwrap().warning(locale);
            assert!(warned(&["--listen", "0.0.0.0", "--plain"]).unwrap().contains("0.0.0.0:8020"));
            assert_eq!(warned(&["--plain"]), None, "nobody else listens there");
        }
    }

    #[test]
    fn it_is_opened_under_its_own_names() {
        let urls = |words: &[&str], at: &str| read(words).unwrap().urls(at.parse().unwrap());
        assert_eq!(urls(&[], "127.0.0.1:8020"), ["http://127.0.0.1:8020"]);
        let tls = ["--tls-cert", "a", "--tls-key", "b", "--name", "desk.example,DESK"];
        assert_eq!(urls(&tls, "0.0.0.0:443"), ["https://desk.example", "https://desk"]);
        assert_eq!(urls(&tls[..4], "0.0.0.0:443"), ["https://0.0.0.0:443"]);
        assert_eq!(urls(&tls, "[::]:8443")[0], "https://desk.example:8443");
        assert_eq!(urls(&["--name", "desk", "--proxy", "10.0.0.5"], "10.0.0.1:80"), ["http://10.0.0.1:80"]);
    }
}
