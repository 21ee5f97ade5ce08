//! Setting a channel, ending it, trying it.

use super::check::{ChannelDraft, channel_check};
use super::store::{self, PLACE, subject};
use crate::outbound::model::{Channel, Letter, LetterKind};
use crate::outbound::verbs::{letter_add, noted};
use crate::seal::person_keys_drop;
use crate::{Ctx, Fail, say};
use muster_kernel::Problem;
use muster_store::{Link, Tx};
use serde_json::{Value, json};

/// Channels that a unit may have.
const CHANNELS_OF_UNIT_MAX: usize = 20;

/// Sets a channel of a unit whole: what is not said of it any more is not kept. `tests`: whether the arm for tests is there.
///
/// # Errors
/// `channel.refused` with all that is wrong, each at its field; `channel.many`; `seal.key_missing`.
pub fn channel_set(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    unit: i64,
    code: &str,
    draft: &ChannelDraft,
    tests: bool,
) -> Result<Channel, Fail> {
    let checked = channel_check(code, draft, tests);
    let (kind, host, target, quiet) =
        checked.map_err(|found| Problem::invalid("channel.refused").findings(found))?;
    let before = store::channel_locked(tx, ctx.operation, unit, code)?;
    if before.as_ref().is_none_or(|one| one.ended_at != 0)
        && store::channels_of(tx, ctx.operation, unit)?.len() >= CHANNELS_OF_UNIT_MAX
    {
        return Err(Problem::conflict("channel.many").with("max", CHANNELS_OF_UNIT_MAX).into());
    }
    let mut channel = Channel {
        id: before.as_ref().map_or_else(|| ctx.id().to_string(), |one| one.id.clone()),
        operation: ctx.operation,
        unit,
        code: code.to_owned(),
        kind,
        host,
        quiet,
        ended_at: 0,
        rev: before.as_ref().map_or(0, |one| one.rev) + 1,
        link: Link { lane: 0, no: 0 },
    };
    let plain = zeroize::Zeroizing::new(serde_json::to_string(&target).map_err(Problem::internal)?);
    let sealed = ctx.seals.seal_rows(tx, PLACE, &[(unit, subject(&channel.id), &plain)])?;
    if before.is_some() {
        ctx.seals.note_erased();
    }
    channel.link = noted(tx, ctx, "channel.set", unit, before.map(|one| one.link), &channel_told(&channel))?;
    store::channel_store(tx, &channel, &sealed[0])?;
    Ok(channel)
}

/// What the journal says of a channel: never where it leads.
pub(in crate::outbound) fn channel_told(one: &Channel) -> Value {
    json!({
        "channel": one.id, "code": one.code, "kind": one.kind, "host": one.host,
        "quiet": one.quiet.map(|quiet| [quiet.from_min, quiet.until_min]), "ended": one.ended_at, "rev": one.rev,
    })
}

/// Ends a channel of a unit: where it led is gone, and what waited for it will not be sent.
///
/// # Errors
/// `channel.unknown`.
pub fn channel_end(tx: &mut Tx<'_>, ctx: &Ctx, unit: i64, code: &str) -> Result<(), Fail> {
    let found = store::channel_locked(tx, ctx.operation, unit, code)?.filter(|one| one.ended_at == 0);
    let mut channel = found.ok_or_else(|| unknown(code))?;
    let last = channel.link;
    (channel.ended_at, channel.rev) = (ctx.now_ms, channel.rev + 1);
    channel.link = noted(tx, ctx, "channel.end", unit, Some(last), &channel_told(&channel))?;
    store::channel_close(tx, &channel)?;
    person_keys_drop(tx, &[subject(&channel.id)])?;
    ctx.seals.note_erased();
    Ok(())
}

fn unknown(code: &str) -> Problem {
    Problem::not_found("channel.unknown").with("channel", code.chars().take(64).collect::<String>())
}

/// Writes a letter to a channel that asks whether it leads where it should; `office`: who asks. The id of the letter.
///
/// # Errors
/// `channel.unknown`.
pub fn channel_test(tx: &mut Tx<'_>, ctx: &Ctx, unit: i64, code: &str, office: &str) -> Result<String, Fail> {
    let found = store::channel_by_code(tx, ctx.operation, unit, code)?.filter(|one| one.ended_at == 0);
    let channel = found.ok_or_else(|| unknown(code))?;
    let args = [("office".to_owned(), office.to_owned()), ("channel".to_owned(), code.to_owned())].into();
    let letter = Letter {
        channel: channel.id,
        unit,
        kind: LetterKind::Test,
        key: format!("test:{}", ctx.id()),
        subject: say::say(ctx.locale, "outbound.test_subject", &args),
        text: say::say(ctx.locale, "outbound.test_text", &args),
        due_ms: ctx.now_ms,
    };
    let mut id = String::new();
    letter_add(tx, ctx, &letter, |tx, told| {
        id = told["id"].as_str().unwrap_or_default().to_owned();
        noted(tx, ctx, "channel.test", unit, None, &json!({ "letter": told }))
    })?;
    Ok(id)
}
