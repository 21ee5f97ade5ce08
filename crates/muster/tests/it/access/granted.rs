//! Who may do what here: the list of a unit, of a post, and of what holds from above, as far as each reader may know.

use crate::cast::{Cast, TODAY, Terms};
use crate::house::{Said, story};
use axum::http::StatusCode;
use muster::lines::access::{Account, Role, Seat, account_set};
use muster::lines::operation::operation_set;
use serde_json::{Value, json};

/// The body of the stories; an inspector of G1, liu at S111, and a post of F11 that liu holds and that lets them fill in
/// there.
fn told(tell: impl Fn(&Cast<'_>)) {
    story(|house| {
        let cast = Cast::of(house, Terms::default());
        let operation = (*house.app.operation()).clone();
        cast.write(move |tx, ctx| operation_set(tx, ctx, |own| own.clone_from(&operation)));
        somebody(&cast, "watch", "D", &[(Role::Inspector, "G1")]);
        somebody(&cast, "liu", "S111", &[]);
        post_set(&cast, "F11", "night", "liu");
        give(&cast, "group", json!({ "post": "F11/night", "role": "filler", "unit": "F11" }));
        tell(&cast);
        cast.drawn_is_stored();
    });
}

fn somebody(cast: &Cast<'_>, id: &'static str, home: &'static str, seats: &[(Role, &'static str)]) {
    let unit = |code: &'static str| *cast.chain(code).last().unwrap();
    let home = unit(home);
    let seats: Vec<Seat> = seats.iter().map(|(role, at)| Seat { role: *role, unit: unit(at) }).collect();
    cast.write(move |tx, ctx| {
        let account = Account { seats: seats.clone().into(), ..Account::at(id, Role::Viewer, home) };
        account_set(tx, ctx, &account, None)
    });
}

fn post_set(cast: &Cast<'_>, unit: &str, post: &str, holder: &str) {
    let body = json!({ "names": { "zh-Hans": "夜班", "en": "Night" }, "holder": format!("account:{holder}"), "day": TODAY });
    let path = format!("/units/{unit}/posts/{post}");
    let put = cast.house.ask(
        "office",
        "PUT",
        &path,
        &[("content-type", "application/json")],
        body.to_string().into(),
    );
    assert_eq!(put.status, StatusCode::NO_CONTENT, "{}", put.json());
}

fn give(cast: &Cast<'_>, by: &str, body: Value) {
    let given = cast.house.post(by, "/grants", body);
    assert_eq!(given.status, StatusCode::CREATED, "{}", given.json());
}

/// Who has which role where, of a list: `liu filler F11`, a post as `F11/night`, and `?` for somebody beyond.
fn listed(cast: &Cast<'_>, by: &str, query: &str) -> Vec<String> {
    let list = cast.get(by, &format!("/grants?{query}"));
    let one = |one: &Value| {
        let word = |key: &str| one[key].as_str().map(str::to_owned);
        let who = word("post").or(word("account_name")).unwrap_or("?".into());
        format!("{who} {} {}", one["role"].as_str().unwrap(), one["unit_code"].as_str().unwrap())
    };
    let mut found: Vec<String> = list["items"].as_array().unwrap().iter().map(one).collect();
    found.sort();
    found.dedup();
    found
}

fn refused(said: &Said) -> (u16, String) {
    (said.status.as_u16(), said.code())
}

