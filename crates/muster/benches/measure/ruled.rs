//! A form with rules, for as many days as are measured with them.

use crate::world;
use muster::Fail;
use muster::demo::Scaled;
use muster::lines::operation::Names;
use muster::lines::reporting::{self, Book, Follows, Form, Rule, Test};
use muster_kernel::{Day, Problem};
use muster_store::{Db, Tx};

/// Rules of the form, where it has any.
pub const RULES: usize = 20;

/// Gives the form rules from a day to another: half of them look at the day before, and all hold.
pub fn rules(db: &Db, (since, until): (Day, Day)) -> Result<(), Fail> {
    let ruled: Vec<Rule> = (0..RULES).map(rule).collect();
    // As if it were set before any of its days began.
    let ctx = world::ctx(0);
    db.write_blocking("world.rules", ctx.now_ms, move |tx: &mut Tx<'_>| {
        let book = Book::load(tx, ctx.operation)?;
        let asked = book.form("daily", since).ok_or_else(|| Problem::not_found("form.unknown"))?;
        for (rules, since) in [(ruled.clone(), since), (Vec::new(), until)] {
            reporting::form_set(tx, &ctx, Form { rules, since, until: Day::OPEN_END, ..asked.clone() })?;
        }
        Ok(())
    })
}

fn rule(n: usize) -> Rule {
    let (one, other) = (world::element(n), world::element((n + 1) % Scaled::FIGURES));
    let test = match n % 2 {
        0 => Test::Cel {
            expression: format!(
                "today.{one} == null || today.{other} == null || today.{one} + today.{other} >= 0"
            ),
        },
        _ => Test::Jump { element: one.clone(), percent: 100_000, least: 1_000_000, down: true },
    };
    let why = || "why".to_owned();
    let says = Names { zh_hans: why(), zh_hant: why(), en: why() };
    Rule { code: format!("r{n}"), test, follows: Follows::Reason, at: one, says }
}
