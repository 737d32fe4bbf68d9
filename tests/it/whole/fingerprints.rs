//! What is run again, and what is not.

use std::fs;
use std::thread;

use trialbook::plan::Reason;

use super::trial::{REPORT, Trial, report_with, rows};

const TWO_DATASETS: &str = r#"Before {{ tbl-baseline.age.mean }} after.

```{table1 #tbl-baseline}
data = "trial@1.0.0"
caption = "Characteristics at baseline"
[[row]]
variable = "age"
```

```{table1 #tbl-gain}
data = "trial@1.0.0"
population = "adults"
caption = "Gain"
[[row]]
variable = "gain"
```

```{outcomes #tbl-outcomes}
data = "other@1.0.0"
caption = "Outcome"
[[visit]]
variable = "post"
```

```{forest #fig-forest}
caption = "Differences"
axis = "Difference"
effect = "Difference"
[[section]]
from = "tbl-outcomes"
estimate = "difference"
```
"#;

const SHARED: &str = "[derive]\ngain = \"pre - post\"\n[populations]\nadults = \"age >= 18\"\n";

/// A trial with two datasets and steps that use one of them each, and a figure that builds on a table.
fn two_datasets() -> Trial {
    Trial::new()
        .with_data("other", &rows())
        .with_report(&report_with(SHARED, TWO_DATASETS))
}

const ALL: [&str; 4] = ["fig-forest", "tbl-baseline", "tbl-gain", "tbl-outcomes"];

#[test]
fn a_second_run_runs_nothing() {
    let trial = two_datasets();
    assert_eq!(trial.stale(), ALL);
    assert_eq!(trial.stale(), [""; 0]);
}

#[test]
fn prose_captions_titles_and_dates_run_nothing() {
    let trial = two_datasets();
    trial.stale();
    trial.edit(REPORT, "Before ", "Long before ");
    trial.edit(
        REPORT,
        "caption = \"Gain\"",
        "caption = \"What was _gained_\"",
    );
    trial.edit(REPORT, "title = \"A small trial\"", "title = \"Another\"");
    trial.edit(REPORT, "2026-01-31", "2027-01-31");
    trial.edit(REPORT, "[arms]", "style = \"nejm\"\n[arms]");
    assert_eq!(trial.stale(), [""; 0]);
}

#[test]
fn another_order_and_comments_in_the_directive_run_nothing() {
    let trial = two_datasets();
    trial.stale();
    trial.edit(
        REPORT,
        "population = \"adults\"\ncaption = \"Gain\"",
        "# who\ncaption = \"Gain\"\n\npopulation  =  'adults'",
    );
    assert_eq!(trial.stale(), [""; 0]);
}

#[test]
fn other_data_run_what_reads_them_and_what_builds_on_that() {
    let mut trial = two_datasets();
    trial.stale();
    let changed = rows().replace("1,Control,female,19", "1,Control,female,20");
    trial.set_data("other", &changed);
    let steps = trial.steps();
    assert_eq!(steps["tbl-baseline"], Reason::Fresh);
    assert_eq!(steps["tbl-gain"], Reason::Fresh);
    let dataset = "the dataset other@1.0.0 (input 0)".to_owned();
    assert_eq!(steps["tbl-outcomes"], Reason::Changed(vec![dataset]));
    let upstream = "the results of `tbl-outcomes`".to_owned();
    assert_eq!(steps["fig-forest"], Reason::Changed(vec![upstream]));
    assert_eq!(trial.stale(), [""; 0]);
}

#[test]
fn a_derived_column_runs_what_uses_it() {
    let trial = two_datasets();
    trial.stale();
    trial.edit(REPORT, "pre - post", "pre - post + 0");
    assert_eq!(trial.stale(), ["tbl-gain"]);
    trial.edit(REPORT, "gain = ", "unused = \"age + 1\"\ngain = ");
    assert_eq!(trial.stale(), [""; 0]);
}

#[test]
fn a_population_runs_what_uses_it() {
    let trial = two_datasets();
    trial.stale();
    trial.edit(REPORT, "age >= 18", "age >= 21");
    let steps = trial.steps();
    let Reason::Changed(what) = &steps["tbl-gain"] else {
        panic!("{steps:?}");
    };
    assert_eq!(*what, ["the rows and columns of input 0"]);
    assert_eq!(steps["tbl-baseline"], Reason::Fresh);
}

