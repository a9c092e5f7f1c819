//! Debian's chromedriver, started.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A driver and its port; none where it ended at once.
pub(crate) fn started(home: Option<&Path>) -> Option<(Child, u16)> {
    let mut driver = Command::new("chromedriver");
    if let Some(home) = home {
        driver.env("HOME", home).env_remove("XDG_CONFIG_HOME");
    }
    let mut driver = driver
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver cannot be started: install Debian's chromium-driver");
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    let port = lines.by_ref().find_map(|line| {
        let line = line.unwrap();
        let port = line.split_once("started successfully on port ")?.1;
        port.trim_end_matches('.').parse().ok()
    });
    std::thread::spawn(move || lines.for_each(drop));
    if port.is_none() {
        driver.wait().unwrap();
    }
    Some((driver, port?))
}
