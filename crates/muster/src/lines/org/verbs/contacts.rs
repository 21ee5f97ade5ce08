//! Telephones read, found, sealed: who looked, at what, for what. No entry ever bears a digit of one.

use super::entry;
use crate::lines::operation::Names;
use crate::lines::org::model::Standing;
use crate::lines::org::read::units_today;
use crate::lines::org::store::contacts::{self, FOUND_MAX, FoundContact};
use crate::lines::org::store::{self, facts, posts, standing};
use crate::seal::Seals;
use crate::{Ctx, Fail};
use muster_kernel::{Day, Problem};
use muster_store::{Link, Rows, StoreError, Tx, journal_read_many};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;

/// What was looked at: telephones of a node.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Look {
    /// The node, as it is asked for: `unit:G07`, `place:340100`.
    pub node: String,
    /// Where: `missing`, `unit`, `export`.
    pub at: String,
    /// For what, where somebody said it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub purpose: String,
    /// How many telephones were shown.
    pub count: usize,
}

/// A look as the journal tells it.
#[derive(Clone, Debug)]
pub struct LookTold {
    /// Who: a reference.
    pub actor: String,
    /// When, milliseconds UTC.
    pub at_ms: i64,
    /// The entry.
    pub link: Link,
    /// At what.
    pub look: Look,
}

/// Journals that telephones were read (`contact.read`), and notes it for whom they belong to.
pub fn contacts_read(tx: &mut Tx<'_>, ctx: &Ctx, look: &Look) -> Result<(), Fail> {
    let subject = format!("contacts:{}", look.node);
    let body = serde_json::to_vec(look).map_err(Problem::internal)?;
    let link = tx.journal(entry(ctx, "contact.read", &subject, None, body, &ctx.actor.to_string()))?;
    Ok(contacts::look_add(tx, &look.node, ctx.now_ms, link)?)
}

/// Where a telephone was found: the unit's code and names, the post's code and names.
pub type FoundAt = ((String, Names), (String, Names));

/// Posts of the actor's own part that have a telephone (`contact.find`): unit's code and names, post's code and names. That it was
/// asked is journalled, and for what; of what was found each unit's look is noted.
///
/// # Errors
/// `seal.key_missing`.
pub fn contacts_find(tx: &mut Tx<'_>, ctx: &Ctx, phone: &str, purpose: &str) -> Result<Vec<FoundAt>, Fail> {
    keys_fit(tx, ctx)?;
    let found = contacts::contacts_found(tx, &ctx.seals, phone)?;
    let units: Vec<i64> = found.iter().map(|(unit, ..)| *unit).collect();
    let own = units_today(tx, &ctx.reach, &units, ctx.today())?;
    let found: Vec<FoundContact> =
        found.into_iter().filter(|(unit, ..)| own.contains(unit)).take(FOUND_MAX).collect();
    let names = store::labels::labels(tx, &own.into_iter().collect::<Vec<_>>(), ctx.today())?;
    let body = json!({ "at": "find", "node": "tree", "purpose": purpose, "count": found.len() });
    let body = serde_json::to_vec(&body).map_err(Problem::internal)?;
    let actor = ctx.actor.to_string();
    let link = tx.journal(entry(ctx, "contact.find", "contacts:tree", None, body, &actor))?;
    let mut answer = Vec::with_capacity(found.len());
    for (unit, _, code, post) in found {
        let Some(label) = names.get(&unit).cloned() else { continue };
        contacts::look_add(tx, &format!("unit:{}", label.0), ctx.now_ms, link)?;
        answer.push((label, (code, post)));
    }
    Ok(answer)
}

/// Whether a telephone can be found at all: without its keys nothing would be found, and that told as if there were nothing.
fn keys_fit(rows: &mut impl Rows, ctx: &Ctx) -> Result<(), Fail> {
    // Another process may have turned the ring: what it indexed anew is found by the new key alone.
    ctx.seals.follow();
    let lacking = ctx.seals.fits(rows)?.is_some_and(|(open, _)| open == 0) || ctx.seals.ring().is_none();
    if lacking { Err(crate::seal::key_missing().into()) } else { Ok(()) }
}

/// Erases a telephone wherever it stands in the actor's own part (`contact.set`, and `contact.erase` with what it was for);
/// at how many posts.
///
/// # Errors
/// `seal.key_missing`.
pub fn contacts_erase(tx: &mut Tx<'_>, ctx: &Ctx, phone: &str, purpose: &str) -> Result<usize, Fail> {
    keys_fit(tx, ctx)?;
    let mut count = 0;
    loop {
        // As many as are looked at together; those of other parts stay, and end it.
        let found = contacts::contacts_found(tx, &ctx.seals, phone)?;
        let posts: Vec<i64> = found.iter().map(|(_, post, ..)| *post).collect();
        match posts_silenced(tx, ctx, &posts)? {
            0 => break,
            silenced => count += silenced,
        }
    }
    let body =
        serde_json::to_vec(&json!({ "purpose": purpose, "count": count })).map_err(Problem::internal)?;
    tx.journal(entry(ctx, "contact.erase", "contacts:tree", None, body, &ctx.actor.to_string()))?;
    Ok(count)
}

/// Erases telephones of units that closed before a day, or of all where none is said; how many. By the house itself, as is
/// said of how long they are kept.
///
/// # Errors
/// The store's.
pub fn contacts_erase_due(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    closed_before: Option<Day>,
    limit: u32,
) -> Result<u64, Fail> {
    let posts = contacts::contacts_due(tx, closed_before, limit)?;
    Ok(posts_silenced(tx, ctx, &posts)? as u64)
}

