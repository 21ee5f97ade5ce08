//! Every code that the tree and its files may tell has a sentence.

use crate::say::catalogue;
use muster_kernel::Locale;
use std::path::Path;

/// First words of codes told here.
const TOLD: &[&str] = &["sheet", "cell", "unit", "contact", "post", "party", "import", "export"];
/// Words that are actions, spans or permissions, not sentences.
const ACTIONS: &[&str] = &[
    "unit.create",
    "unit.change",
    "unit.move",
    "unit.close",
    "unit.merge",
    "unit.split",
    "unit.list",
    "unit.read",
    "unit.history",
    "post.set",
    "contact.erase",
    "contact.find",
    "contact.looks",
    "contact.read",
    "contact.set",
    "party.change",
    "party.create",
    "party.list",
    "party.read",
];

fn codes(folder: &Path, to: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "tests") {
                codes(&path, to);
            }
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for literal in text.split('"') {
            let word =
                |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            if let Some((first, rest)) = literal.split_once('.')
                && TOLD.contains(&first)
                && word(rest)
                && !ACTIONS.contains(&literal)
            {
                to.push(literal.to_owned());
            }
        }
    }
}

#[test]
fn every_code_has_a_sentence() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut told = Vec::new();
    codes(&root.join("src/lines/org"), &mut told);
    codes(&root.join("../muster-sheet/src"), &mut told);
    told.sort();
    told.dedup();
    assert!(told.len() > 70, "{}", told.len());
    let catalogue = catalogue(Locale::En);
    let silent: Vec<_> = told.iter().filter(|code| !catalogue.contains_key(*code)).collect();
    assert!(silent.is_empty(), "no sentence for {silent:?}");
}

#[test]
fn a_code_leads_nowhere_and_lost_no_digits() {
    let check = |text: &str, wanted: Result<&str, &str>| {
        let read = super::super::check::code(text);
        let told = read.as_ref().map(String::as_str).map_err(|finding| finding.code.as_str());
        assert_eq!(told, wanted, "{text}");
    };
    check(" Ｆ１1 ", Ok("F11"));
    check("华北/1.2_a-b", Ok("华北/1.2_a-b"));
    check("E17", Ok("E17"));
    for text in ["", "-", "..", "../x", "a/../b", "AA/", "/a", "a//b", "a b", &"x".repeat(65)] {
        check(text, Err("unit.code_form"));
    }
    check("3.5E17", Err("unit.code_lost_digits"));
    let long = super::super::check::code(&"x".repeat(7_000)).unwrap_err();
    assert_eq!(long.args["code"].chars().count(), 64, "a long one is not said again whole");
}

#[test]
fn two_telephones_are_two_numbers() {
    let check = |text: &str, wanted: Result<&str, &str>| {
        let read = super::super::check::check_phone("phone", text);
        let told = read.as_ref().map(String::as_str).map_err(|findings| findings[0].code.as_str());
        assert_eq!(told, wanted, "{text}");
    };
    check("0551-5550100", Ok("0551-5550100"));
    check("0551-5550100、0551-5550101", Err("contact.two_phones"));
    check("=cmd|1", Err("contact.phone_form"));
}
