//! Files as clerks and programs send them, good and bad, through the front door.

mod old;

use flate2::Compression;
use flate2::write::GzEncoder;
use muster_kernel::Finding;
use muster_sheet::{
    Column, ColumnKind, Format, Kind, Limits, Options, Out, OutFormat, SheetWriter, Table, WriteError,
    header_find, read,
};
use rust_xlsxwriter::{Format as Style, Formula, Workbook, Worksheet};
use std::io::{Cursor, Write};

fn take(bytes: &[u8]) -> Table {
    read(bytes, &Options::default()).unwrap()
}
fn refuse(bytes: &[u8]) -> Finding {
    refuse_within(bytes, Limits::default())
}
fn refuse_within(bytes: &[u8], limits: Limits) -> Finding {
    *read(bytes, &Options { limits, ..Options::default() }).unwrap_err()
}
/// Rows as text: `7: A=code | C=name`.
fn shown(table: &Table) -> Vec<String> {
    let row = |row: muster_sheet::Row<'_>| {
        let cells: Vec<_> = row.cells().map(|cell| format!("{}={}", cell.address(), cell.text)).collect();
        cells.join(" | ")
    };
    table.rows(0).map(row).collect()
}
fn codes(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.code.as_str()).collect()
}
fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut to = GzEncoder::new(Vec::new(), Compression::fast());
    to.write_all(bytes).unwrap();
    to.finish().unwrap()
}
/// Packed as a bomb is: as tightly as can be.
fn tight(bytes: &[u8]) -> Vec<u8> {
    let mut to = GzEncoder::new(Vec::new(), Compression::best());
    to.write_all(bytes).unwrap();
    to.finish().unwrap()
}
fn book(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet());
    book.save_to_buffer().unwrap()
}
fn column(key: &'static str, names: &[&'static str], kind: ColumnKind, required: bool) -> Column {
    let names = names.iter().map(|name| (*name).into()).collect();
    Column { key: key.into(), names, kind, unit: None, required, doc: "".into() }
}
fn dictionary() -> Vec<Column> {
    vec![
        column("code", &["编码", "編碼", "Code"], ColumnKind::Id, true),
        column("name", &["名称", "名稱", "Name"], ColumnKind::Text, true),
        column("opened", &["启用日期", "Opened"], ColumnKind::Day, false),
    ]
}

#[test]
fn csv_in_every_encoding_reads_the_same() {
    let text = "编码,名称\r\n340100,合肥市\r\n340200,芜湖市\r\n";
    let expected = ["A1=编码 | B1=名称", "A2=340100 | B2=合肥市", "A3=340200 | B3=芜湖市"];
    let (gb, _, _) = encoding_rs::GB18030.encode(text);
    let utf16 = |big: bool| -> Vec<u8> {
        let unit = |u: u16| if big { u.to_be_bytes() } else { u.to_le_bytes() };
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(unit).collect()
    };
    let cases: [(Vec<u8>, &str); 6] = [
        (text.as_bytes().to_vec(), "UTF-8"),
        (format!("\u{feff}{text}").into_bytes(), "UTF-8"),
        (gb.to_vec(), "gb18030"),
        (utf16(false), "UTF-16LE"),
        (utf16(true), "UTF-16BE"),
        (gz(&gb), "gb18030"),
    ];
    for (bytes, encoding) in cases {
        let table = take(&bytes);
        assert_eq!(shown(&table), expected, "{encoding}");
        assert_eq!((table.format, table.encoding), (Format::Csv, Some(encoding)));
    }
    let traditional = "編碼,名稱,備註\n1,臺灣省政府衛生處,這是繁體中文的內容\n";
    let (big5, _, failed) = encoding_rs::BIG5.encode(traditional);
    assert!(!failed);
    let table = take(&big5);
    assert_eq!(table.encoding, Some("Big5"));
    assert_eq!(shown(&table)[1], "A2=1 | B2=臺灣省政府衛生處 | C2=這是繁體中文的內容");
}

