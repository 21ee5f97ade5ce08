//! Links by which a unit files one form without an account, and the devices on which they were opened.

use crate::lines::access::model::Link;
use muster_store::{Row, Rows, Stmt, StoreError, Tx, args};

const LINK_ADD: Stmt = Stmt::new(
    "access_link_add",
    "insert into access_link
         (id, token_hash, unit, form, operation, issued_at, expires_at, pin_hash, giver, ended_at, tries, tried_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, 0)",
);
const LINK_OPENING: Stmt = Stmt::new(
    "access_link_opening",
    "select id, unit, form, operation, issued_at, expires_at, giver, ended_at, pin_hash, tries, tried_at
     from access_link where token_hash = $1 {lock}",
);
const LINK_LOCK: Stmt = Stmt::new(
    "access_link_lock",
    "select id, unit, form, operation, issued_at, expires_at, giver, ended_at from access_link where id = $1 {lock}",
);
const LINKS_AT: Stmt = Stmt::new(
    "access_links_at",
    "select id, unit, form, operation, issued_at, expires_at, giver, ended_at from access_link
     where unit {in:$1} and operation = $2 and ended_at = 0 and expires_at > $3 order by unit, form, id limit $4",
);
const LINKS_AFTER: Stmt = Stmt::new(
    "access_links_after",
    "select id, unit, form, operation, issued_at, expires_at, giver, ended_at from access_link
     where id > $1 order by id limit $2",
);
const LINKS_BY_ID: Stmt = Stmt::new(
    "access_links_by_id",
    "select id, unit, form, operation, issued_at, expires_at, giver, ended_at from access_link where id {in:$1}",
);
const LINK_UNITS: Stmt =
    Stmt::new("access_link_units", "select id, unit from access_link where id {in:$1} order by id");
const LINKS_END: Stmt = Stmt::new(
    "access_links_end",
    "update access_link set ended_at = $3 where unit = $1 and form = $2 and ended_at = 0 returning id",
);
const LINK_END: Stmt = Stmt::new("access_link_end", "update access_link set ended_at = $2 where id = $1");
const LINK_TRIED: Stmt =
    Stmt::new("access_link_tried", "update access_link set tries = $2, tried_at = $3 where id = $1");
const DEVICE_ADD: Stmt = Stmt::new(
    "access_device_add",
    "insert into access_device (token_hash, link, opened_at, agent) values ($1, $2, $3, $4)",
);
const DEVICE_OF: Stmt = Stmt::new(
    "access_device_of",
    "select l.id, l.unit, l.form, l.operation, l.issued_at, l.expires_at, l.giver, l.ended_at
     from access_device d join access_link l on l.id = d.link
     where d.token_hash = $1 and l.ended_at = 0 and l.expires_at > $2",
);
const DEVICES_COUNT: Stmt = Stmt::new(
    "access_devices_count",
    "select link, cast(count(*) as bigint), max(opened_at) from access_device where link {in:$1} group by link",
);
const DEVICE_DROP: Stmt = Stmt::new("access_device_drop", "delete from access_device where token_hash = $1");
const DEVICES_DROP: Stmt = Stmt::new("access_devices_drop", "delete from access_device where link = $1");

pub(super) const STATEMENTS: &[Stmt] = &[
    LINK_ADD,
    LINK_OPENING,
    LINK_LOCK,
    LINKS_AT,
    LINKS_AFTER,
    LINKS_BY_ID,
    LINK_UNITS,
    LINKS_END,
    LINK_END,
    LINK_TRIED,
    DEVICE_ADD,
    DEVICE_OF,
    DEVICES_COUNT,
    DEVICE_DROP,
    DEVICES_DROP,
];

/// A link with what is held against whoever opens it.
pub(in crate::lines::access) struct Opening {
    pub(in crate::lines::access) link: Link,
    /// Empty where it needs no PIN.
    pub(in crate::lines::access) pin_hash: String,
    /// Wrong PINs since the last right one.
    pub(in crate::lines::access) tries: i64,
    /// When the last of them was tried, in ms UTC.
    pub(in crate::lines::access) tried_at: i64,
}

fn link(row: &Row) -> Result<Link, StoreError> {
    Ok(Link {
        id: row.string(0)?,
        unit: row.int(1)?,
        form: row.string(2)?,
        operation: row.int(3)?,
        issued_at: row.int(4)?,
        expires_at: row.int(5)?,
        giver: row.string(6)?,
        ended_at: row.int(7)?,
    })
}

