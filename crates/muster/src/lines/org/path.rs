//! Paths: a unit's place in the order of the tree as text, so that all below it are one range.
//!
//! A path is the ordinals of a unit and all above it, from the top, each in base 36 behind a character that says how
//! many digits follow. So text sorts as numbers do, no path of one unit begins another's by chance, and an ordinal,
//! once given below a parent, is never given again.

/// Longest path that is stored: 32 levels of ordinals below 36³.
pub const DEPTH_MAX: usize = 32;

const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// The path of the child with an ordinal (0 and up).
pub(super) fn path_child(parent: &str, ordinal: i64) -> String {
    let mut digits = Vec::with_capacity(8);
    let mut rest = ordinal.unsigned_abs();
    loop {
        digits.push(DIGITS[(rest % 36) as usize]);
        rest /= 36;
        if rest == 0 {
            break;
        }
    }
    let mut path = String::with_capacity(parent.len() + digits.len() + 1);
    path.push_str(parent);
    path.push(char::from(DIGITS[digits.len()]));
    path.extend(digits.iter().rev().map(|digit| char::from(*digit)));
    path
}

/// The first text after a path and all below it: they lie in `path..path_end(path)`.
pub fn path_end(path: &str) -> String {
    // The character after `z`, in ASCII order.
    format!("{path}{{")
}

/// The path of the child of a unit that leads to a path below it; none where that does not lie below.
pub fn path_towards<'p>(top: &str, below: &'p str) -> Option<&'p str> {
    let step = below.strip_prefix(top)?;
    let digits = char::to_digit(step.chars().next()?, 36)? as usize;
    below.get(..top.len() + 1 + digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_sort_as_their_ordinals_and_enclose_what_is_below() {
        let ordinals =
            [0, 1, 9, 10, 35, 36, 37, 1_295, 1_296, 46_655, 46_656, 1_000_000, i64::from(i32::MAX)];
        let paths: Vec<_> = ordinals.iter().map(|ordinal| path_child("12", *ordinal)).collect();
        assert!(paths.is_sorted(), "{paths:?}");
        for (at, path) in paths.iter().enumerate() {
            let end = path_end(path);
            for (other, below) in paths.iter().enumerate() {
                let inside = path.as_str() <= below.as_str() && below.as_str() < end.as_str();
                assert_eq!(inside, at == other);
                let deeper = path_child(below, 35);
                assert_eq!(path.as_str() <= deeper.as_str() && deeper.as_str() < end.as_str(), at == other);
                assert_eq!(path_towards("12", &deeper), Some(below.as_str()));
                assert_eq!(path_towards("13", &deeper), None);
            }
        }
    }
}
