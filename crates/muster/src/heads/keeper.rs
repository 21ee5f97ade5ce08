//! Who writes the lines while the server runs: now and again, and when it stops.

use super::folder::append;
use crate::App;
use ed25519_dalek::SigningKey;
use muster_store::{SavedHeads, heads};
use parking_lot::Mutex;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How it stands with the lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// When the last line was written, ms UTC; none since the server began.
    pub written_at: Option<i64>,
    /// Why the last one was not.
    pub failed: Option<String>,
}

/// Signs heads into a folder. Cheap to clone.
#[derive(Clone)]
pub struct Keeper(Arc<Inner>);

struct Inner {
    key: SigningKey,
    folder: PathBuf,
    every: Duration,
    kept: Mutex<Kept>,
}

impl Keeper {
    /// Of a key, into a folder, this often.
    pub fn new(key: SigningKey, folder: PathBuf, every: Duration) -> Self {
        Self(Arc::new(Inner { key, folder, every, kept: Mutex::default() }))
    }

    /// How it stands.
    pub fn kept(&self) -> Kept {
        self.0.kept.lock().clone()
    }

    /// Writes a line at once, and then one each time; never ends. A line that cannot be written is said in the log, and
    /// tried again: reports go on.
    pub async fn keep(self, app: App) {
        loop {
            self.write(&app).await;
            tokio::time::sleep(self.0.every).await;
        }
    }

    /// Writes a line now, or notes why not.
    pub async fn write(&self, app: &App) {
        let at = app.clock.now_ms();
        let written = self.written(app, at).await;
        let mut kept = self.0.kept.lock();
        match written {
            Ok(()) => *kept = Kept { written_at: Some(at), failed: None },
            Err(why) => {
                let folder = self.0.folder.display();
                tracing::error!(%folder, %why, "the heads of the journal could not be signed; it is tried again");
                kept.failed = Some(why);
            }
        }
    }

    async fn written(&self, app: &App, at: i64) -> Result<(), String> {
        let ends = app.db.read("heads.ends", |rx| heads(rx)).await.map_err(|why| why.to_string())?;
        let (own, heads) = (self.clone(), SavedHeads::new(at, &ends).heads);
        let appended =
            tokio::task::spawn_blocking(move || append(&own.0.folder, &own.0.key, at, heads).map(drop)).await;
        appended.map_err(|why| why.to_string())?.map_err(|why| why.to_string())
    }
}
