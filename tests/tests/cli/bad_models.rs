//! A model pack that is not there, cut short or altered: the error names the file and says how to mend it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Trial;

use crate::support::{Vault, files, files_below, folder, models, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("bad_models::no_pack", no_pack),
        trial("bad_models::damaged_files", damaged_files),
        trial("bad_models::other_embedder", other_embedder),
    ]
}

const NOTE: (&str, &[u8]) = ("note.txt", b"The mooring at the north quay costs forty pounds.");
const QUESTION: &str = "What does the mooring at the north quay cost?";

/// The pack, by hard links where the file system allows them.
fn pack() -> PathBuf {
    let pack = folder("pack");
    for file in files_below(&models()).iter().filter(|f| f.parent() == Some(&models())) {
        let copy = pack.join(file.file_name().unwrap());
        if fs::hard_link(file, &copy).is_err() {
            fs::copy(file, &copy).unwrap();
        }
    }
    pack
}

fn no_pack() {
    let (mut vault, corpus) = Vault::with(&[NOTE]);
    vault.models = folder("no-pack").join("models");
    let name = vault.models.to_str().unwrap().to_owned();
    let corpus = corpus.to_str().unwrap();
    for verb in [
        &["search", "mooring"][..],
        &["ask", QUESTION],
        &["ingest", corpus],
        &["check", "--batch", "/dev/null"],
        &["models"],
        &["models", "verify"],
    ] {
        vault.run(verb).refused(&["no model pack", &name, "cargo xtask setup"]);
    }
    let report = vault.run(&["doctor", "--json"]).ended(1).json();
    assert!(report.to_string().contains("no model pack"), "{report}");
    // What needs no model works without one.
    assert_eq!(vault.documents().len(), 1);
    assert!(vault.run(&["search", "mooring", "--mode", "keyword"]).done().stdout.contains("forty pounds"));
    vault.run(&["answers"]).done();
}

fn damaged_files() {
    let (mut vault, corpus) = Vault::with(&[NOTE]);
    let manual = folder("manual").join("valve.pdf");
    fs::write(&manual, files::labelled_pdf(files::VALVE)).unwrap();
    let manual = manual.to_str().unwrap();
    let cut = |file: &Path| {
        let bytes = fs::read(file).unwrap();
        fs::remove_file(file).unwrap();
        fs::write(file, &bytes[..bytes.len() - 1]).unwrap();
    };
    let alter = |file: &Path| {
        let mut bytes = fs::read(file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::remove_file(file).unwrap();
        fs::write(file, &bytes).unwrap();
    };
    let lose = |file: &Path| fs::remove_file(file).unwrap();
    let mut check = |file: &str, damage: &dyn Fn(&Path), said: &str, needs: &[&str], works: &[&str]| {
        vault.models = pack();
        damage(&vault.models.join(file));
        let words = [file, said, "cargo xtask setup"];
        vault.run(needs).refused(&words);
        vault.run(works).done();
        vault.run(&["models", "verify"]).ended(1).complains(&words);
        let verified = vault.run(&["models", "verify", "--json"]).ended(1).json();
        let bad: Vec<_> = verified.as_array().unwrap().iter().filter(|f| f["ok"] == false).collect();
        assert!(bad.len() == 1 && bad[0]["file"] == file, "{bad:?}");
        let report = vault.run(&["doctor", "--json"]).ended(1).json();
        assert!(report.to_string().contains(said), "{report}");
    };
    let keyword = &["search", "mooring", "--mode", "keyword"][..];
    let generator = "SmolLM2-135M-Instruct-Q8_0.gguf";
    let quote = &["ask", QUESTION, "--mode", "quote"][..];
    check("embedder.onnx", &cut, "was cut short or replaced", &["search", "x"], keyword);
    check("embedder.tokenizer.json", &lose, "is missing", &["search", "x"], keyword);
    check("embedder.config.json", &alter, "was altered", &["search", "x"], keyword);
    check("libonnxruntime.so", &alter, "was altered", &["ask", "x"], keyword);
    check("libpdfium.so", &alter, "was altered", &["ingest", manual], quote);
    check(generator, &cut, "was cut short or replaced", &["ask", QUESTION], quote);
    check("SmolLM2-135M-Instruct-Q8_0.tokenizer.json", &alter, "was altered", &["ask", QUESTION], quote);

    for (manifest, words) in [
        ("no manifest", &["cannot be read as a manifest", "cargo xtask setup"][..]),
        (r#"{"format": 9, "entries": []}"#, &["format 9", "cargo xtask setup"]),
        (r#"{"format": 1, "entries": []}"#, &["no file for the role", "cargo xtask setup"]),
    ] {
        vault.models = pack();
        let file = vault.models.join("manifest.json");
        fs::remove_file(&file).unwrap();
        fs::write(&file, manifest).unwrap();
        vault.run(&["search", "x"]).refused(words);
        vault.run(&["ingest".as_ref(), corpus.as_os_str()]).refused(words);
    }
    assert_eq!(vault.documents().len(), 1);
}

/// A vault is not written by two embedding models.
fn other_embedder() {
    let (mut vault, corpus) = Vault::with(&[NOTE]);
    vault.models = pack();
    // The same model under another name of its content: an entry more at the end of the file changes nothing else.
    let onnx = vault.models.join("embedder.onnx");
    let manifest = vault.models.join("manifest.json");
    let mut bytes = fs::read(&onnx).unwrap();
    // A protobuf field that no ONNX reader knows: number 1000, length 1.
    bytes.extend([0xc2, 0x3e, 1, b'x']);
    fs::remove_file(&onnx).unwrap();
    fs::write(&onnx, &bytes).unwrap();
    let mut entries: serde_json::Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
    let list = entries["entries"].as_array_mut().unwrap();
    let entry = list.iter_mut().find(|e| e["role"] == "embedder").unwrap();
    entry["bytes"] = bytes.len().into();
    // What it is now, the pack itself says.
    fs::remove_file(&manifest).unwrap();
    fs::write(&manifest, entries.to_string()).unwrap();
    let told = vault.run(&["search", "x"]).refused(&["embedder.onnx", "was altered"]).stderr;
    let found = told.split("its SHA-256 is ").nth(1).unwrap().split(',').next().unwrap();
    let list = entries["entries"].as_array_mut().unwrap();
    list.iter_mut().find(|e| e["role"] == "embedder").unwrap()["sha256"] = found.into();
    fs::write(&manifest, entries.to_string()).unwrap();

    let words = ["the embedding model", "--models"];
    vault.run(&["search", "mooring"]).refused(&words);
    vault.run(&["ask", QUESTION]).refused(&words);
    vault.run(&["ingest".as_ref(), corpus.as_os_str()]).refused(&words);
    vault.models = models();
    assert!(vault.run(&["search", "mooring"]).done().stdout.contains("forty pounds"));
    let arguments = ["ingest".as_ref(), corpus.as_os_str(), OsStr::new("--json")];
    assert_eq!(vault.run(&arguments).done().report()["unchanged"], 1);
}
