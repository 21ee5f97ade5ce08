//! One sheet in memory: all text in one arena, cells in twelve bytes each. A million rows of ten cells are 120 MB of
//! cells beside their text, where a `Vec<Vec<String>>` would be five times that.

use crate::options::{Format, Limits};
use crate::{Refused, refused};
use muster_kernel::Finding;
use std::collections::HashMap;

/// What a cell was in the file, before it became text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A number; its text has no exponent and no thousands marks.
    Number,
    /// True or false; its text is `true` or `false`.
    Bool,
    /// A date or a date with time; its text is ISO 8601.
    Date,
    /// A spreadsheet error such as `#REF!`.
    Error,
    /// A nested value in NDJSON, which no column takes.
    Nested,
}

/// Facts about a cell that a reader may refuse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags(u8);

impl Flags {
    pub(crate) const FORMULA: Flags = Flags(1);
    pub(crate) const MERGED: Flags = Flags(2);
    pub(crate) const DIGITS_LOST: Flags = Flags(4);
    pub(crate) const CONTROL: Flags = Flags(8);
    pub(crate) const TOO_LONG: Flags = Flags(16);

    pub(crate) fn with(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
    pub(crate) fn has(self, other: Flags) -> bool {
        self.0 & other.0 != 0
    }
}

#[derive(Clone, Copy, Debug)]
struct CellRecord {
    start: u32,
    length: u32,
    column: u16,
    kind: Kind,
    flags: Flags,
}

#[derive(Clone, Copy, Debug)]
struct RowRecord {
    number: u32,
    first: u32,
}

/// Why a row cannot be read at all.
#[derive(Clone, Debug)]
pub(crate) struct Broken {
    code: &'static str,
    arg: (&'static str, Box<str>),
}

impl Broken {
    pub(crate) fn new(code: &'static str, key: &'static str, value: impl ToString) -> Self {
        Self { code, arg: (key, value.to_string().into()) }
    }
    pub(crate) fn finding(&self) -> Finding {
        Finding::refuse(self.code).with(self.arg.0, &self.arg.1)
    }
}

/// One sheet of a file: rows that are not empty, each with its number, each cell with its address.
#[derive(Debug)]
pub struct Table {
    /// What the bytes turned out to be.
    pub format: Format,
    /// Name of the sheet, in a workbook.
    pub sheet: Option<String>,
    /// Encoding of the text, in CSV and NDJSON.
    pub encoding: Option<&'static str>,
    /// What is worth saying of the file as a whole; none of these keeps it out.
    pub notes: Vec<Finding>,
    text: String,
    cells: Vec<CellRecord>,
    rows: Vec<RowRecord>,
    /// Rows that cannot be read, by number, in ascending order; they have no cells.
    broken: Vec<(u32, Broken)>,
    /// How far cells are moved in, where that was asked for and is not nothing, by row number and column.
    indents: Vec<(u32, u16, u16)>,
    /// Where there is no line of names: the row in which the name of each column stands first.
    keys: Vec<u64>,
}

impl Table {
    /// Rows that are not empty, header and titles included.
    pub fn len(&self) -> usize {
        self.rows.len()
    }
    /// Whether there is no row at all.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
    /// The row at an index (from 0, empty rows not counted).
    pub fn row(&self, index: usize) -> Option<Row<'_>> {
        (index < self.rows.len()).then_some(Row { table: self, index })
    }
    /// All rows from an index on, in the order of the file.
    pub fn rows(&self, from: usize) -> impl ExactSizeIterator<Item = Row<'_>> + Clone {
        (from.min(self.rows.len())..self.rows.len()).map(|index| Row { table: self, index })
    }
    /// The row in which the name of a column stands that was read in a row.
    pub(crate) fn named_in(&self, column: u16, row: u64) -> u64 {
        self.keys.get(usize::from(column)).copied().unwrap_or(row)
    }
    fn indent(&self, row: u32, column: u16) -> u16 {
        let at = self.indents.binary_search_by_key(&(row, column), |(row, column, _)| (*row, *column));
        at.map_or(0, |at| self.indents[at].2)
    }
    fn span(&self, index: usize) -> std::ops::Range<usize> {
        let end = self.rows.get(index + 1).map_or(self.cells.len(), |next| next.first as usize);
        self.rows[index].first as usize..end
    }
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub struct Row<'t> {
    table: &'t Table,
    index: usize,
}

