//! Stories of the tree, through its doors: a list taken in, a unit changed, moved, closed; files good and bad.

use crate::cast::{Cast, Terms};
use crate::command::{Folder, begun, muster};
use crate::house::{House, Said, story};
use axum::http::StatusCode;
use serde_json::{Value, json};

const FILE: &str = "\
编码,名称,英文名称,类型,上级编码,行政区划,分类,值班电话
AQ,省国资委,Office,监管机构,,34,,
G1,甲集团,Group A,集团,AQ,,key,
G2,乙集团,Group B,集团,AQ,,,
F1,一公司,Firm 1,企业,G1,340100,,000-12345678
S1,合肥项目,Hefei Site,项目,F1,340102,key mine,
";

fn send(house: &House, query: &str, body: impl Into<Vec<u8>>) -> Said {
    let headers = [("content-type", "application/octet-stream")];
    house.ask("office", "POST", &format!("/imports/units?{query}"), &headers, body.into())
}

/// A tree as of 2020-01-01; now is 2020-02-06.
fn planted(house: &House) {
    let said = send(house, "day=2020-01-01", FILE);
    assert_eq!((said.status, &said.json()["added"]), (StatusCode::OK, &json!(5)), "{}", said.json());
}

fn codes(items: &Value) -> Vec<&str> {
    items["items"].as_array().unwrap().iter().map(|unit| unit["code"].as_str().unwrap()).collect()
}

fn findings(said: &Said) -> Vec<(String, String)> {
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let body = said.json();
    let all = body["findings"].as_array().unwrap();
    let refusing = all.iter().filter(|finding| finding["severity"] == "refuse");
    refusing.map(|finding| (text(finding, "cell"), text(finding, "code"))).collect()
}

#[test]
fn a_list_is_tried_then_taken_in_then_read() {
    story(|house| {
        let dry = send(house, "dry_run=true&day=2020-01-01", FILE).json();
        assert_eq!((&dry["rows"], &dry["added"], &dry["dry_run"]), (&json!(5), &json!(5), &json!(true)));
        assert_eq!(codes(&house.get("office", "/units").json()), [""; 0], "a dry run stores nothing");
        planted(house);

        let below = house.get("office", "/units?under=AQ&depth=1&day=2020-02-06").json();
        assert_eq!(codes(&below), ["G1", "G2"]);
        let has_children: Vec<_> =
            below["items"].as_array().unwrap().iter().map(|unit| &unit["has_children"]).collect();
        assert_eq!(has_children, [true, false]);
        assert_eq!(codes(&house.get("viewer", "/units").json()), ["G1", "F1", "S1", "G2"]);
        assert_eq!(codes(&house.get("viewer", "/units?q=hefei").json()), ["S1"]);
        assert_eq!(codes(&house.get("viewer", "/units?kind=group").json()), ["G1", "G2"]);

        let first = house.get("viewer", "/units?limit=3").json();
        let cursor = first["next_cursor"].as_str().unwrap();
        let rest = house.get("viewer", &format!("/units?limit=3&cursor={cursor}")).json();
        assert_eq!((codes(&first), codes(&rest)), (vec!["G1", "F1", "S1"], vec!["G2"]));
        assert_eq!(rest["next_cursor"], Value::Null);

        let unit = house.get("viewer", "/units/F1").json();
        assert_eq!(unit["name"], "Firm 1");
        assert_eq!(unit["names"]["zh-Hans"], "一公司");
        let path: Vec<_> =
            unit["path"].as_array().unwrap().iter().map(|step| step["name"].as_str().unwrap()).collect();
        assert_eq!(path, ["Office", "Group A", "Firm 1"]);
        assert_eq!(
            (&unit["place"], &unit["opened"], &unit["closed"]),
            (&json!("340100"), &json!("2020-01-01"), &Value::Null)
        );
        assert_eq!(unit["posts"][0]["duty_phone"], "000-12345678");
        let none = house.get("viewer", "/units/F1?day=2019-12-31");
        assert_eq!((none.status, none.code()), (StatusCode::NOT_FOUND, "unit.not_open".to_owned()));
        assert_eq!(none.json()["title"], "F1 is not open on 2019-12-31.");
        let chinese =
            house.ask("viewer", "GET", "/units/F9", &[("accept-language", "zh-TW")], Vec::new()).json();
        assert!(chinese["title"].as_str().unwrap().contains("F9"), "{chinese}");
    });
}

