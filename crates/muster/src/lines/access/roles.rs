//! What may be done, by whom, and what nobody may do together: the whole of it as data.

use crate::say;
use muster_kernel::{Locale, Problem};
use serde::{Deserialize, Serialize};

/// Something that may be done. The same word as the journal's action, where it leaves an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Know which units there are (`unit.read`).
    TreeRead,
    /// Read figures, briefs and notices of one's own part of the tree (`figure.read`).
    Read,
    /// File or correct a report (`report.file`).
    ReportFile,
    /// Register an incident (`incident.file`).
    IncidentFile,
    /// Change the tree, its posts and contacts (`unit.*`, `units.import`).
    UnitChange,
    /// Read duty telephones of one's own part of the tree (`contact.read`).
    ContactRead,
    /// Find whose a telephone is (`contact.find`).
    ContactFind,
    /// Erase a telephone wherever it stands (`contact.erase`).
    ContactErase,
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
    /// Know who may log in, and as what (`account.read`).
    AccountRead,
    /// Add accounts, end them, and let somebody who forgot a password in again (`account.set`).
    AccountSet,
    /// Give roles and take them away (`grant.give`).
    GrantGive,
    /// Issue links by which a unit files a form without an account, and end them (`link.issue`).
    LinkIssue,
    /// Write what was found of a unit, and close it (`finding.file`): an inspector's alone.
    FindingFile,
    /// Answer for a unit what was found of it (`finding.answer`).
    FindingAnswer,
    /// Say on what legal basis personal fields are kept and until when, and when the operation ends for persons
    /// (`privacy.set`).
    PrivacySet,
    /// Register measures, hand them out, and decide on what one set (`task.assign`).
    TaskAssign,
    /// Sign for tasks of one's own part, do them, split them and report them as done (`task.report`).
    TaskReport,
    /// Look at what was reported as done, and strike it off or send it back (`task.verify`).
    TaskVerify,
    /// Set by what a unit is reached, and end it (`channel.set`).
    ChannelSet,
    /// Send reminders to those who have not reported (`report.remind`).
    ReportRemind,
}

impl Permission {
    /// All of them, in the order in which a page shows them.
    pub const ALL: &[Self] = &[
        Self::TreeRead,
        Self::Read,
        Self::ReportFile,
        Self::IncidentFile,
        Self::UnitChange,
        Self::ContactRead,
        Self::ContactFind,
        Self::ContactErase,
        Self::PartyCreate,
        Self::PartyChange,
        Self::FormSet,
        Self::BriefFreeze,
        Self::NoticeImport,
        Self::JournalRead,
        Self::AccountRead,
        Self::AccountSet,
        Self::GrantGive,
        Self::LinkIssue,
        Self::FindingFile,
        Self::FindingAnswer,
        Self::PrivacySet,
        Self::TaskAssign,
        Self::TaskReport,
        Self::TaskVerify,
        Self::ChannelSet,
        Self::ReportRemind,
    ];

    /// Its word, as the API and the catalogue of sentences say it.
    pub fn word(self) -> &'static str {
        match self {
            Self::TreeRead => "unit.read",
            Self::Read => "figure.read",
            Self::ReportFile => "report.file",
            Self::IncidentFile => "incident.file",
            Self::UnitChange => "unit.change",
            Self::ContactRead => "contact.read",
            Self::ContactFind => "contact.find",
            Self::ContactErase => "contact.erase",
            Self::PartyCreate => "party.create",
            Self::PartyChange => "party.change",
            Self::FormSet => "form.set",
            Self::BriefFreeze => "brief.freeze",
            Self::NoticeImport => "notice.import",
            Self::JournalRead => "journal.read",
            Self::AccountRead => "account.read",
            Self::AccountSet => "account.set",
            Self::GrantGive => "grant.give",
            Self::LinkIssue => "link.issue",
            Self::FindingFile => "finding.file",
            Self::FindingAnswer => "finding.answer",
            Self::PrivacySet => "privacy.set",
            Self::TaskAssign => "task.assign",
            Self::TaskReport => "task.report",
            Self::TaskVerify => "task.verify",
            Self::ChannelSet => "channel.set",
            Self::ReportRemind => "report.remind",
        }
    }

    /// From its word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.word() == word)
    }

    /// Whether a token may bear it: no program lets people in, gives roles, hands out links, says where letters go, or is the
    /// second person who looks at what was done.
    pub fn is_for_tokens(self) -> bool {
        !self.governs()
            && !matches!(self, Self::LinkIssue | Self::ChannelSet | Self::TaskReport | Self::TaskVerify)
    }

    /// Whether it changes what belongs to all: only who stands at the top of the tree may use it.
    pub fn is_of_the_whole(self) -> bool {
        matches!(
            self,
            Self::PartyCreate
                | Self::PartyChange
                | Self::FormSet
                | Self::BriefFreeze
                | Self::NoticeImport
                | Self::PrivacySet
        )
    }

    /// Whether it governs who comes in: what the office gives up once three administrators are appointed.
    pub fn governs(self) -> bool {
        matches!(self, Self::AccountSet | Self::GrantGive)
    }
}

