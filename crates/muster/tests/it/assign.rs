//! Stories of assignments: of whom a form is asked is ended from a day on and put right, figures follow at once, and
//! neither a report that was taken in nor a frozen day is touched. On both stores, with totals kept and added up.

use crate::cast::{Cast, TODAY, told};
use crate::command::muster;
use crate::house::{Said, found};
use axum::http::StatusCode;
use serde_json::{Value, json};

fn patch(cast: &Cast<'_>, series: &str, body: &Value) -> Said {
    patch_with(cast, series, body, &[])
}

fn patch_with(cast: &Cast<'_>, series: &str, body: &Value, headers: &[(&str, &str)]) -> Said {
    let json = [("content-type", "application/json")];
    let headers: Vec<_> = json.iter().chain(headers).copied().collect();
    let path = format!("/assignments/{series}");
    cast.house.ask("office", "PATCH", &path, &headers, body.to_string().into())
}

fn taken(cast: &Cast<'_>, body: &Value) -> Value {
    let said = patch(cast, "1", body);
    assert_eq!(said.status, StatusCode::OK, "{}", said.json());
    said.json()
}

fn expected(cast: &Cast<'_>, node: &str, on: &str) -> Value {
    cast.get("office", &format!("/totals?node={node}&day={on}"))["rates"]["expected"].clone()
}

#[test]
fn an_assignment_ends_on_a_day_and_the_form_goes_to_another_part() {
    told(|cast| {
        cast.say("clerk", "S111", json!({ "fever": 2 }));
        let was = cast.get("viewer", "/assignments");
        assert_eq!(was["items"][0]["form"], "daily");
        assert_eq!((&was["items"][0]["until"], &was["items"][0]["changes"]), (&Value::Null, &json!([])));
        // Days to come: nobody needs to say why.
        let ended = taken(cast, &json!({ "until": "2020-02-05" }));
        assert_eq!((&ended["until"], &ended["changes"][0]["until"]), (&json!("2020-02-05"), &Value::Null));
        assert_eq!((expected(cast, "R", TODAY), expected(cast, "R", "2020-02-04")), (json!(9), json!(9)));
        let after = cast.house.get("office", "/totals?node=R&day=2020-02-05");
        assert_eq!((after.status, after.code()), (StatusCode::NOT_FOUND, "form.ended".to_owned()));
        let sentence = after.json()["title"].as_str().unwrap().to_owned();
        assert_eq!(sentence, "On 2020-02-05 the form “daily” is asked of nobody: since 2020-02-05 no more.");
        assert_eq!(cast.total("R", "fever")["value"], 2);
        cast.clock("02-05 10:00");
        let late = cast.put_on("clerk", "S111", "2020-02-05", &[], json!({ "act": "zero" }));
        assert_eq!((late.status.as_u16(), late.code()), (422, "report.expected_no_more".to_owned()));
        assert!(late.json()["title"].as_str().unwrap().contains("since 2020-02-05"), "{}", late.json());
        let rows = "unit,day,act\nS111,2020-02-05,zero\n";
        let row = cast.house.ask("office", "POST", "/imports/reports", &[], rows.into()).json();
        let finding = &row["findings"][0];
        assert_eq!((&finding["code"], &finding["cell"]), (&json!("report.expected_no_more"), &json!("B2")));
        let given = json!({ "form": "daily", "unit": "G2", "since": "2020-02-04" });
        assert_eq!(cast.house.post("office", "/assignments", given).code(), "form.assigned_already");
        let given = json!({ "form": "daily", "unit": "G2", "since": "2020-02-05", "kinds": ["现场"], "until": "2020-02-09" });
        assert_eq!(cast.house.post("office", "/assignments", given).json()["series"], 2);
        assert_eq!(
            (expected(cast, "R", "2020-02-05"), expected(cast, "G1", "2020-02-05")),
            (json!(1), json!(0))
        );
        assert_eq!(expected(cast, "R", "2020-02-04"), 9);
        // Said again, nothing changes and nothing is written.
        let entries = cast.house.journalled("form.reassign").len();
        assert_eq!(taken(cast, &json!({ "until": "2020-02-05" }))["changes"].as_array().unwrap().len(), 1);
        assert_eq!(cast.house.journalled("form.reassign").len(), entries);
        assert_eq!(patch(cast, "1", &json!({ "until": null })).code(), "form.assigned_already");
    });
}

