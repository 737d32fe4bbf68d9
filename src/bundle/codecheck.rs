//! codecheck.yml: a draft after the CODECHECK configuration file specification 1.0
//! (<https://codecheck.org.uk/spec/config/1.0/>). What only people know is left to them, as comments.

use std::fmt::Write as _;

use super::Contents;

/// The text.
pub(super) fn text(contents: &Contents<'_>) -> String {
    let record = contents.record;
    let mut text = String::from(
        "%YAML 1.1\n---\n\
         # A draft that trialbook wrote. What begins with `#` and asks for something is for people to fill in.\n\
         version: https://codecheck.org.uk/spec/config/1.0/\n\n\
         # What a codecheck has to make again: `trialbook verify` does, and compares.\n\
         manifest:\n",
    );
    let tables: Vec<&str> = contents.shown.iter().map(|s| s.name.as_str()).collect();
    let pages = match tables[..] {
        [] => "The report".to_owned(),
        _ => format!("The report, with {}", tables.join(", ")),
    };
    for (file, comment) in [
        ("report.pdf", pages),
        (
            "results.json",
            "Every number of the report at full precision".to_owned(),
        ),
        ("results.csv", "The same as a flat table".to_owned()),
    ] {
        let path = format!("build/{}/{file}", record.report);
        let _ = writeln!(
            text,
            "  - file: {}\n    comment: {}",
            quoted(&path),
            quoted(&comment)
        );
    }
    let _ = write!(text, "\npaper:\n  title: {}\n", quoted(&record.title));
    text.push_str(&authors(contents));
    text.push_str(
        "  # The article: a DOI as an address, a preprint's number, or words such as \"Under review at …\".\n  \
         # reference: https://doi.org/…\n\n\
         # Where the material comes from, if this bundle does not say it all.\n# source: …\n\n\
         # To be filled in by the codechecker; `codechecker` and `report` must be there in the end.\n\
         # codechecker:\n#   - name: …\n#     ORCID: 0000-0000-0000-0000\n\
         # report: https://doi.org/…\n# summary: |\n#   …\n# repository: https://…\n\
         # check_time: \"YYYY-MM-DD hh:mm:ss\"\n# certificate: YYYY-NNN\n",
    );
    text
}

/// The corresponding author comes first, as the specification wants it.
fn authors(contents: &Contents<'_>) -> String {
    let all = &contents.front.authors;
    if all.is_empty() {
        return "  # At least one author, the corresponding one first.\n  # authors:\n  #   - name: …\n  #     ORCID: 0000-0000-0000-0000\n"
            .to_owned();
    }
    let mut text = String::new();
    if !all.iter().any(|a| a.corresponding) {
        text.push_str(
            "  # The first must be the corresponding author: the report names none as such.\n",
        );
    }
    text.push_str("  authors:\n");
    let (first, others): (Vec<_>, Vec<_>) = all.iter().partition(|a| a.corresponding);
    for author in first.into_iter().chain(others) {
        let _ = writeln!(text, "    - name: {}", quoted(&author.name.value));
        match &author.orcid {
            Some(orcid) => {
                let _ = writeln!(text, "      ORCID: {}", quoted(&orcid.value));
            }
            None => text.push_str("      # ORCID: 0000-0000-0000-0000\n"),
        }
    }
    text
}

/// A text as YAML's double-quoted scalar on one line: JSON's quoting is part of it.
fn quoted(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    serde_json::Value::String(words.join(" ")).to_string()
}
