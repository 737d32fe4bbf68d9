//! The syntax tree's meaning: terms by the rules of R's `terms.formula`.

use super::expression;
use super::syntax::{Node, NodeKind, Operator, Summand, Syntax};
use super::{Formula, FormulaError, FormulaErrorKind, RandomTerm, Span, Term, Variable};
use std::collections::{BTreeMap, BTreeSet};

/// More terms than any model of a trial has; keeps `(a + b + …)^9` from filling the memory.
const MAX_TERMS: usize = 2000;

/// Expands a formula's two sides.
pub(super) fn expand(text: &str, syntax: &Syntax) -> Result<Formula, Vec<FormulaError>> {
    let mut expander = Expander::default();
    let response = syntax
        .response
        .as_ref()
        .and_then(|node| expander.variable(node));
    let mut side = Side::new();
    let list = expander.encode(&syntax.terms, &mut side, true);
    let terms = by_degree(list.terms);
    if let Some(response) = response {
        expander.refuse_response_as_term(response, &terms);
    }
    let bars: Vec<&Node> = std::mem::take(&mut side.bars);
    let random: Vec<RandomTerm> = bars
        .into_iter()
        .filter_map(|bar| expander.bar(bar))
        .collect();
    if !expander.errors.is_empty() {
        return Err(expander.errors);
    }
    Ok(Formula {
        text: text.to_owned(),
        variables: expander.variables,
        has_response: response.is_some(),
        intercept: side.intercept,
        terms,
        random,
    })
}

/// The variables so far, and all that is wrong.
#[derive(Default)]
struct Expander {
    variables: Vec<Variable>,
    index_of: BTreeMap<String, usize>,
    errors: Vec<FormulaError>,
}

/// What one right-hand side, the formula's or a bar's, says besides its terms.
struct Side<'a> {
    intercept: bool,
    /// False inside an odd number of subtractions, where `1` takes the intercept away.
    adding: bool,
    bars: Vec<&'a Node>,
}

impl Side<'_> {
    fn new() -> Self {
        Self {
            intercept: true,
            adding: true,
            bars: Vec::new(),
        }
    }
}

/// Terms without duplicates, in order of appearance.
#[derive(Default)]
struct TermList {
    terms: Vec<Term>,
    seen: BTreeSet<Vec<usize>>,
}

impl TermList {
    fn push(&mut self, term: Term) {
        if self.seen.insert(term.variables.clone()) {
            self.terms.push(term);
        }
    }

    fn extend(&mut self, other: Self) {
        for term in other.terms {
            self.push(term);
        }
    }

    fn remove(&mut self, other: &Self) {
        let before = self.seen.len();
        for key in &other.seen {
            self.seen.remove(key);
        }
        if self.seen.len() < before {
            let seen = &self.seen;
            self.terms.retain(|term| seen.contains(&term.variables));
        }
    }

    fn all_variables(&self) -> Vec<usize> {
        let all: BTreeSet<usize> = self
            .terms
            .iter()
            .flat_map(|term| term.variables.iter().copied())
            .collect();
        all.into_iter().collect()
    }
}

impl Expander {
    fn error(&mut self, kind: FormulaErrorKind, span: Span) {
        self.errors.push(FormulaError::new(kind, span));
    }

    /// The index of the variable that a tree stands for, or none after an error.
    fn variable(&mut self, node: &Node) -> Option<usize> {
        let (expression, label) = match expression::variable(node) {
            Ok(variable) => variable,
            Err(error) => {
                self.errors.push(error);
                return None;
            }
        };
        if let Some(&index) = self.index_of.get(&label) {
            return Some(index);
        }
        let index = self.variables.len();
        self.index_of.insert(label.clone(), index);
        self.variables.push(Variable {
            label,
            expression,
            span: node.span,
        });
        Some(index)
    }

