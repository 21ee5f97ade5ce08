//! `muster install`: the one file becomes a service of the machine. Nothing is fetched from anywhere.

mod files;
mod unit;

use super::oidc::OidcFrom;
use super::outbound::OutboundFrom;
use super::outside::OutsideArgs;
use super::{Common, Stop, file_problem};
use crate::say;
use clap::Args;
use files::Place;
use muster_kernel::{Locale, Problem, ProblemKind};
use serde_json::json;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use unit::Plan;

/// Install this very program as a service of this machine (systemd), as root.
///
/// Copies the program, makes a system user and a folder for the data that only this user may open, and writes the service
/// (/etc/systemd/system/muster.service) and its settings (/etc/muster/muster.env). Nothing is started, and nothing is
/// fetched: what to do next is said. Done again, it brings the program up to date; a file of it that somebody changed
/// stays as it is, and the new one stands beside it as .new. --remove takes away what was installed and nobody changed,
/// and never the data, nor the user whose they are.
///
/// Exit codes: 0 done; 1 refused (not root, or an odd path or name); 2 wrong command line; 3 the machine failed.
#[derive(Args)]
pub(crate) struct Install {
    /// Folder for the program.
    #[arg(long, value_name = "FOLDER", default_value = "/usr/local/bin")]
    to: PathBuf,
    /// Folder for the data.
    #[arg(long, value_name = "FOLDER", default_value = "/var/lib/muster")]
    data: PathBuf,
    /// System user that the service runs as; made where there is none.
    #[arg(long, value_name = "NAME", default_value = "muster")]
    user: String,
    #[command(flatten)]
    outside: OutsideArgs,
    #[command(flatten)]
    oidc: OidcFrom,
    #[command(flatten)]
    outbound: OutboundFrom,
    /// Take away what was installed; never the data.
    #[arg(long)]
    remove: bool,
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
    /// A folder that stands for the root of the machine: files only, no user.
    #[arg(long, value_name = "FOLDER")]
    root: Option<PathBuf>,
}

