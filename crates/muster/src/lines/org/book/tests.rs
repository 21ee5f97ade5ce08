//! Address books as offices have them, each with the oddity that it shows.

use super::names::{Numbering, stripped};
use super::phones::phones;
use super::words::{person_cell, post_cell};
use super::{Book, Role, Said, columns_said, guess, read};
use muster_sheet::{Options, Table};
use proptest::prelude::*;
use rust_xlsxwriter::{Format, FormatAlign, Workbook};

fn table(bytes: &[u8]) -> Table {
    muster_sheet::read(bytes, &Options { indents: true, ..Options::default() }).unwrap()
}

fn read_as(bytes: &[u8], said: &Said) -> (Vec<String>, Book) {
    let table = table(bytes);
    let guess = guess(&table, said);
    let roles = guess.columns.iter().map(|column| column.role.word()).collect();
    (roles, read(&table, &guess).unwrap())
}

/// A unit as `above/name`, with its kind, post and telephone.
fn told(book: &Book) -> Vec<String> {
    let each = book.units.iter().map(|unit| {
        let above = unit.parent.map_or("", |above| &book.units[above].name);
        let [post, phone] = [&unit.post, &unit.phone].map(|text| text.as_deref().unwrap_or("-"));
        format!("{above}/{} {} {post} {phone}", unit.name, unit.kind(&[]))
    });
    each.collect()
}

fn found(book: &Book) -> Vec<String> {
    let cell = |finding: &muster_kernel::Finding| finding.at.cell.clone().unwrap_or_default();
    book.findings
        .iter()
        .map(|finding| format!("{} {}", cell(finding), finding.code).trim().to_owned())
        .collect()
}

#[track_caller]
fn check(file: &str, roles: &[&str], units: &[&str], findings: &[&str]) {
    let (as_roles, book) = read_as(file.as_bytes(), &Said::default());
    assert_eq!(as_roles, roles, "columns");
    assert_eq!(told(&book), units, "units");
    assert_eq!(found(&book), findings, "findings");
}

#[test]
fn levels_stand_in_columns_and_are_said_once() {
    check(
        "某省国资委系统应急通讯录\n\n序号,集团,所属企业,项目部,姓名,职务,办公电话\n\
         1,第一集团,,,张三,主任,0551-62600001\n2,,一公司,,李四,经理,62600002\n3,,,北区项目部,王五,,62600003\n\
         4,,二公司,,赵六,副经理,62600004\n5,第二集团,,,钱七,主任,62600005\n6,,三公司,,孙八,经理,62600006\n合计,6,,,,,\n备注：每月更新,,,,,,\n",
        &["skip", "level1", "level2", "level3", "person", "post", "phone"],
        &[
            "/第一集团 group 主任 0551-62600001",
            "第一集团/一公司 firm 经理 62600002",
            "一公司/北区项目部 site - 62600003",
            "第一集团/二公司 firm 副经理 62600004",
            "/第二集团 group 主任 62600005",
            "第二集团/三公司 firm 经理 62600006",
        ],
        &["A10 book.line_sum", "A11 book.beyond_end", "book.persons_left_out"],
    );
}

#[test]
fn levels_are_told_by_blanks_of_any_width_before_names() {
    check(
        "单位名称,联系电话\n省国资委,62600000\n　　第一集团,62600001\n　　　　一公司,62600002\n            北区项目部,62600003\n　　第二集团,62600004\n",
        &["name", "phone"],
        &[
            "/省国资委 group - 62600000",
            "省国资委/第一集团 firm - 62600001",
            "第一集团/一公司 site - 62600002",
            "一公司/北区项目部 site - 62600003",
            "省国资委/第二集团 firm - 62600004",
        ],
        &[],
    );
}

