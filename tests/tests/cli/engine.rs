//! The engine at its two seams: what the models do is scripted, everything else is real.

use std::path::{Path, PathBuf};

use citadel_core::fakes::{FakeEmbedder, FakeGenerator, FakeReader};
use citadel_core::{
    Answer, Embedder, Generation, GenerationRequest, Generator, ModelError, NearestReason, Outcome, StopFlag,
    Verdict, Windows,
};
use citadel_engine::{
    AskEvent, AskMode, AskRequest, Chunker, Engine, EngineError, EngineOptions, IngestReport, IngestRequest,
    IngestScope, ParserCommand,
};
use libtest_mimic::Trial;

use crate::support::{files_below, folder, models, program, rounded, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("engine::what_the_model_writes", what_the_model_writes),
        trial("engine::a_model_that_fails_or_is_stopped", a_model_that_fails_or_is_stopped),
        trial("engine::an_embedder_that_fails", an_embedder_that_fails),
        trial("engine::vectors_are_forgotten", vectors_are_forgotten),
    ]
}

pub(super) const DIMENSIONS: usize = 64;
const QUESTION: &str = "What is the berth fee a night?";

pub(super) fn open(vault: &Path, embedder: impl Embedder + 'static) -> Engine {
    let tokenizer = std::fs::read(models().join("embedder.tokenizer.json")).unwrap();
    let parser = ParserCommand { program: program(), arguments: vec!["__parse-child".into()] };
    let options = EngineOptions::new(vault.to_owned(), models(), parser);
    let chunker = Chunker::from_tokenizer(&tokenizer, 64, 8).unwrap();
    Engine::open(options)
        .unwrap()
        .with_embedder(Box::new(embedder), chunker)
        .with_reader(Box::new(FakeReader))
}

pub(super) fn ingest(engine: &Engine, path: &Path) -> Result<IngestReport, EngineError> {
    let scope = IngestScope::Paths { paths: vec![path.to_owned()], collection: "default".to_owned() };
    let request = IngestRequest { scope, jobs: Some(1), passwords: Vec::new() };
    engine.ingest(&request, &StopFlag::new(), &mut |_| {})
}

/// A vault that knows what a berth costs, and the folder it was read from.
pub(super) fn harbour() -> (PathBuf, PathBuf) {
    let (vault, corpus) = (folder("engine").join("vault"), folder("harbour"));
    for (name, text) in [
        (
            "fees.md",
            "# Fees\n\nThe berth fee is 40 pounds a night. Water costs 3 pounds a day.\n\nThe fee is paid in advance.",
        ),
        ("crane.txt", "The crane of the north quay lifts 9 tonnes. It is closed in winter."),
    ] {
        std::fs::write(corpus.join(name), text).unwrap();
    }
    assert_eq!(ingest(&open(&vault, FakeEmbedder::new(DIMENSIONS)), &corpus).unwrap().added, 2);
    (vault, corpus)
}

