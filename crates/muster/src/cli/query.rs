//! `muster query`: the command line asks the same doors as a page, in its own process, and prints what they answer.

use super::door::{ask, escape};
use super::{Common, Stop, day, wrong};
use crate::request::page::LIMIT_MAX;
use axum::http::Method;
use clap::{Args, ValueEnum};
use muster_kernel::day::parse_instant;
use muster_kernel::{Day, Problem};
use std::process::ExitCode;

/// What may be asked.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// Units below one.
    Units,
    /// One unit, with its posts.
    Unit,
    /// What became of a unit: its dated facts, what came before and after it, who did what.
    UnitHistory,
    /// Classes that units bear.
    Classes,
    /// Bodies beside the tree.
    Parties,
    /// A node's totals and rates of a day.
    Totals,
    /// The five reporting rates of a node's children.
    Rates,
    /// An element over days.
    Series,
    /// Who has not reported.
    Missing,
    /// Where a statement about all below and its parts differ.
    Disagreements,
    /// On how many days statements and parts agree, by unit and kind.
    Agreement,
    /// Where a report and an incident say different things.
    Contradictions,
    /// Incidents of a day.
    Incidents,
    /// Corrections that came on a day.
    Corrections,
    /// The sheet of a unit and day.
    Sheet,
    /// Who said what when, and why it was corrected: of a unit and day.
    History,
    /// Words that units reported.
    Notes,
    /// All elements.
    Elements,
    /// All forms.
    Forms,
    /// Of whom forms are asked, and what was changed of that.
    Assignments,
    /// Who did what to what, when: the journal, the latest first.
    Journal,
}

const HELP: &str = "\
Examples:
  muster query totals --day 2020-02-03                      the whole tree
  muster query totals --node place:3401 --day 2020-02-03    a city, whoever its units belong to
  muster query rates --node unit:G07                        the five rates of each firm of a group
  muster query missing --node class:key --limit 20 --json   who of a class has not reported
  muster query totals --as-known-at 2020-02-03T10:00:00+08:00
  muster query history --node S1 --day 2020-02-03           every revision: who, when, why
  muster query agreement --element confirmed --from 2020-01-10 --to 2020-02-29
  muster query journal --node unit:G07 --action report --from 2020-02-03 --to 2020-02-03
  muster query journal --subject sheet:S1:2020-02-03        a sheet's own entries, along their links

With --json the answer is, letter by letter, what GET /api/v1/... answers (openapi.json describes it).
Exit codes: 0 answered; 1 refused (the problem is printed); 2 wrong command line; 3 the store failed.";

/// Ask for figures: what the API answers, as a table or with --json.
#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Query {
    /// What is asked.
    what: What,
    /// unit:CODE, place:34 or class:CODE; the unit at the top when absent.
    #[arg(long)]
    node: Option<String>,
    /// YYYY-MM-DD; today when absent.
    #[arg(long, value_parser = day)]
    day: Option<Day>,
    /// Code of the form; the operation's daily report when absent.
    #[arg(long)]
    form: Option<String>,
    /// Code of an element (series, agreement).
    #[arg(long)]
    element: Option<String>,
    /// First day (series, agreement, notes, journal).
    #[arg(long, value_parser = day)]
    from: Option<Day>,
    /// Last day (series, agreement, notes, journal).
    #[arg(long, value_parser = day)]
    to: Option<Day>,
    /// Code of the unit below which to look (units).
    #[arg(long)]
    under: Option<String>,
    /// 1: only what is right below (units).
    #[arg(long)]
    depth: Option<u32>,
    /// Only units of this kind (units).
    #[arg(long)]
    kind: Option<String>,
    /// Words to find (notes, units).
    #[arg(long)]
    words: Option<String>,
    /// Answer as it was known at this instant (RFC 3339, such as 2020-02-03T10:00:00+08:00).
    #[arg(long, value_parser = instant)]
    as_known_at: Option<String>,
    /// alone or below (sheet, history).
    #[arg(long, value_parser = ["alone", "below"])]
    scope: Option<String>,
    /// Rows wanted (missing, units, parties, journal), 1 to 1000.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(LIMIT_MAX)))]
    limit: Option<u32>,
    /// Where the page before ended (missing, units, parties).
    #[arg(long)]
    cursor: Option<String>,
    /// By whom: a login name, or account:7, role:office, system:cli (journal).
    #[arg(long)]
    actor: Option<String>,
    /// What was done: report.correct, or report for all that begin with it (journal).
    #[arg(long)]
    action: Option<String>,
    /// About what: unit:S1, sheet:S1:2020-02-03, account:liu, form:daily, brief:daily:2020-02-03, operation (journal).
    #[arg(long)]
    subject: Option<String>,
    /// Where the answer before ended: its `more` (journal).
    #[arg(long)]
    after: Option<String>,
}

