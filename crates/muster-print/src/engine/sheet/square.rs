//! The square that a telephone reads (a QR code), from its text.

use qrcode::{Color, EcLevel, QrCode};
use serde::Serialize;

use crate::PrintProblem;

/// White around the square, in its own points: what readers ask for.
const QUIET: usize = 4;
/// Pixels of one point in the picture.
const PIXELS: usize = 6;

/// Its dark points.
#[derive(Debug, Serialize)]
pub(in crate::engine) struct Square {
    /// Points on a side, without the white around.
    pub(in crate::engine) size: usize,
    /// Runs of dark points: column, row, length.
    pub(in crate::engine) runs: Vec<[usize; 3]>,
}

impl Square {
    /// Of a text. A quarter of it may be stamped over or torn, and it is still read.
    ///
    /// # Errors
    /// `print.input.check` for a text that no square holds.
    pub(super) fn new(text: &str) -> Result<Self, PrintProblem> {
        let problem = |e: qrcode::types::QrError| PrintProblem::new("print.input.check", e.to_string());
        let code =
            QrCode::with_error_correction_level(text, EcLevel::Q).map_err(|e| problem(e).at("check.text"))?;
        let size = code.width();
        let colours = code.to_colors();
        let mut runs: Vec<[usize; 3]> = Vec::new();
        for (y, row) in colours.chunks(size).enumerate() {
            for (x, _) in row.iter().enumerate().filter(|(_, colour)| **colour == Color::Dark) {
                match runs.last_mut() {
                    Some([from, at, length]) if *at == y && *from + *length == x => *length += 1,
                    _ => runs.push([x, y, 1]),
                }
            }
        }
        Ok(Self { size, runs })
    }

    /// As a picture with the white around it: PNG, and its pixels on a side.
    ///
    /// # Errors
    /// `print.engine.png`.
    pub(in crate::engine) fn picture(&self) -> Result<(Vec<u8>, usize), PrintProblem> {
        let problem = |e: png::EncodingError| PrintProblem::new("print.engine.png", e.to_string());
        let side = (self.size + 2 * QUIET) * PIXELS;
        let mut pixels = vec![255_u8; side * side];
        for [x, y, length] in &self.runs {
            let (left, right) = ((x + QUIET) * PIXELS, (x + length + QUIET) * PIXELS);
            for line in (y + QUIET) * PIXELS..(y + 1 + QUIET) * PIXELS {
                pixels[line * side + left..line * side + right].fill(0);
            }
        }
        let width = u32::try_from(side).map_err(|e| PrintProblem::new("print.engine.png", e.to_string()))?;
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, width);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().map_err(problem)?;
        writer.write_image_data(&pixels).map_err(problem)?;
        writer.finish().map_err(problem)?;
        Ok((bytes, side))
    }
}
