//! The prompts. Their fixed words lie in `assets/prompts/`; only evidence and the question vary.

use citadel_core::{ChatMessage, Passage, Role};

use crate::evidence::Evidence;

/// Standing instructions, and what is asked beyond them of a correction. The correction begins as the draft did, so that the
/// model need not read the instructions and the first source again.
pub(crate) const ANSWER: &str = include_str!("../../../assets/prompts/answer.txt");
const CORRECT: &str = include_str!("../../../assets/prompts/correct.txt");

/// What the model writes where the sources do not answer.
const DECLINED: &str = "not found";

/// The chat for a first draft from numbered evidence.
pub(crate) fn answer(question: &str, evidence: &[Evidence], passages: &[Passage]) -> Vec<ChatMessage> {
    chat(question, evidence, passages, "")
}

/// The chat for the correction from the strongest evidence.
pub(crate) fn correct(question: &str, evidence: &Evidence, passages: &[Passage]) -> Vec<ChatMessage> {
    chat(question, std::slice::from_ref(evidence), passages, CORRECT)
}

fn chat(question: &str, evidence: &[Evidence], passages: &[Passage], more: &str) -> Vec<ChatMessage> {
    let mut content = String::from("Sources:\n");
    for (number, item) in evidence.iter().enumerate() {
        let place = context(&passages[item.passage]);
        // Line breaks inside a source would look like the end of it.
        let text = item.text.split_whitespace().collect::<Vec<_>>().join(" ");
        content.push_str(&format!("[{}] ({place}) {text}\n", number + 1));
    }
    content.push_str(&format!("\nQuestion: {}", question.trim()));
    if !more.is_empty() {
        content.push_str(&format!("\n\n{}", more.trim()));
    }
    vec![
        ChatMessage { role: Role::System, content: ANSWER.trim().to_owned() },
        ChatMessage { role: Role::User, content },
    ]
}

/// Title and innermost heading: what tells a reader (and the model) where a source stands.
pub(crate) fn context(passage: &Passage) -> String {
    match passage.heading.last() {
        Some(heading) if *heading != passage.title => format!("{}, {heading}", passage.title),
        _ => passage.title.clone(),
    }
}

/// Whether a draft says that the sources do not answer.
pub(crate) fn declined(draft: &str) -> bool {
    let draft = draft.trim_start_matches(|c: char| !c.is_alphabetic()).to_lowercase();
    draft.starts_with(DECLINED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_from_an_answer() {
        for (draft, expected) in [
            ("NOT FOUND", true),
            (" \"Not found.\"", true),
            ("The lost keys were not found [1].", false),
            ("", false),
        ] {
            assert_eq!(declined(draft), expected, "{draft}");
        }
    }

    /// The language model's adapter was trained on prompts of exactly this form; `training/test_prompt.py` reads the same file.
    #[test]
    fn the_prompt_is_the_one_that_the_adapter_was_trained_on() {
        let golden: serde_json::Value =
            serde_json::from_str(include_str!("../tests/golden/prompt.json")).unwrap_or_default();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let given = golden["evidence"].as_array().cloned().unwrap_or_default();
        assert!(!given.is_empty(), "the golden case is there");
        let passages: Vec<Passage> = given
            .iter()
            .map(|e| {
                let (title, heading) = text(&e["context"])
                    .split_once(", ")
                    .map(|(title, heading)| (title.to_owned(), vec![heading.to_owned()]))
                    .unwrap_or((text(&e["context"]), Vec::new()));
                Passage { title, heading, ..crate::evidence::tests::passage(&text(&e["text"]), 0) }
            })
            .collect();
        let evidence: Vec<Evidence> = passages
            .iter()
            .enumerate()
            .map(|(passage, p)| Evidence {
                passage,
                range: citadel_core::CharRange::new(p.start, p.end),
                text: p.text.clone(),
                relevance: crate::evidence::Relevance::default(),
            })
            .collect();
        let messages = answer(&text(&golden["question"]), &evidence, &passages);
        assert_eq!(messages[0].content, text(&golden["expected_system"]));
        assert_eq!(messages[1].content, text(&golden["expected_user"]));
    }
}
