//! The key file: made, missing, of another database, turned.

use crate::cast::{Terms, names, told_with};
use crate::command::Folder;
use muster::lines::org;
use muster::migrations::MIGRATIONS;
use muster::seal::{Seals, file};
use muster_store::Rx;
use muster_store::testdb::each_store;
use serde_json::{Value, json};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

const PHONE: &str = "0551-86406421";

/// The program on a database with a key file; exit code, standard output, standard error.
fn run(database: &str, keys: Option<&str>, log: &str, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
    command.args(["--database", database]).args(args).env("MUSTER_LANG", "en").env("MUSTER_LOG", log);
    command.env_remove("MUSTER_KEYS");
    command.envs(keys.map(|keys| ("MUSTER_KEYS", keys)));
    let out = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap(), text(out.stdout), text(out.stderr))
}

#[test]
fn without_its_keys_a_server_shows_no_telephone_and_makes_no_new_key() {
    told_with(Terms::default(), |cast| {
        cast.write(|tx, ctx| {
            org::post_set(tx, ctx, "S112", "duty", &names("值班室"), None)?;
            org::contact_set(tx, ctx, "S112", "duty", PHONE)
        });
        let folder = Folder::new("missing-keys");
        let absent = folder.path("absent.keys");
        let other = folder.path("other.keys");
        file::make(Path::new(&other), 5).unwrap();
        for seals in [
            Seals::none(),
            Seals::open(Path::new(&absent), true).unwrap(),
            Seals::open(Path::new(&other), true).unwrap(),
        ] {
            let mut house = cast.house.beside();
            house.app.seals = seals.clone();
            let missing = house.get("office", "/missing").json();
            let item = missing["items"]
                .as_array()
                .unwrap()
                .iter()
                .find(|one| one["unit"]["code"] == "S112")
                .unwrap();
            assert_eq!((&item["duty_phone"], &item["duty_phone_closed"]), (&Value::Null, &json!(true)));
            let post = house.get("office", "/units/S112").json()["posts"][0].clone();
            assert_eq!((&post["duty_phone"], &post["duty_phone_closed"]), (&Value::Null, &json!(true)));
            let put = |unit: &str| {
                let body = json!({ "names": { "en": "Duty" }, "duty_phone": "0551-86406429" });
                let json = [("content-type", "application/json")];
                house.ask(
                    "office",
                    "PUT",
                    &format!("/units/{unit}/posts/duty"),
                    &json,
                    body.to_string().into(),
                )
            };
            // Of a unit that has a key, and of one that would get its first.
            for unit in ["S112", "S121"] {
                let said = put(unit);
                assert_eq!((said.status.as_u16(), said.code().as_str()), (503, "seal.key_missing"), "{unit}");
            }
            let find = json!({ "phone": PHONE, "purpose": "who is on duty" });
            assert_eq!(house.post("office", "/contacts/find", find).code(), "seal.key_missing");
            let export = house.get("office", "/exports/units?phones=true&purpose=who%20is%20it");
            assert_eq!(export.code(), "seal.key_missing");
            // No right password is right then, and that is said, of every name.
            for name in ["office", "nobody"] {
                let login = json!({ "name": name, "password": "whatever it is" });
                house.app.login = muster::app::Login::Local;
                let said = house.post("", "/session", login);
                assert_eq!((said.status.as_u16(), said.code().as_str()), (503, "seal.key_missing"), "{name}");
                let said = house.post("", "/resets", json!({ "name": name }));
                assert_eq!((said.status.as_u16(), said.code().as_str()), (503, "seal.key_missing"), "{name}");
            }
            let fits =
                house.app.db.read_blocking("test.fits", move |rx: &mut Rx<'_>| seals.fits(rx)).unwrap();
            assert_eq!(fits, Some((0, 1)));
            house.app.db.close();
        }
        assert!(!Path::new(&absent).exists());
        assert_eq!(cast.house.journalled("contact.read").len(), 0, "nothing was shown");
        let missing = cast.get("office", "/missing").to_string();
        assert!(missing.contains(PHONE) && !missing.contains("duty_phone_closed"));
    });
}

#[test]
fn a_ring_is_turned_by_the_command_line_and_a_crash_in_the_middle_loses_nothing() {
    each_store(MIGRATIONS, |at| {
        let folder = Folder::new("turned-keys");
        let keys = folder.path("own.keys");
        let units = folder.file(
            "units.csv",
            "code,name,kind,parent,duty_phone\nHQ,a,regulator,,0551-86406420\nG1,b,group,HQ,0551-86406421\nG2,c,group,HQ,0551-86406422\n"
                .as_bytes(),
        );
        let own = |args: &[&str]| run(&at.config.url, Some(&keys), "error", args);
        let json =
            |args: &[&str]| -> Value { serde_json::from_str(&own(&[args, &["--json"]].concat()).1).unwrap() };
        let (code, _, said) = own(&["import", "units", &units, "--day", "2020-01-01"]);
        assert!(code == 0 && said.contains("A key file was made") && said.contains(&keys), "{said}");
        assert_eq!(std::fs::metadata(&keys).unwrap().permissions().mode() & 0o777, 0o600);
        let phone = |unit: &str| json(&["post", "list", unit])["items"][0]["duty_phone"].clone();
        let all = |what: &str| {
            for (unit, last) in [("HQ", "0"), ("G1", "1"), ("G2", "2")] {
                assert_eq!(phone(unit), format!("0551-8640642{last}"), "{what}: {unit}");
            }
        };
        all("new");
        let shown = json(&["keys", "show"]);
        assert_eq!((&shown["items"][0]["units"], shown["items"].as_array().unwrap().len()), (&json!(3), 1));
        let bytes = std::fs::read_to_string(&keys).unwrap();
        let key = bytes.lines().last().unwrap().rsplit(' ').next().unwrap().to_owned();
        assert!(key.len() == 64 && !shown.to_string().contains(&key), "no key is ever printed");

        // Turned as the command turns it, and broken off after one unit.
        let seals = Seals::open(Path::new(&keys), false).unwrap();
        let server = Seals::open(Path::new(&keys), false).unwrap();
        let turned = seals.ring().unwrap().rotated(6, &mut rand_once()).unwrap();
        file::replace(Path::new(&keys), &turned).unwrap();
        seals.turn(turned);
        let wrapping = seals.clone();
        let wrapped = at
            .db
            .write_blocking("test.rewrap", 0, move |tx| org::contacts_rewrapped(tx, &wrapping, i64::MIN, 1));
        assert_eq!(wrapped.unwrap().unwrap().1, 1);
        all("broken off");
        let counts = |shown: &Value| {
            shown["items"].as_array().unwrap().iter().map(|one| one["units"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(counts(&json(&["keys", "show"])), [json!(1), json!(2)]);
        let look = |seals: &Seals| {
            let looked = org::contacts_look(&at.db, seals).unwrap();
            (looked.open, looked.closed, looked.broken)
        };
        assert_eq!(look(&seals), (3, 0, 0));
        assert_eq!(look(&server), (3, 0, 0), "a server that runs meanwhile follows the file");
        let rotated = json(&["keys", "rotate", "--resume"]);
        assert_eq!(rotated["units"], 2);
        assert_eq!(counts(&json(&["keys", "show"])), [json!(3), json!(0)]);
        assert_eq!(json(&["keys", "rotate"])["units"], 3);
        all("turned");
        assert_eq!(json(&["keys", "check"]), json!({ "open": 3, "closed": 0, "broken": 0 }));
        // By the newest key alone: also the indexes were made anew.
        let newest = muster_seal::Ring::read(&{
            let text = std::fs::read_to_string(&keys).unwrap();
            text.lines().take(3).collect::<Vec<_>>().join("\n")
        });
        assert_eq!(look(&Seals::of(newest.unwrap())), (3, 0, 0));

        // A file that others may read, one that is of another database, none at all.
        std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o644)).unwrap();
        let (code, _, said) = own(&["post", "list", "HQ"]);
        assert!(
            code == 1 && said.contains("[seal.file_open_to_others]") && said.contains("0644"),
            "{code} {said}"
        );
        std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o600)).unwrap();
        let other = folder.path("other.keys");
        file::make(Path::new(&other), 5).unwrap();
        let (code, said, _) = run(&at.config.url, Some(&other), "error", &["keys", "check", "--json"]);
        assert_eq!(
            (code, serde_json::from_str::<Value>(&said).unwrap()),
            (1, json!({ "open": 0, "closed": 3, "broken": 0 }))
        );
        let absent = folder.path("absent.keys");
        let (code, _, said) =
            run(&at.config.url, Some(&absent), "error", &["post", "phone", "HQ", "duty", "0551-5550100"]);
        assert!(code == 3 && said.contains("[seal.key_missing]"), "{code} {said}");
        assert!(!Path::new(&absent).exists(), "no new key beside what an old one sealed");
        let (code, _, said) = run(&at.config.url, Some(&other), "error", &["keys", "rotate"]);
        assert!(code == 3 && said.contains("[seal.key_missing]"), "{code} {said}");
    });
}

