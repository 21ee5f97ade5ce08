//! Nouns of access.

use muster_kernel::Day;
use serde::{Deserialize, Serialize};

/// Something that may be done. The same word as the journal's action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Read figures, the tree, briefs and notices of one's own part of the tree.
    Read,
    /// File or correct a report (`report.file`).
    ReportFile,
    /// Register an incident (`incident.file`).
    IncidentFile,
    /// Change the tree, its posts and contacts (`unit.*`, `units.import`).
    UnitChange,
    /// Add a body beside the tree (`party.create`).
    PartyCreate,
    /// Change a body beside the tree (`party.change`).
    PartyChange,
    /// Set elements, forms and assignments (`form.set`).
    FormSet,
    /// Freeze a day and issue its brief (`brief.freeze`).
    BriefFreeze,
    /// Take in a text and decide on its conjectures (`notice.import`).
    NoticeImport,
    /// Read the journal of one's own part of the tree (`journal.read`).
    JournalRead,
}

impl Permission {
    /// Whether it changes what belongs to all: only who stands at the top of the tree may use it.
    pub fn is_of_the_whole(self) -> bool {
        matches!(
            self,
            Self::PartyCreate | Self::PartyChange | Self::FormSet | Self::BriefFreeze | Self::NoticeImport
        )
    }
}

/// A named set of permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The office that runs the operation.
    Office,
    /// Who fills in a unit's report.
    Filler,
    /// Who only reads.
    Viewer,
}

impl Role {
    /// Whether the role holds a permission.
    pub fn may(self, permission: Permission) -> bool {
        match self {
            Self::Office => true,
            Self::Filler => {
                matches!(permission, Permission::Read | Permission::ReportFile | Permission::IncidentFile)
            }
            Self::Viewer => permission == Permission::Read,
        }
    }
    /// The word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Office => "office",
            Self::Filler => "filler",
            Self::Viewer => "viewer",
        }
    }
    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Office, Self::Filler, Self::Viewer].into_iter().find(|role| role.word() == word)
    }
}

/// Somebody (or a role of the demonstration) who may act.
#[derive(Clone, Debug)]
pub struct Account {
    /// Opaque id; what the journal refers to.
    pub id: String,
    /// Login name.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The unit at which, and below which, it may do it.
    pub unit: i64,
}

/// An account with its days, as a list shows it: never with what it is let in by.
#[derive(Clone, Debug)]
pub struct AccountDated {
    /// Who it is.
    pub account: Account,
    /// First day on which it is let in as it is now.
    pub since: Day,
    /// First day on which it is let in no more.
    pub until: Day,
}

/// A session that was just opened. The token is shown once.
#[derive(Debug)]
pub struct Signed {
    /// What the cookie holds.
    pub token: String,
    /// Who it is.
    pub account: Account,
}
