//! Doors of channels; those of letters are beside.

mod letters;

use super::verbs;
use crate::lines::org;
use crate::outbound::{self, Channel, ChannelDraft, Kind, Outbound, Target};
use crate::request::{Answer, Caller, Json, Once, Permission, Reply};
use crate::{App, Fail};
use axum::extract::{Path, State};
use letters::{LetterBody, bodies};
use muster_kernel::Problem;
use muster_store::{Rx, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The doors of this line.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(channel_list))
        .routes(routes!(channel_set, channel_end))
        .routes(routes!(channel_test))
        .merge(letters::router())
}

/// A channel of a unit, without where it leads.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Channel)]
struct ChannelBody {
    /// Its code, unique at the unit.
    code: String,
    /// By what it is reached.
    kind: Kind,
    /// What may be told of where it leads: a host, a mail address's domain, the name of a folder; empty for a robot.
    host: String,
    /// From when on nothing is sent (`HH:MM`, in the operation's time zone); null where that is never so.
    quiet_from: Option<String>,
    /// Until when.
    quiet_until: Option<String>,
    /// Whether this server may reach it, by what its operator said. Letters to one that it may not are given up.
    allowed: bool,
    /// Its latest entry in the journal: lane and number.
    entry: String,
}

impl ChannelBody {
    fn new(one: &Channel, outbound: &Outbound) -> Self {
        let shown = |minutes: i64| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        Self {
            code: one.code.clone(),
            kind: one.kind,
            host: one.host.clone(),
            quiet_from: one.quiet.map(|quiet| shown(quiet.from_min)),
            quiet_until: one.quiet.map(|quiet| shown(quiet.until_min)),
            allowed: outbound.allows(one.kind, &one.host),
            entry: format!("{}/{}", one.link.lane, one.link.no),
        }
    }
}

/// Channels of a unit.
#[derive(Serialize, ToSchema)]
struct ChannelList {
    /// By their codes; a unit has at most twenty.
    items: Vec<ChannelBody>,
    /// Whether this server sends letters at all: its operator named what may be reached (`--outbound`).
    sending: bool,
}

/// The channels of a unit: how it is reached from outside. Where they lead and what opens them is never told.
#[utoipa::path(get, path = "/units/{code}/channels", operation_id = "channel_list", tag = "outbound",
    params(("code" = String, Path, description = "Code of the unit")), responses((status = 200, body = ChannelList)))]
async fn channel_list(
    State(app): State<App>,
    caller: Caller,
    Path(unit): Path<String>,
) -> Answer<Json<ChannelList>> {
    let ctx = caller.ctx(&app, Permission::ChannelSet)?;
    let outbound = app.outbound.clone();
    let read = move |rx: &mut Rx<'_>| {
        let unit = org::unit_standing(rx, &ctx, &unit, ctx.today())?.unit;
        let found = outbound::channels_of(rx, ctx.operation, unit)?;
        let items = found.iter().map(|one| ChannelBody::new(one, &outbound)).collect();
        Ok::<_, Fail>(ChannelList { items, sending: outbound.sends() })
    };
    Ok(Json(app.db.read("channel.list", read).await?))
}

/// A channel as somebody wants it. Addresses, keys, secrets and telephones are sealed, and never told again.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChannelIn {
    /// By what it is reached.
    kind: Kind,
    /// Mail: the address. Webhook: its URL. Folder: its name (lower-case letters, digits, hyphens).
    #[serde(default)]
    address: Option<String>,
    /// Robots: the key (企业微信) or access token (钉钉), or the whole address that the platform shows.
    #[serde(default)]
    key: Option<String>,
    /// Webhook: what its letters are signed by. 钉钉: the secret of `加签`. Mail: the password of `user`.
    #[serde(default)]
    secret: Option<String>,
    /// Mail: login at the operator's server, where the unit has one of its own.
    #[serde(default)]
    user: Option<String>,
    /// Robots: telephones of those whom it calls by name, digits alone, at most 20.
    #[serde(default)]
    mentions: Vec<String>,
    /// From when on nothing is sent (`HH:MM`, in the operation's time zone).
    #[serde(default)]
    quiet_from: Option<String>,
    /// Until when; what waited then goes as one.
    #[serde(default)]
    quiet_until: Option<String>,
}

