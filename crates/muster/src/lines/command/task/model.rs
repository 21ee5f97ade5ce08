//! Nouns of tasks: a measure, a task in somebody's hands, its states and steps, its light. Pure.

use muster_store::Link;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a measure came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MeasureSource)]
pub enum Source {
    /// A line of a superior's text (批示, 部署).
    Notice,
    /// A meeting.
    Meeting,
    /// The session on the day's figures (日调度).
    Dispatch,
    /// What a unit below asked for (诉求).
    Request,
    /// What an inspector found.
    Finding,
    /// The office itself.
    Own,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Notice, Self::Meeting, Self::Dispatch, Self::Request, Self::Finding, Self::Own];

    /// The word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Meeting => "meeting",
            Self::Dispatch => "dispatch",
            Self::Request => "request",
            Self::Finding => "finding",
            Self::Own => "own",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.word() == word)
    }
}

/// Something that is to be done (措施): registered once, handed out as tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Its id.
    pub id: String,
    /// Its number in the operation, from 1.
    pub n: i64,
    /// The unit whose office registered it.
    pub unit: i64,
    /// Where it came from.
    pub source: Source,
    /// The text and its line, from 1, where it came from one.
    pub line: Option<(String, i64)>,
    /// In words.
    pub words: String,
    /// How many tasks it became, parts of tasks too.
    pub tasks: i64,
    /// By whom: a reference.
    pub actor: String,
    /// When, ms UTC.
    pub at_ms: i64,
    /// Its entry in the journal.
    pub link: Link,
}

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TaskState)]
pub enum State {
    /// Given to a unit, which has not signed for it (交办).
    Assigned,
    /// The unit says that it is not theirs, and why; whoever set it decides.
    Contested,
    /// Signed for (签收).
    Signed,
    /// Under way (办理).
    UnderWay,
    /// Reported as done, with evidence (反馈); a second person looks at it.
    Reported,
    /// Looked at by a second person and struck off (销号).
    StruckOff,
    /// Taken back by whoever set it.
    Withdrawn,
}

impl State {
    /// All of them, in the order of their way.
    pub const ALL: [Self; 7] = [
        Self::Assigned,
        Self::Contested,
        Self::Signed,
        Self::UnderWay,
        Self::Reported,
        Self::StruckOff,
        Self::Withdrawn,
    ];

    /// The word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Contested => "contested",
            Self::Signed => "signed",
            Self::UnderWay => "under_way",
            Self::Reported => "reported",
            Self::StruckOff => "struck_off",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether somebody still owes something.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::StruckOff | Self::Withdrawn)
    }
}

