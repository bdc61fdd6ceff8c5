//! Pronouns that stand for something outside their question, and what is put in their place.

use super::reading::{Token, follows, gap, names, one_of, read, slice};
use super::topic::{object, subject, topic};

const PERSONAL: &str = "it its they them their he she him his her";
const MEASURES: &str = "year years month months week weeks day days hour hours time times date age";
const DEMONSTRATIVE: &str = "this that these those";
/// Past participles that no rule gives.
const IRREGULAR: &[(&str, &str)] = &[
    ("wrote", "written"),
    ("made", "made"),
    ("built", "built"),
    ("sold", "sold"),
    ("bought", "bought"),
    ("paid", "paid"),
    ("drew", "drawn"),
    ("drafted", "drafted"),
    ("began", "begun"),
    ("chose", "chosen"),
    ("gave", "given"),
    ("took", "taken"),
    ("won", "won"),
    ("lost", "lost"),
    ("led", "led"),
    ("sent", "sent"),
    ("found", "found"),
    ("held", "held"),
    ("met", "met"),
    ("left", "left"),
    ("broke", "broken"),
    ("stole", "stolen"),
];

/// The position of the first pronoun of a question that has nothing in the question to stand for.
pub(super) fn leaning(text: &str, tokens: &[Token<'_>]) -> Option<usize> {
    let at = (0..tokens.len()).find(|at| is_bare(text, tokens, *at))?;
    let before = tokens.get(..at)?;
    // `Who sold their house?`, `After its sale, who …`
    let who = tokens[0].is("who") && tokens[at].is("its their his her");
    let ahead = (at + 1..tokens.len()).any(|i| gap(text, tokens, i).contains(','));
    let antecedent = who
        || ahead
        || (0..before.len()).any(|i| {
            is_noun(text, tokens, i)
                && !(tokens[at].is("it its") && before[i].is_plural() && !before[i].is_capitalised())
        });
    (!antecedent && !is_expletive(tokens, at)).then_some(at)
}

/// Whether a pronoun stands at `at` that is no companion of a noun, as in `that contract`.
fn is_bare(text: &str, tokens: &[Token<'_>], at: usize) -> bool {
    let Some(token) = tokens.get(at) else { return false };
    if one_of(PERSONAL, &token.lower) {
        return true;
    }
    if !one_of(DEMONSTRATIVE, &token.lower) {
        return false;
    }
    // `Is that allowed?`, `Why is that?`, but not `the contract that ends`, `does it say that …`, `that contract`.
    let behind_be = at > 0 && tokens[at - 1].is_auxiliary();
    let before_verb = tokens.get(at + 1).is_none_or(|t| {
        t.is("more less enough too mean include apply cost work happen allowed required true possible correct valid")
            || !follows(text, tokens, at + 1)
    });
    behind_be && before_verb
}

/// Whether the word at `at` is something that a pronoun behind it may stand for.
fn is_noun(text: &str, tokens: &[Token<'_>], at: usize) -> bool {
    let Some(token) = tokens.get(at) else { return false };
    if token.lower.is_empty() || names(text, tokens).iter().any(|name| name.contains(&at)) {
        return true;
    }
    let Some(before) = at.checked_sub(1).and_then(|b| tokens.get(b)) else {
        return token.is_content() && token.is_plural();
    };
    if !token.is_content() {
        return false;
    }
    // `Which year did it …`, `How many days does it …` ask for a thing; that is not spoken of.
    let measured =
        tokens.get(at + 1).is_some_and(|t| t.is("do does did") || t.is_auxiliary() && token.is(MEASURES))
            && (before.is("which what many much")
                || before.is_content() && at >= 2 && tokens[at - 2].is("which what many much"));
    let asked = before.is("which what") && !measured;
    let phrase = before.is_determiner()
        || before.is_preposition()
        || before.is("of most many several few")
        || before.is_auxiliary();
    !measured && (asked || (phrase && !token.lower.ends_with("ed")))
}

/// What is said of an `it` that stands for nothing.
const IMPERSONAL: &str = "possible allowed permitted necessary required needed legal mandatory important easy hard difficult \
safe worth ok okay usual take takes cost costs mean called likely true rain snow rains raining snowing";

/// `it` that stands for nothing: `Is it possible to …`, `How long does it take to …`.
fn is_expletive(tokens: &[Token<'_>], at: usize) -> bool {
    let rest = tokens.get(at + 1..).unwrap_or_default();
    let said = rest.iter().take(3).position(|t| t.is(IMPERSONAL));
    tokens[at].is("it")
        && said.is_some_and(|said| {
            rest[said].is("rain snow rains raining snowing")
                || rest.iter().skip(said + 1).take(4).any(|t| t.is("to that if for when where"))
        })
}

/// The question with the pronoun at `at` replaced by `thing`.
pub(super) fn replaced(text: &str, tokens: &[Token<'_>], at: usize, thing: &str) -> Option<String> {
    let pronoun = tokens.get(at)?;
    // `her salary` is hers, `met her` is she.
    let of = pronoun.is("its their his")
        || pronoun.is("her")
            && tokens.get(at + 1).is_some_and(|t| t.is_content() && follows(text, tokens, at + 1));
    let mut thing = thing.to_owned();
    if at > 0 {
        thing = begun_small(&thing);
    }
    if of {
        thing.push_str(if thing.ends_with('s') { "'" } else { "'s" });
    }
    Some(format!("{}{thing}{}", text.get(..pronoun.at.start)?, text.get(pronoun.at.end..)?))
}

/// With a small first letter where that is the letter of an article, a preposition or their like.
pub(super) fn begun_small(text: &str) -> String {
    let determiner = read(text).first().is_some_and(|t| t.is_determiner() || t.is_preposition());
    let mut chars = text.chars();
    match chars.next().filter(|_| determiner) {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => text.to_owned(),
    }
}

/// The part with what it leans on filled in from `first`; as it is where it leans on nothing; `None` where it leans and
/// rules cannot tell on what.
pub(super) fn filled(part: &str, first: &str) -> Option<String> {
    let tokens = read(part);
    let Some(at) = leaning(part, &tokens) else { return Some(part.to_owned()) };
    let pronoun = tokens.get(at)?;
    if pronoun.is("this that these those") {
        return None;
    }
    let thing = topic(first)
        .filter(|t| t.fits(&pronoun.lower))
        .map(|t| t.text)
        .or_else(|| (pronoun.is("he she him his her")).then(|| doer(first)).flatten())?;
    replaced(part, &tokens, at, &thing)
}

/// `Who signed the lease?` → `the person who signed the lease`.
pub(super) fn doer(question: &str) -> Option<String> {
    let tokens = read(question);
    let verb = tokens.get(1).filter(|t| tokens[0].is("who") && t.is_content())?;
    let end = tokens.last()?.at.end;
    let plain =
        tokens.len() <= 9 && !tokens.iter().skip(1).any(|t| t.asks() || t.is("and or it he she they"));
    plain.then(|| format!("the person who {}", &question[verb.at.start..end]))
}

/// The question once more with another word that asks: `When` and `Where was it built?` → `When was it built?`. `asking`
/// may be several words: `In which year`.
pub(super) fn asked_again(asking: &str, question: &str) -> Option<String> {
    let tokens = read(question);
    let first = tokens.first()?;
    let end = tokens.last()?.at.end;
    let adverb = "when where why how";
    if first.is(adverb) && tokens.get(1).is_some_and(Token::is_auxiliary) && tokens.len() > 3 {
        return Some(format!("{asking} {}?", &question[tokens[1].at.start..end]));
    }
    // `Is it A or B?`, `Is there …?`: a place, a time or a reason of the first word only.
    if first.is_auxiliary() && tokens.len() > 2 && !tokens.iter().any(|t| t.is("or")) {
        let rest = &question[first.at.end..end];
        return Some(format!("{asking} {}{rest}?", first.lower));
    }
    if first.is("who") && !tokens.get(1)?.is_auxiliary() {
        let object = object(question, &tokens)?;
        let verb = &tokens[1].lower;
        let participle = IRREGULAR.iter().find(|(past, _)| past == verb).map(|(_, participle)| *participle);
        let participle = participle.or_else(|| verb.ends_with("ed").then_some(verb.as_str()))?;
        let several = topic(question).and_then(|t| t.plural) == Some(true);
        let rest = &question[tokens[object.end - 1].at.end..end];
        let object = begun_small(slice(question, &tokens, &object));
        return Some(format!(
            "{asking} {} {object} {participle}{rest}?",
            if several { "were" } else { "was" }
        ));
    }
    // `What did the board approve?` and `why`: the same thing is meant, which is not named.
    None
}

/// Whether the question has a subject that is no pronoun: `When does the contract end?`.
pub(super) fn has_subject(question: &str, tokens: &[Token<'_>], auxiliary: usize) -> bool {
    subject(question, tokens, auxiliary).is_some()
        || tokens.get(auxiliary + 1).is_some_and(|t| {
            t.is_determiner() || t.is_pronoun() || t.is_capitalised() || t.is("there") || t.is_content()
        }) && !gap(question, tokens, auxiliary + 1).contains(['?', ','])
}