    /// The terms of a tree. `may_hold_bars` where a random-effect bar can be a summand.
    fn encode<'a>(&mut self, node: &'a Node, side: &mut Side<'a>, may_hold_bars: bool) -> TermList {
        let mut list = TermList::default();
        match &node.kind {
            NodeKind::Name(_) | NodeKind::Call { .. } => {
                if let Some(index) = self.variable(node) {
                    list.push(Term {
                        variables: vec![index],
                        span: node.span,
                    });
                }
            }
            NodeKind::Number(value) => self.number(*value, node.span, side),
            NodeKind::Parenthesised(inner) => return self.encode(inner, side, may_hold_bars),
            NodeKind::Sign {
                negative: false,
                operand,
            } => return self.encode(operand, side, false),
            NodeKind::Sign { operand, .. } => {
                self.subtract(&mut list, operand, side);
            }
            NodeKind::Sum(summands) => return self.sum(summands, node.span, side, may_hold_bars),
            NodeKind::Binary {
                operator: Operator::Power,
                left,
                right,
            } => return self.power(left, right, node.span, side),
            NodeKind::Binary {
                operator,
                left,
                right,
            } => return self.product(*operator, left, right, side),
            NodeKind::Bar { .. } if may_hold_bars => side.bars.push(node),
            NodeKind::Bar { .. } => {
                let error = FormulaError::new(FormulaErrorKind::MisplacedBar, node.span)
                    .help("add random effects to the other terms: `… + (1 | participant)`");
                self.errors.push(error);
            }
        }
        list
    }

    fn sum<'a>(
        &mut self,
        summands: &'a [Summand],
        span: Span,
        side: &mut Side<'a>,
        may_hold_bars: bool,
    ) -> TermList {
        let mut list = TermList::default();
        for summand in summands {
            if summand.negative {
                self.subtract(&mut list, &summand.node, side);
            } else {
                let terms = self.encode(&summand.node, side, may_hold_bars);
                list.extend(terms);
            }
            if list.terms.len() > MAX_TERMS {
                self.error(FormulaErrorKind::TooManyTerms, span);
                return TermList::default();
            }
        }
        list
    }

    fn number(&mut self, value: f64, span: Span, side: &mut Side) {
        if value == 1.0 {
            side.intercept = side.adding;
        } else if value == 0.0 {
            side.intercept = !side.adding;
        } else {
            let error = FormulaError::new(FormulaErrorKind::NumberAsTerm(value.to_string()), span)
                .help(
                    "`0` or `-1` leaves the intercept out; arithmetic stands in `I()`: `I(2 * x)`",
                );
            self.errors.push(error);
        }
    }

    fn subtract<'a>(&mut self, list: &mut TermList, node: &'a Node, side: &mut Side<'a>) {
        side.adding = !side.adding;
        let removed = self.encode(node, side, false);
        side.adding = !side.adding;
        list.remove(&removed);
    }

    /// Terms of an operand that must have some.
    fn operand<'a>(&mut self, node: &'a Node, side: &mut Side<'a>) -> Option<TermList> {
        let errors = self.errors.len();
        let list = self.encode(node, side, false);
        if list.terms.is_empty() {
            if self.errors.len() == errors {
                self.error(FormulaErrorKind::EmptyOperand, node.span);
            }
            return None;
        }
        Some(list)
    }

    fn product<'a>(
        &mut self,
        operator: Operator,
        left: &'a Node,
        right: &'a Node,
        side: &mut Side<'a>,
    ) -> TermList {
        let (left_list, right_list) = (self.operand(left, side), self.operand(right, side));
        let (Some(left_list), Some(right_list)) = (left_list, right_list) else {
            return TermList::default();
        };
        let span = left.span.to(right.span);
        if left_list.terms.len() * right_list.terms.len() > MAX_TERMS {
            self.error(FormulaErrorKind::TooManyTerms, span);
            return TermList::default();
        }
        joined(operator, left_list, right_list, span)
    }

    fn power<'a>(
        &mut self,
        left: &'a Node,
        exponent: &Node,
        span: Span,
        side: &mut Side<'a>,
    ) -> TermList {
        let Some(base) = self.operand(left, side) else {
            return TermList::default();
        };
        let NodeKind::Number(times) = exponent.kind else {
            self.error(FormulaErrorKind::BadPower, exponent.span);
            return TermList::default();
        };
        if times < 1.0 || times.fract() != 0.0 {
            self.error(FormulaErrorKind::BadPower, exponent.span);
            return TermList::default();
        }
        let factors = base.terms.clone();
        let mut list = base;
        let mut done = 1.0;
        while done < times {
            if list.terms.len() * factors.len() > MAX_TERMS {
                self.error(FormulaErrorKind::TooManyTerms, span);
                return TermList::default();
            }
            let mut next = TermList::default();
            interactions(&mut next, &list.terms, &factors, span);
            let settled = next.terms.len() == list.terms.len();
            list = next;
            if settled {
                break;
            }
            done += 1.0;
        }
        list
    }

    fn refuse_response_as_term(&mut self, response: usize, terms: &[Term]) {
        let Some(label) = self
            .variables
            .get(response)
            .map(|variable| variable.label.clone())
        else {
            return;
        };
        for term in terms {
            if term.variables.contains(&response) {
                self.error(FormulaErrorKind::ResponseAsTerm(label.clone()), term.span);
            }
        }
    }

    fn bar(&mut self, node: &Node) -> Option<RandomTerm> {
        let NodeKind::Bar {
            correlated,
            left,
            right,
        } = &node.kind
        else {
            return None;
        };
        let errors = self.errors.len();
        let mut effects = Side::new();
        let terms = by_degree(self.encode(left, &mut effects, false).terms);
        if terms.is_empty() && !effects.intercept && self.errors.len() == errors {
            self.error(FormulaErrorKind::EmptyBar, left.span);
        }
        let groups = self.groups(right);
        (self.errors.len() == errors).then_some(RandomTerm {
            intercept: effects.intercept,
            terms,
            groups,
            correlated: *correlated,
            span: node.span,
        })
    }

    /// Grouping factors: names joined by `:` and `/`.
    fn groups(&mut self, node: &Node) -> Vec<Term> {
        let errors = self.errors.len();
        if !is_grouping(node) {
            let error = FormulaError::new(FormulaErrorKind::BadGrouping, node.span)
                .help("write one column, or several joined by `:` or `/`");
            self.errors.push(error);
            return Vec::new();
        }
        let mut side = Side::new();
        let list = self.encode(node, &mut side, false);
        if self.errors.len() > errors {
            return Vec::new();
        }
        list.terms
    }
}

