//! What a directive can name: datasets, populations, derived columns, arms, other directives.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::{Arms, InputSpec, OtherStep};
use crate::dataset::{DatasetId, Field, Kind, Schema, columns_used};
use crate::diagnostic::Diagnostic;
use crate::reader::{At, Sink, TableReader};
use crate::report::front_matter::{Arms as DeclaredArms, Definition, FrontMatter};

/// Stands for the population's condition among the names of derived columns; no column has an empty name.
const CONDITION: &str = "";

/// Datasets as a plan sees them: verified, with their columns known.
pub trait Datasets {
    /// Name, version and SHA-256 of the dataset that an author names as `name@version`.
    fn resolve(&self, name: &At<String>) -> Result<(DatasetId, String), Diagnostic>;

    /// The columns with those derived ones added that can be computed, in whatever order they are given; and of each
    /// that can't, its name with the reason.
    fn schema(
        &self,
        dataset: &DatasetId,
        derive: &[(String, String)],
    ) -> (Schema, Vec<(String, String)>);

    /// Whether a SQL condition can be evaluated on those columns and gives true or false.
    fn check_condition(
        &self,
        dataset: &DatasetId,
        derive: &[(String, String)],
        condition: &At<String>,
    ) -> Result<(), Diagnostic>;

    /// The columns of a query's answer.
    fn query_schema(&self, dataset: &DatasetId, sql: &At<String>) -> Result<Schema, Diagnostic>;
}

/// What the front matter shares with all directives.
#[derive(Debug, Clone, Default)]
pub struct Shared {
    /// Populations: name and SQL condition.
    pub populations: Vec<Definition>,
    /// Derived columns: name and SQL expression.
    pub derive: Vec<Definition>,
    /// The arms, if declared.
    pub arms: Option<DeclaredArms>,
}

impl From<&FrontMatter> for Shared {
    fn from(front: &FrontMatter) -> Self {
        Self {
            populations: front.populations.clone(),
            derive: front.derive.clone(),
            arms: front.arms.clone(),
        }
    }
}

/// What a directive can name.
pub struct Scope<'a> {
    /// The label of the directive that is prepared.
    pub label: &'a str,
    datasets: &'a dyn Datasets,
    shared: &'a Shared,
    others: &'a BTreeMap<String, OtherStep>,
    used: RefCell<BTreeSet<(&'static str, String)>>,
}

impl<'a> Scope<'a> {
    /// The scope of the directive of that label.
    pub fn new(
        label: &'a str,
        datasets: &'a dyn Datasets,
        shared: &'a Shared,
        others: &'a BTreeMap<String, OtherStep>,
    ) -> Self {
        Self {
            label,
            datasets,
            shared,
            others,
            used: RefCell::default(),
        }
    }

    /// Names of populations (`"population"`) and derived columns (`"derive"`) that were used so far.
    pub fn used(&self) -> BTreeSet<(&'static str, String)> {
        self.used.borrow().clone()
    }

    /// Reads the keys `data` and `population` and finds the rows they name.
    pub fn rows(&self, reader: &mut TableReader<'_>) -> Option<Rows> {
        let data = reader.string("data");
        let population = reader.optional_string("population");
        let population_ok = population.is_some() || !reader.has("population");
        let population = match population {
            Some(name) => Some(self.population(reader, &name)?),
            None => None,
        };
        let data = data?;
        if !population_ok {
            return None;
        }
        let (dataset, sha256) = match self.datasets.resolve(&data) {
            Ok(found) => found,
            Err(diagnostic) => {
                reader.report(diagnostic);
                return None;
            }
        };
        self.assemble(reader, dataset, sha256, population)
    }

    /// Reads the key `data` alone and finds the dataset and its SHA-256.
    pub fn dataset(&self, reader: &mut TableReader<'_>) -> Option<(DatasetId, String)> {
        let data = reader.string("data")?;
        match self.datasets.resolve(&data) {
            Ok(found) => Some(found),
            Err(diagnostic) => {
                reader.report(diagnostic);
                None
            }
        }
    }

