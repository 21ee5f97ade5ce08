//! Debian's packages: what lacks is installed where we may, and named where we may not.

use crate::{Outcome, place, step};
use std::path::Path;
use std::process::Command;

/// A package, and how to see that it (or its like) is there already.
pub(crate) struct Package {
    pub(crate) name: &'static str,
    pub(crate) present: fn() -> bool,
}

/// PostgreSQL 15 or later: the tests run their stories on it as well as on SQLite.
pub(crate) const POSTGRES: Package =
    Package { name: "postgresql-15", present: || crate::postgres::programs().is_some() };
/// The browser of the end-to-end stories.
pub(crate) const CHROMIUM: Package = Package { name: "chromium", present: || place::on_path("chromium") };
/// Chinese glyphs for the printer, and for the browser's pictures.
pub(crate) const CJK_FONT: Package = Package {
    name: "fonts-noto-cjk",
    present: || Path::new("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").exists(),
};

/// Where programs of Python are kept apart: schemathesis comes from PyPI.
pub(crate) const PYTHON: Package = Package {
    name: "python3-venv",
    present: || {
        let mut asks = Command::new("python3");
        asks.args(["-c", "import ensurepip"]).output().is_ok_and(|out| out.status.success())
    },
};

/// Installs what lacks; answers the names of what could not be installed, after saying the line that would.
pub(crate) fn ensure(packages: &[Package]) -> Outcome<Vec<&'static str>> {
    let lacking: Vec<&str> = packages.iter().filter(|p| !(p.present)()).map(|p| p.name).collect();
    if lacking.is_empty() {
        return Ok(Vec::new());
    }
    let line = format!("apt-get install -y --no-install-recommends {}", lacking.join(" "));
    if !place::on_path("apt-get") {
        step::say(&format!("not a Debian: please install what it calls {}", lacking.join(", ")));
        return Ok(lacking);
    }
    if !place::is_root() {
        step::say(&format!("not root, so going on without {}. To have it: sudo {line}", lacking.join(", ")));
        return Ok(lacking);
    }
    keep_postgres_quiet();
    let apt = |words: &[&str]| {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").args(words);
        command
    };
    step::run("apt-get update", &mut apt(&["update"]))?;
    let words: Vec<&str> = line.split(' ').skip(1).collect();
    step::run(&format!("install {}", lacking.join(" ")), &mut apt(&words))?;
    Ok(Vec::new())
}

/// Debian's package opens a database server of its own when it is installed; ours is not asked for that. The tests
/// start their own and stop it.
fn keep_postgres_quiet() {
    let folder = Path::new("/etc/postgresql-common/createcluster.d");
    if POSTGRES_COMMON.iter().any(|p| Path::new(p).exists()) {
        return;
    }
    // Where this fails the only loss is an idle server.
    let _ = std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(folder.join("muster.conf"), "create_main_cluster = false\n"));
}

/// Signs that somebody already runs PostgreSQL the Debian way, whose settings are theirs.
const POSTGRES_COMMON: [&str; 1] = ["/etc/postgresql-common/createcluster.conf"];
