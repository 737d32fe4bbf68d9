//! What tests of directives need: frames built by hand, datasets that exist in memory only, and a directive prepared
//! from its TOML and run.
//!
//! ```
//! let data = Memory::new(frame("trial@1", vec![number("age", &[Some(31.0), None]), …]));
//! let outcome = data.run("table1", "tbl-baseline", "data = \"trial@1\"\n…").unwrap();
//! let messages = data.complaints("table1", "tbl-baseline", "data = \"nowhere@1\"");
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use trialbook::analysis::{
    Datasets, Entry, InputSpec, Inputs, OtherStep, Outcome, PreparedText, Scope, Shared, find,
};
use trialbook::dataset::{
    Column, ColumnData, DatasetId, Field, Frame, Kind, Level, Reasons, Schema,
};
use trialbook::diagnostic::{Diagnostic, Diagnostics, Source, Span};
use trialbook::reader::{At, Sink, TableReader, parse};
use trialbook::report::front_matter::{Arms as DeclaredArms, Definition};

/// A value without a real place.
pub fn at<T>(value: T) -> At<T> {
    let source = Source::new("front-matter", "");
    At {
        value,
        span: Span::new(&source, 0..0),
    }
}

fn field(name: &str, kind: Kind) -> Field {
    Field {
        name: name.to_owned(),
        kind,
        title: name.to_owned(),
        unit: None,
        levels: Vec::new(),
        decimals: None,
        labels: Vec::new(),
        missing: Vec::new(),
    }
}

/// A column of numbers, which are taken as measured to whole units.
pub fn number(name: &str, values: &[Option<f64>]) -> Column {
    Column {
        field: Field {
            decimals: Some(0),
            ..field(name, Kind::Number)
        },
        data: ColumnData::Number(values.to_vec()),
        reasons: Reasons::default(),
    }
}

/// A column of categories; a value outside `levels` panics.
pub fn category(name: &str, levels: &[&str], values: &[Option<&str>]) -> Column {
    let level = |value: &&str| Level {
        value: (*value).to_owned(),
        label: (*value).to_owned(),
    };
    let code = |value: Option<&str>| {
        value.map(|v| {
            let place = levels.iter().position(|l| *l == v).expect("a level");
            u32::try_from(place).unwrap()
        })
    };
    Column {
        field: Field {
            levels: levels.iter().map(level).collect(),
            ..field(name, Kind::Category)
        },
        data: ColumnData::Category(values.iter().copied().map(code).collect()),
        reasons: Reasons::default(),
    }
}

/// A column of truth values.
pub fn boolean(name: &str, values: &[Option<bool>]) -> Column {
    let level = |value: &str| Level {
        value: value.to_owned(),
        label: value.to_owned(),
    };
    Column {
        field: Field {
            levels: vec![level("false"), level("true")],
            ..field(name, Kind::Boolean)
        },
        data: ColumnData::Boolean(values.to_vec()),
        reasons: Reasons::default(),
    }
}

/// A column of text.
pub fn text(name: &str, values: &[Option<&str>]) -> Column {
    Column {
        field: field(name, Kind::Text),
        data: ColumnData::Text(values.iter().map(|v| v.map(str::to_owned)).collect()),
        reasons: Reasons::default(),
    }
}

/// A column of days since 1970-01-01.
pub fn date(name: &str, values: &[Option<i32>]) -> Column {
    Column {
        field: field(name, Kind::Date),
        data: ColumnData::Date(values.to_vec()),
        reasons: Reasons::default(),
    }
}

/// A frame of the dataset `name@version`, its rows numbered from 1.
pub fn frame(dataset: &str, columns: Vec<Column>) -> Frame {
    let (name, version) = dataset.split_once('@').expect("name@version");
    let height = columns.first().map_or(0, |c| c.data.len());
    assert!(columns.iter().all(|c| c.data.len() == height));
    Frame {
        dataset: DatasetId {
            name: name.to_owned(),
            version: version.to_owned(),
        },
        rows: (1..=height as u64).collect(),
        columns,
    }
}

