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
