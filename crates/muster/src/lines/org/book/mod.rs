//! An office's own address book, which nobody made for a program, read as a tree.
//!
//! Bytes become a table with cell addresses (`muster-sheet`); [`guess()`] says which line is the header and what each column
//! is, with the reason for each; [`read()`] makes of it units, each at its cell, and lines that were refused. All of that is
//! pure. [`units`] then asks the tree which of them are there (by name, under the same parent), gives codes to those
//! that are not, and hands on the rows of a file of units: so a book comes in by the same verbs as any such file.
//!
//! Never: a name of a person is not kept. What stands in a column of persons is counted, and left where it is.

mod guess;
mod names;
mod phones;
mod read;
mod shape;
mod units;
mod veil;
mod words;

#[cfg(test)]
mod tests;

pub use guess::{Guess, guess};
pub use read::{Book, read};
pub use units::{BookOptions, BookUnits, look, units};
pub use veil::Veil;

use muster_kernel::{Finding, Problem};
use muster_sheet::column_letters;
use std::collections::BTreeMap;

/// How many levels may stand side by side in columns, or below one another.
pub const LEVELS_MAX: u8 = 8;
/// Columns that are looked at; an address book has a dozen.
pub const COLUMNS_MAX: u16 = 64;

/// What a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The name of a unit of a level, from 1.
    Level(u8),
    /// The name of a unit, whose level its indent or its numbering tells.
    Name,
    /// The code of the line's unit.
    Code,
    /// Its kind.
    Kind,
    /// The code of its place.
    Place,
    /// The post that a telephone belongs to.
    Post,
    /// A person: counted, never kept; a post beside the name is read.
    Person,
    /// Telephones; the first one is the duty telephone.
    Phone,
    /// Nothing that is asked.
    Skip,
}

impl Role {
    /// All of them, in the order in which a person chooses.
    pub fn all() -> impl Iterator<Item = Self> {
        let others = [Self::Code, Self::Kind, Self::Place, Self::Post, Self::Person, Self::Phone, Self::Skip];
        [Self::Name].into_iter().chain((1..=LEVELS_MAX).map(Self::Level)).chain(others)
    }
    /// Its word: `level1`, `name`, `code`, `kind`, `place`, `post`, `person`, `phone`, `skip`.
    pub fn word(self) -> String {
        match self {
            Self::Level(level) => return format!("level{level}"),
            Self::Name => "name",
            Self::Code => "code",
            Self::Kind => "kind",
            Self::Place => "place",
            Self::Post => "post",
            Self::Person => "person",
            Self::Phone => "phone",
            Self::Skip => "skip",
        }
        .to_owned()
    }
    fn is_name(self) -> bool {
        matches!(self, Self::Level(_) | Self::Name)
    }
}

/// How a book is to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// Number of the header's last line; 0 where there is none.
    pub header: u64,
    /// Number of the last line that is read; the last of the sheet when absent.
    pub last: Option<u64>,
    /// What the columns (from 0) are; those that are not named are skipped.
    pub columns: BTreeMap<u16, Role>,
}

/// What a person says of a book; what is not said is guessed.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// Number of the header's last line; 0 where there is none.
    pub header: Option<u64>,
    /// Number of the last line that is read.
    pub last: Option<u64>,
    /// What the columns are.
    pub columns: Option<BTreeMap<u16, Role>>,
}

/// Reads `A=level1,B=level2,D=post`.
///
/// # Errors
/// `book.map_form` with what was not understood; a column or a level said twice.
pub fn columns_said(text: &str) -> Result<BTreeMap<u16, Role>, Problem> {
    let wrong = |part: &str| {
        let shown: String = part.chars().take(40).collect();
        let roles = Role::all().map(Role::word).collect::<Vec<_>>().join(", ");
        Problem::invalid("book.map_form").with("part", shown).with("roles", roles)
    };
    let mut columns = BTreeMap::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (column, word) = part.split_once('=').ok_or_else(|| wrong(part))?;
        let wanted = column.trim().to_ascii_uppercase();
        let column = (0..COLUMNS_MAX).find(|at| column_letters(*at) == wanted).ok_or_else(|| wrong(part))?;
        let role = Role::all().find(|role| role.word() == word.trim()).ok_or_else(|| wrong(part))?;
        let again = role.is_name() && columns.values().any(|known| *known == role);
        if columns.insert(column, role).is_some() || again {
            return Err(wrong(part));
        }
    }
    Ok(columns)
}

impl Mapping {
    /// The columns as [`columns_said`] reads them.
    pub fn columns_text(&self) -> String {
        let parts =
            self.columns.iter().map(|(column, role)| format!("{}={}", column_letters(*column), role.word()));
        parts.collect::<Vec<_>>().join(",")
    }
    fn of(&self, role: Role) -> impl Iterator<Item = u16> {
        self.columns.iter().filter(move |(_, known)| **known == role).map(|(column, _)| *column)
    }
    /// Whether any column names units.
    ///
    /// # Errors
    /// `book.no_name_column`; `book.name_and_levels` where both ways to name them are said.
    fn check(&self) -> Result<(), Vec<Finding>> {
        let levels = self.columns.values().any(|role| matches!(role, Role::Level(_)));
        match (levels, self.of(Role::Name).next().is_some()) {
            (false, false) => Err(vec![Finding::refuse("book.no_name_column")]),
            (true, true) => Err(vec![Finding::refuse("book.name_and_levels")]),
            _ => Ok(()),
        }
    }
}

/// Kinds of the levels where nothing is said of them: the last one of all below it.
pub const KINDS: [&str; 3] = ["group", "firm", "site"];
