//! A JSON body: read as axum reads it, refused in the reader's words, with the field where it is known.

use super::Refusal;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use muster_kernel::Problem;
use muster_store::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use std::time::Duration;
use tokio::time::timeout;

/// Longest that a body may take to come in: it is small.
const BODY_MAX: Duration = Duration::from_secs(60);

type PathError = serde_path_to_error::Error<serde_json::Error>;

/// A JSON body, asked or answered.
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// An answer that was written as JSON where it was made, so that the text alone goes from one thread to another: many small
/// parts that end elsewhere than they began cost more than writing them.
pub struct JsonText(Vec<u8>);

impl JsonText {
    /// Writes a value.
    ///
    /// # Errors
    /// A value that JSON cannot hold, which no answer is.
    pub fn of(value: &impl Serialize) -> Result<Self, StoreError> {
        let unfit = |error| StoreError::Corrupt(format!("an answer that is not JSON: {error}"));
        serde_json::to_vec(value).map(Self).map_err(unfit)
    }
}

impl IntoResponse for JsonText {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "application/json")], self.0).into_response()
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        if !is_json(request.headers()) {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
        }
        let read = timeout(BODY_MAX, Bytes::from_request(request, state)).await;
        let Ok(read) = read else { return Err(StatusCode::REQUEST_TIMEOUT.into_response()) };
        // Too much of it: said by its status.
        let bytes = read.map_err(IntoResponse::into_response)?;
        json_read(&bytes).map(Self).map_err(|problem| Refusal(problem).into_response())
    }
}

/// Whether a body says that it is JSON: `application/json`, or `application/...+json`.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.strip_prefix("application/").is_some_and(|kind| kind == "json" || kind.ends_with("+json"))
}

/// Reads a JSON object that came as bytes. serde would take a list for one too, field by field in an order that nobody was
/// told of, and say of one that is wrong, or nested without end, that `[0]` is.
pub fn json_read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(Problem::invalid("request.not_an_object"));
    }
    // Most can be read. What cannot is read once more, to tell where: keeping count of that costs more than the reading.
    serde_json::from_slice(bytes).or_else(|_| told(bytes))
}

fn told<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let reader = &mut serde_json::Deserializer::from_slice(bytes);
    let body = serde_path_to_error::deserialize(&mut *reader).map_err(|error| misshapen(&error))?;
    match reader.end() {
        Ok(()) => Ok(body),
        Err(error) => Err(broken(&error)),
    }
}

fn broken(error: &serde_json::Error) -> Problem {
    let said = error.to_string();
    let code = match () {
        () if said.starts_with("number out of range") => "request.json_number",
        () if said.starts_with("recursion limit") => "request.json_deep",
        () => "request.json",
    };
    Problem::invalid(code).with("line", error.line()).with("column", error.column())
}

/// What is wrong with a JSON text, and in which field.
fn misshapen(error: &PathError) -> Problem {
    let why = error.inner();
    if why.classify() != Category::Data {
        return broken(why);
    }
    // serde names a field only in its sentence, between backticks.
    let said = why.to_string();
    let named = said.split('`').nth(1).unwrap_or_default();
    let path = error.path().to_string();
    let (code, field) = match path.as_str() {
        _ if said.starts_with("missing field") => ("request.field_missing", named),
        _ if said.starts_with("unknown field") => ("request.field_unknown", named),
        _ if said.starts_with("duplicate field") => ("request.field_twice", named),
        path if said.starts_with("unknown variant") => {
            // "unknown variant `zap`, expected one of `a`, `b`": every second piece is a word, the first the one that was sent.
            let known: Vec<&str> = said.split('`').skip(3).step_by(2).collect();
            let problem =
                Problem::invalid("request.word").with("field", path).with("known", known.join(", "));
            return problem.with("word", named.chars().take(64).collect::<String>());
        }
        "." | "?" => return Problem::invalid("request.not_an_object"),
        path => ("request.field_shape", path),
    };
    // A name that the sender made up may be as long as the body.
    Problem::invalid(code).with("field", field.chars().take(64).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::say;
    use muster_kernel::Locale;
    use std::collections::BTreeMap;

    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Side {
        Left,
        Right,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        #[serde(default)]
        #[expect(dead_code, reason = "only its shape is read")]
        side: Option<Side>,
        #[expect(dead_code, reason = "only its shape is read")]
        unit: String,
        #[serde(default)]
        #[expect(dead_code, reason = "only its shape is read")]
        counts: BTreeMap<String, Vec<i64>>,
    }

    #[test]
    fn what_is_wrong_with_a_body_is_said_with_its_field() {
        let check = |text: &str, code: &str, sentence: &str| {
            let problem = json_read::<Body>(text.as_bytes()).unwrap_err();
            assert_eq!(problem.code, code, "{text}");
            assert_eq!(say::problem(Locale::ZhCn, &problem), sentence, "{text}");
        };
        check(r#"{"unit": [1]}"#, "request.field_shape", "“unit”的写法不对。");
        check(
            r#"{"unit": "a", "counts": {"x": [1, "b"]}}"#,
            "request.field_shape",
            "“counts.x[1]”的写法不对。",
        );
        check("{}", "request.field_missing", "缺少“unit”。");
        check(r#"{"unit": "a", "unti": 1}"#, "request.field_unknown", "没有“unti”这一项。");
        check(r#"{"unit": "a", "unit": "b"}"#, "request.field_twice", "“unit”写了两次。");
        check(
            r#"{"unit": "a", "side": "north"}"#,
            "request.word",
            "“side”里的“north”不是可用的词；可用：left, right。",
        );
        check(r#"{"unit": 1e400}"#, "request.json_number", "数字超出范围（第 1 行第 14 个字符处）。");
        let deep = format!("{{\n\"a\": {}", "[".repeat(100_000));
        let deep = json_read::<serde_json::Value>(deep.as_bytes()).unwrap_err();
        assert_eq!(say::problem(Locale::ZhCn, &deep), "嵌套太深（第 2 行第 132 个字符处）。");
        check(&"[".repeat(100_000), "request.not_an_object", "这里应是一个 JSON 对象。");
        check(r#" ["left", "a", {}]"#, "request.not_an_object", "这里应是一个 JSON 对象。");
        check("7", "request.not_an_object", "这里应是一个 JSON 对象。");
        check(r#"{"unit": "#, "request.json", "不是完整的 JSON（第 1 行第 9 个字符处）。");
        check(r#"{"unit": "a"} {}"#, "request.json", "不是完整的 JSON（第 1 行第 15 个字符处）。");
        assert!(json_read::<Body>(br#"{"unit": "a"}"#).is_ok());
    }
}
