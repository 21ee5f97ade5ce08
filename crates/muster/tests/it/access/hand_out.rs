//! `muster link`: links, PINs and cards as files that only their owner reads.

use crate::command::{Folder, begun, muster};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Output;

fn said(out: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (out.status.code(), text(&out.stdout), text(&out.stderr))
}

/// A database with a top and two sites below, one of which bears a name that a spreadsheet would reckon.
fn house(folder: &Folder) -> String {
    let database = folder.path("muster.db");
    begun(&database);
    let units = folder.file(
        "units.csv",
        "code,name,kind,parent\nHQ,Top,unit,\nS1,=North & <Quay>,site,HQ\nS2,South,site,HQ\n".as_bytes(),
    );
    assert_eq!(said(&muster(&database, &["import", "units", &units, "--day", "2020-01-01"])).0, Some(0));
    assert_eq!(said(&muster(&database, &["form", "starter"])).0, Some(0));
    database
}

const DESK: &str = "https://desk.example";

#[test]
fn links_pins_and_cards_are_written_apart_and_for_their_owner_alone() {
    let folder = Folder::new("hand-out");
    let database = house(&folder);
    let [out, pins, cards] = ["links.csv", "pins.csv", "cards.html"].map(|name| folder.path(name));
    let args = ["link", "issue", "--under", "HQ", "--address", DESK, "--out", &out, "--pins", &pins];
    let (code, told, err) = said(&muster(&database, &[&args[..], &["--cards", &cards, "--json"]].concat()));
    assert_eq!(code, Some(0), "{told} {err}");
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&told["links"], &told["file"]), (&3.into(), &out.clone().into()));
    for file in [&out, &pins, &cards] {
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600, "{file}");
    }
    let [links, numbers, page] = [&out, &pins, &cards].map(|file| std::fs::read_to_string(file).unwrap());
    let rows: Vec<&str> = links.trim_end().split("\r\n").collect();
    assert_eq!(rows[0].trim_start_matches('\u{feff}'), "unit,name,form,expires_at,id,address");
    assert_eq!(rows.len(), 4, "{links}");
    assert!(rows[2].starts_with("S1,'=North & <Quay>,"), "no spreadsheet reckons a name: {}", rows[2]);
    let token = |row: &str| row.rsplit_once("/fill#").unwrap().1.to_owned();
    assert!(rows[1..].iter().all(|row| row.contains(&format!(",{DESK}/fill#")) && token(row).len() == 64));
    let pin = |row: &str| row.rsplit(',').next().unwrap().to_owned();
    let pins: Vec<String> = numbers.trim_end().split("\r\n").skip(1).map(pin).collect();
    assert!(pins.len() == 3 && pins.iter().all(|pin| pin.len() == 6), "{numbers}");
    assert!(!numbers.contains("fill#"), "a PIN lies apart from its link");
    // The cards: a code for each, no PIN, and nothing that is asked of anybody.
    assert_eq!((page.matches("<section>").count(), page.matches("<svg").count()), (3, 3));
    assert!(page.contains("=North &amp; &lt;Quay&gt;") && !page.contains("<Quay>"));
    let asks = page.replace("http://www.w3.org/2000/svg", "");
    assert!(!asks.contains("http") && !asks.contains("<script") && !asks.contains("src="), "{asks}");
    assert!(page.contains("The PIN is told you by telephone"), "{page}");
    // Whose they are, and that one can be ended.
    let list = || {
        let (code, told, err) = said(&muster(&database, &["link", "list", "--under", "HQ", "--json"]));
        assert_eq!(code, Some(0), "{err}");
        serde_json::from_str::<Value>(&told).unwrap()["items"].as_array().unwrap().clone()
    };
    let all = list();
    assert_eq!(all.len(), 3);
    let id = all[0]["id"].as_str().unwrap();
    assert_eq!(said(&muster(&database, &["link", "end", id])).0, Some(0));
    assert_eq!(list().len(), 2);
    let (code, _, err) = said(&muster(&database, &["link", "end", id]));
    assert!(code == Some(1) && err.contains("[link.unknown]"), "{err}");
}

#[test]
fn nothing_is_issued_where_it_cannot_be_written_down() {
    let folder = Folder::new("hand-out-no");
    let database = house(&folder);
    let [out, pins] = ["links.csv", "pins.csv"].map(|name| folder.path(name));
    let issue = |more: &[&str]| said(&muster(&database, &[&["link", "issue"][..], more].concat()));
    let there = folder.file("there.csv", b"mine");
    let to = |out: &str, more: &[&str]| {
        issue(&[&["--under", "HQ", "--address", DESK, "--out", out][..], more].concat())
    };
    let (code, _, err) = to(&out, &["--pins", &there]);
    assert!(code == Some(1) && err.contains("[file.there]"), "{err}");
    assert_eq!(std::fs::read(&there).unwrap(), b"mine");
    // Without a place for the PINs they would be lost; a day too many, an unknown unit, a form of nobody.
    for (args, wanted, code) in [
        (vec!["--under", "HQ", "--address", DESK, "--out", &out], "--pins", 2),
        (vec!["--under", "HQ", "--address", "desk", "--out", &out, "--no-pin"], "https://desk.example", 2),
        (
            vec!["--under", "HQ", "--address", DESK, "--out", &out, "--pins", &pins, "--days", "181"],
            "[link.days]",
            1,
        ),
        (vec!["--under", "NONE", "--address", DESK, "--out", &out, "--pins", &pins], "[unit.unknown]", 1),
        (
            vec!["--under", "HQ", "--address", DESK, "--out", &out, "--no-pin", "--form", "x"],
            "[form.unknown]",
            1,
        ),
    ] {
        let (ended, told, err) = issue(&args);
        assert_eq!(ended, Some(code), "{args:?}: {told} {err}");
        assert!(err.contains(wanted), "{args:?}: {err}");
        for file in [&out, &pins] {
            assert!(!std::path::Path::new(file).exists(), "{args:?} left {file}");
        }
    }
    let (_, told, _) = said(&muster(&database, &["link", "list", "--under", "HQ", "--json"]));
    assert!(serde_json::from_str::<Value>(&told).unwrap()["items"].as_array().unwrap().is_empty(), "{told}");
    // Without PINs there is one file, and it says so nowhere else.
    let (code, told, err) = to(&out, &["--no-pin", "--alone"]);
    assert_eq!(code, Some(0), "{told} {err}");
    assert_eq!(std::fs::read_to_string(&out).unwrap().trim_end().split("\r\n").count(), 2);
}
