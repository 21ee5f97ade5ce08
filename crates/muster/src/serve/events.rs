//! Live events: what changed, told to every open page. Bounded for each client; who falls behind is told so and
//! reads afresh, so no page ever shows a figure that it merely missed the change of.
//!
//! A stream outlives what it was opened by: a session is closed, a role taken away, a day begins on which it holds no more. So
//! each looks now and again, and whenever this server changed anybody's rights, who it is and over what it may read; where that
//! is no longer what it was, it ends, and whoever may still listen asks anew. An event costs no question.

use crate::request::caller::said_of;
use crate::request::{Answer, Caller, Full, Permission, Places};
use crate::{App, Reach};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::stream::{self, Stream, StreamExt as _};
use muster_kernel::{Problem, ProblemKind};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, broadcast, watch};
use tokio::time::{Instant, sleep_until};
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
/// How often a stream looks whether it may still be heard: a thousand of them ask some seventy small questions a second.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// Shortest time between two looks of a stream, however often rights change.
const LOOK_APART: Duration = Duration::from_secs(1);
/// Streams that look at the same time: a thousand that are told at once leave room for everybody else's questions.
const LOOKING_MAX: usize = 8;
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
    looking: Arc<Semaphore>,
    look_every: Duration,
}

impl Default for Hub {
    fn default() -> Self {
        let seats = Arc::new(Places::new(CLIENTS_MAX, CLIENTS_OWN_MAX));
        let looking = Arc::new(Semaphore::new(LOOKING_MAX));
        Self { sender: broadcast::channel(WAITING_MAX).0, seats, looking, look_every: LOOK_EVERY }
    }
}

impl Hub {
    /// Tells all who listen. Only after the commit.
    pub fn tell(&self, live: Live) {
        // Nobody listening is not a failure.
        let _ = self.sender.send(live);
    }
    /// Lets streams that are opened from now on look this often whether they may still be heard.
    #[must_use]
    pub fn looking_every(self, look_every: Duration) -> Self {
        Self { look_every, ..self }
    }
}

/// Who listens: as whom it was let in, and when that is looked at again.
struct Listener {
    app: App,
    /// What of its request says who it is.
    said: HeaderMap,
    account: String,
    reach: Reach,
    changes: watch::Receiver<()>,
    /// Whether rights were changed here since it looked.
    told: bool,
    looked_at: Instant,
}

impl Listener {
    /// Waits until it is time to look: rights were changed here, or it is some time since. Dropped while it waits it forgets
    /// nothing.
    async fn due(&mut self) {
        let usual = self.looked_at + self.app.hub.look_every;
        if !self.told {
            tokio::select! {
                Ok(()) = self.changes.changed() => self.told = true,
                () = sleep_until(usual) => return,
            }
        }
        sleep_until(usual.min(self.looked_at + LOOK_APART)).await;
    }

    /// Whether it is still who it was and may hear what it might. A store that is away or busy changes nothing: it tells no
    /// news either, and is asked again.
    async fn stands(&mut self) -> bool {
        self.told = false;
        let turn = self.app.hub.looking.clone().acquire_owned().await;
        let now = Caller::of(&self.app, &self.said).await;
        drop(turn);
        self.looked_at = Instant::now();
        match now {
            Ok(now) => now.account.id == self.account && reach_of(&self.app, &now) == self.reach,
            Err(refusal) => !matches!(refusal.0.kind, ProblemKind::Unauthenticated | ProblemKind::Forbidden),
        }
    }
}

/// Over what part of the tree somebody is told of changes: who reads no figures is told of no change of them.
fn reach_of(app: &App, caller: &Caller) -> Reach {
    caller.ctx(app, Permission::Read).map_or_else(|_| Reach::Under([].into()), |ctx| ctx.reach)
}

/// The door of live events.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(events))
}

/// Live events as a stream: `totals`, `frozen`, `incident`, `clock`, `tree`; `lagged` when some were dropped.
///
/// It ends after an hour, and within a quarter of a minute when what let the reader in does so no more, or their roles let them
/// read another part of the tree: so that it is asked for anew by who still may. Too many at once: 503 with `Retry-After`.
#[utoipa::path(get, path = "/events", operation_id = "events_read", tag = "live",
    responses((status = 200, content_type = "text/event-stream", body = String)))]
async fn events(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
) -> Answer<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let seat = match app.takes_roles() {
        false => app.hub.seats.take_now(&caller.account.id),
        true => app.hub.seats.take_common(),
    };
    let seat = seat.map_err(too_many)?;
    let receiver = app.hub.sender.subscribe();
    let (reach, changes) = (reach_of(&app, &caller), app.sessions.changes());
    let (said, looked_at, account) = (said_of(&headers), Instant::now(), caller.account.id);
    let listener = Listener { app, said, account, reach, changes, told: false, looked_at };
    let stream =
        stream::unfold((listener, receiver, seat), |(mut listener, mut receiver, seat)| async move {
            loop {
                let heard = tokio::select! {
                    // Rights first: what follows a change of them is told by the new ones.
                    biased;
                    () = listener.due() => match listener.stands().await {
                        true => continue,
                        false => return None,
                    },
                    heard = receiver.recv() => heard,
                };
                let event = match heard {
                    Ok(live) => live
                        .seen_from(&listener.reach)
                        .map(|data| Event::default().event(live.name()).data(data.to_string())),
                    Err(broadcast::error::RecvError::Lagged(dropped)) => {
                        Some(Event::default().event("lagged").data(dropped.to_string()))
                    }
                    Err(broadcast::error::RecvError::Closed) => return None,
                };
                if let Some(event) = event {
                    return Some((Ok(event), (listener, receiver, seat)));
                }
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
