//! Units as rows of a file: the columns that a file may have, rows to drafts, and units to rows.

mod columns;
mod export;

#[cfg(test)]
pub(super) use columns::CODE_HEADINGS;
use columns::code_headings;
pub use columns::columns;
pub use export::{ExportRow, export_columns};

use super::check;
use super::place::Place;
use crate::lines::operation::Names;
use crate::secrecy;
use muster_kernel::{Day, Finding};
use muster_sheet::{Fields, Header, Table, column_letters, header_find};

/// How many levels may stand side by side in columns.
pub(super) const LEVELS_MAX: usize = 8;

/// Columns of a file of units, in the order in which they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Col {
    Code,
    NameZhHans,
    NameZhHant,
    NameEn,
    Kind,
    Parent,
    Place,
    Classes,
    TimeZone,
    Opened,
    Closed,
    Post,
    DutyPhone,
    /// The first of the level columns.
    Level,
}

/// What a person writes to take a value away; an empty cell says nothing.
const NOTHING: &str = "-";

/// Where in a book the parts of a row stand: its number, and columns from 0.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spot {
    pub(in crate::lines::org) row: u64,
    pub(in crate::lines::org) name: u16,
    pub(in crate::lines::org) code: Option<u16>,
    pub(in crate::lines::org) kind: Option<u16>,
    pub(in crate::lines::org) place: Option<u16>,
    pub(in crate::lines::org) post: Option<u16>,
    pub(in crate::lines::org) phone: Option<u16>,
}

impl Spot {
    /// Address of the cell of the name.
    pub(in crate::lines::org) fn address(&self) -> String {
        format!("{}{}", column_letters(self.name), self.row)
    }
    fn at(&self, col: Col, finding: Finding) -> Finding {
        let column = match col {
            Col::Code => self.code,
            Col::Kind => self.kind,
            Col::Place => self.place,
            Col::Post => self.post,
            Col::DutyPhone => self.phone,
            _ => None,
        };
        let mut finding = finding.row(self.row);
        finding.at.cell = Some(format!("{}{}", column_letters(column.unwrap_or(self.name)), self.row));
        finding
    }
}

/// How a row of a book counts, which is more than one unit where upper levels stand in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// As a row.
    #[default]
    Row,
    /// Not at all: a unit that stands in a row of another one.
    Upper,
    /// As a row that says more of the unit of a row, by its index.
    Again(usize),
}

/// A row as it was read: fields that are sound, and what is wrong with the others.
#[derive(Clone, Debug, Default)]
pub struct UnitRow {
    /// Which file, and which row of it, as an index below the header.
    pub(super) source: (u32, u32),
    pub(super) code: Option<String>,
    pub(super) zh_hans: Option<String>,
    pub(super) zh_hant: Option<String>,
    pub(super) en: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) parent: Option<String>,
    pub(super) place: Option<Option<Place>>,
    pub(super) classes: Option<Vec<String>>,
    pub(super) time_zone: Option<String>,
    pub(super) opened: Option<Day>,
    pub(super) closed: Option<Day>,
    pub(super) post: Option<String>,
    /// Empty: take it away.
    pub(super) phone: Option<String>,
    pub(super) levels: Vec<String>,
    pub(super) bad: bool,
    /// Where it stands in a book; in a file of units its header says that.
    pub(super) spot: Option<Spot>,
    pub(super) part: Part,
}

/// What one or several files of units say.
#[derive(Debug, Default)]
pub struct UnitRows {
    /// Rows below the headers that are not empty.
    pub rows: Vec<UnitRow>,
    /// Findings at cells, and notes on the files.
    pub findings: Vec<Finding>,
    /// Columns that were recognised, by key.
    pub columns: Vec<String>,
    files: Vec<(String, Table, Header)>,
}

