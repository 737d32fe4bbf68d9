//! Excel workbooks (.xlsx, .xlsm), by calamine: one sheet, whose first row with a value is the header.
//!
//! Numbers are as stored, so that a percentage is a proportion. The format of a cell decides whether a number is a day
//! or a time, and the workbook whether days count from 1900 (with the 29th of February that 1900 never had, and that is
//! refused) or from 1904. A column of days is a column of days; with times of day among them they are ISO texts;
//! elapsed times (`[h]:mm`) are numbers of days. A column that mixes kinds has texts, which are then typed as those of
//! a CSV file. `#N/A` is a missing value, and warned of; other error values, formulas without a stored result, merged
//! cells, values without a header and empty rows in between are refused with their addresses.

mod archive;
mod cells;
mod moment;

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, Diagnostics};

use crate::dataset::guard::guarded;
use crate::dataset::raw::{Examples, Notes, RawColumn, RawData, RawTable, most_decimals, shown};
use cells::{Cell, Sheet, Value, address};
use moment::Moment;

/// Reads `bytes`; `path` is for messages, `sheet` the one that the codebook names.
pub(super) fn read(
    path: &str,
    bytes: &[u8],
    sheet: Option<&str>,
) -> (Option<RawTable>, Diagnostics) {
    if let Err(diagnostic) = archive::check(path, bytes) {
        return (None, diagnostic.into());
    }
    let loaded = guarded(|| Ok::<_, String>(cells::load(path, bytes, sheet)));
    let sheet = match loaded {
        Ok(Ok(sheet)) => sheet,
        Ok(Err(diagnostic)) => return (None, diagnostic.into()),
        Err(why) => return (None, cells::unreadable(path, &why).into()),
    };
    let mut reading = Reading {
        path,
        diagnostics: Diagnostics::new(),
    };
    let table = reading.table(sheet);
    let table = table.filter(|_| !reading.diagnostics.has_errors());
    (table, reading.diagnostics)
}

/// The cells of a column by their rows, in which they stand in order.
type Cells = Vec<(u32, Value)>;

struct Reading<'a> {
    path: &'a str,
    diagnostics: Diagnostics,
}

