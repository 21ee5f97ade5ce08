//! What was read of the tree, kept in memory for as long as the tree stays as it was: known to be current by one look at
//! the tree's epoch. In two halves: when one is full, what was not asked for since the last time is forgotten.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::Hash;

/// Values by key, as they were at one epoch of the tree. A value weighs something, so that both halves are bounded.
#[derive(Debug)]
pub struct Kept<K, V> {
    half: usize,
    halves: Mutex<Halves<K, V>>,
}

/// What was asked for lately, and what was asked for before that.
#[derive(Debug)]
struct Halves<K, V> {
    epoch: i64,
    /// Weight of the young half.
    weight: usize,
    young: HashMap<K, (V, usize)>,
    old: HashMap<K, (V, usize)>,
}

impl<K: Eq + Hash, V: Clone> Kept<K, V> {
    /// Nothing yet; each half holds so much weight.
    pub fn new(half: usize) -> Self {
        Self { half, halves: Mutex::new(Halves::new(0)) }
    }
    /// What is known of some keys at an epoch, in their order.
    pub fn find<'k>(&self, epoch: i64, keys: impl IntoIterator<Item = &'k K>) -> Vec<Option<V>>
    where
        K: 'k,
    {
        let mut halves = self.halves.lock();
        let holds = halves.epoch == epoch;
        let found = keys.into_iter().map(|key| if holds { halves.find(key) } else { None }).collect();
        halves.turn(self.half);
        found
    }
    /// Keeps what was read at an epoch that is stored: key, value, weight.
    pub fn keep(&self, epoch: i64, values: impl IntoIterator<Item = (K, V, usize)>) {
        let mut halves = self.halves.lock();
        if epoch < halves.epoch {
            return;
        }
        if epoch > halves.epoch {
            *halves = Halves::new(epoch);
        }
        for (key, value, weight) in values {
            halves.keep(key, value, weight);
            halves.turn(self.half);
        }
    }
}

impl<K: Eq + Hash, V: Clone> Halves<K, V> {
    fn new(epoch: i64) -> Self {
        Self { epoch, weight: 0, young: HashMap::new(), old: HashMap::new() }
    }
    fn find(&mut self, key: &K) -> Option<V> {
        if let Some((value, _)) = self.young.get(key) {
            return Some(value.clone());
        }
        let (key, (value, weight)) = self.old.remove_entry(key)?;
        self.keep(key, value.clone(), weight);
        Some(value)
    }
    fn keep(&mut self, key: K, value: V, weight: usize) {
        let before = self.young.insert(key, (value, weight)).map_or(0, |(_, weight)| weight);
        self.weight = self.weight + weight - before;
    }
    fn turn(&mut self, half: usize) {
        if self.weight >= half {
            self.old = std::mem::take(&mut self.young);
            self.weight = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(kept: &Kept<u32, u32>, epoch: i64, key: u32) -> Option<u32> {
        kept.find(epoch, &[key])[0]
    }

    #[test]
    fn what_is_known_holds_for_its_epoch_alone() {
        let kept = Kept::new(100);
        kept.keep(3, [(1, 10, 1)]);
        assert_eq!([known(&kept, 3, 1), known(&kept, 2, 1), known(&kept, 4, 1)], [Some(10), None, None]);
        // Who still reads an older state of the tree changes nothing.
        kept.keep(2, [(1, 11, 1)]);
        assert_eq!(known(&kept, 3, 1), Some(10));
        kept.keep(4, [(2, 20, 1)]);
        assert_eq!([known(&kept, 4, 1), known(&kept, 4, 2), known(&kept, 3, 1)], [None, Some(20), None]);
    }

    #[test]
    fn it_is_bounded_and_what_is_asked_for_stays() {
        let kept = Kept::new(100);
        for key in 0..1_000 {
            kept.keep(1, [(key, key, 10)]);
            assert_eq!(known(&kept, 1, 0), Some(0), "asked for again and again");
            let halves = kept.halves.lock();
            assert!((halves.young.len() + halves.old.len()) * 10 <= 200);
        }
        assert_eq!(known(&kept, 1, 1), None);
        // The same again weighs no more than once.
        let kept = Kept::new(100);
        kept.keep(1, [(7, 7, 10)]);
        (0..100).for_each(|n| kept.keep(1, [(8, n, 10)]));
        assert_eq!([known(&kept, 1, 7), known(&kept, 1, 8)], [Some(7), Some(99)]);
    }
}
