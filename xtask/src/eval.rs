//! `cargo xtask eval`: how good retrieval and answers are on the developer sets, with n and a 95 % interval each.

pub(crate) mod parse;
mod score;
mod sets;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

use crate::places;
use crate::run::{Result, build, run};
use crate::setup;
use score::{Judged, Mean, Verdict, judge, ndcg_at, recall_at, reciprocal_rank};
use sets::{Question, SETS, Set};

const MODES: [&str; 3] = ["hybrid", "vector", "keyword"];

/// What was asked for on the command line.
pub(crate) struct Options {
    /// Where the sets lie; the samples need none.
    data: PathBuf,
    /// Questions per set that the model answers; 0 leaves generation out.
    answers: usize,
    /// The sets to measure; all where empty.
    names: Vec<String>,
}

impl Options {
    /// `[--data DIR] [--answers N] [SET…]`
    pub(crate) fn read(arguments: &[&str]) -> Result<Self> {
        let mut options =
            Self { data: places::root().join("../shared/data"), answers: 40, names: Vec::new() };
        let mut rest = arguments.iter();
        while let Some(&argument) = rest.next() {
            match argument {
                "--data" => options.data = rest.next().ok_or("--data needs a folder")?.into(),
                "--answers" => {
                    let n = rest.next().ok_or("--answers needs a number")?;
                    options.answers = n.parse().map_err(|_| format!("--answers {n}: not a number"))?;
                }
                name if SETS.iter().any(|s| s.name == name) => options.names.push(name.to_owned()),
                other => {
                    let known: Vec<&str> = SETS.iter().map(|s| s.name).collect();
                    return Err(format!("{other}: no such set; known are {}", known.join(", ")).into());
                }
            }
        }
        Ok(options)
    }
}

/// Ingests each set into a vault of its own (kept, so that a second run begins with the questions) and prints a table for
/// retrieval and one for answers.
pub(crate) fn eval(options: &Options) -> Result<()> {
    setup::setup()?;
    let program = build("dev")?;
    let work = places::cache()?.join("eval");
    let mut retrieval = Vec::new();
    let mut answers = Vec::new();
    for set in SETS {
        if !options.names.is_empty() && !options.names.iter().any(|n| n == set.name) {
            continue;
        }
        let Some(source) = set.source(&options.data) else {
            eprintln!("{}: not there, left out", set.name);
            continue;
        };
        let bench = Bench { program: &program, folder: work.join(set.name), set };
        std::fs::create_dir_all(&bench.folder)?;
        let questions = set.questions(&source)?;
        bench.ingest(&set.corpus(&source, &bench.folder)?)?;
        retrieval.push(bench.retrieval(&questions)?);
        if set.answers {
            answers.push(bench.answers(&questions, "quote", usize::MAX)?);
            if options.answers > 0 {
                answers.push(bench.answers(&questions, "generate", options.answers)?);
            }
        }
    }
    println!("\n## Retrieval\n");
    println!(
        "| set | questions | leg | recall@5 | nDCG@10 | MRR@10 | hybrid minus leg, nDCG@10 |\n|---|---|---|---|---|---|---|"
    );
    retrieval.iter().for_each(|rows| print!("{rows}"));
    println!("\n## Answers\n");
    println!(
        "| set | mode | n | correct | wrong | refused | citations | citation precision | n without answer | refused | median s |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    answers.iter().for_each(|row| print!("{row}"));
    println!("\nEvery question with its result lies in {}.", work.display());
    Ok(())
}

/// One set on its way through the program.
struct Bench<'a> {
    program: &'a Path,
    folder: PathBuf,
    set: &'a Set,
}

