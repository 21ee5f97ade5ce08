//! Between a request and a verb: who calls, in which language, what page, how a refusal looks on the wire.

pub mod acting;
pub mod brake;
pub mod caller;
pub mod holder;
mod json;
pub mod limits;
mod look;
mod looks;
pub mod once;
pub mod page;
pub mod peer;
mod places;
mod query;
pub mod refusal;
mod sessions;
mod sniff;
mod upload;

pub use crate::lines::access::Permission;
pub use brake::Brake;
pub use caller::{Caller, agent_of};
pub use holder::Holder;
pub use json::{Json, JsonText, json_read};
pub use limits::Limits;
pub(crate) use look::Ended;
pub use look::Looking;
pub use looks::Looks;
pub use once::{Once, Reply, Seen, etag};
pub use peer::{Outside, Peer};
pub(crate) use places::{Full, Places};
pub use query::Query;
pub use refusal::{Answer, Refusal};
pub use sessions::Sessions;
pub use upload::{Coming, Turn, Upload};
