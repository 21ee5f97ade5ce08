//! What a notice is made out to be: the real text, texts made by hand, and texts harmed at random.

mod made;
mod properties;
mod real;

use super::layers;
use super::model::{Conjecture, Place, Study};

/// A study told in lines, without the text itself: what a snapshot holds.
fn told(study: &Study) -> String {
    let readable = |place: Place| layers::readable_at(&study.spans, &study.conjectures, place);
    let list = |places: &[Place]| places.iter().map(|place| readable(*place)).collect::<Vec<_>>().join(" + ");
    let at = |place: &Place| format!("{}..{}", place.start, place.end);
    let mut lines = vec![format!("kind {:?}", study.kind)];
    for feature in &study.features {
        let found = feature.found.as_ref().map_or("absent".to_owned(), at);
        lines.push(format!("feature {} {found}", feature.feature));
    }
    lines.push(format!("publisher {:?} at {:?}", study.publisher, study.published_at));
    if let Some(meeting) = &study.meeting {
        lines.push(format!(
            "meeting on {:?}, no. {:?}",
            meeting.day.map(|day| day.to_string()),
            meeting.series_no
        ));
        lines.push(format!("  said {:?}", meeting.said_day.map(readable)));
        lines.push(format!("  bodies {}", list(&meeting.bodies)));
        lines.push(format!("  chair's posts {}", list(&meeting.chair_posts)));
        lines.push(format!("  present {}", list(&meeting.present)));
        lines.push(format!("  attending {}", list(&meeting.attending)));
    }
    for measure in &study.measures {
        let words = measure.scope_reason.args.get("words").map_or("", String::as_str);
        let text: String = readable(measure.place).chars().take(9).collect();
        lines.push(format!(
            "measure {} at {} {text}… {:?} {words}",
            measure.n,
            at(&measure.place),
            measure.scope
        ));
    }
    for Conjecture { n, place, original, proposed, phrase, reason, .. } in &study.conjectures {
        lines.push(format!(
            "conjecture {n} at {} {original}→{proposed} {phrase} ({})",
            at(place),
            reason.code
        ));
    }
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

/// What holds for every text.
fn sound(text: &str, study: &Study) {
    let mut at = 0;
    for span in &study.spans {
        assert_eq!(span.place.start, at, "no gap and no overlap");
        assert!(span.place.end > span.place.start, "no span is empty");
        at = span.place.end;
    }
    assert_eq!(at, text.chars().count(), "the spans reach to the end");
    assert_eq!(layers::original(&study.spans), text);
    let whole = |at: usize| at == 0 || study.spans.iter().any(|span| span.place.end == at);
    for (n, conjecture) in (1..).zip(&study.conjectures) {
        assert_eq!(conjecture.n, n);
        assert!(whole(conjecture.place.start) && whole(conjecture.place.end), "{conjecture:?}");
        assert_ne!(conjecture.original, conjecture.proposed);
    }
    assert!(study.conjectures.windows(2).all(|pair| pair[0].place.end <= pair[1].place.start));
    for (n, measure) in (1..).zip(&study.measures) {
        assert_eq!(measure.n, n);
        assert!(whole(measure.place.start) && whole(measure.place.end), "{measure:?}");
    }
}