impl Query {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        self.complete()?;
        // The door of a sheet is its day: where none is said it is the operation's today.
        let of_sheet = matches!(self.what, What::Sheet | What::History);
        let day = match self.day {
            None if of_sheet => Some(common.ctx(&common.open().await?).await?.today()),
            said => said,
        };
        let (status, answer) = ask(common, Method::GET, &self.path(day), None).await?;
        if !status.is_success() {
            return common.refused(status, &answer);
        }
        common.answer(&answer)?;
        Ok(ExitCode::SUCCESS)
    }

    /// What the question cannot be asked without.
    fn complete(&self) -> Result<(), Stop> {
        let (given, option) = match self.what {
            What::Unit | What::UnitHistory | What::Sheet | What::History => (self.node.is_some(), "--node"),
            What::Series | What::Agreement => (self.element.is_some(), "--element"),
            What::Notes => (self.words.is_some(), "--words"),
            _ => return Ok(()),
        };
        let lacking = || Stop::Line(Problem::invalid("query.needs").with("option", option));
        given.then_some(()).ok_or_else(lacking)
    }

    /// The door, and what is asked of it.
    fn path(&self, day: Option<Day>) -> String {
        let [day, from, to] = [day, self.from, self.to].map(|day| day.map(|day| day.to_string()));
        let unit = || {
            let node = self.node.as_deref().unwrap_or_default();
            escape(node.strip_prefix("unit:").unwrap_or(node))
        };
        let of_sheet = |end: &str| format!("/reports/{}/{}{end}", unit(), day.as_deref().unwrap_or_default());
        let of_unit = |end: &str| format!("/units/{}{end}", unit());
        let door = match self.what {
            What::Units => "/units".to_owned(),
            What::Unit => of_unit(""),
            What::UnitHistory => of_unit("/history"),
            What::Classes => "/classes".to_owned(),
            What::Parties => "/parties".to_owned(),
            What::Totals => "/totals".to_owned(),
            What::Rates => "/totals/children".to_owned(),
            What::Series => "/totals/series".to_owned(),
            What::Missing => "/missing".to_owned(),
            What::Disagreements => "/disagreements".to_owned(),
            What::Agreement => "/disagreements/agreement".to_owned(),
            What::Contradictions => "/contradictions".to_owned(),
            What::Incidents => "/incidents".to_owned(),
            What::Corrections => "/corrections".to_owned(),
            What::Sheet => of_sheet(""),
            What::History => of_sheet("/history"),
            What::Notes => "/search/notes".to_owned(),
            What::Elements => "/elements".to_owned(),
            What::Forms => "/forms".to_owned(),
            What::Assignments => "/assignments".to_owned(),
            What::Journal => "/journal".to_owned(),
        };
        // What stands in the path is not asked again.
        let (in_path, dated) = match self.what {
            What::Unit | What::UnitHistory => (true, false),
            What::Sheet | What::History => (true, true),
            _ => (false, false),
        };
        let limit = self.limit.map(|limit| limit.to_string());
        let depth = self.depth.map(|depth| depth.to_string());
        let asked = [
            ("node", if in_path { &None } else { &self.node }),
            ("day", if dated { &None } else { &day }),
            ("form", &self.form),
            ("element", &self.element),
            ("from", &from),
            ("to", &to),
            ("q", &self.words),
            ("as_known_at", &self.as_known_at),
            ("scope", &self.scope),
            ("under", &self.under),
            ("depth", &depth),
            ("kind", &self.kind),
            ("limit", &limit),
            ("cursor", &self.cursor),
            ("actor", &self.actor),
            ("action", &self.action),
            ("subject", &self.subject),
            ("after", &self.after),
        ];
        let given =
            asked.iter().filter_map(|(name, value)| Some(format!("{name}={}", escape(value.as_deref()?))));
        format!("{door}?{}", given.collect::<Vec<_>>().join("&"))
    }
}

/// An instant; anything else is a wrong command line.
fn instant(text: &str) -> Result<String, String> {
    let refusal = || wrong(&Problem::invalid("request.instant").with("field", "--as-known-at"));
    parse_instant(text).map(|_| text.to_owned()).ok_or_else(refusal)
}
