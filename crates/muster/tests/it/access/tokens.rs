//! Programs ask by tokens, people come in by a second thing: each narrow, expiring, and never taken twice.

use super::letters::{CHOSEN, Desk, cookie, desk, invited, refused};
use crate::cast::{Cast, TODAY};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use muster::lines::access::accounts_replay;
use serde_json::{Value, json};

/// Liu at S111, logged in, who may fill in there.
fn logged_in(cast: &Cast<'_>, desk: &Desk<'_>) -> (String, String) {
    let (id, letter) = invited(cast);
    let given =
        cast.house.post("group", "/grants", json!({ "account": id, "role": "filler", "unit": "S111" }));
    assert_eq!(given.status, StatusCode::CREATED, "{}", given.json());
    let open = json!({ "token": letter, "password": CHOSEN });
    (id, cookie(&desk.ask("", "POST", "/letters/open", open)))
}

fn by_token(desk: &Desk<'_>, says: &str, method: &str, path: &str, body: Value) -> crate::house::Said {
    let request = Request::builder().method(method).uri(format!("/api/v1{path}"));
    let request = request.header("authorization", says).header("content-type", "application/json");
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    desk.house.answer(&desk.router, request.body(body).unwrap())
}

#[test]
fn a_program_asks_as_its_owner_over_the_scope_of_its_token_and_nothing_else() {
    desk(|cast, desk| {
        let (_, session) = logged_in(cast, desk);
        let issue = |wanted: Value| desk.ask(&session, "POST", "/session/tokens", wanted);
        let wanted = json!({ "label": "nightly", "scope": ["figure.read", "report.file"], "days": 30 });
        let issued = issue(wanted.clone());
        assert_eq!(issued.status, StatusCode::OK, "{}", issued.json());
        assert_eq!(issued.json()["used_at"], Value::Null);
        let says = format!("Bearer {}", issued.json()["says"].as_str().unwrap());
        let ask = |method: &str, path: &str, body: Value| by_token(desk, &says, method, path, body);
        let zero = json!({ "act": "zero" });
        assert_eq!(ask("PUT", &format!("/reports/S111/{TODAY}"), zero.clone()).status, StatusCode::OK);
        assert_eq!(
            refused(&ask("PUT", &format!("/reports/S112/{TODAY}"), zero)),
            (404, "unit.unknown".into())
        );
        // When it was last used is told to the hour.
        let used = || {
            desk.ask(&session, "GET", "/session/tokens", Value::Null).json()["items"][0]["used_at"].clone()
        };
        let first = used();
        assert!(first.as_str().unwrap().starts_with("2020-02-03T10:00:0"), "{first}");
        cast.clock("10:59");
        ask("GET", "/session", Value::Null);
        assert_eq!(used(), first);
        cast.clock("11:30");
        ask("GET", "/session", Value::Null);
        assert!(used().as_str().unwrap().starts_with("2020-02-03T11:30:0"), "{}", used());
        cast.clock("10:00");
        // What its owner may do and it may not, it does not; with the account itself it does nothing.
        assert_eq!(refused(&ask("GET", "/units/S111", Value::Null)), (403, "permission.lacking".into()));
        for (method, path, body) in [
            ("GET", "/sessions", Value::Null),
            ("PUT", "/session/password", json!({ "old": CHOSEN, "new": "another one of hers" })),
            ("POST", "/session/tokens", wanted.clone()),
            ("POST", "/session/totp", Value::Null),
            ("DELETE", "/sessions/none", Value::Null),
        ] {
            let said = refused(&ask(method, path, body));
            assert!(
                ["token.not_here", "session.needed"].contains(&said.1.as_str()),
                "{method} {path}: {said:?}"
            );
        }
        let history = cast.get("office", &format!("/reports/S111/{TODAY}/history")).to_string();
        let id = issued.json()["id"].as_str().unwrap().to_owned();
        assert!(history.contains(&format!("token:{id}")), "{history}");
        let list = desk.ask(&session, "GET", "/session/tokens", Value::Null);
        assert!(!String::from_utf8_lossy(&list.bytes).contains("mst_"), "shown once");

        // One that is forged, ended, too old, or whose owner is let in no more, lets nobody in; nor does a cookie beside it.
        for says in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer mst_",
            "Basic eDp4",
            &format!("Bearer mst_{}", "0".repeat(64)),
            &format!("Bearer {}", "x".repeat(5_000)),
        ] {
            let said = by_token(desk, says, "GET", "/session", Value::Null);
            assert_eq!(refused(&said), (401, "token.refused_here".into()), "{says}");
        }
        assert_eq!(
            desk.ask(&session, "DELETE", &format!("/session/tokens/{id}"), Value::Null).status,
            StatusCode::NO_CONTENT
        );
        let ended = ask("GET", &format!("/reports/S111/{TODAY}"), Value::Null);
        assert_eq!(refused(&ended), (401, "token.refused_here".into()));
        assert_eq!(
            refused(&desk.ask(&session, "DELETE", &format!("/session/tokens/{id}"), Value::Null)),
            (404, "token.unknown".into())
        );
        let again = issue(json!({ "label": "x", "scope": ["figure.read"], "days": 1 })).json();
        let says = format!("Bearer {}", again["says"].as_str().unwrap());
        let reads = || by_token(desk, &says, "GET", &format!("/reports/S111/{TODAY}"), Value::Null).status;
        assert_eq!(reads(), StatusCode::OK);
        cast.clock("02-04 10:30");
        assert_eq!(reads(), StatusCode::UNAUTHORIZED);
        assert_eq!(accounts_replay(&cast.house.app.db, &cast.house.app.seals).unwrap().wrong.faults_all, 0);
    });
}

