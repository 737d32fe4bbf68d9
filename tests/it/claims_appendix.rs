//! The appendix of claims in the PDF: what it says, where it leads, and that hundreds of claims fit its pages.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use trialbook::document::{ClaimsAppendix, ClaimsCell, Inline, Tone, table::Piece};
use trialbook::plan::store::Store;
use trialbook::project::Outputs;
use trialbook::render::placed_texts;
use trialbook::render::typst::TypstProject;

use super::whole::trial::{BASELINE, Trial, report, shown};

const FILE: &str = "reports/small/claims.toml";
const BIB: &str = "@article{rojas2023,\n author = {Rojas, A},\n title = {A trial},\n journal = {J},\n year = {2023}\n}\n";

/// A claim of each kind; the mean age is 34.
const CLAIMS: &str = r#"source = "rojas2023"
[[claim]]
place = "Abstract"
text = "p > 30.5"
statistic = "tbl-baseline/age/mean"
[[claim]]
place = "Abstract"
label = "Mean age"
text = "33.9"
statistic = "tbl-baseline.age.mean"
[[table]]
place = "Table 1"
prefix = "tbl-baseline/age"
label = "Age"
columns = ["mean", "sd", "N"]
heads = ["Mean", "SD", "Size"]
rows = [
  { row = "arm=Active", label = "Intervention", text = ["35.0", "9.8", "-8"], misprint = { 3 = "wrong sign #[x] $" } },
  { row = "arm=Control", text = ["35", "", "1,033.00"], misprint = { N = "of the next column" }, not_computable = { 1 = "not public" } },
]
[[claim]]
place = "Abstract"
text = "n/a"
not_computable = "items are not public"
"#;

fn trial(front: &str, claims: &str) -> Trial {
    let body = BASELINE.replace("[[row]]", "overall = true\n[[row]]");
    let body = format!("The mean was {{{{ tbl-baseline.age.mean }}}}.\n\n{body}");
    let text = report(&body).replacen("date = ", &format!("{front}date = "), 1);
    let trial = Trial::new().with_report(&text);
    trial.write("reports/small/references.bib", BIB.as_bytes());
    trial.write(FILE, claims.as_bytes());
    trial
}

fn outputs(trial: &Trial) -> Outputs {
    let project = trial.open();
    let made = project.make(&project.prepare("small"), &Store::none(), None, &|_| {});
    let said = shown(&made.diagnostics);
    made.outputs.unwrap_or_else(|| panic!("{said}"))
}

fn source(outputs: &Outputs) -> String {
    String::from_utf8(outputs.files["report.typ"].clone()).unwrap()
}

static BUILT: LazyLock<Outputs> = LazyLock::new(|| outputs(&trial("", CLAIMS)));

fn appendix() -> &'static ClaimsAppendix {
    BUILT.document.claims.as_ref().unwrap()
}

fn words(content: &[Inline]) -> String {
    let text = |inline: &Inline| match inline {
        Inline::Text { text } | Inline::Code { text } => text.clone(),
        Inline::Superscript { content } => words(content),
        Inline::Cite { keys } => format!("[{}]", keys.join(",")),
        other => panic!("{other:?}"),
    };
    content.iter().map(text).collect()
}

/// What a cell shows, its lines parted by bars.
fn cell(cell: &ClaimsCell) -> String {
    let line = |pieces: &Vec<Piece>| -> String {
        let shown = pieces.iter().map(|piece| match piece {
            Piece::Shown { content } => words(content),
            Piece::Phantom { .. } => String::new(),
        });
        shown.collect()
    };
    cell.lines.iter().map(line).collect::<Vec<_>>().join("|")
}

#[test]
fn verdicts_are_counted_with_their_marks() {
    assert_eq!(
        words(&appendix().about),
        "What the publication of these data [rojas2023] prints is set here beside what was recomputed. Of 8 values, \
         reproduced (equal at the printed precision): 3; off by one unit of the last printed digit (≈): 1; contradicted \
         (≠): 2; not computable (‡): 2. Known misprints (†) among those that differ: 2. Recomputed values are rounded as \
         the printed ones are and lead to where they come from. In tables with several numbers in a row, the recomputed \
         value stands below the printed one where the two differ."
    );
    let cited = BUILT.document.bibliography.as_ref().unwrap();
    assert_eq!(cited.cited, ["rojas2023"]);
}

