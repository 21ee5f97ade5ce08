//! One long picture for a phone.

use std::cmp::Reverse;
use std::collections::HashMap;

use typst::utils::Scalar;
use typst_layout::{Page, PagedDocument};
use typst_render::RenderOptions;

use super::{Fonts, Printed, data, typeset};
use crate::paper::{Extent, Paper};
use crate::{BriefDoc, Finding, PrintProblem};

const TEMPLATE: &str = include_str!("templates/picture.typ");

/// The templates count 360 points across, so that type is as large as in an app: 1,080 pixels.
const PIXELS_PER_POINT: f64 = 3.0;

/// The tallest picture, in pixels: what phones still open (a texture of 16,384).
pub(super) const HEIGHT_MAX: f64 = 16_000.0;

/// What is tried first. While the picture is too tall, there is less of each list, then of the figures and of each
/// text; what is left out is counted, said in the picture, and stands in the workbook.
const EXTENT: Extent = Extent { rows: 60, figures: 60, values: 3, text: 2_000, name: 120, all: 40_000 };
const TRIES_MAX: usize = 8;

/// Prints the picture.
///
/// # Errors
/// See [`super::print`].
pub(super) fn print(doc: &BriefDoc, fonts: &Fonts) -> Result<Printed, PrintProblem> {
    let (document, findings) = document(doc, fonts)?;
    Ok(Printed { bytes: picture(only_page(&document)?)?, findings })
}

/// Sets the picture, with as much in it as its height allows.
pub(super) fn document(doc: &BriefDoc, fonts: &Fonts) -> Result<(PagedDocument, Vec<Finding>), PrintProblem> {
    let covers = |c| fonts.covers(c);
    let mut extent = EXTENT;
    for _ in 0..TRIES_MAX {
        let (paper, findings) = Paper::new(doc, extent, Some(&covers))?;
        let document = typeset::typeset(TEMPLATE, data(&paper, doc, fonts)?, fonts)?;
        let over = only_page(&document)?.frame.height().to_pt() * PIXELS_PER_POINT / HEIGHT_MAX;
        if over <= 1.0 {
            return Ok((document, findings));
        }
        extent = smaller(extent, longest(doc), over * 1.05);
    }
    Err(PrintProblem::new("print.engine.png", "the picture would be too tall even with its lists cut"))
}

/// An extent of which the picture should be `over` times less tall.
fn smaller(extent: Extent, longest: usize, over: f64) -> Extent {
    // A little too tall: rather all groups with fewer figures than fewer groups.
    if over < 1.2 && extent.values > 1 {
        return Extent { values: 1, ..extent };
    }
    let less = |n: usize, least: usize, over: f64| ((n as f64 / over) as usize).max(least);
    // Lists of units get shorter before the figures that they stand behind.
    let figures = if extent.rows > 10 { extent.figures } else { less(extent.figures.min(longest), 3, over) };
    let rows = less(extent.rows.min(longest), 3, over);
    // Texts are cut after lists are short, and names last.
    let text = if rows > 12 { extent.text } else { less(extent.text, 60, over * over) };
    let name = if rows > 3 { extent.name } else { less(extent.name, 24, over) };
    Extent { rows, figures, text, name, ..extent }
}

/// The length of the longest list of a document.
fn longest(doc: &BriefDoc) -> usize {
    let n = &doc.narrative;
    let texts = [&doc.sentences, &n.progress, &n.problems, &n.next].into_iter().map(Vec::len);
    let tables = [
        doc.totals.len(),
        doc.groups.len(),
        doc.absent.len(),
        doc.contradictions.len(),
        doc.disagreements.len(),
        doc.corrections.len(),
    ];
    texts.chain(tables).max().unwrap_or(0)
}

/// The one page of a document whose page grows.
pub(super) fn only_page(document: &PagedDocument) -> Result<&Page, PrintProblem> {
    let page = document.pages().first();
    page.ok_or_else(|| PrintProblem::new("print.engine.png", "the typesetter made no page"))
}

/// The colours of a picture: the shades on the edges of letters are many more, but no eye tells
/// them apart, and the file is half the size.
const COLOURS: usize = 64;

/// A page as PNG, in the colours it has most of.
pub(super) fn picture(page: &Page) -> Result<Vec<u8>, PrintProblem> {
    let problem = |e: png::EncodingError| PrintProblem::new("print.engine.png", e.to_string());
    let options = RenderOptions { pixel_per_pt: Scalar::new(PIXELS_PER_POINT), render_bleed: false };
    let canvas = typst_render::render(page, &options);
    let (pixels, palette) = indexed(canvas.data());
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, canvas.width(), canvas.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette);
    encoder.set_filter(png::Filter::NoFilter);
    encoder.set_compression(png::Compression::Balanced);
    let mut writer = encoder.write_header().map_err(problem)?;
    writer.write_image_data(&pixels).map_err(problem)?;
    writer.finish().map_err(problem)?;
    Ok(bytes)
}

/// Opaque RGBA pixels as places in a palette, and the palette (RGB).
fn indexed(rgba: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let colours = || rgba.chunks_exact(4).map(|p| [p[0], p[1], p[2]]);
    // Neighbours are mostly alike, so whole runs are counted at once.
    let mut counts: HashMap<[u8; 3], usize> = HashMap::new();
    let mut run = ([0; 3], 0);
    for colour in colours() {
        if colour != run.0 {
            *counts.entry(run.0).or_default() += run.1;
            run = (colour, 0);
        }
        run.1 += 1;
    }
    *counts.entry(run.0).or_default() += run.1;
    let mut order: Vec<([u8; 3], usize)> = counts.into_iter().filter(|(_, n)| *n > 0).collect();
    order.sort_unstable_by_key(|(colour, n)| (Reverse(*n), *colour));
    let palette: Vec<[u8; 3]> = order.iter().take(COLOURS).map(|(colour, _)| *colour).collect();
    let distance =
        |a: &[u8; 3], b: &[u8; 3]| -> u32 { (0..3).map(|i| u32::from(a[i].abs_diff(b[i])).pow(2)).sum() };
    let nearest = |colour: &[u8; 3]| {
        let places = palette.iter().enumerate();
        places.min_by_key(|(_, other)| distance(colour, other)).map_or(0, |(i, _)| i as u8)
    };
    let places: HashMap<[u8; 3], u8> = order.iter().map(|(colour, _)| (*colour, nearest(colour))).collect();
    let mut last = ([0; 3], places.get(&[0; 3]).copied().unwrap_or(0));
    let pixels = colours()
        .map(|colour| {
            if colour != last.0 {
                last = (colour, places[&colour]);
            }
            last.1
        })
        .collect();
    (pixels, palette.concat())
}
