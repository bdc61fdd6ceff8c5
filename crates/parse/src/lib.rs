//! File bytes to documents with exact locations, in a child process with limits.
//!
//! [`Sandbox::parse`] starts the program again with a hidden verb that calls [`child_main`]. The child gets the open
//! file as its standard input and hands documents back one by one; a crash, hang or bomb ends the child and fails
//! that file, nothing else. What a file is, is told by its content, not by its name.

mod archive;
mod builder;
mod child;
mod confluence;
mod csv;
mod docx;
mod epub;
mod facts;
mod failure;
mod frame;
mod html;
mod limits;
mod mail;
mod mailbox;
mod markdown;
mod mediawiki;
mod ooxml;
mod open_document;
mod options;
mod outlet;
mod pdf;
mod pptx;
mod reader;
mod records;
mod rows;
mod sandbox;
mod sniff;
mod templates;
mod text;
mod wikitext;
mod xlsx;
mod xml;

pub use child::child_main;
pub use failure::{Failure, ParseError};
pub use options::{Limits, Options};
pub use sandbox::{Parsed, Sandbox, Source, Summary};
