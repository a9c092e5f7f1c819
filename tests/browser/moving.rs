//! A move from one name to another in a real Chromium: the old name's passkey signs in under the new one (related
//! origins, WebAuthn Level 3 §5.11), and is then followed by one of the new name.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::appliance::{fresh_folder, sign_in_by_password};
use super::driver::Browser;
use super::office_ca::certutil;

/// A browser that cannot use passkeys of another name.
const UNABLE: &str = "PublicKeyCredential.getClientCapabilities = async () => ({ relatedOrigins: false });";
/// Saves the name that a flag has decided so far, so that the next start goes without the flag.
const KEEP_NAME: &str = "return fetch('/api/settings', { method: 'PATCH', \
    headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ name: 'old.test' }) }).then((answer) => \
    answer.status);";

/// An appliance whose name is in its settings, at the same doors after each start.
struct House {
    process: Option<Child>,
    data: PathBuf,
    home: PathBuf,
    plain: u16,
    secure: u16,
    password: String,
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl House {
    fn start() -> Self {
        let mut house = Self {
            process: None,
            data: fresh_folder("data"),
            home: fresh_folder("home"),
            plain: free_port(),
            secure: free_port(),
            password: String::new(),
        };
        let store = house.store();
        std::fs::create_dir_all(house.home.join(".pki/nssdb")).unwrap();
        certutil(&["-d", &store, "-N", "--empty-password"]);
        house.password = house.again(&["--name", "old.test"], "    password  ");
        house
    }

    /// Stops it and starts it with these flags: what stands behind that mark.
    fn again(&mut self, flags: &[&str], mark: &str) -> String {
        self.stop();
        let mut process = Command::new(env!("CARGO_BIN_EXE_linekey"))
            .arg("--data")
            .arg(&self.data)
            .args(["--http", &format!("127.0.0.1:{}", self.plain)])
            .args(["--https", &format!("127.0.0.1:{}", self.secure)])
            .args(flags)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let found = lines.find_map(|line| Some(line.unwrap().strip_prefix(mark)?.to_owned()));
        self.process = Some(process);
        std::thread::spawn(move || lines.for_each(drop));
        found.unwrap_or_else(|| panic!("it says nothing of {mark:?}"))
    }

    fn restart(&mut self) -> String {
        self.again(&[], "Linekey is ready at ")
    }

    fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().ok();
            process.wait().ok();
        }
    }

    fn store(&self) -> String {
        format!("sql:{}", self.home.join(".pki/nssdb").display())
    }

    /// Chromium's user installs the CA that the welcome page hands out now.
    fn import(&self, nick: &str) {
        let mut line = TcpStream::connect(("127.0.0.1", self.plain)).unwrap();
        line.write_all(b"GET /trust/linekey.crt HTTP/1.1\r\nHost: 192.168.1.2\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut answer = Vec::new();
        line.read_to_end(&mut answer).unwrap();
        let head = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let file = self.home.join(format!("{nick}.crt"));
        std::fs::write(&file, &answer[head + 4..]).unwrap();
        let arguments = ["-d", &self.store(), "-A", "-n", nick, "-t", "C,,", "-i"];
        certutil(&[&arguments[..], &[file.to_str().unwrap()]].concat());
    }

    /// Both names lead here; of the old one the usual port too, where browsers ask it.
    fn browser(&self) -> Browser {
        let rules = format!(
            "--host-resolver-rules=MAP old.test:443 127.0.0.1:{}, MAP old.test 127.0.0.1, MAP new.test 127.0.0.1",
            self.secure
        );
        Browser::open_at(&self.home, &[&rules])
    }

    fn at(&self, name: &str, path: &str) -> String {
        format!("https://{name}:{}{path}", self.secure)
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop();
        for folder in [&self.data, &self.home] {
            std::fs::remove_dir_all(folder).ok();
        }
    }
}

