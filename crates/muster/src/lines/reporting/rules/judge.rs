//! What the rules of a form say of a sheet, and what it computes. Pure.

use super::super::check::{of_element, out_of_range, show_scaled, within};
use super::super::model::{ActKind, Class, Values};
use super::Follows;
use super::compile::{Compiled, Computes, Ready};
use super::read::{Slot, When};
use cel::common::types::{CelBool, CelInt, CelNull, CelString};
use cel::common::value::CowVal;
use cel::context::VariableResolver;
use cel::parser::Expression;
use cel::{Context, Env, Value};
use muster_kernel::{Day, Finding};
use std::sync::{Arc, LazyLock};

static NULL: CelNull = CelNull;
/// Neither functions nor macros: what an expression may do is what `read.rs` lets through.
static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::default().with_optional_support(false)));

/// What rules say of a sheet.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// Why it is not taken in.
    pub refused: Vec<Finding>,
    /// Elements at which a reason is asked, each with its finding.
    pub asked: Vec<(i64, Finding)>,
    /// What its sender is told.
    pub told: Vec<Finding>,
}

/// What an expression is given for one figure.
enum Held {
    Null,
    Number(CelInt),
    /// Position of a choice's code.
    Choice(usize),
    /// Larger than can be reckoned with: whoever asks for it fails.
    Unfit,
}

/// The figures of a sheet and of the day before, for one form's expressions.
struct Figures<'c> {
    slots: &'c [Slot],
    held: Vec<Held>,
}

impl<'c> Figures<'c> {
    fn of(slots: &'c [Slot], today: &Values, yesterday: Option<&Values>) -> Self {
        let held = slots.iter().map(|slot| match slot.when {
            When::Today => held(slot, today.get(&slot.element.id)),
            When::Yesterday => held(slot, yesterday.and_then(|values| values.get(&slot.element.id))),
        });
        Self { slots, held: held.collect() }
    }

    /// Takes in what was computed.
    fn set(&mut self, element: i64, value: Option<i64>) {
        for (slot, held) in self.slots.iter().zip(&mut self.held) {
            if slot.when == When::Today && slot.element.id == element {
                *held = self::held(slot, value.as_ref());
            }
        }
    }
}

fn held(slot: &Slot, value: Option<&i64>) -> Held {
    let Some(value) = value else { return Held::Null };
    match slot.codes() {
        Some(_) => usize::try_from(*value).map_or(Held::Unfit, Held::Choice),
        None => value.checked_mul(slot.times).map_or(Held::Unfit, |value| Held::Number(value.into())),
    }
}

impl VariableResolver for Figures<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        let at: usize = name.parse().ok()?;
        match self.held.get(at)? {
            Held::Null => Some(CowVal::Borrowed(&NULL)),
            Held::Number(number) => Some(CowVal::Borrowed(number)),
            Held::Choice(code) => {
                Some(CowVal::owned(CelString::from(self.slots[at].codes()?.get(*code)?.as_str())))
            }
            Held::Unfit => None,
        }
    }
}

/// A context for some figures: made in no time, since nothing is declared in it.
fn context<'v>(figures: &'v Figures<'_>) -> Context<'v, 'v> {
    let mut context = Context::with_env(ENV.clone());
    context.set_variable_resolver(figures);
    context
}