#[test]
fn levels_are_told_by_numbering_which_is_no_part_of_a_name() {
    check(
        "單位,職稱,電話\n一、第一集團,主任,(02)2360-0001\n（一）一公司,經理,(02)2360-0002\n1.北區項目部,站長,(02)2360-0003\n2.南區項目部,站長,(02)2360-0004\n（二）二公司,經理,(02)2360-0005\n二、第二集團,主任,(02)2360-0006\n",
        &["name", "post", "phone"],
        &[
            "/第一集團 group 主任 (02)2360-0001",
            "第一集團/一公司 firm 經理 (02)2360-0002",
            "一公司/北區項目部 site 站長 (02)2360-0003",
            "一公司/南區項目部 site 站長 (02)2360-0004",
            "第一集團/二公司 firm 經理 (02)2360-0005",
            "/第二集團 group 主任 (02)2360-0006",
        ],
        &[],
    );
}

#[test]
fn several_lines_of_one_unit_are_one_unit_and_its_first_telephone_is_on_duty() {
    check(
        "单位,姓名,职务,办公电话,手机\n一公司,张三,主任,62600001转801、62600002,13800000001\n一公司,李四,副主任,62600003,\n,王五,科员,,13800000002\n二公司,赵六,,无,\n",
        &["name", "person", "post", "phone", "phone"],
        &["/一公司 group 主任 62600001转801", "/二公司 group - -"],
        &[
            "D2 book.phone_left_out",
            "E2 book.phone_left_out",
            "D3 book.phone_left_out",
            "C3 book.post_left_out",
            "E4 book.phone_left_out",
            "C4 book.post_left_out",
            "D5 book.phone_unread",
            "book.persons_left_out",
        ],
    );
    let (_, book) =
        read_as("单位,姓名,电话\n一公司,张三,62600001\n,李四,62600002\n".as_bytes(), &Said::default());
    assert_eq!((book.rows(), book.refused(), book.units.len(), book.persons), (2, 0, 1, 2));
}

#[test]
fn an_english_book_and_one_without_a_header_are_read_too() {
    check(
        "Unit,Department,Name,Position,Phone\nHarbour Trust,North Terminal,Ann Lee,Duty officer,+44 20 7946 0001 ext. 12\nHarbour Trust,South Terminal,Bo Chan,Manager,+44 20 7946 0002\n",
        &["level1", "level2", "person", "post", "phone"],
        &[
            "/Harbour Trust group - -",
            "Harbour Trust/North Terminal firm Duty officer +44 20 7946 0001转12",
            "Harbour Trust/South Terminal firm Manager +44 20 7946 0002",
        ],
        &["book.persons_left_out"],
    );
    check(
        "第一集团有限公司,张三,62600001\n第二集团有限公司,李四,62600002\n",
        &["name", "person", "phone"],
        &["/第一集团有限公司 group - 62600001", "/第二集团有限公司 group - 62600002"],
        &["book.persons_left_out"],
    );
}

/// Titles, two lines of header, names merged down, a line merged across, indents of the cells' own.
fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let plain = Format::new();
    sheet.merge_range(0, 0, 0, 4, "安徽省某集团应急值班通讯录", &plain).unwrap();
    for (column, word) in [(0, "单位"), (1, "部门"), (2, "负责人")] {
        sheet.merge_range(1, column, 2, column, word, &plain).unwrap();
    }
    sheet.merge_range(1, 3, 1, 4, "联系方式", &plain).unwrap();
    sheet.write_row(2, 3, ["值班电话", "手机"]).unwrap();
    sheet.merge_range(3, 0, 3, 4, "一、省内企业", &plain).unwrap();
    sheet.merge_range(4, 0, 6, 0, "第一集团", &plain).unwrap();
    sheet.write_row(4, 1, ["办公室", "张三 主任", "０５５１－６２６００００１", "13800000001"]).unwrap();
    sheet.write_row(5, 1, ["财务部", "李四(部长)", "62600002"]).unwrap();
    sheet.write(5, 4, 13_800_000_002_f64).unwrap();
    sheet.write_row(6, 1, ["安监部", "王五", ""]).unwrap();
    book.save_to_buffer().unwrap()
}

