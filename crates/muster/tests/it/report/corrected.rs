//! Reports that are said again.

use crate::cast::{TODAY, told};
use axum::http::StatusCode;
use serde_json::{Value, json};

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
