//! Which line is the header, and what each column is: by the words of the header, and by the shape of what stands below.

use super::phones::phones;
use super::shape::{is_section, text_of};
use super::words::{End, Heading, heading, is_person, is_unit, no_unit, post_begins};
use super::{COLUMNS_MAX, LEVELS_MAX, Mapping, Role, Said};
use muster_kernel::Finding;
use muster_sheet::{Row, Table};
use std::collections::{BTreeMap, BTreeSet};

/// Lines at the top among which the header is looked for.
const HEADER_LINES: usize = 20;
/// Lines below it that tell the shape of a column.
const SHAPE_LINES: usize = 200;

/// A column, and why it is taken for what it is.
#[derive(Clone, Debug)]
pub struct Column {
    /// The column, from 0.
    pub column: u16,
    /// Its heading; empty where there is none.
    pub heading: String,
    /// What it is taken for.
    pub role: Role,
    /// Why, as a note: `book.why_heading`, `book.why_shape`, `book.why_said`, `book.why_none`, `book.why_level`, `book.why_indent`.
    pub why: Finding,
}

/// What a book was guessed to be, with what a person said put over it.
#[derive(Clone, Debug)]
pub struct Guess {
    /// How it is read.
    pub mapping: Mapping,
    /// The columns that say something, from left to right.
    pub columns: Vec<Column>,
    /// The line above the header that names the whole, without the words of a list; empty where there is none.
    pub title: String,
    /// The header as it was guessed: above it a mark of secrecy may stand, whatever a person says of the header.
    pub guessed_header: u64,
}

/// Guesses what is not said.
pub fn guess(table: &Table, said: &Said) -> Guess {
    let guessed_header = header_row(table);
    let header = said.header.unwrap_or(guessed_header);
    let last = said.last.or_else(|| last_row(table, header));
    let headings: BTreeMap<u16, String> = headings(table, header);
    let used: BTreeSet<u16> = table
        .rows(0)
        .filter(|row| row.number() >= header)
        .take(SHAPE_LINES)
        .flat_map(|row| row.cells())
        .map(|cell| cell.column)
        .filter(|column| *column < COLUMNS_MAX)
        .collect();
    let shapes = shapes(table, header, last);
    let mut columns: Vec<Column> = Vec::new();
    let mut units = Vec::new();
    let mut names = Vec::new();
    for column in used {
        let text = headings.get(&column).cloned().unwrap_or_default();
        let shape = shapes.get(&column);
        let by_shape = |shape: &Shape| {
            let (role, share) = shape.role();
            (role, Finding::note("book.why_shape").with("share", share))
        };
        let by_word = |role: Role| (role, Finding::note("book.why_heading").with("heading", &text));
        let (role, why) = match heading(&text) {
            Some(Heading::Is(role)) => by_word(role),
            Some(Heading::Unit) => {
                units.push(columns.len());
                by_word(Role::Name)
            }
            Some(Heading::Name) => {
                names.push(columns.len());
                by_word(Role::Name)
            }
            None => match shape.map(by_shape) {
                Some((role, why)) if role != Role::Skip => {
                    if role == Role::Name {
                        units.push(columns.len());
                    }
                    (role, why)
                }
                _ => (Role::Skip, Finding::note("book.why_none")),
            },
        };
        columns.push(Column { column, heading: text, role, why });
    }
    // 名称, name: of a person where units stand beside it, or where it looks so.
    for at in names {
        let persons = shapes.get(&columns[at].column).is_some_and(|shape| shape.role().0 == Role::Person);
        let has_levels = columns.iter().any(|column| matches!(column.role, Role::Level(_)));
        match persons || !units.is_empty() && columns[at].heading.is_ascii() {
            true => columns[at].role = Role::Person,
            false if has_levels => columns[at].role = Role::Skip,
            false => units.push(at),
        }
    }
    units.sort_unstable();
    levels(&mut columns, &units, &shapes);
    if let Some(said) = &said.columns {
        let why = || Finding::note("book.why_said");
        for column in &mut columns {
            let role = said.get(&column.column).copied().unwrap_or(Role::Skip);
            if role != column.role {
                (column.role, column.why) = (role, why());
            }
        }
    }
    let mut mapping = Mapping { header, last, columns: BTreeMap::new() };
    match &said.columns {
        Some(columns) => mapping.columns.clone_from(columns),
        None => mapping.columns.extend(columns.iter().map(|column| (column.column, column.role))),
    }
    Guess { mapping, columns, title: title(table, guessed_header), guessed_header }
}

