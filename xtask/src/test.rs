use crate::run::{Result, build, cargo, run};
use crate::setup;

/// All tests. The program is built first: the command-line tests start it.
pub(crate) fn test() -> Result<()> {
    setup::setup()?;
    build()?;
    run(&mut cargo(&["test", "--workspace", "--exclude", "xtask"])?)
}
