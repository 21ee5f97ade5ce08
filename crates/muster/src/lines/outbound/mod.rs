//! Outbound: by what a unit is reached, and what was written to it. Nouns: channel, letter. Verbs: `channel_put`,
//! `channel_end`, `channel_try`. Whoever may change the unit sets its channels; whoever reads the figures of a part sees how
//! far its letters came, and only who sets channels there what they say.
//!
//! How letters are kept and travel is `crate::outbound`'s. A channel's address, keys and secrets go in and never come out:
//! not by a door, not by the journal, not by the log.

mod http;
mod verbs;

pub use http::router;
pub use verbs::{channel_end, channel_put, channel_try};
