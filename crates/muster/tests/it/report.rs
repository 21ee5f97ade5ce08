//! Stories of one report: filed, signed zero, said again, corrected, refused. Every story is told on both stores, and
//! with totals kept as rows and added up from the sheets.

use crate::cast::{TODAY, day, element_of, told};
use crate::command::{Folder, muster};
use crate::house::{Said, found};
use axum::http::StatusCode;
use muster::lines::access::{Account, Role, account_set};
use muster::lines::org;
use muster::{Fail, Reach};
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
        assert_eq!(least["findings"][0]["message"], "“-1” is outside 0 to 9007199254740992.");
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
fn a_correction_replaces_and_says_why() {
    told(|cast| {
        cast.say("clerk", "S111", json!({ "fever": 1, "staff": 40, "difficulties": "一人发热" }));
        let again = cast.say("clerk", "S111", json!({ "fever": 1, "difficulties": "一人发热" }));
        assert_eq!(
            (&again["revision"], &again["findings"][0]["code"]),
            (&json!(1), &json!("report.unchanged"))
        );
        let bare = cast.put("clerk", "S111", json!({ "act": "values", "values": { "fever": 3 } }));
        assert_eq!(
            (bare.status, bare.code().as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, "report.reason_needed")
        );
        assert_eq!(bare.json()["findings"][0]["field"], "reason");
        let blank =
            cast.put("clerk", "S111", json!({ "act": "values", "values": { "fever": 3 }, "reason": "  " }));
        assert_eq!(blank.code(), "report.reason_needed");
        cast.clock("10:30");
        let why = "两人夜班后发热";
        let body = json!({ "act": "values", "values": { "fever": 3, "staff": null }, "reason": why });
        let corrected = cast.put("clerk", "S111", body).json();
        assert_eq!(corrected["revision"], 2);
        assert_eq!(cast.total("R", "fever")["value"], 3, "it replaces and never adds");
        assert_eq!(cast.total("R", "staff")["value"], Value::Null, "unsaid");
        assert_eq!(cast.totals("R")["rates"]["actual"], 1);

        let history = cast.get("office", &format!("/reports/S111/{TODAY}/history"));
        let [second, first] = history["revisions"].as_array().unwrap().as_slice() else {
            panic!("{history}")
        };
        assert_eq!((&second["reason"], &second["actor"]), (&json!(why), &json!("role:clerk")));
        assert_eq!(
            (&second["at"], &second["action"]),
            (&json!("2020-02-03T10:30:00+08:00"), &json!("report.correct"))
        );
        assert_eq!((&first["action"], &first["receipt"]), (&json!("report.file"), &again["receipt"]));
        let changes = second["changes"].as_array().unwrap();
        assert_eq!(changes.len(), 2);
        assert_eq!((&changes[0]["before"], &changes[0]["after"]), (&json!(1), &json!(3)));
        assert_eq!((&changes[1]["before"], &changes[1]["after"]), (&json!(40), &Value::Null));
        let corrections = cast.get("office", "/corrections");
        assert_eq!(corrections["items"][0]["reason"], why);
        assert_eq!(cast.house.journalled("report.correct").len(), 1);
        let entry = &cast.house.journalled("report.correct")[0];
        assert!(!String::from_utf8_lossy(&entry.body).contains("夜班"), "words are not in the journal");
    });
}

#[test]
fn words_alone_are_a_correction_too() {
    told(|cast| {
        cast.say("clerk", "S111", json!({ "difficulties": "缺口罩" }));
        let other =
            cast.put("clerk", "S111", json!({ "act": "values", "values": { "difficulties": "缺额温枪" } }));
        assert_eq!(other.code(), "report.reason_needed");
        let other =
            json!({ "act": "values", "values": { "difficulties": "缺额温枪" }, "reason": "口罩已到" });
        assert_eq!(cast.put("clerk", "S111", other).json()["revision"], 2);
        // Found where it stands; what was said before is found as what was said before.
        let found = cast.get("office", "/search/notes?q=%E9%A2%9D%E6%B8%A9");
        assert_eq!(
            (&found["items"][0]["unit"]["code"], &found["items"][0]["revision"]),
            (&json!("S111"), &json!(2))
        );
        assert_eq!(cast.get("beside", "/search/notes?q=%E9%A2%9D%E6%B8%A9")["items"], json!([]));
        assert_eq!(cast.get("office", "/search/notes?q=%25")["items"], json!([]), "no wildcard from outside");
    });
}