impl UnitRows {
    /// Puts a finding of the tree at the cell of a row that it is about. Where there are several files, the cell is
    /// told with its file: `areas!A7`.
    pub(super) fn at(&self, row: usize, col: Col, finding: Finding) -> Finding {
        if let Some(spot) = &self.rows[row].spot {
            return spot.at(col, finding);
        }
        let (file, index) = self.rows[row].source;
        let Some((name, table, header)) = self.files.get(file as usize) else { return finding };
        let Some(row) = table.row(header.first_data_row + index as usize) else { return finding };
        if self.files.len() == 1 {
            return header.fields(row).at(col as usize, finding);
        }
        let mut finding = finding.row(row.number());
        finding.at.cell = Some(format!("{name}!A{}", row.number()));
        finding
    }
    pub(super) fn next_file(&self) -> u32 {
        self.files.len() as u32
    }
    pub(super) fn push_file(&mut self, name: String, table: Table, header: Header) {
        self.files.push((name, table, header));
    }
    pub(super) fn push_unit(&mut self, unit: UnitRow) {
        self.rows.push(unit);
    }
}

/// Reads the rows of a file. Fails as a whole only where no header is found.
pub fn rows_read(table: Table) -> Result<UnitRows, Vec<Finding>> {
    let mut read = UnitRows::default();
    read.add(table)?;
    Ok(read)
}

impl UnitRows {
    fn add(&mut self, table: Table) -> Result<(), Vec<Finding>> {
        let dictionary = columns();
        let header = header_find(&table, &dictionary).map_err(|mut findings| {
            if findings.iter().any(|finding| finding.code == "sheet.header_missing") {
                findings.push(code_headings(Finding::note("unit.code_headings")).field("code"));
            }
            findings
        })?;
        if let Some(marked) = secrecy::mark_of_table(&table, header.first_data_row) {
            return Err(vec![marked]);
        }
        let levels = (0..LEVELS_MAX).any(|level| header.has(Col::Level as usize + level));
        if !header.has(Col::Code as usize) && !levels {
            let at = table.row(header.first_data_row - 1).map_or(1, |row| row.number());
            let understood = header.understood().collect::<Vec<_>>().join(" | ");
            let finding = Finding::refuse("unit.code_column_missing").with("understood", understood);
            return Err(vec![code_headings(finding).row(at).with("row", at).field("code")]);
        }
        self.findings.extend(table.notes.iter().chain(&header.notes).cloned());
        let known = dictionary.iter().enumerate().filter(|(at, _)| header.has(*at));
        self.columns.extend(known.map(|(_, column)| column.key.to_string()));
        let file = self.next_file();
        let rows = table.rows(header.first_data_row);
        self.rows.reserve(rows.len());
        for (index, row) in rows.enumerate() {
            let source = (file, index as u32);
            if let Some(why) = row.broken() {
                self.findings.push(why);
                self.rows.push(UnitRow { source, bad: true, ..UnitRow::default() });
                continue;
            }
            let reader = RowReader { fields: header.fields(row), findings: &mut self.findings, bad: false };
            self.rows.push(UnitRow { source, ..reader.read(levels) });
        }
        self.push_file(String::new(), table, header);
        Ok(())
    }
}

struct RowReader<'a> {
    fields: Fields<'a>,
    findings: &'a mut Vec<Finding>,
    bad: bool,
}

