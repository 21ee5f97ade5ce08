//! Whether a file is of the sort that its sender says it is. What reads a file goes by its bytes and not by its name; a
//! file that says one thing and is another was made by mistake, or to be opened later by a program that goes by the name.
//!
//! Only that is judged here. Whether a file can be read, and at which place it cannot, its reader says.

use memchr::{memchr, memmem};

/// What a file is, by its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// A ZIP archive that is an Office document.
    OfficeOpen,
    /// A ZIP archive of another kind.
    Zip,
    /// An Office document of the old kind (OLE), or a newer one with a password.
    Ole,
    /// A PDF.
    Pdf,
    /// Gzip.
    Gzip,
    /// A picture.
    Png,
    /// A picture.
    Jpeg,
    /// A picture.
    Gif,
    /// A picture.
    Webp,
    /// Words: nothing in it that no text has.
    Text,
    /// Something else.
    Other,
}

use Sort::{Gif, Gzip, Jpeg, OfficeOpen, Ole, Other, Pdf, Png, Text, Webp, Zip};

impl Sort {
    /// How a refusal names it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            OfficeOpen => "xlsx/docx",
            Zip => "zip",
            Ole => "xls/doc",
            Pdf => "pdf",
            Gzip => "gzip",
            Png => "png",
            Jpeg => "jpeg",
            Gif => "gif",
            Webp => "webp",
            Text => "text",
            Other => "?",
        }
    }

    /// By the bytes of a file.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        // A PDF may begin within its first kilobyte.
        let head = &bytes[..bytes.len().min(1024)];
        match bytes {
            [b'P', b'K', 3, 4, ..] if memmem::find(bytes, b"[Content_Types].xml").is_some() => OfficeOpen,
            [b'P', b'K', 3 | 5, 4 | 6, ..] => Zip,
            [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => Ole,
            [0x1f, 0x8b, ..] => Gzip,
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Png,
            [0xff, 0xd8, 0xff, ..] => Jpeg,
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Gif,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Webp,
            _ if memmem::find(head, b"%PDF-").is_some() => Pdf,
            // UTF-16, with a mark: its NULs are halves of letters.
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Text,
            _ if memchr(0, bytes).is_none() => Text,
            _ => Other,
        }
    }
}

/// The sorts that a media type may be; none for one that says nothing (`application/octet-stream`), or that no reader here
/// goes by.
fn said(media_type: &str) -> Option<&'static [Sort]> {
    let bare = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    Some(match bare.as_str() {
        "text/csv"
        | "text/plain"
        | "text/tab-separated-values"
        | "text/html"
        | "application/json"
        | "application/ndjson"
        | "application/x-ndjson"
        | "application/xhtml+xml" => &[Text],
        // Where Excel is installed, browsers say so of a CSV.
        "application/vnd.ms-excel" => &[Ole, Text],
        "application/msword" => &[Ole],
        // With a password it is an OLE file that holds the other one; the reader says that it cannot be read so.
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        | "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => &[OfficeOpen, Ole],
        "application/pdf" => &[Pdf],
        "application/zip" => &[OfficeOpen, Zip],
        "application/gzip" | "application/x-gzip" => &[Gzip],
        "image/png" => &[Png],
        "image/jpeg" => &[Jpeg],
        "image/gif" => &[Gif],
        "image/webp" => &[Webp],
        // A picture of a kind that nobody looks into here cannot be told.
        other if other.starts_with("image/") => &[],
        _ => return None,
    })
}

/// What a file is, where that is not what its media type says.
pub(crate) fn mismatch(media_type: Option<&str>, bytes: &[u8]) -> Option<Sort> {
    let may = said(media_type?)?;
    let is = Sort::of(bytes);
    // Of nothing at all the reader says that it is nothing.
    (!bytes.is_empty() && !may.contains(&is)).then_some(is)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write as _};

    fn archive(name: &str) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(b"<x/>").unwrap();
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn a_file_is_what_it_says_or_is_told() {
        const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        let (office, zip) = (archive("[Content_Types].xml"), archive("a.txt"));
        let ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on \0".to_vec();
        let pdf = b"\n%PDF-1.7\n\0".to_vec();
        let csv = "code,name\nHQ,总部\n".as_bytes().to_vec();
        let gbk = b"\xd7\xdc\xb2\xbf,1\n".to_vec();
        let utf16 = b"\xff\xfea\0,\0b\0".to_vec();
        let table: &[(&str, &[u8], Option<Sort>)] = &[
            (XLSX, &office, None),
            (XLSX, &ole, None),
            (XLSX, &zip, Some(Zip)),
            (XLSX, &csv, Some(Text)),
            (XLSX, &pdf, Some(Pdf)),
            ("application/vnd.ms-excel", &ole, None),
            ("application/vnd.ms-excel", &csv, None),
            ("application/vnd.ms-excel", &office, Some(OfficeOpen)),
            ("text/csv", &csv, None),
            ("Text/CSV ; charset=gbk", &gbk, None),
            ("text/csv", &utf16, None),
            ("text/csv", &office, Some(OfficeOpen)),
            ("text/csv", b"a,b\n\0\0,1\n", Some(Other)),
            ("text/plain", &pdf, Some(Pdf)),
            ("application/x-ndjson", b"{}\n", None),
            ("application/pdf", &pdf, None),
            ("application/pdf", &csv, Some(Text)),
            ("application/pdf", b"MZ\x90\0", Some(Other)),
            ("image/png", b"\x89PNG\r\n\x1a\n\0", None),
            ("image/png", b"\xff\xd8\xff\xe0", Some(Jpeg)),
            ("image/webp", b"RIFF\x10\0\0\0WEBPVP8 ", None),
            ("image/gif", b"GIF89a\0", None),
            ("image/svg+xml", b"<svg/>", Some(Text)),
            ("application/gzip", b"\x1f\x8b\x08\0", None),
            ("application/octet-stream", &pdf, None),
            ("application/x-made-up", &pdf, None),
            ("", &pdf, None),
            ("text/csv", b"", None),
        ];
        for (said, bytes, expected) in table {
            assert_eq!(mismatch(Some(said), bytes), *expected, "{said} {:?}", &bytes[..bytes.len().min(12)]);
        }
        assert_eq!(mismatch(None, &pdf), None);
    }
}
