//! As much of a WebDriver client (W3C WebDriver; WebAuthn L3 §11) as these tests need.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use serde_json::{Value, json};

use super::chromedriver;
use super::wait::found_within;

/// How long a condition may take to come true on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// The key under which WebDriver hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// One Chromium with a profile of its own.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
    profile: PathBuf,
}

impl Browser {
    /// A new window.
    pub(crate) fn open() -> Self {
        Self::open_as(None, &[])
    }

    /// A new window with these arguments.
    pub(crate) fn open_with(more: &[&str]) -> Self {
        Self::open_as(None, more)
    }

    /// A new window of a user with that home folder, whose certificates it knows, with these arguments.
    pub(crate) fn open_at(home: &Path, more: &[&str]) -> Self {
        Self::open_as(Some(home), more)
    }

    /// The same with a profile that [`Self::closed`] left.
    pub(crate) fn open_again(home: &Path, profile: PathBuf, more: &[&str]) -> Self {
        Self::open_in(profile, Some(home), more)
    }

    /// Closes it as people do, with its profile written; where that is.
    pub(crate) fn closed(mut self) -> PathBuf {
        self.request("DELETE", &self.session, &Value::Null).unwrap();
        self.session.clear();
        std::mem::take(&mut self.profile)
    }

    fn open_as(home: Option<&Path>, more: &[&str]) -> Self {
        Self::open_in(super::appliance::fresh_folder("profile"), home, more)
    }

