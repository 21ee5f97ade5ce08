//! Logins of groups' own services: which account each opens, and browsers that are away.

use crate::lines::access::model::{Linked, Round};
use muster_store::{Row, Rows, Stmt, StoreError, Tx, args};

const LINKED_ADD: Stmt = Stmt::new(
    "access_oidc_add",
    "insert into access_oidc (id, provider, subject_hash, account, own, linked_at, salt)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
);
const LINKED_OF: Stmt = Stmt::new(
    "access_oidc_of",
    "select id, provider, subject_hash, account, own, linked_at, salt from access_oidc
     where provider = $1 and subject_hash = $2",
);
const LINKED_BY: Stmt = Stmt::new(
    "access_oidc_by",
    "select id, provider, subject_hash, account, own, linked_at, salt from access_oidc
     where account = $1 order by provider limit 100",
);
const LINKED_AFTER: Stmt = Stmt::new(
    "access_oidc_after",
    "select id, provider, subject_hash, account, own, linked_at, salt from access_oidc where id > $1
     order by id limit $2",
);
const LINKED_DROP: Stmt =
    Stmt::new("access_oidc_drop", "delete from access_oidc where id = $1 and account = $2");
const ROUND_ADD: Stmt = Stmt::new(
    "access_oidc_round_add",
    "insert into access_oidc_round
         (state_hash, browser_hash, provider, nonce, verifier, path, account, passed, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
);
const ROUND_OF: Stmt = Stmt::new(
    "access_oidc_round_of",
    "select state_hash, browser_hash, provider, nonce, verifier, path, account, passed, expires_at
     from access_oidc_round where state_hash = $1 and browser_hash = $2 and expires_at > $3 {lock}",
);
const ROUND_DROP: Stmt =
    Stmt::new("access_oidc_round_drop", "delete from access_oidc_round where state_hash = $1");
const ROUND_SWEEP: Stmt =
    Stmt::new("access_oidc_round_sweep", "delete from access_oidc_round where expires_at <= $1");

pub(super) const STATEMENTS: &[Stmt] = &[
    LINKED_ADD,
    LINKED_OF,
    LINKED_BY,
    LINKED_AFTER,
    LINKED_DROP,
    ROUND_ADD,
    ROUND_OF,
    ROUND_DROP,
    ROUND_SWEEP,
];

fn linked(row: &Row) -> Result<Linked, StoreError> {
    Ok(Linked {
        id: row.string(0)?,
        provider: row.string(1)?,
        subject_hash: row.string(2)?,
        account: row.string(3)?,
        own: row.int(4)? == 1,
        linked_at: row.int(5)?,
        salt: row.string(6)?,
    })
}

/// Adds one; says whether nobody was there first.
pub(in crate::lines::access) fn linked_add(tx: &mut Tx, one: &Linked) -> Result<bool, StoreError> {
    let Linked { id, provider, subject_hash, account, own, linked_at, salt } = one;
    let args = args![id, provider, subject_hash, account, i64::from(*own), *linked_at, salt];
    Ok(tx.exec(&LINKED_ADD, args)? == 1)
}

/// What a service's login is linked to.
pub(in crate::lines::access) fn linked_of(
    rows: &mut impl Rows,
    provider: &str,
    subject_hash: &str,
) -> Result<Option<Linked>, StoreError> {
    rows.opt(&LINKED_OF, args![provider, subject_hash], linked)
}

/// The logins that open an account, by service.
pub(in crate::lines::access) fn linked_by(
    rows: &mut impl Rows,
    account: &str,
) -> Result<Vec<Linked>, StoreError> {
    rows.all(&LINKED_BY, args![account], linked)
}

/// All there are, after one, by id.
pub(in crate::lines::access) fn linked_after(
    rows: &mut impl Rows,
    after: &str,
    limit: i64,
) -> Result<Vec<Linked>, StoreError> {
    rows.all(&LINKED_AFTER, args![after, limit], linked)
}

/// Takes one away; says whether it was there.
pub(in crate::lines::access) fn linked_drop(
    tx: &mut Tx,
    id: &str,
    account: &str,
) -> Result<bool, StoreError> {
    Ok(tx.exec(&LINKED_DROP, args![id, account])? == 1)
}

/// Remembers a browser that is sent away, and forgets those whose time is over.
pub(in crate::lines::access) fn round_add(tx: &mut Tx, round: &Round, now_ms: i64) -> Result<(), StoreError> {
    tx.exec(&ROUND_SWEEP, args![now_ms])?;
    let Round { state_hash, browser_hash, provider, nonce, verifier, path, account, passed, expires_at } =
        round;
    let passed = i64::from(*passed);
    let args = args![state_hash, browser_hash, provider, nonce, verifier, path, account, passed, *expires_at];
    tx.exec(&ROUND_ADD, args)?;
    Ok(())
}

/// What is remembered of a browser, while nobody else takes it.
pub(in crate::lines::access) fn round_of(
    tx: &mut Tx,
    state_hash: &str,
    browser_hash: &str,
    now_ms: i64,
) -> Result<Option<Round>, StoreError> {
    tx.opt(&ROUND_OF, args![state_hash, browser_hash, now_ms], |row| {
        Ok(Round {
            state_hash: row.string(0)?,
            browser_hash: row.string(1)?,
            provider: row.string(2)?,
            nonce: row.string(3)?,
            verifier: row.string(4)?,
            path: row.string(5)?,
            account: row.string(6)?,
            passed: row.int(7)? == 1,
            expires_at: row.int(8)?,
        })
    })
}

/// Forgets it; says whether it was still there.
pub(in crate::lines::access) fn round_drop(tx: &mut Tx, state_hash: &str) -> Result<bool, StoreError> {
    Ok(tx.exec(&ROUND_DROP, args![state_hash])? == 1)
}
