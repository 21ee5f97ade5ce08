//! A4 pages.

use typst_layout::PagedDocument;

use super::Sheet;
use crate::engine::{Fonts, Printed, families, pdf, typeset};
use crate::paper::Moment;
use crate::sheet::SheetDoc;
use crate::{Finding, PrintProblem};

const TEMPLATE: &str = include_str!("../templates/sheet.typ");

pub(super) fn print(doc: &SheetDoc, fonts: &Fonts) -> Result<Printed, PrintProblem> {
    Moment::field(&doc.made_at, "made_at")?;
    let (document, findings) = pages(doc, fonts)?;
    let ident = format!("{} {} {}", doc.unit, doc.day, doc.check.hash);
    Ok(Printed { bytes: pdf::bytes(&document, ident, &doc.made_at)?, findings })
}

/// Sets the pages.
pub(super) fn pages(doc: &SheetDoc, fonts: &Fonts) -> Result<(PagedDocument, Vec<Finding>), PrintProblem> {
    let covers = |c| fonts.covers(c);
    let (sheet, findings) = Sheet::new(doc, Some(&covers))?;
    Ok((typeset::typeset(TEMPLATE, families(&sheet, doc.lang, fonts)?, fonts)?, findings))
}
