//! What every verb is given: who acts, when, with what ids, in which operation. Knows no HTTP.

use crate::seal::Seals;
use jiff::tz::TimeZone;
use muster_kernel::{Actor, Day, Id, IdSource, Locale};

/// The context of one act. Drawn before a transaction opens, so that a re-run sees the same time and ids.
#[derive(Clone, Debug)]
pub struct Ctx {
    /// Who acts; a reference, never a name.
    pub actor: Actor,
    /// Milliseconds since 1970-01-01 UTC.
    pub now_ms: i64,
    /// Where new ids come from.
    pub ids: IdSource,
    /// The operation (the emergency) in which this happens.
    pub operation: i64,
    /// The operation's time zone: which day an instant falls on.
    pub zone: TimeZone,
    /// The reader's language, for names.
    pub locale: Locale,
    /// What part of the tree the actor may know of.
    pub reach: Reach,
    /// The keys of sealed fields.
    pub seals: Seals,
}

/// What part of the tree an actor may know of. What lies outside does not exist for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Everything: the command line on the machine itself.
    All,
    /// A unit and all below it.
    Under(i64),
}

impl Reach {
    /// Whether a unit lies within it, by the units from the top down to it. Before there is a tree, all does.
    pub fn covers(self, chain: &[i64]) -> bool {
        match self {
            Self::All | Self::Under(0) => true,
            Self::Under(top) => chain.contains(&top),
        }
    }
}

impl Ctx {
    /// A new id of the home bucket.
    pub fn id(&self) -> Id {
        self.ids.next(self.now_ms, 1)
    }
    /// Today, in the operation's time zone.
    pub fn today(&self) -> Day {
        Day::of_instant(self.now_ms, &self.zone)
    }
}
