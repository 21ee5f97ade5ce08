//! Conjectures: what must have stood there, to the best of knowledge, without proof. Pure.
//!
//! Some pages take whole characters out of a text (一, 領, 極, 最: words that an advertising law forbids) or swap a
//! word (政府 for 中國), and nothing in the bytes tells. Four rules propose; each says its reason, none applies itself:
//! a set phrase of the lexicon stands there damaged; the title says whole what the body says damaged; an ordinal
//! opens a series; one byte is left of a character and a phrase asks for it. Titles and bodies are judged apart,
//! for they pass through different hands.

use super::glyphs::Glyph;
use super::lexicon::{PHRASES, Phrase};
use super::model::{Conjecture, ConjectureState, Place, Reason};
use super::repair::script::is_han;
use super::repair::shifted::Half;
use encoding_rs::GBK;
use std::collections::BTreeMap;
use std::ops::Range;

/// What the rules are given.
pub(crate) struct Evidence<'a> {
    /// The working text.
    pub(crate) glyphs: &'a [Glyph],
    /// Length of the original, characters.
    pub(crate) original_len: usize,
    /// Glyphs of the title.
    pub(crate) title: Option<Range<usize>>,
    /// Glyphs of each paragraph of the body.
    pub(crate) body: Vec<Range<usize>>,
    /// Where the ordinal 一 is missing, and the word after it.
    pub(crate) lost_first: Option<(usize, String)>,
    /// What is left of characters that shifted bytes cut in half.
    pub(crate) halves: Vec<Half>,
}

/// Most conjectures that are kept of a text: nobody decides more. The first in the order of the text are.
pub(crate) const CONJECTURES_MAX: usize = 1_000;
/// A title's phrase shorter than this says too little.
const TITLE_PHRASE_MIN: usize = 5;

/// The conjectures in the order of the text, and whether there were more than are kept.
pub(crate) fn propose(evidence: &Evidence<'_>) -> (Vec<Conjecture>, bool) {
    let mut made = Made { evidence, found: BTreeMap::new() };
    if let Some((at, word)) = &evidence.lost_first {
        let phrase = format!("一{word}");
        let reason = Reason::new("series").with("lost", "一").with("word", word);
        made.add(*at..*at, "一", &phrase, reason);
    }
    let title: Vec<Range<usize>> = evidence.title.clone().into_iter().collect();
    for field in [&title, &evidence.body] {
        let gone = |proper: &str| {
            proper.chars().all(|c| field.iter().all(|range| made_of(evidence.glyphs, range).all(|g| g != c)))
        };
        for phrase in PHRASES.iter() {
            let gone = gone(&phrase.proper);
            for range in field.iter().filter(|_| gone || !phrase.only_when_gone) {
                made.by_phrase(phrase, range, gone);
            }
        }
    }
    made.by_title();
    let cut = made.found.len() > CONJECTURES_MAX;
    let numbered = made.found.into_values().take(CONJECTURES_MAX).zip(1..);
    (numbered.map(|(conjecture, n)| Conjecture { n, ..conjecture }).collect(), cut)
}

fn made_of<'a>(glyphs: &'a [Glyph], range: &Range<usize>) -> impl Iterator<Item = char> + use<'a> {
    glyphs[range.clone()].iter().map(|glyph| glyph.plain)
}

/// The conjectures so far, by the glyphs they are about.
struct Made<'a> {
    evidence: &'a Evidence<'a>,
    found: BTreeMap<(usize, usize), Conjecture>,
}

