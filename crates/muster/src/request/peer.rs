//! Who stands at the other end of a request, and how the outside reaches this server. A proxy that the operator named is
//! believed in what it says of those behind it; anybody else may write the same headers, and is not.

use axum::http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

const FORWARDED: HeaderName = header::FORWARDED;
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Hops that are read of a header; who writes more is not followed further.
const HOPS_MAX: usize = 32;

/// How the outside reaches this server, as its operator says it.
#[derive(Clone, Debug, Default)]
pub struct Outside {
    /// Host names that are this server's own, in lower case, without a port.
    pub names: Vec<String>,
    /// Addresses of proxies that are believed in what they say of those behind them.
    pub proxies: Vec<IpNet>,
    /// Where a person opens it, as far as its operator said: `https://desk.example`. What stands on paper.
    pub address: Option<String>,
}

/// The connection that a request came over. Put into a request's extensions by the accept loop; nothing that comes over
/// a socket can carry it.
#[derive(Clone, Copy, Debug)]
pub struct Wire {
    /// The address at its other end.
    pub address: IpAddr,
    /// Whether it was encrypted to this process.
    pub tls: bool,
}

impl Wire {
    /// Of what asks in this very process: the command line, a test.
    pub const INSIDE: Self = Self { address: IpAddr::V4(Ipv4Addr::LOCALHOST), tls: false };
}

/// Who asks, as far as it is known; an extension of every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The address: the connection's, or the one that a believed proxy names.
    pub address: IpAddr,
    /// Whether whoever asks reaches this server by https, here or at a believed proxy.
    pub https: bool,
    /// Whether the request says that somebody passed it on, believed or not: then its sender is not on this machine,
    /// though its connection may be.
    pub forwarded: bool,
    /// The host under which a believed proxy was asked, if it says one.
    pub host: Option<String>,
}

impl Peer {
    /// Whether the request comes from this machine itself.
    pub fn is_here(&self) -> bool {
        self.address.is_loopback() && !self.forwarded
    }
}

impl Outside {
    /// Who stands behind a connection, by what its request says.
    pub fn peer(&self, wire: Wire, headers: &HeaderMap) -> Peer {
        let direct = wire.address.to_canonical();
        let says = [&FORWARDED, &FORWARDED_FOR, &FORWARDED_HOST, &FORWARDED_PROTO];
        let forwarded = says.iter().any(|name| headers.contains_key(*name));
        let plain = Peer { address: direct, https: wire.tls, forwarded, host: None };
        if !forwarded || !self.believes(direct) {
            return plain;
        }
        let standard = elements(headers, &FORWARDED);
        let by_standard = standard.iter().map(|one| parameter(one, "for")).collect::<Vec<_>>();
        let usual = elements(headers, &FORWARDED_FOR);
        let by_usual: Vec<_> = usual.iter().map(|hop| Some(hop.as_str())).collect();
        let address = match (by_standard.as_slice(), by_usual.as_slice()) {
            ([], hops) | (hops, []) => self.behind(direct, hops),
            // The proxy writes one of them, and its client may have written the other: where they differ neither is
            // followed.
            (one, other) => {
                let (one, other) = (self.behind(direct, one), self.behind(direct, other));
                if one == other { one } else { direct }
            }
        };
        let last = |name: &HeaderName| elements(headers, name).pop();
        let scheme =
            last(&FORWARDED_PROTO).or_else(|| parameter(standard.last()?, "proto").map(str::to_owned));
        let host = last(&FORWARDED_HOST).or_else(|| parameter(standard.last()?, "host").map(str::to_owned));
        let https = scheme.map_or(wire.tls, |scheme| scheme.eq_ignore_ascii_case("https"));
        Peer { address, https, forwarded, host }
    }

    /// Whether a host name, without port, is one of this server's.
    pub fn is_named(&self, name: &str) -> bool {
        let name = name.strip_suffix('.').unwrap_or(name);
        self.names.iter().any(|own| own.eq_ignore_ascii_case(name))
    }

    fn believes(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|net| net.contains(&address))
    }

    /// The rightmost hop that is no believed proxy: what stands further left was written by whoever that is.
    fn behind(&self, direct: IpAddr, hops: &[Option<&str>]) -> IpAddr {
        let mut address = direct;
        for hop in hops.iter().rev() {
            if !self.believes(address) {
                break;
            }
            // `unknown`, or a name made up so as to tell nothing: nobody is known behind this proxy.
            let Some(next) = hop.and_then(address_of) else { break };
            address = next;
        }
        address
    }
}

/// The elements of a header that is a list, over all its lines, in order; of too many the last ones.
fn elements(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let mut all = Vec::new();
    for line in headers.get_all(name) {
        // What cannot be read is a hop that tells nothing.
        let line = line.to_str().unwrap_or("unknown");
        let mut quoted = false;
        let parts = line.split(|c| {
            quoted ^= c == '"';
            c == ',' && !quoted
        });
        all.extend(parts.map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned));
    }
    all.split_off(all.len().saturating_sub(HOPS_MAX))
}

/// A parameter of an element of `Forwarded` (RFC 7239): `for="[2001:db8::1]:4711";proto=https`.
fn parameter<'e>(element: &'e str, name: &str) -> Option<&'e str> {
    element.split(';').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
    })
}

