//! Live events: what changed, told to every open page. Bounded for each client; who falls behind is told so and
//! reads afresh, so no page ever shows a figure that it merely missed the change of.

use crate::App;
use crate::request::{Answer, Caller};
use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::stream::{self, Stream};
use serde::Serialize;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Events that wait for a slow client before it is told that it lagged.
const WAITING_MAX: usize = 256;

/// Something that pages want to hear of at once.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Live {
    /// Totals changed: of these units (surrogates: a chain from the top to the one that reported) on a day.
    Totals {
        /// The day, `YYYY-MM-DD`.
        day: String,
        /// Codes of the units whose totals changed, the top first.
        nodes: Vec<String>,
    },
    /// A day was frozen.
    Frozen {
        /// The day, `YYYY-MM-DD`.
        day: String,
    },
    /// An incident was registered.
    Incident {
        /// The day, `YYYY-MM-DD`.
        day: String,
    },
    /// The demonstration's clock was moved.
    Clock,
    /// The tree changed.
    Tree,
}

impl Live {
    fn name(&self) -> &'static str {
        match self {
            Self::Totals { .. } => "totals",
            Self::Frozen { .. } => "frozen",
            Self::Incident { .. } => "incident",
            Self::Clock => "clock",
            Self::Tree => "tree",
        }
    }
}

/// Where live events pass from verbs that have committed to the clients.
#[derive(Clone)]
pub struct Hub(broadcast::Sender<Live>);

impl Default for Hub {
    fn default() -> Self {
        Self(broadcast::channel(WAITING_MAX).0)
    }
}

impl Hub {
    /// Tells all who listen. Only after the commit.
    pub fn tell(&self, live: Live) {
        // Nobody listening is not a failure.
        let _ = self.0.send(live);
    }
}

/// The door of live events.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(events))
}

/// Live events as a stream: `totals`, `frozen`, `incident`, `clock`, `tree`; `lagged` when some were dropped.
#[utoipa::path(get, path = "/events", operation_id = "events_read", tag = "live",
    responses((status = 200, content_type = "text/event-stream", body = String)))]
async fn events(
    State(app): State<App>,
    _caller: Caller,
) -> Answer<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let receiver = app.hub.0.subscribe();
    let stream = stream::unfold(receiver, |mut receiver| async move {
        let event = match receiver.recv().await {
            Ok(live) => Event::default().event(live.name()).json_data(&live).unwrap_or_default(),
            Err(broadcast::error::RecvError::Lagged(dropped)) => {
                Event::default().event("lagged").data(dropped.to_string())
            }
            Err(broadcast::error::RecvError::Closed) => return None,
        };
        Some((Ok(event), receiver))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}
