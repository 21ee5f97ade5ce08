//! Stories of one report: filed, signed zero, said again, corrected, refused. Every story is told on both stores, and
//! with totals kept as rows and added up from the sheets.

mod corrected;
mod worded;

use crate::cast::{TODAY, day, element_of, told};
use crate::command::{Folder, muster};
use crate::house::Said;
use axum::http::StatusCode;
use muster::Reach;
use muster::lines::access::{Account, Role, account_set};
use muster::lines::org;
use muster_store::{Rx, counted};
use serde_json::{Value, json};

#[test]
fn values_are_right_above_at_once() {
    told(|cast| {
        let receipt =
            cast.say("clerk", "S111", json!({ "fever": 2, "staff": 40, "isolated": 4, "area": "12.50" }));
        assert_eq!(receipt["revision"], 1);
        assert_eq!(receipt["act"], "values");
        assert_eq!(receipt["at"], "2020-02-03T10:00:00+08:00");
        assert!(receipt["receipt"].as_str().unwrap().starts_with("R20200203-"));
        cast.say("second", "S112", json!({ "fever": 1, "staff": 10, "area": 0.25 }));
        for node in ["R", "unit:G1", "F11", "place:34", "place:3401", "place:340102"] {
            assert_eq!(cast.total(node, "fever")["value"], 3, "{node}");
            assert_eq!(cast.total(node, "fever")["said"], 2, "{node}");
            assert_eq!(cast.total(node, "area")["value"], json!(12.75), "{node}");
            assert_eq!(cast.total(node, "isolated")["said"], 1, "one of them said it");
        }
        assert_eq!(cast.total("class:key", "fever")["value"], 2);
        assert_eq!(cast.total("place:42", "fever")["value"], Value::Null, "nobody said it");
        let rate = cast.total("R", "isolated_rate");
        assert_eq!(
            (&rate["value"], &rate["rate"]),
            (
                &json!(8.0),
                &json!({ "numerator_name": "isolated", "numerator": 4, "numerator_said": 1,
                    "denominator_name": "staff", "denominator": 50, "denominator_said": 2 })
            )
        );
        assert_eq!(rate["said"], 1, "no more than one said both");
        // What stands above or below a line and nobody said is not zero.
        assert_eq!(cast.total("S112", "isolated_rate")["rate"]["numerator"], Value::Null);
        assert_eq!(cast.total("G2", "isolated_rate")["rate"]["denominator"], Value::Null);
        // A share is told in percent, whether its unit is the sign or the word, and as a series as well.
        let series = format!("/totals/series?node=R&element=isolated_rate&from={TODAY}&to={TODAY}");
        let series = cast.get("office", &series);
        assert_eq!((&rate["unit"], &series["whole"]["value"]), (&json!("percent"), &json!(8.0)), "{series}");
        // Square metres have two decimal places, people have none.
        let space = cast.total("R", "space");
        assert_eq!((&space["value"], &space["rate"]["numerator"]), (&json!(0.3), &json!(12.75)));
        let series =
            cast.get("office", &format!("/totals/series?node=R&element=space&from={TODAY}&to={TODAY}"));
        assert_eq!(
            (&series["whole"]["value"], &series["whole"]["rate"]["numerator"]),
            (&json!(0.3), &json!(12.75))
        );
        // Below G2 nobody has reported.
        assert_eq!(cast.totals("G2")["rates"]["actual"], 0);
    });
}

