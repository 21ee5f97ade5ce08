//! The ready-made daily form as it is told before it is given to anybody: the form that [`super::starter`] gives.

use super::load::{names, three};
use crate::demo;
use muster_kernel::{Day, Locale};
use serde::Serialize;
use utoipa::ToSchema;

/// The ready-made daily form, before it is given.
#[derive(Debug, Serialize, ToSchema)]
pub struct StarterForm {
    /// Its name, in the reader's language.
    name: String,
    /// The day from which it would be asked.
    since: String,
    /// By when on each day, `HH:MM`.
    cut_off: String,
    /// Names of what is filled in, in order; rates are made of these and are not among them.
    items: Vec<String>,
}

/// The form as it would be given on a day, in a language.
pub fn starter_form(locale: Locale, today: Day) -> StarterForm {
    let [.., form] = demo::form_versions();
    let name = |&at: &usize| three(demo::ELEMENTS[at].names).of(locale).to_owned();
    StarterForm {
        name: names(&form.names).of(locale).to_owned(),
        since: today.to_string(),
        cut_off: format!("{:02}:{:02}", demo::CUT_OFF_MINUTE / 60, demo::CUT_OFF_MINUTE % 60),
        items: form.elements.iter().map(name).collect(),
    }
}
