//! The one integration binary: stories per line, and the walls of the house.

mod access;
mod algebra;
mod brief;
mod cast;
mod command;
mod crash;
mod figures;
mod guards;
mod house;
mod notice;
mod org;
mod real;
mod report;
mod verify;
mod walls;
#[path = "../world/mod.rs"]
mod world;
