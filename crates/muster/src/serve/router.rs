//! The router: the table of contents, and the contract (OpenAPI 3.1) as a by-product of serving.

use super::asked::{self, Asked};
use super::{about, begin, contract, events, guards, links, origin, outside, told, web};
use crate::App;
use crate::lines::{access, brief, command, evidence, inspect, org, outbound, privacy, reporting};
use crate::request::refusal;
use axum::extract::DefaultBodyLimit;
use axum::{Router, middleware};
use std::sync::LazyLock;
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::decompression::RequestDecompressionLayer;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;

/// Largest body of an ordinary request; doors that take files say their own bound.
const BODY_BYTES_MAX: usize = 1 << 20;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Muster",
        description = "The emergency command system of an organisation of organisations. Errors are RFC 9457 problems with a stable `code`, in the language of `Accept-Language` (zh-CN, zh-TW, en)."
    ),
    components(schemas(refusal::ProblemBody, refusal::FindingBody))
)]
struct Contract;

fn api() -> OpenApiRouter<App> {
    let lines = OpenApiRouter::new()
        .merge(about::router())
        .merge(access::router())
        .merge(begin::router())
        .merge(brief::router())
        .merge(command::router())
        .merge(events::router())
        .merge(links::router())
        .merge(evidence::router())
        .merge(inspect::router())
        .merge(org::router())
        .merge(outbound::router())
        .merge(privacy::router())
        .merge(reporting::router())
        .merge(crate::play::router());
    OpenApiRouter::with_openapi(Contract::openapi()).nest("/api/v1", lines)
}

/// The contract as JSON text, as it stands in `openapi.json`.
pub fn openapi() -> String {
    let mut document = api().into_openapi();
    contract::complete(&mut document);
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    document.to_pretty_json().expect("a contract is plain data") + "\n"
}

/// The doors without a house behind them, and what each may be asked: made once a process, for they are the same for every app.
static DOORS: LazyLock<(Router<App>, Asked)> = LazyLock::new(|| {
    let (api, contract) = api().split_for_parts();
    (api.fallback(web::page), Asked::of(&contract))
});

/// Everything the server answers.
pub fn router(app: App) -> Router {
    let (doors, asked) = DOORS.clone();
    doors
        // Layers in few builders: each one that is laid by itself is a box around every route, cloned with every request.
        .layer(
            ServiceBuilder::new()
                .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
                .layer(middleware::from_fn_with_state(app.clone(), origin::own_only))
                .layer(middleware::from_fn_with_state(asked, asked::known_only))
                .layer(middleware::from_fn(guards::come_in)),
        )
        .layer(RequestDecompressionLayer::new())
        .layer(
            ServiceBuilder::new()
                .layer(middleware::from_fn_with_state(app.clone(), outside::meet))
                .layer(middleware::from_fn(told::told))
                .layer(CompressionLayer::new())
                .layer(middleware::from_fn(refusal::in_readers_language)),
        )
        .with_state(app)
}
