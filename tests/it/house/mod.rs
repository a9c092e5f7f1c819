//! The house rules, by reading the source: imports go down only, files are short, nothing is left for later.

mod imports;
mod left_out;
mod troubles;

use std::fs;
use std::path::{Path, PathBuf};

const LONGEST_FILE: usize = 400;
/// Columns of a line.
const LONGEST_LINE: usize = 120;

/// The floors, from the top: a room may import itself and every room of a floor below. Rooms of one floor never import
/// each other; the lowest imports nothing of ours.
const FLOORS: &[&[&str]] = &[
    &["appliance"],
    &["http", "mail", "names", "phones", "trust"],
    &["net", "office"],
    &["desk", "sip", "store"],
    &["rules"],
];

/// The crates that the rules may use: values and arithmetic, no clock, dice, disk, wire or async.
const VALUE_CRATES: &[&str] = &[
    "chacha20",
    "coset",
    "data_encoding",
    "heapless",
    "hmac",
    "icu_normalizer",
    "icu_properties",
    "idna",
    "ipnet",
    "md5",
    "p256",
    "serde",
    "serde_json",
    "sha2",
    "subtle",
    "zeroize",
    "ring",
    "rustls_pki_types",
    "core",
    "std",
    "alloc",
];

/// What of the standard library the rules must not touch.
const WORLDLY: &[&str] = &[
    "std::fs",
    "std::env",
    "std::process",
    "std::thread",
    "std::time",
    "std::io",
    "SystemTime",
    "Instant::",
    "async fn",
    ".await",
];

struct File {
    path: PathBuf,
    text: String,
}

fn files_under(folder: &str) -> Vec<File> {
    files_named(folder, "rs")
}

fn files_named(folder: &str, ending: &str) -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                // A module's own tests may do what it may not; what a build left behind is not ours.
                folders.extend((!path.ends_with("tests") && !path.ends_with("target")).then_some(path));
            } else if path.extension().is_some_and(|extension| extension == ending) {
                let text = fs::read_to_string(&path).unwrap();
                files.push(File {
                    path: path.strip_prefix(root).unwrap().to_owned(),
                    text,
                });
            }
        }
    }
    assert!(!files.is_empty(), "{folder} holds no source");
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

/// Lines with their numbers, without comments.
fn code(file: &File) -> impl Iterator<Item = (usize, &str)> {
    file.text
        .lines()
        .enumerate()
        .map(|(number, line)| (number + 1, line.split("//").next().unwrap_or_default()))
}

#[track_caller]
fn no_breach(rule: &str, breaches: &[String]) {
    assert!(breaches.is_empty(), "broken rule: {rule}\n{}", breaches.join("\n"));
}

/// The rooms that this one may import, itself among them.
fn below(room: &str) -> Vec<&'static str> {
    let floor = FLOORS.iter().position(|rooms| rooms.contains(&room));
    let floor = floor.unwrap_or_else(|| panic!("{room} stands on no floor: give it one, with a reason in DESIGN.md"));
    let own = FLOORS[floor].iter().filter(|other| **other == room);
    own.chain(FLOORS[floor + 1..].iter().copied().flatten())
        .copied()
        .collect()
}

/// The room that a file of `src` is in; `None` for `lib.rs` and `main.rs`.
fn room(path: &Path) -> Option<String> {
    let mut parts = path.strip_prefix("src").unwrap().iter();
    let first = parts.next()?.to_str()?.to_owned();
    parts.next().map(|_| first)
}

#[test]
fn imports_go_down_only() {
    let mut breaches = Vec::new();
    for (from, to) in imports::edges(&files_under("src")) {
        let (Some(from_room), Some(to_room)) = (room(&from), room(&to)) else {
            continue;
        };
        if !below(&from_room).contains(&to_room.as_str()) {
            breaches.push(format!("{} may not know {}", from.display(), to.display()));
        }
    }
    no_breach(
        "imports go down only, and rooms of one floor don't import each other",
        &breaches,
    );
}

#[test]
fn no_two_files_import_each_other_in_a_circle() {
    let circles = imports::circles(&imports::edges(&files_under("src")));
    let shown = circles.iter().map(|circle| {
        let names: Vec<String> = circle.iter().map(|file| file.display().to_string()).collect();
        names.join(" -> ")
    });
    no_breach("no files import each other in a circle", &shown.collect::<Vec<_>>());
}

#[test]
fn changes_are_made_by_the_rules_alone() {
    let mut breaches = Vec::new();
    for file in files_under("src") {
        if ["src/rules", "src/store"]
            .iter()
            .any(|home| file.path.starts_with(home))
        {
            continue;
        }
        for (number, line) in code(&file) {
            let made = |at: usize| line[at + "Change::".len()..].starts_with(char::is_uppercase);
            if line.match_indices("Change::").any(|(at, _)| made(at)) {
                breaches.push(format!("{}:{number}: {}", file.path.display(), line.trim()));
            }
        }
    }
    no_breach("a change is made in rules alone, and read in the store", &breaches);
}

