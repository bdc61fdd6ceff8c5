//! Questions that lean on the one before.

use std::ops::Range;

use super::clean;
use super::pronouns::{asked_again, begun_small, doer, leaning, replaced};
use super::reading::{Token, begun_large, follows, is_english, names, read, slice, without_end};
use super::topic::{ORGANISATIONS, subject, topic};

/// Words before what is asked for anew: `What about managers?`.
const ABOUT: &[&[&str]] = &[&["what", "about"], &["how", "about"], &["what", "of"], &["same", "for"]];
/// Most words of a question that is only a fragment.
const FRAGMENT: usize = 6;
/// `question` as one that stands alone, where it leans on `previous` or its `answer`; `None` where it stands alone already
/// or rules cannot tell what it leans on.
pub(crate) fn follow_up(question: &str, previous: &str, answer: &str) -> Option<String> {
    let asked = clean(question);
    let previous = clean(previous);
    let tokens = read(&asked);
    if !is_english(&tokens) || !is_english(&read(&previous)) || read(&previous).len() < 2 {
        return None;
    }
    let opening = tokens.iter().take_while(|t| t.is("and but so then also or")).count();
    let begin = tokens.get(opening)?;
    let asked = asked.get(begin.at.start..)?;
    let tokens = read(asked);
    if let Some(fragment) = fragment(asked, &tokens, opening > 0) {
        return Some(substituted(fragment, &previous));
    }
    if is_about(&tokens) {
        return None;
    }
    if let Some(asking) = bare(asked, &tokens) {
        let again = asked_again(&begun_large(asking), &previous);
        return Some(again.unwrap_or_else(|| appended(&previous, asking)));
    }
    let at = leaning(asked, &tokens)?;
    let pronoun = tokens.get(at)?.lower.clone();
    if read(&previous).iter().any(|t| t.lower == pronoun) && leaning(&previous, &read(&previous)).is_some() {
        return None;
    }
    let thing = match pronoun.as_str() {
        "he" | "she" | "him" | "his" | "her" => person(answer)
            .or_else(|| person(&previous))
            .or_else(|| spoken_of(&previous, &pronoun))
            .or_else(|| doer(&previous)),
        "this" | "that" | "these" | "those" => None,
        _ => spoken_of(&previous, &pronoun),
    };
    match thing {
        Some(thing) => replaced(asked, &tokens, at, &thing).map(|q| ended(&begun_large(&q))),
        // `Is that allowed?` leans on the whole.
        None if pronoun == "that" || pronoun == "this" => Some(appended(&previous, asked)),
        None => None,
    }
}

fn spoken_of(previous: &str, pronoun: &str) -> Option<String> {
    topic(previous).filter(|t| t.fits(pronoun)).map(|t| t.text)
}

fn ended(question: &str) -> String {
    format!("{}?", without_end(question))
}

/// The two together, for where nothing better is sure.
fn appended(previous: &str, asked: &str) -> String {
    let mut chars = without_end(asked).chars();
    let begins = read(asked).first().is_some_and(|t| t.asks() || t.is_auxiliary());
    let first: String = chars
        .next()
        .into_iter()
        .flat_map(|c| if begins { c.to_lowercase().collect() } else { vec![c] })
        .collect();
    format!("{}, {first}{}?", without_end(previous), chars.as_str())
}

