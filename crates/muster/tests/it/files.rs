//! Stories of files in and figures out: a file of reports, looked at first; and the command line, which answers what
//! the API answers.

mod line;

use crate::cast::{Cast, TODAY, told};
use crate::house::count;
use axum::http::StatusCode;
use muster_sheet::{Column, ColumnKind, Out, OutFormat, SheetWriter};
use muster_store::Stmt;
use serde_json::{Value, json};
use std::io::{Cursor, Read as _, Write as _};

/// Sends a file of reports.
fn send(cast: &Cast<'_>, role: &str, query: &str, file: impl Into<Vec<u8>>) -> Value {
    let said = cast.house.ask(role, "POST", &format!("/imports/reports?{query}"), &[], file.into());
    assert_eq!(said.status, StatusCode::OK, "{}", said.json());
    said.json()
}

/// Findings as code and cell, in their order.
fn cells(answer: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = answer["findings"].as_array().unwrap().iter();
    findings.map(|finding| (text(&finding["code"]), text(&finding["cell"]))).collect()
}

fn journal_length(cast: &Cast<'_>) -> i64 {
    count(cast.house, Stmt::new("test.journal_length", "select count(*) from journal"))
}

const FILE: &str = "\
unit,day,act,reason,client_id,fever,staff,confirmed
S111,2020-02-03,,,,0,10,
S112,2020-02-03,zero,,,,,
S121,2020-02-03,,,,0,3,
F12,2020-02-03,,,,,6,
G1,2020-02-03,,counted again,,,8,
NOPE,2020-02-03,,,,0,,
D,2020-02-03,,,,0,,
F11,2021-02-03,,,,0,,
S211,2020-02-03,,,,some,,
S211,2020-02-02,zero,,,1,,
F21,2020-02-03,,,,0,,90
F21,2020-02-02,,,,0,,100
";

#[test]
fn a_file_of_reports_is_looked_at_as_it_would_be_taken_in() {
    told(|cast| {
        for (unit, staff) in [("S121", 3), ("F12", 5), ("G1", 7)] {
            let values = json!({ "fever": 0, "staff": staff });
            let values = if unit == "S121" { values } else { json!({ "staff": staff }) };
            cast.say("office", unit, values);
        }
        let (before, totals) = (journal_length(cast), cast.totals("R"));
        let dry = send(cast, "office", "dry_run=true", FILE);
        assert_eq!(journal_length(cast), before, "a look stores nothing");
        assert_eq!(cast.totals("R"), totals);
        let wanted = json!({ "rows": 12, "accepted": 6, "unchanged": 1, "corrections": 1, "refused": 6,
            "dry_run": true, "findings_all": 7 });
        for (field, value) in wanted.as_object().unwrap() {
            assert_eq!(&dry[field], value, "{field}: {dry}");
        }
        let found = [
            ("report.reason_needed", "D5"),
            ("unit.unknown", "A7"),
            ("report.not_expected", "A8"),
            ("report.future_day", "B9"),
            ("value.not_a_number", "F10"),
            ("zero.event_not_zero", "F11"),
            ("value.falls", "H12"),
        ];
        let found = found.map(|(code, cell)| (code.to_owned(), cell.to_owned()));
        assert_eq!(cells(&dry), found, "each at its cell, in the order of the rows");

        let done = send(cast, "office", "", FILE);
        for field in ["rows", "accepted", "unchanged", "corrections", "refused", "findings_all", "findings"] {
            assert_eq!(done[field], dry[field], "{field}: what was foretold is what was done");
        }
        assert_eq!(cast.total("R", "staff")["value"], 10 + 3 + 5 + 8);
        let again = send(cast, "office", "dry_run=true", FILE);
        assert_eq!(
            (&again["accepted"], &again["unchanged"]),
            (&json!(6), &json!(6)),
            "the same file again: {again}"
        );
        // A filler's own part of the tree is all there is for them.
        let own = send(cast, "clerk", "dry_run=true", FILE);
        assert_eq!((&own["accepted"], &own["refused"]), (&json!(1), &json!(11)), "{own}");
        let viewer = cast.house.ask("viewer", "POST", "/imports/reports?dry_run=true", &[], FILE.into());
        assert_eq!(viewer.status, StatusCode::FORBIDDEN);
    });
}

