//! Rows of channels.

use crate::outbound::model::{Channel, Kind, Quiet, Target};
use crate::seal::{Closed, SealedRow, Seals};
use muster_store::{Link, Row, Rows, Stmt, StoreError, Tx, args};

/// Where a channel's target stands, as it is bound into its ciphertext.
pub(in crate::outbound) const PLACE: (&str, &str) = ("channel", "sealed");
const CHANNELS_OF: Stmt = Stmt::new(
    "outbound.channels_of",
    "select id, operation, unit, code, kind, host, quiet_from, quiet_until, ended_at, rev, lane, no from channel
     where operation = $1 and unit = $2 and ended_at = 0 order by code limit 100",
);
const CHANNEL_BY_CODE: Stmt = Stmt::new(
    "outbound.channel_by_code",
    "select id, operation, unit, code, kind, host, quiet_from, quiet_until, ended_at, rev, lane, no from channel
     where operation = $1 and unit = $2 and code = $3",
);
/// The same, held until the end of the write.
const CHANNEL_LOCK: Stmt = Stmt::new(
    "outbound.channel_lock",
    "select id, operation, unit, code, kind, host, quiet_from, quiet_until, ended_at, rev, lane, no from channel
     where operation = $1 and unit = $2 and code = $3 {lock}",
);
const CHANNELS_BY_ID: Stmt = Stmt::new(
    "outbound.channels_by_id",
    "select id, operation, unit, code, kind, host, quiet_from, quiet_until, ended_at, rev, lane, no from channel
     where id {in:$1}",
);
const CHANNELS_AFTER: Stmt = Stmt::new(
    "outbound.channels_after",
    "select id, operation, unit, code, kind, host, quiet_from, quiet_until, ended_at, rev, lane, no from channel
     where id > $1 order by id limit $2",
);
const FIRST_CHANNELS: Stmt = Stmt::new(
    "outbound.first_channels",
    "select c.id, c.unit from channel c where c.operation = $1 and c.unit {in:$2} and c.ended_at = 0
     and not exists (select 1 from channel o where o.unit = c.unit and o.code < c.code and o.operation = c.operation
                     and o.ended_at = 0)",
);
const CHANNEL_SET: Stmt = Stmt::new(
    "outbound.channel_set",
    "insert into channel (id, operation, unit, code, kind, host, sealed, quiet_from, quiet_until, ended_at, rev, lane, no)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $12)
     on conflict (id) do update set kind = excluded.kind, host = excluded.host, sealed = excluded.sealed,
         quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until, ended_at = 0, rev = excluded.rev,
         lane = excluded.lane, no = excluded.no",
);
const CHANNEL_END: Stmt = Stmt::new(
    "outbound.channel_end",
    "update channel set ended_at = $2, sealed = null, rev = $3, lane = $4, no = $5 where id = $1",
);
const CHANNEL_OPEN: Stmt = Stmt::new(
    "outbound.channel_open",
    "select c.sealed, k.wrapped, k.unit, u.wrapped, u.master, c.unit from channel c
     left join seal_person_key k on k.subject = 'channel:' || c.id
     left join seal_unit_key u on u.unit = k.unit where c.id = $1 and c.ended_at = 0",
);
const KEY_STRAYS: Stmt = Stmt::new(
    "outbound.key_strays",
    "select k.subject from seal_person_key k where k.subject >= 'channel:' and k.subject < 'channel;'
         and not exists (select 1 from channel c where c.id = substr(k.subject, 9) and c.sealed is not null)
     order by k.subject limit 1000",
);
const PACE_ADD: Stmt = Stmt::new(
    "outbound.pace_add",
    "insert into channel_pace (channel, mark) values ($1, 0) on conflict (channel) do nothing",
);
const PACE_LOCK: Stmt =
    Stmt::new("outbound.pace_lock", "select mark from channel_pace where channel = $1 {lock}");
const PACE_SET: Stmt = Stmt::new("outbound.pace_set", "update channel_pace set mark = $2 where channel = $1");

/// Every statement of channels.
pub(in crate::outbound) const STATEMENTS: &[Stmt] = &[
    CHANNELS_OF,
    CHANNEL_BY_CODE,
    CHANNEL_LOCK,
    CHANNELS_BY_ID,
    CHANNELS_AFTER,
    FIRST_CHANNELS,
    CHANNEL_SET,
    CHANNEL_END,
    CHANNEL_OPEN,
    KEY_STRAYS,
    PACE_ADD,
    PACE_LOCK,
    PACE_SET,
];

fn channel(row: &Row<'_>) -> Result<Channel, StoreError> {
    let corrupt = |what: &str| StoreError::Corrupt(format!("a channel whose {what} cannot be read"));
    let quiet = match (row.opt_int(6)?, row.opt_int(7)?) {
        (Some(from_min), Some(until_min)) => Some(Quiet { from_min, until_min }),
        (None, None) => None,
        _ => return Err(corrupt("quiet hours")),
    };
    Ok(Channel {
        id: row.string(0)?,
        operation: row.int(1)?,
        unit: row.int(2)?,
        code: row.string(3)?,
        kind: Kind::from_word(row.text(4)?).ok_or_else(|| corrupt("kind"))?,
        host: row.string(5)?,
        quiet,
        ended_at: row.int(8)?,
        rev: row.int(9)?,
        link: Link { lane: row.int32(10)?, no: row.int(11)? },
    })
}

