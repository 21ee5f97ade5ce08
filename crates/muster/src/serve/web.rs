//! The console's pages, embedded in the binary. An unknown path is a page of the console (its router decides), an
//! unknown file is not found.

use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../web/console/dist"]
#[allow_missing = true]
struct Pages;

/// Answers a path with a page or a file.
pub async fn page(uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    if let Some(file) = Pages::get(path).filter(|_| !path.is_empty()) {
        let named_by_hash = path.starts_with("assets/");
        let cache = if named_by_hash { "public, max-age=31536000, immutable" } else { "no-cache" };
        return answer(path, file.data.into_owned(), cache);
    }
    // A door that there is not is no page: a program would take the page's 200 for an answer.
    let is_door = path == "api" || path.starts_with("api/");
    if is_door || path.rsplit('/').next().is_some_and(|last| last.contains('.')) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match Pages::get("index.html") {
        Some(file) => answer("index.html", file.data.into_owned(), "no-cache"),
        None => (StatusCode::NOT_FOUND, "The pages were not built: run `make demo`, or build web/console.")
            .into_response(),
    }
}

fn answer(path: &str, bytes: Vec<u8>, cache: &'static str) -> Response {
    let media_type = match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json" | "webmanifest") => "application/json",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}
