//! Who may do what, where, from when to when; who gives it, and what nobody gives.

use crate::cast::{Cast, TODAY, Terms};
use crate::house::{Said, story};
use axum::http::StatusCode;
use muster::lines::access::{Account, Role, Seat, account_set, accounts_replay};
use muster::lines::operation::operation_set;
use serde_json::{Value, json};

/// The body of the stories, with its operation in the database too, and nobody but those who are told of.
fn told(tell: impl Fn(&Cast<'_>)) {
    story(|house| {
        let cast = Cast::of(house, Terms::default());
        let operation = (*house.app.operation()).clone();
        cast.write(move |tx, ctx| operation_set(tx, ctx, |own| own.clone_from(&operation)));
        tell(&cast);
        let replayed = accounts_replay(&house.app.db, &house.app.seals).unwrap();
        assert_eq!(replayed.wrong.faults_all, 0, "{replayed:?}");
    });
}

/// Somebody at home at a unit with roles at others.
fn somebody(cast: &Cast<'_>, id: &'static str, home: &'static str, seats: &[(Role, &'static str)]) {
    let unit = |code: &'static str| *cast.chain(code).last().unwrap();
    let home = unit(home);
    let seats: Vec<Seat> = seats.iter().map(|(role, at)| Seat { role: *role, unit: unit(at) }).collect();
    cast.write(move |tx, ctx| {
        let account = Account { seats: seats.clone().into(), ..Account::at(id, Role::Viewer, home) };
        account_set(tx, ctx, &account, None)
    });
}

fn give(cast: &Cast<'_>, by: &str, body: Value) -> Said {
    cast.house.post(by, "/grants", body)
}

fn seen(cast: &Cast<'_>, by: &str, path: &str) -> u16 {
    cast.house.get(by, path).status.as_u16()
}

/// A refusal: its status and code.
fn refused(said: &Said) -> (u16, String) {
    (said.status.as_u16(), said.code())
}

