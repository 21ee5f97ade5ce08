//! Looked at first: a change is done to the last step, answered, and taken back as what failed is. So what is wrong is told
//! before anything is stored, and by the very lines that would store it.

use crate::request::{Answer, Once, Reply};
use crate::{App, Ctx, Fail};
use muster_kernel::Problem;
use muster_store::{StoreError, Tx};
use serde::Deserialize;
use utoipa::IntoParams;

/// Whether a change is only looked at.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Looking {
    /// Only to say what would come of it: all is done to the last step and taken back. Answers the preview, or the
    /// refusal that the change would meet.
    #[serde(default)]
    pub dry_run: bool,
}

/// How a change ends that may be only looked at.
pub(crate) enum Ended<T> {
    /// Looked at, and taken back.
    Looked(T),
    /// Refused, or not to be done.
    Failed(Fail),
}

impl<T> From<StoreError> for Ended<T> {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl<T> Ended<T> {
    /// What a deed came to, so that the transaction takes it back where it was only looked at.
    pub(crate) fn of(done: Result<T, Fail>, dry_run: bool) -> Result<T, Self> {
        match done {
            Ok(done) if dry_run => Err(Self::Looked(done)),
            done => done.map_err(Self::Failed),
        }
    }
    /// What is answered, whether it was done or looked at.
    pub(crate) fn answer(ended: Result<T, Self>) -> Result<T, Fail> {
        match ended {
            Ok(done) | Err(Self::Looked(done)) => Ok(done),
            Err(Self::Failed(fail)) => Err(fail),
        }
    }
}

impl Looking {
    /// Runs a deed as one write: once under its sender's key, or, looked at, as often as it is asked and without a trace.
    pub async fn write(
        self,
        app: &App,
        ctx: Ctx,
        once: Once,
        name: &'static str,
        deed: impl Fn(&mut Tx<'_>, &Ctx) -> Result<Reply, Fail> + Send + 'static,
    ) -> Answer<Reply> {
        let now_ms = ctx.now_ms;
        let ended = app.db.write(name, now_ms, self.run(ctx, once, deed)).await;
        Ok(Ended::answer(ended).map_err(Problem::from)?)
    }

    /// The same behind what people do one by one.
    pub async fn write_bulk(
        self,
        app: &App,
        ctx: Ctx,
        once: Once,
        name: &'static str,
        deed: impl Fn(&mut Tx<'_>, &Ctx) -> Result<Reply, Fail> + Send + 'static,
    ) -> Answer<Reply> {
        let now_ms = ctx.now_ms;
        let ended = app.db.write_bulk(name, now_ms, self.run(ctx, once, deed)).await;
        Ok(Ended::answer(ended).map_err(Problem::from)?)
    }

    fn run(
        self,
        ctx: Ctx,
        once: Once,
        deed: impl Fn(&mut Tx<'_>, &Ctx) -> Result<Reply, Fail> + Send + 'static,
    ) -> impl Fn(&mut Tx<'_>) -> Result<Reply, Ended<Reply>> + Send + 'static {
        move |tx| match self.dry_run {
            true => Ended::of(deed(tx, &ctx).map(Reply::untagged), true),
            false => once.run(tx, &ctx, |tx| deed(tx, &ctx)).map_err(Ended::Failed),
        }
    }
}
