//! Unit keys that were unwrapped a moment ago. Bounded; a key that goes is wiped.

use muster_seal::Key;
use std::collections::{HashMap, VecDeque};

/// Keys kept at most.
pub const UNITS_KEPT_MAX: usize = 4_096;

/// Keys by unit, each with the wrapped form that it came from: of a row that was written anew none is taken from here.
#[derive(Default)]
pub(super) struct Kept {
    keys: HashMap<i64, (Box<[u8]>, Key)>,
    /// In the order in which they came.
    order: VecDeque<i64>,
}

impl Kept {
    /// The key of a wrapped form.
    pub(super) fn get(&self, unit: i64, wrapped: &[u8]) -> Option<Key> {
        self.keys.get(&unit).filter(|(from, _)| **from == *wrapped).map(|(_, key)| key.clone())
    }
    /// Keeps a key; the one that came first goes where there are too many.
    pub(super) fn put(&mut self, unit: i64, wrapped: &[u8], key: &Key) {
        if self.keys.insert(unit, (wrapped.into(), key.clone())).is_none() {
            self.order.push_back(unit);
        }
        while self.order.len() > UNITS_KEPT_MAX {
            if let Some(first) = self.order.pop_front() {
                self.keys.remove(&first);
            }
        }
    }
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }
}
