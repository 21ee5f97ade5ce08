//! Names of classes.

use super::{Tree, entry};
use crate::lines::operation::Names;
use crate::lines::org::store;
use crate::{Ctx, Fail};
use muster_kernel::Problem;
use muster_store::Tx;
use serde_json::json;

/// Names classes, and adds those that no unit bears yet.
pub fn class_name(tx: &mut Tx<'_>, ctx: &Ctx, classes: &[(String, Names)]) -> Result<(), Fail> {
    let tree = Tree::lock(tx, ctx)?;
    store::classes_set(tree.tx, classes)?;
    let named: Vec<_> = classes.iter().map(|(code, names)| json!({ "code": code, "names": names })).collect();
    let body = json!({ "epoch": tree.epoch, "classes": named });
    let body = serde_json::to_vec(&body).map_err(Problem::internal)?;
    let actor = ctx.actor.to_string();
    tree.tx.journal(entry(ctx, "class.name", "tree", None, body, &actor))?;
    Ok(())
}
