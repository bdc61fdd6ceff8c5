//! Whether what the answers to questions rest on is in the extracted text.
//!
//! A claim is a run of words that must stand in the text, one after the other, without regard to case, signs and
//! white space. The sets' own words are often not those of the document (a quote from another version of the page,
//! "$117.2 billion" for 117,154), so that recall is taken over the claims that at least one of the readers finds.

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::super::score::Mean;

/// Words of a quote that make one claim.
const QUOTE_WORDS: usize = 5;

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

/// Claims of a set, and which of them each reader found.
#[derive(Default)]
pub(super) struct Tally {
    /// For each question with claims that somebody found: how many, and how many of them each reader found.
    questions: Vec<(usize, Vec<usize>)>,
    /// Claims that nobody found.
    pub nowhere: usize,
}

impl Tally {
    /// `found[claim][reader]`
    pub(super) fn add(&mut self, found: &[Vec<bool>]) {
        let pooled: Vec<&Vec<bool>> = found.iter().filter(|by| by.contains(&true)).collect();
        self.nowhere += found.len() - pooled.len();
        if let Some(first) = pooled.first() {
            let by = |reader: usize| pooled.iter().filter(|by| by[reader]).count();
            self.questions.push((pooled.len(), (0..first.len()).map(by).collect()));
        }
    }

    pub(super) fn questions(&self) -> usize {
        self.questions.len()
    }

    pub(super) fn claims(&self) -> usize {
        self.questions.iter().map(|(claims, _)| claims).sum()
    }

    /// Over questions, the mean of the share of the claims that a reader found.
    pub(super) fn recall(&self, reader: usize) -> Mean {
        Mean::of(self.questions.iter().map(|(claims, found)| found[reader] as f64 / *claims as f64))
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
        let mut tally = Tally::default();
        tally.add(&[vec![true, false], vec![true, true], vec![false, false]]);
        tally.add(&[vec![false, false]]);
        assert_eq!((tally.questions(), tally.claims(), tally.nowhere), (1, 2, 2));
        assert_eq!(tally.recall(1).to_string(), "0.500 ± 0.000");
    }
}
