//! A line in the log for each request: when, which account, which door, status, milliseconds, from where. The door is the
//! path of the contract: never what stands in its holes, or after the `?`; never a name, a token, or what was sent.

use axum::extract::{MatchedPath, Request};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// The target of these lines: by it they are asked for, or not.
pub const REQUEST: &str = "request";

/// Who connected.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Whom a request turned out to be of: the reference of the journal, never a name. Set where the caller is found out.
#[derive(Clone, Debug, Default)]
pub struct Who(Arc<OnceLock<String>>);

impl Who {
    /// It is of this actor.
    pub fn is(&self, actor: &str) {
        let _ = self.0.set(actor.to_owned());
    }
}

/// Middleware: tells of the request once it is answered. Where nobody listens it costs a look.
pub(super) async fn told(mut request: Request, next: Next) -> Response {
    if !tracing::enabled!(target: REQUEST, tracing::Level::INFO) {
        return next.run(request).await;
    }
    let (began, who) = (Instant::now(), Who::default());
    request.extensions_mut().insert(who.clone());
    // What is no door is a page or a file of the console.
    let door = request.extensions().get::<MatchedPath>().map_or("page", |path| path.as_str()).to_owned();
    let method = method(&request);
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.to_string()).unwrap_or_default();
    let forwarded = forwarded(request.headers()).map(|of| of.to_string()).unwrap_or_default();
    let response = next.run(request).await;
    let account = who.0.get().map_or("", String::as_str);
    let (status, ms) = (response.status().as_u16(), began.elapsed().as_millis() as u64);
    tracing::info!(target: REQUEST, account, method, door, status, ms, peer, forwarded);
    response
}

/// A method is a word that the sender may choose.
fn method(request: &Request) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known.into_iter().find(|known| *known == request.method().as_str()).unwrap_or("other")
}

/// For whom the nearest proxy says it asks: the last address of its header, if it is one. Anybody can send the others.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let line = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    line.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_is_taken_from_what_a_proxy_says() {
        let of = |lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", line.parse().unwrap());
            }
            forwarded(&headers).map(|of| of.to_string())
        };
        assert_eq!(of(&["10.0.0.1"]).as_deref(), Some("10.0.0.1"));
        assert_eq!(of(&["1.2.3.4, 10.0.0.2"]).as_deref(), Some("10.0.0.2"));
        assert_eq!(of(&["1.2.3.4", "::1"]).as_deref(), Some("::1"));
        for odd in [&[][..], &["Wang"], &["1.2.3.4, Wang 0551-5550100"], &[""]] {
            assert_eq!(of(odd), None, "{odd:?}");
        }
    }
}
