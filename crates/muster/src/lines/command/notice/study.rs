//! A text, studied: repairs, parts, conjectures, meeting, measures, spans, in that order. Pure and the same every
//! time.

use super::conjecture::{self, Evidence};
use super::glyphs::place_of;
use super::model::{Conjecture, Meeting, Part, Place, Study};
use super::recognise::{self, measures, meeting, outline};
use super::repair;
use super::spans::{self, Stretch};
use std::collections::BTreeSet;
use std::ops::Range;

/// Studies a text.
pub fn study(original: &str) -> Study {
    let original: Vec<char> = original.chars().collect();
    let len = original.len();
    let repaired = repair::repair(&original);
    let glyphs = &repaired.glyphs;

    let outline = outline::outline(glyphs);
    let met = meeting::find(glyphs, &outline, len);
    let measures = measures::find(glyphs, &outline, len);
    let (conjectures, conjectures_cut) = conjecture::propose(&Evidence {
        glyphs,
        original_len: len,
        title: outline.first(Part::Title),
        body: outline.all(Part::Body).collect(),
        lost_first: measures.lost_first,
        halves: repaired.decoded.iter().filter_map(|run| run.half).collect(),
    });
    let met_at = met.as_ref().map(|(paragraph, _)| place_of(glyphs, paragraph.clone(), len));
    let (kind, features) = recognise::kind(glyphs, &outline, met_at, len);

    let measured: Vec<(Range<usize>, u32)> =
        measures.measures.iter().map(|(range, measure)| (range.clone(), measure.n)).collect();
    let stretches = stretches(&outline.parts, met.as_ref().map(|(paragraph, _)| paragraph), &measured);
    let meeting = met.map(|(_, meeting)| meeting);
    let title = outline.first(Part::Title).map(|range| place_of(glyphs, range, len));
    let measures: Vec<_> = measures.measures.into_iter().map(|(_, measure)| measure).collect();

    let mut places: Vec<Place> = meeting.iter().flat_map(places_of_meeting).collect();
    places.extend(title);
    places.extend(measures.iter().map(|measure| measure.place));
    places.extend(features.iter().filter_map(|feature| feature.found));
    let cuts = cuts(&places, &conjectures);

    Study {
        kind,
        features,
        title,
        publisher: outline.publisher,
        published_at: outline.published_at,
        meeting,
        measures,
        spans: spans::cut(&original, &repaired, &stretches, &cuts),
        conjectures,
        conjectures_cut,
    }
}

fn places_of_meeting(meeting: &Meeting) -> Vec<Place> {
    let mut places: Vec<Place> = meeting.said_day.into_iter().chain(meeting.chair_name).collect();
    for more in [&meeting.bodies, &meeting.chair_posts, &meeting.present, &meeting.attending] {
        places.extend(more);
    }
    places
}

fn cuts(places: &[Place], conjectures: &[Conjecture]) -> BTreeSet<usize> {
    let of_conjectures = conjectures.iter().map(|conjecture| conjecture.place);
    places.iter().copied().chain(of_conjectures).flat_map(|place| [place.start, place.end]).collect()
}

/// The parts with the meeting, what was said there, and the measures cut out of the paragraphs they stand in.
fn stretches(
    parts: &[(Range<usize>, Part)],
    meeting: Option<&Range<usize>>,
    measures: &[(Range<usize>, u32)],
) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    for (range, part) in parts {
        let part = match (part, meeting) {
            (Part::Body, Some(meeting)) if range == meeting => Part::Meeting,
            (Part::Body, Some(meeting)) if range.start > meeting.end => Part::Speech,
            _ => *part,
        };
        let mut at = range.start;
        let mut put = |glyphs: Range<usize>, part, measure| {
            if !glyphs.is_empty() {
                stretches.push(Stretch { glyphs, part, measure });
            }
        };
        let inside = measures.iter().filter(|(m, _)| m.start < range.end && range.start < m.end);
        for (measure, n) in inside {
            let (start, end) = (measure.start.max(range.start), measure.end.min(range.end));
            put(at..start, part, None);
            put(start..end, Part::Measure, Some(*n));
            at = end;
        }
        put(at..range.end, part, None);
    }
    stretches
}
