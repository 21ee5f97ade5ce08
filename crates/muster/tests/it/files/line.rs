//! Files and answers of the command line.

use super::{FILE, send};
use crate::cast::{TODAY, told};
use crate::command::{Folder, muster};
use axum::http::StatusCode;
use muster::lines::operation::operation_set;
use muster_kernel::Clock;
use muster_kernel::day::rfc3339;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn the_command_line_answers_what_the_api_answers() {
    told(|cast| {
        let operation = (*cast.house.app.operation()).clone();
        cast.write(move |tx, ctx| operation_set(tx, ctx, |own| own.clone_from(&operation)));
        send(cast, "office", "", FILE);
        cast.clock("13:00");
        let correction = json!({ "act": "values", "values": { "staff": 12 }, "reason": "counted again" });
        assert_eq!(cast.put("office", "S111", correction).status, StatusCode::OK);
        let words = json!({ "act": "values", "values": { "difficulties": "缺口罩", "fever": 0 } });
        assert_eq!(cast.put("firm", "F11", words).status, StatusCode::OK);
        let stated = json!({ "act": "values", "scope": "below", "values": { "staff": 99, "fever": 3 } });
        assert_eq!(cast.put("group", "G1", stated).status, StatusCode::OK);
        let incident = json!({ "unit": "S112", "element": "fever", "value": 1, "text": "夜班一人发热" });
        assert_eq!(cast.house.post("second", "/incidents", incident).status, StatusCode::CREATED);

        let on = ["--day", TODAY];
        let range = ["--element", "staff", "--from", "2020-02-01", "--to", TODAY];
        let known = ["--day", TODAY, "--as-known-at", "2020-02-03T12:00:00+08:00"];
        for (what, options, path) in [
            ("totals", &on[..], "/totals?day=2020-02-03"),
            ("totals", &["--node", "place:34", "--day", TODAY], "/totals?node=place:34&day=2020-02-03"),
            ("totals", &["--node", "class:key", "--day", TODAY], "/totals?node=class:key&day=2020-02-03"),
            ("totals", &known, "/totals?day=2020-02-03&as_known_at=2020-02-03T12:00:00%2B08:00"),
            ("rates", &on, "/totals/children?day=2020-02-03"),
            ("series", &range, "/totals/series?element=staff&from=2020-02-01&to=2020-02-03"),
            ("missing", &on, "/missing?day=2020-02-03"),
            (
                "missing",
                &["--node", "place:42", "--day", TODAY, "--limit", "1"],
                "/missing?node=place:42&day=2020-02-03&limit=1",
            ),
            ("disagreements", &on, "/disagreements?day=2020-02-03"),
            ("agreement", &range, "/disagreements/agreement?element=staff&from=2020-02-01&to=2020-02-03"),
            ("contradictions", &on, "/contradictions?day=2020-02-03"),
            ("incidents", &on, "/incidents?day=2020-02-03"),
            ("corrections", &on, "/corrections?day=2020-02-03"),
            ("sheet", &["--node", "S111", "--day", TODAY], "/reports/S111/2020-02-03"),
            ("history", &["--node", "S111", "--day", TODAY], "/reports/S111/2020-02-03/history"),
            (
                "notes",
                &["--words", "口罩", "--from", "2020-02-01", "--to", TODAY],
                "/search/notes?q=%E5%8F%A3%E7%BD%A9&from=2020-02-01&to=2020-02-03",
            ),
            ("units", &["--under", "G1", "--day", TODAY], "/units?under=G1&day=2020-02-03"),
            ("unit", &["--node", "unit:S111", "--day", TODAY], "/units/S111?day=2020-02-03"),
            ("elements", &[], "/elements"),
            ("forms", &[], "/forms"),
        ] {
            let args: Vec<&str> = [&["query", what, "--json"], options].concat();
            let out = muster(&cast.house.url, &args);
            let mut told: Value = serde_json::from_slice(&out.stdout).unwrap_or(Value::Null);
            let answered = cast.get("office", path);
            if what == "sheet" {
                // Whose it is depends on who asks: the office filed it, and the command line did not.
                assert_eq!((&told["of_another"], &answered["of_another"]), (&json!(true), &json!(false)));
                told["of_another"] = json!(false);
            }
            assert_eq!((out.status.code(), &told), (Some(0), &answered), "{what} {options:?}");
            assert!(answered.as_object().is_some_and(|body| !body.is_empty()), "{path}");
            let empty = answered["items"].as_array().is_some_and(Vec::is_empty);
            assert!(!empty, "a story that compares nothing proves nothing: {path}");
        }
        for (args, code, path) in [
            (
                &["query", "totals", "--node", "NOPE", "--day", TODAY][..],
                1,
                "/totals?node=NOPE&day=2020-02-03",
            ),
            (&["query", "totals", "--day", TODAY, "--form", "none"], 1, "/totals?day=2020-02-03&form=none"),
            (
                &["query", "series", "--element", "none", "--to", TODAY],
                1,
                "/totals/series?element=none&to=2020-02-03",
            ),
        ] {
            let out = muster(&cast.house.url, &[args, &["--json"]].concat());
            let told: Value = serde_json::from_slice(&out.stdout).unwrap_or(Value::Null);
            assert_eq!(out.status.code(), Some(code), "{args:?}");
            let mut refused = cast.house.get("office", path).json();
            assert!(refused["code"].is_string(), "{path}: {refused}");
            // What only a request has.
            refused.as_object_mut().unwrap().remove("instance");
            assert_eq!(told["code"], refused["code"], "{args:?}");
            assert_eq!(told["title"], refused["title"], "{args:?}");
        }
        // A wrong command line is one whichever option is wrong, and names it.
        for (args, said) in [
            (&["query", "history"][..], "--node"),
            (&["query", "series"], "--element"),
            (&["query", "notes"], "--words"),
            (&["query", "totals", "--day", "2026-13-01"], "2020-02-03"),
            (&["query", "totals", "--as-known-at", "yesterday"], "2020-02-03T10:00:00+08:00"),
            (&["query", "missing", "--limit", "0"], "--limit"),
            (&["query", "missing", "--limit", "100000"], "--limit"),
            (&["query", "everything"], "everything"),
            (&["brief", "--day", "2020-02-30"], "2020-02-03"),
            (&["unit", "close", "S111", "--day", "tomorrow"], "2020-02-03"),
            (&["export", "units", "out.xlsx", "--format", "csv"], "--format"),
        ] {
            let out = muster(&cast.house.url, args);
            assert_eq!(out.status.code(), Some(2), "{args:?}");
            assert!(String::from_utf8_lossy(&out.stderr).contains(said), "{args:?}");
        }
        // The sheet of a unit is today's where no day is said, as the help says.
        let sheet = muster(&cast.house.url, &["query", "sheet", "--node", "S111", "--json"]);
        let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
        let today = rfc3339(Clock::Wall.now_ms(), &zone)[..10].to_owned();
        let told: Value = serde_json::from_slice(&sheet.stdout).unwrap_or(Value::Null);
        assert_eq!((sheet.status.code(), &told["day"]), (Some(0), &json!(today)), "{told}");
        assert_eq!(muster("/nowhere/at/all/muster.db", &["query", "totals"]).status.code(), Some(3));
    });
}

