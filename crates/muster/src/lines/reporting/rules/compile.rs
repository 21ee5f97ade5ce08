//! The rules of a version of a form, ready to be judged by: each expression read once. Pure.

use super::read::{Reader, Slot, When, slots_of};
use super::{Follows, Rule, Test};
use crate::lines::reporting::model::{Element, Form, Item};
use cel::parser::Expression;
use std::collections::HashSet;
use std::sync::Arc;

/// A rule, ready.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    pub(super) code: String,
    pub(super) follows: Follows,
    pub(super) at: Arc<Element>,
    pub(super) says: crate::lines::operation::Names,
    /// None where its expression cannot be read, which was looked at when the form was set.
    pub(super) expression: Option<Expression>,
}

/// An element that is computed, ready.
#[derive(Clone, Debug)]
pub(super) struct Computes {
    pub(super) element: Arc<Element>,
    pub(super) item: Item,
    pub(super) expression: Option<Expression>,
    /// Figures it asks for.
    pub(super) slots: Vec<usize>,
    /// By what its result is divided to have the element's own decimal places.
    pub(super) per: i64,
}

/// The rules of a version of a form and what it computes, ready to be judged by.
#[derive(Clone, Debug, Default)]
pub struct Compiled {
    pub(super) slots: Vec<Slot>,
    /// Each after those it asks for.
    pub(super) computes: Vec<Computes>,
    pub(super) rules: Vec<Ready>,
    never_fall: HashSet<i64>,
}

impl Compiled {
    /// The rules of a form. `elements` are those of its items, in order. A rule whose expression cannot be read is told as
    /// one that cannot be judged.
    pub fn of(form: &Form, elements: &[Arc<Element>]) -> Option<Self> {
        if form.rules.is_empty() && form.items.iter().all(|item| item.computed.is_none()) {
            return None;
        }
        let mut all = Self::default();
        for (item, element) in form.items.iter().zip(elements) {
            let Some(expression) = &item.computed else { continue };
            let read = all.reading(elements).computed(expression, element);
            let (expression, per) = read.map_or((None, 1), |(expression, per)| (Some(expression), per));
            let mut slots = Vec::new();
            expression.iter().for_each(|expression| slots_of(expression, &mut slots));
            let (element, item) = (element.clone(), item.clone());
            all.computes.push(Computes { element, item, expression, slots, per });
        }
        all.in_order();
        for rule in &form.rules {
            let Some(at) = elements.iter().find(|element| element.code == rule.at) else { continue };
            let expression = all.reading(elements).rule(&rule.test.expression()).ok();
            let Rule { code, follows, says, .. } = rule.clone();
            all.rules.push(Ready { code, follows, at: at.clone(), says, expression });
            if let Test::NeverFalls { element } = &rule.test {
                let named = elements.iter().filter(|one| one.code == *element);
                all.never_fall.extend(named.map(|element| element.id));
            }
        }
        Some(all)
    }

    /// Whether it looks at the day before.
    pub fn asks_yesterday(&self) -> bool {
        self.slots.iter().any(|slot| slot.when == When::Yesterday)
    }

    /// Whether a rule says what follows where an element falls.
    pub fn minds_fall_of(&self, element: i64) -> bool {
        self.never_fall.contains(&element)
    }

    fn reading<'r>(&'r mut self, elements: &'r [Arc<Element>]) -> Reader<'r> {
        Reader::new(elements, &mut self.slots)
    }

    /// Puts each computed element after those it is computed of. Where that cannot be, as no form that was set has it, they
    /// stay as they are.
    fn in_order(&mut self) {
        let mut waiting = std::mem::take(&mut self.computes);
        while !waiting.is_empty() {
            let open: HashSet<i64> = waiting.iter().map(|one| one.element.id).collect();
            let free = |one: &Computes| self.asked_of_today(one).all(|element| !open.contains(&element));
            let Some(at) = waiting.iter().position(free) else { break };
            let next = waiting.remove(at);
            self.computes.push(next);
        }
        self.computes.append(&mut waiting);
    }

    fn asked_of_today<'c>(&'c self, one: &'c Computes) -> impl Iterator<Item = i64> {
        let slots = one.slots.iter().map(|&slot| &self.slots[slot]);
        slots.filter(|slot| slot.when == When::Today).map(|slot| slot.element.id)
    }

    /// The first element that is, by way of others, computed of itself.
    pub(super) fn circle(&self) -> Option<&Element> {
        let mut open: HashSet<i64> = self.computes.iter().map(|one| one.element.id).collect();
        for one in &self.computes {
            if self.asked_of_today(one).any(|element| open.contains(&element)) {
                return Some(&one.element);
            }
            open.remove(&one.element.id);
        }
        None
    }
}
