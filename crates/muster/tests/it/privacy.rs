//! What is kept of persons: told to them, erased when its time is over or they ask; on both stores.

use crate::cast::{Cast, TODAY, Terms, day, names, told_with, unit_id};
use crate::command::muster;
use crate::house::{House, Said};
use axum::http::StatusCode;
use muster::lines::access::{self, Account, Role, account_called, account_named, account_set, password_hash};
use muster::lines::org;
use muster::lines::privacy::FIELDS;
use muster::seal::Chance;
use muster::wiring;
use muster_store::{Dialect, Rx, Stmt};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const NAME: &str = "zhangsanfeng";
const PHONE: &str = "0551-86406421";

/// Somebody at S111 with a name, a post and a telephone.
fn somebody(cast: &Cast<'_>) {
    let hash = password_hash("a-long-password").unwrap();
    cast.write(move |tx, ctx| {
        let account = Account::at("who", Role::Filler, unit_id(tx, "S111")?);
        account_set(tx, ctx, &account, Some((NAME, Some(&hash))))?;
        org::post_set(tx, ctx, "S111", "night", &names("Night desk"), Some((ctx.today(), "account:who")))?;
        org::contact_set(tx, ctx, "S111", "night", PHONE)
    });
}

/// The post is somebody else's from now on.
fn left(cast: &Cast<'_>) {
    cast.write(|tx, ctx| {
        org::post_set(tx, ctx, "S111", "night", &names("Night desk"), Some((ctx.today(), "")))
    });
}

fn named(cast: &Cast<'_>) -> Option<String> {
    let seals = cast.house.app.seals.clone();
    let read = move |rx: &mut Rx<'_>| account_named(rx, &seals, &["who".to_owned()]);
    cast.house.app.db.read_blocking("test.named", read).unwrap().remove("who")
}

fn put(house: &House, who: &str, path: &str, body: &Value) -> Said {
    let headers = [("content-type", "application/json")];
    house.ask(who, "PUT", path, &headers, body.to_string().into_bytes())
}

fn erased(cast: &Cast<'_>) -> u64 {
    cast.house.run(muster::work::due_erased(&cast.house.app)).unwrap()
}

