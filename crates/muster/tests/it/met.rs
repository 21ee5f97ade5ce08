//! Stories of changes of the tree that meet what is there: a report that was taken in stays in the figures, a frozen day is
//! told of, and who asks for a past moment is told that the tree was another then. On both stores, with totals kept and
//! added up.

use crate::cast::{Cast, TODAY, told};
use crate::house::Said;
use axum::http::StatusCode;
use serde_json::{Value, json};

const MET: &str = "unit.has_reported";

fn refused(said: &Said, unit: &str, free: &str) {
    let finding = said.json()["findings"][0].clone();
    assert_eq!((said.status, said.code().as_str()), (StatusCode::CONFLICT, MET), "{}", said.json());
    assert_eq!((&finding["code"], &finding["field"]), (&json!(MET), &json!("day")), "{finding}");
    let sentence = finding["message"].as_str().unwrap();
    assert!(sentence.starts_with(&format!("{unit} has reported")), "{sentence}");
    assert!(sentence.ends_with(&format!("from {free} on.")), "{sentence}");
}

/// Looked at first and then asked for, both are refused alike, and nothing is changed.
fn refused_both(cast: &Cast<'_>, path: &str, body: &Value, unit: &str, free: &str) {
    let fever = cast.total("R", "fever")["value"].clone();
    refused(&cast.house.post("office", &format!("{path}?dry_run=true"), body.clone()), unit, free);
    refused(&cast.house.post("office", path, body.clone()), unit, free);
    assert_eq!(cast.total("R", "fever")["value"], fever);
}

#[test]
fn a_unit_that_reported_neither_closes_nor_is_merged_away_below_its_report() {
    told(|cast| {
        cast.say("clerk", "S111", json!({ "fever": 4 }));
        let statement = json!({ "act": "values", "scope": "below", "values": { "staff": 90 } });
        assert_eq!(cast.put("beside", "F21", statement).status, StatusCode::OK);
        let check = |path: &str, body: Value, unit: &str| {
            refused_both(cast, path, &body, unit, "2020-02-04");
        };
        check("/units/S111/close", json!({}), "S111");
        check("/units/S111/close", json!({ "day": "2020-01-20" }), "S111");
        check("/units/F11/close", json!({ "below": true }), "S111");
        check("/units/merge", json!({ "from": ["S111"], "into": "S112" }), "S111");
        check("/units/F21/close", json!({ "below": true }), "F21");
        let split = json!({ "unit": "S111", "into": [{ "code": "N1", "names": { "zh-Hans": "N1" }, "kind": "site" }] });
        check("/units/split", split, "S111");
        // From the day after it can be done, and what was reported stays where it is.
        let merge = json!({ "from": ["S111"], "into": "S112", "day": "2020-02-04" });
        let merged = cast.house.post("office", "/units/merge", merged_looked(cast, merge));
        assert_eq!(merged.status, StatusCode::OK, "{}", merged.json());
        assert_eq!(cast.total("F11", "fever")["value"], 4);
        assert_eq!(cast.get("office", "/totals?node=F11&day=2020-02-04")["rates"]["expected"], 2);
    });
}

/// Looked at first it is taken in.
fn merged_looked(cast: &Cast<'_>, merge: Value) -> Value {
    let looked = cast.house.post("office", "/units/merge?dry_run=true", merge.clone());
    assert_eq!((looked.status, &looked.json()["closed"]), (StatusCode::OK, &json!(1)), "{}", looked.json());
    merge
}

#[test]
fn a_unit_that_reported_neither_leaves_who_is_asked_nor_becomes_of_another_kind() {
    told(|cast| {
        // Who is asked: sites below G1 alone.
        let to = json!({ "unit": "G1", "kinds": ["site"], "reason": "G1 alone" });
        let json = [("content-type", "application/json")];
        let patch = |path: &str, body: &Value| {
            cast.house.ask("office", "PATCH", path, &json, body.to_string().into())
        };
        assert_eq!(patch("/assignments/1", &to).status, StatusCode::OK);
        cast.put_on("clerk", "S111", "2020-02-02", &[], json!({ "act": "zero" }));
        cast.say("clerk", "S111", json!({ "fever": 4 }));
        let away = json!({ "parent": "F21", "day": "2020-02-01" });
        refused_both(cast, "/units/S111/move", &away, "S111", "2020-02-04");
        refused_both(cast, "/units/F11/move", &json!({ "parent": "G2" }), "S111", "2020-02-04");
        let two = cast.house.post("office", "/units/S111/move", away).json()["findings"][0].clone();
        assert!(two["message"].as_str().unwrap().contains("2 reports in all"), "{two}");
        refused(&patch("/units/S111", &json!({ "kind": "firm" })), "S111", "2020-02-04");
        // Within who is asked, and another name: nothing is in the way.
        assert_eq!(patch("/units/S111", &json!({ "names": { "en": "Ferry" } })).status, StatusCode::OK);
        let within = cast.house.post("office", "/units/S111/move", json!({ "parent": "F12" }));
        assert_eq!(within.status, StatusCode::OK, "{}", within.json());
        assert_eq!(cast.total("F12", "fever")["value"], 4);
    });
}

