//! What words that people write beside figures may be, and to what they refer: the same rules wherever a finding, a report of
//! a task or a reason is written. Nothing of persons and nothing classified is stored in them.

use crate::lines::operation::operation_current;
use crate::lines::org;
use crate::{Ctx, Fail, secrecy};
use muster_kernel::Finding;
use muster_kernel::words::{has_control, number_of_person};
use muster_store::{Link, Rows, journal_read};

/// Longest words, in characters.
pub const WORDS_CHARS_MAX: usize = 2_000;
/// Most references beside some words.
pub const REFERENCES_MAX: usize = 20;
/// Longest reference, in characters.
const REFERENCE_CHARS_MAX: usize = 60;

/// What is wrong with words that have to be said, at their field.
pub fn words(text: &str, field: &'static str) -> Option<Finding> {
    match text.trim().is_empty() {
        true => Some(Finding::refuse("words.missing").field(field)),
        false => words_if_any(text, field),
    }
}

/// What is wrong with words that may be left out, at their field.
pub fn words_if_any(text: &str, field: &'static str) -> Option<Finding> {
    let text = text.trim();
    let told = if text.chars().nth(WORDS_CHARS_MAX).is_some() {
        Finding::refuse("words.long").with("max", WORDS_CHARS_MAX)
    } else if has_control(text) {
        Finding::refuse("words.unseen")
    } else if let Some(at) = number_of_person(text) {
        Finding::refuse("words.number").with("number", &text[at])
    } else if secrecy::mark(text, &[], None).is_some() {
        Finding::refuse("words.secrecy")
    } else {
        return None;
    };
    Some(told.field(field))
}

/// The entry that a reference names: the number of a receipt (`R20200203-0-82`: day, lane, number) or lane and number
/// (`0/82`).
pub fn reference(text: &str) -> Option<Link> {
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

/// What is wrong with references, at the field `evidence`: too many, the same twice, none that is one, none that there is or
/// that the actor may not know of.
///
/// # Errors
/// The store's.
pub fn references(rows: &mut impl Rows, ctx: &Ctx, evidence: &[String]) -> Result<Vec<Finding>, Fail> {
    if evidence.len() > REFERENCES_MAX {
        return Ok(vec![Finding::refuse("reference.many").with("max", REFERENCES_MAX).field("evidence")]);
    }
    let mut told = Vec::new();
    for (at, text) in evidence.iter().enumerate() {
        let said: String = text.chars().take(REFERENCE_CHARS_MAX).collect();
        let refuse = |code: &'static str| Finding::refuse(code).field("evidence").with("reference", &said);
        match reference(text) {
            None => told.push(refuse("reference.word")),
            Some(_) if evidence[..at].contains(text) => told.push(refuse("reference.twice")),
            Some(link) if !is_seen(rows, ctx, link)? => told.push(refuse("reference.unknown")),
            Some(_) => {}
        }
    }
    Ok(told)
}

/// Whether there is an entry, and the actor may know of it: it is about a unit of their own part, or they have the whole.
fn is_seen(rows: &mut impl Rows, ctx: &Ctx, link: Link) -> Result<bool, Fail> {
    let Some(entry) = journal_read(rows, link)? else { return Ok(false) };
    let root = operation_current(rows)?.map_or(0, |operation| operation.root_unit);
    if ctx.reach.covers(&[root]) {
        return Ok(true);
    }
    let unit = entry.subject.strip_prefix("unit:").and_then(|unit| unit.parse().ok());
    let standing = unit.map(|unit| org::standing_on(rows, unit, ctx.today())).transpose()?.flatten();
    Ok(standing.is_some_and(|unit| ctx.reach.covers(&unit.chain)))
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
            ("", "words.missing"),
            (" \n\t", "words.missing"),
            ("a\u{202e}b", "words.unseen"),
            ("联系 13812340004", "words.number"),
            ("机密★1年", "words.secrecy"),
            ("机密\n经查", "words.secrecy"),
        ] {
            assert_eq!(code(text).as_deref(), Some(expected), "{text:?}");
        }
        assert_eq!(code(&"字".repeat(WORDS_CHARS_MAX)), None);
        assert_eq!(code(&"字".repeat(WORDS_CHARS_MAX + 1)).as_deref(), Some("words.long"));
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
