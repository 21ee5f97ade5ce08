//! Requests answered once: the answer is stored with what it did, under the request's own key.

use std::collections::HashMap;

use crate::{Ask, Result, Rows, Stmt, StoreError, Tx, args};

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
const READ_MANY: Stmt = Stmt::new(
    "store.requests_read",
    "select key, fingerprint, response, expires_at from request_key where bucket = $1 and key {in:$2}",
);
const FORGET: Stmt = Stmt::new(
    "store.requests_forget",
    "delete from request_key where bucket = $1 and key {in:$2} and expires_at <= $3",
);
const STORE_MANY: Stmt = Stmt::new(
    "store.requests_store",
    "insert into request_key (bucket, key, fingerprint, response, expires_at) values ($1, $2, $3, $4, $5)",
);
const ANSWER: Stmt =
    Stmt::new("store.request_answer", "update request_key set response = $1 where bucket = $2 and key = $3");
const SWEEP: Stmt = Stmt::new(
    "store.request_sweep",
    "delete from request_key where bucket = $1 and key in (select key from request_key \
     where bucket = $1 and expires_at <= $2 order by expires_at limit $3)",
);
pub(crate) const STATEMENTS: &[Stmt] = &[READ, STORE, ANSWER, READ_MANY, FORGET, STORE_MANY, SWEEP];

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

    /// Sets the answer under a key that this write took with [`Tx::request_store`] before it began: whoever comes with
    /// the same key meanwhile waits, and then sees the answer instead of what the deed left behind.
    pub fn request_answer(&mut self, key: &str, response: &[u8]) -> Result<()> {
        let bucket = self.bucket();
        self.exec(&ANSWER, args![response, bucket, key]).map(drop)
    }

    /// The question of [`Tx::requests_seen`], to be sent ahead.
    pub fn requests_ask(&self, keys: &[String]) -> Option<Ask> {
        (!keys.is_empty()).then(|| Ask::new(READ_MANY, args![self.bucket(), keys.to_vec()]))
    }

    /// The answers given under some keys: look before doing anything. Those whose time is over are forgotten, so that
    /// their keys are free again. For a batch: two statements at most, however many keys.
    pub fn requests_seen(&mut self, keys: &[String]) -> Result<HashMap<String, Answered>> {
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let (bucket, now) = (self.bucket(), self.at());
        let (mut seen, mut over) = (HashMap::new(), Vec::new());
        self.each(&READ_MANY, args![bucket, keys.to_vec()], |row| {
            let key = row.string(0)?;
            match row.int(3)? {
                expires_at if expires_at <= now => over.push(key),
                expires_at => {
                    let (fingerprint, response) = (row.bytes(1)?.to_vec(), row.bytes(2)?.to_vec());
                    seen.insert(key, Answered { fingerprint, response, expires_at });
                }
            }
            Ok(())
        })?;
        if !over.is_empty() {
            over.sort_unstable();
            self.exec(&FORGET, args![bucket, over, now])?;
        }
        Ok(seen)
    }

    /// Keeps answers under keys that [`Tx::requests_seen`] did not know. If someone else stored one of them
    /// meanwhile, this write is undone and runs again, and then sees it: see [`Tx::add_rows`].
    pub fn requests_store(&mut self, mut answers: Vec<(String, Answered)>) -> Result<()> {
        let bucket = self.bucket();
        answers.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let rows: Vec<_> = answers
            .into_iter()
            .map(|(key, answer)| {
                args![bucket, key, answer.fingerprint, answer.response, answer.expires_at].to_vec()
            })
            .collect();
        self.add_rows(STORE_MANY, rows)
    }
}
