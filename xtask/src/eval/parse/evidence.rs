//! Whether what the answers to questions rest on is in the extracted text.
//!
//! A claim is a run of words that must stand in the text, one after the other, without regard to case, signs and
//! white space; what stands together in the document, but otherwise (a table read by columns), is near. The sets' own
//! words are often not those of the document (a quote from another version of the page, "$117.2 billion" for 117,154),
//! so that recall is taken over the claims that at least one of the readers finds word for word.

use std::collections::HashMap;

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::super::score::Mean;

/// Words of a quote that make one claim.
const QUOTE_WORDS: usize = 5;

/// Words among which all those of a claim stand that is near.
const NEAR_WORDS: usize = 50;

/// How a claim stands in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Found {
    Missing,
    /// All its words stand among [`NEAR_WORDS`].
    Near,
    Verbatim,
}

/// How `claim` stands in the words of a page.
pub(super) fn find(claim: &[String], page: &[String]) -> Found {
    if page.windows(claim.len()).any(|run| run == claim) {
        return Found::Verbatim;
    }
    // How often each word is still to be seen in the window that moves over the page.
    let mut wanted: HashMap<&String, i64> = HashMap::new();
    claim.iter().for_each(|word| *wanted.entry(word).or_default() += 1);
    let mut missing = claim.len();
    for (at, word) in page.iter().enumerate() {
        if let Some(left) = wanted.get_mut(word) {
            missing -= usize::from(*left > 0);
            *left -= 1;
        }
        if let Some(left) = at.checked_sub(NEAR_WORDS).and_then(|gone| wanted.get_mut(&page[gone])) {
            *left += 1;
            missing += usize::from(*left > 0);
        }
        if missing == 0 {
            return Found::Near;
        }
    }
    Found::Missing
}

/// What should be found for one question.
pub(super) struct Evidence {
    pub id: String,
    /// Each with the place where it should stand.
    pub claims: Vec<Claim>,
}

pub(super) struct Claim {
    pub words: Vec<String>,
    /// The documents it may stand in, as the set names them.
    pub files: Vec<String>,
    /// Its page, counted from 1, where that is known.
    pub page: Option<usize>,
}