    /// The columns of a query's answer; what is wrong with the query is reported.
    pub fn query_schema(
        &self,
        reader: &TableReader<'_>,
        dataset: &DatasetId,
        sql: &At<String>,
    ) -> Option<Schema> {
        match self.datasets.query_schema(dataset, sql) {
            Ok(schema) => Some(schema),
            Err(diagnostic) => {
                reader.report(diagnostic);
                None
            }
        }
    }

    /// The label of another directive that this one builds on, which must be of one of the given kinds.
    pub fn upstream(
        &self,
        reader: &TableReader<'_>,
        label: &At<String>,
        kinds: &[&str],
    ) -> Option<String> {
        match self.others.get(&label.value) {
            Some(other)
                if label.value != self.label && kinds.contains(&other.directive.as_str()) =>
            {
                Some(label.value.clone())
            }
            Some(other) => {
                let message = format!(
                    "`{}` is a `{}`, which can't be used here",
                    label.value, other.directive
                );
                let kinds = kinds
                    .iter()
                    .map(|k| format!("`{k}`"))
                    .collect::<Vec<_>>()
                    .join(", ");
                reader.report(
                    Diagnostic::error("wrong-upstream", message)
                        .at(label.span.clone())
                        .help(format!(
                            "name the label of another directive of the kind {kinds}"
                        )),
                );
                None
            }
            None => {
                let message = format!("there is no directive with the label `{}`", label.value);
                reader.report(
                    Diagnostic::error("unknown-label", message)
                        .at(label.span.clone())
                        .suggest(&label.value, self.others.keys().map(String::as_str)),
                );
                None
            }
        }
    }

    /// The directive of that label.
    pub fn kind_of(&self, label: &str) -> Option<&str> {
        self.others.get(label).map(|other| other.directive.as_str())
    }

