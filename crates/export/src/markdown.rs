//! Answers as CommonMark.

use std::ops::Range;

use citadel_core::{Answer, Citation, DocumentId, Outcome, Passage, Verdict};

use crate::Sources;
use crate::words::{self, Part};

pub(crate) fn write(answers: &[Answer], sources: &Sources) -> String {
    if let [answer] = answers {
        return one(answer, sources);
    }
    let mut out = format!("# {}\n\n", words::conversation(answers));
    for answer in answers {
        // The answer's own headings go one level down. No other line begins so: text is escaped.
        for row in one(answer, sources).lines() {
            out += if row.starts_with('#') { "#" } else { "" };
            out += row;
            out.push('\n');
        }
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out + "\n"
}

fn one(answer: &Answer, sources: &Sources) -> String {
    let mut out = format!("# {}\n\n", line(&answer.question));
    out += &format!("*{}*\n\n## Answer\n\n", line(&words::summary(answer)));
    out += &answer_text(answer);
    if answer.outcome == Outcome::Answered {
        out += "\n## Sources\n\n";
        let verified = words::verified(answer);
        for citation in &answer.citations {
            out += &source(citation, verified.contains(&citation.number), sources);
        }
    }
    out += &checks(answer);
    out += &passages(answer);
    out += "\n---\n\n";
    for (name, value) in words::record(answer) {
        out += &format!("- {name}: {}\n", line(&value));
    }
    out += &format!("\n{}\n", words::VERIFY);
    out.replace("\n\n\n", "\n\n")
}

fn answer_text(answer: &Answer) -> String {
    let mut paragraphs = Vec::new();
    for row in answer.text.lines().map(words::one_line).filter(|row| !row.is_empty()) {
        let mut out = String::new();
        for part in words::parts(&row, &answer.citations) {
            match part {
                Part::Text(words) => out += &escape(words, out.is_empty()),
                Part::Mark(number) if out.is_empty() => out += &format!("[{number}]"),
                Part::Mark(number) => out += &format!(" [{number}]"),
            }
        }
        paragraphs.push(out);
    }
    paragraphs.join("\n\n") + "\n"
}

fn source(citation: &Citation, verified: bool, sources: &Sources) -> String {
    let mut out = format!("**[{}] {}**\n\n", citation.number, line(&citation.title));
    if !verified {
        out += &format!("*{}*\n\n", words::UNVERIFIED);
    }
    out += &place(&citation.path, citation.page, citation.page_label.as_deref(), &citation.heading);
    out += &block_quote(&citation.quote);
    out += &slice(&citation.document_id, citation.version_id, citation.start..citation.end);
    let facts = words::facts(sources.get(&(citation.document_id.clone(), citation.version_id)));
    for (name, value) in &facts {
        out += &format!("- {name}: {}\n", line(value));
    }
    if !facts.is_empty() {
        out.push('\n');
    }
    out
}

/// Where the quote above stands.
fn slice(document: &DocumentId, version: i64, range: Range<usize>) -> String {
    format!(
        "\nDocument {}, version {version}, characters {} to {}\n\n",
        line(&document.0),
        range.start,
        range.end
    )
}

fn place(path: &str, page: Option<u32>, label: Option<&str>, heading: &[String]) -> String {
    let mut parts = vec![line(path)];
    let rest = [words::page(page, label), words::heading(heading)];
    parts.extend(rest.iter().filter(|p| !p.is_empty()).map(|p| escape(p, false)));
    format!("{}\n\n", parts.join(" · "))
}

fn checks(answer: &Answer) -> String {
    if answer.sentences.is_empty() {
        return String::new();
    }
    let mut out = String::from("\n## Self-check\n\n");
    for sentence in &answer.sentences {
        let text = line(&sentence.text);
        let marks: String = sentence.citations.iter().map(|n| format!(" [{n}]")).collect();
        let verdict = words::verdict(sentence.verdict);
        let score = words::percent(sentence.score);
        out += &match sentence.verdict {
            Verdict::Removed => {
                format!("- **{verdict}** ({score}): ~~{text}~~ This is not part of the answer.\n")
            }
            _ => format!("- **{verdict}** ({score}): {text}{marks}\n"),
        };
        if let Some(checks) = &sentence.checks {
            out += &format!("  - {}\n", line(&checks.to_string()));
        }
    }
    out
}

fn passages(answer: &Answer) -> String {
    if answer.passages.is_empty() {
        return String::new();
    }
    let found = answer.outcome == Outcome::Answered;
    let mut out = String::from(if found {
        "\n## Passages shown to the model\n\n"
    } else {
        "\n## Nearest passages\n\n"
    });
    for passage in &answer.passages {
        out += &format!(
            "**{}. {}**{}\n\n",
            passage.rank,
            line(&passage.title),
            if found { used(passage) } else { "" }
        );
        out += &place(&passage.path, passage.page, passage.page_label.as_deref(), &passage.heading);
        out += &block_quote(&passage.text);
        out += &slice(&passage.document_id, passage.version_id, passage.start..passage.end);
    }
    out
}

fn used(passage: &Passage) -> &'static str {
    match passage.used {
        Some(true) => " (cited)",
        Some(false) => " (not cited)",
        None => "",
    }
}

/// `text` line by line in a block quote. The words stay as they are; what Markdown would act on is escaped.
fn block_quote(text: &str) -> String {
    let mut out = String::new();
    for row in text.lines() {
        // Without the hard break at the end, rows of a table would run together.
        out += &format!("> {}\\\n", line(row)).replace("> \\\n", ">\n");
    }
    match out.strip_suffix("\\\n") {
        Some(cut) => format!("{cut}\n"),
        None => out,
    }
}

/// `text` on one line of its own, escaped.
fn line(text: &str) -> String {
    escape(&words::one_line(text), true)
}

/// `text` with every character escaped that CommonMark or its common extensions would act on; at the start of a line
/// also what opens a list, a heading or a rule there.
fn escape(text: &str, starts_line: bool) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let numbered = digits > 0 && text.chars().nth(digits + 1).is_none_or(char::is_whitespace);
    for (index, c) in text.chars().enumerate() {
        let opens = starts_line
            && ((index == 0 && matches!(c, '#' | '-' | '+' | '=' | ':'))
                || (index == digits && numbered && matches!(c, '.' | ')')));
        if opens || matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '$') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
