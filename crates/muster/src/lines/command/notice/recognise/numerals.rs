//! Chinese numerals, as they stand in ordinals.

/// A number from 1 to 99 in Chinese or Arabic digits: `三`, `十二`, `二十`, `3`.
pub(crate) fn number(text: &str) -> Option<u32> {
    if text.chars().all(|c| c.is_ascii_digit()) {
        return text.parse().ok().filter(|n| (1..=99_999).contains(n));
    }
    let digit = |c: char| "一二三四五六七八九".chars().position(|d| d == c).map(|n| n as u32 + 1);
    let chars: Vec<char> = text.chars().collect();
    match chars.as_slice() {
        ['十'] => Some(10),
        [one] => digit(*one),
        ['十', ones] => digit(*ones).map(|n| 10 + n),
        [tens, '十'] => digit(*tens).map(|n| n * 10),
        [tens, '十', ones] => Some(digit(*tens)? * 10 + digit(*ones)?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_are_read() {
        for (text, expected) in [
            ("一", Some(1)),
            ("十", Some(10)),
            ("十二", Some(12)),
            ("二十", Some(20)),
            ("三十五", Some(35)),
            ("3", Some(3)),
            ("0", None),
            ("", None),
            ("十十", None),
            ("百", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }
}
