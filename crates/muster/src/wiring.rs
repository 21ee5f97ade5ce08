//! What follows what: effects that one line has on another, on one screen. Those of the same moment are called here,
//! in the same transaction.

use crate::lines::org::TreeChange;
use crate::lines::reporting;
use crate::{Ctx, Fail};
use muster_store::Tx;

/// After a change of the tree: counts and totals by node follow.
pub fn tree_changed(tx: &mut Tx<'_>, ctx: &Ctx, change: &TreeChange) -> Result<(), Fail> {
    reporting::tree_changed(tx, ctx, change)
}