/// Words in lower case and NFKC; a number keeps its point and loses its commas.
pub(super) fn words(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.nfkc().filter(|c| *c != '\u{ad}').collect();
    let mut words = vec![String::new()];
    for (at, c) in chars.iter().enumerate() {
        let digit = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
        let in_number = digit(at.checked_sub(1)) && digit(Some(at + 1));
        match c {
            ',' if in_number => {}
            c if c.is_alphanumeric() || (*c == '.' && in_number) => {
                words.last_mut().into_iter().for_each(|word| word.extend(c.to_lowercase()));
            }
            _ => words.push(String::new()),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What a question of a set rests on; empty where it cannot be told.
pub(super) fn of(question: &Value) -> Evidence {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let gold = list(&question["gold"]);
    let files: Vec<String> = gold.iter().map(|gold| text(&gold["path"])).collect();
    let mut claims = Vec::new();
    for gold in &gold {
        let page = gold["page"].as_u64().and_then(|page| usize::try_from(page).ok());
        for piece in words(&text(&gold["quote"])).chunks_exact(QUOTE_WORDS) {
            claims.push(Claim { words: piece.to_vec(), files: vec![text(&gold["path"])], page });
        }
    }
    let page = gold.first().filter(|_| gold.len() == 1).and_then(|gold| gold["page"].as_u64());
    let page = page.and_then(|page| usize::try_from(page).ok());
    let answers: Vec<String> = list(&question["answers"]).iter().map(text).collect();
    // Those of sec-10-q are prose over several reports, of which the figures and names can be looked for.
    let pieces: Vec<Vec<String>> = if question["scope"].is_array() {
        let prose = question["reference_refuses"].as_bool() != Some(true);
        answers.iter().filter(|_| prose).flat_map(|answer| figures_and_names(answer)).collect()
    } else {
        match question["answer_kind"].as_str() {
            // Computed, or whole passages, which the quotes hold.
            Some("arithmetic" | "count" | "passage") => Vec::new(),
            Some("span" | "short") => answers.iter().map(|answer| words(answer)).collect(),
            _ => answers.iter().flat_map(|answer| answer.split(", ")).map(words).collect(),
        }
    };
    let pieces = pieces.into_iter().filter(|words| !words.is_empty());
    claims.extend(pieces.map(|words| Claim { words, files: files.clone(), page }));
    claims.sort_by(|a, b| a.words.cmp(&b.words));
    claims.dedup_by(|a, b| a.words == b.words && a.files == b.files && a.page == b.page);
    Evidence { id: text(&question["id"]), claims }
}

/// Numbers with a comma, a point, a per cent sign or three digits, years aside; two or more words in a row that begin
/// with capitals. What names a source is left out.
fn figures_and_names(answer: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for line in answer.lines() {
        let line = line.split("SOURCE").next().unwrap_or_default();
        let mut name: Vec<&str> = Vec::new();
        for word in line.split_whitespace().chain([""]) {
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
            let is_name = bare.starts_with(char::is_uppercase) && !word.contains(".pdf") && bare.len() > 1;
            if is_name {
                name.push(bare);
            }
            // A name also ends with its clause.
            if !is_name || bare.len() < word.trim_start_matches(|c: char| !c.is_alphanumeric()).len() {
                if name.len() > 1 {
                    found.push(words(&name.join(" ")));
                }
                name.clear();
            }
            let digits = bare.chars().filter(char::is_ascii_digit).count();
            let number = bare.chars().all(|c| c.is_ascii_digit() || c == ',' || c == '.') && digits > 0;
            let year = digits == 4 && bare.len() == 4 && (bare.starts_with("19") || bare.starts_with("20"));
            if number && !year && (digits > 2 || bare.contains(['.', ',']) || word.contains('%')) {
                found.push(words(bare));
            }
        }
    }
    found
}

/// Claims of a set, and how each reader found them.
#[derive(Default)]
pub(super) struct Tally {
    /// For each question, its claims that some reader found word for word, by reader.
    questions: Vec<Vec<Vec<Found>>>,
    /// The other claims.
    pub nowhere: usize,
}

impl Tally {
    /// `found[claim][reader]`
    pub(super) fn add(&mut self, found: Vec<Vec<Found>>) {
        let all = found.len();
        let pooled: Vec<Vec<Found>> = found.into_iter().filter(|by| by.contains(&Found::Verbatim)).collect();
        self.nowhere += all - pooled.len();
        if !pooled.is_empty() {
            self.questions.push(pooled);
        }
    }

    pub(super) fn questions(&self) -> usize {
        self.questions.len()
    }

    pub(super) fn claims(&self) -> usize {
        self.questions.iter().map(Vec::len).sum()
    }

    /// Over questions, the mean of the share of the claims that a reader found at least so well.
    pub(super) fn recall(&self, reader: usize, least: Found) -> Mean {
        let share = |claims: &Vec<Vec<Found>>| {
            claims.iter().filter(|by| by[reader] >= least).count() as f64 / claims.len() as f64
        };
        Mean::of(self.questions.iter().map(share))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_of_evidence() {
        assert_eq!(
            words("$82,959 million (15.7%), the court's 10-Q."),
            ["82959", "million", "15.7", "the", "court", "s", "10", "q"]
        );
    }

    #[test]
    fn claims() {
        let check = |question: Value, expected: &[&str]| {
            let claims: Vec<String> = of(&question).claims.iter().map(|c| c.words.join(" ")).collect();
            assert_eq!(claims, expected);
        };
        let gold = json!([{"path": "a.pdf", "page": 1, "quote": "one two three four five six"}]);
        check(
            json!({"gold": gold, "answers": ["March 29, 1988"], "answer_kind": "span"}),
            &["march 29 1988", "one two three four five"],
        );
        check(
            json!({"gold": [], "answers": ["$ 5.99, $ 4,079"], "answer_kind": "multi-span"}),
            &["4079", "5.99"],
        );
        check(json!({"gold": [], "answers": ["12"], "answer_kind": "arithmetic"}), &[]);
        check(
            json!({"gold": [], "scope": [], "answers": [
                "In 2022 Apple's sales in Greater China, Intel Foundry and so on were $82,959 (up 7%) in June 25, 2022.\n\
                 SOURCE(S): 2022 Q3 AAPL.pdf"]}),
            &["7", "82959", "greater china", "intel foundry"],
        );
    }

    #[test]
    fn recall_is_over_what_somebody_finds() {
        use Found::{Missing, Near, Verbatim};
        let mut tally = Tally::default();
        tally.add(vec![vec![Verbatim, Missing], vec![Verbatim, Verbatim], vec![Missing, Near]]);
        tally.add(vec![vec![Missing, Missing]]);
        tally.add(vec![vec![Verbatim, Near]]);
        assert_eq!((tally.questions(), tally.claims(), tally.nowhere), (2, 3, 2));
        assert_eq!(tally.recall(0, Verbatim).to_string(), "1.000 ± 0.000");
        assert_eq!(tally.recall(1, Verbatim).to_string(), "0.250 ± 0.490");
        assert_eq!(tally.recall(1, Near).to_string(), "0.750 ± 0.490");
    }

    #[test]
    fn claims_in_a_page() {
        let far = format!("one {} two", "x ".repeat(NEAR_WORDS - 1));
        for (page, found) in [
            ("so one two it is", Found::Verbatim),
            ("two and one", Found::Near),
            ("one one", Found::Missing),
            (&*far, Found::Missing),
            (&*far.replacen("x ", "", 1), Found::Near),
            ("", Found::Missing),
        ] {
            assert_eq!(find(&words("one two"), &words(page)), found, "{page}");
        }
        assert_eq!(find(&words("a b a"), &words("a a b")), Found::Near);
        assert_eq!(find(&words("a b a"), &words("b a")), Found::Missing);
    }
}
