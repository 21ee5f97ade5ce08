//! Login names, opened beside a list or all looked at.

use crate::lines::access::store::names;
use crate::seal::{Closed, Seals};
use muster_store::{Rows, StoreError};
use std::collections::HashMap;

/// Login names of some accounts, by id, opened; those that there are, were not erased and open.
pub fn account_named(
    rows: &mut impl Rows,
    seals: &Seals,
    ids: &[String],
) -> Result<HashMap<String, String>, StoreError> {
    let found = names::names_of(rows, seals, ids)?;
    Ok(found.iter().filter_map(|named| Some((named.id.clone(), named.text()?.to_owned()))).collect())
}

/// How many names of accounts open, how many lack their key, and how many are broken; those after one, by id, and the last
/// that was looked at.
pub fn names_look(
    rows: &mut impl Rows,
    seals: &Seals,
    after: &str,
    limit: u32,
) -> Result<([u64; 3], Option<String>), StoreError> {
    let mut counts = [0; 3];
    let page = names::names_after(rows, seals, after, limit)?;
    for named in page.iter().filter(|named| named.is_sealed()) {
        let at = match &named.name {
            Some(Err(Closed::KeyMissing)) => 1,
            _ if named.is_sound(seals) => 0,
            _ => 2,
        };
        counts[at] += 1;
    }
    Ok((counts, page.into_iter().last().map(|named| named.id)))
}
