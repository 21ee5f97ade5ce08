//! Names of units: the numbering before them, and by what two of them are the same.

use muster_sheet::halfwidth;
use regex::Regex;
use std::sync::LazyLock;

/// How a name is numbered: names of one sort stand on one level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Numbering {
    /// Not at all.
    None,
    /// 第一章, 第一部分.
    Chapter,
    /// 一、
    Han,
    /// （一）
    HanBrackets,
    /// 1. 1、
    Digits,
    /// 1.1, with so many points.
    Dotted(u8),
    /// (1) 1)
    Brackets,
    /// ①
    Circled,
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of this program")
}

const HAN: &str = "[一二三四五六七八九十百]+";

static PATTERNS: LazyLock<[(Numbering, Regex); 7]> = LazyLock::new(|| {
    [
        (Numbering::Chapter, pattern(&format!(r"^第{HAN}(?:部分|章|篇)[\s、:]*"))),
        (Numbering::HanBrackets, pattern(&format!(r"^\({HAN}\)[\s、.]*"))),
        (Numbering::Han, pattern(&format!(r"^{HAN}[、.]\s*"))),
        (Numbering::Brackets, pattern(r"^(?:\(\d{1,4}\)|\d{1,4}\))[\s、.]*")),
        (
            Numbering::Dotted(1),
            pattern(r"^(\d{1,3}(?:\.\d{1,3})+)[、.]?(?:\s+|[^\d\s.A-Za-z万千百吨亿米级寸])"),
        ),
        (Numbering::Digits, pattern(r"^\d{1,4}(?:[、:]\s*|\.\s*(?:[^\d]|$))")),
        (Numbering::Circled, pattern(r"^[①-⑳]\s*")),
    ]
});

/// A name without its numbering.
pub(super) fn stripped(text: &str) -> (Numbering, String) {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // Compared narrow; as many characters are taken off what stands there.
    let narrow = halfwidth(&text).into_owned();
    for (numbering, pattern) in PATTERNS.iter() {
        let Some(found) = pattern.find(&narrow) else { continue };
        let mut end = found.as_str().chars().count();
        let mut sort = *numbering;
        if let (Numbering::Dotted(_) | Numbering::Digits, Some(last)) = (sort, found.as_str().chars().last())
        {
            // The pattern looks at the first character of the name too.
            end -= usize::from(!(last.is_whitespace() || matches!(last, '.' | '、' | ':')));
        }
        if let Numbering::Dotted(_) = sort {
            let points = found.as_str().matches('.').count();
            sort = Numbering::Dotted(u8::try_from(points).unwrap_or(u8::MAX));
        }
        let rest: String = text.chars().skip(end).collect();
        let rest = rest.trim().to_owned();
        if !rest.is_empty() {
            return (sort, rest);
        }
    }
    (Numbering::None, text)
}

/// By what two names are the same: narrow, without blanks, in small letters.
pub(super) fn key(name: &str) -> String {
    halfwidth(name).chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// The levels of names that stand in one column: by how far they are moved in, or by how they are numbered.
#[derive(Debug, Default)]
pub(super) struct Levels {
    by_indent: bool,
    open: Vec<(u16, Numbering)>,
}

impl Levels {
    /// Where some are moved in further than others that tells; numbering where none is.
    pub(super) fn new(by_indent: bool) -> Self {
        Self { by_indent, open: Vec::new() }
    }
    /// Whether indents tell.
    pub(super) fn is_by_indent(&self) -> bool {
        self.by_indent
    }
    /// The level of the next name, from 1.
    pub(super) fn next(&mut self, indent: u16, numbering: Numbering) -> usize {
        if self.by_indent {
            while self.open.last().is_some_and(|(known, _)| *known >= indent) {
                self.open.pop();
            }
        } else if let Some(at) = self.open.iter().position(|(_, known)| *known == numbering) {
            self.open.truncate(at);
        }
        self.open.push((indent, numbering));
        self.open.len()
    }
}
