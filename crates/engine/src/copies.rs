//! Passages that say the same in nearly the same words.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::words::{facts, words};

/// Words of a shingle (Broder 1997, "On the resemblance and containment of documents").
const SHINGLE: usize = 5;
/// At and above this share of common shingles two texts are copies.
const ALIKE: f64 = 0.8;

/// Whether two texts share at least four fifths of their runs of five words; letters' case and marks do not count. Texts
/// shorter than that are compared whole. Texts with other numbers are no copies: two versions of a clause contradict each
/// other by a number, and a reader wants to see both.
pub(crate) fn alike(a: &str, b: &str) -> bool {
    if numbers(a) != numbers(b) {
        return false;
    }
    let (a, b) = (shingles(a), shingles(b));
    let (few, many) = if a.len() < b.len() { (&a, &b) } else { (&b, &a) };
    // Even if the smaller lay wholly in the larger.
    if (few.len() as f64) < ALIKE * many.len() as f64 || few.is_empty() {
        return false;
    }
    let common = few.intersection(many).count();
    common as f64 >= ALIKE * (few.len() + many.len() - common) as f64
}

fn numbers(text: &str) -> HashSet<String> {
    facts(text).numbers.into_iter().collect()
}

fn shingles(text: &str) -> HashSet<u64> {
    let words: Vec<String> = words(text).iter().map(|w| w.text.to_lowercase()).collect();
    let hash = |run: &[String]| {
        let mut hasher = DefaultHasher::new();
        run.hash(&mut hasher);
        hasher.finish()
    };
    if words.is_empty() {
        return HashSet::new();
    }
    words.windows(SHINGLE.min(words.len())).map(hash).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLAUSE: &str = "The tenant shall give notice of three months to the end of a month in writing. The landlord \
        shall confirm the notice within ten days of its receipt and shall return the deposit within thirty days after \
        the keys were handed over, less what is owed for damage that goes beyond fair wear and tear.";

    #[test]
    fn near_copies_are_alike() {
        let check = |a: &str, b: &str, expected: bool| {
            assert_eq!(alike(a, b), expected, "{a} / {b}");
            assert_eq!(alike(b, a), expected, "{b} / {a}");
        };
        let other_end = CLAUSE.replace("fair wear and tear", "ordinary use");
        let other_all = CLAUSE.replace("three", "six").replace("ten", "five").replace("thirty", "sixty");
        let spaced = CLAUSE.replace(' ', "\n").to_uppercase();
        let longer = format!("{CLAUSE} So agreed.");
        let twice_as_long = format!(
            "{CLAUSE} Smoking is allowed in the yard and on the balcony, but not on the stairs, \
            in the cellar, in the lift or in the rooms; dogs may be kept with the consent of the landlord, which may be \
            taken back at any time if other tenants complain of noise or dirt more than once in any month."
        );
        check(CLAUSE, CLAUSE, true);
        check(CLAUSE, &other_end, true);
        check(CLAUSE, &spaced, true);
        check(CLAUSE, &longer, true);
        check(CLAUSE, &other_all, false);
        // One other number makes another clause.
        check(CLAUSE, &CLAUSE.replace("thirty", "sixty"), false);
        check(CLAUSE, &twice_as_long, false);
        check(
            CLAUSE,
            "The tenant shall give notice of three months to the end of a month in writing.",
            false,
        );
        check("Yes.", "yes", true);
        check("Yes.", "No.", false);
        check("The fee is 5 EUR.", "The fee is 6 EUR.", false);
        check("The fee is 5 EUR.", "The fee is 5 EUR!", true);
        check("", "", false);
        check("", "a", false);
        check("…", "…", false);
        check("休暇は年に20日です", "休暇は年に20日です。", true);
        check("休暇は年に20日です", "賃料は月に20日です", false);
    }
}
