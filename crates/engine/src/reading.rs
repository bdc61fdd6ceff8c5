//! Reading: the reader looks at the most relevant stretches of the passages together with the question, which orders the
//! evidence anew and says whether there is an answer in it.

use std::collections::HashSet;

use citadel_core::{CharRange, ModelError, Passage, Reader, ReaderText, StopFlag, TextMap};

use crate::calibration::logistic;
use crate::evidence::Evidence;
use crate::prompt;
use crate::words::{facts, word_set};

/// Words of all stretches together (about 700 tokens), of one (with question and context it must fit the reader), and the
/// most stretches. The best sentences decide what is read.
const WORDS: usize = 520;
const STRETCH_WORDS: usize = 170;
const STRETCHES: usize = 6;
/// Sentences on either side that are read with a relevant one.
const NEIGHBOURS: usize = 2;
/// Weight of what the reader says against the relevance by words and vectors, in the order of the evidence.
const READ_WEIGHT: f64 = 0.3;

/// What a sentence that has none of the question's names loses of its relevance, where others have them.
const UNNAMED: f64 = 0.4;
/// Those others must come this near to the best.
const NEAR: f64 = 0.5;

/// What was read, and what the reader takes for the answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Read {
    /// The sentences, best first by relevance and reader together.
    pub ranked: Vec<Evidence>,
    /// What was read: passage and characters of the document.
    pub stretches: Vec<(usize, CharRange)>,
    /// Log-odds of the best stretch; `None` where nothing was read.
    pub answerable: Option<f64>,
    /// The likeliest answer of each sentence that was read, in the order of [`Read::ranked`].
    pub found: Vec<Found>,
}

/// A likely answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    /// Position in [`Read::ranked`] of the sentence that it begins in.
    pub sentence: usize,
    /// The words of the answer.
    pub text: String,
    /// How likely the stretch answers and the answer stands there, 0 to 1.
    pub probability: f64,
    /// Log-odds of its stretch.
    pub answerable: f64,
}

/// A run of sentences of one passage.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stretch {
    passage: usize,
    /// First and last sentence of the passage.
    first: usize,
    last: usize,
}

/// Reads the best of `ranked` with their neighbours and orders them anew.
pub(crate) fn read(
    question: &str,
    mut ranked: Vec<Evidence>,
    passages: &[Passage],
    reader: &mut dyn Reader,
    stop: &StopFlag,
) -> Result<Read, ModelError> {
    let sentences: Vec<Vec<CharRange>> = passages.iter().map(|p| citadel_chunk::sentences(&p.text)).collect();
    let maps: Vec<TextMap<'_>> = passages.iter().map(|p| TextMap::new(&p.text)).collect();
    let stretches = stretches(&ranked, passages, &sentences, &maps);
    let contexts: Vec<String> = passages.iter().map(prompt::context).collect();
    let range_of = |s: &Stretch| {
        let of = &sentences[s.passage];
        CharRange::new(of[s.first].start, of[s.last].end)
    };
    let texts: Vec<ReaderText<'_>> = stretches
        .iter()
        .map(|s| ReaderText {
            context: &contexts[s.passage],
            text: maps[s.passage].slice(range_of(s)).unwrap_or_default(),
        })
        .collect();
    let readings = reader.read(question, &texts, stop)?;

    // The best answer of each sentence.
    let mut found: Vec<Option<Found>> = vec![None; ranked.len()];
    for ((stretch, text), reading) in stretches.iter().zip(&texts).zip(&readings) {
        let answers = logistic(f64::from(reading.answerable));
        let map = TextMap::new(text.text);
        let offset = range_of(stretch).start + passages[stretch.passage].start;
        for span in &reading.spans {
            let at = span.range.start + offset;
            let sentence = ranked
                .iter()
                .position(|e| e.passage == stretch.passage && (e.range.start..e.range.end).contains(&at));
            let (Some(sentence), Some(text)) = (sentence, map.slice(span.range)) else { continue };
            let probability = answers * f64::from(span.probability);
            if found[sentence].as_ref().is_none_or(|f| f.probability < probability) {
                found[sentence] = Some(Found {
                    sentence,
                    text: text.to_owned(),
                    probability,
                    answerable: f64::from(reading.answerable),
                });
            }
        }
    }
    for (evidence, found) in ranked.iter_mut().zip(&found) {
        let read = found.as_ref().map_or(0.0, |f| f.probability);
        let relevance = &mut evidence.relevance;
        relevance.total = (1.0 - READ_WEIGHT) * relevance.score + READ_WEIGHT * read;
    }
    prefer_named(question, &mut ranked, &contexts);
    let mut order: Vec<usize> = (0..ranked.len()).collect();
    let total = |i: usize| ranked[i].relevance.total;
    order.sort_by(|&a, &b| total(b).total_cmp(&total(a)).then(a.cmp(&b)));
    let mut place = vec![0; ranked.len()];
    order.iter().enumerate().for_each(|(to, &from)| place[from] = to);
    let mut found: Vec<Found> =
        found.into_iter().flatten().map(|f| Found { sentence: place[f.sentence], ..f }).collect();
    // What words, vectors and reader together put first: on texts unlike those it was trained on, the reader errs by itself.
    found.sort_by_key(|f| f.sentence);
    let mut slots: Vec<Option<Evidence>> = ranked.drain(..).map(Some).collect();
    let ranked = order.into_iter().filter_map(|i| slots[i].take()).collect();
    let answerable = readings.iter().map(|r| f64::from(r.answerable)).reduce(f64::max);
    let stretches = stretches
        .iter()
        .map(|s| {
            let (range, start) = (range_of(s), passages[s.passage].start);
            (s.passage, CharRange::new(range.start + start, range.end + start))
        })
        .collect();
    Ok(Read { ranked, stretches, answerable, found })
}

