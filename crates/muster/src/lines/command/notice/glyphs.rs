//! The working text: characters that know where in the original they come from. Pure.

use super::model::Place;
use std::ops::Range;

/// One character of the working text.
#[derive(Clone, Debug)]
pub(crate) struct Glyph {
    /// As repaired, in the script it was written in.
    pub(crate) repaired: char,
    /// In simplified characters.
    pub(crate) plain: char,
    /// The original characters it stands for. The glyphs of a decoded block share its place.
    pub(crate) place: Place,
    /// Whether it was decoded from shifted bytes.
    pub(crate) decoded: bool,
}

/// A piece of the working text as a string of simplified characters, for patterns, which count bytes.
pub(crate) struct View {
    /// The simplified characters.
    pub(crate) text: String,
    /// The glyph at each byte of `text`, and one past the last.
    glyph_at: Vec<usize>,
}

impl View {
    /// The view of some glyphs.
    pub(crate) fn of(glyphs: &[Glyph], range: Range<usize>) -> Self {
        let mut text = String::new();
        let mut glyph_at = Vec::new();
        for index in range.clone() {
            text.push(glyphs[index].plain);
            glyph_at.resize(text.len(), index);
        }
        glyph_at.push(range.end);
        Self { text, glyph_at }
    }
    /// The glyphs of a range of bytes.
    pub(crate) fn glyphs(&self, bytes: Range<usize>) -> Range<usize> {
        self.glyph_at[bytes.start]..self.glyph_at[bytes.end]
    }
    /// The glyphs of a match.
    pub(crate) fn of_match(&self, found: regex::Match<'_>) -> Range<usize> {
        self.glyphs(found.range())
    }
}

/// The original characters of a range of glyphs, with the readings inserted after its last glyph: they belong to
/// that glyph.
pub(crate) fn place_of(glyphs: &[Glyph], range: Range<usize>, original_len: usize) -> Place {
    let start = glyphs.get(range.start).map_or(original_len, |glyph| glyph.place.start);
    let end = glyphs.get(range.end).map_or(original_len, |glyph| glyph.place.start);
    Place { start, end: end.max(start) }
}

/// The lines of the working text, without their line ends.
pub(crate) fn lines(glyphs: &[Glyph]) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (index, glyph) in glyphs.iter().enumerate() {
        if glyph.plain == '\n' {
            lines.push(start..index);
            start = index + 1;
        }
    }
    lines.push(start..glyphs.len());
    lines
}

/// A range without the white space at its ends.
pub(crate) fn trim(glyphs: &[Glyph], mut range: Range<usize>) -> Range<usize> {
    while !range.is_empty() && glyphs[range.start].plain.is_whitespace() {
        range.start += 1;
    }
    while !range.is_empty() && glyphs[range.end - 1].plain.is_whitespace() {
        range.end -= 1;
    }
    range
}