#[test]
fn who_may_do_what_here_is_told_with_what_a_post_carries_and_what_holds_from_above() {
    told(|cast| {
        assert_eq!(listed(cast, "group", "unit=F11"), ["F11/night filler F11", "firm filler F11"]);
        let above = listed(cast, "group", "unit=F11&above=true");
        assert_eq!(above, ["? inspector G1", "F11/night filler F11", "firm filler F11", "group office G1"]);
        // The inspector reads it of their own part, and does not learn of who stands above that.
        let seen = ["F11/night filler F11", "firm filler F11", "group office G1", "watch inspector G1"];
        assert_eq!(listed(cast, "watch", "unit=F11&above=true"), seen);
        let office = listed(cast, "office", "unit=F11&above=true");
        assert!(office.contains(&"lead commander R".to_owned()) && office.len() == 8, "{office:?}");

        let list = cast.get("group", "/grants?post=F11%2Fnight");
        let [one] = list["items"].as_array().unwrap().as_slice() else { panic!("{list}") };
        let told = ["post_name", "post_holder", "post_holder_name", "giver", "account", "since"];
        assert_eq!(
            told.map(|key| one[key].clone()),
            [
                json!("Night"),
                json!("account:liu"),
                json!("liu"),
                json!("role:group"),
                Value::Null,
                json!(TODAY)
            ]
        );
        assert_eq!(listed(cast, "group", "post=F11/night&unit=F11"), ["F11/night filler F11"]);
        assert_eq!(listed(cast, "group", "post=F11/night&unit=F12"), Vec::<String>::new());
        // Ended, it is there no more.
        let id = one["id"].as_str().unwrap();
        let ended = cast.house.post("group", &format!("/grants/{id}/end"), json!({}));
        assert_eq!(ended.status, StatusCode::NO_CONTENT, "{}", ended.json());
        assert_eq!(listed(cast, "group", "post=F11/night"), Vec::<String>::new());
    });
}

#[test]
fn who_may_read_no_accounts_is_told_what_they_have_themselves() {
    told(|cast| {
        assert_eq!(listed(cast, "clerk", "unit=S111&above=true"), ["clerk filler S111"]);
        assert_eq!(listed(cast, "firm", "unit=S111"), ["? filler S111"]);
        assert_eq!(
            listed(cast, "firm", "unit=S111&above=true"),
            ["? filler F11", "? filler S111", "firm filler F11"]
        );
        // By a post that they hold.
        assert_eq!(
            listed(cast, "liu", "unit=S112&above=true"),
            ["? filler F11", "? filler S112", "F11/night filler F11"]
        );
        assert_eq!(listed(cast, "liu", "post=F11/night"), ["F11/night filler F11"]);
        assert_eq!(listed(cast, "firm", "post=F11/night"), ["? filler F11"]);
        assert_eq!(listed(cast, "viewer", "unit=G1&above=true"), ["viewer viewer R"]);
        // Whoever reports for a unit is told of every hand that may do so beside theirs, and of no other; who it is, only where
        // they are told accounts.
        somebody(cast, "ghost", "G1", &[(Role::Filler, "S111"), (Role::Viewer, "S111")]);
        let list = cast.get("clerk", "/grants?unit=S111&above=true");
        let mut hands: Vec<(String, Value)> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["role"].as_str().unwrap().to_owned(), one["account_name"].clone()))
            .collect();
        hands.sort_by_key(|one| one.1.to_string());
        assert_eq!(hands.len(), 2, "{list}");
        assert!(hands.iter().all(|(role, _)| role == "filler"), "{list}");
        assert!(!list.to_string().contains("ghost-name"), "{list}");
        // Who keeps accounts of one part and only reads in another is told of the one.
        somebody(cast, "both", "G1", &[(Role::SystemAdmin, "F12"), (Role::Viewer, "F11")]);
        assert_eq!(listed(cast, "both", "unit=F11&above=true"), ["both viewer F11"]);
        assert_eq!(listed(cast, "both", "unit=F12"), ["both system_admin F12"]);
    });
}