impl Reading<'_> {
    fn table(&mut self, sheet: Sheet) -> Option<RawTable> {
        let Some(top) = sheet.cells.iter().map(|c| c.row).min() else {
            let message = format!("has no values in its sheet {}", shown(&sheet.name));
            return self.refuse("empty-file", &message, "");
        };
        self.formulas(&sheet);
        let mut columns: BTreeMap<u32, Cells> = BTreeMap::new();
        let mut header: BTreeMap<u32, Value> = BTreeMap::new();
        let (mut bottom, mut present) = (top, 0_usize);
        let mut rows = BTreeSet::new();
        for Cell { row, column, value } in sheet.cells {
            if row == top {
                header.insert(column, value);
            } else {
                bottom = bottom.max(row);
                present += 1;
                rows.insert(row);
                columns.entry(column).or_default().push((row, value));
            }
        }
        let names = self.names(&header, top, &columns)?;
        if bottom == top {
            return self.refuse("no-rows", "has a header but no rows", "");
        }
        self.merged(&sheet.merged, &names, top, bottom);
        self.gaps(top, bottom, &rows);
        let height = usize::try_from(bottom - top).unwrap_or(usize::MAX);
        let room = height.saturating_mul(names.len());
        if room > MOST_SPARSE && room / 100 > present {
            let what = format!(
                "has {present} values scattered over {height} rows and {} columns",
                names.len()
            );
            return self.refuse("scattered-cells", &what, "delete what is not the table");
        }
        if self.diagnostics.has_errors() {
            return None;
        }
        let mut mistakes = Mistakes::default();
        let columns = names
            .into_iter()
            .map(|(column, name)| {
                let cells = columns.remove(&column).unwrap_or_default();
                let place = Place {
                    column,
                    first: top + 1,
                    height,
                    is_1904: sheet.is_1904,
                };
                RawColumn {
                    name,
                    data: place.data(cells, &mut mistakes),
                    notes: Notes::default(),
                }
            })
            .collect();
        self.report(&mistakes);
        Some(RawTable { height, columns })
    }

    /// The columns that have a name; what can't be one is reported.
    fn names(
        &mut self,
        header: &BTreeMap<u32, Value>,
        top: u32,
        columns: &BTreeMap<u32, Cells>,
    ) -> Option<BTreeMap<u32, String>> {
        let mut names: BTreeMap<u32, String> = BTreeMap::new();
        let mut places: BTreeMap<String, u32> = BTreeMap::new();
        let (mut empty, mut double) = (Examples::default(), Examples::default());
        for (column, value) in header {
            let name = value.shown(false).trim().to_owned();
            if name.is_empty() {
                continue;
            }
            let here = address(top, *column);
            if let Some(first) = places.get(&name) {
                double.add(|| format!("{} in {} and {here}", shown(&name), address(top, *first)));
            } else {
                places.insert(name.clone(), *column);
                names.insert(*column, name);
            }
        }
        for (column, cells) in columns {
            let named = header.get(column).map(|v| v.shown(false));
            if named.is_none_or(|n| n.trim().is_empty())
                && let Some((row, _)) = cells.first()
            {
                empty.add(|| format!("{} above {}", address(top, *column), address(*row, *column)));
            }
        }
        if !empty.is_empty() {
            let what = format!("has values below an empty header: {}", empty.text());
            let help = "the first row must name every column; a title or notes belong elsewhere";
            self.refuse::<()>("empty-header", &what, help);
        }
        if !double.is_empty() {
            let what = format!("has a name twice in its header: {}", double.text());
            self.refuse::<()>("duplicate-header", &what, "give each column its own name");
        }
        (empty.is_empty() && double.is_empty()).then_some(names)
    }

    fn formulas(&mut self, sheet: &Sheet) {
        if sheet.uncomputed.is_empty() {
            return;
        }
        let what = format!(
            "has formulas without a stored result: {}",
            sheet.uncomputed.text()
        );
        let help = "open and save it with a spreadsheet program, or better replace formulas by their values";
        self.refuse::<()>("uncomputed-formula", &what, help);
    }

    fn merged(
        &mut self,
        merged: &[cells::Area],
        names: &BTreeMap<u32, String>,
        top: u32,
        bottom: u32,
    ) {
        let mut found = Examples::default();
        for area in merged {
            let rows = area.first.0 <= bottom && area.last.0 >= top;
            let columns = names.range(area.first.1..=area.last.1.max(area.first.1));
            if rows && columns.count() > 0 {
                found.add(|| area.text());
            }
        }
        if !found.is_empty() {
            let what = format!("has merged cells in its table: {}", found.text());
            let help = "only the first of merged cells has a value: unmerge them and fill each";
            self.refuse::<()>("merged-cells", &what, help);
        }
    }

    fn gaps(&mut self, top: u32, bottom: u32, rows: &BTreeSet<u32>) {
        let mut gaps = Examples::default();
        let mut before = top;
        for row in rows.range(..=bottom) {
            if *row > before + 1 {
                let (first, last) = (before + 2, *row);
                gaps.add(|| match last - first {
                    0 => format!("row {first}"),
                    _ => format!("rows {first} to {last}"),
                });
            }
            before = *row;
        }
        if !gaps.is_empty() {
            let what = format!("has empty rows within its table: {}", gaps.text());
            let help = "delete them, and what does not belong to the table below them";
            self.refuse::<()>("empty-rows", &what, help);
        }
    }

    fn report(&mut self, mistakes: &Mistakes) {
        if !mistakes.errors.is_empty() {
            let what = format!("has cells with an error: {}", mistakes.errors.text());
            let help = "correct their formulas, or empty the cells if there is no value";
            self.refuse::<()>("error-cell", &what, help);
        }
        if !mistakes.days.is_empty() {
            let what = format!("has dates that are no days: {}", mistakes.days.text());
            let help = "correct the values, or the cells' format if they are no dates";
            self.refuse::<()>("bad-date", &what, help);
        }
        if !mistakes.absent.is_empty() {
            let message = format!(
                "`{}` has #N/A, read as missing, in {}",
                self.path,
                mistakes.absent.text()
            );
            let diagnostic = Diagnostic::warning("error-cell", message)
                .help("empty the cells if there is no value");
            self.diagnostics.push(diagnostic);
        }
    }

    fn refuse<T>(&mut self, code: &'static str, what: &str, help: &str) -> Option<T> {
        let diagnostic = Diagnostic::error(code, format!("`{}` {what}", self.path));
        self.diagnostics.push(if help.is_empty() {
            diagnostic
        } else {
            diagnostic.help(help)
        });
        None
    }
}

