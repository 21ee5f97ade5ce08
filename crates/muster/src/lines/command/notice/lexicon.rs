//! The phrase lexicon: `lexicon.tsv` beside this file, read once. The file says what its columns mean.

use std::sync::LazyLock;

/// A set phrase, and how a damaged text shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Phrase {
    /// The whole phrase.
    pub(crate) whole: String,
    /// What a damaged text shows of it.
    pub(crate) damaged: Vec<char>,
    /// Where in `damaged` something is lost or swapped.
    pub(crate) at: usize,
    /// What stands there instead; empty where characters are lost.
    pub(crate) instead: String,
    /// What belongs there.
    pub(crate) proper: String,
    /// Counts only where the lost characters occur nowhere else in the same field.
    pub(crate) only_when_gone: bool,
    /// Characters before it that make it another word.
    pub(crate) not_before: String,
    /// Characters after it that make it another word.
    pub(crate) not_after: String,
}

/// All phrases, longest first, so that a longer one is tried before one inside it.
pub(crate) static PHRASES: LazyLock<Vec<Phrase>> = LazyLock::new(|| {
    let lines = include_str!("lexicon.tsv").lines();
    let mut phrases: Vec<Phrase> = lines.filter_map(phrase).collect();
    phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.damaged.len()));
    phrases
});

/// One line; `None` for comments, blank lines and what breaks the form (a test sees to it that none does).
fn phrase(line: &str) -> Option<Phrase> {
    let mut columns = line.split('\t');
    let pattern = columns.next().filter(|pattern| !pattern.is_empty() && !pattern.starts_with('#'))?;
    let (before, rest) = pattern.split_once('{')?;
    let (change, after) = rest.split_once('}')?;
    let (proper, instead) = change.split_once('<').unwrap_or((change, ""));
    Some(Phrase {
        whole: format!("{before}{proper}{after}"),
        damaged: format!("{before}{instead}{after}").chars().collect(),
        at: before.chars().count(),
        instead: instead.to_owned(),
        proper: proper.to_owned(),
        only_when_gone: columns.next()? == "gone",
        not_before: columns.next().unwrap_or_default().to_owned(),
        not_after: columns.next().unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_lexicon_is_a_phrase() {
        let lines = include_str!("lexicon.tsv").lines();
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let phrase = phrase(line).unwrap_or_else(|| panic!("{line}"));
            assert!(matches!(line.split('\t').nth(1), Some("-" | "gone")), "{line}");
            assert!(line.split('\t').count() <= 4, "{line}");
            assert!(!phrase.proper.is_empty() && phrase.damaged.len() >= 2, "{line}");
        }
    }

    #[test]
    fn no_phrase_finds_damage_in_another() {
        for phrase in PHRASES.iter().filter(|phrase| !phrase.only_when_gone) {
            let damaged: String = phrase.damaged.iter().collect();
            for whole in PHRASES.iter().map(|other| &other.whole) {
                let guarded = whole.split_once(&damaged).is_some_and(|(before, after)| {
                    let not_before = format!("{}{}", phrase.not_before, phrase.proper);
                    let not_after = format!("{}{}", phrase.not_after, phrase.proper);
                    before.chars().last().is_some_and(|c| not_before.contains(c))
                        || after.chars().next().is_some_and(|c| not_after.contains(c))
                });
                assert!(guarded || !whole.contains(&damaged), "{damaged} in {whole}");
            }
        }
    }
}
