//! Nouns of access.

use super::roles::{Permission, Role};
use crate::Reach;
use muster_kernel::Day;
use std::sync::Arc;

/// A role at a unit, as somebody holds it today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// What it may do.
    pub role: Role,
    /// The unit at which, and below which, it may do it; 0: the whole operation.
    pub unit: i64,
}

/// Somebody (or a role of the demonstration) who may act, with all that they may do today.
#[derive(Clone, Debug)]
pub struct Account {
    /// Opaque id; what the journal refers to.
    pub id: String,
    /// The unit at which the person is at home; 0: at none, the operation's own.
    pub unit: i64,
    /// Its roles, its own and those of the posts that it holds.
    pub seats: Arc<[Seat]>,
    /// Whether three administrators are appointed: then an office governs nobody's coming in.
    pub separated: bool,
    /// What a token lets a program do of all that; none where the person asks.
    pub scope: Option<Arc<[Permission]>>,
}

impl Account {
    /// An account with one role at its own unit.
    pub fn at(id: &str, role: Role, unit: i64) -> Self {
        let seats = Arc::new([Seat { role, unit }]);
        Self { id: id.to_owned(), unit, seats, separated: false, scope: None }
    }

    /// Whether a seat lets it do something.
    fn lets(&self, seat: &Seat, permission: Permission) -> bool {
        let given_up = self.separated && seat.role == Role::Office && permission.governs();
        let within = self.scope.as_ref().is_none_or(|scope| scope.contains(&permission));
        seat.role.may(permission) && within && !given_up
    }

    /// Over what part of the tree it may do something; `root`: the unit at the top. None: nowhere.
    pub fn reach(&self, permission: Permission, root: i64) -> Option<Reach> {
        let mut tops: Vec<i64> =
            self.seats.iter().filter(|seat| self.lets(seat, permission)).map(|seat| seat.unit).collect();
        if tops.contains(&0) {
            return Some(Reach::All);
        }
        if tops.contains(&root) {
            return Some(Reach::under(root));
        }
        // Where it is at home comes first: that is what is meant where no unit is named.
        tops.sort_unstable_by_key(|top| (*top != self.unit, *top));
        tops.dedup();
        (!tops.is_empty()).then(|| Reach::Under(tops.into()))
    }

    /// Over what part of the tree it may do any of some things; `root` as in [`Account::reach`]. Under nothing: nowhere.
    pub fn reach_of_any(&self, permissions: &[Permission], root: i64) -> Reach {
        let mut tops: Vec<i64> = Vec::new();
        for reach in permissions.iter().filter_map(|permission| self.reach(*permission, root)) {
            match reach {
                Reach::All => return Reach::All,
                Reach::Alone(unit) => tops.push(unit),
                Reach::Under(more) => {
                    tops.extend(more.iter().filter(|top| !tops.contains(top)).copied().collect::<Vec<_>>())
                }
            }
        }
        Reach::Under(tops.into())
    }