#[test]
fn a_unit_that_stands_twice_in_a_file_is_told() {
    told(|cast| {
        let file = "unit,day,reason,staff\nS111,2020-02-03,,3\nS111,2020-02-03,counted again,4\nS111,2020-02-03,,5\n";
        let done = send(cast, "office", "", file);
        assert_eq!((&done["accepted"], &done["refused"]), (&json!(2), &json!(1)), "{done}");
        let found = [("report.row_again", "A3"), ("report.row_twice", "A4")];
        assert_eq!(cells(&done), found.map(|(code, cell)| (code.to_owned(), cell.to_owned())));
        assert_eq!(cast.total("R", "staff")["value"], 4);
    });
}

#[test]
fn a_refused_row_takes_no_other_with_it() {
    // Refused by its form, by the tree, or by what the sheet says already: none of them is a row that stands twice.
    const CSV: &str = "\
unit,day,act,fever,staff
S111,2020-02-03,,x,3
S111,2020-02-03,,2,4
S111,2020-02-03,,2,4
S112,2020-02-03,,,x
S112,2020-02-03,,y,
S121,2020-02-03,zero,,
S121,2020-02-03,,1,
";
    const LINES: &str = r#"{"unit":"S111","day":"2020-02-03","fever":"x","staff":3}
{"unit":"S111","day":"2020-02-03","fever":2,"staff":4}
{"unit":"S111","day":"2020-02-03","fever":2,"staff":4}
{"unit":"S112","day":"2020-02-03","staff":"x"}
{"unit":"S112","day":"2020-02-03","fever":"y"}
{"unit":"S121","day":"2020-02-03","act":"zero"}
{"unit":"S121","day":"2020-02-03","fever":1}
"#;
    for file in [CSV, LINES] {
        told(|cast| {
            cast.say("office", "S121", json!({ "fever": 3 }));
            for query in ["dry_run=true", ""] {
                let done = send(cast, "office", query, file);
                assert_eq!(
                    (&done["rows"], &done["accepted"], &done["refused"]),
                    (&json!(7), &json!(1), &json!(6)),
                    "{done}"
                );
                let codes: Vec<_> = cells(&done).into_iter().map(|(code, _)| code).collect();
                let wanted = [
                    "value.not_a_number",
                    "report.row_twice",
                    "value.not_a_number",
                    "value.not_a_number",
                    "zero.event_stands",
                    "report.reason_needed",
                ];
                assert_eq!(codes, wanted, "{query} {done}");
            }
            assert_eq!(cast.total("R", "staff")["value"], 4);
            let rows = [
                json!({ "unit": "S211", "day": TODAY, "act": "values", "values": { "fever": "x" } }),
                json!({ "unit": "S211", "day": TODAY, "act": "values", "values": { "fever": 1 } }),
            ];
            let body: String = rows.iter().map(|row| format!("{row}\n")).collect();
            let said = cast.house.ask("office", "POST", "/reports/bulk", &[], body.into());
            let text = String::from_utf8(said.bytes.to_vec()).unwrap();
            let status = |line: &str| serde_json::from_str::<Value>(line).unwrap()["status"].clone();
            assert_eq!(text.lines().map(status).collect::<Vec<_>>(), ["refused", "accepted"], "{text}");
        });
    }
}

#[test]
fn what_was_reported_before_it_was_taken_in_says_both_times() {
    told(|cast| {
        let file = "unit,day,filed_at,staff\nS111,2020-02-03,2020-02-03T08:00:00+08:00,3\n";
        assert_eq!(send(cast, "office", "", file)["accepted"], 1);
        cast.say("office", "S112", json!({ "fever": 0 }));
        let times = |unit: &str| {
            let past = cast.house.get("office", &format!("/reports/{unit}/{TODAY}/history")).json();
            let past = &past["revisions"][0];
            (past["at"].as_str().unwrap().to_owned(), past["taken_in_at"].as_str().unwrap().to_owned())
        };
        let (at, taken_in) = times("S111");
        assert_eq!(at, "2020-02-03T08:00:00+08:00");
        let sheet = cast.house.get("office", &format!("/reports/S111/{TODAY}")).json();
        assert_eq!(sheet["act"]["first_at"], at, "one time on every page");
        let (now, same) = times("S112");
        assert_eq!((&now, &now), (&same, &taken_in));
    });
}

