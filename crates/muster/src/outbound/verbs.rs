//! Writing a letter within a deed; what the worker does with one. A deed that writes a
//! letter journals it itself, by what it is handed; that one was given up is journalled here.

use super::channel::store as channels;
use super::courier::Message;
use super::model::{Channel, Erred, Kept, Kind, Letter, State, Target};
use super::render::{parts, words};
use super::store::{self, Due};
use super::when::{ATTEMPTS_MAX, KEPT_DAYS, LEASE_MS, STALE_MS, paced, quiet_until, wait_ms};
use crate::seal::Closed;
use crate::{Ctx, Fail};
use muster_kernel::{Digest, Locale, Problem};
use muster_store::{Entry, Link, Tx};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Longest subject and text of a letter, in characters.
const SUBJECT_CHARS_MAX: usize = 200;
const TEXT_CHARS_MAX: usize = 20_000;
/// Longest key of a letter, in bytes.
const KEY_BYTES_MAX: usize = 200;
/// Letters that go as one at most.
const DIGEST_MAX: usize = 50;
/// Letters of a channel that are looked at together.
const DUE_MAX: u32 = 200;
/// Channels that are looked at together.
const CHANNELS_MAX: u32 = 50;

/// Writes a letter within the transaction of the deed that says so; whether it is a new one: of a key there is one letter.
/// `note` journals the deed: it is handed what its entry is to say under `letter`, and answers where it stands.
///
/// # Errors
/// `letter.long`; what `note` answers; the store's.
pub fn letter_add(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    letter: &Letter,
    note: impl FnOnce(&mut Tx<'_>, Value) -> Result<Link, Fail>,
) -> Result<bool, Fail> {
    let long = |text: &str, max: usize| text.chars().nth(max).is_some();
    if long(&letter.subject, SUBJECT_CHARS_MAX)
        || long(&letter.text, TEXT_CHARS_MAX)
        || letter.key.len() > KEY_BYTES_MAX
    {
        return Err(Problem::invalid("letter.long").into());
    }
    if store::letter_of_key(tx, ctx.operation, &letter.key)?.is_some() {
        return Ok(false);
    }
    let mut kept = Kept {
        id: ctx.id().to_string(),
        operation: ctx.operation,
        digest: digest(&letter.subject, &letter.text),
        letter: letter.clone(),
        state: State::Waiting,
        attempts: 0,
        next_at: Some(letter.due_ms),
        error: String::new(),
        at_ms: ctx.now_ms,
        ended_at: None,
        link: Link { lane: 0, no: 0 },
    };
    kept.link = note(tx, letter_told(&kept))?;
    if !store::letter_store(tx, &kept)? {
        // Somebody else wrote it at the same moment: the deed looks again.
        return Err(tx.again().into());
    }
    Ok(true)
}

/// Hash of what a letter says.
pub(super) fn digest(subject: &str, text: &str) -> String {
    Digest::of(format!("{subject}\n{text}").as_bytes()).to_string()
}

/// What the journal says of a letter: never its words.
pub(super) fn letter_told(one: &Kept) -> Value {
    let letter = &one.letter;
    json!({
        "id": one.id, "channel": letter.channel, "kind": letter.kind, "key": letter.key, "due": letter.due_ms,
        "digest": one.digest,
    })
}

/// Erases the words of letters that were sent or given up days ago; how many.
///
/// # Errors
/// The store's.
pub fn texts_erase(tx: &mut Tx<'_>, ctx: &Ctx, limit: u32) -> Result<u64, Fail> {
    Ok(store::texts_erase(tx, ctx.now_ms - KEPT_DAYS * 86_400_000, limit)?)
}

/// A message that is claimed, and where it goes.
#[derive(Debug)]
pub(super) struct Claimed {
    pub(super) message: Message,
    pub(super) kind: Kind,
    pub(super) target: Result<Target, Erred>,
    lease: String,
    unit: i64,
    attempts: i64,
}

/// What became of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Letters that were sent.
    pub sent: u64,
    /// Letters that will be tried again.
    pub failed: u64,
    /// Letters that will not.
    pub given_up: u64,
}

