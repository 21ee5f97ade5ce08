//! Setting a unit's channel, ending it, trying it: at units of the actor's own part.

use crate::lines::org;
use crate::outbound::{self, Channel, ChannelDraft};
use crate::{Ctx, Fail};
use muster_store::Tx;

/// Sets a channel of a unit whole.
///
/// # Errors
/// `unit.unknown` where the unit is none of the actor's part; those of [`outbound::channel_set`].
pub fn channel_put(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    unit: &str,
    code: &str,
    draft: &ChannelDraft,
    tests: bool,
) -> Result<Channel, Fail> {
    let unit = org::unit_standing(tx, ctx, unit, ctx.today())?.unit;
    outbound::channel_set(tx, ctx, unit, code, draft, tests)
}

/// Ends a channel of a unit.
///
/// # Errors
/// `unit.unknown`, `channel.unknown`.
pub fn channel_end(tx: &mut Tx<'_>, ctx: &Ctx, unit: &str, code: &str) -> Result<(), Fail> {
    let unit = org::unit_standing(tx, ctx, unit, ctx.today())?.unit;
    outbound::channel_end(tx, ctx, unit, code)
}

/// Writes one letter to a channel, to see whether it comes; its id. `office`: who asks.
///
/// # Errors
/// `unit.unknown`, `channel.unknown`.
pub fn channel_try(tx: &mut Tx<'_>, ctx: &Ctx, unit: &str, code: &str, office: &str) -> Result<String, Fail> {
    let unit = org::unit_standing(tx, ctx, unit, ctx.today())?.unit;
    outbound::channel_test(tx, ctx, unit, code, office)
}
