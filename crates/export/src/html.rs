//! Answers as one HTML file: no script, nothing loaded, readable in light, dark and print.

use citadel_core::{Answer, Citation, Outcome, Passage, Sentence, Verdict};

use crate::Sources;
use crate::words::{self, Part};

/// Forbids all but the file's own style, should an escape ever be missed.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

pub(crate) fn write(answers: &[Answer], sources: &Sources) -> String {
    if let [answer] = answers {
        let title = escape(&words::one_line(&answer.question));
        let kicker = "<p class=\"kicker\">Citadel · answer with sources</p>\n";
        return page(&title, class(answer), &one(answer, sources, "", kicker));
    }
    let title = words::conversation(answers);
    let mut out = format!("<p class=\"kicker\">Citadel · {}</p>\n", title.to_lowercase());
    for (at, answer) in answers.iter().enumerate() {
        // Ids of several answers on one page are told apart by what they begin with.
        let article = one(answer, sources, &format!("answer-{}-", at + 1), "");
        out += &format!("<article class=\"{}\">\n{article}</article>\n", class(answer));
    }
    page(&title, CONVERSATION, &out)
}

/// The class of a page of several answers.
const CONVERSATION: &str = "conversation";

fn page(title: &str, class: &str, content: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}</title>\n<style>\n{style}{more}</style>\n</head>\n<body>\n<main class=\"{class}\">\n\
         {content}</main>\n</body>\n</html>\n",
        style = include_str!("style.css"),
        more = if class == CONVERSATION { BETWEEN_ANSWERS } else { "" },
    )
}

fn class(answer: &Answer) -> &'static str {
    if answer.outcome == Outcome::Answered { "answered" } else { "not-found" }
}

fn one(answer: &Answer, facts: &Sources, ids: &str, kicker: &str) -> String {
    let mut marks = Marks { ids: ids.to_owned(), ..Marks::default() };
    let text = answer_text(answer, &mut marks);
    format!(
        "<header>\n{kicker}<h1 dir=\"auto\">{question}</h1>\n\
         <p class=\"summary\">{summary}</p>\n</header>\n\
         <section class=\"answer\" aria-label=\"Answer\">\n{text}</section>\n{sources}{checks}{passages}{record}",
        question = escape(&words::one_line(&answer.question)),
        summary = escape(&words::summary(answer)),
        sources = sources(answer, facts, &marks),
        checks = checks(answer, ids),
        passages = passages(answer, ids),
        record = record(answer),
    )
}

/// The looks of what only a page of several answers has.
const BETWEEN_ANSWERS: &str = "article + article { margin-top: 4rem; padding-top: 3rem; border-top: 1px solid var(--accent); }\n\
     @media print { article + article { break-before: page; border: 0; margin: 0; padding: 0; } }\n";

/// How often each citation was marked so far: every mark needs an id of its own to come back to.
#[derive(Default)]
struct Marks {
    numbers: Vec<usize>,
    /// What the ids of the answer begin with.
    ids: String,
}

impl Marks {
    /// Counts a mark and gives its position among the marks of the same number, from 1.
    fn add(&mut self, number: usize) -> usize {
        self.numbers.push(number);
        self.count(number)
    }

    fn count(&self, number: usize) -> usize {
        self.numbers.iter().filter(|&&n| n == number).count()
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
                    let ids = &marks.ids;
                    out += &format!(
                        "<a class=\"mark\" id=\"{ids}mark-{number}-{nth}\" href=\"#{ids}source-{number}\" \
                         aria-label=\"Source {number}\">[{number}]</a>"
                    );
                }
            }
        }
        out += "</p>\n";
    }
    out
}

fn sources(answer: &Answer, facts: &Sources, marks: &Marks) -> String {
    if answer.citations.is_empty() {
        return String::new();
    }
    let verified = words::verified(answer);
    let items: String =
        answer.citations.iter().map(|c| source(c, verified.contains(&c.number), facts, marks)).collect();
    let ids = &marks.ids;
    format!(
        "<section aria-labelledby=\"{ids}sources\">\n<h2 id=\"{ids}sources\">Sources</h2>\n<ol class=\"plain\">\n{items}</ol>\n</section>\n"
    )
}

fn source(citation: &Citation, verified: bool, facts: &Sources, marks: &Marks) -> String {
    let (number, ids) = (citation.number, &marks.ids);
    let facts: String = words::facts(facts.get(&(citation.document_id.clone(), citation.version_id)))
        .iter()
        .map(|(name, value)| format!("<p class=\"meta\">{name}: <bdi>{}</bdi></p>\n", escape(value)))
        .collect();
    let tag = if verified {
        String::new()
    } else {
        format!("<p class=\"meta unverified\">{}</p>\n", words::UNVERIFIED)
    };
    let back: String = (1..=marks.count(number))
        .map(|nth| {
            format!("<a class=\"back\" href=\"#{ids}mark-{number}-{nth}\" aria-label=\"Back to mark {nth} of source {number}\">↑ {nth}</a>")
        })
        .collect();
    format!(
        "<li class=\"source\" id=\"{ids}source-{number}\">\n<span class=\"number\" aria-hidden=\"true\">[{number}]</span>\n<div>\n\
         <h3><bdi>{title}</bdi></h3>\n{tag}{place}<blockquote dir=\"auto\">{quote}</blockquote>\n\
         <p class=\"meta\">Characters {start} to {end} of document {document}, version {version} {back}</p>\n{facts}</div>\n</li>\n",
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

fn checks(answer: &Answer, ids: &str) -> String {
    if answer.sentences.is_empty() {
        return String::new();
    }
    let items: String = answer.sentences.iter().map(|s| check(s, ids)).collect();
    format!(
        "<section aria-labelledby=\"{ids}checks\">\n<h2 id=\"{ids}checks\">Self-check, sentence by sentence</h2>\n\
         <ol class=\"plain\">\n{items}</ol>\n</section>\n"
    )
}

fn check(sentence: &Sentence, ids: &str) -> String {
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
            .map(|n| format!(" <a class=\"mark\" href=\"#{ids}source-{n}\">[{n}]</a>"))
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

fn passages(answer: &Answer, ids: &str) -> String {
    if answer.passages.is_empty() {
        return String::new();
    }
    let found = answer.outcome == Outcome::Answered;
    let title = if found { "Passages shown to the model" } else { "Nearest passages" };
    let items: String = answer.passages.iter().map(|p| passage(p, found)).collect();
    format!(
        "<section aria-labelledby=\"{ids}passages\">\n<h2 id=\"{ids}passages\">{title}</h2>\n<ol class=\"plain\">\n{items}</ol>\n</section>\n"
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