/// Claims what is due, so many messages at most: for five minutes nobody else sends them. What is not sent now for the
/// hour or the pace of its channel is put off; what is too late is given up. Whether anything was done.
pub(super) fn claim(tx: &mut Tx<'_>, ctx: &Ctx, room: usize) -> Result<(Vec<Claimed>, Carried), Fail> {
    let mut due = store::channels_due(tx, ctx.now_ms, CHANNELS_MAX)?;
    // Locks in one order.
    due.sort_unstable();
    let found = channels::channels_by_id(tx, &due)?;
    let by_id: HashMap<&str, &Channel> = found.iter().map(|one| (&*one.id, one)).collect();
    let (mut claimed, mut carried) = (Vec::new(), Carried::default());
    for id in &due {
        if claimed.len() >= room {
            break;
        }
        let mark_ms = channels::pace_locked(tx, id)?;
        match (by_id.get(&**id).filter(|one| one.ended_at == 0), mark_ms) {
            (Some(channel), Some(mark_ms)) => {
                let given_up = claim_of(tx, ctx, channel, mark_ms, (room, &mut claimed))?;
                carried.given_up += given_up;
            }
            _ => {
                let letters = store::letters_due(tx, id, ctx.now_ms, DUE_MAX)?;
                carried.given_up += give_up(tx, ctx, &letters, "channel_ended")?;
            }
        }
    }
    Ok((claimed, carried))
}

/// The same of one channel, whose pace is held; how many letters were given up.
fn claim_of(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    channel: &Channel,
    mark_ms: i64,
    (room, claimed): (usize, &mut Vec<Claimed>),
) -> Result<u64, Fail> {
    let now_ms = ctx.now_ms;
    if let Some(until_ms) = channel.quiet.and_then(|quiet| quiet_until(quiet, now_ms, &ctx.zone)) {
        store::put_off(tx, &channel.id, now_ms, until_ms, true)?;
    }
    let due = store::letters_due(tx, &channel.id, now_ms, DUE_MAX)?;
    let is_late = |one: &Due| {
        one.kept.attempts >= ATTEMPTS_MAX
            || one.kept.attempts == 0 && one.kept.letter.due_ms.max(one.kept.at_ms) + STALE_MS < now_ms
    };
    let (late, due): (Vec<Due>, Vec<Due>) = due.into_iter().partition(is_late);
    let given_up = if late.is_empty() { 0 } else { give_up(tx, ctx, &late, "too_late")? };
    let target = match channels::target(tx, &ctx.seals, &channel.id)? {
        Some((Ok(target), _)) => Ok(target),
        Some((Err(Closed::KeyMissing), _)) => Err(Erred::again("key_missing")),
        Some((Err(Closed::Broken), _)) | None => Err(Erred::for_good("seal_broken")),
    };
    let mut mark = mark_ms;
    for group in groups(due, || ctx.id().to_string()) {
        if claimed.len() >= room {
            break;
        }
        let letters: Vec<Kept> = group.letters.iter().map(|one| one.kept.clone()).collect();
        let (kind, subject, text) = words(&letters, Locale::default());
        let parts = parts(channel.kind, &group.message, &subject, &text, Locale::default());
        let parts_sent = usize::try_from(group.parts_sent).unwrap_or_default().min(parts.len());
        match paced(channel.kind, mark, now_ms, parts.len() - parts_sent) {
            Ok(after) => mark = after,
            Err(until_ms) => {
                store::put_off(tx, &channel.id, now_ms, until_ms, false)?;
                break;
            }
        }
        let (lease, ids) =
            (ctx.id().to_string(), letters.iter().map(|one| one.id.clone()).collect::<Vec<_>>());
        store::claim(tx, (&lease, now_ms + LEASE_MS), &group.message, &ids, now_ms)?;
        let attempts = letters.iter().map(|one| one.attempts).max().unwrap_or_default() + 1;
        let message =
            Message { key: group.message, kind, subject, parts, parts_sent, letters: ids, at_ms: now_ms };
        let target = target.clone();
        claimed.push(Claimed { message, kind: channel.kind, target, lease, unit: channel.unit, attempts });
    }
    if mark != mark_ms {
        channels::pace_set(tx, &channel.id, mark)?;
    }
    Ok(given_up)
}

