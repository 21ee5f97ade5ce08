//! Repairs with proof: what was done to the text on its way here and can be undone without a guess.

pub(crate) mod readings;
pub(crate) mod script;
pub(crate) mod shifted;

use super::glyphs::Glyph;
use super::model::Place;
use readings::Inserted;
use shifted::Decoded;

/// A text with everything undone that can be proved.
pub(crate) struct Repaired {
    /// What is left, in order.
    pub(crate) glyphs: Vec<Glyph>,
    /// The readings that were taken out.
    pub(crate) readings: Vec<Inserted>,
    /// The runs that were decoded.
    pub(crate) decoded: Vec<Decoded>,
}

/// Undoes what can be proved.
pub(crate) fn repair(original: &[char]) -> Repaired {
    let decoded = shifted::find(original);
    let mut readings = readings::find(original);
    readings.retain(|one| decoded.iter().all(|run| !overlaps(run.place, one.place)));

    let mut glyphs = Vec::with_capacity(original.len());
    let mut removals = readings.iter().map(|one| one.place).peekable();
    let mut runs = decoded.iter().peekable();
    let mut at = 0;
    while at < original.len() {
        if let Some(place) = removals.next_if(|place| place.start == at) {
            at = place.end;
        } else if let Some(run) = runs.next_if(|run| run.place.start == at) {
            let glyph = |c: &char| Glyph { repaired: *c, plain: *c, place: run.place, decoded: true };
            glyphs.extend(run.text.iter().map(glyph));
            at = run.place.end;
        } else {
            let place = Place { start: at, end: at + 1 };
            glyphs.push(Glyph { repaired: original[at], plain: original[at], place, decoded: false });
            at += 1;
        }
    }
    script::simplify(&mut glyphs);
    Repaired { glyphs, readings, decoded }
}

fn overlaps(one: Place, other: Place) -> bool {
    one.start < other.end && other.start < one.end
}
