//! Traditional to simplified characters.
//!
//! By `ferrous-opencc`: the dictionaries of OpenCC (characters and phrases, so that 乾隆 is not 干隆), in Rust, under
//! Apache-2.0. `zhconv` was the other candidate; its tables bring GPL-2.0-or-later into the one file we ship.

use super::super::glyphs::{Glyph, lines};
use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use std::sync::LazyLock;

/// The converter and its dictionaries are built in, so that only a broken build can fail here; a text is then
/// shown as it was written.
static TO_SIMPLIFIED: LazyLock<Option<OpenCC>> =
    LazyLock::new(|| OpenCC::from_config(BuiltinConfig::T2s).ok());

/// Below this share of characters that the converter would change, in percent, a text is taken as simplified
/// already and left alone: some characters (著, 瞭, 乾) belong to both scripts.
const TRADITIONAL_PERCENT_MIN: usize = 3;

/// Fills in the simplified form of each glyph. Each keeps its place: the converter is asked line by line, and where
/// it would change the number of characters, character by character.
pub(crate) fn simplify(glyphs: &mut [Glyph]) {
    let mut plain: Vec<char> = glyphs.iter().map(|glyph| glyph.repaired).collect();
    for line in lines(glyphs) {
        let written: String = plain[line.clone()].iter().collect();
        let converted: Vec<char> = convert(&written).chars().collect();
        if converted.len() == line.len() {
            plain[line].copy_from_slice(&converted);
        } else {
            plain[line].iter_mut().for_each(|c| *c = simplify_one(*c));
        }
    }
    let letters = glyphs.iter().filter(|glyph| is_han(glyph.repaired)).count();
    let changed = glyphs.iter().zip(&plain).filter(|(glyph, plain)| glyph.repaired != **plain).count();
    if changed * 100 >= letters * TRADITIONAL_PERCENT_MIN {
        for (glyph, plain) in glyphs.iter_mut().zip(plain) {
            glyph.plain = plain;
        }
    }
}

/// The simplified form of one character, without its neighbours.
pub(crate) fn simplify_one(c: char) -> char {
    let mut utf8 = [0; 4];
    let converted = convert(c.encode_utf8(&mut utf8));
    let mut chars = converted.chars();
    match (chars.next(), chars.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// A text in simplified characters.
fn convert(text: &str) -> String {
    TO_SIMPLIFIED.as_ref().map_or_else(|| text.to_owned(), |converter| converter.convert(text))
}

/// Whether it is a Chinese character.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::super::super::model::Place;
    use super::*;

    fn check(text: &str, expected: &str) {
        let mut glyphs: Vec<Glyph> = text
            .chars()
            .enumerate()
            .map(|(at, c)| Glyph {
                repaired: c,
                plain: c,
                place: Place { start: at, end: at + 1 },
                decoded: false,
            })
            .collect();
        simplify(&mut glyphs);
        assert_eq!(glyphs.iter().map(|glyph| glyph.plain).collect::<String>(), expected);
    }

    #[test]
    fn a_traditional_text_is_simplified_and_a_simplified_one_is_left_alone() {
        check("堅決打贏疫情防控阻擊戰", "坚决打赢疫情防控阻击战");
        check("乾隆年間的頭髮\n發展", "乾隆年间的头发\n发展");
        check(
            "瞭望塔上的工作人员要坚持二十四小时值班，及时报告有关情况，不得擅离职守，确保万无一失。",
            "瞭望塔上的工作人员要坚持二十四小时值班，及时报告有关情况，不得擅离职守，确保万无一失。",
        );
        check("", "");
    }
}
