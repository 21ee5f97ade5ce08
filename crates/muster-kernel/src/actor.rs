//! Who acts. A reference, never a name: what the journal holds of a person must be removable elsewhere.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Who did something: the kind and an opaque reference, written `kind:reference` in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Actor {
    kind: ActorKind,
    reference: String,
}

/// What sort of actor a reference points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A person's account.
    Account,
    /// A role of the demonstration, taken without a login.
    Role,
    /// Whoever holds a link of a unit, without an account.
    Link,
    /// A program that bears a token of an account.
    Token,
    /// Muster itself: a job, an import at the command line, a redraw.
    System,
}

impl Actor {
    /// An account, by its id.
    pub fn account(reference: impl Into<String>) -> Self {
        Self { kind: ActorKind::Account, reference: reference.into() }
    }
    /// A role of the demonstration, by its id.
    pub fn role(reference: impl Into<String>) -> Self {
        Self { kind: ActorKind::Role, reference: reference.into() }
    }
    /// A program, by the id of its token.
    pub fn token(reference: impl Into<String>) -> Self {
        Self { kind: ActorKind::Token, reference: reference.into() }
    }
    /// Whoever holds a link, by the link's id.
    pub fn link(reference: impl Into<String>) -> Self {
        Self { kind: ActorKind::Link, reference: reference.into() }
    }
    /// Muster itself, with what part of it acted (`cli`, `demo`, `job`).
    pub fn system(part: impl Into<String>) -> Self {
        Self { kind: ActorKind::System, reference: part.into() }
    }
    /// The sort of actor.
    pub fn kind(&self) -> ActorKind {
        self.kind
    }
    /// The opaque reference within the kind.
    pub fn reference(&self) -> &str {
        &self.reference
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            ActorKind::Account => "account",
            ActorKind::Role => "role",
            ActorKind::Link => "link",
            ActorKind::Token => "token",
            ActorKind::System => "system",
        };
        write!(f, "{kind}:{}", self.reference)
    }
}