/// Adds a link.
pub(in crate::lines::access) fn link_add(
    tx: &mut Tx,
    link: &Link,
    token_hash: &str,
    pin_hash: &str,
) -> Result<(), StoreError> {
    let Link { id, unit, form, operation, issued_at, expires_at, giver, .. } = link;
    let args = args![id, token_hash, *unit, form, *operation, *issued_at, *expires_at, pin_hash, giver];
    tx.exec(&LINK_ADD, args)?;
    Ok(())
}

/// The link of a token, while nobody else opens it.
pub(in crate::lines::access) fn link_opening(
    tx: &mut Tx,
    token_hash: &str,
) -> Result<Option<Opening>, StoreError> {
    tx.opt(&LINK_OPENING, args![token_hash], |row| {
        Ok(Opening { link: link(row)?, pin_hash: row.string(8)?, tries: row.int(9)?, tried_at: row.int(10)? })
    })
}

/// A link, while nobody else changes it.
pub(in crate::lines::access) fn link_lock(tx: &mut Tx, id: &str) -> Result<Option<Link>, StoreError> {
    tx.opt(&LINK_LOCK, args![id], link)
}

/// The links of some units that open at an instant, by unit and form.
pub(in crate::lines::access) fn links_at(
    rows: &mut impl Rows,
    units: &[i64],
    operation: i64,
    now_ms: i64,
    limit: u32,
) -> Result<Vec<Link>, StoreError> {
    rows.all(&LINKS_AT, args![units, operation, now_ms, i64::from(limit)], link)
}

/// Links by their ids, ended ones too.
pub(in crate::lines::access) fn links_by_id(
    rows: &mut impl Rows,
    ids: &[String],
) -> Result<Vec<Link>, StoreError> {
    rows.all(&LINKS_BY_ID, args![ids], link)
}

/// All that were ever issued, after one, by id.
pub(in crate::lines::access) fn links_after(
    rows: &mut impl Rows,
    after: &str,
    limit: i64,
) -> Result<Vec<Link>, StoreError> {
    rows.all(&LINKS_AFTER, args![after, limit], link)
}

/// Whose units some links are, by id, also of those that were ended.
pub(in crate::lines::access) fn link_units(
    rows: &mut impl Rows,
    links: &[String],
) -> Result<Vec<(String, i64)>, StoreError> {
    rows.all(&LINK_UNITS, args![links], |row| Ok((row.string(0)?, row.int(1)?)))
}

/// Ends the links of a unit for a form; answers which.
pub(in crate::lines::access) fn links_end(
    tx: &mut Tx,
    unit: i64,
    form: &str,
    now_ms: i64,
) -> Result<Vec<String>, StoreError> {
    tx.all(&LINKS_END, args![unit, form, now_ms], |row| row.string(0))
}

/// Ends one, and forgets its devices.
pub(in crate::lines::access) fn link_end(tx: &mut Tx, id: &str, now_ms: i64) -> Result<(), StoreError> {
    tx.exec(&LINK_END, args![id, now_ms])?;
    devices_drop(tx, id)
}

/// Notes how often a wrong PIN was tried.
pub(in crate::lines::access) fn link_tried(
    tx: &mut Tx,
    id: &str,
    tries: i64,
    now_ms: i64,
) -> Result<(), StoreError> {
    tx.exec(&LINK_TRIED, args![id, tries, now_ms])?;
    Ok(())
}

/// Notes a device on which a link was opened.
pub(in crate::lines::access) fn device_add(
    tx: &mut Tx,
    token_hash: &str,
    link: &str,
    now_ms: i64,
    agent: &str,
) -> Result<(), StoreError> {
    tx.exec(&DEVICE_ADD, args![token_hash, link, now_ms, agent])?;
    Ok(())
}

/// The link that was opened on a device, if it still opens.
pub(in crate::lines::access) fn device_of(
    rows: &mut impl Rows,
    token_hash: &str,
    now_ms: i64,
) -> Result<Option<Link>, StoreError> {
    rows.opt(&DEVICE_OF, args![token_hash, now_ms], link)
}

/// On how many devices some links were opened, and when last, by link.
pub(in crate::lines::access) fn devices_count(
    rows: &mut impl Rows,
    links: &[String],
) -> Result<Vec<(String, i64, i64)>, StoreError> {
    rows.all(&DEVICES_COUNT, args![links], |row| Ok((row.string(0)?, row.int(1)?, row.int(2)?)))
}

/// Forgets a device.
pub(in crate::lines::access) fn device_drop(tx: &mut Tx, token_hash: &str) -> Result<(), StoreError> {
    tx.exec(&DEVICE_DROP, args![token_hash])?;
    Ok(())
}

/// Forgets all devices of a link.
pub(in crate::lines::access) fn devices_drop(tx: &mut Tx, link: &str) -> Result<(), StoreError> {
    tx.exec(&DEVICES_DROP, args![link])?;
    Ok(())
}
