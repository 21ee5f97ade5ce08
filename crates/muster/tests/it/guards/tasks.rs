//! Tasks for the samples to speak of: each set at F21, had by F21, and as far as what is done with it next asks for.

use crate::cast::{Cast, unit_id};
use muster::lines::command::task::{
    Action, Given, MeasureDraft, Source, StepSaid, measure_register, task_assign, task_step,
};
use muster::lines::org;
use muster_kernel::day::parse_instant;

/// What is done with a task by a door of its own, and what is done before.
pub(super) const STEPS: &[(&str, &[Action])] = &[
    ("contest", &[]),
    ("extend", &[]),
    ("give", &[]),
    ("parts", &[]),
    ("reopen", &[Action::Report, Action::Verify]),
    ("report", &[Action::Sign]),
    ("return", &[Action::Report]),
    ("sign", &[]),
    ("start", &[Action::Sign]),
    ("transfer", &[]),
    ("uphold", &[Action::Contest]),
    ("verify", &[Action::Report]),
    ("withdraw", &[]),
];

/// A task on which something may be done: ids of its measure and itself.
pub(super) fn task_for(cast: &Cast<'_>, step: &str) -> (String, String) {
    let before = STEPS.iter().find(|one| one.0 == step).unwrap().1;
    cast.write(move |tx, ctx| {
        let unit = unit_id(tx, "F21")?;
        let words = "Check the gate.".to_owned();
        let draft = MeasureDraft { unit, source: Source::Own, line: None, words };
        let measure = measure_register(tx, ctx, &draft)?.id;
        let units = org::standings_on(tx, &[unit], ctx.today())?;
        let due_ms = parse_instant("2020-02-10T18:00:00+08:00").unwrap();
        let given = Given { due_ms, weight: 1, words: String::new() };
        let id = task_assign(tx, ctx, &measure, &units, &given)?.remove(0).id;
        for action in before {
            // The second person is another one.
            let mut other = ctx.clone();
            if *action == Action::Verify {
                other.actor = muster_kernel::Actor::system("second");
            }
            let said = StepSaid { words: "Done.".to_owned(), ..StepSaid::of(*action) };
            task_step(tx, &other, &id, &said)?;
        }
        Ok((measure, id))
    })
}
