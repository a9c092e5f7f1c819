//! A Debian machine of the test's own: this machine's files with what is written beside them in memory, and a systemd
//! as its first process (`own_root`). Wants root, Debian and a unified cgroup hierarchy.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::house::wait_for;
use crate::left_out::left_out;
use crate::program::{Folder, command};

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether that program is there; says so where it is not.
pub fn has(program: &str) -> bool {
    let found = Command::new("which").arg(program).output().unwrap().status.success();
    if !found {
        left_out(&format!("{program} is not installed"));
    }
    found
}

pub fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap().stdout;
    let root = id == b"0\n";
    if !root {
        left_out("namespaces want root");
    }
    root
}

/// The program that is tested without what debuggers read: packed and unpacked in a moment.
pub fn slim() -> PathBuf {
    static ONCE: Once = Once::new();
    let slim = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("linekey-slim-{}", std::process::id()));
    ONCE.call_once(|| {
        let stripped = Command::new("strip")
            .arg("-o")
            .arg(&slim)
            .arg(command().get_program())
            .status();
        assert!(stripped.unwrap().success());
    });
    slim
}

/// A package of that version: its file.
pub fn package(version: &str) -> PathBuf {
    let made = Command::new(root().join(".ci/package"))
        .args(["pc", slim().to_str().unwrap(), version])
        // Made, and read, in a moment.
        .env("DPKG_DEB_COMPRESSOR_TYPE", "none")
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    root().join(String::from_utf8(made.stdout).unwrap().trim())
}

/// Killed when dropped, with all that was written.
pub struct Machine {
    child: Child,
    /// Its systemd, as this machine counts.
    first: String,
    cgroup: PathBuf,
    _folder: Folder,
}

impl Machine {
    /// None, with the reason said, where there can be none.
    pub fn start() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let programs = [
            "unshare",
            "nsenter",
            "dpkg-deb",
            "deb-systemd-helper",
            "curl",
            "openssl",
            "ip",
            "systemctl",
        ];
        if !is_root() || !programs.iter().all(|program| has(program)) {
            return None;
        }
        let unified = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"].map(Path::new);
        let Some(unified) = unified.iter().find(|folder| folder.join("cgroup.controllers").exists()) else {
            left_out("there is no unified cgroup hierarchy");
            return None;
        };
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let cgroup = unified.join(format!("linekey-{}-{number}", std::process::id()));
        if fs::create_dir(&cgroup).is_err() {
            left_out("no cgroup can be made");
            return None;
        }
        let folder = Folder::new();
        let script = "echo $$ >\"$0/cgroup.procs\"; exec unshare --fork --kill-child --pid --mount --cgroup --uts \
                      --ipc --net bash \"$1\" \"$2\"";
        let child = Command::new("bash")
            .args(["-c", script])
            .args([&cgroup, &root().join("tests/packages/own_root"), folder.path()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mine = format!("/proc/{0}/task/{0}/children", child.id());
        let first = wait_for("the first process", || {
            let children = fs::read_to_string(&mine).ok()?;
            let first = children.split_whitespace().next()?.to_owned();
            let name = fs::read_to_string(format!("/proc/{first}/comm")).ok()?;
            (name.trim() == "systemd").then_some(first)
        });
        let machine = Self {
            child,
            first,
            cgroup,
            _folder: folder,
        };
        wait_for("systemd", || {
            machine
                .run("systemctl is-system-running")
                .status
                .success()
                .then_some(())
        });
        Some(machine)
    }

    /// Runs that script of bash in it.
    pub fn run(&self, script: &str) -> Output {
        Command::new("nsenter")
            .args([
                "-t",
                &self.first,
                "-m",
                "-p",
                "-u",
                "-i",
                "-n",
                "-C",
                "-r",
                "-w",
                "bash",
                "-c",
                script,
            ])
            .env("DEBIAN_FRONTEND", "noninteractive")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// The same where it must succeed: what it says, on both streams.
    #[track_caller]
    pub fn does(&self, script: &str) -> String {
        let output = self.run(script);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        let log = || self.run("systemctl status linekey; journalctl -o cat --no-pager -n 40");
        assert!(
            output.status.success(),
            "{script}: {said}\n{}",
            String::from_utf8_lossy(&log().stdout)
        );
        said
    }

    /// Installs or upgrades, as a script would.
    #[track_caller]
    pub fn install(&self, package: &Path) -> String {
        fs::copy(package, format!("/proc/{}/root/tmp/linekey.deb", self.first)).unwrap();
        self.does("dpkg --force-confdef --force-confold -i /tmp/linekey.deb")
    }

    /// What systemd says of the service.
    pub fn show(&self, property: &str) -> String {
        self.does(&format!("systemctl show linekey --property {property} --value"))
    }

    pub fn wait_until_active(&self) {
        wait_for("the service", || (self.show("ActiveState") == "active").then_some(()));
    }

    /// Puts these lines into the unit's own folder, as its owner does, and starts anew with them.
    #[track_caller]
    pub fn drop_in(&self, lines: &str) {
        let folder = "/etc/systemd/system/linekey.service.d";
        self.does(&format!(
            "mkdir -p {folder}; printf '[Service]\\n{lines}\\n' >{folder}/own.conf; systemctl daemon-reload; \
             systemctl restart linekey"
        ));
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
        // What was in them ends a moment after its first process.
        wait_for("an end of all processes", || {
            let mut remove = Command::new("find");
            remove
                .arg(&self.cgroup)
                .args(["-depth", "-type", "d", "-exec", "rmdir", "{}", "+"]);
            remove.stderr(Stdio::null()).status().ok()?;
            (!self.cgroup.exists()).then_some(())
        });
    }
}
