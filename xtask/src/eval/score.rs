//! Metrics and their intervals.

use std::fmt;

use serde_json::Value;

use super::sets::{Question, Scoring};

/// Share of the gold items that the first `k` passages hold.
pub(super) fn recall_at(k: usize, question: &Question, matched: &[Vec<usize>]) -> f64 {
    let mut found: Vec<usize> = matched.iter().take(k).flatten().copied().collect();
    found.sort_unstable();
    found.dedup();
    found.len() as f64 / question.gold.len().max(1) as f64
}

/// Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002), gain = grade; a gold item counts where it is first
/// found.
pub(super) fn ndcg_at(k: usize, question: &Question, matched: &[Vec<usize>]) -> f64 {
    let discount = |rank: usize| 1.0 / ((rank + 2) as f64).log2();
    let mut seen = vec![false; question.gold.len()];
    let mut gain = 0.0;
    for (rank, items) in matched.iter().take(k).enumerate() {
        for &item in items {
            if !std::mem::replace(&mut seen[item], true) {
                gain += question.gold[item].grade * discount(rank);
            }
        }
    }
    let mut grades: Vec<f64> = question.gold.iter().map(|g| g.grade).collect();
    grades.sort_by(|a, b| b.total_cmp(a));
    let ideal: f64 = grades.iter().take(k).enumerate().map(|(rank, grade)| grade * discount(rank)).sum();
    // One passage may hold several items, which the ideal ranking has in several places.
    if ideal > 0.0 { (gain / ideal).min(1.0) } else { 0.0 }
}

/// One over the rank of the first passage that holds anything, within `k`.
pub(super) fn reciprocal_rank(k: usize, matched: &[Vec<usize>]) -> f64 {
    matched.iter().take(k).position(|items| !items.is_empty()).map_or(0.0, |rank| 1.0 / (rank + 1) as f64)
}

/// A mean with the half-width of its 95 % interval.
pub(super) struct Mean {
    mean: f64,
    half: f64,
    n: usize,
}

impl Mean {
    /// Of any values, by the normal approximation.
    pub(super) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let values: Vec<f64> = values.into_iter().collect();
        let n = values.len();
        let mean = values.iter().sum::<f64>() / n.max(1) as f64;
        let variance =
            values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n.saturating_sub(1).max(1) as f64;
        Self { mean, half: 1.96 * (variance / n.max(1) as f64).sqrt(), n }
    }

    /// Of successes among trials. The half-width is that of Wilson's interval (1927), which does not fall to 0 at 0 or
    /// 100 %.
    pub(super) fn share(successes: usize, trials: usize) -> Self {
        let (n, z) = (trials.max(1) as f64, 1.96);
        let p = successes as f64 / n;
        let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        Self { mean: p, half, n: trials }
    }

    /// With its sign, for differences.
    pub(super) fn signed(&self) -> String {
        format!("{:+.3} ± {:.3}", self.mean, self.half)
    }
}

impl fmt::Display for Mean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.n == 0 { f.write_str("–") } else { write!(f, "{:.3} ± {:.3}", self.mean, self.half) }
    }
}

/// What became of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Answered, and the answer holds a reference answer.
    Correct,
    /// Answered otherwise.
    Wrong,
    /// Not answered.
    Refused,
}

impl Verdict {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::Wrong => "wrong",
            Self::Refused => "refused",
        }
    }
}

/// An answer against what is known.
pub(super) struct Judged {
    pub answerable: bool,
    pub verdict: Verdict,
    pub citations: usize,
    /// Citations that hold a reference answer or the gold evidence.
    pub good_citations: usize,
    /// Whether a reference answer stands in a passage, and whether in what was read of the passages.
    pub in_passages: bool,
    pub in_evidence: bool,
    /// How sure the program is that the answer is right.
    pub confidence: f64,
    /// How sure the gate was, where it was asked.
    pub sufficiency: Option<f64>,
    pub seconds: f64,
}