/// Puts back sentences that lack a name of the question which another has: "The limit is £135" where "In Amsterdam the limit
/// is £190" stands too. What title and heading say, the sentence need not say again.
fn prefer_named(question: &str, ranked: &mut [Evidence], contexts: &[String]) {
    let mut names = facts(question).names;
    names.sort();
    names.dedup();
    let there = |e: &Evidence| {
        let mut words = word_set(&e.text);
        words.extend(word_set(&contexts[e.passage]));
        words
    };
    let best = ranked.iter().map(|e| e.relevance.total).fold(0.0, f64::max);
    let held: Vec<HashSet<String>> = ranked.iter().map(there).collect();
    let near = |i: usize| ranked[i].relevance.total >= best * NEAR;
    names.retain(|name| (0..ranked.len()).any(|i| near(i) && held[i].contains(name)));
    if names.is_empty() {
        return;
    }
    for (evidence, held) in ranked.iter_mut().zip(&held) {
        let missing = names.iter().filter(|name| !held.contains(*name)).count();
        evidence.relevance.total *= 1.0 - UNNAMED * missing as f64 / names.len() as f64;
    }
}

impl Found {
    /// Whether a sentence says this answer: all its words stand in it.
    pub(crate) fn is_in(&self, sentence: &str) -> bool {
        let (answer, sentence) = (word_set(&self.text), word_set(sentence));
        !answer.is_empty() && answer.is_subset(&sentence)
    }
}

