//! The outermost layer: who stands at the other end, and what every answer says to their browser. Behind it nobody asks
//! whether the outside is https: cookies bear their plain names there, and the guarded ones here.

use crate::App;
use crate::request::peer::Wire;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// How the cookies of this product begin.
const OWN: &str = "muster_";
/// What a browser takes a cookie of such a name by: only over https, only of this very host, only for all of it.
const HOST_PREFIX: &str = "__Host-";
/// A year. No other name of the domain is spoken for.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// What a page may do: nothing from outside, no inline script, in nobody's frame. Inline style is what Ant Design writes: its
/// rules come as `<style>` elements that it makes at run time, as many as there are components, so that no hash covers
/// them; a nonce would have to be written into every page that is sent, and the page could not be kept for use without a
/// network. What a stolen style could do is to ask for a picture of another host, and that is refused.
const PAGE_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                           img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; object-src 'none'; \
                           base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// What data may do, should somebody open it as a page: nothing.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// What is said with every answer that does not say otherwise.
static SAID: [(HeaderName, &str); 6] = [
    // Files of the pages say how long they may be kept.
    (header::CACHE_CONTROL, "no-store"),
    // Not `no-referrer`: under it a form's POST says `Origin: null`, and would be refused as another origin's.
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    // A code may be scanned; where somebody is nobody asks.
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), geolocation=(), microphone=(), payment=(), usb=(), serial=(), bluetooth=(), midi=()",
    ),
];

/// Middleware: finds out who asks ([`crate::request::Peer`]), and where the outside is https sees to it that browsers stay
/// there: cookies are `Secure` and bear the prefix `__Host-`, and a cookie without it, which somebody may have planted
/// over plain HTTP, is not seen.
pub async fn meet(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let wire = request.extensions().get::<Wire>().copied().unwrap_or(Wire::INSIDE);
    let peer = app.outside.peer(wire, request.headers());
    let https = peer.https;
    request.extensions_mut().insert(peer);
    if https {
        cookies_in(request.headers_mut());
    }
    let is_door = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let page_policy = if is_door { DATA_POLICY } else { PAGE_POLICY };
    for (name, value) in SAID.iter().chain([&(header::CONTENT_SECURITY_POLICY, page_policy)]) {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    if is_door {
        // Also of a stream, which says `no-cache` by itself.
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if https {
        cookies_out(response.headers_mut());
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    response
}

/// Own cookies under their plain names, where they bore the prefix; those that did not are left out.
fn cookies_in(headers: &mut HeaderMap) {
    let lines: Vec<String> = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| Some(line.to_str().ok()?.to_owned()))
        .collect();
    let pairs = lines.iter().flat_map(|line| line.split(';')).map(str::trim);
    let kept = pairs.filter(|pair| !pair.starts_with(OWN)).map(|pair| {
        let plain = pair.strip_prefix(HOST_PREFIX).filter(|plain| plain.starts_with(OWN));
        plain.unwrap_or(pair)
    });
    let line = kept.collect::<Vec<_>>().join("; ");
    headers.remove(header::COOKIE);
    if let Ok(line) = HeaderValue::from_str(&line)
        && !line.is_empty()
    {
        headers.insert(header::COOKIE, line);
    }
}

/// Every cookie `Secure`, own ones with the prefix. It asks for `Path=/` and no `Domain`, as all of ours are.
fn cookies_out(headers: &mut HeaderMap) {
    let set: Vec<HeaderValue> = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
    headers.remove(header::SET_COOKIE);
    for cookie in set {
        let guarded = cookie.to_str().ok().and_then(|text| {
            let prefix = if text.starts_with(OWN) { HOST_PREFIX } else { "" };
            HeaderValue::from_str(&format!("{prefix}{text}; Secure")).ok()
        });
        headers.append(header::SET_COOKIE, guarded.unwrap_or(cookie));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn under_https_only_guarded_cookies_count() {
        let check = |sent: &[&'static str], expected: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in sent {
                headers.append(header::COOKIE, HeaderValue::from_static(line));
            }
            cookies_in(&mut headers);
            let seen: Vec<_> = headers.get_all(header::COOKIE).iter().map(|v| v.to_str().unwrap()).collect();
            assert_eq!(seen, expected, "{sent:?}");
        };
        check(&[], &[]);
        check(&["muster_session=planted"], &[]);
        check(&["__Host-muster_session=a; other=b"], &["muster_session=a; other=b"]);
        check(&["muster_session=planted; __Host-muster_session=a"], &["muster_session=a"]);
        check(&["x=1", "__Host-other=2"], &["x=1; __Host-other=2"]);
    }

    #[test]
    fn under_https_every_cookie_that_is_set_is_guarded() {
        let mut headers = HeaderMap::new();
        for line in ["muster_session=a; Path=/; HttpOnly; SameSite=Strict", "other=b"] {
            headers.append(header::SET_COOKIE, HeaderValue::from_static(line));
        }
        cookies_out(&mut headers);
        let set: Vec<_> = headers.get_all(header::SET_COOKIE).iter().map(|v| v.to_str().unwrap()).collect();
        assert_eq!(
            set,
            ["__Host-muster_session=a; Path=/; HttpOnly; SameSite=Strict; Secure", "other=b; Secure"]
        );
    }
}
