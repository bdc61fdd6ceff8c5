//! Plain text, and the decoding that all text formats share.

use std::io::{self, BufRead, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use citadel_core::{BlockKind, Document, Format};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::Failure;
use crate::builder::TextBuilder;

/// The detector's answer no longer changes after this many bytes.
const DETECT_BYTES: usize = 1 << 20;

/// Text in Unicode, and what was lost on the way.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub text: String,
    pub warnings: Vec<String>,
}

/// Paragraphs are what empty lines part.
pub(crate) fn parse(decoded: Decoded, stem: &str) -> Document {
    let mut builder = TextBuilder::default();
    push(&decoded.text, &mut builder);
    let mut document = builder.finish(Format::Text, &[], stem);
    document.warnings = decoded.warnings;
    document
}

/// Appends the paragraphs of a text.
pub(crate) fn push(text: &str, builder: &mut TextBuilder) {
    let mut paragraph = String::new();
    for line in text.lines() {
        if line.trim().is_empty() {
            builder.push(BlockKind::Paragraph, &paragraph);
            paragraph.clear();
        } else {
            paragraph.push_str(line);
            paragraph.push('\n');
        }
    }
    builder.push(BlockKind::Paragraph, &paragraph);
}

/// Bytes to text: byte order mark, then UTF-8 if it is valid, then what an HTML page declares, then a guess.
pub(crate) fn decode(bytes: &[u8], html: bool) -> Result<Decoded, Failure> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Failure::Empty);
    }
    let encoding = match known(bytes) {
        Some(encoding) => encoding,
        None if std::str::from_utf8(bytes).is_ok() => UTF_8,
        None => (if html { declared(bytes) } else { None }).unwrap_or_else(|| guess(bytes)),
    };
    // `decode` takes off the byte order mark.
    let (text, _, lossy) = encoding.decode(bytes);
    let mut warnings = Vec::new();
    if lossy {
        let lost = text.matches('\u{fffd}').count();
        if lost > text.len() / 30 {
            return Err(Failure::Unsupported("it is no text in a known encoding".into()));
        }
        warnings.push(format!("{lost} characters could not be read as {}", encoding.name()));
    }
    if is_binary(&text, encoding == UTF_8) {
        return Err(Failure::Unsupported("it is no text, and no known format".into()));
    }
    Ok(Decoded { text: text.into_owned(), warnings })
}

/// The same for the first bytes of a file, which may end inside a character.
pub(crate) fn decode_head(head: &[u8]) -> Result<String, Failure> {
    let cut = (head.len().saturating_sub(3)..=head.len())
        .rev()
        .find(|end| head.get(..*end).is_some_and(|part| std::str::from_utf8(part).is_ok()));
    let whole = cut.and_then(|end| head.get(..end)).unwrap_or(head);
    decode(whole, false).map(|decoded| decoded.text)
}

/// The encoding that a byte order mark or the place of zero bytes tells.
pub(crate) fn known(bytes: &[u8]) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return Some(encoding);
    }
    // UTF-16 without a mark: spaces and line ends alone put zeros on one side of the pairs and none on the other.
    let head = bytes.get(..bytes.len().min(4096) & !1)?;
    let zeros = |side: usize| head.iter().skip(side).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let enough = head.len() / 20 + 1;
    match () {
        () if odd >= enough && even * 20 < odd => Some(UTF_16LE),
        () if even >= enough && odd * 20 < even => Some(UTF_16BE),
        () => None,
    }
}

/// The encoding that the bytes look most like.
pub(crate) fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    let sample = bytes.get(..DETECT_BYTES).unwrap_or(bytes);
    detector.feed(sample, sample.len() == bytes.len());
    detector.guess(None, Utf8Detection::Allow)
}

/// The encoding that an HTML page names in its first KiB.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(bytes.get(..1024).unwrap_or(bytes)).to_ascii_lowercase();
    let (_, after) = head.split_once("charset")?;
    let after = after.trim_start().strip_prefix('=')?.trim_start_matches(['"', '\'', ' ']);
    let label: String =
        after.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_:.".contains(*c)).collect();
    Encoding::for_label(label.as_bytes())
}

/// Whether the characters are those of a program or picture. A guessed encoding is believed less.
fn is_binary(text: &str, certain: bool) -> bool {
    let (mut chars, mut controls, mut zeros) = (0usize, 0usize, 0usize);
    for c in text.chars().take(1 << 16) {
        chars += 1;
        controls += usize::from(c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}' | '\u{1b}'));
        zeros += usize::from(c == '\0');
    }
    let tolerated = if certain { chars / 10 } else { chars / 100 };
    controls > tolerated + 1 || (!certain && zeros > 0)
}

/// Any Unicode encoding to UTF-8 as it is read; what is invalid becomes U+FFFD.
pub(crate) struct Transcoder<R> {
    from: R,
    decoder: encoding_rs::Decoder,
    utf8: String,
    given: usize,
    ended: bool,
}

impl<R: BufRead> Transcoder<R> {
    /// Nothing is read yet but what `from` has buffered.
    pub fn new(mut from: R) -> Self {
        // An error comes back at the first read.
        let encoding = from.fill_buf().ok().and_then(known).unwrap_or(UTF_8);
        Self { from, decoder: encoding.new_decoder(), utf8: String::new(), given: 0, ended: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.utf8.clear();
        self.given = 0;
        while self.utf8.is_empty() && !self.ended {
            let raw = self.from.fill_buf()?;
            self.ended = raw.is_empty();
            let room = self.decoder.max_utf8_buffer_length(raw.len()).unwrap_or(raw.len() * 4);
            self.utf8.reserve(room);
            let (_, read, _) = self.decoder.decode_to_string(raw, &mut self.utf8, self.ended);
            self.from.consume(read);
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Transcoder<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.given == self.utf8.len() {
            self.refill()?;
        }
        let left = self.utf8.as_bytes().get(self.given..).unwrap_or_default();
        let n = left.len().min(to.len());
        if let (Some(to), Some(left)) = (to.get_mut(..n), left.get(..n)) {
            to.copy_from_slice(left);
        }
        self.given += n;
        Ok(n)
    }
}
