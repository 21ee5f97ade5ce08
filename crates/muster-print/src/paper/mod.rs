//! A brief ready for paper: every word chosen, every figure written, every section in its place.
//!
//! The four writers differ in how a table looks, not in what stands in it. So what stands in it
//! is decided here, once; a section that has nothing to say says "none" and is never left out.

mod chart;
mod clean;
mod figure;
mod sections;

pub(crate) use chart::Plot;
pub(crate) use clean::Cleaner;
pub(crate) use figure::Moment;
use serde::Serialize;

use crate::{BigNumber, BriefDoc, Finding, Lang, PrintProblem, SameUnits, labels};

/// How much goes on one kind of paper; what is over it is counted and said, and stands in the
/// workbook.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    /// Rows of one list of units, or texts of one list.
    pub(crate) rows: usize,
    /// Rows of the totals and of the groups: what stands behind the four numbers goes last.
    pub(crate) figures: usize,
    /// Figures beside the rates in the table of groups.
    pub(crate) values: usize,
    /// Characters of a text people wrote.
    pub(crate) text: usize,
    /// Characters of a name.
    pub(crate) name: usize,
    /// Characters in all: beyond it every text is kept to a line, so that no document can ask for
    /// more memory than a machine has.
    pub(crate) all: usize,
}

/// The most characters of a fixed word or a digest, and of any text beyond [`Extent::all`].
/// Stands behind a figure that a note below its table speaks of, and before the note.
pub(crate) const MARK: &str = "*";
const WORD_MAX: usize = 300;
const SHORT_MAX: usize = 60;

/// The brief, in words.
#[derive(Debug, Serialize)]
pub(crate) struct Paper {
    pub(crate) lang: &'static str,
    /// What to say on every page when the figures are simulated.
    pub(crate) simulated: Option<String>,
    pub(crate) office: String,
    pub(crate) title: String,
    pub(crate) number: String,
    pub(crate) day: String,
    /// Until when the figures count, in words.
    pub(crate) as_of: String,
    /// Whether they may still move, in words.
    pub(crate) state: String,
    pub(crate) sentences: Vec<String>,
    pub(crate) numbers: Vec<Big>,
    pub(crate) sections: Vec<Section>,
    /// The foot of every page: when it was made, and the digest.
    pub(crate) foot: Vec<String>,
    /// `Page {page} of {pages}`.
    pub(crate) page: String,
    /// What stands where there is nothing.
    pub(crate) none: String,
    /// What a part of the narrative says that nobody wrote: that is not said, and not that there is nothing.
    pub(crate) unwritten: String,
    /// Which part may be edited, in words.
    pub(crate) editable: String,
}

/// A figure a leader reads first.
#[derive(Debug, Serialize)]
pub(crate) struct Big {
    pub(crate) name: String,
    pub(crate) value: String,
    /// The same as a number, where somebody said it.
    #[serde(skip)]
    pub(crate) number: Option<f64>,
    pub(crate) unit: String,
    pub(crate) change: String,
    pub(crate) base: String,
    /// Whether nobody said it.
    pub(crate) unknown: bool,
}

/// One part of the brief below the first figures.
#[derive(Debug, Serialize)]
pub(crate) struct Section {
    /// A name for the machine: `totals`, `absent` …
    pub(crate) key: &'static str,
    /// Its heading without its number.
    pub(crate) heading: String,
    /// How many things it lists, may be empty: `（12）`.
    pub(crate) count: String,
    /// Its number: `一、` or `1.`
    pub(crate) ordinal: String,
    #[serde(flatten)]
    pub(crate) body: Body,
}

/// What a section is made of.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Body {
    /// Rows and columns.
    Table(Table),
    /// The last days.
    Chart(Plot),
    /// What people wrote.
    Narrative { parts: Vec<Part> },
    /// A few named facts.
    Facts { facts: Vec<[String; 2]> },
}

/// Rows under headed columns; no rows means "none".
#[derive(Debug, Default, Serialize)]
pub(crate) struct Table {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<Field>>,
    /// What was left out and where it stands.
    pub(crate) more: Vec<String>,
}

/// A column.
#[derive(Debug, Serialize)]
pub(crate) struct Column {
    pub(crate) label: String,
    /// Whether its fields are figures, set to the right.
    pub(crate) number: bool,
    /// Its share of the width; 0 where it takes what it needs.
    pub(crate) weight: u8,
    /// Whether it keeps a column of its own on a phone; others go below the first, small.
    pub(crate) phone: bool,
}

