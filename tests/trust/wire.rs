//! A LAN of its own: network namespaces on one bridge, with this machine's programs in them. It takes root and ip.

use std::fs;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::left_out::left_out;
use crate::live::within;
use crate::program::{Folder, Program, command};
use crate::world::said;

/// A bus that lets everybody do everything, for avahi's two programs to meet at.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=BUS</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
<allow user="*"/></policy></busconfig>"#;
const AVAHI: &str =
    "[server]\nhost-name=visitor\nuse-ipv4=yes\nuse-ipv6=yes\nenable-dbus=yes\n[publish]\ndisable-publishing=yes\n";

/// One bridge in a namespace, and hosts on it.
pub(crate) struct Wire {
    name: String,
    pub(crate) folder: Folder,
}

/// A host: a namespace with one interface and an IPv4 address; of IPv6 the link-local one alone.
pub(crate) struct Host {
    space: String,
    pub(crate) address: String,
}

/// What runs in a host until it is dropped.
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn ip(arguments: &str) -> bool {
    let done = Command::new("ip").args(arguments.split(' ')).output();
    done.is_ok_and(|output| output.status.success())
}

impl Wire {
    /// None, and a word about it, where this machine does not allow it.
    pub(crate) fn new() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("lk{}x{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
        if !ip(&format!("netns add {name}")) {
            left_out("network namespaces take root and ip");
            return None;
        }
        let wire = Self {
            folder: Folder::new(),
            name,
        };
        for line in ["link add br0 type bridge", "link set br0 up"] {
            assert!(ip(&format!("-n {} {line}", wire.name)), "{line}");
        }
        Some(wire)
    }

    /// Another host at 192.168.77.`number`.
    pub(crate) fn host(&self, number: u8) -> Host {
        let bridge = &self.name;
        let space = format!("{bridge}h{number}");
        let address = format!("192.168.77.{number}");
        for line in [
            format!("netns add {space}"),
            format!("-n {space} link set lo up"),
            format!("-n {bridge} link add p{number} type veth peer name eth0 netns {space}"),
            format!("-n {bridge} link set p{number} master br0 up"),
            format!("-n {space} addr add {address}/24 dev eth0"),
            format!("-n {space} link set eth0 up"),
            format!("-n {space} route add 224.0.0.0/4 dev eth0"),
        ] {
            assert!(ip(&line), "{line}");
        }
        Host { space, address }
    }

    /// Takes the cable out of that host, or puts it in again.
    pub(crate) fn plug(&self, number: u8, is_in: bool) {
        let state = if is_in { "up" } else { "down" };
        assert!(ip(&format!("-n {} link set p{number} {state}", self.name)));
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        let spaces = Command::new("ip").args(["netns", "list"]).output().unwrap();
        let listed = said(&spaces);
        let ours = listed.lines().filter_map(|line| line.split(' ').next());
        for space in ours.filter(|space| space.starts_with(&self.name)) {
            ip(&format!("netns del {space}"));
        }
    }
}

impl Host {
    /// That program here.
    pub(crate) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.space, program]).args(arguments);
        command
    }

    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> Output {
        self.command(program, arguments).output().unwrap()
    }

    /// An appliance here, at the usual ports, with these flags; `resolver` stands in its resolv.conf.
    pub(crate) fn appliance(&self, data: &str, flags: &[&str], resolver: Option<&str>) -> Program {
        let doors = ["--http", "0.0.0.0:80", "--https", "0.0.0.0:443"];
        self.program(&built(), data, &[&doors[..], flags].concat(), resolver)
    }

    /// The same over both families.
    pub(crate) fn appliance_of_both_families(&self, data: &str, flags: &[&str]) -> Program {
        let doors = ["--http", "[::]:80", "--https", "[::]:443"];
        self.program(&built(), data, &[&doors[..], flags].concat(), None)
    }

    /// The binary that these words start, here.
    pub(crate) fn program(&self, binary: &[String], data: &str, flags: &[&str], resolver: Option<&str>) -> Program {
        let mut words = binary.to_vec();
        words.extend(["--data", data].map(str::to_owned));
        words.extend(flags.iter().map(|flag| (*flag).to_owned()));
        let script = match resolver {
            Some(file) => format!("mount --bind {file} /etc/resolv.conf && exec {}", words.join(" ")),
            None => format!("exec {}", words.join(" ")),
        };
        let mut start = self.command("unshare", &["--mount", "sh", "-c", &script]);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LINEKEY_")) {
            start.env_remove(name);
        }
        Program::run(start).unwrap_or_else(|(_, line)| panic!("not ready: {line}"))
    }

    /// What curl gets from here, which takes any certificate.
    pub(crate) fn curl(&self, arguments: &[&str]) -> String {
        said(&self.run("curl", &[&["-skm", "10"], arguments].concat()))
    }

    /// Something that goes on here.
    pub(crate) fn start(&self, program: &str, arguments: &[&str]) -> Running {
        let mut command = self.command(program, arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Running(command.spawn().unwrap())
    }
}

/// The words that start the command that is tested.
fn built() -> Vec<String> {
    let built = command();
    let words = std::iter::once(built.get_program()).chain(built.get_args());
    words.map(|word| word.to_str().unwrap().to_owned()).collect()
}

