//! The one integration binary: stories per line, and the walls of the house.

mod house;
mod notice;
mod walls;
