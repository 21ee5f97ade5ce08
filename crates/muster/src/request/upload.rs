//! Files that come in: few bodies are held at a time, and one of them is read, because a workbook takes many times the
//! memory of its file. Who waits too long is told to come back.
//!
//! A place is for who may send and does send. So nothing of a body is taken before the door knows its sender and what they
//! may; one account has two places of eight; and a body that does not come on gives its place back. A file over the
//! slowest line that is served at all (a telephone's, 13 kbit/s) comes on as fast as is asked here.

use super::places::{Full, Place, Places};
use super::{Caller, Refusal, sniff};
use axum::RequestExt as _;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use bytes::BytesMut;
use futures_util::StreamExt as _;
use http_body_util::LengthLimitError;
use muster_kernel::{Problem, ProblemKind};
use std::convert::Infallible;
use std::error::Error;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// Bodies held at a time: of 64 MB at most, as the doors say; so half a gigabyte at worst.
const HELD_MAX: usize = 8;
/// Of them, those of one account.
const HELD_OWN_MAX: usize = 2;
/// Longest that a sender waits for its turn.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// Longest that a body may take to come in.
const BODY_MAX: Duration = Duration::from_secs(600);
/// How a body must come on: a line that was idle may need a while to wake.
const PACE: Pace = Pace { bytes: 16 << 10, first: Duration::from_secs(20), step: Duration::from_secs(10) };
/// When who did not get a turn may try again, seconds.
const RETRY_S: u32 = 10;

static HELD: LazyLock<Places> = LazyLock::new(|| Places::new(HELD_MAX, HELD_OWN_MAX));
static READ: Semaphore = Semaphore::const_new(1);

/// How far a body comes on, or ends, in a step.
struct Pace {
    bytes: usize,
    /// Longest that the first step may take.
    first: Duration,
    /// Longest that each after it may take.
    step: Duration,
}

/// A body of which nothing was taken yet.
pub struct Coming(Request);

/// A body that takes a place among the few that are held, until it is dropped.
pub struct Upload {
    /// What was sent.
    pub bytes: Bytes,
    _place: Place,
}

/// The turn of the one file that is read, until it is dropped.
pub struct Turn {
    _permit: SemaphorePermit<'static>,
}

impl<S: Send + Sync> FromRequest<S> for Coming {
    type Rejection = Infallible;
    async fn from_request(request: Request, _: &S) -> Result<Self, Infallible> {
        Ok(Self(request))
    }
}

impl Coming {
    /// Takes the body in, at a place of its sender. Only once it is known that they may send it.
    ///
    /// # Errors
    /// `request.too_many`; `busy` and `upload.own_full` after a minute without a place, `upload.too_slow` where the body does not come on,
    /// `request.too_large`, `upload.type_mismatch` where it is not what its `Content-Type` says.
    pub async fn come_in(self, caller: &Caller) -> Result<Upload, Refusal> {
        caller.limits.file(&caller.account.id)?;
        let place = HELD.take(&caller.account.id, WAIT_MAX).await.map_err(|full| match full {
            Full::Own => Problem::new(ProblemKind::Busy, "upload.own_full").retry_after(RETRY_S),
            Full::All => busy(),
        })?;
        let said = self.0.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let said = said.map(str::to_owned);
        let bytes = timeout(BODY_MAX, taken(self.0, &PACE)).await.map_err(|_| too_slow())??;
        if let Some(is) = sniff::mismatch(said.as_deref(), &bytes) {
            let mismatch = Problem::new(ProblemKind::Unsupported, "upload.type_mismatch");
            return Err(mismatch.with("said", said.unwrap_or_default()).with("is", is.word()).into());
        }
        Ok(Upload { bytes, _place: place })
    }
}

impl Upload {
    /// Waits for the turn to be read.
    ///
    /// # Errors
    /// `busy` after a minute.
    pub async fn turn(&self) -> Result<Turn, Problem> {
        let permit =
            timeout(WAIT_MAX, READ.acquire()).await.map_err(|_| busy())?.map_err(Problem::internal)?;
        Ok(Turn { _permit: permit })
    }
}

/// The whole of a body, while it comes on.
async fn taken(request: Request, pace: &Pace) -> Result<Bytes, Problem> {
    let mut parts = request.with_limited_body().into_body().into_data_stream();
    let (mut bytes, mut patience) = (BytesMut::new(), pace.first);
    loop {
        let until = bytes.len() + pace.bytes;
        let step = async {
            while bytes.len() < until {
                match parts.next().await {
                    Some(part) => bytes.extend_from_slice(&part.map_err(|error| unread(&error))?),
                    None => return Ok(true),
                }
            }
            Ok::<_, Problem>(false)
        };
        if timeout(patience, step).await.map_err(|_| too_slow())?? {
            return Ok(bytes.freeze());
        }
        patience = pace.step;
    }
}

fn unread(error: &axum::Error) -> Problem {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return Problem::new(ProblemKind::TooLarge, "request.too_large");
        }
        cause = error.source();
    }
    Problem::invalid("request.unreadable")
}

fn too_slow() -> Problem {
    Problem::new(ProblemKind::Busy, "upload.too_slow").retry_after(RETRY_S)
}

fn busy() -> Problem {
    Problem::new(ProblemKind::Busy, "busy").retry_after(RETRY_S)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use futures_util::stream;

    const STEP: usize = 100;
    const QUICK: Pace =
        Pace { bytes: STEP, first: Duration::from_millis(600), step: Duration::from_millis(300) };

    /// A body of parts of so many bytes, each after so many milliseconds.
    async fn check(parts: &'static [(u64, usize)], expected: Result<usize, &'static str>) {
        let parts = stream::iter(parts).then(async |(wait_ms, bytes)| {
            tokio::time::sleep(Duration::from_millis(*wait_ms)).await;
            Ok::<_, Infallible>(vec![0_u8; *bytes])
        });
        let got = taken(Request::new(Body::from_stream(parts)), &QUICK).await;
        assert_eq!(got.map(|bytes| bytes.len()).map_err(|problem| problem.code), expected);
    }

    #[tokio::test]
    async fn a_body_that_comes_on_is_taken_and_another_is_not() {
        tokio::join!(
            check(&[], Ok(0)),
            check(&[(400, 5)], Ok(5)),
            check(&[(900, 5)], Err("upload.too_slow")),
            check(&[(400, STEP), (100, STEP), (100, STEP - 1), (50, 1), (100, 1)], Ok(3 * STEP + 1)),
            // Says something all the time, and does not come on.
            check(&[(50, 1); 40], Err("upload.too_slow")),
            check(&[(10, 3 * STEP), (600, STEP)], Err("upload.too_slow")),
            // 2 MB, where no door says anything else.
            check(&[(1, 1 << 20), (1, 1 << 20), (1, 1)], Err("request.too_large")),
        );
    }
}