#[test]
fn the_command_line_takes_in_reports() {
    told(|cast| {
        let operation = (*cast.house.app.operation()).clone();
        cast.write(move |tx, ctx| operation_set(tx, ctx, |own| own.clone_from(&operation)));
        let folder = Folder::new("reports");
        let file = folder.file("day.csv", FILE.as_bytes());
        let run = |args: &[&str]| {
            let out = muster(&cast.house.url, args);
            (out.status.code(), serde_json::from_slice::<Value>(&out.stdout).unwrap_or(Value::Null))
        };
        let (code, columns) = run(&["import", "reports", "--columns", "--json"]);
        let columns = columns["columns"].as_array().unwrap();
        assert_eq!(code, Some(0));
        let staff = columns.iter().find(|column| column["column"] == "staff").unwrap();
        assert_eq!((&staff["type"], &staff["unit"]), (&json!("number"), &json!("person")));
        let (code, dry) = run(&["import", "reports", &file, "--dry-run", "--json"]);
        assert_eq!((code, &dry["accepted"], &dry["refused"]), (Some(1), &json!(8), &json!(4)), "{dry}");
        assert_eq!(cast.totals("R")["rates"]["actual"], 0);
        let (code, done) = run(&["import", "reports", &file, "--json"]);
        assert_eq!(
            (code, &done["accepted"], &done["findings"]),
            (Some(1), &dry["accepted"], &dry["findings"])
        );
        assert_eq!(cast.totals("R")["rates"]["actual"], 6);
        let good = folder.file("good.csv", b"unit,day,act\nS211,2020-02-03,zero\n");
        assert_eq!(run(&["import", "reports", &good, "--json"]).0, Some(0));
        assert_eq!(run(&["import", "reports", "--json"]).0, Some(2), "a file is wanted");
        assert_eq!(run(&["import", "reports", &good, "--form", "none", "--json"]).1["code"], "form.unknown");
    });
}

