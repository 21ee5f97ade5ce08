//! Connections: how many at a time, and how long one may take to say what it wants. Who sends the head of a request a byte
//! a minute, or opens connections and says nothing, must not keep others out; nor who begins to encrypt and stops.

use super::tls::Tls;
use crate::request::peer::Wire;
use axum::extract::Request;
use axum::serve::Listener;
use axum::{Extension, Router};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tower::ServiceBuilder;

/// What is borne of those who connect.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Longest that the head of a request may take to come in, from the opening of its connection or the answer before it
    /// on: so it is also how long an idle connection is kept. Agreeing on how to encrypt may take as long before that.
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

/// Where a server listens, and whether it encrypts.
pub struct Listening {
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
}

impl Listening {
    /// Over TLS, with a certificate that is followed as it changes.
    pub fn encrypted(listener: TcpListener, tls: Arc<Tls>) -> Self {
        Self { listener, tls: Some(tls) }
    }
    /// The certificate, where there is one.
    pub(crate) fn tls(&self) -> Option<Arc<Tls>> {
        self.tls.clone()
    }
}

impl From<TcpListener> for Listening {
    fn from(listener: TcpListener) -> Self {
        Self { listener, tls: None }
    }
}

/// Answers connections until `stop`, then waits until the open requests are answered.
pub(super) async fn answer(
    router: Router,
    listening: Listening,
    patience: Patience,
    stop: impl Future<Output = ()>,
) {
    let Listening { mut listener, tls } = listening;
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(patience.head);
    let (places, open) = (Arc::new(Semaphore::new(patience.connections)), GracefulShutdown::new());
    let mut stop = pin!(stop);
    loop {
        let come = async {
            let place = places.clone().acquire_owned().await;
            (place, Listener::accept(&mut listener).await)
        };
        let (place, (stream, from)) = tokio::select! {
            come = come => come,
            () = &mut stop => break,
        };
        let wire = Wire { address: from.ip(), tls: tls.is_some() };
        let (http, router, watcher) = (http.clone(), router.clone(), open.watcher());
        let acceptor = tls.as_ref().map(|tls| tls.acceptor());
        tokio::spawn(async move {
            match acceptor {
                None => converse(&http, router, wire, watcher, stream).await,
                Some(acceptor) => match timeout(patience.head, acceptor.accept(stream)).await {
                    Ok(Ok(stream)) => converse(&http, router, wire, watcher, stream).await,
                    Ok(Err(error)) => tracing::debug!(%error, "a connection did not come to encrypt"),
                    Err(_) => tracing::debug!("a connection took too long to encrypt"),
                },
            }
            drop(place);
        });
    }
    drop(listener);
    open.shutdown().await;
}

/// Answers the requests of one connection until it ends.
async fn converse<S>(http: &http1::Builder, router: Router, wire: Wire, watcher: Watcher, stream: S)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = ServiceBuilder::new()
        .layer(Extension(wire))
        .map_request(|request: hyper::Request<Incoming>| -> Request { request.map(axum::body::Body::new) })
        .service(router);
    let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a connection ended");
    }
}