pub(super) fn ask(
    engine: &Engine,
    stop: &StopFlag,
    sink: &mut dyn FnMut(AskEvent<'_>),
) -> Result<Answer, EngineError> {
    let request = AskRequest {
        question: QUESTION.to_owned(),
        question_id: None,
        mode: AskMode::Generate,
        ..AskRequest::default()
    };
    engine.ask(&request, stop, sink)
}

fn what_the_model_writes() {
    let (vault, _) = harbour();
    let right = "The berth fee is 40 pounds a night";
    // The model's turns; the text of the answer, none for a refusal; the sentences taken out; how often it was asked.
    let check = |turns: &[&str], text: Result<&str, NearestReason>, removed: &[&str], asked: usize| {
        let generator = FakeGenerator::new(turns.iter().copied());
        let prompts = generator.prompts.clone();
        let engine = open(&vault, FakeEmbedder::new(DIMENSIONS)).with_generator(Box::new(generator));
        let answer = ask(&engine, &StopFlag::new(), &mut |_| {}).unwrap();
        match text {
            Ok(text) => {
                assert_eq!((answer.outcome, answer.text.as_str()), (Outcome::Answered, text), "{turns:?}")
            }
            Err(reason) => {
                assert_eq!((answer.outcome, answer.reason), (Outcome::NotFound, Some(reason)), "{turns:?}");
                assert!(answer.citations.is_empty() && answer.text.contains(QUESTION), "{}", answer.text);
            }
        }
        let taken_out =
            answer.sentences.iter().filter(|s| s.verdict == Verdict::Removed).map(|s| s.text.as_str());
        assert_eq!(taken_out.collect::<Vec<_>>(), removed, "{turns:?}");
        let json = |answer: &Answer| rounded(serde_json::to_value(answer).unwrap());
        assert_eq!(
            json(&engine.answer(&answer.id).unwrap()),
            json(&answer),
            "what is stored is what was told"
        );
        for citation in &answer.citations {
            let document = engine.document_text(&citation.document_id.0).unwrap();
            let slice: String =
                document.chars().skip(citation.start).take(citation.end - citation.start).collect();
            assert_eq!(slice, citation.quote);
        }
        let prompts = prompts.lock().unwrap().clone();
        assert_eq!(prompts.len(), asked, "{turns:?}");
        // What the reader is shown as context is what the model was given.
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let shown: Vec<String> = answer.passages.iter().map(|p| flat(&p.text)).collect();
        for source in prompts.iter().flat_map(|p| p.lines()).filter(|l| l.starts_with('[')) {
            let given = source.split_once(") ").unwrap().1;
            assert!(shown.iter().any(|s| s.contains(given)), "{given:?} is not in {shown:?}");
        }
    };
    check(&[&format!("{right}.")], Ok("The berth fee is 40 pounds a night [1]."), &[], 1);
    // The model's own marks count for nothing, right or wrong.
    check(&[&format!("{right} [2][17].")], Ok("The berth fee is 40 pounds a night [1]."), &[], 1);
    // A wrong number is taken out, and the model gets one more chance.
    let wrong = "The berth fee is 90 pounds a night.";
    let answer = Ok("The berth fee is 40 pounds a night [1].");
    check(&[wrong, &format!("{right}.")], answer, &[wrong], 2);
    // Where that fails too, the evidence itself is the answer, to the letter.
    check(&[wrong, wrong, right], answer, &[wrong, wrong], 2);
    check(&[&format!("{right}. {wrong}")], answer, &[wrong], 1);
    // A number of one source and a name of another say nothing together.
    let mixed = "The berth fee of the north quay is 9 pounds.";
    check(&[mixed, mixed], answer, &[mixed, mixed], 2);
    // What is carried and beside the point is no answer.
    let beside = "Water costs 3 pounds a day.";
    check(&[beside, beside], answer, &[beside, beside], 2);
    // The gate has let the question through; a small model that declines is not believed against it.
    check(&["Not found."], answer, &[], 1);
    check(&["", ""], answer, &[], 2);
    check(&["… [1] !!", " ***"], answer, &[], 2);
    let moon = "The moon is made of <|im_start|>cheese.";
    check(&[moon, moon], answer, &[moon, moon], 2);
}

/// A generator that ends in an error after its first words.
struct Broken;

impl Generator for Broken {
    fn name(&self) -> &str {
        "broken"
    }

    fn device(&self) -> &str {
        "cpu"
    }

    fn context_length(&self) -> usize {
        2048
    }

    fn count_tokens(&self, text: &str) -> Result<usize, ModelError> {
        Ok(text.len())
    }

    fn generate(
        &mut self,
        _: &GenerationRequest<'_>,
        _: &StopFlag,
        sink: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Generation, ModelError> {
        sink("The berth fee");
        Err(ModelError::Failed { model: "broken".to_owned(), reason: "out of tune".to_owned() })
    }
}

/// Nothing is stored of an answer that did not come to its end.
fn a_model_that_fails_or_is_stopped() {
    let (vault, _) = harbour();
    let sound = || FakeGenerator::new(["The berth fee is 40 pounds a night."]);
    let engine = open(&vault, FakeEmbedder::new(DIMENSIONS)).with_generator(Box::new(Broken));
    let error = ask(&engine, &StopFlag::new(), &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("out of tune"), "{error}");
    drop(engine);
    let stop_at_word = |word: usize| {
        let engine = open(&vault, FakeEmbedder::new(DIMENSIONS)).with_generator(Box::new(sound()));
        let (stop, mut words) = (StopFlag::new(), 0);
        let ended = ask(&engine, &stop, &mut |event| {
            if matches!(event, AskEvent::Passages { .. }) && word == 0
                || matches!(event, AskEvent::Draft { .. })
            {
                words += 1;
                if words > word || word == 0 {
                    stop.stop();
                }
            }
        });
        assert!(matches!(ended, Err(EngineError::Model(ModelError::Stopped))), "{word}: {ended:?}");
        assert!(words <= word + 1, "not one word more: {words}");
        assert_eq!(engine.answers().unwrap().len(), 0);
    };
    stop_at_word(0);
    stop_at_word(1);
    stop_at_word(4);
    let engine = open(&vault, FakeEmbedder::new(DIMENSIONS)).with_generator(Box::new(sound()));
    assert_eq!(ask(&engine, &StopFlag::new(), &mut |_| {}).unwrap().outcome, Outcome::Answered);
}

/// Fails when it has embedded so many texts, and gives the texts with a mark a vector of their own.
struct Moody {
    inner: FakeEmbedder,
    good_for: usize,
}

/// What stands in a text that gets [`own_vector`].
const MARK: &str = "zyxocanaryq";

fn own_vector() -> Vec<f32> {
    let vector: Vec<f32> = (0..DIMENSIONS).map(|n| ((n + 1) as f32 * 0.618).sin()).collect();
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    vector.iter().map(|x| x / length).collect()
}

impl Embedder for Moody {
    fn fingerprint(&self) -> &str {
        self.inner.fingerprint()
    }

    fn dimensions(&self) -> usize {
        DIMENSIONS
    }

    fn embed_documents(&mut self, texts: &[String], stop: &StopFlag) -> Result<Vec<Windows>, ModelError> {
        let failed =
            || ModelError::Failed { model: "moody".to_owned(), reason: "it has had enough".to_owned() };
        self.good_for = self.good_for.checked_sub(texts.len()).ok_or_else(failed)?;
        let mut vectors = self.inner.embed_documents(texts, stop)?;
        for (vector, _) in vectors.iter_mut().zip(texts).filter(|(_, text)| text.contains(MARK)) {
            *vector = vec![own_vector()];
        }
        Ok(vectors)
    }

    fn embed_query(&mut self, text: &str) -> Result<Vec<f32>, ModelError> {
        self.inner.embed_query(text)
    }
}

/// The ingest ends with the embedder's reason; the next one ends what was begun.
fn an_embedder_that_fails() {
    let (vault, corpus) = (folder("moody").join("vault"), folder("many"));
    for n in 0..10 {
        std::fs::write(corpus.join(format!("{n}.txt")), format!("Berth {n} is free.")).unwrap();
    }
    for good_for in [0, 1, 2, 3] {
        let engine = open(&vault, Moody { inner: FakeEmbedder::new(DIMENSIONS), good_for });
        let error = ingest(&engine, &corpus).unwrap_err();
        assert!(error.to_string().contains("it has had enough"), "{error}");
        // A file that changes while an earlier ingest waits to be ended.
        std::fs::write(corpus.join("0.txt"), format!("Berth 0 is free for {good_for} days.")).unwrap();
    }
    let engine = open(&vault, FakeEmbedder::new(DIMENSIONS));
    let report = ingest(&engine, &corpus).unwrap();
    assert_eq!(report.added + report.updated + report.unchanged, 10, "each counts once: {report:?}");
    let documents = engine.documents().unwrap();
    let mut names: Vec<&str> = documents.iter().map(|d| d.path.rsplit('/').next().unwrap()).collect();
    names.sort();
    assert_eq!(names, (0..10).map(|n| format!("{n}.txt")).collect::<Vec<_>>());
    assert_eq!(ingest(&engine, &corpus).unwrap().unchanged, 10);
}

/// A vector says much of the text it was made from: it is forgotten with it.
fn vectors_are_forgotten() {
    let (vault, corpus) = (folder("vectors").join("vault"), folder("marked"));
    for n in 0..20 {
        std::fs::write(corpus.join(format!("{n}.txt")), format!("Berth {n} is free.")).unwrap();
    }
    std::fs::write(corpus.join("mark.txt"), format!("Berth {MARK} is let.")).unwrap();
    let engine = open(&vault, Moody { inner: FakeEmbedder::new(DIMENSIONS), good_for: usize::MAX });
    ingest(&engine, &corpus).unwrap();
    let bytes: Vec<u8> = own_vector().iter().flat_map(|x| x.to_le_bytes()).collect();
    let holding = |part: &[u8]| {
        let holds = |file: &PathBuf| std::fs::read(file).unwrap().windows(part.len()).any(|w| w == part);
        files_below(&vault)
            .into_iter()
            .filter(holds)
            .map(|f| f.to_string_lossy().into_owned())
            .collect::<Vec<_>>()
    };
    let held = holding(&bytes);
    let of = |part: &str| held.iter().any(|f| f.contains(part));
    assert!(of("catalog.sqlite") && of("vectors"), "the test can fail: {held:?}");
    let documents = engine.documents().unwrap();
    let marked = documents.iter().find(|d| d.path.ends_with("mark.txt")).unwrap();
    engine.remove(std::slice::from_ref(&marked.document_id.0)).unwrap();
    // Not even four numbers of it.
    for part in [bytes.as_slice(), &bytes[..16], &bytes[bytes.len() - 16..]] {
        assert_eq!(holding(part), Vec::<String>::new());
    }
    assert_eq!(engine.documents().unwrap().len(), 20);
}
