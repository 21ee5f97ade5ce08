//! The house. One folder per line of the mission under [`lines`]; below the lines [`request`], above them [`serve`];
//! beside them the command line. A verb is a plain function over a transaction and knows no HTTP.

pub mod app;
pub mod cli;
pub mod ctx;
pub mod demo;
pub mod faults;
pub mod heads;
pub mod lines;
pub mod migrations;
pub mod oidc;
pub mod outbound;
pub mod play;
pub mod printer;
pub mod real;
pub mod request;
pub mod said;
pub mod say;
pub mod seal;
pub mod secrecy;
pub mod serve;
pub mod settings;
pub mod verify;
pub mod wiring;
pub mod work;

pub use app::App;
pub use ctx::{Ctx, Reach};

use muster_kernel::{Problem, ProblemKind};
use muster_store::StoreError;

/// What a failure of the store means to a caller.
pub fn store_problem(error: StoreError) -> Problem {
    match error {
        StoreError::Busy => Problem::new(ProblemKind::Busy, "busy").retry_after(1),
        StoreError::Timeout => Problem::new(ProblemKind::Busy, "busy").retry_after(2),
        StoreError::Unknown => Problem::new(ProblemKind::Unknown, "unknown_outcome").retry_after(1),
        StoreError::Value(_) => Problem::invalid("request.value"),
        StoreError::Overflow => Problem::invalid("total.too_large"),
        other => Problem::internal(other),
    }
}

/// What goes wrong inside a verb: a refusal with its reason, or the store.
#[derive(Debug, thiserror::Error)]
pub enum Fail {
    /// A refusal, for the caller.
    #[error("{0}")]
    Problem(#[from] Problem),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Fail> for Problem {
    fn from(fail: Fail) -> Self {
        match fail {
            Fail::Problem(problem) => problem,
            Fail::Store(error) => store_problem(error),
        }
    }
}
impl From<Fail> for request::Refusal {
    fn from(fail: Fail) -> Self {
        Self(fail.into())
    }
}