    /// The word of the role by which it is called where there is room for one: that at its own unit, or else its first;
    /// empty where it has none today.
    pub fn main_role(&self) -> &'static str {
        let own = self.seats.iter().find(|seat| seat.unit == self.unit);
        own.or(self.seats.first()).map_or("", |seat| seat.role.word())
    }

    /// What it may do somewhere.
    pub fn permissions(&self) -> impl Iterator<Item = Permission> {
        let held = |permission: &Permission| self.seats.iter().any(|seat| self.lets(seat, *permission));
        Permission::ALL.iter().copied().filter(held)
    }

    /// Whether a group's own service may open it; `own`: its person linked it; `inside`: whether a unit lies in the part that
    /// the service may open (0, the whole or no home: that is the caller's to say).
    pub fn is_opened_by(&self, own: bool, inside: impl Fn(i64) -> bool) -> bool {
        let rules = self.seats.iter().any(|seat| seat.role.stands_over());
        (own || !rules) && inside(self.unit) && self.seats.iter().all(|seat| inside(seat.unit))
    }

    /// Whether it may give a role over a unit, by the units from the top down to it. Over the whole operation (an empty
    /// chain) only who has a role in the whole may. While no administrators are appointed, the office of the whole gives
    /// every role: somebody must be the first.
    pub fn may_give(&self, role: Role, chain: &[i64], root: i64) -> bool {
        let over = |seat: &&Seat| seat.unit == 0 || chain.contains(&seat.unit);
        let seats: Vec<&Seat> = self.seats.iter().filter(over).collect();
        if !seats.iter().any(|seat| self.lets(seat, Permission::GrantGive)) {
            return false;
        }
        let held = |wanted: &Permission| seats.iter().any(|seat| self.lets(seat, *wanted));
        let first = |seat: &&Seat| seat.role == Role::Office && [0, root].contains(&seat.unit);
        !role.stands_over() && role.permissions().iter().all(held)
            || seats.iter().any(|seat| seat.role.gives().contains(&role))
            || !self.separated && seats.iter().any(first)
    }
}

/// An account as a list shows it: never with what it is let in by.
#[derive(Clone, Debug)]
pub struct AccountDated {
    /// Opaque id.
    pub id: String,
    /// Login name; none where it was erased, or where it does not open.
    pub name: Option<String>,
    /// The unit at which the person is at home; 0: at none.
    pub unit: i64,
    /// First day on which it is let in as it is now.
    pub since: Day,
    /// First day on which it is let in no more.
    pub until: Day,
    /// How often it was set.
    pub revision: i64,
    /// Whether its person has been in: an account is let in by a password only they chose.
    pub entered: bool,
}

/// A role that was given, to an account or to whoever holds a post, for some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Opaque id.
    pub id: String,
    /// Id of the account; empty where it was given to a post.
    pub account: String,
    /// Surrogate of the post; 0 where it was given to an account.
    pub post: i64,
    /// The role's word.
    pub role: String,
    /// The unit at which and below which it holds; 0: the whole operation.
    pub unit: i64,
    /// The operation in which it holds.
    pub operation: i64,
    /// First day.
    pub since: Day,
    /// First day on which it does not hold any more.
    pub until: Day,
    /// Who gave it, as the journal refers to them; empty: the account had it before roles were given.
    pub giver: String,
    /// How often it was set.
    pub revision: i64,
}

/// A link by which a unit files one form without an account: narrow, expiring, revocable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Opaque id; what the journal refers to.
    pub id: String,
    /// The unit, and no other.
    pub unit: i64,
    /// Code of the form, and no other.
    pub form: String,
    /// The operation.
    pub operation: i64,
    /// When it was issued, in ms UTC.
    pub issued_at: i64,
    /// When it opens no more, in ms UTC.
    pub expires_at: i64,
    /// Who issued it, as the journal refers to them.
    pub giver: String,
    /// When it was ended, in ms UTC; 0 while it is not.
    pub ended_at: i64,
}

/// A token by which a program asks as an account, over a part of what that may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Opaque id; what the journal refers to.
    pub id: String,
    /// Id of the account.
    pub account: String,
    /// What its owner calls it.
    pub label: String,
    /// Words of what it may do, by a space each.
    pub scope: String,
    /// When it was issued, in ms UTC.
    pub issued_at: i64,
    /// When it holds no more, in ms UTC.
    pub expires_at: i64,
    /// When it was ended, in ms UTC; 0 while it is not.
    pub ended_at: i64,
    /// When a program last asked by it, in ms UTC, to the hour; 0: never.
    pub used_at: i64,
}

/// A group's own login service, as far as accounts are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its short id.
    pub provider: String,
    /// Who it is, and by which claim it says who somebody is: a login that was linked under one reading opens nothing under
    /// another.
    pub reading: String,
    /// Code of the unit in whose part of the tree it opens accounts; none: it may be any.
    pub unit: Option<String>,
}

