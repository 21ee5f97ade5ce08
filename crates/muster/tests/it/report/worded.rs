//! Words of a report: listed, looked at, refused.

use crate::cast::told;
use crate::house::found;
use axum::http::StatusCode;
use serde_json::{Value, json};

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
