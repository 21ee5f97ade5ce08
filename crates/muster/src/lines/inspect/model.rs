//! Nouns of inspect: a finding, and what followed.

use muster_kernel::Day;
use muster_store::Link;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FindingKind)]
pub enum Kind {
    /// Reported after the deadline (迟报).
    Late,
    /// Not reported (漏报).
    Omitted,
    /// Known and not reported (瞒报).
    Concealed,
    /// Reported otherwise than it was (谎报).
    False,
    /// Goods or money used for another purpose (挪用).
    Misuse,
    /// Not done what was ordered (不作为).
    Idle,
    /// Something else.
    Other,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Late, Self::Omitted, Self::Concealed, Self::False, Self::Misuse, Self::Idle, Self::Other];

    /// The word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::Omitted => "omitted",
            Self::Concealed => "concealed",
            Self::False => "false",
            Self::Misuse => "misuse",
            Self::Idle => "idle",
            Self::Other => "other",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// What an inspector found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its id.
    pub id: String,
    /// In which operation.
    pub operation: i64,
    /// The unit, by its surrogate.
    pub unit: i64,
    /// The day it speaks of; none where it speaks of none.
    pub day: Option<Day>,
    /// What was found.
    pub kind: Kind,
    /// In the inspector's words.
    pub words: String,
    /// What it rests on: numbers of receipts (`R20200203-0-82`) and entries (`0/82`).
    pub evidence: Vec<String>,
    /// By whom: a reference.
    pub actor: String,
    /// When, ms UTC.
    pub at_ms: i64,
    /// Its entry in the journal.
    pub link: Link,
}

/// What followed a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StepKind {
    /// The office of the unit answered.
    Answer,
    /// An inspector closed it.
    Close,
}

impl StepKind {
    /// The word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Close => "close",
        }
    }

    /// The action of its entry in the journal.
    pub fn action(self) -> &'static str {
        match self {
            Self::Answer => "finding.answer",
            Self::Close => "finding.close",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Answer, Self::Close].into_iter().find(|kind| kind.word() == word)
    }
}

/// A step after a finding; of each kind at most one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The finding's id.
    pub finding: String,
    /// Which.
    pub kind: StepKind,
    /// The answer, or why it was closed.
    pub words: String,
    /// By whom: a reference.
    pub actor: String,
    /// When, ms UTC.
    pub at_ms: i64,
    /// Its entry in the journal.
    pub link: Link,
}
