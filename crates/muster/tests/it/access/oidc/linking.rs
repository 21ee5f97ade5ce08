//! Whose login opens which account: by whom it is linked, how far a service reaches, and how it ends.

use super::*;
use muster::lines::access::{Account, Role, Seat, Service as Linkable, account_set, oidc_link};

/// Logs in to an account that a story made, whose password is [`CHOSEN`].
fn session_of(
    round: &Round<'_>,
    id: &'static str,
    seats: &'static [(Role, &'static str)],
    home: &'static str,
) -> String {
    let hash = muster::lines::access::password_hash(CHOSEN).unwrap();
    round.cast.write(move |tx, ctx| {
        let unit =
            |tx: &mut _, code: &str| if code.is_empty() { Ok(0) } else { crate::cast::unit_id(tx, code) };
        let mut held = Vec::new();
        for (role, at) in seats {
            held.push(Seat { role: *role, unit: unit(tx, at)? });
        }
        let home = unit(tx, home)?;
        let account = Account { seats: held.into(), ..Account::at(id, Role::Viewer, home) };
        account_set(tx, ctx, &account, Some((id, Some(&hash))))
    });
    let said = round.desk.ask("", "POST", "/session", json!({ "name": id, "password": CHOSEN }));
    assert_eq!(said.status, StatusCode::OK, "{}", said.json());
    kept(&said, "muster_session")
}

#[test]
fn only_whoever_is_logged_in_to_both_links_a_login() {
    told(
        |_| {},
        |round| {
            let (_, session) = round.liu();
            let go = |session: &str, password: Value| {
                round.desk.ask(session, "POST", "/session/oidc/g1", json!({ "password": password }))
            };
            assert_eq!(refused(&go("", json!(CHOSEN))), (401, "session.needed".into()));
            for wrong in [json!("wrong enough"), json!(""), Value::Null] {
                assert_eq!(refused(&go(&session, wrong)), (401, "session.refused".into()));
            }
            // A link that somebody else was talked into following: their browser holds no cookie of it.
            let (cookies, brought) = round.link_go(&session);
            let browser = cookies.split("; ").nth(1).unwrap().to_owned();
            assert_eq!(refused(&round.back(&session, brought.body())), (401, "oidc.round".into()));
            // Logged out meanwhile, or logged in as somebody else.
            assert_eq!(refused(&round.back(&browser, brought.body())), (401, "session.needed".into()));
            let wang = session_of(round, "wang", &[(Role::Filler, "S111")], "S111");
            let (cookies, brought) = round.link_go(&session);
            let browser = cookies.split("; ").nth(1).unwrap().to_owned();
            let said = round.back(&format!("{wang}; {browser}"), brought.body());
            assert_eq!(refused(&said), (401, "session.needed".into()));
            assert!(!round.service.mood().asked.contains(&"/token".to_owned()), "the service was not asked");
            assert_eq!(round.link(&session).status, StatusCode::OK);
            assert_eq!(refused(&round.link(&session)), (409, "oidc.linked".into()));
            assert_eq!(refused(&round.link(&wang)), (409, "oidc.taken".into()), "it is somebody's");
            // Taken away, it opens nothing, and is free.
            let elsewhere = kept(&round.enter(), "muster_session");
            let end = |session: &str| round.desk.ask(session, "DELETE", "/session/oidc/g1", Value::Null);
            assert_eq!(refused(&end(&wang)), (404, "oidc.none".into()));
            assert_eq!(end(&session).status, StatusCode::NO_CONTENT);
            assert_eq!(refused(&round.enter()), (401, "oidc.not_linked".into()));
            assert!(round.desk.is_in(&session) && !round.desk.is_in(&elsewhere), "elsewhere they are out");
            assert_eq!(round.link(&wang).json()["session"]["name"], "wang");
            assert_eq!(round.enter().json()["session"]["name"], "wang");
            // A program that bears a token does nothing of this.
            let token = json!({ "label": "x", "scope": ["figure.read"], "days": 1 });
            let says = round.desk.ask(&wang, "POST", "/session/tokens", token).json()["says"]
                .as_str()
                .unwrap()
                .to_owned();
            let request = axum::http::Request::builder()
                .uri("/api/v1/session/oidc")
                .header("authorization", format!("Bearer {says}"));
            let said = round.desk.house.answer(&round.desk.router, request.body("".into()).unwrap());
            assert_eq!(refused(&said), (403, "token.not_here".into()));
        },
    );
}

