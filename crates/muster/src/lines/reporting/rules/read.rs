//! From the text of an expression to what is evaluated: its kinds looked at, all its numbers brought to one scale. Nothing
//! that is not listed here passes. Pure.

use super::EXPRESSION_CHARS_MAX;
use crate::lines::reporting::check::parse_scaled;
use crate::lines::reporting::model::{Element, ValueType};
use cel::ParseErrors;
use cel::common::ast::{CallExpr, Expr, LiteralValue, SelectExpr, operators};
use cel::common::types::CelInt;
use cel::parser::{Expression, PrattParser};
use muster_kernel::Finding;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// How deep an expression may be nested in brackets.
const DEPTH_MAX: usize = 16;
/// How deep the tree of an expression may be: it is walked by calls, when it is read and whenever it is judged.
const NODES_DEEP_MAX: u16 = 24;
/// Most decimal places that a product may come to.
const SCALE_MAX: u8 = 12;

/// Of which day a figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Today,
    Yesterday,
}

/// A figure that an expression asks for. It is known in the expression by its number.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Slot {
    pub(super) when: When,
    pub(super) element: Arc<Element>,
    /// By what the stored number is multiplied, so that it has the scale of what it is compared with.
    pub(super) times: i64,
}

impl Slot {
    /// The codes of a choice.
    pub(super) fn codes(&self) -> Option<&[String]> {
        match &self.element.value_type {
            ValueType::Choice { codes } => Some(codes),
            _ => None,
        }
    }
}

/// What a part of an expression is.
#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Bool,
    /// A number with so many decimal places.
    Number(u8),
    /// One of these codes.
    Choice(Vec<String>),
    Words(String),
    Null,
}

/// Reads an expression over the elements of a form: what is wrong with it, if it is a rule or computes an element.
///
/// # Errors
/// The finding, without a field.
pub fn expression_read(
    text: &str,
    elements: &[Arc<Element>],
    computes: Option<&Element>,
) -> Result<(), Box<Finding>> {
    let mut slots = Vec::new();
    let mut reader = Reader::new(elements, &mut slots);
    match computes {
        None => reader.rule(text).map(drop),
        Some(element) => reader.computed(text, element).map(drop),
    }
}

type Part = (Expression, Kind);
pub(super) type Found<T> = Result<T, Box<Finding>>;

fn refuse<T>(code: &'static str) -> Found<T> {
    Err(Box::new(Finding::refuse(code)))
}

fn not_allowed<T>(what: &str) -> Found<T> {
    Err(Box::new(Finding::refuse("rule.not_allowed").with("what", what)))
}

/// Reads expressions over some elements; figures that it meets are added to the slots.
pub(super) struct Reader<'r> {
    elements: &'r [Arc<Element>],
    slots: &'r mut Vec<Slot>,
    deep: u16,
}

impl<'r> Reader<'r> {
    pub(super) fn new(elements: &'r [Arc<Element>], slots: &'r mut Vec<Slot>) -> Self {
        Self { elements, slots, deep: 0 }
    }

    pub(super) fn rule(&mut self, text: &str) -> Found<Expression> {
        match self.part(parsed(text)?)? {
            (expression, Kind::Bool) => Ok(expression),
            _ => refuse("rule.not_a_condition"),
        }
    }

    /// The expression, and by what its result is to be divided.
    pub(super) fn computed(&mut self, text: &str, element: &Element) -> Found<(Expression, i64)> {
        match self.part(parsed(text)?)? {
            (expression, Kind::Number(scale)) if scale <= element.scale() => {
                Ok((self.raised(expression, element.scale() - scale)?, 1))
            }
            (expression, Kind::Number(scale)) => Ok((expression, power(scale - element.scale())?)),
            _ => refuse("rule.not_a_number"),
        }
    }

    fn part(&mut self, expression: Expression) -> Found<Part> {
        if self.deep == NODES_DEEP_MAX {
            return refuse("rule.too_deep");
        }
        self.deep += 1;
        let part = self.part_within(expression);
        self.deep -= 1;
        part
    }

