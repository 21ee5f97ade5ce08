//! Who read telephones a moment ago: a board that asks anew each half minute leaves one entry in ten minutes.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// How long a look that was told stands for those after it.
const STANDS_MS: i64 = 10 * 60_000;
/// More than these are never kept; then the map is emptied, and the next looks are told again.
const KEPT_MAX: usize = 10_000;

/// Looks that were told, by who looked and at what, with when. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Looks(Arc<Mutex<HashMap<(String, String), i64>>>);

impl Looks {
    /// Whether a look was told less than ten minutes ago.
    pub fn is_told(&self, actor: &str, node: &str, now_ms: i64) -> bool {
        let told = self.0.lock();
        let at_ms = told.get(&(actor.to_owned(), node.to_owned()));
        at_ms.is_some_and(|at_ms| (0..STANDS_MS).contains(&(now_ms - at_ms)))
    }
    /// Notes that one was told: after it is durable, never before.
    pub fn told(&self, actor: &str, node: &str, now_ms: i64) {
        let mut told = self.0.lock();
        if told.len() >= KEPT_MAX {
            told.clear();
        }
        told.insert((actor.to_owned(), node.to_owned()), now_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_stands_for_ten_minutes_of_one_account_and_one_node() {
        let looks = Looks::default();
        looks.told("account:1", "unit:G1", 1_000);
        for (actor, node, now_ms, expected) in [
            ("account:1", "unit:G1", 1_000, true),
            ("account:1", "unit:G1", 600_999, true),
            ("account:1", "unit:G1", 601_000, false),
            ("account:1", "unit:G1", 999, false),
            ("account:2", "unit:G1", 1_000, false),
            ("account:1", "unit:G2", 1_000, false),
        ] {
            assert_eq!(looks.is_told(actor, node, now_ms), expected, "{actor} {node} {now_ms}");
        }
        for n in 0..KEPT_MAX {
            looks.told("account:3", &format!("unit:{n}"), 1_000);
        }
        assert!(looks.0.lock().len() <= KEPT_MAX, "bounded");
        assert!(!looks.is_told("account:1", "unit:G1", 1_000), "rather told twice than not at all");
    }
}
