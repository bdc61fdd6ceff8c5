//! JSON lines in, one result each, in order.

use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::Context;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::{Done, output};

/// Calls `answer` for each line of `file`. A line that cannot be read or answered gives a line with `id_name` (where it
/// is known) and `error`, so that results stay one to one with lines; the rest is done.
pub(crate) fn run<T: DeserializeOwned>(
    file: &Path,
    id_name: &str,
    mut answer: impl FnMut(T) -> anyhow::Result<serde_json::Value>,
) -> anyhow::Result<Done> {
    let input = std::fs::File::open(file)
        .with_context(|| format!("{}: cannot be opened; check the path", file.display()))?;
    let mut done = Done::Whole;
    for (number, line) in BufReader::new(input).split(b'\n').enumerate() {
        let line = line.with_context(|| format!("{}: cannot be read; check the drive", file.display()))?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let result = serde_json::from_slice::<T>(&line)
            .with_context(|| format!("{}: line {} is not the JSON expected", file.display(), number + 1))
            .and_then(&mut answer);
        match result {
            Ok(value) => output::json_line(&value)?,
            Err(error) if output::is_closed_pipe(&error) => return Err(error),
            Err(error) => {
                done = Done::InPart;
                eprintln!("citadel: {error:#}");
                let id = serde_json::from_slice::<serde_json::Value>(&line)
                    .ok()
                    .and_then(|v| v.get("id").cloned())
                    .unwrap_or(serde_json::Value::Null);
                output::json_line(&json!({ id_name: id, "error": format!("{error:#}") }))?;
            }
        }
    }
    Ok(done)
}