impl Service {
    /// By what the operator says of it.
    pub fn of(settings: &crate::oidc::Settings) -> Self {
        Self {
            provider: settings.id.clone(),
            reading: format!("{} {}", settings.claim.word(), settings.issuer),
            unit: settings.unit.clone(),
        }
    }
}

/// A login of a group's own service that opens an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// Opaque id; what the journal refers to.
    pub id: String,
    /// Id of the service.
    pub provider: String,
    /// A hash of whom the service knows.
    pub subject_hash: String,
    /// Id of the account.
    pub account: String,
    /// Whether its person linked it themselves, logged in to both.
    pub own: bool,
    /// When it was linked, in ms UTC.
    pub linked_at: i64,
    /// By which the hash stands in the journal.
    pub salt: String,
}

/// A browser that is away at a group's service: what must be known again when it comes back.
#[derive(Clone, Debug)]
pub struct Round {
    /// Hash of what it brings back.
    pub state_hash: String,
    /// Hash of what its cookie holds.
    pub browser_hash: String,
    /// Id of the service.
    pub provider: String,
    /// What the ID token repeats.
    pub nonce: String,
    /// What shows the service who asked for the code. It stands here as it is: without the code, the browser's cookie and the
    /// secret of this server it is worth nothing, and after ten minutes not with them either.
    pub verifier: String,
    /// The page of ours that was asked for.
    pub path: String,
    /// Whom it is about: who links a login of theirs; who has come back and is asked for a code. Empty: not known yet.
    pub account: String,
    /// Whether the service has said who it is, and only the code of the authenticator is wanting.
    pub passed: bool,
    /// When it is forgotten, in ms UTC.
    pub expires_at: i64,
}

/// By what means a decision comes.
pub const ACTING_MEANS: [&str; 5] = ["oral", "telephone", "message", "written", "meeting"];

/// Who decided what somebody else does for them, when, by what means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acting {
    /// Code of the unit.
    pub unit: String,
    /// Code of the post there.
    pub post: String,
    /// When it was decided, in ms UTC.
    pub at_ms: i64,
    /// One of [`ACTING_MEANS`].
    pub means: &'static str,
}

/// A session that was just opened. The token is shown once.
#[derive(Debug)]
pub struct Signed {
    /// What the cookie holds.
    pub token: String,
    /// Who it is.
    pub account: Account,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seat(role: Role, unit: i64) -> Seat {
        Seat { role, unit }
    }

    fn holding(seats: &[Seat]) -> Account {
        Account { seats: seats.into(), ..Account::at("a", Role::Viewer, 5) }
    }

    #[test]
    fn it_reaches_where_its_roles_let_it() {
        let account = holding(&[seat(Role::Filler, 5), seat(Role::Viewer, 2), seat(Role::Viewer, 2)]);
        assert_eq!(account.reach(Permission::ReportFile, 1), Some(Reach::under(5)));
        assert_eq!(account.reach(Permission::Read, 1), Some(Reach::Under([5, 2].into())));
        assert_eq!(account.reach(Permission::FormSet, 1), None);
        assert_eq!(
            holding(&[seat(Role::Office, 1), seat(Role::Filler, 5)]).reach(Permission::Read, 1),
            Some(Reach::under(1))
        );
        assert_eq!(holding(&[seat(Role::Office, 0)]).reach(Permission::Read, 1), Some(Reach::All));
        assert_eq!(holding(&[]).reach(Permission::Read, 1), None);
        let any = |seats: &[Seat]| {
            holding(seats).reach_of_any(&[Permission::AccountRead, Permission::JournalRead], 1)
        };
        assert_eq!(
            any(&[seat(Role::SystemAdmin, 5), seat(Role::Inspector, 2), seat(Role::Office, 5)]),
            Reach::Under([5, 2].into())
        );
        assert_eq!(any(&[seat(Role::Filler, 5), seat(Role::AuditAdmin, 0)]), Reach::All);
        assert_eq!(any(&[seat(Role::Filler, 5)]), Reach::Under([].into()));
    }

