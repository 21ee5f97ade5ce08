//! The demonstration on stage: the seed of [`crate::demo`] filed through the verbs that anybody's reports take, a
//! clock that stands in February 2020 and runs, and those who report while one watches.

mod http;
mod load;
mod own;
mod ready;
mod stage;

pub use http::router;
pub use load::{DEMO_OFFICE, STARTER_FORM, load, starter};
pub use own::{Kept, OwnFolder};
pub use ready::{StarterForm, starter_form};
pub use stage::Stage;