#[test]
fn a_byte_that_no_encoding_knows_is_named() {
    let mut bytes = "编码,名称\n".as_bytes().to_vec();
    bytes.extend_from_slice(&[0xd6, 0xd0, 0xff, 0xff, b'\n']);
    let finding = refuse(&bytes);
    assert_eq!(finding.code, "sheet.encoding_broken");
    let with = |label: &str| Options { encoding: Some(label.into()), ..Options::default() };
    assert_eq!(read(b"a,b", &with("klingon")).unwrap_err().code, "sheet.encoding_unknown");
    let finding = read(b"ab\xff", &with("utf-8")).unwrap_err();
    assert_eq!((finding.code.as_str(), finding.args["byte"].as_str()), ("sheet.encoding_broken", "2"));
    assert_eq!(refuse(b"a,b\0,c\n").code, "sheet.not_text");
}

#[test]
fn csv_keeps_the_row_numbers_of_a_screen() {
    let table = take("code;name\n\n1;\"two\nlines; quoted\"\n\n2;b\n".as_bytes());
    let numbers: Vec<_> = table.rows(0).map(|row| row.number()).collect();
    assert_eq!(numbers, [1, 3, 5]);
    assert_eq!(table.row(1).unwrap().cell(1).unwrap().text, "two\nlines; quoted");
    assert_eq!(shown(&take(b"a\tb\r1\t2")), ["A1=a | B1=b", "A2=1 | B2=2"]);
    assert_eq!(shown(&take(b"only\n")), ["A1=only"]);
}

#[test]
fn a_workbook_is_read_as_a_person_sees_it() {
    let bytes = book(|sheet| {
        sheet.merge_range(0, 0, 0, 2, "2020年单位名单", &Style::new()).unwrap();
        for (at, name) in ["编码（必填）", "名称 *", "Opened", "备注"].into_iter().enumerate() {
            sheet.write(1, at as u16, name).unwrap();
        }
        sheet.write(2, 0, 340_100).unwrap();
        sheet.write(2, 1, "　合肥 ").unwrap();
        let day = rust_xlsxwriter::ExcelDateTime::from_ymd(2020, 2, 3).unwrap();
        sheet.write_with_format(2, 2, &day, &Style::new().set_num_format("yyyy/m/d")).unwrap();
        sheet.write(3, 0, "３４０２００").unwrap();
        sheet.merge_range(3, 1, 4, 1, "芜湖", &Style::new()).unwrap();
        sheet.write(4, 0, "340201").unwrap();
        sheet.write(4, 2, 43_864).unwrap();
    });
    let table = take(&bytes);
    assert_eq!(table.format, Format::Xlsx);
    assert_eq!(codes(&table.notes), ["sheet.merged_expanded"]);
    let dictionary = dictionary();
    let header = header_find(&table, &dictionary).unwrap();
    assert_eq!(codes(&header.notes), ["sheet.column_unknown"]);
    assert_eq!(header.notes[0].at.cell.as_deref(), Some("D2"));
    let rows: Vec<_> = table
        .rows(header.first_data_row)
        .map(|row| {
            let fields = header.fields(row);
            let day = fields.day(2).unwrap().map(|day| day.to_string());
            (fields.row(), fields.id(0).unwrap().unwrap().into_owned(), fields.text(1).unwrap(), day)
        })
        .collect();
    let day = || Some("2020-02-03".to_owned());
    assert_eq!(
        rows,
        [
            (3, "340100".to_owned(), Some("合肥"), day()),
            (4, "340200".to_owned(), Some("芜湖"), None),
            (5, "340201".to_owned(), Some("芜湖"), day()),
        ]
    );
    assert!(table.row(4).unwrap().cell(1).unwrap().is_merged());
}

/// Of merged areas the one that a reader meets first is named, in whatever order the workbook has them.
#[test]
fn the_first_merged_area_is_the_uppermost() {
    let bytes = book(|sheet| {
        sheet.merge_range(1, 0, 1, 7, "下", &Style::new()).unwrap();
        sheet.merge_range(0, 3, 0, 4, "右", &Style::new()).unwrap();
        sheet.merge_range(0, 0, 0, 1, "左", &Style::new()).unwrap();
    });
    let note = &take(&bytes).notes[0];
    assert_eq!((note.code.as_str(), note.args["first"].as_str()), ("sheet.merged_expanded", "A1:B1"));
}

