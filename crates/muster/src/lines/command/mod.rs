//! Command: what was ordered, kept word for word, and what becomes of it.
//!
//! Today the line holds the first step of that walk: the [`notice`], the text as it was received with everything
//! that was made out of it. Measures have no owner yet; tasks follow.

pub mod notice;

pub use notice::{STATEMENTS, router};
