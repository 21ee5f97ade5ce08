//! Roles: giving and taking away. Nobody gives beyond their part of the tree, nor what they lack, nor to themselves.

use super::accounts::noted;
use super::held;
use crate::lines::access::model::{Account, Grant, Seat};
use crate::lines::access::roles::{Role, go_together};
use crate::lines::access::store::accounts::{self, RawAccount};
use crate::lines::access::store::grants as store;
use crate::lines::org;
use crate::{Ctx, Fail};
use muster_kernel::{Actor, ActorKind, Day, Problem, ProblemKind};
use muster_store::{Entry, Rows, StoreError, Tx};
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;

/// To whom a role is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// An account, by its id.
    Account(String),
    /// Whoever holds a post on the day: code of its unit, code of the post.
    Post(String, String),
}

/// A role to be given.
#[derive(Clone, Debug)]
pub struct GrantDraft {
    /// To whom.
    pub holder: Holder,
    /// What they may do.
    pub role: Role,
    /// Code of the unit at which and below which; none: in the whole operation.
    pub unit: Option<String>,
    /// First day.
    pub since: Day,
    /// First day on which it does not hold any more; [`Day::OPEN_END`] where none is known.
    pub until: Day,
}

/// Gives a role.
///
/// # Errors
/// `unit.unknown`, `account.unknown` or `post.unknown` where the giver may not know of them; `grant.beyond` where it is not
/// theirs to give, `grant.own` to oneself; `grant.apart` where it does not go together with what the holder has;
/// `grant.days`; `grant.held` where the holder has it for those days.
pub fn grant_give(tx: &mut Tx, ctx: &Ctx, draft: &GrantDraft) -> Result<Grant, Fail> {
    let today = ctx.today();
    if draft.since < today || draft.until <= draft.since {
        return Err(Problem::invalid("grant.days").with("today", today).into());
    }
    let (unit, chain) = place(tx, ctx, draft.unit.as_deref())?;
    let (account, post) = holder(tx, ctx, &draft.holder)?;
    allowed(tx, ctx, draft.role, &chain)?;
    let receiver = account.as_ref().map_or("", |row| row.id.as_str());
    if is_self(ctx, receiver) {
        return Err(Problem::new(ProblemKind::Forbidden, "grant.own").into());
    }
    // What a post's holder has besides is looked at when they come in, and when somebody is put at the post.
    let has = match &account {
        Some(row) => store::grants_of_accounts(tx, std::slice::from_ref(&row.id), ctx.operation, today)?,
        None => store::grants_of_posts(tx, &[post], ctx.operation, today)?,
    };
    if has.len() as i64 >= store::GRANTS_MAX {
        return Err(Problem::invalid("grant.too_many").with("max", store::GRANTS_MAX).into());
    }
    let meets = |grant: &&Grant| grant.since < draft.until && draft.since < grant.until;
    let has: Vec<&Grant> = has.iter().filter(meets).collect();
    if has.iter().any(|grant| grant.role == draft.role.word() && grant.unit == unit) {
        return Err(Problem::conflict("grant.held").into());
    }
    let held: Vec<Seat> = has.iter().filter_map(|grant| seat(grant)).collect();
    let with = Seat { role: draft.role, unit };
    if let Some(other) = apart(tx, today, &held, with)? {
        return Err(not_together(with, other).into());
    }
    let grant = Grant {
        id: ctx.id().to_string(),
        account: receiver.to_owned(),
        post,
        role: draft.role.word().to_owned(),
        unit,
        operation: ctx.operation,
        since: draft.since,
        until: draft.until,
        giver: ctx.actor.to_string(),
        revision: 1,
    };
    store::grant_add(tx, &grant)?;
    written(tx, ctx, "grant.give", &grant, account.as_ref())?;
    if Role::ADMINS.contains(&draft.role) {
        administrators_separate(tx, ctx)?;
    }
    Ok(grant)
}

