//! Shifted bytes: `當?shù)脑嚱鹗…湍サ妒?`, which was `當的試金石和磨刀石`.
//!
//! How it comes about, worked out from the bytes. The text was in GBK, two bytes a character. A tool that splices
//! readings in looked for the *bytes* of `數` (94 B5) and found them astride two characters: the second byte of `當`
//! (AE 94) and the first of `的` (B5 C4). It put `(shù)` after them, in the middle of `的`. Whoever read the page then
//! saw B5 followed by a bracket, which is no character: both became `?`. From there on every pair of bytes was read
//! one byte late (C4 D4 `脑`, 87 BD `嚱`, ...) until a lone byte at the end became the second `?`.
//!
//! What is proof: every byte between the two marks is still there, so all characters but the first and the last
//! decode exactly, and encode back to the same bytes. The lost first byte is proved when only one value of it makes
//! a character with the spliced reading out of the byte before; the same holds at the end where a reading stands
//! there. What is lost without a trace is no repair: the mark stays, with the byte that is left of it, and a
//! conjecture may build on that byte.

use super::super::model::{Place, Reason};
use super::readings::{is_letter, is_reading_of};
use super::script;
use encoding_rs::GBK;
use std::collections::HashMap;

/// A run of shifted bytes, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decoded {
    /// What it replaces.
    pub(crate) place: Place,
    /// What it says, in the script it was written in.
    pub(crate) text: Vec<char>,
    /// The first byte of a character whose second byte is lost, and the mark that stands for it.
    pub(crate) half: Option<Half>,
    /// The bytes, for a reader who wants to check.
    pub(crate) reason: Reason,
}

/// The first byte of a character that cannot be known from bytes alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Half {
    /// Position of the mark.
    pub(crate) at: usize,
    /// The first byte in GBK.
    pub(crate) lead: u8,
}

/// All runs of shifted bytes.
pub(crate) fn find(chars: &[char]) -> Vec<Decoded> {
    let mut found = Vec::new();
    let mut lost = Lost::default();
    let mut at = 0;
    while at < chars.len() {
        match is_mark(chars[at]).then(|| decode(chars, at, &mut lost)).flatten() {
            Some(decoded) => {
                at = decoded.place.end;
                found.push(decoded);
            }
            None => at += 1,
        }
    }
    found
}

/// Tries the run that begins with the mark at `at`.
fn decode(chars: &[char], at: usize, lost: &mut Lost) -> Option<Decoded> {
    let (reading, run_start) = fragment(chars, at + 1);
    let run: Vec<[u8; 2]> = chars[run_start..].iter().map_while(|c| pair(*c)).collect();
    let run_end = run_start + run.len();
    if !chars.get(run_end).is_some_and(|c| is_mark(*c)) {
        return None;
    }
    let bytes: Vec<u8> = run.concat();
    let (&last, inner) = bytes.get(1..)?.split_last()?;

    let first_lead = reading.and_then(|reading| lost.after(second_byte_before(chars, at)?, reading));
    let (end_reading, after_end) = fragment(chars, run_end + 1);
    let last_trail = end_reading.and_then(|reading| lost.after(last, reading));

    let whole: Vec<u8> = first_lead
        .map(|lead| [lead, bytes[0]])
        .into_iter()
        .flatten()
        .chain(inner.iter().copied())
        .chain(last_trail.map(|trail| [last, trail]).into_iter().flatten())
        .collect();
    let text = gbk(&whole)?;
    let inner_len = inner.len() / 2;
    if !is_better(&text, &chars[run_start..run_end], first_lead.is_some(), inner_len) {
        return None;
    }
    let start = if first_lead.is_some() { at } else { run_start };
    let (end, half) = match last_trail {
        Some(_) => (after_end, None),
        None => (run_end, Some(Half { at: run_end, lead: last })),
    };
    let reason = Reason::new("decoded").with("bytes", hex::encode_upper(&whole));
    Some(Decoded { place: Place { start, end }, text, half, reason })
}

/// What is left of a spliced reading whose opening bracket went with the lost byte: `shù)`.
fn fragment(chars: &[char], from: usize) -> (Option<String>, usize) {
    let rest = chars.get(from..).unwrap_or_default();
    let letters = rest.iter().take_while(|c| is_letter(**c)).count();
    if (1..=6).contains(&letters) && rest.get(letters) == Some(&')') {
        (Some(rest[..letters].iter().collect()), from + letters + 1)
    } else {
        (None, from)
    }
}

/// The second byte of the character before a mark, past the reading that is spliced in behind it.
fn second_byte_before(chars: &[char], mark: usize) -> Option<u8> {
    let before = chars[..mark].iter().rposition(|c| !is_letter(*c) && !matches!(c, '(' | ')'))?;
    pair(chars[before]).map(|[_, second]| second)
}

/// Lost bytes that were searched for: a page splices the same readings again and again.
#[derive(Default)]
struct Lost(HashMap<(u8, String), Option<u8>>);

impl Lost {
    /// The one byte that, after this byte, makes a character of this reading.
    fn after(&mut self, byte: u8, reading: String) -> Option<u8> {
        let search = |(byte, reading): &(u8, String)| {
            only((0x40..=0xFE).filter(|lost| reads(&[*byte, *lost], reading)))
        };
        let key = (byte, reading);
        *self.0.entry(key.clone()).or_insert_with(|| search(&key))
    }
}

