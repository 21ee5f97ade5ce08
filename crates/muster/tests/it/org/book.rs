//! An office's own address book: looked at, taken in, taken in again.

use crate::command::{Folder, begun, muster};
use crate::house::{House, Said, story};
use axum::http::StatusCode;
use rust_xlsxwriter::{Format, FormatAlign, Workbook};
use serde_json::{Value, json};

/// Titles above, merged cells, a line across, indents; persons, two telephones in a cell; a sum at the end.
fn book() -> Vec<u8> {
    let mut book = Workbook::new();
    let (sheet, plain) = (book.add_worksheet(), Format::new());
    sheet.merge_range(0, 0, 0, 4, "某省国资委系统应急通讯录", &plain).unwrap();
    sheet.write_row(2, 0, ["单位", "部门", "姓名", "职务", "联系电话"]).unwrap();
    sheet.merge_range(3, 0, 5, 0, "一、第一集团", &plain).unwrap();
    sheet.write_row(3, 1, ["办公室", "张某甲", "主任", "０５５１－６２６００００１、13800000001"]).unwrap();
    sheet.write_row(4, 1, ["安监部", "李某乙", "部长", "0551-62600002转801"]).unwrap();
    sheet.write_row(5, 1, ["安监部", "王某丙", "副部长", "62600003"]).unwrap();
    sheet.write_row(6, 0, ["二、第二集团", "", "赵某丁", "主任", "0551-62600004"]).unwrap();
    sheet.write_row(7, 1, ["办公室", "钱某戊", "主任", "无"]).unwrap();
    sheet.write_row(8, 0, ["合计", "5 人"]).unwrap();
    sheet.merge_range(9, 0, 9, 4, "备注：联系人：陈某某，电话62600000", &plain).unwrap();
    book.save_to_buffer().unwrap()
}

fn send(house: &House, who: &str, path: &str, body: impl Into<Vec<u8>>) -> Said {
    house.ask(who, "POST", path, &[("content-type", "application/octet-stream")], body.into())
}

fn units(house: &House) -> Vec<String> {
    let said = house.get("office", "/units?limit=100").json();
    let each = said["items"].as_array().unwrap().iter();
    each.map(|unit| {
        format!("{} {} {} {}", unit["code"], unit["name"], unit["kind"], unit["parent"]).replace('"', "")
    })
    .collect()
}

fn told(said: &Value) -> Vec<String> {
    let each = said["findings"].as_array().unwrap().iter();
    each.map(|one| format!("{} {}", one["cell"].as_str().unwrap_or("-"), one["code"].as_str().unwrap()))
        .collect()
}

