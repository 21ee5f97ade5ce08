//! Who answers for a task: exactly one, at every moment. Pure.

use super::model::Task;
use crate::lines::org::Post;

/// The code of the post whose holder answers for the unit as a whole (负责人).
pub const HEAD_POST: &str = "head";

/// Who answers for a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The post by which they do; none where the unit's office does.
    pub post: Option<i64>,
    /// Who: a reference such as `account:ID`; none where the unit's office does.
    pub person: Option<String>,
    /// Whether it was given to somebody else, who left, or to a post that nobody holds.
    pub is_raised: bool,
}

/// Who answers for a task, by the posts of its unit today: whom it was given to, while they hold a post there; else who holds
/// the post that it was given to; else the head of the unit; else the unit's office.
pub fn owner(task: &Task, posts: &[Post]) -> Owner {
    let held = |post: &&Post| !post.holder.is_empty();
    let by = |post: &Post, is_raised: bool| Owner {
        post: Some(post.id),
        person: Some(post.holder.clone()),
        is_raised,
    };
    if let Some(person) = &task.person {
        let at = |post: &&Post| &post.holder == person;
        let own = posts.iter().filter(at).find(|post| Some(post.id) == task.post);
        if let Some(post) = own.or_else(|| posts.iter().find(at)) {
            return by(post, false);
        }
    }
    let given = posts.iter().find(|post| Some(post.id) == task.post).filter(held);
    if let Some(post) = given {
        return by(post, task.person.is_some());
    }
    let is_raised = task.person.is_some() || task.post.is_some();
    match posts.iter().find(|post| post.code == HEAD_POST).filter(held) {
        Some(head) => by(head, is_raised),
        None => Owner { post: None, person: None, is_raised },
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::{State, Times};
    use super::*;
    use crate::lines::operation::Names;
    use muster_store::Link;
    use proptest::prelude::*;

    fn post(id: i64, code: &str, holder: &str) -> Post {
        let name = |text: &str| Names { zh_hans: text.into(), zh_hant: text.into(), en: text.into() };
        Post {
            id,
            unit: 1,
            code: code.into(),
            names: name(code),
            holder: holder.into(),
            held: None,
            on_duty: false,
        }
    }

    fn task(post: Option<i64>, person: Option<&str>) -> Task {
        Task {
            id: "t".into(),
            measure: "m".into(),
            n: 1,
            parent: None,
            unit: 1,
            post,
            person: person.map(str::to_owned),
            set_at: 1,
            words: String::new(),
            weight: 1,
            state: State::Signed,
            due_ms: 1,
            times: Times::default(),
            rev: 1,
            link: Link { lane: 0, no: 1 },
        }
    }

    #[test]
    fn whoever_left_and_a_vacant_post_raise_it_to_the_head() {
        let full = [post(1, HEAD_POST, "account:h"), post(2, "gate", "account:g"), post(3, "store", "")];
        let headless = [post(1, HEAD_POST, ""), post(2, "gate", "account:g"), post(3, "store", "")];
        for (posts, given, expected) in [
            // Given to the unit: its head, or its office.
            (&full, task(None, None), (Some(1), Some("account:h"), false)),
            (&headless, task(None, None), (None, None, false)),
            // To a post: who holds it.
            (&full, task(Some(2), None), (Some(2), Some("account:g"), false)),
            (&full, task(Some(3), None), (Some(1), Some("account:h"), true)),
            (&headless, task(Some(3), None), (None, None, true)),
            // To a person: they, while they hold a post there.
            (&full, task(Some(2), Some("account:g")), (Some(2), Some("account:g"), false)),
            (&full, task(Some(3), Some("account:g")), (Some(2), Some("account:g"), false)),
            (&full, task(Some(2), Some("account:gone")), (Some(2), Some("account:g"), true)),
            (&full, task(None, Some("account:gone")), (Some(1), Some("account:h"), true)),
            (&headless, task(Some(3), Some("account:gone")), (None, None, true)),
            // The post is no more.
            (&full, task(Some(9), None), (Some(1), Some("account:h"), true)),
        ] {
            let found = owner(&given, posts);
            assert_eq!((found.post, found.person.as_deref(), found.is_raised), expected, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn there_is_exactly_one_and_they_hold_a_post_of_the_unit(
            holders in proptest::collection::vec(0..4_u8, 0..5),
            at in proptest::option::of(0..6_i64),
            person in proptest::option::of(0..4_u8),
        ) {
            let name = |who: u8| if who == 0 { String::new() } else { format!("account:{who}") };
            let posts: Vec<Post> = holders.iter().enumerate()
                .map(|(n, who)| post(n as i64, if n == 0 { HEAD_POST } else { "other" }, &name(*who)))
                .collect();
            let given = task(at, person.map(name).as_deref());
            let found = owner(&given, &posts);
            prop_assert_eq!(found.person.is_some(), found.post.is_some());
            if let Some(person) = &found.person {
                prop_assert!(posts.iter().any(|post| Some(post.id) == found.post && &post.holder == person));
            }
            let held_own = posts.iter().any(|post| Some(post.id) == at && !post.holder.is_empty());
            if given.person.is_none() && held_own {
                prop_assert_eq!(found.post, at);
            }
        }
    }
}
