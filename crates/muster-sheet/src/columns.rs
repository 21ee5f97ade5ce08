//! The dictionary of columns: what a file may say, under which names, and which values are taken.

use crate::options::Format;
use crate::table::{Cell, Kind, Row, Table, column_letters};
use crate::value::{day_from_serial, day_parse, halfwidth};
use muster_kernel::{Day, Finding};
use std::borrow::Cow;
use std::collections::HashMap;

/// How many rows at the top may be titles.
const TITLE_ROWS_MAX: usize = 20;

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// A code or a number that names something: kept as text, digit by digit.
    Id,
    /// Free text.
    Text,
    /// A day.
    Day,
    /// A number, whole or not.
    Number,
}

impl ColumnKind {
    /// Its name in the documentation of a file: `id`, `text`, `day`, `number`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Text => "text",
            Self::Day => "day",
            Self::Number => "number",
        }
    }
}

/// One column that a file may have.
#[derive(Clone, Debug)]
pub struct Column {
    /// The field in the product's words; also accepted as the column's name.
    pub key: Cow<'static, str>,
    /// Names under which it is recognised; the first is the one that is written.
    pub names: Vec<Cow<'static, str>>,
    /// What its values are.
    pub kind: ColumnKind,
    /// Unit of its numbers, such as `人`.
    pub unit: Option<Cow<'static, str>>,
    /// A file without this column is refused.
    pub required: bool,
    /// What it means, for whoever prepares a file: the code of a sentence.
    pub doc: Cow<'static, str>,
}

/// Where the columns of a dictionary stand in one table.
#[derive(Debug)]
pub struct Header {
    /// Index of the first row below the header.
    pub first_data_row: usize,
    /// Column of the table for each entry of the dictionary.
    places: Vec<Option<u16>>,
    /// Names of the dictionary's entries as the file writes them.
    written: Vec<String>,
    keys: Vec<String>,
    /// Unknown columns (left out), and what else is worth saying; none refuses.
    pub notes: Vec<Finding>,
}

/// Finds the header: the row near the top in which most columns are recognised.
///
/// # Errors
/// No row is a header; a required column is missing; a column stands there twice.
pub fn header_find(table: &Table, dictionary: &[Column]) -> Result<Header, Vec<Finding>> {
    let mut names = HashMap::new();
    for (index, column) in dictionary.iter().enumerate() {
        for name in column.names.iter().chain([&column.key]) {
            names.entry(normal(name)).or_insert(index);
        }
    }
    let find = |cell: &Cell<'_>| {
        let name = normal(cell.text);
        names.get(&name).or_else(|| names.get(without_brackets(&name))).copied()
    };
    let score =
        |row: &Row<'_>| row.cells().filter(|cell| !cell.is_merged()).filter_map(|cell| find(&cell)).count();
    let scores = table.rows(0).take(TITLE_ROWS_MAX).map(|row| score(&row)).enumerate();
    // Of equal rows the first: below it are data that look like names of columns.
    let best = scores.max_by_key(|(at, score)| (*score, std::cmp::Reverse(*at)));
    let Some((at, 1..)) = best else {
        let mut required: Vec<_> = dictionary.iter().filter(|column| column.required).collect();
        if required.is_empty() {
            // Where none is needed whatever the others are, the first one says what sort of file this should be.
            required.extend(dictionary.first());
        }
        let named = |name: fn(&Column) -> &str| required.iter().copied().map(name).collect::<Vec<_>>();
        let finding = Finding::refuse("sheet.header_missing").with("expected", named(first_name).join("、"));
        let finding = finding.with("expected@en", named(|column| &column.key).join(", "));
        let (row, cells) = nearest(table);
        return Err(vec![finding.with("row", row).with("cells", cells)]);
    };
    let mut header = Header {
        first_data_row: at + 1,
        places: vec![None; dictionary.len()],
        written: dictionary.iter().map(|column| first_name(column).to_owned()).collect(),
        keys: dictionary.iter().map(|column| column.key.to_string()).collect(),
        notes: Vec::new(),
    };
    let mut findings = Vec::new();
    let row = table.rows(at).next();
    for cell in row.iter().flat_map(|row| row.cells()) {
        match find(&cell) {
            None => {
                header.notes.push(at_cell(Finding::warn("sheet.column_unknown"), table, &cell, cell.text))
            }
            Some(index) if header.places[index].is_some() => {
                findings.push(at_cell(Finding::refuse("sheet.column_twice"), table, &cell, cell.text));
            }
            Some(index) => {
                header.places[index] = Some(cell.column);
                header.written[index] = cell.text.to_owned();
            }
        }
    }
    for (column, place) in dictionary.iter().zip(&header.places) {
        if column.required && place.is_none() {
            findings.push(
                Finding::refuse("sheet.column_missing")
                    .with("column", first_name(column))
                    .with("column@en", &column.key)
                    .field(&*column.key),
            );
        }
    }
    header.notes.extend(cells_beside(table, at));
    if findings.is_empty() { Ok(header) } else { Err(findings) }
}