/// A named set of permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Who decides: reads all, takes in orders, issues the day's brief.
    Commander,
    /// The office that runs the operation, or a part of it.
    Office,
    /// Who fills in a unit's report.
    Filler,
    /// Who checks it inside the unit.
    Checker,
    /// Who signs it and sends it up.
    Issuer,
    /// Who reviews what is published.
    Reviewer,
    /// Who only reads.
    Viewer,
    /// Who looks at how it is done, from outside the chain of command: reads figures and journal, no personal data; writes
    /// findings and nothing else.
    Inspector,
    /// Who keeps accounts (系统管理员).
    SystemAdmin,
    /// Who gives roles (安全管理员).
    SecurityAdmin,
    /// Who watches the other two (审计管理员).
    AuditAdmin,
}

use Permission::{
    AccountRead, AccountSet, BriefFreeze, ChannelSet, ContactErase, ContactFind, ContactRead, FindingAnswer,
    FindingFile, FormSet, GrantGive, IncidentFile, JournalRead, LinkIssue, NoticeImport, PartyChange,
    PartyCreate, PrivacySet, Read, ReportFile, ReportRemind, TaskAssign, TaskReport, TaskVerify, TreeRead,
    UnitChange,
};

impl Role {
    /// All of them, in the order in which a page shows them.
    pub const ALL: &[Self] = &[
        Self::Commander,
        Self::Office,
        Self::Filler,
        Self::Checker,
        Self::Issuer,
        Self::Reviewer,
        Self::Viewer,
        Self::Inspector,
        Self::SystemAdmin,
        Self::SecurityAdmin,
        Self::AuditAdmin,
    ];

    /// The three administrators, none of whom can do another's part.
    pub const ADMINS: &[Self] = &[Self::SystemAdmin, Self::SecurityAdmin, Self::AuditAdmin];

    /// What it may do.
    pub fn permissions(self) -> &'static [Permission] {
        match self {
            Self::Commander => &[
                TreeRead,
                Read,
                ContactRead,
                IncidentFile,
                NoticeImport,
                BriefFreeze,
                TaskAssign,
                TaskVerify,
            ],
            Self::Office => &[
                TreeRead,
                Read,
                ReportFile,
                IncidentFile,
                UnitChange,
                ContactRead,
                ContactFind,
                ContactErase,
                PartyCreate,
                PartyChange,
                FormSet,
                BriefFreeze,
                NoticeImport,
                JournalRead,
                AccountRead,
                AccountSet,
                GrantGive,
                LinkIssue,
                FindingAnswer,
                PrivacySet,
                TaskAssign,
                TaskReport,
                TaskVerify,
                ChannelSet,
                ReportRemind,
            ],
            Self::Filler => &[TreeRead, Read, ContactRead, ReportFile, IncidentFile, TaskReport],
            Self::Checker => &[TreeRead, Read, ContactRead, IncidentFile, TaskVerify],
            Self::Issuer => &[TreeRead, Read, ContactRead, IncidentFile, TaskReport],
            Self::Reviewer | Self::Viewer => &[TreeRead, Read],
            Self::Inspector => &[TreeRead, Read, JournalRead, FindingFile],
            Self::SystemAdmin => &[TreeRead, AccountRead, AccountSet],
            Self::SecurityAdmin => &[TreeRead, AccountRead, GrantGive, PrivacySet],
            Self::AuditAdmin => &[TreeRead, AccountRead, JournalRead],
        }
    }

    /// Whether the role holds a permission.
    pub fn may(self, permission: Permission) -> bool {
        self.permissions().contains(&permission)
    }

    /// Whether it rules or watches others: such a role is never given by an office because that one may do as much itself.
    pub fn stands_over(self) -> bool {
        self == Self::Inspector || Self::ADMINS.contains(&self)
    }

    /// Which roles it may give beyond those whose permissions it holds itself. A security administrator gives what it
    /// lacks, for that is its part; it appoints no auditor of itself.
    pub fn gives(self) -> &'static [Role] {
        match self {
            Self::SecurityAdmin => &[
                Self::Commander,
                Self::Office,
                Self::Filler,
                Self::Checker,
                Self::Issuer,
                Self::Reviewer,
                Self::Viewer,
                Self::Inspector,
                Self::SystemAdmin,
                Self::SecurityAdmin,
            ],
            _ => &[],
        }
    }

    /// The word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Commander => "commander",
            Self::Office => "office",
            Self::Filler => "filler",
            Self::Checker => "checker",
            Self::Issuer => "issuer",
            Self::Reviewer => "reviewer",
            Self::Viewer => "viewer",
            Self::Inspector => "inspector",
            Self::SystemAdmin => "system_admin",
            Self::SecurityAdmin => "security_admin",
            Self::AuditAdmin => "audit_admin",
        }
    }

    /// From the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.word() == word)
    }

    /// What a reader of a language calls it.
    pub fn name(self, locale: Locale) -> String {
        say::word(locale, &format!("role.{}", self.word()))
    }

    /// A problem whose sentence speaks of the role at `key`: called as each reader calls it, never by its stored word.
    pub(super) fn named(self, problem: Problem, key: &str) -> Problem {
        let own = |problem: Problem, locale: &Locale| {
            problem.with(&format!("{key}@{}", locale.tag()), self.name(*locale))
        };
        Locale::ALL.iter().fold(problem.with(key, self.word()), own)
    }
}

