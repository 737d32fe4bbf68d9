//! Conditions, derived columns and queries.

use insta::assert_snapshot;
use trialbook::dataset::{ColumnData, Dataset, Kind, SqlError, columns_used};
use trialbook::diagnostic::{Source, Span};

use crate::it::support::project::csv;

fn trial() -> Dataset {
    csv("id,arm,bdi.pre,bdi,day,late,zero\n\
         1,A,20,10,2020-01-01,true,0\n\
         2,B,30,,2020-02-01,false,1\n\
         3,A,25.5,12,2020-03-01,,0\n\
         4,B,,9,,true,2\n")
}

fn derive(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, sql): &(&str, &str)| ((*name).to_owned(), (*sql).to_owned());
    pairs.iter().map(owned).collect()
}

/// The errors as an author sees them, each set into a line of TOML.
fn rendered(errors: &[SqlError]) -> String {
    let one = |error: &SqlError| {
        let text = format!("expression = '{}'", error.sql);
        let source = Source::new("reports/x/report.md", text.clone());
        let span = (!error.sql.is_empty()).then(|| Span::new(&source, 13..text.len()));
        error.diagnostic(span).render(false)
    };
    errors.iter().map(one).collect::<Vec<_>>().join("\n\n")
}

fn rows(condition: &str) -> Vec<u64> {
    trial().frame(Some(condition), &[], &[]).unwrap().rows
}

fn column(pairs: &[(&str, &str)], name: &str) -> (Kind, ColumnData) {
    let frame = trial()
        .frame(None, &derive(pairs), &[name.to_owned()])
        .unwrap();
    (frame.columns[0].field.kind, frame.columns[0].data.clone())
}

#[test]
fn conditions_select_rows_as_sql_does() {
    assert_eq!(rows("arm = 'A'"), [1, 3]);
    assert_eq!(rows("\"bdi.pre\" > 20"), [2, 3]);
    assert_eq!(rows("bdi IS NULL OR \"bdi.pre\" IS NULL"), [2, 4]);
    assert_eq!(rows("NOT (bdi > 9)"), [4]);
    assert_eq!(rows("late"), [1, 4]);
    assert_eq!(
        rows("arm IN ('A', 'B') AND day >= DATE '2020-02-01'"),
        [2, 3]
    );
    assert_eq!(rows("bdi > AVG(bdi)"), [3]);
    assert_eq!(rows("TRUE"), [1, 2, 3, 4]);
    assert!(rows("FALSE").is_empty());
    assert_eq!(rows("arm <> 'A' -- a comment\n"), [2, 4]);
}

#[test]
fn derived_columns_have_the_kind_of_their_values() {
    let numbers = |values: &[Option<f64>]| (Kind::Number, ColumnData::Number(values.to_vec()));
    assert_eq!(
        column(&[("x", "id / 2")], "x"),
        numbers(&[0.5, 1.0, 1.5, 2.0].map(Some))
    );
    assert_eq!(
        column(&[("x", "day - DATE '2020-01-01'")], "x"),
        numbers(&[Some(0.0), Some(31.0), Some(60.0), None])
    );
    assert_eq!(column(&[("x", "AVG(id)")], "x"), numbers(&[Some(2.5); 4]));
    assert_eq!(
        column(&[("x", "COUNT(*) OVER (PARTITION BY arm)")], "x"),
        numbers(&[Some(2.0); 4])
    );
    let (kind, data) = column(&[("x", "'Visit ' || id")], "x");
    assert_eq!(
        (kind, data),
        (
            Kind::Category,
            ColumnData::Category([0, 1, 2, 3].map(Some).into())
        )
    );
    assert_eq!(column(&[("x", "bdi > 9")], "x").0, Kind::Boolean);
    assert_eq!(column(&[("x", "day")], "x").0, Kind::Date);
    let chain = [("c", "b + 1"), ("a", "id"), ("b", "a * 2")];
    assert_eq!(
        column(&chain, "c"),
        numbers(&[3.0, 5.0, 7.0, 9.0].map(Some))
    );
}

