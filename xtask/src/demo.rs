use std::process::Command;
use std::time::Instant;

use serde_json::Value;

use crate::places;
use crate::run::{Result, build, output, run};
use crate::setup;

/// From nothing to cited answers over the samples.
pub(crate) fn demo() -> Result<()> {
    setup::setup()?;
    let program = build("dev")?;
    let samples = places::root().join("assets/samples");
    // In the checkout: the samples of two checkouts in one vault would be there twice.
    let vault = places::root().join("target/demo-vault");
    let citadel = || {
        let mut command = Command::new(&program);
        command.env("CITADEL_VAULT", &vault).env("CITADEL_MODELS", places::models().unwrap_or_default());
        command.current_dir(places::root());
        command
    };
    println!("\n== ingest {}", samples.display());
    run(citadel().args(["ingest", "assets/samples/corpus"]))?;

    let questions = std::fs::read_to_string(samples.join("questions.jsonl"))?;
    let mut last_answered = None;
    for line in questions.lines() {
        let question: Value = serde_json::from_str(line)?;
        if question["demo"] != true {
            continue;
        }
        let text = question["question"].as_str().unwrap_or_default();
        println!("\n== {text}");
        let begun = Instant::now();
        let answer: Value = serde_json::from_str(&output(citadel().args(["ask", "--json", "--", text]))?)?;
        show(&answer, begun);
        if answer["outcome"] == "answered" {
            last_answered = answer["id"].as_str().map(str::to_owned);
        }
    }
    let Some(id) = last_answered else { return Err("none of the demo questions was answered".into()) };
    let file = places::cache()?.join("demo-answer.html");
    println!("\n== export answer {id}");
    run(citadel().args(["export", &id, "--format", "html", "--output"]).arg(&file))
}

fn show(answer: &Value, begun: Instant) {
    println!("{}", answer["text"].as_str().unwrap_or_default());
    for c in answer["citations"].as_array().into_iter().flatten() {
        let page = c["page"].as_u64().map(|p| format!(", page {p}")).unwrap_or_default();
        println!(
            "  [{}] {} · {}{page}\n      “{}”",
            c["number"],
            c["title"].as_str().unwrap_or_default(),
            c["path"].as_str().unwrap_or_default(),
            c["quote"].as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
        );
    }
    let t = &answer["timings_ms"];
    println!(
        "  {} · evidence {} ms, first token {} ms, check {} ms, answer {} ms; with start-up {:.1} s",
        answer["outcome"].as_str().unwrap_or_default(),
        t["retrieve"],
        t["first_token"],
        t["check"],
        t["total"],
        begun.elapsed().as_secs_f64()
    );
}
