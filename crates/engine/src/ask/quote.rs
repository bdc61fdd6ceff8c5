//! The evidence itself as an answer, to the letter, where it tells what was asked.

use std::collections::HashSet;
use std::path::Path;

use citadel_core::{Checks, Passage, Verdict};

use super::Judged;
use crate::EngineError;
use crate::check::Finding;
use crate::evidence::{Evidence, select, with_list};
use crate::reading::Read;
use crate::words::{content_words, is_function_word, is_negated, normal, word_set, words};

/// A further quote must come this near to the best.
const QUOTE_MARGIN: f64 = 0.9;

/// From so many borders between cells, or so many figures that are at least this share of the words, a passage is no prose.
const CELLS: usize = 3;
const FIGURES: usize = 10;
const FIGURES_SHARE: f64 = 0.1;

/// What parts a sentence into clauses.
const CLAUSES: [char; 11] = [',', ';', ':', '(', ')', '[', ']', '—', '–', '|', '\n'];

/// What a question for yes or no begins with.
const YES_OR_NO: &[&str] = &[
    "is", "are", "was", "were", "do", "does", "did", "can", "could", "may", "must", "has", "have", "had",
    "should", "shall", "will", "would",
];

/// The best evidence itself as an answer, at most `most` pieces, put behind what is in `evidence` already. None of it where it
/// tells nothing that was asked: what comes after the best is rarely better.
pub(super) fn quotation(
    question: &str,
    read: &Read,
    evidence: &mut Vec<Evidence>,
    passages: &[Passage],
    most: usize,
) -> Result<Vec<Judged>, EngineError> {
    let best = read.ranked.first().map_or(0.0, |e| e.relevance.total);
    let near: Vec<Evidence> =
        read.ranked.iter().take_while(|e| e.relevance.total >= best * QUOTE_MARGIN).cloned().collect();
    let mut quoted = Vec::new();
    for piece in select(&near, passages, most, usize::MAX, |_| Ok(0))? {
        let passage = &passages[piece.passage];
        let whole = with_list(&piece, passage);
        // A list was found by the line that leads into it.
        if whole.range != piece.range || tells(question, &piece, passage) {
            quoted.push(whole);
        }
    }
    let begin = evidence.len();
    let kept = quoted
        .iter()
        .enumerate()
        .map(|(number, e)| Judged {
            text: e.text.split_whitespace().collect::<Vec<_>>().join(" "),
            finding: Finding {
                sources: vec![begin + number],
                score: 1.0,
                verdict: Verdict::Supported,
                checks: Checks { quote: true, facts: true, entailment: 1.0, ..Checks::default() },
            },
        })
        .collect();
    evidence.extend(quoted);
    Ok(kept)
}

/// Whether a passage is a table or full of figures, unlike the prose that reader and gate were fitted on.
pub(super) fn is_tabular(passage: &Passage) -> bool {
    let is_figure = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    let (mut count, mut figures) = (0, 0);
    for line in passage.text.lines() {
        // What a line begins with numbers a clause or a step.
        let line = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit() || ".()".contains(c));
        let words = words(line);
        count += words.len();
        figures += words.iter().filter(|w| is_figure(w.text)).count();
    }
    passage.text.matches(" | ").count() >= CELLS
        || figures >= FIGURES && figures as f64 >= FIGURES_SHARE * count as f64
}

/// Whether a piece of evidence can answer by itself. It cannot where it only leads in, says no more than the question or the
/// contrary of it, lacks a figure that the question names, or is a row of a table that the question does not name.
fn tells(question: &str, evidence: &Evidence, passage: &Passage) -> bool {
    let text = &evidence.text;
    let mut rows = text.lines().filter(|line| line.contains(" | ")).peekable();
    let is_table = rows.peek().is_some();
    !leads_in(text)
        && !restates(text, question)
        && !denies(text, question)
        && has_figures(question, text, passage, is_table)
        && (!is_table || rows.any(|row| is_asked_for(row, question)))
}

/// Whether a text only announces what follows it.
pub(super) fn leads_in(text: &str) -> bool {
    text.trim_end().ends_with(':')
}

/// Whether a sentence says nothing that the question does not say: `Which engines use the Yarrow system?`, `The engines use
/// the Yarrow system.` Questions for yes or no are answered in this way.
pub(super) fn restates(sentence: &str, question: &str) -> bool {
    let asked = word_set(question);
    !is_yes_or_no(question) && content_words(sentence).iter().all(|w| asked.contains(w))
}

pub(super) fn is_yes_or_no(question: &str) -> bool {
    let first = words(question).first().map(|w| w.text.to_lowercase());
    first.is_some_and(|w| YES_OR_NO.contains(&w.as_str()))
}

/// Whether a sentence is turned round (`not`, `never`) and the question is not, or the question alone: as a whole, and in the
/// clause that has most of the question's words. To a question for yes or no that is an answer.
fn denies(sentence: &str, question: &str) -> bool {
    let asked: HashSet<String> = content_words(question).into_iter().collect();
    let shared = |clause: &str| word_set(clause).iter().filter(|w| asked.contains(*w)).count();
    let clause = sentence.split(CLAUSES).reduce(|best, c| if shared(c) > shared(best) { c } else { best });
    let turned = |text: &str| is_negated(text) != is_negated(question);
    !is_yes_or_no(question) && turned(sentence) && clause.is_some_and(turned)
}

