//! s3s-fs, a real S3-compatible server on loopback (`.ci/crate s3s-fs` makes it). It checks signatures and their time.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::left_out::left_out;
use crate::program::Folder;
use crate::wait::wait_for;

pub const ACCESS: &str = "AKLINEKEY";
pub const SECRET: &str = "a/secret+of=forty";

/// A server with one bucket, `office`. Killed when dropped.
pub struct Server {
    child: Child,
    folder: Folder,
    pub port: u16,
}

impl Server {
    /// `None` where the program is not there.
    pub fn start() -> Option<Self> {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/bin/s3s-fs");
        if !program.is_file() {
            left_out("s3s-fs is not there; .ci/crate s3s-fs makes it");
            return None;
        }
        let folder = Folder::new();
        std::fs::create_dir(folder.path().join("office")).unwrap();
        let port = free_port();
        let child = Command::new(program)
            .args(["--host", "127.0.0.1", "--port", &port.to_string()])
            .args(["--access-key", ACCESS, "--secret-key", SECRET])
            .arg(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { child, folder, port };
        wait_for("the bucket's server", || TcpStream::connect(("127.0.0.1", port)).ok());
        Some(server)
    }

    pub fn bucket(&self) -> Value {
        json!({
            "endpoint": format!("http://127.0.0.1:{}", self.port),
            "name": "office",
            "access_key": ACCESS,
            "secret": SECRET,
            "prefix": "boards/ours",
        })
    }

    fn place(&self) -> PathBuf {
        self.folder.path().join("office/boards/ours")
    }

    /// The objects below the prefix, in order.
    pub fn names(&self) -> Vec<String> {
        let found = std::fs::read_dir(self.place());
        let entries = found.into_iter().flatten().flatten();
        let mut names: Vec<_> = entries
            .map(|entry| entry.file_name().into_string().unwrap())
            .filter(|name| !name.starts_with('.'))
            .collect();
        names.sort_unstable();
        names
    }

    pub fn object(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.place().join(name)).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
