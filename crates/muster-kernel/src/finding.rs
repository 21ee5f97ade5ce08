//! What is wrong, or worth a look, with something that came in: every finding, each at its place.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Taken in as it is; a person may want to look.
    Note,
    /// Taken in; something about it is unusual and is shown where it counts.
    Warn,
    /// Not taken in.
    Refuse,
}

/// Where a finding is. All parts are optional: a form knows a field, a workbook a row and a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct At {
    /// Row number as the sender counts it, from 1, the header included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// Name of the column as the sender wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Address of the cell, such as `C7`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    /// The field in the product's words, such as `values.fever`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// One finding: a stable code, its weight, its place, and what its sentence needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable code, such as `value.not_a_number`; also the key of its sentence in the locale files.
    pub code: String,
    /// How much it weighs.
    pub severity: Severity,
    /// Where it is.
    #[serde(flatten)]
    pub at: At,
    /// What the sentence names. Never personal data.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, String>,
}

impl Finding {
    /// A finding that keeps its row or value out.
    pub fn refuse(code: impl Into<String>) -> Self {
        Self::new(code, Severity::Refuse)
    }
    /// A finding that is shown beside what was taken in.
    pub fn warn(code: impl Into<String>) -> Self {
        Self::new(code, Severity::Warn)
    }
    /// A finding that merely notes.
    pub fn note(code: impl Into<String>) -> Self {
        Self::new(code, Severity::Note)
    }
    fn new(code: impl Into<String>, severity: Severity) -> Self {
        Self { code: code.into(), severity, at: At::default(), args: BTreeMap::new() }
    }
    /// At a field.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.at.field = Some(field.into());
        self
    }
    /// At a row, counted from 1 with the header.
    #[must_use]
    pub fn row(mut self, row: u64) -> Self {
        self.at.row = Some(row);
        self
    }
    /// At a cell of a column.
    #[must_use]
    pub fn cell(mut self, cell: impl Into<String>, column: impl Into<String>) -> Self {
        self.at.cell = Some(cell.into());
        self.at.column = Some(column.into());
        self
    }
    /// With a part of its sentence; cut at 120 characters, since it may come from outside.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        let mut value = value.to_string();
        if let Some((cut, _)) = value.char_indices().nth(120) {
            value.truncate(cut);
            value.push('…');
        }
        self.args.insert(key.to_owned(), value);
        self
    }
    /// Whether it keeps its row or value out.
    pub fn refuses(&self) -> bool {
        self.severity == Severity::Refuse
    }
}
