//! Lines of a book to units, each at its cell. Pure: whether a unit is there already, nobody asks here.

use super::names::{Levels, Numbering, key, stripped};
use super::phones::phones;
use super::shape::{end_of, is_section};
use super::words::{End, is_duty, person_cell, post_cell};
use super::{Guess, KINDS, LEVELS_MAX, Mapping, Role};
use crate::lines::org::check;
use crate::lines::org::place::Place;
use crate::lines::org::sheet::Spot;
use crate::secrecy;
use muster_kernel::Finding;
use muster_sheet::{Cell, Format, Kind, Row, Table, column_letters};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A unit that a book names.
#[derive(Clone, Debug, Default)]
pub struct Unit {
    /// The unit above it in the book, as an index; none at its top.
    pub parent: Option<usize>,
    /// Its name, without numbering.
    pub name: String,
    /// How deep it stands in the book, from 1.
    pub depth: usize,
    /// Its kind, where the book says it.
    pub kind: Option<String>,
    /// The column's level, from 1: its kind where the book says none.
    pub level: usize,
    /// Its post, and the duty telephone.
    pub post: Option<String>,
    /// The duty telephone.
    pub phone: Option<String>,
    pub(super) code: Option<String>,
    pub(super) place: Option<Place>,
    pub(super) spot: Spot,
    /// Whether a line is about it, and not only about what is below it.
    pub(super) has_line: bool,
}

impl Unit {
    /// Its kind: the book's word, or that of its level.
    pub fn kind(&self, kinds: &[String]) -> String {
        self.kind.clone().unwrap_or_else(|| Book::level_kind(self.level, kinds))
    }
    /// Address of the cell that names it.
    pub fn cell(&self) -> String {
        self.spot.address()
    }
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Becomes {
    /// It is the first about a unit.
    Unit(usize),
    /// It says more of a unit that a line before it is about.
    Again(usize),
    /// It is refused; a finding says why. Of which unit it is, where that is known.
    Refused(Option<usize>),
}

/// A line that was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) becomes: Becomes,
    pub(super) spot: Spot,
}

/// What a book says.
#[derive(Debug, Default)]
pub struct Book {
    /// Its units, those above before those below.
    pub units: Vec<Unit>,
    /// Findings at cells.
    pub findings: Vec<Finding>,
    /// How many names of persons were left where they are.
    pub persons: usize,
    /// How many telephones were left out, because a unit has one on duty.
    pub phones_left: usize,
    /// The name of the whole, where the book has a title.
    pub title: String,
    pub(super) lines: Vec<Line>,
    pub(super) mapping: Mapping,
}

impl Book {
    /// The kind of a unit of a level (from 1) of which the book says none.
    pub fn level_kind(level: usize, kinds: &[String]) -> String {
        let at = level.saturating_sub(1);
        let said = kinds.get(at.min(kinds.len().saturating_sub(1))).cloned();
        said.unwrap_or_else(|| KINDS[at.min(KINDS.len() - 1)].to_owned())
    }
    /// Lines that are about a unit, or are refused: rows in.
    pub fn rows(&self) -> usize {
        self.lines.len()
    }
    /// Lines of them that are refused already.
    pub fn refused(&self) -> usize {
        self.lines.iter().filter(|line| matches!(line.becomes, Becomes::Refused(_))).count()
    }
    /// The words of the columns that were read.
    pub fn roles(&self) -> Vec<String> {
        self.mapping.columns.values().filter(|role| **role != Role::Skip).map(|role| role.word()).collect()
    }
}

