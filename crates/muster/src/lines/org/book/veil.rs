//! What a look at a book shows of its cells: nothing by which a person is known or reached. The reader has the file; the page
//! shows it again only so far that they see how it is read.

use super::shape::end_of;
use super::words::{Heading, heading, is_person, post_begins};
use super::{Mapping, Role};
use muster_kernel::words::number_of_person;
use muster_sheet::{Cell, Row};
use std::ops::Range;

/// So many digits side by side are a telephone, also without its area code; a day written so is veiled with them.
const LOCAL_DIGITS_MIN: usize = 7;
/// Digits of a number that stay to be seen.
const DIGITS_SHOWN: usize = 3;

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The header, or above it.
    Head,
    /// It is read.
    Data,
    /// A sum, a remark, or below all that is read.
    Rest,
}

/// How the cells of one line are shown.
#[derive(Debug)]
pub struct Veil<'m> {
    mapping: &'m Mapping,
    kind: Kind,
}

impl<'m> Veil<'m> {
    /// For a line of a book that is read so.
    pub fn of(mapping: &'m Mapping, row: &Row<'_>) -> Self {
        let beyond = mapping.last.is_some_and(|last| row.number() > last);
        let kind = match row.number() <= mapping.header {
            true => Kind::Head,
            false if beyond || end_of(row).is_some() => Kind::Rest,
            false => Kind::Data,
        };
        Self { mapping, kind }
    }

    /// A cell of the line: without its numbers, and of each name of a person its first character.
    pub fn shown(&self, cell: &Cell<'_>) -> String {
        let role = self.mapping.columns.get(&cell.column).copied().unwrap_or(Role::Skip);
        match (self.kind, role) {
            // A code is a number by right.
            (Kind::Data, Role::Code | Role::Place) => cell.text.to_owned(),
            (Kind::Data, Role::Level(_) | Role::Name | Role::Kind) => numbers_veiled(cell.text, false),
            (Kind::Data, Role::Person) => veiled(cell.text),
            _ => words_veiled(&numbers_veiled(cell.text, true)),
        }
    }
}

/// The part of a person's name that may be shown: that there is one.
fn veiled(text: &str) -> String {
    text.chars().next().map(|first| format!("{first}＊＊")).unwrap_or_default()
}

/// A text with its telephones, identity and account numbers veiled; where telephones without area code are looked for, those too.
fn numbers_veiled(text: &str, local: bool) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    let first = |rest: &str| {
        let long = number_of_person(rest);
        let short = if local { local_number(rest) } else { None };
        [long, short].into_iter().flatten().min_by_key(|at| at.start)
    };
    while let Some(at) = first(rest) {
        shown.push_str(&rest[..at.start]);
        let mut digits = 0;
        shown.extend(rest[at.clone()].chars().map(|c| {
            digits += usize::from(is_digit(c));
            if is_digit(c) && digits > DIGITS_SHOWN { '＊' } else { c }
        }));
        rest = &rest[at.end..];
    }
    shown + rest
}

/// Where digits first stand side by side as a telephone's do.
fn local_number(text: &str) -> Option<Range<usize>> {
    let (mut from, mut digits) = (0, 0);
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if is_digit(c) {
            if digits == 0 {
                from = at;
            }
            digits += 1;
        } else {
            if digits >= LOCAL_DIGITS_MIN {
                return Some(from..at);
            }
            digits = 0;
        }
    }
    None
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || ('０'..='９').contains(&c)
}

/// A text in which each word that looks like a person's name is veiled, also behind the word for what they are (联系人陈某某) and
/// before that for their post (陈某某主任).
fn words_veiled(text: &str) -> String {
    let phrases = text.split_inclusive(|c: char| !c.is_alphabetic() && !matches!(c, ' ' | '.' | '-' | '\''));
    // An English name has its spaces in it.
    phrases
        .flat_map(|phrase| {
            if is_person(word_of(phrase)) { vec![phrase] } else { phrase.split_inclusive(' ').collect() }
        })
        .map(|part| part.replacen(word_of(part), &word_veiled(word_of(part)), 1))
        .collect()
}

/// A part without the signs around it.
fn word_of(part: &str) -> &str {
    part.trim_matches(|c: char| !c.is_alphabetic())
}

fn word_veiled(word: &str) -> String {
    let ends = (0..=word.len()).filter(|at| word.is_char_boundary(*at));
    let label = ends.into_iter().find(|at| heading(&word[..*at]) == Some(Heading::Is(Role::Person)));
    let (label, rest) = word.split_at(label.unwrap_or(0));
    let (name, post) = rest.split_at(post_begins(rest).unwrap_or(rest.len()));
    // 单位 begins as a surname does, and is a word of every book.
    match is_person(name) && heading(name).is_none() {
        true => format!("{label}{}{post}", veiled(name)),
        false => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_show_no_number_and_no_name() {
        for (text, expected) in [
            ("备注：联系人：陈某某，电话62600000", "备注：联系人：陈＊＊，电话626＊＊＊＊＊"),
            ("联系人陈某某 13800000002", "联系人陈＊＊ 138＊＊＊＊＊＊＊＊"),
            ("张三主任、李四", "张＊＊主任、李＊＊"),
            ("０５５１－６２６００００１", "０５５＊－＊＊＊＊＊＊＊＊"),
            ("62600002、13800000002转801", "626＊＊＊＊＊、138＊＊＊＊＊＊＊＊转801"),
            ("备注：每月更新，2020年2月3日", "备注：每月更新，2020年2月3日"),
            ("合计,5", "合计,5"),
            ("某省国资委系统应急通讯录", "某省国资委系统应急通讯录"),
            ("John Smith", "J＊＊"),
            ("Contact: John Smith, tel 62600000", "Contact: J＊＊, tel 626＊＊＊＊＊"),
            ("张三13800000002", "张＊＊138＊＊＊＊＊＊＊＊"),
            ("无", "无"),
            ("单位：第一集团，负责人：单某", "单位：第一集团，负责人：单＊＊"),
            ("", ""),
        ] {
            assert_eq!(words_veiled(&numbers_veiled(text, true)), expected, "{text}");
        }
    }

    #[test]
    fn names_of_units_keep_their_numbers() {
        assert_eq!(numbers_veiled("2020001标段项目部", false), "2020001标段项目部");
        assert_eq!(numbers_veiled("项目部 13800000002", false), "项目部 138＊＊＊＊＊＊＊＊");
    }
}