#[test]
fn computed_decimals_are_those_that_hold_the_values() {
    let decimals = |sql: &str| {
        let (schema, errors) = trial().schema_with(&derive(&[("x", sql)]));
        assert_eq!(errors, []);
        schema.field("x").unwrap().decimals
    };
    assert_eq!(decimals("id * 2"), Some(0));
    assert_eq!(decimals("\"bdi.pre\" * 3"), Some(1));
    assert_eq!(decimals("id * 0.1 + id * 0.2"), Some(1));
    assert_eq!(decimals("id / 3"), None);
}

#[test]
fn only_what_is_needed_is_computed() {
    let pairs = derive(&[("bad", "nothing + 1"), ("good", "id + 1")]);
    let frame = trial()
        .frame(Some("good > 2"), &pairs, &["id".to_owned()])
        .unwrap();
    assert_eq!(frame.rows, [2, 3, 4]);
    let (schema, errors) = trial().schema_with(&pairs);
    assert_eq!(errors.len(), 1);
    assert!(schema.field("good").is_some() && schema.field("bad").is_none());
}

#[test]
fn every_mistake_in_derived_columns_is_reported() {
    let pairs = derive(&[
        ("unknown", "bdi.post - id"),
        ("near", "bdy + 1"),
        ("dotted", "bdi.pre - bdi"),
        ("quotes", "CASE WHEN arm = \"A\" THEN 1 ELSE 0 END"),
        (
            "level",
            "CASE WHEN arm IN ('A', 'C') OR 'a' = arm THEN 1 END",
        ),
        ("syntax", "id +"),
        ("empty", "  "),
        ("one", "two + 1"),
        ("two", "three + 1"),
        ("three", "one + 1"),
        ("user", "one + 1"),
        ("itself", "itself"),
        ("ratio", "bdi / zero"),
        ("text", "arm + 1"),
        ("several", "COLUMNS('.*')"),
        ("query", "(SELECT 1)"),
        ("call", "SOUNDEX(arm)"),
        ("id", "bdi"),
        ("twice", "1"),
        ("twice", "2"),
        ("statement", "id; DROP TABLE self"),
    ]);
    let (_, errors) = trial().schema_with(&pairs);
    assert_snapshot!(rendered(&errors));
}

#[test]
fn every_mistake_in_a_condition_is_reported() {
    let conditions = [
        "arm = 'a'",
        "arm",
        "id + 1",
        "day",
        "arm = A",
        "SUM(bdi)",
        "id > 'x'",
        "",
        "SELECT id FROM self",
        "id IN (SELECT id FROM self)",
        "((((",
        "unnest(id)",
        "id > > 3",
    ];
    let errors = conditions.map(|c| trial().frame(Some(c), &[], &[]).unwrap_err());
    assert_snapshot!(rendered(&errors.concat()));
}

#[test]
fn unknown_columns_are_reported_with_near_ones() {
    let names = ["amr", "nothing"].map(str::to_owned);
    assert_snapshot!(rendered(&trial().frame(None, &[], &names).unwrap_err()));
}

#[test]
fn used_columns_are_those_of_the_expression() {
    let trial = trial();
    let used = |sql| columns_used(sql, trial.schema()).join(" ");
    assert_eq!(used("\"bdi.pre\" > 20 AND arm = 'id'"), "arm bdi.pre");
    assert_eq!(used("COUNT(*) OVER (PARTITION BY arm)"), "arm");
    assert_eq!(
        used("SELECT id, 'day' FROM trial -- late\n WHERE \"bdi\" > 3"),
        "id bdi"
    );
    assert_eq!(used("1 + 1"), "");
    assert_eq!(used("((("), "");
}

