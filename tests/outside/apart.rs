//! A namespace of a test's own: a disk or a network that goes with it. The test starts itself again inside, where one
//! that is ignored otherwise runs alone. It takes root and unshare.

use std::process::{Command, Output};

use crate::left_out::left_out;
use crate::program::Folder;

/// Names, for the test inside, the folder that disks are mounted at or in.
const PLACE: &str = "LINEKEY_TEST_PLACE";

/// What a test has to itself.
pub enum Apart {
    /// A mount namespace. The test inside finds the folder by [`place`].
    Mounts(Folder),
    /// A network namespace.
    Network,
}

impl Apart {
    /// Runs `words` first, and then the ignored `test` in the same namespace. Where the words alone fail there is no
    /// such namespace to be had: that is said, and nothing is run.
    pub fn run(&self, words: &str, tests: &[&str]) {
        if !self.shell(words).status.success() {
            left_out("a namespace of its own takes root, unshare, mount and ip");
            return;
        }
        let myself = std::env::current_exe().unwrap();
        for test in tests {
            let done = self.shell(&format!(
                "{words}; ulimit -n 16384; exec {} --ignored --exact {test} --nocapture",
                myself.display()
            ));
            let (said, why) = (
                String::from_utf8_lossy(&done.stdout),
                String::from_utf8_lossy(&done.stderr),
            );
            println!("{said}");
            assert!(done.status.success() && said.contains("1 passed"), "{said}\n{why}");
        }
    }

    fn shell(&self, words: &str) -> Output {
        let mut shell = Command::new("unshare");
        match self {
            Self::Mounts(folder) => shell
                .args(["--mount", "--propagation", "private"])
                .env(PLACE, folder.path()),
            Self::Network => shell.arg("--net"),
        };
        shell.args(["sh", "-c", words]).output().unwrap()
    }
}

/// The folder of [`Apart::Mounts`], for the test inside.
#[expect(clippy::disallowed_methods, reason = "the test outside says where it is")]
pub fn place() -> std::path::PathBuf {
    std::env::var_os(PLACE).unwrap().into()
}

/// Mounts a tmpfs of so many bytes at the folder.
pub fn tmpfs(octets: usize) -> String {
    format!("mount -t tmpfs -o size={octets} none \"${PLACE}\"")
}