#[test]
fn what_is_not_reproduced_comes_first_with_the_remarks() {
    let rows: Vec<[String; 6]> = appendix()
        .exceptions
        .iter()
        .flat_map(|group| group.rows.iter().map(|row| (&group.place, row)))
        .map(|(place, row)| {
            let name = row.label.clone().or(row.name.clone()).unwrap_or_default();
            let (printed, recomputed) = (cell(&row.printed), cell(&row.recomputed));
            let remark = row.remark.clone();
            [
                place.clone(),
                name,
                printed,
                recomputed,
                row.verdict.clone(),
                remark,
            ]
        })
        .collect();
    let wanted = [
        [
            "Abstract",
            "Mean age",
            "33.9",
            "≈\u{a0}34.0",
            "last digit",
            "",
        ],
        [
            "Abstract",
            "Not among the results",
            "n/a",
            "NA‡",
            "not computable",
            "items are not public",
        ],
        [
            "Table 1",
            "Age, Intervention, Size",
            "−8",
            "≠\u{a0}8†",
            "contradicted, known misprint",
            "wrong sign #[x] $",
        ],
        [
            "Table 1",
            "Age, arm=Control, Mean",
            "35",
            "NA‡",
            "not computable",
            "not public",
        ],
        [
            "Table 1",
            "Age, arm=Control, Size",
            "1,033.00",
            "≠\u{a0}8.00†",
            "contradicted, known misprint",
            "of the next column",
        ],
    ];
    assert_eq!(rows, wanted.map(|row| row.map(str::to_owned)));
}

#[test]
fn all_values_stand_by_place_as_lists_and_grids() {
    let parts = &appendix().parts;
    let rows = |part: usize| -> Vec<Vec<String>> {
        let rows = parts[part].groups.iter().flat_map(|group| &group.rows);
        let row = |row: &trialbook::document::ClaimsRow| {
            let label = words(std::slice::from_ref(&row.label));
            std::iter::once(label)
                .chain(row.cells.iter().map(cell))
                .collect()
        };
        rows.map(row).collect()
    };
    assert_eq!(parts.len(), 2);
    assert_eq!(
        (parts[0].title.as_deref(), &*parts[0].groups[0].title),
        (Some("Abstract"), "")
    );
    assert_eq!(
        rows(0),
        [
            ["tbl-baseline/age/mean", ">30.5", "34.0"],
            ["Mean age", "33.9", "≈\u{a0}34.0"],
            ["Not among the results", "n/a", "NA‡"],
        ]
    );
    assert_eq!(
        (parts[1].title.as_deref(), &*parts[1].groups[0].title),
        (Some("Table 1"), "Age")
    );
    assert_eq!(parts[1].heads, ["Mean", "SD", "Size"]);
    assert_eq!(
        rows(1),
        [
            ["Intervention", "35.0", "9.8", "−8|≠\u{a0}8†"],
            ["arm=Control", "35‡", "", "1,033.00|≠\u{a0}8.00†"],
        ]
    );
    assert_eq!(parts[1].groups[0].rows[0].cells[2].tone, Tone::Grave);
}

#[test]
fn places_whose_tables_look_alike_share_one() {
    let table = |place: &str, label: &str| {
        format!(
            "[[table]]\nplace = \"{place}\"\nprefix = \"tbl-baseline/age\"\n{label}columns = [\"mean\"]\n\
             rows = [ {{ row = \"arm=Active\", text = [\"35\"] }} ]\n"
        )
    };
    let claims = table("Figure 2, A", "") + &table("Figure 2, B", "label = \"Ages\"\n");
    let claims = claims + "[[claim]]\nplace = \"Text\"\ntext = \"1\"\nnot_computable = \"why\"\n";
    let outputs = outputs(&trial("", &claims));
    let parts = &outputs.document.claims.as_ref().unwrap().parts;
    let heads = |part: usize| -> Vec<&str> {
        parts[part]
            .groups
            .iter()
            .map(|g| g.title.as_str())
            .collect()
    };
    assert_eq!(parts.len(), 2);
    assert_eq!(heads(0), ["Figure 2, A", "Figure 2, B: Ages"]);
    assert_eq!(
        (parts[1].title.as_deref(), heads(1)),
        (Some("Text"), vec![""])
    );
}

#[test]
fn recomputed_numbers_lead_to_their_entries() {
    let text = source(&BUILT);
    // The mean stands in the text too; the arms' means only in the table.
    assert_eq!(text.matches("to: \"entry 0\"").count(), 3, "{text}");
    assert!(
        text.contains("to: \"entry of \" + \"tbl-baseline\", lines: ([35"),
        "{text}"
    );
    assert!(text.contains("contradicted, known misprint"), "{text}");
    assert!(text.contains(r"wrong sign \#\[x\] \$"), "{text}");
    let without = source(&outputs(&trial("provenance = false\n", CLAIMS)));
    assert!(without.contains("#published("), "{without}");
    assert!(!without.contains("entry "), "{without}");
    assert!(!without.contains("lead to where"), "{without}");
}

#[test]
fn the_front_matter_can_leave_it_out() {
    let without = outputs(&trial("claims = false\n", CLAIMS));
    assert_eq!(without.document.claims, None);
    assert!(!source(&without).contains("published"));
    assert!(!without.files.contains_key("claims.typ"));
    assert!(BUILT.files.contains_key("claims.typ"));
    let said = trial("claims = \"no\"\n", CLAIMS).check();
    assert!(said.has_errors(), "{}", shown(&said));
    let none = outputs(&trial("", "source = \"rojas2023\"\n"));
    assert_eq!(none.document.claims, None);
}

