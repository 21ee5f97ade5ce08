//! `muster import covid`, its inside: real figures that nobody on this project wrote, through the same verbs as anybody's.
//!
//! Nation, provinces and cities become units; a city's row is a report of its own, a province's or the nation's own row
//! is a statement *with all below*, so that the system shows where they disagree. Two sources are two forms:
//! `daily` (all figures said) and `bulletin` (a blank is *not said*, never zero). Source of the files:
//! canghailan/Wuhan-2019-nCoV (MIT). The files have dates and no times: all is known as of the moment it is taken in, and
//! nobody is judged to be late.

use crate::lines::operation::{Names, Operation, operation_current, operation_set};
use crate::lines::org::{self, Facts, NewUnit};
use crate::lines::reporting::{
    self, ActKind, BookShelf, Class, Counting, Draft, Element, Entered, Filing, Form, Item, OverTime,
    OverUnits, Scope, ValueType,
};
use crate::{Ctx, Fail};
use compact_str::format_compact;
use muster_kernel::{Day, Problem};
use muster_sheet::{Column, ColumnKind, Options, header_find, read};
use muster_store::{Db, Tx};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

/// The four counts; all but the suspected are cumulative.
const COUNTS: [(&str, [&str; 3]); 4] = [
    ("confirmed", ["累计确诊", "累計確診", "Confirmed"]),
    ("suspected", ["疑似", "疑似", "Suspected"]),
    ("cured", ["累计治愈", "累計治癒", "Recovered"]),
    ("dead", ["累计死亡", "累計死亡", "Dead"]),
];
/// The forms that the two sources become, and what stands before the codes of their elements.
const SOURCES: [Source; 2] = [("daily", ""), ("bulletin", "bulletin_")];
/// First day of the figures.
const FIRST_DAY: &str = "2020-01-10";
/// A city that the source could not tell.
const NOT_ATTRIBUTED: &str = "未公布来源";
const CHUNK_ROWS: usize = 500;

/// One row of a source.
struct SourceRow {
    day: Day,
    unit: String,
    name: String,
    parent: Option<String>,
    kind: &'static str,
    place: Option<String>,
    scope: Scope,
    counts: [Option<String>; 4],
}

