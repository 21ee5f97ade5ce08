//! What may be said of a measure or a task. Pure: all that is wrong, each at its field.

use super::model::Task;
use crate::said;
use muster_kernel::Finding;

/// Most that one task may weigh beside the others of its measure.
pub(super) const WEIGHT_MAX: i64 = 1_000;
/// The furthest date, from now: an emergency that lasts longer is none.
const DUE_MS_MAX: i64 = 5 * 366 * 24 * 60 * 60 * 1_000;

/// What is wrong with a date: it is not to come, or lies too far off.
pub(super) fn due(due_ms: i64, now_ms: i64) -> Option<Finding> {
    let told = match due_ms - now_ms {
        left if left <= 0 => Finding::refuse("task.due_past"),
        left if left > DUE_MS_MAX => Finding::refuse("task.due_far"),
        _ => return None,
    };
    Some(told.field("due"))
}

/// What is wrong with the date of a part: it lies after the date of the whole.
pub(super) fn due_of_part(due_ms: i64, whole: &Task) -> Option<Finding> {
    (due_ms > whole.due_ms).then(|| Finding::refuse("task.due_beyond").field("due"))
}

/// What is wrong with a weight.
pub(super) fn weight(weight: i64) -> Option<Finding> {
    let is_in = (1..=WEIGHT_MAX).contains(&weight);
    (!is_in).then(|| Finding::refuse("task.weight").with("max", WEIGHT_MAX).field("weight"))
}

/// What is wrong with what a hand-out says: its date, its weight, its words.
pub(super) fn given(due_ms: i64, given_weight: i64, words: &str, now_ms: i64) -> Vec<Finding> {
    [due(due_ms, now_ms), weight(given_weight), said::words_if_any(words, "text")]
        .into_iter()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_to_come_and_not_too_far() {
        let code = |due_ms| due(due_ms, 1_000).map(|told| told.code.to_string());
        assert_eq!(code(1_001), None);
        assert_eq!(code(1_000 + DUE_MS_MAX), None);
        for (due_ms, expected) in
            [(1_000, "task.due_past"), (0, "task.due_past"), (1_001 + DUE_MS_MAX, "task.due_far")]
        {
            assert_eq!(code(due_ms).as_deref(), Some(expected));
        }
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let codes =
            |found: Vec<Finding>| found.into_iter().map(|told| told.code.to_string()).collect::<Vec<_>>();
        assert_eq!(codes(given(5, 1, "", 1)), Vec::<String>::new());
        assert_eq!(codes(given(0, 0, "a\u{202e}b", 1)), ["task.due_past", "task.weight", "words.unseen"]);
        assert_eq!(codes(given(2, WEIGHT_MAX + 1, "", 1)), ["task.weight"]);
    }
}
