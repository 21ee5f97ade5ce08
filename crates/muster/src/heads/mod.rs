//! Signed heads: where the journal stood, said now and again under a signature, outside the database.
//!
//! Whoever may write the database could write a lane anew, with fresh hashes, and `muster verify` alone would find nothing.
//! Against that the server writes the ends of all lanes into a folder of day-named files, to which lines are only ever
//! added: each signed (Ed25519), numbered, and holding the hash of the line before it. With the public key alone
//! `muster heads check` tells whether a line was changed or taken out, and whether the journal still passes through every
//! head that was ever signed. The folder belongs where the database's owner cannot write; the key is no part of the database.
//!
//! Words: key, line, folder, keeper. What it never does: stop the server, because the folder cannot be written.

mod check;
mod folder;
mod keeper;
mod key;
mod line;

pub use check::{Checked, LineFault, LineFaultKind, check};
pub use folder::append;
pub use keeper::{Keeper, Kept};
pub use key::{key_make, key_read, public_read, public_text};
pub use line::{Line, Unread};
