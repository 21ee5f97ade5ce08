//! What every verb is given: who acts, when, with what ids, in which operation. Knows no HTTP.

use crate::lines::access::Moment;
use crate::seal::Seals;
use jiff::tz::TimeZone;
use muster_kernel::{Actor, Day, Id, IdSource, Locale};
use std::sync::Arc;

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
    /// When the link was issued by which the actor acts; none of whoever comes in by themselves.
    pub lent_ms: Option<i64>,
}

/// What part of the tree an actor may know of. What lies outside does not exist for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Everything: the command line on the machine itself, and who has a role in the whole operation.
    All,
    /// One unit without what is below it: whoever holds a link of it.
    Alone(i64),
    /// Some units and all below them; the one at which the actor is at home first. None: nothing.
    Under(Arc<[i64]>),
}

impl Reach {
    /// A unit and all below it.
    pub fn under(unit: i64) -> Self {
        Self::Under(Arc::new([unit]))
    }
    /// Whether a unit lies within it, by the units from the top down to it.
    pub fn covers(&self, chain: &[i64]) -> bool {
        match self {
            Self::All => true,
            Self::Alone(own) => chain.last() == Some(own),
            Self::Under(tops) => chain.iter().any(|unit| tops.contains(unit)),
        }
    }
    /// The unit that is meant where none is named: the first one, or `root` where it is everything.
    pub fn home(&self, root: i64) -> i64 {
        match self {
            Self::All => root,
            Self::Alone(own) => *own,
            Self::Under(tops) => tops.first().copied().unwrap_or(0),
        }
    }
    /// Where in a chain, the top first, that begins which lies within: its length where nothing does.
    pub fn begin(&self, chain: &[i64]) -> usize {
        match self {
            Self::All => 0,
            Self::Alone(own) => chain.iter().position(|unit| unit == own).unwrap_or(chain.len()),
            Self::Under(tops) => chain.iter().position(|unit| tops.contains(unit)).unwrap_or(chain.len()),
        }
    }
    /// Whether a unit is one of those at which the actor itself is; `at_top`: it has none above it, and so is that of
    /// whoever has everything.
    pub fn is_at(&self, unit: i64, at_top: bool) -> bool {
        match self {
            Self::All => at_top,
            Self::Alone(own) => *own == unit,
            Self::Under(tops) => tops.contains(&unit),
        }
    }
}

impl Ctx {
    /// A new id of the home bucket.
    pub fn id(&self) -> Id {
        self.ids.next(self.now_ms, 1)
    }
    /// The moment, for whoever asks what somebody may do.
    pub fn moment(&self) -> Moment {
        Moment { now_ms: self.now_ms, today: self.today(), operation: self.operation }
    }
    /// Today, in the operation's time zone.
    pub fn today(&self) -> Day {
        Day::of_instant(self.now_ms, &self.zone)
    }
}
