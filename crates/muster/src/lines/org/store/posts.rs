//! Posts at units, and who holds them.

use super::cells::day;
use super::{LIST_MAX, names};
use crate::lines::operation::Names;
use crate::lines::org::model::Post;
use crate::lines::org::timeline::{Holding, holder_changed};
use muster_kernel::Day;
use muster_store::{Result, Rows, Stmt, Tx, args};
use std::collections::HashMap;

const POSTS_OF: Stmt = Stmt::new(
    "org.posts_of",
    "select p.id, p.unit, p.code, p.name_zh_hans, p.name_zh_hant, p.name_en, h.holder, c.post, h.since, h.until
     from post p
     left join post_holding h on h.post = p.id and h.since <= $1 and h.until > $1
     left join duty_contact c on c.post = p.id
     where p.unit {in:$2} order by p.unit, p.code",
);
const POST_SET: Stmt = Stmt::new(
    "org.post_set",
    "insert into post (id, unit, code, name_zh_hans, name_zh_hant, name_en) values ($1, $2, $3, $4, $5, $6)
     on conflict (unit, code) do update set name_zh_hans = excluded.name_zh_hans,
         name_zh_hant = excluded.name_zh_hant, name_en = excluded.name_en",
);
const POST_NEXT: Stmt =
    Stmt::new("org.post_next", "select cast(coalesce(max(id), 0) + 1 as bigint) from post");
const HOLDINGS_OF: Stmt = Stmt::new(
    "org.holdings_of",
    "select post, since, until, holder from post_holding where post {in:$1} order by post, since",
);
const POSTS_HELD: Stmt = Stmt::new(
    "org.posts_held",
    "select post from post_holding where holder = $1 and since <= $2 and until > $3 order by post limit 100",
);
const POSTS_HELD_FROM: Stmt = Stmt::new(
    "org.posts_held_from",
    "select distinct post from post_holding where holder = $1 and until > $2 order by post limit 1000",
);
const POSTS_NAMED: Stmt = Stmt::new(
    "org.posts_named",
    "select id, unit, code, name_zh_hans, name_zh_hant, name_en from post where id {in:$1}",
);
const HOLDINGS_DROP: Stmt =
    Stmt::new("org.holdings_drop", "delete from post_holding where post = $1 and until > $2");
const HOLDING_ADD: Stmt = Stmt::new(
    "org.holding_add",
    "insert into post_holding (post, since, until, holder) values ($1, $2, $3, $4)",
);
const POSTS_RAW: Stmt = Stmt::new(
    "org.posts_raw",
    "select p.id, p.unit, p.code, p.name_zh_hans, p.name_zh_hant, p.name_en, c.post
     from post p left join duty_contact c on c.post = p.id where p.unit {in:$1}",
);
pub(super) const STATEMENTS: &[Stmt] = &[
    POSTS_OF,
    POST_SET,
    POST_NEXT,
    HOLDINGS_OF,
    POSTS_HELD,
    POSTS_HELD_FROM,
    POSTS_NAMED,
    POSTS_RAW,
    HOLDINGS_DROP,
    HOLDING_ADD,
];

/// The posts of some units, by unit and code, with who holds them on a day.
pub fn posts_of(rows: &mut impl Rows, units: &[i64], on: Day) -> Result<Vec<Post>> {
    let mut posts = Vec::new();
    for chunk in units.chunks(LIST_MAX) {
        rows.each(&POSTS_OF, args![on.number(), chunk], |row| {
            posts.push(Post {
                id: row.int(0)?,
                unit: row.int(1)?,
                code: row.string(2)?,
                names: names(row, 3)?,
                holder: row.opt_text(6)?.unwrap_or_default().to_owned(),
                held: match row.opt_text(6)? {
                    Some(_) => Some((day(row, 8)?, day(row, 9)?)),
                    None => None,
                },
                on_duty: row.opt_int(7)?.is_some(),
            });
            Ok(())
        })?;
    }
    Ok(posts)
}

/// Surrogates of the posts that somebody holds on a day, by a reference such as `account:ID`; at most a hundred.
pub fn posts_held(rows: &mut impl Rows, holder: &str, on: Day) -> Result<Vec<i64>> {
    rows.all(&POSTS_HELD, args![holder, on.number(), on.number()], |row| row.int(0))
}

