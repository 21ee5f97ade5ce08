//! A text document whose narrative can be edited and nothing else: the document is read-only, and
//! the three parts of the narrative are ranges that everyone may edit.
//!
//! The lock keeps honest people from changing a figure by accident; who wants to can take it off.
//! What proves a figure is the digest in the foot.

mod body;
mod parts;
pub(super) mod sheet;
mod xml;

use std::io::{Cursor, Write};

use jiff::Timestamp;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::{Fonts, Printed, data, png, typeset};
use crate::paper::{Body, Extent, Paper};
use crate::{BriefDoc, Lang, PrintProblem};

/// What a word processor still opens with ease.
const EXTENT: Extent =
    Extent { rows: 1_000, figures: 1_000, values: 6, text: 20_000, name: 300, all: 400_000 };

const CHART: &str = include_str!("../templates/chart.typ");

/// A picture and its size on paper, in points.
struct Picture {
    bytes: Vec<u8>,
    width: f64,
    height: f64,
}

/// Prints the document.
///
/// # Errors
/// See [`super::print`].
pub(super) fn print(doc: &BriefDoc, fonts: &Fonts) -> Result<Printed, PrintProblem> {
    // The reader's machine brings its own fonts.
    let (paper, findings) = Paper::new(doc, EXTENT, None)?;
    let chart = chart(doc, fonts)?;
    let written = Written {
        core: parts::core(&paper.title, &paper.office, paper.lang, &utc(&doc.made_at)?),
        body: body::document(&paper, chart.as_ref()),
        header: body::header(paper.simulated.as_deref()),
        footer: body::footer(&paper.foot, &paper.page),
    };
    Ok(Printed { bytes: written.package(doc.lang, chart.map(|picture| picture.bytes))?, findings })
}

/// An instant of the document, as the file's own parts write it.
fn utc(made_at: &str) -> Result<String, PrintProblem> {
    let made_at = made_at.parse::<Timestamp>().map(|t| t.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    made_at.map_err(|e| PrintProblem::new("print.input.instant", e.to_string()).at("made_at"))
}

/// The parts of the package that are of this document alone.
struct Written {
    core: String,
    body: String,
    header: String,
    footer: String,
}

impl Written {
    /// The whole file, with the picture that the body refers to, if it does.
    fn package(self, lang: Lang, picture: Option<Vec<u8>>) -> Result<Vec<u8>, PrintProblem> {
        let mut files: Vec<(&str, Vec<u8>)> = vec![
            ("[Content_Types].xml", parts::CONTENT_TYPES.into()),
            ("_rels/.rels", parts::PACKAGE_RELATIONS.into()),
            ("docProps/core.xml", self.core.into()),
            ("word/document.xml", self.body.into()),
            ("word/_rels/document.xml.rels", parts::relations(picture.is_some()).into()),
            ("word/settings.xml", parts::SETTINGS.into()),
            ("word/styles.xml", parts::styles(lang).into()),
            ("word/header1.xml", self.header.into()),
            ("word/footer1.xml", self.footer.into()),
        ];
        files.extend(picture.map(|bytes| ("word/media/chart.png", bytes)));
        package(files).map_err(|e| PrintProblem::new("print.engine.docx", e.to_string()))
    }
}

/// The charts as a picture; none when there is nothing to draw.
fn chart(doc: &BriefDoc, fonts: &Fonts) -> Result<Option<Picture>, PrintProblem> {
    let covers = |c| fonts.covers(c);
    let (mut paper, _) = Paper::new(doc, EXTENT, Some(&covers))?;
    paper.sections.retain(|s| matches!(&s.body, Body::Chart(plot) if !plot.panels.is_empty()));
    if paper.sections.is_empty() {
        return Ok(None);
    }
    let document = typeset::typeset(CHART, data(&paper, doc, fonts)?, fonts)?;
    let page = png::only_page(&document)?;
    let size = page.frame.size();
    Ok(Some(Picture { bytes: png::picture(page)?, width: size.x.to_pt(), height: size.y.to_pt() }))
}

/// Zips the parts, all of the same time, so that the same document gives the same bytes.
fn package(files: Vec<(&str, Vec<u8>)>) -> zip::result::ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    for (name, bytes) in files {
        zip.start_file(name, options)?;
        zip.write_all(&bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}
