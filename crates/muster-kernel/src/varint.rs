//! Small integers in few bytes: LEB128 varints, zigzag for signed ones. Used by sheets, totals and chains.

/// Appends an unsigned number, seven bits a byte, lowest first.
#[inline]
pub fn put_u64(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a signed number: zigzag, so that small negatives stay small.
#[inline]
pub fn put_i64(out: &mut Vec<u8>, value: i64) {
    put_u64(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// Takes an unsigned number off the front; `None` when the bytes end early or hold more than 64 bits.
#[inline]
pub fn take_u64(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        if shift == 63 && byte > 1 {
            return None;
        }
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Takes a signed number off the front.
#[inline]
pub fn take_i64(bytes: &mut &[u8]) -> Option<i64> {
    let raw = take_u64(bytes)?;
    Some((raw >> 1) as i64 ^ -((raw & 1) as i64))
}

/// Appends a length and the bytes.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_u64(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Takes a length and so many bytes off the front.
pub fn take_bytes<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(take_u64(bytes)?).ok()?;
    let (head, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(signed: i64, unsigned: u64, tail: Vec<u8>) {
            let mut out = Vec::new();
            put_i64(&mut out, signed);
            put_u64(&mut out, unsigned);
            put_bytes(&mut out, &tail);
            let mut bytes = out.as_slice();
            prop_assert_eq!(take_i64(&mut bytes), Some(signed));
            prop_assert_eq!(take_u64(&mut bytes), Some(unsigned));
            prop_assert_eq!(take_bytes(&mut bytes), Some(tail.as_slice()));
            prop_assert!(bytes.is_empty());
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>) {
            let mut rest = bytes.as_slice();
            while take_i64(&mut rest).is_some() {}
        }
    }
}
