use crate::run::{Result, build, cargo, forget_other_checkouts, run};
use crate::setup;

/// All tests. The program is built first: the command-line tests start it.
pub(crate) fn test() -> Result<()> {
    setup::setup()?;
    build()?;
    run(&mut cargo(&["test", "--workspace", "--exclude", "xtask", "--no-fail-fast"])?)
}

/// clippy over everything; a warning is an error.
pub(crate) fn lint() -> Result<()> {
    setup::system_packages()?;
    forget_other_checkouts()?;
    run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?)
}
