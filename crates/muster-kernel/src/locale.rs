//! The reader's language.

use serde::{Deserialize, Serialize};

/// A language of the product. Written as BCP 47 tags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Locale {
    /// Chinese, mainland, simplified characters.
    #[default]
    #[serde(rename = "zh-CN")]
    ZhCn,
    /// Chinese, traditional characters.
    #[serde(rename = "zh-TW")]
    ZhTw,
    /// English.
    #[serde(rename = "en")]
    En,
}

impl Locale {
    /// All of them, in the order of the language switch.
    pub const ALL: [Locale; 3] = [Locale::ZhCn, Locale::ZhTw, Locale::En];

    /// The tag: `zh-CN`, `zh-TW`, `en`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::ZhTw => "zh-TW",
            Self::En => "en",
        }
    }
    /// The nearest language for one tag, if any.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let tag = tag.trim().to_ascii_lowercase();
        let is = |start: &str| tag == start || tag.starts_with(&format!("{start}-"));
        if ["zh-tw", "zh-hk", "zh-mo", "zh-hant"].iter().any(|start| is(start)) {
            Some(Self::ZhTw)
        } else if is("zh") {
            Some(Self::ZhCn)
        } else if is("en") {
            Some(Self::En)
        } else {
            None
        }
    }
    /// The best match of an `Accept-Language` header (RFC 9110, 12.5.4), or the default.
    pub fn from_header(header: &str) -> Self {
        let mut best: Option<(f32, Locale)> = None;
        for part in header.split(',').take(16) {
            let (tag, quality) = part.split_once(";q=").unwrap_or((part, "1"));
            let quality: f32 = quality.trim().parse().unwrap_or(0.0);
            if let Some(locale) = Self::from_tag(tag)
                && quality > 0.0
                && best.is_none_or(|(seen, _)| quality > seen)
            {
                best = Some((quality, locale));
            }
        }
        best.map_or_else(Self::default, |(_, locale)| locale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_picks_the_nearest_language() {
        for (header, expected) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Locale::ZhCn),
            ("en-GB", Locale::En),
            ("zh-Hant-HK", Locale::ZhTw),
            ("fr;q=1, en;q=0.2, zh-TW;q=0.4", Locale::ZhTw),
            ("fr", Locale::ZhCn),
            ("", Locale::ZhCn),
        ] {
            assert_eq!(Locale::from_header(header), expected, "{header}");
        }
    }
}
