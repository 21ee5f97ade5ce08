//! The door of evidence: the journal, as the reader may see it.

use super::model::{Place, Step, Subject, Wanted};
use super::query::{self, Viewer};
use super::tell::{Behind, Detail, actor_name, form_named};
use crate::lines::access::Deed;
use crate::lines::reporting::{self, Book, Scope, SheetKey};
use crate::lines::{access, org};
use crate::request::acting::{ActedBody, acted};
use crate::request::page::LIMIT_MAX;
use crate::request::{Answer, Caller, Permission, Query};
use crate::{App, Ctx, Fail, Reach, say};
use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use muster_kernel::day::rfc3339;
use muster_kernel::{Day, Problem};
use muster_store::{Glance, Link, Rx, hash_text};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The door of this line.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(journal_list))
}

/// Rows where none are asked for.
const LIMIT: i64 = 50;
/// Longest word of a filter, in bytes.
const WORD_BYTES_MAX: usize = 200;

/// What is looked for in the journal; every word narrows.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// By whom: a login name, or an actor as the journal has it (`account:7`, `role:office`, `system:cli`); a kind alone
    /// (`link:`, `token:`) is all of that kind.
    actor: Option<String>,
    /// What was done: an action (`report.correct`), or all that begin with a word (`report`).
    action: Option<String>,
    /// About what: `unit:S111` (what was done to the unit itself), `sheet:S111:2020-02-03` (what was reported of a unit and
    /// day; `:below` behind it for the statement about all below, `:alone` else; behind that the form where it is not the
    /// daily one), `account:liu`, `form:daily`, `element:fever`, `brief:daily:2020-02-03`, `notice:ID`, `party:H0`,
    /// `operation`, `tree`.
    subject: Option<String>,
    /// `unit:CODE`: only of this unit and what lies below it; the caller's own part when absent.
    node: Option<String>,
    /// First day on which it was done, `YYYY-MM-DD`.
    from: Option<String>,
    /// Last day.
    to: Option<String>,
    /// Where the answer before ended, from its `more`.
    after: Option<String>,
    /// Entries wanted, 1 to 1000; 50 when absent.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    limit: Option<i64>,
}

/// A unit by code and name.
#[derive(Serialize, ToSchema)]
#[schema(as = JournalUnit)]
struct UnitName {
    /// Its code.
    code: String,
    /// Its name today.
    name: String,
}

/// What an entry is about.
#[derive(Default, Serialize, ToSchema)]
struct JournalSubject {
    /// `unit`, `sheet`, `account`, `form`, `element`, `brief`, `notice`, `party`, `contacts`, `privacy`, `operation`, `tree` or `other`.
    kind: String,
    /// The word by which `subject` finds what else was done to it.
    word: String,
    /// As a person reads it.
    text: String,
    /// The unit it is about.
    unit: Option<UnitName>,
    /// The day it is about.
    day: Option<String>,
    /// Code of the form.
    form: Option<String>,
    /// Of a report: `alone` or `below`.
    scope: Option<Scope>,
    /// Of a report: the revision it made.
    revision: Option<i64>,
}

/// One entry.
#[derive(Serialize, ToSchema)]
struct JournalEntry {
    /// Its lane.
    lane: i32,
    /// Its number in the lane.
    no: i64,
    /// When (RFC 3339).
    at: String,
    /// By whom: a reference, never a name.
    actor: String,
    /// The login name behind it today, where it is one of the reader's own part; of a token that of the account whose it is.
    actor_name: Option<String>,
    /// Whose link it was, where it was done by one.
    actor_unit: Option<UnitName>,
    /// The word for what was done.
    action: String,
    /// What was done, in the reader's language.
    action_text: String,
    /// About what.
    subject: JournalSubject,
    /// Its hash, over itself and the entry before it in its lane.
    hash: String,
    /// The hash of the entry before it in its lane; absent for the first.
    before: Option<String>,
    /// The entry before it about the same subject, as `lane:no`.
    previous: Option<String>,
    /// Who decided it, where somebody did it for them.
    acted_for: Option<ActedBody>,
}

