//! Bytes of a text file to text: UTF-8, UTF-16, GB18030 and Big5, found out and then checked to the last byte.

use crate::{Refused, refused};
use encoding_rs::{BIG5, Encoding, GB18030, UTF_8};
use muster_kernel::Finding;
use std::borrow::Cow;

/// The text and the name of its encoding. A byte that the encoding does not know refuses the file: a replacement
/// character in a name or a code would be a silent change.
pub(crate) fn decode<'b>(
    bytes: &'b [u8],
    label: Option<&str>,
) -> Result<(Cow<'b, str>, &'static str), Refused> {
    let encoding = match label {
        Some(label) => Encoding::for_label(label.as_bytes())
            .ok_or_else(|| Box::new(Finding::refuse("sheet.encoding_unknown").with("encoding", label)))?,
        None => detect(bytes),
    };
    let (encoding, skip) = Encoding::for_bom(bytes).unwrap_or((encoding, 0));
    let text =
        encoding.decode_without_bom_handling_and_without_replacement(&bytes[skip..]).ok_or_else(|| {
            let at = first_bad(encoding, &bytes[skip..]) + skip;
            Box::new(
                Finding::refuse("sheet.encoding_broken").with("encoding", encoding.name()).with("byte", at),
            )
        })?;
    if memchr::memchr(0, text.as_bytes()).is_some() {
        return Err(refused("sheet.not_text"));
    }
    Ok((text, encoding.name()))
}

fn detect(bytes: &[u8]) -> &'static Encoding {
    if std::str::from_utf8(bytes).is_ok() {
        UTF_8
    } else if looks_like_big5(bytes) {
        BIG5
    } else {
        GB18030
    }
}

/// In GB text nearly every second byte of a pair is 0xA1 or above; in Big5 about half are below 0x7F.
fn looks_like_big5(bytes: &[u8]) -> bool {
    let (mut pairs, mut low) = (0_usize, 0_usize);
    let mut rest = bytes.iter().take(1 << 20);
    while let Some(lead) = rest.next() {
        if *lead < 0x81 {
            continue;
        }
        let Some(trail) = rest.next() else { break };
        pairs += 1;
        low += usize::from((0x40..0x7f).contains(trail));
    }
    low * 4 > pairs && BIG5.decode_without_bom_handling_and_without_replacement(bytes).is_some()
}

/// Where an encoding meets the first byte that it does not know.
fn first_bad(encoding: &'static Encoding, bytes: &[u8]) -> usize {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut out = vec![0; 4096];
    let mut at = 0;
    loop {
        let (result, read, _) = decoder.decode_to_utf8_without_replacement(&bytes[at..], &mut out, true);
        at += read;
        match result {
            encoding_rs::DecoderResult::InputEmpty => return at,
            encoding_rs::DecoderResult::OutputFull => {}
            encoding_rs::DecoderResult::Malformed(length, after) => {
                return at.saturating_sub(usize::from(length) + usize::from(after));
            }
        }
    }
}