#[test]
fn a_wrong_assignment_is_put_right_with_a_reason() {
    told(|cast| {
        let wrong = json!({ "since": "2020-02-02", "unit": "G1", "kinds": ["site"] });
        assert_eq!(patch(cast, "1", &wrong).findings(), found("assignment.reason_needed", "reason"));
        let mut right = wrong.clone();
        right["reason"] = json!("  只向一集团的现场要数  ");
        let now = taken(cast, &right);
        assert_eq!(
            (&now["unit"]["code"], &now["since"], &now["kinds"]),
            (&json!("G1"), &json!("2020-02-02"), &json!(["site"]))
        );
        let change = &now["changes"][0];
        assert_eq!(
            (&change["reason"], &change["unit"]["code"]),
            (&json!("只向一集团的现场要数"), &json!("R"))
        );
        assert_eq!(change["at"], "2020-02-03T10:00:00+08:00");
        assert_eq!((expected(cast, "R", TODAY), expected(cast, "G2", TODAY)), (json!(3), json!(0)));
        assert_eq!(cast.house.get("office", "/totals?node=R&day=2020-02-01").code(), "form.not_assigned");
        let entry = cast.house.journalled("form.reassign").pop().unwrap();
        assert!(!String::from_utf8_lossy(&entry.body).contains("一集团"), "the journal holds no words");
        // What others reported by another form of the same figures comes and goes with the part that is asked.
        cast.say("clerk", "S111", json!({ "fever": 1, "staff": 7 }));
        cast.drawn_is_stored();
        let back = json!({ "unit": "R", "kinds": ["group", "firm", "site"], "since": "2020-01-20", "reason": "all of them after all" });
        taken(cast, &back);
        assert_eq!((expected(cast, "R", TODAY), expected(cast, "R", "2020-01-25")), (json!(9), json!(9)));
        assert_eq!(
            (cast.total("R", "staff")["value"].clone(), cast.total("F11", "fever")["value"].clone()),
            (json!(7), json!(1))
        );
        // The whole taken back: its first day is the day after its last.
        let taken_back = json!({ "until": "2020-01-20", "reason": "wrong form" });
        assert_eq!(patch(cast, "1", &taken_back).findings(), found("assignment.reported", "until"));
    });
}

#[test]
fn what_was_reported_stays_asked() {
    told(|cast| {
        cast.put_on("clerk", "S111", "2020-02-02", &[], json!({ "act": "zero" }));
        cast.put("group", "G1", json!({ "act": "values", "scope": "below", "values": { "staff": 90 } }));
        cast.say("second", "S112", json!({ "staff": 3 }));
        let why = |mut body: Value| {
            body["reason"] = json!("why");
            patch(cast, "1", &body)
        };
        let said = why(json!({ "until": TODAY }));
        assert_eq!(said.findings(), found("assignment.reported", "until"));
        let sentence = said.json()["findings"][0]["message"].as_str().unwrap().to_owned();
        assert!(sentence.starts_with(&format!("On {TODAY} 2 reports were taken in")), "{sentence}");
        assert_eq!(why(json!({ "since": TODAY })).findings(), found("assignment.reported", "since"));
        let both = [found("assignment.reported", "unit"), found("assignment.reported", "unit")].concat();
        assert_eq!(why(json!({ "unit": "G2" })).findings(), both);
        // A statement is asked of no kind, so other kinds leave it where it is.
        assert_eq!(why(json!({ "kinds": ["group"] })).findings().len(), 2);
        let one =
            taken(cast, &json!({ "kinds": ["site"], "since": "2020-02-02", "unit": "G1", "reason": "why" }));
        assert_eq!(one["kinds"], json!(["site"]));
        assert_eq!(
            (expected(cast, "R", TODAY), cast.totals("R")["rates"]["actual"].clone()),
            (json!(3), json!(1))
        );
    });
}

#[test]
fn a_frozen_day_stays_asked_as_it_was() {
    told(|cast| {
        cast.say("clerk", "S111", json!({ "fever": 1 }));
        cast.clock("15:30");
        let frozen = cast.house.post("office", &format!("/briefs/{TODAY}/freeze"), json!({}));
        assert_eq!(frozen.status, StatusCode::OK, "{}", frozen.json());
        for (body, field) in [
            (json!({ "unit": "G1" }), "unit"),
            (json!({ "kinds": ["site"] }), "kinds"),
            (json!({ "until": "2020-02-02" }), "until"),
            (json!({ "since": "2020-02-04" }), "since"),
        ] {
            let mut body = body;
            body["reason"] = json!("why");
            let said = patch(cast, "1", &body).findings();
            assert_eq!(said[..1], found("assignment.day_frozen", field), "{body}");
        }
        // Days before and after it are not frozen.
        taken(cast, &json!({ "since": "2020-02-03", "until": "2020-02-04", "reason": "one day" }));
        let compared = cast.get("office", &format!("/briefs/{TODAY}/compare"));
        assert_eq!(compared["differences"], json!([]), "{compared}");
    });
}

