//! Stories of posts and duty telephones: added, changed, ended, looked at first; by the API and by the command line.

use crate::cast::{Cast, TODAY, Terms, told, told_with};
use crate::command::muster;
use crate::house::{Said, found};
use axum::http::StatusCode;
use muster::lines::access::{Account, Role, account_set};
use muster::migrations::MIGRATIONS;
use muster::{Ctx, Reach};
use muster_kernel::{Actor, IdSource, Locale};
use muster_store::Db;
use muster_store::testdb::each_store;
use serde_json::{Value, json};

const NIGHT: &str = "/units/F11/posts/night";

fn put(cast: &Cast<'_>, role: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Said {
    let json = [("content-type", "application/json")];
    let headers: Vec<_> = json.iter().chain(headers).copied().collect();
    cast.house.ask(role, "PUT", path, &headers, body.to_string().into())
}

/// The post as it is on a day.
fn night(cast: &Cast<'_>, day: &str) -> Value {
    let unit = cast.get("lead", &format!("/units/F11?day={day}"));
    unit["posts"].as_array().unwrap().iter().find(|post| post["code"] == "night").cloned().unwrap_or_default()
}

#[test]
fn a_post_is_added_changed_and_ended_and_each_is_looked_at_first() {
    told(|cast| {
        let set = |path: &str, body: Value| put(cast, "office", path, &[], &body);
        let look = |body: Value| set(&format!("{NIGHT}?dry_run=true"), body);
        // New: a name is needed, and all that is wrong is told at its field, before anything is stored.
        assert_eq!(look(json!({ "holder": "account:clerk" })).code(), "post.unknown");
        assert_eq!(look(json!({})).findings(), found("unit.nothing_to_change", ""));
        let wrong = json!({ "names": { "en": "" }, "holder": "刘某", "duty_phone": "0551-x?" });
        let said = look(wrong).findings();
        assert_eq!(
            said,
            [found("post.holder_form", "holder"), found("contact.phone_form", "duty_phone")].concat()
        );
        assert_eq!(
            look(json!({ "names": { "en": "" } })).findings(),
            found("unit.name_missing", "names.zh-Hans")
        );
        let nobody = look(json!({ "names": { "en": "Night" }, "holder": "account:nobody" })).findings();
        assert_eq!(nobody, found("post.holder_unknown", "holder"));
        assert_eq!(look(json!({ "holder": "person:clerk" })).findings(), found("post.holder_form", "holder"));
        let new = json!({ "names": { "zh-Hans": "夜班", "en": "Night desk" }, "holder": "account:clerk",
            "day": "2020-02-01", "duty_phone": "0551-5550100" });
        let seen = look(new.clone()).json();
        assert_eq!(
            (&seen["dry_run"], &seen["before"], &seen["later_gone"]),
            (&json!(true), &Value::Null, &json!(0))
        );
        assert_eq!(
            (&seen["after"]["holder"], &seen["after"]["duty_phone"]),
            (&json!("account:clerk"), &json!("0551-5550100"))
        );
        assert_eq!(night(cast, TODAY), Value::Null, "a look stores nothing");
        assert_eq!(set(NIGHT, new).status, StatusCode::NO_CONTENT);
        let post = night(cast, TODAY);
        assert_eq!(
            (&post["name"], &post["since"], &post["until"]),
            (&json!("Night desk"), &json!("2020-02-01"), &Value::Null)
        );

        // What is not said stays: a name, the telephone, who holds it.
        assert_eq!(set(NIGHT, json!({ "names": { "en": "Night" } })).status, StatusCode::NO_CONTENT);
        let post = night(cast, TODAY);
        assert_eq!(post["names"], json!({ "zh-Hans": "夜班", "zh-Hant": "", "en": "Night" }));
        assert_eq!((&post["holder"], &post["duty_phone"]), (&json!("account:clerk"), &json!("0551-5550100")));
        let entries = cast.house.journalled("post.set").len();
        assert_eq!(set(NIGHT, json!({ "names": { "en": "Night" } })).status, StatusCode::NO_CONTENT);
        assert_eq!(set(NIGHT, json!({ "duty_phone": "0551-5550101" })).status, StatusCode::NO_CONTENT);
        assert_eq!(cast.house.journalled("post.set").len(), entries, "a name said again is no change");
        assert_eq!(night(cast, TODAY)["duty_phone"], "0551-5550101");

        // Another from a day on, and then nobody from an earlier one: what was said of later days goes, and is told before.
        assert_eq!(
            set(NIGHT, json!({ "holder": "account:second", "day": "2020-02-10" })).status,
            StatusCode::NO_CONTENT
        );
        assert_eq!(night(cast, TODAY)["until"], "2020-02-10");
        assert_eq!(night(cast, "2020-02-10")["holder"], "account:second");
        let end = json!({ "holder": "", "day": "2020-02-05" });
        let seen = look(end.clone()).json();
        assert_eq!(
            (&seen["before"]["holder"], &seen["after"]["holder"], &seen["later_gone"]),
            (&json!("account:clerk"), &Value::Null, &json!(1))
        );
        assert_eq!(set(NIGHT, end).status, StatusCode::NO_CONTENT);
        let held = ["2020-02-04", "2020-02-05", "2020-02-10"].map(|day| night(cast, day)["holder"].clone());
        assert_eq!(held, [json!("account:clerk"), Value::Null, Value::Null]);

        // The telephone has a door of its own; taken away, it is gone from the board. No entry ever bore it.
        let contact = format!("{NIGHT}/contact");
        let taken = set(&format!("{contact}?dry_run=true"), json!({ "phone": "" })).json();
        assert_eq!(
            (&taken["before"]["duty_phone"], &taken["after"]["duty_phone"]),
            (&json!("0551-5550101"), &Value::Null)
        );
        assert_eq!(
            set(&contact, json!({ "phone": "110 120 1234567 7654321" })).findings(),
            found("contact.two_phones", "phone")
        );
        assert_eq!(set(&contact, json!({ "phone": "" })).status, StatusCode::NO_CONTENT);
        assert_eq!(night(cast, TODAY)["duty_phone"], Value::Null);
        for action in ["post.set", "contact.set"] {
            for entry in cast.house.journalled(action) {
                assert!(!String::from_utf8_lossy(&entry.body).contains("55501"), "{action}");
            }
        }
        cast.drawn_is_stored();
    });
}

