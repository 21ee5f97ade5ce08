//! The one integration binary: stories per line, and the walls of the house.

mod brief;
mod command;
mod crash;
mod house;
mod notice;
mod org;
mod real;
mod walls;
#[path = "../world/mod.rs"]
mod world;
