//! The ONNX encoders: 384-dimension passage and query embeddings
