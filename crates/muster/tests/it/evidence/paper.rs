//! A report on paper: what the printer is given, the same for the same revision, and that its square is believed.

use crate::cast::{Cast, TODAY, Terms, names};
use crate::command::Folder;
use crate::house::{House, Said};
use axum::http::StatusCode;
use muster::lines::operation::operation_set;
use muster::migrations::MIGRATIONS;
use muster_store::testdb::each_store;
use serde_json::{Value, json};
use std::collections::HashMap;

/// A story in a house whose printer may be another.
fn story(tell: impl Fn(&mut House)) {
    each_store(MIGRATIONS, |at| tell(&mut House::on(at)));
}

/// Prints by handing back the document, as long as what it returns is kept.
fn echoing(house: &mut House) -> Folder {
    let (folder, printer) = crate::brief::printer("cat");
    house.app.printer = printer;
    folder
}

fn path(unit: &str, ask: &str) -> String {
    format!("/reports/{unit}/{TODAY}/file?{ask}")
}

fn printed(house: &House, who: &str, unit: &str, ask: &str) -> Value {
    let said = house.get(who, &path(unit, ask));
    assert_eq!(said.status, StatusCode::OK, "{}", said.json());
    serde_json::from_slice(&said.bytes).unwrap()
}

/// What the square says, by its words.
fn square(doc: &Value) -> HashMap<String, String> {
    let text = doc["check"]["text"].as_str().unwrap();
    let asked = text.split_once('#').map_or(text, |(_, asked)| asked);
    asked.split('&').filter_map(|pair| pair.split_once('=')).map(|(k, v)| (k.into(), v.into())).collect()
}

fn checked(house: &House, doc: &Value) -> Said {
    let said = square(doc);
    let paper = json!({
        "unit": said["unit"], "day": said["day"], "form": said["form"], "scope": said["scope"],
        "revision": said["rev"].parse::<i64>().unwrap(), "hash": said["hash"],
    });
    house.post("clerk", "/reports/check", paper)
}

#[test]
fn a_paper_says_what_is_held_and_its_square_is_believed() {
    story(|house| {
        let cast = Cast::of(house, Terms::default());
        cast.write(|tx, ctx| operation_set(tx, ctx, |own| own.office = names("The office")));
        let _printer = echoing(house);
        let cast = Cast { house };
        assert_eq!(house.get("clerk", &path("S111", "format=pdf")).code(), "paper.no_report");
        cast.say(
            "clerk",
            "S111",
            json!({ "staff": 5, "area": 1.25, "difficulties": "masks", "mood": "calm" }),
        );
        let doc = printed(house, "clerk", "S111", "format=pdf&lang=en");
        assert_eq!(
            (&doc["unit"], &doc["day"], &doc["title"]),
            (&json!("S111 S111"), &json!(TODAY), &json!("daily"))
        );
        let rows: Vec<_> =
            doc["rows"].as_array().unwrap().iter().map(|row| (&row["name"], &row["value"])).collect();
        let (said, not) = (|name, value| (json!(name), json!(value)), "not said");
        let expected = [
            said("fever", not),
            said("staff", "5"),
            said("isolated", not),
            said("area", "1.25"),
            said("mood", "calm"),
            said("confirmed", not),
            said("difficulties", "masks"),
        ];
        assert_eq!(rows, expected.iter().map(|(name, value)| (name, value)).collect::<Vec<_>>());
        let history = cast.get("clerk", &format!("/reports/S111/{TODAY}/history"));
        let first = &history["revisions"][0];
        assert_eq!(doc["check"]["hash"], first["hash"]);
        let facts = doc["facts"].to_string();
        assert!(
            facts.contains(first["receipt"].as_str().unwrap()) && facts.contains("role:clerk"),
            "{facts}"
        );
        assert_eq!(checked(house, &doc).json()["matches"], "yes");

        // The same revision, whoever asks and whenever, is the same to the byte; another language is another.
        let bytes = |who: &str, ask: &str| house.get(who, &path("S111", ask)).bytes;
        let kept = bytes("clerk", "format=pdf&lang=en");
        cast.clock("16:00");
        assert_eq!(bytes("viewer", "format=pdf&lang=en"), kept);
        assert_ne!(bytes("clerk", "format=pdf&lang=zh-CN"), kept);
        let as_docx = house.get("clerk", &path("S111", "format=docx&lang=en"));
        let name = as_docx.headers["content-disposition"].to_str().unwrap();
        assert!(name.ends_with(&format!("\"report-S111-{TODAY}-1-en.docx\"")), "{name}");

        // A correction is another paper, and the first is told to be passed by.
        let body = json!({ "act": "zero", "reason": "counted twice" });
        assert_eq!(cast.put("clerk", "S111", body).status, StatusCode::OK);
        let second = printed(house, "clerk", "S111", "format=pdf&lang=en");
        assert_ne!(second["statement"], doc["statement"]);
        assert_eq!(second["texts"], json!([["Why it was corrected", "counted twice"]]));
        let old = checked(house, &doc).json();
        assert_eq!((&old["matches"], &old["revision"]), (&json!("superseded"), &json!(2)));
        assert_eq!(checked(house, &second).json()["matches"], "yes");
        let mut forged = second.clone();
        forged["check"]["text"] = json!(second["check"]["text"].as_str().unwrap().replace("rev=2", "rev=1"));
        assert_eq!(checked(house, &forged).json()["matches"], "no");
        assert!(house.journalled("report.print").is_empty(), "printing reads");
    });
}

#[test]
fn a_paper_is_for_who_may_read_the_report_and_comes_in_two_formats() {
    story(|house| {
        Cast::of(house, Terms::default()).say("clerk", "S111", json!({ "staff": 5 }));
        let _printer = echoing(house);
        for (who, ask, code) in [
            ("beside", path("S111", "format=pdf"), "unit.unknown"),
            ("second", path("S111", "format=pdf"), "unit.unknown"),
            ("clerk", path("S111", "format=png"), "paper.format"),
            ("clerk", path("S111", "format=xlsx"), "paper.format"),
            ("clerk", path("S111", "format="), "paper.format"),
            ("clerk", path("S111", "lang=en"), "request.field_missing"),
            ("clerk", path("S111", "format=pdf&lang=fr"), "request.lang"),
            ("clerk", path("S111", "format=pdf&form=none"), "form.unknown"),
            ("clerk", path("S111", "format=pdf&scope=below"), "paper.no_report"),
            ("clerk", "/reports/S111/x/file?format=pdf".to_owned(), "request.day"),
        ] {
            let said = house.get(who, &ask);
            assert!(said.status.is_client_error(), "{ask}: {}", said.status);
            assert_eq!(said.code(), code, "{who} {ask}: {}", said.json());
        }
    });
}

#[test]
fn the_square_opens_the_page_of_a_house_that_knows_its_name() {
    story(|house| {
        Cast::of(house, Terms::default()).say("clerk", "S111", json!({ "staff": 5 }));
        let _printer = echoing(house);
        let text = |house: &House| printed(house, "clerk", "S111", "format=pdf")["check"]["text"].clone();
        assert!(text(house).as_str().unwrap().starts_with("unit=S111&day="));
        let named =
            muster::request::Outside { address: Some("https://desk.test".into()), ..Default::default() };
        house.app.outside = std::sync::Arc::new(named);
        assert!(text(house).as_str().unwrap().starts_with("https://desk.test/check#unit=S111&day="));
    });
}
