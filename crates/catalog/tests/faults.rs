//! Files that are not what they should be, a process that dies in the middle, and the journal that takes it up.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use citadel_catalog::{Catalog, DocumentFilter, JobFile, JobFileState};
use common::{plain, stage, vault};

fn code(path: &Path) -> Option<&'static str> {
    Catalog::open(path).err().map(|error| {
        assert!(error.to_string().contains(&*path.to_string_lossy()), "{error}");
        error.code()
    })
}

/// A closed catalog with twenty documents, one file.
fn closed() -> (tempfile::TempDir, std::path::PathBuf) {
    let mut vault = vault();
    for n in 0..20 {
        vault.ingest(&format!("/{n}"), &plain("A", &format!("document {n} ").repeat(200)), n);
    }
    vault.catalog.scrub().unwrap();
    let file = vault.file();
    let common::Vault { folder, catalog } = vault;
    drop(catalog);
    (folder, file)
}

fn overwrite(file: &Path, at: u64, bytes: &[u8]) {
    let mut handle = std::fs::OpenOptions::new().write(true).open(file).unwrap();
    handle.seek(SeekFrom::Start(at)).unwrap();
    handle.write_all(bytes).unwrap();
}

#[test]
fn a_newer_file_is_refused_by_both_numbers_and_left_alone() {
    let (_folder, file) = closed();
    // `user_version` stands at byte 60 of the header, big-endian.
    overwrite(&file, 60, &77u32.to_be_bytes());
    let before = std::fs::read(&file).unwrap();
    let error = Catalog::open(&file).map(drop).unwrap_err();
    assert_eq!(error.code(), "newer_version");
    assert!(error.to_string().contains("schema 77") && error.to_string().contains("knows 2"), "{error}");
    assert!(std::fs::read(&file).unwrap() == before);
}

#[test]
fn a_file_that_is_no_catalog_is_told_by_its_kind() {
    let (folder, file) = closed();
    let length = std::fs::metadata(&file).unwrap().len();
    let whole = std::fs::read(&file).unwrap();
    let check = |expected: Option<&str>, change: &dyn Fn()| {
        std::fs::write(&file, &whole).unwrap();
        change();
        assert_eq!(code(&file), expected);
    };
    check(None, &|| {});
    check(Some("damaged"), &|| std::fs::write(&file, "not a database at all").unwrap());
    check(Some("damaged"), &|| std::fs::write(&file, "not a database at all. ".repeat(1000)).unwrap());
    check(Some("damaged"), &|| overwrite(&file, 0, &[0xff; 64]));
    check(Some("damaged"), &|| {
        std::fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(length / 2).unwrap();
    });
    check(Some("damaged"), &|| overwrite(&file, 100, &[0xff; 400]));
    check(Some("not_a_catalog"), &|| overwrite(&file, 68, &1u32.to_be_bytes()));
    check(None, &|| std::fs::write(&file, "").unwrap()); // empty is new
    assert_eq!(code(&folder.path().join("no such folder/catalog.sqlite")), Some("not_writable"));
    assert_eq!(code(folder.path()), Some("not_writable"));
}

#[test]
fn a_changed_byte_is_found_by_the_check() {
    let (_folder, file) = closed();
    let mut bytes = Vec::new();
    std::fs::File::open(&file).unwrap().read_to_end(&mut bytes).unwrap();
    let needle = b"document 7 document 7 ";
    let at = bytes.windows(needle.len()).position(|window| window == needle).unwrap();
    overwrite(&file, at as u64, b"X");
    let catalog = Catalog::open(&file).unwrap();
    let findings = catalog.integrity_check().unwrap();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].contains("content of version"), "{findings:?}");
}

#[test]
fn damage_inside_is_reported_when_it_is_read() {
    let (_folder, file) = closed();
    let length = std::fs::metadata(&file).unwrap().len();
    // All but the first page, which holds the schema.
    overwrite(&file, 4096, &vec![0xa5; (length - 4096) as usize]);
    let outcome = Catalog::open(&file).and_then(|catalog| catalog.documents(&DocumentFilter::default()));
    assert_eq!(outcome.map_err(|error| error.code()), Err("damaged"));
}

#[test]
fn a_folder_that_may_only_be_read_is_named() {
    let (folder, file) = closed();
    let set = |path: &Path, readonly: bool| {
        let mut permissions = std::fs::metadata(path).unwrap().permissions();
        permissions.set_readonly(readonly);
        std::fs::set_permissions(path, permissions).unwrap();
    };
    set(&file, true);
    set(folder.path(), true);
    let enforced = std::fs::write(folder.path().join("probe"), "").is_err();
    if enforced {
        assert_eq!(code(&file), Some("not_writable"));
        assert_eq!(code(&folder.path().join("new.sqlite")), Some("not_writable"));
    } else {
        println!("skipped: this user may write to read-only folders");
    }
    set(folder.path(), false);
}

