//! A Chromium that knows the office CA and no other of ours. No switch lets it overlook a certificate.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::appliance::{fresh_folder, sign_in_by_password};
use super::driver::Browser;
use super::look;
use super::wait::let_pass;
use crate::left_out::left_out;

/// The built program on loopback, with no certificate file.
pub(crate) struct Secure {
    process: Child,
    data: PathBuf,
    home: PathBuf,
    pub(crate) origin: String,
    pub(crate) password: String,
    name: &'static str,
    plain: u16,
    /// The address of both its doors, as it stands in URLs.
    at: &'static str,
}

impl Secure {
    pub(crate) fn start() -> Self {
        Self::named("linekey.test")
    }

    /// The same, under that name.
    pub(crate) fn named(name: &'static str) -> Self {
        Self::with(name, &[])
    }

    /// The same at IPv6's loopback alone; none, and a word about it, where this machine has none.
    fn over_ipv6() -> Option<Self> {
        if TcpListener::bind("[::1]:0").is_err() {
            left_out("this machine has no IPv6 on loopback");
            return None;
        }
        Some(Self::at("[::1]", "linekey.test", &[]))
    }

    /// The same, with these flags.
    pub(crate) fn with(name: &'static str, flags: &[&str]) -> Self {
        Self::at("127.0.0.1", name, flags)
    }

    fn at(at: &'static str, name: &'static str, flags: &[&str]) -> Self {
        let (data, home) = (fresh_folder("data"), fresh_folder("home"));
        let plain = TcpListener::bind(format!("{at}:0"))
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut process = Command::new(env!("CARGO_BIN_EXE_linekey"))
            .arg("--data")
            .arg(&data)
            .args(["--name", name, "--https", &format!("{at}:0")])
            .args(["--http", &format!("{at}:{plain}")])
            .args(flags)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap);
        let mut after = |mark: &str| {
            lines
                .find_map(|line| Some(line.strip_prefix(mark)?.to_owned()))
                .unwrap()
        };
        let origin = after("Linekey is ready at ");
        let password = after("    password  ");
        Self {
            process,
            data,
            home,
            origin,
            password,
            name,
            plain,
            at,
        }
    }

    /// What the plain door serves at that path.
    pub(crate) fn plain(&self, path: &str) -> Vec<u8> {
        let mut line = TcpStream::connect(format!("{}:{}", self.at, self.plain)).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: 192.168.1.2\r\nConnection: close\r\n\r\n");
        line.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        line.read_to_end(&mut answer).unwrap();
        let head = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        assert!(
            answer.starts_with(b"HTTP/1.1 200"),
            "{}",
            String::from_utf8_lossy(&answer)
        );
        answer.split_off(head + 4)
    }

    /// When the certificate ends that it shows, as OpenSSL reads it: in a form that browsers read too.
    fn last_moment(&self) -> String {
        let port = self.origin.rsplit(':').next().unwrap();
        let read = format!(
            "openssl s_client -connect {}:{port} </dev/null 2>/dev/null | \
             openssl x509 -noout -enddate -dateopt iso_8601",
            self.at
        );
        let read = Command::new("sh").args(["-c", &read]).output().unwrap();
        let read = String::from_utf8(read.stdout).unwrap();
        read.trim().strip_prefix("notAfter=").unwrap().to_owned()
    }

    /// The port of the plain door.
    pub(crate) fn plain_port(&self) -> u16 {
        self.plain
    }

    /// The plain door under that name.
    pub(crate) fn in_the_clear(&self, host: &str) -> String {
        format!("http://{host}:{}/", self.plain)
    }

    /// Chromium imports what the welcome page hands out, into an empty store of its user.
    pub(crate) fn import(&self) {
        self.import_into(&self.home.join(".pki/nssdb"));
    }

    /// The same, into a folder of certificates of its own, as Firefox has.
    pub(crate) fn import_into(&self, store: &Path) {
        let file = self.home.join("linekey.crt");
        std::fs::write(&file, self.plain("/trust/linekey.crt")).unwrap();
        std::fs::create_dir_all(store).unwrap();
        let store = format!("sql:{}", store.display());
        certutil(&["-d", &store, "-N", "--empty-password"]);
        certutil(&[
            "-d",
            &store,
            "-A",
            "-n",
            "office",
            "-t",
            "C,,",
            "-i",
            file.to_str().unwrap(),
        ]);
    }

    /// A browser that imported the office CA, whose administrator has just signed in: on the welcome page.
    pub(crate) fn administrator(&self) -> Browser {
        self.import();
        let browser = self.browser();
        browser.go(&self.origin);
        sign_in_by_password(&browser, "admin", &self.password);
        browser.arrives_at("/welcome");
        browser
    }

    /// Chromium's user installs another CA (PEM) too, under that nickname.
    pub(crate) fn import_another(&self, nick: &str, pem: &str) {
        let file = self.home.join(format!("{nick}.pem"));
        std::fs::write(&file, pem).unwrap();
        let store = format!("sql:{}", self.home.join(".pki/nssdb").display());
        let arguments = ["-d", &store, "-A", "-n", nick, "-t", "C,,", "-i"];
        certutil(&[&arguments[..], &[file.to_str().unwrap()]].concat());
    }

    /// The user takes the CA of that nickname away again.
    pub(crate) fn forget(&self, nick: &str) {
        let store = format!("sql:{}", self.home.join(".pki/nssdb").display());
        certutil(&["-d", &store, "-D", "-n", nick]);
    }

    /// The user's folder, and what leads Chromium to the doors of the usual ports too.
    pub(crate) fn at_usual_ports(&self) -> (&Path, String) {
        let (name, secure) = (self.name, self.origin.rsplit(':').next().unwrap());
        let (plain, at) = (self.plain, self.at);
        let rules = format!("MAP {name}:80 {at}:{plain}, MAP {name}:443 {at}:{secure}, MAP {name} {at}");
        (&self.home, format!("--host-resolver-rules={rules}"))
    }

    pub(crate) fn browser(&self) -> Browser {
        let found = format!("--host-resolver-rules=MAP {} {}", self.name, self.at);
        Browser::open_at(&self.home, &[&found])
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
        for folder in [&self.data, &self.home] {
            remove(folder);
        }
    }
}

