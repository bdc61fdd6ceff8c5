//! The tokens of Rich Text Format.

/// What stands next in a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Open,
    Close,
    /// `\name` with its number, if it has one.
    Word(&'a str, Option<i32>),
    /// `\` and a character that is no letter.
    Symbol(u8),
    /// `\'hh`, or a character as it is.
    Byte(u8),
}

/// Reads tokens; never fails, for every run of bytes is some text.
pub(super) struct Tokens<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Passes over the bytes of a picture or program, which are no tokens.
    pub fn pass_over(&mut self, count: usize) {
        self.at = self.at.saturating_add(count);
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn run(&mut self, is_in: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().take_while(|b| is_in(**b)).count();
        self.at += length;
        // Only ASCII is asked for.
        std::str::from_utf8(rest.get(..length).unwrap_or_default()).unwrap_or_default()
    }

    fn control(&mut self) -> Option<Token<'a>> {
        let name = self.run(|b| b.is_ascii_alphabetic());
        if name.is_empty() {
            let symbol = self.peek()?;
            self.at += 1;
            if symbol != b'\'' {
                return Some(Token::Symbol(symbol));
            }
            let digits = self.bytes.get(self.at..self.at + 2).and_then(|hex| std::str::from_utf8(hex).ok());
            let Some(byte) = digits.and_then(|hex| u8::from_str_radix(hex, 16).ok()) else {
                return Some(Token::Symbol(symbol));
            };
            self.at += 2;
            return Some(Token::Byte(byte));
        }
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let digits = self.run(|b| b.is_ascii_digit());
        let number = match digits.parse::<i32>() {
            Ok(number) if self.bytes.get(start) == Some(&b'-') => Some(-number),
            Ok(number) => Some(number),
            Err(_) if digits.is_empty() => {
                self.at = start;
                None
            }
            Err(_) => Some(i32::MAX),
        };
        // A space only ends the word.
        if self.peek() == Some(b' ') {
            self.at += 1;
        }
        Some(Token::Word(name, number))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'{' => return Some(Token::Open),
                b'}' => return Some(Token::Close),
                b'\\' => return self.control(),
                b'\r' | b'\n' | 0 => {}
                byte => return Some(Token::Byte(byte)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_are_tokens() {
        use Token::{Byte, Close, Open, Symbol, Word};
        for (bytes, tokens) in [
            (&b"{\\b x\\b0}"[..], vec![Open, Word("b", None), Byte(b'x'), Word("b", Some(0)), Close]),
            (b"\\u-10179?\\'e9\\~\r\n", vec![Word("u", Some(-10179)), Byte(b'?'), Byte(0xe9), Symbol(b'~')]),
            (
                b"\\a-b\\'zz",
                vec![Word("a", None), Byte(b'-'), Byte(b'b'), Symbol(b'\''), Byte(b'z'), Byte(b'z')],
            ),
            (b"\\bin99999999999\\", vec![Word("bin", Some(i32::MAX))]),
            (b"\\'4", vec![Symbol(b'\''), Byte(b'4')]),
        ] {
            assert_eq!(Tokens::new(bytes).collect::<Vec<_>>(), tokens);
        }
    }
}