#[test]
fn the_sheet_is_read_back_with_yesterday_beside() {
    told(|cast| {
        cast.clock("02-02 10:00");
        let yesterday = json!({ "act": "values", "values": { "fever": 5, "mood": "tense" } });
        assert_eq!(cast.put_on("clerk", "S111", "2020-02-02", &[], yesterday).status, StatusCode::OK);
        cast.clock("10:00");
        let path = format!("/reports/S111/{TODAY}");
        let sheet = cast.get("clerk", &path);
        assert_eq!((&sheet["status"], &sheet["revision"]), (&json!("expected"), &json!(0)));
        assert_eq!(sheet["cut_off"], "2020-02-03T15:00:00+08:00");
        let field = |sheet: &Value, code: &str| -> Value {
            sheet["fields"].as_array().unwrap().iter().find(|field| field["element"] == code).unwrap().clone()
        };
        assert_eq!(
            (&field(&sheet, "fever")["yesterday"], &field(&sheet, "fever")["said"]),
            (&json!(5), &json!(false))
        );
        assert_eq!(field(&sheet, "mood")["yesterday"], "tense");
        cast.say("clerk", "S111", json!({ "mood": "calm", "difficulties": "口罩不足", "area": 3 }));
        let said = cast.house.get("clerk", &path);
        assert_eq!(said.headers["etag"], "\"1\"");
        let sheet = said.json();
        assert_eq!((&sheet["status"], &field(&sheet, "mood")["value"]), (&json!("values"), &json!("calm")));
        assert_eq!(field(&sheet, "difficulties")["value"], "口罩不足");
        assert_eq!(field(&sheet, "fever")["value"], Value::Null, "not said is not zero");
        cast.clock("15:00");
        assert_eq!(cast.get("second", &format!("/reports/S112/{TODAY}"))["status"], "expected");
        cast.clock("15:01");
        assert_eq!(cast.get("second", &format!("/reports/S112/{TODAY}"))["status"], "overdue");
    });
}

#[test]
fn zero_is_an_answer_and_never_hides_a_case() {
    told(|cast| {
        let zero = cast.put("clerk", "S111", json!({ "act": "zero", "values": { "staff": 12 } }));
        assert_eq!((zero.status, &zero.json()["act"]), (StatusCode::OK, &json!("zero")));
        let totals = cast.totals("R");
        assert_eq!((&totals["zero"], &totals["rates"]["actual"]), (&json!(1), &json!(1)));
        assert_eq!(element_of(&totals, "fever")["value"], 0, "zero fills the events");
        assert_eq!(element_of(&totals, "isolated")["value"], Value::Null, "and nothing else");

        let not_zero = cast.put("second", "S112", json!({ "act": "zero", "values": { "fever": 1 } }));
        assert_eq!(
            (not_zero.status, not_zero.code().as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, "report.refused")
        );
        assert_eq!(not_zero.json()["findings"][0]["code"], "zero.event_not_zero");
        assert_eq!(not_zero.json()["findings"][0]["field"], "values.fever");
        let names = &cast.get("office", "/elements")["items"][0]["names"];
        let message = not_zero.json()["findings"][0]["message"].clone();
        let name =
            names["en"].as_str().filter(|name| !name.is_empty()).or(names["zh-Hans"].as_str()).unwrap();
        assert!(message.as_str().unwrap().contains(name), "{message}: as its reader calls it, {names}");
        let least = cast.put("second", "S112", json!({ "act": "values", "values": { "fever": -1 } })).json();
        assert_eq!(least["findings"][0]["message"], "“-1” is outside 0 to 10000000000000.");
        let long =
            cast.put("second", "S112", json!({ "act": "values", "values": { "fever": 3.5E17 } })).json();
        assert_eq!(long["findings"][0]["code"], "value.scientific");
        cast.say("second", "S112", json!({ "fever": 1 }));
        let hidden = cast.put("second", "S112", json!({ "act": "zero", "reason": "it is over" }));
        assert_eq!(hidden.code(), "zero.event_stands");
        assert_eq!(cast.total("R", "fever")["value"], 1);
    });
}

#[test]
fn nobody_files_or_sees_what_is_not_below_them() {
    told(|cast| {
        let report = || json!({ "act": "values", "values": { "fever": 1 } });
        for (role, unit) in
            [("clerk", "S112"), ("beside", "S111"), ("clerk", "F11"), ("firm", "S121"), ("group", "R")]
        {
            let said = cast.put(role, unit, report());
            assert_eq!(
                (said.status, said.code().as_str()),
                (StatusCode::NOT_FOUND, "unit.unknown"),
                "{role} {unit}"
            );
            assert_eq!(cast.house.get(role, &format!("/totals?node={unit}")).status, StatusCode::NOT_FOUND);
        }
        let viewer = cast.put("viewer", "S111", report());
        assert_eq!((viewer.status, viewer.code().as_str()), (StatusCode::FORBIDDEN, "permission.lacking"));
        assert_eq!(
            cast.put("office", "D", report()).code(),
            "report.not_expected",
            "a department is not asked"
        );
        assert_eq!(cast.totals("R")["rates"]["actual"], 0);
    });
}

