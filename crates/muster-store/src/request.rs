//! Requests answered once: the answer is stored with what it did, under the request's own key.

use crate::{Result, Rows, Stmt, StoreError, Tx, args};

/// An answer given before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Digest of what was asked: a different one under the same key is a mistake of the caller.
    pub fingerprint: Vec<u8>,
    /// What was answered.
    pub response: Vec<u8>,
    /// Until when it is kept, in ms UTC.
    pub expires_at: i64,
}

const READ: Stmt = Stmt::new(
    "store.request_read",
    "select fingerprint, response, expires_at from request_key \
     where bucket = $1 and key = $2 and expires_at > $3",
);
const STORE: Stmt = Stmt::new(
    "store.request_store",
    "insert into request_key (bucket, key, fingerprint, response, expires_at) \
     values ($1, $2, $3, $4, $5) on conflict (bucket, key) do update set \
     fingerprint = excluded.fingerprint, response = excluded.response, expires_at = excluded.expires_at \
     where request_key.expires_at <= $6",
);
const SWEEP: Stmt = Stmt::new(
    "store.request_sweep",
    "delete from request_key where bucket = $1 and key in (select key from request_key \
     where bucket = $1 and expires_at <= $2 order by expires_at limit $3)",
);
pub(crate) const STATEMENTS: &[Stmt] = &[READ, STORE, SWEEP];

/// The answer given under a key, if it is still kept. Also settles a commit that was not answered:
/// found means stored.
pub fn request_read(rows: &mut impl Rows, key: &str, now_ms: i64) -> Result<Option<Answered>> {
    rows.opt(&READ, args![1, key, now_ms], |row| {
        Ok(Answered {
            fingerprint: row.bytes(0)?.to_vec(),
            response: row.bytes(1)?.to_vec(),
            expires_at: row.int(2)?,
        })
    })
}

/// Forgets up to `limit` answers whose time is over; how many. Repeat until fewer.
pub fn request_sweep(tx: &mut Tx<'_>, limit: i64) -> Result<u64> {
    tx.exec(&SWEEP, args![tx.bucket(), tx.at(), limit])
}

impl Tx<'_> {
    /// The answer given under this key, if any: look before doing anything.
    pub fn request_seen(&mut self, key: &str) -> Result<Option<Answered>> {
        let now = self.at();
        request_read(self, key, now)
    }

    /// Keeps an answer until `expires_at` (ms UTC). If someone else stored one under the same key
    /// meanwhile, this write is undone and runs again, and then sees it.
    pub fn request_store(
        &mut self,
        key: &str,
        fingerprint: &[u8],
        response: &[u8],
        expires_at: i64,
    ) -> Result<()> {
        let (bucket, now) = (self.bucket(), self.at());
        let stored = self.exec(&STORE, args![bucket, key, fingerprint, response, expires_at, now])?;
        if stored > 0 {
            return Ok(());
        }
        let why = match self.request_seen(key)? {
            // Seen by this very closure, if it looked: on SQLite nobody else can have come between.
            Some(_) if !self.is_postgres() => StoreError::Constraint { name: "request_key_pkey".into() },
            _ => StoreError::Conflict,
        };
        self.session.poison = Some(why.clone());
        Err(why)
    }
}
