//! `muster task`: measures and tasks, by the same doors as a page.

use super::door::{escape, given, tell};
use super::user::told;
use super::{Common, Stop};
use axum::http::Method;
use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};
use std::process::ExitCode;

/// Measures and tasks: what is to be done, by whom, until when, and what became of it.
#[derive(Subcommand)]
#[command(after_help = HELP)]
pub(crate) enum TaskCommand {
    /// Measures, the latest first.
    Measures {
        /// Rows wanted, 1 to 1000.
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Where the page before ended.
        #[arg(long)]
        cursor: Option<String>,
    },
    /// Register a measure: what is to be done, in its own words or as a line of a superior's text.
    Register {
        /// In words; those of the line when absent.
        #[arg(long, required_unless_present = "notice")]
        text: Option<String>,
        /// Id of the text, from muster notice list.
        #[arg(long, requires = "line")]
        notice: Option<String>,
        /// Which of its measures, from 1.
        #[arg(long, requires = "notice")]
        line: Option<i64>,
        /// Code of the unit whose office registers it; the top when absent.
        #[arg(long)]
        unit: Option<String>,
    },
    /// Hand a measure out: one task to each unit of a part of the tree.
    Assign {
        /// Id of the measure.
        measure: String,
        /// By hand: code of a unit; say it once for each.
        #[arg(long, required_unless_present = "node", conflicts_with = "node")]
        unit: Vec<String>,
        /// By line, place or class: unit:CODE (those right below it), place:3401, class:CODE.
        #[arg(long)]
        node: Option<String>,
        /// All below the unit, and not only those right below it.
        #[arg(long, requires = "node")]
        all: bool,
        /// Of this kind only.
        #[arg(long, requires = "node")]
        kind: Option<String>,
        /// Until when, RFC 3339.
        #[arg(long)]
        due: String,
        /// How much of the whole each is, 1 to 1000.
        #[arg(long)]
        weight: Option<i64>,
        /// In words of its own, where those of the measure do not say it.
        #[arg(long)]
        text: Option<String>,
    },
    /// How far a measure is, by what lies right below a unit.
    Progress {
        /// Id of the measure.
        measure: String,
        /// Code of the unit; the one that registered it when absent.
        #[arg(long)]
        unit: Option<String>,
    },
    /// Open tasks, the nearest date first; or all tasks of a measure.
    List {
        /// Code of a unit: only of it and those below it.
        #[arg(long, conflicts_with = "measure")]
        unit: Option<String>,
        /// Id of a measure: its tasks, ended ones too.
        #[arg(long)]
        measure: Option<String>,
        /// Rows wanted, 1 to 1000.
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Where the page before ended.
        #[arg(long)]
        cursor: Option<String>,
    },
    /// What waits for the office: to be done, looked at, decided.
    Waiting,
    /// A task.
    Show {
        /// Id of the task.
        id: String,
    },
    /// What was done with a task, the latest first.
    Steps {
        /// Id of the task.
        id: String,
    },
    /// Parts that a task was split into.
    Parts {
        /// Id of the task.
        id: String,
    },
    /// Give a part of a task to somebody of its unit or below.
    Split {
        /// Id of the task.
        id: String,
        /// Code of the unit that gets the part.
        #[arg(long)]
        unit: String,
        /// Code of a post there.
        #[arg(long)]
        post: Option<String>,
        /// Who holds a post there, as account:NAME.
        #[arg(long)]
        person: Option<String>,
        /// What; the words of the measure when absent.
        #[arg(long)]
        text: Option<String>,
        /// Until when, RFC 3339; the date of the whole when absent.
        #[arg(long)]
        due: Option<String>,
        /// How much of the whole it is, 1 to 1000.
        #[arg(long)]
        weight: Option<i64>,
    },
    /// Do something with a task.
    Step {
        /// Id of the task.
        id: String,
        /// What is done.
        action: StepWord,
        /// The report, or the reason.
        #[arg(long)]
        text: Option<String>,
        /// What it rests on: number of a receipt or of an entry; say it once for each.
        #[arg(long)]
        evidence: Vec<String>,
        /// A new date, RFC 3339.
        #[arg(long)]
        due: Option<String>,
        /// Code of the unit to which it goes.
        #[arg(long)]
        unit: Option<String>,
        /// Code of the post to which it is given.
        #[arg(long)]
        post: Option<String>,
        /// To whom it is given, as account:NAME.
        #[arg(long)]
        person: Option<String>,
    },
}

