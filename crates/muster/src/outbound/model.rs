//! Nouns: a channel, where it leads, a letter and how far it came.

use muster_store::Link;
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// By what a channel is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ChannelKind)]
pub enum Kind {
    /// Mail, by the operator's server.
    Mail,
    /// A POST of JSON, signed where a secret is set.
    Webhook,
    /// A group's robot of 企业微信.
    Wecom,
    /// A group's robot of 钉钉.
    Dingtalk,
    /// A file in the operator's folder: where no network leads outside.
    Folder,
    /// Kept in memory: tests only.
    Memory,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Mail, Self::Webhook, Self::Wecom, Self::Dingtalk, Self::Folder, Self::Memory];

    /// The word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Webhook => "webhook",
            Self::Wecom => "wecom",
            Self::Dingtalk => "dingtalk",
            Self::Folder => "folder",
            Self::Memory => "memory",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Hours of the day in which nothing is sent, in the operation's time zone, as minutes since midnight. `from` may lie
/// after `until`: then it is the night.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// First minute.
    pub from_min: i64,
    /// First minute after.
    pub until_min: i64,
}

/// Where a channel leads, and what opens it: sealed at rest, never told.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct Target {
    /// A mail address, the URL of a webhook, the name of a folder.
    #[serde(default)]
    pub address: String,
    /// A robot's key (企业微信) or access token (钉钉).
    #[serde(default)]
    pub key: String,
    /// By which a webhook or a robot of 钉钉 is signed; the password of `user`.
    #[serde(default)]
    pub secret: String,
    /// Login at the mail server, where the channel has one of its own.
    #[serde(default)]
    pub user: String,
    /// Telephones of those whom a robot calls by name.
    #[serde(default)]
    pub mentions: Vec<String>,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Target(..)")
    }
}

/// A channel of a unit, without where it leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Its id.
    pub id: String,
    /// In which operation.
    pub operation: i64,
    /// Whose it is, by its surrogate.
    pub unit: i64,
    /// A word by which the unit calls it.
    pub code: String,
    /// By what it is reached.
    pub kind: Kind,
    /// What may be told of where it leads: a host, a mail address's domain, a folder.
    pub host: String,
    /// When nothing is sent.
    pub quiet: Option<Quiet>,
    /// When it was ended, ms UTC; 0 while it is used.
    pub ended_at: i64,
    /// How often it was set or ended.
    pub rev: i64,
    /// Its latest entry in the journal.
    pub link: Link,
}

/// What a letter is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LetterKind {
    /// Something is due, or overdue.
    Reminder,
    /// A task came, or changed.
    Task,
    /// The day's brief.
    Brief,
    /// Whether the channel leads where it should: quiet hours do not hold it.
    Test,
}

impl LetterKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Reminder, Self::Task, Self::Brief, Self::Test];

    /// The word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reminder => "reminder",
            Self::Task => "task",
            Self::Brief => "brief",
            Self::Test => "test",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A letter to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Id of the channel.
    pub channel: String,
    /// The unit whose channel it is.
    pub unit: i64,
    /// What it is about.
    pub kind: LetterKind,
    /// What makes it one: of a key there is one letter in an operation, however often it is written.
    pub key: String,
    /// In a line, at most 200 characters. Nothing of a person, here and in the text.
    pub subject: String,
    /// What it says, at most 20,000 characters.
    pub text: String,
    /// Not before this instant, ms UTC.
    pub due_ms: i64,
}

/// How far a letter came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = LetterState)]
pub enum State {
    /// Not sent yet.
    Waiting,
    /// Taken by whoever it was handed to.
    Sent,
    /// Tried in vain, and will be tried again.
    Failed,
    /// Tried in vain, and will not be tried again: somebody has to tell it by other means.
    GivenUp,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Sent, Self::Failed, Self::GivenUp];

    /// The word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::GivenUp => "given_up",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A letter as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its id.
    pub id: String,
    /// In which operation.
    pub operation: i64,
    /// What was written; subject and text are empty once they were erased.
    pub letter: Letter,
    /// Hash of subject and text.
    pub digest: String,
    /// How far it came.
    pub state: State,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next, ms UTC; none where it is over.
    pub next_at: Option<i64>,
    /// Why the last try failed: a short word; empty where none did.
    pub error: String,
    /// When it was written, ms UTC.
    pub at_ms: i64,
    /// When it was sent or given up, ms UTC.
    pub ended_at: Option<i64>,
    /// The entry of the deed that wrote it.
    pub link: Link,
}

/// Why a message was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erred {
    /// A short word, of this program's own: `timeout`, `http_503`, `smtp_550`, `errcode_93000`. Never what was answered.
    pub code: String,
    /// Whether trying again cannot help.
    pub for_good: bool,
    /// How many of its parts were taken before.
    pub parts_sent: usize,
}

impl Erred {
    /// What may be otherwise the next time.
    pub fn again(code: impl Into<String>) -> Self {
        Self { code: code.into(), for_good: false, parts_sent: 0 }
    }
    /// What will not be otherwise until somebody changes something.
    pub fn for_good(code: impl Into<String>) -> Self {
        Self { code: code.into(), for_good: true, parts_sent: 0 }
    }
}
