//! Cuts Markdown files and prints their chunks as JSON lines: what `docs/chunking.md` was measured with.
//!
//! `cargo run -p citadel-chunk --example cut -- TOKENIZER.json MAX OVERLAP FILE.md…`

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;

use citadel_chunk::Chunker;
use citadel_core::{Block, BlockKind, Document, Format, TextMap};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| arguments.next().ok_or(format!("{what} is missing"));
    let tokenizer = std::fs::read(next("TOKENIZER.json")?)?;
    let chunker = Chunker::from_tokenizer(&tokenizer, next("MAX")?.parse()?, next("OVERLAP")?.parse()?)?;
    let mut out = std::io::stdout().lock();
    for path in arguments {
        let document = read(&path)?;
        let map = TextMap::new(&document.text);
        for piece in chunker.chunk(&document)? {
            let range = piece.chunk.range;
            let line = serde_json::json!({
                "path": path, "start": range.start, "end": range.end, "tokens": piece.chunk.tokens,
                "heading": piece.chunk.heading, "context": piece.context, "text": map.slice(range),
            });
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// A file as a document: blocks between empty lines, `#` headings, table rows by line. Enough for measuring.
fn read(path: &str) -> Result<Document, Box<dyn Error>> {
    let text = std::fs::read_to_string(path)?;
    let map = TextMap::new(&text);
    let mut blocks: Vec<Block> = Vec::new();
    let (mut byte, mut joins) = (0, false);
    for line in text.split_inclusive('\n') {
        let range = map.char_range(byte..byte + line.trim_end().len()).ok_or("not a position")?;
        byte += line.len();
        let level = line.bytes().take_while(|&b| b == b'#').count();
        let kind = match line.as_bytes().get(level) {
            _ if line.trim().is_empty() => {
                joins = false;
                continue;
            }
            Some(b' ') if (1..=6).contains(&level) => BlockKind::Heading { level: level as u8 },
            _ if line.trim_start().starts_with('|') => BlockKind::TableRow,
            _ => BlockKind::Paragraph,
        };
        match blocks.last_mut() {
            Some(last) if joins && kind == BlockKind::Paragraph => last.range.end = range.end,
            _ => blocks.push(Block { kind, range }),
        }
        joins = kind == BlockKind::Paragraph;
    }
    let name = std::path::Path::new(path).file_stem().unwrap_or_default();
    Ok(Document {
        part: None,
        title: name.to_string_lossy().replace('_', " "),
        format: Format::Markdown,
        text,
        blocks,
        pages: Vec::new(),
        metadata: BTreeMap::new(),
        warnings: Vec::new(),
        hidden: Vec::new(),
    })
}
