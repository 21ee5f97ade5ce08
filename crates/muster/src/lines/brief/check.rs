//! What people write beside the figures, before it is taken in: bounded, and free of what must not stand in a brief.

use super::model::Narrative;
use muster_kernel::words::{has_control, number_of_person};
use muster_kernel::{Finding, Problem};

/// Paragraphs of each of the three parts.
const PARAGRAPHS_MAX: usize = 50;
/// Characters of a paragraph.
const PARAGRAPH_CHARS_MAX: usize = 2000;

/// A narrative as it will be kept: trimmed, without empty paragraphs.
///
/// # Errors
/// `brief.narrative_refused` with every finding, each at its paragraph.
pub fn narrative(draft: Narrative) -> Result<Narrative, Problem> {
    let mut findings = Vec::new();
    let mut part = |name: &str, paragraphs: Vec<String>| -> Vec<String> {
        if paragraphs.len() > PARAGRAPHS_MAX {
            findings
                .push(Finding::refuse("brief.too_many_paragraphs").field(name).with("max", PARAGRAPHS_MAX));
        }
        for (at, text) in paragraphs.iter().enumerate().take(PARAGRAPHS_MAX) {
            let field = format!("{name}[{at}]");
            if text.chars().nth(PARAGRAPH_CHARS_MAX).is_some() {
                findings.push(
                    Finding::refuse("brief.paragraph_too_long")
                        .field(&field)
                        .with("max", PARAGRAPH_CHARS_MAX),
                );
            }
            if has_control(text) {
                findings.push(Finding::refuse("brief.control_character").field(&field));
            }
            if let Some(number) = number_of_person(text) {
                findings.push(Finding::refuse("brief.telephone").field(field).with("number", &text[number]));
            }
        }
        paragraphs.iter().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect()
    };
    let kept = Narrative {
        progress: part("progress", draft.progress),
        problems: part("problems", draft.problems),
        next: part("next", draft.next),
    };
    if findings.is_empty() {
        Ok(kept)
    } else {
        Err(Problem::invalid("brief.narrative_refused").findings(findings))
    }
}

/// A text of a unit's with every telephone and identity number covered: a brief never bears one.
pub fn covered(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(number) = number_of_person(rest) {
        out.push_str(&rest[..number.start]);
        out.push_str("████");
        rest = &rest[number.end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_people_are_covered_and_figures_are_not() {
        for (text, expected) in [
            ("午检时两人 37.6℃", "午检时两人 37.6℃"),
            ("库存 1480000 只, 2020-02-03 15:00 起", "库存 1480000 只, 2020-02-03 15:00 起"),
            ("致电13800138000核实", "致电████核实"),
            ("0551-6288 7123 与 (010)62889999。", "████ 与 (████。"),
            ("１３８００１３８０００", "████"),
            ("身份证34010219900101123X", "身份证████X"),
            ("12,345,678 只", "12,345,678 只"),
            ("", ""),
        ] {
            assert_eq!(covered(text), expected, "{text}");
        }
    }

    #[test]
    fn every_fault_of_a_narrative_is_found() {
        let draft = Narrative {
            progress: vec!["好".repeat(2001), " 已复工 3 家 ".into(), "  ".into()],
            problems: vec!["缺口罩".into(); 51],
            next: vec!["联系 13800138000".into(), "a\u{7}b".into()],
        };
        let problem = narrative(draft).unwrap_err();
        let found: Vec<_> =
            problem.findings.iter().map(|f| (f.code.as_str(), f.at.field.clone().unwrap())).collect();
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found.contains(&("brief.telephone", "next[0]".into())));
        assert!(found.contains(&("brief.control_character", "next[1]".into())));
        let kept = narrative(Narrative {
            progress: vec![" 已复工 3 家 ".into(), " ".into()],
            ..Narrative::default()
        });
        assert_eq!(kept.unwrap().progress, ["已复工 3 家"]);
    }
}
