//! Inserted readings: `實(shí)`. Some pages splice a character's pronunciation in behind it.
//!
//! Proof, not taste: a bracket goes only when what stands in it, tone and all, is one of the readings that the
//! Unihan-based tables of the `pinyin` crate give for the very character before it. `實(shū)`, `(see above)` and
//! `甲(A)` stay.

use super::super::model::{Place, Reason};
use pinyin::ToPinyinMulti as _;
use unicode_normalization::UnicodeNormalization as _;

/// A reading that stands behind its own character, brackets included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inserted {
    /// The bracket, the reading, the bracket.
    pub(crate) place: Place,
    /// Which reading of which character.
    pub(crate) reason: Reason,
}

/// The longest reading has six letters (`zhuāng`); twice that where the tone is a character of its own.
const LETTERS_MAX: usize = 12;

/// All inserted readings of a text.
pub(crate) fn find(chars: &[char]) -> Vec<Inserted> {
    let mut found = Vec::new();
    for (index, &open) in chars.iter().enumerate().skip(1) {
        let Some(close) = closing(open) else { continue };
        let base = chars[index - 1];
        let letters = chars[index + 1..].iter().take(LETTERS_MAX).take_while(|c| is_letter(**c)).count();
        let end = index + 1 + letters;
        let reading: String = chars[index + 1..end].iter().copied().nfc().collect();
        if letters > 0 && chars.get(end) == Some(&close) && is_reading_of(base, &reading) {
            let place = Place { start: index, end: end + 1 };
            let reason = Reason::new("reading").with("character", base).with("reading", &reading);
            found.push(Inserted { place, reason });
        }
    }
    found
}

/// Whether a text with its tone mark is one of the readings of a character.
pub(crate) fn is_reading_of(character: char, reading: &str) -> bool {
    character.to_pinyin_multi().is_some_and(|all| all.into_iter().any(|one| one.with_tone() == reading))
}

/// Whether a character can stand in a reading: a small Latin letter, or a tone.
pub(crate) fn is_letter(c: char) -> bool {
    c.is_ascii_lowercase() || matches!(c, '\u{e0}'..='\u{1dc}' | '\u{300}'..='\u{30c}' | 'ḿ' | 'ề' | 'ế')
}

fn closing(open: char) -> Option<char> {
    match open {
        '(' => Some(')'),
        '（' => Some('）'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let chars: Vec<char> = text.chars().collect();
        let found: Vec<String> =
            find(&chars).iter().map(|one| chars[one.place.start..one.place.end].iter().collect()).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn only_the_reading_of_the_character_before_goes() {
        check("落實(shí)省委", &["(shí)"]);
        check("發(fā)布時(shí)間", &["(fā)", "(shí)"]);
        check("調(diào)度 協調(tiáo)", &["(diào)", "(tiáo)"]);
        check("落实（shí）", &["（shí）"]);
        check("a\u{304} 發(fa\u{304})", &["(fa\u{304})"]);
        check("實(shū)", &[]);
        check("實(shi)", &[]);
        check("實(shí", &[]);
        check("實(shí）", &[]);
        check("甲(a) 見(see above) (shí)", &[]);
        check("b(bō) 。(shí)", &[]);
        check("", &[]);
        check("(", &[]);
    }
}
