//! Stories of what is asked: a version of a form or the days of an element are set from a day on, and what a frozen day
//! asked stays as it was. On both stores.

use crate::cast::{Cast, TODAY, told};
use axum::http::StatusCode;
use serde_json::{Value, json};

/// Code and field of each finding of an answer; none where it was taken.
fn findings(cast: &Cast<'_>, path: &str, body: &Value) -> Vec<(String, String)> {
    let said = cast.house.post("office", path, body.clone());
    if said.status == StatusCode::OK {
        return Vec::new();
    }
    assert_eq!(said.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", said.json());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let body = said.json();
    let all = body["findings"].as_array().unwrap().iter();
    all.map(|finding| (text(&finding["code"]), text(&finding["field"]))).collect()
}

fn found(code: &str, field: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), field.to_owned())]
}

fn freeze(cast: &Cast<'_>) {
    cast.say("clerk", "S111", json!({ "fever": 1 }));
    cast.clock("15:30");
    let frozen = cast.house.post("office", &format!("/briefs/{TODAY}/freeze"), json!({}));
    assert_eq!(frozen.status, StatusCode::OK, "{}", frozen.json());
}

#[test]
fn a_version_of_a_form_does_not_change_a_day_that_began() {
    told(|cast| {
        let mut form = cast.get("office", "/forms")["items"][0].clone();
        form["items"].as_array_mut().unwrap().pop();
        form["since"] = json!("2020-02-06");
        form["until"] = json!("2020-02-05");
        assert_eq!(findings(cast, "/forms", &form), found("days.ends_before", "until"));
        form["until"] = Value::Null;
        form["since"] = json!(TODAY);
        assert_eq!(findings(cast, "/forms", &form), found("form.since", "since"), "in the middle of a day");
        freeze(cast);
        let before = cast.get("office", &format!("/totals?node=R&day={TODAY}"));
        for since in ["2020-02-02", TODAY] {
            form["since"] = json!(since);
            assert_eq!(findings(cast, "/forms", &form), found("form.since", "since"), "{since}");
        }
        form["since"] = json!("2020-02-04");
        assert_eq!(findings(cast, "/forms", &form), []);
        assert_eq!(cast.get("office", &format!("/totals?node=R&day={TODAY}")), before);
        let compared = cast.get("office", &format!("/briefs/{TODAY}/compare"));
        assert_eq!(compared["differences"], json!([]), "{compared}");
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
        assert!(findings(cast, "/elements", &element).contains(&found("days.ends_before", "until")[0]));
        element["since"] = since.clone();
        for (from, until, field) in
            [(json!("2020-02-04"), Value::Null, "since"), (since.clone(), json!(TODAY), "until")]
        {
            element["since"] = from;
            element["until"] = until;
            assert_eq!(findings(cast, "/elements", &element), found("element.day_frozen", field));
        }
        // Its names and the days after it may change.
        element["since"] = since;
        element["until"] = json!("2020-02-04");
        element["names"]["en"] = json!("Fever today");
        assert_eq!(findings(cast, "/elements", &element), []);
    });
}

#[test]
fn a_version_after_a_gap_leaves_the_gap() {
    told(|cast| {
        let mut form = cast.get("office", "/forms")["items"][0].clone();
        let first = form["since"].clone();
        for (since, until) in [("2020-02-05", json!("2020-02-07")), ("2020-02-10", Value::Null)] {
            form["since"] = json!(since);
            form["until"] = until;
            assert_eq!(findings(cast, "/forms", &form), [], "{first}");
        }
        let asked = |day: &str| cast.house.get("office", &format!("/totals?node=R&day={day}")).status;
        assert_eq!(asked("2020-02-06"), StatusCode::OK);
        assert_ne!(asked("2020-02-08"), StatusCode::OK);
        assert_eq!(asked("2020-02-10"), StatusCode::OK);
    });
}