/// `Why?`, `Since when?`, `In which year?`, `How so?`.
fn bare<'q>(asked: &'q str, tokens: &[Token<'q>]) -> Option<&'q str> {
    let is = |at: usize, list: &str| tokens.get(at).is_some_and(|t| t.is(list));
    let only = match tokens.len() {
        1 => is(0, "why when where how who"),
        2 => {
            is(0, "since until by from") && is(1, "when where whom")
                || is(0, "why how") && is(1, "not so come")
        }
        3 => {
            is(0, "in on at since until by")
                && is(1, "which what")
                && is(2, "year city country month date day place state")
                || is(0, "why") && is(1, "is was") && is(2, "that this")
        }
        _ => false,
    };
    // `Why is that?` asks no more than `Why?`.
    let word = if is(0, "why") { tokens.first()?.text } else { without_end(asked) };
    only.then_some(word)
}

fn is_about(tokens: &[Token<'_>]) -> bool {
    ABOUT.iter().any(|words| words.iter().zip(tokens).filter(|(w, t)| **w == t.lower).count() == words.len())
}

/// What a question names that has no verb: `managers` of `What about managers?`, `in Zurich` of `And in Zurich?`.
fn fragment<'q>(asked: &'q str, tokens: &[Token<'_>], opened: bool) -> Option<&'q str> {
    let about = is_about(tokens);
    let start = if about { 2 } else { 0 };
    let rest = tokens.get(start..)?;
    let first = rest.first()?;
    // A few words alone may be a search of its own.
    let place = first.is("in for at on with under after before since during by to from")
        && rest.len() <= FRAGMENT - 2;
    if !(about || opened || place) || rest.len() > FRAGMENT {
        return None;
    }
    let verbless = rest.iter().all(|t| {
        !t.asks()
            && !t.is_auxiliary()
            && !t.is("it he she they him her them this that i you we me us his its their")
            && !t.lower.ends_with("ed")
    }) && !first.requests();
    let joined = (start + 1..tokens.len()).all(|i| follows(asked, tokens, i));
    (verbless && joined && rest.iter().any(|t| t.is_content() || t.lower.is_empty()))
        .then(|| without_end(&asked[first.at.start..]))
}

/// The previous question with `fragment` in the place of what is of its kind.
fn substituted(fragment: &str, previous: &str) -> String {
    let tokens = read(previous);
    let fragment = &begun_small(fragment);
    let new = read(fragment);
    let Some(first) = new.first() else { return ended(previous) };
    let place = if first.is_preposition() {
        let inner = fragment.get(first.at.end..).unwrap_or_default().trim();
        let wanted = Sort::of(inner);
        let found =
            tokens.iter().rposition(|t| t.lower == first.lower && at_place(previous, &tokens, t, wanted));
        match found {
            Some(at) => Some(at..phrase_end(previous, &tokens, at + 1)),
            // Nothing of its kind: one thing more about the same.
            None => return format!("{} {fragment}?", without_end(previous)),
        }
    } else {
        same_sort(fragment, &new, previous, &tokens)
    };
    match place.filter(|p| p.end <= tokens.len() && !p.is_empty()) {
        Some(place) => {
            let (from, to) = (tokens[place.start].at.start, tokens[place.end - 1].at.end);
            ended(&format!("{}{fragment}{}", &previous[..from], &previous[to..]))
        }
        None => appended(previous, fragment),
    }
}

fn at_place(previous: &str, tokens: &[Token<'_>], preposition: &Token<'_>, wanted: Sort) -> bool {
    let Some(at) = tokens.iter().position(|t| t.at == preposition.at) else { return false };
    let run = at + 1..phrase_end(previous, tokens, at + 1);
    !run.is_empty() && Sort::of(slice(previous, tokens, &run)) == wanted
}

/// Where the noun phrase ends that begins at `at`.
fn phrase_end(text: &str, tokens: &[Token<'_>], at: usize) -> usize {
    if let Some(name) = names(text, tokens).into_iter().find(|n| n.start == at) {
        return name.end;
    }
    let mut end = at + usize::from(tokens.get(at).is_some_and(Token::is_determiner));
    while tokens.get(end).is_some_and(|t| t.is_content()) && (end == at || follows(text, tokens, end)) {
        end += 1;
    }
    end
}

/// What a phrase names, as far as its form tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Year,
    /// `4.2`, `7`.
    Number,
    Name,
    Thing,
}

impl Sort {
    fn of(phrase: &str) -> Self {
        let tokens = read(phrase);
        let numbers = |t: &Token<'_>| t.text.starts_with(|c: char| c.is_ascii_digit());
        let capital = tokens.iter().any(|t| t.is_capitalised() && t.is_content());
        match tokens.as_slice() {
            [one] if numbers(one) && one.text.len() == 4 && !one.text.contains('.') => Self::Year,
            [one] if numbers(one) => Self::Number,
            _ if capital => Self::Name,
            _ => Self::Thing,
        }
    }
}

/// The one place of the previous question that names a thing of the same sort; `None` where there are several or none.
fn same_sort(
    fragment: &str,
    new: &[Token<'_>],
    previous: &str,
    tokens: &[Token<'_>],
) -> Option<Range<usize>> {
    let single = |found: Vec<Range<usize>>| if found.len() == 1 { found.into_iter().next() } else { None };
    let numbered = |t: &Token<'_>| t.text.starts_with(|c: char| c.is_ascii_digit());
    if let [noun, number] = new
        && numbered(number)
    {
        // `section 4.3` in the place of `section 4.2`.
        let same = |at: &usize| tokens[*at].lower == noun.lower && tokens.get(at + 1).is_some_and(numbered);
        return single((0..tokens.len()).filter(same).map(|at| at..at + 2).collect());
    }
    match Sort::of(fragment) {
        sort @ (Sort::Year | Sort::Number) => {
            let each = (0..tokens.len()).map(|at| at..at + 1);
            single(each.filter(|run| Sort::of(slice(previous, tokens, run)) == sort).collect())
        }
        Sort::Name if new.first().is_some_and(Token::is_determiner) => thing(previous, tokens),
        Sort::Name => single(names(previous, tokens)),
        Sort::Thing if new.first().is_some_and(Token::is_determiner) => thing(previous, tokens),
        Sort::Thing if new.last().is_some_and(Token::is_plural) => {
            let bare = |at: &usize| {
                let t = &tokens[*at];
                let before = at.checked_sub(1).map(|b| &tokens[b]);
                t.is_content()
                    && t.is_plural()
                    && before.is_some_and(|b| b.is_auxiliary() || b.is_preposition())
                    && !tokens.get(at + 1).is_some_and(|t| t.is_plural())
            };
            single((0..tokens.len()).filter(bare).map(|at| at..at + 1).collect())
        }
        Sort::Thing => None,
    }
}

/// The subject of the previous question where that is one plain noun phrase: `the contract` of `When does the contract end?`.
fn thing(previous: &str, tokens: &[Token<'_>]) -> Option<Range<usize>> {
    let auxiliary = tokens.iter().take(4).position(Token::is_auxiliary)?;
    let run = subject(previous, tokens, auxiliary)?;
    let simple = tokens[run.start].is_determiner();
    let more = tokens.get(run.end).is_some_and(|t| t.is("of for in on to"));
    (simple && !more).then_some(run)
}

/// The one person that a text names by two names or a title.
fn person(text: &str) -> Option<String> {
    let tokens = read(text);
    let mut found: Vec<String> = Vec::new();
    for name in names(text, &tokens) {
        let words = &tokens[name.clone()];
        let letters = words
            .iter()
            .all(|t| !t.text.contains(char::is_numeric) && t.text.chars().skip(1).any(char::is_lowercase));
        let place = name.start > 0 && tokens[name.start - 1].is("in at from to the near");
        let called = slice(text, &tokens, &name);
        if words.len() >= 2 && letters && !place && !words.iter().any(|t| t.is(ORGANISATIONS)) {
            let called = called.to_owned();
            if !found.contains(&called) {
                found.push(called);
            }
        }
    }
    let [one] = found.as_slice() else { return None };
    Some(one.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leans_is_made_whole() {
        let check = |question: &str, previous: &str, answer: &str, expected: &str| {
            assert_eq!(
                follow_up(question, previous, answer).as_deref(),
                Some(expected),
                "{question} / {previous}"
            );
        };
        let limit = "What is the hotel limit in Paris?";
        check("And in Zurich?", limit, "180 EUR.", "What is the hotel limit in Zurich?");
        check("What about Zurich?", limit, "180 EUR.", "What is the hotel limit in Zurich?");
        check("and in 2023?", limit, "180 EUR.", "What is the hotel limit in Paris in 2023?");
        check("In Zurich?", "What is the hotel limit?", "", "What is the hotel limit in Zurich?");
        check(
            "What about managers?",
            "How many days of leave do employees get?",
            "25.",
            "How many days of leave do managers get?",
        );
        check("And for meals?", "What is the limit for hotels?", "", "What is the limit for meals?");
        check("And 2023?", "What was the revenue in 2022?", "", "What was the revenue in 2023?");
        check("And section 4.3?", "What does section 4.2 say?", "", "What does section 4.3 say?");
        check("And 4.4?", "What does section 4.3 say?", "", "What does section 4.4 say?");
        check(
            "Can it be extended?",
            "When does the Acme contract end?",
            "",
            "Can the Acme contract be extended?",
        );
        check(
            "Does it apply to guests?",
            "What is the password policy?",
            "",
            "Does the password policy apply to guests?",
        );
        check("And the lease?", "When does the contract end?", "", "When does the lease end?");
        check("What about the deposit?", "What is the notice period?", "", "What is the deposit?");
        check("And the amendment?", "Who signed the lease?", "", "Who signed the lease, the amendment?");
        check("Who signed it?", "When does the lease end?", "In 2026.", "Who signed the lease?");
        check(
            "Who signed it?",
            "Which contract covers Zurich?",
            "",
            "Who signed the contract that covers Zurich?",
        );
        check(
            "When did she leave?",
            "Who signed the lease?",
            "Anna Meier signed it.",
            "When did Anna Meier leave?",
        );
        check(
            "What is his title?",
            "Who signed the lease?",
            "The lease was signed by Dr. Bell.",
            "What is Dr. Bell's title?",
        );
        check(
            "When did he leave?",
            "Who is the landlord?",
            "It is not said.",
            "When did the landlord leave?",
        );
        check("Why?", "Was the merger approved?", "No.", "Why was the merger approved?");
        check("And when?", "Where was the lease signed?", "In Bern.", "When was the lease signed?");
        check("Why?", "What did the board decide?", "", "What did the board decide, why?");
        check("How are they paid?", "What are the fees?", "", "How are the fees paid?");
        check("Is that allowed?", "Can I work from Spain?", "", "Can I work from Spain, is that allowed?");
        check(
            "How many people work for it?",
            "Where is Acme Corp located?",
            "",
            "How many people work for Acme Corp?",
        );
    }

    #[test]
    fn what_stands_alone_stays() {
        let limit = "What is the hotel limit in Paris?";
        for (question, previous, answer) in [
            ("What is the notice period?", limit, "180 EUR."),
            ("When did Anna Meier leave her post?", limit, ""),
            ("What must employees do if they are sick?", limit, ""),
            ("Is it possible to carry over leave?", limit, ""),
            ("How long does it take to get a visa?", limit, ""),
            ("Zurich hotel limit", limit, ""),
            ("Does the contract say that it ends?", limit, ""),
            ("Which contract says it ends in 2020?", limit, ""),
            ("And what is the deposit?", limit, ""),
            ("Who signed it?", "When does it end?", ""),
            ("When did she leave?", "Who may sign?", "Anna Meier and Jon Bell may."),
            ("How are they paid?", "What is the fee?", ""),
            ("What about it?", limit, ""),
            ("Wer hat es unterschrieben?", limit, ""),
            ("Und in Zürich?", "Wie hoch ist die Miete in Bern?", ""),
            ("Why was the merger approved?", limit, ""),
            ("Who wrote “It”?", limit, ""),
            ("This was the first time that Acme won what?", limit, ""),
            ("About many students attend these schools?", limit, ""),
            ("What is it called when steam drives a turbine?", limit, ""),
            ("Which university has its origins in a school?", limit, ""),
            ("After its reopening, which films did the Tower show?", limit, ""),
            ("Who considered their land the most important?", limit, ""),
            ("What about Luther declined as his anger increased?", limit, ""),
            ("", limit, ""),
            ("Why?", "", ""),
        ] {
            assert_eq!(follow_up(question, previous, answer), None, "{question} / {previous}");
        }
    }
}
