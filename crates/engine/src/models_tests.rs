#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use super::*;

const MODEL: &[u8] = b"not a model, but bytes enough to be checked";

/// A pack of one embedder and the licence beside it.
fn pack(dir: &Path) {
    fs::write(dir.join("embedder.onnx"), MODEL).unwrap();
    fs::write(dir.join("LICENSE.txt"), b"as is").unwrap();
    let entry = |role: &str, file: &str, bytes: &[u8]| {
        serde_json::json!({
            "name": "m", "role": role, "file": file, "bytes": bytes.len(), "sha256": hex(&Sha256::digest(bytes)),
            "licence": "MIT", "source": "test", "dimensions": 384, "from_a_later_version": true,
        })
    };
    let manifest = serde_json::json!({"format": 1, "recipe": "r", "entries": [
        entry("embedder", "embedder.onnx", MODEL),
        entry("licence", "LICENSE.txt", b"as is"),
        entry("role_of_a_later_version", "LICENSE.txt", b"as is"),
    ]});
    fs::write(dir.join(MANIFEST), serde_json::to_vec(&manifest).unwrap()).unwrap();
}

/// Opens the pack after `fault` was done to it and asks for the embedder: the path's file name, or the error's code and
/// what its message must contain.
fn check(fault: impl FnOnce(&Path), expected: Result<&str, (&str, &str)>) {
    let dir = tempfile::tempdir().unwrap();
    pack(dir.path());
    fault(dir.path());
    let found = ModelPack::open(dir.path()).and_then(|pack| pack.verified_path(ModelRole::Embedder));
    match (&found, expected) {
        (Ok(path), Ok(name)) => {
            assert!(path.is_absolute());
            assert_eq!(path.file_name().unwrap(), name);
        }
        (Err(error), Err((code, part))) => {
            assert_eq!(error.code(), code, "{error}");
            assert!(error.to_string().contains(part), "{error} should contain {part:?}");
        }
        _ => panic!("{found:?} instead of {expected:?}"),
    }
}

fn edit(dir: &Path, from: &str, to: &str) {
    let path = dir.join(MANIFEST);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn only_what_the_manifest_describes_is_given_out() {
    let model = |dir: &Path| dir.join("embedder.onnx");
    check(|_| {}, Ok("embedder.onnx"));
    check(|d| fs::remove_file(model(d)).unwrap(), Err(("model_file_missing", "embedder.onnx")));
    check(|d| fs::write(model(d), &MODEL[1..]).unwrap(), Err(("model_file_size", "xtask setup")));
    check(
        |d| {
            let mut bytes = MODEL.to_vec();
            bytes[7] ^= 1;
            fs::write(model(d), bytes).unwrap();
        },
        Err(("model_file_altered", "embedder.onnx")),
    );
    check(|d| edit(d, "\"embedder\"", "\"reranker\""), Err(("model_role_missing", "Embedder")));
    check(|d| fs::remove_file(d.join(MANIFEST)).unwrap(), Err(("model_pack_missing", "xtask setup")));
    check(
        |d| fs::write(d.join(MANIFEST), "{\"format\": 1,").unwrap(),
        Err(("model_pack_manifest", "line 1")),
    );
    check(|d| fs::write(d.join(MANIFEST), "").unwrap(), Err(("model_pack_manifest", MANIFEST)));
    check(|d| edit(d, "\"format\":1", "\"format\":2"), Err(("model_pack_format", "format 2")));
    check(|d| edit(d, "\"format\":1", "\"format\":-1"), Err(("model_pack_manifest", "-1")));
    check(|d| fs::write(d.join(ADDED), "[]").unwrap(), Err(("model_pack_manifest", ADDED)));
}

#[test]
fn names_that_lead_out_of_the_folder_are_refused() {
    for name in [
        "../embedder.onnx",
        "/embedder.onnx",
        "a/embedder.onnx",
        "..",
        ".",
        "",
        "a\\\\b",
        "C:embedder.onnx",
        "./embedder.onnx",
    ] {
        let written = format!("\"{name}\"");
        check(|d| edit(d, "\"embedder.onnx\"", &written), Err(("model_pack_file_name", "plain file name")));
    }
}

#[test]
fn verify_reports_each_file_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    pack(dir.path());
    fs::write(dir.path().join("LICENSE.txt"), b"as it").unwrap();
    let pack = ModelPack::open(dir.path()).unwrap();
    let mut seen = Vec::new();
    let report = pack.verify(&mut |entry| seen.push(entry.file.clone()));
    let codes: Vec<_> = report.iter().map(|(_, r)| r.as_ref().err().map(ModelPackError::code)).collect();
    assert_eq!(codes, [None, Some("model_file_altered"), Some("model_file_altered")]);
    assert_eq!(seen, ["embedder.onnx", "LICENSE.txt", "LICENSE.txt"]);
}