/// Chance of the machine, as the program takes it.
fn rand_once() -> impl rand_core::TryCryptoRng {
    muster::seal::Chance
}

#[test]
fn a_log_that_tells_everything_tells_no_telephone() {
    each_store(MIGRATIONS, |at| {
        let folder = Folder::new("trace");
        let keys = folder.path("own.keys");
        let units =
            folder.file("units.csv", "code,name,kind,duty_phone\nHQ,a,regulator,0551-86406420\n".as_bytes());
        let mut all = String::new();
        for args in [
            &["import", "units", &units, "--day", "2020-01-01"][..],
            &["post", "phone", "HQ", "duty", PHONE],
            &["post", "list", "HQ"],
            &["query", "missing"],
            &["export", "units", &folder.path("out.csv"), "--phones", "--purpose", "night shift"],
            &["keys", "rotate"],
            &["keys", "check"],
        ] {
            let (_, _, said) = run(&at.config.url, Some(&keys), "trace", args);
            all.push_str(&said);
        }
        assert!(all.contains("store.write"), "the log tells: {}", all.len());
        // The driver would say what it sends; it is not heard.
        assert!(!all.contains("tokio_postgres"), "{}", all.len());
        let text = std::fs::read_to_string(&keys).unwrap();
        let secrets = text.lines().skip(2).map(|line| line.rsplit(' ').next().unwrap());
        for secret in secrets.chain(["86406420", "86406421"]) {
            assert!(!all.contains(secret), "{}", all.lines().find(|line| line.contains(secret)).unwrap());
        }
    });
}

#[test]
fn no_dump_of_the_program_is_ever_written() {
    let folder = Folder::new("undumped");
    let database = folder.path("own.db");
    let mut child = Command::new(env!("CARGO_BIN_EXE_muster"))
        .args(["--database", &database, "begin", "--office", "O", "--account", "duty"])
        .env_remove("MUSTER_KEYS")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It waits for a password, and has made its keys by then.
    let keys = format!("{database}.keys");
    for _ in 0..200 {
        if Path::new(&keys).exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
    child.stdin.take().unwrap().write_all(b"a-long-password\n").unwrap();
    let out = child.wait_with_output().unwrap();
    let said = String::from_utf8(out.stderr).unwrap();
    assert!(out.status.success() && said.contains("A key file was made") && said.contains(&keys), "{said}");
    assert_eq!(std::fs::metadata(&keys).unwrap().permissions().mode() & 0o777, 0o600);
}
