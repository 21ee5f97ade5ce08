//! Muster (百应): the emergency command system of an organisation of organisations.
pub mod demo;