impl Bench<'_> {
    fn citadel(&self) -> Result<Command> {
        let mut command = Command::new(self.program);
        command
            .env("CITADEL_VAULT", self.folder.join("vault"))
            .env("CITADEL_MODELS", places::models()?)
            .stderr(Stdio::inherit());
        Ok(command)
    }

    fn ingest(&self, corpus: &Path) -> Result<()> {
        eprintln!("{}: ingesting", self.set.name);
        let begun = Instant::now();
        let status = self.citadel()?.arg("ingest").arg(corpus).stdout(Stdio::null()).status()?;
        // Exit code 1: some file could not be read; the rest is there.
        if !matches!(status.code(), Some(0 | 1)) {
            return Err(format!("{}: ingest ended with {status}", self.set.name).into());
        }
        eprintln!("{}: ingested in {:.0} s", self.set.name, begun.elapsed().as_secs_f64());
        Ok(())
    }

    /// Runs a verb over lines of JSON; one result each, kept in `name`.
    fn batch(&self, verb: &[&str], name: &str, lines: &[Value]) -> Result<Vec<Value>> {
        let input = self.folder.join("batch.jsonl");
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        std::fs::write(&input, text)?;
        let output = self.folder.join(name);
        run(self
            .citadel()?
            .arg(verb[0])
            .arg("--batch")
            .arg(&input)
            .args(&verb[1..])
            .stdout(std::fs::File::create(&output)?))?;
        let results: Vec<Value> = std::fs::read_to_string(&output)?
            .lines()
            .map(serde_json::from_str)
            .collect::<std::result::Result<_, _>>()?;
        if results.len() != lines.len() {
            return Err(format!("{name}: {} results for {} lines", results.len(), lines.len()).into());
        }
        Ok(results)
    }

    fn retrieval(&self, questions: &[Question]) -> Result<String> {
        let asked: Vec<&Question> = questions.iter().filter(|q| !q.gold.is_empty()).collect();
        let lines: Vec<Value> = asked.iter().map(|q| json!({"id": q.id, "query": q.text})).collect();
        let mut rows = String::new();
        let mut best: Vec<f64> = Vec::new();
        for mode in MODES {
            eprintln!("{}: searching, {mode}", self.set.name);
            let results = self.batch(
                &["search", "--mode", mode, "--limit", "10"],
                &format!("search-{mode}.jsonl"),
                &lines,
            )?;
            let ranks: Vec<Vec<Vec<usize>>> = asked
                .iter()
                .zip(&results)
                .map(|(question, result)| {
                    let passages = result["passages"].as_array().map(Vec::as_slice).unwrap_or_default();
                    passages.iter().map(|p| question.matched(p)).collect()
                })
                .collect();
            let of = |metric: fn(&Question, &[Vec<usize>]) -> f64| -> Vec<f64> {
                asked.iter().zip(&ranks).map(|(q, r)| metric(q, r)).collect()
            };
            let ndcg = of(|q, r| ndcg_at(10, q, r));
            let difference = match mode {
                "hybrid" => {
                    best.clone_from(&ndcg);
                    "".to_owned()
                }
                _ => Mean::of(best.iter().zip(&ndcg).map(|(h, l)| h - l)).signed(),
            };
            rows += &format!(
                "| {} | {} | {mode} | {} | {} | {} | {difference} |\n",
                self.set.name,
                asked.len(),
                Mean::of(of(|q, r| recall_at(5, q, r))),
                Mean::of(ndcg),
                Mean::of(of(|_, r| reciprocal_rank(10, r))),
            );
        }
        Ok(rows)
    }

    fn answers(&self, questions: &[Question], mode: &str, most: usize) -> Result<String> {
        let chosen = sets::sample(questions, most);
        eprintln!("{}: asking {} questions, {mode}", self.set.name, chosen.len());
        let lines: Vec<Value> = chosen.iter().map(|q| json!({"id": q.id, "question": q.text})).collect();
        let name = format!("answers-{mode}.jsonl");
        let results = self.batch(&["ask", "--mode", mode], &name, &lines)?;
        let judged: Vec<Judged> = chosen.iter().zip(&results).map(|(q, a)| judge(q, a)).collect();
        let report: String = chosen
            .iter()
            .zip(&judged)
            .zip(&results)
            .map(|((q, j), a)| {
                let line = json!({"id": q.id, "question": q.text, "reference": q.answers, "verdict": j.verdict.as_str(),
                                  "answer": a["text"], "reason": a["reason"], "confidence": a["confidence"],
                                  "good_citations": j.good_citations, "citations": j.citations});
                format!("{line}\n")
            })
            .collect();
        std::fs::write(self.folder.join(format!("judged-{mode}.jsonl")), report)?;
        let share = |verdict: Verdict| {
            let of: Vec<&Judged> = judged.iter().filter(|j| j.answerable).collect();
            Mean::share(of.iter().filter(|j| j.verdict == verdict).count(), of.len())
        };
        let answerable = judged.iter().filter(|j| j.answerable).count();
        let without = judged.len() - answerable;
        let refused = judged.iter().filter(|j| !j.answerable && j.verdict == Verdict::Refused).count();
        let sum =
            |count: fn(&Judged) -> usize| judged.iter().filter(|j| j.answerable).map(count).sum::<usize>();
        let (citations, good) = (sum(|j| j.citations), sum(|j| j.good_citations));
        let mut seconds: Vec<f64> = judged.iter().map(|j| j.seconds).collect();
        seconds.sort_by(f64::total_cmp);
        Ok(format!(
            "| {} | {mode} | {answerable} | {} | {} | {} | {citations} | {} | {without} | {} | {:.2} |\n",
            self.set.name,
            share(Verdict::Correct),
            share(Verdict::Wrong),
            share(Verdict::Refused),
            Mean::share(good, citations),
            Mean::share(refused, without),
            seconds.get(seconds.len() / 2).copied().unwrap_or_default(),
        ))
    }
}