/// Entries of the journal, the latest first.
#[derive(Serialize, ToSchema)]
struct JournalBody {
    /// How many entries were looked at for these; to who sees a part only, of that part.
    looked_at: usize,
    /// The oldest instant that was looked at (RFC 3339).
    looked_back_to: Option<String>,
    /// The entries.
    items: Vec<JournalEntry>,
    /// Goes on where this ended, as `after`; absent where there is no more. It may be there though nothing was found: one
    /// request looks at a bounded number of entries.
    more: Option<String>,
}

/// Who did what to what, when: entries of the journal of the caller's own part, the latest first. Looks at no more than
/// 20,000 entries a request (1,000 along the links of one unit or sheet), and says how far it looked.
#[utoipa::path(get, path = "/journal", operation_id = "journal_list", tag = "evidence", params(Asked), responses((status = 200, body = JournalBody)))]
async fn journal_list(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Answer<Json<JournalBody>> {
    let ctx = caller.ctx(&app, Permission::JournalRead)?;
    let operation = app.operation();
    let (root, daily) = (operation.root_unit, operation.form.clone());
    let is_at_top = ctx.reach.covers(&[root]);
    let limit = limit(asked.limit)?;
    let place = place(asked.after.as_deref())?;
    let shelf = app.shelf.clone();
    let body = app
        .db
        .read("journal.list", move |rx: &mut Rx<'_>| {
            let node = asked.node.as_deref().map(|node| node_of(rx, &ctx, is_at_top, node)).transpose()?;
            let mut viewer = Viewer::new(&ctx, is_at_top, node.filter(|unit| *unit != root));
            let book = shelf.current(rx, ctx.operation)?;
            let mut wanted = wanted(rx, &ctx, &mut viewer, &asked)?;
            let subject = asked.subject.as_deref();
            let about = subject.map(|word| about(rx, &ctx, &book, &daily, word)).transpose()?;
            let step = match (about, &place) {
                (Some(About::Chain(stored, first)), place) => {
                    let from = match place {
                        None => first,
                        Some(Place::Walk(link)) => Some(*link),
                        Some(Place::Lanes(_)) => return Err(Problem::invalid("request.cursor").into()),
                    };
                    query::walk(rx, &mut viewer, &wanted, &stored, from, limit)?
                }
                (about, None) => {
                    wanted.subject = about.map(About::stored);
                    query::step(rx, &mut viewer, &wanted, None, limit)?
                }
                (about, Some(Place::Lanes(lanes))) => {
                    wanted.subject = about.map(About::stored);
                    query::step(rx, &mut viewer, &wanted, Some(lanes.clone()), limit)?
                }
                (_, Some(Place::Walk(_))) => return Err(Problem::invalid("request.cursor").into()),
            };
            let behind = Behind::of(rx, &ctx, &mut viewer, &step.found)?;
            let deeds: Vec<Deed> = step.found.iter().map(Deed::from).collect();
            let acted = acted(rx, &ctx, &deeds)?;
            let mut body = told(&ctx, &book, &behind, &acted, &step);
            // How much others do is not theirs to count.
            if !is_at_top {
                body.looked_at = body.items.len();
            }
            Ok::<_, Fail>(body)
        })
        .await?;
    Ok(Json(body))
}

fn limit(sent: Option<i64>) -> Result<usize, Problem> {
    let sent = sent.unwrap_or(LIMIT);
    let within = usize::try_from(sent).ok().filter(|limit| (1..=LIMIT_MAX as usize).contains(limit));
    within.ok_or_else(|| {
        let refusal = Problem::invalid("request.limit").with("field", "limit").with("sent", sent);
        refusal.with("min", 1).with("max", LIMIT_MAX)
    })
}

fn place(after: Option<&str>) -> Result<Option<Place>, Problem> {
    let Some(after) = after else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(after).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let place = text.and_then(|text| Place::read(&text));
    place.map(Some).ok_or_else(|| Problem::invalid("request.cursor"))
}

