//! Answers as one HTML file: no script, nothing loaded, readable in light, dark and print.

use citadel_core::{Answer, Citation, Outcome, Passage, Sentence, Verdict};

use crate::words::{self, Part};

/// Forbids all but the file's own style, should an escape ever be missed.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

pub(crate) fn write(answer: &Answer) -> String {
    let question = escape(&words::one_line(&answer.question));
    let found = answer.outcome == Outcome::Answered;
    let mut marks = Marks::default();
    let text = answer_text(answer, &mut marks);
    let sources = sources(answer, &marks);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{question}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main class=\"{class}\">\n\
         <header>\n<p class=\"kicker\">Citadel · answer with sources</p>\n<h1 dir=\"auto\">{question}</h1>\n\
         <p class=\"summary\">{summary}</p>\n</header>\n\
         <section class=\"answer\" aria-label=\"Answer\">\n{text}</section>\n{sources}{checks}{passages}{record}\
         </main>\n</body>\n</html>\n",
        style = include_str!("style.css"),
        class = if found { "answered" } else { "not-found" },
        summary = escape(&words::summary(answer)),
        checks = checks(answer),
        passages = passages(answer),
        record = record(answer),
    )
}

/// How often each citation was marked so far: every mark needs an id of its own to come back to.
#[derive(Default)]
struct Marks(Vec<usize>);

impl Marks {
    /// Counts a mark and gives its position among the marks of the same number, from 1.
    fn add(&mut self, number: usize) -> usize {
        self.0.push(number);
        self.count(number)
    }

    fn count(&self, number: usize) -> usize {
        self.0.iter().filter(|&&n| n == number).count()
    }
}

fn answer_text(answer: &Answer, marks: &mut Marks) -> String {
    let mut out = String::new();
    for paragraph in answer.text.lines().filter(|l| !l.trim().is_empty()) {
        out += "<p dir=\"auto\">";
        for part in words::parts(paragraph, &answer.citations) {
            match part {
                Part::Text(text) => out += &escape(text),
                Part::Mark(number) => {
                    let nth = marks.add(number);
                    out += &format!(
                        "<a class=\"mark\" id=\"mark-{number}-{nth}\" href=\"#source-{number}\" \
                         aria-label=\"Source {number}\">[{number}]</a>"
                    );
                }
            }
        }
        out += "</p>\n";
    }
    out
}

fn sources(answer: &Answer, marks: &Marks) -> String {
    if answer.citations.is_empty() {
        return String::new();
    }
    let items: String = answer.citations.iter().map(|c| source(c, marks)).collect();
    format!(
        "<section aria-labelledby=\"sources\">\n<h2 id=\"sources\">Sources</h2>\n<ol class=\"plain\">\n{items}</ol>\n</section>\n"
    )
}

fn source(citation: &Citation, marks: &Marks) -> String {
    let number = citation.number;
    let back: String = (1..=marks.count(number))
        .map(|nth| {
            format!("<a class=\"back\" href=\"#mark-{number}-{nth}\" aria-label=\"Back to mark {nth} of source {number}\">↑ {nth}</a>")
        })
        .collect();
    format!(
        "<li class=\"source\" id=\"source-{number}\">\n<span class=\"number\" aria-hidden=\"true\">[{number}]</span>\n<div>\n\
         <h3><bdi>{title}</bdi></h3>\n{place}<blockquote dir=\"auto\">{quote}</blockquote>\n\
         <p class=\"meta\">Characters {start} to {end} of document {document}, version {version} {back}</p>\n</div>\n</li>\n",
        title = escape(&words::one_line(&citation.title)),
        place = place(&citation.path, citation.page, citation.page_label.as_deref(), &citation.heading),
        quote = escape(&citation.quote),
        start = citation.start,
        end = citation.end,
        document = escape(&citation.document_id.0),
        version = citation.version_id,
    )
}

