//! The one file becomes a service: into a folder that stands for the machine, again, after somebody changed something,
//! and away again.

use crate::command::{Folder, muster};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

const UNIT: &str = "etc/systemd/system/muster.service";
const ENV: &str = "etc/muster/muster.env";

/// What the command says, and the code it ends with.
fn install(root: &str, args: &[&str]) -> (Option<i32>, String) {
    let out = muster("unused.db", &[&["install", "--root", root], args].concat());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (out.status.code(), text(&out.stdout) + &text(&out.stderr))
}

fn read(root: &str, path: &str) -> String {
    fs::read_to_string(Path::new(root).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn mode(root: &str, path: &str) -> u32 {
    fs::metadata(Path::new(root).join(path)).unwrap().permissions().mode() & 0o777
}

#[test]
fn it_installs_updates_keeps_what_was_changed_and_removes_but_never_the_data() {
    let folder = Folder::new("install");
    let root = folder.path("machine");
    let options = ["--listen", "0.0.0.0:443", "--name", "desk.example", "--tls-cert", "/etc/ssl/desk.pem"];
    let options = [&options[..], &["--tls-key", "/etc/ssl/desk.key"]].concat();
    // Said first, and nothing written.
    let (code, said) = install(&root, &[&options[..], &["--dry-run"]].concat());
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("/usr/local/bin/muster") && !Path::new(&root).exists(), "{said}");
    assert!(
        said.contains("to write ") && !said.contains("written "),
        "what would be done is not done: {said}"
    );
    assert!(
        said.contains("  echo 'a-long-password' | runuser -u muster -- "),
        "the password comes by standard input: {said}"
    );

    let (code, said) = install(&root, &options);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("systemctl enable --now muster") && said.contains("# https://desk.example\n"),
        "{said}"
    );
    let own = fs::read(env!("CARGO_BIN_EXE_muster")).unwrap();
    assert!(fs::read(Path::new(&root).join("usr/local/bin/muster")).unwrap() == own);
    assert_eq!(mode(&root, "usr/local/bin/muster"), 0o755);
    assert_eq!(
        [mode(&root, ENV), mode(&root, "etc/muster"), mode(&root, "var/lib/muster")],
        [0o600, 0o700, 0o700]
    );
    let env = read(&root, ENV);
    for line in [
        "MUSTER_DATABASE=\"/var/lib/muster/muster.db\"",
        "MUSTER_LISTEN=\"0.0.0.0:443\"",
        "MUSTER_NAME=\"desk.example\"",
        "MUSTER_TLS_KEY=\"/etc/ssl/desk.key\"",
        "#MUSTER_PLAIN=",
        "#MUSTER_OIDC=",
        "#MUSTER_OUTBOUND=",
        "MUSTER_LIMITS=\"50\"",
    ] {
        assert!(env.lines().any(|own| own == line), "{line}: {env}");
    }
    let unit = read(&root, UNIT);
    for line in [
        "User=muster",
        "ExecStart=/usr/local/bin/muster serve",
        "StateDirectory=muster",
        "AmbientCapabilities=CAP_NET_BIND_SERVICE",
        "ProtectSystem=strict",
        "Restart=on-failure",
        "RestartPreventExitStatus=2",
        "StartLimitIntervalSec=0",
    ] {
        assert!(unit.lines().any(|own| own == line), "{line}: {unit}");
    }

    // Again: nothing to do. With other options: what nobody changed is brought up to date.
    let (code, said) = install(&root, &options);
    assert!(code == Some(0) && !said.contains("written") && said.contains("as it should be"), "{said}");
    assert!(said.contains("systemctl restart muster") && !said.contains(" begin "), "what runs takes over");
    let (_, said) = install(&root, &["--listen", "10.0.0.1", "--plain", "--data", "/srv/muster"]);
    assert!(said.contains("brought up to date /etc/systemd/system/muster.service"), "{said}");
    assert!(said.contains("in the clear") && said.contains("passwords"), "{said}");
    let unit = read(&root, UNIT);
    assert!(unit.contains("\nReadWritePaths=/srv/muster\n") && !unit.contains("StateDirectory"), "{unit}");
    assert!(!unit.contains("CAP_NET_BIND_SERVICE") && !unit.contains("ExecReload"), "{unit}");
    assert!(read(&root, ENV).contains("MUSTER_PLAIN=\"true\""));

    // Changed by somebody: it stays, and the new one stands beside.
    let at = |path: &str| Path::new(&root).join(path);
    let mine = read(&root, ENV) + "MUSTER_LOG=debug\n";
    fs::write(at(ENV), &mine).unwrap();
    let (code, said) = install(&root, &options);
    assert!(code == Some(0) && said.contains("/etc/muster/muster.env.new"), "{said}");
    assert_eq!(read(&root, ENV), mine);
    assert!(read(&root, "etc/muster/muster.env.new").contains("MUSTER_NAME=\"desk.example\""));
    assert_eq!(mode(&root, "etc/muster/muster.env.new"), 0o600);

    // Away: what is ours and unchanged; never data, never what somebody changed.
    fs::write(at("var/lib/muster/muster.db"), "figures").unwrap();
    let (code, said) = install(&root, &["--remove"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("not removed: /etc/muster/muster.env") && said.contains("/var/lib/muster"),
        "{said}"
    );
    assert!(said.contains("systemctl daemon-reload") && !said.contains("restart"), "{said}");
    for gone in ["usr/local/bin/muster", UNIT, "etc/sysusers.d/muster.conf", "etc/muster/muster.env.new"] {
        assert!(!at(gone).exists(), "{gone}");
    }
    assert_eq!(read(&root, ENV), mine);
    assert_eq!(read(&root, "var/lib/muster/muster.db"), "figures");
    let (code, said) = install(&root, &["--remove"]);
    assert!(code == Some(0) && !said.contains("\nremoved"), "twice is once: {said}");
}

#[test]
fn what_cannot_stand_in_a_service_is_refused_and_nothing_is_written() {
    let folder = Folder::new("install-refused");
    let root = folder.path("machine");
    for (args, code, word) in [
        (&["--to", "bin"][..], 1, "install.path"),
        (&["--data", "/var/lib/my data"], 1, "install.path"),
        (&["--data", "/var/lib/%n"], 1, "install.path"),
        (&["--user", "root me"], 1, "install.user_name"),
        (&["--listen", "0.0.0.0"], 2, "line.plain_needed"),
        (&["--tls-cert", "/a"], 2, "--tls-key"),
        (&["--name", "*.example"], 2, "*.example"),
    ] {
        let (ended, said) = install(&root, args);
        assert_eq!(ended, Some(code), "{args:?}: {said}");
        assert!(said.contains(word), "{args:?}: {said}");
        assert!(!Path::new(&root).exists(), "{args:?}");
    }
}

#[test]
fn it_says_beforehand_what_it_would_do_and_where_a_browser_opens_it() {
    // Nothing is written, so it needs no root and no folder.
    let out = muster(
        "unused.db",
        &["install", "--dry-run", "--listen", "0.0.0.0:8020", "--plain", "--user", "muster-none"],
    );
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success(), "{said}");
    assert!(said.contains("to make the system user muster-none"), "{said}");
    assert!(
        !said.contains("http://0.0.0.0") && said.contains("  # http://") && said.contains(":8020"),
        "{said}"
    );
}

