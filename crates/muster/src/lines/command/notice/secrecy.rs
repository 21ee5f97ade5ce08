//! Secrecy marks of a superior's text: by the rule of the house ([`crate::secrecy`]), which readings that were inserted
//! behind characters, `機(jī)密`, do not hide them from.

use super::repair::readings;
use crate::secrecy;
pub use crate::secrecy::Mark;
use std::borrow::Cow;

/// The mark of a text, if it bears one. `beside` holds what stands outside the run of the text.
pub fn mark(text: &str, beside: &[String], name: Option<&str>) -> Option<Mark> {
    secrecy::mark(text, beside, name).or_else(|| match without_readings(text) {
        Cow::Owned(text) => secrecy::mark(&text, &[], None),
        Cow::Borrowed(_) => None,
    })
}

/// A text without the readings that were inserted into it.
fn without_readings(text: &str) -> Cow<'_, str> {
    let chars: Vec<char> = text.chars().collect();
    let mut keep = vec![true; chars.len()];
    for reading in readings::find(&chars) {
        keep[reading.place.start..reading.place.end].fill(false);
    }
    if keep.iter().all(|keep| *keep) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(chars.into_iter().zip(keep).filter(|(_, keep)| *keep).map(|(c, _)| c).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_do_not_hide_a_mark() {
        assert_eq!(mark("機(jī)密\n通知", &[], None), Some(Mark::Confidential));
        assert_eq!(mark("省國資委要求貫徹落實(shí)決策", &[], None), None);
        assert_eq!(mark("通知", &["机密".into()], None), Some(Mark::Confidential));
    }
}