/// Whose key it is.
pub(in crate::outbound) fn subject(channel: &str) -> String {
    format!("channel:{channel}")
}

/// Channels of a unit that are used, by their codes.
///
/// # Errors
/// The store's.
pub fn channels_of(rows: &mut impl Rows, operation: i64, unit: i64) -> Result<Vec<Channel>, StoreError> {
    rows.all(&CHANNELS_OF, args![operation, unit], channel)
}

/// A channel of a unit, used or ended.
///
/// # Errors
/// The store's.
pub fn channel_by_code(
    rows: &mut impl Rows,
    operation: i64,
    unit: i64,
    code: &str,
) -> Result<Option<Channel>, StoreError> {
    rows.opt(&CHANNEL_BY_CODE, args![operation, unit, code], channel)
}

pub(in crate::outbound) fn channel_locked(
    tx: &mut Tx<'_>,
    operation: i64,
    unit: i64,
    code: &str,
) -> Result<Option<Channel>, StoreError> {
    tx.opt(&CHANNEL_LOCK, args![operation, unit, code], channel)
}

/// Channels by their ids.
///
/// # Errors
/// The store's.
pub fn channels_by_id(rows: &mut impl Rows, ids: &[String]) -> Result<Vec<Channel>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    rows.all(&CHANNELS_BY_ID, args![ids], channel)
}

pub(in crate::outbound) fn channels_after(
    rows: &mut impl Rows,
    after: &str,
    limit: u32,
) -> Result<Vec<Channel>, StoreError> {
    rows.all(&CHANNELS_AFTER, args![after, limit], channel)
}

/// Of each of some units that has channels the first, by its code: unit and id of the channel.
///
/// # Errors
/// The store's.
pub fn units_first_channel(
    rows: &mut impl Rows,
    operation: i64,
    units: &[i64],
) -> Result<Vec<(i64, String)>, StoreError> {
    if units.is_empty() {
        return Ok(Vec::new());
    }
    rows.all(&FIRST_CHANNELS, args![operation, units], |row| Ok((row.int(1)?, row.string(0)?)))
}

pub(in crate::outbound) fn channel_store(
    tx: &mut Tx<'_>,
    one: &Channel,
    sealed: &[u8],
) -> Result<(), StoreError> {
    let (from, until) = (one.quiet.map(|quiet| quiet.from_min), one.quiet.map(|quiet| quiet.until_min));
    let args = args![
        &one.id,
        one.operation,
        one.unit,
        &one.code,
        one.kind.word(),
        &one.host,
        sealed,
        from,
        until,
        one.rev,
        one.link.lane,
        one.link.no
    ];
    tx.exec(&CHANNEL_SET, args)?;
    tx.exec(&PACE_ADD, args![&one.id]).map(drop)
}

pub(in crate::outbound) fn channel_close(tx: &mut Tx<'_>, one: &Channel) -> Result<(), StoreError> {
    tx.exec(&CHANNEL_END, args![&one.id, one.ended_at, one.rev, one.link.lane, one.link.no]).map(drop)
}

/// Where a channel leads, or why that stays closed.
type Opened = Result<Target, Closed>;

/// Where a channel that is used leads, and whether its keys are of its unit and say by which master they are wrapped; none
/// where there is no such channel.
pub(in crate::outbound) fn target(
    rows: &mut impl Rows,
    seals: &Seals,
    id: &str,
) -> Result<Option<(Opened, bool)>, StoreError> {
    rows.opt(&CHANNEL_OPEN, args![id], |row| {
        let Some(sealed) = row.opt_bytes(0)? else { return Ok((Err(Closed::Broken), false)) };
        let by = row.opt_bytes(3)?.and_then(|wrapped| muster_seal::key_of(wrapped).ok());
        let sound = by.is_some_and(|by| row.opt_bytes(4).ok().flatten() == Some(&by.0[..]))
            && row.opt_int(2)? == Some(row.int(5)?);
        let sealed = SealedRow {
            unit: row.opt_int(2)?.unwrap_or(0),
            unit_key: row.opt_bytes(3)?,
            person_key: row.opt_bytes(1)?,
            subject: &subject(id),
            sealed,
        };
        let opened = seals.open_row(PLACE, sealed);
        Ok((opened.and_then(|text| serde_json::from_str(&text).map_err(|_| Closed::Broken)), sound))
    })
}

/// Keys of channels that open nothing.
pub(in crate::outbound) fn key_strays(rows: &mut impl Rows) -> Result<Vec<String>, StoreError> {
    rows.all(&KEY_STRAYS, args![], |row| row.string(0))
}

/// How much went to a channel lately; held until the end of the write. None where there is no such channel.
pub(in crate::outbound) fn pace_locked(tx: &mut Tx<'_>, channel: &str) -> Result<Option<i64>, StoreError> {
    tx.opt(&PACE_LOCK, args![channel], |row| row.int(0))
}

pub(in crate::outbound) fn pace_set(tx: &mut Tx<'_>, channel: &str, mark_ms: i64) -> Result<(), StoreError> {
    tx.exec(&PACE_SET, args![channel, mark_ms]).map(drop)
}
