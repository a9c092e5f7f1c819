//! An office CA, leaves of it, and other people's programs to look at them.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use linekey::rules::certificates::authority::AuthorityPlan;
use linekey::rules::certificates::leaf::{LeafPlan, Wanted};
use linekey::rules::certificates::name::DnsName;
use linekey::rules::certificates::profile;
use linekey::rules::moment::{Fresh, Moment, Reading};
use linekey::rules::time::Date;
use linekey::trust::authority::{self, Authority};

use crate::left_out::left_out;

/// A folder of one test alone, gone with it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let name = format!("trust-{}-{number}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// A file in it with that content, by its path.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

pub(crate) fn today() -> Date {
    Date(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs())
}

pub(crate) fn reading(date: Date, known: bool) -> Reading {
    Reading {
        date,
        known,
        running: date,
    }
}

pub(crate) fn moment(date: Date, known: bool) -> Moment {
    Moment::new(reading(date, known), [7; 32])
}

pub(crate) fn name(text: &str) -> DnsName {
    DnsName::parse(text).unwrap()
}

pub(crate) fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// A CA with its key.
pub(crate) struct Office {
    pub(crate) certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Office {
    /// A CA for that name, made today; `seed` tells several apart.
    pub(crate) fn new(of: &str, seed: u8) -> Self {
        Self::made(of, seed, today())
    }

    /// The same, made on that day.
    pub(crate) fn made(of: &str, seed: u8, on: Date) -> Self {
        let plan = AuthorityPlan::new(&name(of), None, on, &mut Fresh::seeded([seed; 32]));
        let key = authority::new_key().unwrap().to_vec();
        Self {
            certificate: authority::certificate(&plan, &key).unwrap(),
            key,
        }
    }

    pub(crate) fn opened(&self) -> Authority {
        Authority::open(&self.certificate, &self.key).unwrap()
    }

    pub(crate) fn pem(&self) -> String {
        profile::pem(&self.certificate)
    }

    /// What the rules plan for those addresses, today.
    pub(crate) fn plan(&self, of: &str, addresses: &[&str]) -> LeafPlan {
        let addresses: Vec<IpAddr> = addresses.iter().map(|text| address(text)).collect();
        let wanted = Wanted::new(name(of), None, &addresses);
        LeafPlan::new(&wanted, None, self.opened().facts(), &mut moment(today(), true)).unwrap()
    }

    /// A leaf for exactly that, as PEM, and its key in PKCS #8.
    pub(crate) fn sign(&self, plan: &LeafPlan) -> (String, Vec<u8>) {
        let key = authority::new_key().unwrap().to_vec();
        let leaf = self.opened().leaf(plan, &key).unwrap();
        (profile::pem(&leaf), key)
    }

    /// A leaf that the rules would never plan: what a thief of the CA's key would sign.
    pub(crate) fn steal(&self, names: &[&str], addresses: &[&str]) -> (String, Vec<u8>) {
        let plan = LeafPlan {
            common_name: None,
            names: names.iter().map(|text| name(text)).collect(),
            addresses: addresses.iter().map(|text| address(text)).collect(),
            ..self.plan("linekey.test", &[])
        };
        self.sign(&plan)
    }
}

/// Runs a program; none, and a word about it, where it is not installed.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Option<Output> {
    let output = Command::new(program).args(arguments).output();
    if output.is_err() {
        left_out(&format!("{program} is not installed"));
    }
    output.ok()
}

/// What a program said, on both its outputs.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}