/// Reads a book.
///
/// # Errors
/// A mark of secrecy; no column that names units; a file that has no cells.
pub fn read(table: &Table, guess: &Guess) -> Result<Book, Vec<Finding>> {
    let mapping = guess.mapping.clone();
    if table.format == Format::Ndjson {
        return Err(vec![Finding::refuse("sheet.format_unsupported").with("format", "ndjson")]);
    }
    let head = mapping.header.max(guess.guessed_header);
    let above = table.rows(0).filter(|row| row.number() <= head).count();
    if let Some(marked) = secrecy::mark_of_table(table, above + 1) {
        return Err(vec![marked]);
    }
    mapping.check()?;
    let mut levels: Vec<(u8, u16)> = Vec::new();
    for (column, role) in &mapping.columns {
        if let Role::Level(level) = role {
            levels.push((*level, *column));
        }
    }
    levels.sort_unstable();
    let name = mapping.of(Role::Name).next();
    let mut phones: Vec<u16> = mapping.of(Role::Phone).collect();
    let heading = |column: u16| {
        guess.columns.iter().find(|known| known.column == column).map_or("", |known| &known.heading)
    };
    phones.sort_by_key(|column| (!is_duty(heading(*column)), *column));
    let by_indent = name.is_some_and(|column| {
        let rows = table.rows(0).filter(|row| row.number() > mapping.header);
        let cells = rows.filter_map(|row| row.cell(column)).filter(|cell| !cell.is_merged());
        cells.map(|cell| cell.indent()).collect::<HashSet<_>>().len() > 1
    });
    let last_column = mapping.columns.iter().filter(|(_, role)| **role != Role::Skip).map(|(c, _)| *c).max();
    let headings = guess.columns.iter().map(|column| (column.column, column.heading.clone())).collect();
    let mut reader = Reader {
        book: Book { title: guess.title.clone(), mapping: mapping.clone(), ..Book::default() },
        levels,
        name,
        phones,
        headings,
        last_column: last_column.unwrap_or(0),
        known: HashMap::new(),
        sections: Vec::new(),
        open: Vec::new(),
        in_column: Levels::new(by_indent),
        last: None,
    };
    reader
        .book
        .findings
        .extend(table.notes.iter().filter(|note| note.code != "sheet.merged_expanded").cloned());
    for row in table.rows(0).filter(|row| row.number() > mapping.header) {
        match mapping.last.is_some_and(|last| row.number() > last) {
            true => reader.beyond(&row),
            false => reader.line(&row),
        }
    }
    let mut book = reader.book;
    if book.persons > 0 {
        let note = Finding::note("book.persons_left_out").with("count", book.persons);
        book.findings.push(note);
    }
    Ok(book)
}

struct Reader {
    book: Book,
    levels: Vec<(u8, u16)>,
    name: Option<u16>,
    phones: Vec<u16>,
    headings: BTreeMap<u16, String>,
    last_column: u16,
    /// Units by the one above, their name and code.
    known: HashMap<(Option<usize>, String), usize>,
    /// Lines merged over all columns that stand above what follows; none where one was refused.
    sections: Vec<(Numbering, Option<usize>)>,
    /// The unit of each level, as the lines so far left it; none where it was refused.
    open: Vec<(u8, Option<usize>)>,
    in_column: Levels,
    /// The unit that the line before is about.
    last: Option<usize>,
}

/// Whose a line is, or the finding that refuses it.
type Named = Result<usize, Box<Finding>>;

impl Reader {
    fn at(&self, cell: &Cell<'_>, finding: Finding) -> Finding {
        let mut finding = finding.row(cell.row);
        finding.at.cell = Some(cell.address());
        finding.at.column = self.headings.get(&cell.column).filter(|heading| !heading.is_empty()).cloned();
        finding
    }
    fn tell(&mut self, cell: &Cell<'_>, finding: Finding) {
        let finding = self.at(cell, finding);
        self.book.findings.push(finding);
    }
    fn note_line(&mut self, row: &Row<'_>, code: &str) {
        if let Some(cell) = row.cells().next() {
            self.tell(&cell, Finding::note(code));
        }
    }

    /// A line after the last one.
    fn beyond(&mut self, row: &Row<'_>) {
        self.note_line(row, "book.beyond_end");
    }

