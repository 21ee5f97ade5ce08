//! The spans of a text: every character of the original in exactly one. Pure.

use super::glyphs::Glyph;
use super::model::{Part, Place, Reason, Span, SpanKind};
use super::repair::Repaired;
use std::collections::BTreeSet;
use std::ops::Range;

/// What part of the text a run of glyphs is, and which measure.
pub(crate) struct Stretch {
    /// The glyphs.
    pub(crate) glyphs: Range<usize>,
    /// The part.
    pub(crate) part: Part,
    /// Which measure, from 1.
    pub(crate) measure: Option<u32>,
}

/// A stretch of the original that is treated as one: a character, a reading, or a decoded block.
struct Atom {
    place: Place,
    kind: SpanKind,
    part: Part,
    measure: Option<u32>,
    repaired: String,
    readable: String,
    reason: Option<Reason>,
}

/// Cuts the original into spans. Stretches come in order, do not overlap and need not cover everything: the rest is
/// layout. `cuts` are positions of the original at which a span must end, so that whatever begins or ends there (a
/// conjecture, a measure, a name) consists of whole spans.
pub(crate) fn cut(
    original: &[char],
    repaired: &Repaired,
    stretches: &[Stretch],
    cuts: &BTreeSet<usize>,
) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for atom in atoms(repaired, stretches) {
        match spans.last_mut() {
            Some(last) if joins(last, &atom) && !cuts.contains(&atom.place.start) => {
                last.place.end = atom.place.end;
                last.repaired.push_str(&atom.repaired);
                last.readable.push_str(&atom.readable);
            }
            _ => spans.push(Span {
                place: atom.place,
                kind: atom.kind,
                part: atom.part,
                measure: atom.measure,
                text: String::new(),
                repaired: atom.repaired,
                readable: atom.readable,
                reason: atom.reason,
            }),
        }
    }
    for span in &mut spans {
        span.text = original[span.place.start..span.place.end].iter().collect();
    }
    spans
}

fn joins(last: &Span, atom: &Atom) -> bool {
    last.kind == atom.kind
        && last.part == atom.part
        && last.measure == atom.measure
        && !matches!(atom.kind, SpanKind::Reading | SpanKind::Decoded)
}

/// The atoms in the order of the original: those of the glyphs, with the readings between them.
fn atoms(repaired: &Repaired, stretches: &[Stretch]) -> Vec<Atom> {
    let glyphs = &repaired.glyphs;
    let mut atoms: Vec<Atom> = Vec::with_capacity(glyphs.len());
    let mut stretches = stretches.iter().peekable();
    let mut readings = repaired.readings.iter().peekable();
    for (index, glyph) in glyphs.iter().enumerate() {
        while let Some(reading) = readings.next_if(|reading| reading.place.start < glyph.place.start) {
            let reading = reading_atom(reading, atoms.last());
            atoms.push(reading);
        }
        while stretches.next_if(|stretch| stretch.glyphs.end <= index).is_some() {}
        let stretch = stretches.peek().filter(|stretch| stretch.glyphs.contains(&index));
        let part = stretch.map_or(Part::Layout, |stretch| stretch.part);
        let measure = stretch.and_then(|stretch| stretch.measure);
        match atoms.last_mut() {
            Some(last) if glyph.decoded && last.place == glyph.place => {
                last.repaired.push(glyph.repaired);
                last.readable.push(glyph.plain);
            }
            _ => atoms.push(glyph_atom(glyph, part, measure, repaired)),
        }
    }
    for reading in readings {
        let reading = reading_atom(reading, atoms.last());
        atoms.push(reading);
    }
    atoms
}

/// A reading belongs to the part of the character it stands behind.
fn reading_atom(reading: &super::repair::readings::Inserted, before: Option<&Atom>) -> Atom {
    Atom {
        place: reading.place,
        kind: SpanKind::Reading,
        part: before.map_or(Part::Layout, |atom| atom.part),
        measure: before.and_then(|atom| atom.measure),
        repaired: String::new(),
        readable: String::new(),
        reason: Some(reading.reason.clone()),
    }
}

fn glyph_atom(glyph: &Glyph, part: Part, measure: Option<u32>, repaired: &Repaired) -> Atom {
    let decoded = repaired.decoded.iter().find(|run| glyph.decoded && run.place == glyph.place);
    let (kind, reason) = if part.is_furniture() {
        (SpanKind::Furniture, Some(Reason::new("furniture")))
    } else if let Some(run) = decoded {
        (SpanKind::Decoded, Some(run.reason.clone()))
    } else if glyph.repaired == glyph.plain {
        (SpanKind::Kept, None)
    } else {
        (SpanKind::Converted, Some(Reason::new("converted")))
    };
    Atom {
        place: glyph.place,
        kind,
        part,
        measure,
        repaired: glyph.repaired.to_string(),
        readable: if kind == SpanKind::Furniture { String::new() } else { glyph.plain.to_string() },
        reason,
    }
}