/// A process that dies leaves the file and its log as they are at that moment: a copy of the folder is that.
#[test]
fn a_folder_copied_at_any_moment_has_only_whole_documents() {
    let mut vault = vault();
    let text = |n: usize| format!("document {n} ").repeat(50 + n);
    let staged =
        |catalog: &mut Catalog, n: usize| stage(catalog, &format!("/{n}"), &plain("A", &text(n)), 300, 1);
    for n in 0..30 {
        let one = staged(&mut vault.catalog, n);
        if n % 3 != 0 {
            vault.catalog.publish(&[one.version_id], 2).unwrap();
        }
        let copy = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir(vault.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "sqlite-shm") {
                std::fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
            }
        }
        // The last transaction half written: the log is cut inside it.
        let log = copy.path().join("catalog.sqlite-wal");
        let length = std::fs::metadata(&log).unwrap().len();
        std::fs::OpenOptions::new().write(true).open(&log).unwrap().set_len(length - length.min(10)).unwrap();
        let catalog = Catalog::open(&copy.path().join("catalog.sqlite")).unwrap();
        let mut after = common::Vault { folder: copy, catalog };
        after.sound();
        after.replay(3);
        for m in 0..=n {
            staged(&mut after.catalog, m);
        }
        after.replay(4);
        after.sound();
        let documents = after.catalog.documents(&DocumentFilter::default()).unwrap();
        assert_eq!(documents.len(), n + 1);
        for document in documents {
            let m: usize = document.path.trim_start_matches("./").trim_start_matches('/').parse().unwrap();
            assert_eq!(after.catalog.text(document.version_id).unwrap(), text(m));
        }
    }
}

#[test]
fn another_connection_sees_published_documents_and_none_half_done() {
    let mut vault = vault();
    let reader = Catalog::open(&vault.file()).unwrap();
    let one = vault.stage("/a", &plain("A", "one"), 40, 1);
    assert_eq!(reader.current_versions().unwrap(), Vec::<i64>::new());
    vault.catalog.publish(&[one.version_id], 1).unwrap();
    assert_eq!(reader.current_versions().unwrap(), [one.version_id]);
}

#[test]
fn a_job_is_resumed_where_it_ended() {
    let mut vault = vault();
    let file = |n: &str| JobFile {
        key: format!("/x/{n}"),
        path: format!("x/{n}"),
        depth: Some(2),
        state: JobFileState::Pending,
    };
    let files = ["a", "b", "c"].map(file);
    let job = vault.catalog.begin_job(&["x".to_owned()], "law", 7).unwrap();
    vault.catalog.add_job_files(job, &files[..2]).unwrap();
    vault.catalog.job_files_done(job, &[("/x/a".to_owned(), JobFileState::Done.clone())]).unwrap();
    vault.catalog.add_job_files(job, &files).unwrap();
    let failed = JobFileState::Failed { code: "encrypted".to_owned(), reason: "needs a password".to_owned() };
    vault.catalog.job_files_done(job, &[("/x/b".to_owned(), failed.clone())]).unwrap();

    let mut vault = vault.reopen();
    let jobs = vault.catalog.unfinished_jobs().unwrap();
    assert_eq!(jobs.len(), 1);
    assert_eq!((jobs[0].id, jobs[0].begun_at, jobs[0].done, jobs[0].total), (job, 7, 2, 3));
    assert_eq!((jobs[0].paths.clone(), jobs[0].collection.as_str()), (vec!["x".to_owned()], "law"));
    let found = vault.catalog.job_files(job).unwrap();
    assert!(found.iter().all(|file| file.depth == Some(2)));
    let states: Vec<JobFileState> = found.into_iter().map(|file| file.state).collect();
    assert_eq!(states, [JobFileState::Done, failed, JobFileState::Pending]);
    let missing =
        vault.catalog.job_files_done(job, &[("/x/z".to_owned(), JobFileState::Done.clone())]).unwrap_err();
    assert_eq!(missing.code(), "not_found");
    assert_eq!(vault.catalog.add_job_files(job + 1, &files).unwrap_err().code(), "not_found");
    vault.catalog.stop_job(job, 9).unwrap();
    assert_eq!(vault.catalog.unfinished_jobs().unwrap()[0].stopped_at, Some(9));
    vault.catalog.end_job(job).unwrap();
    assert_eq!(vault.catalog.unfinished_jobs().unwrap(), []);
    assert_eq!(vault.catalog.job_files(job).unwrap(), []);
}
