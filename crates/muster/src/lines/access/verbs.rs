//! What can be done: set an account, end it, open and close a session. Hashing happens outside the transaction.

use super::model::{Account, AccountDated, Role, Signed};
use super::store;
use crate::Fail;
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use muster_kernel::{Day, Digest, Problem, ProblemKind};
use muster_store::{Db, Entry, Rows, StoreError, Tx};
use serde_json::json;
use tokio::sync::Semaphore;

/// How long a session lasts: one working day and a night.
const SESSION_MS: i64 = 16 * 3_600_000;
/// Longest password that is hashed; longer ones are refused before they cost anything.
const PASSWORD_BYTES_MAX: usize = 256;
/// Shortest password.
const PASSWORD_CHARS_MIN: usize = 8;

/// The argon2id hash of a password, in PHC form. Slow on purpose; never called inside a transaction.
pub fn password_hash(password: &str) -> Result<String, Problem> {
    if password.chars().count() < PASSWORD_CHARS_MIN || password.len() > PASSWORD_BYTES_MAX {
        return Err(Problem::invalid("account.password_length"));
    }
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(Problem::internal)?;
    Ok(hash.to_string())
}

/// Creates an account or replaces it; `password_hash` from [`password_hash`], or none for a role of the
/// demonstration, which is no person. Its sessions end: who had the old password, or the old role, is not let in by it.
pub fn account_set(
    tx: &mut Tx,
    ctx: &crate::Ctx,
    account: &Account,
    hash: Option<&str>,
) -> Result<(), StoreError> {
    let held = store::account_lock(tx, &account.id)?;
    let row = store::RawAccount {
        id: account.id.clone(),
        name: account.name.clone(),
        role: account.role.word().to_owned(),
        unit: account.unit,
        password_hash: hash.map(str::to_owned),
        since: ctx.today().number().into(),
        until: Day::OPEN_END.number().into(),
        rev: held.unwrap_or(0) + 1,
    };
    written(tx, ctx, "account.set", &row, held.is_none())
}

/// Ends the account of a login name from today on: it is not let in any more, and its sessions end. The row stays, so that
/// what it did stays somebody's; set anew, it is the same account again.
///
/// # Errors
/// `account.unknown` where nobody can log in by that name today.
pub fn account_end(tx: &mut Tx, ctx: &crate::Ctx, name: &str) -> Result<(), Fail> {
    let today = i64::from(ctx.today().number());
    let held = store::account_row(tx, name)?.filter(|row| row.until > today);
    let held = held.ok_or_else(|| Problem::not_found("account.unknown").with("name", name))?;
    let row = store::RawAccount { until: today, rev: held.rev + 1, ..held };
    Ok(written(tx, ctx, "account.end", &row, false)?)
}

/// Writes an account as it is from now on, and its entry, and ends its sessions.
fn written(
    tx: &mut Tx,
    ctx: &crate::Ctx,
    action: &'static str,
    row: &store::RawAccount,
    is_new: bool,
) -> Result<(), StoreError> {
    store::account_put(tx, row, is_new)?;
    store::sessions_drop(tx, &row.id)?;
    let body = json!({
        "revision": row.rev, "role": row.role, "unit": row.unit, "since": row.since, "until": row.until,
        "seal": account_seal(row),
    });
    tx.journal(Entry {
        operation: ctx.operation,
        actor: &ctx.actor.to_string(),
        action,
        subject: &format!("account:{}", row.id),
        prev: None,
        request: None,
        body: body.to_string().into_bytes(),
    })?;
    Ok(())
}

/// A hash over the name and the hash of the password: the salt in that one makes it say nothing to whoever has not got
/// the row.
pub(super) fn account_seal(row: &store::RawAccount) -> String {
    Digest::of(json!([row.name, row.password_hash]).to_string().as_bytes()).to_string()
}

/// The id of the account that has a login name, also of one that was ended; while nobody else changes it.
pub fn account_id(tx: &mut Tx, name: &str) -> Result<Option<String>, StoreError> {
    Ok(store::account_row(tx, name)?.map(|row| row.id))
}

/// Accounts after a login name, ended ones too, in the order of names; at most `limit`.
pub fn accounts_page(rows: &mut impl Rows, after: &str, limit: u32) -> Result<Vec<AccountDated>, StoreError> {
    let dated = |row: store::RawAccount| {
        let role = Role::from_word(&row.role).unwrap_or(Role::Viewer);
        let account = Account { id: row.id, name: row.name, role, unit: row.unit };
        let day = |number: i64| i32::try_from(number).map_or(Day::OPEN_END, Day::from_number);
        AccountDated { account, since: day(row.since), until: day(row.until) }
    };
    Ok(store::accounts_by_name(rows, after, limit)?.into_iter().map(dated).collect())
}

