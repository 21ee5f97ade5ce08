//! Letters leave the house: what is to be told outside is written down in the transaction of the deed that says so, and
//! a worker carries it out by a courier. Nothing is sent from inside a request.
//!
//! Below the lines, as `seal` and `oidc` are: several write letters, and none needs to know how one travels. Nouns: a
//! *letter* (of a kind, to a channel, under a key that makes it one), a *channel* of a unit (mail, webhook, robots of two
//! chat platforms, a folder), a *message* (one letter, or several that waited through quiet hours: a digest), a *courier*.
//! Tables: `channel`, `channel_pace`, `letter`; only this module writes them. Whose channel somebody may set is
//! `lines/outbound`' to say.
//!
//! At least once: a message is claimed for five minutes before it is sent, and claimed again where nobody said by then
//! what came of it. It bears a key (`Message-ID`, a header, a mark in the text), by which a repeat is known.
//!
//! Never: an address that the operator did not name; a redirect that is followed; what a recipient answered, kept or
//! logged; a secret in the journal, in an answer of a door, or in the log; a letter that is dropped and nobody told.

mod channel;
pub mod courier;
mod model;
pub mod reach;
mod render;
mod replay;
mod settings;
mod store;
mod verbs;
mod when;
mod worker;

pub use channel::store::{channel_by_code, channels_by_id, channels_of, units_first_channel};
pub use channel::{ChannelDraft, channel_check, channel_end, channel_set, channel_test};
pub use model::{Channel, Erred, Kept, Kind, Letter, LetterKind, Quiet, State, Target};
pub use replay::{OutboundFaultKind, OutboundReplayed, outbound_replay};
pub use settings::{Encryption, Settings, Smtp, read};
pub use store::{letter_by_id, letters_before, letters_there};
pub use verbs::{Carried, letter_add, texts_erase};
pub use when::{ATTEMPTS_MAX, KEPT_DAYS, STALE_MS};
pub use worker::round;

use courier::Post;
use muster_kernel::Problem;
use muster_store::Stmt;
use std::fmt;

/// Every statement of this module.
pub fn statements() -> Vec<Stmt> {
    [channel::store::STATEMENTS, store::STATEMENTS].concat()
}

/// What this server may reach, as its operator said; nothing until it is said.
#[derive(Default)]
pub struct Outbound {
    post: Option<Post>,
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outbound(sends: {})", self.sends())
    }
}

impl Outbound {
    /// By what an operator said.
    ///
    /// # Errors
    /// `outbound.settings` where a certificate is none.
    pub fn new(settings: Settings) -> Result<Self, Problem> {
        Ok(Self { post: Some(Post::new(settings)?) })
    }

    /// The same, and with an arm that keeps in memory what it is given: for tests.
    ///
    /// # Errors
    /// As [`Outbound::new`].
    pub fn for_testing(settings: Settings) -> Result<Self, Problem> {
        Ok(Self { post: Some(Post::new(settings)?.with_memory()) })
    }

    /// Whether this server sends letters at all.
    pub fn sends(&self) -> bool {
        self.post.is_some()
    }

    /// What carries letters out; none where the operator named nothing.
    pub fn post(&self) -> Option<&Post> {
        self.post.as_ref()
    }

    /// Whether a channel of this kind, at this host, may be reached.
    pub fn allows(&self, kind: Kind, host: &str) -> bool {
        self.post.as_ref().is_some_and(|post| post.allows(kind, host))
    }
}