#[test]
fn a_token_bears_no_more_than_its_owner_may_and_never_what_lets_people_in() {
    desk(|cast, desk| {
        let (_, session) = logged_in(cast, desk);
        let issue = |session: &str, scope: Value, days: i64| {
            let wanted = json!({ "label": "x", "scope": scope, "days": days });
            desk.ask(session, "POST", "/session/tokens", wanted)
        };
        for (scope, days, field) in [
            (json!(["form.set"]), 1, "scope"),
            (json!(["root"]), 1, "scope"),
            (json!([]), 1, "scope"),
            (json!(["figure.read"]), 0, "days"),
            (json!(["figure.read"]), 367, "days"),
        ] {
            let said = issue(&session, scope.clone(), days);
            let code = if field == "days" { "token.days" } else { "token.scope" };
            assert_eq!(said.findings(), crate::house::found(code, field), "{scope} {days}");
        }
        let office = format!("muster_session={}", desk.house.log_in(&desk.house.app, "office"));
        for word in ["account.set", "grant.give", "link.issue"] {
            let said = issue(&office, json!([word]), 1);
            assert_eq!(said.findings(), crate::house::found("token.scope", "scope"), "{word}");
        }
        assert_eq!(issue(&office, json!(["form.set"]), 1).status, StatusCode::OK);
    });
}

/// What an authenticator would show (RFC 6238).
pub(super) fn code_of(secret: &str, now_ms: i64) -> String {
    let bytes = totp_rs::Secret::Encoded(secret.to_owned()).to_bytes().unwrap();
    let totp = totp_rs::TOTP::new(totp_rs::Algorithm::SHA1, 6, 1, 30, bytes, None, String::new()).unwrap();
    totp.generate(now_ms as u64 / 1_000)
}

