//! What can be done with the operation: begin it, once.

use super::model::Operation;
use super::store::{operation_current, operation_set};
use crate::{Ctx, Fail};
use muster_kernel::Problem;
use muster_store::{Entry, Tx};

/// Begins the operation of an empty database. There is one; a second is refused.
pub fn operation_begin(tx: &mut Tx<'_>, ctx: &Ctx, operation: &Operation) -> Result<(), Fail> {
    if operation_current(tx)?.is_some() {
        return Err(Problem::conflict("operation.begun").into());
    }
    operation_set(tx, operation)?;
    tx.journal(Entry {
        operation: operation.id,
        actor: &ctx.actor.to_string(),
        action: "operation.begin",
        subject: "operation",
        prev: None,
        request: None,
        body: operation.office.zh_hans.clone().into_bytes(),
    })?;
    Ok(())
}
