//! NDJSON: a flat object a line. The keys, in the order in which they first appear, are the header (row 0). A line that
//! cannot be read is a row of its own, which says why: those beside it stand by themselves.

use crate::Refused;
use crate::options::{Format, Limits};
use crate::table::{Broken, Builder, Flags, Kind, Table};
use crate::value::number_text;
use muster_kernel::Finding;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::HashMap;
use std::fmt;

/// Nesting that a line may have; the objects are flat, so anything deeper is a mistake or an attack.
const DEPTH_MAX: usize = 32;

/// Reads a line an object. Nested values become cells that no column takes; a line that is not JSON becomes a broken
/// row. Where no line can be read, the file is something else, and is refused with what is wrong with the first.
pub(crate) fn read(text: &str, limits: &Limits) -> Result<Table, Refused> {
    let mut keys = Keys::default();
    // By number, in ascending order.
    let mut broken: Vec<(u64, Broken)> = Vec::new();
    for (count, (index, line)) in lines(text).enumerate() {
        if count >= limits.rows {
            return Err(Box::new(Finding::refuse("sheet.too_many_rows").with("limit", limits.rows)));
        }
        let known = keys.names.len();
        match parse(line, index, limits, &mut keys, &mut |_, _| Ok(())) {
            Ok(()) => {}
            Err(Failed::File(finding)) => return Err(finding),
            Err(Failed::Line(why)) => {
                // What a broken line says is said by nobody.
                keys.forget(known);
                broken.push((index, why));
            }
        }
    }
    if keys.names.is_empty()
        && let Some((row, why)) = broken.first()
    {
        return Err(Box::new(why.finding().row(*row)));
    }
    let mut builder = Builder::new(Format::Ndjson, limits);
    builder.row(0)?;
    for (column, key) in keys.names.iter().enumerate() {
        builder.cell(column as u32, key, Kind::Text, Flags::default())?;
    }
    builder.keys(std::mem::take(&mut keys.lines));
    let mut broken = broken.into_iter().peekable();
    for (index, line) in lines(text) {
        if let Some((_, why)) = broken.next_if(|(row, _)| *row == index) {
            builder.broken(index, why)?;
            continue;
        }
        builder.row(index)?;
        let read = parse(line, index, limits, &mut keys, &mut |column, value| {
            let (text, kind, flags) = value;
            builder.cell(column, &text, kind, flags)
        });
        match read {
            Ok(()) => {}
            Err(Failed::File(finding)) => return Err(finding),
            Err(Failed::Line(why)) => return Err(Box::new(why.finding().row(index))),
        }
    }
    Ok(builder.finish())
}

fn lines(text: &str) -> impl Iterator<Item = (u64, &str)> {
    text.lines()
        .enumerate()
        .map(|(at, line)| (at as u64 + 1, line))
        .filter(|(_, line)| !line.trim().is_empty())
}

#[derive(Default)]
struct Keys {
    names: Vec<String>,
    columns: HashMap<String, u32>,
    /// The line in which each stands first.
    lines: Vec<u64>,
}

impl Keys {
    /// Forgets all but the first keys.
    fn forget(&mut self, known: usize) {
        for name in self.names.drain(known..) {
            self.columns.remove(&name);
        }
        self.lines.truncate(known);
    }
}

/// What a line came to.
enum Failed {
    /// The line cannot be read.
    Line(Broken),
    /// The file is more than is read.
    File(Refused),
}

type Value = (String, Kind, Flags);
type Sink<'s> = dyn FnMut(u32, Value) -> Result<(), Refused> + 's;

fn parse(line: &str, row: u64, limits: &Limits, keys: &mut Keys, sink: &mut Sink<'_>) -> Result<(), Failed> {
    if depth(line) > DEPTH_MAX {
        return Err(Failed::Line(Broken::new("sheet.json_too_deep", "limit", DEPTH_MAX)));
    }
    let mut json = serde_json::Deserializer::from_str(line);
    let mut failed = None;
    let object = Object { keys, sink, limits, failed: &mut failed, row };
    let result = json.deserialize_map(object).and_then(|()| json.end());
    match (failed, result) {
        (Some(failed), _) => Err(failed),
        (None, Ok(())) => Ok(()),
        (None, Err(error)) => Err(Failed::Line(Broken::new("sheet.json_broken", "at", error.column()))),
    }
}

/// How deep brackets nest outside strings. Right for what is JSON; for what is not, the parser speaks.
fn depth(line: &str) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in line.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

struct Object<'a, 's> {
    keys: &'a mut Keys,
    sink: &'a mut Sink<'s>,
    limits: &'a Limits,
    failed: &'a mut Option<Failed>,
    row: u64,
}

impl<'de> Visitor<'de> for Object<'_, '_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let mut seen: Vec<u32> = Vec::with_capacity(self.keys.names.len());
        while let Some(key) = map.next_key::<String>()? {
            let column = match self.keys.columns.get(&key) {
                Some(column) => *column,
                None if self.keys.names.len() >= self.limits.columns => {
                    let limit = self.limits.columns;
                    let finding = Finding::refuse("sheet.too_many_columns").with("limit", limit);
                    *self.failed = Some(Failed::File(Box::new(finding)));
                    return Err(serde::de::Error::custom("columns"));
                }
                None => {
                    let column = self.keys.names.len() as u32;
                    self.keys.names.push(key.clone());
                    self.keys.lines.push(self.row);
                    self.keys.columns.insert(key.clone(), column);
                    column
                }
            };
            if seen.contains(&column) {
                *self.failed = Some(Failed::Line(Broken::new("sheet.json_key_twice", "key", key)));
                return Err(serde::de::Error::custom("key"));
            }
            seen.push(column);
            if let Some(value) = map.next_value::<Scalar>()?.0
                && let Err(finding) = (self.sink)(column, value)
            {
                *self.failed = Some(Failed::File(finding));
                return Err(serde::de::Error::custom("limit"));
            }
        }
        Ok(())
    }
}

/// A value as a cell; `null` is an empty one.
struct Scalar(Option<Value>);

impl<'de> serde::Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl ScalarVisitor {
    fn plain(text: String, kind: Kind) -> Scalar {
        Scalar(Some((text, kind, Flags::default())))
    }
}

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E>(self) -> Result<Scalar, E> {
        Ok(Scalar(None))
    }
    fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
        Ok(Self::plain(value.to_string(), Kind::Bool))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
        Ok(Self::plain(value.to_string(), Kind::Number))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Scalar, E> {
        Ok(Self::plain(value.to_string(), Kind::Number))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Scalar, E> {
        let (text, lost) = number_text(value);
        let flags = if lost { Flags::DIGITS_LOST } else { Flags::default() };
        Ok(Scalar(Some((text, Kind::Number, flags))))
    }
    fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
        Ok(Self::plain(value.to_owned(), Kind::Text))
    }
    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Scalar, S::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::plain("[…]".to_owned(), Kind::Nested))
    }
    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Scalar, M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::plain("{…}".to_owned(), Kind::Nested))
    }
}