/// The row near the top that looks most like names of columns, though none is known: that with the most words, of equal ones
/// the first. Its number and its words.
fn nearest(table: &Table) -> (u64, String) {
    let is_word = |cell: &Cell<'_>| !cell.is_merged() && cell.text.chars().any(char::is_alphabetic);
    let rows = table.rows(0).take(TITLE_ROWS_MAX).enumerate();
    let best = rows.max_by_key(|(at, row)| (row.cells().filter(is_word).count(), std::cmp::Reverse(*at)));
    let Some((_, row)) = best else { return (1, String::new()) };
    let short = |cell: Cell<'_>| cell.text.trim().chars().take(20).collect::<String>();
    let words: Vec<String> = row.cells().filter(is_word).map(short).take(12).collect();
    (row.number(), words.join(" | "))
}

/// Cells below the header that stand under no name: often a comma in a name that was not put in quotes.
fn cells_beside(table: &Table, header: usize) -> Option<Finding> {
    let named: Vec<u16> = table.row(header)?.cells().map(|cell| cell.column).collect();
    let rows = table.rows(header + 1).flat_map(|row| row.cells());
    let mut beside = rows.filter(|cell| !cell.is_merged() && named.binary_search(&cell.column).is_err());
    let first = beside.next()?;
    let finding = Finding::warn("sheet.cells_beside").with("first", first.address()).row(first.row);
    Some(finding.with("count", 1 + beside.count()))
}

impl Header {
    /// Whether the file has a column of the dictionary.
    pub fn has(&self, index: usize) -> bool {
        self.places[index].is_some()
    }
    /// Names of the dictionary's columns that the file has, as it writes them.
    pub fn understood(&self) -> impl Iterator<Item = &str> {
        let written = self.written.iter().zip(&self.places);
        written.filter(|(_, place)| place.is_some()).map(|(name, _)| name.as_str())
    }
    /// The fields of a row.
    pub fn fields<'a>(&'a self, row: Row<'a>) -> Fields<'a> {
        Fields { header: self, row }
    }
}

/// The fields of one row, by index in the dictionary. An empty cell, or a column that the file does not have, is `None`.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    header: &'a Header,
    row: Row<'a>,
}

type Read<T> = Result<Option<T>, Box<Finding>>;