impl Install {
    pub(crate) fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        let outside = &self.outside;
        for path in [
            Some(&self.to),
            Some(&self.data),
            outside.tls_cert.as_ref(),
            outside.tls_key.as_ref(),
            self.oidc.file.as_ref(),
            self.outbound.file.as_ref(),
        ] {
            if let Some(path) = path.filter(|path| !unit::is_plain(path)) {
                return Err(Problem::invalid("install.path").with("path", path.display()).into());
            }
        }
        if !unit::is_user(&self.user) {
            return Err(Problem::invalid("install.user_name").with("user", &self.user).into());
        }
        if self.root.is_none() && !self.dry_run && !rustix::process::geteuid().is_root() {
            return Err(Problem::new(ProblemKind::Forbidden, "install.root_needed").into());
        }
        let root = self.root.clone().unwrap_or_else(|| PathBuf::from("/"));
        let mut place = Place::open(&root, self.dry_run)?;
        if self.remove {
            place.remove_all()?;
            let notes = vec![
                ("install.data_stays", self.data.display().to_string()),
                ("install.next", "  systemctl daemon-reload".to_owned()),
            ];
            return self.tell(common, &place, notes);
        }
        self.outside.check()?;
        let plan = Plan {
            to: self.to.clone(),
            data: self.data.clone(),
            user: self.user.clone(),
            outside: self.outside.clone(),
            oidc: self.oidc.file.clone(),
            outbound: self.outbound.file.clone(),
            lang: common.locale().tag(),
        };
        let was_there = place.at(Plan::unit_file()).exists();
        self.programs(&plan, &mut place)?;
        place.settle(Plan::sysusers_file(), &plan.sysusers(), 0o644)?;
        place.folder(Path::new("/etc/muster"), 0o700)?;
        place.settle(Plan::env_file(), &plan.env(), 0o600)?;
        place.settle(Plan::unit_file(), &plan.unit(), 0o644)?;
        place.keep_note()?;
        place.folder(&self.data, 0o700)?;
        let mut notes = vec![self.user_made(&place)?];
        if let Some(warning) = self.outside.warning(common.locale()) {
            eprintln!("{warning}");
        }
        notes.push(("install.next", self.next_steps(common.locale(), &plan, was_there)));
        self.tell(common, &place, notes)
    }

    /// This program, and the printer where it is one of its own and stands beside.
    fn programs(&self, plan: &Plan, place: &mut Place) -> Result<(), Stop> {
        let own = std::env::current_exe()?;
        place.program(&plan.program(), &own)?;
        let printer = own.with_file_name("muster-print");
        if printer.is_file() {
            place.program(&plan.to.join("muster-print"), &printer)?;
        }
        Ok(())
    }

    /// Makes the user, and gives them the folder of the data. What came of it.
    fn user_made(&self, place: &Place) -> Result<(&'static str, String), Stop> {
        if self.root.is_some() {
            return Ok(("install.user_left", self.user.clone()));
        }
        let known = || quietly("id", &["-u", &self.user]);
        let was_there = known().is_some();
        if self.dry_run {
            let code = if was_there { "install.user_there" } else { "install.dry.user_made" };
            return Ok((code, self.user.clone()));
        }
        if !was_there {
            let data = self.data.display().to_string();
            let add = ["--system", "--user-group", "--no-create-home", "--home-dir", &data];
            let add = [&add[..], &["--shell", "/usr/sbin/nologin", &self.user]].concat();
            let sysusers = Plan::sysusers_file().display().to_string();
            let _ = quietly("systemd-sysusers", &[&sysusers]);
            if known().is_none() {
                let _ = quietly("useradd", &add);
            }
        }
        let number = |text: Option<String>| text.and_then(|text| text.trim().parse::<u32>().ok());
        let ids = (number(known()), number(quietly("id", &["-g", &self.user])));
        let (Some(user), Some(group)) = ids else {
            let lacking = Problem::new(ProblemKind::Busy, "install.user_not_made");
            return Err(lacking.with("user", &self.user).into());
        };
        let data = place.at(&self.data);
        std::os::unix::fs::chown(&data, Some(user), Some(group))
            .map_err(|error| file_problem(&data, &error))?;
        Ok((if was_there { "install.user_there" } else { "install.user_made" }, self.user.clone()))
    }

    /// What is left to do, as commands that can be copied. `was_there`: a service was installed before, and only takes over
    /// what is new.
    fn next_steps(&self, locale: Locale, plan: &Plan, was_there: bool) -> String {
        let begin = format!(
            "echo '{}' | runuser -u {} -- {} --database {} begin --office '...' --account duty",
            say::word(locale, "install.password"),
            self.user,
            plan.program().display(),
            plan.database().display()
        );
        let mut lines = vec!["systemctl daemon-reload".to_owned()];
        if was_there {
            lines.push("systemctl restart muster".to_owned());
        } else {
            lines.extend([begin, "systemctl enable --now muster".to_owned()]);
        }
        let urls = self.outside.urls(self.outside.listen);
        let urls = urls.into_iter().map(|url| format!("# {}", opened(&url, self.outside.listen)));
        let all = lines.into_iter().chain(urls);
        all.map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
    }

    /// Says what was done, and what is to be done.
    fn tell(
        &self,
        common: &Common,
        place: &Place,
        notes: Vec<(&'static str, String)>,
    ) -> Result<ExitCode, Stop> {
        if common.json {
            let files: Vec<_> =
                place.done.iter().map(|(path, did)| json!({ "path": path, "did": did.code() })).collect();
            let notes: Vec<_> =
                notes.iter().map(|(code, what)| json!({ "code": code, "what": what })).collect();
            common.answer(&json!({ "dry_run": self.dry_run, "files": files, "notes": notes }))?;
            return Ok(ExitCode::SUCCESS);
        }
        if self.dry_run {
            common.tell("install.dry", &[])?;
        }
        for (path, did) in &place.done {
            common.tell(
                if self.dry_run { did.would() } else { did.code() },
                &[("path", path.display().to_string())],
            )?;
        }
        for (code, what) in notes {
            println!("{}", say::say(common.locale(), code, &[("what".to_owned(), what)].into()));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// An address as a browser can open it: one that stands for all of this machine's is said by the machine's name.
fn opened(url: &str, listen: SocketAddr) -> String {
    let name =
        || quietly("uname", &["-n"]).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    match listen.ip().is_unspecified().then(name).flatten() {
        Some(name) => url.replacen(&listen.to_string(), &format!("{name}:{}", listen.port()), 1),
        None => url.to_owned(),
    }
}

/// What a program of the machine answers; none where it is not there or does not do it.
fn quietly(program: &str, args: &[&str]) -> Option<String> {
    let out = Command::new(program).args(args).stdin(Stdio::null()).output().ok()?;
    out.status.success().then(|| String::from_utf8_lossy(&out.stdout).into_owned())
}