#[test]
fn a_stranger_goes_from_an_empty_database_to_a_brief() {
    let folder = Folder::new("stranger");
    let database = folder.path("muster.db");
    let run = |args: &[&str]| {
        let out = muster(&database, args);
        let said: Value = serde_json::from_slice(&out.stdout).unwrap_or(Value::Null);
        (out.status.code(), said, String::from_utf8_lossy(&out.stderr).into_owned())
    };
    let units = "code,name,kind,parent\nHQ,省国资委,regulator,\nG1,第一集团,group,HQ\nS1,北区,site,G1\nS2,南区,site,G1\n";
    let units = folder.file("units.csv", units.as_bytes());
    assert_eq!(run(&["import", "units", &units, "--day", "2020-01-01", "--json"]).0, Some(0));
    let mode = std::fs::metadata(&database).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "others on the machine read nothing of it");
    let form = json!({
        "elements": [
            { "code": "fever", "names": { "zh-Hans": "发热人数" }, "class": "event",
              "value_type": { "kind": "integer" }, "unit": "person", "over_units": "sum", "over_time": "sum",
              "owner": "office", "purpose": "who needs a doctor", "since": "2020-02-01" },
            { "code": "masks", "names": { "zh-Hans": "口罩库存" }, "class": "state",
              "value_type": { "kind": "integer" }, "unit": "piece", "over_units": "sum", "over_time": "last",
              "owner": "office", "purpose": "who runs out", "since": "2020-02-01", "until": "2020-02-05" },
        ],
        "forms": [{ "code": "daily", "names": { "zh-Hans": "日报" }, "counting": "parts", "as_of_min": 720,
            "cut_off_min": 900, "since": "2020-02-01",
            "items": [{ "element": "fever", "required": true }, { "element": "masks" }] }],
        "assignments": [{ "form": "daily", "unit": "HQ", "kinds": ["site"], "since": "2020-02-01" }],
    });
    let form = folder.file("form.json", form.to_string().as_bytes());
    let (code, set, said) = run(&["form", "set", &form, "--json"]);
    assert_eq!(
        (code, &set["elements"], &set["assignments"]),
        (Some(0), &json!(2), &json!(1)),
        "{set} {said}"
    );
    let (code, refused, _) = run(&["form", "set", &form, "--json"]);
    assert_eq!((code, &refused["problem"]["code"]), (Some(1), &json!("form.refused")), "{refused}");
    let (_, columns, _) = run(&["import", "reports", "--columns", "--json"]);
    let of = |key: &str| columns["columns"].as_array().unwrap().iter().find(|c| c["column"] == key).unwrap();
    let needed = ["unit", "act", "fever", "masks"].map(|key| of(key)["required"].clone());
    assert_eq!(json!(needed), json!([true, false, true, false]), "what a row of values must say: {columns}");
    let broken = folder.file("broken.json", b"{");
    assert_eq!(run(&["form", "set", &broken, "--json"]).1["code"], "form.file_unreadable");

    let day =
        "unit,day,act,发热人数,口罩库存\nS1,2020-02-03,,0,900\nS2,2020-02-03,zero,,\nS1,2020-02-05,,0,800\n";
    let day = folder.file("day.csv", day.as_bytes());
    let (code, done, said) = run(&["import", "reports", &day, "--json"]);
    assert_eq!((code, &done["accepted"], &done["refused"]), (Some(1), &json!(2), &json!(1)), "{done} {said}");
    let finding = &done["findings"][0];
    assert_eq!((&finding["code"], &finding["cell"]), (&json!("value.not_asked_then"), &json!("E4")));
    let (code, totals, _) = run(&["query", "totals", "--day", "2020-02-03", "--json"]);
    assert_eq!(
        (code, &totals["rates"]["actual"], &totals["rates"]["expected"]),
        (Some(0), &json!(2), &json!(2))
    );
    assert_eq!(totals["elements"][1]["value"], 900);

    let out = folder.path("brief.pdf");
    let nowhere = folder.path("nowhere");
    let (code, _, said) = run(&["brief", "--day", "2020-02-03", "--out", &out, "--printer", &nowhere]);
    assert_eq!(code, Some(3), "{said}");
    assert!(
        said.contains("[print.no_printer]") && said.contains(&nowhere) && said.contains("--printer"),
        "{said}"
    );
    assert!(!std::path::Path::new(&out).exists(), "no empty file is left");
    let (code, brief, _) = run(&["brief", "--day", "2020-02-03", "--json"]);
    assert_eq!((code, &brief["brief"]), (Some(0), &json!(1)));
}
