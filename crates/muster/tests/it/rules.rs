//! Stories of the rules of a form and of what it computes: by every door the same, on both stores.

use crate::cast::{Cast, told};
use crate::house::{Said, found};
use axum::http::StatusCode;
use serde_json::{Value, json};

/// The day before the rules, and the first day that has them.
const BEFORE: &str = "2020-02-03";
const FIRST: &str = "2020-02-04";

fn rule(code: &str, test: Value, follows: &str, at: &str) -> Value {
    let says = json!({ "zh-Hans": format!("请核对{code}"), "zh-Hant": "", "en": format!("Look at {code}.") });
    json!({ "code": code, "test": test, "follows": follows, "at": at, "says": says })
}

fn rules() -> Value {
    json!([
        rule(
            "part",
            json!({ "kind": "at_most", "element": "isolated", "most": "staff" }),
            "refuse",
            "isolated"
        ),
        rule("fall", json!({ "kind": "never_falls", "element": "confirmed" }), "reason", "confirmed"),
        rule(
            "jump",
            json!({ "kind": "jump", "element": "staff", "percent": 50, "least": 0, "down": true }),
            "reason",
            "staff"
        ),
        rule(
            "room",
            json!({ "kind": "cel", "expression": "today.area == null || today.area * 2 >= today.staff" }),
            "note",
            "area"
        ),
    ])
}

/// The daily form as it is asked, with rules and what is computed.
fn form(cast: &Cast<'_>, rules: Value, computed: &[(&str, &str)]) -> Value {
    let mut form = cast.get("office", "/forms/daily");
    let body = form.as_object_mut().unwrap();
    body.insert("since".into(), FIRST.into());
    body.insert("rules".into(), rules);
    for item in body["items"].as_array_mut().unwrap() {
        let known = computed.iter().find(|(element, _)| item["element"] == *element);
        if let Some((_, expression)) = known {
            item["computed"] = (*expression).into();
        }
    }
    form
}

/// Sets the form from the next day on, and begins that day.
fn ruled(cast: &Cast<'_>, rules: Value, computed: &[(&str, &str)]) {
    let said = cast.house.post("office", "/forms", form(cast, rules, computed));
    assert_eq!(said.status, StatusCode::OK, "{}", said.json());
    cast.clock("02-04 10:00");
}

fn put(cast: &Cast<'_>, on: &str, body: Value) -> Said {
    cast.put_on("clerk", "S111", on, &[], body)
}

fn values(values: Value) -> Value {
    json!({ "act": "values", "values": values })
}