/// What stands in one row and column.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Field {
    pub(crate) text: String,
    /// The same as a number, where it is one.
    #[serde(skip)]
    pub(crate) number: Option<f64>,
    #[serde(skip)]
    pub(crate) style: Style,
    /// Whether a note below the table speaks of it; its text ends with the mark.
    #[serde(skip)]
    pub(crate) marked: bool,
    /// Whether it asks for somebody's attention.
    pub(crate) alert: bool,
}

/// How a number is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Style {
    #[default]
    Plain,
    /// With its sign.
    Signed,
    /// In percent.
    Percent,
}

/// One of the three parts of the narrative.
#[derive(Debug, Serialize)]
pub(crate) struct Part {
    pub(crate) heading: String,
    pub(crate) texts: Vec<String>,
}

impl Paper {
    /// Writes the document out in words.
    ///
    /// `covers` says whether a character has a glyph; `None` where the reader's machine brings the
    /// fonts.
    ///
    /// # Errors
    /// `print.input.day` or `print.input.instant`, naming the field.
    pub(crate) fn new(
        doc: &BriefDoc,
        extent: Extent,
        covers: Option<&dyn Fn(char) -> bool>,
    ) -> Result<(Self, Vec<Finding>), PrintProblem> {
        let mut pen = Pen { doc, extent, clean: Cleaner::new(doc.lang, covers), lists_cut: 0, spent: 0 };
        let day = figure::day(&doc.day, "day")?;
        let as_of = figure::Moment::field(&doc.as_of, "as_of")?;
        let made_at = figure::Moment::field(&doc.made_at, "made_at")?;
        let lang = doc.lang;
        let mut foot = vec![format!("{} {}", pen.word("head.made_at"), made_at.long(lang))];
        if let Some(digest) = &doc.digest {
            foot.push(format!("{} {}", pen.word("foot.digest"), pen.code(digest)));
        }
        let paper = Self {
            lang: lang.tag(),
            simulated: doc.simulated.then(|| pen.word("simulated")),
            office: pen.name(&doc.office),
            title: pen.name(&doc.title),
            number: pen.name(doc.number.as_deref().unwrap_or_default()),
            day: figure::day_long(day, lang),
            as_of: format!("{} {}", pen.word("head.as_of"), as_of.long(lang)),
            state: pen.word(if doc.frozen { "head.frozen" } else { "head.open" }),
            sentences: pen.texts(&doc.sentences),
            numbers: pen.numbers(),
            sections: sections::all(&mut pen),
            foot,
            page: pen.word("foot.page"),
            none: pen.word("none"),
            unwritten: pen.word("narrative.unwritten"),
            editable: pen.word("narrative.editable"),
        };
        Ok((paper, pen.findings()))
    }
}

/// Writes names, texts and words for one kind of paper.
struct Pen<'a> {
    doc: &'a BriefDoc,
    extent: Extent,
    clean: Cleaner<'a>,
    lists_cut: usize,
    /// Bytes of text so far, which is more than characters.
    spent: usize,
}

