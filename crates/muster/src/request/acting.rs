//! Acting for somebody (代办): a secretary records who decided, when, and by what means, with what they do. So leaders need not
//! log in, and no password is shared. Who decided is a post, never a name.
//!
//! `Acting-For: unit=R; post=leader; at=2020-02-03T09:00:00+08:00; means=telephone`

use crate::lines::access::{self, ACTING_MEANS, Acting, Deed};
use crate::lines::org;
use crate::{Ctx, Reach};
use axum::http::HeaderMap;
use jiff::Timestamp;
use muster_kernel::Problem;
use muster_kernel::day::rfc3339;
use muster_store::{Link, Rows, StoreError};
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use utoipa::ToSchema;

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
    acting_said(said).map(Some)
}

/// Who decided, of the header's text.
///
/// # Errors
/// As [`acting_of`].
pub fn acting_said(said: &str) -> Result<Acting, Problem> {
    let unreadable = || Problem::invalid("acting.unreadable").with("means", ACTING_MEANS.join(", "));
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
    Ok(Acting {
        unit: unit.ok_or_else(unreadable)?,
        post: post.ok_or_else(unreadable)?,
        at_ms: at.as_millisecond(),
        means: ACTING_MEANS.into_iter().find(|known| *known == means).ok_or_else(unreadable)?,
    })
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

/// Who decided what was done, as it was recorded beside the deed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActedBody {
    /// Code of the unit; null where it lies neither in the reader's own part nor above it.
    pub unit_code: Option<String>,
    /// That unit's name, in the reader's language.
    pub unit_name: Option<String>,
    /// Code of the post there.
    pub post: Option<String>,
    /// That post's name today, in the reader's language; null where there is none any more.
    pub post_name: Option<String>,
    /// When it was decided (RFC 3339).
    pub decided_at: String,
    /// By what means: `oral`, `telephone`, `message`, `written` or `meeting`.
    pub means: String,
}

/// Who decided each of some entries of the journal, of those that were done for somebody: three questions more where there
/// is one, however many entries.
pub fn acted(
    rows: &mut impl Rows,
    ctx: &Ctx,
    deeds: &[Deed],
) -> Result<HashMap<Link, ActedBody>, StoreError> {
    let decided = access::acting_of(rows, deeds)?;
    if decided.is_empty() {
        return Ok(HashMap::new());
    }
    let units: HashSet<i64> = decided.values().map(|one| one.unit).collect();
    let units: Vec<i64> = told(rows, ctx, units)?.into_iter().collect();
    let labels = org::labels(rows, &units, ctx.today())?;
    let posts = org::posts_of(rows, &units, ctx.today())?;
    let body = |one: &access::Decided| {
        let label = labels.get(&one.unit);
        let post = posts.iter().find(|post| post.unit == one.unit && post.code == one.post);
        ActedBody {
            unit_code: label.map(|(code, _)| code.clone()),
            unit_name: label.map(|(_, names)| names.of(ctx.locale).to_owned()),
            post: label.map(|_| one.post.clone()),
            post_name: post.map(|post| post.names.of(ctx.locale).to_owned()),
            decided_at: rfc3339(one.at_ms, &ctx.zone),
            means: one.means.clone(),
        }
    };
    Ok(decided.iter().map(|(link, one)| (*link, body(one))).collect())
}

/// Those of some units that the reader knows by name: their own part, and to whom that reports.
fn told(rows: &mut impl Rows, ctx: &Ctx, units: HashSet<i64>) -> Result<HashSet<i64>, StoreError> {
    let tops = match &ctx.reach {
        Reach::All => return Ok(units),
        Reach::Alone(unit) => vec![*unit],
        Reach::Under(tops) => tops.to_vec(),
    };
    let asked: Vec<i64> = units.iter().copied().collect();
    let own = org::units_today(rows, &ctx.reach, &asked, ctx.today())?;
    let above = org::standings_on(rows, &tops, ctx.today())?;
    let is_above = |unit: &i64| above.iter().any(|top| top.chain.contains(unit));
    Ok(units.into_iter().filter(|unit| own.contains(unit) || is_above(unit)).collect())
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