/// What can be done with a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TaskAction)]
pub enum Action {
    /// It is given to a unit (交办).
    Assign,
    /// The unit says that it has it (签收).
    Sign,
    /// Inside the unit it is given to a post or a person.
    Give,
    /// The unit says that it is not theirs.
    Contest,
    /// Whoever set it says that it is.
    Uphold,
    /// It is given to another unit (转办).
    Transfer,
    /// A part of it is given to somebody below (分解).
    Split,
    /// It is begun (办理).
    Start,
    /// It is reported as done, with evidence (反馈).
    Report,
    /// A second person sends the report back, and says why (退回).
    Return,
    /// A second person strikes it off (销号).
    Verify,
    /// It is taken up again, with a reason and a new date.
    Reopen,
    /// Whoever set the date sets a later one, with a reason (延期).
    Extend,
    /// Whoever set it takes it back.
    Withdraw,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Assign,
        Self::Sign,
        Self::Give,
        Self::Contest,
        Self::Uphold,
        Self::Transfer,
        Self::Split,
        Self::Start,
        Self::Report,
        Self::Return,
        Self::Verify,
        Self::Reopen,
        Self::Extend,
        Self::Withdraw,
    ];

    /// The word that is stored.
    pub fn word(self) -> &'static str {
        &self.journalled()["task.".len()..]
    }

    /// The action of its entry in the journal.
    pub fn journalled(self) -> &'static str {
        match self {
            Self::Assign => "task.assign",
            Self::Sign => "task.sign",
            Self::Give => "task.give",
            Self::Contest => "task.contest",
            Self::Uphold => "task.uphold",
            Self::Transfer => "task.transfer",
            Self::Split => "task.split",
            Self::Start => "task.start",
            Self::Report => "task.report",
            Self::Return => "task.return",
            Self::Verify => "task.verify",
            Self::Reopen => "task.reopen",
            Self::Extend => "task.extend",
            Self::Withdraw => "task.withdraw",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.word() == word)
    }

    /// Where it leads from a state; none where it cannot be done there.
    pub fn leads(self, from: State) -> Option<State> {
        use State::{Assigned, Contested, Reported, Signed, StruckOff, UnderWay, Withdrawn};
        match (self, from) {
            (Self::Sign, Assigned) => Some(Signed),
            (Self::Contest, Assigned) => Some(Contested),
            (Self::Uphold, Contested) | (Self::Transfer, Assigned | Contested | Signed | UnderWay) => {
                Some(Assigned)
            }
            (Self::Give, Signed | UnderWay | Assigned) => Some(from),
            // Whoever begins has signed for it.
            (Self::Start | Self::Split, Assigned | Signed) => Some(UnderWay),
            (Self::Split, UnderWay) | (Self::Return, Reported) | (Self::Reopen, StruckOff) => Some(UnderWay),
            (Self::Report, Assigned | Signed | UnderWay) => Some(Reported),
            (Self::Verify, Reported) => Some(StruckOff),
            (Self::Extend, from) if from.is_open() => Some(from),
            (Self::Withdraw, from) if from.is_open() => Some(Withdrawn),
            _ => None,
        }
    }

    /// Whether it is part of doing the task: who did any of it does not strike it off.
    pub fn is_doing(self) -> bool {
        matches!(self, Self::Sign | Self::Start | Self::Report)
    }

    /// Whether it is said with a reason.
    pub fn has_reason(self) -> bool {
        matches!(
            self,
            Self::Contest
                | Self::Uphold
                | Self::Transfer
                | Self::Return
                | Self::Reopen
                | Self::Extend
                | Self::Withdraw
        )
    }
}

/// A measure in the hands of one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: String,
    /// The measure's id.
    pub measure: String,
    /// Its number within the measure, from 1.
    pub n: i64,
    /// The task that it is a part of.
    pub parent: Option<String>,
    /// The unit that has it.
    pub unit: i64,
    /// The post there, by its surrogate.
    pub post: Option<i64>,
    /// Who has it there: a reference such as `account:ID`.
    pub person: Option<String>,
    /// The unit whose office set it, and its date.
    pub set_at: i64,
    /// In its own words; empty where those of the measure stand.
    pub words: String,
    /// How much of the whole it is, beside the others of its measure.
    pub weight: i64,
    /// How far it is.
    pub state: State,
    /// Until when, ms UTC.
    pub due_ms: i64,
    /// When it was given, signed for, begun, reported and ended, ms UTC.
    pub times: Times,
    /// How many steps it took.
    pub rev: i64,
    /// Its last entry in the journal.
    pub link: Link,
}

/// When a task came how far, ms UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Given.
    pub assigned: i64,
    /// Signed for.
    pub signed: Option<i64>,
    /// Begun.
    pub started: Option<i64>,
    /// Last reported as done.
    pub reported: Option<i64>,
    /// Struck off or withdrawn.
    pub ended: Option<i64>,
}

/// A step of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The task's id.
    pub task: String,
    /// Which step, from 1.
    pub rev: i64,
    /// What was done.
    pub action: Action,
    /// The report, the reason; empty where nothing was said.
    pub words: String,
    /// What it rests on: numbers of receipts (`R20200203-0-82`) and entries (`0/82`).
    pub evidence: Vec<String>,
    /// The date that it set, ms UTC.
    pub due_ms: Option<i64>,
    /// By whom: a reference.
    pub actor: String,
    /// When, ms UTC.
    pub at_ms: i64,
    /// Its entry in the journal.
    pub link: Link,
}

/// How an open task stands against its date (红黄绿灯).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TaskLight)]
pub enum Light {
    /// Behind its date.
    Red,
    /// Its date is near.
    Amber,
    /// On the way.
    Green,
    /// It owes nothing any more.
    Off,
}

