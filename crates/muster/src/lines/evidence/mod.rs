//! Evidence: the journal as an inspector reads it. Who did what to what, when, under which hash; of one's own part of the
//! tree, the latest first.
//!
//! Nouns: entry, subject (what it was done to), step (what one request looks at). Verbs: `journal_list`. It only reads: the
//! journal is written by the verbs of the other lines, in the transaction of the deed.
//!
//! The journal has no index but its key, and gets none here (the rate at which it is written is the product's speed). A
//! moment is found in each lane by halving, since instants hardly fall in it; from there entries are read on without
//! their bodies, at most [`LOOKED_MAX`] a request, and the answer says how far it looked and where to go on. What was
//! done to one unit, or to one sheet, is a walk along its own links instead.
//!
//! Which unit an entry is about follows from its subject. What is about the whole (forms, the operation, briefs, files of
//! units) is for who stands at the top alone; an account is where its unit is. A unit that was others' on a day is theirs
//! on that day. What this line never does: tell a body, guess a name, end without saying that there is more.

mod check;
mod http;
mod model;
mod query;
mod tell;

pub use http::router;
pub use model::{LOOKED_MAX, Subject};
