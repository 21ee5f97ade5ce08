//! What stands behind the references of some entries: names of units and accounts as they are today, of forms and bodies
//! beside the tree; and of a report which day and form it is about. A question a kind, however many entries.

use super::model::Subject;
use super::query::Viewer;
use crate::Ctx;
use crate::lines::operation::Names;
use crate::lines::reporting::{Book, Revision, Scope};
use crate::lines::{access, org};
use muster_kernel::{Day, Locale};
use muster_store::{Glance, Link, Result, Rows, Stored, journal_marks, journal_read_many};
use std::collections::{BTreeSet, HashMap};

/// What of an entry's body is told: never a value, never a word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Detail {
    /// The day it is about.
    pub(super) day: Option<Day>,
    /// Which revision of a report it made, of which form (by number), and of what scope.
    pub(super) report: Option<(i64, i64, Scope)>,
}

impl Detail {
    fn of(entry: &Stored) -> Self {
        match entry.action.as_str() {
            "report.file" | "report.correct" => match Revision::unpack(entry.operation, &entry.body) {
                Some(made) => {
                    Self { day: Some(made.key.day), report: Some((made.rev, made.form, made.key.scope)) }
                }
                None => Self::default(),
            },
            // Id, day, element, value, hash of the words.
            "incident.file" => {
                let text = std::str::from_utf8(&entry.body).unwrap_or_default();
                Self { day: text.split('/').nth(1).and_then(|day| day.parse().ok()), report: None }
            }
            _ => {
                let body: serde_json::Value = serde_json::from_slice(&entry.body).unwrap_or_default();
                let body_day = body.get("day").or_else(|| body.get("since"));
                Self { day: body_day.and_then(|day| serde_json::from_value(day.clone()).ok()), report: None }
            }
        }
    }
}

/// The names behind some entries.
#[derive(Debug, Default)]
pub(super) struct Behind {
    /// Code and names of units.
    pub(super) units: HashMap<i64, (String, Names)>,
    /// Login names of accounts that the reader may know.
    pub(super) accounts: HashMap<String, String>,
    /// Names of units whose duty telephones were read, by code.
    pub(super) contacts: HashMap<String, Names>,
    /// Code and names of bodies beside the tree.
    pub(super) parties: HashMap<i64, (String, Names)>,
    /// What the bodies say that is told.
    pub(super) details: HashMap<Link, Detail>,
    /// Units whose links acted, by the link's id.
    pub(super) links: HashMap<String, i64>,
    /// Accounts whose tokens acted, by the token's id.
    pub(super) tokens: HashMap<String, String>,
    /// The hash of the entry before each in its lane.
    pub(super) before: HashMap<Link, Vec<u8>>,
}

impl Behind {
    /// Looks up all that some entries refer to.
    pub(super) fn of(
        rows: &mut impl Rows,
        ctx: &Ctx,
        viewer: &mut Viewer<'_>,
        entries: &[Glance],
    ) -> Result<Self> {
        let links: Vec<Link> = entries.iter().map(|entry| entry.link).collect();
        let details = journal_read_many(rows, &links)?;
        let above = |entry: &Glance| Link { no: entry.link.no - 1, ..entry.link };
        let marks = journal_marks(rows, &entries.iter().map(above).collect::<Vec<_>>())?;
        let (mut units, mut accounts, mut parties) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut contacts = BTreeSet::new();
        for entry in entries {
            contacts.extend(Subject::of(&entry.subject).contacts_unit().map(str::to_owned));
            match Subject::of(&entry.subject) {
                Subject::Unit(unit) => drop(units.insert(unit)),
                Subject::Account(id) => drop(accounts.insert(id)),
                Subject::Party(id) => drop(parties.insert(id)),
                _ => {}
            }
            accounts.extend(actor_account(&entry.actor).map(str::to_owned));
        }
        let links = match acting(entries, "link:") {
            ids if ids.is_empty() => HashMap::new(),
            ids => access::link_units(rows, &ids)?,
        };
        let tokens = match acting(entries, "token:") {
            ids if ids.is_empty() => HashMap::new(),
            ids => access::token_accounts(rows, &ids)?,
        };
        units.extend(links.values().copied());
        accounts.extend(tokens.values().cloned());
        let homes = access::account_homes(rows, &accounts.into_iter().collect::<Vec<_>>())?;
        let (ids, homes): (Vec<String>, Vec<i64>) = homes.into_iter().unzip();
        let may = viewer.knows(rows, &homes)?;
        let known: Vec<String> = ids.into_iter().zip(may).filter(|(_, may)| *may).map(|(id, _)| id).collect();
        let contacts: Vec<&str> = contacts.iter().map(String::as_str).collect();
        let contacts = org::standings_by_code(rows, &contacts, ctx.today())?;
        let contacts: Vec<i64> = contacts.iter().map(|stands| stands.unit).collect();
        let contacts = org::labels(rows, &contacts, ctx.today())?;
        let parties = org::parties_of(rows, &parties.into_iter().collect::<Vec<_>>())?;
        Ok(Self {
            units: org::labels(rows, &units.into_iter().collect::<Vec<_>>(), ctx.today())?,
            accounts: access::account_named(rows, &ctx.seals, &known)?.into_iter().collect(),
            contacts: contacts.into_values().collect(),
            parties: parties.into_iter().map(|party| (party.id, (party.code, party.names))).collect(),
            links,
            tokens,
            details: details.into_iter().map(|(link, entry)| (link, Detail::of(&entry))).collect(),
            before: marks
                .into_iter()
                .map(|(link, (_, hash))| (Link { no: link.no + 1, ..link }, hash))
                .collect(),
        })
    }
}

/// The account behind an actor: also one that is taken as a role of the demonstration.
fn actor_account(actor: &str) -> Option<&str> {
    actor.strip_prefix("account:").or_else(|| actor.strip_prefix("role:"))
}

/// The ids of actors of a kind among entries, each once.
fn acting(entries: &[Glance], kind: &str) -> Vec<String> {
    let ids: BTreeSet<&str> = entries.iter().filter_map(|entry| entry.actor.strip_prefix(kind)).collect();
    ids.into_iter().map(str::to_owned).collect()
}

/// The login name of an actor's account, where it may be known; of a token that of the account whose it is.
pub(super) fn actor_name<'b>(behind: &'b Behind, actor: &str) -> Option<&'b String> {
    let token = |id: &str| behind.tokens.get(id).map(String::as_str);
    let account = actor_account(actor).or_else(|| actor.strip_prefix("token:").and_then(token));
    behind.accounts.get(account?)
}

/// Code and name of a form, by its number.
pub(super) fn form_named(book: &Book, id: i64, locale: Locale) -> Option<(String, String)> {
    let form = book.forms().iter().rev().find(|form| form.id == id)?;
    Some((form.code.clone(), form.names.of(locale).to_owned()))
}
