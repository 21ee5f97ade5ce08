//! Workbooks of Excel 97 to 2003: written, read, and lying about their size.

use super::*;

#[test]
fn an_old_workbook_holds_what_it_can_and_no_more() {
    let begun =
        || SheetWriter::new(OutFormat::Xls, Cursor::new(Vec::new()), "单位", &dictionary()[..2]).unwrap();
    // Texts that go on from one record into the next, at every place of a letter.
    let long = |row: usize| format!("{row}{}😀", "长".repeat(row % 331 * 12));
    let mut to = begun();
    for row in 0..2_000 {
        to.row(&[Out::Text(&format!("{row:018}")), Out::Text(&long(row))]).unwrap();
    }
    let table = take(&to.finish().unwrap().into_inner());
    let header = header_find(&table, &dictionary()).unwrap();
    let read: Vec<_> = table.rows(header.first_data_row).collect();
    assert_eq!(read.len(), 2_000);
    for (row, fields) in read.into_iter().map(|row| header.fields(row)).enumerate() {
        assert_eq!(fields.id(0).unwrap().unwrap(), format!("{row:018}"));
        assert_eq!(fields.text(1).unwrap().unwrap(), long(row));
    }
    let mut to = begun();
    for _ in 1..65_536 {
        to.row(&[Out::Integer(1), Out::Empty]).unwrap();
    }
    assert!(matches!(to.row(&[Out::Integer(1)]), Err(WriteError::TooManyRows)));
}

/// Records of a workbook of Excel 97, written by hand: enough for text, numbers, a formula and a merged area.
struct Biff(Vec<u8>);

impl Biff {
    fn record(&mut self, kind: u16, parts: &[&[u8]]) -> &mut Self {
        let data = parts.concat();
        self.0.extend_from_slice(&kind.to_le_bytes());
        self.0.extend_from_slice(&(data.len() as u16).to_le_bytes());
        self.0.extend_from_slice(&data);
        self
    }
    fn at(row: u16, column: u16) -> [u8; 6] {
        let ([a, b], [c, d]) = (row.to_le_bytes(), column.to_le_bytes());
        [a, b, c, d, 0, 0]
    }
    fn label(&mut self, row: u16, column: u16, text: &str) -> &mut Self {
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let length = (units.len() as u16 / 2).to_le_bytes();
        self.record(0x0204, &[&Self::at(row, column), &length, &[1], &units])
    }
    fn number(&mut self, row: u16, column: u16, value: f64) -> &mut Self {
        self.record(0x0203, &[&Self::at(row, column), &value.to_le_bytes()])
    }
    fn dimensions(&mut self, rows: u32, columns: u16) -> &mut Self {
        self.record(0x0200, &[&[0; 4], &rows.to_le_bytes(), &[0; 2], &columns.to_le_bytes(), &[0; 2]])
    }
}

/// A workbook of one sheet; `sheet_at` shifts where the sheet is said to begin.
fn xls(fill: impl FnOnce(&mut Biff), sheet_at: i64) -> Vec<u8> {
    const BOF: &[u8] = &[0, 6, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let name: Vec<u8> = "单位".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let begin = 4 + BOF.len() + 4 + 8 + name.len() + 4;
    let position = ((begin as i64 + sheet_at) as u32).to_le_bytes();
    let mut stream = Biff(Vec::new());
    stream.record(0x0809, &[BOF]).record(0x0085, &[&position, &[0, 0, 2, 1], &name]).record(0x000a, &[]);
    assert_eq!(stream.0.len(), begin);
    stream.record(0x0809, &[BOF]);
    fill(&mut stream);
    stream.record(0x000a, &[]);
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream("/Workbook").unwrap().write_all(&stream.0).unwrap();
    file.flush().unwrap();
    file.into_inner().into_inner()
}

#[test]
fn an_old_workbook_or_an_et_file_is_read_and_its_row_limit_is_warned_of() {
    let bytes = xls(
        |sheet| {
            sheet.dimensions(65_536, 3).label(0, 0, "编码").label(0, 1, "名称");
            sheet.number(1, 0, 340_100.0).label(1, 1, "合肥");
            sheet.number(2, 0, 340_123_199_001_011_234.0);
            sheet.record(0x0006, &[&Biff::at(3, 0), &2_f64.to_le_bytes(), &[0; 6], &[3, 0, 0x1e, 2, 0]]);
            sheet.label(65_535, 0, "last");
            sheet.record(0x00e5, &[&[1, 0], &[1, 0, 2, 0, 1, 0, 1, 0]]);
        },
        0,
    );
    let table = take(&bytes);
    assert_eq!((table.format, table.sheet.as_deref()), (Format::Xls, Some("单位")));
    assert_eq!(
        shown(&table),
        [
            "A1=编码 | B1=名称",
            "A2=340100 | B2=合肥",
            "A3=340123199001011264 | B3=合肥",
            "A4=2",
            "A65536=last"
        ]
    );
    assert_eq!(
        codes(&table.notes),
        ["sheet.merged_expanded", "sheet.formulas_by_value", "sheet.row_limit_reached"]
    );
    assert!(table.row(2).unwrap().cell(0).unwrap().has_lost_digits());
    assert!(table.row(3).unwrap().cell(0).unwrap().is_formula());
}

#[test]
fn an_old_workbook_that_lies_about_its_size_is_refused() {
    let label = |sheet: &mut Biff| {
        sheet.label(0, 0, "x");
    };
    assert_eq!(refuse(&xls(|s| label(s.dimensions(u32::MAX, u16::MAX)), 0)).code, "sheet.damaged");
    assert_eq!(refuse(&xls(|s| label(s.label(65_535, 255, "far")), 0)).code, "sheet.too_sparse");
    assert_eq!(refuse(&xls(label, 1_000_000)).code, "sheet.damaged");
    assert_eq!(refuse(&xls(|s| label(s.record(0x0203, &[&[1]])), 0)).code, "sheet.damaged");
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream("/EncryptedPackage").unwrap().write_all(b"x").unwrap();
    file.flush().unwrap();
    assert_eq!(refuse(&file.into_inner().into_inner()).code, "sheet.encrypted");
    let whole = xls(|s| label(s.label(9, 2, "y")), 0);
    for at in (0..whole.len()).step_by(7) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x5a;
        let _ = read(&damaged, &Options::default());
        let _ = read(&whole[..at], &Options::default());
    }
}
