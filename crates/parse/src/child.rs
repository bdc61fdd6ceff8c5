use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use crate::frame::{self, Frame, JOB_VARIABLE, Job};
use crate::ocr::{Ocr, OpenRecognizer};
use crate::outlet::Outlet;
use crate::reader::{self, Place};
use crate::{Failure, limits};

/// Deeply nested files recurse deeply in the libraries that read them. Only what is touched costs memory.
pub(crate) const STACK_BYTES: usize = 256 << 20;

/// What the hidden verb runs: reads the file on standard input as the job in the environment says, and writes frames
/// to standard output. Call it first thing in `main`. Not for people. `open_recognizer` is called at most once, when the
/// first page comes that is a picture.
pub fn child_main(open_recognizer: &OpenRecognizer<'_>) -> ExitCode {
    let job = std::env::var(JOB_VARIABLE).ok().and_then(|json| serde_json::from_str::<Job>(&json).ok());
    let Some(job) = job else {
        eprintln!("this verb is started by the program itself");
        return ExitCode::from(2);
    };
    let (Ok(mut file), Ok(mut out)) = (limits::claim_stdin(), limits::claim_stdout()) else {
        return ExitCode::from(2);
    };
    limits::apply(&job.limits);
    let place = Place { file_name: job.file_name.clone(), folders: job.folders.clone() };
    let read = || {
        let ocr = Ocr::new(job.options.ocr.as_ref(), open_recognizer);
        reader::read(&mut file, job.file_bytes, &place, &mut Outlet::new(&mut out, &job, ocr))
    };
    let last = match guarded(read) {
        Ok(tally) => Frame::Done(tally),
        Err(failure) => Frame::Failed(failure),
    };
    match frame::write(&mut out, &last) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Runs `work` on a large stack and turns a panic into a failure that names only the line of code: the message may
/// quote the file.
fn guarded<T: Send>(work: impl FnOnce() -> Result<T, Failure> + Send) -> Result<T, Failure> {
    let place = Arc::new(Mutex::new(String::new()));
    let told = Arc::clone(&place);
    std::panic::set_hook(Box::new(move |panic| {
        if let Some(at) = panic.location() {
            *told.lock().unwrap_or_else(PoisonError::into_inner) = code_place(at.file(), at.line());
        }
    }));
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work);
        let thread = thread.map_err(|e| Failure::NoReader(e.to_string()))?;
        thread.join().unwrap_or_else(|_| {
            let place = place.lock().unwrap_or_else(PoisonError::into_inner);
            Err(Failure::Crashed(format!("panic at {place}")))
        })
    })
}

/// `crate-1.0/src/file.rs:7` of a longer path: the folders above are those of the machine that built the program.
fn code_place(file: &str, line: u32) -> String {
    let parts: Vec<&str> = file.split(['/', '\\']).collect();
    let from = parts
        .iter()
        .rposition(|part| *part == "src")
        .map_or(parts.len().saturating_sub(1), |at| at.saturating_sub(1));
    format!("{}:{line}", parts.get(from..).unwrap_or_default().join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_names_the_line_and_not_the_text() {
        let failure = guarded(|| -> Result<(), Failure> {
            let secret = "user text";
            assert_eq!(secret.len(), 0, "{secret}");
            Ok(())
        });
        let Err(Failure::Crashed(reason)) = failure else { panic!("{failure:?}") };
        assert!(reason.starts_with("panic at parse/src/child.rs:"), "{reason}");
    }

    #[test]
    fn code_places_lose_their_folders() {
        for (file, place) in [
            ("/a/b/lib-1.0/src/x/y.rs", "lib-1.0/src/x/y.rs:3"),
            ("crates/parse/src/child.rs", "parse/src/child.rs:3"),
            ("src/lib.rs", "src/lib.rs:3"),
            ("C:\\a\\lib\\src\\x.rs", "lib/src/x.rs:3"),
            ("odd.rs", "odd.rs:3"),
        ] {
            assert_eq!(code_place(file, 3), place);
        }
    }
}
