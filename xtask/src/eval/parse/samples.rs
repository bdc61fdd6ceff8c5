//! The files that are read, and what is known of them.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::measure::words;
use super::readers::one_line;
use crate::run::Result;

/// A PDF.
#[derive(Default)]
pub(super) struct Sample {
    /// Its path below its set's folder.
    pub name: String,
    pub path: PathBuf,
    /// What it says, where that is known.
    pub text: Option<String>,
    /// What runs along the edges of its pages: a reader may give or leave it.
    pub furniture: String,
    /// Rows of cells of all its tables.
    pub rows: Vec<Vec<String>>,
    /// Whether each page is known to say something, where that is known.
    pub speaks: Vec<bool>,
    /// Whether it has pages that are pictures of text.
    pub scanned: bool,
}

fn text_of(path: &Path) -> Result<String> {
    Ok(std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?)
}

pub(super) fn json_lines(path: &Path) -> Result<Vec<Value>> {
    Ok(text_of(path)?.lines().map(serde_json::from_str).collect::<std::result::Result<_, _>>()?)
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Those that `xtask/eval/make_pdfs.py` made.
pub(super) fn made(folder: &Path) -> Result<Vec<Sample>> {
    let sample = |line: &Value| {
        let name = line["path"].as_str().unwrap_or_default().to_owned();
        let pages = strings(&line["pages"]);
        let tables = line["tables"].as_array().into_iter().flatten();
        let rows = tables.flat_map(|table| table.as_array().into_iter().flatten());
        Sample {
            path: folder.join(&name),
            name,
            speaks: pages.iter().map(|page| !page.is_empty()).collect(),
            text: Some(pages.join("\n\n")),
            furniture: strings(&line["furniture"]).join("\n"),
            rows: rows.map(|row| strings(row).iter().map(|cell| one_line(cell)).collect()).collect(),
            scanned: line["scans"].as_array().is_some_and(|scans| !scans.is_empty()),
        }
    };
    Ok(json_lines(&folder.join("files.jsonl"))?.iter().map(sample).collect())
}

/// The awkward ones of the set `pdfs`, some with expected text.
pub(super) fn awkward(set: &Path) -> Result<Vec<Sample>> {
    let mut samples = Vec::new();
    for line in json_lines(&set.join("files.jsonl"))? {
        let name = line["path"].as_str().unwrap_or_default().to_owned();
        let text = match line["text"].as_str() {
            Some(expected) => Some(plain(&text_of(&set.join(expected))?)),
            None => None,
        };
        let scanned = name.starts_with("ocr/");
        let pages = line["pages"].as_u64().filter(|_| scanned).unwrap_or_default();
        let speaks = (0..pages).map(|_| true).collect();
        samples.push(Sample {
            path: set.join("corpus").join(&name),
            name,
            text,
            speaks,
            scanned,
            ..Sample::default()
        });
    }
    Ok(samples)
}

/// All PDFs below a folder.
pub(super) fn reports(folder: &Path) -> Result<Vec<Sample>> {
    let mut paths = Vec::new();
    list(folder, "pdf", &mut paths)?;
    let name = |path: &Path| path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('\\', "/");
    Ok(paths.into_iter().map(|path| Sample { name: name(&path), path, ..Sample::default() }).collect())
}

/// An export of a wiki or a notebook.
pub(super) struct Export {
    pub format: String,
    /// The file as the set names it.
    pub name: String,
    pub path: PathBuf,
    /// The words of what another program made of it; `None` where that is not known.
    pub words: Option<Vec<String>>,
}

/// The set `wikis`; a folder gives its Markdown files. `xwiki` gives the words of XWiki's events in a file.
pub(super) fn exports(set: &Path, xwiki: &dyn Fn(&Path) -> Result<String>) -> Result<Vec<Export>> {
    let mut exports = Vec::new();
    for line in json_lines(&set.join("files.jsonl"))? {
        let (format, name) =
            (line["format"].as_str().unwrap_or_default(), line["path"].as_str().unwrap_or_default());
        let path = set.join("corpus").join(name);
        let mut expected = strings(&line["expected"]).into_iter().map(|path| set.join("expected").join(path));
        let mut export = Export { format: format.to_owned(), name: name.to_owned(), path, words: None };
        if export.path.is_dir() {
            let mut files = Vec::new();
            list(&export.path, "md", &mut files)?;
            exports.extend(files.into_iter().map(|path| Export {
                format: export.format.clone(),
                name: path.strip_prefix(set).unwrap_or(&path).to_string_lossy().into_owned(),
                path,
                words: None,
            }));
            continue;
        }
        let texts = expected.try_fold(Vec::new(), |mut texts, path| -> Result<Vec<String>> {
            // The cells of a table are properties there.
            texts.push(match path.extension().is_some_and(|end| end == "test") {
                true => xwiki(&path)?,
                false => expectation(&path, format == "csv")?,
            });
            Ok(texts)
        })?;
        export.words = (!texts.is_empty()).then(|| words(&texts.join("\n")));
        exports.push(export);
    }
    Ok(exports)
}

/// The text of what another program made: Markdown or a folder of it. `whole` keeps front matter.
fn expectation(path: &Path, whole: bool) -> Result<String> {
    let mut files = Vec::new();
    match path.is_dir() {
        true => list(path, "md", &mut files)?,
        false => files.push(path.to_owned()),
    }
    let mut texts = String::new();
    for file in files {
        let markdown = text_of(&file)?;
        texts += &plain(if whole { &markdown } else { body(&markdown) });
        texts.push('\n');
    }
    Ok(texts)
}

/// Files of one ending below a folder, in the order of their names.
fn list(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) -> Result<()> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            list(&path, ending, found)?;
        } else if path.extension().is_some_and(|end| end.eq_ignore_ascii_case(ending)) {
            found.push(path);
        }
    }
    Ok(())
}

