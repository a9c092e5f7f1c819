//! Reads phones' files by the rules of their formats: XML by somebody else's parser, `key = value` by Yealink's own.

use std::collections::BTreeMap;

use linekey::rules::phones::provisioning::make::Answer;

/// Settings by key. For XML the key is the path of elements, `name[index]`, and `@attribute`.
pub(crate) type Settings = BTreeMap<String, String>;

pub(crate) fn read(answer: &Answer) -> Settings {
    let text = std::str::from_utf8(&answer.bytes).expect("files are UTF-8");
    if text.starts_with("<?xml") {
        assert_eq!(answer.media_type, "application/xml; charset=utf-8");
        xml(text)
    } else {
        assert_eq!(answer.media_type, "text/plain; charset=utf-8");
        lines(text)
    }
}

/// Yealink: the first line names the format; `#` begins a comment; blanks around key and value do not count;
/// `%NULL%` resets the key.
fn lines(text: &str) -> Settings {
    let mut lines = text.split('\n');
    assert_eq!(lines.next(), Some("#!version:1.0.0.1"));
    let mut settings = Settings::new();
    for line in lines.filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        assert!(!line.contains(['\r', '\0']), "{line:?}");
        let (key, value) = line.split_once('=').unwrap_or_else(|| panic!("no key: {line:?}"));
        let value = match value.trim() {
            "%NULL%" => "",
            value => value,
        };
        let former = settings.insert(key.trim().to_owned(), value.to_owned());
        assert_eq!(former, None, "{key} is there twice");
    }
    settings
}

fn xml(text: &str) -> Settings {
    let document = roxmltree::Document::parse(text).unwrap_or_else(|why| panic!("{why}:\n{text}"));
    let mut settings = Settings::new();
    visit(document.root_element(), "", &mut settings);
    settings
}

fn visit(element: roxmltree::Node<'_, '_>, above: &str, settings: &mut Settings) {
    let name = element.tag_name().name();
    let slash = if above.is_empty() { "" } else { "/" };
    let index = ["idx", "index", "name"].iter().find_map(|key| element.attribute(*key));
    let index = index.map(|index| format!("[{index}]")).unwrap_or_default();
    let path = format!("{above}{slash}{name}{index}");
    for attribute in element.attributes() {
        let decoration = [
            "idx",
            "index",
            "name",
            "perm",
            "overwrite",
            "version",
            "type",
            "context",
            "complete",
        ];
        if !decoration.contains(&attribute.name()) {
            keep(settings, format!("{path}@{}", attribute.name()), attribute.value());
        }
    }
    if element.children().any(|child| child.is_element()) {
        element
            .children()
            .filter(|child| child.is_element())
            .for_each(|child| visit(child, &path, settings));
    } else if element.attributes().all(|attribute| !attribute.name().contains('.')) {
        keep(settings, path, element.text().unwrap_or_default());
    }
}

/// Siblings without an index are counted from the second on.
fn keep(settings: &mut Settings, path: String, value: &str) {
    let mut key = path.clone();
    for count in 2.. {
        if !settings.contains_key(&key) {
            break;
        }
        key = format!("{path}#{count}");
    }
    settings.insert(key, value.to_owned());
}
