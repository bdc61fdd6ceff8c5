//! Taking off a question what asks for nothing.

use super::reading::{after, begun_large, gap, is_english, one_of, read};

/// Words that open a conversation; taken off where a mark follows.
const GREETINGS: &[&str] = &[
    "hi there",
    "hello there",
    "hey there",
    "good morning",
    "good afternoon",
    "good evening",
    "hi",
    "hello",
    "hey",
    "dear citadel",
    "dear assistant",
    "ok",
    "okay",
    "so",
    "well",
    "um",
    "now",
    "right",
    "quick question",
    "one more question",
    "another question",
    "my question",
    "a question",
    "question",
];

/// Words that lead to the question itself. What follows stays.
const LEADS: &[&str] = &[
    "please",
    "kindly",
    "tell me please",
    "tell me",
    "let me know please",
    "let me know",
    "show me",
    "give me",
    "remind me",
    "help me understand",
    "help me find out",
    "do you happen to know",
    "do you know",
    "any idea",
    "i would like to know",
    "i'd like to know",
    "i would like you to tell me",
    "i want to know",
    "i wanted to know",
    "i need to know",
    "i would like to ask",
    "i'd like to ask",
    "i want to ask",
    "i wanted to ask",
    "i am wondering",
    "i'm wondering",
    "i was wondering",
    "i wonder",
    "may i ask",
    "can i ask",
    "might i ask",
    "could i ask",
    "is it possible to tell me",
    "can you find out",
    "could you find out",
    "find out",
    "my question is",
];

/// Words before a request; taken off only where one of [`VERBS`] follows, so that `Can you carry over leave?` stays.
const POLITE: &[&str] = &[
    "can you please",
    "could you please",
    "would you please",
    "will you please",
    "can you kindly",
    "could you kindly",
    "would you kindly",
    "can you",
    "could you",
    "would you",
    "will you",
    "i would like you to",
    "i'd like you to",
    "i want you to",
    "please can you",
    "please could you",
    "could you possibly",
    "would you mind",
];
const VERBS: &str = "please tell list name explain describe summarise summarize find show give help let provide compare \
state identify outline enumerate remind";

/// What only says where the answer is to come from.
const SOURCES: &[&str] = &["according to", "based on", "going by", "judging by", "judging from"];
const SOURCE_WORDS: &str =
    "the my our your these those this all any provided given available attached uploaded stored";
const SOURCE_NOUNS: &str =
    "document documents file files folder text texts context sources vault information";

/// What ends a message. Those of the second list need a mark before them.
const ENDS: &[&str] = &["please"];
const MARKED_ENDS: &[&str] = &[
    "thanks in advance",
    "thank you in advance",
    "thank you very much",
    "thanks a lot",
    "many thanks",
    "thank you",
    "thanks",
    "cheers",
    "please tell me",
    "if you know",
    "best regards",
    "kind regards",
    "regards",
];

/// The question without greetings, courtesies and what leads up to it, for the query that is searched. Everything else
/// stays to the letter; a question that is nothing else stays whole.
pub(crate) fn clean(question: &str) -> String {
    let whole: &str = &without_contraction(question.trim());
    if !is_english(&read(whole)) {
        return whole.to_owned();
    }
    let mut text = whole;
    while let Some(shorter) = without_lead(text).or_else(|| without_tail(text)) {
        text = shorter;
    }
    if text.len() == whole.len() {
        return whole.to_owned();
    }
    let mut cleaned = begun_large(text);
    if whole.ends_with('?') && !cleaned.ends_with('?') {
        cleaned.push('?');
    }
    cleaned
}

/// `What's the fee?` → `What is the fee?`, as the other rules read it.
fn without_contraction(text: &str) -> String {
    let first = text.split_whitespace().next().unwrap_or_default();
    let asking = first.strip_suffix("'s").or_else(|| first.strip_suffix("’s"));
    match asking.filter(|word| one_of("what who where when how", &word.to_lowercase())) {
        Some(word) => format!("{word} is{}", &text[first.len()..]),
        None => text.to_owned(),
    }
}

