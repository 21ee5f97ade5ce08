//! What who may know, and of which days.

use super::Walk;
use crate::cast::{Cast, TODAY, unit_id};
use crate::house::story;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use muster::serve::guards::{Guard, PAGES};
use serde_json::{Value, json};

#[test]
fn a_page_is_for_everybody_and_holds_no_figures() {
    assert_eq!(PAGES, Guard::Open);
    story(|house| {
        let cast = Cast::of(house, crate::cast::Terms::default());
        cast.say("clerk", "S111", json!({ "staff": 91_917 }));
        let walk = Walk::prepare(&cast);
        for path in ["/", "/desk", "/units/S111", "/assets/none.js", "/../muster.db", "/%2e%2e/muster.db"] {
            let request = Request::builder().uri(path).body(Body::empty()).unwrap();
            let said = house.answer(&walk.router, request);
            assert!(matches!(said.status.as_u16(), 200 | 404), "{path}: {}", said.status);
            let text = String::from_utf8_lossy(&said.bytes).into_owned();
            assert!(!text.contains("91917") && !text.contains("S111"), "{path}");
        }
    });
}

#[test]
fn who_lost_a_unit_cannot_change_its_past() {
    story(|house| {
        let cast = Cast::of(house, crate::cast::Terms::default());
        let moved = house.post("office", "/units/F11/move", json!({ "parent": "G2", "day": TODAY }));
        assert_eq!(moved.status, StatusCode::OK, "{}", moved.json());
        let change = json!({ "names": { "zh-Hans": "改" }, "day": "2020-01-15" });
        for path in ["/units/F11", "/units/S111"] {
            let said = house.ask(
                "group",
                "PATCH",
                path,
                &[("content-type", "application/json")],
                change.to_string().into(),
            );
            assert_eq!((said.status, said.code()), (StatusCode::NOT_FOUND, "unit.unknown".to_owned()));
        }
        let back = house.post("group", "/units/F11/move", json!({ "parent": "G1", "day": TODAY }));
        assert_eq!(back.status, StatusCode::NOT_FOUND);
        let file = "code,name,parent\nF11,taken back,G1\nS999,new,F12\n";
        let headers = [("content-type", "text/csv")];
        let said = house.ask("group", "POST", "/imports/units", &headers, file.into()).json();
        assert_eq!((&said["accepted"], &said["refused"]), (&json!(1), &json!(1)), "{said}");
        assert_eq!(said["findings"][0]["code"], "unit.code_taken");
        assert_eq!(house.get("office", "/units/F11").json()["parent"], "G2");
        cast.write(|tx, _| unit_id(tx, "S999"));
    });
}

#[test]
fn that_a_code_is_taken_tells_nothing_of_who_has_it() {
    story(|house| {
        let _ = Cast::of(house, crate::cast::Terms::default());
        let change = json!({ "names": { "zh-Hans": "别处", "en": "Yard elsewhere" }, "kind": "works" });
        let json = [("content-type", "application/json")];
        assert_eq!(
            house.ask("office", "PATCH", "/units/S211", &json, change.to_string().into()).status,
            StatusCode::OK
        );
        let new = json!({ "code": "S211", "names": { "zh-Hans": "新" }, "kind": "site", "parent": "F11" });
        let said = house.post("group", "/units", new);
        let file = "code,name,kind,parent\nS211,new,site,F11\n";
        let taken =
            house.ask("group", "POST", "/imports/units", &[("content-type", "text/csv")], file.into());
        assert_eq!((said.status, said.code().as_str()), (StatusCode::CONFLICT, "unit.code_taken"));
        assert_eq!(taken.json()["findings"][0]["code"], "unit.code_taken");
        for said in [said.json(), taken.json()] {
            let text = said.to_string();
            for known in ["别处", "Yard elsewhere", "works", "F21", "G2", "4201", "Wuhan", "2020-01-01"] {
                assert!(!text.contains(known), "{known}: {text}");
            }
        }
    });
}

#[test]
fn of_the_units_above_ones_own_the_names_are_known_and_nothing_else() {
    story(|house| {
        let _ = Cast::of(house, crate::cast::Terms::default());
        let codes = |said: &Value| -> Vec<String> {
            said["path"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["code"].as_str().unwrap().to_owned())
                .collect()
        };
        let own = house.get("group", "/units/F11").json();
        assert_eq!(codes(&own), ["R", "G1", "F11"], "one knows to whom one reports");
        for above in own["path"].as_array().unwrap() {
            let keys: Vec<_> = above.as_object().unwrap().keys().cloned().collect();
            assert_eq!(keys, ["code", "name"]);
        }
        for unit in ["R", "G2", "F21"] {
            for path in [format!("/units/{unit}"), format!("/totals?node=unit:{unit}&day={TODAY}")] {
                assert_eq!(house.get("group", &path).status, StatusCode::NOT_FOUND, "{path}");
            }
        }
        let listed = house.get("group", "/units?depth=9").json();
        for unit in listed["items"].as_array().unwrap() {
            let codes = codes(unit);
            assert_eq!(codes[..2], ["R", "G1"], "nothing beside the chain shows: {unit}");
        }
        assert!(!listed["items"].as_array().unwrap().is_empty());
    });
}

#[test]
fn a_role_that_is_none_is_nobody() {
    story(|house| {
        let router = muster::serve::router(house.app.clone());
        // Also one that cannot be read: it is not passed over, as if none had been said.
        for role in [&b"somebody"[..], &[b'a'; 100], b"\xff\xfe", b""] {
            let request = Request::get("/api/v1/desk").header("x-muster-role", role);
            let said = house.answer(&router, request.body(Body::empty()).unwrap());
            let told = (said.status, said.code());
            assert_eq!(told, (StatusCode::UNAUTHORIZED, "demo.no_such_role".to_owned()), "{role:?}");
        }
    });
}