#[test]
fn a_list_tells_of_nobody_beyond_the_readers_part() {
    told(|cast| {
        // A post of F11 may look at G2's firm: G2's office learns that, and not whose post it is.
        give(cast, "office", json!({ "post": "F11/night", "role": "viewer", "unit": "F21" }));
        give(cast, "office", json!({ "account": "clerk", "role": "viewer", "unit": "F21" }));
        assert_eq!(listed(cast, "beside", "unit=F21"), ["? viewer F21"]);
        let list = cast.get("beside", "/grants?unit=F21");
        assert_eq!(list["items"].as_array().unwrap().len(), 2, "{list}");
        let list = list.to_string();
        assert!(!list.contains("F11") && !list.contains("night") && !list.contains("liu"), "{list}");
        // Nor is there, for them, the post itself; nor a unit beside their own.
        for (by, query, code) in [
            ("beside", "post=F11/night", "unit.unknown"),
            ("beside", "unit=F11", "unit.unknown"),
            ("beside", "unit=R&above=true", "unit.unknown"),
            ("clerk", "unit=F11", "unit.unknown"),
            ("group", "post=F11/none", "post.unknown"),
            ("group", "post=NOWHERE/night", "unit.unknown"),
        ] {
            let said = cast.house.get(by, &format!("/grants?{query}"));
            assert_eq!(refused(&said), (404, code.into()), "{by} {query}");
        }
        for (query, code) in [
            ("", "account.unit_missing"),
            ("post=night", "grant.holder"),
            ("unit=F11&limit=0", "request.limit"),
            ("unit=F11&limit=1001", "request.limit"),
            ("unit=F11&cursor=%FF", "request.cursor"),
            ("unit=F11&cursor=*", "request.cursor"),
            ("unit=F11&above=perhaps", "request.field_shape"),
        ] {
            let said = cast.house.get("group", &format!("/grants?{query}"));
            assert_eq!((said.status.as_u16(), said.code().as_str()), (422, code), "{query}: {}", said.json());
        }
    });
}

#[test]
fn a_list_is_told_page_by_page_and_nobody_twice() {
    told(|cast| {
        for (unit, role) in [("F11", "viewer"), ("F11", "reviewer"), ("G1", "viewer"), ("F11", "checker")] {
            give(cast, "group", json!({ "account": "liu", "role": role, "unit": unit }));
        }
        for (by, all) in [("group", 8), ("liu", 6)] {
            let (mut cursor, mut ids) = (String::new(), Vec::new());
            loop {
                let page = cast.get(by, &format!("/grants?unit=F11&above=true&limit=1{cursor}"));
                let items = page["items"].as_array().unwrap();
                assert!(items.len() <= 1, "{page}");
                ids.extend(items.iter().map(|one| one["id"].as_str().unwrap().to_owned()));
                let Some(next) = page["next_cursor"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            assert!(ids.is_sorted(), "{by}: {ids:?}");
            let told = ids.len();
            ids.dedup();
            assert_eq!((told, ids.len()), (all, all), "{by}");
        }
    });
}

#[test]
fn a_refusal_calls_roles_as_its_reader_calls_them() {
    told(|cast| {
        let give = |locale: &str, body: Value| {
            let headers = [("content-type", "application/json"), ("accept-language", locale)];
            let said = cast.house.ask("group", "POST", "/grants", &headers, body.to_string().into());
            (said.code(), said.json()["title"].as_str().unwrap().to_owned())
        };
        let checker = json!({ "account": "clerk", "role": "checker", "unit": "S111" });
        let audit = json!({ "account": "clerk", "role": "audit_admin", "unit": "S111" });
        for (locale, apart, beyond) in [
            ("zh-CN", ["审核人", "填报人"], "审计管理员"),
            ("zh-TW", ["審核人", "填報人"], "審計管理員"),
            ("en", ["Checker", "Filler"], "Audit administrator"),
        ] {
            let (code, said) = give(locale, checker.clone());
            assert!(code == "grant.apart" && apart.iter().all(|role| said.contains(role)), "{said}");
            assert!(!said.contains("checker") && !said.contains("filler"), "{said}");
            let (code, said) = give(locale, audit.clone());
            assert!(code == "grant.beyond" && said.contains(beyond), "{said}");
        }
    });
}
