//! From a file to something that may be kept: its text, no secrecy mark, its study. Pure, and outside any
//! transaction: a study takes milliseconds, a PDF may take seconds.

use super::extract::pdf::ReadPdf;
use super::extract::{self, MediaType};
use super::model::{Span, Study};
use super::{secrecy, study};
use muster_kernel::{Digest, Problem};

/// A file on its way in.
pub struct Upload {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The media type that the sender gave.
    pub media_type: Option<String>,
    /// Its name; looked at for a secrecy mark and not kept.
    pub name: Option<String>,
}

/// A file that may be kept, with everything that was made out of it.
#[derive(Clone, Debug)]
pub struct Checked {
    pub(super) bytes: Vec<u8>,
    pub(super) digest: Digest,
    pub(super) media_type: MediaType,
    pub(super) study: Study,
    /// The study without its conjectures, as it is kept.
    pub(super) study_json: String,
    /// The spans of the title, as they are kept.
    pub(super) title_json: String,
}

/// Reads and studies a file.
///
/// # Errors
/// `notice.secrecy_mark` where it bears one; otherwise those of [`extract::extract`]. No part of the text is in them.
pub fn check(upload: Upload, read_pdf: &ReadPdf) -> Result<Checked, Problem> {
    let name = upload.name.as_deref();
    let file = extract::extract(&upload.bytes, upload.media_type.as_deref(), read_pdf)?;
    if secrecy::mark(&file.text, &file.beside, name).is_some() {
        return Err(Problem::invalid("notice.secrecy_mark"));
    }
    let mut study = study(&file.text);
    for measure in &mut study.measures {
        measure.bytes = file.bytes_of(measure.place);
    }
    let title: Vec<&Span> = study.title_spans().collect();
    let title_json = serde_json::to_string(&title).map_err(Problem::internal)?;
    let kept = Study { conjectures: Vec::new(), ..study.clone() };
    let study_json = serde_json::to_string(&kept).map_err(Problem::internal)?;
    let (bytes, digest, media_type) = (upload.bytes, file.digest, file.media_type);
    Ok(Checked { bytes, digest, media_type, study, study_json, title_json })
}
