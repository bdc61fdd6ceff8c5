//! The small language model on candle: GGUF, chat template, sampling, streaming
