//! Who lies below nodes that keep no totals, kept in memory between questions. So their sheets can be asked for at once,
//! without asking first whose.

use super::span::Span;
use crate::lines::org::Kept;
use muster_kernel::Day;
use std::sync::Arc;

/// Units of a larger span are read each time; and sheets of so many are kept for the moment that is read.
pub(super) const SPAN_MAX: usize = 4_096;
/// Units in each of the two halves; some 120 bytes each.
const HALF: usize = 1 << 18;

/// A unit of a span on a day.
#[derive(Clone, Debug)]
pub struct Member {
    /// The unit.
    pub unit: i64,
    /// Where its rows live in a distributed database.
    pub bucket: i64,
    /// Its kind.
    pub kind: Arc<str>,
    /// Its path.
    pub path: Box<str>,
    /// Number of its place; 0 when it has none.
    pub place: i64,
}

/// The units of a span on a day, in the order of the tree.
pub type Members = Arc<[Member]>;

/// The units of spans on days. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Below(Arc<Kept<(Day, Span), Members>>);

impl Default for Below {
    fn default() -> Self {
        Self(Arc::new(Kept::new(HALF)))
    }
}

impl Below {
    /// The units of spans, as far as they are known at an epoch of the tree.
    pub fn find(&self, epoch: i64, spans: &[(Day, Span)]) -> Vec<Option<Members>> {
        self.0.find(epoch, spans)
    }
    /// Keeps what was read at an epoch of the tree that is stored.
    pub fn keep(&self, epoch: i64, span: (Day, Span), members: Members) {
        // What is empty takes room too.
        let weight = members.len().max(1);
        if weight <= SPAN_MAX {
            self.0.keep(epoch, [(span, members, weight)]);
        }
    }
}
