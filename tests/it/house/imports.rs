//! Who imports whom: the files that a file's `use` lines and paths name. A `pub use` is a signpost: whoever imports by
//! it imports the file that it points to, and it is no import itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{File, code};

/// A module's path below the crate: `["rules", "id"]`.
type Module = Vec<String>;

struct Source {
    path: PathBuf,
    /// The code without comments, its own tests and `pub use` lines.
    text: String,
    /// Names that point elsewhere (`pub use other::Name`).
    signposts: BTreeMap<String, Module>,
    /// Modules all of whose names are this one's too (`pub use other::*`).
    stars: Vec<Module>,
    children: BTreeSet<String>,
}

/// Every import: from which file to which.
pub(super) fn edges(files: &[File]) -> BTreeSet<(PathBuf, PathBuf)> {
    let mut sources: BTreeMap<Module, Source> = files.iter().map(|file| (module(&file.path), source(file))).collect();
    let known: BTreeSet<Module> = sources.keys().cloned().collect();
    let exported: Vec<(Module, Vec<Vec<String>>)> = sources
        .iter_mut()
        .map(|(module, source)| (module.clone(), take_exports(&mut source.text)))
        .collect();
    for (module, paths) in exported {
        let children = sources[&module].children.clone();
        for path in paths {
            let Some((target, rest)) = resolve(&module, &children, &path, &known) else {
                continue;
            };
            let source = sources.get_mut(&module).unwrap();
            match rest.as_slice() {
                [star] if star == "*" => source.stars.push(target),
                [.., name] => drop(source.signposts.insert(name.clone(), target)),
                [] => {}
            }
        }
    }
    let mut edges = BTreeSet::new();
    for (module, source) in &sources {
        for path in paths(&source.text) {
            let Some((target, rest)) = resolve(module, &source.children, &path, &known) else {
                continue;
            };
            let target = follow(target, &rest, &sources);
            if !target.is_empty() && target != *module {
                edges.insert((source.path.clone(), sources[&target].path.clone()));
            }
        }
    }
    edges
}

fn module(path: &Path) -> Module {
    let path = path.strip_prefix("src").unwrap().with_extension("");
    let mut parts: Module = path.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if parts
        .last()
        .is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str()))
    {
        parts.pop();
    }
    parts
}

fn source(file: &File) -> Source {
    let text: String = code(file).map(|(_, line)| format!("{line}\n")).collect();
    let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
    let children = text.lines().filter_map(|line| {
        let (_, name) = line.trim().strip_suffix(';')?.split_once("mod ")?;
        (!name.contains(' ')).then(|| name.to_owned())
    });
    Source {
        path: file.path.clone(),
        children: children.collect(),
        signposts: BTreeMap::new(),
        stars: Vec::new(),
        text,
    }
}

/// Takes the `pub use` lines out of the text, and gives the paths that they name.
fn take_exports(text: &mut String) -> Vec<Vec<String>> {
    let (mut exports, mut kept) = (Vec::new(), String::new());
    for statement in text.split_inclusive(';') {
        let trimmed = statement.trim_start();
        let is_export = trimmed.starts_with("pub") && trimmed.split("use ").next().is_some_and(|head| head.len() < 24);
        if is_export && trimmed.contains("use ") && !trimmed.contains('=') {
            exports.extend(paths(&trimmed[trimmed.find("use ").unwrap()..]));
        } else {
            kept.push_str(statement);
        }
    }
    *text = kept;
    exports
}

/// All paths that a text names, by `use` or in full.
fn paths(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for statement in text.split(';') {
        if let Some((_, tree)) = statement
            .split_once("use ")
            .filter(|(head, _)| !head.trim_end().ends_with(|c: char| c.is_alphanumeric()))
        {
            expand(&[], tree, &mut found);
        }
    }
    for root in ["crate::", "super::", "self::"] {
        for (at, _) in text.match_indices(root) {
            // `pub(in super::super)` names no file, and `use super::{` was taken apart above.
            let names = text[at..].split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
            let path: Vec<String> = names
                .take(1)
                .flat_map(|path| path.split("::"))
                .map(str::to_owned)
                .collect();
            let is_whole = path
                .last()
                .is_some_and(|last| !["", "crate", "super", "self"].contains(&last.as_str()));
            let is_tail = text[..at].ends_with("::") || text[..at].ends_with("in ");
            if is_whole && !is_tail {
                found.push(path);
            }
        }
    }
    found
}

