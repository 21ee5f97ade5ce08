//! Connections: how many at a time, and how long one may take to say what it wants. Who sends the head of a request a byte
//! a minute, or opens connections and says nothing, must not keep others out.

use super::told::Peer;
use axum::Router;
use axum::http::Request;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceBuilder;

/// What is borne of those who connect.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Longest that the head of a request may take to come in, from the opening of its connection or the answer before it
    /// on: so it is also how long an idle connection is kept.
    pub head: Duration,
    /// Connections at a time; who comes then waits until one ends.
    pub connections: usize,
}

/// Connections at a time, where the machine allows as many.
const CONNECTIONS_MAX: u64 = 4_096;
/// Files that are kept free for the database, workbooks and the printer.
const FILES_KEPT: u64 = 256;

impl Patience {
    /// Of a server: half a minute for a head; as many connections as the process may have files open, less those that it
    /// needs itself.
    pub fn of_machine() -> Self {
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        // What a shell gives (often 1,024) is fewer than what it allows to take.
        let wanted = (CONNECTIONS_MAX + FILES_KEPT).min(maximum.unwrap_or(u64::MAX));
        let files = current.unwrap_or(u64::MAX).max(wanted);
        let raised = Rlimit { current: Some(files), maximum };
        let files =
            if setrlimit(Resource::Nofile, raised).is_ok() { files } else { current.unwrap_or(files) };
        let connections = files.saturating_sub(FILES_KEPT).clamp(64, CONNECTIONS_MAX);
        Self { head: Duration::from_secs(30), connections: connections as usize }
    }
}

/// Answers connections until `stop`, then waits until the open requests are answered.
pub(super) async fn answer(
    router: Router,
    mut listener: TcpListener,
    patience: Patience,
    stop: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(patience.head);
    let (places, open) = (Arc::new(Semaphore::new(patience.connections)), GracefulShutdown::new());
    let mut stop = pin!(stop);
    loop {
        let come = async {
            let place = places.clone().acquire_owned().await;
            (place, Listener::accept(&mut listener).await)
        };
        let (place, (stream, peer)) = tokio::select! {
            come = come => come,
            () = &mut stop => break,
        };
        let from = move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            request
        };
        let service = ServiceBuilder::new().map_request(from).service(router.clone());
        let service = TowerToHyperService::new(service);
        let connection = open.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended");
            }
            drop(place);
        });
    }
    drop(listener);
    open.shutdown().await;
}