/// Markdown without front matter.
fn body(markdown: &str) -> &str {
    let after = markdown.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---"));
    after.map_or(markdown, |(_, body)| body)
}

/// Markdown without what its readers do not see: comments, tags, targets of links, pictures.
fn plain(markdown: &str) -> String {
    let mut plain = String::new();
    let mut rest = markdown;
    while let Some(at) = rest.find(['<', '[', ']', '!']) {
        let (before, here) = rest.split_at(at);
        plain.push_str(before);
        let within = |open: &str, close: &str| {
            here.strip_prefix(open)?.split_once(close).filter(|(inside, _)| !inside.contains("\n\n"))
        };
        rest = if let Some((_, end)) = within("<!--", "-->").or(within("![[", "]]")) {
            end
        } else if let Some((_, end)) = within("<", ">").filter(|(tag, _)| {
            tag.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') && !tag.contains(':')
        }) {
            plain.push(' ');
            end
        } else if let Some((_, end)) = within("![", "](").and_then(|(_, end)| end.split_once(')')) {
            end
        } else if let Some((link, end)) = within("[[", "]]") {
            plain.push_str(link.rsplit_once('|').map_or(link, |(_, text)| text));
            end
        } else if let Some((_, end)) = within("](", ")") {
            end
        } else {
            let mut chars = here.chars();
            plain.extend(chars.next().filter(|c| !"[]".contains(*c)));
            chars.as_str()
        };
    }
    plain.push_str(rest);
    [("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"), ("\\_", "_"), ("\\", "")]
        .iter()
        .fold(plain, |plain, (from, to)| plain.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_as_it_is_read() {
        for (markdown, read) in [
            ("---\ntags: a\n---\n# Title\n", "\n# Title\n"),
            ("a [link](http://x.y/z) and ![picture](p.png)", "a link and "),
            ("[[Page|words]] ![[embed.png]] [[Page]]", "words  Page"),
            ("<!-- image -->x <b>bold</b> 1 < 2", "x  bold  1 < 2"),
            ("snake\\_case &amp; more!", "snake_case & more!"),
        ] {
            assert_eq!(plain(body(markdown)), read);
        }
    }
}
