//! Stories of a unit that goes to another superior: what it said before is told to who had it then, what it is now to who has
//! it now. On both stores, with totals kept and added up.

use crate::cast::{Cast, TODAY, element_of, told};
use axum::http::StatusCode;
use muster::lines::org::{self, Patch};
use serde_json::{Value, json};

const PHONE: &str = "0551-5550100";

/// Sends a change that must be taken.
fn done(cast: &Cast<'_>, role: &str, method: &str, path: &str, body: Value) {
    let json = [("content-type", "application/json")];
    let said = cast.house.ask(role, method, path, &json, body.to_string().into());
    assert!(said.status.is_success(), "{path}: {}", said.json());
}

/// F12, with S121 below it, said something today and goes below G2 tomorrow.
fn moved(cast: &Cast<'_>) {
    cast.say("group", "F12", json!({ "staff": 6, "difficulties": "缺口罩" }));
    cast.clock("02-04 10:00");
    done(cast, "office", "POST", "/units/F12/move", json!({ "parent": "G2" }));
}

#[test]
fn what_a_unit_said_before_it_came_is_not_told_to_who_has_it_now() {
    told(|cast| {
        moved(cast);
        let next = "2020-02-04";
        assert_eq!(
            cast.house.get("beside", &format!("/totals?node=F12&day={TODAY}")).status,
            StatusCode::NOT_FOUND
        );
        let series = |role: &str| {
            let path = format!("/totals/series?node=unit:F12&element=staff&from={TODAY}&to={next}");
            cast.get(role, &path)
        };
        let first = |role: &str| {
            let series = series(role);
            (
                series["points"][0]["value"].clone(),
                series["points"][0]["expected"].clone(),
                series["whole"]["value"].clone(),
            )
        };
        assert_eq!(first("office"), (json!(6), json!(2), json!(6)));
        assert_eq!(first("beside"), (Value::Null, json!(0), Value::Null));
        let yesterday = |totals: &Value| element_of(totals, "staff")["yesterday"].clone();
        let part_of = |role: &str, node: &str, code: &str| {
            let list = cast.get(role, &format!("/totals/children?node={node}&day={next}"));
            let items = list["items"].as_array().unwrap();
            yesterday(items.iter().find(|item| item["node"]["code"] == code).unwrap())
        };
        let said = |role: &str, element: &str| {
            let sheet = cast.get(role, &format!("/reports/F12/{next}"));
            let fields = sheet["fields"].as_array().unwrap();
            fields.iter().find(|field| field["element"] == element).unwrap()["yesterday"].clone()
        };
        for (role, staff, words) in
            [("office", json!(6), json!("缺口罩")), ("beside", Value::Null, Value::Null)]
        {
            let totals = cast.get(role, &format!("/totals?node=F12&day={next}"));
            assert_eq!(yesterday(&totals), staff, "{role}");
            assert_eq!(part_of(role, "G2", "F12"), staff, "{role}");
            assert_eq!(part_of(role, "F12", "F12"), staff, "{role}: its own report alone");
            assert_eq!((said(role, "staff"), said(role, "difficulties")), (staff, words), "{role}");
        }
    });
}

