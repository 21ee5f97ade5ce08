//! Who may log in, and as what. Simple on purpose: local accounts, a role at a unit, sessions in a cookie.
//!
//! Nouns: account, session, role, permission. Verbs: `account_set`, `session_open`, `session_close`. A password is
//! never kept, a token neither: only their hashes. Rights by grant, delegation and links come with the next issue;
//! until then the server listens on loopback only, and says so.

mod http;
mod model;
mod store;
mod verbs;

pub(crate) use http::cookie;
pub use http::router;
pub use model::{Account, Permission, Role, Signed};
pub use store::{STATEMENTS, accounts_by_role};
pub use verbs::{
    account_named, account_set, password_hash, session_account, session_close, session_of, session_open,
};
