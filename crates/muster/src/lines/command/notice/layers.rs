//! The layers of a text as strings, put together from spans and what was decided of the conjectures. Pure.

use super::model::{Conjecture, ConjectureState, Place, Span};

/// The original, put together again from its spans.
pub fn original(spans: &[Span]) -> String {
    spans.iter().map(|span| span.text.as_str()).collect()
}

/// After repairs with proof, in the script it was written in.
pub fn repaired(spans: &[Span]) -> String {
    spans.iter().map(|span| span.repaired.as_str()).collect()
}

/// The readable text: simplified characters, without the page's furniture, accepted conjectures in it and open ones
/// marked: `第[一]时间` where characters are missing, `省委省[中国→政府]` where some were swapped.
pub fn readable(spans: &[Span], conjectures: &[Conjecture]) -> String {
    let all = Place { start: 0, end: usize::MAX };
    readable_at(spans, conjectures, all).trim().to_owned()
}

/// The readable text of one place, which begins and ends with spans. What is missing right before the place's first
/// character belongs to it.
pub fn readable_at<'a>(
    spans: impl IntoIterator<Item = &'a Span>,
    conjectures: &[Conjecture],
    place: Place,
) -> String {
    let mut text = String::new();
    let inside =
        spans.into_iter().filter(|span| place.start <= span.place.start && span.place.end <= place.end);
    // Conjectures stand in the order of the text and do not overlap, so those before a place are found at once.
    let first_from = |at: usize| conjectures.partition_point(|one| one.place.start < at);
    let starting_at =
        |at: usize| conjectures[first_from(at)..].iter().take_while(move |one| one.place.start == at);
    let mut end = place.start;
    for span in inside {
        let start = span.place.start;
        starting_at(start).for_each(|one| write(&mut text, one));
        // A swap that covers this span is the last that starts no later.
        let swapped = conjectures[..first_from(start + 1)]
            .last()
            .is_some_and(|one| one.place.start < one.place.end && span.place.end <= one.place.end);
        if !swapped {
            text.push_str(&span.readable);
        }
        end = span.place.end;
    }
    if place.end == usize::MAX {
        starting_at(end).for_each(|one| write(&mut text, one));
    }
    text
}

fn write(text: &mut String, conjecture: &Conjecture) {
    let Conjecture { original, proposed, .. } = conjecture;
    match conjecture.state {
        ConjectureState::Open if original.is_empty() => text.extend(["[", proposed, "]"]),
        ConjectureState::Open => text.extend(["[", original, "→", proposed, "]"]),
        ConjectureState::Accepted => text.push_str(proposed),
        ConjectureState::Refused => text.push_str(original),
    }
}