/// T16. Headless Chromium under the office CA, without any certificate switch.
#[test]
fn chromium_signs_in_under_the_new_name_by_the_old_passkey_and_then_makes_a_new_one() {
    let mut house = House::start();
    house.import("first");
    let before = house.browser();
    before.go(&house.at("old.test", "/"));
    sign_in_by_password(&before, "admin", &house.password);
    before.arrives_at("/welcome");
    let key = before.add_authenticator();
    before.click("#make-passkey");
    before.arrives_at("/home");
    assert_eq!(before.run(KEEP_NAME), 200);
    assert_eq!(house.restart(), house.at("old.test", ""));

    before.go(&house.at("old.test", "/settings"));
    before.until("the settings", || {
        (before.run("return document.getElementById('settings').elements.name.value") == "old.test").then_some(())
    });
    before.write("#settings [name=name]", "new.test");
    assert!(before.text("#rename-bound").contains("bound to “old.test”"));
    before.click("#rename-code");
    assert!(before.text("#rename-code-shown").contains("Name: admin"));
    before.click("#settings button.main");
    before.click("#confirm-yes");
    before.is_told("saved");
    let passkeys = before.passkeys_on(&key);
    assert_eq!(passkeys.len(), 1);
    drop(before);

    assert_eq!(house.restart(), house.at("new.test", ""));
    house.import("second");
    let after = house.browser();
    let key = after.add_authenticator();
    after.add_passkey(&key, &passkeys[0]);
    after.go(&house.at("new.test", "/"));
    assert!(after.text("#moved-text").contains("“old.test”"));
    after.click("#sign-in-earlier");
    after.arrives_at("/welcome");
    after.click("#make-passkey");
    after.arrives_at("/home");
    let names: Vec<_> = after
        .passkeys_on(&key)
        .iter()
        .map(|held| held["rpId"].clone())
        .collect();
    assert!(
        names.contains(&"old.test".into()) && names.contains(&"new.test".into()),
        "{names:?}"
    );
    after.click("#sign-out");
    after.arrives_at("/");
    after.click("#sign-in-passkey");
    after.arrives_at("/home");

    // The old name has certificate and page meanwhile, without a warning.
    after.go(&house.at("old.test", "/.well-known/webauthn"));
    assert!(
        after
            .text("body")
            .contains(&format!("[\"{}\"]", house.at("new.test", "")))
    );

    after.go(&house.at("new.test", "/settings"));
    assert!(after.text("#moving-text").contains("“old.test”"));
    after.click("#moving-end");
    after.click("#confirm-yes");
    after.is_told("saved");
    after.go(&house.at("old.test", "/.well-known/webauthn"));
    assert!(after.text("body").contains("not-found"));
}

/// T16: what Firefox does not have.
#[test]
fn a_browser_that_cannot_use_the_old_names_passkeys_is_told_of_another_way() {
    let mut house = House::start();
    house.import("first");
    let before = house.browser();
    before.go(&house.at("old.test", "/"));
    sign_in_by_password(&before, "admin", &house.password);
    before.arrives_at("/welcome");
    assert_eq!(before.run(KEEP_NAME), 200);
    house.restart();
    before.go(&house.at("old.test", "/settings"));
    before.write("#settings [name=name]", "new.test");
    before.click("#rename-code");
    let shown = before.text("#rename-code-shown");
    let (_, code) = shown.split_once("Code: ").unwrap();
    before.click("#settings button.main");
    before.click("#confirm-yes");
    before.is_told("saved");
    drop(before);
    house.restart();
    house.import("second");
    let after = house.browser();
    after.on_every_page(UNABLE);
    after.go(&house.at("new.test", "/"));
    assert!(after.text("#moved-text").contains("cannot use passkeys of that name"));
    assert_eq!(after.count("#sign-in-earlier[hidden]"), 1);
    // And the code that was shown is a way in.
    sign_in_by_password(&after, "admin", code);
    after.arrives_at("/welcome");
}
