//! Who may come in by which door, as data: one row for every method and path of the contract. The sweep in
//! `tests/it/guards.rs` walks all of them as everybody; the contract (`contract.rs`) says the same to those outside.

use crate::request::Permission::{
    AccountRead, AccountSet, BriefFreeze, ChannelSet, ContactErase, ContactFind, FindingAnswer, FindingFile,
    FormSet, GrantGive, IncidentFile, JournalRead, LinkIssue, NoticeImport, PartyChange, PartyCreate,
    PrivacySet, Read, ReportFile, ReportRemind, TaskAssign, TaskReport, TaskVerify, TreeRead, UnitChange,
};
use crate::request::acting::ACTING_HEADER;
use crate::request::{Once, Permission, Refusal};

use axum::extract::{MatchedPath, Request};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use muster_kernel::{Problem, ProblemKind};

/// What a door asks of whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Nothing: it tells nothing that is not for everybody, or it is how one logs in.
    Open,
    /// A login, whatever its role.
    Session,
    /// A role that may do this.
    May(Permission),
    /// A link that was opened on the device: of its own unit and form, and nothing else.
    Link,
    /// Only in the demonstration, and there of nobody; anywhere else there is no such door.
    Demo,
}

/// What part of the tree a door speaks of. What lies outside the caller's own part is *not found*, never *forbidden*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The caller's own part, or what belongs to everybody.
    Own,
    /// The unit that the request names.
    Unit,
    /// A unit in each row of a file: the door answers, and refuses the rows that are outside.
    Rows,
    /// The operation as a whole: only for who stands at the top of the tree.
    Whole,
}

/// The state that a reading door names in its `ETag`, and that a changing door compares with `If-Match`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// There is none that a sender could have seen: a changing door refuses `If-Match`.
    None,
    /// Of the unit: its entries, and what it stands below.
    Unit,
    /// The revision of the sheet.
    Sheet,
    /// Of the book of what is asked: elements, forms, assignments.
    Book,
    /// The digest of a frozen brief.
    Brief,
    /// The revision of what the office wrote beside the figures of a day.
    Narrative,
    /// How often a body beside the tree was changed.
    Party,
    /// Of the decisions on a notice's conjectures.
    Notice,
}