/// Columns of units side by side are levels from left to right; one alone is a name, and so is the only one with indents. Where some say their level, the others
/// of which nobody knows it stand aside.
fn levels(columns: &mut [Column], units: &[usize], shapes: &BTreeMap<u16, Shape>) {
    let leveled = columns.iter().any(|column| matches!(column.role, Role::Level(_)));
    if leveled {
        for at in units {
            columns[*at].role = Role::Skip;
            columns[*at].why = Finding::note("book.why_level_said");
        }
        return;
    }
    if let [one] = units {
        let column = &mut columns[*one];
        if shapes.get(&column.column).is_some_and(|shape| shape.indents.len() > 1) {
            column.why = Finding::note("book.why_indent").with("heading", &column.heading);
        }
        return;
    }
    // A tree that is drawn by indents is one column; what stands beside it (部门, 值班室) is no level of it.
    let indented =
        |at: &&usize| shapes.get(&columns[**at].column).is_some_and(|shape| shape.indents.len() > 1);
    let mut drawn = units.iter().filter(indented).copied();
    if let (Some(tree), None) = (drawn.next(), drawn.next()) {
        let heading = columns[tree].heading.clone();
        for at in units {
            let why = if *at == tree { "book.why_indent" } else { "book.why_indent_beside" };
            columns[*at].role = if *at == tree { Role::Name } else { Role::Skip };
            columns[*at].why = Finding::note(why).with("heading", &heading);
        }
        return;
    }
    for (level, at) in units.iter().enumerate() {
        let level = u8::try_from(level + 1).unwrap_or(u8::MAX);
        columns[*at].role = if level <= LEVELS_MAX { Role::Level(level) } else { Role::Skip };
        let heading = columns[*at].heading.clone();
        columns[*at].why = Finding::note("book.why_level").with("heading", heading).with("level", level);
    }
}

/// Number of the last line of the header: the one near the top in which most columns bear a heading, the lower one of two that
/// follow upon one another and have as many (a heading over several columns has its own below it). 0 where there is none.
fn header_row(table: &Table) -> u64 {
    let mut best = (0_usize, 0_u64);
    for row in table.rows(0).take(HEADER_LINES) {
        let cells: Vec<&str> = row.cells().filter(|c| c.column < COLUMNS_MAX).map(|c| text_of(&c)).collect();
        // A title that is merged over all columns says one thing many times.
        let distinct: BTreeSet<&str> = cells.iter().copied().collect();
        if distinct.len() < 2 && cells.len() > 1 {
            continue;
        }
        let known = distinct.iter().filter(|text| heading(text).is_some()).count();
        let all = known == distinct.len();
        let follows = row.number() == best.1 + 1 && all && known >= best.0;
        if known > best.0 || known > 0 && follows {
            best = (known, row.number());
        }
    }
    // One word that is a heading may be a name: 集团 alone makes no header, but where the sheet has one column.
    let width = table.rows(0).take(HEADER_LINES).map(|row| row.cells().count()).max().unwrap_or(0);
    if best.0 >= 2 || width == 1 && best.0 == 1 { best.1 } else { 0 }
}

fn headings(table: &Table, header: u64) -> BTreeMap<u16, String> {
    let row = table.rows(0).take_while(|row| row.number() <= header).find(|row| row.number() == header);
    let cells = row.iter().flat_map(Row::cells);
    cells.map(|cell| (cell.column, cell.text.split_whitespace().collect::<Vec<_>>().join(" "))).collect()
}

