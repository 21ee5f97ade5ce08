//! The doors of the API, asked in this process by the machine's own hand.

use super::{Common, Stop};
use crate::App;
use crate::app::Login;
use crate::lines::access::Acting;
use crate::lines::operation::operation_current;
use crate::oidc::Oidc;
use crate::outbound::Outbound;
use crate::request::Caller;
use crate::request::acting::ACTING_HEADER;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use jiff::tz::TimeZone;
use muster_kernel::day::rfc3339;
use muster_kernel::{Clock, IdSource, Problem};
use serde_json::{Map, Value};
use std::process::ExitCode;
use std::sync::Arc;
use tower::ServiceExt as _;

/// Asks a door (`/totals?day=..`), with a JSON body where there is one; the answer is null where the door says nothing.
pub(super) async fn ask(
    common: &Common,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Result<(StatusCode, Value), Stop> {
    ask_knowing(common, Knowing::default(), method, path, body).await
}

/// What an operator said besides, in files of their own.
#[derive(Default)]
pub(super) struct Knowing {
    /// Login services of groups.
    pub(super) services: Arc<Oidc>,
    /// What may be reached outside.
    pub(super) outbound: Arc<Outbound>,
}

/// As [`ask`], knowing what an operator said besides.
pub(super) async fn ask_knowing(
    common: &Common,
    Knowing { services, outbound }: Knowing,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Result<(StatusCode, Value), Stop> {
    let db = common.open_patiently()?;
    let operation = db.read("operation.current", |rx| operation_current(rx)).await?;
    let operation = operation.ok_or_else(|| Problem::not_found("operation.none"))?;
    let caller = Caller::machine(common.locale());
    let mut app = App::new(db, Clock::Wall, IdSource::Random, Login::Local, operation);
    app.seals = common.seals()?;
    app.oidc = services;
    app.outbound = outbound;
    // What it looks up beforehand nobody decided.
    let acting = common.acting_for.as_ref().filter(|_| method != Method::GET).map(header_of);
    let request = Request::builder().method(method).uri(format!("/api/v1{path}"));
    let request = match acting {
        Some(said) => request.header(ACTING_HEADER, said),
        None => request,
    };
    let mut request = request
        .header(header::HOST, "localhost")
        .header(header::ACCEPT_LANGUAGE, common.locale().tag())
        .header(header::CONTENT_TYPE, "application/json")
        .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())))
        .map_err(Problem::internal)?;
    request.extensions_mut().insert(caller);
    let Ok(response) = crate::serve::router(app).oneshot(request).await;
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.map_err(Problem::internal)?;
    let answer = if bytes.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&bytes).map_err(Problem::internal)?
    };
    Ok((status, answer))
}

/// Who decided, as the header says it: codes may be in any script, headers not.
fn header_of(acting: &Acting) -> String {
    let at = rfc3339(acting.at_ms, &TimeZone::UTC);
    let Acting { unit, post, means, .. } = acting;
    format!("unit={}; post={}; at={at}; means={means}", escape(unit), escape(post))
}

/// Tells a door to change something, and prints what it answers.
pub(super) async fn tell(
    common: &Common,
    method: Method,
    door: &str,
    body: &Value,
) -> Result<ExitCode, Stop> {
    common.must_be_there()?;
    let (status, answer) = ask(common, method, door, Some(body)).await?;
    if !status.is_success() {
        return common.refused(status, &answer);
    }
    if !answer.is_null() {
        common.answer(&answer)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Of the fields of a body those that are given.
pub(super) fn given(fields: Vec<(&str, Option<Value>)>) -> Map<String, Value> {
    fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

/// Percent-encodes what is not unreserved (RFC 3986, 2.3).
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte as char),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::acting::acting_said;

    #[test]
    fn who_decided_comes_through_a_header_as_it_was_said() {
        let said = "unit=省国资委; post=组 长; at=2020-02-03T09:00:00+08:00; means=telephone";
        let acting = acting_said(said).unwrap();
        let header = header_of(&acting);
        assert!(header.is_ascii(), "{header}");
        assert_eq!(acting_said(&header).unwrap(), acting);
    }
}
