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
use score::{
    Judged, Mean, Verdict, calibration_error, judge, ndcg_at, recall_at, reciprocal_rank, refused_at,
};
use sets::{Question, SETS, Scoring, Set};

const MODES: [&str; 3] = ["hybrid", "vector", "keyword"];

/// What was asked for on the command line.
pub(crate) struct Options {
    /// Where the sets lie; the samples need none.
    data: PathBuf,
    /// Questions per set that the model answers; 0 leaves generation out.
    answers: usize,
    /// The sets to measure; all where empty.
    names: Vec<String>,
    /// Stages of answering to leave out, each by itself, to see what it is worth.
    without: Vec<String>,
    /// The language model that answers, by its name in the pack; the one in use where `None`.
    model: Option<String>,
}

impl Options {
    /// `[--data DIR] [--answers N] [--model NAME] [--without STAGE]… [SET…]`
    pub(crate) fn read(arguments: &[&str]) -> Result<Self> {
        let mut options = Self {
            data: places::root().join("../shared/data"),
            answers: 40,
            names: Vec::new(),
            without: Vec::new(),
            model: None,
        };
        let mut rest = arguments.iter();
        while let Some(&argument) = rest.next() {
            match argument {
                "--data" => options.data = rest.next().ok_or("--data needs a folder")?.into(),
                "--answers" => {
                    let n = rest.next().ok_or("--answers needs a number")?;
                    options.answers = n.parse().map_err(|_| format!("--answers {n}: not a number"))?;
                }
                "--model" => options.model = Some((*rest.next().ok_or("--model needs a name")?).to_owned()),
                "--without" => {
                    options.without.push((*rest.next().ok_or("--without needs a stage")?).to_owned());
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
        let folder = work.join(set.name);
        let bench = Bench { program: &program, folder, set, model: options.model.as_deref() };
        std::fs::create_dir_all(&bench.folder)?;
        let questions = set.questions(&source)?;
        bench.ingest(&set.corpus(&source, &bench.folder)?)?;
        retrieval.push(bench.retrieval(&questions)?);
        if set.scoring == Scoring::None {
            continue;
        }
        answers.push(bench.answers(&questions, "quote", usize::MAX, None)?);
        if options.answers > 0 {
            for without in std::iter::once(None).chain(options.without.iter().map(Some)) {
                answers.push(bench.answers(&questions, "generate", options.answers, without)?);
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
        "| set | mode | n | correct | wrong | refused | citations | citation precision | n without answer | refused | calibration error | median s |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
    answers.iter().for_each(|row| print!("{row}"));
    println!("\nEvery question with its result lies in {}.", work.display());
    Ok(())
}

/// One set on its way through the program.
struct Bench<'a> {
    program: &'a Path,
    folder: PathBuf,
    set: &'a Set,
    model: Option<&'a str>,
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

    /// Rows of the table for answers: all questions, then groups of them.
    fn answers(
        &self,
        questions: &[Question],
        mode: &str,
        most: usize,
        without: Option<&String>,
    ) -> Result<String> {
        let chosen = sets::sample(questions, most);
        let name = without.map_or(mode.to_owned(), |stage| format!("{mode} without {stage}"));
        eprintln!("{}: asking {} questions, {name}", self.set.name, chosen.len());
        let lines: Vec<Value> = chosen.iter().map(|q| json!({"id": q.id, "question": q.text})).collect();
        let mut verb = vec!["ask", "--mode", mode];
        verb.extend(without.iter().flat_map(|stage| ["--without", stage.as_str()]));
        verb.extend(self.model.iter().flat_map(|model| ["--model", model]));
        let file = name.replace(' ', "-");
        let results = self.batch(&verb, &format!("answers-{file}.jsonl"), &lines)?;
        let judge = |(q, a): (&&Question, &Value)| judge(self.set.scoring, q, a);
        let judged: Vec<Judged> = chosen.iter().zip(&results).map(judge).collect();
        let report: String = chosen
            .iter()
            .zip(&judged)
            .zip(&results)
            .map(|((q, j), a)| {
                let line = json!({"id": q.id, "question": q.text, "reference": q.answers, "verdict": j.verdict.as_str(),
                                  "answerable": q.answerable, "group": q.group, "answer": a["text"], "reason": a["reason"],
                                  "confidence": a["confidence"], "parts": a["parts"], "corrected": a["corrected"],
                                  "in_passages": j.in_passages, "in_evidence": j.in_evidence,
                                  "good_citations": j.good_citations, "citations": j.citations});
                format!("{line}\n")
            })
            .collect();
        std::fs::write(self.folder.join(format!("judged-{file}.jsonl")), report)?;
        let scored: Vec<(&&Question, &Judged)> =
            chosen.iter().zip(&judged).filter(|(q, _)| q.scored).collect();
        let mut rows = self.row(&name, "", &scored.iter().map(|(_, j)| *j).collect::<Vec<_>>());
        let mut groups: Vec<&str> = scored.iter().filter_map(|(q, _)| q.group).collect();
        groups.sort_unstable();
        groups.dedup();
        for group in groups {
            let members = scored.iter().filter(|(q, _)| q.group == Some(group)).map(|(_, j)| *j);
            rows += &self.row(&name, &format!(", {group}"), &members.collect::<Vec<_>>());
        }
        Ok(rows)
    }

    fn row(&self, mode: &str, group: &str, judged: &[&Judged]) -> String {
        let of = |answerable: bool| -> Vec<&Judged> {
            judged.iter().copied().filter(|j| j.answerable == answerable).collect()
        };
        let (asked, silent) = (of(true), of(false));
        let share = |verdict: Verdict| {
            Mean::share(asked.iter().filter(|j| j.verdict == verdict).count(), asked.len())
        };
        let refused = silent.iter().filter(|j| j.verdict == Verdict::Refused).count();
        let sum = |count: fn(&Judged) -> usize| asked.iter().map(|j| count(j)).sum::<usize>();
        let (citations, good) = (sum(|j| j.citations), sum(|j| j.good_citations));
        let mut seconds: Vec<f64> = judged.iter().map(|j| j.seconds).collect();
        seconds.sort_by(f64::total_cmp);
        let answered = judged.iter().filter(|j| j.verdict != Verdict::Refused);
        let said: Vec<(f64, bool)> =
            answered.map(|j| (j.confidence, j.answerable && j.verdict == Verdict::Correct)).collect();
        let held = asked.iter().filter(|j| j.in_passages).count();
        let kept = asked.iter().filter(|j| j.in_passages && j.in_evidence).count();
        let scores = |of: &[&Judged]| of.iter().filter_map(|j| j.sufficiency).collect::<Vec<f64>>();
        eprintln!(
            "{}{group}, {mode}: of {held} questions whose answer is in the passages, {} in the evidence; the gate, letting 90 % \
             of {} pass, refuses {:.3} of {}",
            self.set.name,
            Mean::share(kept, held),
            asked.len(),
            refused_at(0.9, &scores(&asked), &scores(&silent)),
            silent.len(),
        );
        format!(
            "| {}{group} | {mode} | {} | {} | {} | {} | {citations} | {} | {} | {} | {:.3} | {:.2} |\n",
            self.set.name,
            asked.len(),
            share(Verdict::Correct),
            share(Verdict::Wrong),
            share(Verdict::Refused),
            Mean::share(good, citations),
            silent.len(),
            Mean::share(refused, silent.len()),
            calibration_error(&said),
            seconds.get(seconds.len() / 2).copied().unwrap_or_default(),
        )
    }
}
