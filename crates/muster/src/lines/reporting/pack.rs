//! A sheet's numbers in few bytes. Two bits an element say *not said*, *zero* or *value*; values follow as zigzag
//! varints. A layout names the elements by position; layouts are interned, append-only, and old bytes stay readable.

use super::model::{Act, ActKind, Values};
use muster_kernel::varint::{put_i64, put_u64, take_i64, take_u64};

const NOT_SAID: u8 = 0;
const ZERO: u8 = 1;
const VALUE: u8 = 2;

/// Packs values by a layout (element ids, ascending). Elements outside the layout are the caller's mistake and make
/// this return `None`.
pub fn pack_values(layout: &[i64], values: &Values) -> Option<Vec<u8>> {
    let mut states = vec![0u8; layout.len().div_ceil(4)];
    let mut numbers = Vec::with_capacity(values.len() * 2);
    // Both ascend, and are walked together; what is left over had no place.
    let mut values = values.iter().peekable();
    for (place, element) in layout.iter().enumerate() {
        let state = match values.next_if(|(id, _)| *id == element) {
            None => NOT_SAID,
            Some((_, 0)) => ZERO,
            Some((_, &value)) => {
                put_i64(&mut numbers, value);
                VALUE
            }
        };
        states[place / 4] |= state << (place % 4 * 2);
    }
    states.extend_from_slice(&numbers);
    values.next().is_none().then_some(states)
}

/// Reads packed values; `None` when the bytes are not what [`pack_values`] writes for this layout.
pub fn unpack_values(layout: &[i64], bytes: &[u8]) -> Option<Values> {
    let mut values = Values::new();
    each_value(layout, bytes, |element, value| {
        values.insert(element, value);
    })?;
    Some(values)
}

/// Visits packed values without building a map.
pub fn each_value(layout: &[i64], bytes: &[u8], mut visit: impl FnMut(i64, i64)) -> Option<()> {
    each_place(layout.len(), bytes, |place, value| visit(layout[place], value))
}

/// Visits packed values by their places in the layout, of which there are so many: the way totals of many sheets are read.
pub fn each_place(places: usize, bytes: &[u8], mut visit: impl FnMut(usize, i64)) -> Option<()> {
    let (states, mut numbers) = bytes.split_at_checked(places.div_ceil(4))?;
    for (four, &states) in states.iter().enumerate() {
        let mut rest = states;
        for place in four * 4..places.min(four * 4 + 4) {
            match rest & 3 {
                NOT_SAID => {}
                ZERO => visit(place, 0),
                VALUE => visit(place, take_i64(&mut numbers)?),
                _ => return None,
            }
            rest >>= 2;
        }
    }
    numbers.is_empty().then_some(())
}

/// Packs what was done on a sheet.
pub fn pack_acts(acts: &[Act]) -> Vec<u8> {
    let mut out = Vec::with_capacity(acts.len() * 12 + 1);
    put_u64(&mut out, acts.len() as u64);
    for act in acts {
        put_i64(&mut out, act.form);
        put_i64(&mut out, act.version);
        out.push(u8::from(act.kind == ActKind::Zero) | u8::from(act.on_time) << 1);
        put_i64(&mut out, act.first_at_ms);
        put_i64(&mut out, act.last_at_ms - act.first_at_ms);
    }
    out
}

/// How the acts of a sheet begin on which nothing was done but on this form.
pub fn act_prefix(form: i64) -> Vec<u8> {
    let mut out = vec![1];
    put_i64(&mut out, form);
    out
}

/// Reads what was done on a sheet.
pub fn unpack_acts(bytes: &[u8]) -> Option<Vec<Act>> {
    let mut acts = Vec::new();
    each_act(bytes, |act| acts.push(act))?;
    Some(acts)
}

/// Reads what was done on one form of a sheet: none where nothing was.
pub fn unpack_act(bytes: &[u8], form: i64) -> Option<Option<Act>> {
    let mut found = None;
    each_act(bytes, |act| {
        if found.is_none() && act.form == form {
            found = Some(act);
        }
    })?;
    Some(found)
}

fn each_act(mut bytes: &[u8], mut visit: impl FnMut(Act)) -> Option<()> {
    let count = take_u64(&mut bytes).filter(|&count| count <= 1000)?;
    for _ in 0..count {
        let form = take_i64(&mut bytes)?;
        let version = take_i64(&mut bytes)?;
        let (&flags, rest) = bytes.split_first()?;
        bytes = rest;
        let kind = if flags & 1 == 1 { ActKind::Zero } else { ActKind::Values };
        let first_at_ms = take_i64(&mut bytes)?;
        let last_at_ms = first_at_ms + take_i64(&mut bytes)?;
        visit(Act { form, version, kind, on_time: flags & 2 == 2, first_at_ms, last_at_ms });
    }
    bytes.is_empty().then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn thirty_small_values_take_little_room() {
        let layout: Vec<i64> = (1..=30).collect();
        let values: Values = layout.iter().map(|&id| (id, if id % 2 == 0 { 0 } else { id })).collect();
        assert_eq!(pack_values(&layout, &values).unwrap().len(), 8 + 15);
        let stray = Values::from_iter([(99, 1)]);
        assert_eq!(
            pack_values(&layout, &stray),
            None,
            "a value outside the layout is never dropped in silence"
        );
    }

    proptest! {
        #[test]
        fn values_come_back(values in prop::collection::btree_map(1i64..200, any::<i64>(), 0..60), more in 0usize..5) {
            let values: Values = values.into_iter().collect();
            let mut layout: Vec<i64> = values.keys().copied().collect();
            layout.extend(1000..1000 + more as i64);
            let bytes = pack_values(&layout, &values).unwrap();
            prop_assert_eq!(unpack_values(&layout, &bytes), Some(values));
        }

        #[test]
        fn acts_come_back(acts in prop::collection::vec((1i64..50, 1i64..9, any::<bool>(), any::<bool>(), 0i64..2_000_000_000_000, 0i64..1_000_000), 0..6)) {
            let acts: Vec<Act> = acts.into_iter().map(|(form, version, zero, on_time, first_at_ms, later)| Act {
                form, version, kind: if zero { ActKind::Zero } else { ActKind::Values }, on_time, first_at_ms,
                last_at_ms: first_at_ms + later,
            }).collect();
            let packed = pack_acts(&acts);
            for form in 1..50 {
                let only = acts.len() == 1 && acts[0].form == form;
                prop_assert_eq!(packed.starts_with(&act_prefix(form)), only);
            }
            for form in 0..50 {
                let of_form = acts.iter().find(|act| act.form == form).cloned();
                prop_assert_eq!(unpack_act(&packed, form), Some(of_form));
            }
            prop_assert_eq!(unpack_acts(&packed), Some(acts));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>, places in 0i64..20) {
            let layout: Vec<i64> = (0..places).collect();
            let _ = unpack_values(&layout, &bytes);
            let _ = unpack_acts(&bytes);
        }
    }
}
