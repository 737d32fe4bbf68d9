//! The command line of `trace`.

use serde_json::Value;

use super::read;
use super::small::{BODY, TABLES, trial};
use crate::it::whole::trial::{REPORT, Trial, report_with, rows};

const EFFECT: &str = "effects/change/arm[Active]/estimate";

#[test]
fn one_number_is_traced_and_nothing_is_written_but_the_store() {
    let trial = trial();
    let before = trial.files("");
    trial
        .run(&["trace", "small", EFFECT])
        .with_status(0)
        .quietly()
        .printing("model        change ~ arm + pre")
        .printing("population   adults: age > 25")
        .printing("derived      change = post - pre");
    let mut after = trial.files("");
    after.retain(|path, _| !path.starts_with("build/.store/"));
    assert!(after == before, "{:?}", after.keys());
    assert!(!trial.path("build/small").exists());
}

#[test]
fn the_text_as_printed_leads_to_a_number() {
    let trial = trial();
    let json = trial
        .run(&["trace", "small", EFFECT, "--format", "json"])
        .with_status(0)
        .quietly()
        .out;
    let json: Value = serde_json::from_str(&json).unwrap();
    let printed = json["traces"][0]["shown"][0]["text"].as_str().unwrap();
    let typed = printed.replace('\u{2212}', "-").replace('\u{a0}', " ");
    assert_ne!(printed, typed);
    trial
        .run(&["trace", "small", "--shown", &typed])
        .with_status(0)
        .quietly()
        .printing(&format!("{EFFECT}\n"));
}

#[test]
fn several_numbers_are_listed_or_all_traced() {
    let trial = trial();
    let list = trial
        .run(&["trace", "small", "effects"])
        .with_status(0)
        .quietly()
        .out;
    assert!(list.contains(&format!("{EFFECT} = ")), "{list}");
    assert!(!list.contains("fingerprint"), "{list}");
    let json = trial.run(&["trace", "small", "effects", "--format", "json"]);
    let json: Value = serde_json::from_str(&json.with_status(0).out).unwrap();
    let found = json["found"].as_array().unwrap().len();
    assert!(found > 5, "{json}");
    let json = trial.run(&["trace", "small", "effects", "--all", "--format", "json"]);
    let json: Value = serde_json::from_str(&json.with_status(0).out).unwrap();
    assert_eq!(json["traces"].as_array().unwrap().len(), found);
    trial
        .run(&["trace", "small", "effects", "--rows", "-"])
        .with_status(2)
        .saying("rows are of one number");
}

#[test]
fn rows_go_to_standard_output_or_a_file() {
    let trial = trial();
    let out = trial
        .run(&["trace", "small", EFFECT, "--rows", "-"])
        .with_status(0)
        .quietly()
        .out;
    let got = read(&out);
    assert_eq!(got.len(), 16);
    let data = read(&rows());
    for (row, raw) in got.iter().zip(&data) {
        let adult = raw["age"].parse::<u32>().unwrap() > 25;
        assert_eq!(row["used"] == "yes", adult, "{row:?}");
    }
    trial
        .run(&["trace", "small", EFFECT, "--rows", "rows.csv"])
        .with_status(0)
        .printing("fingerprint");
    assert_eq!(trial.read("rows.csv"), out);
    trial
        .run(&["trace", "small", EFFECT, "--rows", "nowhere/rows.csv"])
        .with_status(3)
        .saying("can't write nowhere/rows.csv");
}

#[test]
fn unknown_names_are_answered_with_near_ones() {
    let trial = trial();
    trial
        .run(&["trace", "smal", EFFECT])
        .with_status(2)
        .saying("there is no report `smal`")
        .saying("did you mean `small`?");
    trial
        .run(&["trace", "small", "effects/change/arm[Activ]/estimate"])
        .with_status(2)
        .saying("there is no statistic")
        .saying(EFFECT);
    trial
        .run(&["trace", "small", "efects/change"])
        .with_status(2)
        .saying("did you mean `effects`?");
    trial
        .run(&["trace", "small", "--shown", "123456"])
        .with_status(2)
        .saying("shows no number as “123456”");
    trial.run(&["trace", "small"]).with_status(2);
    trial
        .run(&["trace", "small", "x", "--shown", "y"])
        .with_status(2);
    trial.run(&["trace", "small", ""]).with_status(2);
    trial
        .run(&["trace", "small", "--shown", ""])
        .with_status(2)
        .saying("no text is given");
}

#[test]
fn a_number_that_is_shown_nowhere_traces_too() {
    trial()
        .run(&["trace", "small", "effects/change/arm[Active]/std.error"])
        .with_status(0)
        .printing("shown        nowhere")
        .printing("rows ");
}

#[test]
fn a_report_that_fails_to_build_says_why() {
    let trial = trial();
    trial.edit(REPORT, "vcov = \"HC3\"", "vcov = \"HC9\"");
    trial
        .run(&["trace", "small", EFFECT])
        .with_status(2)
        .saying("HC9");
    let trial = Trial::new().with_report(&report_with(TABLES, BODY));
    trial.write("data/trial/data.csv", rows().replace('7', "8").as_bytes());
    trial
        .run(&["trace", "small", EFFECT])
        .with_status(1)
        .saying("sha256");
}
