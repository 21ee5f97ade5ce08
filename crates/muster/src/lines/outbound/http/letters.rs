//! Doors of letters: how far each came.

use crate::lines::org;
use crate::outbound::{self, Channel, Kept, Kind, LetterKind, State as LetterState};
use crate::request::page::{Page, cursor_after};
use crate::request::{Answer, Caller, Json, Permission, Query};
use crate::{App, Ctx, Fail, say};
use axum::extract::State;
use muster_kernel::Problem;
use muster_kernel::day::rfc3339;
use muster_store::{Rows, Rx, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// Letters that are looked at before a page ends, seen or not.
const LOOKED_MAX: usize = 5_000;
/// Letters read at a time.
const READ: u32 = 500;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(outbox_list))
}

/// A unit by code and name.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = LetterUnit)]
struct UnitOf {
    /// Code of the unit.
    code: String,
    /// Its name, in the reader's language.
    name: String,
}

/// A letter, and how far it came.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Letter)]
pub(super) struct LetterBody {
    /// Its id.
    id: String,
    /// To whom.
    unit: UnitOf,
    /// Code of the channel.
    channel: String,
    /// By what it is reached.
    channel_kind: Kind,
    /// What it is about.
    kind: LetterKind,
    /// How far it came.
    state: LetterState,
    /// When it was written (RFC 3339).
    at: String,
    /// Not before this instant (RFC 3339).
    due: String,
    /// When it is tried next (RFC 3339); null where it is over.
    next_try: Option<String>,
    /// When it was sent or given up (RFC 3339); null before.
    ended_at: Option<String>,
    /// How often it was tried.
    attempts: i64,
    /// Why the last try failed: a word; null where none did.
    error: Option<String>,
    /// The same as a sentence.
    error_text: Option<String>,
    /// In a line; null for who may not set channels there, and once it was erased, a week after it was sent.
    title: Option<String>,
    /// What it says; null as `title`.
    text: Option<String>,
    /// The entry of the deed that wrote it: lane and number.
    entry: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// `unit:CODE`: only to this unit and those below it; the caller's own part when absent.
    node: Option<String>,
    /// Only letters that came so far.
    state: Option<LetterState>,
}

/// A page of letters.
#[derive(Serialize, ToSchema)]
struct LetterList {
    /// The latest first.
    items: Vec<LetterBody>,
    /// Where the next page begins; null at the end.
    next_cursor: Option<String>,
    /// Whether this server sends letters at all: its operator named what may be reached (`--outbound`).
    sending: bool,
}

/// Letters to units of the caller's own part, the latest first: how far each came, and why not further. What they say is
/// told to who may set channels there.
#[utoipa::path(get, path = "/outbox", operation_id = "outbox_list", tag = "outbound", params(Asked, Page),
    responses((status = 200, body = LetterList)))]
async fn outbox_list(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<Asked>,
    Query(page): Query<Page>,
) -> Answer<Json<LetterList>> {
    let ctx = caller.ctx(&app, Permission::Read)?;
    let sets = caller.ctx(&app, Permission::ChannelSet).ok();
    let sending = app.outbound.sends();
    let (after, limit) = (page.after()?, page.limit()? as usize);
    let from = match after.split_once(' ') {
        Some((at, id)) => (at.parse().map_err(|_| Problem::invalid("request.cursor"))?, id.to_owned()),
        None if after.is_empty() => (i64::MAX, String::new()),
        None => return Err(Problem::invalid("request.cursor").into()),
    };
    let read = move |rx: &mut Rx<'_>| {
        let below = match asked.node.as_deref() {
            None => None,
            Some(node) => {
                let unit_only = || {
                    Problem::invalid("node.unit_only").with("node", node.chars().take(64).collect::<String>())
                };
                let code = node.strip_prefix("unit:").ok_or_else(unit_only)?;
                Some(org::unit_standing(rx, &ctx, code, ctx.today())?.unit)
            }
        };
        let (found, next) = seen(rx, &ctx, (below, asked.state), from.clone(), limit)?;
        let next_cursor = next.map(|(at, id)| cursor_after(&format!("{at} {id}")));
        let items = bodies(rx, &ctx, sets.as_ref(), &found)?;
        Ok::<_, Fail>(LetterList { items, next_cursor, sending })
    };
    Ok(Json(app.db.read("outbox.list", read).await?))
}

/// An instant and an id: a place in the list.
type Place = (i64, String);