    /// Reads the body of another directive once more; what is wrong with it has been reported where it stands. None
    /// where it has mistakes.
    pub fn read_other<T>(
        &self,
        label: &str,
        read: impl FnOnce(&mut TableReader<'_>) -> Option<T>,
    ) -> Option<T> {
        let other = self.others.get(label)?;
        let body = other.body.as_ref()?;
        let sink = Sink::new();
        let what = format!("`{}`", other.directive);
        let range = body.range.clone();
        let mut reader = TableReader::new(&body.source, &body.entries, range, what, &sink);
        let found = read(&mut reader);
        found.filter(|_| !sink.into_inner().has_errors())
    }

    fn population(
        &self,
        reader: &TableReader<'_>,
        name: &At<String>,
    ) -> Option<(String, At<String>)> {
        if let Some(definition) = self
            .shared
            .populations
            .iter()
            .find(|d| d.name.value == name.value)
        {
            self.used
                .borrow_mut()
                .insert(("population", name.value.clone()));
            return Some((name.value.clone(), definition.sql.clone()));
        }
        let message = format!("there is no population `{}`", name.value);
        let known = self
            .shared
            .populations
            .iter()
            .map(|d| d.name.value.as_str());
        reader.report(
            Diagnostic::error("unknown-population", message)
                .at(name.span.clone())
                .suggest(&name.value, known)
                .help(format!(
                    "define it in the front matter: `[populations]` and below it `{} = \"a condition in SQL\"`",
                    name.value
                )),
        );
        None
    }

    fn assemble(
        &self,
        reader: &TableReader<'_>,
        dataset: DatasetId,
        sha256: String,
        population: Option<(String, At<String>)>,
    ) -> Option<Rows> {
        let all: Vec<(String, String)> = self
            .shared
            .derive
            .iter()
            .map(|d| (d.name.value.clone(), d.sql.value.clone()))
            .collect();
        if !self.derived_names_are_new(reader, &dataset) {
            return None;
        }
        let (schema, not_derived) = self.datasets.schema(&dataset, &all);
        let derive: Vec<(String, String)> = all
            .into_iter()
            .filter(|(name, _)| !not_derived.iter().any(|(failed, _)| failed == name))
            .collect();
        if let Some((_, condition)) = &population
            && let Err(diagnostic) = self.datasets.check_condition(&dataset, &derive, condition)
        {
            reader.report(diagnostic);
            return None;
        }
        let mut rows = Rows {
            dataset,
            sha256,
            population: population.as_ref().map(|(name, _)| name.clone()),
            condition: population.map(|(_, sql)| sql.value),
            schema,
            derive,
            not_derived,
            derive_uses: BTreeMap::new(),
        };
        rows.note_uses();
        for column in rows.derive_uses.get(CONDITION).cloned().unwrap_or_default() {
            self.mark(&rows, &column);
        }
        Some(rows)
    }

    /// Whether no derived column has the name of one of the data; otherwise, a sentence could mean either.
    fn derived_names_are_new(&self, reader: &TableReader<'_>, dataset: &DatasetId) -> bool {
        let (own, _) = self.datasets.schema(dataset, &[]);
        let taken = |d: &&Definition| own.field(&d.name.value).is_some();
        let mut new = true;
        for definition in self.shared.derive.iter().filter(taken) {
            let message = format!(
                "`{dataset}` has a column `{}` already",
                definition.name.value
            );
            reader.report(
                Diagnostic::error("duplicate-column", message)
                    .at(definition.name.span.clone())
                    .help("give the derived column another name"),
            );
            new = false;
        }
        new
    }

    /// Notes that a derived column, with those it uses itself, is used.
    fn mark(&self, rows: &Rows, column: &str) {
        for (name, _) in rows.closure(&[column.to_owned()]) {
            self.used.borrow_mut().insert(("derive", name));
        }
    }

    /// The column of that name; an unknown one is reported.
    pub fn field(&self, reader: &TableReader<'_>, rows: &Rows, name: &At<String>) -> Option<Field> {
        if let Some(field) = rows.schema.field(&name.value) {
            self.mark(rows, &name.value);
            return Some(field.clone());
        }
        let mut diagnostic = Diagnostic::error(
            "unknown-column",
            format!("`{}` has no column `{}`", rows.dataset, name.value),
        )
        .at(name.span.clone());
        let definition = self
            .shared
            .derive
            .iter()
            .find(|d| d.name.value == name.value);
        let reason = rows
            .not_derived
            .iter()
            .find(|(failed, _)| *failed == name.value);
        diagnostic = match (definition, reason) {
            (Some(definition), Some((_, why))) => {
                self.used
                    .borrow_mut()
                    .insert(("derive", name.value.clone()));
                diagnostic.related(definition.sql.span.clone(), why)
            }
            _ => diagnostic.suggest(&name.value, rows.schema.names()),
        };
        reader.report(diagnostic);
        None
    }

    /// The column of that name, which must hold numbers.
    pub fn number(
        &self,
        reader: &TableReader<'_>,
        rows: &Rows,
        name: &At<String>,
    ) -> Option<Field> {
        self.of_kind(reader, rows, name, &[Kind::Number], "numbers")
    }

    /// The column of that name, which must hold categories (or true and false).
    pub fn category(
        &self,
        reader: &TableReader<'_>,
        rows: &Rows,
        name: &At<String>,
    ) -> Option<Field> {
        self.of_kind(
            reader,
            rows,
            name,
            &[Kind::Category, Kind::Boolean],
            "categories",
        )
    }

    fn of_kind(
        &self,
        reader: &TableReader<'_>,
        rows: &Rows,
        name: &At<String>,
        kinds: &[Kind],
        wanted: &str,
    ) -> Option<Field> {
        let field = self.field(reader, rows, name)?;
        if kinds.contains(&field.kind) {
            return Some(field);
        }
        let message = format!(
            "`{}` must hold {wanted}; it holds {}",
            name.value,
            kind_words(field.kind)
        );
        let mut diagnostic = Diagnostic::error("wrong-kind", message).at(name.span.clone());
        if kinds.contains(&Kind::Category) {
            diagnostic = diagnostic.help("list its `categories` in the codebook if it is one");
        }
        reader.report(diagnostic);
        None
    }

    /// The column that the front matter's `[arms]` names.
    pub fn declared_arm(&self) -> Option<&str> {
        self.shared.arms.as_ref().map(|a| a.variable.value.as_str())
    }

    /// The arms, if a formula with these columns names theirs; the outer `None` after a report.
    #[allow(clippy::option_option)]
    pub fn arms_among(
        &self,
        reader: &mut TableReader<'_>,
        rows: &Rows,
        fields: &[Field],
    ) -> Option<Option<Arms>> {
        let declared = self.declared_arm();
        let named = declared.is_some_and(|arm| fields.iter().any(|f| f.name == arm));
        if named {
            self.arms(reader, rows).map(Some)
        } else {
            Some(None)
        }
    }

    /// The arms: the grouping variable from the key `by`, else from the front matter's `[arms]`; `None` after a
    /// report where neither names one. Order, labels and reference are the front matter's where it speaks of this
    /// variable, else the codebook's, the first level being the reference.
    pub fn arms(&self, reader: &mut TableReader<'_>, rows: &Rows) -> Option<Arms> {
        let by = reader.optional_string("by");
        if by.is_none() && reader.has("by") {
            return None;
        }
        let Some(variable) = by.or_else(|| self.shared.arms.as_ref().map(|a| a.variable.clone()))
        else {
            reader.missing(
                "by",
                "the column that holds the arm, here or as `[arms]` in the front matter",
            );
            return None;
        };
        let field = self.category(reader, rows, &variable)?;
        let declared = self
            .shared
            .arms
            .as_ref()
            .filter(|a| a.variable.value == variable.value);
        Arms::resolve(reader, &field, declared)
    }
}

fn kind_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "numbers",
        Kind::Category => "categories",
        Kind::Text => "text",
        Kind::Boolean => "true and false",
        Kind::Date => "dates",
    }
}