#[test]
fn a_superior_files_for_the_silent_and_never_overwrites() {
    told(|cast| {
        // By telephone: the firm files for its site, and may put right what it filed itself.
        cast.say("firm", "S112", json!({ "fever": 1 }));
        let mine = json!({ "act": "values", "values": { "fever": 2 }, "reason": "misheard" });
        assert_eq!(cast.put("firm", "S112", mine).json()["revision"], 2);
        // What a unit said itself, or another one for it, a superior does not overwrite.
        cast.say("clerk", "S111", json!({ "fever": 5 }));
        let smooth = || json!({ "act": "values", "values": { "fever": 0 }, "reason": "looks better" });
        let of_another = |role: &str, unit: &str| {
            cast.house.get(role, &format!("/reports/{unit}/{TODAY}")).json()["of_another"].clone()
        };
        for (role, unit) in [("firm", "S111"), ("group", "S111"), ("office", "S111"), ("group", "S112")] {
            let said = cast.put(role, unit, smooth());
            assert_eq!(
                (said.status, said.code().as_str()),
                (StatusCode::FORBIDDEN, "report.of_another"),
                "{role} {unit}"
            );
            assert_eq!(
                of_another(role, unit),
                true,
                "its page offers nothing that will be refused: {role} {unit}"
            );
        }
        for (role, unit) in [("clerk", "S111"), ("firm", "S112"), ("second", "S112"), ("office", "S121")] {
            assert_eq!(of_another(role, unit), false, "{role} {unit}");
        }
        // Nor does the first account, which has the whole and stands at no unit, nor the command line.
        cast.write(|tx, ctx| {
            let first = Account::at("first", Role::Office, 0);
            account_set(tx, ctx, &first, None)
        });
        let whole = cast.put("first", "S111", smooth());
        assert_eq!((whole.status, whole.code().as_str()), (StatusCode::FORBIDDEN, "report.of_another"));
        let files = Folder::new("overwrite");
        let line = format!("unit,day,act,fever,reason\nS111,{TODAY},values,0,looks better\n");
        let file = files.file("over.csv", line.as_bytes());
        let out = muster(&cast.house.url, &["import", "reports", &file, "--form", "daily", "--json"]);
        let told = String::from_utf8_lossy(&out.stdout).into_owned();
        assert_eq!(out.status.code(), Some(1), "{told}");
        assert!(told.contains("report.of_another"), "{told}");
        // Nor does it add to it.
        let more = json!({ "act": "values", "values": { "staff": 9 }, "reason": "was left out" });
        assert_eq!(cast.put("group", "S111", more).code(), "report.of_another");
        // The unit itself may correct what was filed for it.
        let own = json!({ "act": "values", "values": { "fever": 3 }, "reason": "counted again" });
        assert_eq!(cast.put("second", "S112", own).json()["revision"], 3);
        assert_eq!(cast.total("R", "fever")["value"], 8);
    });
}

#[test]
fn late_is_after_the_cut_off_and_a_correction_does_not_make_late() {
    told(|cast| {
        cast.clock("14:59");
        assert_eq!(cast.say("clerk", "S111", json!({ "fever": 0 }))["on_time"], true);
        cast.clock("15:00");
        assert_eq!(cast.say("second", "S112", json!({ "fever": 0 }))["on_time"], true);
        cast.clock("15:01");
        let late = cast.put("firm", "F11", json!({ "act": "zero" })).json();
        assert_eq!(late["on_time"], false);
        let body = json!({ "act": "values", "values": { "fever": 1 }, "reason": "one more" });
        assert_eq!(cast.put("clerk", "S111", body).json()["on_time"], true);
        let totals = cast.totals("F11");
        let rates = &totals["rates"];
        assert_eq!(
            (&rates["expected"], &rates["actual"], &rates["actual_on_time"]),
            (&json!(3), &json!(3), &json!(2))
        );
        assert_eq!(
            (&rates["reporting_rate"], &rates["reporting_rate_on_time"]),
            (&json!(100.0), &json!(66.7))
        );
        assert_eq!((&totals["late"], &totals["zero"]), (&json!(1), &json!(1)));
        assert_eq!(cast.get("firm", &format!("/reports/F11/{TODAY}"))["status"], "late");
    });
}

