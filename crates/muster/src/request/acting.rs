//! Acting for somebody (代办): a secretary records who decided, when, and by what means, with what they do. So leaders need not
//! log in, and no password is shared. Who decided is a post, never a name.
//!
//! `Acting-For: unit=R; post=leader; at=2020-02-03T09:00:00+08:00; means=telephone`

use crate::lines::access::{ACTING_MEANS, Acting};
use axum::http::HeaderMap;
use jiff::Timestamp;
use muster_kernel::Problem;

/// The header.
pub const ACTING_HEADER: &str = "acting-for";
/// Longest header.
const BYTES_MAX: usize = 500;

/// Who decided, of a request's head.
///
/// # Errors
/// `acting.unreadable`, with what may be said.
pub fn acting_of(headers: &HeaderMap) -> Result<Option<Acting>, Problem> {
    let Some(said) = headers.get(ACTING_HEADER) else { return Ok(None) };
    let unreadable = || Problem::invalid("acting.unreadable").with("means", ACTING_MEANS.join(", "));
    let said = said.to_str().ok().filter(|said| said.len() <= BYTES_MAX).ok_or_else(unreadable)?;
    let (mut unit, mut post, mut at, mut means) = (None, None, None, None);
    for pair in said.split(';') {
        let (key, value) = pair.trim().split_once('=').ok_or_else(unreadable)?;
        let place = match key {
            "unit" => &mut unit,
            "post" => &mut post,
            "at" => &mut at,
            "means" => &mut means,
            _ => return Err(unreadable()),
        };
        // A word that is said twice may be read as either.
        if place.replace(decoded(value).ok_or_else(unreadable)?).is_some() {
            return Err(unreadable());
        }
    }
    let means = means.ok_or_else(unreadable)?;
    let at: Timestamp = at.ok_or_else(unreadable)?.parse().map_err(|_| unreadable())?;
    Ok(Some(Acting {
        unit: unit.ok_or_else(unreadable)?,
        post: post.ok_or_else(unreadable)?,
        at_ms: at.as_millisecond(),
        means: ACTING_MEANS.into_iter().find(|known| *known == means).ok_or_else(unreadable)?,
    }))
}

/// Percent-decodes (RFC 3986, 2.1): codes may be in any script, headers not.
fn decoded(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let pair = [rest.next()?, rest.next()?];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&pair).ok()?, 16).ok()?);
            }
            other => bytes.push(other),
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    (!text.is_empty() && !text.chars().any(char::is_control)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_decided_is_read_whole_or_not_at_all() {
        let of = |said: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACTING_HEADER, said.parse().unwrap());
            acting_of(&headers)
        };
        let read = of("unit=R; post=leader; at=2020-02-03T09:00:00+08:00; means=telephone").unwrap().unwrap();
        assert_eq!((read.unit.as_str(), read.post.as_str(), read.means), ("R", "leader", "telephone"));
        assert_eq!(read.at_ms, 1_580_691_600_000);
        let chinese = of("unit=%E7%94%B2;post=x;at=2020-02-03T01:00:00Z;means=oral").unwrap().unwrap();
        assert_eq!(chinese.unit, "甲");
        for odd in [
            "",
            "unit=R",
            "unit=R; post=leader; at=2020-02-03T09:00:00+08:00; means=dream",
            "unit=R; post=leader; at=yesterday; means=oral",
            "unit=R; unit=G1; post=leader; at=2020-02-03T09:00:00+08:00; means=oral",
            "unit=; post=leader; at=2020-02-03T09:00:00+08:00; means=oral",
            "unit=%zz; post=leader; at=2020-02-03T09:00:00+08:00; means=oral",
            "unit=%0a; post=leader; at=2020-02-03T09:00:00+08:00; means=oral",
            "unit=R; post=leader; at=2020-02-03T09:00:00+08:00; means=oral; name=x",
        ] {
            assert_eq!(of(odd).unwrap_err().code, "acting.unreadable", "{odd}");
        }
        assert_eq!(acting_of(&HeaderMap::new()).unwrap(), None);
    }
}
