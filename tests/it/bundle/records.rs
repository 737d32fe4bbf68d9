//! What the bundle says of itself holds: the bag, the crate, PROV, the data package, the README.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use trialbook::bundle::bag;
use trialbook::program::sha256;

use super::{Files, RICH, text};

fn json(files: &Files, path: &str) -> Value {
    serde_json::from_str(text(files, path)).unwrap()
}

fn manifest(files: &Files, path: &str) -> BTreeMap<String, String> {
    let entries = bag::parse_manifest(text(files, path)).unwrap();
    let count = entries.len();
    let map: BTreeMap<String, String> = entries.into_iter().map(|(d, p)| (p, d)).collect();
    assert_eq!(map.len(), count, "{path} names a file twice");
    map
}

#[test]
fn every_file_is_in_a_manifest_with_its_digest_and_the_other_way_round() {
    let (_, _, files, _) = &*RICH;
    let payload = manifest(files, bag::MANIFEST);
    let tags = manifest(files, bag::TAG_MANIFEST);
    let fetch = bag::parse_fetch(text(files, bag::FETCH)).unwrap();
    let absent: BTreeSet<&str> = fetch.iter().map(|f| f.path.as_str()).collect();
    for (path, digest) in payload.iter().chain(&tags) {
        match files.get(path) {
            Some(bytes) => assert_eq!(sha256(bytes), *digest, "{path}"),
            None => assert!(absent.contains(path.as_str()), "{path}"),
        }
    }
    for path in files.keys().filter(|p| *p != bag::TAG_MANIFEST) {
        let listed = if path.starts_with("data/") {
            &payload
        } else {
            &tags
        };
        assert!(listed.contains_key(path), "{path}");
    }
    assert_eq!(text(files, bag::DECLARATION), bag::DECLARED);
    let info: BTreeMap<String, String> = bag::parse_info(text(files, bag::INFO))
        .unwrap()
        .into_iter()
        .collect();
    let here = files.iter().filter(|(path, _)| path.starts_with("data/"));
    let octets: u64 = here.map(|(_, bytes)| bytes.len() as u64).sum();
    let fetched: u64 = fetch.iter().filter_map(|f| f.bytes).sum();
    let sum = format!("{}.{}", octets + fetched, payload.len());
    assert_eq!(info["Payload-Oxum"], sum);
    assert_eq!(info["Contact-Name"], "Josiah Carberry");
    assert_eq!(info["Contact-Email"], "jo@example.org");
    assert_eq!(info["Bagging-Date"], "2026-01-31");
    assert!(
        info["Bag-Software-Agent"].starts_with("trialbook "),
        "{info:?}"
    );
}

/// Identifiers that an entity refers to.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|v| references(v, found)),
        Value::Object(map) if map.len() == 1 && map.contains_key("@id") => {
            found.push(map["@id"].as_str().unwrap().to_owned());
        }
        Value::Object(map) => map.values().for_each(|v| references(v, found)),
        _ => {}
    }
}

fn entities(crate_: &Value) -> BTreeMap<String, &Value> {
    let graph = crate_["@graph"].as_array().unwrap();
    let map: BTreeMap<String, &Value> = graph
        .iter()
        .map(|e| (e["@id"].as_str().unwrap().to_owned(), e))
        .collect();
    assert_eq!(map.len(), graph.len(), "an identifier is there twice");
    map
}

fn is_a(entity: &Value, kind: &str) -> bool {
    match &entity["@type"] {
        Value::Array(kinds) => kinds.iter().any(|k| k == kind),
        one => one == kind,
    }
}

#[test]
fn every_file_is_in_the_crate_with_its_digest_and_the_other_way_round() {
    let (_, _, files, _) = &*RICH;
    let crate_ = json(files, "data/ro-crate-metadata.json");
    let entities = entities(&crate_);
    let mut parts = Vec::new();
    references(&entities["./"]["hasPart"], &mut parts);
    let mut described = BTreeSet::new();
    for (id, entity) in entities.iter().filter(|(_, e)| is_a(e, "File")) {
        assert!(parts.contains(id), "{id} is no part");
        if id.starts_with("https://") {
            continue;
        }
        let bytes = &files[&format!("data/{id}")];
        assert_eq!(entity["sha256"].as_str().unwrap(), sha256(bytes), "{id}");
        assert_eq!(
            entity["contentSize"].as_str().unwrap(),
            bytes.len().to_string(),
            "{id}"
        );
        described.insert(format!("data/{id}"));
    }
    let payload = files.keys().filter(|p| p.starts_with("data/"));
    let missing: Vec<&String> = payload.filter(|p| !described.contains(*p)).collect();
    assert_eq!(missing, ["data/ro-crate-metadata.json"]);
}