fn is_grouping(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Name(_) => true,
        NodeKind::Parenthesised(inner) => is_grouping(inner),
        NodeKind::Binary {
            operator: Operator::Interact | Operator::Divide,
            left,
            right,
        } => is_grouping(left) && is_grouping(right),
        _ => false,
    }
}

/// The terms of an operator other than `^` between two lists of terms.
fn joined(operator: Operator, left: TermList, right: TermList, span: Span) -> TermList {
    let together = |list: &TermList| {
        [Term {
            variables: list.all_variables(),
            span,
        }]
    };
    let mut list = TermList::default();
    match operator {
        Operator::Interact | Operator::Power => {
            interactions(&mut list, &left.terms, &right.terms, span);
        }
        Operator::Times => {
            let (a, b) = (left.terms.clone(), right.terms.clone());
            list.extend(left);
            list.extend(right);
            interactions(&mut list, &a, &b, span);
        }
        // `a %in% b`: every term of `a` within all of `b` together.
        Operator::In => interactions(&mut list, &left.terms, &together(&right), span),
        // `a / b`: `a`, and every term of `b` within all of `a` together.
        Operator::Divide => {
            let within = together(&left);
            list.extend(left);
            interactions(&mut list, &within, &right.terms, span);
        }
    }
    list
}

/// All unions of a term of `left` with one of `right`.
fn interactions(list: &mut TermList, left: &[Term], right: &[Term], span: Span) {
    for a in left {
        for b in right {
            let union: BTreeSet<usize> = a.variables.iter().chain(&b.variables).copied().collect();
            let variables: Vec<usize> = union.into_iter().collect();
            // A term united with itself is still the term as it was written.
            let span = if variables == a.variables {
                a.span
            } else {
                span
            };
            list.push(Term { variables, span });
        }
    }
}

/// Terms by degree, those of one degree as they came.
fn by_degree(mut terms: Vec<Term>) -> Vec<Term> {
    terms.sort_by_key(|term| term.variables.len());
    terms
}