/// An administrator who is signed in at an appliance, by curl in its own host.
pub(crate) struct Administrator<'a> {
    host: &'a Host,
    name: String,
    cookies: String,
}

impl<'a> Administrator<'a> {
    pub(crate) fn sign_in(wire: &Wire, host: &'a Host, name: &str, one_time: &(String, String)) -> Self {
        let mut administrator = Self {
            host,
            name: name.to_owned(),
            cookies: wire.folder.file(&format!("{}.cookies", host.space), ""),
        };
        let (username, password) = one_time;
        administrator.sign_in_as(username, password);
        administrator
    }

    /// The same at another host whose appliance has the same sessions.
    pub(crate) fn also_at<'b>(&self, wire: &Wire, host: &'b Host) -> Administrator<'b> {
        let cookies = fs::read_to_string(&self.cookies).unwrap();
        Administrator {
            host,
            name: self.name.clone(),
            cookies: wire.folder.file(&format!("{}.copied", host.space), &cookies),
        }
    }

    fn sign_in_as(&mut self, username: &str, password: &str) {
        let body = format!(r#"{{"username":"{username}","password":"{password}"}}"#);
        let next = self.ask("POST", "/api/sign-in/password", &body);
        assert_eq!(next["next"], "/welcome", "{next}");
    }

    /// The appliance has that name by now, for which curl has no cookie.
    pub(crate) fn moved_to(&mut self, name: &str, password: &str) {
        name.clone_into(&mut self.name);
        self.sign_in_as("admin", password);
    }

    pub(crate) fn ask(&mut self, method: &str, path: &str, body: &str) -> Value {
        let (url, there) = (
            format!("https://{}{path}", self.name),
            format!("{}:443:{}", self.name, self.host.address),
        );
        let mut arguments = vec![
            "-X",
            method,
            "--resolve",
            &there,
            "-b",
            &self.cookies,
            "-c",
            &self.cookies,
        ];
        if !body.is_empty() {
            arguments.extend(["-H", "Content-Type: application/json", "-d", body]);
        }
        arguments.push(&url);
        serde_json::from_str(&self.host.curl(&arguments)).unwrap_or_default()
    }

    /// What Home and Settings say of the name on the LAN.
    pub(crate) fn on_lan(&mut self) -> Value {
        self.ask("GET", "/api/settings", "")["on_lan"].clone()
    }
}

/// Debian's avahi in a host, on a bus of its own: it is reached by D-Bus alone.
pub(crate) struct Avahi<'a> {
    host: &'a Host,
    bus: String,
    _daemon: Running,
}

impl<'a> Avahi<'a> {
    /// None, and a word about it, where it is not installed. It listens over IPv4, and over IPv6 where that is wanted.
    pub(crate) fn start(wire: &Wire, host: &'a Host, over_ipv6: bool) -> Option<Self> {
        for (program, package) in [
            ("avahi-daemon", "avahi-daemon"),
            ("avahi-resolve", "avahi-utils"),
            ("dbus-daemon", "dbus"),
        ] {
            if Command::new(program).arg("--version").output().is_err() {
                left_out(&format!("Debian's {package} is not installed"));
                return None;
            }
        }
        // A socket's path has 108 octets.
        let bus = std::env::temp_dir().join(format!("{}.bus", host.space));
        let bus = bus.to_str().unwrap().to_owned();
        let config = wire.folder.file("bus.conf", &BUS.replace("=BUS", &format!("={bus}")));
        let avahi = wire.folder.file(
            "avahi.conf",
            &AVAHI.replace("ipv6=yes", if over_ipv6 { "ipv6=yes" } else { "ipv6=no" }),
        );
        let script = format!(
            "mount -t tmpfs none /run && mkdir /run/avahi-daemon && dbus-daemon --config-file={config} --fork && \
             exec avahi-daemon -f {avahi} --no-drop-root --no-chroot --no-rlimits"
        );
        let mut start = host.command(
            "unshare",
            &["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", &script],
        );
        start.env("DBUS_SYSTEM_BUS_ADDRESS", format!("unix:path={bus}"));
        start.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let daemon = Running(start.spawn().unwrap());
        within(Duration::from_secs(10), "the bus", || fs::exists(&bus).unwrap());
        Some(Self {
            host,
            bus,
            _daemon: daemon,
        })
    }

    /// The address that `avahi-resolve` finds for that name in that family, 4 or 6.
    pub(crate) fn resolves(&self, name: &str, family: u8) -> Option<String> {
        let mut resolve = self.host.command("avahi-resolve", &[&format!("-{family}"), "-n", name]);
        resolve.env("DBUS_SYSTEM_BUS_ADDRESS", format!("unix:path={}", self.bus));
        let told = String::from_utf8(resolve.output().unwrap().stdout).unwrap();
        let (found, address) = told.trim().split_once('\t')?;
        (found == name).then(|| address.to_owned())
    }
}

impl Drop for Avahi<'_> {
    fn drop(&mut self) {
        fs::remove_file(&self.bus).ok();
    }
}
