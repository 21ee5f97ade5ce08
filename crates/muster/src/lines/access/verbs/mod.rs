//! What can be done, and the reading of who somebody is.

mod accounts;
mod acting;
mod granted;
mod grants;
mod letters;
mod links;
mod names;
mod oidc;
mod passwords;
mod person;
mod sessions;
mod tokens;
mod totp;

pub use accounts::{
    account_by_role, account_called, account_end, account_end_within, account_history, account_homes,
    account_id, account_known, account_set, accounts_by_role, accounts_within,
};
pub(super) use accounts::{account_seal, account_seal_plain};
pub use acting::{Decided, Deed, acting_of, acting_record};
pub use granted::{GrantsWanted, accounts_near, grants_live, grants_of_hands, grants_told};
pub use grants::{
    GrantDraft, Holder, administrators_unite, grant_end, grant_give, grants_of, grants_within, post_given,
};
pub use letters::{
    Letter, Reset, account_add, letter_open, letter_token, letter_write, password_change, reset_approve,
    reset_ask, reset_finish,
};
pub use links::{
    Device, LinkSecret, Opened, device_token, link_close, link_end, link_of, link_open, link_units,
    links_issue, links_issued, links_of,
};
pub use names::{account_named, names_look};
pub(super) use oidc::linked_seal;
pub use oidc::{
    Entered, Going, oidc_back, oidc_code, oidc_enter, oidc_go, oidc_link, oidc_link_own, oidc_of,
    oidc_unlink, oidc_unlink_own, oidc_waiting, oidc_word,
};
pub use passwords::password_hash;
pub use person::{PersonData, account_erase, accounts_erase_ended, person_data, person_export};
pub use sessions::{
    Said, browser_known, browser_note, password_shown, session_account, session_close, session_end,
    session_of, session_open, sessions_own,
};
pub use tokens::{
    TokenDraft, token_account, token_accounts, token_end, token_issue, token_new, token_used, tokens_own,
};
pub use totp::{totp_begin, totp_confirm, totp_end, totp_state};

use super::model::{Account, Seat};
use super::roles::Role;
use super::store::accounts::RawAccount;
use super::store::grants as given;
pub(super) use super::store::sessions::Session;
use crate::lines::org;
use muster_kernel::{Actor, Day};
use muster_store::{Rows, StoreError};

/// When and in which operation somebody is looked at: their roles are dated in its days.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Now, in ms UTC.
    pub now_ms: i64,
    /// Today, in the operation's time zone.
    pub today: Day,
    /// The operation.
    pub operation: i64,
}

/// The roles that an account has today or will have later, its own and those of posts that it holds or will hold.
fn held_from(rows: &mut impl Rows, account: &str, at: Moment) -> Result<Vec<Seat>, StoreError> {
    let mut roles = given::grants_of_accounts(rows, &[account.to_owned()], at.operation, at.today)?;
    let posts = org::posts_held_from(rows, &Actor::account(account).to_string(), at.today)?;
    roles.extend(given::grants_of_posts(rows, &posts, at.operation, at.today)?);
    let later = roles.iter().filter(|grant| at.today < grant.until);
    Ok(later
        .filter_map(|grant| Some(Seat { role: Role::from_word(&grant.role)?, unit: grant.unit }))
        .collect())
}

/// Somebody with all that they may do today: by the roles given to them, and by those of the posts that they hold.
fn held(rows: &mut impl Rows, account: RawAccount, at: Moment) -> Result<Account, StoreError> {
    let mut roles =
        given::grants_of_accounts(rows, std::slice::from_ref(&account.id), at.operation, at.today)?;
    let posts = org::posts_held(rows, &Actor::account(&account.id).to_string(), at.today)?;
    roles.extend(given::grants_of_posts(rows, &posts, at.operation, at.today)?);
    let today = roles.iter().filter(|grant| grant.since <= at.today && at.today < grant.until);
    // A role of a later version, which this one does not know, lets nobody do anything.
    let seats =
        today.filter_map(|grant| Some(Seat { role: Role::from_word(&grant.role)?, unit: grant.unit }));
    let seats = seats.collect();
    let separated = given::separated(rows, at.operation)?;
    Ok(Account { id: account.id, unit: account.unit, seats, separated, scope: None })
}