#[test]
fn when_a_report_was_filed_is_said_only_by_who_has_the_whole() {
    let file =
        |unit: &str| format!("unit,day,staff,filed_at\n{unit},2020-02-01,3,2020-02-01T10:00:00+08:00\n");
    told(|cast| {
        let own = send(cast, "clerk", "", file("S111"));
        assert_eq!(
            (&own["accepted"], cells(&own)[0].clone()),
            (&json!(0), ("report.filed_at".into(), "D2".into()))
        );
        let done = send(cast, "office", "", file("S111"));
        assert_eq!(done["accepted"], 1, "{done}");
        let sheet = cast.get("office", "/reports/S111/2020-02-01");
        assert_eq!(sheet["act"]["on_time"], true);
    });
}

#[test]
fn rows_of_a_table_are_told_by_their_row_where_they_have_no_cells() {
    told(|cast| {
        let lines = "{\"unit\":\"S111\",\"day\":\"2020-02-03\",\"fever\":0}\n{\"unit\":\"NOPE\",\"day\":\"2020-02-03\",\"fever\":0}\n";
        let dry = send(cast, "office", "dry_run=true", lines);
        assert_eq!((&dry["accepted"], &dry["refused"]), (&json!(1), &json!(1)));
        let finding = &dry["findings"][0];
        assert_eq!(
            (&finding["row"], &finding["column"], &finding["cell"]),
            (&json!(2), &json!("unit"), &Value::Null)
        );
        // A line that cannot be read is refused alone, as at the door of many, and a misspelt name is told in its line.
        let lines = "{\"unit\":\"S111\",\"day\":\"2020-02-03\",\"fever\":0}\n{\"unit\":\"S112\",\n{\"unit\":\"S112\",\"day\":\"2020-02-03\",\"staff\":3,\"fevr\":0}\n";
        let done = send(cast, "office", "", lines);
        assert_eq!(
            (&done["rows"], &done["accepted"], &done["refused"]),
            (&json!(3), &json!(2), &json!(1)),
            "{done}"
        );
        let found: Vec<_> =
            done["findings"].as_array().unwrap().iter().map(|f| (&f["code"], &f["row"])).collect();
        let (broken, unknown) = (json!("sheet.json_broken"), json!("sheet.column_unknown"));
        assert_eq!(found, [(&broken, &json!(2)), (&unknown, &json!(3))]);
        let units = "{\"code\":\"S113\",\"name\":\"a\",\"parent\":\"F11\"}\n{\"code\":\n";
        let said = cast.house.ask("office", "POST", "/imports/units?day=2020-02-03", &[], units.into());
        let said = said.json();
        assert_eq!(
            (&said["rows"], &said["added"], &said["refused"]),
            (&json!(2), &json!(1), &json!(1)),
            "{said}"
        );
        assert_eq!(said["findings"][0]["row"], 2);
    });
}

#[test]
fn a_unit_in_a_time_zone_of_its_own_reports_by_its_own_clocks() {
    told(|cast| {
        let patch = json!({ "day": "2020-01-25", "time_zone": "Asia/Karachi" });
        let json = [("content-type", "application/json")];
        let said = cast.house.ask("office", "PATCH", "/units/S211", &json, patch.to_string().into());
        assert_eq!((said.status, &said.json()["time_zone"]), (StatusCode::OK, &json!("Asia/Karachi")));
        let bad = json!({ "day": "2020-01-25", "time_zone": "Asia/Nowhere" });
        let said = cast.house.ask("office", "PATCH", "/units/S211", &json, bad.to_string().into());
        assert_eq!(said.json()["findings"][0]["code"], "unit.time_zone");
        let cut_off =
            |unit: &str, on: &str| cast.get("office", &format!("/reports/{unit}/{on}"))["cut_off"].clone();
        assert_eq!(cut_off("S211", TODAY), "2020-02-03T15:00:00+05:00", "three hours after Shanghai's");
        assert_eq!(cut_off("S111", TODAY), "2020-02-03T15:00:00+08:00");
        assert_eq!(cut_off("S211", "2020-01-24"), "2020-01-24T15:00:00+08:00", "the fact is dated");
        cast.clock("17:00");
        assert_eq!(cast.get("office", &format!("/reports/S211/{TODAY}"))["status"], "expected");
        assert_eq!(cast.get("office", &format!("/reports/S111/{TODAY}"))["status"], "overdue");
        assert_eq!(cast.say("office", "S211", json!({ "fever": 0 }))["on_time"], true);
        assert_eq!(cast.say("office", "S111", json!({ "fever": 0 }))["on_time"], false);
        assert_eq!(cast.totals("R")["rates"]["actual_on_time"], 1);
        assert_eq!(cast.totals("G2")["late"], 0);
        cast.clock("18:01");
        cast.say("office", "S112", json!({ "fever": 0 }));
        assert_eq!(cast.totals("R")["late"], 2);
    });
}

