//! What the contract says of every door alike, from the table of guards: who is refused, what may be sent again, which
//! state is named and compared.

use super::guards::{About, DOORS, Door, Guard, Leaves, State};
use crate::request::acting::ACTING_HEADER;
use crate::request::once::KEY_HEADER;
use crate::request::refusal::ProblemBody;
use utoipa::PartialSchema as _;
use utoipa::openapi::header::Header;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder};

/// Completes the contract.
pub fn complete(document: &mut OpenApi) {
    let named = REFUSALS.map(|(_, name, said)| (name.to_owned(), RefOr::T(problem(said))));
    document.components.get_or_insert_default().responses.extend(named);
    for door in DOORS {
        let item = document.paths.paths.get_mut(door.path);
        if let Some(operation) = item.and_then(|item| operation(item, door.method)) {
            refusals(operation, door);
            state(operation, door);
            if door.is_acted_for() {
                let said = "Who decided this, where somebody does it for them: `unit=R; post=leader; \
                            at=2020-02-03T09:00:00+08:00; means=telephone` (or oral, message, written, meeting).";
                operation.parameters.get_or_insert_default().push(header(ACTING_HEADER, said));
            }
            if matches!(door.leaves, Leaves::Entry(_)) {
                let said = "The sender's own id of this request, at most 200 characters: done once, and answered the \
                            same again for seven days.";
                operation.parameters.get_or_insert_default().push(header(KEY_HEADER, said));
            }
        }
    }
}

fn operation<'i>(item: &'i mut PathItem, method: &str) -> Option<&'i mut Operation> {
    let operation = match method {
        "GET" => &mut item.get,
        "PUT" => &mut item.put,
        "POST" => &mut item.post,
        "PATCH" => &mut item.patch,
        "DELETE" => &mut item.delete,
        _ => return None,
    };
    operation.as_mut()
}

/// How a door refuses: the status, its name among the components, what it means.
const REFUSALS: [(&str, &str, &str); 7] = [
    ("401", "NotLoggedIn", "Nobody is logged in."),
    ("403", "Forbidden", "The role may not do this."),
    ("404", "NotFound", "There is none, or it is not the caller's to know."),
    ("412", "Stale", "It was changed meanwhile (`If-Match`)."),
    ("429", "TooMany", "More was asked than one may in a while; `Retry-After` says when to come again."),
    ("4XX", "Refused", "Refused: the problem says why, and where."),
    ("5XX", "Failed", "Busy, not ready, or a fault of ours."),
];

fn refusals(operation: &mut Operation, door: &Door) {
    let applies = |status: &str| match status {
        "401" => matches!(door.guard, Guard::Session | Guard::May(_) | Guard::Link),
        "403" => matches!(door.guard, Guard::May(_)),
        "404" => matches!(door.about, About::Unit | About::Whole),
        "412" => matches!(door.leaves, Leaves::Entry(_)) && door.state != State::None,
        _ => true,
    };
    for (status, name, _) in REFUSALS.into_iter().filter(|(status, ..)| applies(status)) {
        let refusal = RefOr::Ref(Ref::from_response_name(name));
        operation.responses.responses.entry(status.to_owned()).or_insert(refusal);
    }
}

fn state(operation: &mut Operation, door: &Door) {
    let word = match door.state {
        State::None => return,
        State::Unit => "the unit",
        State::Sheet => "the sheet",
        State::Book => "elements and forms",
        State::Brief => "the brief, once it is frozen",
        State::Narrative => "what is written beside the figures",
        State::Party => "the body beside the tree",
        State::Notice => "the decisions on the text",
    };
    if matches!(door.leaves, Leaves::Entry(_)) {
        let said = format!("An `ETag` of {word}: done only while that is still the state.");
        operation.parameters.get_or_insert_default().push(header("If-Match", &said));
        return;
    }
    if let Some(RefOr::T(answer)) = operation.responses.responses.get_mut("200") {
        let mut tag = Header::new(String::schema());
        tag.description = Some(format!("The state of {word}, for `If-Match`."));
        answer.headers.insert("ETag".to_owned(), tag);
    }
}

fn header(name: &str, said: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(said))
        .schema(Some(String::schema()))
        .build()
}

fn problem(said: &str) -> Response {
    let body = Ref::from_schema_name(<ProblemBody as utoipa::ToSchema>::name());
    let content = ContentBuilder::new().schema(Some(body)).build();
    ResponseBuilder::new().description(said).content("application/problem+json", content).build()
}
