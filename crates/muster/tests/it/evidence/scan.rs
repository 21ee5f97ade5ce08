//! The scan of a report's signed page, and whether a paper is what is held; on both stores.

use crate::cast::{Cast, TODAY, Terms};
use crate::house::{House, Said, story};
use axum::http::StatusCode;
use muster_kernel::Digest;
use serde_json::{Value, json};

const PDF: &[u8] = b"%PDF-1.7 signed and sealed";

fn put(house: &House, role: &str, path: &str, bytes: &[u8]) -> Said {
    house.ask(role, "PUT", path, &[("content-type", "application/octet-stream")], bytes.to_vec())
}

fn path(unit: &str) -> String {
    format!("/reports/{unit}/{TODAY}/scan")
}

#[test]
fn a_scan_is_kept_with_the_revision_it_shows() {
    story(|house| {
        let cast = Cast::of(house, Terms::default());
        let early = put(house, "clerk", &path("S111"), PDF);
        assert_eq!((early.status, early.code().as_str()), (StatusCode::NOT_FOUND, "scan.no_report"));
        cast.say("clerk", "S111", json!({ "staff": 5 }));
        assert_eq!(house.get("clerk", &path("S111")).code(), "scan.none");
        let kept = put(house, "clerk", &path("S111"), PDF);
        assert_eq!(kept.status, StatusCode::CREATED, "{}", kept.json());
        let digest = Digest::of(PDF).to_string();
        let body = kept.json();
        assert_eq!(
            (&body["digest"], &body["revision"], &body["bytes"]),
            (&json!(digest), &json!(1), &json!(PDF.len()))
        );
        // The same again is the same; no second entry.
        assert_eq!(put(house, "clerk", &path("S111"), PDF).status, StatusCode::OK);
        assert_eq!(house.journalled("report.scan").len(), 1);
        let entry: Value = serde_json::from_slice(&house.journalled("report.scan")[0].body).unwrap();
        assert_eq!((&entry["digest"], &entry["revision"]), (&json!(digest), &json!(1)));

        let read = house.get("clerk", &path("S111"));
        assert_eq!((read.status, &read.bytes[..]), (StatusCode::OK, PDF));
        assert_eq!(read.headers["x-content-type-options"], "nosniff");
        assert!(read.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));

        // A correction has a paper of its own; the first stays with the first.
        let body = json!({ "act": "values", "values": { "staff": 6 }, "reason": "counted twice" });
        assert_eq!(cast.put("clerk", "S111", body).status, StatusCode::OK);
        let second = [PDF, b" again"].concat();
        assert_eq!(put(house, "clerk", &path("S111"), &second).json()["revision"], 2);
        assert_eq!(house.get("group", &path("S111")).bytes, second);
        assert_eq!(house.get("group", &format!("{}?digest={digest}", path("S111"))).bytes, PDF);
        let none = house.get("group", &format!("{}?digest=sha256:00", path("S111")));
        assert_eq!(none.code(), "scan.none");
        let history = cast.get("clerk", &format!("/reports/S111/{TODAY}/history"));
        let scans: Vec<_> = history["revisions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| r["scans"][0]["digest"].clone())
            .collect();
        assert_eq!(scans, [json!(Digest::of(&second).to_string()), json!(digest)]);
        // The journal's page tells of it, by the sheet it belongs to.
        let found = cast.get("office", "/journal?action=report.scan");
        assert_eq!(found["items"][0]["action_text"], "Scan of the signed page kept");
        assert_eq!(found["items"][0]["subject"]["day"], TODAY);
        cast.drawn_is_stored();
    });
}

#[test]
fn what_is_no_scan_is_refused_and_nothing_is_kept() {
    story(|house| {
        let cast = Cast::of(house, Terms::default());
        cast.say("clerk", "S111", json!({ "staff": 5 }));
        let large = [PDF, &vec![b' '; 10 << 20]].concat();
        let (at, mark) = (path("S111"), "%E6%9C%BA%E5%AF%86%E2%98%85.pdf");
        for (ask, bytes, code) in [
            (at.clone(), &b"<html>"[..], "scan.type"),
            (at.clone(), b"", "scan.type"),
            (at.clone(), b"GIF89a", "scan.type"),
            (at.clone(), b"\xff\xd8\xff\xe1\xff", "scan.broken"),
            (at.clone(), &large, "request.too_large"),
            (format!("{at}?name={mark}"), PDF, "scan.secrecy_mark"),
            (format!("{at}?name={}", "a".repeat(301)), PDF, "request.unreadable"),
            (format!("{at}?form=none"), PDF, "form.unknown"),
            ("/reports/S111/x/scan".to_owned(), PDF, "request.day"),
            (path("S211"), PDF, "unit.unknown"),
        ] {
            // Who says nothing of what it is: a file that is not what it is said to be is refused before this line sees it.
            let untold = [("content-type", "application/octet-stream")];
            let said = house.ask("clerk", "PUT", &ask, &untold, bytes.to_vec());
            assert!(
                said.status.is_client_error() && said.code() == code,
                "{ask}: {} {}",
                said.status,
                said.json()
            );
        }
        assert_eq!(put(house, "viewer", &at, PDF).status, StatusCode::FORBIDDEN);
        assert!(house.journalled("report.scan").is_empty());
        assert_eq!(house.get("clerk", &at).code(), "scan.none");
    });
}

#[test]
fn a_paper_is_what_is_held_or_was_or_neither() {
    story(|house| {
        let cast = Cast::of(house, Terms::default());
        cast.say("clerk", "S111", json!({ "staff": 5 }));
        let hash = || {
            let history = cast.get("clerk", &format!("/reports/S111/{TODAY}/history"));
            history["revisions"][0]["hash"].as_str().unwrap().to_owned()
        };
        let first = hash();
        let filed = &house.journalled("report.file")[0];
        assert_eq!(first, Digest::of(&filed.body).to_string(), "as the journal holds it");
        let check = |role: &str, unit: &str, revision: i64, hash: &str| {
            let paper = json!({ "unit": unit, "day": TODAY, "revision": revision, "hash": hash });
            let said = house.post(role, "/reports/check", paper).json();
            (
                said["matches"].as_str().or(said["code"].as_str()).unwrap_or_default().to_owned(),
                said["revision"].clone(),
            )
        };
        let told = |word: &str, revision: Value| (word.to_owned(), revision);
        assert_eq!(check("clerk", "S111", 1, &first), told("yes", json!(1)));
        let digits = first.strip_prefix("sha256:").unwrap().to_uppercase();
        assert_eq!(check("clerk", "S111", 1, &digits), told("yes", json!(1)));
        let body = json!({ "act": "values", "values": { "staff": 6 }, "reason": "counted twice" });
        assert_eq!(cast.put("clerk", "S111", body).status, StatusCode::OK);
        assert_eq!(check("viewer", "S111", 1, &first), told("superseded", json!(2)));
        assert_eq!(check("viewer", "S111", 2, &hash()), told("yes", json!(2)));
        for (revision, hash) in
            [(2, first.as_str()), (3, &first), (0, &first), (-1, &first), (1, ""), (1, "sha256:")]
        {
            assert_eq!(check("clerk", "S111", revision, hash), told("no", json!(2)), "{revision} {hash}");
        }
        assert_eq!(check("clerk", "S112", 1, &first), told("unit.unknown", Value::Null));
        assert_eq!(check("office", "S112", 1, &first), told("no", Value::Null), "never reported");
    });
}
