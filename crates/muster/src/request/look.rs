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
enum Ended {
    Looked(Reply),
    Failed(Fail),
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
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
        let write = move |tx: &mut Tx<'_>| match self.dry_run {
            true => Err(deed(tx, &ctx).map_or_else(Ended::Failed, |reply| Ended::Looked(reply.untagged()))),
            false => once.run(tx, &ctx, |tx| deed(tx, &ctx)).map_err(Ended::Failed),
        };
        match app.db.write(name, now_ms, write).await {
            Ok(reply) | Err(Ended::Looked(reply)) => Ok(reply),
            Err(Ended::Failed(fail)) => Err(Problem::from(fail).into()),
        }
    }
}
