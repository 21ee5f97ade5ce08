//! The writers: one document in, the bytes of one paper out.

mod docx;
mod embedded;
mod fonts;
mod pdf;
mod png;
mod sheet;
#[cfg(test)]
mod tests;
mod typeset;
mod xlsx;

pub use fonts::Fonts;

use serde::Serialize;

use crate::paper::Paper;
use crate::{BriefDoc, Finding, Format, Lang, PrintProblem, SheetDoc};

/// What was printed.
#[derive(Debug)]
pub struct Printed {
    /// The file.
    pub bytes: Vec<u8>,
    /// What a person should know about it: characters without a glyph, texts shortened.
    pub findings: Vec<Finding>,
}

/// Prints a brief with the fonts of this machine.
///
/// # Errors
/// `print.input.…` when the document is at fault, `print.font.none` when there is no font for
/// Chinese, `print.engine.…` when the fault is ours.
pub fn render(doc: &BriefDoc, format: Format) -> Result<Vec<u8>, PrintProblem> {
    Ok(print(doc, format, &Fonts::for_format(format, None)?)?.bytes)
}

/// Prints a brief with given fonts, and says what a person should know.
///
/// # Errors
/// As [`render`], without `print.font.none`.
pub fn print(doc: &BriefDoc, format: Format, fonts: &Fonts) -> Result<Printed, PrintProblem> {
    match format {
        Format::Pdf => pdf::print(doc, fonts),
        Format::Png => png::print(doc, fonts),
        Format::Xlsx => xlsx::print(doc),
        Format::Docx => docx::print(doc, fonts),
    }
}

/// Prints a sheet with given fonts, and says what a person should know.
///
/// # Errors
/// As [`print`]; `print.input.format` for another format than PDF and DOCX, `print.input.check` for a check text that no square
/// holds.
pub fn print_sheet(doc: &SheetDoc, format: Format, fonts: &Fonts) -> Result<Printed, PrintProblem> {
    sheet::print(doc, format, fonts)
}

/// The data file of the brief's templates.
fn data(paper: &Paper, doc: &BriefDoc, fonts: &Fonts) -> Result<Vec<u8>, PrintProblem> {
    families(paper, doc.lang, fonts)
}

/// The data file of a template: what is to be set, and in which fonts.
fn families(what: &impl Serialize, lang: Lang, fonts: &Fonts) -> Result<Vec<u8>, PrintProblem> {
    let (serif, sans) = fonts.families(lang);
    let mut value =
        serde_json::to_value(what).map_err(|e| PrintProblem::new("print.engine.data", e.to_string()))?;
    value["fonts"] = serde_json::json!({ "serif": serif, "sans": sans });
    serde_json::to_vec(&value).map_err(|e| PrintProblem::new("print.engine.data", e.to_string()))
}