impl<'t> Row<'t> {
    /// The number a person sees beside it, from 1; in NDJSON the line, the keys being row 0.
    pub fn number(&self) -> u64 {
        u64::from(self.table.rows[self.index].number)
    }
    /// Why it cannot be read, where it cannot: then it has no cells, and is one row that is refused.
    pub fn broken(&self) -> Option<Finding> {
        let (table, number) = (self.table, self.table.rows[self.index].number);
        let at = table.broken.binary_search_by_key(&number, |(row, _)| *row).ok()?;
        Some(table.broken[at].1.finding().row(self.number()))
    }
    /// The table it belongs to.
    pub fn table(&self) -> &'t Table {
        self.table
    }
    /// Its cells that are not empty, from left to right.
    pub fn cells(&self) -> impl Iterator<Item = Cell<'t>> + use<'t> {
        let table = self.table;
        let row = table.rows[self.index].number;
        table.cells[table.span(self.index)].iter().map(move |record| cell(table, row, record))
    }
    /// The cell of a column (from 0); an empty one is `None`.
    pub fn cell(&self, column: u16) -> Option<Cell<'t>> {
        let cells = &self.table.cells[self.table.span(self.index)];
        let at = cells.binary_search_by_key(&column, |record| record.column).ok()?;
        Some(cell(self.table, self.table.rows[self.index].number, &cells[at]))
    }
}

fn cell<'t>(table: &'t Table, row: u32, record: &CellRecord) -> Cell<'t> {
    let start = record.start as usize;
    Cell {
        text: &table.text[start..start + record.length as usize],
        kind: record.kind,
        column: record.column,
        row: u64::from(row),
        flags: record.flags,
        indent: table.indent(row, record.column),
    }
}

/// One cell that is not empty.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'t> {
    /// Its text, trimmed.
    pub text: &'t str,
    /// What it was in the file.
    pub kind: Kind,
    /// Column, from 0.
    pub column: u16,
    /// Row number, from 1.
    pub row: u64,
    flags: Flags,
    indent: u16,
}

impl Cell<'_> {
    /// How far its text is moved in: the blanks before it, one of full width as two, and two for each step of the cell's own
    /// indent. 0 unless [`crate::Options::indents`] asked for it.
    pub fn indent(&self) -> u16 {
        self.indent
    }
    /// It is the cached result of a formula.
    pub fn is_formula(&self) -> bool {
        self.flags.has(Flags::FORMULA)
    }
    /// Its value is copied from the corner of a merged area.
    pub fn is_merged(&self) -> bool {
        self.flags.has(Flags::MERGED)
    }
    /// A whole number of 16 digits or more that the file stored as floating point: its tail is gone.
    pub fn has_lost_digits(&self) -> bool {
        self.flags.has(Flags::DIGITS_LOST)
    }
    /// Bears control characters (left out of the text).
    pub fn has_control_characters(&self) -> bool {
        self.flags.has(Flags::CONTROL)
    }
    /// Longer than the bound; the text is cut.
    pub fn is_too_long(&self) -> bool {
        self.flags.has(Flags::TOO_LONG)
    }
    /// Its address, such as `C7`.
    pub fn address(&self) -> String {
        format!("{}{}", column_letters(self.column), self.row)
    }
}

/// The letters of a column (from 0): `A`, `Z`, `AA`.
pub fn column_letters(column: u16) -> String {
    let mut letters = Vec::new();
    let mut rest = u32::from(column) + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(b'A' + (rest % 26) as u8);
        rest /= 26;
    }
    letters.reverse();
    String::from_utf8(letters).unwrap_or_default()
}

