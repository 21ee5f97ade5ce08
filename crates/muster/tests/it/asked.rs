//! Stories of what is asked: a version of a form or the days of an element are set from a day on, and what a frozen day
//! asked stays as it was. On both stores.

use crate::cast::{Cast, TODAY, told};
use crate::command::{Folder, muster};
use crate::house::found;
use axum::http::StatusCode;
use serde_json::{Value, json};

fn set(cast: &Cast<'_>, path: &str, body: &Value) -> Vec<(String, String)> {
    cast.house.post("office", path, body.clone()).findings()
}

fn freeze(cast: &Cast<'_>) {
    cast.say("clerk", "S111", json!({ "fever": 1 }));
    cast.clock("15:30");
    let frozen = cast.house.post("office", &format!("/briefs/{TODAY}/freeze"), json!({}));
    assert_eq!(frozen.status, StatusCode::OK, "{}", frozen.json());
}

/// The page of the frozen day comes out as it did.
fn stays(cast: &Cast<'_>) {
    let compared = cast.get("office", &format!("/briefs/{TODAY}/compare"));
    assert_eq!(compared["differences"], json!([]), "{compared}");
}

#[test]
fn a_version_of_a_form_does_not_change_a_day_that_began() {
    told(|cast| {
        let mut form = cast.get("office", "/forms")["items"][0].clone();
        form["items"].as_array_mut().unwrap().pop();
        form["since"] = json!("2020-02-06");
        form["until"] = json!("2020-02-05");
        assert_eq!(set(cast, "/forms", &form), found("days.ends_before", "until"));
        form["until"] = Value::Null;
        form["since"] = json!(TODAY);
        assert_eq!(set(cast, "/forms", &form), found("form.since", "since"), "in the middle of a day");
        freeze(cast);
        let before = cast.get("office", &format!("/totals?node=R&day={TODAY}"));
        for since in ["2020-02-02", TODAY] {
            form["since"] = json!(since);
            assert_eq!(set(cast, "/forms", &form), found("form.since", "since"), "{since}");
        }
        form["since"] = json!("2020-02-04");
        assert_eq!(set(cast, "/forms", &form), []);
        assert_eq!(cast.get("office", &format!("/totals?node=R&day={TODAY}")), before);
        stays(cast);
    });
}

#[test]
fn days_of_an_element_do_not_change_a_frozen_day() {
    told(|cast| {
        let mut element = element(cast, "fever");
        freeze(cast);
        let since = element["since"].clone();
        element["until"] = json!("2020-01-01");
        element["since"] = json!("2020-01-02");
        let said = set(cast, "/elements", &element);
        assert_eq!(said, [found("days.ends_before", "until"), found("element.day_frozen", "until")].concat());
        element["since"] = since.clone();
        for (from, until, field) in
            [(json!("2020-02-04"), Value::Null, "since"), (since.clone(), json!(TODAY), "until")]
        {
            element["since"] = from;
            element["until"] = until;
            assert_eq!(set(cast, "/elements", &element), found("element.day_frozen", field));
        }
        // Its names and the days after it may change.
        element["since"] = since;
        element["until"] = json!("2020-02-04");
        element["names"] = json!({ "zh-Hans": "今日发热", "zh-Hant": "今日發熱", "en": "Fever today" });
        assert_eq!(set(cast, "/elements", &element), []);
        stays(cast);
    });
}

/// The element of a code, as a door tells it.
fn element(cast: &Cast<'_>, code: &str) -> Value {
    let all = cast.get("office", "/elements");
    all["items"].as_array().unwrap().iter().find(|one| one["code"] == code).unwrap().clone()
}

/// The same with other fields.
fn with(element: &Value, fields: Value) -> Value {
    let mut element = element.clone();
    element.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    element
}

