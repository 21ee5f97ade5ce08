//! Links: issuing, opening, ending. A link opens one form of one unit and nothing else; its PIN comes by another way, so that
//! whoever it is forwarded to has half of it.

use super::sessions::{agent_cut, new_token, token_hash};
use crate::lines::access::model::Link;
use crate::lines::access::store::links as store;
use crate::lines::org;
use crate::{Ctx, Fail};
use muster_kernel::{Day, Digest, Problem, ProblemKind};
use muster_store::{Entry, Rows, StoreError, Tx};
use serde_json::json;
use std::collections::HashMap;

/// Wrong PINs after which one waits: then a minute, and twice as long after each further one.
const TRIES_FREE: i64 = 5;
/// Longest wait between two PINs.
const WAIT_MS_MAX: i64 = 3_600_000;
/// Devices on which one link opens.
const DEVICES_MAX: i64 = 20;

/// What a link says, and its PIN: drawn before the transaction, shown once.
#[derive(Clone, Debug)]
pub struct LinkSecret {
    /// What stands in the link.
    pub token: String,
    /// Six digits; empty where none is asked.
    pub pin: String,
}

impl LinkSecret {
    /// By chance.
    #[expect(clippy::disallowed_methods, reason = "a PIN is chance and nothing else; it is not an id")]
    pub fn new(with_pin: bool) -> Self {
        let pin = uuid::Uuid::new_v4().as_u128() % 1_000_000;
        Self { token: new_token(), pin: if with_pin { format!("{pin:06}") } else { String::new() } }
    }

    /// Salted by the token, which is kept nowhere: from the table nobody tries a PIN.
    fn pin_hash(token: &str, pin: &str) -> String {
        if pin.is_empty() {
            String::new()
        } else {
            Digest::of(format!("{token} {pin}").as_bytes()).to_string()
        }
    }
}

/// Issues a link for each of some units, for one form, until an instant. Those that were issued before for the same unit and
/// form open no more. The caller has seen to it that the units are the actor's.
pub fn links_issue(
    tx: &mut Tx,
    ctx: &Ctx,
    form: &str,
    expires_at: i64,
    units: &[(i64, LinkSecret)],
) -> Result<Vec<Link>, StoreError> {
    let mut links = Vec::with_capacity(units.len());
    for (unit, secret) in units {
        for id in store::links_end(tx, *unit, form, ctx.now_ms)? {
            store::devices_drop(tx, &id)?;
            noted(tx, ctx, "link.end", *unit, &json!({ "link": id, "ended_at": ctx.now_ms }))?;
        }
        let link = Link {
            id: ctx.id().to_string(),
            unit: *unit,
            form: form.to_owned(),
            operation: ctx.operation,
            issued_at: ctx.now_ms,
            expires_at,
            giver: ctx.actor.to_string(),
            ended_at: 0,
        };
        let pin = LinkSecret::pin_hash(&secret.token, &secret.pin);
        store::link_add(tx, &link, &token_hash(&secret.token), &pin)?;
        let body = json!({
            "link": link.id, "unit": unit, "form": form, "operation": link.operation, "issued_at": link.issued_at,
            "expires_at": expires_at, "giver": link.giver, "pin": !secret.pin.is_empty(),
        });
        noted(tx, ctx, "link.issue", *unit, &body)?;
        links.push(link);
    }
    Ok(links)
}

fn noted(
    tx: &mut Tx,
    ctx: &Ctx,
    action: &'static str,
    unit: i64,
    body: &serde_json::Value,
) -> Result<(), StoreError> {
    let (actor, subject) = (ctx.actor.to_string(), format!("unit:{unit}"));
    let body = body.to_string().into_bytes();
    let operation = ctx.operation;
    tx.journal(Entry {
        operation,
        actor: &actor,
        action,
        subject: &subject,
        prev: None,
        request: None,
        body,
    })?;
    Ok(())
}

/// The device on which a link is opened.
#[derive(Clone, Debug)]
pub struct Device {
    /// What its cookie will hold, drawn before the transaction.
    pub token: String,
    /// What its cookie holds already, where it has one.
    pub held: Option<String>,
    /// What it says it is.
    pub agent: String,
}

/// What came of opening a link.
#[derive(Debug)]
pub enum Opened {
    /// It is open on this device: what its cookie is to hold from now on, none where it holds it already; and the link.
    Open(Option<String>, Link),
    /// It has a PIN, and none was said.
    Asks(Link),
    /// Why it is not.
    Refused(Problem),
}