#[test]
fn merged_cells_stand_for_all_their_lines() {
    let (roles, book) = read_as(&workbook(), &Said::default());
    assert_eq!(roles, ["level1", "level2", "person", "phone", "phone"]);
    assert_eq!(
        told(&book),
        [
            "/省内企业 group - -",
            "省内企业/第一集团 firm - -",
            "第一集团/办公室 site 主任 0551-62600001",
            "第一集团/财务部 site 部长 62600002",
            "第一集团/安监部 site - -",
        ]
    );
    assert_eq!(
        (book.mapping.header, book.rows(), book.persons, book.title.as_str()),
        (3, 4, 3, "安徽省某集团")
    );
    assert_eq!(found(&book), ["E5 book.phone_left_out", "E6 book.phone_left_out", "book.persons_left_out"]);
    let all = format!("{book:?}");
    assert!(!["张三", "李四", "王五"].iter().any(|name| all.contains(name)), "no name of a person is kept");
}

#[test]
fn a_cells_own_indent_tells_its_level() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_row(0, 0, ["单位名称", "电话"]).unwrap();
    for (at, (name, indent)) in
        [("总公司", 0), ("一公司", 1), ("北区项目部", 2), ("二公司", 1)].into_iter().enumerate()
    {
        let format = Format::new().set_align(FormatAlign::Left).set_indent(indent);
        sheet.write_with_format(at as u32 + 1, 0, name, &format).unwrap();
    }
    let (_, book) = read_as(&workbook.save_to_buffer().unwrap(), &Said::default());
    assert_eq!(
        told(&book),
        [
            "/总公司 group - -",
            "总公司/一公司 firm - -",
            "一公司/北区项目部 site - -",
            "总公司/二公司 firm - -"
        ]
    );
}

#[test]
fn a_person_says_what_was_guessed_wrongly() {
    let file = "甲,乙\n单位一,12\n单位二,13\n".as_bytes();
    let said = Said { header: Some(1), last: Some(2), columns: Some(columns_said("A=name").unwrap()) };
    let (roles, book) = read_as(file, &said);
    assert_eq!(roles, ["name", "skip"]);
    assert_eq!(
        (told(&book), found(&book)),
        (vec!["/单位一 group - -".to_owned()], vec!["A3 book.beyond_end".to_owned()])
    );
    for wrong in ["A", "A=boss", "1=name", "A=name,A=phone", "A=level1,B=level1", "ZZZZ=name", "A=level9"] {
        assert_eq!(columns_said(wrong).unwrap_err().code, "book.map_form", "{wrong}");
    }
    assert_eq!(columns_said(" a=level1, B=phone,").unwrap()[&0], Role::Level(1));
    let refuses = |map: &str| {
        let table = table(file);
        let said = Said { columns: Some(columns_said(map).unwrap()), ..Said::default() };
        read(&table, &guess(&table, &said)).unwrap_err()[0].code.clone()
    };
    assert_eq!(refuses("B=phone"), "book.no_name_column");
    assert_eq!(refuses("A=name,B=level1"), "book.name_and_levels");
}

#[test]
fn a_line_without_a_unit_or_below_a_refused_one_is_refused_at_its_cell() {
    let long = "长".repeat(201);
    let file =
        format!("集团,公司,电话\n,,62600001\n{long},,62600002\n,一公司,62600003\n第二集团,二公司,62600004\n");
    let (_, book) = read_as(file.as_bytes(), &Said::default());
    assert_eq!(
        found(&book),
        ["A2 book.name_missing", "A3 unit.name_form", "B4 book.above_refused"].map(str::to_owned)
    );
    assert_eq!((book.rows(), book.refused(), book.units.len()), (4, 3, 2));
    let deep: String = (0..12).map(|at| format!("{}级{at}\n", " ".repeat(at))).collect();
    let (_, book) = read_as(format!("单位,电话\n{deep}").as_bytes(), &Said::default());
    assert_eq!((book.units.len(), book.rows(), book.refused()), (8, 12, 4));
    assert!(found(&book).contains(&"A10 book.too_deep".to_owned()), "{:?}", found(&book));
}

