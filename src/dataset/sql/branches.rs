//! The order of the levels that an SQL `CASE` makes.

use polars::prelude::Expr;

use super::super::frame::{Column, ColumnData};

/// Puts the levels of a category into the order in which the branches of the expression name them, where it is a `CASE`
/// all of whose results are texts written in it. Other columns stay as they are.
pub(super) fn order_levels(column: &mut Column, expression: &Expr) {
    let ColumnData::Category(codes) = &mut column.data else {
        return;
    };
    let mut named = Vec::new();
    if !texts(expression, &mut named) {
        return;
    }
    let place = |value: &str| named.iter().position(|text| text == value);
    let mut order: Vec<(Option<usize>, usize)> = column
        .field
        .levels
        .iter()
        .enumerate()
        .map(|(i, level)| (place(&level.value), i))
        .collect();
    if order.iter().any(|(place, _)| place.is_none()) {
        return;
    }
    order.sort_unstable();
    let mut moved = vec![0_u32; order.len()];
    let mut levels = Vec::with_capacity(order.len());
    for ((_, old), new) in order.into_iter().zip(0_u32..) {
        if let (Some(moved), Some(level)) = (moved.get_mut(old), column.field.levels.get(old)) {
            *moved = new;
            levels.push(level.clone());
        }
    }
    column.field.levels = levels;
    for code in codes.iter_mut() {
        *code = code.and_then(|old| moved.get(old as usize).copied());
    }
}

/// Collects the results of a `CASE`, its branches from first to last; false where one is neither a text nor NULL, or
/// the expression is no `CASE`.
fn texts(expression: &Expr, found: &mut Vec<String>) -> bool {
    let Expr::Ternary { truthy, falsy, .. } = expression else {
        return false;
    };
    result(truthy, found) && (result(falsy, found) || texts(falsy, found))
}

fn result(expression: &Expr, found: &mut Vec<String>) -> bool {
    let Expr::Literal(value) = expression else {
        return false;
    };
    match value.extract_str() {
        Some(text) => {
            found.push(text.to_owned());
            true
        }
        None => value.is_null(),
    }
}
