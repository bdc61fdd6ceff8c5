//! Several questions in one.

use super::clean;
use super::pronouns::{asked_again, filled, has_subject};
use super::reading::{
    Token, begun_large, follows, gap, is_english, names, one_of, quotes, read, without_end,
};
use crate::words::normal;

/// Nouns of what something else has.
const RELATIONS: &str = "magnitude impact consequence implication result reason effect outcome repercussion cause difference \
scale purpose priority aim goal advantage disadvantage benefit risk exception condition";
/// A message with more questions than this is answered as a whole.
const MOST: usize = 4;
/// What may stand before the questions and says nothing.
const LEADS: &str = "answer following questions question please these i have two three four several some the a few my \
here are is and tell me to know want would like also";

/// The questions in a message, each to be understood by itself: one to four. What rules cannot take apart safely stays one.
pub(crate) fn parts(question: &str) -> Vec<String> {
    let whole = question.trim();
    let cleaned = clean(whole);
    let found = if is_english(&read(&cleaned)) { split(&cleaned) } else { None };
    found.filter(|parts| (2..=MOST).contains(&parts.len())).unwrap_or_else(|| vec![whole.to_owned()])
}

fn split(text: &str) -> Option<Vec<String>> {
    let mut pieces = Vec::new();
    for sentence in enumerated(text).or_else(|| sentences(text))? {
        coordinated(&sentence, &mut pieces);
    }
    let mut parts: Vec<String> = Vec::new();
    for piece in pieces {
        let piece = without_opening(&piece);
        let part = match parts.last() {
            None => piece.to_owned(),
            Some(before) if is_elliptic(piece) => asked_again(&begun_large(without_end(piece)), before)?,
            Some(_) => filled(piece, parts.first()?).filter(|part| !points_elsewhere(part))?,
        };
        parts.push(finished(&part));
    }
    Some(parts)
}

/// Whether a part still has a word that means something outside it: `these`, `the result`.
fn points_elsewhere(part: &str) -> bool {
    let tokens = read(part);
    let named = !names(part, &tokens).is_empty();
    let of = tokens.iter().any(|t| t.is("of for from if"));
    let empty = !tokens.iter().any(|t| t.is_content() || t.lower.is_empty());
    empty
        || tokens.iter().enumerate().any(|(at, t)| {
            t.is("this these those such there it they them he she him one ones")
                || t.is("that") && (!of || at > 0 && tokens[at - 1].is_preposition())
                || t.is("its their his her") && !named
                || !of && one_of(RELATIONS, &normal(&t.lower))
        })
}

/// With a large first letter and a mark at its end.
fn finished(part: &str) -> String {
    let part = begun_large(without_end(part));
    let end = if read(&part).first().is_some_and(Token::requests) { '.' } else { '?' };
    format!("{part}{end}")
}

fn without_opening(piece: &str) -> &str {
    let tokens = read(piece);
    let opening = tokens.iter().take_while(|t| t.is("and also but then plus")).count();
    tokens.get(opening).and_then(|t| piece.get(t.at.start..)).filter(|_| opening > 0).unwrap_or(piece)
}

/// The items of `a) … b) …` or `1. … 2. …`, each with what stands before the first where that says something.
fn enumerated(text: &str) -> Option<Vec<String>> {
    let mut marks: Vec<(usize, usize)> = Vec::new();
    let quoted = quotes(text);
    for (at, c) in text.char_indices() {
        let begins = at == 0 || text[..at].ends_with([' ', '\n', '\t', '(']);
        let number = marks.len() as u32;
        let wanted = [char::from_u32(u32::from('a') + number), char::from_digit(number + 1, 10)];
        let rest = &text[at + c.len_utf8()..];
        let closed = rest.starts_with(") ") || (c.is_ascii_digit() && rest.starts_with(". "));
        if begins && wanted.contains(&Some(c)) && closed && !quoted.iter().any(|q| q.contains(&at)) {
            let open = if text[..at].ends_with('(') { at - 1 } else { at };
            marks.push((open, at + c.len_utf8() + 2));
        }
    }
    let (first, _) = *marks.first().filter(|_| marks.len() > 1)?;
    let lead = text[..first].trim();
    let filler = read(lead).iter().all(|t| t.is(LEADS));
    let mut items = Vec::new();
    for (number, (_, start)) in marks.iter().enumerate() {
        let end = marks.get(number + 1).map_or(text.len(), |(next, _)| *next);
        let item = text.get(*start..end)?.trim().trim_end_matches([',', ';']);
        let item = item.strip_suffix(" and").unwrap_or(item).trim_end_matches([',', ';']);
        if !asks(item) {
            return None;
        }
        items.push(if filler { item.to_owned() } else { format!("{} {item}", lead.trim_end_matches(':')) });
    }
    // A lead that says something is understood only before a comma: `For Zurich, what is the rent?`
    (filler || lead.ends_with([',', ':'])).then_some(items)
}