/// Letters that the caller may see, at most `limit`, and where to go on, if there is more to look at.
fn seen(
    rows: &mut impl Rows,
    ctx: &Ctx,
    (below, state): (Option<i64>, Option<LetterState>),
    mut from: Place,
    limit: usize,
) -> Result<(Vec<Kept>, Option<Place>), StoreError> {
    let (mut found, mut looked) = (Vec::new(), 0);
    loop {
        let page = outbound::letters_before(rows, ctx.operation, (from.0, &from.1), READ)?;
        let is_last = page.len() < READ as usize;
        let chains = chains(rows, ctx, &page)?;
        for one in page {
            if found.len() == limit || looked == LOOKED_MAX {
                return Ok((found, Some(from)));
            }
            looked += 1;
            from = (one.at_ms, one.id.clone());
            let chain = chains.get(&one.letter.unit);
            let is_below = below.is_none_or(|top| chain.is_some_and(|chain| chain.contains(&top)));
            if is_below && is_own(ctx, chain) && state.is_none_or(|state| state == one.state) {
                found.push(one);
            }
        }
        if is_last {
            return Ok((found, None));
        }
    }
}

/// Who stands above the units of letters today.
fn chains(rows: &mut impl Rows, ctx: &Ctx, letters: &[Kept]) -> Result<HashMap<i64, Arc<[i64]>>, StoreError> {
    let mut units: Vec<i64> = letters.iter().map(|one| one.letter.unit).collect();
    units.sort_unstable();
    units.dedup();
    let standings = org::standings_on(rows, &units, ctx.today())?;
    Ok(standings.into_iter().map(|one| (one.unit, one.chain)).collect())
}

/// Whether a unit lies in the actor's own part; one that stands nowhere today is known to who has the whole.
fn is_own(ctx: &Ctx, chain: Option<&Arc<[i64]>>) -> bool {
    chain.map_or(ctx.reach == crate::Reach::All, |chain| ctx.reach.covers(chain))
}

/// Letters as they are told. `sets`: over what part the reader may set channels, and so reads what letters say.
pub(super) fn bodies(
    rows: &mut impl Rows,
    ctx: &Ctx,
    sets: Option<&Ctx>,
    letters: &[Kept],
) -> Result<Vec<LetterBody>, Fail> {
    let mut units: Vec<i64> = letters.iter().map(|one| one.letter.unit).collect();
    units.sort_unstable();
    units.dedup();
    let labels = org::labels(rows, &units, ctx.today())?;
    let chains = chains(rows, ctx, letters)?;
    let mut ids: Vec<String> = letters.iter().map(|one| one.letter.channel.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    let channels = outbound::channels_by_id(rows, &ids)?;
    let channels: HashMap<&str, &Channel> = channels.iter().map(|one| (&*one.id, one)).collect();
    let at = |ms: i64| rfc3339(ms, &ctx.zone);
    let body = |one: &Kept| {
        let unit = labels.get(&one.letter.unit);
        let channel = channels.get(&*one.letter.channel);
        let reads = sets.is_some_and(|sets| is_own(sets, chains.get(&one.letter.unit)));
        let words = |text: &str| (reads && !text.is_empty()).then(|| text.to_owned());
        let error = (!one.error.is_empty()).then(|| one.error.clone());
        LetterBody {
            id: one.id.clone(),
            unit: UnitOf {
                code: unit.map(|(code, _)| code.to_string()).unwrap_or_default(),
                name: unit.map(|(_, names)| names.of(ctx.locale).to_owned()).unwrap_or_default(),
            },
            channel: channel.map(|one| one.code.clone()).unwrap_or_default(),
            channel_kind: channel.map_or(Kind::Folder, |one| one.kind),
            kind: one.letter.kind,
            state: one.state,
            at: at(one.at_ms),
            due: at(one.letter.due_ms),
            next_try: one.next_at.map(at),
            ended_at: one.ended_at.map(at),
            attempts: one.attempts,
            error_text: error.as_deref().map(|error| error_said(ctx, error)),
            error,
            title: words(&one.letter.subject),
            text: words(&one.letter.text),
            entry: format!("{}/{}", one.link.lane, one.link.no),
        }
    };
    Ok(letters.iter().map(body).collect())
}

/// Why a letter was not taken, as a sentence: of `http_503` that of `http`, with its number.
fn error_said(ctx: &Ctx, error: &str) -> String {
    let (kind, number) = match error.rsplit_once('_') {
        Some((kind, number)) if number.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit()) => {
            (kind, number)
        }
        _ => (error, ""),
    };
    say::say(ctx.locale, &format!("letter.error.{kind}"), &[("number".to_owned(), number.to_owned())].into())
}
