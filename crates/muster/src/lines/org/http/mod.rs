//! Doors of the tree: units on a day, their history, changes, posts, files in and out, bodies beside the tree.

mod book;
mod changes;
mod contacts;
mod files;
mod parties;
mod posts;
mod units;
mod wire;

use crate::{App, Ctx};
use muster_kernel::{Day, Problem};
use utoipa_axum::router::OpenApiRouter;

pub use book::{BookLook, kinds_said};
pub use contacts::contacts_shown;
pub use wire::{ColumnBody, ImportReport, UnitBody, UnitsBody};

/// The doors of this line.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(units::router())
        .merge(changes::router())
        .merge(posts::router())
        .merge(contacts::router())
        .merge(files::router())
        .merge(book::router())
        .merge(parties::router())
}

/// A day of a request; today when absent.
fn day_of(text: Option<&str>, ctx: &Ctx) -> Result<Day, Problem> {
    match text {
        None => Ok(ctx.today()),
        Some(text) => text.parse().map_err(|_| Problem::invalid("request.day").with("day", text)),
    }
}

/// After a change that may have given the operation its first unit: the server's copy follows.
async fn operation_follow(app: &App) -> Result<(), Problem> {
    if app.operation().root_unit == 0 {
        app.operation_follow().await.map_err(crate::store_problem)?;
    }
    Ok(())
}