#[test]
fn a_post_is_changed_by_who_has_the_unit_and_saw_it_as_it_is() {
    told(|cast| {
        let new = json!({ "names": { "zh-Hans": "夜班" }, "duty_phone": "0551-5550100" });
        let seen = cast.house.get("viewer", "/units/F11").headers["etag"].to_str().unwrap().to_owned();
        let done = put(cast, "office", NIGHT, &[("if-match", &seen)], &new);
        assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.json());
        let after = done.headers["etag"].to_str().unwrap().to_owned();
        for path in [NIGHT.to_owned(), format!("{NIGHT}?dry_run=true")] {
            let late = put(cast, "office", &path, &[("if-match", &seen)], &json!({ "duty_phone": "" }));
            assert_eq!(
                (late.status, late.code()),
                (StatusCode::PRECONDITION_FAILED, "unit.stale".to_owned())
            );
        }
        let again = json!({ "duty_phone": "0551-5550102" });
        assert_eq!(
            put(cast, "office", NIGHT, &[("if-match", &after)], &again).status,
            StatusCode::NO_CONTENT
        );
        // A group has its own firms; another's it does not even know, and a clerk changes nothing.
        assert_eq!(put(cast, "group", NIGHT, &[], &again).status, StatusCode::NO_CONTENT);
        assert_eq!(put(cast, "group", "/units/F21/posts/night", &[], &new).code(), "unit.unknown");
        assert_eq!(put(cast, "clerk", "/units/S111/posts/night", &[], &new).code(), "permission.lacking");
    });
}

#[test]
fn of_accounts_elsewhere_one_is_told_nothing() {
    told_with(Terms::default(), |cast| {
        let holder = |role: &str, unit: &str, who: &str| {
            let body = json!({ "names": { "zh-Hans": "夜班" }, "holder": format!("account:{who}") });
            put(cast, role, &format!("/units/{unit}/posts/night?dry_run=true"), &[], &body)
        };
        // Of one's own part: oneself, and who stands below.
        for who in ["group", "firm", "clerk"] {
            assert_eq!(holder("group", "F11", who).status, StatusCode::OK, "{who}");
        }
        // Beside and above: as if there were none.
        for who in ["nobody", "beside", "office", "viewer"] {
            let said = holder("group", "F11", who);
            assert_eq!(said.findings(), found("post.holder_unknown", "holder"), "{who}");
            let other = holder("group", "F11", "nobody").json().to_string();
            assert_eq!(said.json().to_string().replace(who, "nobody"), other, "{who}");
        }
        // Who stands at the top has them all.
        for who in ["office", "viewer", "beside", "clerk"] {
            assert_eq!(holder("office", "F11", who).status, StatusCode::OK, "{who}");
        }
    });
}

