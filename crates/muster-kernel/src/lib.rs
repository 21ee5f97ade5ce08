//! The words every line of Muster shares: ids, clock, day, finding, problem, actor, hash, locale.
//!
//! Pure: nothing here reads a file, a socket, the wall clock (but [`clock::Clock::Wall`] on request) or a database,
//! and nothing here knows a noun of the mission. What two lines need and has such a noun belongs to the front door
//! of the line that owns it.

pub mod actor;
pub mod clock;
pub mod day;
pub mod digest;
pub mod finding;
pub mod id;
pub mod locale;
pub mod problem;
pub mod varint;
pub mod words;

pub use actor::{Actor, ActorKind};
pub use clock::Clock;
pub use day::Day;
pub use digest::Digest;
pub use finding::{Finding, Severity};
pub use id::{Id, IdSource};
pub use locale::Locale;
pub use problem::{Problem, ProblemKind};