/// The unit of a node, if it is or once was within the caller's part.
fn node_of(rx: &mut Rx<'_>, ctx: &Ctx, is_at_top: bool, node: &str) -> Result<i64, Fail> {
    let code = match node.split_once(':') {
        None => node,
        Some(("unit", code)) => code,
        Some(("place" | "class", _)) => {
            return Err(Problem::invalid("node.unit_only").with("node", node).into());
        }
        Some(_) => node,
    };
    unit_of(rx, ctx, is_at_top, code).map(|(unit, _)| unit)
}

/// A unit that is or once was within the caller's part, and its last entry.
fn unit_of(rx: &mut Rx<'_>, ctx: &Ctx, is_at_top: bool, code: &str) -> Result<(i64, Option<Link>), Fail> {
    let unknown = || Problem::not_found("unit.unknown").with("unit", code);
    let (unit, last) = org::unit_entry_last(rx, code)?.ok_or_else(unknown)?;
    let own = org::units_own_days(rx, std::slice::from_ref(&ctx.reach), &[unit])?;
    let is_own = is_at_top || own.get(&unit).is_some_and(|days| !days.is_empty());
    if is_own { Ok((unit, last)) } else { Err(unknown().into()) }
}

/// The filters, with the words of people as the journal has them.
fn wanted(rx: &mut Rx<'_>, ctx: &Ctx, viewer: &mut Viewer<'_>, asked: &Asked) -> Result<Wanted, Fail> {
    for (field, word) in [
        ("actor", &asked.actor),
        ("action", &asked.action),
        ("subject", &asked.subject),
        ("node", &asked.node),
    ] {
        if word.as_ref().is_some_and(|word| word.is_empty() || word.len() > WORD_BYTES_MAX) {
            return Err(Problem::invalid("journal.word")
                .with("field", field)
                .with("max", WORD_BYTES_MAX)
                .into());
        }
    }
    let day = |text: &Option<String>| {
        let text = text.as_deref();
        let bad = |text: &str| Problem::invalid("request.day").with("day", text);
        text.map(|text| text.parse::<Day>().map_err(|_| bad(text))).transpose()
    };
    let (from, to) = (day(&asked.from)?, day(&asked.to)?);
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        return Err(Problem::invalid("journal.days").with("from", from).with("to", to).into());
    }
    let midnight = |day: Day| day.at(jiff::civil::Time::midnight(), &ctx.zone);
    if let Some(action) = &asked.action
        && !is_action(action)
    {
        return Err(Problem::invalid("journal.action_unknown").with("action", action).into());
    }
    let actors = match asked.actor.as_deref() {
        None => Vec::new(),
        Some(actor) if actor.contains(':') => vec![actor.to_owned()],
        Some(name) => {
            let account = access::account_called(rx, ctx, name)?;
            let known = match &account {
                Some(account) => viewer.knows(rx, &[account.unit])? == [true],
                None => false,
            };
            let id = account.filter(|_| known).map(|account| account.id);
            let id = id.ok_or_else(|| Problem::not_found("account.unknown").with("name", name))?;
            vec![format!("account:{id}"), format!("role:{id}")]
        }
    };
    Ok(Wanted {
        actors,
        action: asked.action.clone(),
        subject: None,
        from_ms: from.and_then(midnight),
        until_ms: to.and_then(|to| midnight(to.plus(1))),
    })
}

/// Whether there is such an action, or any that begins with the word: those that have a sentence.
fn is_action(word: &str) -> bool {
    let whole = format!("journal.action.{word}");
    let below = format!("{whole}.");
    let sentences = say::catalogue(muster_kernel::Locale::default());
    sentences.keys().any(|key| *key == whole || key.starts_with(&below))
}

/// What is looked for by its subject.
enum About {
    /// By its own links, from the last one.
    Chain(String, Option<Link>),
    /// By the stored subject.
    Stored(String),
}

impl About {
    fn stored(self) -> String {
        match self {
            Self::Chain(stored, _) | Self::Stored(stored) => stored,
        }
    }
}

