//! Files that come in: few bodies are held at a time, and one of them is read, because a workbook takes many times the
//! memory of its file. Who waits too long is told to come back.

use super::Refusal;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse as _, Response};
use muster_kernel::{Problem, ProblemKind};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// Bodies held at a time: of 64 MB at most, as the doors say.
const HELD_MAX: usize = 4;
/// Longest that a sender waits for its turn.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// Longest that a body may take to come in: who sends a byte a minute holds nobody up for longer.
const BODY_MAX: Duration = Duration::from_secs(600);
/// When who did not get a turn may try again, seconds.
const RETRY_S: u32 = 10;

static HELD: Semaphore = Semaphore::const_new(HELD_MAX);
static READ: Semaphore = Semaphore::const_new(1);

/// A body that takes a place among the few that are held, until it is dropped.
pub struct Upload {
    /// What was sent.
    pub bytes: Bytes,
    _place: SemaphorePermit<'static>,
}

/// The turn of the one file that is read, until it is dropped.
pub struct Turn {
    _permit: SemaphorePermit<'static>,
}

impl Upload {
    /// Waits for the turn to be read.
    ///
    /// # Errors
    /// `busy` after a minute.
    pub async fn turn(&self) -> Result<Turn, Problem> {
        Ok(Turn { _permit: permit(&READ).await? })
    }
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Response;
    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let place = permit(&HELD).await.map_err(|problem| Refusal(problem).into_response())?;
        let body = timeout(BODY_MAX, Bytes::from_request(request, state)).await;
        let bytes = body.map_err(|_| Refusal(busy()).into_response())?.map_err(|no| no.into_response())?;
        Ok(Self { bytes, _place: place })
    }
}

async fn permit(of: &'static Semaphore) -> Result<SemaphorePermit<'static>, Problem> {
    timeout(WAIT_MAX, of.acquire()).await.map_err(|_| busy())?.map_err(Problem::internal)
}

fn busy() -> Problem {
    Problem::new(ProblemKind::Busy, "busy").retry_after(RETRY_S)
}
