//! Links: a unit files one form without an account. Narrow, expiring, with a PIN by another way, revocable.

use crate::cast::{Cast, TODAY, Terms};
use crate::house::{Said, story};
use axum::http::StatusCode;
use muster::lines::access::accounts_replay;
use serde_json::{Value, json};

fn told(tell: impl Fn(&Cast<'_>)) {
    story(|house| {
        let cast = Cast::of(house, Terms::default());
        tell(&cast);
        cast.drawn_is_stored();
        assert_eq!(accounts_replay(&house.app.db, &house.app.seals).unwrap().wrong.faults_all, 0);
    });
}

fn refused(said: &Said) -> (u16, String) {
    (said.status.as_u16(), said.code())
}

/// Links of a unit, and of all below it of whom the daily form is asked.
fn issue(cast: &Cast<'_>, by: &str, wanted: Value) -> Vec<Value> {
    let said = cast.house.post(by, "/links", wanted);
    assert_eq!(said.status, StatusCode::OK, "{}", said.json());
    said.json()["items"].as_array().unwrap().clone()
}

fn open(cast: &Cast<'_>, link: &Value, pin: &str) -> Said {
    cast.house.post("", "/link/open", json!({ "token": link["token"], "pin": pin }))
}

/// What the device sends from then on.
fn device(opened: &Said) -> String {
    assert_eq!(opened.status, StatusCode::OK, "{}", opened.json());
    let line = opened.headers["set-cookie"].to_str().unwrap();
    assert!(
        line.contains("HttpOnly") && line.contains("SameSite=Strict") && line.contains("Path=/"),
        "{line}"
    );
    line.split(';').next().unwrap().to_owned()
}

fn ask(cast: &Cast<'_>, device: &str, method: &str, path: &str, body: Value) -> Said {
    let headers = [("cookie", device), ("content-type", "application/json")];
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    cast.house.ask("", method, path, &headers, body)
}

#[test]
fn a_unit_files_by_its_link_and_nothing_else() {
    told(|cast| {
        let links = issue(cast, "group", json!({ "under": "G1" }));
        let units: Vec<&str> = links.iter().map(|link| link["unit_code"].as_str().unwrap()).collect();
        assert_eq!(
            units,
            ["G1", "F11", "S111", "S112", "F12", "S121"],
            "of whom the form is asked, in the tree's order"
        );
        let link = &links[2];
        let pin = link["pin"].as_str().unwrap();
        assert_eq!(pin.len(), 6);
        let opened = open(cast, link, pin);
        assert_eq!((&opened.json()["unit_code"], &opened.json()["form"]), (&json!("S111"), &json!("daily")));
        let device = device(&opened);

        let path = format!("/link/reports/{TODAY}");
        let sheet = ask(cast, &device, "GET", &path, Value::Null).json();
        assert_eq!((&sheet["unit"]["code"], &sheet["status"]), (&json!("S111"), &json!("expected")));
        assert_eq!(sheet["path"], json!([]), "who stands above is not told");
        let filed = ask(cast, &device, "PUT", &path, json!({ "act": "values", "values": { "staff": 12 } }));
        assert_eq!((filed.status, &filed.json()["unit"]), (StatusCode::OK, &json!("S111")));
        assert_eq!(cast.totals("R")["rates"]["actual"], 1);
        let history = cast.get("office", &format!("/reports/S111/{TODAY}/history")).to_string();
        assert!(history.contains(&format!("link:{}", link["id"].as_str().unwrap())), "{history}");
        let corrected = json!({ "act": "values", "values": { "staff": 13 }, "reason": "数错了" });
        assert_eq!(ask(cast, &device, "PUT", &path, corrected).status, StatusCode::OK);
        // What was filed is told again, with the receipts to read out.
        let told = ask(cast, &device, "GET", &format!("{path}/history"), Value::Null).json();
        let receipts: Vec<&Value> =
            told["revisions"].as_array().unwrap().iter().map(|one| &one["receipt"]).collect();
        assert_eq!((receipts.len(), receipts[1]), (2, &filed.json()["receipt"]), "{told}");
        let bad = ask(cast, &device, "GET", "/link/reports/2020-02-30/history", Value::Null);
        assert_eq!(refused(&bad), (422, "request.day".into()));
        assert_eq!(
            refused(&ask(cast, "", "GET", &format!("{path}/history"), Value::Null)),
            (401, "link.needed".into())
        );

        // Nothing else is open, whatever is asked.
        for path in [
            "/units",
            "/reports/S111/2020-02-03",
            "/totals?node=unit:S111",
            "/session",
            "/links?under=S111",
            "/missing",
        ] {
            let router = muster::serve::router({
                let mut app = cast.house.app.clone();
                app.login = muster::app::Login::Local;
                app
            });
            let request = axum::http::Request::get(format!("/api/v1{path}")).header("cookie", &device);
            let said = cast.house.answer(&router, request.body(axum::body::Body::empty()).unwrap());
            assert_eq!(refused(&said), (401, "session.needed".into()), "{path}");
        }
        // What the superior put right is the superior's.
        let listed = cast.get("group", "/links?under=G1");
        let own = listed["items"].as_array().unwrap().iter().find(|one| one["unit_code"] == "S111").unwrap();
        assert_eq!(own["devices"], 1);
        let text = listed.to_string();
        assert!(!text.contains(pin) && !text.contains(link["token"].as_str().unwrap()), "shown once");
    });
}

#[test]
fn nobody_overwrites_a_report_by_a_link_that_they_issue_themselves() {
    told(|cast| {
        let lent = |by: &str| {
            let links = issue(cast, by, json!({ "under": "S111", "alone": true, "pin": false }));
            device(&open(cast, &links[0], ""))
        };
        let path = format!("/link/reports/{TODAY}");
        let said =
            |fever: i64| json!({ "act": "values", "values": { "fever": fever }, "reason": "counted again" });
        // What the unit said by its own hand is not corrected by a link that was issued after it, whoever holds it.
        cast.say("clerk", "S111", json!({ "fever": 7 }));
        cast.clock("10:30");
        let over = ask(cast, &lent("group"), "PUT", &path, said(0));
        assert_eq!(refused(&over), (403, "report.of_another".into()));
        // Nor what was said by another link before.
        cast.clock("10:40");
        let own = lent("group");
        cast.clock("10:50");
        let next = "/link/reports/2020-02-02";
        assert_eq!(ask(cast, &own, "PUT", next, said(1)).status, StatusCode::OK);
        cast.clock("11:00");
        let later = lent("office");
        assert_eq!(refused(&ask(cast, &later, "PUT", next, said(0))), (403, "report.of_another".into()));
        // Their own, and what the unit says while it holds the link, whoever holds that puts right.
        assert_eq!(ask(cast, &later, "PUT", "/link/reports/2020-02-01", said(2)).status, StatusCode::OK);
        assert_eq!(ask(cast, &later, "PUT", "/link/reports/2020-02-01", said(3)).status, StatusCode::OK);
        cast.clock("11:10");
        let filed = cast.put_on(
            "clerk",
            "S111",
            "2020-01-31",
            &[],
            json!({ "act": "values", "values": { "fever": 5 } }),
        );
        assert_eq!(filed.status, StatusCode::OK, "{}", filed.json());
        assert_eq!(ask(cast, &later, "PUT", "/link/reports/2020-01-31", said(4)).status, StatusCode::OK);
        // Whoever reads the report is told by whose link it was said.
        let past = cast.get("clerk", "/reports/S111/2020-02-01/history")["revisions"][0].clone();
        assert!(past["actor"].as_str().unwrap().starts_with("link:"), "{past}");
        let by = past["link"]["by"].as_str().unwrap();
        assert!(by.ends_with(":office") && past["link"]["at"] == "2020-02-03T11:00:00+08:00", "{past}");
        let own = cast.get("clerk", &format!("/reports/S111/{TODAY}/history"))["revisions"][0].clone();
        assert_eq!(own["link"], Value::Null);
    });
}

#[test]
fn a_link_is_issued_within_ones_own_part_of_the_tree_only() {
    told(|cast| {
        let wanted = |under: &str| json!({ "under": under });
        let issue = |by: &str, wanted: Value| refused(&cast.house.post(by, "/links", wanted));
        assert_eq!(issue("beside", wanted("S111")), (404, "unit.unknown".into()));
        assert_eq!(issue("group", wanted("R")), (404, "unit.unknown".into()));
        assert_eq!(issue("clerk", wanted("S111")), (403, "permission.lacking".into()));
        for (more, code) in [
            (json!({ "days": 0 }), "link.days"),
            (json!({ "days": 181 }), "link.days"),
            (json!({ "cursor": "!" }), "request.cursor"),
            (json!({ "form": "none" }), "form.unknown"),
        ] {
            let mut wanted = wanted("S111");
            wanted.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            assert_eq!(issue("group", wanted).1, code, "{more}");
        }
        assert_eq!(refused(&cast.house.get("beside", "/links?under=S111")), (404, "unit.unknown".into()));
        let link = self::issue(cast, "group", json!({ "under": "S111", "alone": true })).remove(0);
        let end = |by: &str| {
            cast.house.post(by, &format!("/links/{}/end", link["id"].as_str().unwrap()), json!({}))
        };
        assert_eq!(refused(&end("beside")), (404, "link.unknown".into()));
        assert_eq!(end("group").status, StatusCode::NO_CONTENT);
        assert_eq!(refused(&end("group")), (404, "link.unknown".into()));
    });
}

#[test]
fn one_that_was_ended_replaced_or_is_too_old_opens_no_more_and_whoever_had_it_open_is_out() {
    told(|cast| {
        let wanted = json!({ "under": "S111", "alone": true, "pin": false, "days": 3 });
        let fresh = || issue(cast, "group", wanted.clone()).remove(0);
        let is_open = |device: &str| ask(cast, device, "GET", "/link", Value::Null).status == StatusCode::OK;
        let first = fresh();
        let held = device(&open(cast, &first, ""));
        assert!(is_open(&held));
        let second = fresh();
        assert!(!is_open(&held), "another one was issued");
        assert_eq!(refused(&open(cast, &first, "")), (404, "link.unknown".into()));
        let held = device(&open(cast, &second, ""));
        cast.house.post("group", &format!("/links/{}/end", second["id"].as_str().unwrap()), json!({}));
        assert!(!is_open(&held), "it was ended");
        let third = fresh();
        let held = device(&open(cast, &third, ""));
        assert!(is_open(&held));
        assert_eq!(ask(cast, &held, "DELETE", "/link", Value::Null).status, StatusCode::NO_CONTENT);
        assert!(!is_open(&held), "it was closed on this device");
        let held = device(&open(cast, &third, ""));
        cast.clock("02-06 10:00");
        assert!(!is_open(&held), "three days are over");
        assert_eq!(refused(&open(cast, &third, "")), (404, "link.unknown".into()));
        // Whoever had one open is told that it is no more; whoever never had is not.
        let why = |device: &str| refused(&ask(cast, device, "GET", "/link", Value::Null));
        for device in ["", "muster_link=", "muster_link=x"] {
            assert_eq!(why(device), (401, "link.needed".into()));
        }
        for device in [&held, &format!("muster_link={}", "f".repeat(64))] {
            assert_eq!(why(device), (401, "link.ended".into()));
        }
    });
}

#[test]
fn whom_a_link_is_forwarded_to_has_half_of_it() {
    told(|cast| {
        let link = issue(cast, "group", json!({ "under": "S111", "alone": true })).remove(0);
        let pin = link["pin"].as_str().unwrap().to_owned();
        let wrong = if pin == "123456" { "654321" } else { "123456" };
        let holder = device(&open(cast, &link, &pin));
        for _ in 0..5 {
            assert_eq!(refused(&open(cast, &link, wrong)), (401, "link.pin".into()));
        }
        let waiting = open(cast, &link, &pin);
        assert_eq!(refused(&waiting), (429, "link.wait".into()), "now even the right one waits");
        assert_eq!(waiting.headers["retry-after"], "60");
        assert_eq!(
            ask(cast, &holder, "GET", "/link", Value::Null).status,
            StatusCode::OK,
            "who has it open stays in"
        );
        cast.clock("10:02");
        assert_eq!(refused(&open(cast, &link, wrong)), (401, "link.pin".into()));
        assert_eq!(refused(&open(cast, &link, &pin)), (429, "link.wait".into()));
        cast.clock("10:05");
        device(&open(cast, &link, &pin));
        // After a right one, five are free again.
        assert_eq!(refused(&open(cast, &link, wrong)), (401, "link.pin".into()));
        for _ in 0..18 {
            open(cast, &link, &pin);
        }
        assert_eq!(refused(&open(cast, &link, &pin)), (409, "link.devices".into()), "twenty devices at most");
        for (token, pin) in [
            ("x".repeat(300), String::new()),
            ("x".to_owned(), "9".repeat(300)),
            (String::new(), String::new()),
        ] {
            let said = cast.house.post("", "/link/open", json!({ "token": token, "pin": pin }));
            assert_eq!(refused(&said), (404, "link.unknown".into()));
        }
    });
}

#[test]
fn who_says_no_pin_is_asked_for_it_and_who_has_it_open_is_not_asked_again() {
    told(|cast| {
        let link = issue(cast, "group", json!({ "under": "S111", "alone": true })).remove(0);
        let pin = link["pin"].as_str().unwrap().to_owned();
        // As often as they like: it is no try, and opens nothing.
        for _ in 0..7 {
            let asked = open(cast, &link, "");
            assert_eq!((asked.status, &asked.json()["open"]), (StatusCode::OK, &json!(false)));
            assert_eq!(asked.json()["unit_code"], "S111");
            assert!(!asked.headers.contains_key("set-cookie"), "nothing is open");
        }
        let first = open(cast, &link, &pin);
        assert_eq!(first.json()["open"], true);
        let held = device(&first);
        let token = json!({ "token": link["token"], "pin": "" });
        let again = ask(cast, &held, "POST", "/link/open", token.clone());
        assert_eq!((again.status, &again.json()["open"]), (StatusCode::OK, &json!(true)));
        assert!(!again.headers.contains_key("set-cookie"), "it is the same device");
        let devices =
            |under: &str| cast.get("group", &format!("/links?under={under}"))["items"][0]["devices"].clone();
        assert_eq!(devices("S111"), 1);
        // A device on which another link is open knows nothing of this one.
        let other = issue(cast, "group", json!({ "under": "S112", "alone": true })).remove(0);
        let elsewhere = device(&open(cast, &other, other["pin"].as_str().unwrap()));
        let asked = ask(cast, &elsewhere, "POST", "/link/open", token);
        assert_eq!(asked.json()["open"], false);
        // One without a PIN opens at once.
        let bare = issue(cast, "group", json!({ "under": "S121", "alone": true, "pin": false })).remove(0);
        assert_eq!(open(cast, &bare, "").json()["open"], true);
    });
}

#[test]
fn on_its_first_day_no_day_before_is_offered_and_asked_for_it_is_refused_by_name() {
    told(|cast| {
        let add = json!({ "code": "S113", "names": { "zh-Hans": "新开项目部" }, "kind": "site", "parent": "F11", "opened": TODAY });
        let said = cast.house.post("office", "/units", add);
        assert!(said.status.is_success(), "{}", said.json());
        let of = |unit: &str| {
            let link = issue(cast, "group", json!({ "under": unit, "alone": true, "pin": false })).remove(0);
            let opened = open(cast, &link, "");
            (device(&opened), opened.json()["yesterday"].clone())
        };
        let ((fresh, not_offered), (old, offered)) = (of("S113"), of("S111"));
        assert_eq!((not_offered, offered), (json!(false), json!(true)));
        let here = |device: &str| ask(cast, device, "GET", "/link", Value::Null).json()["yesterday"].clone();
        assert_eq!((here(&fresh), here(&old)), (json!(false), json!(true)));
        let said = ask(cast, &fresh, "GET", "/link/reports/2020-02-02", Value::Null);
        assert_eq!(refused(&said), (404, "link.no_unit".into()));
        assert!(said.json()["title"].as_str().unwrap().contains("新开项目部"), "{}", said.json());
        let report = ask(cast, &fresh, "PUT", "/link/reports/2020-02-02", json!({ "act": "zero" }));
        assert_eq!(refused(&report), (404, "link.no_unit".into()));
    });
}

#[test]
fn the_journal_says_whose_link_it_was_and_finds_those_of_links_and_of_programs() {
    told(|cast| {
        let link = issue(cast, "group", json!({ "under": "S111", "alone": true, "pin": false })).remove(0);
        let held = device(&open(cast, &link, ""));
        let filed = ask(cast, &held, "PUT", &format!("/link/reports/{TODAY}"), json!({ "act": "zero" }));
        assert_eq!(filed.status, StatusCode::OK, "{}", filed.json());
        let found = cast.get("office", "/journal?actor=link:");
        let items = found["items"].as_array().unwrap();
        let by = format!("link:{}", link["id"].as_str().unwrap());
        assert_eq!(items.len(), 2, "opened, and filed: {found}");
        for entry in items {
            assert_eq!(
                (&entry["actor"], &entry["actor_unit"]["code"]),
                (&json!(by), &json!("S111")),
                "{entry}"
            );
            assert!(!entry["actor_unit"]["name"].as_str().unwrap().is_empty(), "{entry}");
        }
        assert_eq!(cast.get("office", "/journal?actor=token:")["items"], json!([]));
        let issued = cast.get("office", "/journal?action=link.issue");
        assert_eq!(issued["items"][0]["actor_unit"], Value::Null, "{issued}");
    });
}

#[test]
fn a_link_goes_with_its_unit_and_ends_with_it() {
    told(|cast| {
        let links = issue(cast, "office", json!({ "under": "R", "pin": false }));
        let of = |unit: &str| links.iter().find(|link| link["unit_code"] == unit).unwrap();
        let [closed, merged, moved] = ["S112", "S111", "S211"].map(|unit| device(&open(cast, of(unit), "")));
        let is_open = |device: &str| ask(cast, device, "GET", "/link", Value::Null).status == StatusCode::OK;
        assert!([&closed, &merged, &moved].iter().all(|device| is_open(device)));
        let lists = |by: &str, under: &str, unit: &str| {
            let listed = cast.get(by, &format!("/links?under={under}"));
            listed["items"].as_array().unwrap().iter().any(|link| link["unit_code"] == unit)
        };
        let end = |by: &str, unit: &str| {
            cast.house.post(by, &format!("/links/{}/end", of(unit)["id"].as_str().unwrap()), json!({}))
        };

        // Closed: whoever has it open is out, and nobody opens it.
        let close = json!({ "day": TODAY });
        assert!(cast.house.post("office", "/units/S112/close", close).status.is_success());
        assert!(!is_open(&closed));
        assert_eq!(refused(&open(cast, of("S112"), "")), (404, "link.unit_closed".into()));
        let report = ask(cast, &closed, "PUT", &format!("/link/reports/{TODAY}"), json!({ "act": "zero" }));
        assert_eq!(refused(&report), (401, "link.ended".into()));
        assert!(!lists("group", "G1", "S112"));

        // Made part of another: as closed.
        let merge = json!({ "from": ["S111"], "into": "S121", "day": TODAY });
        let said = cast.house.post("office", "/units/merge", merge);
        assert!(said.status.is_success(), "{}", said.json());
        assert!(!is_open(&merged) && !lists("office", "R", "S111"));
        assert_eq!(refused(&open(cast, of("S111"), "")), (404, "link.unit_closed".into()));

        // Moved: it goes on, and is the new office's to see and to end.
        assert!(lists("beside", "G2", "S211") && !lists("group", "G1", "S211"));
        let said = cast.house.post("office", "/units/S211/move", json!({ "parent": "F12", "day": TODAY }));
        assert!(said.status.is_success(), "{}", said.json());
        assert!(is_open(&moved));
        let path = format!("/link/reports/{TODAY}");
        let filed = ask(cast, &moved, "PUT", &path, json!({ "act": "values", "values": { "staff": 12 } }));
        assert_eq!(filed.status, StatusCode::OK, "{}", filed.json());
        assert!(!lists("beside", "G2", "S211") && lists("group", "G1", "S211"));
        assert_eq!(refused(&end("beside", "S211")), (404, "link.unknown".into()));
        assert_eq!(end("group", "S211").status, StatusCode::NO_CONTENT);
        assert!(!is_open(&moved));
    });
}
