//! Stories of the tree, through its doors: a list taken in, a unit changed, moved, closed; files good and bad.

mod book;
mod lists;

use crate::cast::{Cast, Terms};
use crate::house::{House, Said, story};
use axum::http::StatusCode;
use serde_json::{Value, json};

const FILE: &str = "\
编码,名称,英文名称,类型,上级编码,行政区划,分类,值班电话
AQ,省国资委,Office,监管机构,,34,,
G1,甲集团,Group A,集团,AQ,,key,
G2,乙集团,Group B,集团,AQ,,,
F1,一公司,Firm 1,企业,G1,340100,,000-12345678
S1,合肥项目,Hefei Site,项目,F1,340102,key mine,
";

fn send(house: &House, query: &str, body: impl Into<Vec<u8>>) -> Said {
    let headers = [("content-type", "application/octet-stream")];
    house.ask("office", "POST", &format!("/imports/units?{query}"), &headers, body.into())
}

/// A tree as of 2020-01-01; now is 2020-02-06.
fn planted(house: &House) {
    let said = send(house, "day=2020-01-01", FILE);
    assert_eq!((said.status, &said.json()["added"]), (StatusCode::OK, &json!(5)), "{}", said.json());
}

fn codes(items: &Value) -> Vec<&str> {
    items["items"].as_array().unwrap().iter().map(|unit| unit["code"].as_str().unwrap()).collect()
}

fn findings(said: &Said) -> Vec<(String, String)> {
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let body = said.json();
    let all = body["findings"].as_array().unwrap();
    let refusing = all.iter().filter(|finding| finding["severity"] == "refuse");
    refusing.map(|finding| (text(finding, "cell"), text(finding, "code"))).collect()
}

