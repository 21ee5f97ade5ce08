//! Tasks: everything that needs a human has one accountable owner and a date.
//!
//! Nouns: *measure* (措施: what is to be done, in its own words), *task* (a measure in the hands of one unit, one post, one
//! person), *step* (what was done with a task, when, by whom). Verbs: `measure_register`, `task_assign` (one act hands a measure
//! to many units), `task_split`, `task_step`.
//!
//! A task is given, signed for, begun, reported with evidence, looked at by a second person and struck off ([`Action::leads`] is
//! the whole of it); contested, sent back, transferred, extended, taken up again, taken back, each with a reason. Who answers
//! for it follows from the posts of its unit as they are held today ([`owner`]): a vacant post or whoever left raises it to the
//! head. Whoever has the unit does the task; whoever has the unit that set it decides on it.
//!
//! Never: nobody strikes off what they did themselves, no date is moved in silence, no step is changed or taken back.

mod check;
mod http;
mod line;
mod model;
mod owner;
mod read;
mod replay;
mod store;
mod verbs;

pub use http::router;
pub use model::{Action, Light, Measure, Source, State, Step, Task};
pub use owner::{HEAD_POST, Owner, owner};
pub use read::{At, Progress, Scope, Waiting, Waits, Which, Why, progress, tasks_below, waiting};
pub use replay::{TaskFaultKind, TasksReplayed, tasks_replay};
pub use store::STATEMENTS;
pub use verbs::{
    Given, HAND_OUT_MAX, MeasureDraft, Part, StepSaid, To, measure_read, measure_register, task_assign,
    task_read, task_split, task_step,
};
