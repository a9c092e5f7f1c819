//! Golden files, and the table that says of every key in them what it was checked against.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use linekey::rules::phones::provisioning::{MAKES, linphone};

use crate::{reader, record};

/// Issue 15: a file has at most this many octets.
const FILE_OCTETS: usize = 32 * 1024;

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/provisioning/golden")
        .join(name)
}

/// Every golden file's name and what is written today.
fn written() -> Vec<(String, linekey::rules::phones::provisioning::make::Answer)> {
    let mut all: Vec<_> = MAKES
        .into_iter()
        .flat_map(|make| record::files(make, &record::handout(make)))
        .collect();
    all.push(("linphone.xml".to_owned(), linphone::write(&record::app())));
    all
}

#[test]
fn every_file_is_the_golden_one() {
    let mut different = Vec::new();
    for (name, answer) in written() {
        assert!(
            answer.bytes.len() <= FILE_OCTETS,
            "{name}: {} octets",
            answer.bytes.len()
        );
        if fs::read(golden(&name)).ok().as_ref() != Some(&answer.bytes) {
            let ours = target(&name);
            fs::write(&ours, &answer.bytes).unwrap();
            different.push(ours.display().to_string());
        }
    }
    assert!(
        different.is_empty(),
        "what is written today lies in\n{}",
        different.join("\n")
    );
}

/// Where a file that differs is put, to look at it and to replace the golden one by hand.
fn target(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("provisioning");
    fs::create_dir_all(&folder).unwrap();
    folder.join(name)
}

/// A key with its places written as N: `account.1.label` is `account.N.label`.
fn pattern(key: &str) -> String {
    let mut out = String::new();
    for word in key.split_inclusive(['.', '[', ']', '/', '@', '#']) {
        let (text, end) = match word.chars().last() {
            Some(last) if !last.is_ascii_alphanumeric() => word.split_at(word.len() - 1),
            _ => (word, ""),
        };
        let number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        out.push_str(&if number { "N".to_owned() } else { run(text) });
        out.push_str(end);
    }
    out
}

/// Grandstream's settings that come in runs, by the first of the run that means the same.
fn run(text: &str) -> String {
    let number = text.strip_prefix('P').and_then(|digits| digits.parse::<u32>().ok());
    match number {
        Some(number @ 1363..1375) => format!("P{}…", 1363 + (number - 1363) % 2),
        Some(number @ 1465..1477) => format!("P{}…", 1465 + (number - 1465) % 2),
        Some(number @ 23_800..23_900) => format!("P{}…", 23_800 + (number - 23_800) % 4),
        _ => text.to_owned(),
    }
}

/// Patterns with the first value that is there, as a row of the table has it.
fn rows(settings: &reader::Settings) -> BTreeMap<String, String> {
    let mut rows = BTreeMap::<String, String>::new();
    for (key, value) in settings {
        let row = rows.entry(pattern(key)).or_default();
        if row.is_empty() {
            let shown = value.replace('\n', "⏎");
            *row = match shown.char_indices().nth(48) {
                Some((end, _)) => format!("{}…", &shown[..end]),
                None => shown,
            };
        }
    }
    rows
}

#[test]
fn every_key_has_its_row_with_its_value_and_its_source() {
    let table = fs::read_to_string(golden("README.md")).unwrap_or_default();
    let mut wrong = Vec::new();
    for (name, answer) in written() {
        let head = format!("## `{name}`");
        let section = table
            .split("\n## ")
            .find(|section| format!("## {section}").starts_with(&head))
            .unwrap_or_default();
        let told: BTreeMap<&str, (&str, &str)> = section
            .lines()
            .filter_map(|line| line.strip_prefix("| `"))
            .filter_map(|line| line.strip_suffix(" |"))
            .filter_map(|line| line.split_once("` | `"))
            .filter_map(|(key, rest)| Some((key, rest.split_once("` | ")?)))
            .collect();
        let rows = rows(&reader::read(&answer));
        for (key, value) in &rows {
            match told.get(key.as_str()) {
                Some((kept, source)) if kept == value && !source.trim().is_empty() => {}
                other => wrong.push(format!("{name}: | `{key}` | `{value}` |, the table has {other:?}")),
            }
        }
        wrong.extend(
            told.keys()
                .filter(|key| !rows.contains_key(**key))
                .map(|key| format!("{name}: {key} is written no more")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_same_record_gives_the_same_octets() {
    assert_eq!(written(), written());
}
