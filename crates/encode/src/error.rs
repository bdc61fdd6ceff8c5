use std::io;
use std::path::PathBuf;

/// Why a model could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The library's path depends on the current folder, or the library is not there.
    #[error("ONNX Runtime's library {} is not an absolute path of a file; install Citadel again, or run `cargo xtask setup` in its source", .path.display())]
    LibraryPath {
        /// The path as given.
        path: PathBuf,
    },
    /// The system or ort refused the library.
    #[error("{} could not be loaded as ONNX Runtime: {reason}; see `citadel models verify`, then install Citadel again, or run `cargo xtask setup` in its source", .path.display())]
    Library {
        /// The library.
        path: PathBuf,
        /// The loader's own words.
        reason: String,
    },
    /// This process runs another ONNX Runtime already; there can be only one.
    #[error("ONNX Runtime was loaded from {} already, {} cannot be loaded beside it; restart the program", .loaded.display(), .asked.display())]
    OtherLibrary {
        /// The library in use.
        loaded: PathBuf,
        /// The library asked for.
        asked: PathBuf,
    },
    /// Loading the library would start its telemetry.
    #[error("ONNX Runtime is not loaded while it may report home; start the program with {}={}", crate::TELEMETRY_OFF.0, crate::TELEMETRY_OFF.1)]
    Telemetry,
    /// A model file cannot be read.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The files are there, but they are not a model that works.
    #[error("{} does not load as an embedding model: {reason}; see `citadel models verify`, then install Citadel again, or run `cargo xtask setup` in its source", .path.display())]
    Model {
        /// The ONNX file.
        path: PathBuf,
        /// The library's own words.
        reason: String,
    },
    /// The files are there, but they do not recognise text.
    #[error("{} does not load as a model for text recognition: {reason}; see `citadel models verify`, then install Citadel again, or run `cargo xtask setup` in its source", .path.display())]
    Recognizer {
        /// The ONNX file.
        path: PathBuf,
        /// The library's own words.
        reason: String,
    },
    /// The files are there, but they are not a reader that works.
    #[error("{} does not load as a reader: {reason}; see `citadel models verify`, then install Citadel again, or run `cargo xtask setup` in its source", .path.display())]
    Reader {
        /// The ONNX file.
        path: PathBuf,
        /// The library's own words.
        reason: String,
    },
}

impl EncodeError {
    /// A name for the kind of error that never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::LibraryPath { .. } => "onnx_runtime_path",
            Self::Library { .. } => "onnx_runtime_library",
            Self::OtherLibrary { .. } => "onnx_runtime_other",
            Self::Telemetry => "onnx_runtime_telemetry",
            Self::Io { .. } => "io",
            Self::Model { .. } => "embedder_model",
            Self::Recognizer { .. } => "recognizer_model",
            Self::Reader { .. } => "reader_model",
        }
    }
}
