//! A scan of the signed and sealed page of a report: what may be kept, and what of it. Pure.

use bytes::Bytes;
use img_parts::ImageEXIF;
use img_parts::jpeg::{Jpeg, markers};
use img_parts::png::Png;
use muster_kernel::{Digest, Problem};

/// Largest scan, in bytes.
pub const SCAN_BYTES_MAX: usize = 10 << 20;
/// Longest name of a file, in characters.
const NAME_CHARS_MAX: usize = 300;
/// Parts of a PNG that are no picture: words, the time, what the camera wrote.
const PNG_WORDS: [&[u8; 4]; 5] = [b"tEXt", b"iTXt", b"zTXt", b"tIME", b"eXIf"];

/// What a scan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanType {
    /// PDF.
    Pdf,
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
}

impl ScanType {
    /// By its first bytes: what the sender calls it says nothing.
    fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            _ => None,
        }
    }
    /// The media type.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }
    /// The ending of a file.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Jpeg => "jpg",
        }
    }
    /// From the media type as it is stored.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Pdf, Self::Png, Self::Jpeg].into_iter().find(|known| known.name() == name)
    }
}

/// A scan as it may be kept.
#[derive(Clone, Debug)]
pub struct Scan {
    /// What it is.
    pub media_type: ScanType,
    /// What is kept: of a picture without what the camera wrote beside it (where, when, with what).
    pub bytes: Bytes,
    /// The hash of what is kept.
    pub digest: Digest,
    /// Whether something that was sent beside the picture is not kept.
    pub left_out: bool,
}

/// Looks at a file.
///
/// # Errors
/// `request.unreadable` for a name that is too long, `scan.secrecy_mark` for one that bears a mark; `scan.type` where it
/// is no PDF, PNG or JPEG by its first bytes; `scan.broken` for a picture that is cut or not one.
pub fn scan_check(bytes: Bytes, name: Option<&str>) -> Result<Scan, Problem> {
    if name.is_some_and(|name| name.chars().nth(NAME_CHARS_MAX).is_some()) {
        return Err(Problem::invalid("request.unreadable"));
    }
    if crate::secrecy::mark("", &[], name).is_some() {
        return Err(Problem::invalid("scan.secrecy_mark"));
    }
    let media_type = ScanType::of(&bytes).ok_or_else(|| Problem::invalid("scan.type"))?;
    let broken = |_| Problem::invalid("scan.broken");
    let (sent, kept) = match media_type {
        ScanType::Pdf => (bytes.clone(), bytes),
        ScanType::Png => {
            let mut png = Png::from_bytes(bytes).map_err(broken)?;
            let (sent, turned) = (png.clone().encoder().bytes(), orientation(&png));
            png.chunks_mut().retain(|chunk| !PNG_WORDS.contains(&&chunk.kind()));
            png.set_exif(turned.map(exif_of));
            (sent, png.encoder().bytes())
        }
        ScanType::Jpeg => {
            let mut jpeg = Jpeg::from_bytes(bytes).map_err(broken)?;
            // APP0 is the picture's own head, APP2 its colours, APP14 how they are stored; all others speak of other things.
            let is_own = |marker| matches!(marker, markers::APP0 | markers::APP2 | markers::APP14);
            let is_word =
                |marker| (markers::APP0..=markers::APP15).contains(&marker) || marker == markers::COM;
            let (sent, turned) = (jpeg.clone().encoder().bytes(), orientation(&jpeg));
            jpeg.segments_mut().retain(|one| is_own(one.marker()) || !is_word(one.marker()));
            jpeg.set_exif(turned.map(exif_of));
            (sent, jpeg.encoder().bytes())
        }
    };
    let digest = Digest::of(&kept);
    Ok(Scan { media_type, left_out: sent != kept, bytes: kept, digest })
}

/// How a picture is to be turned before it is looked at, where it says so and it is not as it stands: 2 to 8.
fn orientation(picture: &impl ImageEXIF) -> Option<u8> {
    let read = exif::Reader::new().read_raw(picture.exif()?.to_vec()).ok()?;
    let turned = read.get_field(exif::Tag::Orientation, exif::In::PRIMARY)?.value.get_uint(0)?;
    u8::try_from(turned).ok().filter(|turned| (2..=8).contains(turned))
}

