//! What is wrong with the rules of a form that is to be set, and with what it computes. Pure.

use super::super::book::Book;
use super::super::model::{Element, Form, ValueType};
use super::compile::Compiled;
use super::read::expression_read;
use super::{JUMP_PERCENT_MAX, RULES_MAX, Test};
use muster_kernel::Finding;
use std::sync::Arc;

/// Longest code of a rule, in characters.
const CODE_CHARS_MAX: usize = 64;

/// All that is wrong, each at its field. Elements that there are not are told with the items.
pub fn rules_findings(book: &Book, form: &Form) -> Vec<Finding> {
    let known = form.items.iter().filter_map(|item| book.element_by_code(&item.element));
    let elements: Vec<Arc<Element>> = known.cloned().map(Arc::new).collect();
    let mut findings = computed_findings(book, form, &elements);
    if form.rules.len() > RULES_MAX {
        findings.push(Finding::refuse("rule.too_many").field("rules").with("max", RULES_MAX));
        return findings;
    }
    for (place, rule) in form.rules.iter().enumerate() {
        let field = |name: &str| format!("rules[{place}].{name}");
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if rule.code.is_empty() || rule.code.len() > CODE_CHARS_MAX || !rule.code.chars().all(plain) {
            findings.push(Finding::refuse("code.malformed").field(field("code")).with("max", CODE_CHARS_MAX));
        }
        if form.rules[..place].iter().any(|other| other.code == rule.code) {
            findings.push(Finding::refuse("rule.twice").field(field("code")).with("rule", &rule.code));
        }
        if !elements.iter().any(|element| element.code == rule.at) {
            findings.push(Finding::refuse("rule.element").field(field("at")).with("element", &rule.at));
        }
        if let Test::Jump { percent, .. } = rule.test
            && !(1..=JUMP_PERCENT_MAX).contains(&percent)
        {
            let range = Finding::refuse("rule.percent").field(field("test.percent"));
            findings.push(range.with("max", JUMP_PERCENT_MAX));
        }
        let at = match rule.test {
            Test::Cel { .. } => "test.expression",
            _ => "test",
        };
        if let Err(finding) = expression_read(&rule.test.expression(), &elements, None) {
            findings.push(finding.field(field(at)));
        }
    }
    findings
}

fn computed_findings(book: &Book, form: &Form, elements: &[Arc<Element>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (place, item) in form.items.iter().enumerate() {
        let field = format!("items[{place}].computed");
        if let Some(other) = computed_elsewhere(book, form, place) {
            findings.push(Finding::refuse("computed.elsewhere").field(&field).with("form", &other.code));
        }
        let (Some(expression), Some(element)) = (&item.computed, book.element_by_code(&item.element)) else {
            continue;
        };
        if !matches!(element.value_type, ValueType::Integer | ValueType::Decimal { .. }) {
            findings.push(Finding::refuse("rule.element_kind").field(field).with("element", &element.code));
        } else if let Err(finding) = expression_read(expression, elements, Some(element)) {
            findings.push(finding.field(field));
        }
    }
    if findings.is_empty()
        && elements.len() == form.items.len()
        && let Some(compiled) = Compiled::of(form, elements)
        && let Some(element) = compiled.circle()
    {
        let place = form.items.iter().position(|item| item.element == element.code).unwrap_or_default();
        let circle = Finding::refuse("computed.circle").with("element", &element.code);
        findings.push(circle.field(format!("items[{place}].computed")));
    }
    findings
}

/// Another form that fills the same sheets and says otherwise how an element comes about. One number has one origin.
fn computed_elsewhere<'b>(book: &'b Book, form: &Form, place: usize) -> Option<&'b Form> {
    let item = &form.items[place];
    let beside = |other: &&Form| {
        other.code != form.code
            && other.as_of_min == form.as_of_min
            && other.since.max(form.since) < other.until.min(form.until)
    };
    book.forms().iter().filter(beside).find(|other| {
        other.items.iter().any(|known| known.element == item.element && known.computed != item.computed)
    })
}
