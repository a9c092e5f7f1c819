//! A second reader and writer of SIP, as simple as can be: it shares nothing with the codec under test. It takes what
//! well-mannered messages have (no folding), and panics at anything else, because the stack must send nothing else.

/// A message: start line, header fields in their order under their long names, body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) start: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Message {
    pub(crate) fn request(method: &str, uri: &str) -> Self {
        Self {
            start: format!("{method} {uri} SIP/2.0"),
            fields: Vec::new(),
            body: String::new(),
        }
    }

    /// An answer with what every answer takes over from its request (RFC 3261 §8.2.6.2).
    pub(crate) fn response(to: &Self, code: u16, reason: &str, tag: &str) -> Self {
        let mut answer = Self {
            start: format!("SIP/2.0 {code} {reason}"),
            fields: Vec::new(),
            body: String::new(),
        };
        for (name, value) in &to.fields {
            match name.as_str() {
                "To" if param(value, "tag").is_none() && code != 100 => answer.add("To", &format!("{value};tag={tag}")),
                "Via" | "From" | "To" | "Call-ID" | "CSeq" => answer.add(name, value),
                "Record-Route" if code < 300 => answer.add(name, value),
                _ => {}
            }
        }
        answer
    }

    /// The CANCEL of this INVITE (RFC 3261 §9.1).
    pub(crate) fn cancel(&self) -> Self {
        let mut cancel = Self::request("CANCEL", self.uri());
        for (name, value) in &self.fields {
            if matches!(
                name.as_str(),
                "Via" | "Max-Forwards" | "Route" | "From" | "To" | "Call-ID"
            ) {
                cancel.add(name, value);
            }
        }
        cancel.with("CSeq", &format!("{} CANCEL", self.cseq()))
    }

    pub(crate) fn read(bytes: &[u8]) -> Self {
        let text = str::from_utf8(bytes).expect("UTF-8");
        let (head, body) = text.split_once("\r\n\r\n").expect("an empty line");
        let mut lines = head.split("\r\n");
        let start = lines.next().unwrap().to_owned();
        let field = |line: &str| {
            let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("no colon: {line}"));
            (long(name.trim()), value.trim().to_owned())
        };
        let fields: Vec<(String, String)> = lines.map(field).collect();
        let message = Self {
            start,
            fields,
            body: body.to_owned(),
        };
        if let Some(length) = message.get("Content-Length") {
            assert_eq!(
                length.parse(),
                Ok(message.body.len()),
                "Content-Length of {}",
                message.start
            );
        }
        message
    }

    /// The bytes, with a Content-Length at the end of the head.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut text = format!("{}\r\n", self.start);
        for (name, value) in self.fields.iter().filter(|(name, _)| name != "Content-Length") {
            text += &format!("{name}: {value}\r\n");
        }
        text += &format!("Content-Length: {}\r\n\r\n{}", self.body.len(), self.body);
        text.into_bytes()
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.add(name, value);
        self
    }

    pub(crate) fn add(&mut self, name: &str, value: &str) {
        self.fields.push((name.to_owned(), value.to_owned()));
    }

    /// Puts a value in the place of the first field of that name, or at the end.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        match self.fields.iter_mut().find(|(known, _)| known == name) {
            Some((_, place)) => value.clone_into(place),
            None => self.add(name, value),
        }
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.fields.retain(|(known, _)| known != name);
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.fields.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    /// A field that every message has.
    pub(crate) fn need(&self, name: &str) -> &str {
        self.get(name).unwrap_or_else(|| panic!("no {name} in {self:?}"))
    }

    /// All values of a list, whether they stand in one field or in several.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let of_name = self.fields.iter().filter(|(known, _)| known == name);
        of_name.flat_map(|(_, value)| elements(value)).collect()
    }

    pub(crate) fn is_response(&self) -> bool {
        self.start.starts_with("SIP/2.0 ")
    }

    pub(crate) fn code(&self) -> u16 {
        self.start.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// The method of a request, or of the request that a response is for.
    pub(crate) fn method(&self) -> &str {
        if self.is_response() {
            self.need("CSeq").split(' ').nth(1).unwrap()
        } else {
            self.start.split(' ').next().unwrap()
        }
    }

    pub(crate) fn uri(&self) -> &str {
        self.start.split(' ').nth(1).unwrap()
    }

    pub(crate) fn cseq(&self) -> u32 {
        self.need("CSeq").split(' ').next().unwrap().parse().unwrap()
    }

    /// `branch` of the first Via.
    pub(crate) fn branch(&self) -> String {
        param(&self.list("Via")[0], "branch").expect("a branch")
    }

    pub(crate) fn tag(&self, name: &str) -> Option<String> {
        param(self.need(name), "tag")
    }

    pub(crate) fn call_id(&self) -> &str {
        self.need("Call-ID")
    }
}