#[test]
fn a_past_moment_is_read_as_it_was_known() {
    told(|cast| {
        cast.say("clerk", "S111", json!({ "fever": 1, "staff": 40 }));
        cast.clock("11:00");
        cast.say("second", "S112", json!({ "fever": 2 }));
        cast.clock("12:00");
        let body = json!({ "act": "values", "values": { "fever": 7 }, "reason": "counted again" });
        cast.put("clerk", "S111", body);
        for node in ["R", "F11", "class:key", "place:340102"] {
            let known = |at: &str| {
                let path = format!("/totals?node={node}&day={TODAY}&as_known_at=2020-02-03T{at}:00%2B08:00");
                let totals = cast.get("office", &path);
                (element_of(&totals, "fever")["value"].clone(), totals["rates"]["actual"].clone())
            };
            let key = node == "class:key";
            assert_eq!(known("09:59"), (Value::Null, json!(0)), "{node}");
            assert_eq!(known("10:00"), (json!(1), json!(1)), "{node}");
            assert_eq!(
                known("11:30"),
                if key { (json!(1), json!(1)) } else { (json!(3), json!(2)) },
                "{node}"
            );
            assert_eq!(
                known("12:00"),
                if key { (json!(7), json!(1)) } else { (json!(9), json!(2)) },
                "{node}"
            );
        }
    });
}

#[test]
fn who_says_nothing_has_not_reported() {
    told(|cast| {
        let put = |values: Value| {
            cast.put("clerk", "S111", json!({ "act": "values", "values": values, "reason": "again" }))
        };
        let finding = |said: &Said| said.json()["findings"][0]["code"].clone();
        let blank = json!({ "staff": null, "difficulties": null });
        assert_eq!(finding(&put(blank.clone())), "report.empty");
        assert_eq!(finding(&put(json!({ "difficulties": "  " }))), "report.empty");
        cast.say("clerk", "S111", json!({ "staff": 40, "difficulties": "缺口罩" }));
        assert_eq!(finding(&put(blank)), "report.empty", "nor who takes everything back");
        assert_eq!(put(json!({ "staff": null })).status, StatusCode::OK, "words are an answer");
        assert_eq!(cast.totals("R")["rates"]["actual"], 1);
    });
}

#[test]
fn what_must_be_said_stands_on_the_sheet_afterwards() {
    told(|cast| {
        let form = json!({ "code": "must", "names": { "zh-Hans": "必报" }, "counting": "parts", "as_of_min": 720,
            "cut_off_min": 900, "since": "2020-01-20", "items": [{ "element": "fever", "required": false },
            { "element": "isolated", "required": true }] });
        assert!(cast.house.post("office", "/forms", form).status.is_success());
        let given = json!({ "form": "must", "unit": "R", "since": "2020-01-20" });
        assert!(cast.house.post("office", "/assignments", given).status.is_success());
        let put = |values: Value, reason: Option<&str>| {
            let body = json!({ "act": "values", "values": values, "reason": reason }).to_string();
            let json = [("content-type", "application/json")];
            cast.house.ask("clerk", "PUT", &format!("/reports/S111/{TODAY}?form=must"), &json, body.into())
        };
        let finding = |said: &Said| said.json()["findings"][0]["code"].clone();
        assert_eq!(finding(&put(json!({ "fever": 1 }), None)), "value.required");
        assert_eq!(finding(&put(json!({ "fever": 1, "isolated": null }), None)), "value.required");
        assert_eq!(put(json!({ "fever": 1, "isolated": 2 }), None).status, StatusCode::OK);
        let more = put(json!({ "fever": 2 }), Some("recounted"));
        assert_eq!(more.status, StatusCode::OK, "what must be said stands there already: {}", more.json());
        assert_eq!(finding(&put(json!({ "isolated": null }), Some("recounted"))), "value.required");
    });
}

