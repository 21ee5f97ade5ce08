//! What a JSON body says of one element, read without a detour: most of a report is whole numbers.

use super::super::check::Entered;
use compact_str::CompactString;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use std::fmt;
use std::marker::PhantomData;

/// What was sent for an element; none where it is nothing that can be entered (`true`, a list).
#[derive(Clone, Debug)]
pub(super) struct Sent(pub(super) Option<Entered>);

impl<'de> Deserialize<'de> for Sent {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reads)
    }
}

/// Values of one report at most: twice what the largest form asks. Each one that nobody knows is a finding, and findings
/// are many times as long as what they are about.
const VALUES_MAX: usize = 1000;

/// What was sent, by element code, in the order in which it came. Whether one came twice is for the check to say.
pub(super) fn entries<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<Vec<(CompactString, T)>, D::Error> {
    struct Entries<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
        type Value = Vec<(CompactString, T)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut all = Vec::with_capacity(32);
            while let Some(entry) = map.next_entry()? {
                if all.len() == VALUES_MAX {
                    return Err(A::Error::custom(format_args!("more than {VALUES_MAX} values")));
                }
                all.push(entry);
            }
            Ok(all)
        }
    }
    from.deserialize_map(Entries(PhantomData))
}

struct Reads;

impl<'de> Visitor<'de> for Reads {
    type Value = Sent;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, words, or null")
    }
    fn visit_unit<E: Error>(self) -> Result<Sent, E> {
        Ok(Sent(Some(Entered::Unsaid)))
    }
    fn visit_i64<E: Error>(self, number: i64) -> Result<Sent, E> {
        Ok(Sent(Some(Entered::Whole(number))))
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<Sent, E> {
        let whole = i64::try_from(number).map(Entered::Whole);
        Ok(Sent(Some(whole.unwrap_or_else(|_| Entered::Written(number.to_string())))))
    }
    /// As it would be written by hand; an exponent stays and is refused by the check.
    fn visit_f64<E: Error>(self, number: f64) -> Result<Sent, E> {
        Ok(Sent(Number::from_f64(number).map(|number| Entered::Written(number.to_string()))))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Sent, E> {
        self.visit_string(text.to_owned())
    }
    fn visit_string<E: Error>(self, text: String) -> Result<Sent, E> {
        Ok(Sent(Some(Entered::Written(text))))
    }
    fn visit_bool<E: Error>(self, _: bool) -> Result<Sent, E> {
        Ok(Sent(None))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Sent, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Sent(None))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Sent, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Sent(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_says_of_an_element() {
        let check = |json: &str, wanted: Option<Entered>| {
            assert_eq!(serde_json::from_str::<Sent>(json).unwrap().0, wanted, "{json}");
        };
        let written = |text: &str| Some(Entered::Written(text.into()));
        check("12", Some(Entered::Whole(12)));
        check("-3", Some(Entered::Whole(-3)));
        check("null", Some(Entered::Unsaid));
        check("12.50", written("12.5"));
        check("1e300", written("1e+300"));
        check("18446744073709551615", written("18446744073709551615"));
        check("\"12\"", written("12"));
        check("true", None);
        check("[1, [2]]", None);
        check("{\"a\": {\"b\": 1}}", None);
        assert!(serde_json::from_str::<Sent>("[1, ").is_err());
    }
}
