//! Who may log in, and as what. Simple on purpose: local accounts, a role at a unit, sessions in a cookie.
//!
//! Nouns: account, session, role, permission. Verbs: `account_set`, `account_end`, `accounts_page`, `session_open`, `session_close`. A password is
//! never kept, a token neither: only their hashes. Rights by grant, delegation and links come with the next issue;
//! until then the server listens on loopback only, and says so.
//!
//! The journal refers to an account by its id, and holds what it may do and a hash over its name and the hash of its
//! password. That one is made with a salt that stands in the account's row and nowhere else: from the journal nobody
//! guesses a name, and once the row is gone nobody can.

mod http;
mod model;
mod replay;
mod store;
mod verbs;

pub(crate) use http::cookie;
pub use http::router;
pub use model::{Account, AccountDated, Permission, Role, Signed};
pub use replay::{AccountFaultKind, AccountsReplayed, accounts_replay};
pub use store::{STATEMENTS, accounts_by_role, accounts_of};
pub use verbs::{
    account_called, account_end, account_id, account_set, accounts_page, password_hash, session_account,
    session_close, session_of, session_open,
};
