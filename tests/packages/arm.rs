//! Packages and images for boards of another architecture: made of what `.ci/board` built, looked into without being
//! installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::left_out::left_out;
use crate::machine::{has, root};
use crate::program::Folder;

/// Board, Debian's name of its architecture, OCI's, its emulator.
const BOARDS: [[&str; 4]; 2] = [
    ["nanopi-neo", "armhf", "arm", "qemu-arm-static"],
    ["raspberry-pi", "arm64", "arm64", "qemu-aarch64-static"],
];

fn said(command: &mut Command) -> String {
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

/// The boards whose binary is there, with it.
fn built() -> Vec<([&'static str; 4], PathBuf)> {
    let mut built = Vec::new();
    for board in BOARDS {
        let binary = root().join(format!("target/board/{}/linekey", board[0]));
        if !binary.is_file() {
            left_out(&format!(
                "the package for {}: .ci/board {} makes its binary",
                board[1], board[0]
            ));
        } else if has("dpkg-deb") && has(board[3]) {
            built.push((board, binary));
        }
    }
    built
}

#[test]
fn a_package_for_arm_holds_the_same_files_and_names_its_architecture() {
    for ([board, architecture, ..], binary) in built() {
        let mut package = Command::new(root().join(".ci/package"));
        package.args([board, binary.to_str().unwrap()]);
        // Made, and read, in a moment.
        let made = said(package.env("DPKG_DEB_COMPRESSOR_TYPE", "none"));
        let package = root().join(made.trim());
        assert!(made.trim().ends_with(&format!("_{architecture}.deb")), "{made}");
        let field = |name: &str| {
            said(Command::new("dpkg-deb").arg("-f").arg(&package).arg(name))
                .trim()
                .to_owned()
        };
        assert_eq!(field("Package"), "linekey");
        assert_eq!(field("Architecture"), architecture);
        assert_eq!(field("Depends"), "passwd", "the program is static");
        assert_eq!(field("Section"), "comm");

        let folder = Folder::new();
        let unpacked = folder.path().join("unpacked");
        said(Command::new("dpkg-deb").arg("-R").args([&package, &unpacked]));
        let read = |path: &str| fs::read(unpacked.join(path)).unwrap();
        assert_eq!(read("usr/bin/linekey"), fs::read(&binary).unwrap());
        let service = |file: &str| fs::read(root().join("board/service").join(file)).unwrap();
        assert_eq!(
            read("usr/lib/systemd/system/linekey.service"),
            service("linekey.service")
        );
        assert_eq!(read("etc/default/linekey"), service("linekey.default"));
        assert_eq!(read("DEBIAN/conffiles"), b"/etc/default/linekey\n");
        for script in ["preinst", "postinst", "prerm", "postrm"] {
            assert_eq!(read(&format!("DEBIAN/{script}")), service(&format!("deb/{script}")));
        }
        // Its own --help, by the emulator, is the manual page.
        let page = unpacked.join("usr/share/man/man8/linekey.8.gz");
        assert!(said(Command::new("zcat").arg(page)).contains("take\\-over"));
        said(
            Command::new("md5sum")
                .args(["--check", "--quiet", "DEBIAN/md5sums"])
                .current_dir(&unpacked),
        );
        let listed = said(Command::new("dpkg-deb").arg("-c").arg(&package));
        let files: Vec<&str> = listed.lines().filter(|line| !line.starts_with('d')).collect();
        assert_eq!(files.len(), 10, "{listed}");
        for line in files {
            let words: Vec<&str> = line.split_whitespace().collect();
            let is_program = words[5] == "./usr/bin/linekey";
            assert_eq!(
                words[..2],
                [if is_program { "-rwxr-xr-x" } else { "-rw-r--r--" }, "root/root"],
                "{line}"
            );
        }
    }
}

#[test]
fn an_image_for_arm_names_its_architecture_and_holds_the_boards_program() {
    for ([_, _, architecture, _], binary) in built() {
        let made = said(Command::new(root().join(".ci/image")).arg(&binary));
        let made = root().join(made.trim());
        assert!(made.to_str().unwrap().ends_with(&format!("_{architecture}.tar")));
        let folder = Folder::new();
        let unpack = |archive: &Path, into: &str| {
            let into = folder.path().join(into);
            fs::create_dir_all(&into).unwrap();
            said(Command::new("tar").arg("-xpf").arg(archive).arg("-C").arg(&into));
            into
        };
        let image = unpack(&made, "image");
        let read = |path: PathBuf| serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap();
        let blob = |described: &Value| {
            let digest = described["digest"].as_str().unwrap().strip_prefix("sha256:").unwrap();
            image.join("blobs/sha256").join(digest)
        };
        let index = read(image.join("index.json"));
        assert_eq!(index["manifests"][0]["platform"]["architecture"], architecture);
        let manifest = read(blob(&index["manifests"][0]));
        assert_eq!(read(blob(&manifest["config"]))["architecture"], architecture);
        let inside = unpack(&blob(&manifest["layers"][0]), "inside");
        assert_eq!(fs::read(inside.join("linekey")).unwrap(), fs::read(&binary).unwrap());
        assert!(
            fs::metadata(inside.join("etc/ssl/certs/ca-certificates.crt"))
                .unwrap()
                .len()
                > 100_000
        );
        assert!(!inside.join("tmp").exists() && !inside.join("bin").exists());
    }
}
