//! What is taken as a login name. Pure.

use muster_kernel::Problem;
use muster_kernel::words::number_of_person;
use unicode_normalization::UnicodeNormalization as _;

/// Longest login name, in characters.
const NAME_CHARS_MAX: usize = 100;

/// A login name as it is kept: composed (NFC), without blanks around it.
///
/// # Errors
/// `account.name` where it is empty, too long, holds what is not seen (controls, marks of direction, joiners) or parts a path,
/// looks like a telephone or identity number, or like a reference: an account is called by its id too.
pub fn login_name(text: &str) -> Result<String, Problem> {
    let name = normal(text);
    let unseen = |c: char| {
        c.is_control()
            || matches!(c, '/' | '\\' | ':' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let count = name.chars().count();
    let is_id = uuid::Uuid::try_parse(&name).is_ok();
    if count == 0
        || count > NAME_CHARS_MAX
        || name.chars().any(unseen)
        || is_id
        || number_of_person(&name).is_some()
    {
        return Err(Problem::invalid("account.name").with("max", NAME_CHARS_MAX));
    }
    Ok(name)
}

/// A name however it was typed: composed (NFC), without blanks around it.
pub(super) fn normal(text: &str) -> String {
    text.trim().nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_name_is_one_that_is_seen_and_is_no_reference() {
        for (said, kept) in
            [(" liu ", "liu"), ("Zoe\u{308}", "Zoë"), ("张三丰", "张三丰"), ("G07 night", "G07 night")]
        {
            assert_eq!(login_name(said).unwrap(), kept, "{said}");
        }
        let long = "长".repeat(101);
        for said in [
            "",
            " ",
            "a/b",
            "a\\b",
            "a\nb",
            "du\u{200b}ty",
            "du\u{202e}ty",
            "\u{feff}x",
            "account:liu",
            &long,
            "01a22ebe-24cf-7000-8000-000000000000",
            "01a22ebe24cf70008000000000000000",
            "13812340000",
        ] {
            assert_eq!(login_name(said).unwrap_err().code, "account.name", "{said:?}");
        }
    }
}
