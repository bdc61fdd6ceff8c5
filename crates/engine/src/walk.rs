//! From the paths a user names to the files that are to be read.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::events::FailedFile;

/// A file to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FoundFile {
    /// Absolute, links resolved: the same file is one source however it was named.
    pub absolute: PathBuf,
    /// As the user would name it: the argument, or the argument joined with the way below it.
    pub shown: String,
    /// How many folders lie between the one that the user named and the file; `None` where the file itself was named.
    pub depth: Option<u32>,
}

impl FoundFile {
    /// How the catalog names it. A path that is no UTF-8 is shown with replacement characters; two such paths could
    /// share a key, which is as if one were a newer version of the other.
    pub fn key(&self) -> String {
        self.absolute.to_string_lossy().into_owned()
    }

    /// The folders between the one that the user named and the file, outermost first.
    pub fn folders(&self) -> Vec<String> {
        let above = Path::new(&self.shown).parent().into_iter().flat_map(Path::components);
        let mut folders: Vec<String> =
            above.map(|name| name.as_os_str().to_string_lossy().into_owned()).collect();
        let depth = self.depth.and_then(|depth| usize::try_from(depth).ok()).unwrap_or(0);
        folders.split_off(folders.len().saturating_sub(depth))
    }
}

/// All files at and below `paths`, each once, in a stable order, and what could not be looked into. Hidden files and
/// folders below a named folder are left out, and so is the `vault` itself; to name it is reported. Links are followed;
/// one that leads back into itself is reported.
pub(crate) fn find_files(paths: &[PathBuf], vault: &Path) -> (Vec<FoundFile>, Vec<FailedFile>) {
    let vault = std::fs::canonicalize(vault).unwrap_or_else(|_| vault.to_owned());
    let mut found = Vec::new();
    let mut failed = Vec::new();
    let mut seen = HashSet::new();
    for root in paths {
        if std::fs::canonicalize(root).is_ok_and(|r| r.starts_with(&vault)) {
            failed.push(FailedFile {
                path: root.to_string_lossy().into_owned(),
                part: None,
                reason: "it is the vault itself, or lies in it; name the documents' own folder".to_owned(),
                code: "own_vault".to_owned(),
            });
            continue;
        }
        let walk = walkdir::WalkDir::new(root)
            .follow_links(true)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|e| e.depth() == 0 || !is_hidden(e.path()));
        for entry in walk {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {}
                Ok(entry) => match std::path::absolute(entry.path()).and_then(std::fs::canonicalize) {
                    Ok(absolute) => {
                        if !absolute.starts_with(&vault) && seen.insert(absolute.clone()) {
                            let shown = entry.path().to_string_lossy().into_owned();
                            // A file right in a named folder is at depth 1, with no folder in between.
                            let depth = entry.depth().checked_sub(1).and_then(|n| u32::try_from(n).ok());
                            found.push(FoundFile { absolute, shown, depth });
                        }
                    }
                    Err(source) => failed.push(io_failure(entry.path(), &source)),
                },
                Err(error) => failed.push(walk_failure(root, &error)),
            }
        }
    }
    (found, failed)
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'))
}

fn walk_failure(root: &Path, error: &walkdir::Error) -> FailedFile {
    let path = error.path().unwrap_or(root);
    if error.loop_ancestor().is_some() {
        return FailedFile {
            path: path.to_string_lossy().into_owned(),
            part: None,
            reason: "the link leads back into a folder above it; it was not followed".to_owned(),
            code: "symlink_loop".to_owned(),
        };
    }
    match error.io_error() {
        Some(source) => io_failure(path, source),
        None => io_failure(path, &std::io::Error::other("cannot be looked into")),
    }
}

/// A file-system error in the words of the report.
pub(crate) fn io_failure(path: &Path, source: &std::io::Error) -> FailedFile {
    use std::io::ErrorKind;
    let (code, hint) = match source.kind() {
        ErrorKind::NotFound => ("not_found", "check the spelling"),
        ErrorKind::PermissionDenied => ("unreadable", "give yourself the right to read it"),
        _ if source.raw_os_error() == Some(40) => ("symlink_loop", "mend the link"),
        _ => ("unreadable", "check the drive"),
    };
    FailedFile {
        path: path.to_string_lossy().into_owned(),
        part: None,
        reason: format!("{source}; {hint}"),
        code: code.to_owned(),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn each_file_once_hidden_left_out_loops_and_gaps_reported() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let vault = root.join("a/vault");
        std::fs::create_dir_all(root.join("a/.git")).unwrap();
        std::fs::create_dir(&vault).unwrap();
        std::fs::create_dir_all(root.join("b/c")).unwrap();
        for file in
            ["a/one.md", "a/.hidden", "a/.git/config", "a/vault/catalog.txt", "b/c/three.md", "two.md"]
        {
            std::fs::write(root.join(file), "x").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(root, root.join("a/loop")).unwrap();
        let (found, failed) = find_files(
            &[root.to_owned(), root.join("two.md"), root.join("missing.md"), vault.join("catalog.txt")],
            &vault,
        );
        let names: Vec<_> = found.iter().map(|f| f.absolute.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["one.md", "three.md", "two.md"]);
        let folders: Vec<_> = found.iter().map(FoundFile::folders).collect();
        assert_eq!(folders, [vec!["a"], vec!["b", "c"], vec![]]);
        let (alone, _) = find_files(&[root.join("b/c/three.md")], &vault);
        assert_eq!((alone[0].depth, alone[0].folders()), (None, vec![]));
        let expected = ["symlink_loop", "not_found", "own_vault"];
        let expected = if cfg!(unix) { &expected[..] } else { &expected[1..] };
        let codes: Vec<_> = failed.iter().map(|f| f.code.as_str()).collect();
        assert_eq!(codes, expected);
    }
}
