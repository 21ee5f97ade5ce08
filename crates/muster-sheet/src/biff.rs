//! A workbook of Excel 97 to 2003 (BIFF8), as far as a table needs one: text, numbers, days, one sheet. There is no library
//! that is kept up and writes it; the container is made by one, and what stands in it is some hundred lines.
//!
//! Records by [MS-XLS]; a record is its kind, the length of its data, and the data, all numbers little-endian.

use crate::columns::{Column, ColumnKind};
use crate::out::{Out, WriteError};
use cfb::{CompoundFile, Version};
use std::collections::HashMap;
use std::io::{Cursor, Seek, Write};

/// Rows that a sheet can hold, header included.
const ROWS_MAX: u32 = 65_536;
/// Columns that a sheet can hold.
const COLUMNS_MAX: usize = 256;
/// Longest data of a record; what is longer goes on in CONTINUE.
const DATA_MAX: usize = 8_224;

const BOF: u16 = 0x0809;
const EOF: u16 = 0x000a;
const CONTINUE: u16 = 0x003c;

/// Formats of cells, by their place among the XF records: fifteen of styles stand before them.
const PLAIN: u16 = 15;
const TEXT: u16 = 16;
const BOLD: u16 = 17;
const DAY: u16 = 18;
/// Number of the one format of our own: those below are known to every reader.
const DAY_FORMAT: u16 = 164;
/// Number of the format that leaves digits as they are typed: `@`.
const TEXT_FORMAT: u16 = 49;
/// Days from 1899-12-30, which workbooks count from, to 1970-01-01.
const EPOCH: i32 = 25_569;

/// A table on its way into a workbook.
pub(crate) struct Book {
    sheet: String,
    columns: Vec<(u16, bool)>,
    cells: Records,
    texts: Texts,
    row: u32,
}

impl Book {
    /// Begins one, with its header.
    pub(crate) fn new<'a>(
        sheet: &str,
        columns: &[Column],
        names: impl Iterator<Item = &'a str>,
    ) -> Result<Self, WriteError> {
        if columns.len() > COLUMNS_MAX {
            return Err(WriteError::TooManyRows);
        }
        let shape = |column: &Column| {
            let width: u16 = if column.kind == ColumnKind::Text { 28 } else { 16 };
            (width * 256, column.kind == ColumnKind::Id)
        };
        let columns = columns.iter().map(shape).collect();
        let (cells, texts) = (Records::default(), Texts::default());
        let mut book = Self { sheet: sheet.to_owned(), columns, cells, texts, row: 0 };
        for (column, name) in names.enumerate() {
            book.text(column as u16, BOLD, name);
        }
        book.row = 1;
        Ok(book)
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, values: &[Out<'_>]) -> Result<(), WriteError> {
        if self.row >= ROWS_MAX || values.len() > COLUMNS_MAX {
            return Err(WriteError::TooManyRows);
        }
        for (column, value) in values.iter().enumerate() {
            let column = column as u16;
            match value {
                Out::Empty => {}
                Out::Text(text) => self.text(column, TEXT, text),
                Out::Integer(number) => self.number(column, PLAIN, *number as f64),
                Out::Number(number) => self.number(column, PLAIN, *number),
                Out::Day(day) => self.number(column, DAY, f64::from(day.number() + EPOCH)),
            }
        }
        self.row += 1;
        Ok(())
    }

    /// Ends it and writes it out.
    pub(crate) fn finish<W: Write + Seek>(self, mut to: W) -> Result<W, WriteError> {
        let stream = self.stream();
        let mut file = CompoundFile::create_with_version(Version::V3, Cursor::new(Vec::new()))?;
        file.create_stream("/Workbook")?.write_all(&stream)?;
        file.flush()?;
        to.write_all(file.into_inner().get_ref())?;
        Ok(to)
    }

    fn text(&mut self, column: u16, format: u16, text: &str) {
        let index = self.texts.index(text);
        self.cells.push(0x00fd, &[&self.at(column, format), &index.to_le_bytes()]);
    }

    fn number(&mut self, column: u16, format: u16, number: f64) {
        self.cells.push(0x0203, &[&self.at(column, format), &number.to_le_bytes()]);
    }

    fn at(&self, column: u16, format: u16) -> [u8; 6] {
        let ([a, b], [c, d], [e, f]) =
            ((self.row as u16).to_le_bytes(), column.to_le_bytes(), format.to_le_bytes());
        [a, b, c, d, e, f]
    }

    fn stream(self) -> Vec<u8> {
        let mut globals = Records::default();
        globals.begin(0x0005);
        globals.push(0x0042, &[&1200_u16.to_le_bytes()]);
        globals.words(0x003d, &[0, 0, 0x4000, 0x2000, 0x0038, 0, 0, 1, 0x0258]);
        // The fifth font is number 5: there is no number 4.
        for weight in [400, 400, 400, 400, 700] {
            let head: [u16; 7] = [220, 0, 0x7fff, weight, 0, 0, 0];
            let head: Vec<u8> = head.iter().flat_map(|word| word.to_le_bytes()).collect();
            globals.push(0x0031, &[&head, &short(b"Arial")]);
        }
        globals.push(0x041e, &[&DAY_FORMAT.to_le_bytes(), &[10, 0, 0], b"yyyy-mm-dd"]);
        for _ in 0..PLAIN {
            globals.format(0, 0, true);
        }
        for (font, format) in [(0, 0), (0, TEXT_FORMAT), (5, TEXT_FORMAT), (0, DAY_FORMAT)] {
            globals.format(font, format, false);
        }
        globals.push(0x0293, &[&[0x00, 0x80, 0x00, 0xff]]);
        let texts = self.texts.records();
        let name: Vec<u8> = self.sheet.encode_utf16().flat_map(u16::to_le_bytes).collect();
        // This record, all texts, and EOF stand between here and the sheet.
        let begin = globals.0.len() + 4 + 8 + name.len() + texts.0.len() + 4;
        let units = (name.len() / 2) as u8;
        globals.push(0x0085, &[&(begin as u32).to_le_bytes(), &[0, 0, units, 1], &name]);
        globals.0.extend(texts.0);
        globals.push(EOF, &[]);

        let mut sheet = globals;
        sheet.begin(0x0010);
        for (at, (width, id)) in self.columns.iter().enumerate() {
            // A person who adds a row by hand types digits that stay as typed.
            let format = if *id { TEXT } else { PLAIN };
            sheet.words(0x007d, &[at as u16, at as u16, *width, format, 0, 0]);
        }
        let columns = (self.columns.len() as u16).to_le_bytes();
        sheet.push(0x0200, &[&[0; 4], &self.row.to_le_bytes(), &[0; 2], &columns, &[0; 2]]);
        sheet.0.extend(self.cells.0);
        // Frozen below the header.
        sheet.words(0x023e, &[0x06be, 0, 0, 0x0040, 0, 0, 0, 0, 0]);
        sheet.words(0x0041, &[0, 1, 1, 0, 2]);
        sheet.push(EOF, &[]);
        sheet.0
    }
}