fn place(path: &str, page: Option<u32>, label: Option<&str>, heading: &[String]) -> String {
    let parts = [words::one_line(path), words::page(page, label), words::heading(heading)];
    let parts: Vec<String> =
        parts.iter().filter(|p| !p.is_empty()).map(|p| format!("<bdi>{}</bdi>", escape(p))).collect();
    format!("<p class=\"meta\">{}</p>\n", parts.join(" · "))
}

fn checks(answer: &Answer) -> String {
    if answer.sentences.is_empty() {
        return String::new();
    }
    let items: String = answer.sentences.iter().map(check).collect();
    format!(
        "<section aria-labelledby=\"checks\">\n<h2 id=\"checks\">Self-check, sentence by sentence</h2>\n\
         <ol class=\"plain\">\n{items}</ol>\n</section>\n"
    )
}

fn check(sentence: &Sentence) -> String {
    let text = escape(&sentence.text);
    let (class, text) = match sentence.verdict {
        Verdict::Supported => ("supported", text),
        Verdict::Unsupported => ("unsupported", text),
        Verdict::Removed => ("removed", format!("<s>{text}</s> This is not part of the answer.")),
    };
    let marks: String = match sentence.verdict {
        Verdict::Removed => String::new(),
        _ => sentence
            .citations
            .iter()
            .map(|n| format!(" <a class=\"mark\" href=\"#source-{n}\">[{n}]</a>"))
            .collect(),
    };
    let stages = sentence
        .checks
        .as_ref()
        .map(|checks| format!("<span class=\"stages\">{}</span>", escape(&checks.to_string())));
    format!(
        "<li class=\"check {class}\"><span class=\"tag\">{verdict}, {score}</span><span dir=\"auto\">{text}{marks}{stages}</span></li>\n",
        stages = stages.unwrap_or_default(),
        verdict = words::verdict(sentence.verdict),
        score = words::percent(sentence.score),
    )
}

fn passages(answer: &Answer) -> String {
    if answer.passages.is_empty() {
        return String::new();
    }
    let found = answer.outcome == Outcome::Answered;
    let title = if found { "Passages shown to the model" } else { "Nearest passages" };
    let items: String = answer.passages.iter().map(|p| passage(p, found)).collect();
    format!(
        "<section aria-labelledby=\"passages\">\n<h2 id=\"passages\">{title}</h2>\n<ol class=\"plain\">\n{items}</ol>\n</section>\n"
    )
}

/// Closed below an answer, where it is background; open below a refusal, where it is all there is.
fn passage(passage: &Passage, closed: bool) -> String {
    let used = match passage.used.filter(|_| closed) {
        Some(true) => " <span class=\"tag\">cited</span>",
        Some(false) => " <span class=\"meta\">not cited</span>",
        None => "",
    };
    format!(
        "<li class=\"passage\">\n<span class=\"number\">{rank}.</span>\n<div>\n<h3><bdi>{title}</bdi>{used}</h3>\n{place}\
         <details{open}><summary>Whole passage</summary>\n<blockquote dir=\"auto\">{text}</blockquote>\n\
         <p class=\"meta\">Characters {start} to {end} of document {document}, version {version}</p>\n</details>\n</div>\n</li>\n",
        rank = passage.rank,
        title = escape(&words::one_line(&passage.title)),
        place = place(&passage.path, passage.page, passage.page_label.as_deref(), &passage.heading),
        open = if closed { "" } else { " open" },
        text = escape(&passage.text),
        start = passage.start,
        end = passage.end,
        document = escape(&passage.document_id.0),
        version = passage.version_id,
    )
}

fn record(answer: &Answer) -> String {
    let rows: String = words::record(answer)
        .into_iter()
        .map(|(name, value)| format!("<dt>{name}</dt><dd><bdi>{}</bdi></dd>\n", escape(&value)))
        .collect();
    format!("<footer class=\"record\">\n<dl>\n{rows}</dl>\n<p>{}</p>\n</footer>\n", words::VERIFY)
}

/// `text` for use between tags and in quoted attributes. Control characters, which HTML forbids, show as U+FFFD.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            '\n' | '\t' => out.push(c),
            '\r' => {}
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