/// The unit as systemd itself reads it, and how open it finds it (0 closed, 10 open).
#[test]
fn systemd_takes_the_unit_and_finds_it_closed() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        eprintln!("skipped: systemd-analyze is not on this machine, so nobody read the unit");
        return;
    }
    let folder = Folder::new("install-unit");
    let root = folder.path("machine");
    let certificate = ["--tls-cert", "/etc/ssl/desk.pem", "--tls-key", "/etc/ssl/desk.key"];
    for options in [&["--listen", "0.0.0.0:443"][..], &["--data", "/srv/muster", "--listen", "[::]:8443"]] {
        let (code, said) = install(&root, &[options, &certificate].concat());
        assert_eq!(code, Some(0), "{said}");
        // The program stands below the folder.
        let unit = read(&root, UNIT).replace("/usr/local/bin/muster", env!("CARGO_BIN_EXE_muster"));
        let unit = folder.file("muster.service", unit.as_bytes());
        let out = Command::new("systemd-analyze").args(["verify", "--man=no", &unit]).output().unwrap();
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        let about: Vec<_> = said.lines().filter(|line| line.contains("muster")).collect();
        assert!(out.status.success() && about.is_empty(), "{said}");
        let security = ["security", "--offline=true", "--threshold=20", "--no-pager", &unit];
        let out = Command::new("systemd-analyze").args(security).output().unwrap();
        let said = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(out.status.success(), "2.0 at most: {said}");
    }
}
