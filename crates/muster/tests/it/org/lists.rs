//! Files of units, in and out.

use super::{FILE, codes, findings, planted, send};
use crate::command::{Folder, begun, muster};
use crate::house::story;
use axum::http::StatusCode;
use muster_kernel::{Clock, Day};
use serde_json::{Value, json};

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
        // Who only reads figures reads no telephone.
        assert_eq!(unit["posts"][0]["duty_phone"], Value::Null);
        assert_eq!(house.get("office", "/units/F1").json()["posts"][0]["duty_phone"], "000-12345678");
        let none = house.get("viewer", "/units/F1?day=2019-12-31");
        assert_eq!((none.status, none.code()), (StatusCode::NOT_FOUND, "unit.not_open".to_owned()));
        assert_eq!(none.json()["title"], "F1 is not open on 2019-12-31.");
        let chinese =
            house.ask("viewer", "GET", "/units/F9", &[("accept-language", "zh-TW")], Vec::new()).json();
        assert!(chinese["title"].as_str().unwrap().contains("F9"), "{chinese}");
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
        let phones = house.get("office", "/exports/units?phones=true&purpose=a%20story");
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
        let phones = ["--phones", "--purpose", "a story"];
        let export = [&["export", "units", &written, "--format", format, "--json"][..], &phones].concat();
        let (code, said) = run(&export);
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

#[test]
fn a_unit_is_found_by_its_code_and_each_of_its_names_in_any_case() {
    story(|house| {
        planted(house);
        let more =
            "编码,名称,繁体名称,英文名称,上级编码\nH-7a,North Terminal,NORDkai,École,G2\nH-8,100%_!,,,G2\n";
        assert_eq!(send(house, "day=2020-01-01", more).json()["added"], 2);
        for (words, expected) in [
            ("north%20t", vec!["H-7a"]),
            ("NORTH", vec!["H-7a"]),
            ("nordKAI", vec!["H-7a"]),
            ("%C3%89COLE", vec!["H-7a"]),
            ("%C3%A9cole", vec!["H-7a"]),
            ("h-7A", vec!["H-7a"]),
            ("H-7", vec![]),
            ("%25_!", vec!["H-8"]),
            ("0_", vec![]),
            ("%E4%B8%80%E5%85%AC", vec!["F1"]),
        ] {
            assert_eq!(codes(&house.get("viewer", &format!("/units?q={words}")).json()), expected, "{words}");
        }
    });
}

#[test]
fn the_ready_made_form_is_told_as_it_is_then_given() {
    story(|house| {
        planted(house);
        let told = house.get("viewer", "/starter").json();
        assert_eq!(house.get("viewer", "/forms").json()["items"], json!([]), "looking gives nothing");
        let given = house.ask("office", "POST", "/forms/starter", &[], Vec::new());
        assert_eq!(given.status, StatusCode::NO_CONTENT, "{}", given.json());
        let form = house.get("viewer", "/forms/daily").json();
        let elements = house.get("viewer", "/elements").json();
        let element =
            |code: &Value| elements["items"].as_array().unwrap().iter().find(|e| e["code"] == *code);
        let asked = form["items"].as_array().unwrap().iter().filter_map(|item| element(&item["element"]));
        let entered: Vec<_> =
            asked.filter(|e| e["value_type"]["kind"] != "rate").map(|e| &e["names"]["en"]).collect();
        assert_eq!(told["items"], json!(entered));
        assert!(!entered.is_empty());
        assert_eq!(
            (&told["name"], &told["since"], told["cut_off"].as_str()),
            (&form["names"]["en"], &form["since"], Some("15:00"))
        );
        assert_eq!(form["cut_off_min"], 15 * 60);
    });
}

/// What is looked at before there is any database is what comes in, on the day of the place where the office is.
#[test]
fn a_list_may_be_looked_at_before_there_is_a_database() {
    let folder = Folder::new("foreseen-list");
    let database = folder.path("muster.db");
    let file = folder.file("units.csv", FILE.as_bytes());
    let run = |args: &[&str]| -> Value {
        let out = muster(&database, &[&["import", "units", &file, "--json"], args].concat());
        assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
        serde_json::from_slice(&out.stdout).unwrap()
    };
    let looked = run(&["--dry-run"]);
    assert_eq!((&looked["added"], &looked["dry_run"]), (&json!(5), &json!(true)));
    assert!(!std::path::Path::new(&database).exists(), "who only looks makes none");
    let under = muster(&database, &["import", "units", &file, "--dry-run", "--under", "NOPE"]);
    assert!(String::from_utf8_lossy(&under.stderr).contains("[unit.unknown]"));

    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let shanghai = || Day::of_instant(Clock::Wall.now_ms(), &zone);
    let before = shanghai();
    assert_eq!(run(&[])["added"], json!(5));
    let after = shanghai();
    let out = muster(&database, &["query", "unit", "--node", "AQ", "--json"]);
    let unit: Value = serde_json::from_slice(&out.stdout).unwrap();
    let opened = unit["opened"].as_str().unwrap();
    assert!([before.to_string(), after.to_string()].contains(&opened.to_owned()), "{opened}");
}

#[test]
fn two_of_one_name_below_one_unit_are_told() {
    story(|house| {
        planted(house);
        let told = |file: &str, query: &str| -> Vec<(String, String)> {
            let body = send(house, query, file).json();
            assert_eq!(body["refused"], json!(0), "{body}");
            let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
            let all = body["findings"].as_array().unwrap().iter();
            all.map(|finding| (text(finding, "cell"), text(finding, "code"))).collect()
        };
        let alike = vec![("B3".to_owned(), "unit.named_alike".to_owned())];
        let twins = "编码,名称,类型,上级编码\nT1,东区,项目,F1\nT2,东区,项目,F1\nT3,东区,项目,G2\n";
        assert_eq!(told(twins, "day=2020-01-01&dry_run=true"), alike);
        assert_eq!(told(twins, "day=2020-01-01"), alike);
        assert_eq!(told(twins, "day=2020-01-01"), [], "the same file again says nothing new");
        let renamed = "编码,名称,上级编码\nT3,乙区,G2\nT4,乙区,G2\n";
        assert_eq!(told(renamed, "day=2020-01-02"), alike);
        // One that follows upon another bears its name rightly.
        let after = "编码,名称,上级编码,启用日期,停用日期\nT5,丁区,G2,2020-01-02,2020-01-10\nT6,丁区,G2,2020-01-10,\n";
        assert_eq!(told(after, "day=2020-01-02"), []);
    });
}