/// Takes a role away from a day on.
///
/// # Errors
/// `grant.unknown` where there is none that the actor may know of; `grant.beyond` where it was not theirs to give;
/// `grant.days` where the day is before today or after its end.
pub fn grant_end(tx: &mut Tx, ctx: &Ctx, id: &str, day: Day) -> Result<Grant, Fail> {
    let unknown = || Problem::not_found("grant.unknown");
    let grant = store::grant_lock(tx, id, ctx.operation)?.ok_or_else(unknown)?;
    let chain = chain_of(tx, grant.unit, ctx.today())?;
    if !ctx.reach.covers(&chain) {
        return Err(unknown().into());
    }
    match Role::from_word(&grant.role) {
        Some(role) => allowed(tx, ctx, role, &chain)?,
        None => return Err(Problem::new(ProblemKind::Forbidden, "grant.beyond").into()),
    }
    if day < ctx.today() || grant.until <= day {
        return Err(Problem::invalid("grant.days").with("today", ctx.today()).into());
    }
    let account = match grant.account.is_empty() {
        true => None,
        false => accounts::account_lock(tx, &grant.account)?,
    };
    // One that was to begin later never does.
    let until = day.max(grant.since);
    store::grant_end(tx, &grant, until)?;
    let grant = Grant { until, revision: grant.revision + 1, ..grant };
    written(tx, ctx, "grant.end", &grant, account.as_ref())?;
    Ok(grant)
}

/// Gives an account the roles that it says and takes all others that are its own away, without asking whether that may be.
pub(super) fn seats_given(tx: &mut Tx, ctx: &Ctx, account: &Account) -> Result<(), StoreError> {
    let has = store::grants_of_accounts(tx, std::slice::from_ref(&account.id), ctx.operation, ctx.today())?;
    let is_had = |seat: &Seat| {
        has.iter().any(|grant| {
            self::seat(grant) == Some(*seat) && grant.since <= ctx.today() && grant.until == Day::OPEN_END
        })
    };
    let new: Vec<Seat> = account.seats.iter().copied().filter(|seat| !is_had(seat)).collect();
    let goes = |grant: &&Grant| {
        !self::seat(grant).is_some_and(|seat| account.seats.contains(&seat) && is_had(&seat))
    };
    for grant in has.iter().filter(goes) {
        let until = ctx.today().max(grant.since);
        store::grant_end(tx, grant, until)?;
        let grant = Grant { until, revision: grant.revision + 1, ..grant.clone() };
        let row = accounts::account_lock(tx, &account.id)?;
        written(tx, ctx, "grant.end", &grant, row.as_ref())?;
    }
    for seat in new {
        let grant = Grant {
            id: ctx.id().to_string(),
            account: account.id.clone(),
            post: 0,
            role: seat.role.word().to_owned(),
            unit: seat.unit,
            operation: ctx.operation,
            since: ctx.today(),
            until: Day::OPEN_END,
            giver: ctx.actor.to_string(),
            revision: 1,
        };
        store::grant_add(tx, &grant)?;
        let row = accounts::account_lock(tx, &account.id)?;
        written(tx, ctx, "grant.give", &grant, row.as_ref())?;
    }
    Ok(())
}

/// Writes the entry of a role, where an account has it among those of the account.
fn written(
    tx: &mut Tx,
    ctx: &Ctx,
    action: &'static str,
    grant: &Grant,
    account: Option<&RawAccount>,
) -> Result<(), StoreError> {
    let body = json!({
        "grant": grant.id, "revision": grant.revision, "account": grant.account, "post": grant.post,
        "role": grant.role, "unit": grant.unit, "since": grant.since.number(), "until": grant.until.number(),
        "operation": grant.operation, "giver": grant.giver,
    });
    match account {
        Some(row) => noted(tx, ctx, action, row, &body),
        None => tx
            .journal(Entry {
                operation: ctx.operation,
                actor: &ctx.actor.to_string(),
                action,
                subject: &format!("unit:{}", grant.unit),
                prev: None,
                request: None,
                body: body.to_string().into_bytes(),
            })
            .map(drop),
    }
}

/// The unit of a code and the units from the top down to it, if the actor may know of it; of none the whole operation.
fn place(tx: &mut Tx, ctx: &Ctx, code: Option<&str>) -> Result<(i64, Arc<[i64]>), Fail> {
    match code {
        Some(code) => {
            let found = org::unit_standing(tx, ctx, code, ctx.today())?;
            Ok((found.unit, found.chain))
        }
        None => Ok((0, Arc::new([]))),
    }
}

