//! Plain text: which encoding, and how many bytes each character takes in it.

use encoding_rs::{GB18030, UTF_16BE, UTF_16LE};
use muster_kernel::Problem;

/// How a plain text is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8 { mark: bool },
    /// UTF-16 with its byte order mark, either order.
    Utf16,
    /// GB 18030, and GBK and GB 2312 within it.
    Gb18030,
}

impl Encoding {
    /// Bytes before the first character.
    pub(super) fn mark_bytes(self) -> usize {
        match self {
            Self::Utf8 { mark: true } => 3,
            Self::Utf16 => 2,
            Self::Utf8 { mark: false } | Self::Gb18030 => 0,
        }
    }
    /// Bytes of one character.
    pub(super) fn size_of(self, c: char) -> usize {
        match self {
            Self::Utf8 { .. } => c.len_utf8(),
            Self::Utf16 => c.len_utf16() * 2,
            Self::Gb18030 => GB18030.encode(c.encode_utf8(&mut [0; 4])).0.len(),
        }
    }
}

/// Decodes a plain text: by its byte order mark, else as UTF-8, else as GB 18030, and in each only when every byte
/// is part of a character. A GB 18030 text that does not encode back to the same length is not guessed at.
pub(super) fn decode(bytes: &[u8]) -> Result<(String, Encoding), Problem> {
    let strict = |encoding: &'static encoding_rs::Encoding, bytes| {
        encoding.decode_without_bom_handling_and_without_replacement(bytes)
    };
    let found = if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        std::str::from_utf8(rest).ok().map(|text| (text.to_owned(), Encoding::Utf8 { mark: true }))
    } else if let Some(rest) = bytes.strip_prefix(b"\xFF\xFE") {
        strict(UTF_16LE, rest).map(|text| (text.into_owned(), Encoding::Utf16))
    } else if let Some(rest) = bytes.strip_prefix(b"\xFE\xFF") {
        strict(UTF_16BE, rest).map(|text| (text.into_owned(), Encoding::Utf16))
    } else if let Ok(text) = std::str::from_utf8(bytes) {
        Some((text.to_owned(), Encoding::Utf8 { mark: false }))
    } else {
        strict(GB18030, bytes).map(|text| (text.into_owned(), Encoding::Gb18030))
    };
    let (text, encoding) = found.ok_or_else(|| Problem::invalid("notice.encoding"))?;
    let size: usize = text.chars().map(|c| encoding.size_of(c)).sum();
    if size + encoding.mark_bytes() != bytes.len() {
        return Err(Problem::invalid("notice.encoding"));
    }
    Ok((text, encoding))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: Result<(&str, Encoding), &str>) {
        let found = decode(bytes).map_err(|problem| problem.code);
        let expected = expected.map(|(text, encoding)| (text.to_owned(), encoding));
        assert_eq!(found, expected, "{bytes:02X?}");
    }

    #[test]
    fn a_text_is_decoded_whole_or_not_at_all() {
        check("一要".as_bytes(), Ok(("一要", Encoding::Utf8 { mark: false })));
        check(b"\xEF\xBB\xBFa", Ok(("a", Encoding::Utf8 { mark: true })));
        check(b"\xB8\xF7\xB5\xA5\xCE\xBB", Ok(("各单位", Encoding::Gb18030)));
        check(b"\x95\x32\x82\x36", Ok(("\u{20000}", Encoding::Gb18030)));
        check(b"\xFF\xFE\x00\x4E", Ok(("一", Encoding::Utf16)));
        check(b"\xFE\xFF\x4E\x00", Ok(("一", Encoding::Utf16)));
        check(b"\xFF\xFE\x00", Err("notice.encoding"));
        check(b"\xFF\xFE\x00\xD8", Err("notice.encoding"));
        check(b"\xEF\xBB\xBF\xFF", Err("notice.encoding"));
        check(b"\xD2\xBB\xFF\xFF", Err("notice.encoding"));
        check(b"", Ok(("", Encoding::Utf8 { mark: false })));
    }
}