/// How many cells a table may have before most of them must hold a value.
const MOST_SPARSE: usize = 20_000_000;

/// What is wrong with single cells, by their addresses.
#[derive(Default)]
struct Mistakes {
    errors: Examples,
    absent: Examples,
    days: Examples,
}

/// Where a column stands.
struct Place {
    column: u32,
    first: u32,
    height: usize,
    is_1904: bool,
}

impl Place {
    fn data(&self, cells: Cells, mistakes: &mut Mistakes) -> RawData {
        let cells = self.sound(cells, mistakes);
        let all = |is: fn(&Value) -> bool| !cells.is_empty() && cells.iter().all(|(_, v)| is(v));
        if all(|v| matches!(v, Value::Number(_) | Value::Elapsed(_)))
            && (all(|v| matches!(v, Value::Number(_))) || all(|v| matches!(v, Value::Elapsed(_))))
        {
            let values = self.spread(&cells, |v| match v {
                Value::Number(n) | Value::Elapsed(n) => Some(*n),
                _ => None,
            });
            let most = most_decimals(&values);
            return RawData::Number(values, most);
        }
        if all(|v| matches!(v, Value::Text(_))) {
            return RawData::Text(self.texts(&cells));
        }
        if all(|v| matches!(v, Value::Truth(_))) {
            return RawData::Boolean(self.spread(&cells, |v| match v {
                Value::Truth(truth) => Some(*truth),
                _ => None,
            }));
        }
        if all(|v| matches!(v, Value::Moment(_))) {
            return self.moments(&cells);
        }
        RawData::Untyped(self.texts(&cells).into_iter().collect())
    }

    /// The cells that have a value; what is none is noted.
    fn sound(&self, cells: Cells, mistakes: &mut Mistakes) -> Cells {
        let mut sound = Vec::with_capacity(cells.len());
        for (row, value) in cells {
            let here = || address(row, self.column);
            match value {
                Value::Error(error) if error == "#N/A" => mistakes.absent.add(here),
                Value::Error(error) => mistakes.errors.add(|| format!("{} ({error})", here())),
                Value::Serial(serial) => match Moment::of(serial, self.is_1904) {
                    Ok(moment) => sound.push((row, Value::Moment(moment))),
                    Err(why) => mistakes.days.add(|| format!("{} ({why})", here())),
                },
                other => sound.push((row, other)),
            }
        }
        sound
    }

    /// Days if all are midnights, times if none has a day, otherwise both.
    fn moments(&self, cells: &Cells) -> RawData {
        let of = |v: &Value| match v {
            Value::Moment(moment) => Some(*moment),
            _ => None,
        };
        let all = |is: fn(Moment) -> bool| cells.iter().filter_map(|(_, v)| of(v)).all(is);
        if all(|m| m.is_midnight() && m.has_day()) {
            return RawData::Date(self.spread(cells, |v| of(v).and_then(Moment::day)));
        }
        if all(Moment::may_be_time) {
            return RawData::Text(self.spread(cells, |v| of(v).map(Moment::time)));
        }
        if all(Moment::has_day) {
            return RawData::Text(self.spread(cells, |v| of(v).map(Moment::iso)));
        }
        RawData::Untyped(self.texts(cells).into_iter().collect())
    }

    fn texts(&self, cells: &Cells) -> Vec<Option<String>> {
        self.spread(cells, |v| Some(v.shown(true)))
    }

    /// A value for every row of the table.
    fn spread<T: Clone>(&self, cells: &Cells, of: impl Fn(&Value) -> Option<T>) -> Vec<Option<T>> {
        let mut values = vec![None; self.height];
        for (row, value) in cells {
            let index = usize::try_from(row.saturating_sub(self.first)).ok();
            if let Some(place) = index.and_then(|i| values.get_mut(i)) {
                *place = of(value);
            }
        }
        values
    }
}