/// What the word of a subject means.
fn about(rx: &mut Rx<'_>, ctx: &Ctx, book: &Book, daily: &str, word: &str) -> Result<About, Fail> {
    let is_at_top = ctx.reach == Reach::All;
    let unknown = || Problem::invalid("journal.subject_unknown").with("subject", word);
    let Some((kind, rest)) = word.split_once(':') else {
        return match word {
            "operation" | "privacy" | "tree" => Ok(About::Stored(word.to_owned())),
            _ => Err(unknown().into()),
        };
    };
    match kind {
        "unit" => {
            let (unit, last) = unit_of(rx, ctx, is_at_top, rest)?;
            Ok(About::Chain(format!("unit:{unit}"), last))
        }
        "sheet" => {
            let mut parts = rest.split(':');
            let (Some(code), Some(day)) = (parts.next(), parts.next()) else { return Err(unknown().into()) };
            let day: Day = day.parse().map_err(|_| Problem::invalid("request.day").with("day", day))?;
            let scope = match parts.next() {
                None | Some("alone") => Scope::Alone,
                Some("below") => Scope::Below,
                Some(_) => return Err(unknown().into()),
            };
            let form = parts.next().unwrap_or(daily);
            let standing = org::unit_standing(rx, ctx, code, day)?;
            let asked = reporting::Query::new(book, ctx.operation, form, day)
                .ok_or_else(|| reporting::form_absent(book, form, day))?;
            let (bucket, unit) = (standing.bucket, standing.unit);
            let key = SheetKey { bucket, operation: ctx.operation, day, slot: asked.slot(), unit, scope };
            Ok(About::Chain(format!("unit:{unit}"), reporting::sheet_entry_last(rx, book, &key)?))
        }
        "contacts" => Ok(About::Stored(word.to_owned())),
        "account" => {
            let account = access::account_called(rx, ctx, rest)?;
            Ok(About::Stored(format!("account:{}", account.map_or(rest.to_owned(), |account| account.id))))
        }
        "brief" => {
            let (form, day) = rest.split_once(':').ok_or_else(unknown)?;
            let day: Day = day.parse().map_err(|_| Problem::invalid("request.day").with("day", day))?;
            let form = book.forms().iter().find(|one| one.code == form).ok_or_else(unknown)?;
            Ok(About::Stored(format!("brief:{}:{day}", form.id)))
        }
        "party" => Ok(About::Stored(format!("party:{}", org::party_read(rx, rest)?.id))),
        "form" | "element" | "notice" => Ok(About::Stored(word.to_owned())),
        _ => Err(unknown().into()),
    }
}

fn told(
    ctx: &Ctx,
    book: &Book,
    behind: &Behind,
    acted: &HashMap<Link, ActedBody>,
    step: &Step,
) -> JournalBody {
    let instant = |ms: i64| rfc3339(ms, &ctx.zone);
    let entry = |entry: &Glance| {
        let detail = behind.details.get(&entry.link).cloned().unwrap_or_default();
        JournalEntry {
            lane: entry.link.lane,
            no: entry.link.no,
            at: instant(entry.at),
            actor_name: actor_name(behind, &entry.actor).cloned(),
            actor_unit: entry.actor.strip_prefix("link:").and_then(|id| link_unit(ctx, behind, id)),
            actor: entry.actor.clone(),
            action_text: say::word(ctx.locale, &format!("journal.action.{}", entry.action)),
            subject: subject(ctx, book, behind, &detail, entry),
            action: entry.action.clone(),
            hash: hash_text(&entry.hash),
            before: behind.before.get(&entry.link).map(|hash| hash_text(hash)),
            previous: entry.prev.map(|prev| format!("{}:{}", prev.lane, prev.no)),
            acted_for: acted.get(&entry.link).cloned(),
        }
    };
    JournalBody {
        looked_at: step.looked,
        looked_back_to: step.back_to_ms.map(instant),
        items: step.found.iter().map(entry).collect(),
        more: step.more.as_ref().map(|place| URL_SAFE_NO_PAD.encode(place.text())),
    }
}

