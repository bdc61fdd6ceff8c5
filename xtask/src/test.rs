use crate::places;
use crate::run::{Result, build, cargo, forget_other_checkouts, run};
use crate::setup;
use crate::window;

/// All tests. The program is built first: the command-line tests start it.
pub(crate) fn test() -> Result<()> {
    setup::setup()?;
    build("dev")?;
    window::test_pages()?;
    run(cargo(&["test", "--workspace", "--exclude", "xtask", "--no-fail-fast"])?
        // Threads that wait spin; beside other tests that starves the one that works.
        .env("CANDLE_BARRIER_POOL_SPIN_LIMIT", "100"))?;
    window::test_window()?;
    window::test_installer()?;
    // Apart: this program lies in a target folder of its own, and cannot be replaced while it runs.
    run(cargo(&["test", "--quiet", "--package", "xtask"])?
        .env("CARGO_TARGET_DIR", places::root().join("target/xtask")))
}

/// clippy over everything; a warning is an error.
pub(crate) fn lint() -> Result<()> {
    setup::system_packages()?;
    window::pages()?;
    forget_other_checkouts()?;
    run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?)
}