#[test]
fn nobody_says_what_a_day_was_before_it_began() {
    told(|cast| {
        let json = [("content-type", "application/json")];
        for (unit, zone) in [("S211", "Pacific/Auckland"), ("S121", "Asia/Karachi")] {
            let patch = json!({ "day": "2020-01-25", "time_zone": zone });
            let said =
                cast.house.ask("office", "PATCH", &format!("/units/{unit}"), &json, patch.to_string().into());
            assert_eq!(said.status, StatusCode::OK);
        }
        let next = "2020-02-04";
        let zero =
            |unit: &str, on: &str| cast.put_on("office", unit, on, &[], json!({ "act": "zero" })).code();
        cast.clock("23:30");
        assert_eq!(zero("S111", next), "report.future_day");
        assert_eq!(zero("S121", next), "report.future_day");
        assert_eq!(zero("S211", next), "", "by its own clocks the day began");
        assert_eq!(zero("S211", "2020-02-05"), "report.future_day");
        let lines = [("S112", next), ("S112", TODAY)].map(|(unit, on)| {
            format!(
                "{}\n",
                json!({ "unit": unit, "day": on, "act": "zero", "client_id": format!("{unit}{on}") })
            )
        });
        let bulk = cast.house.ask("office", "POST", "/reports/bulk", &[], lines.concat().into());
        let bulk = String::from_utf8(bulk.bytes.to_vec()).unwrap();
        assert_eq!(bulk.matches("\"code\":\"report.future_day\"").count(), 1, "{bulk}");
        let file = format!("unit,day,act\nF11,{next},zero\nF21,{TODAY},zero\n");
        let done = send(cast, "office", "", file);
        let future = ("report.future_day".to_owned(), "B2".to_owned());
        assert_eq!((&done["accepted"], cells(&done)), (&json!(1), vec![future]));
        cast.clock("02-04 00:10");
        assert_eq!(zero("S111", next), "");
        assert_eq!(zero("S121", next), "report.future_day", "it is still yesterday there");
    });
}

/// A workbook whose figures were merged over several rows, and over two columns: it says each once.
fn merged() -> Vec<u8> {
    let column = |name: &'static str| Column {
        key: name.into(),
        names: vec![name.into()],
        kind: ColumnKind::Id,
        unit: None,
        required: true,
        doc: "".into(),
    };
    let columns = ["unit", "day", "staff", "isolated", "difficulties"].map(column);
    let mut sheet = SheetWriter::new(OutFormat::Xlsx, Cursor::new(Vec::new()), "x", &columns).unwrap();
    let (day, none) = (Out::Text(TODAY), Out::Empty);
    for row in [
        [Out::Text("S111"), day, Out::Integer(50), Out::Integer(1), Out::Text("缺口罩")],
        [Out::Text("S112"), none, none, Out::Integer(2), none],
        [Out::Text("S121"), none, none, Out::Integer(3), none],
        [Out::Text("F12"), day, Out::Integer(7), none, none],
        [Out::Text("F21"), day, Out::Integer(4), none, none],
    ] {
        sheet.row(&row).unwrap();
    }
    let bytes = sheet.finish().unwrap().into_inner();
    let mut from = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..from.len() {
        let mut entry = from.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut xml = String::new();
        entry.read_to_string(&mut xml).unwrap();
        let areas = ["B2:B4", "C2:C4", "E2:E3", "C5:D5"].map(|area| format!("<mergeCell ref=\"{area}\"/>"));
        let merges = format!("</sheetData><mergeCells count=\"4\">{}</mergeCells>", areas.concat());
        to.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        to.write_all(xml.replace("</sheetData>", &merges).as_bytes()).unwrap();
    }
    to.finish().unwrap().into_inner()
}

