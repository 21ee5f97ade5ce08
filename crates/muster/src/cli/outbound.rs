//! `muster channel` and `muster outbox`: by what units are reached, and how far letters came, through the same doors as a
//! page; and where `muster serve` reads what may be reached.

use super::door::{Knowing, ask_knowing, escape, given, tell};
use super::{Common, Stop};
use crate::outbound::{self, Outbound};
use axum::http::Method;
use clap::{Args, Subcommand, ValueEnum};
use muster_kernel::{Problem, ProblemKind};
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Longest key or secret that is read from a file, in bytes.
const SECRET_BYTES_MAX: u64 = 4_096;

/// Where the file of what may be reached is.
#[derive(Args, Clone)]
pub(crate) struct OutboundFrom {
    /// What this server may reach outside to send letters (mail server, hosts, folder): a TOML file. How it is written:
    /// docs/operating.md. Without it nothing is sent.
    #[arg(id = "outbound_file", long = "outbound", value_name = "FILE", env = "MUSTER_OUTBOUND")]
    pub(super) file: Option<PathBuf>,
}

impl OutboundFrom {
    /// What may be reached; nothing where no file is named.
    pub(super) fn read(&self) -> Result<Arc<Outbound>, Stop> {
        let Some(file) = &self.file else { return Ok(Arc::default()) };
        Ok(Arc::new(Outbound::new(outbound::read(file)?)?))
    }
    async fn told(&self, common: &Common, path: &str) -> Result<ExitCode, Stop> {
        common.must_be_there()?;
        let knowing = Knowing { outbound: self.read()?, ..Knowing::default() };
        let (status, answer) = ask_knowing(common, knowing, Method::GET, path, None).await?;
        if !status.is_success() {
            return common.refused(status, &answer);
        }
        common.answer(&answer)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// By what a channel is reached.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ChannelBy {
    /// Mail, by the operator's server.
    Mail,
    /// A POST of JSON, signed by its secret.
    Webhook,
    /// A group's robot of WeCom (企业微信).
    Wecom,
    /// A group's robot of DingTalk (钉钉).
    Dingtalk,
    /// A file in the operator's folder.
    Folder,
}

impl ChannelBy {
    fn word(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Webhook => "webhook",
            Self::Wecom => "wecom",
            Self::Dingtalk => "dingtalk",
            Self::Folder => "folder",
        }
    }
}

/// Channels of units: by what letters reach them. Where one leads is sealed, and never told again.
#[derive(Subcommand)]
#[command(after_help = HELP)]
pub(crate) enum ChannelCommand {
    /// The channels of a unit, and whether they may be reached.
    List {
        /// Code of the unit.
        unit: String,
        #[command(flatten)]
        from: OutboundFrom,
    },
    /// Set a channel whole: what is not said is not kept.
    Set(Box<ChannelSet>),
    /// End a channel: where it led is erased, and what waited for it will not be sent.
    End {
        /// Code of the unit.
        unit: String,
        /// Code of the channel.
        channel: String,
    },
    /// Write one letter to a channel, to see whether it comes: the server that runs sends it.
    Test {
        /// Code of the unit.
        unit: String,
        /// Code of the channel.
        channel: String,
    },
}

/// What is said of a channel.
#[derive(Args)]
pub(crate) struct ChannelSet {
    /// Code of the unit.
    unit: String,
    /// Code of the channel: lower-case letters, digits, hyphens.
    channel: String,
    /// By what it is reached.
    #[arg(long)]
    kind: ChannelBy,
    /// Mail: the address; webhook: its URL; folder: its name.
    #[arg(long)]
    address: Option<String>,
    /// Robots: a file with the key (WeCom) or access token (DingTalk).
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// A file with what letters are signed by; of mail the password.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Mail: login at the server, where the unit has one of its own.
    #[arg(long)]
    user: Option<String>,
    /// Robots: a telephone that is called by name; repeat it for each.
    #[arg(long = "mention", value_name = "TELEPHONE")]
    mentions: Vec<String>,
    /// From when on nothing is sent, HH:MM.
    #[arg(long, value_name = "TIME", requires = "quiet_until")]
    quiet_from: Option<String>,
    /// Until when; what waited then goes as one.
    #[arg(long, value_name = "TIME", requires = "quiet_from")]
    quiet_until: Option<String>,
}