impl Made<'_> {
    /// Proposes for some glyphs (none where something is missing before one), unless an earlier rule did.
    fn add(&mut self, glyphs: Range<usize>, proposed: &str, phrase: &str, reason: Reason) {
        // Those that are there do not overlap, so only the nearest on either side can be in the way.
        let here = (glyphs.start, glyphs.end);
        let before = self.found.range(..here).next_back();
        let after = self.found.range(here..).next();
        let in_the_way = |((start, end), _): (&(usize, usize), &Conjecture)| {
            here == (*start, *end) || (here.0 < *end && *start < here.1)
        };
        if before.is_some_and(in_the_way) || after.is_some_and(in_the_way) {
            return;
        }
        let all = self.evidence.glyphs;
        let start = all.get(glyphs.start).map_or(self.evidence.original_len, |glyph| glyph.place.start);
        let end = if glyphs.is_empty() { start } else { all[glyphs.end - 1].place.end };
        let conjecture = Conjecture {
            n: 0,
            place: Place { start, end },
            original: made_of(all, &glyphs).collect(),
            proposed: proposed.to_owned(),
            phrase: phrase.to_owned(),
            reason,
            state: ConjectureState::Open,
        };
        self.found.insert((glyphs.start, glyphs.end), conjecture);
    }

    /// Every place where a phrase of the lexicon stands damaged.
    fn by_phrase(&mut self, phrase: &Phrase, range: &Range<usize>, gone: bool) {
        let all = self.evidence.glyphs;
        let length = phrase.damaged.len();
        for start in range.start..(range.end + 1).saturating_sub(length) {
            let here = start..start + length;
            let is_here = made_of(all, &here).eq(phrase.damaged.iter().copied());
            let next_to = |at: Option<usize>, not: &str| {
                at.filter(|at| range.contains(at)).is_some_and(|at| not.contains(all[at].plain))
            };
            // Where the loss is at an end of the phrase, what stands there may be no loss at all.
            let whole_already = phrase.instead.is_empty()
                && (phrase.at == 0 && next_to(start.checked_sub(1), &phrase.proper)
                    || phrase.at == length && next_to(Some(here.end), &phrase.proper));
            if !is_here
                || whole_already
                || next_to(start.checked_sub(1), &phrase.not_before)
                || next_to(Some(here.end), &phrase.not_after)
            {
                continue;
            }
            let at = start + phrase.at;
            let swapped = at..at + phrase.instead.chars().count();
            let reason = if phrase.instead == "?" {
                match self.half_at(at) {
                    Some(half) if begins_with(&phrase.proper, half) => Reason::new("half")
                        .with("byte", format!("{half:02X}"))
                        .with("character", &phrase.proper),
                    _ => continue,
                }
            } else if !swapped.is_empty() {
                Reason::new("swapped").with("instead", &phrase.instead).with("proper", &phrase.proper)
            } else if gone {
                Reason::new("lost_everywhere").with("lost", &phrase.proper)
            } else {
                Reason::new("lost_here").with("lost", &phrase.proper)
            };
            self.add(swapped, &phrase.proper, &phrase.whole, reason.with("phrase", &phrase.whole));
        }
    }

    /// The byte left of a character at a mark.
    fn half_at(&self, glyph: usize) -> Option<u8> {
        let at = self.evidence.glyphs[glyph].place.start;
        self.evidence.halves.iter().find(|half| half.at == at).map(|half| half.lead)
    }

    /// Every place in the body that reads like a run of the title with one character lost, where that character
    /// occurs nowhere in the body.
    fn by_title(&mut self) {
        let Some(title) = self.evidence.title.clone() else { return };
        let all = self.evidence.glyphs;
        let title: Vec<char> = made_of(all, &title).collect();
        let body: Vec<Range<usize>> = self.evidence.body.clone();
        for (at, lost) in title.iter().enumerate().filter(|(_, c)| is_han(**c)) {
            if body.iter().any(|range| made_of(all, range).any(|c| c == *lost)) {
                continue;
            }
            let (before, after) = (han_before(&title[..at]), han_after(&title[at + 1..]));
            for range in &body {
                for here in range.start + 1..range.end {
                    let left = common(before.iter().rev(), all[range.start..here].iter().rev());
                    let right = common(after.iter(), all[here..range.end].iter());
                    if left >= 2 && right >= 2 && left + right + 1 >= TITLE_PHRASE_MIN {
                        let phrase: String = title[at - left..=at + right].iter().collect();
                        let reason = Reason::new("title").with("phrase", &phrase).with("lost", lost);
                        self.add(here..here, &lost.to_string(), &phrase, reason);
                    }
                }
            }
        }
    }
}

fn han_before(chars: &[char]) -> &[char] {
    let count = chars.iter().rev().take_while(|c| is_han(**c)).count();
    &chars[chars.len() - count..]
}

fn han_after(chars: &[char]) -> &[char] {
    let count = chars.iter().take_while(|c| is_han(**c)).count();
    &chars[..count]
}

/// How many characters run alike.
fn common<'a>(one: impl Iterator<Item = &'a char>, other: impl Iterator<Item = &'a Glyph>) -> usize {
    one.zip(other).take_while(|(c, glyph)| **c == glyph.plain).count()
}

/// Whether the first character of a word begins with a byte in GBK.
fn begins_with(word: &str, lead: u8) -> bool {
    GBK.encode(word).0.first() == Some(&lead)
}