/// How many times as many rows as may be filled may stand in a file, the empty ones counted.
const EMPTY_MAX: usize = 4;

/// Collects rows and cells in the order of the file, within the limits.
pub(crate) struct Builder<'l> {
    limits: &'l Limits,
    indents: bool,
    table: Table,
    begun: usize,
    formulas: u64,
    first_formula: Option<String>,
    formulas_empty: u64,
    first_formula_empty: Option<String>,
}

impl<'l> Builder<'l> {
    pub(crate) fn new(format: Format, limits: &'l Limits) -> Self {
        let table = Table {
            format,
            sheet: None,
            encoding: None,
            notes: Vec::new(),
            text: String::new(),
            cells: Vec::new(),
            rows: Vec::new(),
            broken: Vec::new(),
            indents: Vec::new(),
            keys: Vec::new(),
        };
        Self {
            limits,
            indents: false,
            table,
            begun: 0,
            formulas: 0,
            first_formula: None,
            formulas_empty: 0,
            first_formula_empty: None,
        }
    }

    /// Also keeps how far cells are moved in.
    pub(crate) fn with_indents(mut self, indents: bool) -> Self {
        self.indents = indents;
        self
    }

    /// Adds the steps of the indents that cells have of their own, by row and column from 0.
    pub(crate) fn indented(&mut self, steps: &HashMap<(u32, u16), u8>) {
        let mut all: HashMap<(u32, u16), u16> =
            self.table.indents.drain(..).map(|(row, column, indent)| ((row, column), indent)).collect();
        for ((row, column), steps) in steps {
            *all.entry((row + 1, *column)).or_default() += u16::from(*steps) * STEP;
        }
        self.table.indents = all.into_iter().map(|((row, column), indent)| (row, column, indent)).collect();
        self.table.indents.sort_unstable();
    }

    /// Begins a row; rows come in ascending order. One that stays empty is dropped.
    pub(crate) fn row(&mut self, number: u64) -> Result<(), Refused> {
        self.drop_empty_row();
        self.begun += 1;
        if self.table.rows.len() >= self.limits.rows || self.begun / EMPTY_MAX > self.limits.rows {
            return Err(Box::new(Finding::refuse("sheet.too_many_rows").with("limit", self.limits.rows)));
        }
        let number = u32::try_from(number).map_err(|_| refused("sheet.damaged"))?;
        if self.table.rows.last().is_some_and(|last| last.number >= number) {
            return Err(Box::new(Finding::refuse("sheet.damaged").row(u64::from(number))));
        }
        let first = self.table.cells.len() as u32;
        self.table.rows.push(RowRecord { number, first });
        Ok(())
    }

    /// Adds a row that cannot be read; unlike an empty one it stays.
    pub(crate) fn broken(&mut self, number: u64, why: Broken) -> Result<(), Refused> {
        self.row(number)?;
        let number = self.table.rows.last().map_or(0, |row| row.number);
        self.table.broken.push((number, why));
        Ok(())
    }

    /// Says in which row the name of each column stands first, where there is no line of names.
    pub(crate) fn keys(&mut self, rows: Vec<u64>) {
        self.table.keys = rows;
    }