#[test]
fn queries_select_join_and_group() {
    let trial = trial();
    let query = |sql: &str| trial.query(sql, &derive(&[("double", "id * 2")])).unwrap();
    let result = query("SELECT id, double FROM self WHERE arm = 'B' ORDER BY id DESC;");
    assert_eq!(
        result.columns[1].data,
        ColumnData::Number(vec![Some(8.0), Some(4.0)])
    );
    let result = query(
        "WITH a AS (SELECT arm, COUNT(bdi) AS n FROM trial GROUP BY arm) SELECT * FROM a ORDER BY n",
    );
    assert_eq!(
        result.columns[1].data,
        ColumnData::Number(vec![Some(1.0), Some(2.0)])
    );
    assert_eq!(
        result.columns[0].data,
        ColumnData::Category(vec![Some(1), Some(0)])
    );
    let result = query(
        "SELECT a.id, b.id AS other FROM self a JOIN data b ON a.arm = b.arm WHERE a.id < b.id",
    );
    assert_eq!(
        result.columns[1].data,
        ColumnData::Number(vec![Some(3.0), Some(4.0)])
    );
    let result = query("SELECT DISTINCT arm FROM trial UNION SELECT 'C' AS arm FROM trial");
    assert_eq!(result.height, 3);
    assert_eq!(query("SELECT * FROM trial WHERE FALSE").height, 0);
    assert_eq!(query("SELECT * FROM trial").columns.len(), 7);
    assert_eq!(
        query("SELECT COUNT(*) AS n FROM trial WHERE id IN (SELECT id FROM self WHERE bdi > 9)")
            .height,
        1
    );
}

#[test]
fn queries_see_nothing_but_the_dataset() {
    let queries = [
        "DROP TABLE trial",
        "DELETE FROM trial",
        "CREATE TABLE x AS SELECT * FROM trial",
        "SHOW TABLES",
        "EXPLAIN SELECT * FROM trial",
        "SELECT 1; SELECT 2",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM Read_Parquet('x.parquet')",
        "SELECT * FROM scan_ipc('x')",
        "SELECT * FROM \"read_json\"('x')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM \"data/trial.csv\"",
        "SELECT * FROM other",
        "SELECT nothing FROM trial",
        "SELECT amr FROM trial",
        "SELECT SOUNDEX(arm) FROM trial",
        "SELECT * FROM trial WHERE arm = 'C'",
        "SELECT id / zero AS ratio FROM trial",
        "SELECT",
        "",
        "SELECT id FROM trial GROUP BY",
    ];
    let errors = queries.map(|q| trial().query(q, &[]).unwrap_err());
    assert_snapshot!(rendered(&errors.concat()));
}

#[test]
fn order_does_not_depend_on_chance() {
    let line = |i: u64| {
        let (g, h) = (i * 7919 % 97, i * 104_729 % 89);
        format!("g{g},{h},{}\n", (i * 31 % 1009) as f64 / 7.0)
    };
    let lines: Vec<String> = (0..5000).map(line).collect();
    let text = format!("g,h,x\n{}", lines.concat());
    let data = csv(&text);
    let queries = [
        "SELECT g, h, SUM(x) AS s, COUNT(*) AS n FROM self GROUP BY g, h",
        "SELECT g, COUNT(*) AS n, AVG(x) AS m FROM self GROUP BY g ORDER BY n",
        "SELECT DISTINCT h FROM self",
        "SELECT h FROM self WHERE h < 40 UNION SELECT h FROM self WHERE h > 20",
        "SELECT h, x FROM self ORDER BY h LIMIT 50",
        "SELECT a.h, b.n FROM self a JOIN (SELECT g, COUNT(*) AS n FROM self GROUP BY g) b ON a.g = b.g WHERE a.h < 3",
        "SELECT h, ROW_NUMBER() OVER (PARTITION BY g ORDER BY h) AS k FROM self",
    ];
    for sql in queries {
        let first = data.query(sql, &[]).unwrap();
        for _ in 0..5 {
            assert_eq!(data.query(sql, &[]).unwrap(), first, "{sql}");
        }
    }
}

#[test]
fn long_expressions_neither_overflow_nor_hang() {
    let trial = trial();
    let sum = vec!["id"; 900].join(" + ");
    assert!(trial.frame(Some(&format!("{sum} > 0")), &[], &[]).is_ok());
    let nested = format!("{}id{} > 0", "(".repeat(40), ")".repeat(40));
    assert!(trial.frame(Some(&nested), &[], &[]).is_ok());
    for sql in [
        vec!["id"; 100_000].join(" + "),
        format!("{}id{}", "(".repeat(900), ")".repeat(900)),
        format!("{} late", "NOT ".repeat(1900)),
        format!(
            "{}1{}",
            "CASE WHEN late THEN ".repeat(300),
            " END".repeat(300)
        ),
    ] {
        let _ = trial.frame(Some(&sql), &[], &[]);
        let _ = trial.query(&format!("SELECT {sql} FROM self"), &[]);
    }
}
