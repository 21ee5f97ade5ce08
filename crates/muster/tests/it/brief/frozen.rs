//! A frozen day: it stays as it is, and what comes later is explained.

use super::{CUT_OFF_MS, DAY, DAY_MS, NEXT, a_day, brief, freeze, report, story, zero};
use crate::command::muster;
use crate::house::{House, NOW_MS};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use futures_util::stream;
use muster_kernel::Day;
use muster_store::{Stmt, Tx};
use serde_json::{Value, json};

/// Corrections of the next day's brief: unit and what is said of it.
fn corrected(house: &House) -> Vec<(String, String)> {
    house.app.clock.set(NOW_MS + DAY_MS);
    let next = brief(house, NEXT, "en");
    let word = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
    next["corrections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (word(one, "unit"), word(one, "before")))
        .collect()
}

/// What comes after the freeze is in the next brief, whatever a clock says.
#[test]
fn a_report_by_a_clock_that_is_behind_the_freeze_is_told_all_the_same() {
    story(|house| {
        a_day(house);
        house.app.clock.set(CUT_OFF_MS + 120_000);
        assert_eq!(freeze(house, DAY).status, StatusCode::OK);
        house.app.clock.set(CUT_OFF_MS - 60_000);
        zero(house, "S22", DAY);
        assert_eq!(corrected(house), [("S22".to_owned(), "missing at the freeze".to_owned())]);
        let verified = muster(&house.url, &["verify", "--deep"]);
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    });
}

/// Who begins to send before the cut-off and ends after the freeze has reported after the freeze: late, and told.
#[test]
fn what_is_sent_slowly_is_reported_when_all_of_it_is_there() {
    story(|house| {
        a_day(house);
        let row = json!({ "unit": "S22", "day": DAY, "act": "zero" }).to_string() + "\n";
        for path in ["/reports/bulk", "/imports/reports"] {
            let day = if path.contains("bulk") { DAY } else { NEXT };
            let shift = if day == DAY { 0 } else { DAY_MS };
            house.app.clock.set(CUT_OFF_MS + shift - 60_000);
            let row = row.replace(DAY, day);
            let (reads, read) = tokio::sync::oneshot::channel();
            let (goes_on, waits) = tokio::sync::oneshot::channel();
            let (first, rest) = (row[..20].to_owned(), row[20..].to_owned());
            let body = stream::once(async move {
                reads.send(()).unwrap();
                Ok::<_, std::io::Error>(first)
            });
            let body = futures_util::StreamExt::chain(
                body,
                stream::once(async move {
                    waits.await.unwrap();
                    Ok(rest)
                }),
            );
            let request = Request::builder()
                .method("POST")
                .uri(format!("/api/v1{path}"))
                .header("x-muster-role", "office")
                .header("content-type", "application/x-ndjson")
                .body(Body::from_stream(body))
                .unwrap();
            let router = muster::serve::router(house.app.clone());
            let said = std::thread::scope(|scope| {
                let sends = scope.spawn(|| house.answer(&router, request));
                house.run(read).unwrap();
                house.app.clock.set(CUT_OFF_MS + shift + 120_000);
                assert_eq!(freeze(house, day).status, StatusCode::OK);
                goes_on.send(()).unwrap();
                sends.join().unwrap()
            });
            assert_eq!(said.status, StatusCode::OK, "{path}: {}", said.json());
            let node = house.get("office", &format!("/totals?node=S22&day={day}")).json();
            assert_eq!(node["late"], json!(1), "{path}: {node}");
        }
    });
}

#[test]
fn a_frozen_page_does_not_change_and_what_comes_later_is_tomorrows_correction() {
    story(|house| {
        a_day(house);
        house.app.clock.set(CUT_OFF_MS + 120_000);
        let first = freeze(house, DAY);
        assert_eq!(first.status, StatusCode::OK, "{}", first.json());
        assert_eq!(first.json()["number"], 1);
        let langs = ["zh-CN", "zh-TW", "en"];
        let pages = langs.map(|lang| house.get("viewer", &format!("/briefs/{DAY}?lang={lang}")).bytes);
        let page: Value = serde_json::from_slice(&pages[2]).unwrap();
        assert_eq!((&page["frozen"], &page["number"]), (&json!(true), &json!("No. 1")));
        assert_eq!(page["digest"], first.json()["digest"]);
        assert_eq!(page["lineage"]["units"], 3);

        house.app.clock.set(CUT_OFF_MS + 3_600_000);
        assert_eq!(freeze(house, DAY).bytes, first.bytes, "twice is the first answer");
        assert_eq!(house.journalled("brief.freeze").len(), 1);
        zero(house, "S22", DAY);
        house.app.clock.set(CUT_OFF_MS + 3_660_000);
        report(
            house,
            "S11",
            DAY,
            json!({ "act": "values", "values": { "fever": 4 }, "reason": "复核, 电 0551-62887123" }),
        );
        for (lang, page) in langs.iter().zip(&pages) {
            assert_eq!(&house.get("viewer", &format!("/briefs/{DAY}?lang={lang}")).bytes, page);
        }

        house.app.clock.set(NOW_MS + DAY_MS);
        let next = brief(house, NEXT, "en");
        // The figure that the frozen page has otherwise says what the page has; the others say nothing.
        let notes = |doc: &Value| -> Vec<Value> {
            doc["totals"].as_array().unwrap().iter().map(|row| row["note"].clone()).collect()
        };
        assert_eq!(next["totals"][0]["yesterday"], json!(4.0));
        assert_eq!(notes(&next), [json!("Fever 3 people"), Value::Null, Value::Null, Value::Null]);
        let corrections = next["corrections"].as_array().unwrap();
        assert_eq!(corrections.len(), 2, "{corrections:?}");
        let came = &corrections[1];
        assert_eq!((&came["unit"], &came["day"], &came["revision"]), (&json!("S22"), &json!(DAY), &json!(1)));
        assert_eq!(
            (&came["element"], &came["before"], &came["after"]),
            (&json!("Report"), &json!("missing at the freeze"), &json!("zero report"))
        );
        let changed = &corrections[0];
        assert_eq!((&changed["before"], &changed["after"]), (&json!(3.0), &json!(4.0)));
        assert_eq!(changed["reason"], "复核, 电 ████");
        assert_eq!(changed["at"], "2020-02-06T16:01:00+08:00");

        house.app.clock.set(CUT_OFF_MS + DAY_MS);
        assert_eq!(freeze(house, NEXT).json()["number"], 2);
        let told = muster(&house.url, &["brief", "--day", NEXT]);
        let told = String::from_utf8(told.stdout).unwrap();
        let kinds: Vec<_> =
            told.lines().map(str::trim).filter(|line| line.contains(DAY) && !line.starts_with(DAY)).collect();
        assert!(
            matches!(kinds[..], [anew, first]
            if anew.starts_with("correction ") && first.starts_with("first report ")),
            "{told}"
        );
        house.app.clock.set(NOW_MS + 2 * DAY_MS);
        let after = brief(house, "2020-02-08", "en");
        assert_eq!(after["corrections"], json!([]), "told once");
        assert!(notes(&after).iter().all(Value::is_null), "its yesterday is as it was frozen");
        let listed = house.get("viewer", "/briefs?limit=1").json();
        assert_eq!(listed["items"][0]["day"], NEXT);
        let cursor = listed["next_cursor"].as_str().unwrap();
        let rest = house.get("viewer", &format!("/briefs?limit=1&cursor={cursor}")).json();
        assert_eq!(rest["items"][0]["day"], DAY);
    });
}

/// Reports that arrive while the day is being frozen are either in the brief or with the next day's corrections:
/// never in both, never in neither.
#[test]
fn a_report_and_a_freeze_that_meet_agree_on_which_side_it_lies() {
    story(|house| {
        house.app.clock.set(NOW_MS);
        let (house, mut inside) = (&*house, 0);
        for back in (2..10).rev() {
            let day = DAY.parse::<Day>().unwrap().plus(-back);
            let text = day.to_string();
            std::thread::scope(|scope| {
                for unit in ["S11", "S12", "S21", "S22"] {
                    let text = &text;
                    scope.spawn(move || zero(house, unit, text));
                }
                scope.spawn(|| assert_eq!(freeze(house, &text).status, StatusCode::OK));
            });
            let next = brief(house, &day.plus(1).to_string(), "en");
            for unit in ["S11", "S12", "S21", "S22"] {
                let lineage = house.get("viewer", &format!("/briefs/{text}/lineage?unit={unit}")).json();
                let frozen =
                    lineage["sheets"].as_array().unwrap().iter().any(|sheet| sheet["period"] == text);
                let told = next["corrections"].as_array().unwrap();
                let told = told.iter().any(|one| one["unit"] == unit && one["day"] == text);
                assert_ne!(frozen, told, "{unit} {text}");
                inside += i32::from(frozen);
            }
            let compared = house.get("viewer", &format!("/briefs/{text}/compare")).json();
            assert_eq!(compared["intact"], true);
        }
        eprintln!("{inside} of 32 reports came before the freeze");
    });
}

#[test]
fn figures_made_again_are_explained_by_the_sheets_that_changed() {
    story(|house| {
        a_day(house);
        house.app.clock.set(CUT_OFF_MS + 120_000);
        freeze(house, DAY);
        let same = house.get("viewer", &format!("/briefs/{DAY}/compare")).json();
        assert_eq!((&same["differences"], &same["causes"]), (&json!([]), &json!([])));
        assert_eq!(same["intact"], true);

        report(house, "S11", DAY, json!({ "act": "values", "values": { "fever": 4 }, "reason": "复核" }));
        zero(house, "S22", DAY);
        let compared = house.get("viewer", &format!("/briefs/{DAY}/compare")).json();
        let causes = compared["causes"].as_array().unwrap();
        let codes: Vec<&str> = causes.iter().map(|cause| cause["unit"].as_str().unwrap()).collect();
        assert_eq!(codes, ["S11", "S22"]);
        assert_eq!((&causes[0]["revision_frozen"], &causes[0]["revision_now"]), (&json!(1), &json!(2)));
        assert_eq!(causes[0]["changes"], json!([{ "element": "Fever", "before": 3.0, "after": 4.0 }]));
        assert_eq!((&causes[1]["revision_frozen"], &causes[1]["revision_now"]), (&Value::Null, &json!(1)));
        let difference = |part: &str, name: &str, unit: Value| {
            let all = compared["differences"].as_array().unwrap();
            let found = all.iter().find(|d| d["part"] == part && d["name"] == name && d["unit"] == unit);
            let found = found.unwrap_or_else(|| panic!("{part} {name}: {all:#?}"));
            (found["frozen"].clone(), found["now"].clone(), found["causes"].clone())
        };
        assert_eq!(difference("totals", "Fever", Value::Null), (json!(3.0), json!(4.0), json!([0, 1])));
        assert_eq!(difference("rates", "Missing", Value::Null), (json!(1.0), json!(0.0), json!([1])));
        assert_eq!(difference("groups", "Fever", json!("G1")), (json!(3.0), json!(4.0), json!([0])));
        assert_eq!(difference("groups", "Missing", json!("G2")), (json!(1.0), json!(0.0), json!([1])));

        let lineage = house.get("viewer", &format!("/briefs/{DAY}/lineage?unit=S11")).json();
        let sheets = lineage["sheets"].as_array().unwrap();
        assert_eq!(sheets.len(), 2);
        assert_eq!((&sheets[0]["period"], &sheets[0]["revision"]), (&json!(DAY), &json!(1)));
        assert_eq!(
            sheets[0]["values"],
            json!({ "fever": 3.0, "on_site": 90.0, "due": 200.0 }),
            "as it was frozen"
        );
        assert_eq!(sheets[1]["period"], "2020-02-05");
        assert_eq!(
            house.get("viewer", &format!("/briefs/{DAY}/lineage?unit=S22")).json()["sheets"],
            json!([])
        );
    });
}

#[test]
fn a_changed_byte_of_what_is_kept_is_seen() {
    const SPOIL: Stmt = Stmt::new(
        "test.spoil",
        "update brief_document set body = replace(body, '\"missing\":1', '\"missing\":0') where lang = 'zh-TW'",
    );
    story(|house| {
        a_day(house);
        freeze(house, DAY);
        let spoil = |tx: &mut Tx<'_>| tx.exec(&SPOIL, &[]).map(drop);
        house.app.db.write_blocking("test.spoil", NOW_MS, spoil).unwrap();
        assert_eq!(house.get("viewer", &format!("/briefs/{DAY}/compare")).json()["intact"], false);
    });
}

/// A first report that comes after the freeze is one line with what happened in it.
#[test]
fn a_late_first_report_with_a_fever_is_told_once() {
    story(|house| {
        a_day(house);
        house.app.clock.set(CUT_OFF_MS + 120_000);
        assert_eq!(freeze(house, DAY).status, StatusCode::OK);
        let late = json!({ "act": "values", "values": { "fever": 2, "on_site": 7, "due": 9 } });
        report(house, "S22", DAY, late);
        let two = json!({ "fever": 4, "on_site": 91 });
        report(house, "S11", DAY, json!({ "act": "values", "values": two, "reason": "recounted" }));
        house.app.clock.set(NOW_MS + DAY_MS);
        let told: Vec<_> = brief(house, NEXT, "en")["corrections"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| ["unit", "element", "before", "after"].map(|key| one[key].clone()))
            .collect();
        let line = |unit: &str, element: &str, before: Value, after: f64| {
            [json!(unit), json!(element), before, json!(after)]
        };
        let mut expected = vec![
            line("S11", "Fever", json!(3.0), 4.0),
            line("S11", "On site", json!(90.0), 91.0),
            line("S22", "Fever", json!("missing at the freeze"), 2.0),
        ];
        expected.retain(|line| !told.contains(line));
        assert!(told.len() == 3 && expected.is_empty(), "{told:?}");
        let told = muster(&house.url, &["brief", "--day", NEXT, "--lang", "en"]);
        let told = String::from_utf8(told.stdout).unwrap();
        assert_eq!(told.matches("\n  not written\n").count(), 3, "what nobody wrote is not said: {told}");
    });
}
