//! A notice: a text of a superior, kept in three layers that stand side by side.
//!
//! 1. **The bytes** as received, with their hash. Nothing ever changes them.
//! 2. **Repairs with proof** ([`repair`]): inserted readings, shifted bytes, page furniture, the script. Each is
//!    undone only where it can be shown from the bytes or by a table that it is one.
//! 3. **Conjectures** ([`conjecture`]): what must have stood there without proof. Each is shown as such, for a
//!    person to accept or refuse, and none is applied in silence.
//!
//! Every character of the original is in exactly one span ([`spans`]), so a reader can always ask of any character
//! what was done to it, and why. What the text is (news of a meeting, a notice in form), the meeting and the
//! measures are made out by rules ([`recognise`]); a measure has no owner until a person gives it one.
//!
//! What it never does: store a file that bears a secrecy mark ([`secrecy`]), log a word of a text, or change the
//! readable text without a person.

mod check;
mod conjecture;
pub mod extract;
mod glyphs;
mod http;
pub mod layers;
mod lexicon;
pub mod model;
mod recognise;
mod repair;
mod replay;
pub mod secrecy;
mod spans;
mod store;
mod study;
#[cfg(test)]
mod tests;
mod verbs;
mod wire;

pub use check::{Checked, Upload, check};
pub use http::router;
pub use replay::{NoticeFaultKind, NoticesReplayed, notices_replay};
pub use store::{Decided, Kept, Listed, Notice, STATEMENTS};
pub use study::study;
pub use verbs::{
    Imported, notice_conjecture_decide, notice_import, notice_list, notice_original, notice_read,
};
pub use wire::{ConjectureBody, ListedBody, MeasureBody, MeetingBody, NoticeBody, PlaceBody, Reader};