    /// Adds a cell to the row begun last. Trims it; an empty one is left out.
    pub(crate) fn cell(&mut self, column: u32, text: &str, kind: Kind, flags: Flags) -> Result<(), Refused> {
        let raw = text;
        let text = text.trim_matches(is_blank);
        if text.is_empty() {
            return Ok(());
        }
        let Some(column) = u16::try_from(column).ok().filter(|c| usize::from(*c) < self.limits.columns)
        else {
            return Err(Box::new(
                Finding::refuse("sheet.too_many_columns").with("limit", self.limits.columns),
            ));
        };
        if self.table.cells.len() >= self.limits.cells {
            return Err(Box::new(Finding::refuse("sheet.too_many_cells").with("limit", self.limits.cells)));
        }
        if self.indents
            && raw.starts_with(is_blank)
            && let Some(row) = self.table.rows.last()
        {
            let width = raw.chars().take_while(|c| is_blank(*c)).map(width).sum::<usize>().min(INDENT_MAX);
            self.table.indents.push((row.number, column, width as u16));
        }
        let mut flags = flags;
        let start = self.table.text.len();
        for (count, c) in text.chars().enumerate() {
            if count >= self.limits.cell_chars {
                flags = flags.with(Flags::TOO_LONG);
                break;
            }
            if c.is_control() && !matches!(c, '\t' | '\n' | '\r') {
                flags = flags.with(Flags::CONTROL);
            } else {
                self.table.text.push(c);
            }
        }
        let end = self.table.text.len();
        if end > self.limits.unpacked || end > u32::MAX as usize {
            return Err(Box::new(Finding::refuse("sheet.too_large").with("limit", self.limits.unpacked)));
        }
        if flags.has(Flags::FORMULA) {
            self.formulas += 1;
            if self.first_formula.is_none() {
                let row = self.table.rows.last().map_or(0, |row| row.number);
                self.first_formula = Some(format!("{}{row}", column_letters(column)));
            }
        }
        let length = (end - start) as u32;
        self.table.cells.push(CellRecord { start: start as u32, length, column, kind, flags });
        Ok(())
    }

    /// Counts a formula (row and column from 0) whose result is empty, or was never worked out: a program wrote the file
    /// and no spreadsheet has opened it since. The two cannot be told apart.
    pub(crate) fn formula_empty(&mut self, row: u32, column: u32) {
        let column = column.min(u32::from(u16::MAX)) as u16;
        self.formulas_empty += 1;
        self.first_formula_empty
            .get_or_insert_with(|| format!("{}{}", column_letters(column), u64::from(row) + 1));
    }

    /// Copies the corner of each merged area (rows and columns from 0, ends included) into its empty cells, within
    /// the rows and columns that the sheet uses.
    pub(crate) fn merge(&mut self, areas: &[MergedArea]) -> Result<(), Refused> {
        self.drop_empty_row();
        let width = self.table.cells.iter().map(|cell| cell.column).max().unwrap_or(0);
        let mut copies: Vec<(u32, CellRecord)> = Vec::new();
        let (mut expanded, mut first) = (0_u64, None::<&MergedArea>);
        for area in areas {
            let from = self.table.rows.partition_point(|row| row.number < area.first_row + 1);
            let to = self.table.rows.partition_point(|row| row.number <= area.last_row.saturating_add(1));
            let Some(corner) = self.corner(area) else { continue };
            let columns = area.first_column..=area.last_column.min(width);
            let size = (to.saturating_sub(from)) * columns.clone().count();
            if copies.len() + size > self.limits.merged_cells {
                let limit = self.limits.merged_cells;
                return Err(Box::new(Finding::refuse("sheet.too_many_merged").with("limit", limit)));
            }
            expanded += 1;
            // A workbook names its areas in any order; the first is the one that a reader of the sheet meets first.
            let at = |area: &MergedArea| (area.first_row, area.first_column);
            first = first.filter(|known| at(known) <= at(area)).or(Some(area));
            for index in from..to {
                for column in columns.clone() {
                    let flags = corner.flags.with(Flags::MERGED);
                    copies.push((index as u32, CellRecord { column, flags, ..corner }));
                }
            }
        }
        if expanded > 0 {
            let first = first.map(MergedArea::address).unwrap_or_default();
            let note = Finding::note("sheet.merged_expanded").with("count", expanded).with("first", first);
            self.table.notes.push(note);
            self.insert(copies);
        }
        Ok(())
    }

    fn corner(&self, area: &MergedArea) -> Option<CellRecord> {
        let index = self.table.rows.binary_search_by_key(&(area.first_row + 1), |row| row.number).ok()?;
        let cells = &self.table.cells[self.table.span(index)];
        cells.iter().find(|cell| cell.column == area.first_column).copied()
    }

