//! What the doors of access say of accounts and roles.

use crate::lines::access::model::{AccountDated, Grant};
use crate::lines::access::roles::{APART, Permission, Role};
use crate::lines::access::verbs;
use crate::lines::operation::Names;
use crate::lines::org;
use crate::request::acting::ActedBody;
use crate::{Ctx, Fail};
use muster_kernel::day::rfc3339;
use muster_kernel::{Actor, Day};
use muster_store::Rows;
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// A role as somebody has it.
#[derive(Clone, Serialize, ToSchema)]
pub(super) struct SeatBody {
    /// The role's word.
    pub(super) role: String,
    /// Code of the unit at which and below which it holds; empty: in the whole operation.
    pub(super) unit_code: String,
    /// That unit's name, in the reader's language.
    pub(super) unit_name: String,
}

/// A role that was given.
#[derive(Serialize, ToSchema)]
pub(super) struct GrantBody {
    /// Opaque id.
    id: String,
    #[serde(flatten)]
    seat: SeatBody,
    /// Id of the account that has it; null where it is of whoever holds a post.
    account: Option<String>,
    /// Login name of that account, where the reader may know of it.
    account_name: Option<String>,
    /// The post whose holder has it, as `UNIT/POST`; null where it lies beyond the reader's part.
    post: Option<String>,
    /// That post's name, in the reader's language.
    post_name: Option<String>,
    /// Who holds that post today, as the journal refers to them; null where nobody does.
    post_holder: Option<String>,
    /// Login name of whoever holds it, where the reader may know of it.
    post_holder_name: Option<String>,
    /// First day.
    since: String,
    /// First day on which it does not hold any more; null where none is known.
    until: Option<String>,
    /// Who gave it, as the journal refers to them.
    giver: String,
    /// Login name of whoever gave it, where the reader may know of it.
    giver_name: Option<String>,
}

/// An account.
#[derive(Serialize, ToSchema)]
pub(super) struct AccountBody {
    /// Opaque id.
    id: String,
    /// What the journal and `query` call it.
    reference: String,
    /// Login name; null where it was erased, or where its key is not there.
    name: Option<String>,
    /// Its role at that unit, or else its first; empty where it has none today that the reader may know of.
    role: String,
    /// Code of the unit at which its person is at home; empty: at none.
    unit_code: String,
    /// That unit's name.
    unit_name: String,
    /// First day on which it is let in as it is now.
    since: String,
    /// First day on which it is let in no more; null where none is known.
    until: Option<String>,
    /// Whether its person has chosen a password.
    entered: bool,
    /// Its roles, those that hold today and later ones: as far as the reader may know of their units.
    grants: Vec<GrantBody>,
}

/// What there is to be given.
#[derive(Serialize, ToSchema)]
pub(super) struct RolesBody {
    /// Every role.
    items: Vec<RoleRights>,
    /// Pairs of roles that one account may not hold over the same unit.
    apart: Vec<[String; 2]>,
    /// Whether three administrators are appointed, and the office governs nobody's coming in.
    separated: bool,
}

/// A role.
#[derive(Serialize, ToSchema)]
struct RoleRights {
    /// Its word.
    role: String,
    /// Words of what it may do.
    permissions: Vec<String>,
    /// Whether the reader may give it somewhere; where, is told when it is given.
    given_by_reader: bool,
}

impl RolesBody {
    pub(super) fn new(separated: bool, given: impl Fn(Role) -> bool) -> Self {
        let body = |role: &Role| RoleRights {
            role: role.word().to_owned(),
            permissions: role.permissions().iter().map(|may| Permission::word(*may).to_owned()).collect(),
            given_by_reader: given(*role),
        };
        Self {
            items: Role::ALL.iter().map(body).collect(),
            apart: APART
                .iter()
                .map(|(one, other)| [one.word().to_owned(), other.word().to_owned()])
                .collect(),
            separated,
        }
    }
}

/// First day after something, where one is known.
fn until(day: Day) -> Option<String> {
    (day != Day::OPEN_END).then(|| day.to_string())
}

/// Names of what grants speak of, read together.
pub(super) struct Known {
    units: HashMap<i64, (String, Names)>,
    posts: HashMap<i64, (i64, String, Names)>,
    accounts: HashMap<String, String>,
    /// Who holds a post today.
    holders: HashMap<i64, String>,
}

/// The account behind a reference, where it is one.
fn account_of(reference: &str) -> Option<&str> {
    reference.strip_prefix("account:")
}

impl Known {
    /// Of the roles of a list that may speak of others than the reader's own people: posts beyond the reader's part are left
    /// out, and so are names of people beyond it. `account`: the reader's own.
    pub(super) fn of(
        rows: &mut impl Rows,
        near: &Ctx,
        account: &str,
        grants: &[Grant],
    ) -> Result<Self, Fail> {
        let mut known = Self::read(rows, near, grants, std::iter::empty(), &[])?;
        let units: Vec<i64> = known.posts.values().map(|post| post.0).collect();
        let mut own = org::units_today(rows, &near.reach, &units, near.today())?;
        let held = org::posts_held(rows, &Actor::account(account).to_string(), near.today())?;
        known.posts.retain(|id, (unit, ..)| own.contains(unit) || held.contains(id));
        own.extend(known.posts.values().map(|post| post.0));
        let own: Vec<i64> = own.into_iter().collect();
        let posts = org::posts_of(rows, &own, near.today())?;
        let posts =
            posts.into_iter().filter(|post| known.posts.contains_key(&post.id) && !post.holder.is_empty());
        known.holders = posts.map(|post| (post.id, post.holder)).collect();
        let spoken = grants.iter().flat_map(|grant| [Some(grant.account.as_str()), account_of(&grant.giver)]);
        let ids = spoken.chain(known.holders.values().map(|holder| account_of(holder)));
        let mut ids: Vec<String> = ids.flatten().filter(|id| !id.is_empty()).map(str::to_owned).collect();
        ids.sort_unstable();
        ids.dedup();
        let ids = verbs::accounts_near(rows, near, account, &ids)?;
        known.accounts = verbs::account_named(rows, &near.seals, &ids)?;
        Ok(known)
    }

