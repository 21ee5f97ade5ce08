//! What this server is: asked by every page before anything else, and before any login.

use crate::App;
use crate::app::Login;
use crate::lines::operation::operation_current;
use crate::lines::{access, org, reporting};
use crate::play::Kept;
use crate::request::Answer;
use crate::request::refusal::locale_of;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use muster_kernel::Locale;
use muster_kernel::day::{Day, rfc3339};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The door of this page.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(about))
}

/// What this server is.
#[derive(Serialize, ToSchema)]
struct About {
    /// `muster`.
    product: String,
    /// Version of the program.
    version: String,
    /// The title of the office, by language tag.
    office: BTreeMap<String, String>,
    /// The operation's code.
    operation: String,
    /// The operation's name, by language tag.
    operation_name: BTreeMap<String, String>,
    /// Whether all figures are simulated.
    simulated: bool,
    /// The seed of the simulation.
    seed: Option<i64>,
    /// Now, in the operation's time zone (RFC 3339).
    now: String,
    /// How far the server's clock is from the machine's, in milliseconds.
    clock_offset_ms: i64,
    /// Today, in the operation's time zone.
    today: String,
    /// Whether today is frozen: who has not reported is missing from then on.
    frozen: bool,
    /// IANA time zone of the operation.
    zone: String,
    /// `sqlite` or `postgres`.
    database: String,
    /// Whether files of briefs and reports can be made: `ready`, `follows` (the printer is being built), `none`.
    printer: String,
    /// `local` or `demo`.
    login: String,
    /// Code of the form of the daily report; empty while there is none.
    form: String,
    /// Code of the unit at the top of the tree; empty while there is none.
    root: String,
    /// Whether an operation was begun; if not, `POST /operation` begins it.
    begun: bool,
    /// Where this operation is kept and how it is opened again, where a demonstration opened it beside itself.
    kept: Option<Kept>,
    /// How it stands with signed heads of the journal; absent where none are signed.
    heads: Option<HeadsBody>,
    /// How it stands with the server's certificate; absent where it encrypts nothing itself.
    certificate: Option<CertificateBody>,
    /// Roles of the demonstration.
    roles: Vec<RoleBody>,
}

/// How it stands with the server's certificate, which whoever connects is shown.
#[derive(Serialize, ToSchema)]
struct CertificateBody {
    /// When it ends (RFC 3339).
    ends_at: String,
    /// Whole days that are left; below zero where it has ended.
    days_left: i64,
    /// `good`; `soon` (thirty days or fewer are left), `near` (seven or fewer), `ended`; `early`: it has not begun.
    standing: String,
}

/// How it stands with signed heads of the journal.
#[derive(Serialize, ToSchema)]
struct HeadsBody {
    /// When the last line was written (RFC 3339); absent while none was since the server began.
    written_at: Option<String>,
    /// Whether the last one could not be written; why stands in the log.
    failing: bool,
}

/// A role of the demonstration.
#[derive(Serialize, ToSchema)]
struct RoleBody {
    /// Its id, for `POST /demo/role`.
    id: String,
    /// `office`, `filler` or `viewer`.
    role: String,
    /// Code of the unit it acts for.
    unit_code: String,
    /// That unit's name, in the reader's language.
    unit_name: String,
}

/// What this server is. Needs no login.
#[utoipa::path(get, path = "/about", operation_id = "about_read", tag = "live", responses((status = 200, body = About)))]
async fn about(State(app): State<App>, headers: HeaderMap) -> Answer<Json<About>> {
    let operation = app.operation();
    let zone = operation.time_zone();
    let now_ms = app.clock.now_ms();
    let today = Day::of_instant(now_ms, &zone);
    let demo = app.login == Login::Demo;
    let (top, reader) = (operation.root_unit, locale_of(&headers));
    let (shelf, number, form) = (app.shelf.clone(), operation.id, operation.form.clone());
    let at = app.moment();
    let (begun, frozen, root, roles) = app
        .db
        .read("about.read", move |rx| {
            let accounts = if demo { access::accounts_by_role(rx, at)? } else { Vec::new() };
            let units: Vec<i64> = accounts.iter().map(|account| account.unit).chain([top]).collect();
            let labels = org::labels(rx, &units, today)?;
            let root = labels.get(&top).map(|(code, _)| code.clone()).unwrap_or_default();
            let roles = accounts.into_iter().map(|account| {
                let label = labels.get(&account.unit);
                RoleBody {
                    role: account.main_role().to_owned(),
                    unit_code: label.map(|(code, _)| code.clone()).unwrap_or_default(),
                    unit_name: label.map(|(_, names)| names.of(reader).to_owned()).unwrap_or_default(),
                    id: account.id,
                }
            });
            let begun = operation_current(rx)?.is_some();
            let book = shelf.current(rx, number)?;
            let frozen = match book.form(&form, today) {
                Some(form) => reporting::day_frozen_at(rx, number, form.id, today)?.is_some(),
                None => false,
            };
            Ok::<_, muster_store::StoreError>((begun, frozen, root, roles.collect()))
        })
        .await?;
    let by_tag = |names: &crate::lines::operation::Names| {
        Locale::ALL.iter().map(|&locale| (locale.tag().to_owned(), names.of(locale).to_owned())).collect()
    };
    Ok(Json(About {
        product: "muster".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        office: by_tag(&operation.office),
        operation: operation.code.clone(),
        operation_name: by_tag(&operation.name),
        simulated: operation.seed.is_some(),
        seed: operation.seed,
        now: rfc3339(now_ms, &zone),
        clock_offset_ms: app.clock.offset_ms(),
        today: today.to_string(),
        frozen,
        zone: operation.zone.clone(),
        database: match app.db.dialect() {
            muster_store::Dialect::Sqlite => "sqlite",
            muster_store::Dialect::Postgres => "postgres",
        }
        .to_owned(),
        printer: app.printer.standing().word().to_owned(),
        login: if demo { "demo" } else { "local" }.to_owned(),
        form: operation.form.clone(),
        root,
        begun,
        kept: app.kept.clone(),
        heads: app.heads.as_ref().map(|keeper| {
            let kept = keeper.kept();
            let written_at = kept.written_at.map(|at| rfc3339(at, &zone));
            HeadsBody { written_at, failing: kept.failed.is_some() }
        }),
        certificate: app.certificate.as_ref().map(|tls| {
            let term = tls.term();
            CertificateBody {
                ends_at: rfc3339(term.ends_at, &zone),
                days_left: term.days_left(now_ms),
                standing: term.standing(now_ms).word().to_owned(),
            }
        }),
        roles,
    }))
}