/// One dataset in memory, with what a report's front matter shares.
///
/// It evaluates no SQL: derived columns and conditions are taken as given, and a population is the rows that the test
/// hands over.
#[derive(Debug, Clone)]
pub struct Memory {
    /// The rows, all columns included.
    pub frame: Frame,
    /// What the front matter shares.
    pub shared: Shared,
    /// Other directives of the report.
    pub others: BTreeMap<String, OtherStep>,
    /// Outcomes of other directives.
    pub upstream: BTreeMap<String, Arc<Outcome>>,
}

impl Datasets for Memory {
    fn resolve(&self, name: &At<String>) -> Result<(DatasetId, String), Diagnostic> {
        if name.value == self.frame.dataset.to_string() {
            return Ok((self.frame.dataset.clone(), "00".repeat(32)));
        }
        let message = format!("there is no dataset `{}`", name.value);
        Err(Diagnostic::error("unknown-dataset", message).at(name.span.clone()))
    }

    fn schema(
        &self,
        _: &DatasetId,
        derive: &[(String, String)],
    ) -> (Schema, Vec<(String, String)>) {
        let mut fields: Vec<Field> = self.frame.columns.iter().map(|c| c.field.clone()).collect();
        for (name, _) in derive {
            fields.push(field(name, Kind::Number));
        }
        (Schema { fields }, Vec::new())
    }

    fn check_condition(
        &self,
        _: &DatasetId,
        _: &[(String, String)],
        _: &At<String>,
    ) -> Result<(), Diagnostic> {
        Ok(())
    }

    /// The frame itself is the answer to every query but one that does not begin with SELECT.
    fn query_schema(&self, dataset: &DatasetId, sql: &At<String>) -> Result<Schema, Diagnostic> {
        if !sql.value.trim_start().to_uppercase().starts_with("SELECT") {
            let message = "this is not one SELECT";
            return Err(Diagnostic::error("sql", message).at(sql.span.clone()));
        }
        Ok(self.schema(dataset, &[]).0)
    }
}

impl Memory {
    /// A report on one dataset, with nothing in its front matter.
    pub fn new(frame: Frame) -> Self {
        Self {
            frame,
            shared: Shared::default(),
            others: BTreeMap::new(),
            upstream: BTreeMap::new(),
        }
    }

    /// The same with arms in the front matter; the first is the reference.
    pub fn with_arms(mut self, variable: &str, labels: &[(&str, &str)]) -> Self {
        let variable = at(variable.to_owned());
        self.shared.arms = Some(DeclaredArms {
            span: variable.span.clone(),
            variable,
            reference: labels.first().map(|(value, _)| at((*value).to_owned())),
            labels: labels
                .iter()
                .map(|(value, label)| (at((*value).to_owned()), at((*label).to_owned())))
                .collect(),
            order: Vec::new(),
        });
        self
    }

    /// The same with a population of that name, which all rows belong to.
    #[allow(dead_code)]
    pub fn with_population(mut self, name: &str) -> Self {
        self.shared.populations.push(Definition {
            name: at(name.to_owned()),
            sql: at("true".to_owned()),
        });
        self
    }

    /// The same with another directive of the report, whose body can be read.
    pub fn with_other(mut self, label: &str, directive: &str, body: &str) -> Self {
        let source = Source::new("report.md", body);
        let (entries, errors) = parse(&source, 0..body.len());
        assert!(errors.is_empty(), "{errors:?}");
        let step = OtherStep::new(directive).with_body(&source, &entries, 0..body.len());
        self.others.insert(label.to_owned(), step);
        self
    }

    /// Prepares a directive. The keys that it left are reported as they are in a report.
    pub fn prepare(
        &self,
        directive: &str,
        label: &str,
        body: &str,
    ) -> (Option<PreparedText>, Diagnostics) {
        let entry = entry(directive);
        let source = Source::new("report.md", body);
        let (entries, errors) = parse(&source, 0..body.len());
        assert!(errors.is_empty(), "{errors:?}");
        let sink = Sink::new();
        let what = format!("`{directive}`");
        let mut reader = TableReader::new(&source, &entries, 0..body.len(), what, &sink);
        reader.ignore("caption");
        reader.ignore("notes");
        let scope = Scope::new(label, self, &self.shared, &self.others);
        let prepared = (entry.prepare)(&mut reader, &scope);
        reader.finish();
        (prepared, sink.into_inner())
    }

