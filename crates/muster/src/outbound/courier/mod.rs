//! Couriers: a closed set, each with its own way, one with an arm for tests.

mod folder;
mod mail;
mod robot;
mod webhook;

use super::model::{Erred, Kind, Target};
use super::reach::Web;
use super::settings::Settings;
use muster_kernel::Problem;
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;

/// How long one message may take with all its parts: well below the time for which it is claimed.
const MESSAGE_MAX: Duration = Duration::from_secs(90);

/// A message, ready to go: a letter, or several of one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it is known by when it comes twice.
    pub key: String,
    /// Words of what it is about: `reminder`, `test`; `digest` where several letters go as one.
    pub kind: String,
    /// In a line.
    pub subject: String,
    /// What it says, cut as the channel takes it, each part whole by itself.
    pub parts: Vec<String>,
    /// Parts that were taken at an earlier try.
    pub parts_sent: usize,
    /// Ids of the letters in it.
    pub letters: Vec<String>,
    /// When it goes, ms UTC.
    pub at_ms: i64,
}

/// What the couriers have to go by.
pub struct Post {
    settings: Settings,
    web: Web,
    memory: Option<Memory>,
}

/// What was given to the courier that keeps all in memory: by the channel's address.
pub type Memory = Arc<Mutex<Vec<(String, Message)>>>;

impl Post {
    /// By what the operator said.
    ///
    /// # Errors
    /// `outbound.settings`.
    pub(super) fn new(settings: Settings) -> Result<Self, Problem> {
        let web = Web::new(&settings)?;
        if let Some(smtp) = &settings.smtp {
            mail::check(smtp)?;
        }
        Ok(Self { web, settings, memory: None })
    }

    pub(super) fn with_memory(self) -> Self {
        Self { memory: Some(Memory::default()), ..self }
    }

    /// What was kept in memory; none outside tests.
    pub fn memory(&self) -> Option<&Memory> {
        self.memory.as_ref()
    }

    /// Whether a channel of this kind at this host may be reached.
    pub(super) fn allows(&self, kind: Kind, host: &str) -> bool {
        match kind {
            Kind::Mail => self.settings.smtp.is_some(),
            Kind::Webhook => self.web.names(host),
            Kind::Wecom => self.web.names(authority(&self.settings.wecom)),
            Kind::Dingtalk => self.web.names(authority(&self.settings.dingtalk)),
            Kind::Folder => self.settings.folder.is_some(),
            Kind::Memory => self.memory.is_some(),
        }
    }

    /// Carries a message out.
    ///
    /// # Errors
    /// Why it was not taken, or not all of it.
    pub(super) async fn send(&self, kind: Kind, target: &Target, message: &Message) -> Result<(), Erred> {
        let sent = async {
            match kind {
                Kind::Mail => match &self.settings.smtp {
                    Some(smtp) => mail::send(smtp, target, message).await,
                    None => Err(Erred::for_good("kind_refused")),
                },
                Kind::Webhook => webhook::send(&self.web, target, message).await,
                Kind::Wecom => robot::wecom(&self.web, &self.settings.wecom, target, message).await,
                Kind::Dingtalk => robot::dingtalk(&self.web, &self.settings.dingtalk, target, message).await,
                Kind::Folder => match &self.settings.folder {
                    Some(folder) => folder::send(folder, target, message).await,
                    None => Err(Erred::for_good("kind_refused")),
                },
                Kind::Memory => match &self.memory {
                    Some(memory) => {
                        memory.lock().push((target.address.clone(), message.clone()));
                        Ok(())
                    }
                    None => Err(Erred::for_good("kind_refused")),
                },
            }
        };
        tokio::time::timeout(MESSAGE_MAX, sent).await.unwrap_or_else(|_| Err(Erred::again("timeout")))
    }
}

/// Host and port of an address.
fn authority(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}
