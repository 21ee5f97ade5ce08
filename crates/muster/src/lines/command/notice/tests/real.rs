//! The text it began with. It lies outside the project (`../shared/data`, or `data` in where `MUSTER_SHARED` points) and is
//! never copied into it: what is written down here are positions, hashes and single phrases.

use super::super::extract::{self, pdf};
use super::super::model::{ConjectureState, Part, Scope, SpanKind, Study};
use super::super::repair::readings::is_reading_of;
use super::super::{layers, study};
use super::{sound, told};
use muster_kernel::Digest;
use std::path::PathBuf;

/// Runs a test on the text, or says that it was left out.
fn with_the_text(test: impl FnOnce(&[u8], &str, &Study)) {
    let shared = std::env::var_os("MUSTER_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let shared = shared.join("data");
    let path = shared.join("directive/000_b61d33ae5f7da04e.txt");
    match std::fs::read(&path) {
        Ok(bytes) => {
            let text = std::str::from_utf8(&bytes).unwrap();
            test(&bytes, text, &study(text));
        }
        Err(_) => println!("left out: {} is not here", path.display()),
    }
}

#[test]
fn all_173_readings_are_proved_and_gone() {
    with_the_text(|_, text, study| {
        sound(text, study);
        let chars: Vec<char> = text.chars().collect();
        let readings: Vec<_> = study.spans.iter().filter(|span| span.kind == SpanKind::Reading).collect();
        assert_eq!(readings.len(), 173);
        for span in readings {
            let reading = span.text.trim_matches(['(', ')']);
            assert!(is_reading_of(chars[span.place.start - 1], reading), "{}", span.text);
        }
        assert!(!layers::repaired(&study.spans).contains(['(', ')']));
    });
}

#[test]
fn the_shifted_bytes_are_decoded_and_the_lost_byte_is_left_to_a_person() {
    with_the_text(|_, _, study| {
        let decoded: Vec<_> = study.spans.iter().filter(|span| span.kind == SpanKind::Decoded).collect();
        let [one] = decoded.as_slice() else { panic!("{decoded:?}") };
        assert_eq!(one.repaired, "的試金石和磨刀");
        assert_eq!(one.readable, "的试金石和磨刀");
        assert_eq!(one.reason.as_ref().unwrap().args["bytes"], "B5C4D487BDF0CAAFBACDC4A5B5B6");
        let half = study.conjectures.iter().find(|conjecture| conjecture.reason.code == "half").unwrap();
        assert_eq!((half.original.as_str(), half.proposed.as_str()), ("?", "石"));
        assert_eq!(half.place.start, one.place.end);
    });
}

#[test]
fn what_is_made_out_of_it() {
    with_the_text(|_, _, study| {
        insta::assert_snapshot!("the_text", told(study));
        for part in [Part::LanguageSwitch, Part::Publisher, Part::PublishedAt, Part::Views, Part::Share] {
            assert!(study.spans.iter().any(|span| span.part == part), "{part:?}");
        }
        let scopes: Vec<Scope> = study.measures.iter().map(|measure| measure.scope).collect();
        use Scope::{Enterprises, System};
        assert_eq!(scopes, [Enterprises, Enterprises, Enterprises, System, System]);
    });
}

#[test]
fn nothing_is_applied_in_silence() {
    with_the_text(|_, _, study| {
        let mut conjectures = study.conjectures.clone();
        let mut with = |state| {
            conjectures.iter_mut().for_each(|conjecture| conjecture.state = state);
            layers::readable(&study.spans, &conjectures)
        };
        let (open, refused, accepted) =
            (with(ConjectureState::Open), with(ConjectureState::Refused), with(ConjectureState::Accepted));
        assert_eq!(open.matches('[').count(), study.conjectures.len());
        assert!(refused.contains("组织导。") && !refused.contains("政府"));
        assert!(accepted.contains("组织领导。") && !accepted.contains(['[', ']', '?']));
        assert_eq!(accepted.matches("省委省政府").count(), 6);
        let added: usize = study.conjectures.iter().map(|one| one.proposed.chars().count()).sum();
        let taken: usize = study.conjectures.iter().map(|one| one.original.chars().count()).sum();
        assert_eq!(accepted.chars().count() + taken, refused.chars().count() + added);
        // The hash stands for the text, which is not ours to copy.
        insta::assert_snapshot!("the_readable_text", Digest::of(accepted.as_bytes()));
    });
}

#[test]
fn a_measure_has_its_place_in_the_bytes() {
    with_the_text(|bytes, text, study| {
        let file = extract::extract(bytes, None, &pdf::read_here).unwrap();
        assert_eq!(
            file.digest.to_string(),
            "sha256:e6013a300be982290e5c8e2acb69f8d192334c893c83073941e2e5fd81bd62bc"
        );
        for measure in &study.measures {
            let place = file.bytes_of(measure.place).unwrap();
            let chars: String = text
                .chars()
                .skip(measure.place.start)
                .take(measure.place.end - measure.place.start)
                .collect();
            assert_eq!(&bytes[place.start..place.end], chars.as_bytes());
        }
    });
}
