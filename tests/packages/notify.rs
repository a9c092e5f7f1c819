//! What is told at `NOTIFY_SOCKET`, to a service manager that the test plays.

use std::fs;
use std::io::Read;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::left_out::left_out;
use crate::program::{Folder, Program, command};

/// How long a message may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The manager's end.
struct Ear {
    socket: UnixDatagram,
    folder: Folder,
}

impl Ear {
    fn new() -> Self {
        let folder = Folder::new();
        let socket = UnixDatagram::bind(folder.path().join("notify")).unwrap();
        Self { socket, folder }
    }

    fn name(&self) -> String {
        self.folder.path().join("notify").to_str().unwrap().to_owned()
    }

    /// The next message, if it comes within that time.
    fn hear(&self, within: Duration) -> Option<String> {
        self.socket.set_read_timeout(Some(within)).unwrap();
        let mut bytes = [0; 1024];
        let length = self.socket.recv(&mut bytes).ok()?;
        Some(String::from_utf8(bytes[..length].to_vec()).unwrap())
    }

    /// Hears until a message has that line. All that was heard before it.
    fn until(&self, line: &str) -> Vec<String> {
        let mut before = Vec::new();
        loop {
            let heard = self
                .hear(PATIENCE)
                .unwrap_or_else(|| panic!("{line} is never told: {before:?}"));
            if heard.lines().any(|one| one == line) {
                return before;
            }
            before.push(heard);
        }
    }

    /// Hears all that was told already.
    fn drain(&self) {
        while self.hear(Duration::from_millis(1)).is_some() {}
    }

    fn start(&self, environment: &[(&str, &str)]) -> Program {
        let data = self.folder.data();
        let name = self.name();
        let environment = [&[("NOTIFY_SOCKET", name.as_str())], environment].concat();
        Program::start_with(&["--data", &data, "--http", "127.0.0.1:0"], &environment)
    }
}

#[test]
fn it_tells_what_it_does_that_it_is_ready_and_that_it_stops() {
    let ear = Ear::new();
    let program = ear.start(&[]);
    let before = ear.until("READY=1");
    assert!(
        before.iter().any(|told| told.starts_with("STATUS=Opening the store")),
        "{before:?}"
    );
    assert!(std::net::TcpStream::connect(("127.0.0.1", program.port())).is_ok());
    program.signal("TERM");
    ear.until("STOPPING=1");
    let (status, took, _) = program.ended();
    assert!(status.success() && took < Duration::from_secs(2), "{status} {took:?}");
    assert_eq!(
        ear.hear(Duration::from_millis(10)),
        None,
        "nothing is told after the end"
    );
}

#[test]
fn an_abstract_name_is_told_as_well() {
    let folder = Folder::new();
    let name = format!("linekey-{}", std::process::id());
    let socket = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    let ear = Ear { socket, folder };
    let data = ear.folder.data();
    let told = format!("@{name}");
    let _program = Program::start_with(&["--data", &data, "--http", "127.0.0.1:0"], &[("NOTIFY_SOCKET", &told)]);
    ear.until("READY=1");
}

#[test]
fn a_manager_that_is_not_there_keeps_nobody_from_starting() {
    let folder = Folder::new();
    let gone = folder.path().join("gone");
    let environment = [("NOTIFY_SOCKET", gone.to_str().unwrap()), ("WATCHDOG_USEC", "1000000")];
    Program::start_with(&["--data", &folder.data(), "--http", "127.0.0.1:0"], &environment);
}