#[test]
fn labels_and_order_of_arms_run_what_compares_them() {
    let trial = two_datasets();
    trial.stale();
    trial.edit(
        REPORT,
        "reference = \"Control\"",
        "reference = \"Control\"\nlabels = { Active = \"New\" }",
    );
    assert_eq!(trial.stale(), ALL);
}

#[test]
fn the_seed_is_each_steps_own() {
    let trial = two_datasets();
    trial.stale();
    trial.edit(REPORT, "```{table1 #tbl-gain}", "```{table1 #tbl-gained}");
    assert_eq!(trial.steps()["tbl-gained"], Reason::New);
    trial.edit(REPORT, "[arms]", "seed = 7\n[arms]");
    assert_eq!(trial.stale().len(), 4);
}

#[test]
fn what_came_back_is_fresh_again() {
    let trial = two_datasets();
    trial.stale();
    trial.edit(REPORT, "age >= 18", "age >= 21");
    assert_eq!(trial.stale(), ["tbl-gain"]);
    trial.edit(REPORT, "age >= 21", "age >= 18");
    assert_eq!(trial.stale(), [""; 0]);
}

#[test]
fn a_file_of_the_store_that_is_spoiled_is_computed_again() {
    let trial = two_datasets();
    trial.stale();
    let steps = trial.path("build/.store/steps");
    let files: Vec<_> = trial.files("build/.store/steps").into_iter().collect();
    assert_eq!(files.len(), 4);
    let spoil = |bytes: &[u8]| -> Vec<Vec<u8>> {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        vec![
            Vec::new(),
            bytes[..bytes.len() / 2].to_vec(),
            b"{}".to_vec(),
            vec![0xff; 100],
            // A result that was changed by hand.
            text.replacen(r#""outcome":"{"#, r#""outcome":"{ "#, 1)
                .into_bytes(),
            "[".repeat(100_000).into_bytes(),
        ]
    };
    for spoiled in 0..6 {
        for (name, bytes) in &files {
            fs::write(steps.join(name), &spoil(bytes)[spoiled]).unwrap();
        }
        let ran = trial.steps();
        assert!(
            ran.values().all(|r| *r == Reason::NotStored),
            "{spoiled}: {ran:?}"
        );
        // What is computed again is what was there.
        for (name, bytes) in &files {
            assert_eq!(&*fs::read(steps.join(name)).unwrap(), &**bytes);
        }
    }
    // The result of one step in the place of another's.
    fs::write(steps.join(&files[0].0), &files[1].1).unwrap();
    assert_eq!(trial.stale().len(), 1);
}

#[test]
fn a_spoiled_memory_of_the_last_build_is_none() {
    let trial = two_datasets();
    trial.stale();
    trial.write("build/.store/reports/small.json", b"{\"steps\": 3}");
    assert_eq!(trial.stale(), [""; 0]);
}

#[test]
fn explain_says_why() {
    let mut trial = two_datasets();
    let ended = trial.run(&["build", "--explain"]).with_status(0);
    for label in ALL {
        let line = format!("small #{label}: ran: it was not there at the last build");
        assert!(ended.out.contains(&line), "{}", ended.out);
    }
    let changed = rows().replace("1,Control,female,19", "1,Control,female,20");
    trial.set_data("other", &changed);
    trial
        .run(&["build", "--explain"])
        .with_status(0)
        .printing("#tbl-baseline: fresh: nothing it depends on has changed")
        .printing(
            "#tbl-outcomes: ran: changed since the last build: the dataset other@1.0.0 (input 0)",
        )
        .printing("#fig-forest: ran: changed since the last build: the results of `tbl-outcomes`")
        .printing("ran 2 of 4 analyses, 2 fresh");
}

#[test]
fn two_builds_at_once_both_succeed() {
    let trial = Trial::new();
    let ended: Vec<_> = thread::scope(|scope| {
        let runs: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| trial.run(&["build"])))
            .collect();
        runs.into_iter().map(|r| r.join().unwrap()).collect()
    });
    for ended in ended {
        ended.with_status(0);
    }
    let names: Vec<String> = fs::read_dir(trial.path("build"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|n| n != ".lock" && n != ".store")
        .collect();
    assert_eq!(names, ["small"]);
}