/// An account with an id that is not its login name.
fn account(db: &Db, id: &str, name: &str) {
    let name = name.to_owned();
    let account = Account::at(id, Role::Office, 0);
    let ctx = Ctx {
        actor: Actor::system("test"),
        now_ms: 1_580_695_200_000,
        ids: IdSource::Random,
        operation: 1,
        zone: jiff::tz::TimeZone::UTC,
        locale: Locale::En,
        reach: Reach::All,
        seals: muster::seal::Seals::of_demo(),
        lent_ms: None,
    };
    db.write_blocking("test.account", ctx.now_ms, move |tx| {
        account_set(tx, &ctx, &account, Some((&name, None)))
    })
    .unwrap();
}

#[test]
fn posts_are_set_and_ended_by_the_command_line() {
    each_store(MIGRATIONS, |at| {
        let folder = crate::command::Folder::new("posts");
        let units = folder.file("units.csv", "code,name,kind\nHQ,省国资委,regulator\n".as_bytes());
        let run = |args: &[&str]| {
            let out = muster(&at.config.url, args);
            (out.status.code().unwrap(), String::from_utf8_lossy(&out.stdout).into_owned())
        };
        let done = |args: &[&str]| assert_eq!(run(args), (0, String::new()), "{args:?}");
        let refused = |args: &[&str]| -> (i32, String) {
            let (code, said) = run(&[args, &["--json"]].concat());
            let problem: Value = serde_json::from_str(&said).unwrap();
            (code, problem["code"].as_str().unwrap().to_owned())
        };
        let listed = |day: &str| -> Value {
            let (code, said) = run(&["post", "list", "HQ", "--day", day, "--json"]);
            assert_eq!(code, 0, "{said}");
            serde_json::from_str::<Value>(&said).unwrap()["items"][0].clone()
        };
        assert_eq!(run(&["import", "units", &units, "--day", "2020-01-01"]).0, 0);
        assert_eq!(
            refused(&["post", "set", "HQ", "night", "--name", "夜班", "--holder", "account:clerk"]),
            (1, "post.refused".to_owned()),
            "there is no such account"
        );
        account(&at.db, "0b5e", "clerk");
        assert_eq!(
            refused(&["post", "set", "HQ", "night", "--phone", "0551-5550100"]),
            (1, "post.unknown".to_owned())
        );
        done(&[
            "post",
            "set",
            "HQ",
            "night",
            "--name",
            "夜班",
            "--holder",
            "account:clerk",
            "--day",
            "2020-02-01",
        ]);
        done(&["post", "set", "HQ", "night", "--name-en", "Night desk"]);
        done(&["post", "phone", "HQ", "night", "0551-5550100"]);
        done(&["post", "end", "HQ", "night", "--day", "2020-03-01"]);
        let post = listed("2020-02-10");
        assert_eq!(
            [&post["names"]["zh-Hans"], &post["name"], &post["holder"], &post["until"], &post["duty_phone"]],
            ["夜班", "Night desk", "account:0b5e", "2020-03-01", "0551-5550100"]
        );
        assert_eq!(listed("2020-03-01")["holder"], Value::Null);
        done(&["post", "phone", "HQ", "night", ""]);
        assert_eq!(listed("2020-03-01")["duty_phone"], Value::Null);
        let (_, table) = run(&["post", "list", "HQ", "--day", "2020-02-10"]);
        assert!(table.contains("Night desk") && table.contains("account:0b5e"), "{table}");

        assert_eq!(refused(&["post", "end", "HQ", "day"]), (1, "post.unknown".to_owned()));
        assert_eq!(refused(&["post", "list", "NOPE"]), (1, "unit.unknown".to_owned()));
        assert_eq!(
            refused(&["post", "set", "HQ", "night", "--holder", "刘某"]),
            (1, "post.refused".to_owned())
        );
        assert_eq!(refused(&["post", "phone", "HQ", "night", "1"]), (1, "post.refused".to_owned()));
        assert_eq!(run(&["post", "phone", "HQ", "night"]).0, 2);
    });
}
