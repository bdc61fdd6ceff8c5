//! PDFs through the sandbox, by both readers. This program is also the child that the sandbox starts.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

#[path = "../common/mod.rs"]
mod common;
mod corpus;
mod faults;
mod hidden;
mod hostile;
mod locked;
mod marks;
mod pages;
mod recognition;
mod size;
mod support;
mod typography;
mod writer;

use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("child") {
        return citadel_parse::child_main(&common::open_recognizer);
    }
    let trials = [
        pages::trials(),
        typography::trials(),
        marks::trials(),
        hidden::trials(),
        locked::trials(),
        recognition::trials(),
        faults::trials(),
        hostile::trials(),
        size::trials(),
        corpus::trials(),
    ];
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), trials.into_iter().flatten().collect())
        .exit_code()
}