/// Whether every word of the question with a digit in it (2019, Q3) stands in the text, its headings or the file's name; of a
/// row also anywhere in its passage, where the columns' headings are.
fn has_figures(question: &str, text: &str, passage: &Passage, is_table: bool) -> bool {
    let file = Path::new(&passage.path).file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let headings = passage.heading.iter().map(String::as_str);
    let mut there = word_set(text);
    for place in headings.chain([passage.title.as_str(), file]) {
        there.extend(word_set(place));
    }
    if is_table {
        there.extend(word_set(&passage.text));
    }
    words(question)
        .iter()
        .filter(|w| w.text.contains(|c: char| c.is_ascii_digit()))
        .all(|w| there.contains(&normal(w.text)))
}

/// Whether the question names the row by its first cell, all words of it, and another cell tells something beside years.
fn is_asked_for(row: &str, question: &str) -> bool {
    let asked = word_set(question);
    let (name, cells) = row.split_once(" | ").unwrap_or_default();
    let name = content_words(name);
    let is_name =
        name.iter().all(|w| asked.contains(w)) && name.iter().any(|w| w.contains(char::is_alphabetic));
    let is_year = |w: &str| w.len() == 4 && (w.starts_with("19") || w.starts_with("20"));
    let is_new = |w: &str| !is_function_word(&w.to_lowercase()) && !is_year(w) && !asked.contains(&normal(w));
    is_name && words(cells).iter().any(|w| is_new(w.text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use citadel_core::CharRange;

    use crate::evidence::{Relevance, tests::passage};

    #[test]
    fn a_sentence_that_restates_the_question_answers_nothing() {
        for (sentence, question, expected) in [
            ("The engines used the Yarrow system.", "What sort of engines used the Yarrow system?", true),
            ("Triple expansion engines used it.", "What sort of engines used the Yarrow system?", false),
            ("The limit is £190.", "What is the limit?", false),
            (
                "Managers may not approve their own expenses.",
                "May managers approve their own expenses?",
                false,
            ),
        ] {
            assert_eq!(restates(sentence, question), expected, "{sentence}");
        }
    }

    #[test]
    fn what_tells_nothing_is_no_answer() {
        let fees = "Fees at the end of | 2019 | 2018\nBerth fees | 1,942 | 1,580";
        let of_file = Passage { path: "reports/2023 Q1 harbour.pdf".to_owned(), ..passage(fees, 0) };
        for (text, question, expected) in [
            ("The fees are as follows:", "What are the fees?", false),
            ("Berth fees", "What are the berth fees?", false),
            ("The fee is 40 pounds.", "What is the fee?", true),
            // The contrary.
            ("The crane is the largest not let to firms.", "Which is the largest crane let to firms?", false),
            ("Fees were raised in the north.", "Where were fees never raised?", false),
            ("In 1640 he found the law (without proof).", "When did he find the law?", true),
            ("Guests may not stay for the night.", "May guests stay for the night?", true),
            // Figures of the question, in the sentence or in what stands over it.
            ("In 1900 the fee was 40 pounds.", "What was the fee in 1909?", false),
            ("In 1909 the fee was 40 pounds.", "What was the fee in 1909?", true),
            ("The fee was 40 pounds.", "What was the fee in Q1 2023?", true),
            ("The fee was 40 pounds.", "What was the fee in Q3 2023?", false),
            ("The two fees are 40 and 50 pounds.", "What are the two fees?", true),
            // Rows of a table.
            ("Berth fees | 1,942 | 1,580", "What were the berth fees in 2019?", true),
            ("Berth fees | 1,942 | 1,580", "What were the berth fees in 2017?", false),
            ("Less depreciation | 942 | 580", "What were the berth fees in 2019?", false),
            ("2019 | 2018", "What were the berth fees in 2019?", false),
            ("Fiscal 2019 | Fiscal 2018", "What were the fees in fiscal 2019?", false),
            ("LK-200 | 2018 | 30 September", "When does support for the LK-200 end?", true),
        ] {
            let evidence = Evidence {
                passage: 0,
                range: CharRange::new(0, text.chars().count()),
                text: text.to_owned(),
                relevance: Relevance::default(),
            };
            assert_eq!(tells(question, &evidence, &of_file), expected, "{text} / {question}");
        }
    }

    #[test]
    fn tables_are_told_from_prose() {
        let years = (1990..2010).map(|y| y.to_string()).collect::<Vec<_>>().join(", ");
        let floods = format!("There were floods in {years}.");
        let river = format!("{floods} {}", "It lies on the river. ".repeat(60));
        let clauses = (1..20).map(|n| format!("7.{n} The tenant pays.\n")).collect::<String>();
        for (text, expected) in [
            ("The berth fee is 40 pounds. Water costs 3 pounds a day.", false),
            ("Berth fees | 1,942 | 1,580\nWater | 3 | 4", true),
            (floods.as_str(), true),
            (river.as_str(), false),
            (clauses.as_str(), false),
        ] {
            assert_eq!(is_tabular(&passage(text, 0)), expected, "{text}");
        }
    }
}
