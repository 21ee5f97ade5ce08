//! Between a request and a verb: who calls, in which language, what page, how a refusal looks on the wire.

pub mod caller;
mod json;
mod look;
mod looks;
pub mod once;
pub mod page;
mod places;
mod query;
pub mod refusal;
mod sessions;
mod upload;

pub use crate::lines::access::Permission;
pub use caller::Caller;
pub use json::{Json, JsonText, json_read};
pub(crate) use look::Ended;
pub use look::Looking;
pub use looks::Looks;
pub use once::{Once, Reply, Seen, etag};
pub(crate) use places::{Full, Places};
pub use query::Query;
pub use refusal::{Answer, Refusal};
pub use sessions::Sessions;
pub use upload::{Coming, Turn, Upload};
