//! What a text orders, one measure each, and to whom it speaks.
//!
//! Measures are told by their ordinals: inline (一要…二要…, 一是…二是…) or at the head of a line (一、 （一） 1.).
//! An ordinal counts only in its series: the series must begin with one and miss none. Where a page has lost
//! the character 一, the first ordinal is gone with it; then the series begins at the "要" right after the verb of
//! speech that opens the paragraph, and the place of the lost ordinal is handed on for a conjecture.

use super::super::glyphs::{Glyph, View, place_of};
use super::super::model::{Measure, Part, Reason, Scope};
use super::furniture::pattern;
use super::numerals::number;
use super::outline::Outline;
use super::scope;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// The measures of a text.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Range of glyphs and measure, in order.
    pub(crate) measures: Vec<(Range<usize>, Measure)>,
    /// Where an ordinal 一 is missing: the glyph before which it belongs, and the word after it (要, 是).
    pub(crate) lost_first: Option<(usize, String)>,
}

static INLINE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:^|[。；;，,：:]\s*)(?P<n>[一二三四五六七八九十]{1,3})(?P<word>要|是)"));
static AFTER_SPEECH: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^[^，,。；:：]{0,30}(?:要求|强调|指出|提出|部署)[，,：:]\s*(?P<word>要|是)"));
/// The styles of a line that opens a measure, the highest rank first.
static HEADS: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    [
        pattern(r"^(?P<n>[一二三四五六七八九十]{1,3})、"),
        pattern(r"^[（(](?P<n>[一二三四五六七八九十]{1,3})[）)]"),
        pattern(r"^(?P<n>\d{1,2})[.．、]"),
    ]
});
const MEASURES_MIN: usize = 2;

/// Finds the measures: the longest inline series of one paragraph, else the paragraphs under numbered heads.
pub(crate) fn find(glyphs: &[Glyph], outline: &Outline, original_len: usize) -> Found {
    let paragraphs: Vec<Range<usize>> = outline.all(Part::Body).collect();
    let mut best = Found::default();
    for paragraph in &paragraphs {
        let (ranges, lost_first) = inline(glyphs, paragraph);
        if ranges.len() > best.measures.len() {
            best = Found { measures: measures(glyphs, outline, ranges, original_len), lost_first };
        }
    }
    if best.measures.is_empty() {
        let ranges = HEADS.iter().map(|head| by_head(glyphs, &paragraphs, head)).find(|all| !all.is_empty());
        best.measures = measures(glyphs, outline, ranges.unwrap_or_default(), original_len);
    }
    best
}

type Lost = Option<(usize, String)>;

/// The series inside one paragraph.
fn inline(glyphs: &[Glyph], paragraph: &Range<usize>) -> (Vec<Range<usize>>, Lost) {
    let view = View::of(glyphs, paragraph.clone());
    let mut starts = Vec::new();
    let mut lost = None;
    for found in INLINE.captures_iter(&view.text) {
        let (Some(n), Some(word)) = (found.name("n"), found.name("word")) else { continue };
        let Some(n_value) = number(n.as_str()) else { continue };
        let next = starts.len() as u32 + 1;
        if n_value == 2
            && next == 1
            && let Some((at, lost_word)) = lost_start(&view, n.start(), word.as_str())
        {
            starts.push(at);
            lost = Some((at, lost_word));
        }
        if n_value == starts.len() as u32 + 1 {
            starts.push(view.of_match(n).start);
        }
    }
    if starts.len() < MEASURES_MIN {
        return (Vec::new(), None);
    }
    let ends = starts.iter().skip(1).copied().chain([paragraph.end]);
    (starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect(), lost)
}

/// Where the first measure begins when its ordinal is lost: at the same word right after the verb of speech.
fn lost_start(view: &View, before: usize, word: &str) -> Lost {
    let found = AFTER_SPEECH.captures(&view.text)?.name("word")?;
    (found.start() < before && found.as_str() == word)
        .then(|| (view.of_match(found).start, found.as_str().to_owned()))
}

/// The paragraphs from each numbered head to the next.
fn by_head(glyphs: &[Glyph], paragraphs: &[Range<usize>], head: &Regex) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for paragraph in paragraphs {
        let text = View::of(glyphs, paragraph.clone()).text;
        let n = head.captures(&text).and_then(|found| number(found.name("n")?.as_str()));
        if n == Some(found.len() as u32 + 1) {
            found.push(paragraph.clone());
        } else if let Some(last) = found.last_mut() {
            last.end = paragraph.end;
        }
    }
    if found.len() < MEASURES_MIN { Vec::new() } else { found }
}

fn measures(
    glyphs: &[Glyph],
    outline: &Outline,
    ranges: Vec<Range<usize>>,
    original_len: usize,
) -> Vec<(Range<usize>, Measure)> {
    let addressee = outline.first(Part::Addressee).map(|range| View::of(glyphs, range).text);
    let numbered = ranges.into_iter().zip(1..);
    numbered
        .map(|(range, n)| {
            let text = View::of(glyphs, range.clone()).text;
            let (scope, scope_reason): (Scope, Reason) = scope::of_measure(&text, addressee.as_deref());
            let place = place_of(glyphs, range.clone(), original_len);
            (range, Measure { n, place, bytes: None, scope, scope_reason })
        })
        .collect()
}