/// The text behind one thing that leads up to the question, if something is left.
fn without_lead(text: &str) -> Option<&str> {
    let tokens = read(text);
    let behind = |phrase: &&str| after(text, &tokens, 0, phrase);
    let greeting =
        |next: &usize| gap(text, &tokens, *next).contains([',', '!', '.', ':', '-', '–', '—', '\n']);
    let verb = |next: &usize| tokens.get(*next).is_some_and(|t| t.is(VERBS));
    let next = GREETINGS
        .iter()
        .find_map(|g| behind(g).filter(greeting))
        .or_else(|| POLITE.iter().find_map(|p| behind(p).filter(verb)))
        .or_else(|| LEADS.iter().find_map(behind).filter(|next| !gap(text, &tokens, *next).contains('?')))
        .or_else(|| source_at(text, 0))?;
    let rest = text.get(tokens.get(next)?.at.start..)?;
    // Opening marks belong to what follows.
    let lead = gap(text, &tokens, next);
    let marks = lead.trim_start_matches([',', '.', '!', ':', '?', ';', '-', '–', '—', ' ', '\n', '\t', '\r']);
    let rest = text.get(text.len() - rest.len() - marks.len()..)?;
    Some(rest).filter(|r| r.contains(char::is_alphanumeric))
}

/// The text before one thing that merely ends the message, its own end mark kept.
fn without_tail(text: &str) -> Option<&str> {
    let tokens = read(text);
    let ends_with = |phrase: &&str| {
        let at = tokens.len().checked_sub(phrase.split(' ').count())?;
        (at > 0 && after(text, &tokens, at, phrase) == Some(tokens.len())).then_some(at)
    };
    let marked =
        |at: &usize| gap(text, &tokens, *at).contains([',', '.', '!', '?', ';', '-', '–', '—', '\n']);
    let at = MARKED_ENDS
        .iter()
        .find_map(|e| ends_with(e).filter(marked))
        .or_else(|| ENDS.iter().find_map(ends_with))
        .or_else(|| (1..tokens.len()).find(|at| source_at(text, *at) == Some(tokens.len())))?;
    let end = tokens.get(at)?.at.start;
    let rest = text.get(..end)?.trim_end().trim_end_matches([',', '-', '–', '—', ';']).trim_end();
    Some(rest).filter(|r| r.contains(char::is_alphanumeric))
}

/// The position after `according to the documents` and its like at `at`.
fn source_at(text: &str, at: usize) -> Option<usize> {
    let tokens = read(text);
    let mut next = SOURCES.iter().find_map(|s| after(text, &tokens, at, s))?;
    while tokens.get(next).is_some_and(|t| one_of(SOURCE_WORDS, &t.lower)) {
        next += 1;
    }
    tokens.get(next).filter(|t| one_of(SOURCE_NOUNS, &t.lower))?;
    next += 1;
    let given =
        tokens.get(next).is_some_and(|t| t.is("provided given")) && !gap(text, &tokens, next).contains(',');
    Some(if given { next + 1 } else { next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filler_goes_and_the_rest_stays() {
        let check = |question: &str, expected: &str| assert_eq!(clean(question), expected, "{question}");
        check("Can you please tell me what the notice period is?", "What the notice period is?");
        check("I would like to know who signed the lease.", "Who signed the lease.");
        check("Hi, what is the limit?", "What is the limit?");
        check("Hello there! Could you explain the bonus scheme?", "Explain the bonus scheme?");
        check("Please list the suppliers", "List the suppliers");
        check("Could you please list all suppliers?", "List all suppliers?");
        check("According to the documents, who is the landlord?", "Who is the landlord?");
        check("Who is the landlord according to the documents?", "Who is the landlord?");
        check("Based on the files provided, when does it end?", "When does it end?");
        check("What is the fee? Thanks!", "What is the fee?");
        check("What is the fee, please?", "What is the fee?");
        check("Where is the form please", "Where is the form");
        check(
            "Hey, I was wondering, do you know when the lease ends? Thank you very much.",
            "When the lease ends?",
        );
        check("Good morning. Please tell me “what if” means", "“what if” means");
        check("I'd like to know § 4.2 of SOP-17", "§ 4.2 of SOP-17");
        check("Tell me about iPhone returns", "About iPhone returns");
        check("please give me de Gaulle's birthday", "de Gaulle's birthday");
        check("What's the fee?", "What is the fee?");
        check("Okay, and in Zurich?", "and in Zurich?");
    }

    #[test]
    fn what_is_no_filler_stays() {
        for question in [
            "Can you carry over leave?",
            "According to the contract, who pays?",
            "Hello Kitty revenue in 2019?",
            "What does “thanks” mean?",
            "How do I say thanks?",
            "Tell me.",
            "Hi!",
            "please",
            "“Please tell me” is a song by whom?",
            "Hallo, wie hoch ist die Miete? Danke!",
            "Bitte sag mir, was das kostet.",
            "Pouvez-vous me dire quel est le prix ?",
            "休暇は何日ですか？",
            "So far, how many were sold?",
            "Is it according to plan?",
            "Which policy is based on the GDPR?",
            "Would you need a visa for Japan?",
        ] {
            assert_eq!(clean(question), question);
        }
    }
}