#[test]
fn a_book_is_looked_at_taken_in_and_taken_in_again() {
    story(|house| {
        let look = send(house, "office", "/imports/book/look", book());
        assert_eq!(look.status, StatusCode::OK, "{}", look.json());
        let look = look.json();
        assert_eq!(look["map"], "A=level1,B=level2,C=person,D=post,E=phone");
        assert_eq!(
            (&look["header"], &look["rows"], &look["accepted"], &look["refused"]),
            (&json!(3), &json!(5), &json!(5), &json!(0)),
            "{look}"
        );
        assert_eq!(
            (&look["persons"], &look["phones"], &look["phones_left"]),
            (&json!(5), &json!(3), &json!(2))
        );
        assert_eq!(
            look["levels"],
            json!([{ "depth": 1, "kind": "group", "count": 2 }, { "depth": 2, "kind": "firm", "count": 3 }])
        );
        let codes: Vec<_> =
            look["tree"].as_array().unwrap().iter().map(|unit| unit["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["HQ", "G01", "G01-01", "G01-02", "G02", "G02-01"]);
        // The name of a person is not even repeated to who sent it.
        assert!(!look.to_string().contains("张某甲"), "{look}");
        let shown = look["shown"].as_array().unwrap().iter().flat_map(|row| row["cells"].as_array().unwrap());
        let shown: Vec<_> = shown.map(|cell| cell["text"].as_str().unwrap()).collect();
        assert!(shown.contains(&"备注：联系人：陈＊＊，电话626＊＊＊＊＊"), "nor in a remark: {shown:?}");
        assert!(shown.contains(&"单位"), "a heading is no name: {shown:?}");
        assert!(!shown.iter().any(|text| text.contains("备＊＊") || text.contains("62600003")), "{shown:?}");
        assert_eq!(units(house), [""; 0], "a look stores nothing");
        assert!(house.journalled("units.import").is_empty());

        let dry = send(house, "office", "/imports/book?dry_run=true", book()).json();
        assert_eq!((&dry["added"], &dry["dry_run"]), (&json!(4), &json!(true)), "{dry}");
        assert_eq!(units(house), [""; 0]);
        let done = send(house, "office", "/imports/book", book()).json();
        // Four lines are first of their unit, one says more of one; a group that only stands above, and the top, are implied.
        assert_eq!(
            (&done["rows"], &done["added"], &done["unchanged"], &done["implied"]),
            (&json!(5), &json!(4), &json!(1), &json!(2)),
            "{done}"
        );
        assert_eq!(
            units(house),
            [
                "G01 第一集团 group HQ",
                "G01-01 办公室 firm G01",
                "G01-02 安监部 firm G01",
                "G02 第二集团 group HQ",
                "G02-01 办公室 firm G02",
            ]
        );
        let top = house.get("office", "/units/HQ").json();
        assert_eq!(
            (&top["name"], &top["kind"], &top["parent"]),
            (&json!("某省国资委"), &json!("regulator"), &Value::Null)
        );
        assert_eq!(told(&done), told(&look));
        let post = |unit: &str| house.get("office", &format!("/units/{unit}")).json()["posts"][0].clone();
        assert_eq!(
            (&post("G01-01")["name"], &post("G01-01")["duty_phone"]),
            (&json!("主任"), &json!("0551-62600001"))
        );
        assert_eq!(
            (&post("G01-02")["name"], &post("G01-02")["duty_phone"]),
            (&json!("部长"), &json!("0551-62600002转801"))
        );

        // The same book again changes nothing; nor does it where a name was written anew, and a kind was set.
        let entries = house.journalled("unit.create").len();
        let patch = json!({ "kind": "department" }).to_string().into_bytes();
        let headers = [("content-type", "application/json")];
        assert_eq!(house.ask("office", "PATCH", "/units/G01-01", &headers, patch).status, StatusCode::OK);
        let again = send(house, "office", "/imports/book", book()).json();
        assert_eq!(
            (&again["unchanged"], &again["added"], &again["changed"], &again["implied"]),
            (&json!(5), &json!(0), &json!(0), &json!(0)),
            "{again}"
        );
        assert_eq!(house.journalled("unit.create").len(), entries);
        assert_eq!(house.get("office", "/units/G01-01").json()["kind"], "department");

        // Another unit is numbered after those that are there, also after one that came by another way.
        let other =
            json!({ "code": "G01-07", "names": { "zh-Hans": "别处" }, "kind": "firm", "parent": "G01" });
        assert_eq!(house.post("office", "/units", other).status, StatusCode::CREATED);
        let more = "集团,部门,电话\n第一集团,办公室,\n第一集团,财务部,62600009\n第三集团,办公室,\n";
        let more = send(house, "office", "/imports/book", more).json();
        assert_eq!(
            (&more["added"], &more["unchanged"], &more["implied"]),
            (&json!(2), &json!(1), &json!(1)),
            "{more}"
        );
        let all = units(house);
        for unit in ["G01-08 财务部 firm G01", "G03 第三集团 group HQ", "G03-01 办公室 firm G03"] {
            assert!(all.iter().any(|one| one == unit), "{unit}: {all:?}");
        }
        // Below a unit, with kinds of one's own.
        let below = send(
            house,
            "office",
            "/imports/book?under=G02-01&kinds=team&map=A%3Dname&header=1",
            "甲\n一组\n二组\n",
        )
        .json();
        assert_eq!(below["added"], 2, "{below}");
        assert!(units(house).contains(&"G02-01-02 二组 team G02-01".to_owned()), "{:?}", units(house));
    });
}

#[test]
fn a_book_with_one_unit_at_its_head_begins_the_tree_with_it() {
    story(|house| {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        sheet.write_row(0, 0, ["单位名称", "值班电话"]).unwrap();
        for (at, (name, indent)) in
            [("某集团", 0), ("一公司", 1), ("北区项目部", 2), ("二公司", 1)].into_iter().enumerate()
        {
            let format = Format::new().set_align(FormatAlign::Left).set_indent(indent);
            sheet.write_with_format(at as u32 + 1, 0, name, &format).unwrap();
        }
        let file = workbook.save_to_buffer().unwrap();
        for added in [4, 0] {
            let said = send(house, "office", "/imports/book", file.clone()).json();
            assert_eq!((&said["added"], &said["refused"]), (&json!(added), &json!(0)), "{said}");
        }
        assert_eq!(units(house), ["G01 一公司 firm HQ", "G01-01 北区项目部 site G01", "G02 二公司 firm HQ"]);
    });
}

#[test]
fn what_is_wrong_with_a_book_is_told_and_nothing_is_stored() {
    story(|house| {
        for (query, body, code) in [
            ("map=A", "单位,电话\n一,1\n", "book.map_form"),
            ("map=A%3Dboss", "单位,电话\n一,1\n", "book.map_form"),
            ("map=B%3Dphone", "单位,电话\n一,1\n", "import.unreadable"),
            ("kinds=%E5%85%B6%E4%BB%96", "单位,电话\n一,1\n", "import.unreadable"),
            ("under=NOWHERE", "单位,电话\n一公司,1\n", "unit.unknown"),
            ("under=..", "单位,电话\n一公司,1\n", "import.unreadable"),
            ("day=soon", "单位,电话\n一公司,1\n", "request.day"),
            ("", "机密★1年\n单位,电话\n一公司,1\n", "import.unreadable"),
            ("header=1", "机密\n单位,电话\n一公司,1\n", "import.unreadable"),
            ("", "{\"单位\":\"一公司\"}\n", "import.unreadable"),
            ("", "", "import.unreadable"),
            ("sheet=none", "PK\u{3}\u{4}", "import.unreadable"),
        ] {
            for path in ["/imports/book", "/imports/book/look"] {
                let said = send(house, "office", &format!("{path}?{query}"), body);
                assert_eq!(said.code(), code, "{path} {query} {body}: {}", said.json());
            }
        }
        assert_eq!(send(house, "viewer", "/imports/book/look", book()).code(), "permission.lacking");
        // Far beyond the sheet nothing is read, and nothing breaks.
        for path in ["/imports/book", "/imports/book/look"] {
            let beyond =
                |map: &str| send(house, "office", &format!("{path}?header={}&last=0{map}", u64::MAX), book());
            assert_eq!(beyond("").code(), "import.unreadable", "{}", beyond("").json());
            assert_eq!(beyond("&map=A%3Dname").json()["rows"], 0, "{}", beyond("&map=A%3Dname").json());
        }
        assert_eq!(units(house), [""; 0]);
        // A line that is refused takes what stands below it with it, and each is told at its cell.
        let body =
            "集团,公司,行政区划,电话\n甲集团,,不详,\n,一公司,,62600001\n乙集团,二公司,340100,62600002\n";
        let said = send(house, "office", "/imports/book", body).json();
        assert_eq!(
            (&said["rows"], &said["accepted"], &said["refused"]),
            (&json!(3), &json!(1), &json!(2)),
            "{said}"
        );
        assert_eq!(told(&said), ["C2 unit.place_form", "B3 unit.parent_refused"]);
        // Sent again under its key it is the same answer, once stored.
        let entries = house.journalled("units.import").len();
        let headers = [("content-type", "text/csv"), ("idempotency-key", "book-0001")];
        let ask = || {
            house.ask(
                "office",
                "POST",
                "/imports/book",
                &headers,
                "集团,电话\n丙集团,62600009\n丁集团,\n".into(),
            )
        };
        assert_eq!(ask().json(), ask().json());
        assert_eq!(house.journalled("units.import").len(), entries + 1);
    });
}

#[test]
fn the_command_line_reads_a_book_too() {
    let folder = Folder::new("book");
    let database = folder.path("muster.db");
    begun(&database);
    let file = folder.file("book.xlsx", &book());
    let look = muster(&database, &["import", "book", &file, "--dry-run", "--json"]);
    let look: Value = serde_json::from_slice(&look.stdout).unwrap();
    assert_eq!((&look["accepted"], &look["persons"]), (&json!(5), &json!(5)), "{look}");
    let table = muster(&database, &["import", "book", &file, "--dry-run"]);
    let table = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(table.contains("G01-02") && table.contains("level1"), "{table}");
    for added in [4, 0] {
        let done =
            muster(&database, &["import", "book", &file, "--map", "A=level1,B=level2,E=phone", "--json"]);
        let said: Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!((done.status.code(), &said["added"]), (Some(0), &json!(added)), "{said}");
    }
    let wrong = muster(&database, &["import", "book", &file, "--map", "A=boss", "--json"]);
    assert_eq!(wrong.status.code(), Some(1), "{}", String::from_utf8_lossy(&wrong.stdout));
}

/// A list of telephones that knows the units by their codes and says nothing of levels: nobody moves.
#[test]
fn a_list_by_codes_moves_nobody() {
    story(|house| {
        let csv =
            "code,name,kind,parent\nHQ,总部,unit,\nG1,甲集团,group,HQ\nS1,甲站,site,G1\nS2,乙站,site,HQ\n";
        assert_eq!(send(house, "office", "/imports/units", csv).status, StatusCode::OK);
        let before = units(house);
        let list =
            "单位代码,单位,联系电话\nS1,甲站,0551-62600001\nG1,甲集团,0551-62600002\nHQ,总部,0551-62600003\n";
        let done = send(house, "office", "/imports/book", list).json();
        assert_eq!((&done["accepted"], &done["refused"]), (&json!(3), &json!(0)), "{done}");
        assert_eq!(units(house), before);
        let unit = house.get("office", "/units/S1").json();
        assert!(unit["posts"].to_string().contains("0551-62600001"), "{unit}");
        // Where it is said below whom they go, they go there.
        let moved = send(house, "office", "/imports/book?under=G1", "单位代码,单位\nS2,乙站\n").json();
        assert_eq!(moved["accepted"], 1, "{moved}");
        assert!(units(house).contains(&"S2 乙站 site G1".to_owned()), "{:?}", units(house));
    });
}