impl Compiled {
    /// Computes what the form computes, and puts it in the sheet's numbers. What is computed of figures that were not said is
    /// not said.
    ///
    /// `typed` is what the report itself says: where it says an element that is computed, it must be the same.
    pub fn compute(
        &self,
        (day, act): (Day, ActKind),
        today: &mut Values,
        yesterday: Option<&Values>,
        typed: &Values,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        let asked = self.computes.iter().filter(|one| one.element.holds(day));
        if self.computes.is_empty() {
            return findings;
        }
        let mut figures = Figures::of(&self.slots, today, yesterday);
        for one in asked {
            let (id, field) = (one.element.id, format!("values.{}", one.element.code));
            let value = one.value(&figures).unwrap_or_else(|finding| {
                findings.push(of_element(finding.field(&field), &one.element));
                None
            });
            if let Some(said) = typed.get(&id).filter(|said| Some(**said) != value) {
                let shown = |value: i64| show_scaled(value, one.element.scale());
                let differs =
                    Finding::refuse("value.computed_differs").field(&field).with("value", shown(*said));
                let differs = differs.with("computed", value.map(shown).unwrap_or_default());
                findings.push(of_element(differs, &one.element));
            }
            let event = act == ActKind::Zero && one.element.class == Class::Event;
            if event && value.is_some_and(|value| value != 0) {
                let zero = Finding::refuse("zero.event_not_zero").field(&field);
                findings.push(of_element(zero, &one.element));
            }
            match value {
                Some(value) => drop(today.insert(id, value)),
                None => drop(today.remove(&id)),
            }
            figures.set(id, value);
        }
        findings
    }

    /// What the form's rules say of a sheet.
    pub fn judge(&self, today: &Values, yesterday: Option<&Values>) -> Judged {
        let mut judged = Judged::default();
        if self.rules.is_empty() {
            return judged;
        }
        let figures = Figures::of(&self.slots, today, yesterday);
        let context = context(&figures);
        for rule in &self.rules {
            match rule.holds(&context) {
                Some(true) => {}
                Some(false) => match rule.follows {
                    Follows::Refuse => judged.refused.push(rule.finding(Finding::refuse("rule.refuses"))),
                    Follows::Note => judged.told.push(rule.finding(Finding::note("rule.notes"))),
                    Follows::Reason => {
                        let finding = rule.finding(Finding::refuse("rule.reason_needed"));
                        judged.asked.push((rule.at.id, finding));
                    }
                },
                // Nobody's report waits for whoever wrote the rule.
                None => judged.told.push(rule.finding(Finding::warn("rule.failed"))),
            }
        }
        judged
    }
}

impl Ready {
    /// Whether the rule holds; none where that cannot be told.
    fn holds(&self, context: &Context<'_, '_>) -> Option<bool> {
        let value = Value::resolve_val(self.expression.as_ref()?, context).ok()?;
        value.downcast_ref::<CelBool>().map(|holds| *holds.inner())
    }

    fn finding(&self, finding: Finding) -> Finding {
        let mut finding = finding.field(format!("values.{}", self.at.code)).with("rule", &self.code);
        // Sentences were bounded when the form was set, and are longer than what comes from outside may be.
        let says =
            [("says", &self.says.zh_hans), ("says@zh-TW", &self.says.zh_hant), ("says@en", &self.says.en)];
        for (key, words) in says {
            let words = if words.is_empty() { &self.says.zh_hans } else { words };
            finding.args.insert(key.to_owned(), words.clone());
        }
        of_element(finding, &self.at)
    }
}

impl Computes {
    /// The number, or none where a figure it needs was not said.
    fn value(&self, figures: &Figures<'_>) -> Result<Option<i64>, Finding> {
        let failed = || Finding::refuse("value.compute_failed");
        let expression: &Expression = self.expression.as_ref().ok_or_else(failed)?;
        let context = context(figures);
        let Ok(value) = Value::resolve_val(expression, &context) else {
            let unsaid = self.slots.iter().any(|slot| matches!(figures.held.get(*slot), Some(Held::Null)));
            return if unsaid { Ok(None) } else { Err(failed()) };
        };
        if value.downcast_ref::<CelNull>().is_some() {
            return Ok(None);
        }
        let number = value.downcast_ref::<CelInt>().map(|number| *number.inner()).ok_or_else(failed)?;
        if number % self.per != 0 {
            let places = self.element.scale();
            return Err(Finding::refuse("value.too_many_decimals").with("value", "").with("places", places));
        }
        let number = number / self.per;
        let shown = || show_scaled(number, self.element.scale());
        within(&self.item, &self.element, number).map(Some).map_err(|_| {
            out_of_range(
                shown(),
                self.item.min.unwrap_or(0),
                self.item.max.unwrap_or(super::super::model::NUMBER_MAX),
            )
        })
    }
}