#[test]
fn every_reference_leads_somewhere_and_everything_is_reached() {
    let (_, _, files, _) = &*RICH;
    for path in [
        "data/ro-crate-metadata.json",
        "data/build/small/provenance/ro-crate-metadata.json",
    ] {
        let crate_ = json(files, path);
        let entities = entities(&crate_);
        let mut reached = BTreeSet::new();
        let mut open = vec!["ro-crate-metadata.json".to_owned()];
        while let Some(id) = open.pop() {
            let Some(entity) = entities.get(&id) else {
                // Vocabularies and profiles are described elsewhere.
                assert!(id.starts_with("http"), "{path}: {id} leads nowhere");
                continue;
            };
            if !reached.insert(id) {
                continue;
            }
            references(entity, &mut open);
            // What points at a thing belongs to it: who organised an action, what made a file.
        }
        // Actions on actions point from above: they are reached from what they are about.
        let mut grown = true;
        while grown {
            grown = false;
            for (id, entity) in &entities {
                let mut to = Vec::new();
                references(entity, &mut to);
                if !reached.contains(id) && to.iter().any(|t| reached.contains(t)) {
                    reached.insert(id.clone());
                    reached.extend(to.into_iter().filter(|t| entities.contains_key(t)));
                    grown = true;
                }
            }
        }
        let lost: Vec<&String> = entities
            .keys()
            .filter(|id| !reached.contains(*id))
            .collect();
        assert_eq!(lost, Vec::<&String>::new(), "{path}");
    }
}

#[test]
fn each_step_is_an_action_with_its_directive_and_its_data() {
    let (_, _, files, _) = &*RICH;
    let crate_ = json(files, "data/ro-crate-metadata.json");
    let entities = entities(&crate_);
    let report = text(files, "data/reports/small/report.md");
    let person = "https://orcid.org/0000-0002-1825-0097";
    assert!(is_a(entities[person], "Person"));
    let steps = [
        "tbl-baseline",
        "tbl-outcomes",
        "fig-effects",
        "tbl-closed",
        "tbl-far",
        "tbl-made",
    ];
    for label in steps {
        let action = entities[&format!("#action-{label}")];
        assert!(is_a(action, "CreateAction"));
        for key in [
            "instrument",
            "object",
            "result",
            "startTime",
            "endTime",
            "agent",
        ] {
            assert!(!action[key].is_null(), "{label} has no {key}");
        }
        assert_eq!(action["endTime"], "2026-01-31T00:00:00Z");
        let step = entities[&format!("#step-{label}")];
        assert!(is_a(step, "HowToStep"));
        let directive = step["text"].as_str().unwrap();
        assert!(
            report.contains(directive) && directive.contains(label),
            "{directive}"
        );
        let seed = entities[&format!("#action-{label}-seed")]["value"]
            .as_str()
            .unwrap();
        assert!(text(files, "data/README.md").contains(&format!("| `{label}` | {seed} |")));
    }
    let mut objects = Vec::new();
    references(&entities["#action-tbl-closed"]["object"], &mut objects);
    assert!(
        objects.contains(&"#dataset-closed%401.0.0".to_owned()),
        "{objects:?}"
    );
    let program = entities["#trialbook"];
    assert_eq!(program["softwareVersion"], trialbook::program::VERSION);
    let digest = format!("sha256:{}", trialbook::program::source_digest());
    assert_eq!(program["identifier"], digest);
}

#[test]
fn prov_names_only_what_it_declares_and_joins_all_of_it() {
    let (_, _, files, _) = &*RICH;
    let prov = json(files, "data/build/small/provenance/prov.json");
    let mut declared = BTreeSet::new();
    for kind in ["entity", "activity", "agent"] {
        declared.extend(prov[kind].as_object().unwrap().keys().cloned());
    }
    let prefixes = prov["prefix"].as_object().unwrap();
    assert!(
        declared
            .iter()
            .all(|id| prefixes.contains_key(id.split(':').next().unwrap()))
    );
    let mut edges: Vec<Vec<String>> = Vec::new();
    for (kind, records) in prov.as_object().unwrap() {
        if ["prefix", "entity", "activity", "agent"].contains(&kind.as_str()) {
            continue;
        }
        for record in records.as_object().unwrap().values() {
            let ends = record.as_object().unwrap().iter();
            let ends = ends.filter(|(key, _)| *key != "prov:time");
            let ends: Vec<String> = ends.map(|(_, v)| v.as_str().unwrap().to_owned()).collect();
            assert!(
                ends.iter().all(|e| declared.contains(e)),
                "{kind}: {ends:?}"
            );
            edges.push(ends);
        }
    }
    let mut joined = BTreeSet::from(["here:#run".to_owned()]);
    loop {
        let before = joined.len();
        for ends in &edges {
            if ends.iter().any(|e| joined.contains(e)) {
                joined.extend(ends.iter().cloned());
            }
        }
        if joined.len() == before {
            break;
        }
    }
    let lost: Vec<&String> = declared.difference(&joined).collect();
    assert_eq!(lost, Vec::<&String>::new());
    for (id, entity) in prov["entity"].as_object().unwrap() {
        let path = id.strip_prefix("here:").unwrap();
        if let (Some(bytes), Some(digest)) = (
            files.get(&format!("data/{path}")),
            entity["schema:sha256"].as_str(),
        ) {
            assert_eq!(sha256(bytes), digest, "{id}");
        }
    }
    let activity = &prov["activity"]["here:#action-tbl-outcomes"];
    assert_eq!(activity["prov:startTime"], "2026-01-31T00:00:00Z");
    assert!(prov["agent"]["orcid:0000-0002-1825-0097"].is_object());
    assert!(
        prov["wasInformedBy"]
            .to_string()
            .contains("#action-fig-effects")
    );
}

