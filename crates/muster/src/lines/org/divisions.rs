//! China's administrative divisions as published in four files of the same make: provinces, cities, areas, streets.
//!
//! Columns: `code`, `name`, and on the lower levels `provinceCode`, `cityCode`, `areaCode`. A division becomes a unit
//! with that code, that place, and a kind `place-province` to `place-street`; its parent is the lowest of those codes.
//! Provinces go below a unit that is there, or below a new one, `CN`.

use super::check;
use super::place::Place;
use super::sheet::{UnitRow, UnitRows};
use muster_kernel::{Day, Finding};
use muster_sheet::{Column, ColumnKind, Table, header_find};

/// The unit that stands for the nation, where no other is named.
pub const NATION: &str = "CN";

const CODE: usize = 0;
const NAME: usize = 1;
/// Columns that name the division above, the lowest first, and the kind of what is below it.
const ABOVE: [(usize, &str, &str); 3] =
    [(2, "areaCode", "place-street"), (3, "cityCode", "place-area"), (4, "provinceCode", "place-city")];

fn columns() -> Vec<Column> {
    let column = |key: &'static str, required| Column {
        key: key.into(),
        names: vec![key.into()],
        kind: ColumnKind::Id,
        unit: None,
        required,
        doc: "".into(),
    };
    let above = ABOVE.map(|(_, key, _)| column(key, false));
    [column("code", true), column("name", true)].into_iter().chain(above).collect()
}

/// Reads the files, each with its name, in any order. `under`: the unit below which provinces go.
///
/// # Errors
/// A file has no header of this make.
pub fn divisions_read(
    files: Vec<(String, Table)>,
    under: Option<&str>,
    since: Day,
) -> Result<UnitRows, Vec<Finding>> {
    let dictionary = columns();
    let mut read = UnitRows::default();
    read.columns = dictionary.iter().map(|column| column.key.to_string()).collect();
    if under.is_none() {
        read.push_unit(UnitRow {
            // In no file.
            source: (u32::MAX, 0),
            code: Some(NATION.to_owned()),
            zh_hans: Some("中国".to_owned()),
            zh_hant: Some("中國".to_owned()),
            en: Some("China".to_owned()),
            kind: Some("place-nation".to_owned()),
            opened: Some(since),
            ..UnitRow::default()
        });
    }
    for (name, table) in files {
        let header = header_find(&table, &dictionary)?;
        let above = ABOVE.iter().find(|(at, _, _)| header.has(*at));
        let kind = above.map_or("place-province", |(_, _, kind)| kind);
        let file = read.next_file();
        for (index, row) in table.rows(header.first_data_row).enumerate() {
            let fields = header.fields(row);
            let mut unit =
                UnitRow { source: (file, index as u32), opened: Some(since), ..UnitRow::default() };
            if let Some(why) = row.broken() {
                read.findings.push(why);
                read.push_unit(UnitRow { bad: true, ..unit });
                continue;
            }
            unit.kind = Some(kind.to_owned());
            let mut take = |at: usize, check: &dyn Fn(&str) -> Result<String, Box<Finding>>| {
                let found = fields.id(at).and_then(|text| text.map(|text| check(&text)).transpose());
                let finding = match found {
                    Ok(Some(text)) => return Some(text),
                    Ok(None) => fields.refuse(at, "unit.code_missing"),
                    Err(finding) => fields.at(at, *finding),
                };
                read.findings.push(finding);
                unit.bad = true;
                None
            };
            unit.code = take(CODE, &check::code);
            unit.zh_hans = take(NAME, &check::name);
            unit.parent = match above {
                Some((at, _, _)) => take(*at, &check::code),
                None => Some(under.unwrap_or(NATION).to_owned()),
            };
            match unit.code.as_deref().map(str::parse::<Place>) {
                Some(Ok(place)) => unit.place = Some(Some(place)),
                Some(Err(_)) => {
                    unit.bad = true;
                    read.findings.push(
                        fields
                            .refuse(CODE, "unit.place_form")
                            .with("place", unit.code.as_deref().unwrap_or("")),
                    );
                }
                None => {}
            }
            read.push_unit(unit);
        }
        read.push_file(name, table, header);
    }
    Ok(read)
}
