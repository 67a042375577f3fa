//! JSON between page and relay, read and written by hand.
//!
//! The shapes are those of the `wire` crate, which the relay reads and writes with
//! `serde`. Derived code is compiled once for each type, and every byte of it is
//! downloaded by every agent. Here a text becomes a [`Value`] once, and a few lines
//! for each shape look at it. Tests hold both ways to each other.

pub mod read;
pub mod write;

/// Deepest nesting that is read: far more than any shape has, far less than the stack.
const DEEPEST: u32 = 32;

/// A JSON value (RFC 8259).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number that is not negative: all that the shapes have.
    Whole(u64),
    /// Any other number. No shape has one; it may stand where nobody looks.
    OtherNumber,
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Value>),
    /// An object, in its own order.
    Object(Vec<(String, Value)>),
}

impl Value {
    /// Reads a text; nothing when it is not JSON.
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(DEEPEST)?;
        reader.blank();
        (reader.at == text.len()).then_some(value)
    }

    /// A member of an object. `null` is as if it were left out.
    pub fn member(&self, name: &str) -> Option<&Value> {
        let Self::Object(members) = self else { return None };
        let (_, value) = members.iter().find(|(known, _)| known == name)?;
        (*value != Self::Null).then_some(value)
    }

    /// A variant of an enum tagged from outside: its name, and what it carries.
    pub fn variant(&self) -> Option<(&str, &Value)> {
        match self {
            Self::Text(name) => Some((name, &Self::Null)),
            Self::Object(members) => match &members[..] {
                [(name, value)] => Some((name, value)),
                _ => None,
            },
            Self::Null | Self::Bool(_) | Self::Whole(_) | Self::OtherNumber | Self::List(_) => None,
        }
    }

    /// The text of a string.
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// A whole number.
    pub fn whole(&self) -> Option<u64> {
        if let Self::Whole(number) = self { Some(*number) } else { None }
    }

    /// `true` or `false`.
    pub fn truth(&self) -> Option<bool> {
        if let Self::Bool(truth) = self { Some(*truth) } else { None }
    }

    /// The values of an array.
    pub fn list(&self) -> Option<&[Value]> {
        if let Self::List(values) = self { Some(values) } else { None }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Steps over a byte, if it is this one.
    fn skip(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Option<Value> {
        self.text.get(self.at..)?.starts_with(word).then(|| {
            self.at += word.len();
            value
        })
    }

    fn value(&mut self, deeper: u32) -> Option<Value> {
        let deeper = deeper.checked_sub(1)?;
        self.blank();
        match self.peek()? {
            b'{' => self.object(deeper),
            b'[' => self.list(deeper),
            b'"' => self.string().map(Value::Text),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => self.number(),
        }
    }

    fn object(&mut self, deeper: u32) -> Option<Value> {
        self.skip(b'{')?;
        let mut members = Vec::new();
        self.blank();
        if self.skip(b'}').is_some() {
            return Some(Value::Object(members));
        }
        loop {
            self.blank();
            let name = self.string()?;
            self.blank();
            self.skip(b':')?;
            members.push((name, self.value(deeper)?));
            self.blank();
            if self.skip(b',').is_none() {
                self.skip(b'}')?;
                return Some(Value::Object(members));
            }
        }
    }

    fn list(&mut self, deeper: u32) -> Option<Value> {
        self.skip(b'[')?;
        let mut values = Vec::new();
        self.blank();
        if self.skip(b']').is_some() {
            return Some(Value::List(values));
        }
        loop {
            values.push(self.value(deeper)?);
            self.blank();
            if self.skip(b',').is_none() {
                self.skip(b']')?;
                return Some(Value::List(values));
            }
        }
    }

    fn number(&mut self) -> Option<Value> {
        let from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) {
            self.at += 1;
        }
        let text = self.text.get(from..self.at).filter(|text| !text.is_empty())?;
        Some(text.parse().map_or(Value::OtherNumber, Value::Whole))
    }

    fn string(&mut self) -> Option<String> {
        self.skip(b'"')?;
        let mut out = String::new();
        loop {
            let rest = self.text.get(self.at..)?;
            let plain = rest.find(['"', '\\'])?;
            out.push_str(&rest[..plain]);
            self.at += plain;
            if self.skip(b'"').is_some() {
                return Some(out);
            }
            self.skip(b'\\')?;
            out.push(self.escaped()?);
        }
    }

    fn escaped(&mut self) -> Option<char> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{C}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.unicode()?,
            _ => return None,
        })
    }

    /// `\uXXXX`, or two of them for a character beyond the basic plane
    /// (RFC 8259, section 7). Half of a pair alone becomes the replacement character.
    fn unicode(&mut self) -> Option<char> {
        const HIGH: u32 = 0xD800;
        const LOW: u32 = 0xDC00;
        let first = self.hex()?;
        if let Some(character) = char::from_u32(first) {
            return Some(character);
        }
        if first < LOW && self.text.get(self.at..)?.starts_with("\\u") {
            self.at += 2;
            let second = self.hex()?;
            let low = second.wrapping_sub(LOW);
            let whole = 0x1_0000 + ((first - HIGH) << 10) + low;
            return Some(
                char::from_u32(whole).filter(|_| low < 0x400).unwrap_or(char::REPLACEMENT_CHARACTER),
            );
        }
        Some(char::REPLACEMENT_CHARACTER)
    }

    fn hex(&mut self) -> Option<u32> {
        /// Digits of one escape.
        const DIGITS: usize = 4;
        let digits = self.text.get(self.at..self.at + DIGITS)?;
        self.at += DIGITS;
        digits.chars().try_fold(0, |sum, digit| Some(sum * 16 + digit.to_digit(16)?))
    }
}
