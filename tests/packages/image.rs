//! The image: read as its format says, unpacked, and run as it asks, in a root that holds nothing else.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::machine::{has, is_root, root, slim};
use crate::program::{Folder, Program};

/// A blob whose bytes are what its name says.
fn blob(image: &Path, described: &Value) -> Vec<u8> {
    let digest = described["digest"].as_str().unwrap().strip_prefix("sha256:").unwrap();
    let bytes = fs::read(image.join("blobs/sha256").join(digest)).unwrap();
    assert_eq!(described["size"].as_u64().unwrap(), bytes.len() as u64);
    let sum = ring::digest::digest(&ring::digest::SHA256, &bytes);
    assert_eq!(data_encoding::HEXLOWER.encode(sum.as_ref()), digest);
    bytes
}

fn unpack(archive: &Path, into: &Path) {
    fs::create_dir_all(into).unwrap();
    let unpacked = Command::new("tar")
        .arg("-xpf")
        .arg(archive)
        .arg("-C")
        .arg(into)
        .status()
        .unwrap();
    assert!(unpacked.success());
}

#[test]
fn the_image_holds_what_it_says_and_runs_in_a_root_without_anything_else() {
    if !is_root() || !has("chroot") || !has("unshare") {
        return;
    }
    let made = Command::new(root().join(".ci/image")).arg(slim()).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let made = root().join(String::from_utf8(made.stdout).unwrap().trim());
    let folder = Folder::new();
    let image = folder.path().join("image");
    unpack(&made, &image);
    let read = |bytes: Vec<u8>| serde_json::from_slice::<Value>(&bytes).unwrap();
    assert_eq!(
        read(fs::read(image.join("oci-layout")).unwrap())["imageLayoutVersion"],
        "1.0.0"
    );
    let index = read(fs::read(image.join("index.json")).unwrap());
    let manifest = read(blob(&image, &index["manifests"][0]));
    let config = read(blob(&image, &manifest["config"]));
    let layer = blob(&image, &manifest["layers"][0]);
    assert_eq!(config["rootfs"]["diff_ids"][0], manifest["layers"][0]["digest"]);
    let config = &config["config"];
    assert_eq!(config["User"], "65532:65532");
    assert!(config["Volumes"]["/data"].is_object() && config["ExposedPorts"]["8443/tcp"].is_object());

    let inside = folder.path().join("inside");
    fs::write(folder.path().join("layer"), layer).unwrap();
    unpack(&folder.path().join("layer"), &inside);
    let mut names: Vec<_> = fs::read_dir(&inside)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["data", "etc", "linekey"]);
    let roots = fs::read_to_string(inside.join("etc/ssl/certs/ca-certificates.crt")).unwrap();
    assert!(roots.matches("BEGIN CERTIFICATE").count() > 50);

    // The program of tests is linked to libraries, which are lent to it; the one of boards wants none.
    let environment = config["Env"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_str().unwrap());
    let lend = "for lent in lib lib64 usr/lib; do \
                if [ -d /$lent ]; then mkdir -p $0/$lent; mount --bind /$lent $0/$lent; mount -o remount,bind,ro \
                $0/$lent; fi; done; exec chroot --userspec=65532:65532 $0 \"$@\"";
    let mut run = Command::new("unshare");
    run.args(["--mount", "bash", "-c", lend]).arg(&inside);
    run.args(
        config["Entrypoint"]
            .as_array()
            .unwrap()
            .iter()
            .map(|word| word.as_str().unwrap()),
    );
    run.env_clear()
        .envs(environment.map(|one| one.split_once('=').unwrap()));
    run.env("LINEKEY_HTTP", "127.0.0.1:0")
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .stderr(Stdio::inherit());
    let program = Program::run(run).unwrap_or_else(|why| panic!("{why:?}"));
    assert!(std::net::TcpStream::connect(("127.0.0.1", program.port())).is_ok());
    assert!(inside.join("data/linekey.redb").exists());
    program.signal("TERM");
    assert!(program.ended().0.success());
}
