//! Findings of inspectors: who writes, who reads, what stays; on both stores.

use crate::cast::{Cast, TODAY, Terms, told_with, unit_id};
use crate::house::{House, Said};
use axum::http::StatusCode;
use muster::lines::access::{Account, Role, account_set};
use muster_kernel::Digest;
use serde_json::{Value, json};

/// A cast with an inspector over the whole, and one over G1.
fn inspected(tell: impl Fn(&Cast<'_>)) {
    told_with(Terms::default(), |cast| {
        cast.write(|tx, ctx| {
            for (id, at) in [("inspector", "R"), ("inner", "G1")] {
                let account = Account::at(id, Role::Inspector, unit_id(tx, at)?);
                account_set(tx, ctx, &account, None)?;
            }
            Ok(())
        });
        tell(cast);
    });
}

fn file(house: &House, who: &str, unit: &str, text: &str) -> Said {
    house.post(who, "/findings", json!({ "unit": unit, "day": TODAY, "kind": "concealed", "text": text }))
}

fn id(said: &Said) -> String {
    assert_eq!(said.status, StatusCode::CREATED, "{}", said.json());
    said.json()["id"].as_str().unwrap().to_owned()
}

fn texts(house: &House, who: &str, ask: &str) -> Vec<String> {
    let said = house.get(who, &format!("/findings{ask}"));
    assert_eq!(said.status, StatusCode::OK, "{who}{ask}: {}", said.json());
    let text = |one: &Value| one["text"].as_str().unwrap().to_owned();
    said.json()["items"].as_array().unwrap().iter().map(text).collect()
}

#[test]
fn a_finding_is_filed_answered_once_closed_and_stays() {
    inspected(|cast| {
        let house = cast.house;
        cast.say("clerk", "S111", json!({ "staff": 5 }));
        let filed = house.journalled("report.file")[0].link;
        let receipt = format!("R20200203-{}-{}", filed.lane, filed.no);
        let found = json!({
            "unit": "S111", "day": TODAY, "kind": "false", "text": " Five said, two there. ", "evidence": [receipt],
        });
        let said = house.post("inspector", "/findings", found);
        let id = id(&said);
        let body = said.json();
        assert_eq!(
            (&body["unit"]["code"], &body["kind"], &body["day"]),
            (&json!("S111"), &json!("false"), &json!(TODAY))
        );
        assert_eq!((&body["text"], &body["evidence"]), (&json!("Five said, two there."), &json!([receipt])));
        assert_eq!((&body["answer"], &body["closed"]), (&Value::Null, &Value::Null));

        cast.clock("11:00");
        let answer = |who: &str, text: &str| {
            house.post(who, &format!("/findings/{id}/answer"), json!({ "text": text }))
        };
        let close = |who: &str, why: &str| {
            house.post(who, &format!("/findings/{id}/close"), json!({ "reason": why }))
        };
        let said = answer("group", "Three were at lunch.");
        assert_eq!(
            (said.status, &said.json()["answer"]["text"]),
            (StatusCode::OK, &json!("Three were at lunch."))
        );
        let again = answer("office", "They were not.");
        assert_eq!((again.status, again.code().as_str()), (StatusCode::CONFLICT, "finding.answered"));
        cast.clock("12:00");
        let said = close("inner", "Seen at lunch.");
        assert_eq!((said.status, &said.json()["closed"]["text"]), (StatusCode::OK, &json!("Seen at lunch.")));
        for late in [answer("group", "x"), close("inspector", "x")] {
            assert_eq!((late.status, late.code().as_str()), (StatusCode::CONFLICT, "finding.closed"));
        }
        let kept = cast.get("clerk", "/findings")["items"][0].clone();
        assert_eq!((&kept["text"], &kept["answer"]["text"]), (&body["text"], &json!("Three were at lunch.")));
        assert_eq!((&kept["by"], &kept["at"]), (&body["by"], &body["at"]), "dated and signed as it was");

        // The journal holds hashes of words, and each step names the one before.
        let mut last = None;
        let words = ["Five said, two there.", "Three were at lunch.", "Seen at lunch."];
        for (action, words) in ["finding.file", "finding.answer", "finding.close"].into_iter().zip(words) {
            let [entry] = &house.journalled(action)[..] else { panic!("one {action}") };
            let text = String::from_utf8(entry.body.clone()).unwrap();
            assert!(
                !text.contains(words) && text.contains(&Digest::of(words.as_bytes()).to_string()),
                "{text}"
            );
            assert_eq!(entry.prev, last, "{action}");
            last = Some(entry.link);
        }
        let told = cast.get("inspector", "/journal?action=finding");
        assert_eq!(told["items"].as_array().unwrap().len(), 3);
    });
}

#[test]
fn only_an_inspector_writes_and_the_unit_and_its_chain_read() {
    inspected(|cast| {
        let house = cast.house;
        for who in ["office", "lead", "group", "clerk", "viewer"] {
            let said = file(house, who, "S111", "x");
            assert_eq!(
                (said.status, said.code().as_str()),
                (StatusCode::FORBIDDEN, "permission.lacking"),
                "{who}"
            );
        }
        assert_eq!(file(house, "inner", "F21", "x").code(), "unit.unknown");
        assert_eq!(file(house, "inner", "NOWHERE", "x").code(), "unit.unknown");
        let one = id(&file(house, "inner", "S111", "about S111"));
        cast.clock("11:00");
        let other = id(&file(house, "inspector", "F21", "about F21"));
        for (who, seen) in [
            ("inspector", &["about F21", "about S111"][..]),
            ("office", &["about F21", "about S111"]),
            ("lead", &["about F21", "about S111"]),
            ("inner", &["about S111"]),
            ("group", &["about S111"]),
            ("firm", &["about S111"]),
            ("clerk", &["about S111"]),
            ("second", &[]),
            ("beside", &["about F21"]),
        ] {
            assert_eq!(texts(house, who, ""), seen, "{who}");
        }
        assert_eq!(texts(house, "office", "?node=unit:G1"), ["about S111"]);
        assert_eq!(texts(house, "office", "?node=unit:S112"), [""; 0]);
        assert_eq!(house.get("group", "/findings?node=unit:F21").code(), "unit.unknown");
        assert_eq!(house.get("group", "/findings?node=place:3401").code(), "node.unit_only");
        // Page by page, and a cursor that nobody was given.
        let first = cast.get("office", "/findings?limit=1");
        let next = format!("?limit=1&cursor={}", first["next_cursor"].as_str().unwrap());
        assert_eq!(texts(house, "office", &next), ["about S111"]);
        assert_eq!(house.get("office", "/findings?cursor=AAAA").code(), "request.cursor");

        // What is outside is as if it were not there; who may only answer does not close, who closes does not answer.
        let answer =
            |who: &str, id: &str| house.post(who, &format!("/findings/{id}/answer"), json!({ "text": "x" }));
        let close =
            |who: &str, id: &str| house.post(who, &format!("/findings/{id}/close"), json!({ "reason": "x" }));
        for (said, code) in [
            (answer("beside", &one), "finding.unknown"),
            (answer("beside", "none"), "finding.unknown"),
            (close("inner", &other), "finding.unknown"),
            (answer("clerk", &one), "permission.lacking"),
            (answer("inspector", &one), "permission.lacking"),
            (close("office", &one), "permission.lacking"),
            (close("lead", &one), "permission.lacking"),
        ] {
            assert_eq!(said.code(), code, "{}", said.json());
        }
        assert!(
            house.journalled("finding.answer").is_empty() && house.journalled("finding.close").is_empty()
        );
    });
}

#[test]
fn words_and_references_that_may_not_be_are_all_told_and_nothing_is_kept() {
    inspected(|cast| {
        let house = cast.house;
        let codes = |body: Value| {
            let said = house.post("inspector", "/findings", body);
            assert_eq!(said.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", said.json());
            let findings = said.json()["findings"].as_array().cloned().unwrap_or_default();
            let told = |one: &Value| {
                format!("{}@{}", one["code"].as_str().unwrap(), one["field"].as_str().unwrap_or("?"))
            };
            findings.iter().map(told).collect::<Vec<_>>()
        };
        let long = "字".repeat(2_001);
        for (text, code) in [
            ("", "words.missing"),
            (&long, "words.long"),
            ("a\u{202e}b", "words.unseen"),
            ("call 13812340004", "words.number"),
            ("机密★1年", "words.secrecy"),
        ] {
            assert_eq!(
                codes(json!({ "unit": "S111", "kind": "idle", "text": text })),
                [format!("{code}@text")]
            );
        }
        let all = codes(json!({
            "unit": "S111", "kind": "other", "text": "", "day": "2020-02-04", "evidence": ["x", "7/99999999"],
        }));
        assert_eq!(
            all,
            [
                "words.missing@text",
                "finding.day_to_come@day",
                "reference.word@evidence",
                "reference.unknown@evidence",
            ]
        );
        let many = vec!["0/1"; 21];
        assert_eq!(
            codes(json!({ "unit": "S111", "kind": "other", "text": "x", "evidence": many })),
            ["reference.many@evidence"]
        );
        // Whether there is an entry about a unit outside is not theirs to know.
        let receipt = cast.say("beside", "S211", json!({ "fever": 1 }))["receipt"].clone();
        let rests = json!({ "unit": "S111", "kind": "other", "text": "x", "evidence": [receipt] });
        let said = house.post("inner", "/findings", rests.clone());
        assert_eq!(said.json()["findings"][0]["code"], "reference.unknown", "{}", said.json());
        assert_eq!(house.post("inspector", "/findings", rests).status, StatusCode::CREATED);
        for body in [
            json!({ "unit": "S111", "kind": "guilty", "text": "x" }),
            json!({ "unit": "S111", "kind": "late", "text": "x", "day": "soon" }),
            json!({ "unit": "S111", "kind": "late", "text": "x", "verdict": "x" }),
        ] {
            assert!(house.post("inspector", "/findings", body).status.is_client_error());
        }
        let one = id(&file(house, "inspector", "S111", "x"));
        let said =
            house.post("office", &format!("/findings/{one}/answer"), json!({ "text": "call 13812340004" }));
        assert_eq!(said.code(), "finding.refused");
        assert_eq!(house.journalled("finding.file").len(), 2);
        assert!(house.journalled("finding.answer").is_empty());
    });
}
