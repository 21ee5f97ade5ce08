//! What words that people write must not bear, whoever writes them: characters that nobody sees, numbers of persons. Pure.

use std::ops::Range;

/// So many digits in a row (a single space, hyphen or bracket does not part them) are no figure and no date that people
/// write out, but a telephone, an identity or an account number. A local number without its area code is too like a figure.
const NUMBER_DIGITS_MIN: usize = 11;

/// Where the first telephone, identity or account number of a text stands: from its first digit to after its last.
pub fn number_of_person(text: &str) -> Option<Range<usize>> {
    let (mut from, mut to, mut digits) = (0, 0, 0);
    for (at, c) in text.char_indices() {
        if is_digit(c) {
            if digits == 0 {
                from = at;
            }
            digits += 1;
            to = at + c.len_utf8();
        } else if !(digits > 0 && matches!(c, ' ' | '-' | '－' | '—' | '(' | ')' | '（' | '）') && at == to)
        {
            if digits >= NUMBER_DIGITS_MIN {
                break;
            }
            digits = 0;
        }
    }
    (digits >= NUMBER_DIGITS_MIN).then_some(from..to)
}

/// A digit, also a full-width one.
fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || ('０'..='９').contains(&c)
}

/// Whether a text bears what steers a screen or printer and is no word: control characters but line breaks and tabs, and
/// the marks that turn the direction of writing, by which a text shows otherwise than it reads.
pub fn has_control(text: &str) -> bool {
    text.chars().any(|c| {
        let breaks = matches!(c, '\n' | '\r' | '\t');
        (c.is_control() && !breaks) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_persons_are_found_and_others_are_not() {
        for (text, expected) in [
            ("宿州站 联系13812340004", Some("13812340004")),
            ("０５５１－６２６０１２３４", Some("０５５１－６２６０１２３４")),
            ("（0551）62601234", Some("0551）62601234")),
            ("34010219900101123X", Some("34010219900101123")),
            ("第110号院", None),
            ("2020年2月3日 G07-F10-S01", None),
            ("340102001001 社区", Some("340102001001")),
            ("0551（6260 1234）", Some("0551（6260 1234")),
            ("皖A12345 2月3日 15:00", None),
            // Found though it is none: rather that than a telephone in a brief.
            ("皖A12345（2020-02-03 15:00）", Some("12345（2020-02-03 15")),
        ] {
            assert_eq!(number_of_person(text).map(|at| &text[at]), expected, "{text}");
        }
    }

    #[test]
    fn what_nobody_sees_is_found() {
        for bad in ["a\u{7}", "a\0", "\u{202e}a", "\u{2066}a", "\u{7f}", "\u{9b}"] {
            assert!(has_control(bad), "{bad:?}");
        }
        assert!(!has_control("口罩\t3 天\r\n体温 37.6℃ 👩‍⚕️"));
    }
}
