//! Recording for whom somebody acted.

use crate::lines::access::model::Acting;
use crate::lines::org;
use crate::{Ctx, Fail};
use muster_kernel::Problem;
use muster_store::{Entry, Tx};
use serde_json::json;

/// How long ago somebody may have decided.
const AGO_MS_MAX: i64 = 30 * 24 * 3_600_000;

/// Records who decided beside the entries that a deed has written since a mark ([`Tx::journalled`]).
///
/// # Errors
/// `unit.unknown`, `post.unknown` where the actor may not know of it; `acting.when` where it lies in the future or is more
/// than thirty days old.
pub fn acting_record(tx: &mut Tx, ctx: &Ctx, acting: &Acting, mark: usize) -> Result<(), Fail> {
    if !(0..=AGO_MS_MAX).contains(&(ctx.now_ms - acting.at_ms)) {
        return Err(Problem::invalid("acting.when").into());
    }
    let unit = org::unit_standing(tx, ctx, &acting.unit, ctx.today())?.unit;
    let posts = org::posts_of(tx, &[unit], ctx.today())?;
    let unknown = || Problem::not_found("post.unknown").with("post", &acting.post);
    let post = posts.into_iter().find(|post| post.code == acting.post).ok_or_else(unknown)?;
    let deeds: Vec<_> = tx.journalled_since(mark).iter().map(|link| json!([link.lane, link.no])).collect();
    let body = json!({
        "post": acting.post, "holder": post.holder, "decided_at": acting.at_ms, "means": acting.means,
        "deeds": deeds,
    });
    tx.journal(Entry {
        operation: ctx.operation,
        actor: &ctx.actor.to_string(),
        action: "acting.record",
        subject: &format!("unit:{unit}"),
        prev: None,
        request: None,
        body: body.to_string().into_bytes(),
    })?;
    Ok(())
}