#[test]
fn whoever_ended_or_came_in_anew_is_not_let_in_by_an_old_login() {
    told(
        |_| {},
        |round| {
            let (id, session) = round.linked();
            // Whoever asks to be let in again has no login of before.
            let asked = round.desk.ask("", "POST", "/resets", json!({ "name": "liu" }));
            let code = asked.json()["code"].as_str().unwrap().to_owned();
            let approved =
                round.cast.house.post("group", &format!("/accounts/{id}/reset"), json!({ "code": code }));
            assert_eq!(approved.status, StatusCode::NO_CONTENT);
            let newer = json!({ "password": "another one of hers" });
            let done = round.desk.ask(&cookie(&asked), "POST", "/resets/finish", newer);
            assert_eq!(done.status, StatusCode::OK);
            assert_eq!(refused(&round.enter()), (401, "oidc.not_linked".into()));
            assert_eq!(round.cast.house.journalled("oidc.unlink").len(), 1);
            assert!(!round.desk.is_in(&session));
            let wang = session_of(round, "wang", &[(Role::Filler, "S111")], "S111");
            assert_eq!(round.link(&wang).status, StatusCode::OK);
            assert_eq!(round.cast.house.post("group", "/accounts/wang/end", json!({})).status, 204);
            assert_eq!(refused(&round.enter()), (401, "oidc.not_linked".into()), "as if there were none");
            // And it stands in nobody's way.
            let zhao = session_of(round, "zhao", &[(Role::Filler, "S112")], "S112");
            assert_eq!(round.link(&zhao).status, StatusCode::OK);
            assert_eq!(round.enter().json()["session"]["name"], "zhao");
        },
    );
}

#[test]
fn whoever_runs_the_service_of_a_group_becomes_nobody_outside_of_it() {
    told(
        |settings| settings.unit = Some("G1".to_owned()),
        |round| {
            let beyond = || (403, "oidc.beyond".to_owned());
            for (id, seats, home, lets) in [
                ("own", &[(Role::Filler, "S111")][..], "S111", true),
                ("office-of-it", &[(Role::Office, "G1")], "G1", true),
                ("viewer-above", &[(Role::Filler, "S111"), (Role::Viewer, "R")], "S111", false),
                ("office-above", &[(Role::Office, "R")], "R", false),
                ("whole", &[(Role::Office, "")], "", false),
                ("beside", &[(Role::Filler, "S211")], "S211", false),
                ("home-beside", &[(Role::Filler, "S111")], "F21", false),
                ("at-home-at-none", &[(Role::Filler, "S111")], "", false),
                // By their own hand, and within it.
                ("admin-of-it", &[(Role::SystemAdmin, "G1")], "G1", true),
                ("inspector-above", &[(Role::Inspector, "R")], "G1", false),
            ] {
                round.service.mood().subject = format!("of {id}");
                let session = session_of(round, id, seats, home);
                let said = round.link(&session);
                if !lets {
                    assert_eq!(refused(&said), beyond(), "{id}");
                    continue;
                }
                assert_eq!(said.status, StatusCode::OK, "{id}: {}", said.json());
                assert_eq!(round.enter().json()["session"]["name"], id);
            }
            // Looked at each time: whoever is given more later is let in no more.
            round.service.mood().subject = "of own".to_owned();
            let give = json!({ "account": "own", "role": "viewer", "unit": "R", "since": "2020-02-03" });
            let given = round.cast.house.post("office", "/grants", give);
            assert!(given.status.is_success(), "{}", given.json());
            assert_eq!(refused(&round.enter()), beyond());
            let title = round.enter().json()["title"].as_str().unwrap().to_owned();
            assert!(title.contains("Group One"), "{title}");
        },
    );
    told(
        |settings| settings.unit = Some("NOWHERE".to_owned()),
        |round| {
            let (_, session) = round.liu();
            assert_eq!(
                refused(&round.link(&session)),
                (403, "oidc.beyond".into()),
                "a unit that there is not"
            );
        },
    );
}

