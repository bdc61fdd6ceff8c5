//! ONNX Runtime, loaded once per process from the path that the model pack names.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;

use crate::EncodeError;

/// A variable of the environment and the value that it must have from the beginning of the process. ONNX Runtime's library
/// brings an HTTP client and, as soon as it is loaded, writes down who ran it, to be sent later; switching that off
/// through its interface comes too late.
pub const TELEMETRY_OFF: (&str, &str) = ("ORT_DISABLE_TELEMETRY", "1");

/// The library in use and its environment, which must live as long as any session.
static RUNTIME: Mutex<Option<(PathBuf, Environment)>> = Mutex::new(None);

/// The process's environment, made from the library at `path` on the first call. Later calls must name the same file.
pub(crate) fn environment(path: &Path) -> Result<Environment, EncodeError> {
    // Never a search path: a library planted beside the program would be loaded otherwise.
    let asked = match path.canonicalize() {
        Ok(file) if path.is_absolute() && file.is_file() => file,
        _ => return Err(EncodeError::LibraryPath { path: path.to_owned() }),
    };
    let mut runtime = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((loaded, environment)) = &*runtime {
        if *loaded != asked {
            return Err(EncodeError::OtherLibrary { loaded: loaded.clone(), asked });
        }
        return Ok(environment.clone());
    }
    let (name, value) = TELEMETRY_OFF;
    if std::env::var_os(name).is_none_or(|set| set != value) {
        return Err(EncodeError::Telemetry);
    }
    let refused = |reason: String| EncodeError::Library { path: asked.clone(), reason };
    let environment = ort::init_from(&asked)
        .map_err(|e| refused(e.to_string()))?
        .with_name("citadel")
        .with_telemetry(false)
        .build()
        .map_err(|e| refused(e.to_string()))?;
    *runtime = Some((asked, environment.clone()));
    Ok(environment)
}