#[test]
fn a_figure_over_merged_cells_counts_once() {
    told(|cast| {
        let file = merged();
        let dry = send(cast, "office", "dry_run=true", file.clone());
        let done = send(cast, "office", "", file);
        assert_eq!(
            (&done["rows"], &done["accepted"], &done["refused"]),
            (&json!(5), &json!(2), &json!(3)),
            "{done}"
        );
        assert_eq!(dry["findings"], done["findings"]);
        let refused = cells(&done).into_iter().filter(|(code, _)| code == "cell.merged");
        let refused: Vec<String> = refused.map(|(_, cell)| cell).collect();
        assert_eq!(refused, ["C3", "E3", "C4", "D5"], "days may be merged, figures and words not");
        assert_eq!(cast.total("R", "staff")["value"], 50 + 4);
    });
}

#[test]
fn a_file_with_a_secrecy_mark_is_not_taken() {
    told(|cast| {
        let before = journal_length(cast);
        for (path, file) in [
            ("reports", format!("机密★1年\nunit,day,fever\nS111,{TODAY},0\n")),
            ("reports", format!("绝 密\nunit,day,fever\nS111,{TODAY},0\n")),
            ("reports", format!("unit,day,fever,difficulties\nS111,{TODAY},0,见秘密★长期\n")),
            ("units", "名册 绝密★长期\ncode,name,kind\nS111,甲,site\n".to_owned()),
            ("units", "code,name,kind\nS111,甲站 机\u{200b}密★1年,site\n".to_owned()),
        ] {
            let said =
                cast.house.ask("office", "POST", &format!("/imports/{path}"), &[], file.clone().into());
            assert_eq!(said.code(), "import.unreadable", "{file}");
            let finding = &said.json()["findings"][0];
            assert_eq!(finding["code"], "sheet.secrecy_mark", "{file}");
            assert!(finding["cell"].is_string(), "{finding}");
        }
        assert_eq!(journal_length(cast), before);
    });
}

#[test]
fn who_sends_nothing_keeps_nobody_out() {
    use axum::body::Body;
    use axum::http::Request;
    use futures_util::stream;
    use std::time::Duration;
    use tower::ServiceExt as _;

    told(|cast| {
        let router = muster::serve::router(cast.house.app.clone());
        let ask = |role: &str, path: &str, body: Body| {
            let request = Request::post(format!("/api/v1{path}")).header("x-muster-role", role);
            let request = request.header("host", "localhost").body(body).unwrap();
            let router = router.clone();
            async move { router.oneshot(request).await.unwrap() }
        };
        let silent = || Body::from_stream(stream::pending::<Result<Vec<u8>, std::convert::Infallible>>());
        let doors = ["/reports/bulk", "/imports/reports", "/imports/units", "/notices"];
        cast.house.run(async {
            // Who may not send is told so before anything is taken in.
            for door in doors {
                let said = tokio::time::timeout(Duration::from_secs(5), ask("viewer", door, silent())).await;
                assert_eq!(said.expect("it answers").status().as_u16(), 403, "{door}");
            }
            // Who may, and sends nothing, waits for their own places only.
            let slow: Vec<_> = (0..30).map(|n| tokio::spawn(ask("clerk", doors[n % 2], silent()))).collect();
            tokio::task::yield_now().await;
            tokio::time::sleep(Duration::from_millis(100)).await;
            for (door, body) in
                [("/imports/units", "code,name\nS111,new\n"), ("/notices", "通知\n各單位：做好工作。\n")]
            {
                let said =
                    tokio::time::timeout(Duration::from_secs(20), ask("office", door, body.into())).await;
                let status = said.expect("it has its turn").status();
                assert!(status.is_success() || status.as_u16() == 415, "{door}: {status}");
            }
            for one in slow {
                one.abort();
            }
        });
    });
}
