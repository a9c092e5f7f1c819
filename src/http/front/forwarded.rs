//! The field `Forwarded` (RFC 7239 §4), read strictly and from its end.
//!
//! Each proxy adds its element behind what its caller wrote, and the caller may have written anything: half a quoted
//! string, commas inside of one. So nothing is read from the left. From the right, where a proxy's own well-formed
//! element stands, a comma parts elements where no quoted string is open, whatever stands further left.

/// An element, with its parameters in the order of the field.
pub(super) struct Element(Vec<(String, String)>);

/// An element that RFC 7239 does not know the form of.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

impl Element {
    /// The value of that parameter, in any case of its name; none where it is not there, or there twice (§4: each at
    /// most once), which says nothing.
    pub(super) fn only(&self, wanted: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let (_, value) = values.next()?;
        values.next().is_none().then_some(value.as_str())
    }
}

/// The elements of one line, the last first. Empty ones are passed over (RFC 9110 §5.6.1), but for the last: it is what
/// the nearest proxy says, and so it is [`Malformed`], as is every other that does not have the form of one.
pub(super) fn from_the_end(line: &str) -> impl Iterator<Item = Result<Element, Malformed>> {
    let mut rest = Some(line);
    let mut is_last = true;
    std::iter::from_fn(move || {
        loop {
            let (before, element) = cut_last(rest?);
            rest = before;
            let element = element.trim_matches([' ', '\t']);
            if !element.is_empty() || std::mem::take(&mut is_last) {
                is_last = false;
                return Some(parse(element));
            }
        }
    })
}

/// What stands in front of the last comma outside of quoted strings, and what behind it.
fn cut_last(line: &str) -> (Option<&str>, &str) {
    let mut quoted = false;
    for (at, octet) in line.bytes().enumerate().rev() {
        match octet {
            b'"' if !is_escaped(line, at) => quoted = !quoted,
            b',' if !quoted => {
                let (before, behind) = line.split_at(at);
                return (Some(before), behind.get(1..).unwrap_or_default());
            }
            _ => {}
        }
    }
    (None, line)
}

/// Whether an odd number of backslashes stands in front of that place.
fn is_escaped(line: &str, at: usize) -> bool {
    let before = line.get(..at).unwrap_or_default();
    (before.len() - before.trim_end_matches('\\').len()) % 2 == 1
}

/// `for="[2001:db8::1]:4711";proto=https`. Blanks around semicolons, and an address that is not quoted as it should be
/// (`for=192.0.2.1:80`, `for=[::1]`), are let pass: they leave no doubt.
fn parse(element: &str) -> Result<Element, Malformed> {
    let mut pairs = Vec::new();
    let mut rest = element;
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        if !rest.starts_with(';') {
            let (name, behind) = rest.split_once('=').ok_or(Malformed)?;
            if name.is_empty() || !name.bytes().all(is_token) {
                return Err(Malformed);
            }
            let (value, behind) = value(behind).ok_or(Malformed)?;
            pairs.push((name.to_owned(), value));
            rest = behind.trim_start_matches([' ', '\t']);
        }
        rest = match rest.strip_prefix(';') {
            Some(behind) if behind.trim().is_empty() => break,
            Some(behind) => behind,
            None if rest.is_empty() => break,
            None => return Err(Malformed),
        };
    }
    if pairs.is_empty() {
        Err(Malformed)
    } else {
        Ok(Element(pairs))
    }
}

/// A token or a quoted string at the beginning, and what stands behind it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let fits = |c: char| u8::try_from(c).is_ok_and(is_token) || "[]:".contains(c);
        let end = text.find(|c| !fits(c)).unwrap_or(text.len());
        let (value, rest) = text.split_at(end);
        return (!value.is_empty()).then(|| (value.to_owned(), rest));
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, quoted.get(at + 1..)?)),
            '\\' => value.push(letters.next()?.1),
            letter if letter.is_control() && letter != '\t' => return None,
            letter => value.push(letter),
        }
    }
    None
}

/// A letter of a token (RFC 9110 §5.6.2).
fn is_token(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(line: &str) -> Vec<Option<String>> {
        let node = |element: Result<Element, Malformed>| Some(element.ok()?.only("for")?.to_owned());
        from_the_end(line).map(node).collect()
    }

    #[test]
    fn commas_and_semicolons_inside_quotes_part_nothing() {
        for line in [
            r#"for=192.0.2.1;host="a,b""#,
            r#"host="x, for=198.51.100.9;a=";for=192.0.2.1"#,
            r#"for=192.0.2.1;host="x\", for=198.51.100.9, \"""#,
            r#"by="a;for=198.51.100.9";for="192.0.2.1";;"#,
            r#";; FOR="192\.0.2.1" ; proto=https"#,
        ] {
            assert_eq!(nodes(line), [Some("192.0.2.1".to_owned())], "{line}");
        }
    }

    /// Whatever a caller writes in front, the element of the proxy behind it is read as it stands there.
    #[test]
    fn nothing_in_front_changes_what_the_nearest_proxy_says() {
        for own in [
            "for=192.0.2.1",
            r#"for="[2001:db8::1]:80";host="a,b\"c""#,
            r#"host="";for=_x"#,
        ] {
            let alone = nodes(own);
            for before in [
                "",
                ",",
                "for=198.51.100.9",
                r#"for="198.51.100.9"#,
                r#"for=198.51.100.9;host=""#,
                r#"for=198.51.100.9;host="\"#,
                r#""""#,
                r"\",
                r#"a\""#,
                "\u{fc}=,;=\"\\\\",
            ] {
                assert_eq!(
                    nodes(&format!("{before}, {own}")).first(),
                    alone.first(),
                    "{before} | {own}"
                );
            }
        }
    }

    #[test]
    fn what_is_no_element_says_nothing() {
        for line in [
            "",
            ",",
            ";",
            "for",
            "for=",
            "=192.0.2.1",
            "for =192.0.2.1",
            "for= 192.0.2.1",
            "for=192.0.2.1 proto=https",
            r#"for="192.0.2.1"#,
            r#"for=192.0.2.1""#,
            r#"for="192.0.2.1"x"#,
            r#"for="192.0.2.1\"#,
            r#"fo"r=192.0.2.1"#,
            "for=192.0.2.1;for=192.0.2.1",
            "f\u{fc}r=192.0.2.1",
        ] {
            assert_eq!(nodes(line).first(), Some(&None), "{line}");
        }
        assert_eq!(
            nodes("for=192.0.2.1, ,").first(),
            Some(&None),
            "the nearest proxy's is empty"
        );
        assert_eq!(nodes("for=a, ,, for=b").len(), 2);
    }
}
