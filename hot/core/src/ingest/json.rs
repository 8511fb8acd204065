//! A walker over JSON text that borrows, allocates nothing and is strict: what it does not know it skips, checked.

use super::Refused;

/// Deepest nesting that is followed; nodes send six levels.
const DEPTH: u32 = 32;

/// A position in JSON text.
#[derive(Clone, Copy)]
pub struct Walker<'a> {
    text: &'a [u8],
    at: usize,
    depth: u32,
}

impl<'a> Walker<'a> {
    /// Before the first byte.
    #[must_use]
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// Nothing but space may follow.
    pub fn end(&mut self) -> Result<(), Refused> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(Refused::Json),
        }
    }

    /// First byte of the next value or sign, after space.
    pub fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.text.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    /// Walk an object; `field` gets every key and must consume its value.
    pub fn object(&mut self, mut field: impl FnMut(&'a [u8], &mut Self) -> Result<(), Refused>) -> Result<(), Refused> {
        self.open(b'{')?;
        if self.closed(b'}') {
            return Ok(());
        }
        loop {
            let key = self.string()?;
            self.sign(b':')?;
            field(key, self)?;
            if self.closed(b'}') {
                return Ok(());
            }
            self.sign(b',')?;
        }
    }

    /// Walk an array; `item` gets every index and must consume the value.
    pub fn array(&mut self, mut item: impl FnMut(usize, &mut Self) -> Result<(), Refused>) -> Result<(), Refused> {
        self.open(b'[')?;
        if self.closed(b']') {
            return Ok(());
        }
        for index in 0.. {
            item(index, self)?;
            if self.closed(b']') {
                break;
            }
            self.sign(b',')?;
        }
        Ok(())
    }

    /// A string without escapes, as it is written; no node escapes anything in what is read here.
    pub fn string(&mut self) -> Result<&'a [u8], Refused> {
        match self.raw_string()? {
            (text, false) => Ok(text),
            (_, true) => Err(Refused::Escape),
        }
    }

    /// A non-negative integer of 64 bits.
    pub fn integer(&mut self) -> Result<u64, Refused> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(Refused::Shape);
        }
        let digits = self.number()?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(Refused::Shape);
        }
        digits
            .iter()
            .try_fold(0u64, |sum, digit| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0')))
            .ok_or(Refused::Range)
    }

    /// `true`, `false` or `null`.
    pub fn word(&mut self) -> Result<Option<bool>, Refused> {
        match self.peek() {
            Some(b't') => self.literal(b"true").map(|()| Some(true)),
            Some(b'f') => self.literal(b"false").map(|()| Some(false)),
            Some(b'n') => self.literal(b"null").map(|()| None),
            _ => Err(Refused::Shape),
        }
    }

    /// Check a value and go past it.
    pub fn skip(&mut self) -> Result<(), Refused> {
        match self.peek() {
            Some(b'"') => self.raw_string().map(|_| ()),
            Some(b'{') => self.skip_object(),
            Some(b'[') => self.array(|_, inner| inner.skip()),
            Some(b't' | b'f' | b'n') => self.word().map(|_| ()),
            _ => self.number().map(|_| ()),
        }
    }

    fn skip_object(&mut self) -> Result<(), Refused> {
        self.open(b'{')?;
        if self.closed(b'}') {
            return Ok(());
        }
        loop {
            self.raw_string()?;
            self.sign(b':')?;
            self.skip()?;
            if self.closed(b'}') {
                return Ok(());
            }
            self.sign(b',')?;
        }
    }

    fn open(&mut self, sign: u8) -> Result<(), Refused> {
        match self.peek() {
            Some(byte) if byte == sign => self.at += 1,
            Some(b'{' | b'[' | b'"' | b't' | b'f' | b'n' | b'-' | b'0'..=b'9') => return Err(Refused::Shape),
            _ => return Err(Refused::Json),
        }
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Refused::Depth);
        }
        Ok(())
    }

    fn closed(&mut self, sign: u8) -> bool {
        let closed = self.peek() == Some(sign);
        if closed {
            self.at += 1;
            self.depth -= 1;
        }
        closed
    }

    fn sign(&mut self, sign: u8) -> Result<(), Refused> {
        if self.peek() != Some(sign) {
            return Err(Refused::Json);
        }
        self.at += 1;
        Ok(())
    }

    fn literal(&mut self, word: &[u8]) -> Result<(), Refused> {
        if !self.rest().starts_with(word) {
            return Err(Refused::Json);
        }
        self.at += word.len();
        Ok(())
    }

    fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The text between the quotes, and whether it has escapes in it.
    fn raw_string(&mut self) -> Result<(&'a [u8], bool), Refused> {
        match self.peek() {
            Some(b'"') => self.at += 1,
            Some(b'{' | b'[' | b't' | b'f' | b'n' | b'-' | b'0'..=b'9') => return Err(Refused::Shape),
            _ => return Err(Refused::Json),
        }
        let start = self.at;
        let mut escaped = false;
        loop {
            let plain = self.rest().iter().position(|byte| *byte < b' ' || matches!(byte, b'"' | b'\\'));
            self.at += plain.ok_or(Refused::Json)?;
            match self.text.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                _ => return Err(Refused::Json),
            }
            escaped = true;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        self.at += 1;
        Ok((text, escaped))
    }

    fn escape(&mut self) -> Result<(), Refused> {
        let length = match self.text.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') => 6,
            _ => return Err(Refused::Json),
        };
        let digits = self.text.get(self.at + 2..self.at + length).ok_or(Refused::Json)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(Refused::Json);
        }
        self.at += length;
        Ok(())
    }

    fn number(&mut self) -> Result<&'a [u8], Refused> {
        self.peek();
        let start = self.at;
        self.at += usize::from(self.rest().first() == Some(&b'-'));
        let zero = self.rest().first() == Some(&b'0');
        if self.digits()? > 1 && zero {
            return Err(Refused::Json);
        }
        if self.rest().first() == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.rest().first(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.rest().first(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    fn digits(&mut self) -> Result<usize, Refused> {
        let count = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        if count == 0 {
            return Err(Refused::Json);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skipped(text: &str) -> Result<(), Refused> {
        let mut walker = Walker::new(text.as_bytes());
        walker.skip()?;
        walker.end()
    }

    #[test]
    fn skips_what_json_is() {
        for text in [r#"{"a":[1,-2.5e+3,"\u00e9\n",{}],"b":null}"#, " [ ] ", "0", "-0.0", "true", r#""""#] {
            assert_eq!(skipped(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn refuses_what_json_is_not() {
        for text in ["", "{", "[1,]", "{,}", "01", "1.", "-", "tru", "\"\n\"", r#""\x""#, r#""\u00g0""#, "1 2", "}"] {
            assert_eq!(skipped(text), Err(Refused::Json), "{text}");
        }
    }

    #[test]
    fn refuses_to_go_deep() {
        assert_eq!(skipped(&"[".repeat(100_000)), Err(Refused::Depth));
    }

    #[test]
    fn reads_integers_of_64_bits_only() {
        let read = |text: &str| Walker::new(text.as_bytes()).integer();
        assert_eq!(read("18446744073709551615"), Ok(u64::MAX));
        assert_eq!(read("18446744073709551616"), Err(Refused::Range));
        assert_eq!(read("1.0"), Err(Refused::Shape));
        assert_eq!(read("-1"), Err(Refused::Shape));
    }
}
