//! What stands after the `?`: read as axum reads it, refused in the reader's words, with the field where it is known.

use super::Refusal;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use muster_kernel::Problem;
use serde::de::DeserializeOwned;

/// The query of an address.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let read = axum::extract::Query::try_from_uri(&parts.uri);
        read.map(|query| Self(query.0)).map_err(|rejection| Refusal(misshapen(&rejection.body_text())))
    }
}

/// What is wrong with a query, and in which field. axum names it only in its sentence: before a colon, or between backticks.
fn misshapen(said: &str) -> Problem {
    let why = said.split_once("query string: ").map_or(said, |(_, why)| why);
    let named = why.split('`').nth(1);
    let (code, field) = match (named, why.split_once(": ")) {
        (Some(field), _) if why.contains("missing field") => ("request.field_missing", field),
        (Some(field), _) if why.contains("duplicate field") => ("request.field_twice", field),
        (_, Some((field, _))) => ("request.field_shape", field),
        _ => return Problem::invalid("request.unreadable"),
    };
    Problem::invalid(code).with("field", field.chars().take(64).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Asked {
        #[expect(dead_code, reason = "only its shape is read")]
        limit: Option<u32>,
        #[expect(dead_code, reason = "only its shape is read")]
        element: String,
    }

    #[tokio::test]
    async fn what_is_wrong_with_a_query_is_said_with_its_field() {
        for (query, code, field) in [
            ("element=a&limit=-1", "request.field_shape", "limit"),
            ("element=a&limit=4294967296", "request.field_shape", "limit"),
            ("limit=1", "request.field_missing", "element"),
            ("element=a&element=b", "request.field_twice", "element"),
        ] {
            let (mut parts, ()) = Request::get(format!("/x?{query}")).body(()).unwrap().into_parts();
            let problem = Query::<Asked>::from_request_parts(&mut parts, &()).await.err().unwrap().0;
            let told = problem.args.get("field").map(String::as_str);
            assert_eq!((problem.code, told), (code, Some(field)), "{query}");
        }
        let (mut parts, ()) = Request::get("/x?element=a&limit=3").body(()).unwrap().into_parts();
        assert!(Query::<Asked>::from_request_parts(&mut parts, &()).await.is_ok());
    }
}