/// Whoever is to have it, while nobody else changes them, if the actor may know of them: an account or a post.
fn holder(tx: &mut Tx, ctx: &Ctx, holder: &Holder) -> Result<(Option<RawAccount>, i64), Fail> {
    match holder {
        Holder::Account(id) => Ok((Some(super::letters::account_within(tx, ctx, id)?), 0)),
        Holder::Post(unit, post) => {
            let unit = org::unit_standing(tx, ctx, unit, ctx.today())?.unit;
            let found = org::posts_of(tx, &[unit], ctx.today())?.into_iter().find(|one| one.code == *post);
            Ok((None, found.ok_or_else(|| Problem::not_found("post.unknown").with("post", post))?.id))
        }
    }
}

/// Whether an account that is at home at a unit belongs to the actor's part.
pub(super) fn is_within(rows: &mut impl Rows, ctx: &Ctx, unit: i64) -> Result<bool, StoreError> {
    if unit == 0 {
        // At home at none: known to whoever has the whole.
        let root = crate::lines::operation::operation_current(rows)?.map_or(0, |own| own.root_unit);
        return Ok(ctx.reach.covers(&[root]));
    }
    Ok(org::units_today(rows, &ctx.reach, &[unit], ctx.today())?.contains(&unit))
}

fn chain_of(rows: &mut impl Rows, unit: i64, today: Day) -> Result<Arc<[i64]>, StoreError> {
    // One that is closed stands below nothing; who has the whole has it still.
    Ok(org::standing_on(rows, unit, today)?.map_or_else(|| Arc::new([]) as Arc<[i64]>, |found| found.chain))
}

fn allowed(tx: &mut Tx, ctx: &Ctx, role: Role, chain: &[i64]) -> Result<(), Fail> {
    // Whoever stands at the machine itself has the database.
    if ctx.actor.kind() == ActorKind::System {
        return Ok(());
    }
    let root = crate::lines::operation::operation_current(tx)?.map_or(0, |own| own.root_unit);
    let may = match accounts::account_by_id(tx, ctx.actor.reference())? {
        Some(row) => held(tx, row, ctx.moment())?.may_give(role, chain, root),
        None => false,
    };
    if may {
        Ok(())
    } else {
        Err(role.named(Problem::new(ProblemKind::Forbidden, "grant.beyond"), "role").into())
    }
}

/// Whether an account may do nothing that lies beyond the actor's part, and rules or watches nobody: unless the actor may
/// give that role, or stands at the machine itself.
///
/// # Errors
/// `account.beyond`.
pub(super) fn within_own(tx: &mut Tx, ctx: &Ctx, row: &RawAccount) -> Result<(), Fail> {
    if ctx.actor.kind() == ActorKind::System {
        return Ok(());
    }
    // Also those that begin later: whoever came in before would have them then.
    for seat in super::held_from(tx, &row.id, ctx.moment())? {
        let chain = chain_of(tx, seat.unit, ctx.today())?;
        if (seat.role.stands_over() || !ctx.reach.covers(&chain))
            && allowed(tx, ctx, seat.role, &chain).is_err()
        {
            let problem = Problem::new(ProblemKind::Forbidden, "account.beyond");
            return Err(seat.role.named(problem, "role").into());
        }
    }
    Ok(())
}

fn seat(grant: &Grant) -> Option<Seat> {
    Some(Seat { role: Role::from_word(&grant.role)?, unit: grant.unit })
}

/// The first of some seats that does not go together with another, over the same unit.
fn apart(rows: &mut impl Rows, today: Day, held: &[Seat], with: Seat) -> Result<Option<Seat>, StoreError> {
    let against: Vec<Seat> = held.iter().copied().filter(|seat| !go_together(seat.role, with.role)).collect();
    if against.is_empty() {
        return Ok(None);
    }
    let units: Vec<i64> = against.iter().chain([&with]).map(|seat| seat.unit).collect();
    let stand = org::standings_on(rows, &units, today)?;
    let chains: HashMap<i64, Arc<[i64]>> = stand.into_iter().map(|one| (one.unit, one.chain)).collect();
    let over = |top: i64, unit: i64| top == 0 || chains.get(&unit).is_some_and(|chain| chain.contains(&top));
    Ok(against.into_iter().find(|seat| over(seat.unit, with.unit) || over(with.unit, seat.unit)))
}

