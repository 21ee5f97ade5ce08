//! Every statement of access.

pub(super) mod accounts;
pub(super) mod grants;
pub(super) mod letters;
pub(super) mod links;
pub(super) mod names;
pub(super) mod oidc;
pub(super) mod sessions;
pub(super) mod tokens;

use muster_store::Stmt;

/// All statements of this line.
pub fn statements() -> Vec<Stmt> {
    [
        accounts::STATEMENTS,
        grants::STATEMENTS,
        letters::STATEMENTS,
        links::STATEMENTS,
        names::STATEMENTS,
        oidc::STATEMENTS,
        tokens::STATEMENTS,
        sessions::STATEMENTS,
    ]
    .concat()
}

/// Most ids that one statement is asked for.
const LIST_MAX: usize = 500;