#[test]
fn a_unit_is_changed_moved_and_closed_on_its_days() {
    story(|house| {
        planted(house);
        let made = house.post(
            "office",
            "/units",
            json!({ "code": "F2", "names": { "zh-Hans": "二公司" }, "kind": "firm", "parent": "G2", "opened": "2020-01-10" }),
        );
        assert_eq!(
            (made.status, &made.json()["parent"]),
            (StatusCode::CREATED, &json!("G2")),
            "{}",
            made.json()
        );
        let patched = house.ask(
            "office",
            "PATCH",
            "/units/F2",
            &[("content-type", "application/json")],
            json!({ "day": "2020-01-20", "names": { "en": "Firm 2" }, "place": "3402" })
                .to_string()
                .into_bytes(),
        );
        assert_eq!((&patched.json()["name"], &patched.json()["place"]), (&json!("Firm 2"), &json!("340200")));
        assert_eq!(house.get("viewer", "/units/F2?day=2020-01-19").json()["place"], Value::Null);

        let moved = house.post("office", "/units/F1/move", json!({ "parent": "G2", "day": "2020-02-01" }));
        assert_eq!(moved.json()["path"][1]["code"], "G2");
        let path = |day: &str| {
            let unit = house.get("viewer", &format!("/units/S1?day={day}")).json();
            unit["path"]
                .as_array()
                .unwrap()
                .iter()
                .map(|step| step["code"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(path("2020-01-31"), ["AQ", "G1", "F1", "S1"]);
        assert_eq!(path("2020-02-01"), ["AQ", "G2", "F1", "S1"]);
        let round = house.post("office", "/units/G2/move", json!({ "parent": "S1" }));
        assert_eq!((round.status, round.code()), (StatusCode::CONFLICT, "unit.circle".to_owned()));
        assert!(round.json()["title"].as_str().unwrap().contains("F1"), "{}", round.json());

        let open = house.post("office", "/units/F1/close", json!({ "day": "2020-02-05" }));
        assert_eq!(open.code(), "unit.has_open_below");
        let closed = house.post("office", "/units/F1/close", json!({ "day": "2020-02-05", "below": true }));
        assert_eq!(closed.status, StatusCode::NO_CONTENT);
        assert_eq!(house.get("viewer", "/units/S1").status, StatusCode::NOT_FOUND);
        assert_eq!(path("2020-02-04"), ["AQ", "G2", "F1", "S1"]);
        let merged = house.post("office", "/units/merge", json!({ "from": ["G1"], "into": "G2" }));
        assert_eq!(merged.status, StatusCode::OK, "{}", merged.json());
        let split = json!({
            "unit": "G2", "into": [{ "code": "G3", "names": { "zh-Hans": "丙" }, "kind": "group" }], "given": { "F2": "G3" },
            "day": "2020-03-01",
        });
        let split = house.post("office", "/units/split", split);
        assert_eq!(split.status, StatusCode::OK, "{}", split.json());
        assert_eq!((codes(&split.json()), &split.json()["findings"]), (vec!["G3"], &Value::Null));
        assert_eq!(codes(&house.get("viewer", "/units?day=2020-03-01").json()), ["G3", "F2"]);

        let history = house.get("viewer", "/units/F1/history").json();
        let facts: Vec<_> = history["facts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fact| {
                (
                    fact["fact"].as_str().unwrap(),
                    fact["since"].as_str().unwrap(),
                    fact["value"].as_str().unwrap(),
                )
            })
            .collect();
        assert!(
            facts.contains(&("opened", "2020-01-01", ""))
                && facts.iter().any(|fact| fact.0 == "closed")
                && facts.contains(&("parent", "2020-01-01", "G1"))
                && facts.contains(&("parent", "2020-02-01", "G2")),
            "{facts:?}"
        );
        // Beside each code what it is called.
        let named = |fact: &str| history["facts"].as_array().unwrap().iter().find(|f| f["fact"] == fact);
        assert_eq!(named("parent").unwrap()["name"], "Group A");
        assert_eq!(named("place").unwrap()["name"], "Hefei");
        // What held of it ended with it.
        assert_eq!(named("opened").unwrap()["until"], "2020-02-05");
        assert_eq!(named("closed").unwrap()["until"], Value::Null);
        assert_eq!(named("kind").unwrap()["until"], "2020-02-05");
        assert_eq!(history["entries"][0]["action"], "unit.close");
        let actions = [
            "unit.create",
            "unit.change",
            "unit.move",
            "unit.close",
            "unit.merge",
            "unit.split",
            "units.import",
        ];
        for action in actions {
            assert!(!house.journalled(action).is_empty(), "{action} leaves its line in the journal");
        }
    });
}

/// What a merge or a split names and does not fit is refused, each at its field, looked at as well as done.
#[test]
fn a_merge_and_a_split_name_only_what_fits() {
    story(|house| {
        planted(house);
        let made = json!({ "code": "F9", "names": { "zh-Hans": "九公司" }, "kind": "firm", "parent": "G2", "opened": "2020-01-01" });
        assert_eq!(house.post("office", "/units", made).status, StatusCode::CREATED);
        let closed = house.post("office", "/units/F9/close", json!({ "day": "2020-01-20" }));
        assert_eq!(closed.status, StatusCode::NO_CONTENT);
        // With one that is not there at all, as with one that is not the actor's to know, it is not found.
        let refused = |door: &str, body: Value, (status, code): (u16, &str)| -> Vec<(String, String)> {
            for door in [door.to_owned(), format!("{door}?dry_run=true")] {
                let said = house.post("office", &door, body.clone());
                assert_eq!((said.status.as_u16(), said.code().as_str()), (status, code), "{door}");
            }
            let body = house.post("office", door, body).json();
            let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
            let findings = body["findings"].as_array().unwrap().iter();
            findings.map(|finding| (text(finding, "field"), text(finding, "code"))).collect()
        };
        let pairs = |all: &[(&str, &str)]| -> Vec<(String, String)> {
            all.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
        };
        let split = json!({
            "unit": "G2", "into": [{ "code": "G3", "names": { "zh-Hans": "丙" }, "kind": "group" }], "day": "2020-02-10",
            "given": { "F1": "G3", "F9": "G3", "NOPE": "NEWX", "S1": "G3" },
        });
        assert_eq!(
            refused("/units/split", split, (404, "unit.unknown")),
            pairs(&[
                ("given.F1", "unit.split_not_below"),
                ("given.F9", "unit.not_open"),
                ("given.NOPE", "unit.unknown"),
                ("given.NOPE", "unit.split_not_new"),
                ("given.S1", "unit.split_not_below"),
            ])
        );
        let merge = json!({ "from": ["G1", "G2", "G1", "F9", "NOPE"], "into": "G2", "day": "2020-02-10" });
        assert_eq!(
            refused("/units/merge", merge, (404, "unit.unknown")),
            pairs(&[
                ("from[1]", "unit.merge_into_itself"),
                ("from[2]", "unit.merge_twice"),
                ("from[3]", "unit.not_open"),
                ("from[4]", "unit.unknown"),
            ])
        );
        let into_closed = json!({ "from": ["S1"], "into": "F9", "day": "2020-02-10" });
        assert_eq!(
            refused("/units/merge", into_closed, (422, "unit.succession")),
            pairs(&[("into", "unit.not_open")])
        );
        assert_eq!(house.get("viewer", "/units/G3?day=2020-02-10").status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn who_may_not_change_the_tree_is_told_so() {
    story(|house| {
        planted(house);
        let draft = json!({ "code": "X", "names": { "zh-Hans": "x" }, "kind": "firm", "parent": "G1" });
        for role in ["filler", "viewer"] {
            let said = house.post(role, "/units", draft.clone());
            assert_eq!((said.status, said.code()), (StatusCode::FORBIDDEN, "permission.lacking".to_owned()));
            let headers = [("content-type", "application/octet-stream")];
            let said = house.ask(role, "POST", "/imports/units", &headers, FILE.into());
            assert_eq!(said.status, StatusCode::FORBIDDEN);
        }
        assert_eq!(house.get("viewer", "/exports/units?phones=true").status, StatusCode::FORBIDDEN);
    });
}

#[test]
fn a_draft_is_refused_with_all_its_fields() {
    story(|house| {
        planted(house);
        let said = house.post(
            "office",
            "/units",
            json!({ "code": "a b", "names": { "zh-Hans": "" }, "kind": "啥", "parent": "G1" }),
        );
        assert_eq!((said.status, said.code()), (StatusCode::UNPROCESSABLE_ENTITY, "unit.draft".to_owned()));
        let body = said.json();
        let mut fields: Vec<_> =
            body["findings"].as_array().unwrap().iter().map(|f| f["field"].as_str().unwrap()).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["code", "kind", "names.zh-Hans"]);
        let taken = json!({ "code": "G1", "names": { "zh-Hans": "x" }, "kind": "firm", "parent": "AQ" });
        assert_eq!(house.post("office", "/units", taken).code(), "unit.code_taken");
        let orphan = json!({ "code": "X", "names": { "zh-Hans": "x" }, "kind": "firm", "parent": "NOWHERE" });
        assert_eq!(house.post("office", "/units", orphan).code(), "unit.parent_unknown");
        assert_eq!(house.get("office", "/units?day=2020-2-30").code(), "request.day");
    });
}

#[test]
fn posts_contacts_and_outside_parties_have_their_doors() {
    story(|house| {
        planted(house);
        let put = |path: &str, body: Value| {
            house.ask(
                "office",
                "PUT",
                path,
                &[("content-type", "application/json")],
                body.to_string().into_bytes(),
            )
        };
        let post = json!({ "names": { "zh-Hans": "夜班", "en": "Night" }, "holder": "account:viewer", "day": "2020-02-01" });
        assert_eq!(put("/units/G1/posts/night", post).status, StatusCode::NO_CONTENT);
        let named = json!({ "names": { "zh-Hans": "夜班" }, "holder": "张三" });
        assert_eq!(findings(&put("/units/G1/posts/night", named))[0].1, "post.holder_form");
        assert_eq!(
            put("/units/G1/posts/night/contact", json!({ "phone": "000-7654321" })).status,
            StatusCode::NO_CONTENT
        );
        let two = put("/units/G1/posts/night/contact", json!({ "phone": "0551-1234567 0551-7654321" }));
        assert_eq!(findings(&two)[0].1, "contact.two_phones");
        let unit = house.get("office", "/units/G1").json();
        assert_eq!(
            unit["posts"][0],
            json!({ "code": "night", "name": "Night", "names": { "zh-Hans": "夜班", "zh-Hant": "", "en": "Night" },
                "holder": "account:viewer", "since": "2020-02-01", "until": null, "duty_phone": "000-7654321" })
        );
        let held = house.get("viewer", "/units/G1?day=2020-01-31").json();
        assert_eq!(held["posts"][0]["holder"], Value::Null);
        for action in ["post.set", "contact.set"] {
            let entries = house.journalled(action);
            assert!(!entries.is_empty());
            assert!(entries.iter().all(|entry| !String::from_utf8_lossy(&entry.body).contains("7654321")));
        }
        let party =
            json!({ "code": "HX", "names": { "zh-Hans": "华西医院" }, "kind": "hospital", "place": "5101" });
        assert_eq!(house.post("office", "/parties", party.clone()).status, StatusCode::CREATED);
        assert_eq!(house.post("office", "/parties", party).code(), "party.code_taken");
        assert_eq!(codes(&house.get("viewer", "/parties").json()), ["HX"]);
    });
}

/// F12 becomes two, one of which is at a place that no list knows.
fn split_in_two() -> Value {
    let part = |code: &str, place: &str| json!({ "code": code, "names": { "zh-Hans": code }, "kind": "firm", "place": place });
    json!({ "unit": "F12", "into": [part("F13", "340103"), part("F14", "349901")], "given": { "S121": "F13", "N1": "F14" } })
}

/// The fields at which a place is told that no list knows; nothing else may be told.
fn places_unknown(answer: &Value) -> Vec<String> {
    let findings = answer["findings"].as_array().unwrap_or_else(|| panic!("no findings: {answer}"));
    let told = findings.iter().map(|finding| {
        assert_eq!((&finding["code"], &finding["severity"]), (&json!("unit.place_unknown"), &json!("warn")));
        finding["field"].as_str().unwrap().to_owned()
    });
    told.collect()
}

#[test]
fn a_body_beside_the_tree_is_changed_and_its_place_is_looked_up() {
    story(|house| {
        let cast = Cast::of(house, Terms::default());
        let send = |method: &str, path: &str, headers: &[(&str, &str)], body: &Value| {
            let json = [("content-type", "application/json")];
            let headers: Vec<_> = json.iter().chain(headers).copied().collect();
            house.ask("office", method, path, &headers, body.to_string().into())
        };
        let first = json!({ "code": "H1", "names": { "zh-Hans": "医院", "en": "Hospital" }, "kind": "hospital", "place": "340100", "opened": "2020-01-25" });
        let made = send("POST", "/parties", &[], &first);
        assert_eq!(
            (made.status, made.json()["findings"].clone()),
            (StatusCode::CREATED, Value::Null),
            "{}",
            made.json()
        );
        let seen = house.get("viewer", "/parties/H1").headers["etag"].to_str().unwrap().to_owned();
        assert_eq!(made.headers["etag"], seen.as_str());
        let patch = |headers: &[(&str, &str)], body: Value| send("PATCH", "/parties/H1", headers, &body);
        let match_seen = [("if-match", seen.as_str())];
        // A place that no list knows is taken, and said.
        let moved = patch(&match_seen, json!({ "place": "349901", "kind": "医院" }));
        assert_eq!(moved.code(), "party.refused", "a kind of one's own is written in letters");
        let moved = patch(&match_seen, json!({ "place": "349901", "names": { "zh-Hans": "市医院" } }));
        assert_eq!(moved.json()["findings"][0]["code"], "unit.place_unknown", "{}", moved.json());
        assert_eq!(
            (&moved.json()["place"], &moved.json()["names"]["en"]),
            (&json!("349901"), &json!("Hospital"))
        );
        assert_eq!(patch(&match_seen, json!({ "kind": "charity" })).code(), "party.stale");
        let entries = house.journalled("party.change").len();
        assert_eq!(patch(&[], json!({ "place": "349901" })).status, StatusCode::OK);
        assert_eq!(house.journalled("party.change").len(), entries, "said again, nothing is written");
        for (body, code, field) in [
            (json!({ "closed": "2020-01-25" }), "unit.closed_before_opened", "closed"),
            (json!({ "place": "3x" }), "unit.place_form", "place"),
            (json!({ "names": { "zh-Hans": "" } }), "unit.name_missing", "names.zh-Hans"),
            (json!({ "kind": "?" }), "unit.kind_form", "kind"),
        ] {
            let said = patch(&[], body.clone());
            let finding = &said.json()["findings"][0];
            assert_eq!(
                (said.status.as_u16(), &finding["code"], &finding["field"]),
                (422, &json!(code), &json!(field)),
                "{body}"
            );
        }
        let closed = patch(&[], json!({ "closed": "2020-03-01" }));
        assert_eq!(closed.json()["closed"], "2020-03-01");
        let late = patch(&[], json!({ "opened": "2020-03-01" }));
        assert_eq!(late.json()["findings"][0]["field"], "opened", "{}", late.json());
        assert_eq!(patch(&[], json!({ "code": "H2" })).code(), "request.field_unknown");
        assert_eq!(
            house
                .ask("group", "PATCH", "/parties/H1", &[("content-type", "application/json")], b"{}".to_vec())
                .status,
            StatusCode::FORBIDDEN
        );

        // The same of a unit, by each door.
        let unit = send("PATCH", "/units/S111", &[], &json!({ "place": "349901" })).json();
        assert_eq!(
            (&unit["findings"][0]["code"], &unit["findings"][0]["field"]),
            (&json!("unit.place_unknown"), &json!("place")),
            "{unit}"
        );
        let new = json!({ "code": "N1", "names": { "zh-Hans": "N" }, "kind": "site", "parent": "F11", "place": "99" });
        assert_eq!(send("POST", "/units", &[], &new).json()["findings"][0]["severity"], "warn");
        assert_eq!(
            send("PATCH", "/units/S111", &[], &json!({ "place": "340102" })).json()["findings"],
            Value::Null
        );
        assert_eq!(
            send("POST", "/units/N1/move", &[], &json!({ "parent": "F12" })).json()["findings"],
            Value::Null
        );
        // Looked at first, the same is said; of a split, at the new unit that it is about.
        for (method, path, body, field) in [
            ("PATCH", "/units/S111", json!({ "place": "349901" }), "place"),
            (
                "POST",
                "/units",
                json!({ "code": "N2", "names": { "zh-Hans": "N" }, "kind": "site", "parent": "F11", "place": "99" }),
                "place",
            ),
            ("POST", "/units/split", split_in_two(), "into[1].place"),
        ] {
            let looked = send(method, &format!("{path}?dry_run=true"), &[], &body).json();
            assert_eq!(
                (&looked["dry_run"], places_unknown(&looked)),
                (&json!(true), vec![field.to_owned()]),
                "{looked}"
            );
        }
        let parts = send("POST", "/units/split", &[], &split_in_two()).json();
        assert_eq!(
            (codes(&parts), places_unknown(&parts)),
            (vec!["F13", "F14"], vec!["into[1].place".to_owned()])
        );
        assert_eq!(parts["items"][1]["place"], "349901", "{parts}");
        // A tree of places that was taken in makes it known.
        let csv = b"code,name,kind,parent,place\nX9,X,place-city,R,3499\n".to_vec();
        let taken = house.ask("office", "POST", "/imports/units", &[("content-type", "text/csv")], csv);
        assert_eq!(taken.status, StatusCode::OK, "{}", taken.json());
        assert_eq!(
            send("PATCH", "/units/S112", &[], &json!({ "place": "349901" })).json()["findings"],
            Value::Null
        );
        cast.drawn_is_stored();
    });
}