/// What a door leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// Nothing: it reads.
    Nothing,
    /// A session, or the demonstration's clock, which the journal does not speak of; or something about the caller's own
    /// account, which is told in its own history.
    Session,
    /// An entry of this action in the journal. Such a door honours `Idempotency-Key`.
    Entry(&'static str),
    /// An entry of this action, and an answer that is shown once and kept nowhere: asked again, another is made, and the
    /// one before is worth nothing.
    Once(&'static str),
}

/// A door.
#[derive(Clone, Copy, Debug)]
pub struct Door {
    /// The method.
    pub method: &'static str,
    /// The path, as in the contract.
    pub path: &'static str,
    /// Who may.
    pub guard: Guard,
    /// About what.
    pub about: About,
    /// What remains.
    pub leaves: Leaves,
    /// Which state it names or compares.
    pub state: State,
}

const fn read(path: &'static str, guard: Guard, about: About) -> Door {
    Door { method: "GET", path, guard, about, leaves: Leaves::Nothing, state: State::None }
}

const fn tagged(path: &'static str, about: About, state: State) -> Door {
    Door { state, ..read(path, READ, about) }
}

const fn session(method: &'static str, path: &'static str, guard: Guard) -> Door {
    Door { method, path, guard, about: About::Own, leaves: Leaves::Session, state: State::None }
}

const fn write(
    method: &'static str,
    path: &'static str,
    permission: Permission,
    about: About,
    action: &'static str,
    state: State,
) -> Door {
    Door { method, path, guard: Guard::May(permission), about, leaves: Leaves::Entry(action), state }
}

const READ: Guard = Guard::May(Read);
const TREE: Guard = Guard::May(TreeRead);

/// Every door of the API, in the order of the contract.
pub const DOORS: &[Door] = &[
    read("/api/v1/about", Guard::Open, About::Own),
    read("/api/v1/accounts", Guard::May(AccountRead), About::Own),
    write("POST", "/api/v1/accounts", AccountSet, About::Unit, "account.set", State::None),
    read("/api/v1/accounts/{id}", Guard::May(AccountRead), About::Unit),
    Door {
        leaves: Leaves::Once("account.export"),
        ..write("POST", "/api/v1/accounts/{id}/data", AccountSet, About::Unit, "account.export", State::None)
    },
    write("POST", "/api/v1/accounts/{id}/end", AccountSet, About::Unit, "account.end", State::None),
    write("POST", "/api/v1/accounts/{id}/erase", AccountSet, About::Unit, "account.erase", State::None),
    read("/api/v1/accounts/{id}/history", Guard::May(AccountRead), About::Unit),
    Door {
        leaves: Leaves::Once("account.letter"),
        ..write(
            "POST",
            "/api/v1/accounts/{id}/letter",
            AccountSet,
            About::Unit,
            "account.letter",
            State::None,
        )
    },
    read("/api/v1/accounts/{id}/oidc", Guard::May(AccountRead), About::Unit),
    write("PUT", "/api/v1/accounts/{id}/oidc/{provider}", AccountSet, About::Unit, "oidc.link", State::None),
    write(
        "POST",
        "/api/v1/accounts/{id}/oidc/{provider}/end",
        AccountSet,
        About::Unit,
        "oidc.unlink",
        State::None,
    ),
    write("POST", "/api/v1/accounts/{id}/reset", AccountSet, About::Unit, "account.reset", State::None),
    tagged("/api/v1/assignments", About::Whole, State::Book),
    write("POST", "/api/v1/assignments", FormSet, About::Whole, "form.assign", State::Book),
    write("PATCH", "/api/v1/assignments/{series}", FormSet, About::Whole, "form.reassign", State::Book),
    read("/api/v1/briefs", READ, About::Whole),
    tagged("/api/v1/briefs/{day}", About::Whole, State::Brief),
    read("/api/v1/briefs/{day}/compare", READ, About::Whole),
    read("/api/v1/briefs/{day}/file", READ, About::Whole),
    write("POST", "/api/v1/briefs/{day}/freeze", BriefFreeze, About::Whole, "brief.freeze", State::Narrative),
    read("/api/v1/briefs/{day}/lineage", READ, About::Whole),
    tagged("/api/v1/briefs/{day}/narrative", About::Whole, State::Narrative),
    write(
        "PUT",
        "/api/v1/briefs/{day}/narrative",
        BriefFreeze,
        About::Whole,
        "brief.narrate",
        State::Narrative,
    ),
    read("/api/v1/classes", TREE, About::Own),
    write("POST", "/api/v1/contacts/erase", ContactErase, About::Own, "contact.erase", State::None),
    write("POST", "/api/v1/contacts/find", ContactFind, About::Own, "contact.find", State::None),
    read("/api/v1/contradictions", READ, About::Unit),
    read("/api/v1/corrections", READ, About::Unit),
    read("/api/v1/demo/own", Guard::Demo, About::Own),
    session("POST", "/api/v1/demo/own", Guard::Demo),
    session("POST", "/api/v1/demo/role", Guard::Demo),
    session("POST", "/api/v1/demo/skip", Guard::Demo),
    read("/api/v1/desk", READ, About::Unit),
    read("/api/v1/disagreements", READ, About::Unit),
    read("/api/v1/disagreements/agreement", READ, About::Unit),
    tagged("/api/v1/elements", About::Own, State::Book),
    write("POST", "/api/v1/elements", FormSet, About::Whole, "element.set", State::Book),
    read("/api/v1/events", Guard::Session, About::Own),
    read("/api/v1/exports/units", READ, About::Unit),
    read("/api/v1/findings", READ, About::Unit),
    write("POST", "/api/v1/findings", FindingFile, About::Unit, "finding.file", State::None),
    write("POST", "/api/v1/findings/{id}/answer", FindingAnswer, About::Unit, "finding.answer", State::None),
    write("POST", "/api/v1/findings/{id}/close", FindingFile, About::Unit, "finding.close", State::None),
    tagged("/api/v1/forms", About::Own, State::Book),
    write("POST", "/api/v1/forms", FormSet, About::Whole, "form.set", State::Book),
    write("POST", "/api/v1/forms/starter", FormSet, About::Whole, "form.assign", State::Book),
    tagged("/api/v1/forms/{code}", About::Own, State::Book),
    write("POST", "/api/v1/imports/book", UnitChange, About::Rows, "units.import", State::None),
    Door { method: "POST", ..read("/api/v1/imports/book/look", Guard::May(UnitChange), About::Rows) },
    write("POST", "/api/v1/imports/reports", ReportFile, About::Rows, "report.file", State::None),
    write("POST", "/api/v1/imports/units", UnitChange, About::Rows, "units.import", State::None),
    read("/api/v1/imports/units/columns", Guard::Session, About::Own),
    // Who may read neither accounts nor the journal of a unit is told what they have there themselves.
    read("/api/v1/grants", TREE, About::Unit),
    write("POST", "/api/v1/grants", GrantGive, About::Unit, "grant.give", State::None),
    write("POST", "/api/v1/grants/{id}/end", GrantGive, About::Unit, "grant.end", State::None),
    read("/api/v1/incidents", READ, About::Unit),
    write("POST", "/api/v1/incidents", IncidentFile, About::Unit, "incident.file", State::None),
    read("/api/v1/journal", Guard::May(JournalRead), About::Unit),
    session("POST", "/api/v1/letters/open", Guard::Open),
    session("DELETE", "/api/v1/link", Guard::Open),
    read("/api/v1/link", Guard::Link, About::Own),
    session("POST", "/api/v1/link/open", Guard::Open),
    Door { guard: Guard::Link, ..tagged("/api/v1/link/reports/{day}", About::Own, State::Sheet) },
    Door {
        guard: Guard::Link,
        ..write("PUT", "/api/v1/link/reports/{day}", ReportFile, About::Own, "report.file", State::Sheet)
    },
    read("/api/v1/link/reports/{day}/file", Guard::Link, About::Own),
    read("/api/v1/link/reports/{day}/history", Guard::Link, About::Own),
    read("/api/v1/links", Guard::May(LinkIssue), About::Unit),
    Door {
        leaves: Leaves::Once("link.issue"),
        ..write("POST", "/api/v1/links", LinkIssue, About::Unit, "link.issue", State::None)
    },
    write("POST", "/api/v1/links/{id}/end", LinkIssue, About::Unit, "link.end", State::None),
    read("/api/v1/measures", READ, About::Own),
    write("POST", "/api/v1/measures", TaskAssign, About::Unit, "measure.register", State::None),
    read("/api/v1/measures/{id}", READ, About::Unit),
    read("/api/v1/measures/{id}/progress", READ, About::Unit),
    read("/api/v1/measures/{id}/tasks", READ, About::Unit),
    write("POST", "/api/v1/measures/{id}/tasks", TaskAssign, About::Unit, "task.assign", State::None),
    read("/api/v1/missing", READ, About::Unit),
    write("POST", "/api/v1/missing/remind", ReportRemind, About::Unit, "report.remind", State::None),
    read("/api/v1/notices", READ, About::Own),
    write("POST", "/api/v1/notices", NoticeImport, About::Whole, "notice.import", State::None),
    tagged("/api/v1/notices/{id}", About::Own, State::Notice),
    write(
        "POST",
        "/api/v1/notices/{id}/conjectures/{n}",
        NoticeImport,
        About::Whole,
        "notice.conjecture.decide",
        State::Notice,
    ),
    read("/api/v1/notices/{id}/original", READ, About::Own),
    read("/api/v1/oidc", Guard::Open, About::Own),
    session("POST", "/api/v1/oidc/back", Guard::Open),
    session("POST", "/api/v1/oidc/code", Guard::Open),
    session("POST", "/api/v1/oidc/{provider}", Guard::Open),
    // The way into an empty database; refused once there is an operation.
    session("POST", "/api/v1/operation", Guard::Open),
    read("/api/v1/outbox", READ, About::Unit),
    read("/api/v1/parties", READ, About::Own),
    write("POST", "/api/v1/parties", PartyCreate, About::Whole, "party.create", State::None),
    tagged("/api/v1/parties/{code}", About::Own, State::Party),
    write("PATCH", "/api/v1/parties/{code}", PartyChange, About::Whole, "party.change", State::Party),
    read("/api/v1/privacy", Guard::Session, About::Own),
    write("PUT", "/api/v1/privacy/end", PrivacySet, About::Whole, "privacy.end", State::None),
    write("PUT", "/api/v1/privacy/fields/{field}", PrivacySet, About::Whole, "privacy.set", State::None),
    read("/api/v1/reported", READ, About::Unit),
    write("POST", "/api/v1/reports/bulk", ReportFile, About::Rows, "report.file", State::None),
    Door { method: "POST", ..read("/api/v1/reports/check", READ, About::Unit) },
    tagged("/api/v1/reports/{unit}/{day}", About::Unit, State::Sheet),
    write("PUT", "/api/v1/reports/{unit}/{day}", ReportFile, About::Unit, "report.file", State::Sheet),
    read("/api/v1/reports/{unit}/{day}/file", READ, About::Unit),
    read("/api/v1/reports/{unit}/{day}/history", READ, About::Unit),
    read("/api/v1/reports/{unit}/{day}/scan", READ, About::Unit),
    write("PUT", "/api/v1/reports/{unit}/{day}/scan", ReportFile, About::Unit, "report.scan", State::None),
    read("/api/v1/requests", READ, About::Unit),
    session("POST", "/api/v1/resets", Guard::Open),
    session("POST", "/api/v1/resets/finish", Guard::Open),
    read("/api/v1/roles", Guard::Session, About::Own),
    read("/api/v1/search/notes", READ, About::Unit),
    session("DELETE", "/api/v1/session", Guard::Open),
    read("/api/v1/session", Guard::Session, About::Own),
    session("POST", "/api/v1/session", Guard::Open),
    read("/api/v1/session/data", Guard::Session, About::Own),
    read("/api/v1/session/history", Guard::Session, About::Own),
    read("/api/v1/session/oidc", Guard::Session, About::Own),
    session("DELETE", "/api/v1/session/oidc/{provider}", Guard::Session),
    session("POST", "/api/v1/session/oidc/{provider}", Guard::Session),
    session("PUT", "/api/v1/session/password", Guard::Session),
    read("/api/v1/session/tokens", Guard::Session, About::Own),
    session("POST", "/api/v1/session/tokens", Guard::Session),
    session("DELETE", "/api/v1/session/tokens/{id}", Guard::Session),
    read("/api/v1/session/totp", Guard::Session, About::Own),
    session("POST", "/api/v1/session/totp", Guard::Session),
    session("POST", "/api/v1/session/totp/confirm", Guard::Session),
    session("POST", "/api/v1/session/totp/end", Guard::Session),
    read("/api/v1/sessions", Guard::Session, About::Own),
    session("DELETE", "/api/v1/sessions/{id}", Guard::Session),
    read("/api/v1/starter", READ, About::Own),
    read("/api/v1/tasks", READ, About::Unit),
    read("/api/v1/tasks/{id}", READ, About::Unit),
    read("/api/v1/tasks/{id}/parts", READ, About::Unit),
    write("POST", "/api/v1/tasks/{id}/parts", TaskReport, About::Unit, "task.split", State::None),
    read("/api/v1/tasks/{id}/steps", READ, About::Unit),
    write("POST", "/api/v1/tasks/{id}/contest", TaskReport, About::Unit, "task.contest", State::None),
    write("POST", "/api/v1/tasks/{id}/extend", TaskAssign, About::Unit, "task.extend", State::None),
    write("POST", "/api/v1/tasks/{id}/give", TaskReport, About::Unit, "task.give", State::None),
    write("POST", "/api/v1/tasks/{id}/reopen", TaskVerify, About::Unit, "task.reopen", State::None),
    write("POST", "/api/v1/tasks/{id}/report", TaskReport, About::Unit, "task.report", State::None),
    write("POST", "/api/v1/tasks/{id}/return", TaskVerify, About::Unit, "task.return", State::None),
    write("POST", "/api/v1/tasks/{id}/sign", TaskReport, About::Unit, "task.sign", State::None),
    write("POST", "/api/v1/tasks/{id}/start", TaskReport, About::Unit, "task.start", State::None),
    write("POST", "/api/v1/tasks/{id}/transfer", TaskAssign, About::Unit, "task.transfer", State::None),
    write("POST", "/api/v1/tasks/{id}/uphold", TaskAssign, About::Unit, "task.uphold", State::None),
    write("POST", "/api/v1/tasks/{id}/verify", TaskVerify, About::Unit, "task.verify", State::None),
    write("POST", "/api/v1/tasks/{id}/withdraw", TaskAssign, About::Unit, "task.withdraw", State::None),
    read("/api/v1/totals", READ, About::Unit),
    read("/api/v1/totals/children", READ, About::Unit),
    read("/api/v1/totals/series", READ, About::Unit),
    read("/api/v1/units", TREE, About::Unit),
    write("POST", "/api/v1/units", UnitChange, About::Unit, "unit.create", State::None),
    write("POST", "/api/v1/units/merge", UnitChange, About::Unit, "unit.merge", State::Unit),
    write("POST", "/api/v1/units/split", UnitChange, About::Unit, "unit.split", State::Unit),
    Door { guard: TREE, ..tagged("/api/v1/units/{code}", About::Unit, State::Unit) },
    write("PATCH", "/api/v1/units/{code}", UnitChange, About::Unit, "unit.change", State::Unit),
    read("/api/v1/units/{code}/channels", Guard::May(ChannelSet), About::Unit),
    write(
        "DELETE",
        "/api/v1/units/{code}/channels/{channel}",
        ChannelSet,
        About::Unit,
        "channel.end",
        State::None,
    ),
    write(
        "PUT",
        "/api/v1/units/{code}/channels/{channel}",
        ChannelSet,
        About::Unit,
        "channel.set",
        State::None,
    ),
    write(
        "POST",
        "/api/v1/units/{code}/channels/{channel}/test",
        ChannelSet,
        About::Unit,
        "channel.test",
        State::None,
    ),
    write("POST", "/api/v1/units/{code}/close", UnitChange, About::Unit, "unit.close", State::Unit),
    read("/api/v1/units/{code}/history", READ, About::Unit),
    write("POST", "/api/v1/units/{code}/move", UnitChange, About::Unit, "unit.move", State::Unit),
    write("PUT", "/api/v1/units/{code}/posts/{post}", UnitChange, About::Unit, "post.set", State::Unit),
    write(
        "PUT",
        "/api/v1/units/{code}/posts/{post}/contact",
        UnitChange,
        About::Unit,
        "contact.set",
        State::Unit,
    ),
    // And whoever holds the post.
    read("/api/v1/units/{code}/posts/{post}/looks", Guard::May(UnitChange), About::Unit),
    read("/api/v1/waiting", READ, About::Own),
];

/// Everything that is no door of the API is a page or a file of the console, and open: a page holds no figures, it asks
/// these doors for them.
pub const PAGES: Guard = Guard::Open;

/// The door of a method and a path of the contract.
pub fn door(method: &str, path: &str) -> Option<&'static Door> {
    DOORS.iter().find(|door| door.method == method && door.path == path)
}

