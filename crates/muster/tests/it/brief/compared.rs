//! Today beside yesterday: a difference is told as a change of the same units alone.

use super::{DAY, DAY_MS, a_day, brief, story, values};
use crate::command::muster;
use crate::house::NOW_MS;
use serde_json::{Value, json};

#[test]
fn figures_of_other_units_than_yesterdays_say_so_and_those_of_as_many_are_compared() {
    story(|house| {
        a_day(house);
        let of = |node: &str, code: &str| -> Value {
            let totals = house.get("viewer", &format!("/totals?node=unit:{node}&day={DAY}")).json();
            totals["elements"].as_array().unwrap().iter().find(|e| e["element"] == code).cloned().unwrap()
        };
        for (node, code, said, yesterday_said, yesterday_base, other_units) in [
            ("R", "due", 2, 1, 4, json!(true)),
            ("G1", "due", 1, 1, 2, Value::Null),
            // Yesterday nobody said it: there is nothing to compare with, and nothing to warn of.
            ("G2", "due", 1, 0, 2, Value::Null),
            // What happened is known of those alone who say it, as how things stand is.
            ("R", "fever", 3, 1, 4, json!(true)),
            ("G1", "fever", 2, 1, 2, json!(true)),
            ("G2", "fever", 1, 0, 2, Value::Null),
        ] {
            let of = of(node, code);
            assert_eq!(
                [&of["said"], &of["yesterday_said"], &of["yesterday_base"], &of["other_units"]],
                [&json!(said), &json!(yesterday_said), &json!(yesterday_base), &other_units],
                "{node} {code}"
            );
        }
        let told = muster(&house.url, &["brief", "--day", DAY, "--lang", "en"]);
        let told = String::from_utf8(told.stdout).unwrap();
        let line = told.lines().find(|line| line.trim().starts_with("Due ")).unwrap();
        assert!(
            line.contains("2/4") && line.contains("0 (in both: 1)") && line.contains("200 1/4"),
            "{line}"
        );
    });
}

#[test]
fn as_many_units_as_yesterday_are_not_taken_for_the_same_ones() {
    story(|house| {
        house.app.clock.set(NOW_MS - DAY_MS);
        values(house, "S11", "2020-02-05", json!({ "on_site": 80, "due": 100 }));
        values(house, "S12", "2020-02-05", json!({ "on_site": 500, "due": 500 }));
        house.app.clock.set(NOW_MS);
        values(house, "S11", DAY, json!({ "on_site": 90, "due": 100 }));
        values(house, "S21", DAY, json!({ "on_site": 7, "due": 10 }));
        let doc = brief(house, DAY, "en");
        let share = &doc["totals"][3];
        assert_eq!([&share["value"], &share["yesterday"]], [&json!(88.2), &json!(96.7)]);
        assert_eq!(
            (&share["delta"], &share["other_units"]),
            (&Value::Null, &json!(true)),
            "nor a rate of them"
        );
        let on_site = doc["totals"][1].clone();
        assert_eq!([&on_site["said"], &on_site["yesterday_said"]], [&json!(2), &json!(2)]);
        assert_eq!((&on_site["delta"], &on_site["other_units"]), (&Value::Null, &json!(true)));
        assert_eq!(on_site["same_units"], json!({ "units": 1, "change": 10.0 }));
        values(house, "S12", DAY, json!({ "on_site": 400 }));
        values(house, "S21", "2020-02-05", json!({ "on_site": 7 }));
        let on_site = brief(house, DAY, "en")["totals"][1].clone();
        assert_eq!(
            (&on_site["delta"], &on_site["other_units"]),
            (&json!(-90.0), &Value::Null),
            "the very same"
        );
    });
}