fn remove(folder: &Path) {
    std::fs::remove_dir_all(folder).ok();
}

pub(crate) fn certutil(arguments: &[&str]) {
    let done = Command::new("certutil").args(arguments).output();
    let done = done.expect("certutil cannot be started: install Debian's libnss3-tools");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn with_the_office_ca_imported_a_passkey_is_made_and_used_without_a_warning() {
    let appliance = Secure::start();
    let browser = appliance.administrator();
    browser.add_authenticator();
    browser.click("#make-passkey");
    browser.arrives_at("/home");
    browser.click("#sign-out");
    browser.arrives_at("/");
    browser.click("#sign-in-passkey");
    browser.arrives_at("/home");
}

#[test]
fn a_visit_in_the_clear_is_led_on_once_the_browser_trusts_the_appliance() {
    let appliance = Secure::start();
    appliance.import();
    let browser = appliance.browser();
    for host in ["127.0.0.1", "linekey.test"] {
        browser.go(&format!("http://{host}:{}/?to=%2Fme", appliance.plain));
        browser.until("the right name", || {
            (browser.url() == format!("{}/?to=%2Fme", appliance.origin)).then_some(())
        });
        browser.text("#sign-in-passkey");
    }
    browser.go(&format!("http://127.0.0.1:{}/trust", appliance.plain));
    browser.until("the way to sign-in", || {
        (browser.count("#go:not([hidden])") == 1).then_some(())
    });
    assert_eq!(browser.url(), format!("http://127.0.0.1:{}/trust", appliance.plain));
}

#[test]
fn a_browser_that_does_not_trust_it_yet_is_told_so_and_stays() {
    let appliance = Secure::start();
    let browser = appliance.browser();
    browser.go(&format!("http://linekey.test:{}/", appliance.plain));
    browser.until("the verdict", || {
        let told = browser.text("#tell");
        told.starts_with("This browser does not trust").then_some(())
    });
    assert_eq!(browser.count("#lost[hidden]"), 1);
    assert_eq!(browser.count("#for-linux[open]"), 1);
}

/// Opens every system's steps, and answers with what is marked in a drawn screen but not seen whole in it, how many
/// screens are drawn for each system, and whether the steps leave the width of the page.
const DRAWN: &str = "
for (const steps of document.querySelectorAll('details')) steps.open = true;
const cut = [...document.querySelectorAll('.screen .here')].filter((here) => {
  const [inner, outer] = [here, here.closest('.screen')].map((one) => one.getBoundingClientRect());
  return inner.width < 10 || here.scrollWidth > here.clientWidth + 1
    || inner.left < outer.left || inner.right > outer.right || inner.bottom > outer.bottom;
}).map((here) => here.textContent);
const drawn = [...document.querySelectorAll('details')].map((steps) =>
  [steps.id, steps.querySelectorAll('.screen .here').length]);
return { cut, drawn: Object.fromEntries(drawn), wide: document.documentElement.scrollWidth > innerWidth };";

#[test]
fn the_steps_of_each_system_are_drawn_with_what_to_press_and_fit_a_phone() {
    let appliance = Secure::start();
    let browser = appliance.browser();
    browser.go(&format!("http://linekey.test:{}/trust", appliance.plain));
    for width in [320, 390, 1280] {
        let size = serde_json::json!({"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500});
        browser.devtools("Emulation.setDeviceMetricsOverride", &size);
        let drawn = browser.run(DRAWN);
        assert_eq!(drawn["cut"], serde_json::json!([]), "{width}");
        assert_eq!(drawn["wide"], false, "{width}");
        for system in [
            "windows",
            "macos",
            "ios",
            "android",
            "firefox-android",
            "linux",
            "firefox",
        ] {
            let marked = drawn["drawn"][format!("for-{system}")].as_u64();
            assert!(marked >= Some(2), "{system}: {drawn}");
        }
    }
    look::picture(&browser, "trust-steps");
}

#[test]
fn a_browser_that_does_not_find_the_name_is_told_what_helps() {
    let appliance = Secure::start();
    appliance.import();
    let browser = Browser::open_at(&appliance.home, &["--host-resolver-rules=MAP linekey.test ~NOTFOUND"]);
    browser.go(&format!("http://127.0.0.1:{}/", appliance.plain));
    browser.until("the verdict", || {
        let told = browser.text("#tell");
        told.contains("is not found from this network").then_some(())
    });
    assert_eq!(browser.text("#line"), "127.0.0.1 linekey.test");
}

/// T10 over IPv6: whoever types the address in brackets is led on, told what is missing, or given the line that helps.
#[test]
fn over_ipv6_the_welcome_page_finds_out_whether_the_browser_trusts_the_appliance_and_finds_its_name() {
    let Some(appliance) = Secure::over_ipv6() else { return };
    let by_address = format!("http://[::1]:{}/", appliance.plain);
    let verdict = |browser: &Browser, words: &str| {
        browser.go(&by_address);
        browser.until(words, || browser.text("#tell").contains(words).then_some(()));
    };
    verdict(&appliance.browser(), "This browser does not trust");
    appliance.import();
    let browser = appliance.browser();
    browser.go(&by_address);
    browser.until("the right name", || {
        browser.url().starts_with(&appliance.origin).then_some(())
    });
    browser.text("#sign-in-passkey");
    let lost = Browser::open_at(&appliance.home, &["--host-resolver-rules=MAP linekey.test ~NOTFOUND"]);
    verdict(&lost, "is not found from this network");
    assert_eq!(lost.text("#line"), "::1 linekey.test");
}

#[test]
fn the_settings_say_who_issued_the_certificate_for_which_names_and_until_when() {
    let appliance = Secure::start();
    let browser = appliance.administrator();
    browser.go(&format!("{}/settings", appliance.origin));
    let kind = browser.text("#certificate-kind");
    assert!(kind.contains("Linekey office CA linekey.test"), "{kind}");
    let end = browser.run(&format!(
        "return new Date('{}').toLocaleDateString('en', {{ dateStyle: 'medium' }})",
        appliance.last_moment()
    ));
    assert!(
        kind.contains(&format!("valid until {}", end.as_str().unwrap())),
        "{kind} {end}"
    );
    assert_eq!(browser.text("#certificate-for"), "For linekey.test, linekey.local.");
    let page = String::from_utf8(appliance.plain("/trust")).unwrap();
    let shown = browser.text("#certificate-print");
    let (_, fingerprint) = shown.split_once(": ").unwrap();
    assert!(page.contains(fingerprint), "{shown}");
    browser.click("#certificate-help a");
    browser.arrives_at("/trust");
    browser.until("the way to sign-in", || {
        (browser.count("#go:not([hidden])") == 1).then_some(())
    });
}

/// T09. What WebDriver's `acceptInsecureCerts` does in Chromium.
#[test]
fn behind_a_warning_that_was_clicked_away_the_page_says_what_is_missing_before_anybody_asks_a_passkey() {
    let appliance = Secure::start();
    let browser = appliance.browser();
    browser.devtools(
        "Security.setIgnoreCertificateErrors",
        &serde_json::json!({ "ignore": true }),
    );
    browser.go(&appliance.origin);
    let told = browser.is_told("untrusted");
    let help = format!("http://linekey.test:{}/trust?untrusted", appliance.plain);
    assert!(told.contains(&help), "{told}");
    assert_eq!(
        browser.count("#sign-in-passkey[hidden]"),
        1,
        "nobody is led to try again"
    );
    // Longer than the waits after which the field asks again where something else went wrong.
    let_pass(Duration::from_secs(3));
    let asked = browser.run(
        "const asked = performance.getEntriesByType('resource').map((entry) => new URL(entry.name).pathname); \
         return ['begin', 'finish'].map((end) => asked.filter((path) => path === \
         `/api/sign-in/passkey/${end}`).length)",
    );
    assert_eq!(
        asked,
        serde_json::json!([1, 0]),
        "asked once, and nothing counts as an attempt"
    );
    browser.click("#tell a");
    browser.until("the plain page", || (browser.url() == help).then_some(()));
    browser.until("the verdict", || {
        browser
            .text("#tell")
            .starts_with("This browser does not trust")
            .then_some(())
    });
}
