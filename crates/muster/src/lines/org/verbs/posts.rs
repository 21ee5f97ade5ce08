//! Posts and duty telephones.

use super::Tree;
use crate::lines::operation::Names;
use crate::lines::org::check::PostPatch;
use crate::lines::org::model::Post;
use crate::lines::org::store::contacts::{self, DutyContact};
use crate::lines::org::store::posts;
use crate::{Ctx, Fail};
use muster_kernel::{Day, Problem};
use muster_store::Tx;
use serde_json::json;

/// Adds or renames a post at a unit; with `holder` also says who holds it from a day on (a reference; empty: nobody).
pub fn post_set(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    unit: &str,
    code: &str,
    names: &Names,
    holder: Option<(Day, &str)>,
) -> Result<Post, Fail> {
    let mut tree = Tree::lock(tx, ctx)?;
    let on = holder.map_or_else(|| ctx.today(), |(day, _)| day);
    let unit = tree.unit(unit, on)?;
    posts::posts_set(tree.tx, &[(unit.id, code.to_owned(), names.clone())])?;
    let post = tree.post(unit.id, code, on)?;
    if let Some((day, holder)) = holder {
        posts::holder_set(tree.tx, post.id, day, holder)?;
    }
    let holder = holder.map(|(day, holder)| json!({ "day": day, "holder": holder }));
    tree.journal(&unit, "post.set", &json!({ "post": code, "names": names, "holding": holder }))?;
    tree.post(unit.id, code, on)
}

/// A post before and after a change, as it is on the change's day.
pub struct PostChanged {
    /// Before; none where it is new.
    pub before: Option<Post>,
    /// After.
    pub after: Post,
    /// The unit's duty telephones before and after.
    pub contacts: [Vec<DutyContact>; 2],
    /// Holdings that were said of later days, and are not any more.
    pub later_gone: usize,
}

/// Adds or changes a post at a unit: its names, who holds it from a day on, its duty telephone. What is not said stays.
///
/// # Errors
/// `post.unknown` where there is none and no name is given; `post.refused` with a finding at the name.
pub fn post_change(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    unit: &str,
    code: &str,
    day: Day,
    patch: &PostPatch,
) -> Result<PostChanged, Fail> {
    let mut tree = Tree::lock(tx, ctx)?;
    let at = tree.unit(unit, day)?.id;
    let were = contacts::duty_contacts(tree.tx, &ctx.seals, &[at])?;
    let before = posts::posts_of(tree.tx, &[at], day)?.into_iter().find(|post| post.code == code);
    let has = before.as_ref().map(|post| post.names.clone());
    let lacking = |finding| Problem::invalid("post.refused").findings(vec![finding]);
    let names = patch.names_of(has.clone().unwrap_or_default()).map_err(lacking)?;
    let names = names.or(has).ok_or_else(|| unknown(code))?;
    let mut later_gone = 0;
    if let (Some(post), Some(_)) = (&before, &patch.holder) {
        let held = posts::holdings_of(tree.tx, &[post.id])?.remove(&post.id).unwrap_or_default();
        later_gone = held.iter().filter(|holding| holding.since > day).count();
    }
    let holder = patch.holder.as_deref().map(|holder| (day, holder));
    // Who sends the same again changes nothing, and the journal need not say it twice.
    let renamed = before.as_ref().is_none_or(|post| post.names != names);
    if renamed || holder.is_some() {
        post_set(tx, ctx, unit, code, &names, holder)?;
    }
    if let Some(phone) = &patch.duty_phone {
        contact_set(tx, ctx, unit, code, phone)?;
    }
    let after = Tree::lock(tx, ctx)?.post(at, code, day)?;
    let contacts = [were, contacts::duty_contacts(tx, &ctx.seals, &[at])?];
    Ok(PostChanged { before, after, contacts, later_gone })
}

/// Sets the duty telephone of a post; an empty one is taken out. The journal says that it was set, never to what.
pub fn contact_set(tx: &mut Tx<'_>, ctx: &Ctx, unit: &str, post: &str, phone: &str) -> Result<(), Fail> {
    let mut tree = Tree::lock(tx, ctx)?;
    let unit = tree.unit(unit, ctx.today())?;
    let found = tree.post(unit.id, post, ctx.today())?;
    contacts::contacts_set(tree.tx, &ctx.seals, &[(unit.id, found.id, phone)])?;
    tree.journal(&unit, "contact.set", &json!({ "post": post, "phone": phone_word(phone) }))?;
    Ok(())
}

/// What the journal says of a telephone.
pub(super) fn phone_word(phone: &str) -> &'static str {
    if phone.is_empty() { "removed" } else { "set" }
}

fn unknown(code: &str) -> Problem {
    Problem::not_found("post.unknown").with("post", code)
}

impl Tree<'_, '_> {
    fn post(&mut self, unit: i64, code: &str, on: Day) -> Result<Post, Fail> {
        let found = posts::posts_of(self.tx, &[unit], on)?.into_iter().find(|post| post.code == code);
        Ok(found.ok_or_else(|| unknown(code))?)
    }
}
