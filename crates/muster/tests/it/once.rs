//! Sent again, and changed meanwhile: every door that changes something is done once under a sender's key and answered
//! the same again; and does nothing where what its sender saw is no longer what there is.

use crate::cast::{Cast, Terms};
use crate::guards::{Held, STARTER, Sample, Walk, samples};
use crate::house::{House, Said, story};
use axum::http::StatusCode;
use muster::serve::guards::{About, DOORS, Door, Leaves, State};
use serde_json::{Value, json};

/// The doors that change something, each with a request that is taken.
fn changing(held: &Held) -> Vec<(&'static Door, Sample)> {
    let samples = samples(held).into_iter().filter_map(|sample| {
        let path = format!("/api/v1{}", sample.path);
        let door = DOORS.iter().find(|door| door.method == sample.method && door.path == path)?;
        (matches!(door.leaves, Leaves::Entry(_)) && door.path != STARTER).then_some((door, sample))
    });
    samples.collect()
}

fn walked(tell: impl Fn(&Cast<'_>, &Walk<'_>, &str)) {
    story(|house| {
        let cast = Cast::of(house, Terms::default());
        let walk = Walk::prepare(&cast);
        let token = walk.log_in("office");
        cast.clock("15:30");
        tell(&cast, &walk, &token);
        cast.drawn_is_stored();
    });
}

#[test]
fn the_same_key_is_done_once_and_answered_the_same() {
    walked(|_, walk, token| {
        for (at, (door, sample)) in changing(&walk.held).into_iter().enumerate() {
            let (named, key) = (format!("{} {}", door.method, door.path), format!("key-{at}"));
            let send = |unit: &str, key: &str| {
                walk.send_with(Some(&walk.key(&sample, token)), &sample, unit, &[("idempotency-key", key)])
            };
            let first = send(sample.unit, &key);
            assert!(first.status.is_success(), "{named}: {}", first.json());
            let entries = walk.actions().len();
            let again = send(sample.unit, &key);
            assert_eq!((again.status, &again.bytes), (first.status, &first.bytes), "{named}");
            assert_eq!(again.headers.get("etag"), first.headers.get("etag"), "{named}");
            assert_eq!(walk.actions().len(), entries, "{named} is done once");

            let other = walk.send_with(
                Some(&walk.key(&sample, token)),
                &sample.other(),
                "G1",
                &[("idempotency-key", &key)],
            );
            let text = String::from_utf8_lossy(&other.bytes).into_owned();
            assert!(text.contains("request.key_reused"), "{named}: {text}");
            assert_eq!(walk.actions().len(), entries, "{named}: another body under the key does nothing");
            let bad = send(sample.unit, &"k".repeat(201));
            assert_eq!((bad.status, bad.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "request.key"));
        }
    });
}

#[test]
fn what_was_changed_meanwhile_is_not_changed_again() {
    walked(|_, walk, token| {
        for (door, sample) in changing(&walk.held) {
            let named = format!("{} {}", door.method, door.path);
            let entries = walk.actions().len();
            let said = walk.send_with(
                Some(&walk.key(&sample, token)),
                &sample,
                sample.unit,
                &[("if-match", "\"999999\"")],
            );
            let expected = match door.state {
                State::None => (422, "request.nothing_to_match"),
                State::Sheet => (412, "report.stale"),
                State::Unit => (412, "unit.stale"),
                State::Book => (412, "book.stale"),
                State::Narrative | State::Brief => (412, "brief.narrative_stale"),
                State::Party => (412, "party.stale"),
                State::Notice => (412, "notice.stale"),
            };
            assert_eq!((said.status.as_u16(), said.code().as_str()), expected, "{named}: {}", said.json());
            assert_eq!(walk.actions().len(), entries, "{named} leaves no entry");
            let unreadable = walk.send_with(
                Some(&walk.key(&sample, token)),
                &sample,
                sample.unit,
                &[("if-match", "bare")],
            );
            assert_eq!(unreadable.status, StatusCode::UNPROCESSABLE_ENTITY, "{named}");
            let any =
                walk.send_with(Some(&walk.key(&sample, token)), &sample, sample.unit, &[("if-match", "*")]);
            assert_eq!(any.status.is_success(), door.state != State::None, "{named}: {}", any.json());
        }
    });
}

