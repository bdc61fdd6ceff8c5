//! What an answer about the documents as a set says.

use std::collections::HashSet;

use citadel_core::{SweepReport, SweptDocument};

use crate::question::{Aim, Sweep};

/// Titles that a sentence names; the rest is counted.
const NAMED: usize = 20;
/// Characters of a quote that the answer shows; the citation has it whole.
const SHOWN: usize = 300;

/// The sentence that counts, in two halves: the first carries the citation marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    /// What is said of the documents that have the words.
    pub matching: String,
    /// Of the others, and how much was searched.
    pub rest: String,
}

/// The count and the coverage.
pub(super) fn counted(sweep: &Sweep, report: &SweepReport, shared: &HashSet<String>) -> Counted {
    let (all, has, lacks) = (report.searched, report.matching, report.lacking);
    if all == 0 {
        let unread = unread(report).map(|u| format!(" {u}.")).unwrap_or_default();
        return Counted {
            matching: "There are no documents that could be searched.".to_owned(),
            rest: unread,
        };
    }
    let topic = topic(&report.words);
    let of = |n: u64| match n {
        0 if all == 1 => "The one document that was searched does not mention".to_owned(),
        0 => format!("None of the {all} documents mentions"),
        1 if all == 1 => "The one document that was searched mentions".to_owned(),
        n if n == all => format!("All {all} documents mention"),
        1 => format!("1 of {all} documents mentions"),
        n => format!("{n} of {all} documents mention"),
    };
    let mut matching = format!("{} {topic}", of(has));
    let mut rest = String::new();
    if sweep.aim == Aim::All && !sweep.lacking {
        let yes = has == all;
        matching = format!("{}{}", if yes { "Yes: " } else { "No: " }, begun_small(&matching));
    }
    if lacks > 0 && has > 0 && sweep.lacking {
        let documents = if lacks == 1 { "documents does" } else { "documents do" };
        let others = if has == 1 { "the other does".to_owned() } else { format!("the other {has} do") };
        let named = titles(&report.lacking_documents, lacks, shared);
        matching = format!("{lacks} of {all} {documents} not mention {topic}: {named}; {others}");
    } else if lacks > 0 && has > 0 && sweep.aim == Aim::All {
        let verb = if lacks == 1 { "does not" } else { "do not" };
        rest = format!("; {lacks} {verb}: {}", titles(&report.lacking_documents, lacks, shared));
    }
    let searched = match all {
        1 => String::new(),
        _ => format!("; all {all} were searched"),
    };
    rest.push_str(&searched);
    if let Some(unread) = unread(report) {
        rest.push_str(&format!(", {unread}"));
    }
    rest.push('.');
    if report.words.len() > 1 {
        rest.push_str(&format!(" Looked for in one passage: {}.", list(&report.words, "“", "”")));
    }
    Counted { matching, rest }
}

/// `3 of 5 documents mention “leave”` with 1 to 3 and `; all 5 were searched.`.
pub(super) fn with_marks_behind(matching: &str, numbers: &[usize], rest: &str) -> String {
    let marks: String = numbers.iter().map(|n| format!("[{n}]")).collect();
    let space = if numbers.is_empty() { "" } else { " " };
    format!("{matching}{space}{marks}{rest}")
}

/// `Handbook: “The firm grants …”.`
pub(super) fn quoted(name: &str, quote: &str) -> String {
    let quote = quote.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown: String = quote.chars().take(SHOWN).collect();
    let more = if shown.len() < quote.len() { "…" } else { "" };
    format!("{name}: “{shown}{more}”.")
}

/// The documents that are not cited.
pub(super) fn more(documents: &[SweptDocument], count: u64, shared: &HashSet<String>) -> String {
    let (verb, are) = if count == 1 { ("mentions", "is") } else { ("mention", "are") };
    format!("{count} more {verb} it and {are} not quoted: {}.", titles(documents, count, shared))
}

/// `“parental leave”`; where phrases were given, each by itself.
fn topic(words: &[String]) -> String {
    if words.iter().any(|w| w.contains(char::is_whitespace)) {
        list(words, "“", "”")
    } else {
        format!("“{}”", words.join(" "))
    }
}

