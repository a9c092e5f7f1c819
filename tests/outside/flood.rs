//! Everything that strangers can do at once: what it costs in memory, bytes written and people's time. A bench, run by
//! `tests/bench/flood/run` in a network namespace where 10.77.0.0/16 is this machine, as in `siege`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use crate::house::PASSWORD;
use crate::program::{Folder, Program};
use crate::siege::{self, Person};
use crate::wait::let_pass;

const MIB: f64 = 1024.0;
/// 32 MiB, and 16 for each of two password checks.
const RESIDENT: f64 = 64.0;
const RESIDENT_AFTER: f64 = 16.0;
const SIGN_IN: Duration = Duration::from_secs(1);
/// Addresses that each kind of flood comes from.
const ADDRESSES: u32 = 1000;

#[test]
#[ignore = "a bench"]
#[expect(
    clippy::disallowed_methods,
    reason = "how long it takes is asked for, and comes from outside"
)]
fn flood() {
    let seconds = std::env::var("LINEKEY_FLOOD_SECONDS").map_or(30, |text| text.parse().unwrap());
    let half = Duration::from_secs(seconds) / 2;
    let folder = Folder::new();
    let data = folder.data();
    let flags = ["--data", &data, "--http", "10.77.0.1:0", "--admin-password", PASSWORD];
    let program = Program::start(&[&flags[..], &["--name", "localhost"]].concat());
    let server = SocketAddr::from((Ipv4Addr::new(10, 77, 0, 1), program.port()));
    let person = Person::enrolled(&program, server, Ipv4Addr::new(10, 77, 255, 1));
    // The board is measured meanwhile, and that is written down.
    let_pass(Duration::from_secs(4));
    let process = Process {
        folder: PathBuf::from("/proc").join(program.id().to_string()),
        store: Path::new(&data).join("linekey.redb"),
    };
    println!("at rest {:.1} MiB", process.resident());
    let over = AtomicBool::new(false);
    let (mut most, mut times) = (0.0_f64, Vec::new());
    let (mut written, mut lost) = (Vec::new(), 0);
    std::thread::scope(|scope| {
        for worst in siege::WORST {
            let over = &over;
            scope.spawn(move || siege::besiege(worst, ADDRESSES, Ipv4Addr::new(10, 77, 0, 0), server, over));
        }
        let before = process.wrote();
        let mut watch = |until: Duration, mut beside: Box<dyn FnMut() + '_>| {
            let began = Instant::now();
            while began.elapsed() < until {
                most = most.max(process.resident());
                beside();
                let_pass(Duration::from_millis(5));
            }
        };
        watch(half, Box::new(|| ()));
        written = vec![before, process.wrote()];
        let signs_in = || match std::panic::catch_unwind(|| person.sign_in()) {
            Ok(took) => times.push(took),
            Err(_) => lost += 1,
        };
        watch(half, Box::new(signs_in));
        over.store(true, Ordering::Relaxed);
    });
    let_pass(Duration::from_secs(1));
    let after = process.resident();
    times.sort();
    let slow = times[(times.len() * 99).div_ceil(100) - 1];
    let bytes = written[1].0 - written[0].0;
    println!("resident at most {most:.1} MiB (bar {RESIDENT}), {after:.1} a second after (bar {RESIDENT_AFTER})");
    println!(
        "{} sign-ins by passkey, p99 {slow:?} (bar {SIGN_IN:?}), {lost} lost",
        times.len()
    );
    println!("{bytes} bytes written in {half:?} (bar 0)");
    assert!(most <= RESIDENT && after <= RESIDENT_AFTER, "memory");
    assert!(slow <= SIGN_IN && lost == 0, "time");
    assert!(written[0] == written[1], "bytes: {written:?}");
}

/// The program as the system sees it.
struct Process {
    folder: PathBuf,
    store: PathBuf,
}

impl Process {
    /// MiB that are resident.
    fn resident(&self) -> f64 {
        f64::from(self.number("status", "VmRSS:")) / MIB
    }

    /// Bytes that went to the disk, and the store's length and time.
    fn wrote(&self) -> (u32, u64, SystemTime) {
        let store = std::fs::metadata(&self.store).unwrap();
        (
            self.number("io", "write_bytes:"),
            store.len(),
            store.modified().unwrap(),
        )
    }

    fn number(&self, file: &str, name: &str) -> u32 {
        let text = std::fs::read_to_string(self.folder.join(file)).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }
}
