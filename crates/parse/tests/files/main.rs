//! Whole files through the sandbox. This program is also the child that the sandbox starts: with a first argument it
//! reads, or breaks in the way that the argument names.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod archives;
#[path = "../common/mod.rs"]
mod common;
mod confluence;
mod confluence_site;
mod corpus;
mod faults;
mod formats;
mod hostile;
mod mails;
mod office;
mod support;
mod wiki;
mod xwiki;

use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("child") => return citadel_parse::child_main(),
        Some(argument) if argument.starts_with("child-") => return faults::break_as(argument),
        _ => {}
    }
    let trials = [
        formats::trials(),
        office::trials(),
        wiki::trials(),
        confluence::trials(),
        confluence_site::trials(),
        archives::trials(),
        mails::trials(),
        hostile::trials(),
        faults::trials(),
        corpus::trials(),
    ];
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), trials.into_iter().flatten().collect())
        .exit_code()
}
