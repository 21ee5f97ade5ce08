//! The worker: claims what is due, has it carried out, notes what came of it.

use super::courier::Post;
use super::model::Erred;
use super::store;
use super::verbs::{self, Carried, Claimed};
use crate::{App, Ctx, Fail, Reach};
use muster_kernel::{Actor, Locale};
use muster_store::Tx;
use tokio::task::JoinSet;

/// Messages on their way at a time.
const ON_THEIR_WAY: usize = 8;

/// Carries out all that is due by now; what came of it. Nothing where this server sends no letters.
///
/// # Errors
/// The store's. What was claimed by then is claimed again after five minutes.
pub async fn round(app: &App) -> Result<Carried, Fail> {
    let mut all = Carried::default();
    if !app.outbound.sends() {
        return Ok(all);
    }
    // Most seconds nothing is due: that is read, and writes nothing.
    let now_ms = app.clock.now_ms();
    if app.db.read("outbox.due", move |rx| store::channels_due(rx, now_ms, 1)).await?.is_empty() {
        return Ok(all);
    }
    let (mut away, mut is_more) = (JoinSet::new(), true);
    loop {
        while is_more && away.len() < ON_THEIR_WAY {
            let room = ON_THEIR_WAY - away.len();
            let (claimed, carried) = claim(app, room).await?;
            add(&mut all, carried);
            is_more = !claimed.is_empty() || carried.given_up > 0;
            for one in claimed {
                away.spawn(carry(app.clone(), one));
            }
        }
        match away.join_next().await {
            Some(Ok(carried)) => {
                add(&mut all, carried?);
                is_more = true;
            }
            // It broke off: its claim runs out.
            Some(Err(why)) => tracing::warn!(%why, "a letter's courier broke off"),
            None => return Ok(all),
        }
    }
}

fn add(all: &mut Carried, more: Carried) {
    all.sent += more.sent;
    all.failed += more.failed;
    all.given_up += more.given_up;
}

fn ctx(app: &App) -> Ctx {
    app.ctx(Actor::system("outbound"), Reach::All, Locale::default())
}

async fn claim(app: &App, room: usize) -> Result<(Vec<Claimed>, Carried), Fail> {
    let ctx = ctx(app);
    let now_ms = ctx.now_ms;
    app.db.write("outbox.claim", now_ms, move |tx: &mut Tx<'_>| verbs::claim(tx, &ctx, room)).await
}

async fn carry(app: App, claimed: Claimed) -> Result<Carried, Fail> {
    let came = match (app.outbound.post(), &claimed.target) {
        (Some(post), Ok(target)) => send(post, target, &claimed).await,
        (_, Err(erred)) => Err(erred.clone()),
        (None, _) => Err(Erred::again("no_settings")),
    };
    if let Err(erred) = &came {
        // No address, no words, nothing of what was answered.
        tracing::warn!(message = %claimed.message.key, kind = claimed.kind.word(), error = %erred.code, "a letter was not taken");
    }
    let ctx = ctx(&app);
    let now_ms = ctx.now_ms;
    let settle = move |tx: &mut Tx<'_>| verbs::settle(tx, &ctx, &claimed, &came);
    app.db.write("outbox.settle", now_ms, settle).await
}

async fn send(post: &Post, target: &super::Target, claimed: &Claimed) -> Result<(), Erred> {
    post.send(claimed.kind, target, &claimed.message).await
}
