//! Live events: what changed, told to every open page. Bounded for each client; who falls behind is told so and
//! reads afresh, so no page ever shows a figure that it merely missed the change of.

use crate::request::{Answer, Caller, Full, Permission, Places};
use crate::{App, Reach};
use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::stream::{self, Stream, StreamExt as _};
use muster_kernel::{Problem, ProblemKind};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Events that wait for a slow client before it is told that it lagged.
pub const WAITING_MAX: usize = 256;
/// Clients that listen at the same time.
pub const CLIENTS_MAX: usize = 1_024;
/// Of them, those of one account: a desk with its pages open on several screens, and no more of the hall's seats. A role of the
/// demonstration is nobody's in particular and has no such bound.
pub const CLIENTS_OWN_MAX: usize = 32;
/// How long a stream stays open.
const OPEN_MAX: Duration = Duration::from_secs(3_600);
/// Units that one event names at most.
const NAMED_MAX: usize = 200;

/// Something that pages want to hear of at once.
#[derive(Clone, Debug)]
pub enum Live {
    /// Reports were filed: totals changed of every unit in these chains, each from the top to the one that reported.
    Totals {
        /// The day, `YYYY-MM-DD`.
        day: String,
        /// Surrogates. A page learns only of what lies below its reader's own unit.
        chains: Vec<Arc<[i64]>>,
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
        /// Surrogates of the units above its unit and of itself, from the top. Only who stands on it is told.
        chain: Arc<[i64]>,
    },
    /// The demonstration's clock was moved.
    Clock,
    /// The tree changed.
    Tree,
}

impl Live {
    /// What a reader at a unit is told; none when it is not theirs to know.
    fn seen_from(&self, own: &Reach) -> Option<Value> {
        match self {
            Self::Totals { day, chains } => {
                let below = chains.iter().filter_map(|chain| below(chain, own));
                let mut units: Vec<i64> = below.flatten().copied().collect();
                units.sort_unstable();
                units.dedup();
                // Many at once: the page reads afresh instead of being told each.
                let many = units.len() > NAMED_MAX;
                units.truncate(if many { 0 } else { NAMED_MAX });
                (many || !units.is_empty()).then(|| json!({ "day": day, "units": units, "many": many }))
            }
            Self::Incident { day, chain } => below(chain, own).map(|_| json!({ "day": day })),
            Self::Frozen { day } => Some(json!({ "day": day })),
            Self::Clock | Self::Tree => Some(json!({})),
        }
    }
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

/// The part of a chain that a reader may know of.
fn below<'c>(chain: &'c [i64], own: &Reach) -> Option<&'c [i64]> {
    Some(&chain[own.begin(chain)..]).filter(|below| !below.is_empty())
}

/// Where live events pass from verbs that have committed to the clients.
#[derive(Clone)]
pub struct Hub {
    sender: broadcast::Sender<Live>,
    seats: Arc<Places>,
}

impl Default for Hub {
    fn default() -> Self {
        let seats = Arc::new(Places::new(CLIENTS_MAX, CLIENTS_OWN_MAX));
        Self { sender: broadcast::channel(WAITING_MAX).0, seats }
    }
}

impl Hub {
    /// Tells all who listen. Only after the commit.
    pub fn tell(&self, live: Live) {
        // Nobody listening is not a failure.
        let _ = self.sender.send(live);
    }
}

/// The door of live events.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(events))
}

/// Live events as a stream: `totals`, `frozen`, `incident`, `clock`, `tree`; `lagged` when some were dropped.
///
/// It ends after an hour, so that it is asked for anew by who is still logged in. Too many at once: 503 with `Retry-After`.
#[utoipa::path(get, path = "/events", operation_id = "events_read", tag = "live",
    responses((status = 200, content_type = "text/event-stream", body = String)))]
async fn events(
    State(app): State<App>,
    caller: Caller,
) -> Answer<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    // Who reads no figures is told of no change of them.
    let own = caller.ctx(&app, Permission::Read).map_or_else(|_| Reach::Under([].into()), |ctx| ctx.reach);
    let seat = match app.takes_roles() {
        false => app.hub.seats.take_now(&caller.account.id),
        true => app.hub.seats.take_common(),
    };
    let seat = seat.map_err(too_many)?;
    let listening = (app.hub.sender.subscribe(), seat);
    let own = Arc::new(own);
    let stream = stream::unfold(listening, move |(mut receiver, seat)| {
        let own = own.clone();
        async move {
            let event = loop {
                match receiver.recv().await {
                    Ok(live) => {
                        if let Some(data) = live.seen_from(&own) {
                            break Event::default().event(live.name()).data(data.to_string());
                        }
                    }
                    Err(broadcast::error::RecvError::Lagged(dropped)) => {
                        break Event::default().event("lagged").data(dropped.to_string());
                    }
                    Err(broadcast::error::RecvError::Closed) => return None,
                }
            };
            Some((Ok(event), (receiver, seat)))
        }
    });
    let stream = stream.take_until(tokio::time::sleep(OPEN_MAX));
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

/// Why there is no seat, with the bound that was met.
fn too_many(full: Full) -> Problem {
    let (code, max) = match full {
        Full::Own => ("live.own_full", CLIENTS_OWN_MAX),
        Full::All => ("live.full", CLIENTS_MAX),
    };
    Problem::new(ProblemKind::Busy, code).with("max", max).retry_after(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::say;
    use muster_kernel::Locale;

    #[test]
    fn who_finds_no_seat_is_told_the_bound_that_was_met() {
        for (full, max, other) in [(Full::Own, "32", "1024"), (Full::All, "1024", "32")] {
            for locale in Locale::ALL {
                let told = say::problem(locale, &too_many(full));
                assert!(told.contains(max) && !told.contains(other), "{told}");
            }
        }
    }
}
