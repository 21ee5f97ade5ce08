//! Above the lines: the router that is the table of contents, the contract it writes, the pages, live events.

pub mod about;
mod asked;
pub mod begin;
mod certificate;
mod connections;
mod contract;
pub mod events;
pub mod guards;
mod links;
mod origin;
mod outside;
pub mod router;
mod tls;
mod told;
pub mod web;

pub use certificate::{Standing, Term};
pub use connections::{Listening, Patience};
pub use router::{openapi, router};
pub use tls::Tls;
pub use told::{REQUEST, Who};

use crate::{App, work};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long open requests may take once the server is to end. A page's stream of live events never ends by itself.
const GRACE: Duration = Duration::from_secs(5);

/// Serves until `stop` resolves, then lets open requests finish, for five seconds.
///
/// # Errors
/// The listener failed, or the store is down for good: another start of the program is needed, and finds out what is on
/// the disk.
pub async fn serve(
    app: App,
    at: impl Into<Listening>,
    patience: Patience,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (at, down) = (at.into(), Arc::new(OnceLock::new()));
    let (certificate, clock) = (at.tls(), app.clock.clone());
    let follow = async move {
        match certificate {
            Some(tls) => tls.follow(clock).await,
            None => std::future::pending().await,
        }
    };
    let (noted, work) = (down.clone(), work::work(app.clone()));
    let (tell, told) = oneshot::channel::<()>();
    let stopping = async move {
        tokio::select! {
            () = stop => {}
            why = work => drop(noted.set(why)),
        }
        drop(tell);
    };
    let late = async move {
        drop(told.await);
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        () = connections::answer(router(app), at, patience, stopping) => {}
        () = late => {}
        () = follow => {}
    }
    match down.get() {
        None => Ok(()),
        Some(why) => Err(std::io::Error::other(format!(
            "the store takes no more writes ({why}). What was acknowledged is on disk; start the program anew"
        ))),
    }
}