#[test]
fn whoever_has_an_authenticator_comes_in_by_the_code_of_the_moment_and_by_none_twice() {
    desk(|cast, desk| {
        let (id, session) = logged_in(cast, desk);
        let now = || cast.house.app.clock.now_ms();
        let begun = desk.ask(&session, "POST", "/session/totp", Value::Null).json();
        let secret = begun["secret"].as_str().unwrap().to_owned();
        assert!(begun["uri"].as_str().unwrap().starts_with("otpauth://totp/"), "{begun}");
        let log_in = |code: Value| {
            desk.ask("", "POST", "/session", json!({ "name": "liu", "password": CHOSEN, "code": code }))
        };
        assert_eq!(log_in(Value::Null).status, StatusCode::OK, "not before it is confirmed");
        let confirm =
            |code: &str| desk.ask(&session, "POST", "/session/totp/confirm", json!({ "code": code }));
        assert_eq!(refused(&confirm("000000x")), (422, "totp.code".into()));
        assert_eq!(confirm(&code_of(&secret, now() + 1_000)).status, StatusCode::NO_CONTENT);
        assert_eq!(refused(&confirm("1")), (409, "totp.set".into()));
        assert_eq!(
            refused(&desk.ask(&session, "POST", "/session/totp", Value::Null)),
            (409, "totp.set".into())
        );
        assert_eq!(desk.ask(&session, "GET", "/session/totp", Value::Null).json()["set"], true);

        assert_eq!(refused(&log_in(Value::Null)), (401, "session.code_needed".into()));
        cast.clock("11:00");
        let code = code_of(&secret, now() + 1_000);
        assert_eq!(log_in(json!(code)).status, StatusCode::OK);
        assert_eq!(refused(&log_in(json!(code))), (401, "session.refused".into()), "no code is taken twice");
        // Nobody learns whether it was the password or the code.
        let wrong = json!({ "name": "liu", "password": "wrong enough", "code": "123456" });
        assert_eq!(refused(&desk.ask("", "POST", "/session", wrong)), (401, "session.refused".into()));
        let scanned = cast.house.journalled("totp.set");
        assert!(scanned.iter().all(|entry| !String::from_utf8_lossy(&entry.body).contains(&secret)));

        cast.clock("12:00");
        let end = |code: &str| desk.ask(&session, "POST", "/session/totp/end", json!({ "code": code }));
        assert_eq!(refused(&end("")), (422, "totp.code".into()));
        assert_eq!(end(&code_of(&secret, now() + 1_000)).status, StatusCode::NO_CONTENT);
        cast.clock("12:30");
        assert_eq!(log_in(Value::Null).status, StatusCode::OK);

        // Who lost telephone and password is let in again by whoever approves it.
        let begun = desk.ask(&session, "POST", "/session/totp", Value::Null).json();
        let secret = begun["secret"].as_str().unwrap().to_owned();
        assert_eq!(confirm(&code_of(&secret, now() + 1_000)).status, StatusCode::NO_CONTENT);
        let asked = desk.ask("", "POST", "/resets", json!({ "name": "liu" }));
        let code = asked.json()["code"].as_str().unwrap().to_owned();
        let approved = cast.house.post("group", &format!("/accounts/{id}/reset"), json!({ "code": code }));
        assert_eq!(approved.status, StatusCode::NO_CONTENT);
        let done =
            desk.ask(&cookie(&asked), "POST", "/resets/finish", json!({ "password": "a newer one of hers" }));
        assert_eq!(done.status, StatusCode::OK);
        let open = json!({ "name": "liu", "password": "a newer one of hers" });
        cast.clock("13:30");
        assert_eq!(desk.ask("", "POST", "/session", open).status, StatusCode::OK);
        assert_eq!(accounts_replay(&cast.house.app.db, &cast.house.app.seals).unwrap().wrong.faults_all, 0);
    });
}

#[test]
fn whoever_guesses_waits_and_the_person_at_their_own_desk_does_not() {
    desk(|cast, desk| {
        let (_, letter) = invited(cast);
        desk.ask("", "POST", "/letters/open", json!({ "token": letter, "password": CHOSEN }));
        let log_in = |browser: &str, password: &str| {
            desk.ask(browser, "POST", "/session", json!({ "name": "liu", "password": password }))
        };
        let known = log_in("", CHOSEN);
        let lines = known.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap().to_owned());
        let browser = lines.into_iter().find(|line| line.starts_with("muster_browser=")).unwrap();
        let browser = browser.split(';').next().unwrap().to_owned();
        let mut seen = Vec::new();
        for _ in 0..12 {
            seen.push(log_in("", "a guess of hers").status.as_u16());
        }
        assert!(seen[..5].iter().all(|status| *status == 401), "{seen:?}");
        assert!(seen.contains(&429), "{seen:?}");
        let waiting = log_in("", CHOSEN);
        assert_eq!(
            refused(&waiting),
            (429, "request.too_many".into()),
            "the right one waits too, from a strange browser"
        );
        assert!(waiting.headers.contains_key("retry-after"));
        assert_eq!(log_in(&browser, CHOSEN).status, StatusCode::OK, "and not from one's own");
        // Another account is not slowed down, nor is a forged browser known.
        assert_eq!(refused(&log_in(&format!("muster_browser={}", "0".repeat(64)), CHOSEN)).0, 429);
        cast.clock("10:30");
        assert_eq!(log_in("", CHOSEN).status, StatusCode::OK, "it is forgiven");
    });
}