/// An address, with or without brackets and a port.
fn address_of(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let parsed = bare.parse().ok().or_else(|| text.parse().ok().map(|at: SocketAddr| at.ip()));
    parsed.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    /// Headers of a request.
    type Said = &'static [(&'static str, &'static str)];

    fn headers(said: &[(&'static str, &str)]) -> HeaderMap {
        let said = said.iter().map(|(name, value)| {
            (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap())
        });
        let mut all = HeaderMap::new();
        for (name, value) in said {
            all.append(name, value);
        }
        all
    }

    #[test]
    fn only_a_named_proxy_is_believed_and_only_as_far_as_it_can_know() {
        let outside = Outside {
            names: Vec::new(),
            proxies: vec![
                "10.0.0.5/32".parse().unwrap(),
                "10.1.0.0/16".parse().unwrap(),
                "fd00::/8".parse().unwrap(),
            ],
            address: None,
        };
        let table: &[(&str, Said, &str)] = &[
            ("203.0.113.9", &[], "203.0.113.9"),
            ("203.0.113.9", &[("x-forwarded-for", "198.51.100.1")], "203.0.113.9"),
            ("10.0.0.6", &[("x-forwarded-for", "198.51.100.1")], "10.0.0.6"),
            ("10.0.0.5", &[], "10.0.0.5"),
            ("10.0.0.5", &[("x-forwarded-for", "198.51.100.1")], "198.51.100.1"),
            ("::ffff:10.0.0.5", &[("x-forwarded-for", "198.51.100.1")], "198.51.100.1"),
            // What the client wrote itself stands on the left.
            ("10.0.0.5", &[("x-forwarded-for", "127.0.0.1, 198.51.100.1")], "198.51.100.1"),
            (
                "10.0.0.5",
                &[("x-forwarded-for", "127.0.0.1"), ("x-forwarded-for", "198.51.100.1")],
                "198.51.100.1",
            ),
            ("10.0.0.5", &[("x-forwarded-for", "198.51.100.1, 10.1.2.3")], "198.51.100.1"),
            ("10.0.0.5", &[("x-forwarded-for", "198.51.100.1, 203.0.113.7, 10.1.2.3")], "203.0.113.7"),
            ("10.0.0.5", &[("x-forwarded-for", "10.1.2.3")], "10.1.2.3"),
            ("10.0.0.5", &[("x-forwarded-for", "198.51.100.1, nonsense")], "10.0.0.5"),
            ("10.0.0.5", &[("x-forwarded-for", "198.51.100.1, nonsense, 10.1.2.3")], "10.1.2.3"),
            ("10.0.0.5", &[("x-forwarded-for", "198.51.100.1:4711")], "198.51.100.1"),
            ("10.0.0.5", &[("forwarded", "for=198.51.100.1;proto=https")], "198.51.100.1"),
            ("10.0.0.5", &[("forwarded", "for=\"[2001:db8::1]:4711\"; by=\"a,b\"")], "2001:db8::1"),
            ("fd00::1", &[("forwarded", "for=127.0.0.1, For=\"[2001:db8::2]\"")], "2001:db8::2"),
            ("10.0.0.5", &[("forwarded", "for=_hidden")], "10.0.0.5"),
            ("10.0.0.5", &[("forwarded", "proto=https")], "10.0.0.5"),
            // One of them was written by the client.
            ("10.0.0.5", &[("forwarded", "for=127.0.0.1"), ("x-forwarded-for", "198.51.100.1")], "10.0.0.5"),
            (
                "10.0.0.5",
                &[("forwarded", "for=198.51.100.1"), ("x-forwarded-for", "198.51.100.1")],
                "198.51.100.1",
            ),
        ];
        for (direct, said, expected) in table {
            let wire = Wire { address: direct.parse().unwrap(), tls: false };
            let peer = outside.peer(wire, &headers(said));
            assert_eq!(peer.address, expected.parse::<IpAddr>().unwrap(), "{direct} {said:?}");
            assert_eq!(peer.forwarded, !said.is_empty());
        }
        let many = vec!["10.1.0.1"; 10_000].join(", ");
        let wire = Wire { address: "10.0.0.5".parse().unwrap(), tls: false };
        assert_eq!(
            outside.peer(wire, &headers(&[("x-forwarded-for", &many)])).address.to_string(),
            "10.1.0.1"
        );
    }

    #[test]
    fn https_and_host_are_what_the_connection_is_or_what_a_believed_proxy_says() {
        let outside = Outside { proxies: vec!["10.0.0.5/32".parse().unwrap()], ..Outside::default() };
        let peer = |direct: &str, tls, said: &[(&'static str, &str)]| {
            outside.peer(Wire { address: direct.parse().unwrap(), tls }, &headers(said))
        };
        assert!(!peer("10.0.0.9", false, &[("x-forwarded-proto", "https")]).https);
        assert!(peer("10.0.0.9", true, &[("x-forwarded-proto", "http")]).https);
        assert!(peer("10.0.0.5", false, &[("x-forwarded-proto", "https")]).https);
        assert!(!peer("10.0.0.5", false, &[("x-forwarded-proto", "https, http")]).https, "the last one");
        assert!(peer("10.0.0.5", false, &[("forwarded", "for=192.0.2.1;proto=HTTPS")]).https);
        assert!(!peer("10.0.0.5", false, &[("x-forwarded-for", "192.0.2.1")]).https);
        let named = [("x-forwarded-host", "desk.example")];
        assert_eq!(peer("10.0.0.9", false, &named).host, None);
        assert_eq!(peer("10.0.0.5", false, &named).host.as_deref(), Some("desk.example"));
        assert!(peer("127.0.0.1", false, &[]).is_here() && peer("::1", false, &[]).is_here());
        assert!(!peer("127.0.0.1", false, &named).is_here(), "a proxy that nobody named passed it on");
        assert!(!peer("10.0.0.9", false, &[]).is_here());
    }
}