#[test]
fn the_rules_use_values_only() {
    let mut breaches = Vec::new();
    let is_test = |file: &File| file.path.components().any(|part| part.as_os_str() == "tests");
    for file in files_under("src/rules").into_iter().filter(|file| !is_test(file)) {
        for (number, line) in code(&file) {
            if let Some(import) = line
                .trim()
                .strip_prefix("use ")
                .or_else(|| line.trim().strip_prefix("pub use "))
            {
                let first = import.split(['{', ':', ';', ' ']).next().unwrap_or_default();
                let ours = ["crate", "self", "super"].contains(&first) || first.starts_with(char::is_uppercase);
                let module = file.path.parent().is_some_and(|folder| {
                    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
                    beside.join(format!("{first}.rs")).exists() || beside.join(first).exists()
                });
                if !ours && !module && !VALUE_CRATES.contains(&first) {
                    breaches.push(format!(
                        "{}:{number}: {first} is no crate of values: {}",
                        file.path.display(),
                        line.trim()
                    ));
                }
            }
            for worldly in WORLDLY.iter().filter(|worldly| line.contains(**worldly)) {
                breaches.push(format!(
                    "{}:{number}: {worldly} is of the world: {}",
                    file.path.display(),
                    line.trim()
                ));
            }
        }
    }
    no_breach(
        "rules decide over plain values: no clock, dice, disk, wire or async",
        &breaches,
    );
}

#[test]
fn tide_stays_in_one_file_and_redb_in_the_store() {
    let mut breaches = Vec::new();
    for file in files_under("src") {
        for (krate, home) in [("tide", "src/http/front/router.rs"), ("redb", "src/store")] {
            if file.path.starts_with(home) {
                continue;
            }
            for (number, line) in code(&file).filter(|(_, line)| line.contains(&format!("{krate}::"))) {
                breaches.push(format!("{}:{number}: {}", file.path.display(), line.trim()));
            }
        }
    }
    no_breach("tide is known to one file, redb to the store alone", &breaches);
}

#[test]
fn only_the_store_writes() {
    let mut breaches = Vec::new();
    for file in files_under("src")
        .iter()
        .filter(|file| !file.path.starts_with("src/store"))
    {
        for (number, line) in code(file).filter(|(_, line)| line.contains("begin_write") || line.contains(".commit()"))
        {
            breaches.push(format!("{}:{number}: {}", file.path.display(), line.trim()));
        }
    }
    no_breach("nothing but a turn writes to the store", &breaches);
}

#[test]
fn lines_fit_beside_another_window() {
    let scripts = files_named("web/script", "js");
    let sources = ["src", "tests", "board"]
        .iter()
        .flat_map(|folder| files_named(folder, "rs"));
    let long = sources.chain(scripts).flat_map(|file| {
        let lines = file.text.lines().enumerate();
        let long = lines.filter(|(_, line)| line.chars().count() > LONGEST_LINE);
        let told = |(number, _)| format!("{}:{}", file.path.display(), number + 1);
        long.map(told).collect::<Vec<_>>()
    });
    no_breach("a line has at most 120 columns", &long.collect::<Vec<_>>());
}

#[test]
fn files_are_short_enough_to_read() {
    let (sources, tests) = (files_under("src"), files_under("tests"));
    let long = sources
        .iter()
        .chain(&tests)
        .map(|file| (file, file.text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_FILE);
    let breaches: Vec<String> = long
        .map(|(file, lines)| format!("{}: {lines} lines", file.path.display()))
        .collect();
    no_breach("a file has at most 400 lines", &breaches);
}

#[test]
fn every_file_says_what_it_is() {
    let silent = files_under("src")
        .into_iter()
        .filter(|file| !file.text.starts_with("//!"));
    let breaches: Vec<String> = silent.map(|file| file.path.display().to_string()).collect();
    no_breach("a file begins with one line that says what it is", &breaches);
}

#[test]
fn tests_wait_for_what_they_need_and_sleep_in_one_file() {
    let mut breaches = Vec::new();
    let homes = ["tests/it/house", "tests/it/wait.rs"];
    for file in files_under("tests") {
        if homes.iter().any(|home| file.path.starts_with(home)) {
            continue;
        }
        for (number, line) in code(&file) {
            if line.contains("thread::sleep") || line.contains("park_timeout") {
                breaches.push(format!("{}:{number}: {}", file.path.display(), line.trim()));
            }
        }
    }
    no_breach("a test that waits does so by tests/it/wait.rs", &breaches);
}

#[test]
fn nothing_is_left_for_later() {
    let marks = [
        concat!("to", "do!("),
        concat!("unimpl", "emented!("),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
    ];
    let mut breaches = Vec::new();
    for file in files_under("src").into_iter().chain(files_under("tests")) {
        for (number, line) in file.text.lines().enumerate() {
            if marks.iter().any(|mark| line.contains(mark)) {
                breaches.push(format!("{}:{}: {}", file.path.display(), number + 1, line.trim()));
            }
        }
    }
    no_breach("what is not done is not in the source", &breaches);
}