/// The sentences, if each of them asks.
fn sentences(text: &str) -> Option<Vec<String>> {
    let quoted = quotes(text);
    let mut out = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices('?').chain(text.match_indices("\n")) {
        let ends = text[at + 1..].starts_with(char::is_whitespace) || at + 1 == text.len();
        if ends && at >= start && !quoted.iter().any(|q| q.contains(&at)) {
            out.push(text.get(start..=at)?.trim().to_owned());
            start = at + 1;
        }
    }
    out.push(text.get(start..)?.trim().to_owned());
    out.retain(|sentence| !sentence.is_empty());
    let several = out.len() > 1;
    (!several || out.iter().all(|s| asks(s) || is_elliptic(s))).then_some(out)
}

/// Whether a sentence begins as a question or a request does.
fn asks(sentence: &str) -> bool {
    let sentence = without_opening(sentence);
    let tokens = read(sentence);
    let at = usize::from(tokens.first().is_some_and(Token::is_preposition));
    let stop = sentence.trim_end_matches(['.', '?']).contains(". ");
    !stop
        && tokens.len() > 2
        && (tokens.get(at).is_some_and(Token::asks)
            || at == 0 && tokens.first().is_some_and(|t| t.is_auxiliary() || t.requests()))
}

/// Whether a piece is only a word that asks: `When?`, `and in which year?`.
fn is_elliptic(piece: &str) -> bool {
    let piece = without_opening(piece);
    let tokens = read(piece);
    let one = tokens.len() == 1 && tokens[0].is("when where why how");
    let phrase = tokens.len() == 3
        && tokens[0].is("in on at since until by")
        && tokens[1].is("which what")
        && tokens[2].is("year city country month date day place state");
    one || phrase
}

/// Splits one sentence at `and` and at commas where a whole question follows.
fn coordinated(sentence: &str, pieces: &mut Vec<String>) {
    let tokens = read(sentence);
    let mut start = 0;
    for at in 1..tokens.len() {
        let Some(next) = boundary(sentence, &tokens, start, at) else { continue };
        let (Some(left), Some(begin)) = (tokens.get(start..at), tokens.get(next)) else { continue };
        let right = sentence.get(begin.at.start..).unwrap_or_default();
        if is_whole(left) && (begins_question(right, left) || is_elliptic(right) && !left[0].requests()) {
            let (from, to) = (left[0].at.start, left[left.len() - 1].at.end);
            // Marks that belong to the words stay: brackets and quotation marks.
            let end = sentence[to..].find([',', ';', ' ', '?']).map_or(to, |n| to + n);
            let from = if start == 0 { 0 } else { from };
            pieces.push(sentence[from..end].to_owned());
            start = next;
        }
    }
    let from = if start == 0 { 0 } else { tokens[start].at.start };
    pieces.push(sentence[from..].to_owned());
}