#[test]
fn every_reading_door_that_names_a_state_does() {
    walked(|_, walk, token| {
        for sample in samples(&walk.held).into_iter().filter(|sample| sample.method == "GET") {
            let path = format!("/api/v1{}", sample.path);
            let door = DOORS.iter().find(|door| door.method == "GET" && door.path == path).unwrap();
            let said = walk.send_with(Some(&walk.key(&sample, token)), &sample, sample.unit, &[]);
            let tag = said.headers.get("etag").and_then(|tag| tag.to_str().ok()).unwrap_or_default();
            assert_eq!(tag.len() > 2 && tag.starts_with('"'), door.state != State::None, "{path}: {tag}");
        }
    });
}

fn tag(said: &Said) -> String {
    said.headers["etag"].to_str().unwrap().to_owned()
}

fn patch(house: &House, unit: &str, seen: &str, name: &str) -> Said {
    let headers = [("content-type", "application/json"), ("if-match", seen)];
    let body = json!({ "names": { "zh-Hans": name } });
    house.ask("office", "PATCH", &format!("/units/{unit}"), &headers, body.to_string().into())
}

#[test]
fn of_two_who_saw_the_same_the_second_looks_again() {
    story(|house| {
        let _ = Cast::of(house, Terms::default());
        let seen = tag(&house.get("viewer", "/units/F11"));
        let first = patch(house, "F11", &seen, "甲");
        assert_eq!(first.status, StatusCode::OK, "{}", first.json());
        assert_eq!(tag(&first), tag(&house.get("viewer", "/units/F11")));
        let second = patch(house, "F11", &seen, "乙");
        assert_eq!(
            (second.status, second.code()),
            (StatusCode::PRECONDITION_FAILED, "unit.stale".to_owned())
        );
        assert!(second.json()["title"].as_str().unwrap().contains("F11"));
        assert_eq!(patch(house, "F11", &format!("\"x\", {}", tag(&first)), "乙").status, StatusCode::OK);

        // A merge moves what is below, without an entry of its own about it.
        let seen = tag(&house.get("viewer", "/units/F12"));
        let merged = house.post("office", "/units/merge", json!({ "from": ["G1"], "into": "G2" }));
        assert_eq!(merged.status, StatusCode::OK, "{}", merged.json());
        assert_eq!(patch(house, "F12", &seen, "丙").code(), "unit.stale");
    });
}

#[test]
fn two_at_the_same_moment_are_one() {
    story(|house| {
        let _ = Cast::of(house, Terms::default());
        for round in 0..8 {
            let body = json!({ "code": format!("N{round}"), "names": { "zh-Hans": "新" }, "kind": "site", "parent": "F12" });
            let key = format!("round-{round}");
            let send = || {
                let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
                house.ask("office", "POST", "/units", &headers, body.to_string().into())
            };
            let said = std::thread::scope(|scope| {
                let both = [scope.spawn(send), scope.spawn(send)];
                both.map(|one| one.join().unwrap())
            });
            assert_eq!(said[0].status, StatusCode::CREATED, "{}", said[0].json());
            assert_eq!((said[0].status, &said[0].bytes), (said[1].status, &said[1].bytes));
        }
    });
}

#[test]
fn a_key_has_an_end_and_belongs_to_its_sender() {
    story(|house| {
        let cast = Cast::of(house, Terms::default());
        let send = |role: &str| {
            let headers = [("content-type", "application/json"), ("idempotency-key", "one")];
            let body = json!({ "unit": "S111", "element": "fever", "value": 1 });
            let said = house.ask(role, "POST", "/incidents", &headers, body.to_string().into());
            assert_eq!(said.status, StatusCode::CREATED, "{}", said.json());
            said.json()["id"].clone()
        };
        let first = send("clerk");
        assert_ne!(send("firm"), first, "another's key is another key");
        cast.clock("02-10 09:59");
        assert_eq!(send("clerk"), first);
        cast.clock("02-10 10:00");
        assert_ne!(send("clerk"), first, "after seven days the key is free");
        assert_eq!(house.journalled("incident.file").len(), 3);
        let refused = json!({ "unit": "S111", "element": "fever", "value": 0 });
        let right = json!({ "unit": "S111", "element": "fever", "value": 2 });
        let said: Vec<_> = [refused, right]
            .map(|body: Value| {
                let headers = [("content-type", "application/json"), ("idempotency-key", "two")];
                house.ask("clerk", "POST", "/incidents", &headers, body.to_string().into()).status.as_u16()
            })
            .into();
        assert_eq!(said, [422, 201], "what was refused may be put right under the same key");
    });
}