#[test]
fn who_is_on_duty_and_what_was_done_since_is_not_told_to_who_had_the_unit() {
    told(|cast| {
        done(cast, "group", "PATCH", "/units/S121", json!({ "names": { "en": "Old gate" } }));
        moved(cast);
        let post = json!({ "names": { "en": "Gate" }, "duty_phone": PHONE });
        done(cast, "beside", "PUT", "/units/S121/posts/duty", post);
        done(cast, "beside", "PATCH", "/units/S121", json!({ "names": { "en": "New gate" } }));
        assert_eq!(cast.house.get("group", "/units/S121").status, StatusCode::NOT_FOUND);
        let phone = |role: &str| {
            cast.get(role, &format!("/units/S121?day={TODAY}"))["posts"][0]["duty_phone"].clone()
        };
        assert_eq!((phone("office"), phone("group")), (json!(PHONE), Value::Null));
        let exported = |role: &str| {
            let said =
                cast.house.get(role, &format!("/exports/units?phones=true&purpose=a%20story&day={TODAY}"));
            assert_eq!(said.status, StatusCode::OK);
            let text = String::from_utf8(said.bytes.to_vec()).unwrap();
            (text.contains("S121"), text.contains(PHONE))
        };
        assert_eq!((exported("office"), exported("group")), ((true, true), (true, false)));
        let called = |role: &str| {
            let missing = cast.get(role, &format!("/missing?node=G1&day={TODAY}"));
            let items = missing["items"].as_array().unwrap();
            items.iter().find(|item| item["unit"]["code"] == "S121").unwrap()["duty_phone"].clone()
        };
        assert_eq!((called("office"), called("group")), (json!(PHONE), Value::Null));

        let history = |role: &str| cast.get(role, "/units/S121/history");
        let actions = |role: &str| {
            let entries = history(role)["entries"].as_array().unwrap().clone();
            entries.iter().map(|entry| entry["action"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(actions("group"), ["unit.change", "unit.create"]);
        assert!(actions("office").len() > 2, "{:?}", actions("office"));
        let told = history("group").to_string();
        assert!(
            told.contains("Old gate") && !told.contains("New gate") && !told.contains("closed"),
            "{told}"
        );
        // Who has it now is told what was done to it since, and not whose it was before.
        assert_eq!(actions("beside"), ["unit.change", "contact.set", "post.set"]);
        let told = history("beside").to_string();
        assert!(told.contains("New gate") && !told.contains("opened"), "{told}");
        let changed = told.matches("Old gate").count();
        assert_eq!(changed, 0, "its name when it came is told from that day on: {told}");
    });
}

#[test]
fn of_a_unit_that_came_and_went_each_is_told_the_days_on_which_it_was_theirs() {
    told(|cast| {
        let day = |at: &str| cast.clock(&format!("{at} 10:00"));
        let put = |parent: &str| {
            done(cast, "office", "POST", "/units/F12/move", json!({ "parent": parent }));
        };
        let called = |name: &str| {
            done(cast, "office", "PATCH", "/units/F12", json!({ "names": { "en": name } }));
        };
        called("First");
        day("02-04");
        put("G2");
        day("02-05");
        called("Second");
        day("02-06");
        put("G1");
        day("02-07");
        called("Third");
        // What it becomes names no unit of somebody else's.
        let into = json!({ "code": "F9", "names": { "zh-Hans": "九" }, "kind": "firm" });
        let split = json!({ "unit": "F12", "into": [into], "given": {} });
        done(cast, "office", "POST", "/units/split", split);
        done(cast, "office", "POST", "/units/F9/move", json!({ "parent": "G2", "day": "2020-02-08" }));
        let seen = |role: &str| {
            let history = cast.get(role, "/units/F12/history");
            let facts = history["facts"].as_array().unwrap();
            let line = |f: &Value| {
                let word = |key: &str| f[key].as_str().unwrap_or("-").to_owned();
                format!("{} {} {} {}", word("fact"), word("since"), word("until"), word("value"))
            };
            let wanted = |f: &&Value| f["fact"] == "parent" || f["fact"] == "split" || f["fact"] == "closed";
            let entries = history["entries"].as_array().unwrap();
            let entries = entries.iter().map(|entry| entry["action"].as_str().unwrap().to_owned());
            let told = history.to_string();
            let names = ["First", "Second", "Third"].map(|name| told.contains(name));
            (facts.iter().filter(wanted).map(line).collect::<Vec<_>>(), entries.collect::<Vec<_>>(), names)
        };
        let (facts, entries, names) = seen("beside");
        assert_eq!(facts, ["parent 2020-02-04 2020-02-06 G2"]);
        assert_eq!((entries, names), (vec!["unit.change".into(), "unit.move".into()], [true, true, false]));
        let (facts, entries, names) = seen("group");
        assert_eq!(facts[1..], ["parent 2020-02-06 - G1", "split 2020-02-07 - → F9"]);
        assert!(facts[0].starts_with("parent ") && facts[0].ends_with(" 2020-02-04 G1"), "{facts:?}");
        assert_eq!(entries.len(), 5, "{entries:?}");
        assert_eq!(names, [true, true, true]);
        assert_eq!(seen("office").0.len(), 4);
    });
}

#[test]
fn who_had_a_unit_is_told_its_history_however_much_was_done_to_it_since() {
    told(|cast| {
        done(cast, "office", "PATCH", "/units/F12", json!({ "names": { "en": "Then" } }));
        cast.clock("02-04 10:00");
        done(cast, "office", "POST", "/units/F12/move", json!({ "parent": "G2" }));
        cast.clock("02-05 10:00");
        for no in 0..205 {
            cast.tree(move |tx, ctx| {
                let patch = Patch { en: Some(format!("Since {no}")), ..Patch::default() };
                org::unit_change(tx, ctx, "F12", ctx.today(), &patch)
            });
        }
        let actions = |role: &str| {
            let history = cast.get(role, "/units/F12/history");
            let entries = history["entries"].as_array().unwrap().iter();
            entries.map(|entry| entry["action"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(actions("group"), ["unit.change", "unit.create"]);
        assert_eq!((actions("office").len(), actions("beside").len()), (200, 200), "the latest, to a bound");
    });
}

#[test]
fn words_bear_the_name_that_their_unit_had_when_it_spoke() {
    told(|cast| {
        cast.say("clerk", "S111", json!({ "difficulties": "masks" }));
        let before = cast.get("group", "/search/notes?q=masks")["items"][0]["unit"]["name"].clone();
        cast.clock("02-04 10:00");
        done(cast, "office", "POST", "/units/S111/move", json!({ "parent": "F21" }));
        cast.clock("02-05 10:00");
        done(cast, "office", "PATCH", "/units/S111", json!({ "names": { "en": "Theirs" } }));
        for role in ["group", "office"] {
            let found = cast.get(role, "/search/notes?q=masks&from=2020-02-01&to=2020-02-05");
            assert_eq!(found["items"][0]["unit"]["name"], before, "{role}");
        }
    });
}

#[test]
fn a_whole_code_finds_its_unit_alone_within_what_one_may_see() {
    told(|cast| {
        let named = json!({ "names": { "en": "Beside S111" } });
        done(cast, "office", "PATCH", "/units/S112", named);
        let found = |role: &str, words: &str| {
            let list = cast.get(role, &format!("/units?q={words}"));
            let codes = list["items"].as_array().unwrap().iter().map(|unit| unit["code"].clone());
            (codes.collect::<Vec<_>>(), list["next_cursor"].clone())
        };
        assert_eq!(found("office", "S111"), (vec![json!("S111")], Value::Null));
        assert_eq!(found("office", "s111").0, ["S111", "S112"], "other words are looked for everywhere");
        assert_eq!(found("beside", "S111").0, [Value::Null; 0], "and not where one sees nothing");
    });
}
