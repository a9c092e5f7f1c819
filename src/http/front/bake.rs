//! Part of `build.rs`: bakes `web/` into the binary. Pages get their texts and parts; everything is compressed and
//! gets a checksum.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::{self, Formatter};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// Texts by name, from `web/words/en/`.
type Words = BTreeMap<String, String>;

/// One baked file: its address or page name, its content type, its bytes.
struct Baked {
    path: String,
    kind: &'static str,
    bytes: Vec<u8>,
}

/// The table of all that is baked, as `assets.rs` includes it; the bytes themselves are laid into `out`, plain and
/// gzipped.
pub(crate) fn assets(web: &Path, out: &Path) -> Result<String, Box<dyn Error>> {
    let files = files_below(web)?;
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    let hash = format!("{:016x}", hasher.finish());
    let mut rust = String::from("/// Everything in `web/`, baked.\npub static ASSETS: &[Asset] = &[\n");
    for (number, baked) in bake(&files, &hash)?.into_iter().enumerate() {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&baked.bytes)?;
        fs::write(out.join(format!("{number}.raw")), &baked.bytes)?;
        fs::write(out.join(format!("{number}.gz")), gzip.finish()?)?;
        let mut content = DefaultHasher::new();
        baked.bytes.hash(&mut content);
        let etag = format!("\"{:016x}\"", content.finish());
        rust.push_str(&format!(
            "    Asset {{ path: {:?}, kind: {:?}, etag: {etag:?}, raw: include_bytes!( \
             concat!(env!(\"OUT_DIR\"), \"/{number}.raw\")), gzip: include_bytes!(concat!(env!(\"OUT_DIR\"), \
             \"/{number}.gz\")) }},\n",
            baked.path, baked.kind
        ));
    }
    rust.push_str("];\n");
    Ok(rust)
}

/// The members of a JSON object as they stand there, the same name twice too: a map would keep the last in silence.
struct Pairs(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Pairs, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = members.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}

/// Where the texts are.
const WORDS: &str = "words/en/";

/// All texts; a name may stand in one file only.
fn words(files: &BTreeMap<String, Vec<u8>>) -> Result<Words, Box<dyn Error>> {
    let mut words = Words::new();
    for (path, bytes) in files.iter().filter(|(path, _)| path.starts_with(WORDS)) {
        let some: Pairs = serde_json::from_slice(bytes).map_err(|error| format!("web/{path}: {error}"))?;
        for (name, text) in some.0 {
            if words.insert(name.clone(), text).is_some() {
                return Err(format!("web/{path}: {name} is there already").into());
            }
        }
    }
    Ok(words)
}

/// Pages are known by name; everything else lives under an address with the hash of the whole tree in it, so that
/// modules find each other by relative paths and nothing is ever stale.
fn bake(files: &BTreeMap<String, Vec<u8>>, hash: &str) -> Result<Vec<Baked>, Box<dyn Error>> {
    let words = words(files)?;
    let module = format!("export default {};\n", serde_json::to_string(&words)?);
    let mut baked = vec![Baked {
        path: format!("/a/{hash}/words/en.js"),
        kind: "text/javascript; charset=utf-8",
        bytes: module.into_bytes(),
    }];
    for (path, bytes) in files {
        let (path, kind, bytes) = if let Some(page) = path.strip_prefix("page/") {
            let fillings = Fillings {
                hash,
                words: &words,
                files,
            };
            let filled = fillings.fill(std::str::from_utf8(bytes)?);
            let filled = filled.map_err(|key| format!("web/{path}: nothing to put in for {{{{{key}}}}}"))?;
            (
                page.trim_end_matches(".html").to_owned(),
                "text/html; charset=utf-8",
                filled.into_bytes(),
            )
        } else if path.starts_with("part/") || path.starts_with(WORDS) {
            continue;
        } else {
            (format!("/a/{hash}/{path}"), kind_of(path)?, bytes.clone())
        };
        baked.push(Baked { path, kind, bytes });
    }
    Ok(baked)
}

/// What stands between braces in a page: `{{hash}}`, `{{lang}}`, `{{>part}}` for a file of `web/part`, and the names of
/// words, which are escaped for HTML.
struct Fillings<'a> {
    hash: &'a str,
    words: &'a Words,
    files: &'a BTreeMap<String, Vec<u8>>,
}

impl Fillings<'_> {
    /// The page with everything put in. The error is the name that nothing stands for.
    fn fill(&self, page: &str) -> Result<String, String> {
        let mut filled = String::new();
        let mut rest = page;
        while let Some((before, after)) = rest.split_once("{{") {
            let (key, after) = after.split_once("}}").ok_or("{{ without }}")?;
            filled.push_str(before);
            match (key, key.strip_prefix('>')) {
                ("hash", _) => filled.push_str(self.hash),
                ("lang", _) => filled.push_str("en"),
                (_, Some(part)) => {
                    let part = self.files.get(&format!("part/{part}.html")).ok_or(key)?;
                    filled.push_str(self.fill(&String::from_utf8_lossy(part))?.trim_end());
                }
                (_, None) => {
                    let text = self.words.get(key).ok_or(key)?;
                    filled.push_str(&text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;"));
                }
            }
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

fn kind_of(path: &str) -> Result<&'static str, String> {
    match path.rsplit('.').next() {
        Some("css") => Ok("text/css; charset=utf-8"),
        Some("js") => Ok("text/javascript; charset=utf-8"),
        Some("svg") => Ok("image/svg+xml"),
        Some("png") => Ok("image/png"),
        _ => Err(format!("web/{path}: no content type is known for this ending")),
    }
}

/// Every file below a folder, by its path from there.
fn files_below(root: &Path) -> Result<BTreeMap<String, Vec<u8>>, Box<dyn Error>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path
                    .strip_prefix(root)?
                    .to_str()
                    .ok_or("a file's name is not text")?
                    .to_owned();
                files.insert(name, fs::read(&path)?);
            }
        }
    }
    Ok(files)
}