#[test]
fn everybody_reads_what_is_kept_of_them_and_takes_it_along() {
    told_with(Terms::default(), |cast| {
        let house = cast.house;
        somebody(cast);
        for who in ["office", "viewer", "clerk"] {
            let said = house.get(who, "/privacy").json();
            assert_eq!(said["items"].as_array().unwrap().len(), FIELDS.len(), "{who}");
            assert!(said["items"].as_array().unwrap().iter().all(|item| {
                ["name", "purpose", "basis", "until"].iter().all(|key| {
                    let text = item[key].as_str().unwrap();
                    !text.is_empty() && !text.starts_with("privacy.") && !text.contains('{')
                })
            }));
        }
        cast.write(|tx, ctx| {
            let held = Some((ctx.today(), "account:clerk"));
            org::post_set(tx, ctx, "S111", "day", &names("Day desk"), held)?;
            org::contact_set(tx, ctx, "S111", "day", PHONE)
        });
        let own = house.get("clerk", "/session/data").json();
        assert_eq!(
            (&own["account"]["id"], &own["account"]["grants"][0]["role"]),
            (&json!("clerk"), &json!("filler"))
        );
        assert_eq!(
            (&own["posts"][0]["post"], &own["posts"][0]["duty_phone"]),
            (&json!("day"), &json!(PHONE))
        );
        // Somebody else who tells it for them is not told the telephone, and both see that it was told.
        let ask =
            |who: &str, purpose: &str| house.post(who, "/accounts/who/data", json!({ "purpose": purpose }));
        let told = ask("office", "they asked for it");
        assert_eq!(told.status, StatusCode::OK, "{}", told.json());
        assert_eq!(told.json()["account"]["name"], NAME);
        assert_eq!(told.json()["posts"][0]["duty_phone"], Value::Null);
        assert_eq!(told.json()["posts"][0]["has_duty_phone"], true);
        assert_eq!(told.json()["history"][0]["action"], "account.export");
        for (who, purpose, status) in [
            ("office", "x", StatusCode::UNPROCESSABLE_ENTITY),
            ("office", "call 13812340000", StatusCode::UNPROCESSABLE_ENTITY),
            ("clerk", "they asked for it", StatusCode::FORBIDDEN),
            ("viewer", "they asked for it", StatusCode::FORBIDDEN),
        ] {
            assert_eq!(ask(who, purpose).status, status, "{who} {purpose}");
        }
        let nobody = house.post("office", "/accounts/nobody/data", json!({ "purpose": "they asked for it" }));
        assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn who_is_erased_is_known_to_nobody_and_what_they_did_stays() {
    told_with(Terms::default(), |cast| {
        let house = cast.house;
        somebody(cast);
        assert_eq!(named(cast).as_deref(), Some(NAME));
        let erase = |who: &str, id: &str| {
            house.post(who, &format!("/accounts/{id}/erase"), json!({ "purpose": "they asked for it" }))
        };
        assert_eq!(erase("clerk", "who").status, StatusCode::FORBIDDEN);
        assert_eq!(erase("office", "nobody").status, StatusCode::NOT_FOUND);
        assert_eq!(erase("office", "viewer").json()["code"], "account.no_person");
        assert_eq!(erase("office", "who").json()["code"], "account.holds_post");
        left(cast);
        assert_eq!(erase("office", "who").status, StatusCode::NO_CONTENT);
        assert_eq!(erase("office", "who").json()["code"], "account.erased");
        assert_eq!(named(cast), None);
        let read = house.get("office", "/accounts/who").json();
        assert_eq!((&read["name"], &read["until"]), (&Value::Null, &json!(TODAY)));
        let listed = house.get("office", "/accounts?limit=100").json().to_string();
        assert!(listed.contains("\"who\"") && !listed.contains(NAME));
        let history = house.get("office", "/accounts/who/history").json();
        assert_eq!(history["items"][0]["action"], "account.erase");
        // The name is free again, and is another's.
        let added = house.post("office", "/accounts", json!({ "name": NAME, "unit": "S111" }));
        assert_eq!(added.status, StatusCode::CREATED, "{}", added.json());
        let deep = muster::verify::deep(&house.app.db, 1, &house.app.seals, &mut |_, _, _| ()).unwrap();
        assert_eq!(deep.faults_all(), 0, "{:?}", deep.faults());
    });
}

/// No file of the database, no copy of it, no entry and no answer that is kept bears a name; after it was erased none bears
/// its key.
#[test]
fn of_a_name_no_file_holds_a_letter_and_after_it_is_erased_no_file_holds_its_key() {
    told_with(Terms::default(), |cast| {
        let house = cast.house;
        if house.app.db.dialect() != Dialect::Sqlite {
            return;
        }
        let path = house.url.strip_prefix("sqlite:").unwrap_or(&house.url).to_owned();
        let folder = crate::command::Folder::new("names");
        let lies = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|at| at == part);
        let files = |name: &str| -> Vec<Vec<u8>> {
            let copy = folder.path(name);
            assert!(muster(&house.url, &["backup", &copy]).status.success());
            let all = ["", "-wal", "-shm"].map(|end| format!("{path}{end}")).into_iter().chain([copy]);
            // By another process: whoever closes a file that SQLite has open in the same one takes its locks away.
            all.map(|file| std::process::Command::new("cat").arg(file).output().unwrap().stdout).collect()
        };
        somebody(cast);
        let told = house.post("office", "/accounts/who/data", json!({ "purpose": "they asked for it" }));
        assert_eq!(told.json()["account"]["name"], NAME);
        let key = {
            let conn = rusqlite::Connection::open(&path).unwrap();
            let wrapped = "select wrapped from seal_person_key where subject = 'account:who'";
            conn.query_row(wrapped, [], |row| row.get::<_, Vec<u8>>(0)).unwrap()
        };
        let before = files("before.db");
        assert!(before.iter().all(|bytes| !lies(bytes, NAME.as_bytes())));
        assert!(before.iter().any(|bytes| lies(bytes, &key[12..28])), "the look itself can fail");
        left(cast);
        let said = house.post("office", "/accounts/who/erase", json!({ "purpose": "they asked for it" }));
        assert_eq!(said.status, StatusCode::NO_CONTENT);
        house.app.db.log_empty().unwrap();
        assert!(files("after.db").iter().all(|bytes| !lies(bytes, &key[12..28])));
    });
}

#[test]
fn names_and_telephones_go_when_their_time_is_over() {
    told_with(Terms::default(), |cast| {
        let house = cast.house;
        somebody(cast);
        let say = |path: &str, body: Value| put(house, "office", path, &body);
        assert_eq!(
            say("/privacy/fields/login_name", json!({ "keep_days": 3 })).status,
            StatusCode::NO_CONTENT
        );
        assert_eq!(
            say("/privacy/fields/duty_phone", json!({ "keep_days": 2 })).status,
            StatusCode::NO_CONTENT
        );
        let basis = json!({ "basis": "本级应急预案第三条" });
        assert_eq!(say("/privacy/fields/duty_phone", basis).status, StatusCode::NO_CONTENT);
        let shown = house.get("viewer", "/privacy").json();
        let phone =
            shown["items"].as_array().unwrap().iter().find(|item| item["field"] == "duty_phone").unwrap();
        assert_eq!(
            (&phone["basis"], &phone["keep_days"], &phone["basis_own"]),
            (&json!("本级应急预案第三条"), &json!(2), &json!(true))
        );
        for (path, body, code) in [
            ("/privacy/fields/shoe_size", json!({ "keep_days": 3 }), "privacy.unknown"),
            ("/privacy/fields/session", json!({ "keep_days": 3 }), "privacy.refused"),
            ("/privacy/fields/duty_phone", json!({}), "privacy.nothing_said"),
            ("/privacy/fields/duty_phone", json!({ "basis": "one\ntwo" }), "privacy.refused"),
            ("/privacy/fields/duty_phone", json!({ "keep_days": 9_999 }), "privacy.refused"),
            ("/privacy/fields/duty_phone", json!({ "basis": "x".repeat(301) }), "privacy.refused"),
            ("/privacy/fields/duty_phone", json!({ "basis": "问 13812340000" }), "privacy.refused"),
            ("/privacy/end", json!({ "day": "2020-01-01", "reason": "over" }), "privacy.refused"),
            ("/privacy/end", json!({ "day": TODAY, "reason": " " }), "privacy.refused"),
        ] {
            assert_eq!(say(path, body.clone()).json()["code"], code, "{path} {body}");
        }
        assert_eq!(
            put(house, "group", "/privacy/end", &json!({ "day": TODAY, "reason": "x" })).status,
            StatusCode::FORBIDDEN
        );
        // Nothing has ended.
        assert_eq!(erased(cast), 0);
        assert_eq!(house.post("office", "/accounts/who/end", json!({})).status, StatusCode::NO_CONTENT);
        let on = |days: i32| cast.clock(&format!("{} 09:00", &day(TODAY).plus(days).to_string()[5..]));
        on(2);
        assert_eq!(erased(cast), 0, "it ended two days ago");
        on(3);
        assert_eq!(erased(cast), 1);
        assert_eq!((named(cast), erased(cast)), (None, 0));
        // The operation ends; an extension is a decision of its own.
        let end = |days: i32, reason: &str| {
            let said = json!({ "day": day(TODAY).plus(days).to_string(), "reason": reason });
            assert_eq!(say("/privacy/end", said).status, StatusCode::NO_CONTENT);
        };
        end(4, "the response is stood down");
        end(10, "two districts go on");
        let shown = house.get("viewer", "/privacy").json();
        assert_eq!(shown["ends"]["day"], day(TODAY).plus(10).to_string());
        assert_eq!(shown["ends"]["reason"], "two districts go on");
        let count = |cast: &Cast<'_>| {
            crate::house::count(cast.house, Stmt::new("test.phones", "select count(*) from duty_contact"))
                .unsigned_abs()
        };
        on(11);
        assert_eq!(erased(cast), 0);
        let there = count(cast);
        assert!(there > 0);
        on(12);
        assert_eq!((erased(cast), count(cast)), (there, 0));
        let deep = muster::verify::deep(&house.app.db, 1, &house.app.seals, &mut |_, _, _| ()).unwrap();
        assert_eq!(deep.faults_all(), 0, "{:?}", deep.faults());
    });
}

#[test]
fn a_telephone_is_erased_wherever_it_stands_in_ones_own_part() {
    told_with(Terms::default(), |cast| {
        let house = cast.house;
        cast.write(|tx, ctx| {
            for unit in ["S111", "F21"] {
                org::post_set(tx, ctx, unit, "night", &names("Night desk"), None)?;
                org::contact_set(tx, ctx, unit, "night", PHONE)?;
            }
            Ok(())
        });
        let erase = |who: &str, phone: &str| {
            house.post(who, "/contacts/erase", json!({ "phone": phone, "purpose": "they asked for it" }))
        };
        assert_eq!(erase("viewer", PHONE).status, StatusCode::FORBIDDEN);
        assert_eq!(erase("office", "").status, StatusCode::UNPROCESSABLE_ENTITY);
        // However it was written down.
        for (kept, said) in [
            ("+86 138 4444 3333", "13844443333"),
            ("13844443333", "0086-138-4444-3333"),
            ("0551-62600009", "+86 551 62600009"),
        ] {
            cast.write(move |tx, ctx| org::contact_set(tx, ctx, "F21", "night", kept));
            assert_eq!(erase("office", said).json()["count"], 1, "{kept} {said}");
        }
        cast.write(|tx, ctx| org::contact_set(tx, ctx, "F21", "night", PHONE));
        // Of the group's part alone.
        assert_eq!(erase("group", PHONE).json()["count"], 1);
        assert_eq!(erase("group", PHONE).json()["count"], 0);
        assert_eq!(erase("office", PHONE).json()["count"], 1);
        let find = json!({ "phone": PHONE, "purpose": "are they gone" });
        assert_eq!(house.post("office", "/contacts/find", find).json()["items"], json!([]));
    });
}

/// Tables of which no column says anything of a person. A reference (`account:ID`, a post's number) is nobody once its
/// account is erased.
const NOBODYS: &[&str] = &[
    "access_grant",
    "access_letter",
    "access_oidc_round",
    "access_token_use",
    "access_link",
    "access_reset",
    "access_separation",
    "assignment",
    "book_epoch",
    "brief",
    "brief_document",
    "brief_file",
    "brief_narrative",
    "brief_origin",
    "channel_pace",
    "contact_look",
    "correction",
    "crown",
    "element",
    "expected",
    "finding",
    "finding_step",
    "measure",
    "task",
    "task_step",
    "form",
    "frozen",
    "incident",
    "journal",
    "lane",
    "layout",
    "letter",
    "migration",
    "note",
    "notice",
    "notice_conjecture",
    "notice_file",
    "operation",
    "outside_party",
    "place_name",
    "post",
    "post_holding",
    "privacy_end",
    "privacy_rule",
    "reassigned",
    "report_scan",
    "request_key",
    "seal_person_key",
    "seal_unit_key",
    "sheet",
    "standing",
    "standing_class",
    "statement",
    "succession",
    "total",
    "tree",
    "tree_entry",
    "unit",
    "unit_class",
    "unit_edge",
    "unit_facts",
];
/// Columns beside personal ones in their tables that are nobody's.
const BESIDE: &[&str] = &[
    "digest",
    "provider",
    "own",
    "linked_at",
    "salt",
    "media_type",
    "id",
    "account",
    "post",
    "unit",
    "since",
    "until",
    "rev",
    "last_lane",
    "last_no",
    "link",
    "opened_at",
    "expires_at",
    "ended_at",
    "issued_at",
    "token_hash",
    "scope",
    "confirmed",
    "step",
    "operation",
    "code",
    "kind",
    "host",
    "quiet_from",
    "quiet_until",
    "lane",
    "no",
];

#[test]
fn every_column_is_a_persons_with_an_end_or_nobodys() {
    told_with(Terms::default(), |cast| {
        let columns = crate::stores::columns(&cast.house.app.db);
        let personal: BTreeSet<&str> = FIELDS.iter().flat_map(|field| field.columns).copied().collect();
        let mut undecided = Vec::new();
        let mut seen = BTreeSet::new();
        for (table, column) in columns.keys() {
            let whole = format!("{table}.{column}");
            let beside = personal.iter().any(|at| at.split('.').next() == Some(table));
            match personal.get(whole.as_str()) {
                Some(known) => drop(seen.insert(*known)),
                None if NOBODYS.contains(&table.as_str()) => {}
                None if beside && BESIDE.contains(&column.as_str()) => {}
                None => undecided.push(whole),
            }
        }
        assert!(undecided.is_empty(), "a person's, or nobody's? {undecided:?}");
        assert_eq!(seen, personal, "columns that there are");
    });
}

/// Whoever will rule later is not let in, ended or erased today by whom they will rule.
#[test]
fn a_role_of_a_later_day_is_beyond_today_already() {
    told_with(Terms::default(), |cast| {
        let house = cast.house;
        let add = |name: &str| {
            let said = house.post("office", "/accounts", json!({ "name": name, "unit": "S111" }));
            assert_eq!(said.status, StatusCode::CREATED, "{}", said.json());
            said.json()["id"].as_str().unwrap().to_owned()
        };
        let (later, post) = (add("later"), add("by-post"));
        let since = day(TODAY).plus(5).to_string();
        let role = json!({ "account": later, "role": "office", "unit": "R", "since": since });
        assert_eq!(house.post("office", "/grants", role).status, StatusCode::CREATED);
        let holder = format!("account:{post}");
        cast.write(move |tx, ctx| {
            let from = Some((ctx.today().plus(5), holder.as_str()));
            org::post_set(tx, ctx, "R", "head", &names("Head"), from)
        });
        let role = json!({ "post": "R/head", "role": "commander", "unit": "R" });
        assert_eq!(house.post("office", "/grants", role).status, StatusCode::CREATED);
        for id in [&later, &post] {
            let purpose = json!({ "purpose": "they asked for it" });
            for (deed, body) in
                [("letter", Value::Null), ("end", json!({})), ("data", purpose.clone()), ("erase", purpose)]
            {
                let said = house.post("group", &format!("/accounts/{id}/{deed}"), body);
                assert_eq!(
                    (said.status, said.code().as_str()),
                    (StatusCode::FORBIDDEN, "account.beyond"),
                    "{deed}"
                );
            }
        }
        // One whose roles lie within is the group's to end; and then nobody's roles are listed.
        let own = add("own");
        let role = json!({ "account": own, "role": "viewer", "unit": "S111" });
        assert_eq!(house.post("group", "/grants", role).status, StatusCode::CREATED);
        let listed = || house.get("group", "/grants?unit=S111").json().to_string().contains(&own);
        assert!(listed());
        assert_eq!(
            house.post("group", &format!("/accounts/{own}/end"), json!({})).status,
            StatusCode::NO_CONTENT
        );
        assert!(!listed());
        // A name that is another's id is no name.
        let said = house.post("office", "/accounts", json!({ "name": own, "unit": "S111" }));
        assert_eq!(said.code(), "account.name");
    });
}

/// What runs beside an erase, and comes after it, leaves nothing of the person.
#[test]
fn whoever_was_erased_writes_nothing_more_of_themselves() {
    told_with(Terms::default(), |cast| {
        somebody(cast);
        left(cast);
        let draft =
            || access::TokenDraft { label: "mine".into(), scope: vec!["figure.read".into()], days: 9 };
        cast.write(move |tx, ctx| access::token_issue(tx, ctx, "who", &draft(), "mst_before").map(drop));
        let said =
            cast.house.post("office", "/accounts/who/erase", json!({ "purpose": "they asked for it" }));
        assert_eq!(said.status, StatusCode::NO_CONTENT);
        let late = cast.write(move |tx, ctx| {
            let token = access::token_issue(tx, ctx, "who", &draft(), "mst_late").map(drop);
            let totp = access::totp_begin(tx, ctx, "who", "Office").map(drop);
            Ok([token, totp].map(|done| muster_kernel::Problem::from(done.unwrap_err()).code))
        });
        assert_eq!(late, ["account.unknown", "account.unknown"]);
        let note = access::browser_note(&cast.house.app.db, 0, None, "who");
        cast.house.run(note).unwrap();
        let labels = "select count(*) from access_token where account = 'who' and label <> ''";
        for left in [
            labels,
            "select count(*) from access_totp where account = 'who'",
            "select count(*) from access_browser where account = 'who'",
            "select count(*) from session where account = 'who'",
            "select count(*) from seal_person_key where subject = 'totp:who' or subject = 'account:who'",
        ] {
            assert_eq!(crate::house::count(cast.house, Stmt::new("test.left", left)), 0, "{left}");
        }
    });
}

#[test]
fn a_name_is_found_under_a_ring_that_is_turned() {
    told_with(Terms::default(), |cast| {
        somebody(cast);
        let (db, seals) = (&cast.house.app.db, &cast.house.app.seals);
        let found = || cast.write(|tx, ctx| Ok(account_called(tx, ctx, NAME)?.map(|account| account.id)));
        seals.turn(seals.ring().unwrap().rotated(1, &mut Chance).unwrap());
        assert_eq!(found().as_deref(), Some("who"), "by the key before");
        assert!(wiring::keys_turned(db, seals, 1).unwrap() > 0);
        assert_eq!((found().as_deref(), named(cast).as_deref()), (Some("who"), Some(NAME)));
        let looked = wiring::seals_look(db, seals).unwrap();
        assert!(looked.open >= 2, "{looked:?}");
        assert_eq!((looked.closed, looked.broken), (0, 0));
        let deep = muster::verify::deep(db, 1, seals, &mut |_, _, _| ()).unwrap();
        assert_eq!(deep.faults_all(), 0, "{:?}", deep.faults());
    });
}

/// As the tables were before names were sealed.
#[test]
fn names_that_an_older_version_left_in_plain_are_sealed_and_leave_nothing_behind() {
    told_with(Terms::default(), |cast| {
        somebody(cast);
        let (db, seals) = (&cast.house.app.db, &cast.house.app.seals);
        let beside = crate::tamper::Beside::of(cast.house);
        for sql in [
            "update account set name_sealed = null, name_index = null where id = 'who'".to_owned(),
            format!("insert into account_plain (id, name) values ('who', '{NAME}')"),
            format!("insert into account_plain (id, name) values ('gone', '{NAME}2')"),
        ] {
            assert_eq!(beside.run(sql.clone()), Ok(1), "{sql}");
        }
        assert_eq!(wiring::plain_seal(db, seals, 0, |count| assert_eq!(count, 2)).unwrap(), 2);
        assert_eq!(named(cast).as_deref(), Some(NAME));
        assert_eq!(wiring::plain_seal(db, seals, 0, |_| panic!("there is none")).unwrap(), 0);
        if db.dialect() == Dialect::Sqlite {
            let path = cast.house.url.strip_prefix("sqlite:").unwrap_or(&cast.house.url).to_owned();
            for file in [path.clone(), format!("{path}-wal")] {
                let bytes = std::process::Command::new("cat").arg(&file).output().unwrap().stdout;
                assert!(!bytes.windows(NAME.len()).any(|at| at == NAME.as_bytes()), "{file}");
            }
        }
        // The journal of that time held the name in plain by its hash; this one holds the sealed one.
        somebody(cast);
    });
}
