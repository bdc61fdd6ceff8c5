//! What kind of thing a question asks for, and whether a text can hold one.

use super::reading::{Token, is_english, names, read};
use crate::words::{facts, normal};

/// What kind of thing answers a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AnswerType {
    Person,
    Place,
    Date,
    Number,
    Money,
    Duration,
    Percent,
    YesNo,
    Reason,
    Any,
}

const PERSONS: &str = "person employee author founder king queen president composer scientist actor player artist \
director ceo politician";
const PLACES: &str = "city country state town village county province region continent street building office place \
location canton address";
const DATES: &str = "year date day month decade century";
const TIMES: &str = "second minute hour day night week month quarter year decade";
const SHARES: &str = "percentage percent share proportion fraction";
const PRICES: &str = "price cost fee rent salary premium deposit fine";
const MONTHS: &str = "january february march april may june july august september october november december jan feb mar \
apr jun jul aug sep sept oct nov dec";
const TEMPORAL: &str = "today yesterday tomorrow monday tuesday wednesday thursday friday saturday sunday spring summer \
autumn winter morning evening noon midnight annually monthly weekly daily quarterly immediately always after before \
during until upon when within once";
const QUANTITIES: &str = "hundred thousand million billion dozen half third quarter both single once twice thrice pair \
couple several many few no none zero nil free a an";
const ROLE_ENDS: &[&str] = &["er", "or", "ist", "ee", "ant", "ent", "man", "men", "woman", "ian"];
const ROLES: &str = "people staff team board department head committee council everyone everybody anyone nobody we you \
chair king queen wife husband ceo cfo hr chief group party tenant";
const LOCATING: &str =
    "in at on near under above behind inside outside between from to home everywhere abroad";
const REASONS: &str = "because since due therefore so as to for caused reason owing led thus hence result";

/// The kind of thing that `question` asks for; [`AnswerType::Any`] where rules cannot tell.
pub(crate) fn answer_type(question: &str) -> AnswerType {
    let tokens = read(question);
    let Some(first) = tokens.first().filter(|_| is_english(&tokens)) else { return AnswerType::Any };
    // `In which city …`, `By whom …`, `For how long …`, `And when …`
    let lead = usize::from(first.is_preposition() || first.is("and but so of"));
    let Some(asking) = tokens.get(lead) else { return AnswerType::Any };
    let next = tokens.get(lead + 1);
    let next_is = |list: &str| next.is_some_and(|t| t.is(list));
    match asking.lower.as_str() {
        "who" | "whom" | "whose" => AnswerType::Person,
        "where" => AnswerType::Place,
        "when" => AnswerType::Date,
        "why" => AnswerType::Reason,
        "how" => how(&tokens[lead + 1..]),
        "what" | "which" => what(&tokens[lead + 1..], lead > 0),
        _ if lead == 0 && asking.is_auxiliary() && tokens.len() > 2 && !next_is("me") => {
            // `Is it A or B?` is answered by one of the two.
            if tokens.iter().any(|t| t.is("or")) { AnswerType::Any } else { AnswerType::YesNo }
        }
        _ => AnswerType::Any,
    }
}

