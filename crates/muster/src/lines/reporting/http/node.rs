//! What a question is about: a unit with all below it, or a place or class as far as it lies in the caller's own part.

use super::{About, Asked, NodeLabel, UnitLabel, day_of};
use crate::lines::org::{self, Node, Place, Standing};
use crate::lines::reporting::store;
use crate::request::{Caller, Permission};
use crate::{App, Ctx, Fail, say};
use muster_kernel::day::parse_instant;
use muster_kernel::{Day, Locale, Problem};
use muster_store::{Ask, Rows, Rx};

/// A place or a class.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    /// Its node.
    pub(super) node: Node,
    /// `place` or `class`.
    pub(super) kind: &'static str,
    /// Its code, and its name where it is known (else the code again).
    pub(super) label: UnitLabel,
    /// The caller's own unit: nothing outside it is counted.
    pub(super) own: Standing,
}

/// What a question is about.
pub(super) enum Subject {
    /// A unit with all below it.
    Unit(Standing),
    /// The units in a place or of a class.
    Axis(Axis),
    /// The caller's own unit, cut by the provinces in which its units stand.
    Everywhere(Standing),
}

/// The node that stands above all provinces: `place:all`.
pub(super) const EVERYWHERE: &str = "all";
/// The part of it that lies nowhere: units without a place.
pub(super) const NOWHERE: &str = "none";

impl Subject {
    /// `unit`, `place` or `class`.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Unit(_) => "unit",
            Self::Axis(axis) => axis.kind,
            Self::Everywhere(_) => "place",
        }
    }
    /// The unit in whose part of the tree it lies: itself, or the caller's own.
    pub(super) fn within(&self) -> &Standing {
        match self {
            Self::Unit(standing) | Self::Everywhere(standing) => standing,
            Self::Axis(axis) => &axis.own,
        }
    }
    /// The nodes above it that the caller may ask for, the top first. A class stands below nothing.
    pub(super) fn path(&self, rows: &mut impl Rows, asked: &Asked) -> Result<Vec<NodeLabel>, Fail> {
        let locale = asked.ctx.locale;
        let node = |kind: &str, label: UnitLabel| NodeLabel {
            node: format!("{kind}:{}", label.code),
            name: label.name,
        };
        match self {
            Self::Unit(standing) => {
                let above = standing.chain.split_last().map_or(&[][..], |(_, above)| above);
                let from = asked.ctx.reach.begin(above);
                let mut named = asked.labels(rows, &standing.chain)?;
                let above = above[from..].iter().filter_map(|unit| named.remove(unit));
                Ok(above.map(|label| node("unit", label)).collect())
            }
            Self::Axis(Axis { node: Node::Place(place), .. }) => {
                let above: Vec<Place> = place.within().filter(|above| above != place).collect();
                let numbers: Vec<i64> = above.iter().map(|place| place.number()).collect();
                let names = org::place_names(rows, &numbers)?;
                let label = |place: &Place| {
                    let code = place.to_string();
                    let name = names.get(&place.number()).map(|names| names.of(locale).to_owned());
                    UnitLabel { name: name.unwrap_or_else(|| code.clone()), code }
                };
                let top = [place_label(EVERYWHERE, locale)].into_iter();
                Ok(top.chain(above.iter().map(label)).map(|label| node("place", label)).collect())
            }
            Self::Axis(_) | Self::Everywhere(_) => Ok(Vec::new()),
        }
    }
    /// Its code and name.
    pub(super) fn label(&self, rows: &mut impl Rows, asked: &Asked) -> Result<UnitLabel, Fail> {
        match self {
            Self::Unit(standing) => label(rows, asked, standing),
            Self::Axis(axis) => Ok(axis.label.clone()),
            Self::Everywhere(_) => Ok(place_label(EVERYWHERE, asked.ctx.locale)),
        }
    }
}