#[test]
fn a_mark_of_secrecy_above_the_header_keeps_all_of_it_out() {
    let table = table("机密\n单位,电话\n一公司,62600001\n".as_bytes());
    for header in [None, Some(1), Some(2)] {
        let guess = guess(&table, &Said { header, ..Said::default() });
        assert_eq!(read(&table, &guess).unwrap_err()[0].code, "sheet.secrecy_mark", "{header:?}");
    }
}

/// A workbook as an office has it: units drawn by indents, and another column of words that look like units beside it.
fn indented_beside(second: &str, cells: &[&str]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, heading) in ["单位名称", second, "联系人", "办公电话"].into_iter().enumerate() {
        sheet.write(0, column as u16, heading).unwrap();
    }
    let rows = [(0, "皖北集团"), (1, "合肥公司"), (2, "合肥项目部"), (1, "芜湖公司")];
    for (at, ((indent, name), beside)) in rows.into_iter().zip(cells).enumerate() {
        let (row, format) = (at as u32 + 1, Format::new().set_align(FormatAlign::Left).set_indent(indent));
        sheet.write_with_format(row, 0, name, &format).unwrap();
        sheet.write(row, 1, *beside).unwrap();
        sheet.write(row, 2, "张三").unwrap();
        sheet.write(row, 3, format!("0554-762000{at}")).unwrap();
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn a_tree_that_is_drawn_by_indents_is_not_taken_for_levels_beside_one_another() {
    for (second, cells) in [
        ("部门", ["办公室", "安全部", "安全部", "办公室"]),
        ("值班室", ["集团值班室", "公司值班室", "项目部值班室", "公司值班室"]),
        ("所属部门", ["防控办公室", "生产处", "生产处", "防控办公室"]),
    ] {
        let (roles, book) = read_as(&indented_beside(second, &cells), &Said::default());
        assert_eq!(roles[0], "name", "{second}: {roles:?}");
        assert!(!roles.iter().any(|role| role.starts_with("level")), "{second}: {roles:?}");
        let above = |name: &str| {
            let unit = book.units.iter().find(|unit| unit.name == name).unwrap();
            unit.parent.map(|at| book.units[at].name.clone())
        };
        assert_eq!(above("合肥公司").as_deref(), Some("皖北集团"), "{second}");
        assert_eq!(above("合肥项目部").as_deref(), Some("合肥公司"), "{second}");
        assert_eq!(above("芜湖公司").as_deref(), Some("皖北集团"), "{second}");
        assert_eq!(book.units.len(), 4, "{second}");
    }
}

#[test]
fn telephones_are_found_whatever_stands_between() {
    for (cell, first, others) in [
        ("62600001", Some("62600001"), 0),
        ("０５５１－６２６００００１", Some("0551-62600001"), 0),
        ("62600001/62600002", Some("62600001"), 1),
        ("62600001、13800000001；62600003", Some("62600001"), 2),
        ("62600001\n13800000001", Some("62600001"), 1),
        ("62600001 13800000001", Some("62600001"), 1),
        ("0551 62600001", Some("0551 62600001"), 0),
        ("62600001转801", Some("62600001转801"), 0),
        ("62600001（转 801）", Some("62600001(转801)"), 0),
        ("62600001 分机801/802", Some("62600001转801"), 1),
        ("办公：62600001 手机：13800000001", Some("62600001"), 1),
        ("(0551)62600001", Some("(0551)62600001"), 0),
        ("+86 551 62600001 ext 12", Some("+86 551 62600001转12"), 0),
        ("0554-7620001（白天）、0554-7620002（夜间）", Some("0554-7620001"), 1),
        ("（白天）62600001（夜间）62600002", Some("62600001"), 1),
        ("无", None, 0),
        ("12", None, 1),
    ] {
        let found = phones(cell);
        assert_eq!((found.first.as_deref(), found.others), (first, others), "{cell}");
    }
}

#[test]
fn numbering_is_told_from_names_that_begin_with_numbers() {
    for (cell, numbering, name) in [
        ("一、办公室", Numbering::Han, "办公室"),
        ("（一）办公室", Numbering::HanBrackets, "办公室"),
        ("(一) 办公室", Numbering::HanBrackets, "办公室"),
        ("1.办公室", Numbering::Digits, "办公室"),
        ("1、办公室", Numbering::Digits, "办公室"),
        ("1. 办公室", Numbering::Digits, "办公室"),
        ("１．办公室", Numbering::Digits, "办公室"),
        ("1.1办公室", Numbering::Dotted(1), "办公室"),
        ("1.1.2 办公室", Numbering::Dotted(2), "办公室"),
        ("(1)办公室", Numbering::Brackets, "办公室"),
        ("①办公室", Numbering::Circled, "办公室"),
        ("第一集团", Numbering::None, "第一集团"),
        ("110千伏变电站", Numbering::None, "110千伏变电站"),
        ("1.5万吨码头", Numbering::None, "1.5万吨码头"),
        ("三一重工", Numbering::None, "三一重工"),
    ] {
        assert_eq!(stripped(cell), (numbering, name.to_owned()), "{cell}");
    }
}

#[test]
fn of_a_person_only_the_post_is_read() {
    for (cell, post, person) in [
        ("张三", None, true),
        ("张三 主任", Some("主任"), true),
        ("张三（副总经理）", Some("副总经理"), true),
        ("王主任", Some("主任"), true),
        ("副主任：李四", Some("副主任"), true),
        ("值班员", Some("值班员"), false),
    ] {
        assert_eq!(person_cell(cell), (post.map(str::to_owned), person), "{cell}");
    }
    for (cell, post, names) in [
        ("主任", Some("主任"), 0),
        ("张三 主任", Some("主任"), 1),
        ("张三主任", Some("主任"), 1),
        ("王主任", Some("主任"), 1),
        ("欧阳修远副总经理", Some("副总经理"), 1),
        ("安全总监", Some("安全总监"), 0),
        ("应急办 主任", Some("应急办 主任"), 0),
        ("党委书记", Some("党委书记"), 0),
        ("安全管理", Some("安全管理"), 0),
        ("Duty officer", Some("Duty officer"), 0),
        ("张三", None, 1),
    ] {
        assert_eq!(post_cell(cell), (post.map(str::to_owned), names), "{cell}");
    }
}

fn cell() -> impl Strategy<Value = String> {
    let words = [
        "",
        "",
        "第一集团",
        "　一公司",
        "　　站",
        "1.甲",
        "一、乙",
        "合计",
        "备注：",
        "单位",
        "62600001/62600002",
        "张三 主任",
        "机要",
        "\u{202e}",
        "长长",
        "-",
        "=1",
    ];
    prop_oneof![6 => proptest::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => "[a-z0-9 ,\"一-三]{0,6}"]
}

proptest! {
    /// Whatever stands in it: each line is read, refused, or told to be none of a unit; and no finding is nowhere.
    #[test]
    fn rows_in_are_accepted_and_refused(rows in prop::collection::vec(prop::collection::vec(cell(), 1..6), 1..24)) {
        let mut file = Vec::new();
        for row in &rows {
            let cells: Vec<String> = row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            file.extend((cells.join(",") + "\n").into_bytes());
        }
        let Ok(table) = muster_sheet::read(&file, &Options { indents: true, ..Options::default() }) else { return Ok(()) };
        let guess = guess(&table, &Said::default());
        let Ok(book) = read(&table, &guess) else { return Ok(()) };
        let below = table.rows(0).filter(|row| row.number() > guess.mapping.header).count();
        let none = ["book.line_sum", "book.line_remark", "book.header_again", "book.line_unasked", "book.beyond_end"];
        let told = book.findings.iter().filter(|finding| none.contains(&&*finding.code)).count();
        prop_assert_eq!(book.rows() + told, below);
        let refusing: std::collections::BTreeSet<_> = book.findings.iter()
            .filter(|finding| finding.severity == muster_kernel::Severity::Refuse).filter_map(|finding| finding.at.row).collect();
        prop_assert_eq!(refusing.len(), book.refused());
    }
}