    /// What is wrong with a directive, as `code: the text that it points at`.
    pub fn complaints(&self, directive: &str, label: &str, body: &str) -> Vec<String> {
        let (_, diagnostics) = self.prepare(directive, label, body);
        let told = diagnostics.iter().map(|d| {
            let place = d.span.as_ref().map_or("", |span| span.text());
            format!("{}: {place}", d.code)
        });
        told.collect()
    }

    /// Prepares and runs a directive; a directive with errors gives those, as text.
    pub fn run(&self, directive: &str, label: &str, body: &str) -> Result<Outcome, String> {
        let (prepared, diagnostics) = self.prepare(directive, label, body);
        if diagnostics.has_errors() {
            return Err(format!("{diagnostics:#?}"));
        }
        let prepared = prepared.ok_or("nothing was prepared, and nothing was said of it")?;
        let frames = prepared.inputs.iter().map(|spec| Arc::new(self.rows(spec)));
        let inputs = Inputs {
            label,
            population: prepared.inputs.first().and_then(InputSpec::population),
            seed: 1,
            frames: frames.collect(),
            upstream: self.upstream.clone(),
        };
        Ok((entry(directive).run)(&prepared.spec, &inputs))
    }

    /// Only the columns that a step asks for.
    fn rows(&self, spec: &InputSpec) -> Frame {
        let mut frame = self.frame.clone();
        if let InputSpec::Frame { columns, .. } = spec {
            frame.columns = columns
                .iter()
                .filter_map(|name| self.frame.column(name).cloned())
                .collect();
        }
        frame
    }
}

fn entry(directive: &str) -> &'static Entry {
    find(directive).unwrap_or_else(|| panic!("no directive `{directive}`"))
}

/// The value of a statistic; panics where there is no such statistic, gives none where it has no value.
pub fn value(outcome: &Outcome, id: &str) -> Option<f64> {
    let found = outcome.statistics.iter().find(|s| s.id().as_str() == id);
    found
        .unwrap_or_else(|| panic!("no statistic {id}; there is\n{}", ids(outcome).join("\n")))
        .value
}

/// All ids, in order.
pub fn ids(outcome: &Outcome) -> Vec<String> {
    let ids = outcome.statistics.iter().map(|s| s.id().to_string());
    ids.collect()
}

/// What holds of every outcome: ids are unique, all that is shown is recorded, tables are rectangular and their notes
/// found, values finite, and what has no value has a reason. An outcome with an error shows nothing.
pub fn check_sound(outcome: &Outcome) {
    use trialbook::artefact::{Artefact, Cell};
    use trialbook::statistic::ResultSet;

    if outcome.has_errors() {
        assert!(outcome.artefact.is_none());
    }
    let mut results = ResultSet::new();
    for statistic in &outcome.statistics {
        match statistic.value {
            Some(value) => assert!(value.is_finite(), "{}", statistic.id()),
            None => assert!(!statistic.warnings.is_empty(), "{}", statistic.id()),
        }
        results.insert(statistic.clone()).unwrap();
    }
    let Some(Artefact::Table(table)) = &outcome.artefact else {
        return;
    };
    let note = |key: &String| {
        let found = table.notes.iter().any(|n| n.key.as_ref() == Some(key));
        assert!(found, "no note {key}");
    };
    let label = |label: &trialbook::artefact::Label| {
        label.notes.iter().for_each(note);
        if let Some(n) = &label.n {
            assert!(results.value(n).is_some(), "{n}");
        }
    };
    label(&table.stub);
    table.columns.iter().for_each(|c| label(&c.label));
    let mut next = 0;
    for spanner in &table.spanners {
        label(&spanner.label);
        assert!(next <= spanner.first && spanner.first <= spanner.last);
        assert!(spanner.last < table.columns.len());
        next = spanner.last + 1;
    }
    for row in &table.rows {
        label(&row.label);
        assert!(row.cells.is_empty() || row.cells.len() == table.columns.len());
        for cell in &row.cells {
            match cell {
                Cell::Number { quantity, notes } => {
                    notes.iter().for_each(note);
                    let stats = quantity.form.stats();
                    for id in &stats {
                        assert!(results.get(id).is_some(), "{id}");
                    }
                    assert!(results.value(stats[0]).is_some(), "{}", stats[0]);
                }
                Cell::NotApplicable { note: Some(key) } => note(key),
                _ => {}
            }
        }
    }
}
