//! Vectors made by other people's software: every `*.json` case in this folder, in `data` (where each is from:
//! `data/README.md`), in `../shared/vectors` where that lies beside this checkout, and in the folder that
//! `LINEKEY_VECTORS` names, each with its `ecdsa`, through the public interface. A file that is the same as one before
//! it is read once.
//!
//! A case that is answered otherwise than its `expect` says fails the run, save for those in `exceptions.txt`, whose
//! starting to agree fails it too. Cases of algorithms and formats that are not built are counted by name, never as
//! passed.
#![cfg(test)]

mod case;
mod ecdsa;
#[path = "../it/left_out.rs"]
#[allow(unreachable_pub, reason = "shared with other targets")]
mod left_out;
mod own;
mod seeds;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use linekey::rules::webauthn;
use serde_json::Value;

use left_out::left_out;

/// Everything that may be counted as unsupported: what the vectors' README leaves to a relying party's choice, less
/// ES384.
const NOT_BUILT: [&str; 6] = [
    "ES512",
    "Ed448",
    "ML-DSA-44",
    "ML-DSA-65",
    "ML-DSA-87",
    "android-safetynet",
];

#[test]
fn every_case_is_answered_as_its_file_expects() {
    let exceptions = exceptions();
    let mut tally = Tally::default();
    let mut read = BTreeSet::new();
    for file in files() {
        let text = std::fs::read_to_string(&file).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
        if read.contains(&text) {
            println!("{}: the same as a file before it", file.display());
            continue;
        }
        let cases: Vec<Value> = serde_json::from_str(&text).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
        for case in &cases {
            tally.take(case, &exceptions);
        }
        println!("{}: {} cases", file.display(), cases.len());
        read.insert(text);
    }
    tally.print();
    assert!(
        tally.wrong.is_empty(),
        "{} cases answered wrongly:\n{}",
        tally.wrong.len(),
        tally.wrong.join("\n")
    );
    for name in tally.unsupported.keys() {
        assert!(
            NOT_BUILT.contains(&name.as_str()),
            "{name} is skipped, and should not be"
        );
    }
    let unread: Vec<_> = exceptions.keys().filter(|id| !tally.excepted.contains(*id)).collect();
    if !unread.is_empty() {
        println!("exceptions whose files were not read: {unread:?}");
    }
}

/// How one case was answered.
enum Answer {
    /// As the file expects.
    Right,
    /// Otherwise; in words.
    Wrong(String),
    /// Not at all: the algorithm or format that is not built.
    Unsupported(String),
}

#[derive(Default)]
struct Tally {
    right: usize,
    wrong: Vec<String>,
    excepted: BTreeSet<String>,
    unsupported: BTreeMap<String, usize>,
    refused_at: BTreeMap<String, usize>,
}

impl Tally {
    fn take(&mut self, case: &Value, exceptions: &BTreeMap<String, String>) {
        let id = case["id"].as_str().expect("a case without an id").to_owned();
        let answer = if case.get("sig_der_hex").is_some() {
            ecdsa::answer(case)
        } else {
            case::answer(case, &mut self.refused_at)
        };
        match (answer, exceptions.get(&id)) {
            (Answer::Right, None) => self.right += 1,
            (Answer::Right, Some(_)) => self.wrong.push(format!("{id}: agrees, though exceptions.txt lists it")),
            (Answer::Wrong(why), None) => self.wrong.push(format!("{id}: {why}")),
            (Answer::Wrong(_), Some(reason)) => {
                println!("excepted: {id}: {reason}");
                self.excepted.insert(id);
            }
            (Answer::Unsupported(name), _) => *self.unsupported.entry(name).or_default() += 1,
        }
    }

    fn print(&self) {
        println!(
            "{} right, {} wrong, {} excepted",
            self.right,
            self.wrong.len(),
            self.excepted.len()
        );
        for (name, count) in &self.unsupported {
            println!("unsupported: {name}: {count}");
        }
        for (step, count) in &self.refused_at {
            println!("refused at {step}: {count}");
        }
    }
}

/// Every file to be read. Says what is skipped.
#[expect(
    clippy::disallowed_methods,
    reason = "the folder of further cases is named by the environment"
)]
fn files() -> Vec<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = here.join("../shared/vectors");
    let data = here.join("tests/vectors/data");
    let mut folders = vec![here.join("tests/vectors"), data.clone(), data.join("ecdsa")];
    if shared.is_dir() {
        folders.extend([shared.clone(), shared.join("ecdsa")]);
    } else {
        left_out("other people's WebAuthn cases: ../shared/vectors is not there");
    }
    if let Some(named) = std::env::var_os("LINEKEY_VECTORS") {
        let named = PathBuf::from(named);
        assert!(
            named.is_dir(),
            "LINEKEY_VECTORS names {}, which is no folder",
            named.display()
        );
        folders.extend([named.clone(), named.join("ecdsa")]);
    }
    let mut files: Vec<PathBuf> = folders
        .iter()
        .filter_map(|folder| folder.read_dir().ok())
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            path.extension()
                .is_some_and(|extension| extension == "json")
                .then_some(path)
        })
        .collect();
    // Our own come first, so that it is the others that are told to be the same.
    files.sort_by_key(|file| (!file.starts_with(here.join("tests")), file.clone()));
    files
}

/// `exceptions.txt`: id, then the reason.
fn exceptions() -> BTreeMap<String, String> {
    include_str!("exceptions.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| {
            line.split_once(' ')
                .unwrap_or_else(|| panic!("an exception without a reason: {line}"))
        })
        .map(|(id, reason)| (id.to_owned(), reason.trim().to_owned()))
        .collect()
}
