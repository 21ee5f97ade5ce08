//! Above the lines: the router that is the table of contents, the contract it writes, the pages, live events.

pub mod about;
pub mod begin;
pub mod events;
pub mod guards;
pub mod router;
pub mod web;

pub use router::{openapi, router};

use crate::App;
use tokio::net::TcpListener;

/// Serves until `stop` resolves, then lets open requests finish.
pub async fn serve(
    app: App,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router(app)).with_graceful_shutdown(stop).await
}
