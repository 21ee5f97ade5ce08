//! From where a request may come. A browser carries its user's login, and a name that somebody else controls, to any
//! address it is told: a page of another origin must not act here, nor a foreign name stand for this server.

use crate::request::Refusal;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use muster_kernel::{Problem, ProblemKind};
use std::net::IpAddr;

/// How a browser says in what relation the page that asks stands to the server it asks.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Middleware: refuses what another origin's page sends, and every request under a name that is not this machine's.
///
/// `SameSite` knows no port, and a plain form may send any text without asking first, so a cookie alone proves nothing.
/// A program that is no browser sends neither `Origin` nor `Sec-Fetch-Site` and is let by.
pub async fn own_only(request: Request, next: Next) -> Response {
    let host = request.uri().authority().map(|authority| authority.as_str().to_owned());
    let mut said = request.headers().get_all(header::HOST).iter();
    let host = host.or_else(|| Some(said.next()?.to_str().ok()?.to_owned()));
    // Of two names another reader may take the other one.
    let host = host.filter(|_| request.headers().get_all(header::HOST).iter().count() <= 1);
    // Who says no name, or one that cannot be read, may have meant any.
    if !host.as_deref().is_some_and(is_own_name) {
        return refused("request.host_unknown");
    }
    if !request.method().is_safe() && is_foreign(request.headers(), host.as_deref()) {
        return refused("request.cross_origin");
    }
    next.run(request).await
}

fn refused(code: &'static str) -> Response {
    Refusal(Problem::new(ProblemKind::Forbidden, code)).into_response()
}

/// An address, or the name that every machine has for itself. Another name may be made to point here by whoever owns
/// it, and then its pages would be of this origin.
fn is_own_name(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    address.parse::<IpAddr>().is_ok() || name.eq_ignore_ascii_case("localhost")
}

fn is_foreign(headers: &HeaderMap, host: Option<&str>) -> bool {
    if headers.contains_key(SEC_FETCH_SITE) {
        return !matches!(text(headers, &SEC_FETCH_SITE), Some("same-origin" | "none"));
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return false };
    let authority = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, at)| at);
    authority.is_none() || authority != host
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
        for own in ["127.0.0.1:8020", "localhost:8020", "LOCALHOST", "[::1]:8020", "[::1]", "10.1.2.3"] {
            assert!(is_own_name(own), "{own}");
        }
        for foreign in
            ["evil.example:8020", "127.0.0.1.evil.example", "localhost.evil.example:80", "", ":80", "[x]"]
        {
            assert!(!is_own_name(foreign), "{foreign}");
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
            assert_eq!(is_foreign(&headers, Some("127.0.0.1:8020")), *foreign, "{said:?}");
        }
    }
}
