//! Evidence: the sentences of the found passages that bear on the question, each with its exact range.

use std::collections::{HashMap, HashSet};

use citadel_core::{CharRange, Embedder, ModelError, Passage, StopFlag, TextMap};

use crate::words::{self, content_words, word_set};

/// A piece of a passage that is shown to the model and can be cited: one sentence, or two where the second leans on
/// the first.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Evidence {
    /// Which of the passages it stands in.
    pub passage: usize,
    /// Its characters in the document.
    pub range: CharRange,
    /// The document's text of that range, to the letter.
    pub text: String,
    /// How well it bears on the question.
    pub relevance: Relevance,
}

/// How well a sentence bears on a question. Each part is 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Relevance {
    /// Cosine of the sentence with its headings and the question; below 0 counts as 0.
    pub cosine: f64,
    /// Share of the question's content words, weighted by rarity among the candidates, that occur in the sentence.
    pub overlap: f64,
    /// The two mixed, with a little for the rank of the passage.
    pub score: f64,
    /// What the order goes by: `score`, mixed with what the reader says once it has read.
    pub total: f64,
}

/// Weight of the cosine against the word overlap, and of the passage's rank. To be tuned by the share of
/// questions whose answer is in the first sentences.
const COSINE_WEIGHT: f64 = 0.6;
const RANK_WEIGHT: f64 = 0.08;

/// Candidates that are embedded; those with the least overlap in the lowest passages are left out first, so that
/// the time to first evidence is bounded.
const MAX_EMBEDDED: usize = 48;

/// Words at the start of a sentence that point back to the one before.
const BACKWARD: &[&str] =
    &["it", "they", "this", "these", "those", "he", "she", "such", "its", "their", "his", "her", "that"];

struct Candidate<'a> {
    passage: usize,
    range: CharRange,
    text: &'a str,
    words: HashSet<String>,
}

/// Cuts the passages into sentences and gives each its relevance, best first. A sentence that stands in two
/// overlapping passages is taken once.
pub(crate) fn rank_sentences(
    question: &str,
    query_vector: &[f32],
    passages: &[Passage],
    embedder: &mut dyn Embedder,
    stop: &StopFlag,
) -> Result<Vec<Evidence>, ModelError> {
    let mut candidates = candidates(passages);
    let question_words: Vec<String> = {
        let mut seen = HashSet::new();
        content_words(question).into_iter().filter(|w| seen.insert(w.clone())).collect()
    };
    let rarity = rarity(&question_words, &candidates);
    let overlap_of = |c: &Candidate<'_>| {
        let all: f64 = question_words.iter().map(|w| rarity[w]).sum();
        let found: f64 = question_words.iter().filter(|w| c.words.contains(*w)).map(|w| rarity[w]).sum();
        if all > 0.0 { found / all } else { 0.0 }
    };
    if candidates.len() > MAX_EMBEDDED {
        candidates.sort_by(|a, b| {
            let key = |c: &Candidate<'_>| overlap_of(c) - 0.05 * c.passage as f64;
            key(b).total_cmp(&key(a))
        });
        candidates.truncate(MAX_EMBEDDED);
    }
    let inputs: Vec<String> = candidates
        .iter()
        .map(|c| {
            let heading = passages[c.passage].heading.last().map(String::as_str).unwrap_or_default();
            if heading.is_empty() { c.text.to_owned() } else { format!("{heading}: {}", c.text) }
        })
        .collect();
    let vectors = embedder.embed_documents(&inputs, stop)?;
    let mut ranked: Vec<Evidence> = candidates
        .iter()
        .zip(&vectors)
        .map(|(c, windows)| {
            let cosine = windows.iter().map(|v| dot(v, query_vector)).fold(0.0f64, f64::max).clamp(0.0, 1.0);
            let overlap = overlap_of(c);
            let rank = 1.0 - c.passage as f64 / passages.len().max(1) as f64;
            let score = (1.0 - RANK_WEIGHT) * (COSINE_WEIGHT * cosine + (1.0 - COSINE_WEIGHT) * overlap)
                + RANK_WEIGHT * rank;
            Evidence {
                passage: c.passage,
                range: c.range,
                text: c.text.to_owned(),
                relevance: Relevance { cosine, overlap, score, total: score },
            }
        })
        .collect();
    ranked.sort_by(|a, b| {
        b.relevance
            .score
            .total_cmp(&a.relevance.score)
            .then(a.passage.cmp(&b.passage))
            .then(a.range.cmp(&b.range))
    });
    Ok(ranked)
}