/// Takes the telephones of some posts out, each with its entry; of those that the actor may not change, none.
fn posts_silenced(tx: &mut Tx<'_>, ctx: &Ctx, posts: &[i64]) -> Result<usize, Fail> {
    let named = store::posts::posts_named(tx, posts)?;
    let units: Vec<i64> = named.values().map(|(unit, ..)| *unit).collect();
    let units = store::units_by_id(tx, &units)?;
    let codes: HashMap<i64, &str> = units.iter().map(|unit| (unit.id, &*unit.code)).collect();
    let mut count = 0;
    for (unit, post, _) in posts.iter().filter_map(|post| named.get(post)) {
        let Some(unit) = codes.get(unit) else { continue };
        match super::contact_set(tx, ctx, unit, post, "") {
            Ok(()) => count += 1,
            Err(Fail::Problem(problem)) if problem.code == "unit.unknown" => {}
            Err(fail) => return Err(fail),
        }
    }
    Ok(count)
}

/// Who read the telephone of a post, or of a node that it stands in, the latest first, before an instant and entry. For
/// who may change the unit, and for who holds the post.
///
/// # Errors
/// `unit.unknown`, `post.unknown`; `permission.lacking` where it is neither theirs to change nor held by them.
pub fn contact_looks(
    rows: &mut impl Rows,
    ctx: &Ctx,
    (unit, post): (&Standing, &str),
    may_change: bool,
    before: (i64, Link),
    limit: u32,
) -> Result<Vec<LookTold>, Fail> {
    let found = posts::posts_of(rows, &[unit.unit], ctx.today())?.into_iter().find(|one| one.code == post);
    let held = found.ok_or_else(|| Problem::not_found("post.unknown").with("post", post))?.holder;
    if !may_change && held != ctx.actor.to_string() {
        return Err(Problem::new(muster_kernel::ProblemKind::Forbidden, "permission.lacking").into());
    }
    let nodes = nodes_of(rows, ctx, unit)?;
    let found = contacts::looks_of(rows, &nodes, before, limit)?;
    let links: Vec<Link> = found.iter().map(|(_, link)| *link).collect();
    let mut entries = journal_read_many(rows, &links)?;
    let mut looks = Vec::with_capacity(found.len());
    for (at_ms, link) in found {
        let Some(entry) = entries.remove(&link) else { continue };
        let look = serde_json::from_slice(&entry.body)
            .map_err(|_| StoreError::Corrupt(format!("entry {} of lane {}", link.no, link.lane)))?;
        looks.push(LookTold { actor: entry.actor, at_ms, link, look });
    }
    Ok(looks)
}

/// The nodes that a unit stands in today: units above it and itself, its places, all places, its classes.
fn nodes_of(rows: &mut impl Rows, ctx: &Ctx, unit: &Standing) -> Result<Vec<String>, StoreError> {
    let above = store::units_by_id(rows, &unit.chain)?;
    let mut nodes: Vec<String> = above.iter().map(|unit| format!("unit:{}", unit.code)).collect();
    nodes.push("place:all".to_owned());
    for (_, dated) in facts::facts_on(rows, &[unit.unit], ctx.today())? {
        nodes.extend(dated.facts.place.iter().flat_map(|p| p.within()).map(|p| format!("place:{p}")));
        nodes.extend(dated.facts.classes.iter().map(|class| format!("class:{class}")));
    }
    Ok(nodes)
}

/// The unit of a code as it stands today, within the actor's part; of one that opens or closed, as it last stood.
pub fn contact_unit(rows: &mut impl Rows, ctx: &Ctx, code: &str) -> Result<Standing, Fail> {
    let unknown = || Problem::not_found("unit.unknown").with("unit", code);
    let found = standing::unit_by_code(rows, code, ctx.today())?;
    Ok(found.filter(|unit| ctx.reach.covers(&unit.chain)).ok_or_else(unknown)?)
}

/// Seals the next telephones that an older version left in plain; how many. What belongs to no post goes.
///
/// # Errors
/// `seal.key_missing`.
pub fn contacts_seal_plain(tx: &mut Tx<'_>, seals: &Seals, limit: u32) -> Result<u64, Fail> {
    let page = contacts::contacts_plain_page(tx, limit)?;
    let fields = page.iter().filter_map(|(unit, post, phone)| Some(((*unit)?, *post, phone.text())));
    let fields: Vec<_> = fields.filter(|(_, _, phone)| !phone.is_empty()).collect();
    contacts::contacts_set(tx, seals, &fields)?;
    contacts::contacts_plain_drop(tx, &page.iter().map(|(_, post, _)| *post).collect::<Vec<_>>())?;
    Ok(page.len() as u64)
}

/// Wraps the next unit keys after one by the newest master key, and indexes the telephones of those units anew: the last
/// that was looked at and how many were wrapped; none when there are no more.
///
/// # Errors
/// Those of [`Seals::rewrap`].
pub fn contacts_rewrapped(
    tx: &mut Tx<'_>,
    seals: &Seals,
    after: i64,
    limit: u32,
) -> Result<Option<(i64, usize)>, Fail> {
    let Some((last, units)) = seals.rewrap(tx, after, limit)? else { return Ok(None) };
    contacts::contacts_reindex(tx, seals, &units)?;
    Ok(Some((last, units.len())))
}
