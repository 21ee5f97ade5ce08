//! A report of one unit on paper: A4 pages, or a text document. Both set the same cleaned words.

mod pdf;
mod square;
#[cfg(test)]
mod tests;

use serde::Serialize;

use super::{Fonts, Printed};
use crate::paper::Cleaner;
use crate::sheet::SheetDoc;
use crate::{Finding, Format, PrintProblem};
use square::Square;

/// The most characters of a name, of a text that people wrote, and of what is never broken.
const NAME_MAX: usize = 300;
const TEXT_MAX: usize = 20_000;

/// Prints a sheet.
///
/// # Errors
/// `print.input.format` for a format that a sheet does not come in; else as [`super::print`].
pub(super) fn print(doc: &SheetDoc, format: Format, fonts: &Fonts) -> Result<Printed, PrintProblem> {
    match format {
        Format::Pdf => pdf::print(doc, fonts),
        Format::Docx => super::docx::sheet::print(doc),
        Format::Xlsx | Format::Png => {
            let text = format!("a sheet comes as pdf or docx, not as {format}");
            Err(PrintProblem::new("print.input.format", text))
        }
    }
}

/// A sheet whose words are fit for paper.
#[derive(Debug, Serialize)]
pub(super) struct Sheet {
    pub(super) lang: &'static str,
    pub(super) simulated: Option<String>,
    pub(super) office: String,
    pub(super) title: String,
    pub(super) unit: String,
    pub(super) day: String,
    pub(super) statement: String,
    pub(super) facts: Vec<[String; 2]>,
    pub(super) columns: [String; 3],
    pub(super) rows: Vec<Row>,
    pub(super) texts: Vec<[String; 2]>,
    pub(super) sign: Vec<String>,
    pub(super) square: Square,
    pub(super) hash: String,
    pub(super) label: String,
    pub(super) hint: String,
    pub(super) page: String,
}

/// One item.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) unit: String,
    pub(super) said: bool,
}

impl Sheet {
    /// `covers` says whether a character has a glyph; `None` where the reader's machine brings the fonts.
    pub(super) fn new(
        doc: &SheetDoc,
        covers: Option<&dyn Fn(char) -> bool>,
    ) -> Result<(Self, Vec<Finding>), PrintProblem> {
        let mut clean = Cleaner::new(doc.lang, covers);
        let square = Square::new(&doc.check.text)?;
        let sheet = Self {
            lang: doc.lang.tag(),
            simulated: doc.simulated.as_ref().map(|text| clean.line(text, NAME_MAX)),
            office: clean.line(&doc.office, NAME_MAX),
            title: clean.line(&doc.title, NAME_MAX),
            unit: clean.line(&doc.unit, NAME_MAX),
            day: clean.line(&doc.day, NAME_MAX),
            statement: clean.line(&doc.statement, NAME_MAX),
            facts: pairs(&mut clean, &doc.facts, NAME_MAX),
            columns: doc.columns.each_ref().map(|text| clean.line(text, NAME_MAX)),
            rows: doc
                .rows
                .iter()
                .map(|row| Row {
                    name: clean.line(&row.name, NAME_MAX),
                    value: clean.text(&row.value, TEXT_MAX),
                    unit: clean.line(&row.unit, NAME_MAX),
                    said: row.said,
                })
                .collect(),
            texts: pairs(&mut clean, &doc.texts, TEXT_MAX),
            sign: doc.sign.iter().map(|text| clean.line(text, NAME_MAX)).collect(),
            square,
            hash: clean.code(&doc.check.hash, NAME_MAX),
            label: clean.line(&doc.check.label, NAME_MAX),
            hint: clean.line(&doc.check.hint, NAME_MAX),
            page: clean.line(&doc.page, NAME_MAX),
        };
        Ok((sheet, clean.findings()))
    }
}

fn pairs(clean: &mut Cleaner<'_>, pairs: &[[String; 2]], chars_max: usize) -> Vec<[String; 2]> {
    pairs.iter().map(|[name, text]| [clean.line(name, NAME_MAX), clean.text(text, chars_max)]).collect()
}
