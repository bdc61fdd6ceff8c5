//! What a question is about: the noun phrase that a pronoun of a later question stands for.

use std::ops::Range;

use super::reading::{QUOTES, Token, follows, gap, is_english, names, one_of, read, slice};

/// Verbs as they stand behind `does` and its like: where the subject ends.
const VERBS: &str = "apply approve arrive ask become begin belong buy carry change charge claim close come contain \
cost cover decide define deliver describe differ do earn employ end enter exist expire explain find finish found get \
give go grant handle happen have help hold include increase invest join keep last lead leave lie live look lose make \
manage mean measure meet mention move need offer open operate own pay produce provide publish put reach receive refer \
reimburse replace report represent require resign run say sell send serve set show sign spend stand start state stay \
stop store submit suggest supply take terminate think travel use want weigh win work write";
/// Adjectives that end a subject behind a form of `be`.
const STATES: &str = "due valid effective available open closed payable ready born responsible liable applicable binding \
mandatory compulsory optional necessary possible big large high long old deep wide far tall allowed known sold paid held \
made built written sent kept found bought given taken said set met left won lost begun drawn known shown";
/// What in a name tells that it is no person's.
pub(super) const ORGANISATIONS: &str = "ltd inc gmbh ag corp llc plc sa company university bank street road avenue office \
policy department group board committee court city county state institute agreement contract act law north south east \
west new";
const BE: &str = "is are was were";
const LONGEST: usize = 8;

/// A thing that can be spoken of again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Topic {
    /// As it stands in the question, or `the person who …`.
    pub text: String,
    /// Whether it is several; `None` for names.
    pub plural: Option<bool>,
    /// Whether it is a person; `None` for names that may be one.
    pub person: Option<bool>,
}

impl Topic {
    /// Whether a pronoun can stand for it.
    pub(super) fn fits(&self, pronoun: &str) -> bool {
        match pronoun {
            "it" | "its" => self.plural != Some(true) && self.person == Some(false),
            "they" | "them" | "their" => self.plural != Some(false) || self.person == Some(true),
            "these" | "those" => self.plural == Some(true),
            _ => self.plural != Some(true) && self.person != Some(false),
        }
    }
}

/// What `question` is about, where rules can tell.
pub(super) fn topic(question: &str) -> Option<Topic> {
    let tokens = read(question);
    if !is_english(&tokens) || tokens.len() < 2 {
        return None;
    }
    let first = tokens.first()?;
    if first.requests() {
        let rest = rest_as_phrase(question, &tokens, 1)?;
        return Some(spoken_of(question, &tokens, rest, false));
    }
    if first.is("who") && !tokens.get(1)?.is_auxiliary() {
        return who_did(question, &tokens);
    }
    if first.is("which what")
        && tokens.get(1).is_some_and(Token::is_content)
        && let Some(found) = which_one(question, &tokens)
    {
        return Some(found);
    }
    let auxiliary = tokens.iter().position(Token::is_auxiliary)?;
    let before = tokens.get(..auxiliary)?;
    // `How many days of leave do employees get?`: the days or the employees?
    if auxiliary > 3 || before.iter().any(|t| t.is("many") || (t.is_plural() && !t.requests())) {
        return None;
    }
    let verb = tokens.get(auxiliary)?;
    let named = auxiliary == 1 && first.is("what who");
    let much = auxiliary == 2 && first.is("how") && tokens.get(1)?.is("much high large big long old");
    // `What model does Acme recommend?`: the model or Acme?
    if auxiliary > 1 && first.is("which what") {
        return None;
    }
    let run = if verb.is(BE) && (named || much) {
        rest_as_phrase(question, &tokens, auxiliary + 1)?
    } else {
        subject(question, &tokens, auxiliary)?
    };
    Some(spoken_of(question, &tokens, run, first.is("who") && verb.is(BE)))
}

