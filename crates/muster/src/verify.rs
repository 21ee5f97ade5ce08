//! Is every row what the journal says? Asks each line in turn, through its front door: what `muster verify --deep` and
//! the tests look at.
//!
//! Which tables are held to the journal, which are drawn anew, and which are left out and why, is a table in
//! `tests/it/tamper.rs`; a table of the schema that is not in it fails that test.

use crate::Fail;
use crate::faults::{Faults, word};
use crate::lines::access::{self, AccountsReplayed};
use crate::lines::brief::{self, BriefsReplayed};
use crate::lines::command::notice::{self, NoticesReplayed};
use crate::lines::command::task::{self, TasksReplayed};
use crate::lines::inspect::{self, FindingsReplayed};
use crate::lines::operation::{self, OperationReplayed};
use crate::lines::org::{self, TreeReplayed};
use crate::lines::privacy::{self, PrivacyReplayed};
use crate::lines::reporting::{self, On, Replayed, ScansReplayed};
use crate::outbound::{self, OutboundReplayed};
use crate::seal::Seals;
use muster_store::{Db, StoreError};
use serde::Serialize;
use std::sync::Arc;

/// What was found by making everything again.
#[derive(Clone, Debug, Default)]
pub struct Deep {
    /// The operation's own row.
    pub operation: OperationReplayed,
    /// Accounts.
    pub accounts: AccountsReplayed,
    /// Units, posts, classes, places, bodies beside the tree.
    pub tree: TreeReplayed,
    /// The book, reports, words, corrections, incidents; totals and expected counts.
    pub rows: Replayed,
    /// Frozen briefs, printed files, narratives.
    pub briefs: BriefsReplayed,
    /// Superiors' texts.
    pub notices: NoticesReplayed,
    /// Scans of signed pages.
    pub scans: ScansReplayed,
    /// Findings of inspectors.
    pub findings: FindingsReplayed,
    /// Measures, tasks and their steps.
    pub tasks: TasksReplayed,
    /// Channels and letters.
    pub outbound: OutboundReplayed,
    /// What is said of personal fields.
    pub privacy: PrivacyReplayed,
    /// Parts that could not be looked at, because a row in them cannot be read at all.
    pub unreadable: Vec<String>,
}

/// Holds all rows against the journal as it is by now. Long; blocks, in short reads beside the servers, and changes
/// nothing. Telephones and names are opened where `seals` has their key, else left out. `on` hears what is looked at, and how far.
///
/// # Errors
/// The store's. What is damaged is no error: it is what was found.
pub fn deep(db: &Db, operation: i64, seals: &Seals, on: On<'_>) -> Result<Deep, Fail> {
    let mut unreadable = Vec::new();
    let own = readable(operation::operation_replay(db), &mut unreadable)?;
    let accounts = readable(access::accounts_replay(db, seals), &mut unreadable)?;
    let tree = org::tree_replay(db, seals, &mut |done, all| on("units", done, all));
    let tree = readable(tree, &mut unreadable)?;
    let briefs = readable(brief::briefs_replay(db), &mut unreadable)?;
    let cuts = Arc::new(briefs.cuts.clone());
    let rows = readable(reporting::replay(db, operation, &cuts, on), &mut unreadable)?;
    let notices = readable(notice::notices_replay(db), &mut unreadable)?;
    let scans = readable(reporting::scans_replay(db), &mut unreadable)?;
    let findings = readable(inspect::findings_replay(db), &mut unreadable)?;
    let tasks = readable(task::tasks_replay(db), &mut unreadable)?;
    let outbound = readable(outbound::outbound_replay(db, seals), &mut unreadable)?;
    let privacy = readable(privacy::privacy_replay(db), &mut unreadable)?;
    Ok(Deep {
        operation: own,
        accounts,
        tree,
        rows,
        briefs,
        notices,
        scans,
        findings,
        tasks,
        outbound,
        privacy,
        unreadable,
    })
}

fn readable<T: Default>(found: Result<T, Fail>, unreadable: &mut Vec<String>) -> Result<T, Fail> {
    match found {
        Err(Fail::Store(StoreError::Corrupt(what))) => {
            unreadable.push(what);
            Ok(T::default())
        }
        other => other,
    }
}

impl Deep {
    /// How much is not as it was written.
    pub fn faults_all(&self) -> u64 {
        let Self {
            operation,
            accounts,
            tree,
            rows,
            briefs,
            notices,
            scans,
            findings,
            tasks,
            outbound,
            privacy,
            unreadable,
        } = self;
        operation.wrong.faults_all
            + accounts.wrong.faults_all
            + tree.wrong.faults_all
            + rows.wrong.faults_all
            + briefs.wrong.faults_all
            + notices.wrong.faults_all
            + scans.wrong.faults_all
            + findings.wrong.faults_all
            + tasks.wrong.faults_all
            + outbound.wrong.faults_all
            + privacy.wrong.faults_all
            + unreadable.len() as u64
    }

    /// Each fault that is told: the key of its sentence, and where.
    pub fn faults(&self) -> Vec<(String, &str)> {
        let unreadable = self.unreadable.iter().map(|what| ("verify.unreadable".to_owned(), &**what));
        told("operation", &self.operation.wrong)
            .chain(told("account", &self.accounts.wrong))
            .chain(told("tree", &self.tree.wrong))
            .chain(told("row", &self.rows.wrong))
            .chain(told("brief", &self.briefs.wrong))
            .chain(told("notice", &self.notices.wrong))
            .chain(told("scan", &self.scans.wrong))
            .chain(told("finding", &self.findings.wrong))
            .chain(told("task", &self.tasks.wrong))
            .chain(told("outbound", &self.outbound.wrong))
            .chain(told("privacy", &self.privacy.wrong))
            .chain(unreadable)
            .collect()
    }
}

/// The keys of a part's faults, and where they are.
pub(crate) fn told<'f, K: Serialize>(
    part: &'static str,
    wrong: &'f Faults<K>,
) -> impl Iterator<Item = (String, &'f str)> {
    wrong.faults.iter().map(move |fault| (format!("verify.{part}.{}", word(&fault.kind)), &*fault.at))
}