#[test]
fn ids_that_lost_their_digits_are_found_at_their_cell() {
    let bytes = book(|sheet| {
        for (at, name) in ["code", "name"].into_iter().enumerate() {
            sheet.write(0, at as u16, name).unwrap();
        }
        sheet.write(1, 0, 340_123_199_001_011_234_f64).unwrap();
        sheet.write(2, 0, "3.5E17").unwrap();
        sheet.write(3, 0, 12.5).unwrap();
        sheet.write_formula(4, 0, Formula::new("=1+1").set_result("2")).unwrap();
        let day = rust_xlsxwriter::ExcelDateTime::from_ymd(2020, 3, 1).unwrap();
        sheet.write_with_format(5, 0, &day, &Style::new().set_num_format("m\"-\"d")).unwrap();
        sheet.write_formula(6, 1, Formula::new("=CONCAT(A2,\"x\")").set_result("by formula")).unwrap();
        sheet.write_formula(7, 0, Formula::new("=NA()").set_result("#N/A")).unwrap();
    });
    let table = take(&bytes);
    assert_eq!(codes(&table.notes), ["sheet.formulas_by_value"]);
    let header = header_find(&table, &dictionary()).unwrap();
    let findings: Vec<_> = table
        .rows(1)
        .filter_map(|row| header.fields(row).id(0).err())
        .map(|f| (f.at.cell.unwrap_or_default(), f.code))
        .collect();
    let found = |cell: &str, code: &str| (cell.to_owned(), code.to_owned());
    assert_eq!(
        findings,
        [
            found("A2", "cell.id_lost_digits"),
            found("A4", "cell.id_not_whole"),
            found("A5", "cell.id_by_formula"),
            found("A6", "cell.id_became_date"),
            found("A8", "cell.error_value"),
        ]
    );
    let text = table.rows(1).find_map(|row| header.fields(row).text(1).unwrap());
    assert_eq!(text, Some("by formula"));
}

#[test]
fn csv_shows_scientific_ids_too() {
    let table = take(b"code,name\n3.40123E+17,a\n007,b\n");
    let header = header_find(&table, &dictionary()).unwrap();
    let ids: Vec<_> =
        table.rows(1).map(|row| header.fields(row).id(0).map_err(|finding| finding.code.clone())).collect();
    assert_eq!(ids, [Err("cell.id_lost_digits".to_owned()), Ok(Some("007".into()))]);
}

#[test]
fn a_header_that_does_not_fit_is_explained() {
    let no = |bytes: &[u8]| header_find(&take(bytes), &dictionary()).unwrap_err();
    let header = no(b"a,b\n1,2\n");
    assert_eq!(codes(&header), ["sheet.header_missing"]);
    assert_eq!((&*header[0].args["row"], &*header[0].args["cells"]), ("1", "a | b"));
    let titled = no("2020 年名单\n序,单位代号,单位全称\n1,甲,乙\n".as_bytes());
    assert_eq!((&*titled[0].args["row"], &*titled[0].args["cells"]), ("2", "序 | 单位代号 | 单位全称"));
    assert_eq!((&*header[0].args["expected"], &*header[0].args["expected@en"]), ("编码、名称", "code, name"));
    let column = no(b"code,opened\n1,2\n");
    assert_eq!(codes(&column), ["sheet.column_missing"]);
    assert_eq!(column[0].args["column@en"], "name", "each in the reader's words");
    assert_eq!(codes(&no("code,name,编码\n1,2,3\n".as_bytes())), ["sheet.column_twice"]);
}

#[test]
fn nothing_of_a_table_is_lost_in_silence() {
    let open = refuse(b"code,name\n1,\"a\"\n2,\"b\n3,c\n");
    assert_eq!((open.code.as_str(), open.at.row), ("sheet.quote_open", Some(3)));
    assert_eq!(refuse(b"code;name\n1;\"a").code, "sheet.quote_open");
    for sound in ["1,\"a\"", "1,5\" pipe", "1,\"a \"\"b\"\"\"", "1,\"a\nb\"\n", "1,\"\"\"\""] {
        assert_eq!(take(format!("code,name\n{sound}").as_bytes()).len(), 2, "{sound}");
    }
    // A comma in a name that nobody put in quotes.
    let table = take(b"title\ncode,name\n1,Mill, Ltd\n2,b,,x\n3,c\n");
    let header = header_find(&table, &dictionary()).unwrap();
    let [beside] = &header.notes[..] else { panic!("{:?}", header.notes) };
    assert_eq!(beside.code, "sheet.cells_beside");
    assert_eq!((beside.args["first"].as_str(), beside.args["count"].as_str()), ("C3", "2"));
}

