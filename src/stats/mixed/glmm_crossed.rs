//! The likelihood of a generalised linear mixed model with several grouping factors, by Laplace's approximation.
//!
//! As with one factor (see `glmm_likelihood`), but the mode is that of all random effects that share rows. They fall
//! apart into connected components: nested factors give one for each level of the outermost. Within a component the
//! factor with the most levels ("inner") has a block-diagonal part of H, which is eliminated; what remains, of the
//! other factors, is dense.

use super::dense;
use super::family::Family;
use nalgebra::{DMatrix, DVector};
use std::cell::RefCell;
use std::ops::Range;

const MAX_STEPS: usize = 100;
/// The expected decrease that ends Newton's steps, as with one factor.
const EXACT: f64 = 1e-20;

/// The rows of a model, ordered by component and inner level.
pub(super) struct CrossedRows<'a> {
    pub y: &'a [f64],
    pub weights: &'a [f64],
    /// By rows: p numbers each.
    pub x: &'a [Vec<f64>],
    /// For each factor: its columns of Z, divided.
    pub z: &'a [Vec<Vec<f64>>],
    /// For each factor: the level of each row, and the number of levels.
    pub codes: Vec<(&'a [usize], usize)>,
}

/// The data of the likelihood.
pub(super) struct CrossedLikelihood {
    family: Family,
    /// The part of −2 log likelihood that depends on no parameter.
    constant: f64,
    /// The factor with the most levels, and the others.
    inner: usize,
    outer: Vec<usize>,
    sizes: Vec<usize>,
    components: Vec<Component>,
    /// Where each component's mode was last: g is convex, so it decides on nothing but how many steps are needed.
    last: RefCell<Vec<Place>>,
}

/// Levels that are connected by rows.
struct Component {
    rows: Vec<Row>,
    /// The rows and the level of each inner level.
    inner: Vec<(usize, Range<usize>)>,
    /// The factor (as a place in `outer`), level and first column of each outer level.
    levels: Vec<(usize, usize, usize)>,
    /// Columns of all outer levels.
    order: usize,
}

struct Row {
    y: f64,
    weight: f64,
    x: Vec<f64>,
    inner: Vec<f64>,
    /// For each outer factor: where its level's columns begin, and the columns of Z.
    outer: Vec<(usize, Vec<f64>)>,
}

/// A component at a value of u: half the Hessian's blocks and half the negative gradient.
struct System {
    value: f64,
    /// For each inner level: block, coupling to all outer columns, gradient.
    inner: Vec<(DMatrix<f64>, DMatrix<f64>, DVector<f64>)>,
    outer: DMatrix<f64>,
    score: DVector<f64>,
}

/// A step of Newton's method.
struct Step {
    inner: Vec<DVector<f64>>,
    outer: DVector<f64>,
    decrease: f64,
    log_det: f64,
}

/// Where the random effects u are.
#[derive(Clone)]
struct Place {
    inner: Vec<DVector<f64>>,
    outer: DVector<f64>,
}

impl CrossedLikelihood {
    /// The data; `constant` is the part that depends on no parameter.
    pub fn new(rows: &CrossedRows, family: Family, constant: f64) -> Self {
        let counts: Vec<usize> = rows.codes.iter().map(|(_, levels)| *levels).collect();
        let most = counts.iter().copied().max().unwrap_or(0);
        let inner = counts.iter().position(|&count| count == most).unwrap_or(0);
        let outer: Vec<usize> = (0..counts.len())
            .filter(|&factor| factor != inner)
            .collect();
        let sizes: Vec<usize> = rows.z.iter().map(Vec::len).collect();
        let components: Vec<Component> = components(rows, &counts)
            .iter()
            .map(|places| Component::new(rows, places, inner, &outer, &sizes))
            .collect();
        let place = |component: &Component| Place {
            inner: vec![DVector::zeros(sizes[inner]); component.inner.len()],
            outer: DVector::zeros(component.order),
        };
        let last = RefCell::new(components.iter().map(place).collect());
        Self {
            family,
            constant,
            inner,
            outer,
            sizes,
            components,
            last,
        }
    }

    /// The order of the largest dense part.
    pub fn largest(&self) -> usize {
        let orders = self.components.iter().map(|component| component.order);
        orders.max().unwrap_or(0)
    }

    /// −2 log likelihood; none where it is not finite.
    pub fn deviance(&self, lambda: &[DMatrix<f64>], beta: &[f64]) -> Option<f64> {
        let mut total = self.constant;
        for index in 0..self.components.len() {
            let (_, value) = self.mode(index, lambda, beta)?;
            total += value;
        }
        total.is_finite().then_some(total)
    }