/// What became of one source.
#[derive(Clone, Debug, Serialize)]
pub struct SourceOutcome {
    /// The form it became.
    pub form: &'static str,
    /// Rows in the file.
    pub rows: usize,
    /// Rows taken in.
    pub accepted: usize,
    /// Of them, those that said again what was said.
    pub unchanged: usize,
    /// Rows refused.
    pub refused: usize,
    /// Cumulative counts that fell since the day before: taken in, with a finding.
    pub falling_counts: usize,
    /// Row and code of the first hundred refusals.
    pub refusals: Vec<(usize, &'static str)>,
}

/// Takes in both files: `daily.csv.gz` and `bulletins.csv.gz`, as bytes.
pub async fn covid_import(
    db: &Db,
    ctx: &Ctx,
    daily: &[u8],
    bulletins: &[u8],
    told: impl Fn(usize, usize),
) -> Result<Vec<SourceOutcome>, Fail> {
    let sources = [(source_rows(daily)?, SOURCES[0]), (source_rows(bulletins)?, SOURCES[1])];
    frame(db, ctx, &sources).await?;
    let mut outcomes = Vec::new();
    for (rows, source) in &sources {
        outcomes.push(file(db, ctx, rows, source, &told).await?);
    }
    Ok(outcomes)
}

/// A form, and what stands before the codes of its elements: the second source's are apart from the first's.
type Source = (&'static str, &'static str);

fn source_rows(bytes: &[u8]) -> Result<Vec<SourceRow>, Problem> {
    let refused = |findings| Problem::invalid("import.refused").findings(findings);
    let table = read(bytes, &Options::default()).map_err(|finding| refused(vec![*finding]))?;
    let keys = [
        "date",
        "country",
        "countryCode",
        "province",
        "provinceCode",
        "city",
        "cityCode",
        "confirmed",
        "suspected",
        "cured",
        "dead",
    ];
    let dictionary = keys.map(|key| Column {
        key: Cow::Borrowed(key),
        names: Vec::new(),
        kind: if key == "date" { ColumnKind::Day } else { ColumnKind::Text },
        unit: None,
        required: true,
        doc: Cow::Borrowed(""),
    });
    let header = header_find(&table, &dictionary).map_err(refused)?;
    let mut rows = Vec::new();
    for row in table.rows(header.first_data_row) {
        let fields = header.fields(row);
        let text = |at: usize| -> Result<String, Problem> {
            let text = fields.text(at).map_err(|finding| refused(vec![*finding]))?;
            Ok(text.unwrap_or_default().trim().to_owned())
        };
        let day = fields.day(0).map_err(|finding| refused(vec![*finding]))?;
        let day = day.ok_or_else(|| refused(vec![fields.refuse(0, "cell.needed")]))?;
        let (province, province_code, city, city_code) = (text(3)?, text(4)?, text(5)?, text(6)?);
        let mut counts = [const { None }; 4];
        for (at, count) in counts.iter_mut().enumerate() {
            *count = Some(text(7 + at)?).filter(|count| !count.is_empty());
        }
        let row = match (province.is_empty(), city.is_empty()) {
            (true, _) => SourceRow {
                day,
                counts,
                unit: "CN".into(),
                name: text(1)?,
                parent: None,
                kind: "place-nation",
                place: None,
                scope: Scope::Below,
            },
            (false, true) => SourceRow {
                day,
                counts,
                unit: province_code.clone(),
                name: province,
                parent: Some("CN".into()),
                kind: "place-province",
                place: Some(province_code),
                scope: Scope::Below,
            },
            (false, false) => SourceRow {
                day,
                counts,
                unit: if city_code.is_empty() {
                    format!("{province_code}-{city}")
                } else {
                    city_code.clone()
                },
                kind: if city == NOT_ATTRIBUTED { "place-unattributed" } else { "place-city" },
                name: city,
                parent: Some(province_code),
                place: Some(city_code).filter(|code| !code.is_empty()),
                scope: Scope::Alone,
            },
        };
        rows.push(row);
    }
    Ok(rows)
}

/// The tree that the rows speak of, the operation if there is none yet, the catalogue and both forms.
async fn frame(db: &Db, ctx: &Ctx, sources: &[(Vec<SourceRow>, Source)]) -> Result<(), Fail> {
    let first: Day = FIRST_DAY.parse().map_err(Problem::internal)?;
    let mut units: BTreeMap<String, NewUnit> = BTreeMap::new();
    let mut add = |code: &str, name: &str, kind: &str, parent: Option<String>, place: Option<&str>| {
        units.entry(code.to_owned()).or_insert_with(|| NewUnit {
            code: code.to_owned(),
            facts: Facts {
                names: Names { zh_hans: name.to_owned(), ..Names::default() },
                kind: kind.to_owned(),
                place: place.and_then(|place| place.parse().ok()),
                time_zone: String::new(),
                classes: Vec::new(),
            },
            parent,
            since: first,
            until: Day::OPEN_END,
        });
    };
    for row in sources.iter().flat_map(|(rows, _)| rows) {
        add(&row.unit, &row.name, row.kind, row.parent.clone(), row.place.as_deref());
    }
    let (ctx, units) = (ctx.clone(), units);
    db.write("import.covid", ctx.now_ms, move |tx: &mut Tx<'_>| {
        let codes: Vec<&str> = units.keys().map(String::as_str).collect();
        let known: Vec<String> =
            org::standings_by_code(tx, &codes, first)?.iter().map(|s| s.code.to_string()).collect();
        let new: Vec<NewUnit> = units.values().filter(|unit| !known.contains(&unit.code)).cloned().collect();
        // The first unit of a tree makes an operation without a name; this one has its own.
        let unnamed = operation_current(tx)?.is_none();
        let change = org::unit_create(tx, &ctx, &new)?;
        reporting::tree_changed(tx, &ctx, &change)?;
        let unknown = || Problem::not_found("unit.unknown").with("unit", "CN");
        let root = org::unit_by_code(tx, "CN", first)?.ok_or_else(unknown)?.unit;
        if unnamed {
            let three =
                |zh: &str, en: &str| Names { zh_hans: zh.into(), zh_hant: String::new(), en: en.into() };
            operation_set(tx, &ctx, |operation| {
                *operation = Operation {
                    id: operation.id,
                    code: "covid-2020".to_owned(),
                    name: three(
                        "2020年1—2月每日数字(公开数据)",
                        "Daily figures of January and February 2020 (public data)",
                    ),
                    office: three("公开数据核对", "Public figures, compared"),
                    root_unit: root,
                    zone: "Asia/Shanghai".to_owned(),
                    form: "daily".to_owned(),
                    seed: None,
                };
            })?;
        }
        for (form, prefix) in SOURCES {
            book(tx, &ctx, form, prefix, root, first)?;
        }
        Ok(())
    })
    .await
}