#[test]
fn ndjson_has_lines_and_keys() {
    let table = take(
        "{\"code\":340123199001011234,\"name\":\"合肥\"}\n\n{\"name\":null,\"code\":3.5e17,\"tags\":[1,[2]]}\n"
            .as_bytes(),
    );
    assert_eq!(table.format, Format::Ndjson);
    let header = header_find(&table, &dictionary()).unwrap();
    let rows: Vec<_> = table.rows(1).map(|row| (row.number(), header.fields(row).id(0))).collect();
    assert_eq!(rows[0].1.as_ref().unwrap().as_deref(), Some("340123199001011234"));
    let lost = rows[1].1.as_ref().unwrap_err();
    assert_eq!((lost.code.as_str(), lost.at.row, &lost.at.cell), ("cell.id_lost_digits", Some(3), &None));
    assert_eq!(table.row(2).unwrap().cell(2).unwrap().kind, Kind::Nested);
}

#[test]
fn json_bombs_and_breaks_are_findings() {
    let deep = format!("{{\"code\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(refuse(deep.as_bytes()).code, "sheet.json_too_deep");
    assert_eq!(
        refuse(format!("{{\"a\":{}", "{\"a\":".repeat(10_000)).as_bytes()).code,
        "sheet.json_too_deep"
    );
    let broken = refuse(b"\n{\"code\":\n");
    assert_eq!((broken.code.as_str(), broken.at.row), ("sheet.json_broken", Some(2)));
    assert_eq!(refuse(b"{\"code\":1,\"code\":2}").code, "sheet.json_key_twice");
    assert_eq!(refuse(b"[{\"code\":1}]").code, "sheet.json_array");
}

#[test]
fn a_line_that_cannot_be_read_is_a_row_that_says_so() {
    let deep = "[".repeat(100);
    let lines = format!(
        "{{\"code\":1,\"name\":\"b\"}}\n{{\"name\":\"a\",\"oops\":\n{{\"code\":2,\"code\":3}}\n{{\"code\":{deep}\n\n{{\"kode\":4}}\nx\n"
    );
    let table = take(lines.as_bytes());
    let header = header_find(&table, &dictionary()).unwrap();
    let rows = table.rows(header.first_data_row);
    let rows: Vec<_> = rows.map(|row| (row.number(), row.broken().map(|why| why.code))).collect();
    let broken = |row: u64, code: &str| (row, Some(code.to_owned()));
    assert_eq!(
        rows,
        [
            (1, None),
            broken(2, "sheet.json_broken"),
            broken(3, "sheet.json_key_twice"),
            broken(4, "sheet.json_too_deep"),
            (6, None),
            broken(7, "sheet.json_broken"),
        ]
    );
    // A misspelt key is told in the line where it stands; what a broken line says is not told.
    let [unknown] = &header.notes[..] else { panic!("{:?}", header.notes) };
    assert_eq!((unknown.code.as_str(), unknown.at.row), ("sheet.column_unknown", Some(6)));
    assert_eq!(unknown.args["column"], "kode");
}

#[test]
fn what_is_not_a_table_is_named() {
    for (bytes, format) in [
        (&b"%PDF-1.7"[..], "pdf"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "html"),
        (b"\n <?xml version='1.0'?><Workbook/>", "html"),
        (b"Rar!\x1a\x07", "rar"),
    ] {
        let finding = refuse(bytes);
        assert_eq!(
            (finding.code.as_str(), finding.args["format"].as_str()),
            ("sheet.format_unsupported", format)
        );
    }
    assert_eq!(refuse(b"").code, "sheet.empty");
    assert_eq!(refuse(b" \n\n").code, "sheet.empty");
    assert_eq!(refuse(&zip_of(&[("a.txt", b"x")])).args["format"], "zip");
    assert_eq!(
        refuse(&zip_of(&[("[Content_Types].xml", b""), ("word/document.xml", b"")])).args["format"],
        "docx"
    );
    assert_eq!(refuse(&zip_of(&[("content.xml", b"")])).args["format"], "ods");
    assert_eq!(refuse(b"PK\x03\x04 and nothing").code, "sheet.zip_damaged");
    assert_eq!(refuse(&book(|_| {})).code, "sheet.empty");
}

fn zip_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn bombs_are_found_before_they_go_off() {
    let limits = || Limits { unpacked: 1 << 20, ..Limits::default() };
    let zeros = vec![b' '; 8 << 20];
    assert_eq!(refuse_within(&gz(&zeros), limits()).code, "sheet.unpacks_too_large");
    assert_eq!(refuse_within(&zip_of(&[("xl/a.xml", &zeros)]), limits()).code, "sheet.unpacks_too_large");
    let zeros = vec![b'0'; 32 << 20];
    assert_eq!(refuse(&tight(&zeros)).code, "sheet.packed_too_tightly", "found long before the limit");
    let entry = |name| zip_of(&[(name, &zeros)]);
    assert_eq!(refuse(&entry("xl/worksheets/sheet1.xml")).code, "sheet.packed_too_tightly");
    assert_eq!(refuse(&entry("xl/sharedStrings.xml")).code, "sheet.packed_too_tightly");
    let few = Limits { cells: 3, ..Limits::default() };
    assert_eq!(refuse_within(b"a,b\n1,2\n", few.clone()).code, "sheet.too_many_cells");
    let strings = zip_of(&[("xl/sharedStrings.xml", b"<sst><si/><si/><si/></sst>")]);
    assert_eq!(refuse_within(&strings, few).code, "sheet.too_many_cells");
    let blank = Limits { rows: 2, ..Limits::default() };
    assert_eq!(refuse_within(&b"{}\n".repeat(3), blank.clone()).code, "sheet.too_many_rows");
    assert_eq!(refuse_within(&b",\n".repeat(12), blank).code, "sheet.too_many_rows");
    let whole = gz(b"code,name\n1,2\n");
    assert_eq!(refuse(&whole[..whole.len() - 6]).code, "sheet.gzip_truncated");
    assert_eq!(refuse(&gz(&whole)).code, "sheet.gzip_nested");
    let mut damaged = gz(b"code,name\n");
    *damaged.last_mut().unwrap() ^= 1;
    assert_eq!(refuse(&damaged).code, "sheet.gzip_damaged");
    let sst = b"<sst uniqueCount = \"99999999999999\"><si><t>a</t></si></sst>";
    assert_eq!(refuse(&zip_of(&[("xl/sharedStrings.xml", sst)])).code, "sheet.zip_damaged");
    let small = Limits { bytes: 4, ..Limits::default() };
    assert_eq!(refuse_within(b"a,b,c", small).code, "sheet.too_large");
    assert_eq!(
        refuse_within(b"a\nb\nc", Limits { rows: 2, ..Limits::default() }).code,
        "sheet.too_many_rows"
    );
    assert_eq!(
        refuse_within(b"a,b,c", Limits { columns: 2, ..Limits::default() }).code,
        "sheet.too_many_columns"
    );
    let table = read(
        b"code,name\n1,abcdef",
        &Options { limits: Limits { cell_chars: 5, ..limits() }, ..Options::default() },
    );
    let table = table.unwrap();
    let header = header_find(&table, &dictionary()).unwrap();
    assert_eq!(header.fields(table.row(1).unwrap()).text(1).unwrap_err().code, "cell.too_long");
}

#[test]
fn an_honest_file_of_a_hundred_thousand_rows_comes_in_as_an_upload() {
    let mut csv = String::from("unit,day,act");
    (0..20).for_each(|n| csv.push_str(&format!(",figure{n}")));
    for row in 0..100_000 {
        csv.push_str(&format!("\nS{row:06},2020-02-06,values{}", ",0".repeat(20)));
    }
    let options = Options { limits: Limits::of_upload(), ..Options::default() };
    for bytes in [gz(csv.as_bytes()), csv.into_bytes()] {
        assert_eq!(read(&bytes, &options).unwrap().len(), 100_001);
    }
}

/// The book, with the list of merged areas put into its first sheet by hand: a writer would fill them.
fn with_merges(bytes: &[u8], area: &str) -> Vec<u8> {
    let mut from = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..from.len() {
        let mut entry = from.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut xml = String::new();
        std::io::Read::read_to_string(&mut entry, &mut xml).unwrap();
        let merges = format!("</sheetData><mergeCells count=\"1\"><mergeCell ref=\"{area}\"/></mergeCells>");
        to.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        to.write_all(xml.replace("</sheetData>", &merges).as_bytes()).unwrap();
    }
    to.finish().unwrap().into_inner()
}

#[test]
fn a_far_corner_costs_nothing_and_a_merge_of_everything_is_bounded() {
    let bytes = book(|sheet| {
        sheet.write(0, 0, "code").unwrap();
        sheet.write(1, 0, "all").unwrap();
        sheet.write(1_048_575, 0, "far").unwrap();
    });
    let table = take(&with_merges(&bytes, "A2:XFD1048575"));
    assert_eq!(shown(&table), ["A1=code", "A2=all", "A1048576=far"]);
    assert_eq!(codes(&table.notes), ["sheet.merged_expanded", "sheet.row_limit_reached"]);
    let bytes = book(|sheet| {
        for row in 0..2_000 {
            sheet.write(row, 0, "x").unwrap();
            sheet.write(row, 900, "x").unwrap();
        }
    });
    assert_eq!(refuse(&with_merges(&bytes, "A1:XFD1048576")).code, "sheet.too_many_merged");
    assert_eq!(take(&with_merges(&bytes, "A1:B3")).row(2).unwrap().cells().count(), 3);
}

#[test]
fn every_cut_and_every_flipped_byte_is_a_table_or_a_finding() {
    let bytes = book(|sheet| {
        for row in 0..20 {
            sheet.write(row, 0, format!("3401{row:02}")).unwrap();
            sheet.write(row, 1, f64::from(row) * 1.5).unwrap();
        }
    });
    let limits =
        || Options { limits: Limits { unpacked: 4 << 20, ..Limits::default() }, ..Options::default() };
    for cut in (0..bytes.len()).step_by(97) {
        let _ = read(&bytes[..cut], &limits());
    }
    for at in (0..bytes.len()).step_by(31) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        let _ = read(&damaged, &limits());
    }
}