/// Sets a channel of a unit whole: what is not said is not kept, secrets neither.
#[utoipa::path(put, path = "/units/{code}/channels/{channel}", operation_id = "channel_set", tag = "outbound",
    params(("code" = String, Path, description = "Code of the unit"),
        ("channel" = String, Path, description = "Code of the channel: lower-case letters, digits, hyphens")),
    request_body = ChannelIn, responses((status = 200, body = ChannelBody)))]
async fn channel_set(
    State(app): State<App>,
    caller: Caller,
    Path((unit, channel)): Path<(String, String)>,
    once: Once,
    Json(body): Json<ChannelIn>,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::ChannelSet)?;
    let (outbound, now_ms) = (app.outbound.clone(), ctx.now_ms);
    let tests = outbound.post().is_some_and(|post| post.memory().is_some());
    let text = |text: Option<String>| text.map(|text| text.trim().to_owned()).unwrap_or_default();
    let target = Target {
        address: text(body.address),
        key: text(body.key),
        secret: text(body.secret),
        user: text(body.user),
        mentions: body.mentions,
    };
    let (quiet_from, quiet_until) = (body.quiet_from, body.quiet_until);
    let draft = ChannelDraft { kind: Some(body.kind), target, quiet_from, quiet_until };
    let set = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            let set = verbs::channel_put(tx, &ctx, &unit, &channel, &draft, tests)?;
            Ok(Reply::json(&ChannelBody::new(&set, &outbound))?)
        })
    };
    Ok(app.db.write("channel.set", now_ms, set).await?)
}

/// Ends a channel of a unit: where it led is erased, and what waited for it will not be sent.
#[utoipa::path(delete, path = "/units/{code}/channels/{channel}", operation_id = "channel_end", tag = "outbound",
    params(("code" = String, Path, description = "Code of the unit"),
        ("channel" = String, Path, description = "Code of the channel")), responses((status = 204)))]
async fn channel_end(
    State(app): State<App>,
    caller: Caller,
    Path((unit, channel)): Path<(String, String)>,
    once: Once,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::ChannelSet)?;
    let now_ms = ctx.now_ms;
    let end = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            verbs::channel_end(tx, &ctx, &unit, &channel)?;
            Ok(Reply::empty())
        })
    };
    Ok(app.db.write("channel.end", now_ms, end).await?)
}

/// Writes one letter to a channel, to see whether it comes: through the outbox, whatever the hour.
#[utoipa::path(post, path = "/units/{code}/channels/{channel}/test", operation_id = "channel_test", tag = "outbound",
    params(("code" = String, Path, description = "Code of the unit"),
        ("channel" = String, Path, description = "Code of the channel")), responses((status = 201, body = LetterBody)))]
async fn channel_test(
    State(app): State<App>,
    caller: Caller,
    Path((unit, channel)): Path<(String, String)>,
    once: Once,
) -> Answer<Reply> {
    let ctx = caller.ctx(&app, Permission::ChannelSet)?;
    let (now_ms, office) = (ctx.now_ms, app.operation().office.of(caller.locale).to_owned());
    let test = move |tx: &mut Tx<'_>| {
        once.run(tx, &ctx, |tx| {
            let id = verbs::channel_try(tx, &ctx, &unit, &channel, &office)?;
            let kept = outbound::letter_by_id(tx, &id)?;
            let kept = kept.ok_or_else(|| Problem::internal("a letter that is not there"))?;
            let body = bodies(tx, &ctx, Some(&ctx), &[kept])?.pop();
            Ok(Reply::json(&body.ok_or_else(|| Problem::internal("a letter without a body"))?)?.created())
        })
    };
    Ok(app.db.write("channel.test", now_ms, test).await?)
}
