//! What a sign-in's check costs, ours and our peers': all of them in one run, one call of each in turn, so that a noisy
//! machine is as noisy for one as for another. `run` builds this, runs it, and counts instructions too.
//!
//!     bench-verify              the table of times and the bars
//!     bench-verify count S N    subject S, N times, for callgrind

mod subjects;

use std::process::ExitCode;
use std::time::Instant;

use linekey::desk::curve_tables::CurveTables;
use linekey::rules::webauthn::es256::{Size, Table};
use subjects::{Subject, World};

const ROUNDS: usize = 60;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let world = World::new();
    match arguments.as_slice() {
        [] => table(&world),
        [count, subject, times] if count == "count" => {
            repeat(&world, subject, times.parse().expect("how often"));
            ExitCode::SUCCESS
        }
        _ => panic!("bench-verify [count SUBJECT TIMES]"),
    }
}

fn repeat(world: &World, subject: &str, times: usize) {
    let subject = subjects::ALL
        .iter()
        .find(|known| known.name == subject)
        .expect("a subject");
    assert!((0..times).all(|turn| (subject.check)(world, turn % world.len())));
}

/// Tells all figures; fails where a bar is missed.
fn table(world: &World) -> ExitCode {
    let mut times = vec![Vec::new(); subjects::ALL.len()];
    // In turn with the others, parsing mostly waits for its own code to come back into the caches.
    let mut alone = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        assert!(
            (0..world.len()).all(|case| world.parsing(case)),
            "parsing: a wrong answer"
        );
        alone.push(start.elapsed().as_nanos() as f64 / 1000.0 / world.len() as f64);
        for case in 0..world.len() {
            for (subject, times) in subjects::ALL.iter().zip(&mut times) {
                let start = Instant::now();
                let held = (subject.check)(world, case);
                times.push(start.elapsed().as_nanos() as f64 / 1000.0);
                assert!(held, "{}: a wrong answer", subject.name);
            }
        }
    }
    let figures: Vec<(&Subject, f64, f64)> = subjects::ALL
        .iter()
        .zip(&mut times)
        .map(|(subject, times)| {
            times.sort_by(f64::total_cmp);
            (subject, times[0], times[times.len() / 2])
        })
        .collect();
    let of = |name: &str| {
        figures
            .iter()
            .find(|(subject, ..)| subject.name == name)
            .map(|(_, min, median)| (*min, *median))
    };
    println!("{:<18} {:>8} {:>8}   µs", "", "min", "median");
    for (subject, min, median) in &figures {
        println!("{:<18} {min:>8.1} {median:>8.1}   {}", subject.name, subject.what);
    }
    if of("openssl").is_none() {
        println!("{:<18} skipped: OpenSSL's headers are not here", "openssl");
    }
    let mut missed = false;
    let mut verdict = |met: bool| {
        missed |= !met;
        if met { "" } else { "MISSED" }
    };
    println!("\n{:<34} {:>6} {:>6}   bar", "ratio", "min", "median");
    for (ours, peer, bar) in BARS {
        let ((min, median), (peer_min, peer_median)) = (of(ours).expect("ours"), of(peer).expect("a peer"));
        let verdict = verdict(min / peer_min <= *bar && median / peer_median <= *bar);
        let name = format!("{ours} / {peer}");
        println!(
            "{name:<34} {:>6.2} {:>6.2}   {bar:.2} {verdict}",
            min / peer_min,
            median / peer_median
        );
    }
    alone.sort_by(f64::total_cmp);
    let (min, median) = (alone[0], alone[alone.len() / 2]);
    println!(
        "{:<34} {min:>6.1} {median:>6.1}   3.00 µs {}",
        "parsing, sixteen in a row",
        verdict(median <= 3.0)
    );
    println!();
    for size in Size::ALL {
        println!("a key's table, {size:?}: {} bytes", Table::bytes(size));
    }
    println!("all tables of an office: at most {} bytes", CurveTables::BYTES);
    ExitCode::from(u8::from(missed))
}

const BARS: &[(&str, &str, f64)] = &[
    ("whole, large", "ring", 0.8),
    ("whole, medium", "ring", 0.9),
    ("whole, small", "ring", 1.0),
    ("whole, cold", "ring", 1.1),
    ("whole, large", "webauthn-rs-core", 0.25),
    ("whole, cold", "p256", 0.25),
];
