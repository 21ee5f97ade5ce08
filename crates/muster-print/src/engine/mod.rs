//! The writers: one document in, the bytes of one paper out.

mod docx;
mod embedded;
mod fonts;
mod pdf;
mod png;
#[cfg(test)]
mod tests;
mod typeset;
mod xlsx;

pub use fonts::Fonts;

use crate::paper::Paper;
use crate::{BriefDoc, Finding, Format, PrintProblem};

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

/// The data file of the templates.
fn data(paper: &Paper, doc: &BriefDoc, fonts: &Fonts) -> Result<Vec<u8>, PrintProblem> {
    let (serif, sans) = fonts.families(doc.lang);
    let mut value =
        serde_json::to_value(paper).map_err(|e| PrintProblem::new("print.engine.data", e.to_string()))?;
    value["fonts"] = serde_json::json!({ "serif": serif, "sans": sans });
    serde_json::to_vec(&value).map_err(|e| PrintProblem::new("print.engine.data", e.to_string()))
}
