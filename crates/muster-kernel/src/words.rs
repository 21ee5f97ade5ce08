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

/// Whether a text bears what nobody sees and is no word: control characters but line breaks and tabs; the marks that turn the
/// direction of writing, by which a text shows otherwise than it reads; spaces of no width and fillers, by which two names
/// look the same and are not. What scripts and emoji need stays: a joiner within words of a script that joins or within
/// an emoji, a direction mark beside writing from right to left, the tags of a flag.
pub fn has_control(text: &str) -> bool {
    let from_right = text.chars().any(is_from_right);
    let mut before = None;
    text.chars().any(|c| {
        let unseen = match c {
            '\n' | '\r' | '\t' => false,
            '\u{200c}' | '\u{200d}' => !before.is_some_and(joins),
            '\u{200e}' | '\u{200f}' | '\u{61c}' => !from_right,
            '\u{180e}' => !before.is_some_and(|before| ('\u{1800}'..='\u{18af}').contains(&before)),
            '\u{e0020}'..='\u{e007f}' => !before.is_some_and(|before| before == '\u{1f3f4}' || is_tag(before)),
            '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{ffa0}' => true,
            '\u{200b}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => true,
            '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e00ff}' => true,
            // Drawn as text or as a picture: only what can be drawn both ways.
            '\u{fe0e}' | '\u{fe0f}' => !before.is_some_and(|before| matches!(before, '0'..='9' | '#' | '*' | '©' | '®' | '\u{2000}'..='\u{2bff}' | '\u{3030}'..='\u{303d}' | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1faff}')),
            c => c.is_control(),
        };
        // What only says how the character before is drawn does not come between it and a joiner.
        if !matches!(c, '\u{fe00}'..='\u{fe0f}') {
            before = Some(c);
        }
        unseen
    })
}

/// Hebrew, Arabic and their neighbours.
fn is_from_right(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
        && c != '\u{61c}'
}

/// Whether a joiner behind a character may mean something: not in writing whose letters stand side by side (Latin, Greek,
/// Cyrillic, Han, kana, Hangul), nor behind digits, signs and spaces.
fn joins(c: char) -> bool {
    match c {
        // From Hebrew to Khmer and Mongolian: the scripts of West, South and South-East Asia.
        '\u{590}'..='\u{10ff}'
        | '\u{1700}'..='\u{1cff}'
        | '\u{a800}'..='\u{abff}'
        | '\u{fb1d}'..='\u{fdff}' => true,
        '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{11fff}' | '\u{1e800}'..='\u{1efff}' => true,
        // Signs that are drawn as pictures, and pictures.
        '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}' => true,
        _ => false,
    }
}

/// A letter of a flag, which stands behind a black flag and is not seen itself.
fn is_tag(c: char) -> bool {
    ('\u{e0020}'..='\u{e007e}').contains(&c)
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
        for at in [
            "\u{200b}",
            "\u{200c}",
            "\u{200d}",
            "\u{200e}",
            "\u{2060}",
            "\u{feff}",
            "\u{ad}",
            "\u{3164}",
            "\u{fe0f}",
            "\u{e0041}",
        ] {
            for bad in
                [format!("合肥{at}项目部"), format!("North{at} Yard"), format!("{at}a"), format!("a{at}")]
            {
                assert!(has_control(&bad), "{bad:?}");
            }
        }
        assert!(has_control("م\u{200b}"));
        assert!(!has_control("口罩\t3 天\r\n体温 37.6℃ 👩‍⚕️"));
        // Persian and Hindi need joiners, Hebrew a mark beside a full stop; a family, a heart on fire, the flag of Wales.
        for good in [
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "שלום\u{200f}.",
            "👨\u{200d}👩\u{200d}👧",
            "❤\u{fe0f}\u{200d}🔥",
            "🏴\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}",
            "👩🏽\u{200d}⚕\u{fe0f}",
            "葛\u{e0100}飾",
        ] {
            assert!(!has_control(good), "{good:?}");
        }
    }
}