#[test]
fn a_unit_is_changed_moved_and_closed_on_its_days() {
    story(|house| {
        planted(house);
        let made = house.post(
            "office",
            "/units",
            json!({ "code": "F2", "names": { "zh-Hans": "二公司" }, "kind": "firm", "parent": "G2", "opened": "2020-01-10" }),
        );
        assert_eq!(
            (made.status, &made.json()["parent"]),
            (StatusCode::CREATED, &json!("G2")),
            "{}",
            made.json()
        );
        let patched = house.ask(
            "office",
            "PATCH",
            "/units/F2",
            &[("content-type", "application/json")],
            json!({ "day": "2020-01-20", "names": { "en": "Firm 2" }, "place": "3402" })
                .to_string()
                .into_bytes(),
        );
        assert_eq!((&patched.json()["name"], &patched.json()["place"]), (&json!("Firm 2"), &json!("340200")));
        assert_eq!(house.get("viewer", "/units/F2?day=2020-01-19").json()["place"], Value::Null);

        let moved = house.post("office", "/units/F1/move", json!({ "parent": "G2", "day": "2020-02-01" }));
        assert_eq!(moved.json()["path"][1]["code"], "G2");
        let path = |day: &str| {
            let unit = house.get("viewer", &format!("/units/S1?day={day}")).json();
            unit["path"]
                .as_array()
                .unwrap()
                .iter()
                .map(|step| step["code"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(path("2020-01-31"), ["AQ", "G1", "F1", "S1"]);
        assert_eq!(path("2020-02-01"), ["AQ", "G2", "F1", "S1"]);
        let round = house.post("office", "/units/G2/move", json!({ "parent": "S1" }));
        assert_eq!((round.status, round.code()), (StatusCode::CONFLICT, "unit.circle".to_owned()));
        assert!(round.json()["title"].as_str().unwrap().contains("F1"), "{}", round.json());

        let open = house.post("office", "/units/F1/close", json!({ "day": "2020-02-05" }));
        assert_eq!(open.code(), "unit.has_open_below");
        let closed = house.post("office", "/units/F1/close", json!({ "day": "2020-02-05", "below": true }));
        assert_eq!(closed.status, StatusCode::NO_CONTENT);
        assert_eq!(house.get("viewer", "/units/S1").status, StatusCode::NOT_FOUND);
        assert_eq!(path("2020-02-04"), ["AQ", "G2", "F1", "S1"]);
        let merged = house.post("office", "/units/merge", json!({ "from": ["G1"], "into": "G2" }));
        assert_eq!(merged.status, StatusCode::OK, "{}", merged.json());
        let split = json!({
            "unit": "G2", "into": [{ "code": "G3", "names": { "zh-Hans": "丙" }, "kind": "group" }], "given": { "F2": "G3" },
            "day": "2020-03-01",
        });
        let split = house.post("office", "/units/split", split);
        assert_eq!(split.status, StatusCode::OK, "{}", split.json());
        assert_eq!((codes(&split.json()), &split.json()["findings"]), (vec!["G3"], &Value::Null));
        assert_eq!(codes(&house.get("viewer", "/units?day=2020-03-01").json()), ["G3", "F2"]);

        let history = house.get("viewer", "/units/F1/history").json();
        let facts: Vec<_> = history["facts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fact| {
                (
                    fact["fact"].as_str().unwrap(),
                    fact["since"].as_str().unwrap(),
                    fact["value"].as_str().unwrap(),
                )
            })
            .collect();
        assert!(
            facts.contains(&("opened", "2020-01-01", ""))
                && facts.iter().any(|fact| fact.0 == "closed")
                && facts.contains(&("parent", "2020-01-01", "G1"))
                && facts.contains(&("parent", "2020-02-01", "G2")),
            "{facts:?}"
        );
        assert_eq!(history["entries"][0]["action"], "unit.close");
        let actions = [
            "unit.create",
            "unit.change",
            "unit.move",
            "unit.close",
            "unit.merge",
            "unit.split",
            "units.import",
        ];
        for action in actions {
            assert!(!house.journalled(action).is_empty(), "{action} leaves its line in the journal");
        }
    });
}

#[test]
fn who_may_not_change_the_tree_is_told_so() {
    story(|house| {
        planted(house);
        let draft = json!({ "code": "X", "names": { "zh-Hans": "x" }, "kind": "firm", "parent": "G1" });
        for role in ["filler", "viewer"] {
            let said = house.post(role, "/units", draft.clone());
            assert_eq!((said.status, said.code()), (StatusCode::FORBIDDEN, "permission.lacking".to_owned()));
            let headers = [("content-type", "application/octet-stream")];
            let said = house.ask(role, "POST", "/imports/units", &headers, FILE.into());
            assert_eq!(said.status, StatusCode::FORBIDDEN);
        }
        assert_eq!(house.get("viewer", "/exports/units?phones=true").status, StatusCode::FORBIDDEN);
    });
}

#[test]
fn a_draft_is_refused_with_all_its_fields() {
    story(|house| {
        planted(house);
        let said = house.post(
            "office",
            "/units",
            json!({ "code": "a b", "names": { "zh-Hans": "" }, "kind": "啥", "parent": "G1" }),
        );
        assert_eq!((said.status, said.code()), (StatusCode::UNPROCESSABLE_ENTITY, "unit.draft".to_owned()));
        let body = said.json();
        let mut fields: Vec<_> =
            body["findings"].as_array().unwrap().iter().map(|f| f["field"].as_str().unwrap()).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["code", "kind", "names.zh-Hans"]);
        let taken = json!({ "code": "G1", "names": { "zh-Hans": "x" }, "kind": "firm", "parent": "AQ" });
        assert_eq!(house.post("office", "/units", taken).code(), "unit.code_taken");
        let orphan = json!({ "code": "X", "names": { "zh-Hans": "x" }, "kind": "firm", "parent": "NOWHERE" });
        assert_eq!(house.post("office", "/units", orphan).code(), "unit.parent_unknown");
        assert_eq!(house.get("office", "/units?day=2020-2-30").code(), "request.day");
    });
}

#[test]
fn posts_contacts_and_outside_parties_have_their_doors() {
    story(|house| {
        planted(house);
        let put = |path: &str, body: Value| {
            house.ask(
                "office",
                "PUT",
                path,
                &[("content-type", "application/json")],
                body.to_string().into_bytes(),
            )
        };
        let post = json!({ "names": { "zh-Hans": "夜班", "en": "Night" }, "holder": "account:viewer", "day": "2020-02-01" });
        assert_eq!(put("/units/G1/posts/night", post).status, StatusCode::NO_CONTENT);
        let named = json!({ "names": { "zh-Hans": "夜班" }, "holder": "张三" });
        assert_eq!(findings(&put("/units/G1/posts/night", named))[0].1, "post.holder_form");
        assert_eq!(
            put("/units/G1/posts/night/contact", json!({ "phone": "000-7654321" })).status,
            StatusCode::NO_CONTENT
        );
        let two = put("/units/G1/posts/night/contact", json!({ "phone": "0551-1234567 0551-7654321" }));
        assert_eq!(findings(&two)[0].1, "contact.two_phones");
        let unit = house.get("viewer", "/units/G1").json();
        assert_eq!(
            unit["posts"][0],
            json!({ "code": "night", "name": "Night", "names": { "zh-Hans": "夜班", "zh-Hant": "", "en": "Night" },
                "holder": "account:viewer", "since": "2020-02-01", "until": null, "duty_phone": "000-7654321" })
        );
        let held = house.get("viewer", "/units/G1?day=2020-01-31").json();
        assert_eq!(held["posts"][0]["holder"], Value::Null);
        for action in ["post.set", "contact.set"] {
            let entries = house.journalled(action);
            assert!(!entries.is_empty());
            assert!(entries.iter().all(|entry| !String::from_utf8_lossy(&entry.body).contains("7654321")));
        }
        let party =
            json!({ "code": "HX", "names": { "zh-Hans": "华西医院" }, "kind": "hospital", "place": "5101" });
        assert_eq!(house.post("office", "/parties", party.clone()).status, StatusCode::CREATED);
        assert_eq!(house.post("office", "/parties", party).code(), "party.code_taken");
        assert_eq!(codes(&house.get("viewer", "/parties").json()), ["HX"]);
    });
}

#[test]
fn a_file_that_went_out_comes_in_unchanged() {
    story(|house| {
        planted(house);
        for (format, start) in [("csv", &b"\xef\xbb\xbf"[..]), ("xlsx", b"PK"), ("xls", b"\xd0\xcf\x11\xe0")]
        {
            let file = house.get("viewer", &format!("/exports/units?format={format}"));
            assert_eq!(file.status, StatusCode::OK);
            assert!(file.bytes.starts_with(start));
            assert!(
                !String::from_utf8_lossy(&file.bytes).contains("12345678"),
                "telephones only where asked for"
            );
            let again = send(house, "", file.bytes.to_vec()).json();
            assert_eq!((&again["unchanged"], &again["rows"]), (&json!(5), &json!(5)), "{again}");
        }
        let phones = house.get("office", "/exports/units?phones=true");
        assert!(String::from_utf8_lossy(&phones.bytes).contains("000-12345678"));
        assert_eq!(house.get("viewer", "/exports/units?format=odt").code(), "export.format");
        let columns = house.get("viewer", "/imports/units/columns").json();
        assert!(
            columns["items"].as_array().unwrap().iter().any(|c| c["key"] == "parent" && c["type"] == "id")
        );
    });
}

#[test]
fn bad_files_are_told_in_the_readers_language_and_nothing_is_stored() {
    story(|house| {
        planted(house);
        let before = house.get("viewer", "/units").bytes;
        let deep = format!("{{\"code\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut gzip, FILE.as_bytes()).unwrap();
        let gzip = gzip.finish().unwrap();
        for (body, code) in [
            (deep.into_bytes(), "sheet.json_too_deep"),
            (gzip[..gzip.len() - 9].to_vec(), "sheet.gzip_truncated"),
            (b"PK\x03\x04 broken".to_vec(), "sheet.zip_damaged"),
            (b"%PDF-1.4".to_vec(), "sheet.format_unsupported"),
            (b"".to_vec(), "sheet.empty"),
            (b"a,b\n1,2\n".to_vec(), "sheet.header_missing"),
            (b"\xff\xff\xff,\xff\n".to_vec(), "sheet.encoding_broken"),
        ] {
            let said = send(house, "", body);
            assert_eq!(said.status, StatusCode::UNPROCESSABLE_ENTITY, "{code}");
            assert_eq!(findings(&said)[0].1, code);
        }
        let too_large = send(house, "", vec![b'a'; (64 << 20) + 2]);
        assert_eq!(too_large.status, StatusCode::PAYLOAD_TOO_LARGE);
        let circle = "code,name,parent\nX,x,Y\nY,y,X\n";
        let said = send(house, "", circle);
        assert_eq!(said.json()["refused"], 2);
        let sentences: Vec<String> = ["zh-CN", "zh-TW", "en"]
            .map(|language| {
                let headers = [("accept-language", language), ("content-type", "text/csv")];
                let said = house
                    .ask("office", "POST", "/imports/units?dry_run=true", &headers, circle.into())
                    .json();
                said["findings"][0]["message"].as_str().unwrap().to_owned()
            })
            .into();
        assert!(sentences.iter().all(|sentence| sentence.contains("X → Y → X")), "{sentences:?}");
        assert!(sentences[0] != sentences[1] && sentences[1] != sentences[2]);
        let (gb, _, _) = encoding_rs::GB18030.encode("编码,名称,上级编码\nNEW,新單位,G1\n");
        assert_eq!(send(house, "dry_run=true", gb.to_vec()).json()["added"], 1, "GB 18030 is read");
        assert_eq!(house.get("viewer", "/units").bytes, before, "nothing was stored");
        let complete = send(house, "complete=true", FILE);
        assert_eq!(complete.code(), "import.complete_needs_under");
        let elsewhere = send(house, "under=NOWHERE", FILE);
        assert_eq!((elsewhere.status, elsewhere.code()), (StatusCode::NOT_FOUND, "unit.unknown".to_owned()));
    });
}

#[test]
fn the_command_line_takes_in_tells_and_writes_units() {
    let folder = Folder::new("units");
    let database = folder.path("muster.db");
    let run = |args: &[&str]| {
        let out = muster(&database, args);
        let answer: Value = serde_json::from_slice(&out.stdout).unwrap_or(Value::Null);
        (out.status.code(), answer)
    };
    let (code, columns) = run(&["import", "units", "--columns", "--json"]);
    assert_eq!(code, Some(0));
    assert!(columns["items"].as_array().unwrap().len() > 12);
    let file = folder.file("units.csv", FILE.as_bytes());
    begun(&database);
    let (code, dry) = run(&["import", "units", &file, "--day", "2020-01-01", "--dry-run", "--json"]);
    assert_eq!((code, &dry["added"], &dry["dry_run"]), (Some(0), &json!(5), &json!(true)));
    let (code, done) = run(&["import", "units", &file, "--day", "2020-01-01", "--json"]);
    assert_eq!((code, &done["added"], &done["refused"]), (Some(0), &json!(5), &json!(0)), "{done}");
    let (code, below) = run(&["query", "units", "--under", "G1", "--day", "2020-02-01", "--json"]);
    assert_eq!((code, codes(&below)), (Some(0), vec!["F1", "S1"]));
    let (code, unit) = run(&["query", "unit", "--node", "unit:S1", "--day", "2020-02-01", "--json"]);
    assert_eq!((code, &unit["path"][0]["code"]), (Some(0), &json!("AQ")));
    let bad = folder.file("bad.csv", "code,name,parent\nX,x,NOWHERE\nY,y,G2\n".as_bytes());
    let (code, told) = run(&["import", "units", &bad, "--json"]);
    assert_eq!((code, &told["refused"], &told["added"]), (Some(1), &json!(1), &json!(1)));
    assert_eq!(
        (&told["findings"][0]["cell"], &told["findings"][0]["code"]),
        (&json!("C2"), &json!("unit.parent_unknown"))
    );
    for format in ["csv", "xlsx", "xls"] {
        let written = folder.path(&format!("out.{format}"));
        let (code, said) = run(&["export", "units", &written, "--format", format, "--phones", "--json"]);
        assert_eq!((code, &said["units"]), (Some(0), &json!(6)));
        assert_eq!(run(&["export", "units", &written]).0, Some(1), "never over a file that is there");
        let (code, again) = run(&["import", "units", &written, "--json"]);
        assert_eq!((code, &again["unchanged"], &again["rows"]), (Some(0), &json!(6), &json!(6)), "{again}");
    }
    let broken = folder.file("broken.xlsx", b"PK\x03\x04");
    let (code, problem) = run(&["import", "units", &broken, "--json"]);
    assert_eq!((code, &problem["findings"][0]["code"]), (Some(1), &json!("sheet.zip_damaged")));
    assert_eq!(run(&["import", "units"]).0, Some(2));
    assert_eq!(run(&["query", "units", "--under", "NONE", "--json"]).0, Some(1));
}

#[test]
fn the_command_line_takes_in_all_administrative_divisions() {
    let shared = std::env::var_os("MUSTER_SHARED").map_or_else(
        || std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        std::path::PathBuf::from,
    );
    let shared = shared.join("data");
    let divisions = shared.join("cn-divisions");
    if !divisions.is_dir() {
        println!("left out: {} is not there", divisions.display());
        return;
    }
    let folder = Folder::new("divisions");
    let database = folder.path("muster.db");
    let divisions = divisions.display().to_string();
    let out = muster(&database, &["import", "cn-divisions", &divisions, "--day", "2020-01-01", "--json"]);
    let done: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((out.status.code(), &done["added"], &done["refused"]), (Some(0), &json!(23_702), &json!(0)));
    let out = muster(&database, &["query", "unit", "--node", "340102001", "--json"]);
    let unit: Value = serde_json::from_slice(&out.stdout).unwrap();
    let path: Vec<_> =
        unit["path"].as_array().unwrap().iter().map(|step| step["code"].as_str().unwrap()).collect();
    assert_eq!(path, ["CN", "34", "3401", "340102", "340102001"]);
    assert_eq!(unit["place_name"], unit["names"]["zh-Hans"]);
}

/// F12 becomes two, one of which is at a place that no list knows.
fn split_in_two() -> Value {
    let part = |code: &str, place: &str| json!({ "code": code, "names": { "zh-Hans": code }, "kind": "firm", "place": place });
    json!({ "unit": "F12", "into": [part("F13", "340103"), part("F14", "349901")], "given": { "S121": "F13", "N1": "F14" } })
}

/// The fields at which a place is told that no list knows; nothing else may be told.
fn places_unknown(answer: &Value) -> Vec<String> {
    let findings = answer["findings"].as_array().unwrap_or_else(|| panic!("no findings: {answer}"));
    let told = findings.iter().map(|finding| {
        assert_eq!((&finding["code"], &finding["severity"]), (&json!("unit.place_unknown"), &json!("warn")));
        finding["field"].as_str().unwrap().to_owned()
    });
    told.collect()
}

#[test]
fn a_body_beside_the_tree_is_changed_and_its_place_is_looked_up() {
    story(|house| {
        let cast = Cast::of(house, Terms::default());
        let send = |method: &str, path: &str, headers: &[(&str, &str)], body: &Value| {
            let json = [("content-type", "application/json")];
            let headers: Vec<_> = json.iter().chain(headers).copied().collect();
            house.ask("office", method, path, &headers, body.to_string().into())
        };
        let first = json!({ "code": "H1", "names": { "zh-Hans": "医院", "en": "Hospital" }, "kind": "hospital", "place": "340100", "opened": "2020-01-25" });
        let made = send("POST", "/parties", &[], &first);
        assert_eq!(
            (made.status, made.json()["findings"].clone()),
            (StatusCode::CREATED, Value::Null),
            "{}",
            made.json()
        );
        let seen = house.get("viewer", "/parties/H1").headers["etag"].to_str().unwrap().to_owned();
        assert_eq!(made.headers["etag"], seen.as_str());
        let patch = |headers: &[(&str, &str)], body: Value| send("PATCH", "/parties/H1", headers, &body);
        let match_seen = [("if-match", seen.as_str())];
        // A place that no list knows is taken, and said.
        let moved = patch(&match_seen, json!({ "place": "349901", "kind": "医院" }));
        assert_eq!(moved.code(), "party.refused", "a kind of one's own is written in letters");
        let moved = patch(&match_seen, json!({ "place": "349901", "names": { "zh-Hans": "市医院" } }));
        assert_eq!(moved.json()["findings"][0]["code"], "unit.place_unknown", "{}", moved.json());
        assert_eq!(
            (&moved.json()["place"], &moved.json()["names"]["en"]),
            (&json!("349901"), &json!("Hospital"))
        );
        assert_eq!(patch(&match_seen, json!({ "kind": "charity" })).code(), "party.stale");
        let entries = house.journalled("party.change").len();
        assert_eq!(patch(&[], json!({ "place": "349901" })).status, StatusCode::OK);
        assert_eq!(house.journalled("party.change").len(), entries, "said again, nothing is written");
        for (body, code, field) in [
            (json!({ "closed": "2020-01-25" }), "unit.closed_before_opened", "closed"),
            (json!({ "place": "3x" }), "unit.place_form", "place"),
            (json!({ "names": { "zh-Hans": "" } }), "unit.name_missing", "names.zh-Hans"),
            (json!({ "kind": "?" }), "unit.kind_form", "kind"),
        ] {
            let said = patch(&[], body.clone());
            let finding = &said.json()["findings"][0];
            assert_eq!(
                (said.status.as_u16(), &finding["code"], &finding["field"]),
                (422, &json!(code), &json!(field)),
                "{body}"
            );
        }
        let closed = patch(&[], json!({ "closed": "2020-03-01" }));
        assert_eq!(closed.json()["closed"], "2020-03-01");
        let late = patch(&[], json!({ "opened": "2020-03-01" }));
        assert_eq!(late.json()["findings"][0]["field"], "opened", "{}", late.json());
        assert_eq!(patch(&[], json!({ "code": "H2" })).code(), "request.field_unknown");
        assert_eq!(
            house
                .ask("group", "PATCH", "/parties/H1", &[("content-type", "application/json")], b"{}".to_vec())
                .status,
            StatusCode::FORBIDDEN
        );

        // The same of a unit, by each door.
        let unit = send("PATCH", "/units/S111", &[], &json!({ "place": "349901" })).json();
        assert_eq!(
            (&unit["findings"][0]["code"], &unit["findings"][0]["field"]),
            (&json!("unit.place_unknown"), &json!("place")),
            "{unit}"
        );
        let new = json!({ "code": "N1", "names": { "zh-Hans": "N" }, "kind": "site", "parent": "F11", "place": "99" });
        assert_eq!(send("POST", "/units", &[], &new).json()["findings"][0]["severity"], "warn");
        assert_eq!(
            send("PATCH", "/units/S111", &[], &json!({ "place": "340102" })).json()["findings"],
            Value::Null
        );
        assert_eq!(
            send("POST", "/units/N1/move", &[], &json!({ "parent": "F12" })).json()["findings"],
            Value::Null
        );
        // Looked at first, the same is said; of a split, at the new unit that it is about.
        for (method, path, body, field) in [
            ("PATCH", "/units/S111", json!({ "place": "349901" }), "place"),
            (
                "POST",
                "/units",
                json!({ "code": "N2", "names": { "zh-Hans": "N" }, "kind": "site", "parent": "F11", "place": "99" }),
                "place",
            ),
            ("POST", "/units/split", split_in_two(), "into[1].place"),
        ] {
            let looked = send(method, &format!("{path}?dry_run=true"), &[], &body).json();
            assert_eq!(
                (&looked["dry_run"], places_unknown(&looked)),
                (&json!(true), vec![field.to_owned()]),
                "{looked}"
            );
        }
        let parts = send("POST", "/units/split", &[], &split_in_two()).json();
        assert_eq!(
            (codes(&parts), places_unknown(&parts)),
            (vec!["F13", "F14"], vec!["into[1].place".to_owned()])
        );
        assert_eq!(parts["items"][1]["place"], "349901", "{parts}");
        // A tree of places that was taken in makes it known.
        let csv = b"code,name,kind,parent,place\nX9,X,place-city,R,3499\n".to_vec();
        let taken = house.ask("office", "POST", "/imports/units", &[("content-type", "text/csv")], csv);
        assert_eq!(taken.status, StatusCode::OK, "{}", taken.json());
        assert_eq!(
            send("PATCH", "/units/S112", &[], &json!({ "place": "349901" })).json()["findings"],
            Value::Null
        );
        cast.drawn_is_stored();
    });
}
