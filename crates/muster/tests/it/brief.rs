//! Stories of the daily brief: made, frozen, kept, printed, compared.

mod compared;
mod frozen;
mod printed;

use crate::command::Folder;
use crate::house::{House, NOW_MS, Said};
use axum::http::StatusCode;
use muster::lines::access::{Account, Role, account_set};
use muster::lines::operation::{Names, Operation, operation_set};
use muster::lines::org::{self, Facts, NewUnit};
use muster::lines::reporting::{self, Class, Counting, Element, Form, Item, OverTime, OverUnits, ValueType};
use muster::migrations::MIGRATIONS;
use muster::printer::Printer;
use muster::{Ctx, Fail, Reach, say};
use muster_kernel::{Actor, Day, Locale, Problem};
use muster_store::Tx;
use muster_store::testdb::each_store;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

/// The day of the stories; the house's clock stands at its 10:00.
const DAY: &str = "2020-02-06";

const NEXT: &str = "2020-02-07";

/// 15:00: the cut-off.
const CUT_OFF_MS: i64 = NOW_MS + 5 * 3_600_000;

const DAY_MS: i64 = 86_400_000;

fn names(zh: &str, en: &str) -> Names {
    Names { zh_hans: zh.into(), zh_hant: zh.into(), en: en.into() }
}

/// Runs a story on every store, in a house with two groups of two sites each and a daily form: fever (event), staff on
/// site and due (state), the share of the two, and words.
fn story(tell: impl Fn(&mut House)) {
    each_store(MIGRATIONS, |at| {
        let mut house = House::on(at);
        furnish(&house);
        tell(&mut house);
    });
}

fn furnish(house: &House) {
    let ctx = house.app.ctx(Actor::system("test"), Reach::All, Locale::En);
    let operation = house.app.db.write_blocking("test.furnish", NOW_MS, move |tx: &mut Tx<'_>| {
        let since = "2020-01-01".parse::<Day>().unwrap();
        let unit = |code: &str, zh: &str, kind: &str, parent: Option<&str>| NewUnit {
            code: code.into(),
            facts: Facts {
                names: names(zh, code),
                kind: kind.into(),
                place: None,
                time_zone: String::new(),
                classes: Vec::new(),
            },
            parent: parent.map(Into::into),
            since,
            until: Day::OPEN_END,
        };
        let units = [
            unit("R", "主管单位", "regulator", None),
            unit("G1", "甲集团", "group", Some("R")),
            unit("G2", "乙集团", "group", Some("R")),
            unit("S11", "甲一工地", "site", Some("G1")),
            unit("S12", "甲二工地", "site", Some("G1")),
            unit("S21", "乙一工地", "site", Some("G2")),
            unit("S22", "乙二工地", "site", Some("G2")),
        ];
        let change = org::unit_create(tx, &ctx, &units)?;
        let id = |tx: &mut Tx<'_>, code: &str| -> Result<i64, Fail> {
            let unknown = || Problem::not_found("unit.unknown").with("unit", code);
            Ok(org::unit_by_code(tx, code, since)?.ok_or_else(unknown)?.unit)
        };
        let (root, group) = (id(tx, "R")?, id(tx, "G1")?);
        let operation = Operation {
            id: 1,
            code: "test".into(),
            name: names("测试", "Test"),
            office: names("测试办公室", "Test office"),
            root_unit: root,
            zone: "Asia/Shanghai".into(),
            form: "daily".into(),
            seed: Some(7),
        };
        operation_set(tx, &ctx, |own| own.clone_from(&operation))?;
        let cast =
            [("office", Role::Office, root), ("viewer", Role::Viewer, root), ("group", Role::Office, group)];
        for (id, role, unit) in cast {
            // Some stories begin on an earlier day.
            let before = Ctx { now_ms: ctx.now_ms - 30 * 86_400_000, ..ctx.clone() };
            account_set(tx, &before, &Account::at(id, role, unit), None)?;
        }
        reporting::tree_changed(tx, &ctx, &change)?;
        let element =
            |code: &str, [zh_hans, zh_hant, en]: [&str; 3], class, value_type, unit: &str| Element {
                id: 0,
                code: code.into(),
                names: Names { zh_hans: zh_hans.into(), zh_hant: zh_hant.into(), en: en.into() },
                class,
                value_type,
                unit: unit.into(),
                over_units: if unit == "person" { OverUnits::Sum } else { OverUnits::None },
                over_time: OverTime::Last,
                cumulative: false,
                owner: "office".into(),
                purpose: "test".into(),
                since,
                until: Day::OPEN_END,
            };
        let share = ValueType::Rate { numerator: "on_site".into(), denominator: "due".into() };
        for element in [
            element("fever", ["发热", "發熱", "Fever"], Class::Event, ValueType::Integer, "person"),
            element("on_site", ["在岗", "在崗", "On site"], Class::State, ValueType::Integer, "person"),
            element("due", ["应到", "應到", "Due"], Class::State, ValueType::Integer, "person"),
            element("share", ["到岗率", "到崗率", "Share on site"], Class::State, share, "%"),
            element("needs", ["困难", "困難", "Needs"], Class::Text, ValueType::Text, ""),
        ] {
            reporting::element_set(tx, &ctx, element)?;
        }
        let item =
            |code: &str| Item { element: code.into(), required: false, min: None, max: None, computed: None };
        let form = Form {
            id: 0,
            code: "daily".into(),
            version: 0,
            names: names("防控日报", "Daily control report"),
            items: ["fever", "on_site", "due", "share", "needs"].map(item).to_vec(),
            counting: Counting::Parts,
            as_of_min: 720,
            cut_off_min: 900,
            afterwards: false,
            rules: Vec::new(),
            since,
            until: Day::OPEN_END,
        };
        reporting::form_set(tx, &ctx, form)?;
        reporting::form_assign(tx, &ctx, "daily", root, vec!["site".into()], since, Day::OPEN_END)?;
        Ok::<_, Fail>(operation)
    });
    house.app.operation_changed(operation.unwrap());
}

