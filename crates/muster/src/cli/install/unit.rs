//! What is written on a machine that Muster is installed on: the service, its settings, its user. Pure: texts of a plan.

use crate::cli::outside::OutsideArgs;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Ports below this one are given to a process only with a right of its own.
const PORT_FREE: u16 = 1024;

/// Where things go; every path as the machine itself will see it.
pub(super) struct Plan {
    /// The folder of the program.
    pub(super) to: PathBuf,
    /// The folder of the data.
    pub(super) data: PathBuf,
    /// The system user that the service runs as.
    pub(super) user: String,
    /// How the outside reaches it.
    pub(super) outside: OutsideArgs,
    /// The file of groups' login services.
    pub(super) oidc: Option<PathBuf>,
    /// The file of what may be reached outside.
    pub(super) outbound: Option<PathBuf>,
    /// The language of its messages, as a tag.
    pub(super) lang: &'static str,
}

impl Plan {
    /// The program.
    pub(super) fn program(&self) -> PathBuf {
        self.to.join("muster")
    }
    /// The database.
    pub(super) fn database(&self) -> PathBuf {
        self.data.join("muster.db")
    }
    /// The settings.
    pub(super) fn env_file() -> &'static Path {
        Path::new("/etc/muster/muster.env")
    }
    /// The service.
    pub(super) fn unit_file() -> &'static Path {
        Path::new("/etc/systemd/system/muster.service")
    }
    /// The user.
    pub(super) fn sysusers_file() -> &'static Path {
        Path::new("/etc/sysusers.d/muster.conf")
    }

    /// The settings, as `EnvironmentFile` reads them: what `muster serve` takes as options.
    pub(super) fn env(&self) -> String {
        let out = &self.outside;
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let list = |all: Vec<String>| (!all.is_empty()).then(|| all.join(","));
        let settings = [
            ("MUSTER_DATABASE", Some(self.database().display().to_string())),
            ("MUSTER_LANG", Some(self.lang.to_owned())),
            ("MUSTER_LISTEN", Some(out.listen.to_string())),
            ("MUSTER_NAME", list(out.names.clone())),
            ("MUSTER_PROXY", list(out.proxies.iter().map(ToString::to_string).collect())),
            ("MUSTER_TLS_CERT", path(&out.tls_cert)),
            ("MUSTER_TLS_KEY", path(&out.tls_key)),
            ("MUSTER_PLAIN", out.plain.then(|| "true".to_owned())),
            ("MUSTER_OIDC", path(&self.oidc)),
            ("MUSTER_OUTBOUND", path(&self.outbound)),
            ("MUSTER_LIMITS", Some(out.limits.to_string())),
        ];
        let mut text =
            "# Settings of muster.service: each is an option of `muster serve` (muster serve --help).\n\
                        # After a change: systemctl restart muster\n"
                .to_owned();
        for (name, value) in settings {
            let _ = match value {
                Some(value) => writeln!(text, "{name}=\"{value}\""),
                None => writeln!(text, "#{name}="),
            };
        }
        text
    }

    /// The user, as systemd-sysusers reads it.
    pub(super) fn sysusers(&self) -> String {
        format!("u {} - \"Muster\" {} /usr/sbin/nologin\n", self.user, self.data.display())
    }

    /// The service. It may write to its data and nowhere else, see no home and no device, gain no right, and make no
    /// memory that it wrote executable: nothing in it compiles at run time.
    ///
    /// It is started again for as long as it takes: a database or a disk that was away for the night is no reason to stay off.
    /// Only a wrong command line never mends itself.
    ///
    /// `@resources` is not taken away from it: the printer and the reader of PDFs are started with bounded memory.
    pub(super) fn unit(&self) -> String {
        let (user, data) = (&self.user, self.data.display());
        // Below /var/lib and /var/log the folders are systemd's to make and to own.
        let state = match self.data.strip_prefix("/var/lib") {
            Ok(name) if name.components().count() > 0 => {
                format!("StateDirectory={}\nStateDirectoryMode=0700", name.display())
            }
            _ => format!("ReadWritePaths={data}"),
        };
        let (ambient, bounding) = match self.outside.listen.port() {
            1..PORT_FREE => ("AmbientCapabilities=CAP_NET_BIND_SERVICE\n", "CAP_NET_BIND_SERVICE"),
            _ => ("", ""),
        };
        // Without a certificate nothing is read anew, and a hang-up would end it.
        let reload = match self.outside.tls_cert {
            Some(_) => "ExecReload=/bin/kill -HUP $MAINPID\n",
            None => "",
        };
        format!(
            "\
# Written by `muster install`. Own changes: systemctl edit muster
[Unit]
Description=Muster, the emergency command system
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=exec
User={user}
Group={user}
EnvironmentFile={env}
ExecStart={program} serve
{reload}Restart=on-failure
RestartSec=2
RestartPreventExitStatus=2
TimeoutStopSec=30
LimitNOFILE=8192
WorkingDirectory={data}
{state}
LogsDirectory=muster
LogsDirectoryMode=0700
UMask=0077

{ambient}CapabilityBoundingSet={bounding}
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
",
            env = Self::env_file().display(),
            program = self.program().display(),
        )
    }
}

/// Whether a path can stand in a unit and in a line of settings as it is: absolute, and nothing in it that either reads as
/// more than a letter.
pub(super) fn is_plain(path: &Path) -> bool {
    let letter = |c: char| c.is_alphanumeric() || "/._-+@,=".contains(c);
    let steps = path.components().all(|step| !matches!(step, std::path::Component::ParentDir));
    path.is_absolute() && steps && path.to_str().is_some_and(|text| text.chars().all(letter))
}

/// Whether a system may have a user of this name.
pub(super) fn is_user(name: &str) -> bool {
    let rest = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
    (1..=31).contains(&name.len()) && rest && name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_read_as_more_than_a_path_or_a_name_is_refused() {
        for good in ["/var/lib/muster", "/srv/应急/muster-1", "/a.b/c_d+e@f"] {
            assert!(is_plain(Path::new(good)), "{good}");
        }
        for bad in ["", "var", "/a b", "/a%h", "/a$b", "/a\"b", "/a\nb", "/a/../b", "/a\\b", "/a#b", "/a;b"] {
            assert!(!is_plain(Path::new(bad)), "{bad}");
        }
        for good in ["muster", "_m", "muster-2"] {
            assert!(is_user(good), "{good}");
        }
        for bad in ["", "Muster", "0", "-m", "a b", "root:0", "a".repeat(32).as_str()] {
            assert!(!is_user(bad), "{bad}");
        }
    }
}
