//! From the model pack to loaded models. Nothing is loaded that the manifest does not name and its SHA-256 confirms.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use citadel_chunk::{Chunker, MAX_TOKENS, OVERLAP_TOKENS};
use citadel_core::{Embedder, Reader, TextRecognizer};
use citadel_encode::{EmbedderFiles, OnnxEmbedder, OnnxReader, OnnxRecognizer, ReaderFiles, RecognizerFiles};
use citadel_generate::{CandleGenerator, DevicePreference, ModelFiles};
use citadel_parse::OcrFiles;

use crate::models::{ModelPack, ModelPackError, ModelRole};
use crate::vault::{Encoder, LoadedGenerator, SMALLEST_CHUNKS};
use crate::{EngineError, EngineOptions};

type Result<T> = std::result::Result<T, EngineError>;

/// The pack's embedder.
pub(crate) fn embedder(models: &Path) -> Result<Box<dyn Embedder>> {
    open_embedder(&ModelPack::open(models)?, None)
}

/// The pack's embedder, and a chunker that counts in its tokens.
pub(crate) fn encoder(options: &EngineOptions) -> Result<Encoder> {
    let pack = ModelPack::open(&options.models)?;
    let tokenizer = read(&pack.verified_path(ModelRole::EmbedderTokenizer)?)?;
    let chunk_tokens = options.chunk_tokens.clamp(SMALLEST_CHUNKS, MAX_TOKENS);
    let chunker = Chunker::from_tokenizer(&tokenizer, chunk_tokens, OVERLAP_TOKENS)?;
    Ok(Encoder { embedder: Mutex::new(open_embedder(&pack, options.threads)?), chunker })
}

fn open_embedder(pack: &ModelPack, threads: Option<usize>) -> Result<Box<dyn Embedder>> {
    let files = EmbedderFiles {
        runtime_library: pack.verified_path(ModelRole::OnnxRuntime)?,
        model: pack.verified_path(ModelRole::Embedder)?,
        tokenizer: pack.verified_path(ModelRole::EmbedderTokenizer)?,
        config: pack.verified_path(ModelRole::EmbedderConfig)?,
        tokenizer_config: pack.verified_path(ModelRole::EmbedderTokenizerConfig)?,
        special_tokens_map: pack.verified_path(ModelRole::EmbedderSpecialTokens)?,
        sha256: pack.entry(ModelRole::Embedder)?.sha256.clone(),
    };
    Ok(Box::new(OnnxEmbedder::load(&files, all_cores(threads))?))
}

/// As many threads as asked for, or as there are cores.
fn all_cores(threads: Option<usize>) -> usize {
    threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).max(1)
}

/// The pack's reader of evidence.
pub(crate) fn reader(models: &Path, threads: Option<usize>) -> Result<Box<dyn Reader>> {
    let pack = ModelPack::open(models)?;
    let files = ReaderFiles {
        runtime_library: pack.verified_path(ModelRole::OnnxRuntime)?,
        model: pack.verified_path(ModelRole::Reader)?,
        tokenizer: pack.verified_path(ModelRole::EmbedderTokenizer)?,
    };
    Ok(Box::new(OnnxReader::load(&files, all_cores(threads))?))
}

/// The language model of that name, or the one in use.
pub(crate) fn generator(
    models: &Path,
    name: Option<&str>,
    device: DevicePreference,
) -> Result<LoadedGenerator> {
    let pack = ModelPack::open(models)?;
    let entry = pack.generator(name)?;
    let tokenizer = match pack.tokenizer_of(entry) {
        Some(tokenizer) => Some(pack.check(tokenizer)?),
        None => None,
    };
    let files = ModelFiles {
        name: entry.name.clone(),
        gguf: pack.check(entry)?,
        tokenizer,
        sha256: entry.sha256.clone(),
    };
    let generator = CandleGenerator::load(&files, device)?;
    Ok(LoadedGenerator { generator: Mutex::new(Box::new(generator)), file_sha256: files.sha256 })
}

/// The pack's PDF library; `None` where the pack has none, or there is no pack: PDFs are then read by the built-in
/// reader alone. A library that was altered is an error, not a fall-back.
pub(crate) fn pdf_library(models: &Path) -> Result<Option<PathBuf>> {
    where_there(ModelPack::open(models).and_then(|pack| pack.verified_path(ModelRole::PdfLibrary)))
}

/// The pack's files for recognising text; `None` where the pack lacks one of them, or there is no pack: pages that are
/// pictures then stay without text. A file that was altered is an error.
pub(crate) fn ocr_files(models: &Path) -> Result<Option<OcrFiles>> {
    let files = || {
        let pack = ModelPack::open(models)?;
        Ok(OcrFiles {
            runtime_library: pack.verified_path(ModelRole::OnnxRuntime)?,
            detector: pack.verified_path(ModelRole::OcrDetector)?,
            reader: pack.verified_path(ModelRole::OcrReader)?,
        })
    };
    where_there(files())
}

/// What of a pack may be absent; a file that is there and altered is an error.
fn where_there<T>(found: std::result::Result<T, ModelPackError>) -> Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(ModelPackError::NoPack { .. } | ModelPackError::NoRole { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The text recognition of a child process, on one thread: the children share the cores.
pub(crate) fn open_recognizer(files: &OcrFiles) -> std::result::Result<Box<dyn TextRecognizer>, String> {
    let files = RecognizerFiles {
        runtime_library: files.runtime_library.clone(),
        detector: files.detector.clone(),
        reader: files.reader.clone(),
    };
    let recognizer = OnnxRecognizer::load(&files, 1).map_err(|error| error.to_string())?;
    Ok(Box::new(recognizer))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|source| EngineError::Io {
        path: path.to_owned(),
        source,
        hint: "check the drive, or install Citadel again",
    })
}