#[test]
fn what_a_frozen_day_shows_keeps_its_meaning() {
    told(|cast| {
        let fever = element(cast, "fever");
        cast.say("clerk", "S111", json!({ "fever": 1 }));
        // Before a day that shows it is frozen, a mistake is put right.
        for unit in ["people", "person"] {
            assert_eq!(set(cast, "/elements", &with(&fever, json!({ "unit": unit }))), []);
        }
        freeze(cast);
        for (field, value) in [("unit", "piece"), ("over_units", "none"), ("over_time", "sum")] {
            let other = with(&fever, json!({ field: value }));
            assert_eq!(set(cast, "/elements", &other), found("element.meaning_frozen", field));
        }
        let all = with(
            &fever,
            json!({ "unit": "piece", "over_units": "none", "over_time": "max", "class": "state" }),
        );
        let fields = set(cast, "/elements", &all).into_iter().map(|(_, field)| field).collect::<Vec<_>>();
        assert_eq!(fields, ["class", "unit", "over_units", "over_time"]);
        let sentence = cast.house.post("office", "/elements", with(&fever, json!({ "unit": "piece" })));
        let sentence = sentence.json()["findings"][0]["message"].as_str().unwrap().to_owned();
        assert!(sentence.contains("fever") && sentence.contains(TODAY), "{sentence}");
        let folder = Folder::new("meaning");
        let file = folder.file("form.json", json!({ "elements": [all] }).to_string().as_bytes());
        let told = muster(&cast.house.url, &["form", "set", &file]);
        let told = (told.status.code(), String::from_utf8(told.stderr).unwrap());
        assert!(told.0 == Some(1) && told.1.contains("element.meaning_frozen"), "{told:?}");
        // Names, owner, purpose, and what is asked by no form, may change.
        let named = with(
            &fever,
            json!({ "names": { "zh-Hans": "发热人数" }, "owner": "board", "purpose": "as before" }),
        );
        assert_eq!(set(cast, "/elements", &named), []);
        assert_eq!(set(cast, "/elements", &with(&element(cast, "elsewhere"), json!({ "unit": "pair" }))), []);
        stays(cast);
    });
}

#[test]
fn what_an_element_is_never_changes() {
    told(|cast| {
        let rate = |numerator: &str, denominator: &str| json!({ "value_type": { "kind": "rate", "numerator": numerator, "denominator": denominator } });
        for (code, fields, field) in [
            ("fever", json!({ "value_type": { "kind": "text" } }), "value_type"),
            ("area", json!({ "value_type": { "kind": "decimal", "scale": 3 } }), "value_type.scale"),
            ("isolated_rate", rate("fever", "staff"), "value_type.numerator"),
            ("isolated_rate", rate("isolated", "fever"), "value_type.denominator"),
            ("mood", json!({ "value_type": { "kind": "choice", "codes": ["tense", "calm"] } }), "value_type"),
            ("difficulties", json!({ "class": "state" }), "class"),
        ] {
            let other = with(&element(cast, code), fields);
            assert_eq!(set(cast, "/elements", &other), found("element.type_changed", field));
        }
        let grown = json!({ "value_type": { "kind": "choice", "codes": ["calm", "tense", "panic"] } });
        assert_eq!(set(cast, "/elements", &with(&element(cast, "mood"), grown)), []);
    });
}

