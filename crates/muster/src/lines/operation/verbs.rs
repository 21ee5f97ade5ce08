//! What can be done with the operation: begin it, once, and set what it says of itself.

use super::model::Operation;
use super::store;
use crate::{Ctx, Fail};
use muster_kernel::Problem;
use muster_store::{Entry, Tx};
use serde_json::json;

/// Begins the operation of an empty database. There is one; a second is refused.
///
/// # Errors
/// `operation.begun`.
pub fn operation_begin(tx: &mut Tx<'_>, ctx: &Ctx, operation: &Operation) -> Result<(), Fail> {
    if store::operation_current(tx)?.is_some() {
        return Err(Problem::conflict("operation.begun").into());
    }
    operation_set(tx, ctx, |own| own.clone_from(operation)).map(drop)
}

/// Changes what the operation says of itself, and journals all of it: its names, the office's title, the top unit, the
/// time zone, the daily form. Where there is none yet, an unnamed one is changed. Answers how it stands. `change` may
/// be asked more than once, and leaves the id as it is.
pub fn operation_set(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    change: impl FnOnce(&mut Operation),
) -> Result<Operation, Fail> {
    let held = store::operation_lock(tx)?;
    let (before, rev) = held.clone().unwrap_or_else(|| (Operation::unnamed(), 0));
    let mut operation = before.clone();
    change(&mut operation);
    operation.id = before.id;
    if held.is_some() && operation == before && rev > 0 {
        return Ok(operation);
    }
    if !store::operation_put(tx, &operation, rev + 1, held.is_none())? {
        return Err(tx.again().into());
    }
    let body = json!({ "revision": rev + 1, "operation": operation });
    tx.journal(Entry {
        operation: operation.id,
        actor: &ctx.actor.to_string(),
        action: "operation.set",
        subject: "operation",
        prev: None,
        request: None,
        body: body.to_string().into_bytes(),
    })?;
    Ok(operation)
}