/// Everything from `at` on as one phrase: `the notice period of the lease`.
fn rest_as_phrase(question: &str, tokens: &[Token<'_>], at: usize) -> Option<Range<usize>> {
    let run = at..tokens.len();
    let rest = tokens.get(run.clone())?;
    let first = rest.first()?;
    let begins = (first.is_determiner() && !first.is("this that these those"))
        || first.is_capitalised()
        || (first.is_content() && !is_state(first));
    let whole = rest.iter().enumerate().all(|(i, t)| {
        (i == 0
            || follows(question, tokens, at + i)
            || gap(question, tokens, at + i).trim_matches(QUOTES).trim().is_empty())
            && !t.asks()
            && (t.is_capitalised() || !t.is_auxiliary())
            && !t.is(
                "and or but if than i you he she it we they this that these those her him his its their them",
            )
    });
    // `Who was Tesla prejudiced against?` is about nothing that stands there as one phrase.
    let name = names(question, tokens).into_iter().find(|n| n.start == at).map_or(at, |n| n.end);
    if name > at && tokens.get(name).is_some_and(|t| !t.is_preposition() && !t.is("of"))
        || rest.last()?.is_preposition()
    {
        return None;
    }
    let content = rest.iter().any(Token::is_content) || rest.iter().any(|t| t.lower.is_empty());
    (begins && whole && content && rest.len() <= LONGEST).then_some(run)
}

/// The subject behind the auxiliary at `at`: `the contract` of `When does the contract end?`.
pub(super) fn subject(question: &str, tokens: &[Token<'_>], at: usize) -> Option<Range<usize>> {
    let start = at + 1;
    let first = tokens.get(start)?;
    if first.is_pronoun() && !(first.is_determiner() && tokens.get(start + 1).is_some_and(Token::is_content))
    {
        return None;
    }
    if let Some(name) = names(question, tokens).into_iter().find(|n| n.start == start) {
        // With other things behind it, `it` may mean any of them.
        let alone = tokens.get(name.end..)?.iter().filter(|t| t.is_content()).count() <= 1;
        return alone.then_some(name);
    }
    let mut end = start + usize::from(first.is_determiner());
    let noun = end;
    // A name within, as in `the Acme contract`, belongs to it.
    let named = |i: usize| tokens.get(i + 1).is_some_and(|t| t.is_content() && !t.is_capitalised());
    while tokens.get(end).is_some_and(|t| t.is_content() && (!t.is_capitalised() || named(end)))
        && follows(question, tokens, end)
    {
        end += 1;
    }
    let be = tokens.get(at)?.is(BE);
    let ends = |t: &Token<'_>| if be { is_state(t) } else { t.is(VERBS) };
    let cut = (noun + 1..end).rev().find(|i| tokens.get(*i).is_some_and(ends));
    // Without a verb that is known, the last word before a preposition or the end is it, if there are but two.
    let end = match cut {
        Some(cut) => cut,
        None if be => end,
        None if end == noun + 2 => noun + 1,
        None => return None,
    };
    (end > noun).then_some(start..end)
}

fn is_state(token: &Token<'_>) -> bool {
    one_of(STATES, &token.lower) || (token.lower.len() > 4 && token.lower.ends_with("ed"))
}

/// `Who signed the lease?`: the lease. Where nothing follows the verb that could be spoken of, the person who did it.
fn who_did(question: &str, tokens: &[Token<'_>]) -> Option<Topic> {
    let object = object(question, tokens)?;
    let mut object = spoken_of(question, tokens, object, false);
    // What is written, signed or built.
    object.person = object.person.or(Some(false));
    Some(object)
}

/// What stands behind the verb of `Who signed the lease in 2019?`.
pub(super) fn object(question: &str, tokens: &[Token<'_>]) -> Option<Range<usize>> {
    let first = tokens.get(2).filter(|_| follows(question, tokens, 2))?;
    let determined = first.is_determiner() && !first.is("this that these those");
    if !(determined || first.is_capitalised() || first.lower.is_empty()) {
        return None;
    }
    let mut end = 3;
    while tokens.get(end).is_some_and(|t| {
        (t.is_content()
            || t.lower.is_empty()
            || t.is("of")
            || (t.is_determiner() && tokens[end - 1].is("of")))
            && follows(question, tokens, end)
    }) {
        end += 1;
    }
    (end <= 2 + LONGEST && tokens[end - 1].lower != "of").then_some(2..end)
}

/// `Which contract covers Zurich?`: the contract that covers Zurich.
fn which_one(question: &str, tokens: &[Token<'_>]) -> Option<Topic> {
    let noun = tokens.get(1)?;
    let verb =
        tokens.get(2).filter(|t| t.is_content() && !t.is_capitalised() && follows(question, tokens, 2))?;
    let finite = verb.lower.ends_with('s') != noun.is_plural() || verb.lower.ends_with("ed");
    let rest = tokens.get(3..)?;
    let plain =
        !rest.is_empty() && rest.len() <= LONGEST && !rest.iter().any(|t| t.asks() || t.is_auxiliary());
    (finite && plain).then(|| Topic {
        text: format!("the {} that {}", noun.text, slice(question, tokens, &(2..tokens.len()))),
        plural: Some(noun.is_plural()),
        person: Some(false),
    })
}

fn spoken_of(question: &str, tokens: &[Token<'_>], run: Range<usize>, person: bool) -> Topic {
    let words = tokens.get(run.clone()).unwrap_or_default();
    let head = words.iter().position(|t| t.is_preposition() || t.is("of")).unwrap_or(words.len());
    let head = head.checked_sub(1).and_then(|at| words.get(at));
    let name = names(question, tokens).contains(&run) || words.iter().all(|t| t.lower.is_empty());
    Topic {
        text: slice(question, tokens, &run).to_owned(),
        plural: if name { None } else { head.map(Token::is_plural) },
        person: match head {
            Some(head) if person || is_person(head) => Some(true),
            Some(last) if name && !last.lower.is_empty() && !last.is(ORGANISATIONS) => None,
            _ => Some(false),
        },
    }
}

/// Whether a noun names what a person is.
fn is_person(noun: &Token<'_>) -> bool {
    one_of(
        "ceo cfo cto president director manager employee founder author owner chairman chairwoman chair tenant \
         landlord lawyer doctor teacher head partner minister mayor king queen wife husband candidate applicant \
         consultant contractor inventor composer painter architect captain coach boss secretary treasurer person man \
         woman supervisor",
        &noun.lower,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_question_is_about() {
        let check = |question: &str, expected: Option<&str>| {
            assert_eq!(topic(question).map(|t| t.text).as_deref(), expected, "{question}");
        };
        check("What is the notice period?", Some("the notice period"));
        check(
            "What is the notice period of the Zurich lease?",
            Some("the notice period of the Zurich lease"),
        );
        check("When does the contract end?", Some("the contract"));
        check("When does the notice period start under the lease?", Some("the notice period"));
        check("When does the Acme contract end?", Some("the Acme contract"));
        check("Why did Acme Corp move?", Some("Acme Corp"));
        check("Why did Acme Corp buy Beta?", None);
        check("Who was Tesla prejudiced against?", None);
        check("Which model does Acme recommend?", None);
        check("Where is the head office located?", Some("the head office"));
        check("When is the deposit due?", Some("the deposit"));
        check("How much is the deposit?", Some("the deposit"));
        check("Who is the landlord?", Some("the landlord"));
        check("Who signed the lease in 2019?", Some("the lease"));
        check("Who wrote Faust?", Some("Faust"));
        check("Is smoking allowed in the yard?", Some("smoking"));
        check("Explain the bonus scheme.", Some("the bonus scheme"));
        check("Which contract covers Zurich?", Some("the contract that covers Zurich"));
        check("How many days of leave do employees get?", None);
        check("What is required for travel?", None);
        check("When does it start?", None);
        check("Why?", None);
        check("What are the costs of A and B?", None);
        check("Wer unterschreibt den Vertrag?", None);
    }

    #[test]
    fn pronouns_fit() {
        let check = |question: &str, pronoun: &str, expected: bool| {
            assert_eq!(topic(question).is_some_and(|t| t.fits(pronoun)), expected, "{question} {pronoun}");
        };
        check("What is the fee?", "it", true);
        check("What is the fee?", "they", false);
        check("What are the fees?", "they", true);
        check("What are the fees?", "it", false);
        check("Who is the landlord?", "he", true);
        check("Who is the landlord?", "it", false);
        check("When does the contract end?", "she", false);
        check("Why did Acme Corp move?", "they", true);
        check("Why did Acme Corp move?", "it", true);
        check("Where was Anna elected?", "it", false);
        check("Where was Anna elected?", "she", true);
        check("Who wrote Faust?", "it", true);
    }
}
