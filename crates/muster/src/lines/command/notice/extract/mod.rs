//! From a file to its text: plain text, HTML, DOCX, PDF. What a file is, is told by its bytes and not by its name.
//!
//! Bounds, each with its own code: [`FILE_BYTES_MAX`] for the file, [`UNPACKED_BYTES_MAX`] for what it unpacks to,
//! [`TEXT_CHARS_MAX`] for its text. Nothing here recurses with the depth of a file. Pure, but for the thread that
//! a PDF is read in.

mod docx;
mod html;
pub mod pdf;
mod plain;

use super::model::Place;
use muster_kernel::{Digest, Problem, ProblemKind};
use plain::Encoding;
use serde::{Deserialize, Serialize};

/// Largest file that is taken, bytes.
pub const FILE_BYTES_MAX: usize = 20 << 20;
/// Largest sum of what is unpacked of a file, bytes. A DOCX of 20 MB with pictures unpacks little more than itself.
pub const UNPACKED_BYTES_MAX: u64 = 64 << 20;
/// Most entries of a DOCX.
pub const ENTRIES_MAX: usize = 2_000;
/// Longest text, characters: some fifty pages.
pub const TEXT_CHARS_MAX: usize = 50_000;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MediaType {
    /// Plain text.
    #[serde(rename = "text/plain")]
    Text,
    /// A page.
    #[serde(rename = "text/html")]
    Html,
    /// A Word document.
    #[serde(rename = "application/vnd.openxmlformats-officedocument.wordprocessingml.document")]
    Docx,
    /// A PDF.
    #[serde(rename = "application/pdf")]
    Pdf,
}

impl MediaType {
    /// The registered name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text/plain",
            Self::Html => "text/html",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Pdf => "application/pdf",
        }
    }
    /// By its registered name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Text, Self::Html, Self::Docx, Self::Pdf].into_iter().find(|one| one.name() == name)
    }
}

/// The text of a file.
#[derive(Debug)]
pub struct Extracted {
    /// Hash of the file as received.
    pub digest: Digest,
    /// What it is.
    pub media_type: MediaType,
    /// Its text.
    pub text: String,
    /// What stands beside the run of the text: page headers and footers, notes, comments, text boxes, what says what a
    /// file is. Looked at for secrecy marks.
    pub beside: Vec<String>,
    /// How a plain text is encoded; `None` for the others, whose characters have no place in the file's bytes.
    encoding: Option<Encoding>,
}

impl Extracted {
    /// The bytes of a place of the text within the file, where the file is a plain text.
    pub fn bytes_of(&self, place: Place) -> Option<Place> {
        let encoding = self.encoding?;
        let size =
            |chars: usize| -> usize { self.text.chars().take(chars).map(|c| encoding.size_of(c)).sum() };
        let start = encoding.mark_bytes() + size(place.start);
        let inside: usize = self
            .text
            .chars()
            .skip(place.start)
            .take(place.end - place.start)
            .map(|c| encoding.size_of(c))
            .sum();
        Some(Place { start, end: start + inside })
    }
}

/// The text of a file. `said` is the media type that the sender gave, if any: it only decides between plain text and
/// HTML, which bytes cannot tell apart for certain.
///
/// # Errors
/// `notice.too_large`, `notice.too_long`, `notice.empty`, `notice.media_type`, `notice.encoding`, and those of each
/// format: `notice.docx_*`, `notice.pdf_*`.
pub fn extract(bytes: &[u8], said: Option<&str>, read_pdf: &pdf::ReadPdf) -> Result<Extracted, Problem> {
    if bytes.len() > FILE_BYTES_MAX {
        let limit_mb = FILE_BYTES_MAX >> 20;
        return Err(Problem::new(ProblemKind::TooLarge, "notice.too_large").with("limit_mb", limit_mb));
    }
    let media_type = sniff(bytes, said)?;
    let (text, beside, encoding) = match media_type {
        MediaType::Text => {
            let (text, encoding) = plain::decode(bytes)?;
            (text, Vec::new(), Some(encoding))
        }
        MediaType::Html => {
            let (text, beside) = html::text(bytes)?;
            (text, beside, None)
        }
        MediaType::Docx => {
            let (text, beside) = docx::text(bytes)?;
            (text, beside, None)
        }
        MediaType::Pdf => (pdf::tidy(&read_pdf(bytes)?), Vec::new(), None),
    };
    if text.contains('\0') {
        return Err(unsupported());
    }
    if text.trim().is_empty() {
        let code = if media_type == MediaType::Pdf { "notice.pdf_no_text" } else { "notice.empty" };
        return Err(Problem::invalid(code));
    }
    if text.chars().nth(TEXT_CHARS_MAX).is_some() {
        return Err(
            Problem::new(ProblemKind::TooLarge, "notice.too_long").with("limit_characters", TEXT_CHARS_MAX)
        );
    }
    Ok(Extracted { digest: Digest::of(bytes), media_type, text, beside, encoding })
}

/// Tells what a file is.
fn sniff(bytes: &[u8], said: Option<&str>) -> Result<MediaType, Problem> {
    const OLD_OFFICE: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    let head = &bytes[..bytes.len().min(1024)];
    let has = |needle: &[u8]| head.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle));
    let said = said.and_then(|said| said.split(';').next()).map(str::trim);
    if bytes.starts_with(b"PK\x03\x04") {
        Ok(MediaType::Docx)
    } else if has(b"%PDF-") {
        Ok(MediaType::Pdf)
    } else if bytes.starts_with(OLD_OFFICE) {
        Err(Problem::new(ProblemKind::Unsupported, "notice.old_office"))
    } else if said == Some(MediaType::Html.name()) || has(b"<!doctype html") || has(b"<html") {
        Ok(MediaType::Html)
    } else {
        Ok(MediaType::Text)
    }
}

fn unsupported() -> Problem {
    Problem::new(ProblemKind::Unsupported, "notice.media_type")
}
