//! What stands before the workbook libraries: archives are unpacked once into nothing, with a counter, so that a bomb
//! is found before anything is allocated for it.

use crate::options::Limits;
use crate::{Refused, refused};
use flate2::read::MultiGzDecoder;
use memchr::memmem;
use muster_kernel::Finding;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// Entries a workbook may have; one of 255 sheets with pictures has about a thousand.
const ENTRIES_MAX: usize = 10_000;
/// The shortest shared string, `<si/>`: a table cannot announce more of them than fit.
const SHARED_STRING_MIN: usize = 5;

/// What an archive holds, after it has been unpacked once within the limits.
pub(crate) struct Contents {
    /// Names of its entries.
    pub(crate) names: Vec<String>,
    /// Whether some sheet has merged cells.
    pub(crate) merges: bool,
}

/// Unpacks gzip, also of several members, up to the limit.
pub(crate) fn gunzip(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, Refused> {
    let mut unpacked = Vec::new();
    let mut from = MultiGzDecoder::new(bytes).take(limits.unpacked as u64 + 1);
    match from.read_to_end(&mut unpacked) {
        Ok(_) if unpacked.len() > limits.unpacked => Err(too_large(limits)),
        Ok(_) => Ok(unpacked),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Err(refused("sheet.gzip_truncated"))
        }
        Err(_) => Err(refused("sheet.gzip_damaged")),
    }
}

/// Looks through a zip archive: every entry is unpacked once, into nothing, within the limits.
pub(crate) fn inspect(bytes: &[u8], limits: &Limits) -> Result<Contents, Refused> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| refused("sheet.zip_damaged"))?;
    if archive.len() > ENTRIES_MAX {
        return Err(too_large(limits));
    }
    let mut contents = Contents { names: Vec::with_capacity(archive.len()), merges: false };
    let mut left = limits.unpacked;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|error| match error {
            zip::result::ZipError::UnsupportedArchive(_) => refused("sheet.encrypted"),
            _ => refused("sheet.zip_damaged"),
        })?;
        let name = entry.name().map_err(|_| refused("sheet.zip_damaged"))?.into_owned();
        let lower = name.to_ascii_lowercase();
        let mut entry = Counted { from: entry, left, limits };
        if lower.ends_with("sharedstrings.xml") {
            let mut xml = Vec::new();
            entry.each(|bytes| xml.extend_from_slice(bytes))?;
            shared_strings_plausible(&xml)?;
        } else {
            let mut seam = Vec::new();
            entry.each(|bytes| {
                seam.extend_from_slice(bytes);
                contents.merges |= memmem::find(&seam, b"mergeCell").is_some();
                seam.drain(..seam.len().saturating_sub(b"mergeCell".len()));
            })?;
        }
        left = entry.left;
        contents.names.push(name);
    }
    Ok(contents)
}

/// The announced number of shared strings is reserved in memory by readers, so it must be one that fits the entry.
fn shared_strings_plausible(xml: &[u8]) -> Result<(), Refused> {
    let mut rest = xml;
    while let Some(at) = memmem::find(rest, b"uniqueCount") {
        rest = &rest[at + b"uniqueCount".len()..];
        let digits = rest.iter().skip_while(|b| !b.is_ascii_digit()).take_while(|b| b.is_ascii_digit());
        let count = digits.fold(0_usize, |n, b| n.saturating_mul(10).saturating_add(usize::from(b - b'0')));
        if count > xml.len() / SHARED_STRING_MIN {
            return Err(refused("sheet.zip_damaged"));
        }
    }
    Ok(())
}

fn too_large(limits: &Limits) -> Refused {
    Box::new(Finding::refuse("sheet.unpacks_too_large").with("limit", limits.unpacked))
}

/// An entry that is unpacked piece by piece against what is left of the limit.
struct Counted<'l, R> {
    from: R,
    left: usize,
    limits: &'l Limits,
}

impl<R: Read> Counted<'_, R> {
    fn each(&mut self, mut f: impl FnMut(&[u8])) -> Result<(), Refused> {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = self.from.read(&mut buffer).map_err(|_| refused("sheet.zip_damaged"))?;
            if read == 0 {
                return Ok(());
            }
            self.left = self.left.checked_sub(read).ok_or_else(|| too_large(self.limits))?;
            f(&buffer[..read]);
        }
    }
}
