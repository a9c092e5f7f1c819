//! A hundred calls of sipp through a network that loses, doubles and reorders.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::left_out::left_out;
use crate::line::{DOMAIN, Device, Line, free_port, has};
use crate::program::Folder;
use crate::relay::{Relay, Weather};
use crate::wait::found_within;

const CALLS: u64 = 100;
const WEATHER: Weather = Weather {
    lost: 25,
    doubled: 5,
    late: 5,
};

/// sipp's scenarios of the lab, patient enough for the weather.
fn scenario(folder: &Folder, name: &str) -> Option<String> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/sip/scen");
    let Ok(text) = fs::read_to_string(shared.join(name)) else {
        left_out("../shared/sip is not there");
        return None;
    };
    let text = text.replace("\"8000\"", "\"32000\"").replace("\"20000\"", "\"32000\"");
    // A BYE may overtake its ACK, and come again after it was answered.
    let acknowledged = "<recv request=\"ACK\" rtd=\"true\" timeout=\"32000\"/>";
    let text = text.replace(acknowledged, "<recv request=\"ACK\" optional=\"true\"/>");
    let text = text.replace("<timewait milliseconds=\"200\"/>", "<timewait milliseconds=\"10000\"/>");
    Some(folder.file(name, &text))
}

struct Sipp {
    child: Child,
    report: PathBuf,
}

impl Sipp {
    fn start(folder: &Folder, scenario: &str, from: u16, to: u16, words: &[&str]) -> Self {
        let report = folder.path().join(format!("{from}.csv"));
        let child = Command::new("timeout")
            .args([
                "90",
                "sipp",
                &format!("127.0.0.1:{to}"),
                "-sf",
                scenario,
                "-i",
                "127.0.0.1",
            ])
            .args([
                "-p",
                &from.to_string(),
                "-auth_uri",
                &format!("sip:{DOMAIN}"),
                "-nostdin",
            ])
            .args(["-max_retrans", "11", "-trace_msg", "-message_file"])
            .arg(report.with_extension("log"))
            .args(["-recv_timeout", "32000", "-trace_stat", "-fd", "1", "-stf"])
            .arg(&report)
            .args(words)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, report }
    }

    /// The last value of a column of its report.
    fn count(&self, column: &str) -> u64 {
        let text = fs::read_to_string(&self.report).unwrap_or_default();
        let place = text
            .lines()
            .next()
            .and_then(|names| names.split(';').position(|name| name == column));
        let value = place.and_then(|place| text.lines().last()?.split(';').nth(place)?.parse().ok());
        value.unwrap_or_default()
    }

    /// The branches of the INVITEs that came in, by Call-ID.
    fn invites(&self) -> BTreeMap<String, BTreeSet<String>> {
        let text = fs::read_to_string(self.report.with_extension("log")).unwrap_or_default();
        let mut invites: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for message in text.split("\nINVITE ").skip(1) {
            let value = |name: &str| message.lines().find_map(|line| line.strip_prefix(name));
            if let Some((call, via)) = value("Call-ID:").zip(value("Via:")) {
                invites.entry(call.to_owned()).or_default().insert(via.to_owned());
            }
        }
        invites
    }
}

impl Drop for Sipp {
    fn drop(&mut self) {
        // `timeout` passes it on.
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().ok();
        self.child.wait().ok();
    }
}

fn users(folder: &Folder, name: &str, device: &Device, callee: &str) -> String {
    let Device {
        extension,
        username,
        secret,
        ..
    } = device;
    let sign = format!("[authentication username={username} password={secret}]");
    folder.file(name, &format!("SEQUENTIAL\n{extension};{DOMAIN};{sign};{callee}\n"))
}

#[test]
fn a_hundred_calls_in_bad_weather_all_end_and_none_rings_twice() {
    if !has("sipp") {
        return;
    }
    let folder = Folder::new();
    let names = ["register.xml", "uas.xml", "uac.xml"].map(|name| scenario(&folder, name));
    let [Some(register), Some(callee), Some(caller)] = names else {
        return;
    };
    let mut line = Line::on();
    let (anna, mut bert) = (line.device("101"), line.device("102"));
    while bert.secret.starts_with("0x") {
        bert = line.device("102");
    }
    let (here, there) = (free_port(), free_port());
    let near = Relay::new(line.sip, here, WEATHER, 1);
    let far = Relay::new(line.sip, there, WEATHER, 2);
    let own = users(&folder, "bert.csv", &bert, "101");
    let port = there.to_string();
    let mut sipp = Sipp::start(
        &folder,
        &register,
        there,
        far.port,
        &["-inf", &own, "-key", "cport", &port, "-key", "exp", "600", "-m", "1"],
    );
    assert!(sipp.child.wait().unwrap().success(), "no registration");
    let rings = Sipp::start(&folder, &callee, there, far.port, &[]);
    let calls = users(&folder, "anna.csv", &anna, "102");
    let total = CALLS.to_string();
    let mut asks = Sipp::start(
        &folder,
        &caller,
        here,
        near.port,
        &["-inf", &calls, "-m", &total, "-r", "20", "-l", "200"],
    );
    asks.child.wait().unwrap();
    // Callees that have not heard yet give up too.
    found_within(Duration::from_secs(36), || {
        (rings.count("CurrentCall") == 0).then_some(())
    });
    let answered = asks.count("SuccessfulCall(C)");
    let failed = asks.count("FailedCall(C)");
    let rung = rings.invites();
    eprintln!("{answered} answered, {failed} failed, {} rung", rung.len());
    assert_eq!(answered + failed, CALLS);
    // A busy machine adds to the weather.
    assert!(answered >= CALLS * 4 / 5, "{answered} were answered");
    assert!(rung.values().all(|branches| branches.len() == 1), "{rung:?}");
    assert_eq!(rings.count("CurrentCall"), 0);
}