#[test]
fn an_element_that_is_added_up_from_now_on_has_its_totals() {
    told(|cast| {
        let confirmed = element(cast, "confirmed");
        cast.say("clerk", "S111", json!({ "confirmed": 3 }));
        let mut form = cast.get("office", "/forms")["items"][0].clone();
        form["items"] = json!([{ "element": "elsewhere" }]);
        form["since"] = json!("2020-02-04");
        let alone = with(&element(cast, "elsewhere"), json!({ "over_units": "none" }));
        assert_eq!(set(cast, "/elements", &alone), []);
        assert_eq!(set(cast, "/forms", &form), []);
        cast.clock("02-04 10:00");
        let body = json!({ "act": "values", "values": { "elsewhere": 5 } });
        assert_eq!(cast.put_on("clerk", "S111", "2020-02-04", &[], body).status, StatusCode::OK);
        assert_eq!(set(cast, "/elements", &with(&alone, json!({ "over_units": "sum" }))), []);
        let totals = cast.get("office", "/totals?node=G1&day=2020-02-04");
        assert_eq!(crate::cast::element_of(&totals, "elsewhere")["value"], 5, "{totals}");
        // One that is added up no more, and again, has lost nothing.
        for rule in ["none", "sum"] {
            assert_eq!(set(cast, "/elements", &with(&confirmed, json!({ "over_units": rule }))), []);
        }
        assert_eq!(cast.total("G1", "confirmed")["value"], 3);
    });
}

#[test]
fn an_element_is_asked_to_the_end_of_a_day_that_began() {
    told(|cast| {
        let fever = element(cast, "fever");
        let until = |day: Value| with(&fever, json!({ "until": day }));
        for day in ["2020-01-25", TODAY] {
            assert_eq!(
                set(cast, "/elements", &until(json!(day))),
                found("element.day_begun", "until"),
                "{day}"
            );
        }
        let later = with(&fever, json!({ "since": "2020-02-05" }));
        assert_eq!(set(cast, "/elements", &later), found("element.day_begun", "since"));
        // Days on which no form asked it are free; so is one that no form asks.
        assert_eq!(set(cast, "/elements", &with(&fever, json!({ "since": "2020-01-20" }))), []);
        assert_eq!(set(cast, "/elements", &with(&fever, json!({ "since": "2020-01-02" }))), []);
        let elsewhere = with(&element(cast, "elsewhere"), json!({ "until": TODAY }));
        assert_eq!(set(cast, "/elements", &elsewhere), []);
        // From tomorrow on it is asked no more, and today's reports say it.
        assert_eq!(set(cast, "/elements", &until(json!("2020-02-04"))), []);
        cast.say("clerk", "S111", json!({ "fever": 1 }));
        cast.clock("02-04 00:01");
        assert_eq!(set(cast, "/elements", &until(json!("2020-02-04"))), [], "said again");
        assert_eq!(set(cast, "/elements", &until(json!("2020-02-05"))), [], "one day more, while it lasts");
        assert_eq!(set(cast, "/elements", &until(json!("2020-02-04"))), found("element.day_begun", "until"));
        let body = json!({ "act": "values", "values": { "fever": 2 } });
        assert_eq!(cast.put_on("clerk", "S111", "2020-02-04", &[], body).status, StatusCode::OK);
    });
}

#[test]
fn a_version_after_a_gap_leaves_the_gap() {
    told(|cast| {
        let mut form = cast.get("office", "/forms")["items"][0].clone();
        for (since, until) in [("2020-02-05", json!("2020-02-07")), ("2020-02-10", Value::Null)] {
            form["since"] = json!(since);
            form["until"] = until;
            assert_eq!(set(cast, "/forms", &form), []);
        }
        let asked = |day: &str| cast.house.get("office", &format!("/totals?node=R&day={day}")).code();
        assert_eq!(["2020-02-06", "2020-02-08", "2020-02-10"].map(asked), ["", "form.ended", ""]);
        let read = cast.house.get("office", "/forms/daily?day=2020-02-08");
        assert_eq!((read.status.as_u16(), read.code()), (404, "form.ended".to_owned()));
        assert_eq!(asked("2020-01-01"), "form.not_assigned");
        assert_eq!(cast.house.get("office", "/totals?node=R&form=weekly").code(), "form.unknown");
        cast.clock("02-08 10:00");
        let late = cast.put_on("clerk", "S111", "2020-02-08", &[], json!({ "act": "zero" }));
        assert_eq!((late.status.as_u16(), late.code()), (404, "form.ended".to_owned()));
    });
}