fn how(rest: &[Token<'_>]) -> AnswerType {
    let is = |at: usize, list: &str| rest.get(at).is_some_and(|t| t.is(list));
    match rest.first().map_or("", |t| t.lower.as_str()) {
        "many" if is(1, "percent") => AnswerType::Percent,
        "many" | "old" | "far" | "tall" | "high" | "deep" | "wide" | "heavy" | "large" | "big" | "fast" => {
            AnswerType::Number
        }
        "long" | "soon" | "quickly" => AnswerType::Duration,
        "come" => AnswerType::Reason,
        "much" if is(1, "time notice") => AnswerType::Duration,
        "much" if is(1, "money") => AnswerType::Money,
        "much" if rest.get(1).is_some_and(Token::is_auxiliary) => {
            let verbs = "cost costs pay paid charge charged earn spend spent owe owed reimburse reimbursed invest \
                         invested donate donated sell sold";
            let be = is(1, "is are was were") && !rest.iter().any(|t| t.is("there left used known of"));
            if be || rest.iter().any(|t| t.is(verbs) || t.is(PRICES)) {
                AnswerType::Money
            } else {
                AnswerType::Number
            }
        }
        "much" => AnswerType::Number,
        _ => AnswerType::Any,
    }
}

fn what(rest: &[Token<'_>], behind_preposition: bool) -> AnswerType {
    let is = |at: usize, list: &str| rest.get(at).is_some_and(|t| t.is(list));
    let copular = is(0, "is was are were");
    // The noun asked for: `Which year …`, `What is the price …`
    let noun = if copular { rest.iter().skip(1).find(|t| t.is_content()) } else { rest.first() };
    let Some(noun) = noun else { return AnswerType::Any };
    let of = rest.iter().any(|t| t.is("of for to in"));
    if noun.is(SHARES) && (!copular || !noun.is("share")) {
        AnswerType::Percent
    } else if copular {
        let last = rest.iter().skip(1).take_while(|t| !t.is_preposition() && !t.is("of")).last();
        match last {
            Some(t) if t.is(PRICES) => AnswerType::Money,
            Some(t) if t.is("duration") => AnswerType::Duration,
            Some(t) if t.is("date deadline") => AnswerType::Date,
            Some(t) if t.is("number population") && of => AnswerType::Number,
            Some(t) if t.is("percentage percent") => AnswerType::Percent,
            Some(t) if t.is("address") => AnswerType::Place,
            Some(t) if t.is("reason") => AnswerType::Reason,
            _ => AnswerType::Any,
        }
    } else if noun.is("reason") && behind_preposition {
        AnswerType::Reason
    } else if !copular && rest.get(1).is_some_and(|t| t.is_capitalised()) {
        // `Which State Route …`
        AnswerType::Any
    } else if noun.is(DATES) {
        AnswerType::Date
    } else if noun.is(PLACES) {
        AnswerType::Place
    } else if noun.is(PERSONS) {
        AnswerType::Person
    } else {
        AnswerType::Any
    }
}

/// Whether `text` can hold an answer of this type; `None` where that cannot be said. A text in another language is
/// judged by its numbers and names alone.
pub(crate) fn fits(wanted: AnswerType, text: &str) -> Option<bool> {
    let tokens = read(text);
    let has = |list: &str| tokens.iter().any(|t| t.is(list) || t.is_content() && one_normal(list, t));
    let digits = text.contains(|c: char| c.is_numeric());
    let number = digits || !facts(text).numbers.is_empty();
    // A hint is enough to leave it open; without one it is settled in English only.
    let unless = |hint: bool| if hint || !is_english(&tokens) { None } else { Some(false) };
    match wanted {
        AnswerType::Any | AnswerType::YesNo => None,
        AnswerType::Number | AnswerType::Money if number => Some(true),
        AnswerType::Number | AnswerType::Money => {
            unless(has(QUANTITIES) || tokens.iter().any(|t| t.is("one")))
        }
        AnswerType::Percent if text.contains('%') || has("percent cent percentage") => Some(true),
        AnswerType::Percent => unless(number || has(QUANTITIES) || has("majority minority most all")),
        AnswerType::Duration if has(TIMES) && number => Some(true),
        AnswerType::Duration => unless(number || has(TIMES) || has(TEMPORAL)),
        AnswerType::Date if tokens.iter().any(|t| is_year(t.text)) => Some(true),
        AnswerType::Date if digits && (has(MONTHS) || is_numeric_date(text)) => Some(true),
        AnswerType::Date => unless(digits || has(TIMES) || has(TEMPORAL) || has(MONTHS) || has("century")),
        AnswerType::Person | AnswerType::Place if !names(text, &tokens).is_empty() => Some(true),
        AnswerType::Person => unless(tokens.iter().any(|t| is_role(t)) || begins_large(&tokens)),
        AnswerType::Place => unless(has(LOCATING) || begins_large(&tokens)),
        AnswerType::Reason if has("because") || text.to_lowercase().contains("due to") => Some(true),
        AnswerType::Reason => unless(has(REASONS) || tokens.len() > 3),
    }
}

fn one_normal(list: &str, token: &Token<'_>) -> bool {
    super::reading::one_of(list, &normal(&token.lower))
}

/// A number from 1000 to 2199, `1990s` too.
fn is_year(word: &str) -> bool {
    let digits = word.strip_suffix('s').unwrap_or(word);
    digits.len() == 4 && digits.parse::<u32>().is_ok_and(|year| (1000..2200).contains(&year))
}

/// `3.4.2021`, `2021-04-03`, `4/3`.
fn is_numeric_date(text: &str) -> bool {
    text.split_whitespace().any(|word| {
        let parts: Vec<&str> = word.trim_end_matches([',', '.', ';', ')']).split(['.', '-', '/']).collect();
        parts.len() >= 2
            && parts.len() <= 3
            && parts.iter().all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
    })
}

fn is_role(token: &Token<'_>) -> bool {
    let lower = normal(&token.lower);
    token.is(ROLES)
        || (token.is_content() && lower.len() > 3 && ROLE_ENDS.iter().any(|end| lower.ends_with(end)))
}

/// Whether the text begins with a word that may be a name.
fn begins_large(tokens: &[Token<'_>]) -> bool {
    tokens.first().is_some_and(|t| t.is_content() && t.is_capitalised())
}

#[cfg(test)]
mod tests {
    use super::AnswerType::*;
    use super::*;

    #[test]
    fn types_of_questions() {
        let check = |question: &str, expected: AnswerType| {
            assert_eq!(answer_type(question), expected, "{question}");
        };
        check("Who signed the lease?", Person);
        check("By whom was it signed?", Person);
        check("Where is the head office?", Place);
        check("In which city is the head office?", Place);
        check("When does it end?", Date);
        check("In what year was it founded?", Date);
        check("What is the deadline for claims?", Date);
        check("How many days of leave do I get?", Number);
        check("How old must a driver be?", Number);
        check("How much water is used?", Number);
        check("How much does the parking space cost?", Money);
        check("How much is the deposit?", Money);
        check("What is the monthly rent of the Zurich office?", Money);
        check("How long is the notice period?", Duration);
        check("For how long is it valid?", Duration);
        check("What percentage of sales went to Asia?", Percent);
        check("May managers approve their own expenses?", YesNo);
        check("Why was the plan dropped?", Reason);
        check("Is it red or blue?", Any);
        check("What is the notice period?", Any);
        check("How does it work?", Any);
        check("Wann endet der Vertrag?", Any);
        check("“When” means what?", Any);
        check("", Any);
    }

    #[test]
    fn texts_that_can_hold_an_answer() {
        let check = |wanted: AnswerType, text: &str, expected: Option<bool>| {
            assert_eq!(fits(wanted, text), expected, "{wanted:?} {text}");
        };
        check(Number, "Employees get 25 days.", Some(true));
        check(Number, "Employees get twenty days.", Some(true));
        check(Number, "Employees get leave.", Some(false));
        check(Number, "Several dozen were sold.", None);
        check(Money, "The deposit is 900 CHF.", Some(true));
        check(Money, "Parking is free of charge.", None);
        check(Money, "The deposit is returned.", Some(false));
        check(Percent, "It rose by 3 %.", Some(true));
        check(Percent, "Sales rose.", Some(false));
        check(Percent, "Half of the sales went to Asia.", None);
        check(Duration, "The notice period is three months.", Some(true));
        check(Duration, "The period is stated below.", Some(false));
        check(Date, "It was founded in 1852.", Some(true));
        check(Date, "It ends on 3.4.21.", Some(true));
        check(Date, "It ends on 3 April.", Some(true));
        check(Date, "It ends after the audit.", None);
        check(Date, "The contract is void.", Some(false));
        check(Person, "The lease was signed by Anna Meier.", Some(true));
        check(Person, "It is approved by the line manager.", None);
        check(Person, "It is made of wood.", Some(false));
        check(Place, "The office lies in Zurich.", Some(true));
        check(Place, "It is kept in the cellar.", None);
        check(Place, "It is kept safe.", Some(false));
        check(Reason, "It was dropped because of its price.", Some(true));
        check(Reason, "It was dropped.", Some(false));
        check(YesNo, "They may.", None);
        check(Any, "Anything.", None);
        check(Number, "それは秘密です。", None);
        check(Date, "Der Vertrag ist nichtig.", None);
    }
}
