//! How a refusal looks on the wire: RFC 9457, in the reader's language, from one place.

use crate::say;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use muster_kernel::{Finding, Locale, Problem, ProblemKind};
use muster_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

/// What every handler answers.
pub type Answer<T> = Result<T, Refusal>;

/// A [`Problem`] on its way out. It travels as an extension until [`in_readers_language`] writes its body.
#[derive(Debug)]
pub struct Refusal(pub Problem);

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}
impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self(crate::store_problem(error))
    }
}

/// RFC 9457 problem details, with our stable code and all findings.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    /// `urn:muster:problem:<code>`.
    pub r#type: String,
    /// The sentence, in the reader's language.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: String,
    /// Everything found wrong, each at its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<FindingBody>,
}

/// One finding with its sentence.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FindingBody {
    /// Stable code.
    pub code: String,
    /// `note`, `warn` or `refuse`.
    pub severity: String,
    /// Row as the sender counts it, from 1 with the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// Column as the sender named it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Address of the cell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    /// The field in the product's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The sentence, in the reader's language.
    pub message: String,
}

impl FindingBody {
    /// A finding as a reader of a language sees it.
    pub fn new(locale: Locale, finding: &Finding) -> Self {
        let severity = match finding.severity {
            muster_kernel::Severity::Note => "note",
            muster_kernel::Severity::Warn => "warn",
            muster_kernel::Severity::Refuse => "refuse",
        };
        Self {
            code: finding.code.clone(),
            severity: severity.to_owned(),
            row: finding.at.row,
            column: finding.at.column.clone(),
            cell: finding.at.cell.clone(),
            field: finding.at.field.clone(),
            message: say::finding(locale, finding),
        }
    }
}

impl ProblemBody {
    /// A problem as a reader of a language sees it.
    pub fn new(locale: Locale, problem: &Problem) -> Self {
        Self {
            r#type: format!("urn:muster:problem:{}", problem.code),
            title: say::problem(locale, problem),
            status: status(problem.kind).as_u16(),
            code: problem.code.to_owned(),
            findings: problem.findings.iter().map(|finding| FindingBody::new(locale, finding)).collect(),
        }
    }
}

/// The HTTP status of a sort of refusal.
pub fn status(kind: ProblemKind) -> StatusCode {
    match kind {
        ProblemKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        ProblemKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ProblemKind::Forbidden => StatusCode::FORBIDDEN,
        ProblemKind::NotFound => StatusCode::NOT_FOUND,
        ProblemKind::Conflict => StatusCode::CONFLICT,
        ProblemKind::Stale => StatusCode::PRECONDITION_FAILED,
        ProblemKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ProblemKind::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ProblemKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        ProblemKind::Busy | ProblemKind::Unknown => StatusCode::SERVICE_UNAVAILABLE,
        ProblemKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = status(self.0.kind).into_response();
        response.extensions_mut().insert(self.0);
        response
    }
}

/// Middleware: writes the body of every refusal in the language of the request, and gives the plain refusals of
/// axum itself (wrong method, unreadable JSON, unknown path) the same shape.
pub async fn in_readers_language(request: Request, next: Next) -> Response {
    let locale = locale_of(request.headers());
    let api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if api && is_plain_refusal(&response) => plain_problem(response.status()),
        None => return response,
    };
    if let Some(cause) = &problem.cause {
        tracing::error!(code = problem.code, cause, "a fault of ours");
    }
    let body = ProblemBody::new(locale, &problem);
    let mut answer = (status(problem.kind), axum::Json(body)).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(seconds) = problem.retry_after_s {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}

/// The language a request asks for.
pub fn locale_of(headers: &axum::http::HeaderMap) -> Locale {
    headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .map_or_else(Locale::default, Locale::from_header)
}

fn is_plain_refusal(response: &Response) -> bool {
    let problem = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|v| v.as_bytes().starts_with(b"application/"));
    !problem && (response.status().is_client_error() || response.status().is_server_error())
}

fn plain_problem(status: StatusCode) -> Problem {
    match status {
        StatusCode::NOT_FOUND => Problem::not_found("request.no_such_path"),
        StatusCode::METHOD_NOT_ALLOWED => Problem::not_found("request.no_such_method"),
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(ProblemKind::TooLarge, "request.too_large"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::new(ProblemKind::Unsupported, "request.media_type"),
        StatusCode::REQUEST_TIMEOUT => Problem::new(ProblemKind::Busy, "busy").retry_after(2),
        status if status.is_server_error() => Problem::internal(status),
        _ => Problem::invalid("request.unreadable"),
    }
}