/// What to read: each of the best sentences with its neighbours, stretches that meet as one, none read twice.
fn stretches(
    ranked: &[Evidence],
    passages: &[Passage],
    sentences: &[Vec<CharRange>],
    maps: &[TextMap<'_>],
) -> Vec<Stretch> {
    let words = |passage: usize, sentence: usize| {
        maps[passage]
            .slice(sentences[passage][sentence])
            .map_or(0, |t| t.split_whitespace().count().max(t.len() / 12))
    };
    let size = |s: &Stretch| (s.first..=s.last).map(|i| words(s.passage, i)).sum::<usize>();
    let mut chosen: Vec<Stretch> = Vec::new();
    for evidence in ranked {
        let passage = evidence.passage;
        let start = evidence.range.start.saturating_sub(passages[passage].start);
        let Some(at) = sentences[passage].iter().position(|s| s.start == start) else { continue };
        let inside = |s: &Stretch, i: usize| s.passage == passage && s.first <= i && i <= s.last;
        if chosen.iter().any(|s| inside(s, at)) {
            continue;
        }
        let free = |i: usize| !chosen.iter().any(|s| inside(s, i));
        let mut stretch = Stretch { passage, first: at, last: at };
        let mut used = size(&stretch);
        for _ in 0..NEIGHBOURS {
            if let Some(before) = stretch.first.checked_sub(1).filter(|&i| free(i))
                && used + words(passage, before) <= STRETCH_WORDS
            {
                used += words(passage, before);
                stretch.first = before;
            }
            let after = stretch.last + 1;
            if after < sentences[passage].len()
                && free(after)
                && used + words(passage, after) <= STRETCH_WORDS
            {
                used += words(passage, after);
                stretch.last = after;
            }
        }
        // Two that meet are read as one: an answer often stands beside what it answers to.
        let neighbour = chosen.iter().position(|s| {
            let meet = s.last + 1 == stretch.first || stretch.last + 1 == s.first;
            s.passage == passage && meet && size(s) + used <= STRETCH_WORDS
        });
        match neighbour {
            Some(other) => {
                let other = &mut chosen[other];
                other.first = other.first.min(stretch.first);
                other.last = other.last.max(stretch.last);
            }
            None if chosen.len() == STRETCHES => break,
            None => chosen.push(stretch),
        }
        if chosen.iter().map(size).sum::<usize>() >= WORDS {
            break;
        }
    }
    chosen
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::evidence::{rank_sentences, tests::passage};
    use citadel_core::Embedder;
    use citadel_core::fakes::{FakeEmbedder, FakeReader};

    const RULES: &str = "Trains come first. Hotel rooms are paid up to 180 euros a night. In Zurich it is 190 euros. \
                         Receipts are kept for a year. Managers sign claims. Claims are paid monthly. \
                         The desk answers questions. It is open daily.";

    #[test]
    fn the_sentence_that_answers_comes_first_and_is_found() {
        let passages = [passage(RULES, 40), passage("The canteen has rooms for guests at night.", 0)];
        let mut embedder = FakeEmbedder::new(64);
        let check = |question: &str, expected: &str, embedder: &mut FakeEmbedder| {
            let vector = embedder.embed_query(question).unwrap();
            let ranked = rank_sentences(question, &vector, &passages, embedder, &StopFlag::new()).unwrap();
            let read = read(question, ranked.clone(), &passages, &mut FakeReader, &StopFlag::new()).unwrap();
            assert_eq!(read.ranked.len(), ranked.len(), "nothing is lost");
            assert!(read.ranked[0].text.starts_with(expected), "{question}: {:?}", read.ranked[0]);
            assert_eq!(read.found[0].sentence, 0);
            assert!(read.found[0].is_in(&read.ranked[0].text));
            assert!(read.answerable.is_some());
        };
        check("What is paid for hotel rooms a night?", "Hotel rooms", &mut embedder);
        check("Who does sign claims of managers?", "Managers sign", &mut embedder);
    }

    #[test]
    fn stretches_neither_overlap_nor_grow_without_bound() {
        let long = "One two three four five six seven eight nine ten. ".repeat(120);
        let passages = [passage(&long, 7), passage(RULES, 0)];
        let sentences: Vec<Vec<CharRange>> =
            passages.iter().map(|p| citadel_chunk::sentences(&p.text)).collect();
        let maps: Vec<TextMap<'_>> = passages.iter().map(|p| TextMap::new(&p.text)).collect();
        let mut embedder = FakeEmbedder::new(16);
        let vector = embedder.embed_query("seven").unwrap();
        let ranked = rank_sentences("seven", &vector, &passages, &mut embedder, &StopFlag::new()).unwrap();
        let found = stretches(&ranked, &passages, &sentences, &maps);
        assert!(!found.is_empty() && found.len() <= STRETCHES);
        for (i, a) in found.iter().enumerate() {
            let words: usize = (a.first..=a.last)
                .filter_map(|s| maps[a.passage].slice(sentences[a.passage][s]))
                .map(|t| t.split_whitespace().count())
                .sum();
            assert!(words <= STRETCH_WORDS, "{words}");
            let apart = |b: &Stretch| a.passage != b.passage || a.last < b.first || b.last < a.first;
            assert!(found[i + 1..].iter().all(apart));
        }
    }
}