/// Letters that go as one.
struct Group {
    message: String,
    letters: Vec<Due>,
    parts_sent: i64,
}

/// What goes as one: what went together before, so that a repeat is the same; what waited through quiet hours; else each
/// letter by itself.
fn groups(due: Vec<Due>, mut id: impl FnMut() -> String) -> Vec<Group> {
    let is_cut = due.len() == DUE_MAX as usize;
    let (fresh, before): (Vec<Due>, Vec<Due>) = due.into_iter().partition(|one| one.message.is_empty());
    let (held, single): (Vec<Due>, Vec<Due>) = fresh.into_iter().partition(|one| one.held);
    let mut all: Vec<Group> = Vec::new();
    for one in before {
        match all.last_mut().filter(|group| group.message == one.message) {
            Some(group) => group.letters.push(one),
            None => {
                let (message, parts_sent) = (one.message.clone(), one.parts_sent);
                all.push(Group { message, letters: vec![one], parts_sent });
            }
        }
    }
    // The last may not be whole: the next look finds it first.
    if is_cut && all.len() > 1 {
        all.pop();
    }
    let mut held = held;
    while !held.is_empty() {
        let rest = held.split_off(held.len().min(DIGEST_MAX));
        let message = if held.len() == 1 { held[0].kept.id.clone() } else { id() };
        all.push(Group { message, letters: held, parts_sent: 0 });
        held = rest;
    }
    let alone = |one: Due| Group { message: one.kept.id.clone(), letters: vec![one], parts_sent: 0 };
    all.extend(single.into_iter().map(alone));
    all
}

/// Gives letters of one channel up, journalled; how many.
fn give_up(tx: &mut Tx<'_>, ctx: &Ctx, letters: &[Due], error: &str) -> Result<u64, Fail> {
    let Some(first) = letters.first() else { return Ok(0) };
    let (lease, unit) = (ctx.id().to_string(), first.kept.letter.unit);
    let ids: Vec<String> = letters.iter().map(|one| one.kept.id.clone()).collect();
    store::claim(tx, (&lease, ctx.now_ms + LEASE_MS), "", &ids, ctx.now_ms)?;
    given_up(tx, ctx, unit, &ids, &lease, error)
}

fn given_up(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    unit: i64,
    ids: &[String],
    lease: &str,
    error: &str,
) -> Result<u64, Fail> {
    let count = store::given_up(tx, ids, lease, error, ctx.now_ms)?;
    if count > 0 {
        noted(tx, ctx, "letter.give_up", unit, None, &json!({ "letters": ids, "error": error }))?;
    }
    Ok(count)
}

/// Notes what came of a message. Where its claim ran out and somebody else has it, nothing.
pub(super) fn settle(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    claimed: &Claimed,
    came: &Result<(), Erred>,
) -> Result<Carried, Fail> {
    let Claimed { message, lease, unit, attempts, .. } = claimed;
    let mut carried = Carried::default();
    match came {
        Ok(()) => carried.sent = store::sent(tx, &message.key, lease, ctx.now_ms)?,
        Err(erred) if erred.for_good || *attempts >= ATTEMPTS_MAX => {
            carried.given_up = given_up(tx, ctx, *unit, &message.letters, lease, &erred.code)?;
        }
        Err(erred) => {
            let next_ms = ctx.now_ms + wait_ms(*attempts, &message.key);
            let parts_sent = erred.parts_sent.max(message.parts_sent);
            let parts_sent = i64::try_from(parts_sent).unwrap_or_default();
            carried.failed = store::failed(tx, (&message.key, lease), next_ms, &erred.code, parts_sent)?;
        }
    }
    Ok(carried)
}

pub(super) fn noted(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    action: &'static str,
    unit: i64,
    prev: Option<Link>,
    body: &Value,
) -> Result<Link, Fail> {
    let (actor, subject) = (ctx.actor.to_string(), format!("unit:{unit}"));
    let entry = Entry {
        operation: ctx.operation,
        actor: &actor,
        action,
        subject: &subject,
        prev,
        request: None,
        body: body.to_string().into_bytes(),
    };
    Ok(tx.journal(entry)?)
}
