//! The one integration binary: stories per line, and the walls of the house.

mod access;
mod algebra;
mod asked;
mod assign;
mod brief;
mod bulk;
mod cast;
mod command;
mod crash;
mod evidence;
mod figures;
mod files;
mod foreseen;
mod guards;
mod hostile;
mod house;
mod live;
mod met;
mod notice;
mod once;
mod org;
mod posts;
mod races;
mod real;
mod report;
mod serving;
mod spoken;
mod stores;
mod tamper;
mod tree;
mod verify;
mod walls;
mod within;
mod words;
#[path = "../world/mod.rs"]
mod world;