#[test]
fn what_is_written_is_read_again() {
    let rows = [["340100", "=合肥,\"市\""], ["000123", "'-x"], ["12345678901234567", "@名\n称"], ["7", ""]];
    for format in [OutFormat::Csv, OutFormat::Xlsx, OutFormat::Xls] {
        let mut to = SheetWriter::new(format, Cursor::new(Vec::new()), "单位", &dictionary()).unwrap();
        let day = "2020-02-03".parse().unwrap();
        for row in rows {
            to.row(&[Out::Text(row[0]), Out::Text(row[1]), Out::Day(day)]).unwrap();
        }
        let bytes = to.finish().unwrap().into_inner();
        let table = take(&bytes);
        let header = header_find(&table, &dictionary()).unwrap();
        let again: Vec<_> = table
            .rows(header.first_data_row)
            .map(|row| {
                let fields = header.fields(row);
                assert_eq!(fields.day(2).unwrap(), Some(day));
                [
                    fields.id(0).unwrap().unwrap().into_owned(),
                    fields.text(1).unwrap().unwrap_or("").to_owned(),
                ]
            })
            .collect();
        assert_eq!(again, rows, "{format:?}");
        if format == OutFormat::Csv {
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.contains("\"'=合肥"), "guarded: {text}");
        }
    }
}

