use crate::run::{Result, build, cargo, run};
use crate::setup;

/// Measures speed and memory and prints them as Markdown on stdout. In the development profile, which is the one that the
/// demo and the tests build: optimising all dependencies takes the better part of an hour.
pub(crate) fn bench(arguments: &[&str]) -> Result<()> {
    setup::setup()?;
    build()?;
    let bench =
        ["bench", "--workspace", "--exclude", "xtask", "--profile", "dev", "--bench", "pipeline", "--"];
    // Paths are meant from where the user stands; cargo starts a bench in its package's folder.
    let here = std::env::current_dir()?;
    let mut command = cargo(&bench)?;
    let mut before = "";
    for argument in arguments {
        if before == "--corpus" {
            command.arg(here.join(argument));
        } else {
            command.arg(argument);
        }
        before = argument;
    }
    run(&mut command)
}