/// Runs a question about a unit on one snapshot: finds the unit, checks that the caller may know of it, hands it over.
pub(super) async fn ask<T: Send + 'static>(
    app: &App,
    caller: &Caller,
    about: About,
    answer: impl Fn(&mut Rx<'_>, &Asked, &Standing) -> Result<T, Fail> + Send + Sync + 'static,
) -> Result<T, Fail> {
    ask_any(app, caller, about, move |rx, asked, subject| match subject {
        Subject::Unit(standing) => answer(rx, asked, standing),
        Subject::Axis(axis) => {
            let node = format!("{}:{}", axis.kind, axis.label.code);
            Err(Problem::invalid("node.unit_only").with("node", node).into())
        }
        Subject::Everywhere(_) => Err(Problem::invalid("node.unit_only").with("node", "place:all").into()),
    })
    .await
}

/// All places together, or none of them, by name.
pub(super) fn place_label(code: &str, locale: Locale) -> UnitLabel {
    UnitLabel { code: code.to_owned(), name: say::word(locale, &format!("place.{code}")) }
}

/// Runs a question about any node on one snapshot.
pub(super) async fn ask_any<T: Send + 'static>(
    app: &App,
    caller: &Caller,
    about: About,
    answer: impl Fn(&mut Rx<'_>, &Asked, &Subject) -> Result<T, Fail> + Send + Sync + 'static,
) -> Result<T, Fail> {
    ask_foreseen(app, caller, about, |_, _, _| Foreseen::Some(Vec::new()), answer).await
}

/// What an answer asks of a unit, as far as it can be foreseen.
pub(super) enum Foreseen {
    /// All of it, as a rule.
    All(Vec<Ask>),
    /// Some of it.
    Some(Vec<Ask>),
}