fn reads(bytes: &[u8], reading: &str) -> bool {
    gbk(bytes).is_some_and(|text| text.len() == 1 && is_reading_of(text[0], reading))
}

fn only(mut candidates: impl Iterator<Item = u8>) -> Option<u8> {
    let first = candidates.next()?;
    candidates.next().is_none().then_some(first)
}

/// Whether the decoded text is one and the shown text is none: all of the one is in daily use, and a good part of
/// the other is not (rare characters, kana, private use). With the first character proved, three are enough.
fn is_better(text: &[char], shown: &[char], first_is_proved: bool, inner_len: usize) -> bool {
    let strange = shown.iter().filter(|c| !is_daily(**c)).count();
    let enough = if first_is_proved { 1 } else { 3 };
    inner_len >= enough && text.iter().all(|c| is_daily(*c)) && strange * 3 >= shown.len()
}

/// Whether a character is in daily use: in its simplified form one of the 3,755 of GB 2312 level 1, or punctuation.
fn is_daily(c: char) -> bool {
    match pair(script::simplify_one(c)) {
        Some([lead, _]) => (0xB0..=0xD7).contains(&lead) || "，。、；：！？“”‘’（）《》〔〕".contains(c),
        None => false,
    }
}

fn is_mark(c: char) -> bool {
    matches!(c, '?' | '\u{fffd}')
}

/// The two bytes of a character in GBK, private use included; `None` for one byte or none.
fn pair(c: char) -> Option<[u8; 2]> {
    let mut utf8 = [0; 4];
    let (bytes, _, lost) = GBK.encode(c.encode_utf8(&mut utf8));
    if lost { None } else { <[u8; 2]>::try_from(bytes.as_ref()).ok() }
}

/// Bytes to text, only where each is part of a character and it encodes back to the same bytes.
fn gbk(bytes: &[u8]) -> Option<Vec<char>> {
    let text = GBK.decode_without_bom_handling_and_without_replacement(bytes)?;
    let (back, _, lost) = GBK.encode(&text);
    (!lost && back == bytes).then(|| text.chars().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Vec<(String, String, Option<u8>)> {
        let chars: Vec<char> = text.chars().collect();
        find(&chars)
            .into_iter()
            .map(|one| {
                let place = chars[one.place.start..one.place.end].iter().collect();
                (place, one.text.iter().collect(), one.half.map(|half| half.lead))
            })
            .collect()
    }

    /// Does to a text what the tool did: splices each `(reading)` after the bytes of its character, wherever they
    /// are, then reads the bytes as GBK with `?` for what is none, which swallows the character after a lone byte.
    fn damage(text: &str, readings: &[(&str, &str)]) -> String {
        let splice = |bytes: &[u8], needle: &[u8], insert: &[u8]| {
            let mut out = Vec::new();
            let mut at = 0;
            while at < bytes.len() {
                if bytes[at..].starts_with(needle) {
                    out.extend_from_slice(needle);
                    out.extend_from_slice(insert);
                    at += needle.len();
                } else {
                    out.push(bytes[at]);
                    at += 1;
                }
            }
            out
        };
        let mut bytes = GBK.encode(text).0.into_owned();
        for (character, reading) in readings {
            let insert = GBK.encode(&format!("({reading})")).0.into_owned();
            bytes = splice(&bytes, &GBK.encode(character).0, &insert);
        }
        let mut out = String::new();
        let mut at = 0;
        while at < bytes.len() {
            let size = if bytes[at] < 0x80 { 1 } else { 2 };
            let piece = &bytes[at..bytes.len().min(at + size)];
            match GBK.decode_without_bom_handling_and_without_replacement(piece) {
                Some(one) => out.push_str(&one),
                None => out.push('?'),
            }
            at += size;
        }
        out
    }

    #[test]
    fn the_damage_is_understood_both_ways() {
        let harmed = damage("責任擔當的試金石和磨刀石,", &[("數", "shù")]);
        assert_eq!(harmed, "責任擔當?shù)脑嚱鹗\u{e1ef}湍サ妒?");
        let found = decoded(&format!("{harmed},充分"));
        let [(place, text, half)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(place, "?shù)脑嚱鹗\u{e1ef}湍サ妒");
        assert_eq!(text, "的試金石和磨刀");
        assert_eq!(*half, Some(0xCA), "of the last character one byte is left, and that is no proof");
    }

    #[test]
    fn a_reading_at_the_end_proves_the_last_character() {
        let harmed = damage("我們人類都能感受到擔當。", &[("內", "nèi"), ("擔", "dān"), ("當", "dāng")]);
        let found = decoded(&harmed);
        let [(place, text, half)] = found.as_slice() else { panic!("{harmed}: {found:?}") };
        assert!(place.starts_with("?nèi)") && place.ends_with("?dān)"), "{place}");
        assert_eq!(text, "人類都能感受到擔");
        assert_eq!(*half, None);
    }

    #[test]
    fn questions_are_left_alone() {
        for text in [
            "怎麼辦?我們要深入學習貫徹?好",
            "什么?什么?",
            "???",
            "?shù)",
            "?shù)脑",
            "當?shù)脑嚱",
            "?",
            "a?b?c",
            "防控?shù)作戰?",
        ] {
            assert_eq!(decoded(text), [], "{text}");
        }
    }
}
