//! One long picture for a phone.

use std::cmp::Reverse;
use std::collections::HashMap;

use typst::layout::Abs;
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

/// What is tried until the picture is not too tall: less of each list, and shorter texts. What
/// is left out is counted, said in the picture, and stands in the workbook.
const EXTENTS: [Extent; 5] = [
    Extent { rows: 60, values: 3, text: 2_000, name: 120 },
    Extent { rows: 30, values: 3, text: 1_000, name: 80 },
    Extent { rows: 15, values: 2, text: 300, name: 50 },
    Extent { rows: 6, values: 2, text: 100, name: 30 },
    Extent { rows: 3, values: 1, text: 60, name: 24 },
];

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
    for extent in EXTENTS {
        let (paper, findings) = Paper::new(doc, extent, Some(&covers))?;
        let document = typeset::typeset(TEMPLATE, data(&paper, doc, fonts)?, fonts)?;
        if only_page(&document)?.frame.height() <= Abs::pt(HEIGHT_MAX / PIXELS_PER_POINT) {
            return Ok((document, findings));
        }
    }
    Err(PrintProblem::new("print.engine.png", "the picture would be too tall even with its lists cut"))
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
