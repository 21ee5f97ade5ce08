//! What may stand in the words of elements and forms: they are journalled, and stand in briefs. Pure.

use crate::lines::operation::Names;
use crate::lines::reporting::model::{Element, Form, ValueType};
use crate::secrecy;
use muster_kernel::Finding;
use muster_kernel::words::{has_control, number_of_person};

/// Longest name, owner, purpose or code of a choice, in characters.
const WORDS_MAX: usize = 200;
/// Most codes of a choice.
const CODES_MAX: usize = 200;

/// What is wrong with the words of an element.
pub(super) fn of_element(element: &Element) -> Vec<Finding> {
    let mut findings = of_names(&element.names);
    for (field, text) in [("unit", &element.unit), ("owner", &element.owner), ("purpose", &element.purpose)] {
        findings.extend(of_text(field, text));
    }
    if let ValueType::Choice { codes } = &element.value_type {
        let twice = |(at, code): (usize, &String)| codes[..at].contains(code) || code.trim().is_empty();
        let bounded = (1..=CODES_MAX).contains(&codes.len());
        if !bounded || codes.iter().enumerate().any(twice) {
            findings.push(Finding::refuse("element.codes").field("value_type.codes").with("max", CODES_MAX));
        }
        findings.extend(codes.iter().take(CODES_MAX).find_map(|code| of_text("value_type.codes", code)));
    }
    findings
}

/// What is wrong with the words of a form.
pub(super) fn of_form(form: &Form) -> Vec<Finding> {
    let mut findings = of_names(&form.names);
    if form.names.zh_hans.trim().is_empty() {
        findings.push(Finding::refuse("element.needs").field("names").with("field", "names"));
    }
    for (place, rule) in form.rules.iter().enumerate() {
        let field = format!("rules[{place}].says");
        let all = [&rule.says.zh_hans, &rule.says.zh_hant, &rule.says.en];
        findings.extend(all.into_iter().find_map(|says| of_text(&field, says)));
        if rule.says.zh_hans.trim().is_empty() {
            findings.push(Finding::refuse("element.needs").field(&field).with("field", "says"));
        }
    }
    findings
}

fn of_names(names: &Names) -> Vec<Finding> {
    let all = [&names.zh_hans, &names.zh_hant, &names.en];
    all.into_iter().find_map(|name| of_text("names", name)).into_iter().collect()
}

/// As names of units: short, on one line, without a number of a person and without a secrecy mark.
fn of_text(field: &str, text: &str) -> Option<Finding> {
    let finding = if text.chars().count() > WORDS_MAX || text.contains('\n') || has_control(text) {
        Finding::refuse("book.words_form").with("limit", WORDS_MAX)
    } else if let Some(number) = number_of_person(text) {
        Finding::refuse("book.words_telephone").with("number", &text[number])
    } else if secrecy::starred(text).is_some() {
        Finding::refuse("book.words_secrecy")
    } else {
        return None;
    };
    Some(finding.field(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_short_and_bear_no_number_of_a_person() {
        let code = |text: &str| of_text("names", text).map(|finding| finding.code.to_string());
        assert_eq!(code("新增发热"), None);
        assert_eq!(code(&"热".repeat(WORDS_MAX)), None);
        assert_eq!(code(&"热".repeat(WORDS_MAX + 1)).as_deref(), Some("book.words_form"));
        assert_eq!(code("发\n热").as_deref(), Some("book.words_form"));
        assert_eq!(code("张三 13912345678").as_deref(), Some("book.words_telephone"));
        assert_eq!(code("机密★").as_deref(), Some("book.words_secrecy"));
    }
}
