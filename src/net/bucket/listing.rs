//! The few elements of S3's answers that are read: they are flat, and none of them has attributes.

/// The text of every element of that name, in order, with the five entities of XML 1.0 §4.6 resolved.
pub(super) fn texts(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let mut found = Vec::new();
    let mut rest = xml;
    while let Some((_, after)) = rest.split_once(&open) {
        let Some((text, after)) = after.split_once(&close) else {
            break;
        };
        found.push(plain(text));
        rest = after;
    }
    found
}

/// The first of them.
pub(super) fn text(xml: &str, name: &str) -> Option<String> {
    texts(xml, name).into_iter().next()
}

fn plain(text: &str) -> String {
    let known = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&amp;", "&"),
    ];
    known
        .iter()
        .fold(text.to_owned(), |text, (entity, c)| text.replace(entity, c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_order_and_what_is_cut_is_left_out() {
        let xml = "<a><Contents><Key>x&amp;amp;</Key></Contents><Contents><Key>y</Key></Contents><Key>cut";
        assert_eq!(texts(xml, "Key"), ["x&amp;", "y"]);
        assert_eq!(text(xml, "Code"), None);
    }
}