/// Number of the last line before the remarks at the end; none where there are no remarks.
fn last_row(table: &Table, header: u64) -> Option<u64> {
    let rows: Vec<Row<'_>> = table.rows(0).filter(|row| row.number() > header).collect();
    let is_end =
        |row: &Row<'_>| row.cells().next().is_some_and(|cell| no_unit(text_of(&cell)) == Some(End::Remark));
    let first = rows.iter().position(is_end)?;
    // What follows upon a remark is one too, if it says nothing in two columns of its own.
    let wordy = |row: &Row<'_>| is_end(row) || row.cells().filter(|cell| !cell.is_merged()).count() <= 1;
    (first > 0 && rows[first..].iter().all(wordy)).then(|| rows[first - 1].number())
}

/// What the line above the header names: 某某集团应急通讯录 is the list of 某某集团.
fn title(table: &Table, header: u64) -> String {
    let above = table.rows(0).take_while(|row| row.number() < header.max(1));
    let titles = above.filter(|row| row.cells().filter(|cell| !cell.is_merged()).count() == 1);
    let Some(cell) = titles.filter_map(|row| row.cells().next()).next() else { return String::new() };
    let mut name = text_of(&cell).trim();
    let words = [
        "通讯录",
        "通訊錄",
        "电话表",
        "電話表",
        "联系表",
        "联系方式",
        "聯絡表",
        "电话簿",
        "一览表",
        "一覽表",
        "名录",
        "名錄",
        "名单",
        "名單",
        "应急",
        "應急",
        "值班",
        "联络",
        "系统",
        "address book",
        "Address Book",
        "directory",
        "Directory",
        "contacts",
        "Contacts",
        "（",
        "(",
        "表",
    ];
    if let Some((before, _)) = name.split_once(['（', '(']) {
        name = before.trim();
    }
    while let Some(rest) = words.iter().find_map(|word| name.strip_suffix(word)) {
        name = rest.trim();
    }
    if is_unit(name) { name.to_owned() } else { String::new() }
}

/// What the cells of a column look like.
#[derive(Default)]
struct Shape {
    cells: usize,
    phones: usize,
    persons: usize,
    posts: usize,
    units: usize,
    serial: usize,
    indents: BTreeSet<u16>,
}

impl Shape {
    /// What it is taken for, and by which share of its cells, in percent.
    fn role(&self) -> (Role, usize) {
        let share = |count: usize| count * 100 / self.cells.max(1);
        let order = [
            (Role::Skip, share(self.serial), 70),
            (Role::Phone, share(self.phones), 60),
            (Role::Name, share(self.units), 50),
            (Role::Post, share(self.posts), 60),
            (Role::Person, share(self.persons), 60),
        ];
        let fits = order.into_iter().find(|(_, share, least)| share >= least);
        fits.map_or((Role::Skip, 0), |(role, share, _)| (role, share))
    }
}

fn shapes(table: &Table, header: u64, last: Option<u64>) -> BTreeMap<u16, Shape> {
    let mut shapes: BTreeMap<u16, Shape> = BTreeMap::new();
    let rows =
        table.rows(0).filter(|row| row.number() > header && last.is_none_or(|last| row.number() <= last));
    for row in rows.take(SHAPE_LINES).filter(|row| !is_section(row, 0)) {
        for cell in row.cells().filter(|cell| !cell.is_merged() && cell.column < COLUMNS_MAX) {
            let text = text_of(&cell);
            let shape = shapes.entry(cell.column).or_default();
            let digits = text.chars().filter(|c| c.is_numeric()).count();
            shape.cells += 1;
            shape.serial += usize::from(digits == text.chars().count() && digits <= 4);
            shape.phones += usize::from(digits >= 7 && phones(text).first.is_some());
            shape.persons += usize::from(
                is_person(text)
                    || super::words::person_cell(text).1
                        && post_begins(text).is_some_and(|at| is_person(&text[..at])),
            );
            shape.posts +=
                usize::from(post_begins(text) == Some(0) || post_begins(text).is_some() && !is_unit(text));
            shape.units += usize::from(is_unit(text));
            shape.indents.insert(cell.indent());
        }
    }
    shapes
}