#[test]
fn mistakes_in_claims_stop_a_build_and_are_told_by_check() {
    let broken = trial("", "[[claim]]\nplace = 1\n");
    for command in ["build", "check"] {
        let ended = broken.run(&[command, "small"]).with_status(2);
        ended
            .saying("reports/small/claims.toml:2:9")
            .saying("`place` must be");
    }
    let unknown = trial(
        "",
        &CLAIMS.replace("\"tbl-baseline/age/mean\"", "\"tbl-basline/age/mean\""),
    );
    // Without results, labels are what can be told.
    let ended = unknown.run(&["check", "small"]).with_status(2);
    ended
        .saying("did you mean `tbl-baseline`")
        .saying("claims.toml:4:8");
    let ended = unknown.run(&["build", "small"]).with_status(2);
    ended.saying("there is no statistic `tbl-basline/age/mean`");
    assert!(!unknown.path("build/small").exists());
    let unknown = trial("", &CLAIMS.replace("age/mean\"", "age/maen\""));
    unknown.run(&["check", "small"]).with_status(0).quietly();
    unknown.run(&["build", "small"]).with_status(2);
    let ended = unknown.run(&["check", "small"]).with_status(2);
    ended.saying("did you mean `tbl-baseline/age/mean`");
}

#[test]
fn a_contradiction_is_a_warning_of_build_and_fails_claims() {
    let trial = trial("", &CLAIMS.replace("p > 30.5", "p > 40.5"));
    let ended = trial.run(&["build", "small"]).with_status(0);
    ended
        .saying("a published value is contradicted")
        .saying("claims.toml:4:");
    trial
        .run(&["check", "small"])
        .with_status(0)
        .saying("contradicted");
    trial.run(&["claims", "small"]).with_status(1);
}

#[test]
fn bundles_with_claims_come_out_the_same() {
    let here = trial("", CLAIMS);
    here.run(&["bundle", "small"]).with_status(0);
    let there = trial("", CLAIMS);
    there.run(&["bundle", "small"]).with_status(0);
    let bundle = |trial: &Trial| trial.files("build")["small.bundle.zip"].clone();
    assert!(bundle(&here) == bundle(&there));
    let ended = here
        .run(&["verify", "build/small.bundle.zip"])
        .with_status(0);
    ended.printing("identical: every number and every byte came out again");
    // The claims belong to what a build is made of.
    here.edit(FILE, "33.9", "33.8");
    here.run(&["bundle", "small"]).with_status(0);
    assert!(bundle(&here) != bundle(&there));
}

/// 160 claims of tables with four columns, 40 bounds and one with a long name.
fn many() -> String {
    let mut text = String::from("source = \"rojas2023\"\n");
    for table in 0..8 {
        let columns =
            r#"["arm=Active/mean", "arm=Active/sd", "arm=Control/mean", "arm=Control/sd"]"#;
        write!(
            text,
            "[[table]]\nplace = \"Figure 2\"\nlabel = \"Outcome {table} with a name\"\nprefix = \"tbl-baseline/age\"\n\
             columns = {columns}\nheads = [\"b\", \"SE\", \"CI, lower\", \"CI, upper\"]\nrows = [\n"
        )
        .unwrap();
        for row in 0..5 {
            let number = f64::from(table * 5 + row) * 1.37 - 60.0;
            writeln!(
                text,
                "  {{ label = \"Term {row} × visit\", text = [\"{number:.2}\", \"9.80\", \"33.00\", \"9.80\"], \
                 misprint = {{ 1 = \"as in the line above\" }} }},"
            )
            .unwrap();
        }
        text.push_str("]\n");
    }
    for claim in 0..40 {
        write!(
            text,
            "[[claim]]\nplace = \"Results, p. {}\"\ntext = \"<{}.5\"\nstatistic = \"tbl-baseline/age/mean\"\n",
            claim / 15,
            claim + 40,
        )
        .unwrap();
    }
    let long = "a very long place, ".repeat(12);
    write!(
        text,
        "[[claim]]\nplace = \"{long}\"\nlabel = \"{}\"\ntext = \"34\"\nstatistic = \"tbl-baseline/age/mean\"\n",
        "words and words ".repeat(20)
    )
    .unwrap();
    text
}

#[test]
fn hundreds_of_claims_stay_on_their_pages_under_their_heads() {
    let outputs = outputs(&trial("", &many()));
    let files = outputs.files.clone();
    let (_, texts) = placed_texts(&TypstProject { files }).unwrap();
    let mut pages: BTreeMap<usize, String> = BTreeMap::new();
    for text in &texts {
        // Letter paper with an inch on either side.
        let inside = text.x >= 71.9 && text.x + text.width <= 540.1;
        assert!(inside, "{text:?}");
        pages.entry(text.page).or_default().push_str(&text.text);
    }
    let with_grid = |page: &&String| page.contains("Term 0") && page.contains("×");
    let grids: Vec<&String> = pages.values().filter(with_grid).collect();
    assert!((2..=14).contains(&pages.len()), "{}", pages.len());
    for page in grids {
        assert!(
            page.contains("Figure 2") || page.contains("Remark"),
            "{page}"
        );
    }
}