#[test]
fn what_units_ask_for_is_listed_by_its_last_words() {
    told(|cast| {
        let asked = |role: &str, of: &str| cast.get(role, &format!("/requests{of}"));
        assert_eq!(asked("office", ""), json!({ "items": [], "more": false }));
        cast.say("second", "S112", json!({ "difficulties": "缺护目镜" }));
        cast.say("clerk", "S111", json!({ "difficulties": "缺口罩", "staff": 3 }));
        let one = &asked("office", "")["items"][0];
        assert_eq!(
            (&one["unit"]["code"], &one["text"]),
            (&json!("S111"), &json!("缺口罩")),
            "in the tree's order"
        );
        let above: Vec<_> = one["path"].as_array().unwrap().iter().map(|unit| unit["code"].clone()).collect();
        assert_eq!(above, ["G1", "F11"]);
        let text = |words: &str| json!({ "act": "values", "values": { "difficulties": words }, "reason": "口罩已到" });
        assert_eq!(cast.put("clerk", "S111", text("缺额温枪")).status, StatusCode::OK);
        let texts = |list: Value| -> Vec<String> {
            list["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["text"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(
            texts(asked("office", "")),
            ["缺额温枪", "缺护目镜"],
            "what was said before is not asked any more"
        );
        assert_eq!(texts(asked("office", "?node=unit:S112")), ["缺护目镜"]);
        assert_eq!(texts(asked("beside", "")), Vec::<String>::new());
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
        // What a unit said itself, or another one for it, a superior sends back and does not overwrite.
        cast.say("clerk", "S111", json!({ "fever": 5 }));
        let smooth = || json!({ "act": "values", "values": { "fever": 0 }, "reason": "looks better" });
        for (role, unit) in [("firm", "S111"), ("group", "S111"), ("office", "S111"), ("group", "S112")] {
            let said = cast.put(role, unit, smooth());
            assert_eq!(
                (said.status, said.code().as_str()),
                (StatusCode::FORBIDDEN, "report.of_another"),
                "{role} {unit}"
            );
        }
        // Nor does the first account, which has the whole and stands at no unit, nor the command line.
        cast.write(|tx, ctx| {
            let first = Account { id: "first".into(), name: "first".into(), role: Role::Office, unit: 0 };
            Ok::<_, Fail>(account_set(tx, ctx, &first, None)?)
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
fn two_who_write_at_once_are_merged_where_they_do_not_meet() {
    told(|cast| {
        cast.say("clerk", "S111", json!({ "fever": 1, "staff": 40 }));
        let put = |seen: &str, values: Value| {
            let body = json!({ "act": "values", "values": values, "reason": "again" });
            cast.put_on("clerk", "S111", TODAY, &[("if-match", seen)], body)
        };
        assert_eq!(put("\"1\"", json!({ "fever": 2 })).headers["etag"], "\"2\"");
        let other = put("\"1\"", json!({ "staff": 41 }));
        assert_eq!((other.status, &other.json()["revision"]), (StatusCode::OK, &json!(3)), "another element");
        let same = put("\"1\"", json!({ "fever": 3 }));
        assert_eq!((same.status, same.code().as_str()), (StatusCode::PRECONDITION_FAILED, "report.stale"));
        assert_eq!(put("\"9\"", json!({ "fever": 3 })).status, StatusCode::PRECONDITION_FAILED);
        assert_eq!(put("\"0\"", json!({ "isolated": 3 })).status, StatusCode::OK, "nobody had said it");
        assert_eq!(put("\"x\"", json!({ "fever": 3 })).code(), "request.etag");
        assert_eq!(cast.total("R", "fever")["value"], 2);
        assert_eq!(cast.total("R", "staff")["value"], 41);
        // Words are fields like others.
        let seen = put("\"4\"", json!({ "difficulties": "缺口罩" })).headers["etag"].clone();
        let seen = seen.to_str().unwrap();
        assert_eq!(put(seen, json!({ "difficulties": "缺额温枪" })).status, StatusCode::OK);
        let same = put(seen, json!({ "difficulties": "缺护目镜" }));
        assert_eq!((same.status, same.code().as_str()), (StatusCode::PRECONDITION_FAILED, "report.stale"));
        assert_eq!(put(seen, json!({ "staff": 42 })).status, StatusCode::OK, "another element");
    });
}

#[test]
fn words_are_taken_back_and_history_tells_it() {
    told(|cast| {
        cast.say("clerk", "S111", json!({ "fever": 0, "difficulties": "缺口罩" }));
        let back = json!({ "act": "values", "values": { "difficulties": null }, "reason": "口罩已到" });
        assert_eq!(cast.put("clerk", "S111", back.clone()).json()["revision"], 2);
        let sheet = cast.get("clerk", &format!("/reports/S111/{TODAY}"));
        let fields = sheet["fields"].as_array().unwrap();
        let words = fields.iter().find(|field| field["element"] == "difficulties").unwrap();
        assert_eq!((&words["said"], &words["value"]), (&json!(false), &Value::Null));
        assert_eq!(cast.get("office", "/requests")["items"], json!([]));
        assert_eq!(cast.put("clerk", "S111", back).json()["revision"], 2, "said again, nothing is stored");
        let history = cast.get("clerk", &format!("/reports/S111/{TODAY}/history"));
        let said = |n: usize| {
            let words = &history["revisions"][n]["words"][0];
            (words["element"].clone(), words["text"].clone())
        };
        assert_eq!(said(0), (json!("difficulties"), json!("")));
        assert_eq!(said(1), (json!("difficulties"), json!("缺口罩")));
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

#[test]
fn a_cumulative_count_that_falls_is_taken_with_a_finding() {
    told(|cast| {
        cast.put_on(
            "clerk",
            "S111",
            "2020-02-02",
            &[],
            json!({ "act": "values", "values": { "confirmed": 12 } }),
        );
        let fell = cast.say("clerk", "S111", json!({ "confirmed": 10 }));
        assert_eq!(fell["findings"][0]["code"], "value.falls");
        assert_eq!(cast.total("R", "confirmed")["value"], 10);
        let yesterday = cast.total("R", "confirmed")["yesterday"].clone();
        assert_eq!(yesterday, 12);
    });
}

#[test]
fn what_no_word_holds_is_refused_and_numbers_of_persons_are_told_of() {
    told(|cast| {
        let words = |text: &str| {
            cast.put("office", "S111", json!({ "act": "values", "values": { "difficulties": text } }))
        };
        let incident = |text: &str| {
            let body = json!({ "unit": "S111", "element": "fever", "value": 1, "text": text });
            cast.house.post("office", "/incidents", body)
        };
        for bad in ["响\u{7}铃", "a\u{202e}b", "\u{9b}", "\u{0}"] {
            assert_eq!(
                words(bad).findings(),
                found("value.control_character", "values.difficulties"),
                "{bad:?}"
            );
            assert_eq!(incident(bad).findings(), found("value.control_character", "text"), "{bad:?}");
        }
        let codes = |said: &Value| {
            let findings = said["findings"].as_array().cloned().unwrap_or_default();
            let text = |finding: &Value, name: &str| finding[name].as_str().unwrap_or_default().to_owned();
            findings.iter().map(|one| (text(one, "code"), text(one, "severity"))).collect::<Vec<_>>()
        };
        let warn = vec![("value.telephone".to_owned(), "warn".to_owned())];
        for (text, findings) in [
            ("缺口罩 1480000 只\n第110号院\t2020年", Vec::new()),
            ("联系13812340004", warn.clone()),
            ("身份证34010219900101123X", warn),
        ] {
            let said = words(text);
            let reason = json!({ "act": "values", "values": { "difficulties": text }, "reason": "again" });
            let said = if said.status == StatusCode::OK { said } else { cast.put("office", "S111", reason) };
            assert_eq!(
                (said.status, codes(&said.json())),
                (StatusCode::OK, findings.clone()),
                "{}",
                said.json()
            );
            let said = incident(text);
            assert_eq!(
                (said.status, codes(&said.json())),
                (StatusCode::CREATED, findings),
                "{}",
                said.json()
            );
        }
    });
}

#[test]
fn a_telephone_does_not_hide_in_the_name_of_a_unit() {
    told(|cast| {
        let renamed = |name: &str| {
            let body = json!({ "names": { "zh-Hans": name } }).to_string();
            cast.house.ask(
                "office",
                "PATCH",
                "/units/S111",
                &[("content-type", "application/json")],
                body.into(),
            )
        };
        assert_eq!(
            renamed("宿州站 联系13812340004").findings(),
            found("unit.name_telephone", "names.zh-Hans")
        );
        assert_eq!(renamed("第110号院 2020年 G07-F10-S01").status, StatusCode::OK);
        let file = "code,name\nS111,宿州站 13812340004\nS112,第112号院\n";
        let said = cast.house.ask("office", "POST", "/imports/units", &[], file.into()).json();
        let finding = &said["findings"][0];
        assert_eq!(
            (&finding["code"], &finding["cell"]),
            (&json!("unit.name_telephone"), &json!("B2")),
            "{said}"
        );
    });
}