/// Roles that one account may not hold over the same unit: who does and who checks, who rules and who watches.
pub const APART: &[(Role, Role)] = &[
    (Role::SystemAdmin, Role::SecurityAdmin),
    (Role::SystemAdmin, Role::AuditAdmin),
    (Role::SecurityAdmin, Role::AuditAdmin),
    (Role::Commander, Role::SystemAdmin),
    (Role::Commander, Role::SecurityAdmin),
    (Role::Commander, Role::AuditAdmin),
    (Role::Office, Role::SystemAdmin),
    (Role::Office, Role::SecurityAdmin),
    (Role::Office, Role::AuditAdmin),
    (Role::Commander, Role::Inspector),
    (Role::Office, Role::Inspector),
    (Role::Filler, Role::Inspector),
    (Role::SystemAdmin, Role::Inspector),
    (Role::SecurityAdmin, Role::Inspector),
    (Role::Filler, Role::Checker),
    (Role::Filler, Role::Issuer),
    (Role::Checker, Role::Issuer),
];

/// Whether one account may hold both over the same unit.
pub fn go_together(one: Role, other: Role) -> bool {
    !APART.iter().any(|pair| *pair == (one, other) || *pair == (other, one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_of_the_three_administrators_can_do_anothers_part() {
        for one in Role::ADMINS {
            for other in Role::ADMINS.iter().filter(|other| *other != one) {
                assert!(!go_together(*one, *other), "{one:?} {other:?}");
                let shared = one.permissions().iter().filter(|held| other.may(**held));
                let shared: Vec<_> = shared.collect();
                assert!(shared.iter().all(|held| matches!(held, TreeRead | AccountRead)), "{shared:?}");
            }
            assert!(!one.may(Read), "{one:?} reads no figures");
            assert!(!one.gives().contains(&Role::AuditAdmin), "{one:?} appoints no auditor");
        }
        assert!(!Role::Inspector.permissions().iter().any(|held| held.governs()));
        // Who is looked at writes no finding, and who looks does nothing else.
        let writers = Role::ALL.iter().filter(|role| role.may(Permission::FindingFile));
        assert_eq!(writers.collect::<Vec<_>>(), [&Role::Inspector]);
        let reads = [TreeRead, Read, JournalRead, FindingFile];
        assert!(Role::Inspector.permissions().iter().all(|held| reads.contains(held)));
    }

    #[test]
    fn every_role_is_told_by_its_word_and_everybody_may_know_the_tree() {
        for role in Role::ALL {
            assert_eq!(Role::from_word(role.word()), Some(*role));
            assert!(role.may(TreeRead));
            for locale in Locale::ALL {
                let problem = role.named(Problem::conflict("grant.beyond"), "role");
                let said = say::problem(locale, &problem);
                assert!(said.contains(&role.name(locale)) && !said.contains("role."), "{said}");
                assert!(!role.name(locale).contains('_') && role.name(locale) != role.word(), "{said}");
            }
        }
        assert_eq!(Role::from_word("root"), None);
    }
}