/// The same where it can be foreseen what the answer asks of a unit: it is sent along with the first questions, for the
/// book and the unit as they were when last read, and asked again where one of them has changed since.
pub(super) async fn ask_foreseen<T: Send + 'static>(
    app: &App,
    caller: &Caller,
    about: About,
    foresee: impl Fn(&Rx<'_>, &Asked, &Standing) -> Foreseen + Send + Sync + 'static,
    answer: impl Fn(&mut Rx<'_>, &Asked, &Subject) -> Result<T, Fail> + Send + Sync + 'static,
) -> Result<T, Fail> {
    let (ctx, phones) = (caller.ctx(app, Permission::Read)?, caller.contact_reach(app));
    let day = day_of(about.day.as_deref(), &ctx)?;
    let unreadable = || Problem::invalid("request.instant").with("field", "as_known_at");
    let known_at_ms = match about.as_known_at.as_deref() {
        None => None,
        Some(text) => Some(parse_instant(text).ok_or_else(unreadable)?),
    };
    let form = about.form.unwrap_or_else(|| app.operation().form.clone());
    let (shelf, root, node) = (app.shelf.clone(), app.operation().root_unit, about.node);
    app.db
        .read("figures.ask", move |rx| {
            let asked = |book, epoch| Asked {
                ctx: ctx.clone(),
                book,
                form: form.clone(),
                day,
                known_at_ms,
                phones: phones.clone(),
                shelf: shelf.clone(),
                epoch,
            };
            let node = node.as_deref();
            let Some(code) = unit_code(node) else {
                rx.ahead(vec![store::book_epoch_ask(), org::epoch_ask()])?;
                let asked = asked(shelf.current(rx, ctx.operation)?, org::tree_epoch(rx)?);
                let subject = subject_of(rx, &ctx, root, node, day)?;
                return answer(rx, &asked, &subject);
            };
            let call = shelf.roll.call(rx, &[(day, code)])?;
            let (foreseen, by) = match (shelf.latest(), call.only()) {
                (Some(book), Some(called)) if ctx.reach.covers(&called.chain) => {
                    let by = Some((book.epoch, call.epoch));
                    (foresee(rx, &asked(book, call.epoch), called), by)
                }
                _ => (Foreseen::Some(Vec::new()), None),
            };
            let epochs = [store::book_epoch_ask(), org::epoch_ask()].into_iter();
            match foreseen {
                Foreseen::All(asks) => rx.ahead_alone(epochs.chain(asks).collect())?,
                Foreseen::Some(asks) => rx.ahead(epochs.chain(asks).collect())?,
            }
            let book = shelf.current(rx, ctx.operation)?;
            let call = shelf.roll.checked(rx, call, &[(day, code)])?;
            let asked = asked(book, call.epoch);
            let standing = call.only().filter(|called| ctx.reach.covers(&called.chain));
            let Some(standing) = standing else {
                return Err(org::unit_absent(rx, &ctx.reach, code, day)?.into());
            };
            if by != Some((asked.book.epoch, asked.epoch)) {
                let (Foreseen::All(asks) | Foreseen::Some(asks)) = foresee(rx, &asked, standing);
                rx.ahead(asks)?;
            }
            answer(rx, &asked, &Subject::Unit(standing.clone()))
        })
        .await
}

/// The code of the unit that is asked for by one.
fn unit_code(node: Option<&str>) -> Option<&str> {
    let node = node?;
    match node.split_once(':') {
        Some(("place" | "class", _)) => None,
        Some(("unit", code)) => Some(code),
        _ => Some(node),
    }
}

/// The node of `place:3401`, `place:all` or `class:CODE`, or the caller's own unit where none is named, if the caller may
/// know of it. Names of places and classes are everybody's words: where none of the caller's units stands in one, that is zero
/// of zero. A place without a name is known by the caller's units that stand, or stood, in it.
fn subject_of(
    rows: &mut impl Rows,
    ctx: &Ctx,
    root: i64,
    node: Option<&str>,
    day: Day,
) -> Result<Subject, Fail> {
    let own = ctx.reach.home(root);
    let unknown = || Problem::not_found("node.unknown").with("node", node.unwrap_or_default());
    let (kind, node, code, name) = match node.and_then(|node| node.split_once(':')) {
        Some(("place", EVERYWHERE)) => {
            return Ok(Subject::Everywhere(org::standing_on(rows, own, day)?.ok_or_else(unknown)?));
        }
        Some(("place", code)) => {
            let place: Place = code.parse().map_err(|_| unknown())?;
            let names = org::place_names(rows, &[place.number()])?.remove(&place.number());
            if names.is_none() {
                let own = org::standing_on(rows, own, day)?.ok_or_else(unknown)?;
                if !org::place_stood(rows, place, &own)? {
                    return Err(unknown().into());
                }
            }
            let name = names.map(|names| names.of(ctx.locale).to_owned());
            ("place", Node::Place(place), place.to_string(), name.unwrap_or_default())
        }
        Some(("class", code)) => {
            let class = org::classes(rows)?.into_iter().find(|class| class.code == code);
            let class = class.ok_or_else(unknown)?;
            ("class", Node::Class(class.id), class.code, class.names.of(ctx.locale).to_owned())
        }
        // There is no tree yet, or not on that day.
        _ => {
            let none = || Problem::not_found("unit.none").with("day", day);
            return Ok(Subject::Unit(org::standing_on(rows, own, day)?.ok_or_else(none)?));
        }
    };
    let own = org::standing_on(rows, own, day)?.ok_or_else(unknown)?;
    let name = if name.is_empty() { code.clone() } else { name };
    Ok(Subject::Axis(Axis { node, kind, label: UnitLabel { code, name }, own }))
}

/// Code and name of a unit.
fn label(rows: &mut impl Rows, asked: &Asked, standing: &Standing) -> Result<UnitLabel, Fail> {
    let mut named = asked.labels(rows, &standing.chain)?;
    let code = || UnitLabel { code: standing.code.to_string(), name: String::new() };
    Ok(named.remove(&standing.unit).unwrap_or_else(code))
}