    fn part_within(&mut self, Expression { id, expr }: Expression) -> Found<Part> {
        let whole = |expr| Expression { id, expr };
        match expr {
            Expr::Literal(literal) => {
                let (literal, kind) = literal_read(literal)?;
                Ok((whole(Expr::Literal(literal)), kind))
            }
            // `has(today.X)`: whether it was said.
            Expr::Select(select) if select.test => {
                let figure = Expr::Select(SelectExpr { test: false, ..select });
                let (figure, _) = self.figure(id, &figure)?;
                let args = vec![figure, Expression { id, expr: Expr::Literal(LiteralValue::Null) }];
                let func_name = operators::NOT_EQUALS.to_owned();
                Ok((whole(Expr::Call(CallExpr { func_name, target: None, args })), Kind::Bool))
            }
            Expr::Select(_) => self.figure(id, &expr),
            Expr::Ident(name) => not_allowed(&name),
            Expr::Call(call) => self.call(id, call),
            Expr::List(_) | Expr::Map(_) | Expr::Struct(_) => not_allowed("[ ] { }"),
            Expr::Comprehension(_) | Expr::Unspecified => not_allowed("?"),
        }
    }

    fn call(&mut self, id: u64, CallExpr { func_name, target, args }: CallExpr) -> Found<Part> {
        let name = func_name.as_str();
        if target.is_some() {
            return not_allowed(name);
        }
        if name == operators::INDEX {
            let call = CallExpr { func_name, target, args };
            return self.figure(id, &Expr::Call(call));
        }
        if matches!(name, operators::DIVIDE | operators::MODULO) {
            return refuse("rule.division");
        }
        let whole = |name: &str, args| Expression {
            id,
            expr: Expr::Call(CallExpr { func_name: name.to_owned(), target: None, args }),
        };
        let literal = |value| Expression { id, expr: Expr::Literal(value) };
        let mut parts = Vec::with_capacity(args.len());
        for arg in args {
            parts.push(self.part(arg)?);
        }
        let known = [
            operators::CONDITIONAL,
            operators::LOGICAL_AND,
            operators::LOGICAL_OR,
            operators::LOGICAL_NOT,
            operators::NEGATE,
            operators::ADD,
            operators::SUBSTRACT,
            operators::MULTIPLY,
            operators::EQUALS,
            operators::NOT_EQUALS,
            operators::LESS,
            operators::LESS_EQUALS,
            operators::GREATER,
            operators::GREATER_EQUALS,
        ];
        if !known.contains(&name) {
            return not_allowed(name);
        }
        match (name, parts.as_mut_slice()) {
            (operators::LOGICAL_NOT, [(_, Kind::Bool)]) => {
                let (part, _) = parts.remove(0);
                let literal = |value: bool| literal(LiteralValue::Boolean(value.into()));
                Ok((whole(operators::CONDITIONAL, vec![part, literal(false), literal(true)]), Kind::Bool))
            }
            (operators::NEGATE, [(_, Kind::Number(scale))]) => {
                let scale = *scale;
                Ok((whole(name, vec![parts.remove(0).0]), Kind::Number(scale)))
            }
            (operators::LOGICAL_AND | operators::LOGICAL_OR, [(_, Kind::Bool), (_, Kind::Bool)]) => {
                Ok((whole(name, exprs(parts)), Kind::Bool))
            }
            (operators::MULTIPLY, [(_, Kind::Number(a)), (_, Kind::Number(b))]) => {
                let scale = *a + *b;
                match scale <= SCALE_MAX {
                    true => Ok((whole(name, exprs(parts)), Kind::Number(scale))),
                    false => refuse("rule.kinds"),
                }
            }
            (operators::ADD | operators::SUBSTRACT, [(_, Kind::Number(_)), (_, Kind::Number(_))]) => {
                let (left, right, kind) = self.even(parts)?;
                Ok((whole(name, vec![left, right]), kind))
            }
            (
                operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS,
                [(_, Kind::Number(_)), (_, Kind::Number(_))],
            ) => {
                let (left, right, _) = self.even(parts)?;
                Ok((whole(name, vec![left, right]), Kind::Bool))
            }
            (operators::EQUALS | operators::NOT_EQUALS, [_, _]) => {
                let (left, right, _) = self.even(parts)?;
                Ok((whole(name, vec![left, right]), Kind::Bool))
            }
            (operators::CONDITIONAL, [(_, Kind::Bool), _, _]) => {
                let (condition, _) = parts.remove(0);
                let (left, right, kind) = self.even(parts)?;
                Ok((whole(name, vec![condition, left, right]), kind))
            }
            _ => refuse("rule.kinds"),
        }
    }