/// The first of `ranked` that fit into `budget` tokens, at most `most`, each widened by the sentence before it where it
/// leans on that.
pub(crate) fn select(
    ranked: &[Evidence],
    passages: &[Passage],
    most: usize,
    budget: usize,
    mut tokens: impl FnMut(&str) -> Result<usize, ModelError>,
) -> Result<Vec<Evidence>, ModelError> {
    let mut chosen: Vec<Evidence> = Vec::new();
    let mut used = 0;
    for evidence in ranked {
        if chosen.len() == most {
            break;
        }
        let passage = &passages[evidence.passage];
        let same_document = |e: &Evidence| passages[e.passage].version_id == passage.version_id;
        if chosen.iter().any(|e| same_document(e) && e.range.overlaps(evidence.range)) {
            continue;
        }
        let mut widened = widen(evidence, passage);
        if chosen.iter().any(|e| same_document(e) && e.range.overlaps(widened.range)) {
            widened = evidence.clone();
        }
        let cost = tokens(&widened.text)?;
        if used + cost > budget && !chosen.is_empty() {
            continue;
        }
        used += cost;
        // Neighbours are shown and cited as one: the second often lives on the first.
        let joined =
            chosen.iter_mut().find_map(|c| join(c, &widened, passages).map(|both| *c = both)).is_some();
        if !joined {
            chosen.push(widened);
        }
    }
    Ok(chosen)
}

/// The two as one piece, where nothing but space within a paragraph lies between them. Rows of a table stay apart.
fn join(one: &Evidence, other: &Evidence, passages: &[Passage]) -> Option<Evidence> {
    let passage = &passages[one.passage];
    let is_row = |e: &Evidence| e.text.contains(" | ");
    if one.passage != other.passage || is_row(one) || is_row(other) {
        return None;
    }
    let (first, last) =
        if one.range.start < other.range.start { (one.range, other.range) } else { (other.range, one.range) };
    let map = TextMap::new(&passage.text);
    let within = |start: usize, end: usize| {
        map.slice(CharRange::new(start.checked_sub(passage.start)?, end.checked_sub(passage.start)?))
    };
    let gap = within(first.end, last.start).filter(|_| first.end <= last.start)?;
    if !gap.trim().is_empty() || gap.contains("\n\n") {
        return None;
    }
    let text = within(first.start, last.end)?.to_owned();
    Some(Evidence { range: CharRange::new(first.start, last.end), text, ..one.clone() })
}

/// Whether the sentence begins with a word that points back to the one before.
pub(crate) fn points_back(sentence: &str) -> bool {
    words::words(sentence).first().is_some_and(|w| BACKWARD.contains(&w.text.to_lowercase().as_str()))
}

/// Takes the sentence before into the range where the sentence begins with a word that points back.
fn widen(evidence: &Evidence, passage: &Passage) -> Evidence {
    if !points_back(&evidence.text) {
        return evidence.clone();
    }
    let map = TextMap::new(&passage.text);
    let before = citadel_chunk::sentences(&passage.text)
        .into_iter()
        .take_while(|s| s.end + passage.start <= evidence.range.start)
        .last();
    let Some(before) = before else { return evidence.clone() };
    let range = CharRange::new(before.start + passage.start, evidence.range.end);
    match map.slice(CharRange::new(before.start, evidence.range.end - passage.start)) {
        // A blank line between the two means another paragraph.
        Some(text) if !text.contains("\n\n") => Evidence { range, text: text.to_owned(), ..evidence.clone() },
        _ => evidence.clone(),
    }
}

/// Whether the evidence stands in a list, or leads into one.
pub(crate) fn is_list(evidence: &Evidence, passages: &[Passage]) -> bool {
    with_list(evidence, &passages[evidence.passage]).range != evidence.range
}

/// The whole list with the line that leads into it, where the evidence is one of its items or that line; else the evidence as
/// it is. Half a list is a wrong answer to a question for all of it.
pub(crate) fn with_list(evidence: &Evidence, passage: &Passage) -> Evidence {
    let Some(at) = evidence.range.start.checked_sub(passage.start) else { return evidence.clone() };
    // Each line that says something, with its characters in the passage.
    let mut lines: Vec<(CharRange, &str)> = Vec::new();
    let mut start = 0;
    for line in passage.text.split_inclusive('\n') {
        let length = line.chars().count();
        if !line.trim().is_empty() {
            lines.push((CharRange::new(start, start + line.trim_end().chars().count()), line.trim()));
        }
        start += length;
    }
    let Some(here) = lines.iter().position(|(range, _)| range.start <= at && at < range.end) else {
        return evidence.clone();
    };
    let item = |i: usize| lines.get(i).is_some_and(|(_, line)| is_item(line));
    let leads = |i: usize| lines.get(i).is_some_and(|(_, line)| line.ends_with(':'));
    let mut first = here;
    if item(here) {
        while first > 0 && item(first - 1) {
            first -= 1;
        }
        first -= usize::from(first > 0 && leads(first - 1));
    } else if !(leads(here) && item(here + 1)) {
        return evidence.clone();
    }
    let mut last = here;
    while item(last + 1) {
        last += 1;
    }
    let range = CharRange::new(
        lines[first].0.start.min(at),
        lines[last].0.end.max(evidence.range.end - passage.start),
    );
    match TextMap::new(&passage.text).slice(range) {
        Some(text) if last > first => Evidence {
            range: CharRange::new(range.start + passage.start, range.end + passage.start),
            text: text.to_owned(),
            ..evidence.clone()
        },
        _ => evidence.clone(),
    }
}