const HELP: &str = "\
Examples:
  muster channel set G07 duty --kind mail --address duty@g07.example --quiet-from 22:00 --quiet-until 07:00
  muster channel set G07 group --kind wecom --key-file key.txt
  muster channel set G07 robot --kind dingtalk --key-file token.txt --secret-file secret.txt
  muster channel test G07 duty
  muster outbox --unit G07

Exit codes: 0 done; 1 refused, and nothing is changed; 2 wrong command line; 3 the database or the machine failed.";

impl ChannelCommand {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        match self {
            Self::List { unit, from } => {
                from.told(common, &format!("/units/{}/channels", escape(&unit))).await
            }
            Self::Set(said) => {
                let text = |text: Option<String>| text.map(Value::from);
                let mut body = given(vec![
                    ("address", text(said.address)),
                    ("key", text(said.key_file.as_deref().map(secret).transpose()?)),
                    ("secret", text(said.secret_file.as_deref().map(secret).transpose()?)),
                    ("user", text(said.user)),
                    ("quiet_from", text(said.quiet_from)),
                    ("quiet_until", text(said.quiet_until)),
                ]);
                body.insert("kind".to_owned(), said.kind.word().into());
                body.insert("mentions".to_owned(), said.mentions.into());
                tell(common, Method::PUT, &door(&said.unit, &said.channel), &body.into()).await
            }
            Self::End { unit, channel } => {
                tell(common, Method::DELETE, &door(&unit, &channel), &json!({})).await
            }
            Self::Test { unit, channel } => {
                tell(common, Method::POST, &format!("{}/test", door(&unit, &channel)), &json!({})).await
            }
        }
    }
}

/// The door of a channel.
fn door(unit: &str, channel: &str) -> String {
    format!("/units/{}/channels/{}", escape(unit), escape(channel))
}

/// A key or secret from a file: a command line is read by others on the machine.
fn secret(file: &Path) -> Result<String, Stop> {
    let wrong = |why: &dyn std::fmt::Display| {
        let problem = Problem::new(ProblemKind::Busy, "channel.file");
        Stop::from(problem.with("file", file.display()).with("why", why))
    };
    let mut text = String::new();
    let opened = std::fs::File::open(file).map_err(|error| wrong(&error))?;
    opened.take(SECRET_BYTES_MAX).read_to_string(&mut text).map_err(|error| wrong(&error))?;
    Ok(text.trim().to_owned())
}

/// How far a letter came.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum LetterIn {
    /// Not sent yet.
    Waiting,
    /// Taken by whoever it was handed to.
    Sent,
    /// Tried in vain, and will be tried again.
    Failed,
    /// Tried in vain, and will not be tried again.
    GivenUp,
}

impl LetterIn {
    fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::GivenUp => "given_up",
        }
    }
}

/// Letters to units, the latest first: how far each came, and why not further.
#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Outbox {
    /// Code of a unit: only to it and those below it.
    #[arg(long)]
    unit: Option<String>,
    /// Only letters that came so far.
    #[arg(long)]
    state: Option<LetterIn>,
    /// Rows wanted, 1 to 1000.
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// Where the page before ended.
    #[arg(long)]
    cursor: Option<String>,
    #[command(flatten)]
    from: OutboundFrom,
}

impl Outbox {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        let unit = self.unit.map(|unit| format!("&node=unit:{}", escape(&unit))).unwrap_or_default();
        let state = self.state.map(|state| format!("&state={}", state.word())).unwrap_or_default();
        let cursor = self.cursor.map(|cursor| format!("&cursor={}", escape(&cursor))).unwrap_or_default();
        self.from.told(common, &format!("/outbox?limit={}{unit}{state}{cursor}", self.limit)).await
    }
}