/// `a::{b, c::{d}}` → `a::b`, `a::c::d`.
fn expand(prefix: &[String], tree: &str, found: &mut Vec<Vec<String>>) {
    let tree = tree.trim();
    let parts = |text: &str| -> Vec<String> {
        let names = text
            .split("::")
            .map(|part| part.split(" as ").next().unwrap().trim().to_owned());
        names.filter(|part| !part.is_empty()).collect()
    };
    let Some(open) = tree.find('{') else {
        let path = [prefix, &parts(tree)].concat();
        if !path.is_empty() {
            found.push(path);
        }
        return;
    };
    let prefix = [prefix, &parts(&tree[..open])].concat();
    let inner = &tree[open + 1..tree.rfind('}').unwrap_or(tree.len())];
    let (mut depth, mut from) = (0, 0);
    for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                expand(&prefix, &inner[from..at], found);
                from = at + 1;
            }
            _ => {}
        }
    }
}

/// The file's module that a path leads to, and the names behind it.
fn resolve(
    from: &Module,
    children: &BTreeSet<String>,
    path: &[String],
    known: &BTreeSet<Module>,
) -> Option<(Module, Vec<String>)> {
    let full: Module = match path.first()?.as_str() {
        "crate" => path[1..].to_vec(),
        "self" => [from.as_slice(), &path[1..]].concat(),
        "super" => {
            let ups = path.iter().take_while(|part| *part == "super").count();
            [from.get(..from.len().checked_sub(ups)?)?, &path[ups..]].concat()
        }
        child if children.contains(child) => [from.as_slice(), path].concat(),
        _ => return None,
    };
    let length = (0..=full.len()).rev().find(|length| known.contains(&full[..*length]))?;
    Some((full[..length].to_vec(), full[length..].to_vec()))
}

/// Where the signposts lead.
fn follow(mut target: Module, rest: &[String], sources: &BTreeMap<Module, Source>) -> Module {
    let Some(name) = rest.first() else { return target };
    for _ in 0..8 {
        let source = &sources[&target];
        let defined = ["struct", "enum", "fn", "const", "type", "trait", "static", "mod"]
            .iter()
            .any(|kind| source.text.contains(&format!("{kind} {name}")));
        target = match (source.signposts.get(name), source.stars.first()) {
            (Some(next), _) => next.clone(),
            (None, Some(next)) if !defined => next.clone(),
            _ => return target,
        };
    }
    target
}

/// The groups of files from each of which one comes back to it: Tarjan's strongly connected components, by
/// reachability.
pub(super) fn circles(edges: &BTreeSet<(PathBuf, PathBuf)>) -> Vec<Vec<PathBuf>> {
    let reached = |from: &PathBuf| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(file) = next.pop() {
            for (_, to) in edges.iter().filter(|(one, _)| *one == file) {
                if seen.insert(to.clone()) {
                    next.push(to.clone());
                }
            }
        }
        seen
    };
    let files: BTreeSet<&PathBuf> = edges.iter().map(|(from, _)| from).collect();
    let from_each: BTreeMap<&PathBuf, BTreeSet<PathBuf>> = files.iter().map(|file| (*file, reached(file))).collect();
    let mut circles = BTreeSet::new();
    for (file, seen) in &from_each {
        let back = seen
            .iter()
            .filter(|other| from_each.get(other).is_some_and(|theirs| theirs.contains(*file)));
        let circle: BTreeSet<&PathBuf> = back.collect();
        if !circle.is_empty() {
            circles.insert(circle.into_iter().cloned().collect::<Vec<_>>());
        }
    }
    circles.into_iter().collect()
}
