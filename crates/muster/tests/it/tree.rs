//! The tree by the command line: moved, merged, split, closed from a day on; bodies beside it; what is not open is called so.

use crate::command::{Folder, muster};
use muster::migrations::MIGRATIONS;
use muster_store::testdb::each_store;
use serde_json::{Value, json};

const FILE: &str = "\
code,name,kind,parent,classes,opened
HQ,省国资委,regulator,,,2020-01-01
G1,第一集团,group,HQ,,2020-01-01
G2,第二集团,group,HQ,,2020-01-01
G3,第三集团,group,HQ,,2020-01-01
S1,一号站,site,G1,key,2020-01-01
S2,二号站,site,G2,,2020-01-01
S3,三号站,site,G3,,2020-01-01
";

#[test]
fn the_tree_is_changed_from_a_day_on_and_says_what_became_of_a_unit() {
    each_store(MIGRATIONS, |at| {
        let folder = Folder::new("tree");
        let file = folder.file("tree.csv", FILE.as_bytes());
        let run = |args: &[&str]| {
            let out = muster(&at.config.url, args);
            (out.status.code().unwrap(), String::from_utf8_lossy(&out.stdout).into_owned())
        };
        let asked = |args: &[&str]| -> Value {
            let (code, said) = run(&[args, &["--json"]].concat());
            assert_eq!(code, 0, "{args:?}: {said}");
            serde_json::from_str(&said).unwrap()
        };
        let refused = |args: &[&str]| -> (i32, String) {
            let (code, said) = run(&[args, &["--json"]].concat());
            let problem: Value = serde_json::from_str(&said).unwrap();
            (code, problem["code"].as_str().unwrap().to_owned())
        };
        let above =
            |unit: &str, day: &str| asked(&["query", "unit", "--node", unit, "--day", day])["parent"].clone();
        asked(&["import", "units", &file]);

        assert_eq!(asked(&["unit", "move", "S1", "--under", "G2", "--day", "2020-02-01"])["parent"], "G2");
        assert_eq!((above("S1", "2020-01-31"), above("S1", "2020-02-01")), (json!("G1"), json!("G2")));
        assert_eq!(asked(&["unit", "merge", "G3", "--into", "G2", "--day", "2020-03-01"])["code"], "G2");
        assert_eq!((above("S3", "2020-02-29"), above("S3", "2020-03-01")), (json!("G3"), json!("G2")));
        let split = ["unit", "split", "G2", "--into", "G4=第四集团", "--into", "G5=第五集团"];
        let given = ["--give", "S1=G4", "--give", "S2=G5", "--give", "S3=G5", "--day", "2020-04-01"];
        assert_eq!(run(&[&split[..], &given].concat()).0, 0);
        assert_eq!((above("S1", "2020-03-31"), above("S1", "2020-04-01")), (json!("G2"), json!("G4")));
        assert_eq!(asked(&["query", "unit", "--node", "G5", "--day", "2020-04-01"])["kind"], "group");
        let looked = asked(&["unit", "close", "S1", "--day", "2020-05-01", "--dry-run"]);
        assert_eq!((&looked["dry_run"], &looked["closed"]), (&json!(true), &json!(1)), "{looked}");
        assert_eq!(above("S1", "2020-05-01"), "G4", "looked at only");
        assert_eq!(run(&["unit", "close", "S1", "--day", "2020-05-01"]).0, 0);

        let history = asked(&["query", "unit-history", "--node", "S1"]);
        let facts: Vec<_> = history["facts"].as_array().unwrap().iter().collect();
        let parents = facts.iter().filter(|fact| fact["fact"] == "parent").map(|fact| &fact["value"]);
        assert_eq!(parents.collect::<Vec<_>>(), ["G1", "G2", "G4"]);
        let since = |name: &str| facts.iter().find(|fact| fact["fact"] == name).unwrap()["since"].clone();
        assert_eq!((since("opened"), since("closed")), (json!("2020-01-01"), json!("2020-05-01")));
        let became = asked(&["query", "unit-history", "--node", "G3"]);
        assert!(became["facts"].as_array().unwrap().iter().any(|fact| fact["value"] == "→ G2"), "{became}");

        assert_eq!(refused(&["unit", "move", "G4", "--under", "G4"]), (1, "unit.circle".to_owned()));
        assert_eq!(refused(&["unit", "move", "NOPE", "--under", "G4"]), (1, "unit.unknown".to_owned()));
        let gone = ["query", "unit", "--node", "S1", "--day", "2020-05-01"];
        assert_eq!(refused(&gone), (1, "unit.not_open".to_owned()));
        assert_eq!(run(&["unit", "split", "G4", "--into", "nameless"]).0, 2);
        assert_eq!(run(&["unit", "merge", "--into", "G4"]).0, 2);
        let twice = ["unit", "split", "G4", "--into", "G6=六", "--give", "S1=G6", "--give", "S1=G7"];
        assert_eq!(run(&twice).0, 2);
        let nonsense = ["unit", "split", "G4", "--into", "G6=六", "--give", "NOPE=G6", "--dry-run"];
        assert_eq!(refused(&nonsense), (1, "unit.unknown".to_owned()));

        let party = ["party", "add", "CMD", "--name", "省指挥部", "--kind", "command", "--place", "340000"];
        assert_eq!(asked(&party)["code"], "CMD");
        assert_eq!(refused(&party), (1, "party.code_taken".to_owned()));
        assert_eq!(asked(&["query", "parties"])["items"][0]["name"], "省指挥部");
        let changed = asked(&[
            "party",
            "change",
            "CMD",
            "--name-en",
            "Command",
            "--place",
            "",
            "--closed",
            "2020-05-01",
        ]);
        assert_eq!((&changed["names"]["en"], &changed["place"]), (&json!("Command"), &Value::Null));
        assert_eq!(
            (&changed["names"]["zh-Hans"], &changed["closed"]),
            (&json!("省指挥部"), &json!("2020-05-01"))
        );
        assert_eq!(asked(&["party", "change", "CMD", "--closed", ""])["closed"], Value::Null);
        assert_eq!(refused(&["party", "change", "NOPE", "--kind", "press"]), (1, "party.unknown".to_owned()));
        assert_eq!(refused(&["party", "change", "CMD"]), (1, "party.refused".to_owned()));
        assert_eq!(asked(&["query", "classes"])["items"][0]["code"], "key");
        if at.folder().is_none() {
            let played = refused(&["demo", "--listen", "127.0.0.1:0", "--folder", &folder.path("demo")]);
            assert_eq!(played, (1, "demo.database_not_empty".to_owned()));
        }
    });
}