    fn open_in(profile: PathBuf, home: Option<&Path>, more: &[&str]) -> Self {
        // It listens on a free port of IPv4 and on the same of IPv6, and ends where somebody else has that one.
        let (driver, port) = (0..5)
            .find_map(|_| chromedriver::started(home))
            .expect("chromedriver names its port");
        let arguments: Vec<String> = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--window-size=1280,800",
        ]
        .map(String::from)
        .into_iter()
        .chain(more.iter().copied().map(String::from))
        .chain([format!("--user-data-dir={}", profile.display())])
        .collect();
        let capabilities = json!({
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"},
        });
        Self::over(driver, port, profile, &capabilities)
    }

    /// A new window of what this driver at that port starts, with these capabilities.
    pub(crate) fn over(driver: Child, port: u16, profile: PathBuf, capabilities: &Value) -> Self {
        let mut browser = Self {
            driver,
            port,
            session: String::new(),
            profile,
        };
        let session = browser.post("/session", &json!({"capabilities": {"alwaysMatch": capabilities}}));
        browser.session = format!("/session/{}", session["sessionId"].as_str().unwrap());
        browser
    }

    /// Opens an address.
    pub(crate) fn go(&self, url: &str) {
        self.command("POST", "/url", &json!({"url": url}));
    }

    /// The address now.
    pub(crate) fn url(&self) -> String {
        self.command("GET", "/url", &Value::Null).as_str().unwrap().to_owned()
    }

    /// Runs a function body in the page.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.command("POST", "/execute/sync", &json!({"script": script, "args": []}))
    }

    /// Waits until something is there.
    #[track_caller]
    pub(crate) fn until<T>(&self, what: &str, look: impl FnMut() -> Option<T>) -> T {
        match found_within(PATIENCE, look) {
            Some(found) => found,
            None => panic!(
                "waited in vain for {what}, at {} with {:?}",
                self.url(),
                self.told_now()
            ),
        }
    }

    /// Waits until the address ends so.
    pub(crate) fn arrives_at(&self, end: &str) {
        self.until(end, || self.url().ends_with(end).then_some(()));
    }

    /// Waits for a visible element and clicks it; scrolls to it if something lies above it.
    pub(crate) fn click(&self, css: &str) {
        self.until(css, || {
            let element = self.visible(css)?;
            let clicked = self.attempt("POST", &format!("/element/{element}/click"), &json!({}));
            if clicked.is_err() {
                self.run(&format!(
                    "document.querySelector({})?.scrollIntoView({{ block: 'center' }})",
                    json!(css)
                ));
            }
            clicked.ok()
        });
    }

    /// Writes into a field, in the place of what was there.
    pub(crate) fn write(&self, css: &str, text: &str) {
        self.until(css, || {
            let element = self.visible(css)?;
            self.attempt("POST", &format!("/element/{element}/clear"), &json!({}))
                .ok()?;
            self.attempt("POST", &format!("/element/{element}/value"), &json!({"text": text}))
                .ok()
        });
    }

    /// Waits for an element and reads its text.
    pub(crate) fn text(&self, css: &str) -> String {
        // A page may draw the element anew between finding and reading it.
        self.until(css, || {
            let element = self.visible(css)?;
            let text = self.attempt("GET", &format!("/element/{element}/text"), &Value::Null);
            Some(text.ok()?.as_str()?.to_owned())
        })
    }

    /// How many elements there are now.
    pub(crate) fn count(&self, css: &str) -> usize {
        let found = self.command("POST", "/elements", &json!({"using": "css selector", "value": css}));
        found.as_array().unwrap().len()
    }

    /// Waits for the sentence of that name, and reads it.
    pub(crate) fn is_told(&self, code: &str) -> String {
        self.until(code, || self.told_now().filter(|(told, _)| told == code)).1
    }

    /// Waits for the sentence in a place other than the page's own.
    pub(crate) fn is_told_in(&self, place: &str, code: &str) {
        let css = format!("{place}[data-code=\"{code}\"]:not(:empty)");
        self.until(&css, || self.visible(&css));
    }

    fn told_now(&self) -> Option<(String, String)> {
        let told = self.run(
            "const t = document.getElementById('tell'); return t && t.textContent ? [t.dataset.code, t.textContent] : \
                null",
        );
        Some((told[0].as_str()?.to_owned(), told[1].as_str()?.to_owned()))
    }

    fn visible(&self, css: &str) -> Option<String> {
        let found = self
            .attempt("POST", "/element", &json!({"using": "css selector", "value": css}))
            .ok()?;
        let element = found[ELEMENT].as_str()?.to_owned();
        let shown = self
            .attempt("GET", &format!("/element/{element}/displayed"), &Value::Null)
            .ok()?;
        shown.as_bool()?.then_some(element)
    }

    /// Gives the browser an authenticator that is touched and verified at once.
    pub(crate) fn add_authenticator(&self) -> String {
        self.add_authenticator_with(&json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true, "isUserConsenting": true,
        }))
    }

    /// Gives the browser an authenticator of any kind (WebAuthn L3 §11.3).
    pub(crate) fn add_authenticator_with(&self, kind: &Value) -> String {
        self.command("POST", "/webauthn/authenticator", kind)
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Takes an authenticator away.
    pub(crate) fn remove_authenticator(&self, id: &str) {
        self.command("DELETE", &format!("/webauthn/authenticator/{id}"), &Value::Null);
    }

    /// The passkeys that an authenticator holds (WebAuthn L3 §11.4).
    pub(crate) fn passkeys_on(&self, id: &str) -> Vec<Value> {
        let held = self.command(
            "GET",
            &format!("/webauthn/authenticator/{id}/credentials"),
            &Value::Null,
        );
        held.as_array().unwrap().clone()
    }

    /// Gives an authenticator a passkey that another one had.
    pub(crate) fn add_passkey(&self, id: &str, passkey: &Value) {
        self.command("POST", &format!("/webauthn/authenticator/{id}/credential"), passkey);
    }

    /// Whether the authenticator's owner passes its verification from now on.
    pub(crate) fn verifies(&self, id: &str, verified: bool) {
        self.command(
            "POST",
            &format!("/webauthn/authenticator/{id}/uv"),
            &json!({"isUserVerified": verified}),
        );
    }

    /// A cookie of the page, as WebDriver tells it.
    pub(crate) fn cookie(&self, name: &str) -> Option<Value> {
        let cookies = self.command("GET", "/cookie", &Value::Null);
        cookies
            .as_array()
            .unwrap()
            .iter()
            .find(|cookie| cookie["name"] == name)
            .cloned()
    }

    /// A command of the DevTools protocol.
    pub(crate) fn devtools(&self, command: &str, params: &Value) {
        self.command("POST", "/goog/cdp/execute", &json!({"cmd": command, "params": params}));
    }

    /// Runs a script in every page from now on, before the page's own.
    pub(crate) fn on_every_page(&self, source: &str) {
        self.devtools("Page.enable", &json!({}));
        self.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({"source": source}));
    }

    /// Makes every answer over the network so many milliseconds late; 0 is as fast as it gets.
    pub(crate) fn slow_down(&self, latency: u32) {
        self.devtools("Network.enable", &json!({}));
        let conditions = json!({
            "offline": false, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.devtools("Network.emulateNetworkConditions", &conditions);
    }

    /// The page as a PNG.
    pub(crate) fn picture(&self) -> Vec<u8> {
        let encoded = self.command("GET", "/screenshot", &Value::Null);
        data_encoding::BASE64
            .decode(encoded.as_str().unwrap().as_bytes())
            .unwrap()
    }

    /// What went wrong in the page so far: scripts' errors and breaches of the content security policy. Refused calls
    /// are left out: tests make them on purpose.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.command("POST", "/se/log", &json!({"type": "browser"}));
        let severe = log.as_array().unwrap().iter().filter(|line| line["level"] == "SEVERE");
        let messages = severe.map(|line| line["message"].as_str().unwrap_or_default().to_owned());
        messages
            .filter(|message| !message.contains("the server responded with a status of 4"))
            .collect()
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.request("POST", path, body)
            .unwrap_or_else(|why| panic!("{path}: {why}"))
    }

    fn command(&self, method: &str, path: &str, body: &Value) -> Value {
        self.attempt(method, path, body)
            .unwrap_or_else(|why| panic!("{method} {path}: {why}"))
    }

    fn attempt(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        self.request(method, &format!("{}{path}", self.session), body)
    }

    fn request(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost:{}\r\nContent-Type: application/json\r\nContent-Length: \
                {}\r\n\r\n",
            self.port,
            body.len()
        );
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all((head + &body).as_bytes()).unwrap();
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let line = line.trim().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.is_empty() {
                break;
            }
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer).unwrap();
        let mut answer: Value = serde_json::from_slice(&answer).unwrap();
        let value = answer["value"].take();
        match value.get("error") {
            Some(error) if value.get("stacktrace").is_some() => Err(format!("{error}: {}", value["message"])),
            _ => Ok(value),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            self.request("DELETE", &self.session, &Value::Null).ok();
        }
        self.driver.kill().ok();
        self.driver.wait().ok();
        std::fs::remove_dir_all(&self.profile).ok();
    }
}