fn codes(said: &Said) -> Vec<String> {
    assert_eq!(said.status, StatusCode::OK, "{}", said.json());
    let body = said.json();
    let findings = body["findings"].as_array().map_or(&[][..], Vec::as_slice);
    findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_rule_refuses_asks_a_reason_or_only_tells() {
    told(|cast| {
        put(cast, BEFORE, values(json!({ "confirmed": 12, "staff": 40 })));
        ruled(cast, rules(), &[]);
        let refused = put(cast, FIRST, values(json!({ "staff": 40, "isolated": 41, "confirmed": 12 })));
        assert_eq!(refused.findings(), found("rule.refuses", "values.isolated"));
        assert_eq!(refused.json()["findings"][0]["message"], "Look at part.");

        // A reason is asked at its field, and without one nothing is stored.
        let asked = put(cast, FIRST, values(json!({ "staff": 40, "confirmed": 10 })));
        assert_eq!(asked.findings(), found("rule.reason_needed", "values.confirmed"));
        assert_eq!(asked.json()["findings"][0]["message"], "Look at fall. (please say why)");
        let both = put(cast, FIRST, values(json!({ "staff": 90, "confirmed": 10 })));
        assert_eq!(both.findings().len(), 2);
        let mut body = values(json!({ "staff": 40, "confirmed": 10, "area": 5 }));
        body["remarks"] = json!({ "confirmed": "两例改为疑似" });
        let taken = put(cast, FIRST, body.clone());
        // No warning beside the rule that the count fell; the room is told.
        assert_eq!(codes(&taken), ["rule.notes", "rule.reason_given"]);
        assert_eq!(codes(&put(cast, FIRST, body)), ["report.unchanged"]);
        assert_eq!(
            codes(&put(cast, FIRST, values(json!({ "staff": 40, "confirmed": 10 })))),
            ["report.unchanged"]
        );

        // The reason stays with the report, in its history and on its sheet; in the journal there is only its hash.
        let history = cast.get("office", &format!("/reports/S111/{FIRST}/history"));
        assert_eq!(
            history["revisions"][0]["remarks"],
            json!([{ "element": "confirmed", "name": "confirmed", "text": "两例改为疑似" }])
        );
        let sheet = cast.get("office", &format!("/reports/S111/{FIRST}"));
        let field = |code: &str| {
            sheet["fields"].as_array().unwrap().iter().find(|field| field["element"] == code).unwrap().clone()
        };
        assert_eq!(field("confirmed")["remark"], "两例改为疑似");
        assert_eq!(field("staff")["remark"], Value::Null);
        let entry = &cast.house.journalled("report.file")[1];
        assert!(!String::from_utf8_lossy(&entry.body).contains("疑似"));
        assert_eq!(
            cast.get("office", "/search/notes?q=%E7%96%91%E4%BC%BC")["items"],
            json!([]),
            "no words of an element"
        );

        // A correction says why it is made, and that is a reason.
        let bare = put(cast, FIRST, values(json!({ "confirmed": 9 })));
        assert_eq!(bare.code(), "report.reason_needed");
        let mut body = values(json!({ "confirmed": 9 }));
        body["reason"] = "又一例".into();
        assert_eq!(put(cast, FIRST, body).json()["revision"], 2);
        let history = cast.get("office", &format!("/reports/S111/{FIRST}/history"));
        assert_eq!(history["revisions"][0]["remarks"][0]["text"], "又一例");
        let mut wrong = values(json!({ "confirmed": 9 }));
        wrong["remarks"] = json!({ "elsewhere": "x", "confirmed": "a\u{7}" });
        let mut told = put(cast, FIRST, wrong).findings();
        told.sort();
        let wanted =
            [("value.control_character", "remarks.confirmed"), ("value.not_on_form", "remarks.elsewhere")];
        assert_eq!(told, wanted.map(|(code, field)| (code.to_owned(), field.to_owned())));
    });
}

#[test]
fn old_days_are_judged_by_their_own_rules() {
    told(|cast| {
        put(cast, "2020-02-02", values(json!({ "confirmed": 12 })));
        let today = form(cast, rules(), &[]);
        let mut too_soon = today.clone();
        too_soon["since"] = BEFORE.into();
        assert_eq!(cast.house.post("office", "/forms", too_soon).findings(), found("form.since", "since"));
        ruled(cast, rules(), &[]);
        // The day before had none: what fell is told, as it was.
        let late = put(cast, BEFORE, values(json!({ "confirmed": 10, "staff": 1, "isolated": 2 })));
        assert_eq!(codes(&late), ["value.falls"]);
        assert_eq!(put(cast, FIRST, values(json!({ "confirmed": 9 }))).findings().len(), 1);
        // And the next version may have none again.
        let mut without = form(cast, json!([]), &[]);
        without["since"] = "2020-02-05".into();
        assert_eq!(cast.house.post("office", "/forms", without).status, StatusCode::OK);
        cast.clock("02-05 10:00");
        assert_eq!(
            codes(&put(cast, "2020-02-05", values(json!({ "staff": 1, "isolated": 2 })))),
            Vec::<String>::new()
        );
        assert_eq!(
            put(cast, FIRST, values(json!({ "confirmed": 9 }))).findings().len(),
            1,
            "the fourth still has them"
        );
        let asked = cast.get("office", &format!("/forms/daily?day={FIRST}"));
        assert_eq!(asked["rules"], rules());
        assert_eq!(cast.get("office", "/forms/daily?day=2020-02-05").get("rules"), None);
    });
}

#[test]
fn what_is_computed_is_not_entered() {
    told(|cast| {
        // The head count goes on from day to day; a rate and a rule go by what was computed.
        let computed =
            [("staff", "(yesterday.staff == null ? 0 : yesterday.staff) + today.confirmed - today.fever")];
        let rules = json!([rule(
            "few",
            json!({ "kind": "cel", "expression": "today.staff == null || today.staff < 60" }),
            "note",
            "staff"
        )]);
        put(cast, BEFORE, values(json!({ "staff": 40 })));
        ruled(cast, rules, &computed);
        let sheet = cast.get("clerk", &format!("/reports/S111/{FIRST}"));
        let field = |sheet: &Value, code: &str| {
            sheet["fields"].as_array().unwrap().iter().find(|field| field["element"] == code).unwrap().clone()
        };
        assert_eq!(
            (&field(&sheet, "staff")["computed"], field(&sheet, "fever").get("computed")),
            (&json!(true), None)
        );
        let part = put(cast, FIRST, values(json!({ "confirmed": 3 })));
        assert_eq!(codes(&part), Vec::<String>::new(), "what is not known is not computed, and has no rule");
        let wrong = put(cast, FIRST, values(json!({ "fever": 1, "staff": 41 })));
        assert_eq!(wrong.findings(), found("value.computed_differs", "values.staff"));
        assert_eq!(put(cast, FIRST, values(json!({ "fever": 1 }))).json()["revision"], Value::Null);
        let more = json!({ "act": "values", "values": { "fever": 1 }, "reason": "more" });
        assert_eq!(put(cast, FIRST, more).json()["revision"], 2);
        let sheet = cast.get("clerk", &format!("/reports/S111/{FIRST}"));
        assert_eq!(field(&sheet, "staff")["value"], 42);
        let total = cast.get("office", &format!("/totals?node=R&day={FIRST}"));
        assert_eq!(crate::cast::element_of(&total, "staff")["value"], 42);
        // The same may be typed, and a correction of what it is made of moves it.
        let typed =
            json!({ "act": "values", "values": { "confirmed": 23, "staff": 62 }, "reason": "counted again" });
        assert_eq!(codes(&put(cast, FIRST, typed)), ["rule.notes"]);
        let total = cast.get("office", &format!("/totals?node=R&day={FIRST}"));
        assert_eq!(crate::cast::element_of(&total, "staff")["value"], 62);
        // Below nothing it does not go.
        let gone =
            json!({ "act": "values", "values": { "confirmed": 0, "fever": 41 }, "reason": "counted again" });
        assert_eq!(put(cast, FIRST, gone).findings(), found("value.out_of_range", "values.staff"));
        // Zero says the events, and what is computed of them follows.
        let zero =
            cast.put_on("second", "S112", FIRST, &[], json!({ "act": "zero", "values": { "confirmed": 5 } }));
        assert_eq!(codes(&zero), Vec::<String>::new());
        let total = cast.get("office", &format!("/totals?node=S112&day={FIRST}"));
        assert_eq!(crate::cast::element_of(&total, "staff")["value"], 5);
    });
}

#[test]
fn every_door_judges_by_the_same_rules() {
    told(|cast| {
        put(cast, BEFORE, values(json!({ "confirmed": 12 })));
        ruled(cast, rules(), &[("area", "today.staff * 2")]);
        // In bulk, with yesterday in the table and in the same upload.
        let row = |unit: &str, on: &str, values: Value| json!({ "unit": unit, "day": on, "act": "values", "values": values });
        let mut told = row("S111", FIRST, json!({ "confirmed": 11 }));
        told["remarks"] = json!({ "confirmed": "why" });
        let rows = [
            row("S111", FIRST, json!({ "confirmed": 11 })),
            told,
            row("S112", BEFORE, json!({ "staff": 10 })),
            row("S112", FIRST, json!({ "staff": 16 })),
            row("F11", FIRST, json!({ "staff": 1, "isolated": 2 })),
            row("G1", FIRST, json!({ "staff": 8, "area": 15 })),
            row("G1", FIRST, json!({ "staff": 8 })),
        ];
        let body: String = rows.iter().map(|row| format!("{row}\n")).collect();
        let said = cast.house.ask("office", "POST", "/reports/bulk", &[], body.into());
        let text = String::from_utf8(said.bytes.to_vec()).unwrap();
        let results: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let code = |result: &Value| {
            let refused = result["problem"]["findings"][0]["code"].clone();
            if refused.is_null() { result["status"].clone() } else { refused }
        };
        assert_eq!(
            results.iter().map(code).collect::<Vec<_>>(),
            [
                "rule.reason_needed",
                "accepted",
                "accepted",
                "rule.reason_needed",
                "rule.refuses",
                "value.computed_differs",
                "accepted"
            ]
        );
        // In a file the row's own reason is taken, and what is wrong stands at its cell.
        let file = format!(
            "unit,day,staff,isolated,reason\nS112,{FIRST},16,,\nF11,{FIRST},1,2,\nS11,{FIRST},3,,\nS112,{FIRST},17,,more came\n"
        );
        let import = |query: &str| {
            let path = format!("/imports/reports?form=daily{query}");
            cast.house.ask("office", "POST", &path, &[], file.clone().into()).json()
        };
        let looked = import("&dry_run=true");
        let cells = |told: &Value| -> Vec<(Value, Value)> {
            let all = told["findings"].as_array().unwrap();
            let refused = all.iter().filter(|finding| finding["severity"] == "refuse");
            refused.map(|finding| (finding["code"].clone(), finding["cell"].clone())).collect()
        };
        let wanted = [("rule.reason_needed", "C2"), ("rule.refuses", "D3"), ("unit.unknown", "A4")];
        let wanted = wanted.map(|(code, cell)| (json!(code), json!(cell)));
        assert_eq!(cells(&looked), wanted, "{looked}");
        let taken = import("");
        assert_eq!((&taken["accepted"], &taken["refused"]), (&json!(1), &json!(3)), "{taken}");
        let history = cast.get("office", &format!("/reports/S112/{FIRST}/history"));
        assert_eq!(history["revisions"][0]["remarks"][0]["text"], "more came");
    });
}

#[test]
fn a_form_with_rules_that_mean_nothing_is_not_set() {
    told(|cast| {
        let cel = |text: &str| json!({ "kind": "cel", "expression": text });
        let set = |dry: bool, rules: Value, computed: &[(&str, &str)]| {
            cast.house.post(
                "office",
                if dry { "/forms?dry_run=true" } else { "/forms" },
                form(cast, rules, computed),
            )
        };
        let refused = |rules: Value, computed: &[(&str, &str)]| {
            let said = set(true, rules.clone(), computed).findings();
            assert_eq!(set(false, rules, computed).findings(), said);
            said
        };
        let one = |test: Value| json!([rule("one", test, "note", "staff")]);
        for (text, code) in [
            ("today.staff <", "rule.unreadable"),
            ("today.nobody > 1", "rule.element"),
            ("today.difficulties == null", "rule.element_kind"),
            ("today.isolated_rate > 1", "rule.element_kind"),
            ("[1, 2, 3].all(x, x > today.staff)", "rule.not_allowed"),
            ("today.staff / 2 > 1", "rule.division"),
            ("today.staff + 1", "rule.not_a_condition"),
            ("today.mood == 'never'", "rule.unknown_choice"),
            (&"(".repeat(400), "rule.too_deep"),
            (&" ".repeat(501), "rule.too_long"),
        ] {
            assert_eq!(refused(one(cel(text)), &[]), found(code, "rules[0].test.expression"), "{text}");
        }
        let most = json!({ "kind": "at_most", "element": "staff", "most": "nobody" });
        assert_eq!(refused(one(most), &[]), found("rule.element", "rules[0].test"));
        let jump = json!({ "kind": "jump", "element": "staff", "percent": 0 });
        assert_eq!(refused(one(jump), &[]), found("rule.percent", "rules[0].test.percent"));
        let good = || cel("today.staff > 1");
        let twice = json!([rule("one", good(), "note", "staff"), rule("one", good(), "note", "staff")]);
        assert_eq!(refused(twice, &[]), found("rule.twice", "rules[1].code"));
        let nowhere = json!([rule("one", good(), "note", "nobody"), rule("a b", good(), "note", "staff")]);
        let wanted =
            [found("rule.element", "rules[0].at"), found("code.malformed", "rules[1].code")].concat();
        assert_eq!(refused(nowhere, &[]), wanted);
        let mut silent = rule("one", good(), "note", "staff");
        silent["says"]["zh-Hans"] = "".into();
        assert_eq!(refused(json!([silent]), &[]), found("element.needs", "rules[0].says"));
        let many: Vec<Value> = (0..51).map(|at| rule(&format!("r{at}"), good(), "note", "staff")).collect();
        assert_eq!(refused(json!(many), &[]), found("rule.too_many", "rules"));
        // Items: fever, staff, isolated, area, mood, ..
        let circle = [("fever", "today.staff"), ("staff", "today.fever + 1")];
        assert_eq!(refused(json!([]), &circle), found("computed.circle", "items[0].computed"));
        assert_eq!(
            refused(json!([]), &[("staff", "today.fever > 1")]),
            found("rule.not_a_number", "items[1].computed")
        );
        assert_eq!(
            refused(json!([]), &[("mood", "today.fever")]),
            found("rule.element_kind", "items[4].computed")
        );
        // What another form asks of people is not computed on this one.
        let mut other = form(cast, json!([]), &[]);
        other["code"] = "other".into();
        other["items"] = json!([{ "element": "staff" }, { "element": "fever" }]);
        assert_eq!(cast.house.post("office", "/forms", other.clone()).status, StatusCode::OK);
        assert_eq!(
            refused(json!([]), &[("staff", "today.fever * 2")]),
            found("computed.elsewhere", "items[1].computed")
        );
        // Rules stand in the journal with the rest of the form.
        let said = set(false, one(good()), &[]);
        assert_eq!(said.json()["rules"][0]["test"], good());
        let entries = cast.house.journalled("form.set");
        let body: Value = serde_json::from_slice(&entries.last().unwrap().body).unwrap();
        assert_eq!(body["rules"], one(good()));
    });
}

#[test]
fn a_rule_that_cannot_be_judged_says_so_and_keeps_nobody_out() {
    told(|cast| {
        let test = json!({ "kind": "cel", "expression": "today.staff * today.staff * today.staff < today.isolated" });
        ruled(cast, json!([rule("much", test, "refuse", "staff")]), &[]);
        assert_eq!(codes(&put(cast, FIRST, values(json!({ "fever": 0 })))), ["rule.failed"], "not said");
        let body =
            json!({ "act": "values", "values": { "staff": 100_000, "isolated": 1 }, "reason": "more" });
        assert_eq!(put(cast, FIRST, body).findings(), found("rule.refuses", "values.staff"));
        let large = json!({ "act": "values", "values": { "staff": 2_000, "isolated": 9_999_999_999_999i64 }, "reason": "more" });
        assert_eq!(codes(&put(cast, FIRST, large)), Vec::<String>::new());
        let test = json!({ "kind": "cel", "expression": "today.confirmed * today.isolated < 1" });
        let mut next = form(cast, json!([rule("much", test, "refuse", "staff")]), &[]);
        next["since"] = "2020-02-05".into();
        assert_eq!(cast.house.post("office", "/forms", next).status, StatusCode::OK);
        cast.clock("02-05 10:00");
        let most = values(json!({ "confirmed": 9_999_999_999_999i64, "isolated": 9_999_999_999_999i64 }));
        assert_eq!(codes(&put(cast, "2020-02-05", most)), ["rule.failed"], "too large");
    });
}
