//! Bodies beside the tree. The journal tells the whole of one after each change, so that what it was is told too.

use super::{Tree, entry};
use crate::lines::org::check::PartyPatch;
use crate::lines::org::model::Party;
use crate::lines::org::store::{self, parties};
use crate::{Ctx, Fail};
use muster_kernel::{Finding, Problem};
use muster_store::{Rows, Tx};

/// Adds a body beside the tree.
///
/// # Errors
/// `party.code_taken`.
pub fn party_create(tx: &mut Tx<'_>, ctx: &Ctx, party: &Party) -> Result<i64, Fail> {
    let tree = Tree::lock(tx, ctx)?;
    let Some(id) = parties::party_add(tree.tx, party)? else {
        let finding = Finding::refuse("party.code_taken").field("code").with("code", &party.code);
        return Err(Problem::conflict("party.code_taken")
            .with("code", &party.code)
            .findings(vec![finding])
            .into());
    };
    told(tree.tx, ctx, "party.create", &Party { id, ..party.clone() })?;
    Ok(id)
}

/// Changes what a body beside the tree is; said again, nothing is written.
///
/// # Errors
/// `party.unknown`; `party.refused` with findings at the fields.
pub fn party_change(tx: &mut Tx<'_>, ctx: &Ctx, code: &str, patch: &PartyPatch) -> Result<Party, Fail> {
    let tree = Tree::lock(tx, ctx)?;
    let was = party_read(tree.tx, code)?;
    let after = patch.of(&was).map_err(|found| Problem::invalid("party.refused").findings(found))?;
    if after == was {
        return Ok(was);
    }
    let after = Party { rev: was.rev + 1, ..after };
    parties::party_set(tree.tx, &after)?;
    told(tree.tx, ctx, "party.change", &after)?;
    Ok(after)
}

/// The body of a code.
///
/// # Errors
/// `party.unknown`.
pub fn party_read(rows: &mut impl Rows, code: &str) -> Result<Party, Fail> {
    let unknown = || Problem::not_found("party.unknown").with("code", code);
    Ok(parties::party_by_code(rows, code)?.ok_or_else(unknown)?)
}

/// As [`party_read`]; until the end of the transaction nobody else changes it.
pub fn party_held(tx: &mut Tx<'_>, code: &str) -> Result<Party, Fail> {
    store::tree_lock(tx)?;
    party_read(tx, code)
}

fn told(tx: &mut Tx<'_>, ctx: &Ctx, action: &'static str, party: &Party) -> Result<(), Fail> {
    let body = serde_json::to_vec(party).map_err(Problem::internal)?;
    let (subject, actor) = (format!("party:{}", party.id), ctx.actor.to_string());
    tx.journal(entry(ctx, action, &subject, None, body, &actor))?;
    Ok(())
}
