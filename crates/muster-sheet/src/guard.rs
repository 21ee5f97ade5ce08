//! What stands before the workbook libraries: archives are unpacked once into nothing, with a counter, so that a bomb
//! is found before anything is allocated for it.

use crate::options::Limits;
use crate::{Refused, refused};
use flate2::bufread::MultiGzDecoder;
use memchr::memmem;
use muster_kernel::Finding;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// Entries a workbook may have; one of 255 sheets with pictures has about a thousand.
const ENTRIES_MAX: usize = 10_000;
/// How many times its packed size a table may have. Tables pack to a tenth, those that say the same in every row to a
/// fiftieth; deflate packs what is one byte repeated to a thousandth.
const RATIO_MAX: usize = 200;
/// Bytes that may be unpacked of anything.
const FREE: usize = 8 << 20;
/// Bytes of a piece that the next one begins with again, so that no word is cut: longer than any that is looked for.
const SEAM: usize = 256;
/// Bytes that are unpacked at once.
const PIECE: usize = 64 << 10;
/// The shortest shared string, `<si/>`: a table cannot announce more of them than fit.
const SHARED_STRING_MIN: usize = 5;

/// What an archive holds, after it has been unpacked once within the limits.
pub(crate) struct Contents {
    /// Names of its entries.
    pub(crate) names: Vec<String>,
    /// Whether some sheet has merged cells.
    pub(crate) merges: bool,
}

/// Unpacks gzip, also of several members, up to the limit: once into nothing, which tells how much there is, then into
/// memory of just that size. What is no table is refused before a byte is kept.
pub(crate) fn gunzip(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, Refused> {
    let damaged = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => refused("sheet.gzip_truncated"),
        _ => refused("sheet.gzip_damaged"),
    };
    let (mut from, mut size, mut buffer) = (MultiGzDecoder::new(bytes), 0, vec![0; PIECE]);
    loop {
        let read = from.read(&mut buffer).map_err(damaged)?;
        if read == 0 {
            break;
        }
        size += read;
        within(size, bytes.len() - from.get_ref().len(), limits)?;
    }
    let mut unpacked = Vec::with_capacity(size);
    MultiGzDecoder::new(bytes).take(size as u64).read_to_end(&mut unpacked).map_err(damaged)?;
    Ok(unpacked)
}

/// Whether what was unpacked from so many bytes is within the limit, and no bomb.
fn within(unpacked: usize, packed: usize, limits: &Limits) -> Result<(), Refused> {
    if unpacked > limits.unpacked {
        return Err(too_large(limits));
    }
    if unpacked > FREE && unpacked / RATIO_MAX > packed {
        return Err(Box::new(Finding::refuse("sheet.packed_too_tightly").with("ratio", RATIO_MAX)));
    }
    Ok(())
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
        let strings = name.to_ascii_lowercase().ends_with("sharedstrings.xml");
        let packed = usize::try_from(entry.compressed_size()).unwrap_or(usize::MAX);
        let mut entry = Counted { from: entry, packed, unpacked: 0, left, limits };
        let (mut seam, mut shared) = (Vec::with_capacity(PIECE + SEAM), Shared::default());
        entry.each(|bytes| {
            seam.extend_from_slice(bytes);
            match strings {
                true => shared.see(bytes.len(), &seam, limits),
                false => {
                    contents.merges |= memmem::find(&seam, b"mergeCell").is_some();
                    Ok(())
                }
            }?;
            seam.drain(..seam.len().saturating_sub(SEAM));
            Ok(())
        })?;
        shared.plausible()?;
        left = entry.left;
        contents.names.push(name);
    }
    Ok(contents)
}

/// What a table of shared strings asks of memory: readers reserve the number that it announces, and keep each of them.
#[derive(Default)]
struct Shared {
    bytes: usize,
    tags: usize,
    announced: usize,
}

impl Shared {
    /// Sees some more bytes of it, at the end of a piece that overlaps the one before.
    fn see(&mut self, new: usize, piece: &[u8], limits: &Limits) -> Result<(), Refused> {
        self.bytes += new;
        // Each string has a tag at least; more of them than cells are no workbook.
        self.tags += memchr::memchr_iter(b'<', &piece[piece.len() - new..]).count();
        if self.tags > limits.cells {
            return Err(Box::new(Finding::refuse("sheet.too_many_cells").with("limit", limits.cells)));
        }
        for at in memmem::find_iter(piece, b"uniqueCount") {
            let rest = &piece[at + b"uniqueCount".len()..];
            let digits = rest.iter().skip_while(|b| !b.is_ascii_digit()).take_while(|b| b.is_ascii_digit());
            let count =
                digits.fold(0_usize, |n, b| n.saturating_mul(10).saturating_add(usize::from(b - b'0')));
            self.announced = self.announced.max(count);
        }
        Ok(())
    }
    /// Whether as many as announced fit the table.
    fn plausible(&self) -> Result<(), Refused> {
        if self.announced > self.bytes / SHARED_STRING_MIN {
            return Err(refused("sheet.zip_damaged"));
        }
        Ok(())
    }
}

fn too_large(limits: &Limits) -> Refused {
    Box::new(Finding::refuse("sheet.unpacks_too_large").with("limit", limits.unpacked))
}

/// An entry that is unpacked piece by piece against what is left of the limit.
struct Counted<'l, R> {
    from: R,
    packed: usize,
    unpacked: usize,
    left: usize,
    limits: &'l Limits,
}

impl<R: Read> Counted<'_, R> {
    fn each(&mut self, mut f: impl FnMut(&[u8]) -> Result<(), Refused>) -> Result<(), Refused> {
        let mut buffer = vec![0; PIECE];
        loop {
            let read = self.from.read(&mut buffer).map_err(|_| refused("sheet.zip_damaged"))?;
            if read == 0 {
                return Ok(());
            }
            self.unpacked += read;
            self.left = self.left.checked_sub(read).ok_or_else(|| too_large(self.limits))?;
            within(self.unpacked, self.packed, self.limits)?;
            f(&buffer[..read])?;
        }
    }
}
