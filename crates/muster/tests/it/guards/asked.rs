//! Words after the `?` of a door.

use super::{Walk, samples};
use crate::cast::Cast;
use crate::house::story;
use serde_json::Value;

#[test]
fn a_word_that_a_door_does_not_know_is_refused_and_nothing_is_done() {
    const ENGLISH: &[(&str, &str)] = &[("accept-language", "en")];
    story(|house| {
        let cast = Cast::of(house, crate::cast::Terms::default());
        let walk = Walk::prepare(&cast);
        let token = walk.log_in("office");
        let entries = walk.actions().len();
        let contract: Value = serde_json::from_str(&muster::serve::openapi()).unwrap();
        for sample in samples(&walk.held) {
            let said = walk.send_with(Some(&token), &sample.asking("nonsense=1"), sample.unit, ENGLISH);
            let told = format!("{} {}: {} {}", sample.method, sample.path, said.status, said.json());
            assert_eq!(
                (said.status.as_u16(), said.code().as_str()),
                (422, "request.field_unknown"),
                "{told}"
            );
            assert_eq!(said.json()["title"], "There is no field “nonsense” here.", "{told}");
            // A number beyond all numbers is told at its field.
            let operation =
                &contract["paths"][format!("/api/v1{}", sample.path)][sample.method.to_lowercase()];
            let known = |word: &str| {
                operation["parameters"].as_array().into_iter().flatten().any(|one| one["name"] == word)
            };
            if known("limit") {
                let beyond = sample.asking("limit=99999999999999999999");
                let said = walk.send_with(Some(&token), &beyond, sample.unit, ENGLISH);
                assert_eq!(said.json()["title"], "“limit” is not of the right shape.", "{told}");
                // One beyond the bounds is refused, never changed.
                for sent in ["0", "-1", "1001"] {
                    let beyond = sample.asking(&format!("limit={sent}"));
                    let said = walk.send_with(Some(&token), &beyond, sample.unit, ENGLISH);
                    let title = format!("“limit” is {sent}; it is between 1 and 1000.");
                    assert_eq!(
                        (said.status.as_u16(), said.code().as_str()),
                        (422, "request.limit"),
                        "{told}"
                    );
                    assert_eq!(said.json()["title"], title, "{told}");
                }
            }
        }
        for (method, ask) in [
            ("POST", "/units/S211/close?dryrun=true"),
            ("POST", "/imports/units?dryRun=true"),
            ("GET", "/totals?as_know_at=2020-02-01T00:00:00Z"),
            ("HEAD", "/totals?as_know_at=2020-02-01T00:00:00Z"),
            ("GET", "/missing?limit=1&cursr=AAAA"),
            ("GET", "/units?day=2020-02-01&%64ay=2020-02-01&d%61=1"),
        ] {
            let said =
                house.ask("office", method, ask, &[("content-type", "application/json")], b"{}".into());
            assert_eq!(said.status.as_u16(), 422, "{method} {ask}: {}", said.json());
        }
        assert_eq!(walk.actions().len(), entries);
    });
}
