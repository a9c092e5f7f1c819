//! JSON (RFC 8259) read from text without allocating, save for strings that need unescaping. Strict: the whole grammar
//! and nothing else, no lone surrogates, bounded nesting, nothing left over.

use std::borrow::Cow;

use super::malformed::Malformed;

/// A place in a JSON text.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
}

/// One value of an object's member, as far as client data needs to tell them apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A string, unescaped.
    Text(Cow<'a, str>),
    /// `true` or `false`.
    Bool(bool),
    /// `null`, a number, an array or an object.
    Other,
}

impl<'a> Reader<'a> {
    /// Begins to read `text`.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Reads an object that fills the text, and hands each member to `member` as it comes. `depth` is how many arrays
    /// and objects may contain each other.
    pub fn object(
        mut self,
        depth: usize,
        mut member: impl FnMut(Cow<'a, str>, Value<'a>) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        self.space();
        if !self.take(b'{') {
            return Err(Malformed::Kind);
        }
        self.members(depth, &mut member)?;
        self.space();
        if self.at == self.text.len() {
            Ok(())
        } else {
            Err(Malformed::LeftOver)
        }
    }

    /// What follows `{`, to the closing `}`.
    fn members(
        &mut self,
        depth: usize,
        member: &mut dyn FnMut(Cow<'a, str>, Value<'a>) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        let depth = depth.checked_sub(1).ok_or(Malformed::Deep)?;
        self.space();
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            self.space();
            let name = self.string()?;
            self.space();
            self.expect(b':')?;
            let value = self.value(depth)?;
            member(name, value)?;
            self.space();
            if self.take(b'}') {
                return Ok(());
            }
            self.expect(b',')?;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value<'a>, Malformed> {
        self.space();
        match self.peek().ok_or(Malformed::Short)? {
            b'"' => self.string().map(Value::Text),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Other),
            b'{' => {
                self.at += 1;
                self.members(depth, &mut |_, _| Ok(()))?;
                Ok(Value::Other)
            }
            b'[' => self.array(depth),
            _ => self.number(),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value<'a>, Malformed> {
        let depth = depth.checked_sub(1).ok_or(Malformed::Deep)?;
        self.at += 1;
        self.space();
        if self.take(b']') {
            return Ok(Value::Other);
        }
        loop {
            self.value(depth)?;
            self.space();
            if self.take(b']') {
                return Ok(Value::Other);
            }
            self.expect(b',')?;
        }
    }

    fn number(&mut self) -> Result<Value<'a>, Malformed> {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _signed = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Ok(Value::Other)
    }

    fn digits(&mut self) -> Result<(), Malformed> {
        let begin = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == begin { Err(Malformed::Text) } else { Ok(()) }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Malformed> {
        self.expect(b'"')?;
        let mut begin = self.at;
        let mut text = Cow::Borrowed("");
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let plain = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
            self.at += plain.ok_or(Malformed::Short)?;
            match self.peek().ok_or(Malformed::Short)? {
                b'"' => {
                    let last = self.text.get(begin..self.at).ok_or(Malformed::Text)?;
                    self.at += 1;
                    // An empty `Cow` grows by borrowing: a string without escapes is never copied.
                    text += last;
                    return Ok(text);
                }
                b'\\' => {
                    text += self.text.get(begin..self.at).ok_or(Malformed::Text)?;
                    self.at += 1;
                    text.to_mut().push(self.escape()?);
                    begin = self.at;
                }
                _ => return Err(Malformed::Text),
            }
        }
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Result<char, Malformed> {
        let byte = self.peek().ok_or(Malformed::Short)?;
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.four_hex()?;
                let code = match first {
                    0xd800..0xdc00 => {
                        self.expect(b'\\')?;
                        self.expect(b'u')?;
                        let second = self.four_hex()?.checked_sub(0xdc00).filter(|low| *low < 0x400);
                        0x1_0000 + ((first - 0xd800) << 10) + second.ok_or(Malformed::Text)?
                    }
                    _ => first,
                };
                char::from_u32(code).ok_or(Malformed::Text)?
            }
            _ => return Err(Malformed::Text),
        })
    }

    fn four_hex(&mut self) -> Result<u32, Malformed> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4).ok_or(Malformed::Short)?;
        self.at += 4;
        digits.iter().try_fold(0, |code, digit| {
            let digit = char::from(*digit).to_digit(16).ok_or(Malformed::Text)?;
            Ok(code << 4 | digit)
        })
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, Malformed> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(Malformed::Text);
        }
        self.at += word.len();
        Ok(value)
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let here = self.peek() == Some(byte);
        if here {
            self.at += 1;
        }
        here
    }

    fn expect(&mut self, byte: u8) -> Result<(), Malformed> {
        if self.take(byte) {
            Ok(())
        } else {
            Err(self.peek().map_or(Malformed::Short, |_| Malformed::Text))
        }
    }
}