/// The posts that somebody holds on a day or later.
pub fn posts_held_from(rows: &mut impl Rows, holder: &str, from: Day) -> Result<Vec<i64>> {
    rows.all(&POSTS_HELD_FROM, args![holder, from.number()], |row| row.int(0))
}

/// A post by its surrogate: its unit, code and names; none where there is no such post.
pub fn posts_named(rows: &mut impl Rows, posts: &[i64]) -> Result<HashMap<i64, (i64, String, Names)>> {
    let mut named = HashMap::new();
    for chunk in posts.chunks(LIST_MAX) {
        rows.each(&POSTS_NAMED, args![chunk], |row| {
            named.insert(row.int(0)?, (row.int(1)?, row.string(2)?, names(row, 3)?));
            Ok(())
        })?;
    }
    Ok(named)
}

/// A post to be set: unit, code, names.
pub(in crate::lines::org) type PostDraft = (i64, String, Names);

/// Adds posts that are not there yet and names those that are; no unit and code twice.
pub(in crate::lines::org) fn posts_set(tx: &mut Tx<'_>, posts: &[PostDraft]) -> Result<()> {
    if posts.is_empty() {
        return Ok(());
    }
    // Changes of the tree come one at a time, so the next number is nobody else's.
    let next = tx.one(&POST_NEXT, args![], |row| row.int(0))?;
    for (at, chunk) in posts.chunks(LIST_MAX).enumerate() {
        let first = next + (at * LIST_MAX) as i64;
        let mut rows = Vec::with_capacity(chunk.len());
        for ((unit, code, names), id) in chunk.iter().zip(first..) {
            rows.push(args![id, *unit, code, &names.zh_hans, &names.zh_hant, &names.en].to_vec());
        }
        tx.exec_rows(&POST_SET, &rows)?;
    }
    Ok(())
}

/// From a day on a post is held by somebody, or by nobody; what was said of later days goes.
pub(in crate::lines::org) fn holder_set(tx: &mut Tx<'_>, post: i64, from: Day, holder: &str) -> Result<()> {
    let before = holdings_of(tx, &[post])?.remove(&post).unwrap_or_default();
    tx.exec(&HOLDINGS_DROP, args![post, from.number()])?;
    let kept = |holding: &Holding| holding.until <= from && before.contains(holding);
    for holding in holder_changed(&before, from, holder).iter().filter(|holding| !kept(holding)) {
        let Holding { since, until, holder } = holding;
        tx.exec(&HOLDING_ADD, args![post, since.number(), until.number(), holder])?;
    }
    Ok(())
}

/// Who holds some posts, by post, in the order of days.
pub(in crate::lines::org) fn holdings_of(
    rows: &mut impl Rows,
    posts: &[i64],
) -> Result<HashMap<i64, Vec<Holding>>> {
    let mut found: HashMap<i64, Vec<Holding>> = HashMap::new();
    for chunk in posts.chunks(LIST_MAX) {
        rows.each(&HOLDINGS_OF, args![chunk], |row| {
            let holding = Holding { since: day(row, 1)?, until: day(row, 2)?, holder: row.string(3)? };
            found.entry(row.int(0)?).or_default().push(holding);
            Ok(())
        })?;
    }
    Ok(found)
}

/// A post as its rows say, on no day.
pub(in crate::lines::org) struct RawPost {
    pub(in crate::lines::org) unit: i64,
    pub(in crate::lines::org) code: String,
    pub(in crate::lines::org) names: Names,
    pub(in crate::lines::org) holdings: Vec<Holding>,
    /// Whether there is a telephone; which one is nobody's business who looks for faults.
    pub(in crate::lines::org) on_duty: bool,
}

/// All posts of some units.
pub(in crate::lines::org) fn posts_raw(rows: &mut impl Rows, units: &[i64]) -> Result<Vec<RawPost>> {
    let posts = rows.all(&POSTS_RAW, args![units], |row| {
        let (unit, code, names) = (row.int(1)?, row.string(2)?, names(row, 3)?);
        let on_duty = row.opt_int(6)?.is_some();
        Ok((row.int(0)?, RawPost { unit, code, names, holdings: Vec::new(), on_duty }))
    })?;
    let ids: Vec<i64> = posts.iter().map(|(id, _)| *id).collect();
    let mut holdings = holdings_of(rows, &ids)?;
    let held =
        |(id, post): (i64, RawPost)| RawPost { holdings: holdings.remove(&id).unwrap_or_default(), ..post };
    Ok(posts.into_iter().map(held).collect())
}
