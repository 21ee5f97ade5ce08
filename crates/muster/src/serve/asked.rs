//! What a door may be asked after the `?`: what the contract says of it, and nothing else. A word that was misspelt is
//! refused: passed over, `dryrun=true` would do the deed that was only to be looked at.
//!
//! Here and not where a query is read, because some doors read theirs in two parts, each of which knows its own words only.

use crate::request::Refusal;
use axum::extract::{MatchedPath, Query, Request, State};
use axum::http::{Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use muster_kernel::Problem;
use serde::de::IgnoredAny;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::{OpenApi, path::Parameter};

/// The words of each method and path of the contract.
#[derive(Clone, Default)]
pub(super) struct Asked(Arc<HashMap<(Method, String), HashSet<String>>>);

impl Asked {
    /// Of a contract.
    pub(super) fn of(contract: &OpenApi) -> Self {
        let mut words = HashMap::new();
        for (path, item) in &contract.paths.paths {
            for (method, operation) in operations(item) {
                let own = operation.parameters.iter().flatten();
                let said = item.parameters.iter().flatten().chain(own);
                words.insert((method, path.clone()), said.filter_map(in_query).collect());
            }
        }
        Self(Arc::new(words))
    }

    /// The first word of a query that its door does not know.
    fn unknown(&self, method: &Method, path: &str, uri: &Uri) -> Option<String> {
        // `HEAD` asks what `GET` asks.
        let method = if method == Method::HEAD { Method::GET } else { method.clone() };
        let known = self.0.get(&(method, path.to_owned()))?;
        // One that cannot be read is told by whoever reads it.
        let Query(said): Query<Vec<(String, IgnoredAny)>> = Query::try_from_uri(uri).ok()?;
        said.into_iter().map(|(word, _)| word).find(|word| !known.contains(word))
    }
}

fn operations(item: &PathItem) -> impl Iterator<Item = (Method, &Operation)> {
    let all = [
        (Method::GET, &item.get),
        (Method::PUT, &item.put),
        (Method::POST, &item.post),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}

fn in_query(parameter: &Parameter) -> Option<String> {
    (parameter.parameter_in == ParameterIn::Query).then(|| parameter.name.clone())
}

/// Middleware: refuses a query with a word that the door does not know, as an unknown field of a body is refused.
pub(super) async fn known_only(State(asked): State<Asked>, request: Request, next: Next) -> Response {
    if request.uri().query().is_some_and(|query| !query.is_empty())
        && let Some(path) = request.extensions().get::<MatchedPath>()
        && let Some(word) = asked.unknown(request.method(), path.as_str(), request.uri())
    {
        let word: String = word.chars().take(64).collect();
        return Refusal(Problem::invalid("request.field_unknown").with("field", word)).into_response();
    }
    next.run(request).await
}
