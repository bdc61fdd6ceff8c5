//! What the parser makes of files, one line of JSON for each: `cargo run -p citadel-parse --example extract -- FILE…`
//!
//! `cargo xtask eval parse` measures by it. A line has the `path`, the `seconds` that it took, its `documents`, the
//! `parts` that could not be read, and either the `summary` or the `error`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use citadel_core::StopFlag;
use citadel_parse::{Limits, Options, Parsed, Sandbox, Source};
use serde_json::{Value, json};

/// With this argument the program is the child that the sandbox starts.
const CHILD: &str = "--child";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    if arguments.first().is_some_and(|first| first == CHILD) {
        return citadel_parse::child_main(&|_| Err("this example recognises nothing".to_owned()));
    }
    match extract(arguments.iter().map(Path::new)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn extract<'a>(paths: impl Iterator<Item = &'a Path>) -> io::Result<()> {
    let options = Options { pdf_library: pdf_library(), ..Options::default() };
    let sandbox = Sandbox::new(std::env::current_exe()?, vec![CHILD.into()], options, Limits::default());
    let mut out = io::stdout().lock();
    for path in paths {
        let begun = Instant::now();
        let (mut documents, mut parts) = (Vec::new(), Vec::new());
        let end = sandbox.parse(Source::file(path), &StopFlag::new(), &mut |parsed| {
            match parsed {
                Parsed::Document(document) => documents.push(document),
                Parsed::Failed { part, failure } => {
                    parts.push(json!({"part": part, "code": failure.code(), "message": failure.to_string()}));
                }
                Parsed::Page { .. } => {}
            }
            true
        });
        let seconds = begun.elapsed().as_secs_f64();
        let (summary, error) = match end {
            Ok(summary) => {
                let summary = json!({"format": summary.format, "redirects": summary.redirects,
                                     "skipped": summary.skipped, "warnings": summary.warnings});
                (summary, Value::Null)
            }
            Err(e) => (Value::Null, json!({"code": e.code(), "message": e.failure.to_string()})),
        };
        let line = json!({"path": path, "seconds": seconds, "documents": documents, "parts": parts,
                          "summary": summary, "error": error});
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// PDFium in the model pack, where the variable that names the pack is set.
fn pdf_library() -> Option<PathBuf> {
    let name = format!("{}pdfium{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    PathBuf::from(std::env::var_os("CITADEL_MODELS")?).join(name).canonicalize().ok()
}