/// Of a form whose days are taken in afterwards nobody is judged: neither in time nor late.
#[test]
fn on_a_form_that_is_taken_in_afterwards_nobody_is_in_time() {
    told(|cast| {
        let form = json!({ "code": "source", "names": { "zh-Hans": "来源" }, "counting": "parts", "as_of_min": 720,
            "cut_off_min": 900, "afterwards": true, "since": "2020-01-20",
            "items": [{ "element": "fever", "required": false }] });
        assert!(cast.house.post("office", "/forms", form).status.is_success());
        let given = json!({ "form": "source", "unit": "R", "since": "2020-01-20" });
        assert!(cast.house.post("office", "/assignments", given).status.is_success());
        let body = json!({ "act": "values", "values": { "fever": 1 } }).to_string();
        let sent = [("content-type", "application/json")];
        let path = format!("/reports/S111/{TODAY}");
        let said = cast.house.ask("clerk", "PUT", &format!("{path}?form=source"), &sent, body.into());
        assert_eq!(said.status, StatusCode::OK, "{}", said.json());
        let act = cast.get("clerk", &format!("{path}?form=source"))["act"].clone();
        assert_eq!((&act["act"], &act["on_time"]), (&json!("values"), &Value::Null), "{act}");
        cast.say("clerk", "S111", json!({ "staff": 40 }));
        assert_eq!(cast.get("clerk", &path)["act"]["on_time"], true);
    });
}

#[test]
fn a_day_is_read_with_its_own_tree() {
    told(|cast| {
        cast.say("clerk", "S111", json!({ "fever": 4 }));
        cast.tree(|tx, ctx| org::unit_move(tx, ctx, "F11", day("2020-02-03"), "G2"));
        assert_eq!(cast.total("G1", "fever")["value"], Value::Null);
        assert_eq!(cast.total("G2", "fever")["value"], 4);
        assert_eq!(cast.total("R", "fever")["value"], 4);
        assert_eq!(cast.totals("G2")["rates"]["expected"], 6);
        let before = cast.get("office", "/totals?node=G1&day=2020-02-02");
        assert_eq!(before["rates"]["expected"], 6, "yesterday it was there: {before}");
        // A unit that closes is no longer asked.
        cast.tree(|tx, ctx| org::unit_close(tx, ctx, "S112", day("2020-02-03"), false));
        assert_eq!(cast.totals("G2")["rates"]["expected"], 5);
        let closed = cast.put("office", "S112", json!({ "act": "zero" }));
        assert_eq!((closed.status, closed.code().as_str()), (StatusCode::NOT_FOUND, "unit.not_open"));
        assert_eq!(closed.json()["title"], format!("S112 is not open on {TODAY}."));
        let past = cast.put_on("office", "S112", "2020-02-02", &[], json!({ "act": "zero" }));
        assert_eq!(past.status, StatusCode::OK, "of yesterday, when it was open: {}", past.json());
    });
}

#[test]
fn why_units_are_absent_is_asked_at_once_for_all_of_a_batch() {
    told(|cast| {
        for closed in ["S111", "S112"] {
            cast.tree(move |tx, ctx| org::unit_close(tx, ctx, closed, day(TODAY), false));
        }
        let row = |unit: &str| json!({ "unit": unit, "day": TODAY, "act": "zero" }).to_string();
        let rows = ["S111", "NOPE", "S121", "S112", "S211"].map(row).join("\n");
        let path = "/reports/bulk?form=daily";
        let ndjson = [("content-type", "application/x-ndjson")];
        let (said, counts) = (
            cast.house.ask("group", "POST", path, &ndjson, rows.into_bytes()),
            |wanted: &'static [&'static str]| {
                let db = cast.house.app.db.clone();
                let asked = async move {
                    let read = move |rx: &mut Rx<'_>| {
                        let wanted: Vec<_> =
                            wanted.iter().map(|code| (Reach::All, *code, day(TODAY))).collect();
                        org::units_absent(rx, &wanted)
                    };
                    counted(db.read("test.absent", read)).await
                };
                let (why, counts) = cast.house.block_on(asked);
                (why.unwrap().into_iter().map(|problem| problem.code).collect::<Vec<_>>(), counts.statements)
            },
        );
        let said: Vec<Value> =
            said.bytes.split(|byte| *byte == b'\n').flat_map(serde_json::from_slice).collect();
        let codes: Vec<&str> = said.iter().map(|row| row["problem"]["code"].as_str().unwrap_or("")).collect();
        // S211 is of a group beside, of which this one knows nothing.
        assert_eq!(codes, ["unit.not_open", "unit.unknown", "", "unit.not_open", "unit.unknown"], "{said:?}");
        assert_eq!(counts(&["S111"]), (vec!["unit.not_open"], 2));
        assert_eq!(
            counts(&["S112", "NOPE", "S111"]),
            (vec!["unit.not_open", "unit.unknown", "unit.not_open"], 2)
        );
    });
}