#[test]
fn an_administrator_links_a_login_before_anybody_was_in_and_nobody_who_rules() {
    told(
        |_| {},
        |round| {
            let ask = |who: &str, method: &str, path: &str, body: Value| {
                let session = round
                    .desk
                    .house
                    .log_in(&round.desk.house.app, if who == "group" { "group" } else { "office" });
                round.desk.ask(&format!("muster_session={session}"), method, path, body)
            };
            let (id, letter) = invited(round.cast);
            let path = format!("/accounts/{id}/oidc/g1");
            let put =
                |who: &str, path: &str, subject: &str| ask(who, "PUT", path, json!({ "subject": subject }));
            for bad in ["", " ", "a\u{0}b", &"x".repeat(256)] {
                assert_eq!(refused(&put("group", &path, bad)), (422, "oidc.subject".into()), "{bad:?}");
            }
            assert_eq!(
                refused(&put("group", &format!("/accounts/{id}/oidc/nobody"), "x")),
                (404, "oidc.unknown".into())
            );
            assert_eq!(
                refused(&put("group", "/accounts/beside/oidc/g1", "x")),
                (404, "account.unknown".into())
            );
            assert_eq!(refused(&put("group", "/accounts/group/oidc/g1", "x")), (403, "oidc.own".into()));
            assert_eq!(put("group", &path, "s-4711").status, StatusCode::CREATED);
            assert_eq!(refused(&put("group", &path, "other")), (409, "oidc.linked".into()));
            let entered = round.enter();
            assert_eq!(entered.json()["session"]["name"], "liu");
            let session = kept(&entered, "muster_session");
            let own = round.desk.ask(&session, "GET", "/session/oidc", Value::Null).json();
            assert_eq!(own["items"][0]["by_owner"], false);
            let seen = ask("group", "GET", &format!("/accounts/{id}/oidc"), Value::Null).json();
            assert_eq!(seen["items"][0]["provider"], "g1");
            assert!(!seen.to_string().contains("s-4711"));
            let history = ask("group", "GET", &format!("/accounts/{id}/history"), Value::Null).json();
            assert_eq!(history["items"][0]["action"], "oidc.link");
            // The only thing that opens the account stays.
            let last = round.desk.ask(&session, "DELETE", "/session/oidc/g1", Value::Null);
            assert_eq!(refused(&last), (409, "oidc.last".into()));
            assert_eq!(
                ask("group", "POST", &format!("{path}/end"), json!({})).status,
                StatusCode::NO_CONTENT
            );
            assert!(!round.desk.is_in(&session), "its sessions end");
            assert_eq!(
                refused(&ask("group", "POST", &format!("{path}/end"), json!({}))),
                (404, "oidc.none".into())
            );
            assert_eq!(refused(&round.enter()), (401, "oidc.not_linked".into()));
            // Once its person has a password they link themselves.
            let opened =
                round.desk.ask("", "POST", "/letters/open", json!({ "token": letter, "password": CHOSEN }));
            assert_eq!(opened.status, StatusCode::OK);
            assert_eq!(refused(&put("group", &path, "s-4711")), (409, "account.has_password".into()));
            // Who rules or watches is opened by nobody's word but their own, not even the machine's.
            let service = Linkable::of(&round.service.settings());
            let failed = round.cast.write(move |tx, ctx| {
                let top = crate::cast::unit_id(tx, "R")?;
                account_set(tx, ctx, &Account::at("eye", Role::Inspector, top), None)?;
                Ok(oidc_link(tx, ctx, "eye", &service, "s-eye")
                    .err()
                    .map(|fail| muster_kernel::Problem::from(fail).code))
            });
            assert_eq!(failed, Some("oidc.beyond"));
        },
    );
}