#[test]
fn how_far_a_cell_is_moved_in_is_told_where_it_is_asked() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let indent = |steps| rust_xlsxwriter::Format::new().set_indent(steps);
    sheet.write(0, 0, "a").unwrap();
    sheet.write_with_format(1, 0, "b", &indent(1)).unwrap();
    sheet.write_with_format(3, 0, " \u{3000}c", &indent(2)).unwrap();
    sheet.write_with_format(4, 0, "", &indent(3)).unwrap();
    sheet.write(5, 1, "  d").unwrap();
    let told = |bytes: &[u8], indents: bool| {
        let table = read(bytes, &Options { indents, ..Options::default() }).unwrap();
        let cells = table.rows(0).flat_map(|row| row.cells().map(|cell| (cell.address(), cell.indent())));
        cells.map(|(address, indent)| format!("{address} {indent}")).collect::<Vec<_>>()
    };
    let file = book.save_to_buffer().unwrap();
    assert_eq!(told(&file, true), ["A1 0", "A2 2", "A4 7", "B6 2"]);
    assert_eq!(told(&file, false), ["A1 0", "A2 0", "A4 0", "B6 0"]);
    let text = "a\n\u{3000}\u{3000}b,\tc\n\n \u{a0}d\n";
    assert_eq!(told(text.as_bytes(), true), ["A1 0", "A2 4", "B2 4", "A4 2"]);
}