#[test]
fn the_data_package_describes_the_columns_by_their_codebook() {
    let (_, _, files, _) = &*RICH;
    let package = json(files, "data/datapackage.json");
    let named = |list: &str| -> BTreeMap<String, Value> {
        let resources = package[list].as_array().unwrap().iter();
        resources
            .map(|r| (r["name"].as_str().unwrap().to_owned(), r.clone()))
            .collect()
    };
    let resources = named("resources");
    let names: Vec<&str> = resources.keys().map(String::as_str).collect();
    assert_eq!(names, ["far-1.0.0", "made-1.0.0", "trial-1.0.0"]);
    assert_eq!(
        resources["far-1.0.0"]["path"],
        "https://example.org/far.csv"
    );
    assert_eq!(
        resources["made-1.0.0"]["simulated"],
        "Drawn from a normal distribution."
    );
    let trial = &resources["trial-1.0.0"];
    let bytes = &files[&format!("data/{}", trial["path"].as_str().unwrap())];
    assert_eq!(trial["hash"], format!("sha256:{}", sha256(bytes)));
    assert_eq!(trial["bytes"], bytes.len());
    let arm = &trial["schema"]["fields"][1];
    assert_eq!(
        (&arm["name"], &arm["type"]),
        (&Value::from("arm"), &Value::from("string"))
    );
    assert_eq!(arm["categories"][1]["value"], "Active");
    let withheld = named("withheld");
    assert_eq!(
        withheld["closed-1.0.0"]["apply"],
        "Write to data@example.org."
    );
    assert!(withheld["closed-1.0.0"].get("path").is_none());
}

#[test]
fn the_readme_says_what_the_authors_said_and_what_they_did_not() {
    let (_, _, files, _) = &*RICH;
    let readme = text(files, "data/README.md");
    for line in [
        "# A small trial\n",
        "- Josiah Carberry, Brown University (https://orcid.org/0000-0002-1825-0097)\n",
        "(including data dictionaries)? **yes**\n",
        "2. What data in particular will be shared? **The data behind tables \\& figures.**\n",
        "3. What other documents will be available? **not stated by the authors**\n",
        "4. When will data be available (start and end dates)? **On publication, for 5 years**\n",
        "   - with whom? **not stated by the authors**\n",
        "   - for what types of analyses? **Meta-analyses**\n",
        "- `made@1.0.0`: Drawn from a normal distribution.\n",
        "- How to apply: Write to data@example.org.\n",
        "| Table 1 | `table1` | `reports/small/report.md:",
        "| Figure 1 | `forest` | ",
        "    tbl-baseline/age/mean\n",
    ] {
        assert!(readme.contains(line), "no {line} in\n{readme}");
    }
    for path in files.keys().filter_map(|p| p.strip_prefix("data/")) {
        let own = ["README.md", "ro-crate-metadata.json"].contains(&path);
        assert!(own || readme.contains(&format!("| `{path}` | ")), "{path}");
    }
    // The directive begins where the map says.
    let row = readme
        .lines()
        .find(|l| l.starts_with("| Table 1 |"))
        .unwrap();
    let line: usize = row
        .split("report.md:")
        .nth(1)
        .unwrap()
        .split('`')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let report = text(files, "data/reports/small/report.md");
    assert_eq!(
        report.lines().nth(line - 1),
        Some("```{table1 #tbl-baseline}")
    );
    let results = json(files, "data/build/small/results.json");
    for statistic in results["statistics"].as_array().unwrap() {
        let id = statistic["id"].as_str().unwrap();
        assert!(readme.contains(&format!("\n    {id}\n")), "{id}");
    }
}

#[test]
fn the_codecheck_draft_names_the_corresponding_author_first() {
    let (_, _, files, _) = &*RICH;
    let draft = text(files, "data/codecheck.yml");
    assert!(draft.starts_with("%YAML 1.1\n---\n"), "{draft}");
    let (first, second) = (
        draft.find("Josiah").unwrap(),
        draft.find("Jo Careful").unwrap(),
    );
    assert!(first < second, "{draft}");
    assert!(
        draft.contains("      ORCID: \"0000-0002-1825-0097\"\n"),
        "{draft}"
    );
    for file in ["report.pdf", "results.json", "results.csv"] {
        assert!(
            draft.contains(&format!("  - file: \"build/small/{file}\"\n")),
            "{draft}"
        );
    }
    // What only a person knows is there as a comment.
    assert!(
        draft.contains("\n# codechecker:\n") && draft.contains("\n# report: "),
        "{draft}"
    );
}
