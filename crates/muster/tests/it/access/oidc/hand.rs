//! At the machine itself: a login is linked, told and taken away; a file of services that is wrong stops the server.

use crate::command::{Folder, begun, muster};

/// An address of this machine alone.
const HERE: [&str; 2] = ["--listen", "127.0.0.1:0"];

const FILE: &str = "[[provider]]\nid = \"g1\"\nname = \"Group One\"\nissuer = \"https://id.example\"\nclient_id = \"muster\"\n\
                    client_secret_file = \"secret\"\n";

#[test]
fn at_the_machine_a_login_is_linked_told_and_taken_away() {
    let folder = Folder::new("oidc-hand");
    let database = folder.path("m.db");
    begun(&database);
    folder.file("secret", b"a secret of both\n");
    let file = folder.file("oidc.toml", FILE.as_bytes());
    let run = |args: &[&str]| {
        let output = muster(&database, args);
        let text = [&output.stdout[..], &output.stderr[..]].concat();
        (output.status.code(), String::from_utf8_lossy(&text).into_owned())
    };
    let oidc = |args: &[&str]| run(&[&["user", "oidc", "liu", "--oidc", &file], args].concat());
    assert_eq!(run(&["user", "add", "liu"]).0, Some(0));
    let (code, said) = oidc(&["--provider", "g1", "--subject", "s-4711"]);
    assert!(code == Some(0) && said.contains("opens the account liu"), "{code:?} {said}");
    let (code, said) = oidc(&["--provider", "g1", "--subject", "s-4712"]);
    assert!(code == Some(1) && said.contains("linked to this account already"), "{code:?} {said}");
    let (code, said) = oidc(&["--provider", "nobody", "--subject", "s"]);
    assert!(code == Some(1) && said.contains("no login service “nobody”"), "{code:?} {said}");
    let (code, said) = oidc(&["--list"]);
    assert!(code == Some(0) && said.contains("Group One") && !said.contains("s-4711"), "{code:?} {said}");
    let (code, said) = run(&["user", "oidc", "nobody", "--list"]);
    assert!(code == Some(1) && said.contains("nobody"), "{code:?} {said}");
    for wrong in [
        &[][..],
        &["--provider", "g1"],
        &["--subject", "s"],
        &["--end"],
        &["--provider", "g1", "--end", "--subject", "s"],
    ] {
        assert_eq!(oidc(wrong).0, Some(2), "{wrong:?}");
    }
    let (code, said) = run(&["user", "history", "liu"]);
    assert!(code == Some(0) && said.contains("oidc.link"), "{code:?} {said}");
    assert_eq!(oidc(&["--provider", "g1", "--end"]).0, Some(0));
    assert_eq!(oidc(&["--provider", "g1", "--end"]).0, Some(1));
    assert_eq!(run(&["verify", "--deep"]).0, Some(0));
}

#[test]
fn a_file_of_services_that_is_wrong_stops_the_server() {
    let folder = Folder::new("oidc-wrong");
    let database = folder.path("m.db");
    begun(&database);
    let serve = |text: &str, more: &[&str]| {
        let file = folder.file("oidc.toml", text.as_bytes());
        let output = muster(&database, &[&["serve", "--oidc", &file], more].concat());
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = serve(FILE, &HERE);
    assert!(code == Some(3) && said.contains("secret: the login services cannot be used"), "{code:?} {said}");
    folder.file("secret", b"a secret of both\n");
    let (code, said) = serve(&FILE.replace("https:", "http:"), &HERE);
    assert!(code == Some(3) && said.contains("https, or http on this very machine"), "{code:?} {said}");
    let (code, said) = serve(FILE, &["--listen", "0.0.0.0:0", "--plain"]);
    assert!(code.is_some_and(|code| code > 0) && said.contains("address ="), "{code:?} {said}");
}
