//! How far a long look is, said on standard error: a person waits more easily, and a file of the answer stays clean.

use crate::say;
use muster_kernel::Locale;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What is over sooner says nothing; what lasts says where it is as often as this.
const EVERY: Duration = Duration::from_secs(2);

/// Says how far something is.
pub(super) struct Progress {
    locale: Locale,
    told: Instant,
}

impl Progress {
    pub(super) fn new(locale: Locale) -> Self {
        Self { locale, told: Instant::now() }
    }

    /// So many of so many of something (`progress.<what>` in the locales) are done.
    pub(super) fn hear(&mut self, what: &str, done: u64, all: u64) {
        if self.told.elapsed() >= EVERY {
            self.told = Instant::now();
            let args =
                BTreeMap::from([("done".to_owned(), done.to_string()), ("all".to_owned(), all.to_string())]);
            eprintln!("{}", say::say(self.locale, &format!("progress.{what}"), &args));
        }
    }
}
