//! The words that XWiki keeps of a Confluence export, of its filter events in a file: what `cargo xtask eval parse` compares
//! with.

#![allow(clippy::unwrap_used, dead_code, reason = "the reading is part of a test")]

#[path = "../tests/files/xwiki.rs"]
mod xwiki;

use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(events) = std::env::args_os().nth(1).and_then(|path| std::fs::read_to_string(path).ok()) else {
        eprintln!("name a file of filter events");
        return ExitCode::from(2);
    };
    for page in xwiki::pages(&events) {
        println!("{}", xwiki::plain(&page.content));
    }
    ExitCode::SUCCESS
}