/// What can be done with a task at the command line.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum StepWord {
    Sign,
    Give,
    Contest,
    Uphold,
    Transfer,
    Start,
    Report,
    Return,
    Verify,
    Reopen,
    Extend,
    Withdraw,
}

impl StepWord {
    fn word(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
    /// Whether its words are a reason.
    fn has_reason(self) -> bool {
        !matches!(self, Self::Sign | Self::Give | Self::Start | Self::Report | Self::Verify)
    }
}

const HELP: &str = "\
Examples:
  muster task register --text 'Check every gate'
  muster task register --notice ID --line 2
  muster task assign ID --node unit:HQ --kind group --due 2020-02-05T18:00:00+08:00
  muster task progress ID
  muster task step ID report --text 'Three gates' --evidence R20200203-0-82
  muster task step ID extend --due 2020-02-07T18:00:00+08:00 --text 'It snows'

A task is given, signed for, begun, reported, looked at by a second person and struck off. Whoever did any of it does not
strike it off: what the machine did, somebody looks at on the page.
Exit codes: 0 done; 1 refused, and nothing is changed; 2 wrong command line; 3 the database or the machine failed.";

impl TaskCommand {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        common.must_be_there()?;
        let text = |text: Option<String>| text.map(Value::from);
        let page = |limit: u32, cursor: Option<String>| {
            let cursor = cursor.map(|cursor| format!("&cursor={}", escape(&cursor))).unwrap_or_default();
            format!("limit={limit}{cursor}")
        };
        let node = |unit: Option<String>| {
            unit.map(|unit| format!("node=unit:{}&", escape(&unit))).unwrap_or_default()
        };
        match self {
            Self::Measures { limit, cursor } => {
                told(common, &format!("/measures?{}", page(limit, cursor))).await
            }
            Self::Register { text: words, notice, line, unit } => {
                let line = notice.zip(line).map(|(notice, n)| json!({ "notice": notice, "n": n }));
                let body = given(vec![("text", text(words)), ("line", line), ("unit", text(unit))]);
                tell(common, Method::POST, "/measures", &body.into()).await
            }
            Self::Assign { measure, unit, node, all, kind, due, weight, text: words } => {
                let body = given(vec![
                    ("units", (!unit.is_empty()).then(|| unit.into())),
                    ("node", text(node)),
                    ("which", all.then(|| "all".into())),
                    ("kind", text(kind)),
                    ("due", Some(due.into())),
                    ("weight", weight.map(Value::from)),
                    ("text", text(words)),
                ]);
                tell(common, Method::POST, &format!("/measures/{}/tasks", escape(&measure)), &body.into())
                    .await
            }
            Self::Progress { measure, unit } => {
                told(common, &format!("/measures/{}/progress?{}", escape(&measure), node(unit))).await
            }
            Self::List { unit, measure: None, limit, cursor } => {
                told(common, &format!("/tasks?{}{}", node(unit), page(limit, cursor))).await
            }
            Self::List { measure: Some(measure), limit, cursor, .. } => {
                told(common, &format!("/measures/{}/tasks?{}", escape(&measure), page(limit, cursor))).await
            }
            Self::Waiting => told(common, "/waiting").await,
            Self::Show { id } => told(common, &format!("/tasks/{}", escape(&id))).await,
            Self::Steps { id } => told(common, &format!("/tasks/{}/steps", escape(&id))).await,
            Self::Parts { id } => told(common, &format!("/tasks/{}/parts", escape(&id))).await,
            Self::Split { id, unit, post, person, text: words, due, weight } => {
                let body = given(vec![
                    ("unit", Some(unit.into())),
                    ("post", text(post)),
                    ("person", text(person)),
                    ("text", text(words)),
                    ("due", text(due)),
                    ("weight", weight.map(Value::from)),
                ]);
                tell(common, Method::POST, &format!("/tasks/{}/parts", escape(&id)), &body.into()).await
            }
            Self::Step { id, action, text: words, evidence, due, unit, post, person } => {
                let says = if action.has_reason() { "reason" } else { "text" };
                let body = given(vec![
                    (says, text(words)),
                    ("evidence", (!evidence.is_empty()).then(|| evidence.into())),
                    ("due", text(due)),
                    ("unit", text(unit)),
                    ("post", text(post)),
                    ("person", text(person)),
                ]);
                let door = format!("/tasks/{}/{}", escape(&id), action.word());
                tell(common, Method::POST, &door, &body.into()).await
            }
        }
    }
}
