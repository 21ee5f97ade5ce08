//! Posts and duty telephones.

use super::Tree;
use crate::lines::operation::Names;
use crate::lines::org::model::Post;
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

/// Sets the duty telephone of a post; an empty one is taken out. The journal says that it was set, never to what.
pub fn contact_set(tx: &mut Tx<'_>, ctx: &Ctx, unit: &str, post: &str, phone: &str) -> Result<(), Fail> {
    let mut tree = Tree::lock(tx, ctx)?;
    let unit = tree.unit(unit, ctx.today())?;
    let found = tree.post(unit.id, post, ctx.today())?;
    posts::contacts_set(tree.tx, &[(found.id, phone)])?;
    tree.journal(&unit, "contact.set", &json!({ "post": post, "phone": phone_word(phone) }))?;
    Ok(())
}

/// What the journal says of a telephone.
pub(super) fn phone_word(phone: &str) -> &'static str {
    if phone.is_empty() { "removed" } else { "set" }
}

impl Tree<'_, '_> {
    fn post(&mut self, unit: i64, code: &str, on: Day) -> Result<Post, Fail> {
        let unknown = || Problem::not_found("post.unknown").with("post", code);
        let found = posts::posts_of(self.tx, &[unit], on)?.into_iter().find(|post| post.code == code);
        Ok(found.ok_or_else(unknown)?)
    }
}