/// The position behind what separates two questions at `at`: `and`, `, and`, `, and also`, a comma.
fn boundary(sentence: &str, tokens: &[Token<'_>], start: usize, at: usize) -> Option<usize> {
    if at <= start {
        return None;
    }
    if tokens[at].is("and") {
        return Some(if tokens.get(at + 1).is_some_and(|t| t.is("also then")) { at + 2 } else { at + 1 });
    }
    let mark = gap(sentence, tokens, at).trim();
    // `the coach, who was hired` goes on.
    ((mark == "," || mark == ";")
        && (tokens[at].asks() && !tokens[at].is("who which whom whose") || tokens[at].is_preposition()))
    .then_some(at)
}

/// Whether the words are a question by themselves, and one that has no other in it.
fn is_whole(words: &[Token<'_>]) -> bool {
    let Some((first, rest)) = words.split_first() else { return false };
    let last = words[words.len() - 1].clone();
    let asks = first.asks()
        || first.is_auxiliary()
        || first.requests()
        || first.is_preposition() && rest.first().is_some_and(Token::asks);
    let inner = rest.iter().skip(usize::from(first.is_preposition())).any(|t| t.asks() || t.is("whether if"));
    // `When using X, what …`: a clause before the question.
    let inverted = !first.is("when where why") || rest.first().is_some_and(Token::is_auxiliary);
    let open = last.is_preposition() && !rest.iter().any(Token::is_auxiliary)
        || last.is_determiner()
        || last.is_auxiliary();
    asks && inverted && !inner && !open && words.len() > 2 && words.iter().any(Token::is_content)
}

/// Whether `right`, behind `left`, begins a question of its own rather than going on with the one before.
fn begins_question(right: &str, left: &[Token<'_>]) -> bool {
    let tokens = read(right);
    let first =
        if tokens.first().is_some_and(|t| t.is_preposition() && tokens.get(1).is_some_and(Token::asks)) {
            1
        } else {
            0
        };
    let Some(begin) = tokens.get(first) else { return false };
    let inverted = tokens.iter().skip(first + 1).take(4).position(Token::is_auxiliary);
    if begin.asks() {
        let Some(before) = inverted else {
            // `who signs it`: the subject itself is asked for.
            let verb = if begin.is("who") { first + 1 } else { first + 2 };
            let subject = begin.is("who which what")
                && tokens.get(verb).is_some_and(|t| {
                    t.is_content()
                        && (t.lower.ends_with('s')
                            || t.lower.ends_with("ed")
                            || t.is("wrote made built sold bought paid"))
                });
            return subject && left[0].asks() && tokens.len() > verb + 1;
        };
        let auxiliary = first + 1 + before;
        // Between the word that asks and the verb: nothing, or what is asked for: `how many days`, `which company`.
        let phrase = before == 0 || begin.is("how which what whose");
        let plain = (first + 1..auxiliary)
            .all(|i| !tokens[i].is_pronoun() && !tokens[i].is_determiner() && follows(right, &tokens, i));
        let who = before == 0 && begin.is("who what which") && tokens.len() > auxiliary + 1;
        return phrase && plain && (who || has_subject(right, &tokens, auxiliary));
    }
    // `does it apply to managers`: the subject of a verb for yes or no is a pronoun, or the question before is one too.
    let subject = tokens.get(1).filter(|_| follows(right, &tokens, 1));
    let pronoun = subject.is_some_and(|t| t.is("it they there he she we i you"));
    let parallel = left[0].is_auxiliary()
        && begin.is("is are was were does did")
        && subject.is_some_and(Token::is_determiner);
    if begin.is_auxiliary() {
        return tokens.len() > 2 && (pronoun || parallel);
    }
    // `List the suppliers and explain the terms`.
    begin.is("explain describe summarise summarize list")
        && left[0].requests()
        && subject.is_some_and(|t| t.is_determiner() || t.asks())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_questions_are_taken_apart() {
        let check = |question: &str, expected: &[&str]| assert_eq!(parts(question), expected, "{question}");
        check(
            "What is the notice period and who signs the contract?",
            &["What is the notice period?", "Who signs the contract?"],
        );
        check(
            "What is the notice period and when does it start?",
            &["What is the notice period?", "When does the notice period start?"],
        );
        check("Who wrote Faust? When?", &["Who wrote Faust?", "When was Faust written?"]);
        check(
            "Who signed the contracts, and when?",
            &["Who signed the contracts?", "When were the contracts signed?"],
        );
        check(
            "Where was the lease signed and in which year?",
            &["Where was the lease signed?", "In which year was the lease signed?"],
        );
        check("a) What is the fee? b) When is it due?", &["What is the fee?", "When is the fee due?"]);
        check(
            "Please answer these questions: 1. Who is the landlord? 2. What is the rent?",
            &["Who is the landlord?", "What is the rent?"],
        );
        check(
            "For Zurich: a) what is the rent, b) who is the landlord?",
            &["For Zurich what is the rent?", "For Zurich who is the landlord?"],
        );
        check(
            "What is the fee, when is it due, and who pays it?",
            &["What is the fee?", "When is the fee due?", "Who pays the fee?"],
        );
        check(
            "How much is the deposit? And when do I get it back?",
            &["How much is the deposit?", "When do I get the deposit back?"],
        );
        check(
            "Is smoking allowed and are the dogs allowed?",
            &["Is smoking allowed?", "Are the dogs allowed?"],
        );
        check("What are the fees and how are they paid?", &["What are the fees?", "How are the fees paid?"]);
        check("Who is the CEO and when did she join?", &["Who is the CEO?", "When did the CEO join?"]);
        check(
            "Who signed the lease and what is his title?",
            &["Who signed the lease?", "What is the person who signed the lease's title?"],
        );
        check(
            "What is the password policy? Does it apply to guests? How often must passwords be changed?",
            &[
                "What is the password policy?",
                "Does the password policy apply to guests?",
                "How often must passwords be changed?",
            ],
        );
        check(
            "Which contract covers Zurich and which lease covers Bern?",
            &["Which contract covers Zurich?", "Which lease covers Bern?"],
        );
        check(
            "List the suppliers and explain the payment terms.",
            &["List the suppliers.", "Explain the payment terms."],
        );
        check(
            "When does the contract end and can it be renewed?",
            &["When does the contract end?", "Can the contract be renewed?"],
        );
        check(
            "Hi, what is the “and why” clause, and who wrote it? Thanks!",
            &["What is the “and why” clause?", "Who wrote the “and why” clause?"],
        );
        check(
            "What is the rent of the Zurich office and how many people are employed in Bern?",
            &["What is the rent of the Zurich office?", "How many people are employed in Bern?"],
        );
    }

    #[test]
    fn one_question_stays_one() {
        for question in [
            "What is the difference between leave and absence?",
            "Who leads research and development?",
            "What are the costs of A and B?",
            "When and where did the meeting take place?",
            "How and why was it changed?",
            "Does the policy explain who may travel and when they must book?",
            "What does the contract say about what is owed and what is paid?",
            "Who signed the contract and is the owner?",
            "Which contracts end in 2024 and have a cap?",
            "What happens if I resign and when I leave?",
            "We have a lease with Acme. When does it end?",
            "What is the address and name of the supplier?",
            "How many days of leave do employees get and can they be carried over?",
            "What does “who pays? and when?” mean?",
            "Who wrote it? When?",
            "When using the portal, what must I enter?",
            "Which office did Anna open, and who is leading it?",
            "How did stocks change and what might this suggest?",
            "Did Acme buy shares in 2023, and what was the magnitude?",
            "When did Acme release the tool, and through what interface is it available?",
            "Where was Anna elected, and was it planned?",
            "What is the name of the coach, who was hired after Fox?",
            "Where was Anna born, and what did she do at that time?",
            "How many contracts have an arbitration clause and which do not?",
            "What is § 4 a) about?",
            "What did the board approve, and why?",
            "Was kostet das und wer zahlt?",
            "Quel est le prix et qui paie ?",
            "What is A? What is B? What is C? What is D? What is E?",
            "List and explain the steps",
            "Explain what the fee is and how it is paid.",
            "Who runs the shop and does the books?",
            "What is the policy on travel and accommodation?",
            "",
        ] {
            assert_eq!(parts(question), [question], "{question}");
        }
    }
}
