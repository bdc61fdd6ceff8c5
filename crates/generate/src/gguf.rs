//! Reading a GGUF file: its metadata with clear errors, and its tensors checked against the shapes expected of them.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use candle_core::quantized::gguf_file::{Content, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};

use crate::GenerateError;

/// An open GGUF file. Tensors are read once, on demand; [`Gguf::unread`] tells which nobody asked for.
pub(crate) struct Gguf {
    pub(crate) path: PathBuf,
    content: Content,
    file: BufReader<File>,
    read: BTreeSet<String>,
}

impl Gguf {
    /// Opens the file and reads its header.
    pub(crate) fn open(path: &Path) -> Result<Self, GenerateError> {
        let io = |source| GenerateError::Io { path: path.to_owned(), source };
        let file = File::open(path).map_err(io)?;
        let mut file = BufReader::new(file);
        let damaged = |reason: String| GenerateError::Damaged { path: path.to_owned(), reason };
        // The header reader checks lengths, but still divides by an alignment of 0 and multiplies dimensions
        // unchecked; an altered file must not take the process down.
        let content = catch_unwind(AssertUnwindSafe(|| Content::read(&mut file)))
            .map_err(|_| damaged("its header is inconsistent".to_owned()))?
            .map_err(|e| damaged(e.to_string()))?;
        Ok(Self { path: path.to_owned(), content, file, read: BTreeSet::new() })
    }

    pub(crate) fn damaged(&self, reason: impl Into<String>) -> GenerateError {
        GenerateError::Damaged { path: self.path.clone(), reason: reason.into() }
    }

    pub(crate) fn unsupported(&self, reason: impl Into<String>) -> GenerateError {
        GenerateError::Unsupported { path: self.path.clone(), reason: reason.into() }
    }

    pub(crate) fn string(&self, key: &str) -> Option<&str> {
        match self.content.metadata.get(key) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        match self.content.metadata.get(key) {
            Some(Value::Bool(flag)) => Some(*flag),
            _ => None,
        }
    }

    pub(crate) fn float(&self, key: &str) -> Option<f32> {
        match self.content.metadata.get(key) {
            Some(Value::F32(number)) => Some(*number),
            Some(Value::F64(number)) => Some(*number as f32),
            _ => None,
        }
    }

    /// A whole number that is not negative, of whatever width the file gives it.
    pub(crate) fn number(&self, key: &str) -> Option<usize> {
        self.content.metadata.get(key).and_then(whole)
    }

    /// Like [`Gguf::number`], where the model cannot do without.
    pub(crate) fn require(&self, key: &str) -> Result<usize, GenerateError> {
        self.number(key).ok_or_else(|| self.damaged(format!("its metadata lacks the number {key}")))
    }

    pub(crate) fn strings(&self, key: &str) -> Option<Vec<&str>> {
        let Some(Value::Array(items)) = self.content.metadata.get(key) else { return None };
        items
            .iter()
            .map(|item| if let Value::String(text) = item { Some(text.as_str()) } else { None })
            .collect()
    }

    pub(crate) fn numbers(&self, key: &str) -> Option<Vec<usize>> {
        let Some(Value::Array(items)) = self.content.metadata.get(key) else { return None };
        items.iter().map(whole).collect()
    }

    pub(crate) fn float_array(&self, key: &str) -> Option<Vec<f32>> {
        let Some(Value::Array(items)) = self.content.metadata.get(key) else { return None };
        items.iter().map(|item| if let Value::F32(number) = item { Some(*number) } else { None }).collect()
    }

    pub(crate) fn has_tensor(&self, name: &str) -> bool {
        self.content.tensor_infos.contains_key(name)
    }

    pub(crate) fn shape(&self, name: &str) -> Option<Vec<usize>> {
        self.content.tensor_infos.get(name).map(|info| info.shape.dims().to_vec())
    }

    /// Type and shape of every tensor.
    pub(crate) fn tensors(&self) -> impl Iterator<Item = (GgmlDType, &[usize])> {
        self.content.tensor_infos.values().map(|info| (info.ggml_dtype, info.shape.dims()))
    }

    /// Reads a tensor and checks its shape, as rows × columns of the matrix it is.
    pub(crate) fn tensor(
        &mut self,
        name: &str,
        shape: &[usize],
        device: &Device,
    ) -> Result<QTensor, GenerateError> {
        let Some(info) = self.content.tensor_infos.get(name) else {
            return Err(self.damaged(format!("it lacks the tensor {name}")));
        };
        if info.shape.dims() != shape {
            let found = info.shape.dims().to_vec();
            return Err(
                self.damaged(format!("the tensor {name} has the shape {found:?} instead of {shape:?}"))
            );
        }
        // A row of a quantized matrix must be whole blocks; the library only checks the product.
        let (kind, block) = (info.ggml_dtype, info.ggml_dtype.block_size());
        if kind != GgmlDType::F32 && shape.last().is_some_and(|&columns| columns % block != 0) {
            return Err(self.damaged(format!("rows of the tensor {name} are no whole blocks of {kind:?}")));
        }
        let tensor = catch_unwind(AssertUnwindSafe(|| {
            info.read(&mut self.file, self.content.tensor_data_offset, device)
        }));
        let tensor = tensor
            .map_err(|_| self.damaged(format!("the tensor {name} cannot be read")))?
            .map_err(|e| self.damaged(format!("tensor {name}: {e}")))?;
        self.read.insert(name.to_owned());
        Ok(tensor)
    }

    /// A tensor as 32-bit floats.
    pub(crate) fn floats(
        &mut self,
        name: &str,
        shape: &[usize],
        device: &Device,
    ) -> Result<Tensor, GenerateError> {
        Ok(self.tensor(name, shape, device)?.dequantize(device)?)
    }

    /// The first tensor that was never read. A decoder that skips a bias or a scale would still write fluent text,
    /// only the wrong one.
    pub(crate) fn unread(&self) -> Option<&str> {
        self.content.tensor_infos.keys().filter(|name| !self.read.contains(*name)).min().map(String::as_str)
    }
}

fn whole(value: &Value) -> Option<usize> {
    match *value {
        Value::U8(n) => Some(n.into()),
        Value::U16(n) => Some(n.into()),
        Value::U32(n) => usize::try_from(n).ok(),
        Value::U64(n) => usize::try_from(n).ok(),
        Value::I8(n) => usize::try_from(n).ok(),
        Value::I16(n) => usize::try_from(n).ok(),
        Value::I32(n) => usize::try_from(n).ok(),
        Value::I64(n) => usize::try_from(n).ok(),
        _ => None,
    }
}