#[test]
fn somebody_with_two_roles_may_do_each_where_it_holds() {
    told(|cast| {
        somebody(cast, "both", "S111", &[(Role::Filler, "S111"), (Role::Viewer, "G2")]);
        let file = |unit: &str| cast.put("both", unit, json!({ "act": "zero" })).status.as_u16();
        assert_eq!((file("S111"), file("S211"), file("S112")), (200, 404, 404));
        for (unit, status) in
            [("S111", 200), ("S211", 200), ("G2", 200), ("S112", 404), ("G1", 404), ("R", 404)]
        {
            assert_eq!(seen(cast, "both", &format!("/units/{unit}")), status, "{unit}");
            assert_eq!(seen(cast, "both", &format!("/totals?node=unit:{unit}")), status, "{unit}");
        }
        let who = cast.get("both", "/session");
        assert_eq!((&who["role"], &who["unit_code"]), (&json!("filler"), &json!("S111")));
        let may: Vec<&str> =
            who["permissions"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(
            may,
            ["unit.read", "figure.read", "report.file", "incident.file", "contact.read", "task.report"]
        );
        assert_eq!(who["seats"].as_array().unwrap().len(), 2);
    });
}

#[test]
fn whoever_governs_a_part_gives_within_it_and_no_more_than_it_has() {
    told(|cast| {
        let draft = |unit: &str, role: &str| json!({ "account": "second", "role": role, "unit": unit });
        assert_eq!(seen(cast, "second", "/units/F11"), 404);
        let given = give(cast, "group", draft("F11", "viewer"));
        assert_eq!(given.status, StatusCode::CREATED, "{}", given.json());
        assert_eq!(seen(cast, "second", "/units/F11"), 200, "it holds at once");
        assert_eq!(refused(&give(cast, "group", draft("F11", "viewer"))), (409, "grant.held".into()));

        let elsewhere = [("F21", "unit.unknown"), ("R", "unit.unknown"), ("NOWHERE", "unit.unknown")];
        for (unit, code) in elsewhere {
            assert_eq!(refused(&give(cast, "group", draft(unit, "viewer"))), (404, code.into()), "{unit}");
        }
        let whole = json!({ "account": "second", "role": "viewer" });
        assert_eq!(refused(&give(cast, "group", whole)), (403, "grant.beyond".into()));
        for role in ["inspector", "system_admin", "security_admin", "audit_admin"] {
            assert_eq!(
                refused(&give(cast, "group", draft("F11", role))),
                (403, "grant.beyond".into()),
                "{role}"
            );
        }
        // To itself nothing, to whom it may not know of nothing.
        let own = json!({ "account": "group", "role": "filler", "unit": "F11" });
        assert_eq!(refused(&give(cast, "group", own)), (403, "grant.own".into()));
        let beside = json!({ "account": "beside", "role": "viewer", "unit": "F11" });
        assert_eq!(refused(&give(cast, "group", beside)), (404, "account.unknown".into()));
        // Who does not govern gives nothing.
        assert_eq!(
            refused(&give(cast, "clerk", draft("S111", "viewer"))),
            (403, "permission.lacking".into())
        );

        let id = given.json()["id"].as_str().unwrap().to_owned();
        let end = |by: &str| cast.house.post(by, &format!("/grants/{id}/end"), json!({}));
        assert_eq!(refused(&end("beside")), (404, "grant.unknown".into()));
        assert_eq!(end("group").status, StatusCode::NO_CONTENT);
        assert_eq!(seen(cast, "second", "/units/F11"), 404, "it ends at once");
        assert_eq!(refused(&end("group")), (422, "grant.days".into()));
    });
}

#[test]
fn bad_drafts_are_refused_with_what_is_wrong() {
    told(|cast| {
        let draft = |more: Value| {
            let mut draft = json!({ "account": "second", "role": "viewer", "unit": "F11" });
            draft.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            draft
        };
        for (more, status, code) in [
            (json!({ "role": "root" }), 422, "account.role"),
            (json!({ "since": "2020-02-02" }), 422, "grant.days"),
            (json!({ "since": "2020-02-05", "until": "2020-02-05" }), 422, "grant.days"),
            (json!({ "post": "G1/night" }), 422, "grant.holder"),
            (json!({ "account": null }), 422, "grant.holder"),
            (json!({ "account": null, "post": "night" }), 422, "grant.holder"),
            (json!({ "account": null, "post": "F11/night" }), 404, "post.unknown"),
            (json!({ "account": "nobody" }), 404, "account.unknown"),
            (json!({ "account": "\u{0}" }), 422, "request.null_character"),
        ] {
            let said = give(cast, "office", draft(more.clone()));
            let told = refused(&said);
            if code != "request.null_character" {
                assert_eq!(told, (status, code.into()), "{more}");
            }
            assert!((400..500).contains(&told.0), "{more}: {told:?}");
        }
        assert!(cast.house.journalled("grant.give").iter().all(|entry| entry.actor.starts_with("system:")));
    });
}

#[test]
fn roles_that_do_not_go_together_are_not_given_to_one_person() {
    told(|cast| {
        let draft = |role: &str, unit: &str| json!({ "account": "clerk", "role": role, "unit": unit });
        // The clerk fills in at S111: it neither checks nor signs there, nor from above, but may elsewhere.
        assert_eq!(refused(&give(cast, "office", draft("checker", "S111"))), (409, "grant.apart".into()));
        assert_eq!(refused(&give(cast, "office", draft("issuer", "F11"))), (409, "grant.apart".into()));
        assert_eq!(give(cast, "office", draft("checker", "S112")).status, StatusCode::CREATED);
        assert_eq!(refused(&give(cast, "office", draft("filler", "S112"))), (409, "grant.apart".into()));
    });
}

#[test]
fn whoever_leaves_a_post_has_its_rights_no_more_from_that_day_on() {
    told(|cast| {
        let post = |by: &str, body: Value| {
            let headers = [("content-type", "application/json")];
            cast.house.ask(by, "PUT", "/units/F11/posts/night", &headers, body.to_string().into())
        };
        let named = json!({ "names": { "zh-Hans": "夜班" } });
        assert_eq!(post("group", named).status, StatusCode::NO_CONTENT);
        let given = give(cast, "group", json!({ "post": "F11/night", "role": "filler", "unit": "F11" }));
        assert_eq!(given.status, StatusCode::CREATED, "{}", given.json());
        somebody(cast, "liu", "F11", &[]);
        assert_eq!(refused(&cast.house.get("liu", "/units/F11")), (403, "permission.lacking".into()));

        let held = json!({ "holder": "account:liu", "day": TODAY });
        assert_eq!(post("group", held).status, StatusCode::NO_CONTENT);
        assert_eq!(seen(cast, "liu", "/units/F11"), 200);
        assert_eq!(cast.put("liu", "F11", json!({ "act": "zero" })).status, StatusCode::OK);
        let left = json!({ "holder": "", "day": "2020-02-05" });
        assert_eq!(post("group", left).status, StatusCode::NO_CONTENT);
        cast.clock("02-04 23:59");
        assert_eq!(seen(cast, "liu", "/units/F11"), 200);
        cast.clock("02-05 00:00");
        assert_eq!(seen(cast, "liu", "/units/F11"), 403);

        // Who may not give a role puts nobody at a post that has it, nor themselves.
        somebody(cast, "planner", "F11", &[(Role::Office, "F11")]);
        cast.clock("02-05 09:00");
        let own = json!({ "holder": "account:planner", "day": "2020-02-05" });
        assert_eq!(refused(&post("planner", own)), (403, "grant.own".into()));
        let watch = |by: &str, body: Value| {
            let headers = [("content-type", "application/json")];
            cast.house.ask(by, "PUT", "/units/F11/posts/watch", &headers, body.to_string().into())
        };
        let named = json!({ "names": { "zh-Hans": "督查" } });
        assert_eq!(watch("planner", named).status, StatusCode::NO_CONTENT);
        let inspects = json!({ "post": "F11/watch", "role": "inspector", "unit": "G1" });
        assert_eq!(give(cast, "office", inspects).status, StatusCode::CREATED);
        let other = json!({ "holder": "account:liu", "day": "2020-02-05" });
        assert_eq!(refused(&watch("planner", other.clone())), (403, "grant.beyond".into()));
        assert_eq!(watch("office", other.clone()).status, StatusCode::NO_CONTENT);
        // Who inspects from above does not fill in there.
        assert_eq!(refused(&post("office", other)), (409, "grant.apart".into()));
    });
}

#[test]
fn once_three_administrators_are_appointed_none_does_anothers_part() {
    told(|cast| {
        for id in ["sys", "sec", "aud"] {
            somebody(cast, id, "R", &[]);
        }
        let appoint =
            |id: &str, role: &str| give(cast, "office", json!({ "account": id, "role": role, "unit": "R" }));
        assert_eq!(appoint("sys", "system_admin").status, StatusCode::CREATED);
        assert_eq!(refused(&appoint("sys", "audit_admin")), (409, "grant.apart".into()));
        assert_eq!(appoint("sec", "security_admin").status, StatusCode::CREATED);
        assert_eq!(cast.get("office", "/roles")["separated"], false);
        assert_eq!(appoint("aud", "audit_admin").status, StatusCode::CREATED);
        assert_eq!(cast.house.journalled("access.separate").len(), 1);
        assert_eq!(cast.get("office", "/roles")["separated"], true);

        let add =
            |by: &str, name: &str| cast.house.post(by, "/accounts", json!({ "name": name, "unit": "F11" }));
        let draft = json!({ "account": "second", "role": "viewer", "unit": "F11" });
        let lacking = || (403, "permission.lacking".to_owned());
        for by in ["office", "sys", "aud"] {
            assert_eq!(refused(&give(cast, by, draft.clone())), lacking(), "{by} gives no role");
        }
        for by in ["office", "sec", "aud"] {
            assert_eq!(refused(&add(by, "new")), lacking(), "{by} adds no account");
        }
        assert_eq!(add("sys", "new").status, StatusCode::CREATED);
        assert_eq!(give(cast, "sec", draft).status, StatusCode::CREATED);
        // Not themselves, no auditor of themselves, and no figures.
        let auditor = json!({ "account": "second", "role": "audit_admin", "unit": "R" });
        assert_eq!(refused(&give(cast, "sec", auditor)), (403, "grant.beyond".into()));
        let own = json!({ "account": "sec", "role": "office", "unit": "R" });
        assert_eq!(refused(&give(cast, "sec", own)), (403, "grant.own".into()));
        for by in ["sys", "sec", "aud"] {
            assert_eq!(refused(&cast.house.get(by, "/totals?node=unit:R")), lacking(), "{by}");
            assert_eq!(seen(cast, by, "/accounts"), 200, "{by}");
            assert_eq!(seen(cast, by, "/units"), 200, "{by}");
        }
        // From the machine itself the office can be let govern again, and the journal says so.
        cast.write(muster::lines::access::administrators_unite);
        assert_eq!(add("office", "newer").status, StatusCode::CREATED);
        assert_eq!(cast.house.journalled("access.unite").len(), 1);
    });
}

#[test]
fn accounts_and_roles_of_another_part_are_not_there() {
    told(|cast| {
        let names = |by: &str| {
            let list = cast.get(by, "/accounts?limit=1000");
            let items = list["items"].as_array().unwrap();
            items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names("group"), ["clerk", "firm", "group", "second"]);
        assert_eq!(names("beside"), ["beside"]);
        assert!(names("office").len() > 6);
        assert_eq!(refused(&cast.house.get("beside", "/accounts/clerk")), (404, "account.unknown".into()));
        assert_eq!(
            refused(&cast.house.get("beside", "/accounts/clerk/history")),
            (404, "account.unknown".into())
        );
        assert_eq!(refused(&cast.house.get("beside", "/grants?unit=S111")), (404, "unit.unknown".into()));
        assert_eq!(refused(&cast.house.get("clerk", "/accounts")), (403, "permission.lacking".into()));
        // A role that one of the own has elsewhere is not told.
        somebody(cast, "both", "S111", &[(Role::Filler, "S111"), (Role::Viewer, "G2")]);
        let both = cast.get("group", "/accounts/both");
        assert_eq!(both["grants"].as_array().unwrap().len(), 1, "{both}");
        assert_eq!(cast.get("office", "/accounts/both")["grants"].as_array().unwrap().len(), 2);
        // Who has a role here and is at home elsewhere is not named.
        let here = cast.get("beside", "/grants?unit=G2");
        let both = here["items"].as_array().unwrap().iter().find(|one| one["account"] == "both").unwrap();
        assert_eq!(both["account_name"], Value::Null);
        let end = |id: &str| cast.house.post("beside", &format!("/accounts/{id}/end"), json!({}));
        assert_eq!(refused(&end("clerk")), (404, "account.unknown".into()));
        assert_eq!(refused(&end("beside")), (403, "account.own".into()));
    });
}
