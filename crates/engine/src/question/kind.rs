//! What kind of answer a question asks for.

use super::clean;
use super::reading::{Token, is_english, read};
use super::sweeping::{Sweep, sweep};

/// What kind of answer a question asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One thing, or what rules cannot tell.
    Plain,
    /// Yes or no.
    YesNo,
    /// Several things.
    List,
    /// Something about the documents as a set.
    Sweep(Sweep),
}

/// The kind of `question`.
pub(crate) fn kind(question: &str) -> Kind {
    let question = clean(question);
    let tokens = read(&question);
    if !is_english(&tokens) {
        return Kind::Plain;
    }
    if let Some(sweep) = sweep(&question) {
        Kind::Sweep(sweep)
    } else if is_list(&tokens) {
        Kind::List
    } else if is_yes_or_no(&tokens) {
        Kind::YesNo
    } else {
        Kind::Plain
    }
}

const COUNTS: &str =
    "two three four five six seven eight nine ten twelve 2 3 4 5 6 7 8 9 10 12 various different several";

fn is_list(tokens: &[Token<'_>]) -> bool {
    let is = |at: usize, list: &str| tokens.get(at).is_some_and(|t| t.is(list));
    let plural = |at: usize| tokens.get(at).is_some_and(Token::is_plural);
    // The first noun phrase: up to the first word that can stand in none.
    let phrase = |from: usize| {
        let end = (from..tokens.len())
            .find(|i| tokens.get(*i).is_none_or(|t| !t.is_content() && !t.is("all the some main most")))
            .unwrap_or(tokens.len());
        (end > from).then(|| end - 1)
    };
    if is(0, "list enumerate") {
        return tokens.len() > 1;
    }
    if is(0, "name identify give state outline") {
        return is(1, COUNTS)
            || is(1, "all every some")
            || (is(1, "the") && is(2, COUNTS))
            || phrase(1).is_some_and(plural);
    }
    if is(0, "a") && is(1, "list") {
        return true;
    }
    if is(0, "what who which") && is(1, "are were") {
        return is(2, COUNTS) || (is(2, "the all some") && (is(3, COUNTS) || phrase(3).is_some_and(plural)));
    }
    if is(0, "what which") {
        let kinds = is(1, "kinds types sorts");
        let counted = is(1, COUNTS) && tokens.len() > 3;
        // `Which employees may …`, `What steps are needed …`
        return kinds
            || counted
            || (plural(1)
                && !tokens[1].is_auxiliary()
                && tokens.get(2).is_some_and(|t| t.is_auxiliary() || is(0, "which")));
    }
    false
}

fn is_yes_or_no(tokens: &[Token<'_>]) -> bool {
    let Some(first) = tokens.first() else { return false };
    let subject = tokens.get(1).is_some_and(|t| {
        t.is_determiner()
            || t.is_pronoun()
            || t.is("there")
            || t.is_content() && !t.lower.starts_with(char::is_numeric)
    });
    first.is_auxiliary() && subject && tokens.len() > 2 && !tokens.iter().any(|t| t.is("or"))
}

#[cfg(test)]
mod tests {
    use super::super::Aim;
    use super::*;

    fn swept(question: &str, aim: Aim, lacking: bool, topic: &[&str], noun: &str) {
        let topic = topic.iter().map(|t| (*t).to_owned()).collect();
        let expected = Kind::Sweep(Sweep { aim, lacking, topic, noun: noun.to_owned() });
        assert_eq!(kind(question), expected, "{question}");
    }

    #[test]
    fn sweeps() {
        let list =
            |question: &str, topic: &[&str], noun: &str| swept(question, Aim::List, false, topic, noun);
        let lacks =
            |question: &str, topic: &[&str], noun: &str| swept(question, Aim::List, true, topic, noun);
        list("Which contracts mention arbitration?", &["arbitration"], "contracts");
        list(
            "Which of our employment contracts mention arbitration?",
            &["arbitration"],
            "employment contracts",
        );
        list("which contract mentions “force majeure”?", &["force majeure"], "contract");
        list("List all reports that mention Zurich", &["Zurich"], "reports");
        list("Could you please list all reports about Zurich?", &["Zurich"], "reports");
        list("Find documents containing the word \"not withstanding\".", &["not withstanding"], "documents");
        list("In which documents is parental leave mentioned?", &["parental", "leave"], "documents");
        list("Are there any letters that refer to the GDPR?", &["GDPR"], "letters");
        list("Do any of the policies cover dental care?", &["dental", "care"], "policies");
        list("What documents in the vault deal with data protection?", &["data", "protection"], "documents");
        list("Which minutes discuss the budget?", &["budget"], "minutes");
        list("Show me every invoice that mentions shipping", &["shipping"], "invoice");
        list("Is there a policy that covers remote work?", &["remote", "work"], "policy");
        list("Which agreements have a term of five years?", &["term", "five", "years"], "agreements");
        swept("Count the documents that mention Acme.", Aim::Count, false, &["Acme"], "documents");
        list("Which e-mails are about the merger?", &["merger"], "e-mails");
        lacks("Which documents do not contain a termination clause?", &["termination"], "documents");
        lacks("Which contracts don't mention a notice period?", &["notice", "period"], "contracts");
        lacks("Which contracts lack a liability cap?", &["liability", "cap"], "contracts");
        lacks("Which contracts have no liability cap?", &["liability", "cap"], "contracts");
        lacks("List every agreement without an arbitration clause.", &["arbitration"], "agreement");
        swept("How many policies refer to the GDPR?", Aim::Count, false, &["GDPR"], "policies");
        swept("How many files do not mention Acme?", Aim::Count, true, &["Acme"], "files");
        swept("In how many invoices does ACME appear?", Aim::Count, false, &["ACME"], "invoices");
        swept("Do all contracts have a liability cap?", Aim::All, false, &["liability", "cap"], "contracts");
        swept("Does every policy name an owner?", Aim::All, false, &["owner"], "policy");
        swept("Is arbitration mentioned in all contracts?", Aim::All, false, &["arbitration"], "contracts");
    }

    #[test]
    fn lists_and_questions_for_yes_or_no() {
        let check = |question: &str, expected: Kind| assert_eq!(kind(question), expected, "{question}");
        check("What are the steps of the approval process?", Kind::List);
        check("List the suppliers.", Kind::List);
        check("Please list the suppliers", Kind::List);
        check("Which three cities have offices?", Kind::List);
        check("Name all members of the board.", Kind::List);
        check("Who are the members of the board?", Kind::List);
        check("What types of leave exist?", Kind::List);
        check("Which employees may travel first class?", Kind::List);
        check("What documents do I need for a visa?", Kind::List);
        check("Which documents must contain a signature?", Kind::List);
        check("Which reports have been published?", Kind::List);
        check("Which contracts have expired?", Kind::List);
        check("Which documents have to be signed?", Kind::List);
        check("Which contracts mention arbitration or mediation?", Kind::List);
        check("Which contracts state that the supplier must deliver within 30 days?", Kind::List);
        check("May managers approve their own expenses?", Kind::YesNo);
        check("Is smoking allowed?", Kind::YesNo);
        check("Does the contract mention arbitration?", Kind::YesNo);
        check("Can I carry over leave?", Kind::YesNo);
    }

    #[test]
    fn plain_questions() {
        for question in [
            "How many days of leave do I get?",
            "Which policy applies to hotels?",
            "Which policy covers hotels?",
            "How many pages does the report have?",
            "How many policies does the company have?",
            "How many documents are there?",
            "How many invoices were issued in 2023?",
            "What is the notice period?",
            "What does the contract say about arbitration?",
            "Where is arbitration mentioned?",
            "Is it red or blue?",
            "What was the price?",
            "What does the policy cover?",
            "Which bus goes to the airport?",
            "May 2024 figures",
            "What runs from the river to the centre?",
            "Welche Verträge erwähnen das Schiedsgericht?",
            "Quels contrats mentionnent les arbitrages ?",
            "How many contracts do we have with Acme?",
            "Who wrote the report that mentions Zurich?",
            "In which year was the contract signed?",
            "Name the author of the report.",
            "",
        ] {
            assert_eq!(kind(question), Kind::Plain, "{question}");
        }
    }
}