#[test]
fn the_watchdog_is_fed_by_threads_that_work_alone() {
    let ear = Ear::new();
    let program = ear.start(&[("WATCHDOG_USEC", "2000000")]);
    for _ in 0..3 {
        ear.until("WATCHDOG=1");
    }
    program.signal("STOP");
    ear.drain();
    assert_eq!(ear.hear(Duration::from_secs(2)), None, "a stopped process feeds it");
    program.signal("CONT");
    ear.until("WATCHDOG=1");
    let threads = fs::read_dir(format!("/proc/{}/task", program.id())).unwrap();
    let mut stuck = 0;
    for thread in threads.map(|thread| thread.unwrap()) {
        let name = fs::read_to_string(thread.path().join("comm")).unwrap();
        let is_first = thread.file_name().to_str() == Some(&program.id().to_string());
        if !is_first && name.trim() != "second" {
            continue;
        }
        let Some(held) = Held::new(thread.file_name().to_str().unwrap()) else {
            left_out("a stuck thread: this machine lets nobody trace a process");
            return;
        };
        ear.drain();
        // One that was due may just have been on its way.
        ear.hear(Duration::from_millis(600));
        assert_eq!(
            ear.hear(Duration::from_secs(2)),
            None,
            "thread {name} is stuck, and the watchdog is fed"
        );
        drop(held);
        ear.until("WATCHDOG=1");
        stuck += 1;
    }
    let cores = std::thread::available_parallelism().unwrap().get();
    assert_eq!(stuck, cores.min(2), "every thread that serves was stuck once");
}

#[test]
fn a_watchdog_of_another_process_is_not_fed() {
    let ear = Ear::new();
    let _program = ear.start(&[("WATCHDOG_USEC", "200000"), ("WATCHDOG_PID", "1")]);
    ear.until("READY=1");
    assert_eq!(ear.hear(Duration::from_secs(1)), None);
}

#[test]
fn a_start_that_gets_hardly_any_processor_moves_its_limit_on() {
    let ear = Ear::new();
    let data = ear.folder.data();
    fs::create_dir(&data).unwrap();
    // One that is brought up to date, as it takes longest.
    for file in ["redb", "key"] {
        let from = format!("{}/tests/it/stores/schema-3.{file}", env!("CARGO_MANIFEST_DIR"));
        fs::copy(from, format!("{data}/linekey.{file}")).unwrap();
    }
    // It begins by standing still, then may work for a millisecond, again and again.
    let mut slow = Command::new("bash");
    slow.args(["-c", "kill -STOP $$; exec \"$0\" \"$@\""])
        .arg(command().get_program())
        .args(["--data", &data, "--http", "127.0.0.1:0"])
        .env("NOTIFY_SOCKET", ear.name())
        .stdout(Stdio::null());
    let child = Held(slow.spawn().unwrap());
    let pid = child.0.id().to_string();
    let script =
        "exec 9<> <(:); while kill -STOP $0; do read -t 1 -u 9; kill -CONT $0; read -t 0.001 -u 9; done 2>/dev/null";
    // Ahead of all that a busy machine does, where it may: the brake comes too late otherwise.
    let may = Command::new("chrt").args(["--fifo", "50", "true"]).output();
    let ahead = match may {
        Ok(output) if output.status.success() => ["chrt", "--fifo", "50"],
        _ => ["nice", "-n", "-20"],
    };
    let brake = Command::new(ahead[0])
        .args(&ahead[1..])
        .args(["bash", "-c", script, &pid])
        .spawn();
    let brake = Held(brake.unwrap());
    let before = ear.until("EXTEND_TIMEOUT_USEC=120000000");
    assert!(!before.iter().any(|told| told.contains("READY=1")), "{before:?}");
    drop(brake);
    assert!(Command::new("kill").args(["-CONT", &pid]).status().unwrap().success());
    ear.until("READY=1");
}

/// A process that is killed when dropped: the program, or what keeps a thread of it from getting on.
struct Held(Child);

impl Held {
    /// None where nobody may trace.
    fn new(thread: &str) -> Option<Self> {
        // PTRACE_SEIZE and PTRACE_INTERRUPT stop one thread; a signal would stop them all.
        let script = "import ctypes, os, sys\n\
            libc, thread = ctypes.CDLL(None, use_errno=True), int(sys.argv[1])\n\
            held = libc.ptrace(0x4206, thread, None, None) == 0 and libc.ptrace(0x4207, thread, None, None) == 0\n\
            if held: os.waitpid(thread, 0x40000000)\n\
            print('y' if held else 'n', flush=True)\n\
            sys.stdin.read()\n";
        let mut child = Command::new("python3")
            .args(["-c", script, thread])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let mut said = [0];
        child.stdout.as_mut().unwrap().read_exact(&mut said).ok()?;
        let held = Self(child);
        (said == *b"y").then_some(held)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