/// Doors whose changes can be looked at first.
fn is_looked_at(door: &Door) -> bool {
    let rooms = ["/units", "/parties", "/elements", "/forms", "/assignments"];
    // By what a unit is reached foresees nothing.
    rooms.iter().any(|room| door.path.starts_with(&format!("/api/v1{room}")))
        && !door.path.contains("/channels")
}

#[test]
fn a_change_that_is_only_looked_at_leaves_nothing() {
    walked(|cast, walk, token| {
        let looked = |sample: &Sample, unit: &str, headers: &[(&str, &str)]| {
            walk.send_with(Some(token), &sample.asking("dry_run=true"), unit, headers)
        };
        let doors: Vec<_> = changing(&walk.held).into_iter().filter(|(door, _)| is_looked_at(door)).collect();
        assert_eq!(doors.len(), 14);
        for (door, sample) in doors {
            let named = format!("{} {}", door.method, door.path);
            let (entries, key) = (walk.actions().len(), named.replace(' ', ":"));
            for _ in 0..2 {
                let said = looked(&sample, sample.unit, &[("idempotency-key", &key)]);
                assert_eq!((said.status, &said.json()["dry_run"]), (StatusCode::OK, &json!(true)), "{named}");
                assert!(!said.headers.contains_key("etag"), "{named}: what was taken back has no state");
            }
            if door.about == About::Unit {
                assert!(looked(&sample, "NOWHERE", &[]).code().ends_with("unknown"), "{named}");
            }
            if door.state != State::None {
                let said = looked(&sample, sample.unit, &[("if-match", "\"999999\"")]);
                assert!(said.code().ends_with(".stale"), "{named}: {}", said.json());
            }
            assert_eq!(walk.actions().len(), entries, "{named} leaves no entry");
            cast.drawn_is_stored();
            // What was looked at can be done, under the same key.
            let done = walk.send_with(
                Some(&walk.key(&sample, token)),
                &sample,
                sample.unit,
                &[("idempotency-key", &key)],
            );
            assert!(done.status.is_success(), "{named}: {}", done.json());
        }
    });
}

#[test]
fn a_preview_tells_who_opens_closes_moves_and_goes_along() {
    story(|house| {
        let _ = Cast::of(house, Terms::default());
        let look =
            |path: &str, body: Value| house.post("office", &format!("{path}?dry_run=true"), body).json();
        let counts = |said: &Value| {
            ["opened", "closed", "moved", "carried", "changed", "later"]
                .map(|word| said[word].as_i64().unwrap())
        };
        let below = house.get("viewer", "/units?under=F11").json()["items"].as_array().unwrap().len() as i64;
        let moved = look("/units/F11/move", json!({ "parent": "G2" }));
        assert_eq!(counts(&moved), [0, 0, 1, below, 0, 0], "{moved}");
        let first = &moved["units"][0];
        assert_eq!(
            [&first["unit"]["code"], &first["becomes"], &first["from"]["code"], &first["to"]["code"]],
            [&json!("F11"), &json!("moved"), &json!("G1"), &json!("G2")]
        );
        let closed = look("/units/F11/close", json!({ "below": true }));
        assert_eq!(counts(&closed), [0, 1 + below, 0, 0, 0, 0], "{closed}");
        let merged = look("/units/merge", json!({ "from": ["F11"], "into": "F12" }));
        assert_eq!(counts(&merged)[..3], [0, 1, below], "{merged}");
        let names = json!({ "names": { "zh-Hans": "改名" } });
        let renamed = house.ask(
            "office",
            "PATCH",
            "/units/F11?dry_run=true",
            &[("content-type", "application/json")],
            names.to_string().into(),
        );
        assert_eq!(counts(&renamed.json()), [0; 6]);
        let circle = look("/units/G1/move", json!({ "parent": "F11" }));
        assert_eq!(circle["code"], "unit.circle", "a refusal is told before it is met");
    });
}
