//! The built binary as a process, on a port and with a store of its own.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use super::driver::Browser;

/// What Debian's `faketime` preloads. Its command is of no use here: it runs the binary as a child, which outlives it.
const FAKETIME: &str = "/usr/$LIB/faketime/libfaketime.so.1";

/// A Linekey that was started.
pub(crate) struct Appliance {
    process: Child,
    data: PathBuf,
    /// Where it says it is: `http://localhost:PORT`.
    pub(crate) origin: String,
    /// The one-time password that it printed at its first start.
    pub(crate) password: String,
}

/// A folder that nothing else uses.
pub(crate) fn fresh_folder(what: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("linekey-browser-{}-{what}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

impl Appliance {
    /// A new one, with an empty store.
    pub(crate) fn start() -> Self {
        let data = fresh_folder("data");
        let mut process = spawn(Command::new(env!("CARGO_BIN_EXE_linekey")), &data, "127.0.0.1:0");
        let mut console = BufReader::new(process.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap);
        let origin = origin(&mut console);
        let password = console
            .find_map(|line| Some(line.strip_prefix("    password  ")?.to_owned()))
            .unwrap();
        Self {
            process,
            data,
            origin,
            password,
        }
    }

    /// The same store and port again, after a restart so much later; the browser's own clock stays as it is.
    pub(crate) fn restart_later(&mut self, offset: &str) {
        self.stop();
        let known = Command::new("faketime").arg("--version").output();
        known.expect("faketime cannot be started: install Debian's faketime");
        let mut later = Command::new(env!("CARGO_BIN_EXE_linekey"));
        later
            .env("LD_PRELOAD", FAKETIME)
            .env("FAKETIME", offset)
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        self.again(later);
    }

    /// The same store and port again, started with these flags.
    pub(crate) fn restart_with(&mut self, flags: &[&str]) {
        self.stop();
        let mut again = Command::new(env!("CARGO_BIN_EXE_linekey"));
        again.args(flags);
        self.again(again);
    }

    fn again(&mut self, command: Command) {
        let address = self.origin.replace("http://localhost", "127.0.0.1");
        self.process = spawn(command, &self.data, &address);
        let mut console = BufReader::new(self.process.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap);
        assert_eq!(origin(&mut console), self.origin);
    }

    /// An address of one of its pages.
    pub(crate) fn page(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// An administrator signed in with a passkey on a new authenticator of this browser; its number.
    pub(crate) fn first_run(&self, browser: &Browser) -> String {
        browser.go(&self.origin);
        sign_in_by_password(browser, "admin", &self.password);
        browser.arrives_at("/welcome");
        make_passkey(browser)
    }

    /// Adds a person as the administrator in this browser; their link.
    pub(crate) fn add_person(&self, browser: &Browser, extension: &str, name: &str) -> String {
        browser.go(&self.page("/people"));
        browser.write("#add-person [name=extension]", extension);
        browser.write("#add-person [name=name]", name);
        browser.click("#add-person button");
        let link = browser.text("#invite-link");
        browser.click("#invite [data-close]");
        link
    }

    /// Adds a phone of that person as the administrator in this browser, who is on the page of phones then.
    pub(crate) fn add_phone(&self, browser: &Browser, extension: &str, label: &str) {
        browser.go(&self.page("/phones"));
        browser.write("#add-device [name=extension]", extension);
        browser.write("#add-device [name=label]", label);
        browser.click("#add-device .main");
        browser.is_told("device-added");
    }

    fn stop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Drop for Appliance {
    fn drop(&mut self) {
        self.stop();
        std::fs::remove_dir_all(&self.data).ok();
    }
}

/// Makes a passkey on a new authenticator of this browser, which is on the page that offers it; the authenticator's
/// number.
pub(crate) fn make_passkey(browser: &Browser) -> String {
    let authenticator = browser.add_authenticator();
    browser.click("#make-passkey");
    browser.arrives_at("/home");
    authenticator
}

/// A new browser of whoever came by that link and made a passkey; its authenticator's number.
pub(crate) fn joined(link: &str) -> (Browser, String) {
    let browser = Browser::open();
    browser.go(link);
    browser.click("#join");
    browser.arrives_at("/welcome");
    let authenticator = make_passkey(&browser);
    (browser, authenticator)
}

/// Unfolds the password form, fills it in and sends it.
pub(crate) fn sign_in_by_password(browser: &Browser, name: &str, password: &str) {
    if browser.count("#by-password[hidden]") == 1 {
        browser.click("#use-password");
    }
    browser.write("#username", name);
    browser.write("#password", password);
    browser.click("#by-password button");
}

fn spawn(mut command: Command, data: &std::path::Path, address: &str) -> Child {
    let command = command.arg("--data").arg(data).args(["--http", address]);
    command
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary cannot be started")
}

/// Where the console says that it is.
fn origin(console: &mut impl Iterator<Item = String>) -> String {
    console
        .find_map(|line| Some(line.strip_prefix("Linekey is ready at ")?.to_owned()))
        .unwrap()
}
