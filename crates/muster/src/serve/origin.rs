//! From where a request may come. A browser carries its user's login, and a name that somebody else controls, to any
//! address it is told: a page of another origin must not act here, nor a foreign name stand for this server.

use crate::App;
use crate::request::{Caller, Outside, Peer, Refusal, caller};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use muster_kernel::{Problem, ProblemKind};
use std::net::IpAddr;

/// How a browser says in what relation the page that asks stands to the server it asks.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Middleware: refuses what another origin's page sends, every request under a name that is not this server's, and
/// strangers who ask more than an address may.
///
/// `SameSite` knows no port, and a plain form may send any text without asking first, so a cookie alone proves nothing.
/// A program that is no browser sends neither `Origin` nor `Sec-Fetch-Site` and is let by.
pub async fn own_only(State(app): State<App>, request: Request, next: Next) -> Response {
    let host = request.uri().authority().map(|authority| authority.as_str().to_owned());
    let mut said = request.headers().get_all(header::HOST).iter();
    let host = host.or_else(|| Some(said.next()?.to_str().ok()?.to_owned()));
    // Of two names another reader may take the other one.
    let host = host.filter(|_| request.headers().get_all(header::HOST).iter().count() <= 1);
    // Who says no name, or one that cannot be read, may have meant any.
    if !host.as_deref().is_some_and(|host| is_own_name(host, &app.outside)) {
        return refused("request.host_unknown");
    }
    // A proxy may ask under a name of its own choice and say which one it was asked under. That one is looked at besides,
    // and not instead: one that passes on what it is sent would let anybody say so.
    let peer = request.extensions().get::<Peer>();
    let outer = peer.and_then(|peer| peer.host.clone());
    if outer.as_deref().is_some_and(|host| !is_own_name(host, &app.outside)) {
        return refused("request.host_unknown");
    }
    if let Some(peer) = peer.filter(|_| is_stranger(&app, &request))
        && let Err(problem) = app.limits.stranger(peer.address)
    {
        return Refusal(problem).into_response();
    }
    let (host, https) = (outer.or(host), peer.is_some_and(|peer| peer.https));
    if !request.method().is_safe() && is_foreign(request.headers(), host.as_deref(), https) {
        return refused("request.cross_origin");
    }
    next.run(request).await
}

/// Whether a door is asked by somebody of whom nothing is known: who is logged in has a measure of their own
/// ([`Caller`]), and a cookie that is nobody's is none.
fn is_stranger(app: &App, request: &Request) -> bool {
    let is_door = request.uri().path().starts_with("/api/");
    let is_machine = request.extensions().get::<Caller>().is_some();
    let token = caller::token(request.headers(), app.login);
    is_door && !is_machine && !token.is_some_and(|token| app.sessions.seen(&token))
}

fn refused(code: &'static str) -> Response {
    Refusal(Problem::new(ProblemKind::Forbidden, code)).into_response()
}

/// An address, the name that every machine has for itself, or one that the operator said. Another name may be made to
/// point here by whoever owns it, and then its pages would be of this origin.
fn is_own_name(host: &str, outside: &Outside) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    address.parse::<IpAddr>().is_ok() || name.eq_ignore_ascii_case("localhost") || outside.is_named(name)
}

/// Whether a page of another origin asks. Where the outside is https, one that came in the clear is another: whoever is on
/// the way may have written it.
fn is_foreign(headers: &HeaderMap, host: Option<&str>, https: bool) -> bool {
    if headers.contains_key(SEC_FETCH_SITE) {
        return !matches!(text(headers, &SEC_FETCH_SITE), Some("same-origin" | "none"));
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return false };
    let Some((scheme, authority)) = origin.to_str().ok().and_then(|origin| origin.split_once("://")) else {
        return true;
    };
    host != Some(authority) || https && scheme != "https"
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_this_machines_names_are_its_own() {
        let outside = Outside { names: vec!["desk.example".into()], ..Outside::default() };
        for own in ["127.0.0.1:8020", "localhost:8020", "LOCALHOST", "[::1]:8020", "[::1]", "10.1.2.3"] {
            assert!(is_own_name(own, &Outside::default()), "{own}");
        }
        for own in ["desk.example", "DESK.example:443", "desk.example."] {
            assert!(is_own_name(own, &outside) && !is_own_name(own, &Outside::default()), "{own}");
        }
        for foreign in [
            "evil.example:8020",
            "127.0.0.1.evil.example",
            "localhost.evil.example:80",
            "",
            ":80",
            "[x]",
            "x.desk.example",
            "desk.example.evil.example",
            "desk.example..",
        ] {
            assert!(!is_own_name(foreign, &outside), "{foreign}");
        }
    }

    #[test]
    fn what_another_origin_sends_is_foreign() {
        let table: &[(&[(&str, &'static str)], bool)] = &[
            (&[], false),
            (&[("origin", "http://127.0.0.1:8020")], false),
            (&[("origin", "http://127.0.0.1:8999")], true),
            (&[("origin", "http://evil.example")], true),
            (&[("origin", "null")], true),
            (&[("sec-fetch-site", "same-origin"), ("origin", "https://desk.example")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:8020")], true),
            (&[("sec-fetch-site", "cross-site")], true),
        ];
        for (said, foreign) in table {
            let said_by = said
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
            let headers: HeaderMap = said_by.collect();
            assert_eq!(is_foreign(&headers, Some("127.0.0.1:8020"), false), *foreign, "{said:?}");
        }
        for (origin, https, foreign) in [
            ("https://desk.example", true, false),
            ("http://desk.example", true, true),
            ("http://desk.example", false, false),
            // A proxy that nobody named: this side knows nothing of https.
            ("https://desk.example", false, false),
        ] {
            let headers = HeaderMap::from_iter([(header::ORIGIN, HeaderValue::from_static(origin))]);
            assert_eq!(is_foreign(&headers, Some("desk.example"), https), foreign, "{origin} {https}");
        }
    }
}
