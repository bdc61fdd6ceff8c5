//! The program writes into its vault and the files it is told to write, and nowhere else.

use std::ffi::OsStr;

use libtest_mimic::Trial;

use crate::support::{Vault, files, files_below, folder, run, trial};

pub fn trials() -> Vec<Trial> {
    vec![trial("elsewhere::nothing_is_written_outside_the_vault", nothing_is_written_outside_the_vault)]
}

/// Every folder that a library could take for its own is a new, empty one, and stays so. ONNX Runtime's event recorder
/// writes into the user's cache folder where it is not switched off.
fn nothing_is_written_outside_the_vault() {
    let (vault, home, corpus) = (Vault::new(), folder("home"), folder("corpus"));
    std::fs::write(corpus.join("valve.pdf"), files::labelled_pdf(files::VALVE)).unwrap();
    std::fs::write(corpus.join("note.docx"), files::docx(&["The berth fee is 40 pounds."], 0)).unwrap();
    let id = |vault: &Vault| vault.id_of("note.docx");
    let away = |arguments: &[&OsStr]| {
        let mut command = vault.command(arguments);
        for name in [
            "HOME",
            "TMPDIR",
            "XDG_CACHE_HOME",
            "XDG_DATA_HOME",
            "XDG_CONFIG_HOME",
            "XDG_STATE_HOME",
            "XDG_RUNTIME_DIR",
        ] {
            command.env(name, &home);
        }
        run(command.env_remove("ORT_DISABLE_TELEMETRY").current_dir(&home)).done();
    };
    away(&["ingest".as_ref(), corpus.as_os_str()]);
    away(&["search", "berth"].map(OsStr::new));
    away(&["ask", "At what pressure does the Zorvex valve open?"].map(OsStr::new));
    away(&["documents", "remove", &id(&vault)].map(OsStr::new));
    away(&["doctor"].map(OsStr::new));
    assert_eq!(files_below(&home), Vec::<std::path::PathBuf>::new());
    assert_eq!(files_below(&corpus).len(), 2);
}
