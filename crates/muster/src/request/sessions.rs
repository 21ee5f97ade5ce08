//! Sessions that were looked up a moment ago: a filler's page asks many things at once, and a looked-up session is
//! good for a second. One that is closed here is forgotten here at once; one that another process closes, or an
//! account that it changes, is let in for that second longer. Streams that are open here are told that rights changed here.

use crate::lines::access::Account;
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::watch;

/// How long a session is trusted after it was looked up.
const TRUSTED_MS: i64 = 1_000;
/// More than these are never kept; then the map is emptied and filled again.
const KEPT_MAX: usize = 10_000;

/// Sessions by token, with the instant at which each was looked up. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Sessions(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    known: RwLock<HashMap<String, (Account, i64)>>,
    changed: watch::Sender<()>,
}

impl Sessions {
    /// The account of a session that was looked up less than a second ago, by the clock of the server.
    pub(super) fn known(&self, token: &str, now_ms: i64) -> Option<Account> {
        let known = self.0.known.read();
        let (account, at_ms) = known.get(token)?;
        (0..TRUSTED_MS).contains(&(now_ms - at_ms)).then(|| account.clone())
    }
    /// Whether a token was anybody's when it was last looked up, however long ago.
    pub(crate) fn seen(&self, token: &str) -> bool {
        self.0.known.read().contains_key(token)
    }
    /// Keeps what was looked up.
    pub(super) fn keep(&self, token: String, account: Account, now_ms: i64) {
        let mut known = self.0.known.write();
        if known.len() >= KEPT_MAX {
            known.clear();
        }
        known.insert(token, (account, now_ms));
    }
    /// Forgets all of them: somebody's roles changed, and what they may do is read anew.
    pub(crate) fn forget_all(&self) {
        self.0.known.write().clear();
        self.0.changed.send_replace(());
    }
    /// Forgets a session that was closed.
    pub(crate) fn closed(&self, token: &str) {
        self.forget(token);
        self.0.changed.send_replace(());
    }
    /// Is told each time that somebody's rights changed, or a session was closed, by this server.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.0.changed.subscribe()
    }
    /// Forgets what is nobody's. Nobody is told: anybody may send a cookie that is none.
    pub(super) fn forget(&self, token: &str) {
        self.0.known.write().remove(token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::access::Role;

    #[test]
    fn a_session_is_trusted_for_a_second_and_not_after_it_was_closed() {
        let account = Account::at("a", Role::Office, 1);
        let sessions = Sessions::default();
        sessions.keep("token".into(), account, 5_000);
        let known = |now_ms| sessions.known("token", now_ms).is_some();
        assert!(known(5_000) && known(5_999));
        assert!(!known(6_000), "its second is over");
        assert!(!known(4_999), "the clock was set back");
        assert!(sessions.seen("token") && !sessions.seen("other"));
        let changes = sessions.changes();
        sessions.forget("other");
        assert!(!changes.has_changed().unwrap(), "whoever sends a cookie that is none disturbs nobody");
        sessions.closed("token");
        assert!(!known(5_000) && !sessions.seen("token"));
        assert!(changes.has_changed().unwrap());
    }
}
