//! Once, and in turn: a request that bears `Idempotency-Key` is done once and answered the same again; one that bears
//! `If-Match` is done only while what it saw is what there is.
//!
//! The answer is kept in the transaction of the deed, under the key and whose it is, with a digest of what was asked. A
//! refusal is not kept: what was refused may be put right and sent again under the same key.

use super::acting::acting_of;
use crate::lines::access::{self, Acting};
use crate::{App, Ctx, Fail};
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use futures_util::TryStreamExt as _;
use muster_kernel::{Problem, ProblemKind};
use muster_store::Tx;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::convert::Infallible;
use std::sync::Arc;

/// The header of a request that may be sent again.
pub const KEY_HEADER: &str = "idempotency-key";
/// How long an answer is kept: longer than a sender goes on trying.
pub const KEPT_MS: i64 = 7 * 86_400_000;
/// Longest key.
const KEY_BYTES_MAX: usize = 200;
/// Tags that one `If-Match` may name.
const TAGS_MAX: usize = 16;

/// What a request says of being sent again and of what its sender saw. A handler takes it out of the request, and runs
/// its verb through [`Once::run`].
#[derive(Clone, Debug, Default)]
pub struct Once {
    key: Option<Key>,
    seen: Option<Seen>,
    acting: Option<Acting>,
}

/// A sender's key, and the running digest of what is sent under it: whole once the body has been read.
#[derive(Clone, Debug)]
struct Key {
    text: String,
    asked: Arc<Mutex<Sha256>>,
}

/// The states that a sender says it saw, as `ETag`s without their quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen(Vec<String>);

impl Seen {
    /// Of `If-Match`; none where it is absent or says `*`.
    pub fn of(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        let Some(tags) = headers.get(header::IF_MATCH) else { return Ok(None) };
        let unreadable = || Problem::invalid("request.etag");
        let text = tags.to_str().map_err(|_| unreadable())?.trim();
        if text == "*" {
            return Ok(None);
        }
        let tag = |tag: &str| tag.trim().strip_prefix('"')?.strip_suffix('"').map(str::to_owned);
        let tags: Vec<String> = text.split(',').map(tag).collect::<Option<_>>().ok_or_else(unreadable)?;
        if tags.len() > TAGS_MAX { Err(unreadable()) } else { Ok(Some(Self(tags))) }
    }
    /// Refuses with a code where the state there is was not seen.
    pub fn expect(seen: Option<&Self>, there_is: &str, code: &'static str) -> Result<(), Problem> {
        match seen {
            Some(Self(tags)) if !tags.iter().any(|tag| tag == there_is) => {
                Err(Problem::new(ProblemKind::Stale, code))
            }
            _ => Ok(()),
        }
    }
    /// The revision that was seen, where states are numbered.
    pub fn revision(&self) -> Result<i64, Problem> {
        let [tag] = self.0.as_slice() else { return Err(Problem::invalid("request.etag")) };
        tag.parse().map_err(|_| Problem::invalid("request.etag"))
    }
}

/// A `ETag` of its text.
pub fn etag(text: impl std::fmt::Display) -> String {
    format!("\"{text}\"")
}

