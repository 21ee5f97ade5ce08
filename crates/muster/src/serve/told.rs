//! A line in the log for each request: when, which account, which door, status, milliseconds, from where. The door is the
//! path of the contract: never what stands in its holes, or after the `?`; never a name, a token, or what was sent.

use crate::request::Peer;
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// The target of these lines: by it they are asked for, or not.
pub const REQUEST: &str = "request";

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
    // The address that is believed: the connection's, or the one that a known proxy names.
    let peer = request.extensions().get::<Peer>().map(|peer| peer.address.to_string()).unwrap_or_default();
    let response = next.run(request).await;
    let account = who.0.get().map_or("", String::as_str);
    let (status, ms) = (response.status().as_u16(), began.elapsed().as_millis() as u64);
    tracing::info!(target: REQUEST, account, method, door, status, ms, peer);
    response
}

/// A method is a word that the sender may choose.
fn method(request: &Request) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known.into_iter().find(|known| *known == request.method().as_str()).unwrap_or("other")
}