pub(super) fn judge(scoring: Scoring, question: &Question, answer: &Value) -> Judged {
    // Each reference answer as the runs of words that must stand in a text.
    let spans = |answer: &str| -> Vec<Vec<String>> {
        // Not within a number.
        let parts = if question.lists { answer.split(", ").collect() } else { vec![answer] };
        parts.into_iter().map(tokens).collect()
    };
    let references: Vec<Vec<Vec<String>>> = question.answers.iter().map(|a| spans(a)).collect();
    let asked = tokens(&question.text);
    let holds = |text: &str| {
        let text = tokens(text);
        match scoring {
            Scoring::Figures => references.iter().any(|r| holds_half(&text, &r.concat(), &asked)),
            _ => references.iter().any(|r| r.iter().all(|span| holds_span(&text, span))),
        }
    };
    let answered = answer["outcome"] == "answered";
    let verdict = match (answered, holds(answer["text"].as_str().unwrap_or_default())) {
        (false, _) => Verdict::Refused,
        (true, true) => Verdict::Correct,
        (true, false) => Verdict::Wrong,
    };
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let (citations, passages) = (list(&answer["citations"]), list(&answer["passages"]));
    let good = |c: &&Value| holds(c["quote"].as_str().unwrap_or_default()) || !question.matched(c).is_empty();
    let read = list(&answer["evidence"]).iter().any(|e| {
        let place = |name: &str| e[name].as_u64().unwrap_or_default() as usize;
        let passage = place("passage").checked_sub(1).and_then(|at| passages.get(at)).unwrap_or(&Value::Null);
        let from = passage["start"].as_u64().unwrap_or_default() as usize;
        let text = passage["text"].as_str().unwrap_or_default().chars();
        let length = place("end").saturating_sub(place("start"));
        holds(&text.skip(place("start").saturating_sub(from)).take(length).collect::<String>())
    });
    Judged {
        answerable: question.answerable,
        verdict,
        citations: citations.len(),
        good_citations: citations.iter().filter(good).count(),
        in_passages: passages.iter().any(|p| holds(p["text"].as_str().unwrap_or_default())),
        in_evidence: read,
        confidence: answer["confidence"].as_f64().unwrap_or_default(),
        sufficiency: answer["parts"][0]["sufficiency"]["probability"].as_f64(),
        seconds: answer["timings_ms"]["total"].as_f64().unwrap_or_default() / 1e3,
    }
}

fn holds_span(text: &[String], span: &[String]) -> bool {
    !span.is_empty() && text.windows(span.len()).any(|words| words == span)
}

/// Whether a text has at least half of the reference's figures that are not in the question, years aside; where the
/// reference has none, half of its other words.
fn holds_half(text: &[String], reference: &[String], asked: &[String]) -> bool {
    let year = |w: &str| w.len() == 4 && (w.starts_with("19") || w.starts_with("20"));
    let figure = |w: &&String| w.starts_with(|c: char| c.is_ascii_digit()) && w.len() > 1 && !year(w);
    let new: Vec<&String> = reference.iter().filter(|w| !asked.contains(w)).collect();
    let figures: Vec<&String> = new.iter().copied().filter(figure).collect();
    let wanted = if figures.is_empty() { new } else { figures };
    !wanted.is_empty() && 2 * wanted.iter().filter(|w| text.contains(w)).count() >= wanted.len()
}

/// Expected calibration error over ten bins of equal width (Naeini et al. 2015): how far, on average, what is said of the odds is
/// from what came true.
pub(super) fn calibration_error(said: &[(f64, bool)]) -> f64 {
    let mut bins = [(0usize, 0.0, 0.0); 10];
    for &(probability, held) in said {
        let bin = &mut bins[((probability * 10.0) as usize).min(9)];
        *bin = (bin.0 + 1, bin.1 + probability, bin.2 + if held { 1.0 } else { 0.0 });
    }
    bins.iter().map(|(_, said, held)| (said - held).abs()).sum::<f64>() / said.len().max(1) as f64
}

/// Of the scores of what should be refused, the share below the threshold that lets `pass` of the others through.
pub(super) fn refused_at(pass: f64, good: &[f64], bad: &[f64]) -> f64 {
    let mut sorted = good.to_vec();
    sorted.sort_by(f64::total_cmp);
    let threshold = sorted.get((sorted.len() as f64 * (1.0 - pass)) as usize).copied().unwrap_or_default();
    bad.iter().filter(|s| **s < threshold).count() as f64 / bad.len().max(1) as f64
}