/// Whether somebody may be put at a post: with it they are given the roles of whoever holds it.
///
/// # Errors
/// `grant.beyond` where the actor may not give one of them, `grant.own` to oneself, `grant.apart` where one does not go
/// together with what else they have.
pub fn post_given(tx: &mut Tx, ctx: &Ctx, account: &str, post: i64) -> Result<(), Fail> {
    let (today, operation) = (ctx.today(), ctx.operation);
    let given = store::grants_of_posts(tx, &[post], operation, today)?;
    let given: Vec<Seat> = given.iter().filter_map(seat).collect();
    for seat in &given {
        let chain = chain_of(tx, seat.unit, today)?;
        allowed(tx, ctx, seat.role, &chain)?;
    }
    if given.is_empty() || account.is_empty() {
        return Ok(());
    }
    if is_self(ctx, account) {
        return Err(Problem::new(ProblemKind::Forbidden, "grant.own").into());
    }
    let mut has = store::grants_of_accounts(tx, &[account.to_owned()], operation, today)?;
    let posts = org::posts_held(tx, &Actor::account(account).to_string(), today)?;
    let others: Vec<i64> = posts.into_iter().filter(|held| *held != post).collect();
    has.extend(store::grants_of_posts(tx, &others, operation, today)?);
    let has: Vec<Seat> = has.iter().filter_map(seat).collect();
    for with in given {
        if let Some(other) = apart(tx, today, &has, with)? {
            return Err(not_together(with, other).into());
        }
    }
    Ok(())
}

fn not_together(with: Seat, other: Seat) -> Problem {
    other.role.named(with.role.named(Problem::conflict("grant.apart"), "role"), "other")
}

fn is_self(ctx: &Ctx, account: &str) -> bool {
    ctx.actor.kind() != ActorKind::System && ctx.actor.reference() == account
}

/// Notes that three administrators are appointed, once there is one of each in the whole.
fn administrators_separate(tx: &mut Tx, ctx: &Ctx) -> Result<(), StoreError> {
    let root = crate::lines::operation::operation_current(tx)?.map_or(0, |own| own.root_unit);
    let words: Vec<String> = Role::ADMINS.iter().map(|role| role.word().to_owned()).collect();
    let appointed = store::granted_roles(tx, &[0, root], ctx.operation, ctx.today(), &words)?;
    let all = words.iter().all(|word| appointed.contains(word));
    if all && store::separate(tx, ctx.operation, ctx.now_ms)? {
        separation_noted(tx, ctx, "access.separate")?;
    }
    Ok(())
}

/// Lets the office govern again: for the command line on the machine itself, where an administrator is lost.
///
/// # Errors
/// `access.not_separated`.
pub fn administrators_unite(tx: &mut Tx, ctx: &Ctx) -> Result<(), Fail> {
    if !store::unite(tx, ctx.operation)? {
        return Err(Problem::conflict("access.not_separated").into());
    }
    Ok(separation_noted(tx, ctx, "access.unite")?)
}

fn separation_noted(tx: &mut Tx, ctx: &Ctx, action: &'static str) -> Result<(), StoreError> {
    let subject = format!("operation:{}", ctx.operation);
    let actor = ctx.actor.to_string();
    tx.journal(Entry {
        operation: ctx.operation,
        actor: &actor,
        action,
        subject: &subject,
        prev: None,
        request: None,
        body: Vec::new(),
    })?;
    Ok(())
}

/// The roles of some accounts that hold today or will later, by account, then unit.
pub fn grants_of(rows: &mut impl Rows, ctx: &Ctx, accounts: &[String]) -> Result<Vec<Grant>, StoreError> {
    store::grants_of_accounts(rows, accounts, ctx.operation, ctx.today())
}

/// Those of some roles whose units the actor may know of: within their part, or in the whole where they have it.
pub fn grants_within(rows: &mut impl Rows, ctx: &Ctx, grants: Vec<Grant>) -> Result<Vec<Grant>, StoreError> {
    let units: Vec<i64> = grants.iter().map(|grant| grant.unit).filter(|unit| *unit > 0).collect();
    let own = org::units_today(rows, &ctx.reach, &units, ctx.today())?;
    let all = ctx.reach == crate::Reach::All;
    Ok(grants.into_iter().filter(|grant| all || own.contains(&grant.unit)).collect())
}