fn put(house: &House, role: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Said {
    let headers: Vec<_> = headers.iter().copied().chain([("content-type", "application/json")]).collect();
    house.ask(role, "PUT", path, &headers, body.to_string().into_bytes())
}

fn report(house: &House, unit: &str, day: &str, body: Value) -> Value {
    let said = put(house, "office", &format!("/reports/{unit}/{day}"), &[], &body);
    assert_eq!(said.status, StatusCode::OK, "{unit}: {}", said.json());
    said.json()
}

fn zero(house: &House, unit: &str, day: &str) {
    report(house, unit, day, json!({ "act": "zero" }));
}

fn values(house: &House, unit: &str, day: &str, values: Value) {
    report(house, unit, day, json!({ "act": "values", "values": values }));
}

fn brief(house: &House, day: &str, lang: &str) -> Value {
    let said = house.get("viewer", &format!("/briefs/{day}?lang={lang}"));
    assert_eq!(said.status, StatusCode::OK, "{}", said.json());
    said.json()
}

fn freeze(house: &House, day: &str) -> Said {
    house.post("office", &format!("/briefs/{day}/freeze"), json!({}))
}

/// A day in which one site says values, one zero, one comes late, and one never.
fn a_day(house: &House) {
    house.app.clock.set(NOW_MS - DAY_MS);
    values(house, "S11", "2020-02-05", json!({ "fever": 1, "on_site": 80, "due": 200 }));
    house.app.clock.set(NOW_MS);
    values(
        house,
        "S11",
        DAY,
        json!({ "fever": 3, "on_site": 90, "due": 200, "needs": "缺口罩, 电 13800138000" }),
    );
    zero(house, "S12", DAY);
    house.app.clock.set(CUT_OFF_MS + 60_000);
    values(house, "S21", DAY, json!({ "fever": 0, "on_site": 10, "due": 50 }));
}

fn sentences(doc: &Value) -> String {
    let sentences: Vec<&str> =
        doc["sentences"].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect();
    sentences.join("\n")
}

#[test]
fn the_first_page_says_it_in_three_sentences_and_three_languages() {
    insta::allow_duplicates! { story(|house| {
        a_day(house);
        let all = ["zh-CN", "zh-TW", "en"].map(|lang| sentences(&brief(house, DAY, lang)));
        insta::assert_snapshot!(all.join("\n"), @"
        截至2月6日15:01，应报4家，已报3家，其中零报告1家，未报1家；按时报送率50.0%（2/4）。
        发热3人（较昨日+2，同1家）。
        到岗率40%（100/250）。
        截至2月6日15:01，應報4家，已報3家，其中零報告1家，未報1家；按時報送率50.0%（2/4）。
        發熱3人（較昨日+2，同1家）。
        到崗率40%（100/250）。
        As of 15:01 on 6 February 2020: 4 units expected, 3 reported, 1 of them zero, 1 not reported yet; on time 50.0% (2 of 4).
        Fever: 3 people (+2 in the 1 unit that reported both days).
        Share on site: 40% (100 of 250).
        ");
    }) }
}

#[test]
fn a_live_brief_tells_who_is_missing_and_never_takes_silence_for_zero() {
    story(|house| {
        a_day(house);
        let doc = brief(house, DAY, "en");
        assert_eq!((&doc["frozen"], &doc["simulated"]), (&json!(false), &json!(true)));
        assert_eq!(doc["office"], "Test office");
        assert_eq!(
            doc["rates"],
            json!({ "expected": 4, "actual": 3, "actual_on_time": 2, "zero": 1, "missing": 1 })
        );
        let absent = &doc["absent"];
        assert_eq!(absent.as_array().unwrap().len(), 2);
        assert_eq!(
            absent[0],
            json!({ "code": "S22", "unit": "S22", "path": "G2", "group": "G2", "status": "missing" })
        );
        assert_eq!((&absent[1]["unit"], &absent[1]["status"]), (&json!("S21"), &json!("late")));
        assert_eq!(absent[1]["at"], "2020-02-06T15:01:00+08:00");
        // What nobody said yesterday is null, and so is the change.
        let due = &doc["totals"][2];
        assert_eq!(
            (&due["value"], &due["yesterday"], &due["delta"]),
            (&json!(250.0), &json!(200.0), &Value::Null),
            "one site said it yesterday and two today: the difference is no change"
        );
        assert_eq!((&due["said"], &due["base"]), (&json!(2), &json!(4)));
        assert_eq!(
            (&due["yesterday_said"], &due["yesterday_base"], &due["other_units"]),
            (&json!(1), &json!(4), &json!(true))
        );
        let big = doc["numbers"].as_array().unwrap().iter().find(|big| big["code"] == "due").unwrap();
        let same = json!({ "units": 1, "change": 0.0 });
        assert_eq!(big["other_units"], json!({ "value": 200.0, "said": 1, "base": 4, "same_units": same }));
        assert_eq!(doc["totals"][1]["same_units"], json!({ "units": 1, "change": 10.0 }), "on site at S11");
        // Who was silent yesterday about what happened did not say that there was none.
        assert_eq!(
            (&doc["totals"][0]["delta"], &doc["totals"][0]["other_units"]),
            (&Value::Null, &json!(true))
        );
        assert_eq!(doc["totals"][0]["same_units"], json!({ "units": 1, "change": 2.0 }), "fever at S11");
        assert_eq!(doc["totals"][3]["name"], "Share on site");
        assert_eq!(doc["totals"][3]["value"], 40.0);
        let groups = doc["groups"].as_array().unwrap();
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[1]["missing"], 1);
        // Nobody in it said its staff due but the one that came late.
        assert_eq!(groups[1]["values"][2], json!({ "name": "Due", "value": 50.0 }));
        let chart = &doc["chart"];
        assert_eq!(chart["days"].as_array().unwrap().len(), 14);
        assert_eq!(chart["series"][0]["points"][11], Value::Null, "a day without a report is a gap");
        assert_eq!(chart["series"][0]["points"][12], 1.0);
        assert_eq!(chart["series"][0]["points"][13], 3.0);
        for part in ["contradictions", "disagreements", "corrections"] {
            assert_eq!(doc[part], json!([]), "an empty part stays: {part}");
        }
        let text = house.get("office", &format!("/briefs/{DAY}")).bytes;
        assert!(!String::from_utf8_lossy(&text).contains("13800138000"), "no telephone, ever");
    });
}

#[test]
fn a_day_nobody_reported_on_is_missing_and_not_zero() {
    story(|house| {
        let doc = brief(house, DAY, "en");
        assert_eq!(
            doc["rates"],
            json!({ "expected": 4, "actual": 0, "actual_on_time": 0, "zero": 0, "missing": 4 })
        );
        for row in doc["totals"].as_array().unwrap() {
            assert_eq!((&row["value"], &row["said"]), (&Value::Null, &json!(0)), "{row}");
        }
        assert_eq!(doc["absent"].as_array().unwrap().len(), 4);
        assert_eq!(doc["lineage"]["units"], 0);
    });
}

#[test]
fn a_zero_that_an_incident_contradicts_is_on_the_page() {
    insta::allow_duplicates! { story(|house| {
        a_day(house);
        let incident = json!({ "unit": "S12", "element": "fever", "value": 1, "text": "张三发热" });
        let said = house.post("office", "/incidents", incident);
        assert!(said.status.is_success(), "{}", said.json());
        let found = &brief(house, DAY, "zh-CN")["contradictions"];
        assert_eq!(found.as_array().unwrap().len(), 1);
        assert_eq!(found[0]["unit"], "甲二工地");
        let texts = ["zh-CN", "en"].map(|lang| brief(house, DAY, lang)["contradictions"][0]["text"].clone());
        insta::assert_snapshot!(texts.map(|text| text.as_str().unwrap().to_owned()).join("\n"), @"
        10:00 签零报告；15:01 起有事件登记：发热 1人。
        Zero signed at 10:00; incidents from 15:01 on say “Fever”: 1 person.
        ");
    }) }
}

#[test]
fn a_statement_that_differs_from_its_parts_is_on_the_page() {
    story(|house| {
        a_day(house);
        report(
            house,
            "G1",
            DAY,
            json!({ "act": "values", "scope": "below", "values": { "fever": 5, "on_site": 90 } }),
        );
        let found = &brief(house, DAY, "en")["disagreements"];
        assert_eq!(
            *found,
            json!([{ "code": "G1", "unit": "G1", "element": "Fever", "stated": 5.0, "parts": 3.0, "said": 2 }])
        );
    });
}

#[test]
fn the_office_writes_beside_the_figures_until_the_day_is_frozen() {
    story(|house| {
        a_day(house);
        let path = format!("/briefs/{DAY}/narrative");
        assert_eq!(house.get("viewer", &path).json(), json!({ "progress": [], "problems": [], "next": [] }));
        let said = put(house, "office", &path, &[], &json!({ "progress": [" 已复工 1 家 ", ""] }));
        assert_eq!((said.status, &said.headers["etag"]), (StatusCode::OK, &"\"1\"".parse().unwrap()));
        assert_eq!(brief(house, DAY, "en")["narrative"]["progress"], json!(["已复工 1 家"]));
        let stale = put(house, "office", &path, &[("if-match", "\"0\"")], &json!({}));
        assert_eq!(
            (stale.status, stale.code()),
            (StatusCode::PRECONDITION_FAILED, "brief.narrative_stale".into())
        );
        let second = json!({ "problems": ["缺口罩"], "next": ["联系货源"] });
        assert_eq!(put(house, "office", &path, &[("if-match", "\"1\"")], &second).status, StatusCode::OK);
        let journal = house.journalled("brief.narrate");
        assert_eq!(journal.len(), 2);
        assert!(
            !String::from_utf8_lossy(&journal[1].body).contains("口罩"),
            "the journal holds a hash of words"
        );
        freeze(house, DAY);
        assert_eq!(brief(house, DAY, "en")["narrative"]["next"], json!(["联系货源"]));
        let late = put(house, "office", &path, &[], &json!({}));
        assert_eq!((late.status, late.code()), (StatusCode::CONFLICT, "brief.frozen".into()));
    });
}

#[test]
fn every_door_refuses_what_it_cannot_take() {
    story(|house| {
        let expect = |said: Said, status: StatusCode, code: &str| {
            assert_eq!((said.status, said.code()), (status, code.to_owned()), "{}", said.json());
        };
        let invalid = StatusCode::UNPROCESSABLE_ENTITY;
        let path = format!("/briefs/{DAY}");
        expect(freeze(house, DAY), StatusCode::CONFLICT, "brief.before_cut_off");
        assert_eq!(house.journalled("brief.freeze").len(), 0);
        expect(
            house.post("viewer", &format!("{path}/freeze"), json!({})),
            StatusCode::FORBIDDEN,
            "permission.lacking",
        );
        expect(
            put(house, "viewer", &format!("{path}/narrative"), &[], &json!({})),
            StatusCode::FORBIDDEN,
            "permission.lacking",
        );
        for role in ["group"] {
            // The brief is of the whole: below the top there is none.
            for end in ["", "/compare", "/lineage", "/narrative", "/file?format=pdf"] {
                expect(house.get(role, &format!("{path}{end}")), StatusCode::NOT_FOUND, "brief.unknown");
            }
            expect(house.get(role, "/briefs"), StatusCode::NOT_FOUND, "brief.unknown");
            expect(
                house.post(role, &format!("{path}/freeze"), json!({})),
                StatusCode::FORBIDDEN,
                "permission.lacking",
            );
            expect(
                put(house, role, &format!("{path}/narrative"), &[], &json!({})),
                StatusCode::FORBIDDEN,
                "permission.lacking",
            );
        }
        expect(house.get("office", "/briefs/2020-02-30"), invalid, "request.day");
        expect(house.get("office", "/briefs/2019-02-03"), StatusCode::NOT_FOUND, "form.not_assigned");
        expect(house.get("office", &format!("{path}?form=no")), StatusCode::NOT_FOUND, "form.unknown");
        expect(house.get("office", &format!("{path}?lang=fr")), invalid, "request.lang");
        expect(house.get("office", &format!("{path}/compare")), StatusCode::CONFLICT, "brief.not_frozen");
        expect(house.get("office", &format!("{path}/lineage")), StatusCode::CONFLICT, "brief.not_frozen");
        expect(house.get("office", &format!("{path}/file?format=gif")), invalid, "brief.format");
        expect(house.get("office", "/briefs?cursor=%00"), invalid, "request.cursor");
        let narrative = format!("{path}/narrative");
        expect(put(house, "office", &narrative, &[("if-match", "x")], &json!({})), invalid, "request.etag");
        expect(
            put(house, "office", &narrative, &[], &json!({ "progress": ["电 13800138000"] })),
            invalid,
            "brief.narrative_refused",
        );
        expect(
            put(house, "office", &narrative, &[], &json!({ "next": ["好".repeat(2001)] })),
            invalid,
            "brief.narrative_refused",
        );
        expect(
            put(house, "office", &format!("/briefs/{NEXT}/narrative"), &[], &json!({})),
            invalid,
            "brief.future_day",
        );
        expect(
            put(house, "office", &narrative, &[], &json!({ "progress": "x" })),
            invalid,
            "request.field_shape",
        );
    });
}

/// A printer of a line of shell: what it writes is another thing each time, so that a file that is kept is told from
/// one that is printed again. It is there as long as its folder is kept.
pub(crate) fn printer(line: &str) -> (Folder, Printer) {
    let folder = Folder::new("printer");
    let path = PathBuf::from(folder.file("printer.sh", format!("#!/bin/sh\n{line}\n").as_bytes()));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    (folder, Printer::new(Some(path)))
}

#[test]
fn every_statement_fits_both_stores() {
    each_store(MIGRATIONS, |at| {
        let failing = muster_store::statements_failing(&at.db, muster::lines::brief::STATEMENTS);
        assert!(failing.is_empty(), "{failing:?}");
    });
}

#[test]
fn every_refusal_has_its_sentence() {
    for code in [
        "brief.before_cut_off",
        "brief.unknown",
        "print.none",
        "print.not_built",
        "print.not_ready",
        "brief.narrative_refused",
    ] {
        for locale in Locale::ALL {
            assert_ne!(say::word(locale, code), code);
        }
    }
}
