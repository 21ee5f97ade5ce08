//! Stories of what is asked: a version of a form or the days of an element are set from a day on, and what a frozen day
//! asked stays as it was. On both stores.

use crate::cast::{Cast, TODAY, told};
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
        let all = cast.get("office", "/elements");
        let all = all["items"].as_array().unwrap();
        let mut element = all.iter().find(|one| one["code"] == "fever").unwrap().clone();
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
        assert_eq!(look("POST", "/elements", element).findings(), found("element.needs", "owner"));

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
