//! What telephones are read for, as somebody says it.

use crate::secrecy;
use muster_kernel::words::{has_control, number_of_person};
use muster_kernel::{Finding, Problem};

/// Characters of a purpose.
const PURPOSE: std::ops::RangeInclusive<usize> = 4..=200;
/// So many digits: a purpose is journalled, and a number of whom it is about must not come in by it.
const DIGITS_MAX: usize = 6;

/// Checks a purpose: 4 to 200 characters on one line, with neither telephone nor secrecy mark.
///
/// # Errors
/// `contact.refused` with the finding.
pub fn check_purpose(text: &str) -> Result<String, Problem> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let run = text.split(|c: char| !c.is_numeric() && !matches!(c, '-' | '－' | ' '));
    let digits = run.map(|part| part.chars().filter(|c| c.is_numeric()).count()).max().unwrap_or_default();
    let refuse = |code| {
        Err(Problem::invalid("contact.refused").findings(vec![
            Finding::refuse(code).field("purpose").with("min", PURPOSE.start()).with("max", PURPOSE.end()),
        ]))
    };
    match () {
        () if !PURPOSE.contains(&text.chars().count()) || has_control(&text) => {
            refuse("contact.purpose_form")
        }
        () if number_of_person(&text).is_some() || digits > DIGITS_MAX => refuse("contact.purpose_number"),
        () if secrecy::starred(&text).is_some() => refuse("contact.purpose_secrecy"),
        () => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purpose_is_words_and_no_number() {
        let long = "长".repeat(201);
        for (text, expected) in [
            ("夜班核对报送", Ok("夜班核对报送")),
            ("  who  is on duty ", Ok("who is on duty")),
            ("2020年2月3日 调度", Ok("2020年2月3日 调度")),
            ("", Err("contact.purpose_form")),
            ("查电话", Err("contact.purpose_form")),
            ("a\u{202e}bcd", Err("contact.purpose_form")),
            (long.as_str(), Err("contact.purpose_form")),
            ("call 5550100 now", Err("contact.purpose_number")),
            ("call 555-0100 now", Err("contact.purpose_number")),
            ("拨打１３８１２３４０００４", Err("contact.purpose_number")),
            ("核对 机密★1年 名单", Err("contact.purpose_secrecy")),
        ] {
            let said = check_purpose(text);
            let said = said.as_deref().map_err(|problem| &*problem.findings[0].code);
            assert_eq!(said, expected, "{text}");
        }
    }
}
