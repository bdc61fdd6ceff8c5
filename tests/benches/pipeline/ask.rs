//! From a question to evidence, to the first token, to the answer: in a new process, and in one that is warm.

use serde_json::{Value, json};

use crate::child::{Ended, most};
use crate::figures::{Figures, show};
use crate::{Places, Result, machine, questions, samples};

/// Moments after the question, in milliseconds.
#[derive(Default)]
struct Moments {
    evidence: Figures,
    first_token: Figures,
    answer: Figures,
    answered: usize,
}

impl Moments {
    /// Adds one answer, whose question came `late` milliseconds after the moment that counts.
    fn add(&mut self, answer: &Value, late: f64) -> Result<()> {
        let t = &answer["timings_ms"];
        self.evidence.0.push(late + t["retrieve"].as_f64().ok_or("an answer without timings")?);
        self.first_token.0.extend(t["first_token"].as_f64().map(|ms| late + ms));
        self.answer.0.push(late + t["total"].as_f64().ok_or("an answer without timings")?);
        self.answered += usize::from(answer["outcome"] == "answered");
        Ok(())
    }

    fn print(&self, name: &str) {
        for (what, figures) in
            [("evidence", &self.evidence), ("first token", &self.first_token), ("whole answer", &self.answer)]
        {
            println!(
                "| {name} | {what} | {} | {} | {} |",
                show(figures.median(), 0),
                show(figures.quantile(0.95), 0),
                figures.n()
            );
        }
    }
}

/// Asks the samples' questions about the samples and prints a table.
pub(crate) fn measure(places: &Places) -> Result<()> {
    println!("### From the question to the answer (the samples and their questions)\n");
    let vault = places.fresh_vault()?;
    places.citadel(&vault, &["ingest", "--json", &samples().join("corpus").to_string_lossy()])?;
    let questions = questions()?;
    let mut cold = Moments::default();
    let mut peak = None;
    eprintln!("{} questions, each in a new process, load averages {}", questions.len(), machine::load());
    for question in &questions {
        let ended = places.citadel(&vault, &["ask", "--json", "--", question])?;
        peak = most(peak, ended.peak_mib);
        let answer = last(&ended)?;
        // The engine counts from the question; models are loaded after that, the process starts before.
        let total = answer["timings_ms"]["total"].as_f64().ok_or("an answer without timings")?;
        cold.add(&answer, ended.seconds * 1e3 - total)?;
    }
    eprintln!("{} questions in one process, load averages {}", questions.len(), machine::load());
    // The first question is asked twice: once to load the models.
    let lines: Vec<Value> = questions
        .iter()
        .take(1)
        .chain(&questions)
        .enumerate()
        .map(|(n, question)| json!({ "id": n.to_string(), "question": question }))
        .collect();
    let ended =
        places.citadel(&vault, &["ask", "--json", "--batch", &places.batch("questions.jsonl", &lines)?])?;
    peak = most(peak, ended.peak_mib);
    let mut warm = Moments::default();
    for (_, line) in ended.lines.iter().skip(1) {
        warm.add(&serde_json::from_str(line)?, 0.0)?;
    }
    println!("| process | until | median ms | p95 ms | n |\n|---|---|---|---|---|");
    cold.print("new, models loaded from the file cache");
    warm.print("warm");
    println!(
        "\n{} of {} were answered, the others refused; n of the first token is smaller where a refusal needed no model. \
         Peak memory of an ask process: {} MiB. Processor time of the warm process: {} s for {} questions, loading included.\n",
        warm.answered,
        warm.answer.n(),
        show(peak, 0),
        show(ended.cpu_seconds, 0),
        lines.len(),
    );
    Ok(())
}

fn last(ended: &Ended) -> Result<Value> {
    let (_, line) = ended.lines.last().ok_or("an ask printed nothing")?;
    Ok(serde_json::from_str(line)?)
}