#[test]
fn an_added_model_is_there_after_the_pack_was_prepared_again() {
    let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    pack(dir.path());
    let gguf = elsewhere.path().join("Bigger-Q4_K_M.gguf");
    fs::write(&gguf, b"GGUF\x03\0\0\0and the rest").unwrap();
    let tokenizer = elsewhere.path().join("tokenizer.json");
    fs::write(&tokenizer, b"{}").unwrap();

    let mut opened = ModelPack::open(dir.path()).unwrap();
    assert_eq!(
        opened.add(&gguf).unwrap_err().code(),
        "model_unusable",
        "it is looked into before it is copied"
    );
    let added = opened.register(&gguf, "Bigger-Q4_K_M", Some(&tokenizer)).unwrap();
    assert_eq!((added.name.as_str(), added.bytes), ("Bigger-Q4_K_M", 20));
    assert_eq!(opened.register(&gguf, "Bigger-Q4_K_M", None).unwrap_err().code(), "model_exists");
    assert_eq!(opened.choose("Bigger").unwrap_err().code(), "model_unknown");
    assert_eq!(opened.choose("Bigger-Q4_K_M").unwrap().file, "Bigger-Q4_K_M.gguf");

    pack(dir.path());
    let opened = ModelPack::open(dir.path()).unwrap();
    let generator = opened.entry(ModelRole::Generator).unwrap();
    assert!(opened.check(generator).is_ok());
    assert_eq!(opened.generator(None).unwrap().file, "Bigger-Q4_K_M.gguf", "it still answers");
    assert_eq!(opened.generator(Some("none")).unwrap_err().code(), "model_unknown");
    assert_eq!(opened.tokenizer_of(generator).unwrap().file, "Bigger-Q4_K_M.tokenizer.json");
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("partial")), "{left:?}");
}

#[test]
fn what_is_added_to_an_installed_pack_lies_with_the_user() {
    let (dir, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    pack(dir.path());
    edit(dir.path(), r#""format":1"#, r#""format":1,"installed":true"#);
    let own = home.path().join("citadel/models");
    let before = fs::read_dir(dir.path()).unwrap().count();
    let gguf = home.path().join("Bigger.gguf");
    fs::write(&gguf, b"GGUF\x03\0\0\0and the rest").unwrap();

    let open = || ModelPack::open_for(dir.path(), Some(own.clone())).unwrap();
    let mut opened = open();
    assert!(!own.exists(), "nothing is made before something is added");
    opened.register(&gguf, "Bigger", None).unwrap();
    opened.choose("Bigger").unwrap();
    let opened = open();
    let added = opened.generator(None).unwrap();
    assert_eq!(opened.check(added).unwrap(), own.join("Bigger.gguf"));
    assert!(opened.is_complete().is_ok());
    assert!(opened.verified_path(ModelRole::Embedder).unwrap().starts_with(dir.path()));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), before, "the pack itself is as it was");
}

#[test]
fn what_is_no_model_is_not_added() {
    let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    pack(dir.path());
    let before = fs::read_dir(dir.path()).unwrap().count();
    for bytes in [&b""[..], b"GGU", b"GGUF\x01\0\0\0", b"PK\x03\x04----"] {
        let path = elsewhere.path().join("x.gguf");
        fs::write(&path, bytes).unwrap();
        let error = ModelPack::open(dir.path()).unwrap().add(&path).unwrap_err();
        assert_eq!(error.code(), "model_not_gguf");
    }
    let missing = ModelPack::open(dir.path()).unwrap().add(&elsewhere.path().join("none.gguf")).unwrap_err();
    assert_eq!(missing.code(), "io");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), before);
}

#[test]
fn what_was_added_takes_nothing_from_an_installed_pack() {
    let (dir, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    pack(dir.path());
    edit(dir.path(), r#""format":1"#, r#""format":1,"installed":true"#);
    let own = home.path().join("models");
    let gguf = home.path().join("Bigger.gguf");
    fs::write(&gguf, b"GGUF\x03\0\0\0and the rest").unwrap();
    let open = || ModelPack::open_for(dir.path(), Some(own.clone()));
    open().unwrap().register(&gguf, "Bigger", None).unwrap();
    open().unwrap().choose("Bigger").unwrap();

    // The user's file is gone: it is missed only where it is to answer.
    fs::remove_file(own.join("Bigger.gguf")).unwrap();
    assert!(open().unwrap().is_complete().is_ok());
    assert_eq!(
        open().unwrap().check(open().unwrap().generator(None).unwrap()).unwrap_err().code(),
        "model_file_missing"
    );
    // A later pack brings a file of that name: it is the pack's own then.
    let entry = r#"{"name":"Bigger","role":"generator","file":"Bigger.gguf","bytes":3,"sha256":"00","licence":"MIT","source":"t"},"#;
    edit(dir.path(), r#""entries":["#, &format!(r#""entries":[{entry}"#));
    fs::write(dir.path().join("Bigger.gguf"), b"abc").unwrap();
    assert!(open().unwrap().is_complete().is_ok());
    // What the user chose is no longer there, or the list is no list.
    fs::write(own.join(ADDED), r#"{"format":1,"chosen":"gone","entries":[]}"#).unwrap();
    assert_eq!(open().unwrap().generator(None).unwrap().name, "Bigger");
    fs::write(own.join(ADDED), "{").unwrap();
    assert_eq!(open().unwrap().generator(None).unwrap().name, "Bigger");
}