fn link_unit(ctx: &Ctx, behind: &Behind, link: &str) -> Option<UnitName> {
    let (code, names) = behind.units.get(behind.links.get(link)?)?;
    Some(UnitName { code: code.clone(), name: names.of(ctx.locale).to_owned() })
}

fn subject(ctx: &Ctx, book: &Book, behind: &Behind, detail: &Detail, entry: &Glance) -> JournalSubject {
    let of = Subject::of(&entry.subject);
    let day = detail.day.map(|day| day.to_string());
    let kind_text = || say::word(ctx.locale, &format!("journal.subject.{}", of.kind()));
    let base = JournalSubject {
        kind: of.kind().to_owned(),
        word: entry.subject.clone(),
        ..JournalSubject::default()
    };
    let text = |what: &str| format!("{} {what}", kind_text());
    match &of {
        Subject::Unit(unit) => {
            let label = behind.units.get(unit);
            let code = label.map_or_else(|| unit.to_string(), |(code, _)| code.clone());
            let name = label.map(|(_, names)| names.of(ctx.locale).to_owned()).unwrap_or_default();
            let read = format!("{code} {name}").trim().to_owned();
            let unit = Some(UnitName { code: code.clone(), name });
            let Some((revision, form, scope)) = detail.report else {
                return JournalSubject { word: format!("unit:{code}"), text: read, unit, day, ..base };
            };
            let form = form_named(book, form, ctx.locale);
            let on = day.clone().unwrap_or_default();
            let named = form.as_ref().map(|(_, name)| name.as_str()).unwrap_or_default();
            let scope_word = if scope == Scope::Below { "below" } else { "alone" };
            let form_code = form.as_ref().map(|(code, _)| code.clone());
            let word = format!("sheet:{code}:{on}:{scope_word}:{}", form_code.as_deref().unwrap_or_default());
            JournalSubject {
                kind: "sheet".to_owned(),
                word,
                text: format!("{read} {on} {named}"),
                unit,
                day,
                form: form_code,
                scope: Some(scope),
                revision: Some(revision),
            }
        }
        Subject::Account(id) => {
            let name = behind.accounts.get(id);
            JournalSubject { text: text(name.unwrap_or(id)), ..base }
        }
        Subject::Form(code) => {
            let form = book.forms().iter().rev().find(|form| form.code == *code);
            let name = form.map_or(code.as_str(), |form| form.names.of(ctx.locale));
            JournalSubject { text: text(name), form: Some(code.clone()), day, ..base }
        }
        Subject::Element(code) => {
            let name =
                book.element_by_code(code).map_or(code.as_str(), |element| element.names.of(ctx.locale));
            JournalSubject { text: text(name), ..base }
        }
        Subject::Brief(form, day) => {
            let (code, name) = form_named(book, *form, ctx.locale).unwrap_or_default();
            let word = format!("brief:{code}:{day}");
            let day = Some(day.to_string());
            let read = text(&format!("{} {name}", day.as_deref().unwrap_or_default()));
            JournalSubject { word, text: read, day, form: Some(code), ..base }
        }
        Subject::Notice(id) => JournalSubject { text: text(id), ..base },
        Subject::Party(id) => {
            let Some((code, names)) = behind.parties.get(id) else {
                return JournalSubject { text: kind_text(), ..base };
            };
            let read = text(&format!("{code} {}", names.of(ctx.locale)));
            JournalSubject { word: format!("party:{code}"), text: read, ..base }
        }
        Subject::Contacts(node) => {
            let code = of.contacts_unit();
            let name = code.and_then(|code| behind.contacts.get(code)).map(|names| names.of(ctx.locale));
            let read = format!("{} {}", code.unwrap_or(node), name.unwrap_or_default());
            let unit = code
                .map(|code| UnitName { code: code.to_owned(), name: name.unwrap_or_default().to_owned() });
            JournalSubject { text: text(read.trim()), unit, ..base }
        }
        Subject::Operation | Subject::Tree | Subject::Privacy => {
            JournalSubject { text: kind_text(), day, ..base }
        }
        Subject::Other(stored) => JournalSubject { text: stored.clone(), ..base },
    }
}