impl<'a> Fields<'a> {
    /// The row's number.
    pub fn row(&self) -> u64 {
        self.row.number()
    }
    /// The cell as it stands.
    pub fn cell(&self, index: usize) -> Option<Cell<'a>> {
        self.header.places[index].and_then(|column| self.row.cell(column))
    }
    /// Free text.
    ///
    /// # Errors
    /// An error value, a nested value, control characters, more characters than the bound.
    pub fn text(&self, index: usize) -> Read<&'a str> {
        let Some(cell) = self.cell(index) else { return Ok(None) };
        let code = match cell.kind {
            Kind::Error => "cell.error_value",
            Kind::Nested => "cell.nested_value",
            _ if cell.has_control_characters() => "cell.control_character",
            _ if cell.is_too_long() => "cell.too_long",
            _ => return Ok(Some(cell.text)),
        };
        Err(Box::new(self.refuse(index, code)))
    }
    /// What is said in this cell itself, a figure or words: as text, but never what a merged area's first cell says for the
    /// others. A code that stands for several rows is written once; a figure said once counts once.
    ///
    /// # Errors
    /// As for text; a cell of a merged area that is not its first.
    pub fn value(&self, index: usize) -> Read<&'a str> {
        match self.cell(index) {
            Some(cell) if cell.is_merged() => Err(Box::new(self.refuse(index, "cell.merged"))),
            _ => self.text(index),
        }
    }
    /// A code or id, digit by digit, full-width digits made plain.
    ///
    /// # Errors
    /// As for text; also where the file shows that digits are gone or were never typed: scientific notation, a
    /// number of 16 digits and more, a fraction, a date, a formula.
    pub fn id(&self, index: usize) -> Read<Cow<'a, str>> {
        let Some(text) = self.text(index)? else { return Ok(None) };
        let Some(cell) = self.cell(index) else { return Ok(None) };
        let code = match cell.kind {
            _ if cell.is_formula() => "cell.id_by_formula",
            _ if cell.has_lost_digits() => "cell.id_lost_digits",
            Kind::Date => "cell.id_became_date",
            Kind::Number if text.contains(['.', '-']) => "cell.id_not_whole",
            _ => return Ok(Some(halfwidth(text))),
        };
        Err(Box::new(self.refuse(index, code)))
    }
    /// A day, as a date, as text or as a bare serial number.
    ///
    /// # Errors
    /// As for text; not a day.
    pub fn day(&self, index: usize) -> Read<Day> {
        let Some(text) = self.text(index)? else { return Ok(None) };
        let serial = || text.parse().ok().and_then(day_from_serial);
        match day_parse(text).or_else(serial) {
            Some(day) => Ok(Some(day)),
            None => Err(Box::new(self.refuse(index, "cell.not_a_day").with("value", text))),
        }
    }
    /// A finding at a cell of this row, refusing it.
    pub fn refuse(&self, index: usize, code: &str) -> Finding {
        self.at(index, Finding::refuse(code))
    }
    /// Puts a finding at a cell of this row.
    pub fn at(&self, index: usize, finding: Finding) -> Finding {
        self.header.at(self.row.table(), self.row(), index, finding.field(&self.header.keys[index]))
    }
}

impl Header {
    /// Puts a finding at the cell of a row that an entry of the dictionary stands in; at the row, where no column does.
    pub fn at(&self, table: &Table, row: u64, index: usize, finding: Finding) -> Finding {
        match self.places.get(index).copied().flatten() {
            Some(column) => place(finding, table, row, column, &self.written[index]),
            None => finding.row(row),
        }
    }
}

fn at_cell(finding: Finding, table: &Table, cell: &Cell<'_>, name: &str) -> Finding {
    place(finding, table, table.named_in(cell.column, cell.row), cell.column, name).with("column", name)
}

/// A line of NDJSON has no cells; its columns have names only.
fn place(finding: Finding, table: &Table, row: u64, column: u16, name: &str) -> Finding {
    let mut finding = finding.row(row);
    finding.at.column = Some(name.to_owned());
    if table.format != Format::Ndjson {
        finding.at.cell = Some(format!("{}{row}", column_letters(column)));
    }
    finding
}

fn first_name(column: &Column) -> &str {
    column.names.first().unwrap_or(&column.key)
}

/// A header as it is compared: narrow, lower case, without spaces, underscores, and the star of a required field.
fn normal(name: &str) -> String {
    let keep = |c: &char| !c.is_whitespace() && !matches!(c, '_' | '-' | '*' | ':');
    halfwidth(name).chars().filter(keep).flat_map(char::to_lowercase).collect()
}

/// `体温(℃)` without its unit, `编码(必填)` without its note.
fn without_brackets(name: &str) -> &str {
    name.split_once(['(', '[', '【']).map_or(name, |(before, _)| before)
}