    /// Two parts that may stand beside each other, and what both of them are: numbers of one scale.
    fn even(&mut self, parts: Vec<Part>) -> Found<(Expression, Expression, Kind)> {
        let Ok([(left, of_left), (right, of_right)]) = <[Part; 2]>::try_from(parts) else {
            return refuse("rule.kinds");
        };
        let kind = match (of_left, of_right) {
            (Kind::Number(a), Kind::Number(b)) => {
                let scale = a.max(b);
                let (left, right) = (self.raised(left, scale - a)?, self.raised(right, scale - b)?);
                return Ok((left, right, Kind::Number(scale)));
            }
            (Kind::Choice(codes), Kind::Words(word)) | (Kind::Words(word), Kind::Choice(codes)) => {
                if !codes.contains(&word) {
                    let unknown = Finding::refuse("rule.unknown_choice").with("value", word);
                    return Err(Box::new(unknown));
                }
                Kind::Choice(codes)
            }
            (Kind::Choice(codes), Kind::Choice(_)) => Kind::Choice(codes),
            (Kind::Bool, Kind::Bool) => Kind::Bool,
            (Kind::Null, kind @ (Kind::Null | Kind::Number(_) | Kind::Choice(_))) => kind,
            (kind @ (Kind::Number(_) | Kind::Choice(_)), Kind::Null) => kind,
            _ => return refuse("rule.kinds"),
        };
        Ok((left, right, kind))
    }

    /// A number with so many more decimal places: its figures and literals are multiplied, so that null stays null.
    fn raised(&mut self, Expression { id, expr }: Expression, places: u8) -> Found<Expression> {
        if places == 0 {
            return Ok(Expression { id, expr });
        }
        let times = power(places)?;
        let expr = match expr {
            Expr::Literal(LiteralValue::Int(number)) => {
                let number = number.inner().checked_mul(times);
                Expr::Literal(LiteralValue::Int(number.map_or_else(|| refuse("rule.number"), Ok)?.into()))
            }
            Expr::Ident(name) => {
                let slot = name.parse().ok().and_then(|at: usize| self.slots.get(at)).cloned();
                let slot = slot.map_or_else(|| refuse("rule.unreadable"), Ok)?;
                let times = slot.times.checked_mul(times);
                let times = times.map_or_else(|| refuse("rule.number"), Ok)?;
                Expr::Ident(self.slot(Slot { times, ..slot }))
            }
            Expr::Call(CallExpr { func_name, target, args }) => {
                let of = |at: usize| match func_name.as_str() {
                    operators::MULTIPLY => at == 0,
                    operators::CONDITIONAL => at > 0,
                    _ => true,
                };
                let args = args.into_iter().enumerate();
                let args = args.map(|(at, arg)| if of(at) { self.raised(arg, places) } else { Ok(arg) });
                let args = args.collect::<Found<Vec<_>>>()?;
                Expr::Call(CallExpr { func_name, target, args })
            }
            other => other,
        };
        Ok(Expression { id, expr })
    }

    /// `today.X`, `yesterday.X`, and for codes that are no names `today["X"]`.
    fn figure(&mut self, id: u64, expr: &Expr) -> Found<Part> {
        let Some((when, code)) = path(expr) else { return not_allowed(". [ ]") };
        let found = self.elements.iter().find(|element| element.code == code);
        let Some(element) = found else {
            return Err(Box::new(Finding::refuse("rule.element").with("element", code)));
        };
        let kind = match &element.value_type {
            ValueType::Integer | ValueType::Decimal { .. } => Kind::Number(element.scale()),
            ValueType::Choice { codes } => Kind::Choice(codes.clone()),
            ValueType::Text | ValueType::Rate { .. } => {
                return Err(Box::new(Finding::refuse("rule.element_kind").with("element", code)));
            }
        };
        let name = self.slot(Slot { when, element: element.clone(), times: 1 });
        Ok((Expression { id, expr: Expr::Ident(name) }, kind))
    }