    #[test]
    fn the_office_gives_within_its_part_and_gives_up_governing_once_three_are_appointed() {
        let group = holding(&[seat(Role::Office, 2)]);
        assert!(group.may_give(Role::Filler, &[1, 2, 7], 1));
        assert!(group.may_give(Role::Office, &[1, 2], 1));
        assert!(!group.may_give(Role::Filler, &[1, 3], 1), "beside it");
        assert!(!group.may_give(Role::Filler, &[1], 1), "above it");
        assert!(!group.may_give(Role::Filler, &[], 1), "the whole");
        assert!(!group.may_give(Role::SecurityAdmin, &[1, 2], 1), "not its part");
        let first = holding(&[seat(Role::Office, 0)]);
        assert!(Role::ALL.iter().all(|role| first.may_give(*role, &[], 1)));
        let later = Account { separated: true, ..first };
        assert!(!Role::ALL.iter().any(|role| later.may_give(*role, &[], 1)));
        let security = Account { separated: true, ..holding(&[seat(Role::SecurityAdmin, 2)]) };
        assert!(security.may_give(Role::Inspector, &[1, 2, 7], 1));
        assert!(!security.may_give(Role::AuditAdmin, &[1, 2], 1));
        assert!(!security.may_give(Role::Filler, &[1, 3], 1));
    }

    #[test]
    fn a_service_opens_what_lies_in_its_part_and_nobody_who_rules_but_by_their_own_hand() {
        let inside = |unit: i64| [5, 7].contains(&unit);
        let check = |seats: &[Seat], own: bool, expected: bool| {
            assert_eq!(holding(seats).is_opened_by(own, inside), expected, "{seats:?} own={own}");
        };
        check(&[], false, true);
        check(&[seat(Role::Filler, 5), seat(Role::Office, 7)], false, true);
        check(&[seat(Role::Filler, 5), seat(Role::Viewer, 2)], false, false);
        check(&[seat(Role::Filler, 5), seat(Role::Viewer, 2)], true, false);
        check(&[seat(Role::Office, 0)], true, false);
        for role in Role::ALL.iter().filter(|role| role.stands_over()) {
            check(&[seat(*role, 5)], false, false);
            check(&[seat(*role, 5)], true, true);
            check(&[seat(*role, 1)], true, false);
        }
        let elsewhere = Account { unit: 2, ..holding(&[seat(Role::Filler, 5)]) };
        assert!(!elsewhere.is_opened_by(true, inside), "at home elsewhere");
        assert!(holding(&[seat(Role::Office, 0)]).is_opened_by(false, |_| true), "a service of the whole");
        assert!(!holding(&[seat(Role::Inspector, 0)]).is_opened_by(false, |_| true));
    }

    proptest! {
        /// Whoever is not a security administrator, nor the first office, gives no permission that they lack there.
        #[test]
        fn nobody_gives_what_they_lack(
            held in prop::collection::vec((0..Role::ALL.len(), 2..6_i64), 0..4),
            role in 0..Role::ALL.len(),
            chain in prop::collection::vec(1..6_i64, 1..4),
            separated: bool,
        ) {
            let seats: Vec<Seat> = held.iter().map(|(at, unit)| seat(Role::ALL[*at], *unit)).collect();
            let account = Account { separated, ..holding(&seats) };
            if account.may_give(Role::ALL[role], &chain, 1) {
                let over: Vec<&Seat> = seats.iter().filter(|seat| chain.contains(&seat.unit)).collect();
                let security = over.iter().any(|seat| seat.role == Role::SecurityAdmin);
                let lacks = |wanted: &&Permission| !over.iter().any(|seat| seat.role.may(**wanted));
                prop_assert!(security || Role::ALL[role].permissions().iter().find(lacks).is_none());
                prop_assert!(!over.is_empty());
            }
        }
    }
}