impl Pen<'_> {
    /// A fixed word: the house's, or our own.
    fn word(&mut self, key: &str) -> String {
        let word = match self.doc.labels.get(key) {
            Some(word) => word,
            None => labels::of_day(self.doc.lang, key, self.doc.frozen).unwrap_or(key),
        };
        self.clean.line(word, WORD_MAX)
    }

    /// A fixed word with a figure put in.
    fn word_with(&mut self, key: &str, holes: &[(&str, i64)]) -> String {
        let word = self.word(key);
        holes.iter().fold(word, |word, (hole, n)| word.replace(hole, &figure::count(*n)))
    }

    fn name(&mut self, text: &str) -> String {
        let chars_max = self.spend(text, self.extent.name);
        self.clean.line(text, chars_max)
    }

    /// A day or an instant: short whatever it is, because its column takes what it needs.
    fn short(&mut self, text: &str) -> String {
        self.clean.line(text, 25)
    }

    /// A digest: never broken, so that it can be copied.
    fn code(&mut self, text: &str) -> String {
        self.clean.code(text, WORD_MAX)
    }

    fn text(&mut self, text: &str) -> String {
        let chars_max = self.spend(text, self.extent.text);
        self.clean.text(text, chars_max)
    }

    /// How many characters of a text there is room for.
    fn spend(&mut self, text: &str, chars_max: usize) -> usize {
        let chars_max = if self.spent < self.extent.all { chars_max } else { SHORT_MAX.min(chars_max) };
        self.spent += text.len().min(chars_max);
        chars_max
    }

    /// Texts, as many as the paper takes, and a line that says how many more there are.
    fn texts(&mut self, texts: &[String]) -> Vec<String> {
        let mut kept: Vec<_> = texts.iter().take(self.extent.rows).map(|t| self.text(t)).collect();
        kept.extend(self.more(texts.len(), self.extent.rows));
        kept
    }

    /// The line that says how many of `n` are not shown where `most` are.
    fn more(&mut self, n: usize, most: usize) -> Option<String> {
        let over = n.checked_sub(most).filter(|over| *over > 0)?;
        self.lists_cut += 1;
        Some(self.word_with("list.more", &[("{n}", over as i64)]))
    }

    fn numbers(&mut self) -> Vec<Big> {
        let doc = self.doc;
        doc.numbers.iter().take(self.extent.rows).map(|n| self.number(n)).collect()
    }

    fn number(&mut self, n: &BigNumber) -> Big {
        let (mut name, mut unit) = (self.name(&n.name), self.name(&n.unit));
        // A long unit beside a large figure would break its line.
        if unit.chars().count() > 2 {
            name = format!("{name} ({unit})");
            unit.clear();
        }
        let change = match (n.delta, self.doc.lang) {
            _ if n.other_units.is_some() => {
                let same = n.other_units.as_ref().and_then(|yesterday| yesterday.same_units.as_ref());
                self.same_units("delta", same)
            }
            (None, _) => self.word("delta.unknown"),
            (Some(0.0), _) => self.word("delta.zero"),
            (delta, Lang::En) => format!("{} {}", figure::change(delta), self.word("delta.since")),
            (delta, _) => format!("{} {}", self.word("delta.since"), figure::change(delta)),
        };
        let mut base = match (n.base, n.said) {
            (None, _) => String::new(),
            (Some(base), None) => self.word_with("number.base", &[("{base}", base)]),
            (Some(base), Some(said)) => self.word_with("number.said", &[("{base}", base), ("{said}", said)]),
        };
        if let Some(yesterday) = &n.other_units {
            let counts = [("{base}", yesterday.base), ("{said}", yesterday.said)];
            let before = self.word_with("number.yesterday", &counts);
            let before = before.replace("{value}", &figure::figure(Some(yesterday.value)));
            let parted = if self.doc.lang == Lang::En { "; " } else { "；" };
            base = format!("{base}{parted}{before}");
        }
        let unknown = n.value.is_none();
        let value = if unknown { self.word("number.unknown") } else { figure::figure(n.value) };
        Big {
            name,
            value,
            number: n.value,
            unit: if unknown { String::new() } else { unit },
            change,
            base,
            unknown,
        }
    }

    /// The change in the units that said a figure on both days; where it is not known, that there is none to tell.
    fn same_units(&mut self, of: &str, same: Option<&SameUnits>) -> String {
        let Some(same) = same.filter(|same| same.units > 0) else {
            return self.word(&format!("{of}.other_units"));
        };
        let word = self.word_with(&format!("{of}.same_units"), &[("{n}", same.units)]);
        word.replace("{change}", &figure::change(Some(same.change)))
    }

    fn findings(self) -> Vec<Finding> {
        let mut findings = self.clean.findings();
        if self.lists_cut > 0 {
            let message = format!("{} lists were too long and say how much is left out", self.lists_cut);
            findings.push(Finding { finding: "print.list.cut", message });
        }
        findings
    }
}

impl Field {
    fn text(text: String) -> Self {
        Self { text, number: None, style: Style::Plain, marked: false, alert: false }
    }

    fn figure(value: Option<f64>) -> Self {
        Self { number: value, ..Self::text(figure::figure(value)) }
    }

    fn count(value: i64) -> Self {
        Self::figure(Some(value as f64))
    }

    fn change(value: Option<f64>) -> Self {
        Self { number: value, style: Style::Signed, ..Self::text(figure::change(value)) }
    }

    fn rate(part: i64, whole: i64) -> Self {
        let number = (whole > 0).then(|| part as f64 / whole as f64);
        Self { number, style: Style::Percent, ..Self::text(figure::rate(part, whole)) }
    }

    fn marked_if(mut self, marked: bool) -> Self {
        if marked {
            self.text.push_str(MARK);
        }
        self.marked = marked;
        self
    }

    fn alert_if(mut self, alert: bool) -> Self {
        self.alert = alert;
        self
    }
}
