//! Channels: by what a unit is reached. Set whole, sealed, never told where they lead.

mod check;
pub(super) mod store;
mod verbs;

pub use check::{ChannelDraft, channel_check};
pub(super) use verbs::channel_told;
pub use verbs::{channel_end, channel_set, channel_test};