    /// Puts copies beside what is there; what is there wins.
    fn insert(&mut self, mut copies: Vec<(u32, CellRecord)>) {
        copies.sort_by_key(|(row, cell)| (*row, cell.column));
        let old = std::mem::take(&mut self.table.cells);
        let spans: Vec<u32> = self.table.rows.iter().map(|row| row.first).collect();
        let mut copies = copies.into_iter().peekable();
        for index in 0..spans.len() {
            let end = spans.get(index + 1).map_or(old.len(), |next| *next as usize);
            self.table.rows[index].first = self.table.cells.len() as u32;
            let begin = self.table.cells.len();
            self.table.cells.extend_from_slice(&old[spans[index] as usize..end]);
            while let Some((_, copy)) = copies.next_if(|(row, _)| *row == index as u32) {
                self.table.cells.push(copy);
            }
            // A stable sort keeps an original before its copy, and dedup keeps the first.
            self.table.cells[begin..].sort_by_key(|cell| cell.column);
            let mut row = self.table.cells.split_off(begin);
            row.dedup_by_key(|cell| cell.column);
            self.table.cells.append(&mut row);
        }
    }

    /// The table, with its cells in order and what is worth saying of it.
    pub(crate) fn finish(mut self) -> Table {
        self.drop_empty_row();
        for index in 0..self.table.rows.len() {
            let span = self.table.span(index);
            let row = &mut self.table.cells[span];
            if !row.is_sorted_by_key(|cell| cell.column) {
                row.sort_by_key(|cell| cell.column);
            }
        }
        if let Some(first) = self.first_formula {
            let note =
                Finding::note("sheet.formulas_by_value").with("count", self.formulas).with("first", first);
            self.table.notes.push(note);
        }
        if let Some(first) = self.first_formula_empty {
            let warn = Finding::warn("sheet.formulas_empty");
            self.table.notes.push(warn.with("count", self.formulas_empty).with("first", first));
        }
        let last = self.table.rows.last().map_or(0, |row| row.number);
        if (last == 65_536 || last == 1_048_576) && self.table.format != Format::Ndjson {
            self.table.notes.push(Finding::warn("sheet.row_limit_reached").with("rows", last));
        }
        self.table
    }

    fn drop_empty_row(&mut self) {
        let broken = self.table.broken.last().map(|(row, _)| *row);
        let empty = |row: &RowRecord| row.first as usize == self.table.cells.len();
        if self.table.rows.last().is_some_and(|row| empty(row) && Some(row.number) != broken) {
            self.table.rows.pop();
        }
    }
}

/// A merged area: rows and columns from 0, ends included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MergedArea {
    pub(crate) first_row: u32,
    pub(crate) last_row: u32,
    pub(crate) first_column: u16,
    pub(crate) last_column: u16,
}

impl MergedArea {
    /// From a library's corners; areas outside any sheet are left out.
    pub(crate) fn new(start: (u32, u32), end: (u32, u32)) -> Option<Self> {
        let column = |c: u32| u16::try_from(c).ok();
        let area = Self {
            first_row: start.0,
            last_row: end.0,
            first_column: column(start.1)?,
            last_column: column(end.1)?,
        };
        (area.first_row <= area.last_row && area.first_column <= area.last_column && end.0 < u32::MAX)
            .then_some(area)
    }
    fn address(&self) -> String {
        let corner = |column, row: u32| format!("{}{}", column_letters(column), u64::from(row) + 1);
        format!("{}:{}", corner(self.first_column, self.first_row), corner(self.last_column, self.last_row))
    }
}

/// How much one step of a cell's own indent is, in blanks.
const STEP: u16 = 2;
/// The most that is told of an indent.
const INDENT_MAX: usize = 1_000;

/// How wide a blank is that stands before a text.
fn width(c: char) -> usize {
    match c {
        '\u{3000}' | '\u{2003}' => 2,
        '\t' => 4,
        ' ' | '\u{a0}' | '\u{2000}'..='\u{200a}' => 1,
        _ => 0,
    }
}

/// White space of any script, and the invisible marks that come along when text is pasted.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}')
}