fn list(items: &[String], open: &str, close: &str) -> String {
    let quoted: Vec<String> = items.iter().map(|w| format!("{open}{w}{close}")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

/// The titles, with how many more there are.
fn titles(documents: &[SweptDocument], count: u64, shared: &HashSet<String>) -> String {
    let named: Vec<String> =
        documents.iter().take(NAMED).map(|d| called(&d.title, &d.path, shared)).collect();
    let more = count.saturating_sub(named.len() as u64);
    let names = named.join(", ");
    if more == 0 { names } else { format!("{names} and {more} more") }
}

/// The titles that several documents of the report have.
pub(super) fn shared_titles(report: &SweepReport) -> HashSet<String> {
    let mut seen = HashSet::new();
    report.documents().filter(|d| !seen.insert(flat(&d.title))).map(|d| flat(&d.title)).collect()
}

/// A document's title, with the name of its file where others have the same title.
pub(super) fn called(title: &str, path: &str, shared: &HashSet<String>) -> String {
    let title = flat(title);
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    if shared.contains(&title) && file != title { format!("{title} ({file})") } else { title }
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What nothing is known of; `None` where there is nothing of the kind.
fn unread(report: &SweepReport) -> Option<String> {
    let counted = |n: u64, one: &str, many: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    };
    let files = counted(report.unreadable, "file could not be read", "files could not be read");
    let pages = counted(report.unread_pages, "page has no text", "pages have no text");
    match (files, pages) {
        (Some(files), Some(pages)) => Some(format!("{files} and {pages}")),
        (files, pages) => files.or(pages),
    }
}

fn begun_small(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use citadel_core::DocumentId;

    fn documents(titles: &[&str]) -> Vec<SweptDocument> {
        let named = |title: &&str| SweptDocument {
            document_id: DocumentId((*title).to_owned()),
            path: format!("{title}.md"),
            title: (*title).to_owned(),
        };
        titles.iter().map(named).collect()
    }

    #[test]
    fn counts_and_coverage() {
        let check =
            |aim: Aim, lacking: bool, (has, lacks): (u64, u64), unread: (u64, u64), expected: &str| {
                let sweep = Sweep { aim, lacking, topic: Vec::new(), noun: "contracts".to_owned() };
                let report = SweepReport {
                    searched: has + lacks,
                    matching: has,
                    lacking: lacks,
                    unreadable: unread.0,
                    unread_pages: unread.1,
                    words: vec!["leave".to_owned()],
                    lacking_documents: documents(&["A", "B", "C"][..lacks.min(3) as usize]),
                    ..SweepReport::default()
                };
                let counted = counted(&sweep, &report, &HashSet::new());
                let numbers: Vec<usize> = (1..=has.min(3) as usize).collect();
                assert_eq!(with_marks_behind(&counted.matching, &numbers, &counted.rest), expected);
            };
        let (list, count, all) = (Aim::List, Aim::Count, Aim::All);
        check(
            list,
            false,
            (3, 12),
            (1, 0),
            "3 of 15 documents mention “leave” [1][2][3]; all 15 were searched, 1 file could not be read.",
        );
        check(count, false, (1, 2), (0, 0), "1 of 3 documents mentions “leave” [1]; all 3 were searched.");
        check(
            count,
            false,
            (3, 0),
            (0, 2),
            "All 3 documents mention “leave” [1][2][3]; all 3 were searched, 2 pages have no text.",
        );
        check(
            list,
            false,
            (0, 3),
            (2, 1),
            "None of the 3 documents mentions “leave”; all 3 were searched, 2 files could not be read and 1 page has no text.",
        );
        check(
            list,
            true,
            (2, 3),
            (0, 0),
            "3 of 5 documents do not mention “leave”: A, B, C; the other 2 do [1][2]; all 5 were searched.",
        );
        check(
            list,
            true,
            (1, 1),
            (0, 0),
            "1 of 2 documents does not mention “leave”: A; the other does [1]; all 2 were searched.",
        );
        check(
            list,
            true,
            (2, 5),
            (0, 0),
            "5 of 7 documents do not mention “leave”: A, B, C and 2 more; the other 2 do [1][2]; all 7 were searched.",
        );
        check(list, true, (0, 3), (0, 0), "None of the 3 documents mentions “leave”; all 3 were searched.");
        check(list, true, (3, 0), (0, 0), "All 3 documents mention “leave” [1][2][3]; all 3 were searched.");
        check(
            all,
            false,
            (3, 0),
            (1, 0),
            "Yes: all 3 documents mention “leave” [1][2][3]; all 3 were searched, 1 file could not be read.",
        );
        check(
            all,
            false,
            (2, 1),
            (0, 0),
            "No: 2 of 3 documents mention “leave” [1][2]; 1 does not: A; all 3 were searched.",
        );
        check(
            all,
            false,
            (0, 2),
            (0, 0),
            "No: none of the 2 documents mentions “leave”; all 2 were searched.",
        );
        check(list, false, (1, 0), (0, 0), "The one document that was searched mentions “leave” [1].");
        check(list, false, (0, 1), (0, 0), "The one document that was searched does not mention “leave”.");
        check(list, false, (0, 0), (0, 0), "There are no documents that could be searched.");
        check(
            list,
            false,
            (0, 0),
            (2, 0),
            "There are no documents that could be searched. 2 files could not be read.",
        );
    }

    #[test]
    fn words_and_quotes() {
        let words = |w: &[&str]| w.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        assert_eq!(topic(&words(&["parental", "leave"])), "“parental leave”");
        assert_eq!(topic(&words(&["force majeure", "war"])), "“force majeure” and “war”");
        assert_eq!(quoted("Handbook", "The firm\ngrants leave."), "Handbook: “The firm grants leave.”.");
        let report = SweepReport {
            matching_documents: documents(&["A", "B"]),
            lacking_documents: documents(&["B", "C"]),
            ..SweepReport::default()
        };
        let shared = shared_titles(&report);
        assert_eq!(called("A", "x/a.md", &shared), "A");
        assert_eq!(called("B", "x/b.md", &shared), "B (b.md)");
        assert_eq!(called("B\n", "B", &shared), "B");
        assert_eq!(titles(&report.lacking_documents, 3, &shared), "B (B.md), C and 1 more");
        assert!(quoted("A", &"word ".repeat(100)).ends_with("…”."));
        assert_eq!(
            more(&documents(&["A", "B"]), 2, &HashSet::new()),
            "2 more mention it and are not quoted: A, B."
        );
        assert_eq!(more(&documents(&["A"]), 1, &HashSet::new()), "1 more mentions it and is not quoted: A.");
    }
}