impl RowReader<'_> {
    fn read(mut self, levels: bool) -> UnitRow {
        let mut row = UnitRow {
            code: self.id(Col::Code, check::code),
            zh_hans: self.text(Col::NameZhHans, check::name),
            zh_hant: self.removable(Col::NameZhHant, check::name),
            en: self.removable(Col::NameEn, check::name),
            kind: self.text(Col::Kind, check::kind),
            parent: self.id(Col::Parent, check::code),
            place: self.place(),
            classes: self.classes(),
            time_zone: self.removable(Col::TimeZone, check::time_zone),
            opened: self.day(Col::Opened),
            closed: self.day(Col::Closed),
            post: self.text(Col::Post, check::name),
            phone: self.phone(),
            ..UnitRow::default()
        };
        if levels {
            row.levels = self.levels();
        }
        if row.code.is_none() && row.levels.is_empty() && !self.bad {
            self.refuse(Col::Code, Finding::refuse("unit.code_missing"));
        }
        row.bad = self.bad;
        row
    }
    fn refuse(&mut self, col: Col, finding: Finding) {
        self.bad = true;
        let finding = self.fields.at(col as usize, finding);
        self.findings.push(finding);
    }
    fn took<T>(&mut self, col: Col, result: Result<T, Box<Finding>>) -> Option<T> {
        result.map_err(|finding| self.refuse(col, *finding)).ok()
    }
    fn raw_text(&mut self, col: Col) -> Option<String> {
        match self.fields.text(col as usize) {
            Ok(text) => text.map(str::to_owned),
            Err(finding) => {
                self.bad = true;
                self.findings.push(*finding);
                None
            }
        }
    }
    fn raw_id(&mut self, col: Col) -> Option<String> {
        match self.fields.id(col as usize) {
            Ok(text) => text.map(|text| text.into_owned()),
            Err(finding) => {
                self.bad = true;
                self.findings.push(*finding);
                None
            }
        }
    }
    fn text<T>(&mut self, col: Col, check: impl Fn(&str) -> Result<T, Box<Finding>>) -> Option<T> {
        let text = self.raw_text(col)?;
        self.took(col, check(&text))
    }
    fn id<T>(&mut self, col: Col, check: impl Fn(&str) -> Result<T, Box<Finding>>) -> Option<T> {
        let text = self.raw_id(col)?;
        self.took(col, check(&text))
    }
    fn removable(
        &mut self,
        col: Col,
        check: impl Fn(&str) -> Result<String, Box<Finding>>,
    ) -> Option<String> {
        let text = self.raw_text(col)?;
        if text == NOTHING { Some(String::new()) } else { self.took(col, check(&text)) }
    }
    fn place(&mut self) -> Option<Option<Place>> {
        let text = self.raw_id(Col::Place)?;
        if text == NOTHING { Some(None) } else { self.took(Col::Place, check::place(&text)).map(Some) }
    }
    fn classes(&mut self) -> Option<Vec<String>> {
        let text = self.raw_text(Col::Classes)?;
        if text == NOTHING { Some(Vec::new()) } else { self.took(Col::Classes, check::classes(&text)) }
    }
    fn phone(&mut self) -> Option<String> {
        let text = self.raw_id(Col::DutyPhone)?;
        if text == NOTHING { Some(String::new()) } else { self.took(Col::DutyPhone, check::phone(&text)) }
    }
    fn day(&mut self, col: Col) -> Option<Day> {
        match self.fields.day(col as usize) {
            Ok(day) => day,
            Err(finding) => {
                self.bad = true;
                self.findings.push(*finding);
                None
            }
        }
    }
    /// Names from the first level to the deepest one given; a gap between them is a finding.
    fn levels(&mut self) -> Vec<String> {
        let mut levels: Vec<String> = Vec::new();
        let mut gap = false;
        for level in 0..LEVELS_MAX {
            let at = Col::Level as usize + level;
            let text = match self.fields.text(at) {
                Ok(text) => text.map(check::name),
                Err(finding) => Some(Err(finding)),
            };
            match text {
                None => gap = true,
                Some(Err(finding)) => {
                    self.bad = true;
                    self.findings.push(self.fields.at(at, *finding));
                }
                Some(Ok(_)) if gap => {
                    self.bad = true;
                    self.findings.push(self.fields.refuse(at, "unit.level_gap"));
                    return levels;
                }
                Some(Ok(name)) => levels.push(name),
            }
        }
        levels
    }
}

impl UnitRow {
    /// The names given, those that are there.
    pub(super) fn names(&self) -> Names {
        let or_empty = |name: &Option<String>| name.clone().unwrap_or_default();
        let last = self.levels.last().cloned().unwrap_or_default();
        let zh_hans = self.zh_hans.clone().unwrap_or(last);
        Names { zh_hans, zh_hant: or_empty(&self.zh_hant), en: or_empty(&self.en) }
    }
}