    /// The number by which a figure is known.
    fn slot(&mut self, slot: Slot) -> String {
        let known = self.slots.iter().position(|known| *known == slot);
        let at = known.unwrap_or_else(|| {
            self.slots.push(slot);
            self.slots.len() - 1
        });
        at.to_string()
    }
}

/// The figures that a read expression asks for.
pub(super) fn slots_of(expression: &Expression, slots: &mut Vec<usize>) {
    match &expression.expr {
        Expr::Ident(name) => slots.extend(name.parse::<usize>()),
        Expr::Call(call) => call.args.iter().for_each(|arg| slots_of(arg, slots)),
        _ => {}
    }
}

fn exprs(parts: Vec<Part>) -> Vec<Expression> {
    parts.into_iter().map(|(expression, _)| expression).collect()
}

fn power(places: u8) -> Found<i64> {
    10i64.checked_pow(places.into()).map_or_else(|| refuse("rule.number"), Ok)
}

fn path(expr: &Expr) -> Option<(When, String)> {
    match expr {
        Expr::Select(select) if !select.test => match &select.operand.expr {
            Expr::Ident(root) => Some((when(root)?, select.field.clone())),
            // The code of an element may have dots.
            deeper => path(deeper).map(|(when, code)| (when, format!("{code}.{}", select.field))),
        },
        Expr::Call(call) => match call.args.as_slice() {
            [root, key] => match (&root.expr, &key.expr) {
                (Expr::Ident(root), Expr::Literal(LiteralValue::String(code))) => {
                    Some((when(root)?, code.inner().to_owned()))
                }
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

fn when(root: &str) -> Option<When> {
    match root {
        "today" => Some(When::Today),
        "yesterday" => Some(When::Yesterday),
        _ => None,
    }
}

/// A literal as it is reckoned with: numbers whole, with their decimal places.
fn literal_read(literal: LiteralValue) -> Found<(LiteralValue, Kind)> {
    let whole = |number: i64| LiteralValue::Int(CelInt::from(number));
    Ok(match literal {
        LiteralValue::Boolean(_) => (literal, Kind::Bool),
        LiteralValue::Null => (literal, Kind::Null),
        LiteralValue::Int(number) => (whole(*number.inner()), Kind::Number(0)),
        LiteralValue::UInt(number) => match i64::try_from(*number.inner()) {
            Ok(number) => (whole(number), Kind::Number(0)),
            Err(_) => return refuse("rule.number"),
        },
        LiteralValue::Double(number) => {
            // As it was written: the shortest text that is this number.
            let text = number.inner().to_string();
            let places = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
            let Some(scale) = u8::try_from(places).ok().filter(|places| *places <= 6) else {
                return refuse("rule.number");
            };
            match parse_scaled(&text, scale) {
                Ok(number) => (whole(number), Kind::Number(scale)),
                Err(_) => return refuse("rule.number"),
            }
        }
        LiteralValue::String(ref words) => {
            let words = words.inner().to_owned();
            (literal, Kind::Words(words))
        }
        LiteralValue::Bytes(_) => return not_allowed("b\"\""),
    })
}

fn parsed(text: &str) -> Found<Expression> {
    if text.chars().nth(EXPRESSION_CHARS_MAX).is_some() {
        let finding = Finding::refuse("rule.too_long").with("max", EXPRESSION_CHARS_MAX);
        return Err(Box::new(finding));
    }
    let mut depth = 0usize;
    let deepest = text.chars().map(|c| {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth
    });
    let too_deep = deepest.max().is_some_and(|depth| depth > DEPTH_MAX);
    if too_deep {
        return refuse("rule.too_deep");
    }
    // The other parser of the library, a generated one, needs so much of the stack that a dozen brackets end the process.
    let parser = || PrattParser::new().max_recursion_depth(NODES_DEEP_MAX).parse(text);
    // What it does with every text nobody has proved.
    let read: Result<Expression, Option<ParseErrors>> =
        catch_unwind(AssertUnwindSafe(parser)).map_err(|_| None).and_then(|read| read.map_err(Some));
    read.map_err(|errors| {
        let first = errors.and_then(|errors| errors.errors.into_iter().next());
        let (at, why) = first.map_or((0, String::new()), |error| (error.pos.1, error.msg));
        Box::new(Finding::refuse("rule.unreadable").with("at", at).with("why", why))
    })
}