/// The account of an id, or else of a login name, on a day.
pub fn account_called(rows: &mut impl Rows, word: &str, day: Day) -> Result<Option<Account>, StoreError> {
    Ok(store::account_called(rows, word, day.number())?.map(|(account, _)| account))
}

/// Passwords that are compared at once.
static COMPARING: Semaphore = Semaphore::const_new(4);

/// Opens a session for a name and a password. Takes as long for an unknown name as for a wrong password.
///
/// An account is dated in days of its operation, so `today` is the operation's: in the first hours of its morning it is
/// still yesterday in UTC.
pub async fn session_open(
    db: &Db,
    now_ms: i64,
    today: Day,
    name: String,
    password: String,
) -> Result<Signed, Fail> {
    let refused = || Fail::from(Problem::new(ProblemKind::Unauthenticated, "session.refused"));
    if password.len() > PASSWORD_BYTES_MAX || name.len() > 200 || name.contains('\0') {
        return Err(refused());
    }
    let asked = name.clone();
    let known = db.read("session.open", move |rx| store::account_by_name(rx, &asked, today.number())).await?;
    let (account, hash) = known.unzip();
    let hash = hash.flatten();
    let shown = hash.clone();
    // Comparing one takes 19 MiB: few at once, whoever sends how many.
    let turn = COMPARING.acquire().await;
    let matches = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        password_matches(shown.as_deref(), &password)
    });
    let (Some(account), true) = (account, matches.await.unwrap_or(false)) else { return Err(refused()) };
    let token = new_token();
    let (of_token, id) = (token_hash(&token), account.id.clone());
    let opened = db.write("session.open", now_ms, move |tx: &mut Tx| {
        // Comparing took a while: who was given another password meanwhile, or was ended, is not let in by the old one.
        store::account_lock(tx, &id)?;
        let now = store::account_by_name(tx, &name, today.number())?;
        if !now.is_some_and(|(account, now)| account.id == id && now == hash) {
            return Ok::<_, StoreError>(false);
        }
        session_put(tx, &of_token, &id, now_ms)?;
        Ok(true)
    });
    if opened.await? { Ok(Signed { token, account }) } else { Err(refused()) }
}

fn session_put(tx: &mut Tx, token_hash: &str, account: &str, now_ms: i64) -> Result<(), StoreError> {
    store::session_sweep(tx, now_ms)?;
    store::session_add(tx, token_hash, account, now_ms + SESSION_MS)
}

/// Opens a session for an account whose right to it was shown elsewhere: the role switch of the demonstration.
pub async fn session_of(db: &Db, now_ms: i64, account: Account) -> Result<Signed, Fail> {
    let token = new_token();
    let (hash, id) = (token_hash(&token), account.id.clone());
    db.write("session.open", now_ms, move |tx: &mut Tx| session_put(tx, &hash, &id, now_ms)).await?;
    Ok(Signed { token, account })
}

/// Ends a session.
pub async fn session_close(db: &Db, now_ms: i64, token: &str) -> Result<(), StoreError> {
    let hash = token_hash(token);
    db.write("session.close", now_ms, move |tx: &mut Tx| store::session_drop(tx, &hash)).await
}

/// Whose session a token is, if it is anybody's now; `today` is the operation's.
pub fn session_account(
    rows: &mut impl Rows,
    token: &str,
    now_ms: i64,
    today: Day,
) -> Result<Option<Account>, StoreError> {
    let known = store::account_by_session(rows, &token_hash(token), now_ms, today.number())?;
    Ok(known.map(|(account, _)| account))
}

fn token_hash(token: &str) -> String {
    Digest::of(token.as_bytes()).to_string()
}

/// 244 random bits.
#[expect(clippy::disallowed_methods, reason = "a token is chance and nothing else; it is not an id")]
fn new_token() -> String {
    format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple())
}

fn password_matches(hash: Option<&str>, password: &str) -> bool {
    // Argon2id of a random text: an unknown name costs what a wrong password costs.
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$2hhU9n1zVbTzC0aPXDDwWbVTKBbHkyhUHwFrBCbJ2kY";
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODY)) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_own_hash_only() {
        let hash = password_hash("correct horse").unwrap();
        assert!(password_matches(Some(&hash), "correct horse"));
        assert!(!password_matches(Some(&hash), "correct hors"));
        assert!(!password_matches(None, "correct horse"));
        assert!(!password_matches(Some("not a hash"), "x"));
        assert_eq!(password_hash("short").unwrap_err().code, "account.password_length");
    }
}
