//! What words and references of a finding may be. Pure.

use crate::secrecy;
use muster_kernel::Finding as Told;
use muster_kernel::words::{has_control, number_of_person};
use muster_store::Link;

/// Longest words of a finding, an answer or a reason, in characters.
pub(super) const WORDS_CHARS_MAX: usize = 2_000;
/// Most references of a finding.
pub(super) const EVIDENCE_MAX: usize = 20;
/// Longest reference, in characters.
const REFERENCE_CHARS_MAX: usize = 60;

/// What is wrong with some words, at their field.
pub(super) fn words(text: &str, field: &'static str) -> Option<Told> {
    let text = text.trim();
    let told = if text.is_empty() {
        Told::refuse("finding.words_missing")
    } else if text.chars().nth(WORDS_CHARS_MAX).is_some() {
        Told::refuse("finding.words_long").with("max", WORDS_CHARS_MAX)
    } else if has_control(text) {
        Told::refuse("finding.words_unseen")
    } else if let Some(at) = number_of_person(text) {
        Told::refuse("finding.words_number").with("number", &text[at])
    } else if secrecy::mark(text, &[], None).is_some() {
        Told::refuse("finding.words_secrecy")
    } else {
        return None;
    };
    Some(told.field(field))
}

/// The entry that a reference names: the number of a receipt (`R20200203-0-82`: day, lane, number) or lane and number
/// (`0/82`).
pub(super) fn reference(text: &str) -> Option<Link> {
    if text.chars().nth(REFERENCE_CHARS_MAX).is_some() {
        return None;
    }
    let (lane, no) = match text.strip_prefix('R') {
        Some(receipt) => {
            let (day, rest) = receipt.split_once('-')?;
            if day.len() != 8 || !day.bytes().all(|digit| digit.is_ascii_digit()) {
                return None;
            }
            rest.split_once('-')?
        }
        None => text.split_once('/')?,
    };
    // Written in one way only, so that one entry is one reference.
    let plain =
        |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit()) && !digits.starts_with("00");
    let (lane, no) = (plain(lane).then_some(lane)?, plain(no).then_some(no)?);
    let (lane, no) = (lane.parse().ok()?, no.parse().ok()?);
    (no > 0).then_some(Link { lane, no })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_said_and_bear_nothing_that_no_words_may() {
        let code = |text: &str| words(text, "text").map(|told| told.code.to_string());
        assert_eq!(code("2 月 3 日 G07-F10 有 2 人发热，至 2 月 5 日未报。"), None);
        for (text, expected) in [
            ("", "finding.words_missing"),
            (" \n\t", "finding.words_missing"),
            ("a\u{202e}b", "finding.words_unseen"),
            ("联系 13812340004", "finding.words_number"),
            ("机密★1年", "finding.words_secrecy"),
            ("机密\n经查", "finding.words_secrecy"),
        ] {
            assert_eq!(code(text).as_deref(), Some(expected), "{text:?}");
        }
        assert_eq!(code(&"字".repeat(WORDS_CHARS_MAX)), None);
        assert_eq!(code(&"字".repeat(WORDS_CHARS_MAX + 1)).as_deref(), Some("finding.words_long"));
    }

    #[test]
    fn a_reference_names_an_entry_or_is_none() {
        for (text, expected) in [
            ("R20200203-0-82", Some((0, 82))),
            ("3/7", Some((3, 7))),
            ("R2020020-0-82", None),
            ("R20200203-0", None),
            ("R20200203-0-", None),
            ("R20200203--1-82", None),
            ("0/0", None),
            ("0/-1", None),
            ("00/1", None),
            ("1/99999999999999999999", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(reference(text), expected.map(|(lane, no)| Link { lane, no }), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_looked_at_without_a_panic(text: String) {
            let _ = (reference(&text), words(&text, "text"));
        }

        #[test]
        fn an_entry_is_told_as_it_is_read(lane in 0..100_i32, no in 1..i64::MAX) {
            prop_assert_eq!(reference(&format!("{lane}/{no}")), Some(Link { lane, no }));
            prop_assert_eq!(reference(&format!("R20200203-{lane}-{no}")), Some(Link { lane, no }));
        }
    }
}