impl Door {
    /// Whether somebody may do this for another who decided it: not what one signs with one's own hand, a report.
    pub fn is_acted_for(&self) -> bool {
        matches!(self.leaves, Leaves::Entry(_))
            && !matches!(self.guard, Guard::May(ReportFile) | Guard::Link)
            && self.about != About::Rows
    }

    /// Largest body, in bytes: one that says it is larger is refused before any of it is read.
    fn body_bytes_max(&self) -> u64 {
        match self.path {
            "/api/v1/imports/book"
            | "/api/v1/imports/book/look"
            | "/api/v1/imports/reports"
            | "/api/v1/imports/units"
            | "/api/v1/reports/bulk" => 64 << 20,
            "/api/v1/notices" => 20 << 20,
            "/api/v1/reports/{unit}/{day}/scan" => 10 << 20,
            _ => 1 << 20,
        }
    }
}

/// Middleware: refuses a body that is too large by its own word; reads what a request says of being sent again and of what
/// its sender saw, where the door changes something; and refuses what would otherwise be passed over in silence.
pub async fn come_in(request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let door = path.and_then(|path| door(request.method().as_str(), path));
    let length =
        request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if door.zip(length).is_some_and(|(door, length): (_, u64)| length > door.body_bytes_max()) {
        return Refusal(Problem::new(ProblemKind::TooLarge, "request.too_large")).into_response();
    }
    if request.headers().contains_key(ACTING_HEADER) && !door.is_some_and(Door::is_acted_for) {
        return Refusal(Problem::invalid("acting.not_here")).into_response();
    }
    let Some(Door { leaves: Leaves::Entry(_), state, .. }) = door else { return next.run(request).await };
    if *state == State::None && request.headers().contains_key(header::IF_MATCH) {
        return Refusal(Problem::invalid("request.nothing_to_match")).into_response();
    }
    let (mut parts, body) = request.into_parts();
    match Once::of(&parts.method, &parts.uri, &parts.headers, body) {
        Ok((once, body)) => {
            parts.extensions.insert(once);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(problem) => Refusal(problem).into_response(),
    }
}