/// Opens a link on a device. `ctx`: as whom, by its id. What is refused is noted as well, so this is no error of the write.
/// A device that has it open already is let in again without its PIN; who says no PIN at all has tried none.
pub fn link_open(
    tx: &mut Tx,
    ctx: impl Fn(&str) -> Ctx,
    (token, pin): (&str, &str),
    device: &Device,
) -> Result<Opened, Fail> {
    let unknown = || Ok(Opened::Refused(Problem::not_found("link.unknown")));
    let Some(opening) = store::link_opening(tx, &token_hash(token))? else { return unknown() };
    let store::Opening { link, pin_hash, tries, tried_at } = opening;
    let ctx = ctx(&link.id);
    let now_ms = ctx.now_ms;
    if link.ended_at > 0 || link.expires_at <= now_ms || link.operation != ctx.operation {
        return unknown();
    }
    if org::standing_on(tx, link.unit, ctx.today())?.is_none() {
        return Ok(Opened::Refused(Problem::not_found("link.unit_closed")));
    }
    if let Some(held) = &device.held
        && store::device_of(tx, &token_hash(held), now_ms)?.is_some_and(|open| open.id == link.id)
    {
        return Ok(Opened::Open(None, link));
    }
    let wait_ms = tried_at + wait_ms(tries) - now_ms;
    if !pin_hash.is_empty() && wait_ms > 0 {
        let seconds = u32::try_from((wait_ms + 999) / 1_000).unwrap_or(u32::MAX);
        let problem = Problem::new(ProblemKind::TooMany, "link.wait").with("seconds", seconds);
        return Ok(Opened::Refused(problem.retry_after(seconds)));
    }
    if !pin_hash.is_empty() && pin.is_empty() {
        return Ok(Opened::Asks(link));
    }
    if pin_hash != LinkSecret::pin_hash(token, pin) && !pin_hash.is_empty() {
        store::link_tried(tx, &link.id, tries + 1, now_ms)?;
        return Ok(Opened::Refused(Problem::new(ProblemKind::Unauthenticated, "link.pin")));
    }
    let open =
        store::devices_count(tx, std::slice::from_ref(&link.id))?.first().map_or(0, |(_, count, _)| *count);
    if open >= DEVICES_MAX {
        return Ok(Opened::Refused(Problem::conflict("link.devices").with("max", DEVICES_MAX)));
    }
    if tries > 0 {
        store::link_tried(tx, &link.id, 0, 0)?;
    }
    store::device_add(tx, &token_hash(&device.token), &link.id, now_ms, &agent_cut(&device.agent))?;
    noted(tx, &ctx, "link.open", link.unit, &json!({ "link": link.id }))?;
    Ok(Opened::Open(Some(device.token.clone()), link))
}

/// How long one waits after so many wrong PINs.
fn wait_ms(tries: i64) -> i64 {
    match tries - TRIES_FREE {
        ..0 => 0,
        over => (60_000_i64 << over.min(10)).min(WAIT_MS_MAX),
    }
}

/// What the cookie of a new device holds.
pub fn device_token() -> String {
    new_token()
}

/// The link that was opened on a device, if it still opens: it was not ended, is not too old, and its unit is open today.
pub fn link_of(
    rows: &mut impl Rows,
    device: &str,
    now_ms: i64,
    today: Day,
) -> Result<Option<Link>, StoreError> {
    let Some(link) = store::device_of(rows, &token_hash(device), now_ms)? else { return Ok(None) };
    Ok(org::standing_on(rows, link.unit, today)?.map(|_| link))
}

/// Closes a link on a device.
pub fn link_close(tx: &mut Tx, device: &str) -> Result<(), StoreError> {
    store::device_drop(tx, &token_hash(device))
}

/// Ends a link: it opens no more, and whoever has it open is out.
///
/// # Errors
/// `link.unknown` where the actor may not know of it, or it was ended.
pub fn link_end(tx: &mut Tx, ctx: &Ctx, id: &str) -> Result<(), Fail> {
    let unknown = || Problem::not_found("link.unknown");
    let link = store::link_lock(tx, id)?.filter(|link| link.ended_at == 0).ok_or_else(unknown)?;
    if !org::units_today(tx, &ctx.reach, &[link.unit], ctx.today())?.contains(&link.unit) {
        return Err(unknown().into());
    }
    store::link_end(tx, id, ctx.now_ms)?;
    Ok(noted(tx, ctx, "link.end", link.unit, &json!({ "link": id, "ended_at": ctx.now_ms }))?)
}

/// Whose units some links are, by the link's id: who an actor of the journal was, however long ago.
pub fn link_units(rows: &mut impl Rows, links: &[String]) -> Result<HashMap<String, i64>, StoreError> {
    Ok(store::link_units(rows, links)?.into_iter().collect())
}

/// On how many devices a link was opened, and when last (ms UTC), by the link's id.
pub type Devices = HashMap<String, (i64, i64)>;

/// The links of some units that open now, by unit and form; and on how many devices each was opened, and when last, by its
/// id.
pub fn links_of(
    rows: &mut impl Rows,
    ctx: &Ctx,
    units: &[i64],
    limit: u32,
) -> Result<(Vec<Link>, Devices), StoreError> {
    let links = store::links_at(rows, units, ctx.operation, ctx.now_ms, limit)?;
    let ids: Vec<String> = links.iter().map(|link| link.id.clone()).collect();
    let devices = store::devices_count(rows, &ids)?;
    Ok((links, devices.into_iter().map(|(link, count, last)| (link, (count, last))).collect()))
}

/// Who issued some links and when (ms UTC), by their ids; ended ones too.
pub fn links_issued(
    rows: &mut impl Rows,
    ids: &[String],
) -> Result<HashMap<String, (String, i64)>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = store::links_by_id(rows, ids)?;
    Ok(found.into_iter().map(|link| (link.id, (link.giver, link.issued_at))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_tries_pins_waits_longer_and_longer_and_never_for_ever() {
        let waits: Vec<i64> = (0..12).map(|tries| wait_ms(tries) / 60_000).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60]);
        assert_eq!(wait_ms(i64::MAX), WAIT_MS_MAX);
        // A million PINs at the longest wait: a hundred years.
        const { assert!(1_000_000 * WAIT_MS_MAX / 1_000 / 86_400 / 365 > 100) };
    }

    #[test]
    fn a_pin_is_hashed_with_its_own_link() {
        let (one, other) = (LinkSecret::new(true), LinkSecret::new(true));
        assert_eq!((one.pin.len(), one.token.len()), (6, 64));
        assert_ne!(LinkSecret::pin_hash(&one.token, &one.pin), LinkSecret::pin_hash(&other.token, &one.pin));
        assert_eq!(LinkSecret::new(false).pin, "");
        assert_eq!(LinkSecret::pin_hash(&one.token, ""), "");
    }
}