fn long(name: &str) -> String {
    match name {
        "v" => "Via",
        "f" => "From",
        "t" => "To",
        "i" => "Call-ID",
        "m" => "Contact",
        "l" => "Content-Length",
        "c" => "Content-Type",
        "k" => "Supported",
        "o" => "Event",
        "r" => "Refer-To",
        other => other,
    }
    .to_owned()
}

/// What stands between commas that are in no quotation marks and no angle brackets.
fn elements(value: &str) -> Vec<String> {
    let (mut all, mut quoted, mut angled) = (vec![String::new()], false, false);
    for letter in value.chars() {
        match letter {
            '"' => quoted = !quoted,
            '<' if !quoted => angled = true,
            '>' if !quoted => angled = false,
            _ => {}
        }
        if letter == ',' && !quoted && !angled {
            all.push(String::new());
        } else {
            all.last_mut().unwrap().push(letter);
        }
    }
    all.iter().map(|one| one.trim().to_owned()).collect()
}

/// A parameter behind the address or the value, without quotation marks.
pub(crate) fn param(value: &str, name: &str) -> Option<String> {
    let behind = value.rsplit_once('>').map_or(value, |(_, behind)| behind);
    behind.split(';').skip(1).find_map(|part| {
        let (key, content) = part.trim().split_once('=').unwrap_or((part.trim(), ""));
        key.eq_ignore_ascii_case(name)
            .then(|| content.trim_matches('"').to_owned())
    })
}

/// The URI of an address: between angle brackets, or all up to the first semicolon.
pub(crate) fn address(value: &str) -> &str {
    match value.split_once('<') {
        Some((_, rest)) => rest.split('>').next().unwrap(),
        None => value.split(';').next().unwrap().trim(),
    }
}

/// The user of a SIP URI.
pub(crate) fn user(uri: &str) -> &str {
    let bare = uri.split_once(':').map_or(uri, |(_, rest)| rest);
    bare.split('@').next().unwrap()
}

/// A field of a challenge: `name="value"` or `name=value`.
pub(crate) fn challenge_field(value: &str, name: &str) -> Option<String> {
    elements(value.split_once(' ')?.1).into_iter().find_map(|part| {
        let (key, content) = part.split_once('=')?;
        (key.trim() == name).then(|| content.trim().trim_matches('"').to_owned())
    })
}

/// Takes the first whole message, or a lone pong, out of what a connection has brought so far.
pub(crate) fn cut(buffer: &mut Vec<u8>) -> Option<Message> {
    while buffer.starts_with(b"\r\n") {
        buffer.drain(..2);
    }
    let head = buffer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = str::from_utf8(&buffer[..head]).unwrap();
    let length = text.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        (long(name.trim()) == "Content-Length").then(|| value.trim().parse::<usize>().unwrap())
    });
    let whole = head + length.unwrap_or_else(|| panic!("no Content-Length on a stream: {text}"));
    (buffer.len() >= whole).then(|| Message::read(&buffer.drain(..whole).collect::<Vec<u8>>()))
}