    fn line(&mut self, row: &Row<'_>) {
        let spot = self.spot(row);
        if let Some(why) = row.broken() {
            self.book.findings.push(why);
            self.book.lines.push(Line { becomes: Becomes::Refused(None), spot });
            return;
        }
        if let Some(end) = end_of(row) {
            return self.note_line(row, if end == End::Sum { "book.line_sum" } else { "book.line_remark" });
        }
        if self.is_header_again(row) {
            return self.note_line(row, "book.header_again");
        }
        if is_section(row, self.last_column) {
            return self.section(row, spot);
        }
        let mapped = |cell: &Cell<'_>| {
            self.book.mapping.columns.get(&cell.column).is_some_and(|role| *role != Role::Skip)
        };
        if !row.cells().any(|cell| mapped(&cell)) {
            return self.note_line(row, "book.line_unasked");
        }
        let code = self.code(row);
        let named = match self.name {
            Some(column) => self.by_name(row, column, &code),
            None => self.by_levels(row, &code),
        };
        self.last = named.as_ref().ok().copied().or(self.last.filter(|_| named.is_ok()));
        let becomes = match named {
            Ok(unit) => self.fill(row, unit, code),
            Err(finding) => {
                self.book.findings.push(*finding);
                Becomes::Refused(None)
            }
        };
        self.book.lines.push(Line { becomes, spot });
    }

    fn spot(&self, row: &Row<'_>) -> Spot {
        let of = |role| self.book.mapping.of(role).next();
        let deepest = self.levels.iter().rev().find(|(_, column)| row.cell(*column).is_some());
        let name = self.name.or(deepest.or(self.levels.first()).map(|(_, column)| *column));
        Spot {
            row: row.number(),
            name: name.unwrap_or(0),
            code: of(Role::Code),
            kind: of(Role::Kind),
            place: of(Role::Place),
            post: of(Role::Post).or(of(Role::Person)),
            phone: self.phones.iter().copied().find(|column| row.cell(*column).is_some()),
        }
    }

    /// The header on each printed page.
    fn is_header_again(&self, row: &Row<'_>) -> bool {
        let mut cells = row.cells().peekable();
        let same = |cell: Cell<'_>| {
            let text = cell.text.split_whitespace().collect::<Vec<_>>().join(" ");
            self.headings.get(&cell.column).is_some_and(|heading| *heading == text)
        };
        self.book.mapping.header > 0 && cells.peek().is_some() && cells.all(same)
    }

    fn section_unit(&self) -> Option<&(Numbering, Option<usize>)> {
        self.sections.last()
    }

    fn section(&mut self, row: &Row<'_>, mut spot: Spot) {
        let Some(cell) = row.cells().next() else { return };
        spot.name = cell.column;
        let (numbering, name) = stripped(cell.text);
        let at = self.sections.iter().position(|(known, _)| *known == numbering);
        self.sections.truncate(at.unwrap_or(self.sections.len()));
        let above = self.section_unit().copied();
        let named = match above {
            Some((_, None)) => Err(Box::new(Finding::refuse("book.above_refused"))),
            Some((_, above)) => self.unit(above, &name, "", spot, 1),
            None => self.unit(None, &name, "", spot, 1),
        };
        self.open.clear();
        self.in_column = Levels::new(self.in_column.is_by_indent());
        self.last = named.as_ref().ok().copied();
        self.sections.push((numbering, self.last));
        let becomes = match named {
            Ok(unit) => self.about(unit),
            Err(finding) => {
                self.tell(&cell, *finding);
                Becomes::Refused(None)
            }
        };
        self.book.lines.push(Line { becomes, spot });
    }

    /// Marks a unit as one that a line is about.
    fn about(&mut self, unit: usize) -> Becomes {
        match std::mem::replace(&mut self.book.units[unit].has_line, true) {
            true => Becomes::Again(unit),
            false => Becomes::Unit(unit),
        }
    }

    /// The unit of a name below another; a new one where there is none.
    fn unit(&mut self, parent: Option<usize>, name: &str, code: &str, spot: Spot, level: usize) -> Named {
        let name = check::name(name)?;
        let by = (parent, format!("{}\n{code}", key(&name)));
        if let Some(known) = self.known.get(&by) {
            return Ok(*known);
        }
        let depth = 1 + parent.map_or(0, |parent| self.book.units[parent].depth);
        if depth > usize::from(LEVELS_MAX) {
            return Err(Box::new(Finding::refuse("book.too_deep").with("limit", LEVELS_MAX)));
        }
        let unit = Unit { parent, name, depth, level: level.max(1), spot, ..Unit::default() };
        self.book.units.push(unit);
        self.known.insert(by, self.book.units.len() - 1);
        Ok(self.book.units.len() - 1)
    }

    /// The code that a line says; an error is told when the line is filled in.
    fn code(&self, row: &Row<'_>) -> Option<Result<String, Box<Finding>>> {
        let cell = row.cell(self.book.mapping.of(Role::Code).next()?)?;
        let read = match cell {
            _ if cell.has_lost_digits() => Err(Box::new(Finding::refuse("cell.id_lost_digits"))),
            _ if cell.kind == Kind::Date => Err(Box::new(Finding::refuse("cell.id_became_date"))),
            _ => sound(&cell).and_then(check::code),
        };
        Some(read.map_err(|finding| Box::new(self.at(&cell, *finding))))
    }

    fn by_name(&mut self, row: &Row<'_>, column: u16, code: &Option<Result<String, Box<Finding>>>) -> Named {
        let cell = row.cell(column).filter(|cell| !cell.is_merged());
        let Some(cell) = cell else {
            // Merged down, or left empty below: more of the unit above.
            return self.last.ok_or_else(|| {
                let mut finding = Finding::refuse("book.name_missing").row(row.number());
                finding.at.cell = Some(format!("{}{}", column_letters(column), row.number()));
                Box::new(finding)
            });
        };
        let (numbering, name) = stripped(cell.text);
        let depth = self.in_column.next(cell.indent(), numbering);
        self.open.truncate(depth - 1);
        let above = match (self.open.last(), self.section_unit()) {
            (Some((_, above)), _) | (None, Some((_, above))) => above.ok_or("book.above_refused").map(Some),
            (None, None) => Ok(None),
        };
        let code = code.as_ref().and_then(|code| code.as_ref().ok()).map_or("", String::as_str).to_owned();
        let spot = self.spot(row);
        let level = depth + self.sections.len();
        let named = match above {
            Err(refused) => Err(Box::new(Finding::refuse(refused))),
            Ok(above) => sound(&cell).and_then(|_| self.unit(above, &name, &code, spot, level)),
        };
        self.open.push((depth as u8, named.as_ref().ok().copied()));
        named.map_err(|finding| Box::new(self.at(&cell, *finding)))
    }

    fn by_levels(&mut self, row: &Row<'_>, code: &Option<Result<String, Box<Finding>>>) -> Named {
        let cells: Vec<(u8, Option<Cell<'_>>)> =
            self.levels.iter().map(|(level, column)| (*level, row.cell(*column))).collect();
        let Some(deepest) = cells.iter().rposition(|(_, cell)| cell.is_some()) else {
            return self.last.ok_or_else(|| {
                let mut finding = Finding::refuse("book.name_missing").row(row.number());
                finding.at.cell = self
                    .levels
                    .first()
                    .map(|(_, column)| format!("{}{}", column_letters(*column), row.number()));
                Box::new(finding)
            });
        };
        let said = code.as_ref().and_then(|code| code.as_ref().ok()).cloned().unwrap_or_default();
        let before = std::mem::take(&mut self.open);
        let (mut above, mut changed, mut named_before) = (Ok(None), false, String::new());
        if let Some((_, section)) = self.section_unit() {
            above = section.ok_or("book.above_refused").map(Some);
        }
        let mut unit = None;
        for (at, (level, cell)) in cells.iter().enumerate().take(deepest + 1) {
            let known = before.iter().find(|(known, _)| known == level).map(|(_, unit)| *unit);
            let Some(cell) = cell else {
                if let (false, Some(known)) = (changed, known) {
                    self.open.push((*level, known));
                    above = known.ok_or("book.above_refused").map(Some);
                }
                continue;
            };
            let (_, name) = stripped(cell.text);
            // One name merged over two levels is one unit.
            if cell.is_merged() && name == named_before && unit.is_some() {
                continue;
            }
            named_before.clone_from(&name);
            let mut spot = self.spot(row);
            spot.name = cell.column;
            let said = if at == deepest { said.as_str() } else { "" };
            let named = match above {
                Err(refused) => Err(Box::new(Finding::refuse(refused))),
                Ok(above) => sound(cell).and_then(|_| {
                    self.unit(above, &name, said, spot, usize::from(*level) + self.sections.len())
                }),
            };
            match named {
                Ok(found) => {
                    changed |= known != Some(Some(found));
                    self.open.push((*level, Some(found)));
                    above = Ok(Some(found));
                    unit = Some(found);
                }
                Err(finding) => {
                    self.open.push((*level, None));
                    return Err(Box::new(self.at(cell, *finding)));
                }
            }
        }
        unit.ok_or_else(|| Box::new(Finding::refuse("book.name_missing").row(row.number())))
    }

    /// What else a line says of its unit.
    fn fill(&mut self, row: &Row<'_>, at: usize, code: Option<Result<String, Box<Finding>>>) -> Becomes {
        let mut bad = false;
        match code {
            Some(Ok(code)) => drop(self.book.units[at].code.get_or_insert(code)),
            Some(Err(finding)) => {
                bad = true;
                self.book.findings.push(*finding);
            }
            None => {}
        }
        let cell = |role| self.book.mapping.of(role).next().and_then(|column| row.cell(column));
        let (kind, place, post) = (cell(Role::Kind), cell(Role::Place), cell(Role::Post));
        if let Some(cell) = kind {
            match sound(&cell).and_then(check::kind) {
                Ok(kind) => drop(self.book.units[at].kind.get_or_insert(kind)),
                Err(finding) => bad |= self.refused(&cell, *finding),
            }
        }
        if let Some(cell) = place {
            match sound(&cell).and_then(check::place) {
                Ok(place) => drop(self.book.units[at].place.get_or_insert(place)),
                Err(finding) => bad |= self.refused(&cell, *finding),
            }
        }
        let persons: Vec<Cell<'_>> =
            self.book.mapping.of(Role::Person).filter_map(|column| row.cell(column)).collect();
        let mut said = None;
        if let Some(cell) = post.filter(|cell| !cell.is_merged()) {
            let (post, names) = post_cell(cell.text);
            self.book.persons += names;
            said = post.map(|post| (post, cell));
        }
        for cell in persons.into_iter().filter(|cell| !cell.is_merged()) {
            let (post, name) = person_cell(cell.text);
            self.book.persons += usize::from(name);
            said = said.or(post.map(|post| (post, cell)));
        }
        self.duty(row, at, said);
        let becomes = self.about(at);
        if bad { Becomes::Refused(Some(at)) } else { becomes }
    }

    fn refused(&mut self, cell: &Cell<'_>, finding: Finding) -> bool {
        self.tell(cell, finding);
        true
    }

    /// The post and the telephone of a line: the first telephone of a unit is the one on duty.
    fn duty(&mut self, row: &Row<'_>, at: usize, said: Option<(String, Cell<'_>)>) {
        let post = said.and_then(|(post, cell)| match check::name(&post) {
            Ok(post) => Some((post, cell)),
            Err(_) => {
                self.tell(&cell, Finding::warn("book.post_unread"));
                None
            }
        });
        let mut first = None;
        for column in self.phones.clone() {
            let Some(cell) = row.cell(column).filter(|cell| !cell.is_merged()) else { continue };
            let plain = matches!(cell.kind, Kind::Text | Kind::Number) && !cell.has_lost_digits();
            let found = if plain { phones(cell.text) } else { super::phones::Phones::default() };
            let mut left = found.others;
            match found.first {
                None => self.tell(&cell, Finding::warn("book.phone_unread")),
                Some(phone) if first.is_none() && self.book.units[at].phone.is_none() => first = Some(phone),
                Some(_) => left += 1,
            }
            if left > 0 && found_any(&first, &self.book.units[at]) {
                self.book.phones_left += left;
                self.tell(&cell, Finding::note("book.phone_left_out").with("count", left));
            }
        }
        let unit = &mut self.book.units[at];
        let takes = first.is_some();
        if takes {
            unit.phone = first;
        }
        match post {
            Some((post, _)) if takes || unit.post.is_none() && unit.phone.is_none() => unit.post = Some(post),
            Some((post, cell)) if unit.post.as_ref() != Some(&post) => {
                self.tell(&cell, Finding::note("book.post_left_out"));
            }
            _ => {}
        }
    }
}

fn found_any(first: &Option<String>, unit: &Unit) -> bool {
    first.is_some() || unit.phone.is_some()
}

/// A cell's text, where it is one.
fn sound<'t>(cell: &Cell<'t>) -> Result<&'t str, Box<Finding>> {
    let code = match cell.kind {
        Kind::Error => "cell.error_value",
        Kind::Nested => "cell.nested_value",
        _ if cell.has_control_characters() => "cell.control_character",
        _ if cell.is_too_long() => "cell.too_long",
        _ => return Ok(cell.text),
    };
    Err(Box::new(Finding::refuse(code)))
}