#[test]
fn rows_of_a_file_that_meet_reports_are_refused_and_the_rest_comes_in() {
    told(|cast| {
        cast.say("clerk", "S111", json!({ "fever": 4 }));
        cast.say("beside", "S211", json!({ "fever": 1 }));
        let send = |path: &str, rows: &str| {
            let said = cast.house.ask(
                "office",
                "POST",
                &format!("/imports/units{path}"),
                &[],
                rows.to_owned().into(),
            );
            assert_eq!(said.status, StatusCode::OK, "{}", said.json());
            said.json()
        };
        // S111 closes below its report, S112 may; F21 closes over S211 that reported; N1 comes.
        let rows = format!(
            "code,name_en,kind,parent,closed\nS111,,,,{TODAY}\nS112,,,,{TODAY}\nS211,,,,{TODAY}\nF21,,,,{TODAY}\nN1,N1,site,F12,\n"
        );
        let counts =
            |said: &Value| ["rows", "added", "closed", "refused"].map(|key| said[key].as_i64().unwrap_or(-1));
        let told = |said: &Value| -> Vec<(String, String)> {
            let findings = said["findings"].as_array().unwrap().iter();
            let word = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
            findings.map(|finding| (word(finding, "code"), word(finding, "cell"))).collect()
        };
        let met = |code: &str, cell: &str| (code.to_owned(), cell.to_owned());
        let wanted = [met(MET, "E2"), met(MET, "E4"), met("unit.has_open_below", "E5")];
        let looked = send("?dry_run=true", &rows);
        assert_eq!((counts(&looked), told(&looked)), ([5, 1, 1, 3], wanted.to_vec()), "{looked}");
        assert_eq!(cast.totals("R")["rates"]["expected"], 9, "nothing was done");
        let done = send("", &rows);
        assert_eq!((counts(&done), told(&done)), ([5, 1, 1, 3], wanted.to_vec()), "{done}");
        assert_eq!(
            (cast.totals("R")["rates"]["expected"].clone(), cast.total("R", "fever")["value"].clone()),
            (json!(9), json!(5))
        );
        // A whole list that leaves S111 and S121 out closes the one that has not reported.
        let whole = send("?complete=true&under=G1", "code\nF11\nF12\nN1\n");
        assert_eq!((&whole["left_out"], told(&whole)), (&json!(1), vec![met(MET, "")]), "{whole}");
        assert_eq!(cast.house.get("office", "/units/S121").status, 404);
        assert_eq!(cast.total("F11", "fever")["value"], 4);
    });
}

#[test]
fn a_change_below_a_frozen_day_is_told_and_its_page_stands() {
    told(|cast| {
        cast.say("clerk", "S111", json!({ "fever": 4 }));
        cast.clock("15:30");
        let frozen = cast.house.post("office", &format!("/briefs/{TODAY}/freeze"), json!({}));
        assert_eq!(frozen.status, StatusCode::OK, "{}", frozen.json());
        let page = cast.get("office", &format!("/briefs/{TODAY}"));
        let asked = format!("/totals?node=G2&as_known_at={TODAY}T15:40:00%2B08:00&day={TODAY}");
        assert_eq!(cast.get("office", &asked).get("tree_changes_since"), None);
        cast.clock("16:00");
        let away = json!({ "parent": "G2", "day": "2020-02-02" });
        let warned = |said: &Said| {
            assert_eq!(said.status, StatusCode::OK, "{}", said.json());
            let finding = said.json()["findings"][0].clone();
            assert_eq!((&finding["code"], &finding["severity"]), (&json!("tree.day_frozen"), &json!("warn")));
            let sentence = finding["message"].as_str().unwrap();
            assert!(
                sentence.starts_with(&format!("1 of the days it reaches is frozen (the first {TODAY})")),
                "{sentence}"
            );
        };
        warned(&cast.house.post("office", "/units/F11/move?dry_run=true", away.clone()));
        let same = cast.get("office", &format!("/briefs/{TODAY}/compare"));
        assert_eq!((&same["differences"], &same["tree"]), (&json!([]), &json!([])), "looked at only: {same}");
        warned(&cast.house.post("office", "/units/F11/move", away));
        // From tomorrow on: no frozen day in it.
        let later =
            cast.house.post("office", "/units/F12/move", json!({ "parent": "G2", "day": "2020-02-04" }));
        assert_eq!(
            (later.status, later.json().get("findings").cloned().unwrap_or(json!([]))),
            (StatusCode::OK, json!([]))
        );
        // The page stands; made again the figures are others, and the cause is told.
        assert_eq!(cast.get("office", &format!("/briefs/{TODAY}")), page);
        let compared = cast.get("office", &format!("/briefs/{TODAY}/compare"));
        assert_eq!((&compared["intact"], &compared["causes"]), (&json!(true), &json!([])), "{compared}");
        assert!(!compared["differences"].as_array().unwrap().is_empty(), "{compared}");
        let cause = json!([{
            "since": "2020-02-02", "at": "2020-02-03T16:00:00+08:00", "actor": "role:office", "action": "unit.move",
            "unit": "F11", "name": "F11", "to": "G2",
        }]);
        assert_eq!(compared["tree"], cause, "{compared}");
        // Figures as they were known then are told with their units of now.
        let then = cast.get("office", &asked);
        assert_eq!(then["tree_changes_since"], 1, "{then}");
        for path in ["/missing", "/totals/children", "/disagreements"] {
            let said = cast.get("office", &asked.replace("/totals", path));
            assert_eq!(said["tree_changes_since"], 1, "{path}: {said}");
        }
        let beside = asked.replace("G2", "F12");
        assert_eq!(cast.get("office", &beside).get("tree_changes_since"), None, "of what lies elsewhere");
        // Who closes is told of it too, though there is nothing left to show.
        warned(&cast.house.post("office", "/units/S112/close", json!({ "day": TODAY })));
        let before = asked.replace(&format!("day={TODAY}"), "day=2020-02-01");
        assert_eq!(cast.get("office", &before).get("tree_changes_since"), None, "of a day before it");
        let after = asked.replace("T15:40", "T16:00");
        assert_eq!(cast.get("office", &after).get("tree_changes_since"), None, "known by then");
    });
}
