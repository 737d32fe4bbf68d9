//! Makes a plan of polars deterministic: groups, distinct rows, joins and ties of a sort come in the order of the rows
//! that they come from, whatever the number of threads and the seed of a hash. Refuses every plan that reaches for
//! something outside the tables it was given.

use std::sync::Arc;

use polars::prelude::{
    DslPlan, Expr, JoinType, MaintainOrderJoin, PolarsError, PolarsResult, SpecialEq,
    UniqueKeepStrategy,
};

/// The same plan in a stable order.
pub(super) fn stable(plan: &DslPlan) -> PolarsResult<DslPlan> {
    let mut plan = plan.clone();
    match &mut plan {
        DslPlan::DataFrameScan { .. } => {}
        DslPlan::IR { dsl, .. } => return stable(dsl),
        DslPlan::Cache { input, .. } => return stable(input),
        DslPlan::Filter { input, predicate } => {
            inner(input)?;
            one(predicate)?;
        }
        DslPlan::Select { input, expr, .. } => {
            inner(input)?;
            all(expr)?;
        }
        DslPlan::HStack { input, exprs, .. } => {
            inner(input)?;
            all(exprs)?;
        }
        DslPlan::GroupBy {
            input,
            keys,
            predicates,
            aggs,
            maintain_order,
            ..
        } => {
            inner(input)?;
            all(keys)?;
            all(predicates)?;
            all(aggs)?;
            *maintain_order = true;
        }
        DslPlan::Join {
            input_left,
            input_right,
            left_on,
            right_on,
            predicates,
            options,
        } => {
            inner(input_left)?;
            inner(input_right)?;
            all(left_on)?;
            all(right_on)?;
            all(predicates)?;
            let args = &mut Arc::make_mut(options).args;
            if matches!(
                args.how,
                JoinType::Inner | JoinType::Left | JoinType::Right | JoinType::Full
            ) {
                args.maintain_order = MaintainOrderJoin::LeftRight;
            }
        }
        DslPlan::Distinct { input, options } => {
            inner(input)?;
            options.maintain_order = true;
            if options.keep_strategy == UniqueKeepStrategy::Any {
                options.keep_strategy = UniqueKeepStrategy::First;
            }
        }
        DslPlan::Sort {
            input,
            by_column,
            sort_options,
            ..
        } => {
            inner(input)?;
            all(by_column)?;
            sort_options.maintain_order = true;
        }
        DslPlan::Slice { input, .. } | DslPlan::MapFunction { input, .. } => inner(input)?,
        DslPlan::Union { inputs, args } => {
            many(inputs)?;
            args.maintain_order = true;
        }
        DslPlan::HConcat { inputs, .. } => many(inputs)?,
        DslPlan::ExtContext { input, contexts } => {
            inner(input)?;
            many(contexts)?;
        }
        DslPlan::Scan { .. } => return Err(refused("files can't be read from a query")),
        _ => return Err(refused("this kind of query is not supported")),
    }
    Ok(plan)
}

fn refused(why: &'static str) -> PolarsError {
    PolarsError::SQLInterface(why.into())
}

fn inner(plan: &mut Arc<DslPlan>) -> PolarsResult<()> {
    *plan = Arc::new(stable(plan)?);
    Ok(())
}

fn many(plans: &mut [DslPlan]) -> PolarsResult<()> {
    plans.iter_mut().try_for_each(|plan| {
        *plan = stable(plan)?;
        Ok(())
    })
}

fn all(exprs: &mut [Expr]) -> PolarsResult<()> {
    exprs.iter_mut().try_for_each(one)
}

fn one(expr: &mut Expr) -> PolarsResult<()> {
    *expr = stable_expr(expr.clone())?;
    Ok(())
}

/// The same expression with stable sorts and subqueries.
pub(super) fn stable_expr(expr: Expr) -> PolarsResult<Expr> {
    let mut failure = None;
    let expr = expr.map_expr(|mut expr| {
        match &mut expr {
            Expr::Sort { options, .. }
            | Expr::Over {
                order_by: Some((_, options)),
                ..
            } => options.maintain_order = true,
            Expr::SortBy { sort_options, .. } => sort_options.maintain_order = true,
            Expr::SubPlan(plan, _) => match stable(plan) {
                Ok(same) => *plan = SpecialEq::new(Arc::new(same)),
                Err(error) => failure = Some(error),
            },
            _ => {}
        }
        expr
    });
    failure.map_or(Ok(expr), Err)
}
