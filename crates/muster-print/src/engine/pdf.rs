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
    let options = PdfOptions {
        // The identifier would else depend on the title only.
        ident: Smart::Custom(format!("{} {} {}", doc.office, doc.day, doc.made_at)),
        creator: Smart::Custom(Some("Muster".into())),
        timestamp: timestamp(&doc.made_at),
        ..PdfOptions::default()
    };
    let bytes = typst_pdf::pdf(&document, &options).map_err(|errors| {
        let text: Vec<_> = errors.iter().map(typeset::sentence).collect();
        PrintProblem::new("print.engine.pdf", text.join("; "))
    })?;
    Ok(Printed { bytes, findings })
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