/// What a camera writes beside a picture, with nothing in it but how it is to be turned: one field of one directory.
fn exif_of(turned: u8) -> Bytes {
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([turned, 0, 0, 0, 0, 0, 0, 0]);
    exif.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use img_parts::jpeg::JpegSegment;
    use img_parts::png::PngChunk;
    use proptest::prelude::*;

    fn jpeg(segments: &[(u8, &'static [u8])]) -> Bytes {
        let mut jpeg = Jpeg::from_bytes(Bytes::from_static(&[0xff, 0xd8, 0xff, 0xd9])).unwrap();
        let made = segments
            .iter()
            .map(|(marker, bytes)| JpegSegment::new_with_contents(*marker, Bytes::from_static(bytes)));
        jpeg.segments_mut().splice(0..0, made);
        jpeg.encoder().bytes()
    }

    #[test]
    fn what_a_camera_wrote_beside_the_picture_is_not_kept() {
        let sent = jpeg(&[
            (markers::APP0, b"JFIF"),
            (markers::APP1, b"Exif\0\0 GPS 31.86 117.28"),
            (markers::APP13, b"Photoshop by Wang"),
            (markers::COM, b"Wang's telephone"),
            (markers::DQT, b"table"),
        ]);
        let kept = scan_check(sent.clone(), Some("page.jpg")).unwrap();
        let text = String::from_utf8_lossy(&kept.bytes).into_owned();
        assert!(text.contains("JFIF") && text.contains("table"), "{text}");
        for word in ["GPS", "117.28", "Photoshop", "Wang"] {
            assert!(!text.contains(word), "{word}");
        }
        assert_eq!(kept.digest, Digest::of(&kept.bytes));
        // Kept again, it is the same.
        assert_eq!(scan_check(kept.bytes.clone(), None).unwrap().digest, kept.digest);
        let mut png = Png::from_bytes(Bytes::from_static(PNG)).unwrap();
        png.set_exif(Some(Bytes::from_static(b"GPS")));
        png.chunks_mut().insert(1, PngChunk::new(*b"tEXt", Bytes::from_static(b"Author\0Wang")));
        let kept = scan_check(png.encoder().bytes(), None).unwrap();
        assert_eq!((kept.media_type, &kept.bytes[..]), (ScanType::Png, PNG));
    }

    /// A PNG of one grey point.
    const PNG: &[u8] = &[
        0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0,
        0, 0, 1, 8, 0, 0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60,
        0x82,
    ];

    /// What a camera writes: how it is to be turned, and where it stood, as an address in the words of its maker.
    fn camera(turned: u8) -> Vec<u8> {
        let mut exif = b"MM\0*\0\0\0\x08\0\x02".to_vec();
        exif.extend(b"\x01\x12\0\x03\0\0\0\x01\0");
        exif.extend([turned, 0, 0]);
        // The description of the picture, ASCII of 9 bytes after the directory.
        exif.extend(b"\x01\x0e\0\x02\0\0\0\x09\0\0\0\x26\0\0\0\0GPS 31.86");
        exif
    }

    #[test]
    fn how_a_picture_is_turned_is_kept_and_nothing_else_of_what_a_camera_wrote() {
        let of = |bytes: &Bytes| {
            let jpeg = Jpeg::from_bytes(bytes.clone()).unwrap();
            orientation(&jpeg)
        };
        for turned in 0..=9_u8 {
            let mut jpeg = Jpeg::from_bytes(jpeg(&[(markers::DQT, b"table")])).unwrap();
            jpeg.set_exif(Some(camera(turned).into()));
            let sent = jpeg.encoder().bytes();
            assert!(sent.windows(9).any(|part| part == b"GPS 31.86"));
            let kept = scan_check(sent, None).unwrap();
            let expected = (2..=8).contains(&turned).then_some(turned);
            assert_eq!(of(&kept.bytes), expected, "{turned}");
            assert!(kept.left_out && !kept.bytes.windows(3).any(|part| part == b"GPS"), "{turned}");
            let again = scan_check(kept.bytes.clone(), None).unwrap();
            assert_eq!((again.left_out, &again.bytes), (false, &kept.bytes), "{turned}");
        }
        let mut png = Png::from_bytes(Bytes::from_static(PNG)).unwrap();
        png.set_exif(Some(camera(6).into()));
        let kept = scan_check(png.encoder().bytes(), None).unwrap();
        assert_eq!(orientation(&Png::from_bytes(kept.bytes.clone()).unwrap()), Some(6));
        assert!(kept.left_out && !kept.bytes.windows(3).any(|part| part == b"GPS"));
        assert!(!scan_check(Bytes::from_static(b"%PDF-1.7"), None).unwrap().left_out);
    }

    #[test]
    fn a_file_is_what_its_first_bytes_say_and_its_name_bears_no_mark() {
        let code = |bytes: &'static [u8], name: Option<&str>| {
            scan_check(Bytes::from_static(bytes), name).map(|scan| scan.media_type).map_err(|why| why.code)
        };
        assert_eq!(code(b"%PDF-1.7 ...", Some("盖章页.pdf")), Ok(ScanType::Pdf));
        for bytes in [&b""[..], b"<html>", b"GIF89a", b"PK\x03\x04", b"%PD", b"MZ %PDF-"] {
            assert_eq!(code(bytes, None), Err("scan.type"), "{bytes:?}");
        }
        for bytes in [&b"\xff\xd8\xff"[..], b"\xff\xd8\xff\xe1\xff", b"\x89PNG\r\n\x1a\n\0\0"] {
            assert_eq!(code(bytes, None), Err("scan.broken"), "{bytes:?}");
        }
        assert_eq!(code(b"%PDF-1.7", Some("机密★ 盖章页.pdf")), Err("scan.secrecy_mark"));
        assert_eq!(code(b"%PDF-1.7", Some(&"a".repeat(301))), Err("request.unreadable"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_looked_at_without_a_panic(bytes: Vec<u8>, kind in 0..3_usize) {
            let heads: [&[u8]; 3] = [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b""];
            let _ = scan_check(Bytes::from([heads[kind], &bytes].concat()), None);
        }
    }
}
