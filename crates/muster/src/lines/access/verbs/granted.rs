//! Who may do what: at some units or of one post, as far as the reader may know.

use crate::lines::access::model::Grant;
use crate::lines::access::roles::{Permission, Role};
use crate::lines::access::store::accounts;
use crate::lines::access::store::grants as store;
use crate::lines::org;
use crate::{Ctx, Reach};
use muster_kernel::Actor;
use muster_store::{Rows, StoreError};
use std::collections::HashSet;

/// Which roles are asked for.
#[derive(Clone, Debug, Default)]
pub struct GrantsWanted {
    /// Those given at one of these units (0: in the whole operation); none: wherever, of the post.
    pub units: Vec<i64>,
    /// Those of whoever holds this post.
    pub post: Option<i64>,
}

/// Roles that hold today or will later, by id after one, and the id after which the next page begins: those over units
/// within the actor's reach, and wherever else those that `account` has itself, by its own or by a post. A page of a post
/// may be shorter than `limit` and still not be the last.
pub fn grants_told(
    rows: &mut impl Rows,
    ctx: &Ctx,
    account: &str,
    wanted: &GrantsWanted,
    (after, limit): (&str, u32),
) -> Result<(Vec<Grant>, Option<String>), StoreError> {
    let (today, operation) = (ctx.today(), ctx.operation);
    let held: HashSet<i64> =
        org::posts_held(rows, &Actor::account(account).to_string(), today)?.into_iter().collect();
    if let Some(post) = wanted.post {
        let page = store::grants_of_post(rows, (post, operation), today, after, limit + 1)?;
        let (mut page, next) = cut(page, limit);
        page.retain(|grant| wanted.units.is_empty() || wanted.units.contains(&grant.unit));
        let seen = seen(rows, ctx, page.iter().map(|grant| grant.unit).collect())?;
        page.retain(|grant| held.contains(&post) || seen.contains(&grant.unit));
        return Ok((page, next));
    }
    let seen = seen(rows, ctx, wanted.units.clone())?;
    let there: Vec<i64> = wanted.units.iter().copied().filter(|unit| seen.contains(unit)).collect();
    let mut found = store::grants_at(rows, (&there, operation), today, after, limit + 1)?;
    if there.len() < wanted.units.len() {
        let mut own = store::grants_of_accounts(rows, &[account.to_owned()], operation, today)?;
        let posts: Vec<i64> = held.into_iter().collect();
        own.extend(store::grants_of_posts(rows, &posts, operation, today)?);
        let is_new = |grant: &Grant| {
            wanted.units.contains(&grant.unit) && !there.contains(&grant.unit) && grant.id.as_str() > after
        };
        found.extend(own.into_iter().filter(is_new));
        found.sort_by(|one, other| one.id.cmp(&other.id));
    }
    Ok(cut(found, limit))
}

/// Of roles that were told: those within the actor's reach, those that `account` has itself, and beyond that only those by which
/// somebody may file reports.
pub fn grants_of_hands(
    rows: &mut impl Rows,
    ctx: &Ctx,
    account: &str,
    mut grants: Vec<Grant>,
) -> Result<Vec<Grant>, StoreError> {
    let seen = seen(rows, ctx, grants.iter().map(|grant| grant.unit).collect())?;
    let held = org::posts_held(rows, &Actor::account(account).to_string(), ctx.today())?;
    grants.retain(|grant| {
        let is_own = grant.account == account || held.contains(&grant.post);
        is_own
            || seen.contains(&grant.unit)
            || Role::from_word(&grant.role).is_some_and(|role| role.may(Permission::ReportFile))
    });
    Ok(grants)
}

/// Without those of accounts that are let in no more today.
pub fn grants_live(rows: &mut impl Rows, ctx: &Ctx, grants: Vec<Grant>) -> Result<Vec<Grant>, StoreError> {
    let mut ids: Vec<String> =
        grants.iter().map(|grant| grant.account.clone()).filter(|id| !id.is_empty()).collect();
    ids.sort_unstable();
    ids.dedup();
    let today = i64::from(ctx.today().number());
    let found = accounts::accounts_of(rows, &ids)?;
    let ended: HashSet<String> =
        found.into_iter().filter(|row| row.until <= today).map(|row| row.id).collect();
    Ok(grants.into_iter().filter(|grant| !ended.contains(&grant.account)).collect())
}

/// A page of what was read with one more than it holds, and the id after which the next one begins.
fn cut(mut found: Vec<Grant>, limit: u32) -> (Vec<Grant>, Option<String>) {
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|last| last.id.clone());
    (found, next)
}

/// Those of some units (0: the whole operation) that lie within the actor's reach.
fn seen(rows: &mut impl Rows, ctx: &Ctx, units: Vec<i64>) -> Result<HashSet<i64>, StoreError> {
    let real: Vec<i64> = units.iter().copied().filter(|unit| *unit > 0).collect();
    let mut seen = org::units_today(rows, &ctx.reach, &real, ctx.today())?;
    if ctx.reach == Reach::All && units.contains(&0) {
        seen.insert(0);
    }
    Ok(seen)
}

/// Those of some accounts whose people are at home within the actor's reach, and the actor's own: their names may be told.
pub fn accounts_near(
    rows: &mut impl Rows,
    ctx: &Ctx,
    account: &str,
    ids: &[String],
) -> Result<Vec<String>, StoreError> {
    let found = accounts::accounts_of(rows, ids)?;
    let homes: Vec<i64> = found.iter().map(|row| row.unit).collect();
    let own = org::units_today(rows, &ctx.reach, &homes, ctx.today())?;
    let all = ctx.reach == Reach::All;
    let is_near = |row: &accounts::RawAccount| all || row.id == account || own.contains(&row.unit);
    Ok(found.into_iter().filter(is_near).map(|row| row.id).collect())
}