#[test]
fn what_would_be_asked_is_looked_at_first_and_told_of_how_many() {
    told(|cast| {
        let look = |method: &str, path: &str, body: Value| {
            let json = [("content-type", "application/json")];
            cast.house.ask("office", method, &format!("{path}?dry_run=true"), &json, body.to_string().into())
        };
        let before = ["/elements", "/forms", "/assignments"].map(|path| cast.get("office", path));
        let mut form = before[1]["items"][0].clone();
        form["since"] = json!("2020-02-10");
        let next = 1 + form["version"].as_i64().unwrap();
        assert_eq!(look("POST", "/forms", form.clone()).json(), json!({ "dry_run": true, "version": next }));
        form["since"] = json!(TODAY);
        assert_eq!(look("POST", "/forms", form).findings(), found("form.since", "since"));
        let mut element = before[0]["items"][0].clone();
        assert_eq!(look("POST", "/elements", element.clone()).json(), json!({ "dry_run": true }));
        element["owner"] = json!("");
        assert_eq!(look("POST", "/elements", element.clone()).findings(), found("element.needs", "owner"));
        // The words of what is asked are journalled and stand in briefs.
        element["owner"] = json!("张三 13912345678");
        assert_eq!(
            look("POST", "/elements", element.clone()).findings(),
            found("book.words_telephone", "owner")
        );
        (element["owner"], element["names"]["en"]) = (json!("office"), json!("x".repeat(201)));
        assert_eq!(look("POST", "/elements", element.clone()).findings(), found("book.words_form", "names"));
        for codes in [json!([]), json!(["a", "a"]), json!(["a", " "])] {
            let mut choice = json!({ "code": "colour", "names": { "zh-Hans": "颜色" }, "class": "state",
                "value_type": { "kind": "choice", "codes": codes }, "unit": "", "over_units": "none", "over_time": "last",
                "owner": "office", "purpose": "test", "since": TODAY });
            assert_eq!(
                look("POST", "/elements", choice.clone()).findings(),
                found("element.codes", "value_type.codes")
            );
            choice["value_type"]["codes"] = json!(["a", "b"]);
            assert_eq!(look("POST", "/elements", choice).json(), json!({ "dry_run": true }));
        }
        let mut nameless = before[1]["items"][0].clone();
        (nameless["since"], nameless["names"]) = (json!("2020-02-10"), json!({ "zh-Hans": " " }));
        assert_eq!(look("POST", "/forms", nameless.clone()).findings(), found("element.needs", "names"));
        (nameless["names"], nameless["as_of_min"]) = (before[1]["items"][0]["names"].clone(), json!(1441));
        assert!(look("POST", "/forms", nameless).findings().contains(&found("form.clock", "as_of_min")[0]));

        // Of how many units a form would be asked on its first day; of none where it is taken back.
        let given = &before[2]["items"][0];
        let path = format!("/assignments/{}", given["series"]);
        let (top, since) = (given["unit"]["code"].as_str().unwrap(), given["since"].as_str().unwrap());
        let firms = cast.get("office", &format!("/units?under={top}&kind=firm&day={since}"));
        let firms = firms["items"].as_array().unwrap().len();
        assert!(firms > 0);
        let change = |body: Value| look("PATCH", &path, body).json();
        let asked = change(json!({ "kinds": ["firm"], "reason": "只要企业" }));
        assert_eq!(asked, json!({ "dry_run": true, "expected": firms }));
        let back = change(json!({ "until": since, "reason": "收回" }));
        assert_eq!(back, json!({ "dry_run": true, "expected": 0 }));
        let lacking = look("PATCH", &path, json!({ "kinds": ["firm"] })).findings();
        assert_eq!(lacking, found("assignment.reason_needed", "reason"));
        let after = ["/elements", "/forms", "/assignments"].map(|path| cast.get("office", path));
        assert_eq!(after, before, "a look stores nothing");
    });
}