#[test]
fn what_is_wrong_is_said_at_its_field() {
    told(|cast| {
        let check = |body: Value, status: u16, code: &str| {
            let said = patch(cast, "1", &body);
            assert_eq!(
                (said.status.as_u16(), said.code().as_str()),
                (status, code),
                "{body}: {}",
                said.json()
            );
        };
        assert_eq!(
            patch(cast, "1", &json!({ "until": "2020-01-19" })).findings(),
            found("days.ends_before", "until")
        );
        // Before there was a first version of the form nobody can be asked for it.
        let before = json!({ "since": "2020-01-19", "reason": "earlier" });
        assert_eq!(patch(cast, "1", &before).findings(), found("assignment.before_form", "since"));
        taken(cast, &json!({ "until": "2020-03-01" }));
        let given = json!({ "form": "daily", "unit": "G2", "since": "2020-01-10", "until": "2020-01-15" });
        let given = cast.house.post("office", "/assignments", given);
        assert_eq!(given.findings(), found("assignment.before_form", "since"));
        assert_eq!(
            patch(cast, "1", &json!({ "since": "2020-03-02" })).findings(),
            found("days.ends_before", "since")
        );
        assert_eq!(
            patch(cast, "1", &json!({ "kinds": ["site", "?"] })).findings(),
            found("unit.kind_form", "kinds[1]")
        );
        let long = json!({ "until": "2020-04-01", "reason": "x".repeat(401) });
        assert_eq!(patch(cast, "1", &long).findings(), found("value.too_long", "reason"));
        check(json!({ "unit": "NOPE" }), 404, "unit.unknown");
        check(json!({ "until": "soon" }), 422, "request.field_shape");
        check(json!({ "untill": "2020-04-01" }), 422, "request.field_unknown");
        for series in ["2", "x", "99999999999999999999"] {
            let said = patch(cast, series, &json!({ "until": "2020-04-01" }));
            assert_eq!((said.status, said.code().as_str()), (StatusCode::NOT_FOUND, "assignment.unknown"));
        }
        let ends = json!({ "form": "daily", "unit": "R", "since": TODAY, "until": TODAY });
        assert_eq!(
            cast.house.post("office", "/assignments", ends).findings(),
            found("days.ends_before", "until")
        );
        // Who saw another book looks again.
        let seen = cast.house.get("office", "/assignments").headers["etag"].to_str().unwrap().to_owned();
        let body = json!({ "until": "2020-04-01" });
        assert_eq!(patch_with(cast, "1", &body, &[("if-match", &seen)]).status, StatusCode::OK);
        assert_eq!(patch_with(cast, "1", &body, &[("if-match", &seen)]).code(), "book.stale");
        for who in ["group", "clerk"] {
            let said = cast.house.get(who, "/assignments");
            assert_eq!(said.status, StatusCode::NOT_FOUND, "{who}");
        }
    });
}

#[test]
fn the_command_line_ends_and_corrects() {
    told(|cast| {
        let run = |args: &[&str]| {
            let out = muster(&cast.house.url, &[args, &["--json"]].concat());
            let said: Value = serde_json::from_slice(&out.stdout).unwrap_or(Value::Null);
            (out.status.code().unwrap(), said)
        };
        cast.write(|tx, ctx| {
            muster::lines::operation::operation_set(tx, ctx, |own| own.form = "daily".into())
        });
        let (code, ended) = run(&["form", "end", "daily", "--day", "2020-02-10", "--reason", "over"]);
        assert_eq!((code, &ended["until"]), (0, &json!("2020-02-10")), "{ended}");
        let (code, gone) = run(&["form", "end", "daily", "--day", "2020-02-10"]);
        assert_eq!((code, &gone["code"]), (1, &json!("form.not_assigned")));
        let right = [
            "form", "correct", "1", "--until", "open", "--kind", "site", "--unit", "G1", "--reason", "wider",
        ];
        let (code, now) = run(&right);
        assert_eq!((code, &now["until"], &now["unit"]["code"]), (0, &Value::Null, &json!("G1")), "{now}");
        let (code, listed) = run(&["query", "assignments"]);
        assert_eq!((code, listed["items"][0]["changes"].as_array().unwrap().len()), (0, 2), "{listed}");
        assert_eq!(listed["items"][0]["changes"][0]["reason"], "wider");
        let (code, refused) = run(&["form", "correct", "1", "--until", "2019-01-01", "--reason", "x"]);
        assert_eq!((code, &refused["code"]), (1, &json!("assignment.refused")));
        assert_eq!(run(&["form", "correct", "7", "--until", "open"]).0, 1);
        assert_eq!(run(&["form", "correct", "x"]).0, 2);
    });
}
