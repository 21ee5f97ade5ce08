//! Posts beside the entries of their unit that tell of them: names, who holds them (a reference), and that there is a
//! telephone. Which one it is stands in no entry.

use crate::lines::operation::Names;
use crate::lines::org::known::DUTY_POST;
use crate::lines::org::store::posts::{RawPost, posts_raw};
use crate::lines::org::timeline::{Holding, holder_changed};
use muster_store::{Rows, StoreError, Stored};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

/// What a unit's posts are, by code.
pub(super) type Posts = BTreeMap<String, Post>;

/// A post, on no day.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Post {
    names: Names,
    holdings: Vec<Holding>,
    on_duty: bool,
}

/// What an entry says of a post.
#[derive(Deserialize)]
struct Said {
    post: String,
    names: Option<Names>,
    holding: Option<Held>,
    phone: Option<String>,
}

#[derive(Deserialize)]
struct Held {
    day: muster_kernel::Day,
    holder: String,
}

/// The posts of some units as they stand.
pub(super) fn of_units(rows: &mut impl Rows, units: &[i64]) -> Result<HashMap<i64, Posts>, StoreError> {
    let mut posts: HashMap<i64, Posts> = HashMap::new();
    for RawPost { unit, code, names, holdings, on_duty } in posts_raw(rows, units)? {
        posts.entry(unit).or_default().insert(code, Post { names, holdings, on_duty });
    }
    Ok(posts)
}

/// What a unit's entries say of its posts, the earliest first. None where one of them cannot be read.
pub(super) fn made(entries: &[Stored]) -> Option<Posts> {
    let mut posts = Posts::new();
    for entry in entries.iter().filter(|entry| matches!(&*entry.action, "post.set" | "contact.set")) {
        let said: Said = serde_json::from_slice(&entry.body).ok()?;
        let post = posts.entry(said.post).or_default();
        if let Some(names) = said.names {
            post.names = names;
        }
        if let Some(Held { day, holder }) = said.holding {
            post.holdings = holder_changed(&post.holdings, day, &holder);
        }
        if let Some(phone) = said.phone {
            post.on_duty = phone == "set";
        }
    }
    Some(posts)
}

/// Codes of the posts that are not what was said. Of those that an older version took from a file without naming them
/// there is nothing to compare with.
pub(super) fn differing(made: Posts, mut stored: Posts, duties_unnamed: bool) -> Vec<String> {
    let mut differing = Vec::new();
    for (code, post) in made {
        if stored.remove(&code).as_ref() != Some(&post) && !(duties_unnamed && code == DUTY_POST) {
            differing.push(code);
        }
    }
    differing.extend(stored.into_keys().filter(|code| !(duties_unnamed && code == DUTY_POST)));
    differing
}