    /// Of some grants and more units; `accounts`: ids whose names the reader may know.
    pub(super) fn read(
        rows: &mut impl Rows,
        ctx: &Ctx,
        grants: &[Grant],
        units: impl Iterator<Item = i64>,
        accounts: &[String],
    ) -> Result<Self, Fail> {
        let posts: Vec<i64> = grants.iter().map(|grant| grant.post).filter(|post| *post > 0).collect();
        let posts = org::posts_named(rows, &posts)?;
        let units =
            grants.iter().map(|grant| grant.unit).chain(posts.values().map(|post| post.0)).chain(units);
        let units: Vec<i64> = units.filter(|unit| *unit > 0).collect();
        let units = org::labels(rows, &units, ctx.today())?;
        let accounts = verbs::account_named(rows, &ctx.seals, accounts)?;
        Ok(Self { units, posts, accounts, holders: HashMap::new() })
    }

    fn seat(&self, ctx: &Ctx, role: &str, unit: i64) -> SeatBody {
        let label = self.units.get(&unit);
        SeatBody {
            role: role.to_owned(),
            unit_code: label.map(|(code, _)| code.clone()).unwrap_or_default(),
            unit_name: label.map(|(_, names)| names.of(ctx.locale).to_owned()).unwrap_or_default(),
        }
    }

    pub(super) fn grant(&self, ctx: &Ctx, grant: &Grant) -> GrantBody {
        let named = self.posts.get(&grant.post);
        let post = named.map(|(unit, code, _)| {
            let unit = self.units.get(unit).map_or("", |(unit, _)| unit.as_str());
            format!("{unit}/{code}")
        });
        let name = |reference: &str| self.accounts.get(account_of(reference)?).cloned();
        let holder = self.holders.get(&grant.post);
        GrantBody {
            id: grant.id.clone(),
            seat: self.seat(ctx, &grant.role, grant.unit),
            account: (!grant.account.is_empty()).then(|| grant.account.clone()),
            account_name: self.accounts.get(&grant.account).cloned(),
            post,
            post_name: named.map(|(.., names)| names.of(ctx.locale).to_owned()),
            post_holder_name: holder.and_then(|holder| name(holder)),
            post_holder: holder.cloned(),
            since: grant.since.to_string(),
            until: until(grant.until),
            giver_name: name(&grant.giver),
            giver: grant.giver.clone(),
        }
    }

    pub(super) fn account(&self, ctx: &Ctx, account: AccountDated, grants: &[&Grant]) -> AccountBody {
        let label = self.units.get(&account.unit);
        let held = |grant: &&&Grant| grant.since <= ctx.today() && ctx.today() < grant.until;
        let own = grants.iter().filter(held).find(|grant| grant.unit == account.unit);
        let role = own.or_else(|| grants.iter().find(held)).map_or("", |grant| grant.role.as_str());
        AccountBody {
            role: role.to_owned(),
            unit_code: label.map(|(code, _)| code.clone()).unwrap_or_default(),
            unit_name: label.map(|(_, names)| names.of(ctx.locale).to_owned()).unwrap_or_default(),
            since: account.since.to_string(),
            until: until(account.until),
            entered: account.entered,
            reference: Actor::account(&account.id).to_string(),
            grants: grants.iter().map(|grant| self.grant(ctx, grant)).collect(),
            id: account.id,
            name: account.name,
        }
    }
}

/// Something that was done with an account.
#[derive(Serialize, ToSchema)]
pub(super) struct AccountEntry {
    /// When, in the operation's time zone (RFC 3339).
    at: String,
    /// The journal's word for what was done.
    action: String,
    /// Who did it, as the journal refers to them.
    actor: String,
    /// Login name of whoever did it, where it was an account that the reader may know of.
    actor_name: Option<String>,
    /// The role that was given or taken away.
    role: Option<String>,
    /// Code of the unit at which.
    unit_code: Option<String>,
    /// Who decided it, where somebody did it for them.
    acted_for: Option<ActedBody>,
}

impl AccountEntry {
    pub(super) fn new(
        ctx: &Ctx,
        entry: &muster_store::Stored,
        known: &Known,
        actors: &HashMap<String, String>,
        acted_for: Option<ActedBody>,
    ) -> Self {
        let body: serde_json::Value = serde_json::from_slice(&entry.body).unwrap_or_default();
        let unit = body["role"].as_str().and_then(|_| known.units.get(&body["unit"].as_i64()?));
        let id = entry.actor.strip_prefix("account:").unwrap_or_default();
        Self {
            at: rfc3339(entry.at, &ctx.zone),
            action: entry.action.clone(),
            actor_name: actors.get(id).cloned(),
            actor: entry.actor.clone(),
            role: body["role"].as_str().map(str::to_owned),
            unit_code: unit.map(|(code, _)| code.clone()),
            acted_for,
        }
    }
}
