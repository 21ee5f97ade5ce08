//! A PostgreSQL cluster of our own for the length of a test run: on a free loopback port, with a password nobody
//! knows, durable as in earnest (`fsync` on), ended with us however we end.

use crate::{Outcome, place, step};
use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

/// How long a cluster may take to answer on a busy machine.
const START_MAX: Duration = Duration::from_secs(60);

/// A running cluster; dropping it stops it and removes its files.
pub(crate) struct Cluster {
    server: Child,
    folder: PathBuf,
    url: String,
}

/// The folder with `initdb` and `postgres`, of the newest version from 15 on.
pub(crate) fn programs() -> Option<PathBuf> {
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .filter_map(|entry| Some((version(&entry.path()).filter(|v| *v >= 15)?, entry.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").exists() && bin.join("postgres").exists())
        .max()
        .map(|(_, bin)| bin)
}

impl Cluster {
    /// Makes and starts a cluster. As root it runs as the user `postgres`, because PostgreSQL refuses root.
    pub(crate) fn start() -> Outcome<Cluster> {
        let bin = programs().ok_or("PostgreSQL 15 is not installed (Debian: postgresql-15)")?;
        let owner = if place::is_root() { Some(postgres_user()?) } else { None };
        let folder = empty_folder(owner)?;
        let password = random_word()?;
        let secret = folder.join("password");
        fs::write(&secret, &password).map_err(|e| format!("{}: {e}", secret.display()))?;
        if let Some((uid, gid)) = owner {
            chown(&secret, Some(uid), Some(gid)).map_err(|e| format!("{}: {e}", secret.display()))?;
        }
        let data = folder.join("data");
        step::run(
            "database cluster",
            as_owner(owner, &bin.join("initdb"))
                .current_dir(&folder)
                .args(["--username=muster", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"])
                .arg(format!("--pwfile={}", secret.display()))
                .arg(format!("--pgdata={}", data.display())),
        )?;
        let port = free_port()?;
        let log = step::log_path("postgres");
        let server = as_owner(owner, &bin.join("postgres"))
            .current_dir(&folder)
            .arg("-D")
            .arg(&data)
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=on"])
            .args(["-c", "max_connections=200", "-c", "max_wal_size=2GB", "-c", "shared_buffers=256MB"])
            .arg("-c")
            .arg(format!("port={port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(step::open_log(&log)?)
            .spawn()
            .map_err(|e| format!("postgres did not start: {e}"))?;
        let url = format!("postgres://muster:{password}@127.0.0.1:{port}/postgres");
        let mut cluster = Cluster { server, folder, url };
        cluster.wait_until_open(port, &log)?;
        Ok(cluster)
    }

    /// The address for `MUSTER_TEST_POSTGRES`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    fn wait_until_open(&mut self, port: u16, log: &Path) -> Outcome {
        let since = Instant::now();
        while since.elapsed() < START_MAX {
            let ready = fs::read_to_string(log).is_ok_and(|t| t.contains("ready to accept connections"));
            if ready && TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(());
            }
            if !matches!(self.server.try_wait(), Ok(None)) {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(format!("PostgreSQL did not open: {}", step::tail(log, 5).join("\n")))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // SIGINT is PostgreSQL's "fast": open connections are closed, nothing is lost.
        let _ = Command::new("kill").arg("-INT").arg(self.server.id().to_string()).status();
        let _ = self.server.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A program run as the cluster's owner, which the kernel ends (SIGINT) when we are gone, also by kill -9.
fn as_owner(owner: Option<(u32, u32)>, program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    if let Some((uid, gid)) = owner {
        command.arg(format!("--reuid={uid}")).arg(format!("--regid={gid}")).arg("--clear-groups");
    }
    command.arg("--pdeathsig=INT").arg("--").arg(program);
    command
}

/// `target/pg`, or a folder for temporary files where the owner may not walk into the clone (a clone under /root).
fn empty_folder(owner: Option<(u32, u32)>) -> Outcome<PathBuf> {
    let near = place::target().join("pg");
    let far = std::env::temp_dir().join(format!("muster-pg-{}", std::process::id()));
    for folder in [near, far] {
        let at = |e| format!("{}: {e}", folder.display());
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(at)?;
        let Some((uid, gid)) = owner else { return Ok(folder) };
        chown(&folder, Some(uid), Some(gid)).map_err(at)?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).map_err(at)?;
        let enters = as_owner(owner, Path::new("test")).arg("-w").arg(&folder).status();
        if enters.is_ok_and(|status| status.success()) {
            return Ok(folder);
        }
        let _ = fs::remove_dir_all(&folder);
    }
    Err("no folder in which the user postgres may write".into())
}

/// User and group id of `postgres`, which Debian's package makes.
fn postgres_user() -> Outcome<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").map_err(|e| format!("/etc/passwd: {e}"))?;
    users
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.first() == Some(&"postgres"))
        .and_then(|fields| Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?)))
        .ok_or_else(|| "there is no user called postgres, and PostgreSQL refuses to run as root".into())
}

fn free_port() -> Outcome<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).and_then(|l| l.local_addr());
    listener.map(|address| address.port()).map_err(|e| format!("no free port: {e}"))
}

/// A word nobody can guess: any user of the machine reaches a loopback port, so the cluster asks for it.
fn random_word() -> Outcome<String> {
    let mut bytes = [0_u8; 16];
    let read = fs::File::open("/dev/urandom").and_then(|mut f| f.read_exact(&mut bytes));
    read.map_err(|e| format!("/dev/urandom: {e}"))?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}
