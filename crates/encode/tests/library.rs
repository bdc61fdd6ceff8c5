#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
//! Files that are no ONNX Runtime. A process of its own, because the first library that loads is the process's last.

use std::process::Command;

use citadel_encode::{EmbedderFiles, OnnxEmbedder, TELEMETRY_OFF};

#[test]
fn what_is_no_onnx_runtime_is_an_error_not_a_panic() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let mut candidates =
        vec![file("text.so", b"no library"), file("empty.so", b""), file("elf.so", b"\x7fELF\x02\x01\x01")];
    // A real library of another kind: the C library that this test runs on.
    let other = ["/lib/x86_64-linux-gnu/libm.so.6", "/lib/aarch64-linux-gnu/libm.so.6", "/lib64/libm.so.6"];
    candidates.extend(other.iter().map(std::path::PathBuf::from).find(|path| path.is_file()));
    for library in candidates {
        let name = library.file_name().unwrap().to_string_lossy().into_owned();
        let files = EmbedderFiles {
            runtime_library: library,
            model: file("model.onnx", b""),
            tokenizer: file("tokenizer.json", b""),
            config: file("config.json", b""),
            tokenizer_config: file("tokenizer_config.json", b""),
            special_tokens_map: file("special_tokens_map.json", b""),
            sha256: String::new(),
        };
        let error = OnnxEmbedder::load(&files, 1).err().expect("it should not load");
        if std::env::var_os(TELEMETRY_OFF.0).is_none() {
            assert_eq!(error.code(), "onnx_runtime_telemetry", "{error}");
            return;
        }
        assert_eq!(error.code(), "onnx_runtime_library", "{error}");
        assert!(error.to_string().contains(&name), "{error}");
    } // Once more as a process that may report home: it does not come to loading.
    let me = std::env::current_exe().unwrap();
    assert!(Command::new(me).env_remove(TELEMETRY_OFF.0).status().unwrap().success());
}