/// A text of at most 255 letters of Latin 1, with its length before it.
fn short(text: &[u8]) -> Vec<u8> {
    [&[text.len() as u8, 0], text].concat()
}

/// Records, one after another.
#[derive(Default)]
struct Records(Vec<u8>);

impl Records {
    fn push(&mut self, kind: u16, parts: &[&[u8]]) {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        self.0.extend(kind.to_le_bytes());
        self.0.extend((length as u16).to_le_bytes());
        parts.iter().for_each(|part| self.0.extend(*part));
    }
    fn words(&mut self, kind: u16, words: &[u16]) {
        let data: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.push(kind, &[&data]);
    }
    /// The beginning of the globals (5) or of a sheet (16).
    fn begin(&mut self, what: u16) {
        self.words(BOF, &[0x0600, what, 0x0dbb, 0x07cc, 0, 0, 6, 0]);
    }
    /// How cells look: an XF record, of a style or of cells.
    fn format(&mut self, font: u16, number: u16, style: bool) {
        let (kind, used): (u16, u8) = if style { (0xfff5, 0xf4) } else { (0x0001, 0xf8) };
        let head: Vec<u8> = [font, number, kind].iter().flat_map(|word| word.to_le_bytes()).collect();
        self.push(0x00e0, &[&head, &[0x20, 0, 0, used], &[0; 8], &0x20c0_u16.to_le_bytes()]);
    }
}

/// All texts of the workbook, each once.
#[derive(Default)]
struct Texts {
    known: HashMap<String, u32>,
    used: u32,
    chunks: Vec<Vec<u8>>,
}

impl Texts {
    fn index(&mut self, text: &str) -> u32 {
        self.used += 1;
        if let Some(index) = self.known.get(text) {
            return *index;
        }
        let index = self.known.len() as u32;
        self.known.insert(text.to_owned(), index);
        let units: Vec<u16> = text.encode_utf16().collect();
        if self.chunks.is_empty() {
            // The two counts come here.
            self.chunks.push(vec![0; 8]);
        }
        // A text's head stands in one record with its first letter; its letters may go on in the next, which says anew
        // that they are of two bytes each.
        self.room(5, &[]);
        let chunk = self.chunks.last_mut().expect("made above");
        chunk.extend((units.len() as u16).to_le_bytes());
        chunk.push(1);
        for unit in units {
            self.room(2, &[1]);
            self.chunks.last_mut().expect("made above").extend(unit.to_le_bytes());
        }
        index
    }

    /// Begins another chunk where this one has no room for so many bytes.
    fn room(&mut self, bytes: usize, begins: &[u8]) {
        if self.chunks.last().is_some_and(|chunk| chunk.len() + bytes > DATA_MAX) {
            self.chunks.push(begins.to_vec());
        }
    }

    fn records(mut self) -> Records {
        let mut records = Records::default();
        let known = self.known.len() as u32;
        if let Some(first) = self.chunks.first_mut() {
            first[..4].copy_from_slice(&self.used.to_le_bytes());
            first[4..8].copy_from_slice(&known.to_le_bytes());
        }
        for (at, chunk) in self.chunks.iter().enumerate() {
            records.push(if at == 0 { 0x00fc } else { CONTINUE }, &[chunk]);
        }
        records
    }
}
