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
        assert_eq!(accounts_replay(&house.app.db).unwrap().wrong.faults_all, 0);
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
        for device in ["muster_link=", "muster_link=x", &format!("muster_link={}", "f".repeat(64))] {
            assert_eq!(refused(&ask(cast, device, "GET", "/link", Value::Null)), (401, "link.needed".into()));
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
        assert_eq!(refused(&open(cast, &link, "")), (401, "link.pin".into()));
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