    /// Λ u at the mode: for each factor a row for each level.
    pub fn effects(
        &self,
        lambda: &[DMatrix<f64>],
        beta: &[f64],
        counts: &[usize],
    ) -> Option<Vec<DMatrix<f64>>> {
        let sizes = counts.iter().zip(&self.sizes);
        let mut effects: Vec<DMatrix<f64>> = sizes
            .map(|(&levels, &size)| DMatrix::zeros(levels, size))
            .collect();
        for (index, component) in self.components.iter().enumerate() {
            let (place, _) = self.mode(index, lambda, beta)?;
            for ((level, _), u) in component.inner.iter().zip(&place.inner) {
                let b = &lambda[self.inner] * u;
                effects[self.inner].set_row(*level, &b.transpose());
            }
            for &(factor, level, start) in &component.levels {
                let factor = self.outer[factor];
                let u = place.outer.rows(start, self.sizes[factor]);
                effects[factor].set_row(level, &(&lambda[factor] * u).transpose());
            }
        }
        Some(effects)
    }

    /// The mode of a component by Newton's method, and what it adds to −2 log likelihood.
    fn mode(&self, index: usize, lambda: &[DMatrix<f64>], beta: &[f64]) -> Option<(Place, f64)> {
        let component = &self.components[index];
        let scaled = self.scaled(component, lambda, beta);
        let mut at = self.last.borrow()[index].clone();
        if !self.penalised(component, &scaled, &at).is_finite() {
            at.inner.iter_mut().for_each(|u| u.fill(0.0));
            at.outer.fill(0.0);
        }
        for _ in 0..MAX_STEPS {
            let system = self.system(component, &scaled, &at);
            let value = system.value;
            if !value.is_finite() {
                return None;
            }
            let step = system.solved()?;
            if step.decrease <= EXACT {
                self.last.borrow_mut()[index] = at.clone();
                return Some((at, value + step.log_det));
            }
            let mut share = 1.0;
            for _ in 0..60 {
                let tried = at.moved(&step, share);
                let next = self.penalised(component, &scaled, &tried);
                if next <= value + 1e-13 * value.abs() {
                    at = tried;
                    break;
                }
                share /= 2.0;
            }
        }
        None
    }

    /// The rows with Z Λ for Z and X β for X.
    fn scaled(&self, component: &Component, lambda: &[DMatrix<f64>], beta: &[f64]) -> Vec<Row> {
        let times = |z: &[f64], lambda: &DMatrix<f64>| -> Vec<f64> {
            let columns = lambda.column_iter();
            columns
                .map(|column| z.iter().zip(column.iter()).map(|(z, l)| z * l).sum())
                .collect()
        };
        let rows = component.rows.iter().map(|row| Row {
            y: row.y,
            weight: row.weight,
            x: vec![row.x.iter().zip(beta).map(|(x, beta)| x * beta).sum()],
            inner: times(&row.inner, &lambda[self.inner]),
            outer: row
                .outer
                .iter()
                .zip(&self.outer)
                .map(|((start, z), &factor)| (*start, times(z, &lambda[factor])))
                .collect(),
        });
        rows.collect()
    }

    fn penalised(&self, component: &Component, rows: &[Row], at: &Place) -> f64 {
        let mut total = at.outer.norm_squared();
        for ((_, range), u) in component.inner.iter().zip(&at.inner) {
            total += u.norm_squared();
            for row in &rows[range.clone()] {
                total += self
                    .family
                    .row(row.y, row.weight, row.predictor(u, &at.outer))
                    .value;
            }
        }
        total
    }

    fn system(&self, component: &Component, rows: &[Row], at: &Place) -> System {
        let (size, order) = (self.sizes[self.inner], component.order);
        let mut system = System {
            value: at.outer.norm_squared(),
            inner: Vec::with_capacity(component.inner.len()),
            outer: DMatrix::identity(order, order),
            score: -&at.outer,
        };
        for ((_, range), u) in component.inner.iter().zip(&at.inner) {
            system.value += u.norm_squared();
            let mut block = DMatrix::identity(size, size);
            let mut coupling = DMatrix::zeros(size, order);
            let mut score = -u;
            for row in &rows[range.clone()] {
                let part = self
                    .family
                    .row(row.y, row.weight, row.predictor(u, &at.outer));
                system.value += part.value;
                for (a, za) in row.inner.iter().enumerate() {
                    score[a] += za * part.score;
                    for (b, zb) in row.inner.iter().enumerate() {
                        block[(a, b)] += za * zb * part.information;
                    }
                    for (column, z) in row.outer_columns() {
                        coupling[(a, column)] += za * z * part.information;
                    }
                }
                for (a, za) in row.outer_columns() {
                    system.score[a] += za * part.score;
                    for (b, zb) in row.outer_columns() {
                        system.outer[(a, b)] += za * zb * part.information;
                    }
                }
            }
            system.inner.push((block, coupling, score));
        }
        system
    }
}

impl Place {
    fn moved(&self, step: &Step, share: f64) -> Self {
        let inner = self.inner.iter().zip(&step.inner);
        Self {
            inner: inner.map(|(u, step)| u + step * share).collect(),
            outer: &self.outer + &step.outer * share,
        }
    }
}

impl Row {
    fn predictor(&self, inner: &DVector<f64>, outer: &DVector<f64>) -> f64 {
        let own: f64 = self
            .inner
            .iter()
            .zip(inner.iter())
            .map(|(z, u)| z * u)
            .sum();
        let others: f64 = self
            .outer_columns()
            .map(|(column, z)| z * outer[column])
            .sum();
        self.x[0] + own + others
    }

