//! The program as its users meet it: every test starts the real `citadel`, which `cargo xtask test` builds first.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod bad_files;
mod bad_models;
mod bad_questions;
mod bad_vaults;
mod contract;
mod elsewhere;
mod engine;
mod forgotten;
mod hostile;
mod in_step;
mod killed;
mod scans;
mod support;
mod window;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = libtest_mimic::Arguments::from_args();
    let mut trials = Vec::new();
    if support::ready() {
        trials.extend(killed::trials());
        trials.extend(contract::trials());
        trials.extend(elsewhere::trials());
        trials.extend(engine::trials());
        trials.extend(forgotten::trials());
        trials.extend(hostile::trials());
        trials.extend(in_step::trials());
        trials.extend(scans::trials());
        trials.extend(window::trials());
        trials.extend(bad_files::trials());
        trials.extend(bad_vaults::trials());
        trials.extend(bad_models::trials());
        trials.extend(bad_questions::trials());
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    support::clear_away();
    conclusion.exit_code()
}