/// Whether a line begins as an item of a list: a bullet, or a number or letter with a full stop or bracket.
fn is_item(line: &str) -> bool {
    let mark = line.split_whitespace().next().unwrap_or_default();
    let number = mark.trim_start_matches('(').trim_end_matches(['.', ')']);
    let numbered = number.len() < mark.len()
        && (number.chars().all(|c| c.is_ascii_digit()) || number.chars().count() == 1)
        && (1..=3).contains(&number.len());
    line.len() > mark.len() && (matches!(mark, "-" | "*" | "•" | "–" | "·" | "◦" | "▪") || numbered)
}

fn candidates(passages: &[Passage]) -> Vec<Candidate<'_>> {
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    for (number, passage) in passages.iter().enumerate() {
        let map = TextMap::new(&passage.text);
        for sentence in citadel_chunk::sentences(&passage.text) {
            let Some(text) = map.slice(sentence) else { continue };
            let range = CharRange::new(sentence.start + passage.start, sentence.end + passage.start);
            // Two words say nothing: headings, page numbers, cells.
            let says_something = text.split_whitespace().nth(2).is_some() || !text.is_ascii();
            if says_something && seen.insert((passage.version_id, range)) {
                // What the title and the headings say, the sentence need not say again.
                let mut words = word_set(text);
                words.extend(word_set(&passage.title));
                words.extend(passage.heading.iter().flat_map(|heading| word_set(heading)));
                out.push(Candidate { passage: number, range, text, words });
            }
        }
    }
    out
}

/// Inverse document frequency of each question word over the candidates, as BM25 has it.
fn rarity(question_words: &[String], candidates: &[Candidate<'_>]) -> HashMap<String, f64> {
    let n = candidates.len() as f64;
    question_words
        .iter()
        .map(|w| {
            let with = candidates.iter().filter(|c| c.words.contains(w)).count() as f64;
            (w.clone(), (1.0 + (n - with + 0.5) / (with + 0.5)).ln())
        })
        .collect()
}

/// Inner product; the cosine for vectors of length 1.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum()
}

#[cfg(test)]
pub(crate) mod tests {
    use citadel_core::{DocumentId, PassageScores};

    use super::*;

    /// A passage of a document named after its words, which begins at character `start`.
    pub(crate) fn passage(text: &str, start: usize) -> Passage {
        Passage {
            rank: 1,
            score: 1.0,
            document_id: DocumentId(format!("{start}-{}", text.len())),
            version_id: text.len() as i64,
            path: "a.md".to_owned(),
            title: "A".to_owned(),
            collection: "default".to_owned(),
            heading: Vec::new(),
            page: None,
            page_label: None,
            text: text.to_owned(),
            start,
            end: start + text.chars().count(),
            scores: PassageScores { vector: None, keyword: None, fused: 1.0 },
            used: None,
        }
    }

    #[test]
    fn a_list_is_shown_whole() {
        let text = "Intro.\n\nThe steps are:\n\n1. Ask for leave.\n2. Wait. It takes a day.\n3. Go.\n\nMore is said \
                    elsewhere.\n- a note";
        let passage = passage(text, 100);
        let check = |sentence: &str, expected: &str| {
            let at = text[..text.find(sentence).unwrap_or_default()].chars().count();
            let range = CharRange::new(100 + at, 100 + at + sentence.chars().count());
            let evidence =
                Evidence { passage: 0, range, text: sentence.to_owned(), relevance: Relevance::default() };
            let found = with_list(&evidence, &passage);
            assert_eq!(found.text, expected, "{sentence}");
            let map = TextMap::new(text);
            let slice = map.slice(CharRange::new(found.range.start - 100, found.range.end - 100));
            assert_eq!(slice, Some(expected), "{sentence}");
        };
        let list = "The steps are:\n\n1. Ask for leave.\n2. Wait. It takes a day.\n3. Go.";
        check("The steps are:", list);
        check("2. Wait.", list);
        check("It takes a day.", list);
        check("3. Go.", list);
        check("Intro.", "Intro.");
        check("More is said elsewhere.", "More is said elsewhere.");
        check("- a note", "- a note");
    }
}