/// The rows that a directive names, with their columns.
#[derive(Debug, Clone)]
pub struct Rows {
    /// The dataset.
    pub dataset: DatasetId,
    /// The SHA-256 of its bytes.
    pub sha256: String,
    /// The population's name; none for all rows.
    pub population: Option<String>,
    /// The population's condition.
    pub condition: Option<String>,
    /// The columns, derived ones included.
    pub schema: Schema,
    derive: Vec<(String, String)>,
    not_derived: Vec<(String, String)>,
    derive_uses: BTreeMap<String, Vec<String>>,
}

impl Rows {
    fn note_uses(&mut self) {
        let of_condition = self.condition.iter().map(|sql| (CONDITION, sql));
        let of_derived = self.derive.iter().map(|(name, sql)| (name.as_str(), sql));
        self.derive_uses = of_derived
            .chain(of_condition)
            .map(|(name, sql)| (name.to_owned(), columns_used(sql, &self.schema)))
            .collect();
    }

    /// The derived columns among `columns`, with those they use, in the front matter's order.
    fn closure(&self, columns: &[String]) -> Vec<(String, String)> {
        let mut wanted: BTreeSet<String> = BTreeSet::new();
        let mut open: Vec<String> = columns.to_vec();
        while let Some(name) = open.pop() {
            if wanted.insert(name.clone()) {
                open.extend(self.derive_uses.get(&name).into_iter().flatten().cloned());
            }
        }
        self.derive
            .iter()
            .filter(|(name, _)| wanted.contains(name))
            .cloned()
            .collect()
    }

    /// The input spec for those columns (repeats count once).
    pub fn input(&self, columns: impl IntoIterator<Item = String>) -> InputSpec {
        let mut names: Vec<String> = Vec::new();
        for column in columns {
            if !names.contains(&column) {
                names.push(column);
            }
        }
        let mut needed = names.clone();
        needed.extend(
            self.derive_uses
                .get(CONDITION)
                .into_iter()
                .flatten()
                .cloned(),
        );
        InputSpec::Frame {
            dataset: self.dataset.clone(),
            sha256: self.sha256.clone(),
            population: self.population.clone(),
            condition: self.condition.clone(),
            derive: self.closure(&needed),
            columns: names,
        }
    }
}
