//! What the verbs share in showing results.

use std::io::{IsTerminal, Write};

use citadel_core::Passage;
use serde::Serialize;

/// One JSON value on one line of stdout, flushed, so that a reader sees it at once.
pub(crate) fn json_line(value: &impl Serialize) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, value)?;
    out.write_all(b"\n")?;
    out.flush()?;
    Ok(())
}

/// Text for people on stdout. What comes from documents has gone through [`safe`], [`bold`] or [`faint`].
pub(crate) fn text(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()?;
    Ok(())
}

/// Whether the reader of stdout went away (`citadel … | head`), which is no failure.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        let json = cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        io.or(json) == Some(std::io::ErrorKind::BrokenPipe)
    })
}

/// Documents are hostile input to a terminal too: control characters other than line breaks and tabs are shown as
/// the replacement character.
pub(crate) fn safe(text: &str) -> String {
    let harmless = |c: char| c == '\n' || c == '\t' || !c.is_control();
    text.chars().map(|c| if harmless(c) { c } else { char::REPLACEMENT_CHARACTER }).collect()
}

/// Bold on a terminal that wants colour.
pub(crate) fn bold(text: &str) -> String {
    styled(text, "1")
}

/// Faint on a terminal that wants colour.
pub(crate) fn faint(text: &str) -> String {
    styled(text, "2")
}

fn styled(text: &str, code: &str) -> String {
    let wanted = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let text = safe(text);
    if wanted { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text }
}

/// `Handbook › Leave · handbook.pdf, page xii (14)`.
pub(crate) fn place(
    title: &str,
    heading: &[String],
    path: &str,
    page: Option<u32>,
    label: Option<&str>,
) -> String {
    let mut place = title.to_owned();
    for step in heading.iter().filter(|h| h.as_str() != title) {
        place.push_str(" › ");
        place.push_str(step);
    }
    place.push_str(" · ");
    place.push_str(path);
    match (page, label) {
        (Some(page), Some(label)) if label != page.to_string() => {
            place.push_str(&format!(", page {label} ({page})"));
        }
        (Some(page), _) => place.push_str(&format!(", page {page}")),
        (None, _) => {}
    }
    place
}

/// A passage as `search` and a refusal show it.
pub(crate) fn passage(passage: &Passage) -> anyhow::Result<()> {
    let at =
        place(&passage.title, &passage.heading, &passage.path, passage.page, passage.page_label.as_deref());
    text(&format!("{:>2}. {}  {}", passage.rank, bold(&at), faint(&format!("{:.2}", passage.score))))?;
    let short: String = passage.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown: String = short.chars().take(300).collect();
    let more = if shown.len() < short.len() { " …" } else { "" };
    text(&format!("    {}{more}\n", safe(&shown)))
}