    fn outer_columns(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.outer.iter().flat_map(|(start, z)| {
            let columns = z.iter().enumerate();
            columns.map(move |(index, z)| (start + index, *z))
        })
    }
}

impl System {
    /// Newton's step, by elimination of the inner blocks; none if rounding has made the matrix indefinite.
    fn solved(mut self) -> Option<Step> {
        let column = |v: &DVector<f64>| DMatrix::from_column_slice(v.len(), 1, v.as_slice());
        let mut log_det = 0.0;
        let mut decrease = 0.0;
        let mut eliminated = Vec::with_capacity(self.inner.len());
        for (block, coupling, score) in self.inner {
            let factor = dense::cholesky(&block)?;
            log_det += dense::log_determinant(&factor);
            let half = dense::solve_lower(&factor, &column(&score));
            decrease += half.norm_squared();
            // Only the outer columns that this level shares rows with.
            let links: Vec<usize> = (0..coupling.ncols())
                .filter(|&column| coupling.column(column).iter().any(|value| *value != 0.0))
                .collect();
            let linked = dense::solve_lower(&factor, &coupling.select_columns(&links));
            let products = linked.tr_mul(&linked);
            let pull = linked.tr_mul(&half);
            for (i, &a) in links.iter().enumerate() {
                self.score[a] -= pull[i];
                for (j, &b) in links.iter().enumerate() {
                    self.outer[(a, b)] -= products[(i, j)];
                }
            }
            eliminated.push((factor, links, linked, half));
        }
        let factor = dense::cholesky(&self.outer)?;
        log_det += dense::log_determinant(&factor);
        let half = dense::solve_lower(&factor, &column(&self.score));
        decrease += half.norm_squared();
        let outer = dense::solve_upper(&factor, &half).column(0).into_owned();
        let inner = eliminated.into_iter().map(|(factor, links, linked, half)| {
            let others = outer.select_rows(&links);
            let right = half - linked * column(&others);
            dense::solve_upper(&factor, &right).column(0).into_owned()
        });
        Some(Step {
            inner: inner.collect(),
            outer,
            decrease,
            log_det,
        })
    }
}

/// The rows of each connected component, in the order in which components first appear.
fn components(rows: &CrossedRows, counts: &[usize]) -> Vec<Vec<usize>> {
    let starts: Vec<usize> = counts
        .iter()
        .scan(0, |sum, &count| {
            let start = *sum;
            *sum += count;
            Some(start)
        })
        .collect();
    let mut parents: Vec<usize> = (0..counts.iter().sum()).collect();
    let root = |parents: &mut Vec<usize>, mut node: usize| {
        while parents[node] != node {
            parents[node] = parents[parents[node]];
            node = parents[node];
        }
        node
    };
    for row in 0..rows.y.len() {
        let mut nodes = rows
            .codes
            .iter()
            .zip(&starts)
            .map(|((codes, _), start)| start + codes[row]);
        let Some(first) = nodes.next() else { continue };
        for node in nodes {
            let (a, b) = (root(&mut parents, first), root(&mut parents, node));
            parents[a.max(b)] = a.min(b);
        }
    }
    let mut place_of = vec![usize::MAX; parents.len()];
    let mut found: Vec<Vec<usize>> = Vec::new();
    for row in 0..rows.y.len() {
        let Some((codes, _)) = rows.codes.first() else {
            continue;
        };
        let node = root(&mut parents, codes[row]);
        if place_of[node] == usize::MAX {
            place_of[node] = found.len();
            found.push(Vec::new());
        }
        found[place_of[node]].push(row);
    }
    found
}

impl Component {
    fn new(
        data: &CrossedRows,
        places: &[usize],
        inner: usize,
        outer: &[usize],
        sizes: &[usize],
    ) -> Self {
        let mut places = places.to_vec();
        places.sort_by_key(|&row| data.codes[inner].0[row]);
        let mut component = Self {
            rows: Vec::with_capacity(places.len()),
            inner: Vec::new(),
            levels: Vec::new(),
            order: 0,
        };
        let mut known: std::collections::BTreeMap<(usize, usize), usize> =
            std::collections::BTreeMap::new();
        for &row in &places {
            let level = data.codes[inner].0[row];
            let next = component.rows.len();
            match component.inner.last_mut() {
                Some((last, range)) if *last == level => range.end = next + 1,
                _ => component.inner.push((level, next..next + 1)),
            }
            let values = |factor: usize| data.z[factor].iter().map(|column| column[row]).collect();
            let mut others = Vec::with_capacity(outer.len());
            for (position, &factor) in outer.iter().enumerate() {
                let level = data.codes[factor].0[row];
                let start = *known.entry((position, level)).or_insert_with(|| {
                    let start = component.order;
                    component.levels.push((position, level, start));
                    component.order += sizes[factor];
                    start
                });
                others.push((start, values(factor)));
            }
            component.rows.push(Row {
                y: data.y[row],
                weight: data.weights[row],
                x: data.x[row].clone(),
                inner: values(inner),
                outer: others,
            });
        }
        component
    }
}
