//! One folder per line of the mission. Who may call whose front door stands as data in `tests/it/walls.rs`.

pub mod access;
pub mod brief;
pub mod command;
pub mod evidence;
pub mod inspect;
pub mod operation;
pub mod org;
pub mod outbound;
pub mod privacy;
pub mod reporting;