fn book(tx: &mut Tx<'_>, ctx: &Ctx, form: &str, prefix: &str, root: i64, first: Day) -> Result<(), Fail> {
    if reporting::Book::load(tx, ctx.operation)?.form(form, first).is_some() {
        return Ok(());
    }
    let mut items = Vec::new();
    for (code, names) in COUNTS {
        let code = format!("{prefix}{code}");
        reporting::element_set(
            tx,
            ctx,
            Element {
                id: 0,
                code: code.clone(),
                names: Names { zh_hans: names[0].into(), zh_hant: names[1].into(), en: names[2].into() },
                class: Class::State,
                value_type: ValueType::Integer,
                unit: "person".to_owned(),
                over_units: OverUnits::Sum,
                over_time: OverTime::Last,
                cumulative: !code.ends_with("suspected"),
                owner: "public".to_owned(),
                purpose: "comparison".to_owned(),
                since: first,
                until: Day::OPEN_END,
            },
        )?;
        items.push(Item { element: code, required: false, min: None, max: None, computed: None });
    }
    reporting::form_set(
        tx,
        ctx,
        Form {
            id: 0,
            code: form.to_owned(),
            version: 0,
            names: Names {
                zh_hans: if prefix.is_empty() { "每日数字" } else { "通报数字" }.into(),
                zh_hant: String::new(),
                en: form.into(),
            },
            items,
            counting: Counting::Stated,
            as_of_min: 1440,
            cut_off_min: 1440,
            // The sources have dates and no times: nobody knows when a figure was told, nor who was late.
            afterwards: true,
            rules: Vec::new(),
            since: first,
            until: Day::OPEN_END,
        },
    )?;
    let kinds = ["place-city", "place-unattributed"].map(str::to_owned).to_vec();
    reporting::form_assign(tx, ctx, form, root, kinds, first, Day::OPEN_END)?;
    Ok(())
}

/// Files the rows of a source. A second row of the same place and day is a correction of the first, and says so.
async fn file(
    db: &Db,
    ctx: &Ctx,
    rows: &[SourceRow],
    (form, prefix): &Source,
    told: &impl Fn(usize, usize),
) -> Result<SourceOutcome, Fail> {
    let shelf = BookShelf::default();
    let (all, operation) = (shelf.clone(), ctx.operation);
    let book = db.read("book.read", move |rx| all.current(rx, operation)).await?;
    let mut outcome = SourceOutcome {
        form,
        rows: rows.len(),
        accepted: 0,
        unchanged: 0,
        refused: 0,
        falling_counts: 0,
        refusals: Vec::new(),
    };
    let mut seen = HashSet::new();
    for (chunk, some) in rows.chunks(CHUNK_ROWS).enumerate() {
        let mut filings = Vec::new();
        let mut numbers = Vec::new();
        for (at, row) in some.iter().enumerate() {
            let number = chunk * CHUNK_ROWS + at + 2;
            let again = !seen.insert((row.unit.as_str(), row.day));
            match filing(&book, ctx, row, form, prefix, again) {
                Ok(filing) => {
                    filings.push(filing);
                    numbers.push(number);
                }
                Err(problem) => outcome.refuse(number, &problem),
            }
        }
        for (number, filed) in numbers
            .into_iter()
            .zip(reporting::file_many(db, &shelf, filings, reporting::Earlier::Look).await?)
        {
            let count = |receipt: &reporting::Receipt, code| {
                receipt.findings.iter().filter(|finding| finding.code == code).count()
            };
            match filed {
                Ok(receipt) => {
                    outcome.accepted += 1;
                    outcome.unchanged += count(&receipt, "report.unchanged");
                    outcome.falling_counts += count(&receipt, "value.falls");
                }
                Err(problem) => outcome.refuse(number, &problem),
            }
        }
        told((chunk * CHUNK_ROWS + some.len()).min(rows.len()), rows.len());
    }
    Ok(outcome)
}

impl SourceOutcome {
    fn refuse(&mut self, row: usize, problem: &Problem) {
        self.refused += 1;
        if self.refusals.len() < 100 {
            self.refusals.push((row, problem.code));
        }
    }
}

fn filing(
    book: &reporting::Book,
    ctx: &Ctx,
    row: &SourceRow,
    form: &str,
    prefix: &str,
    again: bool,
) -> Result<Filing, Problem> {
    let said = COUNTS.iter().zip(&row.counts).filter_map(|((code, _), count)| {
        Some((format_compact!("{prefix}{code}"), Entered::Written(count.clone()?)))
    });
    let draft = Draft {
        unit: row.unit.clone(),
        day: row.day,
        form: form.to_owned(),
        scope: row.scope,
        act: ActKind::Values,
        values: said.collect(),
        reason: again.then(|| "a second row of the source".to_owned()),
        remarks: Vec::new(),
        client_id: None,
        seen_rev: None,
    };
    let asked =
        book.asked(form, row.day).ok_or_else(|| Problem::not_found("form.unknown").with("form", form))?;
    let draft = reporting::check(&draft, asked, |code| book.element_by_code(code))
        .map_err(|findings| Problem::invalid("report.refused").findings(findings))?;
    // Known from now on: no earlier time can be told without making one up.
    Ok(Filing { ctx: ctx.clone(), draft, at_ms: ctx.now_ms })
}
