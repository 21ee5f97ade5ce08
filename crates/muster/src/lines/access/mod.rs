//! Who may log in, and what they may do where.
//!
//! Nouns: account, grant (a role at a unit and all below it, from day to day, given to an account or to whoever holds a
//! post), role (a named set of permissions), session. Verbs: `account_set`, `account_end`, `grant_give`, `grant_end`,
//! `session_open`, `session_close`; `links_issue`, `link_open`, `link_end` (a unit files one form without an account);
//! `person_export`, `account_erase` (what is kept of somebody); `oidc_link`, `oidc_unlink` (a login of a group's own service
//! opens an account, see [`crate::oidc`]). A password is never kept, a token neither: only their hashes. What roles there
//! are, what each may do, and which do not go together stands in `roles.rs`, as data.
//!
//! It never gives what the giver lacks, never beyond the giver's part of the tree, and never to the giver itself.
//!
//! The journal refers to an account by its id, and holds what it may do and a hash over its sealed name and the hash of its
//! password: a name whose key was destroyed leaves the chain whole, and nobody guesses it from that.

mod check;
mod http;
mod model;
mod replay;
mod roles;
mod store;
mod verbs;

pub use check::login_name;
pub(crate) use http::cookie;
pub use http::router;
pub use model::{
    ACTING_MEANS, Account, AccountDated, Acting, Grant, Link, Linked, Seat, Service, Signed, Token,
};
pub use replay::{AccountFaultKind, AccountsReplayed, accounts_replay};
pub use roles::{APART, Permission, Role};
pub use store::names::{SCRUB, names_plain, names_reindex, names_seal_plain};
pub use store::statements;
pub use verbs::{
    Decided, Deed, Device, GrantDraft, GrantsWanted, Holder, Letter, LinkSecret, Moment, Opened, PersonData,
    Reset, TokenDraft, account_add, account_by_role, account_called, account_end, account_end_within,
    account_erase, account_history, account_homes, account_id, account_known, account_named, account_set,
    accounts_by_role, accounts_erase_ended, accounts_near, accounts_within, acting_of, acting_record,
    administrators_unite, browser_known, browser_note, device_token, grant_end, grant_give, grants_of,
    grants_told, grants_within, letter_open, letter_token, letter_write, link_close, link_end, link_of,
    link_open, link_units, links_issue, links_issued, links_of, names_look, oidc_link, oidc_of, oidc_unlink,
    password_change, password_hash, person_data, person_export, post_given, reset_approve, reset_ask,
    reset_finish, session_account, session_close, session_end, session_of, session_open, sessions_own,
    token_account, token_accounts, token_end, token_issue, token_used, totp_begin,
};