/// Words in lower case without articles and signs, as the scorer of SQuAD compares them (Rajpurkar et al. 2016); a number
/// up to twelve in words is the same as in figures.
pub(super) fn tokens(text: &str) -> Vec<String> {
    const NUMBERS: [&str; 13] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    let in_figures = |word: &str| match NUMBERS.iter().position(|number| *number == word) {
        Some(number) => number.to_string(),
        None => word.to_owned(),
    };
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty() && !["a", "an", "the"].contains(w))
        .map(in_figures)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::sets::SETS;
    use super::*;

    fn question(gold: usize) -> Question {
        let gold: Vec<Value> =
            (0..gold).map(|i| json!({"path": "a.md", "page": null, "quote": format!("quote {i}")})).collect();
        let line =
            json!({"id": "1", "question": "?", "answerable": true, "answers": ["The 27 days"], "gold": gold});
        SETS[0].question(&line)
    }

    #[test]
    fn ranking() {
        let check = |gold: usize, matched: &[&[usize]], recall: f64, ndcg: f64, rank: f64| {
            let question = question(gold);
            let matched: Vec<Vec<usize>> = matched.iter().map(|m| m.to_vec()).collect();
            let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-3, "{matched:?}: {a} {b}");
            near(recall_at(5, &question, &matched), recall);
            near(ndcg_at(10, &question, &matched), ndcg);
            near(reciprocal_rank(10, &matched), rank);
        };
        check(1, &[&[0]], 1.0, 1.0, 1.0);
        check(1, &[&[], &[0]], 1.0, 0.6309, 0.5);
        check(1, &[&[], &[], &[], &[], &[], &[0]], 0.0, 0.3562, 1.0 / 6.0);
        check(2, &[&[0], &[0]], 0.5, 0.6131, 1.0);
        check(2, &[&[0, 1]], 1.0, 1.0, 1.0);
        check(1, &[], 0.0, 0.0, 0.0);
    }

    #[test]
    fn answers() {
        let check = |answer: Value, verdict: Verdict, good: usize| {
            let judged = judge(Scoring::Phrase, &question(1), &answer);
            assert_eq!((judged.verdict, judged.good_citations), (verdict, good), "{answer}");
        };
        let citation = |quote: &str| json!({"path": "x/a.md", "quote": quote});
        check(json!({"outcome": "not_found", "text": "27 days"}), Verdict::Refused, 0);
        check(
            json!({"outcome": "answered", "text": "It is 27 days [1].", "citations": [citation("27 days")]}),
            Verdict::Correct,
            1,
        );
        check(
            json!({"outcome": "answered", "text": "It is 127 days", "citations": [citation("no")]}),
            Verdict::Wrong,
            0,
        );
        check(
            json!({"outcome": "answered", "text": "No.", "citations": [citation("a quote 0 b")]}),
            Verdict::Wrong,
            1,
        );
    }

    #[test]
    fn spans_of_a_list_may_stand_apart() {
        let line = json!({
            "id": "1", "question": "?", "answers": ["$ 77,492, $ 71,513"], "answer_kind": "multi-span", "gold": [],
        });
        let check = |text: &str, expected: Verdict| {
            let answer = json!({"outcome": "answered", "text": text});
            assert_eq!(judge(Scoring::Phrase, &SETS[0].question(&line), &answer).verdict, expected, "{text}");
        };
        check("Goods sold | 71,513 | 77,492", Verdict::Correct);
        check("It was $77,492, then $71,513.", Verdict::Correct);
        check("It was $77,492.", Verdict::Wrong);
        check("It was $492, then $71,513.", Verdict::Wrong);
    }

    #[test]
    fn numbers_in_words_are_numbers() {
        assert_eq!(tokens("Nine justices, the 9 of them"), ["9", "justices", "9", "of", "them"]);
    }

    #[test]
    fn references_in_prose_count_by_their_figures() {
        let check = |text: &str, reference: &str, expected: bool| {
            let asked = tokens("How did revenue of 2023 compare to 52 stores?");
            assert_eq!(
                holds_half(&tokens(text), &tokens(reference), &asked),
                expected,
                "{text} / {reference}"
            );
        };
        check("It was 747 million.", "In 2023 revenue was 52 and 747 million.", true);
        check("It was 748 million.", "In 2023 revenue was 52 and 747 million.", false);
        check("747 and nothing else", "747, 12 and 13, 14", false);
        check("Prices fell in Europe.", "Lower prices in Europe.", true);
        check("Anything", "", false);
    }

    #[test]
    fn calibration_and_the_gate() {
        assert_eq!(calibration_error(&[(1.0, true), (0.0, false)]), 0.0);
        assert!((calibration_error(&[(0.75, true), (0.75, false)]) - 0.25).abs() < 1e-9);
        assert_eq!(refused_at(0.5, &[0.1, 0.2, 0.8, 0.9], &[0.3, 0.7, 0.85, 0.1]), 0.75);
        assert_eq!(refused_at(1.0, &[], &[0.3]), 0.0);
    }

    #[test]
    fn intervals() {
        assert_eq!(Mean::share(5, 10).to_string(), "0.500 ± 0.263");
        assert_eq!(Mean::share(0, 10).to_string(), "0.000 ± 0.139");
        assert_eq!(Mean::share(0, 0).to_string(), "–");
        assert_eq!(Mean::of([1.0, 0.0, 1.0, 0.0]).to_string(), "0.500 ± 0.566");
    }
}
