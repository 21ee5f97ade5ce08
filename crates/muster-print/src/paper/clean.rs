//! People's text, made fit for paper.
//!
//! The writers take text only as data, never as markup; here it is freed of what no paper can
//! show (control characters, marks that turn the reading direction), kept to a length, and its
//! characters without a glyph are replaced by `〓`, as Chinese printers do. Each of these is said
//! in a finding, none done in silence.

use std::collections::BTreeSet;

use crate::{Finding, Lang, labels};

/// What stands for a character the fonts have no glyph for.
const GETA: char = '〓';

/// The longest run without a place to break a line that is left alone.
const RUN_MAX: usize = 24;

/// A place to break a line that is not seen.
const BREAK: char = '\u{200B}';

/// Cleans texts one by one and remembers what it did.
pub(crate) struct Cleaner<'a> {
    lang: Lang,
    /// Whether a character has a glyph; `None` where the reader's machine brings the fonts.
    covers: Option<&'a dyn Fn(char) -> bool>,
    /// Characters removed.
    controls: usize,
    /// Texts shortened.
    cut: usize,
    missing: BTreeSet<char>,
}

impl<'a> Cleaner<'a> {
    pub(crate) fn new(lang: Lang, covers: Option<&'a dyn Fn(char) -> bool>) -> Self {
        Self { lang, covers, controls: 0, cut: 0, missing: BTreeSet::new() }
    }

    /// A text of one line: a name, a path, a unit.
    pub(crate) fn line(&mut self, text: &str, chars_max: usize) -> String {
        self.text(text, chars_max).replace('\n', " ")
    }

    /// A text that may have several lines.
    pub(crate) fn text(&mut self, text: &str, chars_max: usize) -> String {
        self.clean(text, chars_max, self.covers.is_some())
    }

    /// A line that is copied by its readers, and so is given no places to break.
    pub(crate) fn code(&mut self, text: &str, chars_max: usize) -> String {
        self.clean(text, chars_max, false).replace('\n', " ")
    }

    fn clean(&mut self, text: &str, chars_max: usize, breaks: bool) -> String {
        let mut clean = String::with_capacity(text.len());
        let mut run = 0;
        let mut kept = 0;
        let mut chars = text.trim().chars().peekable();
        while let Some(c) = chars.next() {
            let c = match c {
                '\r' if chars.peek() == Some(&'\n') => continue,
                '\r' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
                '\t' => ' ',
                c => c,
            };
            if is_unprintable(c) {
                self.controls += 1;
                continue;
            }
            if kept == chars_max {
                let more = 1 + chars.count();
                let words = labels::get(self.lang, "text.more").unwrap_or("… {n}");
                clean.push_str(&words.replace("{n}", &more.to_string()));
                self.cut += 1;
                return clean;
            }
            kept += 1;
            // What may break a line by itself: spaces, and everything from the CJK blocks on.
            run = if c.is_whitespace() || c as u32 >= 0x2E80 { 0 } else { run + 1 };
            if breaks && run > RUN_MAX {
                clean.push(BREAK);
                run = 1;
            }
            clean.push(self.glyph(c));
        }
        clean
    }

    fn glyph(&mut self, c: char) -> char {
        match self.covers {
            Some(covers) if !is_blank(c) && !covers(c) => {
                self.missing.insert(c);
                GETA
            }
            _ => c,
        }
    }

    /// What was done, for a person to know.
    pub(crate) fn findings(self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.controls > 0 {
            let message = format!("{} control characters were left out", self.controls);
            findings.push(Finding { finding: "print.text.control", message });
        }
        if self.cut > 0 {
            let message = format!("{} texts were shortened, each says by how much", self.cut);
            findings.push(Finding { finding: "print.text.cut", message });
        }
        if !self.missing.is_empty() {
            let some: Vec<_> =
                self.missing.iter().take(20).map(|c| format!("{c} U+{:04X}", *c as u32)).collect();
            let message = format!(
                "{} characters have no glyph in the fonts and are printed as {GETA}: {}",
                self.missing.len(),
                some.join(", ")
            );
            findings.push(Finding { finding: "print.glyph.missing", message });
        }
        findings
    }
}

/// Control characters other than the line feed, marks that turn the reading direction (a name
/// must not be shown backwards), and what is no character at all.
fn is_unprintable(c: char) -> bool {
    c != '\n'
        && (c.is_control()
            || matches!(
                c,
                '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            )
            || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{E0000}'..='\u{E0FFF}')
            || (c as u32) & 0xFFFE == 0xFFFE
            || matches!(c, '\u{FDD0}'..='\u{FDEF}'))
}

/// What needs no glyph.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(cleaner: Cleaner<'_>) -> Vec<&'static str> {
        cleaner.findings().into_iter().map(|f| f.finding).collect()
    }

    #[test]
    fn control_characters_and_direction_marks_go_and_it_is_said() {
        let mut cleaner = Cleaner::new(Lang::ZhCn, None);
        assert_eq!(cleaner.text("a\0b\u{202E}c\u{FFFE}\u{7}\r\nd\te", 99), "abc\nd e");
        assert_eq!(cleaner.line("甲\n乙", 99), "甲 乙");
        assert_eq!(codes(cleaner), ["print.text.control"]);
    }

    #[test]
    fn a_text_is_cut_where_it_says_so_with_the_rest_counted() {
        let mut cleaner = Cleaner::new(Lang::ZhCn, None);
        assert_eq!(cleaner.text(&"字".repeat(12), 10), format!("{}……（余 2 字略）", "字".repeat(10)));
        assert_eq!(cleaner.text(&"字".repeat(10), 10), "字".repeat(10));
        assert_eq!(codes(cleaner), ["print.text.cut"]);
    }

    #[test]
    fn a_character_without_a_glyph_is_marked_and_named() {
        let covers = |c: char| c != '龘';
        let mut cleaner = Cleaner::new(Lang::ZhCn, Some(&covers));
        assert_eq!(cleaner.text("龘 安", 99), "〓 安");
        let findings = cleaner.findings();
        assert_eq!(findings[0].finding, "print.glyph.missing");
        assert!(findings[0].message.contains("U+9F98"));
    }

    #[test]
    fn a_long_run_gets_places_to_break_on_paper_only() {
        let covers = |_: char| true;
        let run = "x".repeat(60);
        let broken = Cleaner::new(Lang::En, Some(&covers)).text(&run, 99);
        assert_eq!(broken.split(BREAK).map(str::len).max(), Some(RUN_MAX));
        assert_eq!(broken.replace(BREAK, ""), run);
        assert_eq!(Cleaner::new(Lang::En, Some(&covers)).code(&run, 99), run);
        assert_eq!(Cleaner::new(Lang::En, None).text(&run, 99), run);
    }
}