/// A date is near from three days before it on (as a system in use does), or in the last third of a shorter time.
const NEAR_MS: i64 = 3 * 24 * 60 * 60 * 1_000;

impl Task {
    /// How it stands at an instant. What was reported in time waits for a second person, and is not behind.
    pub fn light(&self, now_ms: i64) -> Light {
        if !self.state.is_open() {
            return Light::Off;
        }
        let by = match (self.state, self.times.reported) {
            (State::Reported, Some(reported)) => reported,
            _ => now_ms,
        };
        let near = NEAR_MS.min((self.due_ms - self.times.assigned).max(0) / 3);
        match self.due_ms - by {
            left if left < 0 => Light::Red,
            _ if self.state == State::Reported => Light::Green,
            left if left <= near => Light::Amber,
            _ => Light::Green,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn task(state: State, assigned: i64, due_ms: i64, reported: Option<i64>) -> Task {
        Task {
            id: "t".into(),
            measure: "m".into(),
            n: 1,
            parent: None,
            unit: 1,
            post: None,
            person: None,
            set_at: 1,
            words: String::new(),
            weight: 1,
            state,
            due_ms,
            times: Times { assigned, reported, ..Times::default() },
            rev: 1,
            link: Link { lane: 0, no: 1 },
        }
    }

    #[test]
    fn a_light_says_how_near_a_date_is() {
        let hour = 3_600_000;
        let day = 24 * hour;
        for (state, assigned, due, reported, now, light) in [
            (State::Assigned, 0, 10 * day, None, day, Light::Green),
            (State::Assigned, 0, 10 * day, None, 7 * day, Light::Amber),
            (State::UnderWay, 0, 10 * day, None, 10 * day, Light::Amber),
            (State::UnderWay, 0, 10 * day, None, 10 * day + 1, Light::Red),
            // Given for three hours: near in the last of them, not from the first.
            (State::Signed, 0, 3 * hour, None, hour, Light::Green),
            (State::Signed, 0, 3 * hour, None, 2 * hour, Light::Amber),
            // Reported in time, and looked at late: the delay is not theirs.
            (State::Reported, 0, 3 * hour, Some(2 * hour), 9 * hour, Light::Green),
            (State::Reported, 0, 3 * hour, Some(4 * hour), 9 * hour, Light::Red),
            (State::StruckOff, 0, 3 * hour, Some(4 * hour), 9 * hour, Light::Off),
            (State::Withdrawn, 0, 3 * hour, None, 9 * hour, Light::Off),
        ] {
            assert_eq!(task(state, assigned, due, reported).light(now), light, "{state:?} {due} {now}");
        }
    }

    #[test]
    fn only_a_second_look_ends_a_task_and_whatever_ended_does_not_move_but_by_reopening() {
        for from in State::ALL {
            for action in Action::ALL {
                let to = action.leads(from);
                if to == Some(State::StruckOff) {
                    assert_eq!((action, from), (Action::Verify, State::Reported));
                }
                if !from.is_open() {
                    let expected =
                        (action == Action::Reopen && from == State::StruckOff).then_some(State::UnderWay);
                    assert_eq!(to, expected, "{action:?} {from:?}");
                }
            }
        }
        // From every open state there is a way to an end.
        let ways =
            |from: State| Action::ALL.iter().filter_map(move |action| action.leads(from)).collect::<Vec<_>>();
        for from in State::ALL.into_iter().filter(|state| state.is_open()) {
            assert!(ways(from).contains(&State::Withdrawn), "{from:?}");
        }
        assert_eq!(Action::Report.leads(State::Contested), None);
    }

    #[test]
    fn words_are_read_as_they_are_stored() {
        for state in State::ALL {
            assert_eq!(State::from_word(state.word()), Some(state));
        }
        for action in Action::ALL {
            assert_eq!(Action::from_word(action.word()), Some(action));
        }
        for source in Source::ALL {
            assert_eq!(Source::from_word(source.word()), Some(source));
        }
    }

    proptest! {
        #[test]
        fn a_light_is_never_better_later(due in 0_i64..1_000_000_000, first in 0_i64..2_000_000_000, more in 0_i64..2_000_000_000) {
            let one = task(State::UnderWay, 0, due, None);
            prop_assert!(one.light(first + more) <= one.light(first));
        }
    }
}
