//! Command: what was ordered, kept word for word, and what becomes of it.
//!
//! The line holds the first steps of that walk: the [`notice`], the text as it was received with everything that was made out of
//! it; and the [`task`], a measure of it (or of a meeting, a session, a request) in somebody's hands.

pub mod notice;
pub mod task;

use crate::App;
use utoipa_axum::router::OpenApiRouter;

/// The doors of this line.
pub fn router() -> OpenApiRouter<App> {
    notice::router().merge(task::router())
}
