//! The contract, tried by a stranger: schemathesis makes requests out of `openapi.json` and sends them as each role. Nothing
//! may answer with a fault of ours, with a status that the contract does not know, or with a body that it does not describe.

use crate::{Outcome, debian, place, step};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Which it is: another one finds other things, and a run is to be the same for everybody.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";
/// Requests made of each door for each role, where no other number is said.
const EXAMPLES: &str = "3";
/// Everybody who may come in: login name and role, at a group; the first at the top.
const ROLES: &[&str] = &[
    "office",
    "commander",
    "filler",
    "checker",
    "issuer",
    "reviewer",
    "viewer",
    "inspector",
    "system_admin",
    "security_admin",
    "audit_admin",
];
/// Doors that are left out: a stream without an end; those that end the session by which it is asked; one whose format
/// schemathesis cannot write.
const LEFT_OUT: &[&str] =
    &["events_read", "session_close", "session_open", "session_end", "password_change", "report_bulk"];
const UNITS: &str = "code,name,kind,parent\nR,顶,regulator,\nG1,甲集团,group,R\nG2,乙集团,group,R\n\
                     S11,甲一工地,site,G1\nS21,乙一工地,site,G2\n";
const PASSWORD: &str = "a password for a machine";

/// Tries the contract as nobody and as each role; a word says how many requests of each door.
pub(crate) fn run(words: &[String]) -> Outcome {
    let examples = words.first().map_or(EXAMPLES, String::as_str);
    let tool = tool()?;
    step::run("rust: server", place::cargo(&["build", "--bins"]).args(place::ALL))?;
    let muster = place::binary("debug", "muster");
    let folder = place::target().join("fuzz/operation");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    prepare(&muster, &folder)?;
    let mut served = serve(&muster, &folder)?;
    let tried = tried(&tool, &served.1, examples);
    let _ = served.0.kill();
    let _ = served.0.wait();
    tried
}

/// schemathesis, in a place of its own.
fn tool() -> Outcome<PathBuf> {
    let lacking = debian::ensure(&[debian::PYTHON])?;
    if !lacking.is_empty() {
        return Err(format!("this lacks: {}", lacking.join(", ")));
    }
    let venv = place::target().join("fuzz/venv");
    let tool = venv.join("bin/schemathesis");
    let has = Command::new(&tool).arg("--version").output().is_ok_and(|out| {
        let version = SCHEMATHESIS.split("==").nth(1).unwrap_or_default();
        String::from_utf8_lossy(&out.stdout).contains(version)
    });
    if !has {
        step::run("python: place of its own", Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        let mut pip = Command::new(venv.join("bin/pip"));
        step::run("python: schemathesis", pip.args(["install", "--quiet", SCHEMATHESIS]))?;
    }
    Ok(tool)
}

fn database(folder: &Path) -> String {
    folder.join("muster.db").display().to_string()
}

/// An operation with a tree, a form, and an account for each role.
fn prepare(muster: &Path, folder: &Path) -> Outcome {
    let units = folder.join("units.csv");
    fs::write(&units, UNITS).map_err(|e| format!("{}: {e}", units.display()))?;
    let units = units.display().to_string();
    told(muster, folder, &["begin", "--office", "Fuzz", "--account", "first"])?;
    told(muster, folder, &["import", "units", &units])?;
    told(muster, folder, &["form", "starter"])?;
    told(muster, folder, &["user", "set", "top", "--role", "office", "--unit", "R"])?;
    for role in ROLES {
        told(muster, folder, &["user", "set", role, "--role", role, "--unit", "G1"])?;
    }
    Ok(())
}

/// Runs a command of the product; the password is there for those that read one.
fn told(muster: &Path, folder: &Path, words: &[&str]) -> Outcome {
    let mut command = Command::new(muster);
    command.args(words).env("MUSTER_DATABASE", database(folder)).env("MUSTER_LANG", "en");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| format!("{}: {e}", muster.display()))?;
    if let Some(mut stdin) = child.stdin.take() {
        let _ = stdin.write_all(format!("{PASSWORD}\n").as_bytes());
    }
    let out = child.wait_with_output().map_err(|e| e.to_string())?;
    match out.status.success() {
        true => Ok(()),
        false => Err(format!("muster {}: {}", words.join(" "), String::from_utf8_lossy(&out.stderr).trim())),
    }
}

/// A server on loopback, and its address.
fn serve(muster: &Path, folder: &Path) -> Outcome<(Child, String)> {
    let log = step::open_log(&step::log_path("fuzz: server"))?;
    let mut child = Command::new(muster)
        .args(["serve", "--listen", "127.0.0.1:0", "--limits", "off", "--lang", "en"])
        .env("MUSTER_DATABASE", database(folder))
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .map_err(|e| format!("{}: {e}", muster.display()))?;
    let stdout = child.stdout.take().ok_or("no output")?;
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        if let Some(at) = line.find("http://127.0.0.1:") {
            let address: String = line[at..].chars().take_while(|c| !c.is_whitespace()).collect();
            return Ok((child, address.trim_end_matches(['/', '.']).to_owned()));
        }
    }
    let _ = child.wait();
    Err("the server did not open; see target/log".into())
}

/// Sends what the tool makes up, as everybody; a role that fails does not keep the others from being tried.
fn tried(tool: &Path, address: &str, examples: &str) -> Outcome {
    let mut failed = Vec::new();
    // All log in before anybody does anything: one may end the account of another.
    let everybody = ["nobody", "top"].iter().chain(ROLES);
    let logged_in = everybody.map(|role| match *role {
        "nobody" => Ok((role, String::new())),
        role_name => Ok((role, cookie(address, role_name)?)),
    });
    for (role, cookie) in logged_in.collect::<Outcome<Vec<_>>>()? {
        let mut command = Command::new(tool);
        command.args(["run", "openapi.json", "--url", address, "--no-color", "--phases", "fuzzing"]);
        command.args(["--generation-deterministic", "--max-examples", examples, "--checks"]);
        command.arg(
            "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        );
        for door in LEFT_OUT {
            command.args(["--exclude-operation-id", door]);
        }
        if !cookie.is_empty() {
            command.args(["-H", &format!("Cookie: {cookie}")]);
        }
        if step::run(&format!("fuzz: {role}"), &mut command).is_err() {
            failed.push(*role);
        }
    }
    match failed.is_empty() {
        true => Ok(()),
        false => Err(format!("something is not as the contract says, as: {}", failed.join(", "))),
    }
}

/// Logs in; the cookie of the session.
fn cookie(address: &str, name: &str) -> Outcome<String> {
    let host = address.trim_start_matches("http://");
    let body = format!("{{\"name\":\"{name}\",\"password\":\"{PASSWORD}\"}}");
    let request = format!(
        "POST /api/v1/session HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut answer = String::new();
    let mut stream = TcpStream::connect(host).map_err(|e| format!("{host}: {e}"))?;
    stream.write_all(request.as_bytes()).map_err(|e| e.to_string())?;
    stream.read_to_string(&mut answer).map_err(|e| e.to_string())?;
    let cookie = answer.split("muster_session=").nth(1).and_then(|rest| rest.split(';').next());
    cookie
        .map(|token| format!("muster_session={token}"))
        .ok_or_else(|| format!("{name} was not let in: {answer}"))
}
