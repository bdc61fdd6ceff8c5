use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use citadel_core::{Answer, Outcome, StopFlag, Verdict};
use citadel_engine::{AskEvent, AskMode, AskRequest, Engine};
use serde::Deserialize;

use crate::{Done, Places, batch, output};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The question, in plain words.
    #[arg(required_unless_present = "batch")]
    question: Option<String>,
    /// Lines `{"id","question"}` in, JSON lines out in the same order.
    #[arg(long, value_name = "FILE.jsonl", conflicts_with = "question")]
    batch: Option<PathBuf>,
    /// `generate` lets the language model write; `quote` answers with verbatim evidence only.
    #[arg(long, value_enum, default_value_t = Mode::Generate)]
    mode: Mode,
    /// Ask this collection only; may be given several times.
    #[arg(long = "collection", value_name = "NAME")]
    collections: Vec<String>,
    /// The question follows up on this stored answer ("And in Zurich?").
    #[arg(long, value_name = "ANSWER_ID", conflicts_with = "batch")]
    after: Option<String>,
    /// Let this language model of the pack answer [default: the one in use, see `citadel models`].
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Leave a stage out, to measure what it is worth.
    #[arg(long, value_enum, value_name = "STAGE", hide = true)]
    without: Vec<Stage>,
    /// The answer as one JSON value.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Mode {
    Generate,
    Quote,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Stage {
    Reader,
    Gate,
    Facts,
    Entailment,
    Correction,
    Quotation,
}

impl From<Stage> for citadel_engine::Stage {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Reader => Self::Reader,
            Stage::Gate => Self::Gate,
            Stage::Facts => Self::Facts,
            Stage::Entailment => Self::Entailment,
            Stage::Correction => Self::Correction,
            Stage::Quotation => Self::Quotation,
        }
    }
}

#[derive(Deserialize)]
struct Line {
    id: String,
    question: String,
}

pub(crate) fn run(places: &Places, arguments: &Arguments, stop: &StopFlag) -> anyhow::Result<Done> {
    let mut options = places.options()?;
    options.generator.clone_from(&arguments.model);
    let engine = Engine::open(options)?;
    let request = |question: &str, question_id: Option<String>| AskRequest {
        question: question.to_owned(),
        question_id,
        mode: match arguments.mode {
            Mode::Generate => AskMode::Generate,
            Mode::Quote => AskMode::Quote,
        },
        collections: arguments.collections.clone(),
        documents: Vec::new(),
        after: arguments.after.clone(),
        passages: None,
        without: arguments.without.iter().map(|&stage| stage.into()).collect(),
    };
    if let Some(file) = &arguments.batch {
        return batch::run(file, "question_id", |line: Line| {
            anyhow::ensure!(!stop.is_stopped(), "stopped");
            let answer = engine.ask(&request(&line.question, Some(line.id)), stop, &mut |_| {})?;
            Ok(serde_json::to_value(answer)?)
        });
    }
    // The draft is not checked yet: it is shown faintly on the message channel, and the checked answer is the result.
    let live = !arguments.json && std::io::stderr().is_terminal();
    let answer = engine.ask(
        &request(arguments.question.as_deref().unwrap_or_default(), None),
        stop,
        &mut |event| {
            if live {
                draw(&event);
            }
        },
    )?;
    if live {
        eprintln!();
    }
    if arguments.json {
        output::json_line(&answer)?;
    } else {
        show(&answer)?;
    }
    Ok(Done::Whole)
}

fn draw(event: &AskEvent<'_>) {
    let line = match event {
        AskEvent::Passages { passages } => format!("\u{1b}[2m{} passages found. Draft: ", passages.len()),
        AskEvent::Searched { documents, of } => format!("\r{documents} of {of} documents searched"),
        AskEvent::Draft { text } => output::safe(text),
        AskEvent::Retry => "\nThe draft does not hold; once more: ".to_owned(),
        AskEvent::Checked { verdict, .. } => match verdict {
            Verdict::Supported => " ✓".to_owned(),
            Verdict::Unsupported | Verdict::Removed => " ✗".to_owned(),
        },
    };
    eprint!("{line}\u{1b}[0m\u{1b}[2m");
    let _ = std::io::stderr().flush();
    if matches!(event, AskEvent::Checked { .. }) {
        eprint!("\u{1b}[0m");
    }
}

/// An answer for people; `citadel answers show` uses it too.
pub(crate) fn show(answer: &Answer) -> anyhow::Result<()> {
    output::text(&format!("{}\n", output::bold(&answer.text)))?;
    for citation in &answer.citations {
        let at = output::place(
            &citation.title,
            &citation.heading,
            &citation.path,
            citation.page,
            citation.page_label.as_deref(),
        );
        let quote = citation.quote.split_whitespace().collect::<Vec<_>>().join(" ");
        output::text(&format!(
            "[{}] {}\n    “{}”",
            citation.number,
            output::safe(&at),
            output::safe(&quote)
        ))?;
    }
    for sentence in answer.sentences.iter().filter(|s| s.verdict == Verdict::Removed) {
        output::text(&output::faint(&format!("taken out by the self-check: {}", sentence.text)))?;
        if let Some(checks) = &sentence.checks {
            output::text(&output::faint(&format!("    {checks}")))?;
        }
    }
    if answer.outcome == Outcome::NotFound && !answer.passages.is_empty() {
        output::text("The nearest passages:\n")?;
        for passage in &answer.passages {
            output::passage(passage)?;
        }
    }
    let sure = match answer.outcome {
        Outcome::Answered if answer.sweep.is_none() => {
            format!("confidence {:.0} % · ", answer.confidence * 100.0)
        }
        _ => String::new(),
    };
    let t = &answer.timings_ms;
    let first = t.first_token.map(|ms| format!(", first token {ms} ms")).unwrap_or_default();
    output::text(&output::faint(&format!(
        "\nanswer {} · {}evidence {} ms{first}, self-check {} ms, all {} ms",
        answer.id, sure, t.retrieve, t.check, t.total
    )))
}
