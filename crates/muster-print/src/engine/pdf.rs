//! A4 pages.

use typst::foundations::{Datetime, Smart};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, Timestamp};

use super::{Fonts, Printed, data, typeset};
use crate::paper::{Extent, Moment, Paper};
use crate::{BriefDoc, Finding, PrintProblem};

/// More rows than a reader turns pages for stand in the workbook.
const EXTENT: Extent =
    Extent { rows: 1_000, figures: 1_000, values: 6, text: 20_000, name: 300, all: 400_000 };

const TEMPLATE: &str = include_str!("templates/page.typ");

/// Prints the pages.
///
/// # Errors
/// See [`super::print`].
pub(super) fn print(doc: &BriefDoc, fonts: &Fonts) -> Result<Printed, PrintProblem> {
    let (document, findings) = pages(doc, fonts)?;
    // The identifier would else depend on the title only.
    let ident = format!("{} {} {}", doc.office, doc.day, doc.made_at);
    Ok(Printed { bytes: bytes(&document, ident, &doc.made_at)?, findings })
}

/// Pages as a file that says it was made at an instant, and is told from others by `ident`.
///
/// # Errors
/// `print.engine.pdf`.
pub(super) fn bytes(document: &PagedDocument, ident: String, made_at: &str) -> Result<Vec<u8>, PrintProblem> {
    let options = PdfOptions {
        ident: Smart::Custom(ident),
        creator: Smart::Custom(Some("Muster".into())),
        timestamp: timestamp(made_at),
        ..PdfOptions::default()
    };
    typst_pdf::pdf(document, &options).map_err(|errors| {
        let text: Vec<_> = errors.iter().map(typeset::sentence).collect();
        PrintProblem::new("print.engine.pdf", text.join("; "))
    })
}

/// Sets the pages.
pub(super) fn pages(doc: &BriefDoc, fonts: &Fonts) -> Result<(PagedDocument, Vec<Finding>), PrintProblem> {
    let covers = |c| fonts.covers(c);
    let (paper, findings) = Paper::new(doc, EXTENT, Some(&covers))?;
    Ok((typeset::typeset(TEMPLATE, data(&paper, doc, fonts)?, fonts)?, findings))
}

/// The time the file says it was made: the document's, never the clock's.
fn timestamp(made_at: &str) -> Option<Timestamp> {
    let m = Moment::parse(made_at)?;
    let number = |n: i8| u8::try_from(n).ok();
    let datetime = Datetime::from_ymd_hms(
        i32::from(m.date.year()),
        number(m.date.month())?,
        number(m.date.day())?,
        number(m.time.hour())?,
        number(m.time.minute())?,
        number(m.time.second())?,
    )?;
    Timestamp::new_local(datetime, m.offset.seconds() / 60)
}