impl Once {
    /// Of a request's head; answers the body that is to be read instead, which passes the digest on its way.
    ///
    /// # Errors
    /// `request.key` or `request.etag` where a header cannot be read.
    pub fn of(method: &Method, uri: &Uri, headers: &HeaderMap, body: Body) -> Result<(Self, Body), Problem> {
        let (seen, acting) = (Seen::of(headers)?, acting_of(headers)?);
        let Some(text) = key(headers)? else { return Ok((Self { key: None, seen, acting }, body)) };
        let path = uri.path_and_query().map(|path| path.as_str()).unwrap_or_default();
        let asked = Sha256::new().chain_update(format!("{method} {path}\n"));
        let key = Key { text, asked: Arc::new(Mutex::new(asked)) };
        let passing = key.asked.clone();
        let stream = body.into_data_stream().inspect_ok(move |chunk| passing.lock().update(chunk));
        Ok((Self { key: Some(key), seen, acting }, Body::from_stream(stream)))
    }
    /// What the sender saw.
    pub fn seen(&self) -> Option<&Seen> {
        self.seen.as_ref()
    }
    /// The sender's key, for doors that give it to each of their rows.
    pub fn key(&self) -> Option<&str> {
        self.key.as_ref().map(|key| key.text.as_str())
    }
    /// Does a deed, or answers what it was answered before.
    ///
    /// # Errors
    /// `request.key_reused` where something else was sent under the key.
    pub fn run(
        &self,
        tx: &mut Tx<'_>,
        ctx: &Ctx,
        deed: impl FnOnce(&mut Tx<'_>) -> Result<Reply, Fail>,
    ) -> Result<Reply, Fail> {
        let deed = |tx: &mut Tx<'_>| {
            let mark = tx.journalled();
            let reply = deed(tx)?;
            if let Some(acting) = &self.acting {
                access::acting_record(tx, ctx, acting, mark)?;
            }
            Ok(reply)
        };
        let Some(Key { text, asked }) = &self.key else { return deed(tx) };
        let key = format!("door/{}/{text}", ctx.actor);
        let asked = prints(ctx, &asked.lock().clone().finalize());
        if let Some(given) = tx.request_seen(&key)? {
            return match asked.contains(&given.fingerprint) {
                true => Ok(serde_json::from_slice(&given.response).map_err(Problem::internal)?),
                false => Err(Problem::invalid("request.key_reused").into()),
            };
        }
        tx.request_store(&key, &asked[0], b"", ctx.now_ms + KEPT_MS)?;
        let reply = deed(tx)?;
        tx.request_answer(&key, &serde_json::to_vec(&reply).map_err(Problem::internal)?)?;
        Ok(reply)
    }
}

/// What is kept of what was asked, the first of these; the others, as an older key or version kept it. A bare digest of a body
/// that holds a telephone would tell the number to whoever tries them all.
fn prints(ctx: &Ctx, asked: &[u8]) -> Vec<Vec<u8>> {
    let indexes = ctx.seals.indexes("request.asked").into_iter();
    indexes.map(|index| index.of(asked).to_vec()).chain([asked.to_vec()]).collect()
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(key) = headers.get(KEY_HEADER) else { return Ok(None) };
    let text = key.to_str().ok().filter(|text| (1..=KEY_BYTES_MAX).contains(&text.len()));
    let text = text.ok_or_else(|| Problem::invalid("request.key").with("max", KEY_BYTES_MAX))?;
    Ok(Some(text.to_owned()))
}

impl FromRequestParts<App> for Once {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// What a door answers, in a shape that can be kept and answered again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reply {
    status: u16,
    tag: Option<String>,
    body: String,
}

impl Reply {
    /// A body with 200.
    pub fn json(body: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_string(body).map_err(Problem::internal)?;
        Ok(Self { status: 200, tag: None, body })
    }
    /// Done, and nothing to say.
    pub fn empty() -> Self {
        Self { status: 204, tag: None, body: String::new() }
    }
    /// The same with 201: something new is there.
    pub fn created(self) -> Self {
        Self { status: 201, ..self }
    }
    /// The same without a state: there is none that could be compared with.
    pub(super) fn untagged(self) -> Self {
        Self { tag: None, ..self }
    }
    /// The same with the state after it, for the next `If-Match`.
    pub fn tagged(self, tag: impl std::fmt::Display) -> Self {
        Self { tag: Some(etag(tag)), ..self }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let mut response = match self.body.is_empty() {
            true => status.into_response(),
            false => (status, [(header::CONTENT_TYPE, "application/json")], self.body).into_response(),
        };
        if let Some(tag) = self.tag.and_then(|tag| HeaderValue::try_from(tag).ok()) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}
