//! Sessions that were looked up a moment ago: a filler's page asks many things at once, and a looked-up session is
//! good for a second. One that is closed here is forgotten here at once; one that another process closes, or an
//! account that it changes, is let in for that second longer.

use crate::lines::access::Account;
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::Arc;

/// How long a session is trusted after it was looked up.
const TRUSTED_MS: i64 = 1_000;
/// More than these are never kept; then the map is emptied and filled again.
const KEPT_MAX: usize = 10_000;

/// Sessions by token, with the instant at which each was looked up. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Sessions(Arc<RwLock<HashMap<String, (Account, i64)>>>);

impl Sessions {
    /// The account of a session that was looked up less than a second ago, by the clock of the server.
    pub(super) fn known(&self, token: &str, now_ms: i64) -> Option<Account> {
        let known = self.0.read();
        let (account, at_ms) = known.get(token)?;
        (0..TRUSTED_MS).contains(&(now_ms - at_ms)).then(|| account.clone())
    }
    /// Whether a token was anybody's when it was last looked up, however long ago.
    pub(crate) fn seen(&self, token: &str) -> bool {
        self.0.read().contains_key(token)
    }
    /// Keeps what was looked up.
    pub(super) fn keep(&self, token: String, account: Account, now_ms: i64) {
        let mut known = self.0.write();
        if known.len() >= KEPT_MAX {
            known.clear();
        }
        known.insert(token, (account, now_ms));
    }
    /// Forgets all of them: somebody's roles changed, and what they may do is read anew.
    pub(crate) fn forget_all(&self) {
        self.0.write().clear();
    }
    /// Forgets a session that was closed.
    pub(crate) fn forget(&self, token: &str) {
        self.0.write().remove(token);
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
        sessions.forget("token");
        assert!(!known(5_000) && !sessions.seen("token"));
    }
}
