//! Bakes what the binary carries: `web/` as `assets.rs`, the board named by `LINEKEY_BOARD` (else `dev`) as `board.rs`,
//! the common passwords, and the API's description.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use schema::Profile;
use sha2::{Digest, Sha256};

#[path = "src/http/front/bake.rs"]
mod bake;
#[path = "board/schema.rs"]
mod schema;

#[expect(
    clippy::disallowed_methods,
    reason = "cargo speaks to build scripts through the environment"
)]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=web");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    board(&out)?;
    fs::write(out.join("assets.rs"), bake::assets(Path::new("web"), &out)?)?;
    fs::write(out.join("common_passwords.bin"), common_passwords()?)?;
    fs::write(out.join("openapi.json"), description()?)?;
    Ok(())
}

/// The API's description as programs read it: without white space, and with what any address may answer written out at
/// each operation. That of an address that is not there is none of theirs.
fn description() -> Result<String, Box<dyn Error>> {
    let file = "src/http/openapi.json";
    println!("cargo::rerun-if-changed={file}");
    let mut document: serde_json::Value = serde_json::from_slice(&fs::read(file)?)?;
    let anywhere = document
        .get("x-linekey-anywhere")
        .and_then(serde_json::Value::as_object)
        .cloned();
    let paths = document.get_mut("paths").and_then(serde_json::Value::as_object_mut);
    let (Some(mut anywhere), Some(paths)) = (anywhere, paths) else {
        return Err(format!("{file}: paths or x-linekey-anywhere is missing").into());
    };
    anywhere.remove("404");
    for item in paths.values_mut().filter_map(serde_json::Value::as_object_mut) {
        for (_, operation) in item.iter_mut().filter(|(method, _)| *method != "parameters") {
            let responses = operation
                .get_mut("responses")
                .and_then(serde_json::Value::as_object_mut);
            let responses = responses.ok_or_else(|| format!("{file}: an operation without responses"))?;
            for (status, answer) in &anywhere {
                responses.entry(status).or_insert_with(|| answer.clone());
            }
        }
    }
    Ok(document.to_string())
}

/// The first four bytes of every common password's SHA-256, sorted: see `rules/people/common_passwords.rs`.
fn common_passwords() -> Result<Vec<u8>, Box<dyn Error>> {
    let file = "src/rules/people/common_passwords.txt";
    println!("cargo::rerun-if-changed={file}");
    let text = fs::read_to_string(file)?;
    let passwords = text.lines().filter(|line| !line.starts_with("# "));
    let mut hashes: Vec<[u8; 4]> = passwords
        .map(|password| {
            let [a, b, c, d, ..] = <[u8; 32]>::from(Sha256::digest(password));
            [a, b, c, d]
        })
        .collect();
    hashes.sort_unstable();
    Ok(hashes.concat())
}

/// The board as a constant of the binary, and, for scripts, what its file says as `board.values`.
#[expect(clippy::disallowed_methods, reason = "board and date are named in the environment")]
fn board(out: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=board");
    println!("cargo::rerun-if-env-changed=LINEKEY_BOARD");
    let id = std::env::var("LINEKEY_BOARD").unwrap_or_else(|_| "dev".to_owned());
    let file = format!("board/{id}.toml");
    let text = fs::read_to_string(&file).map_err(|error| format!("there is no board {id}: {file}: {error}"))?;
    let profile = Profile::parse(&file, &text)?;
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let built: u64 = match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(date) => date.parse()?,
        // The day will do: no two builds of a day differ by it.
        Err(_) => SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() / 86_400 * 86_400,
    };
    let built =
        format!("/// When this binary was built: `SOURCE_DATE_EPOCH`, or the day.\npub const BUILT: u64 = {built};\n");
    fs::write(out.join("board.rs"), profile.rust(&id) + &built)?;
    fs::write(out.join("board.values"), profile.values())?;
    Ok(())
}
