//! The chat template that a model file carries. It is a program from a file, so it runs sandboxed and on a fuel
//! budget, and it never sees what the messages say: it is given placeholders, and their content is put in afterwards,
//! as text.

use citadel_core::{ChatMessage, Role};
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, Value, context};

use crate::vocabulary::Piece;

/// Around the number of a message, in place of its content. Private-use characters that no template writes.
const OPEN: char = '\u{F0000}';
const CLOSE: char = '\u{F0001}';

/// Instructions that a template may run; real ones need a few thousand for a long chat.
const FUEL: u64 = 1_000_000;

/// What `strftime_now` gives. No clock is read, so that the same request gives the same prompt: this is the date that
/// the templates themselves fall back to where there is no clock.
const FIXED_DATE: &str = "26 Jul 2024";

pub(crate) struct ChatTemplate {
    environment: Environment<'static>,
    bos: String,
    eos: String,
}

impl ChatTemplate {
    /// Compiles `source`. `bos` and `eos` are the spellings of those tokens.
    pub(crate) fn new(source: &str, bos: String, eos: String) -> Result<Self, String> {
        let mut environment = Environment::new();
        // As Hugging Face's own renderer is set, for which the templates are written.
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|e| explain(&e))?);
        environment.set_fuel(Some(FUEL));
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", |reason: String| -> Result<String, Error> {
            Err(Error::new(ErrorKind::InvalidOperation, reason))
        });
        environment.add_function("strftime_now", |_format: String| FIXED_DATE);
        environment.add_template_owned("chat", source.to_owned()).map_err(|e| explain(&e))?;
        Ok(Self { environment, bos, eos })
    }

    /// The prompt in pieces: the template's words, and the messages' content where the template put it. An answer
    /// is expected to follow. Where a template has no place for instructions, they begin the first turn.
    pub(crate) fn render<'a>(&self, messages: &'a [ChatMessage]) -> Result<Vec<Piece<'a>>, String> {
        let turn = |role: Role, content: String| context! { role => role.as_str(), content };
        let place = |index: usize| format!("{OPEN}{index}{CLOSE}");
        let turns = messages.iter().enumerate().map(|(index, m)| turn(m.role, place(index))).collect();
        let filled = self.fill(messages, turns);
        match (&filled, messages) {
            (Err(_), [instructions, first, rest @ ..])
                if (instructions.role, first.role) == (Role::System, Role::User) =>
            {
                let begin = turn(Role::User, format!("{}\n\n{}", place(0), place(1)));
                let others = rest.iter().enumerate().map(|(index, m)| turn(m.role, place(index + 2)));
                self.fill(messages, std::iter::once(begin).chain(others).collect()).or(filled)
            }
            _ => filled,
        }
    }

    /// The template over `turns`, with the content of `messages` where their placeholders stand.
    fn fill<'a>(&self, messages: &'a [ChatMessage], turns: Vec<Value>) -> Result<Vec<Piece<'a>>, String> {
        let rendered = self
            .environment
            .get_template("chat")
            .and_then(|template| {
                template.render(context! {
                    messages => turns,
                    add_generation_prompt => true,
                    // Models that can think before they answer are told not to: the evidence is short, and a laptop slow.
                    enable_thinking => false,
                    thinking => false,
                    bos_token => self.bos.as_str(),
                    eos_token => self.eos.as_str(),
                })
            })
            .map_err(|e| explain(&e))?;

        let mut pieces = Vec::new();
        let mut shown = vec![false; messages.len()];
        let mut rest = rendered.as_str();
        while let Some((before, after)) = rest.split_once(OPEN) {
            let placed = after.split_once(CLOSE).and_then(|(number, after)| {
                let index: usize = number.parse().ok()?;
                Some((index, messages.get(index)?, after))
            });
            let Some((index, message, after)) = placed else {
                return Err("it took the text of a message apart".to_owned());
            };
            pieces.push(Piece::Template(before.to_owned()));
            pieces.push(Piece::Content(&message.content));
            if let Some(shown) = shown.get_mut(index) {
                *shown = true;
            }
            rest = after;
        }
        pieces.push(Piece::Template(rest.to_owned()));
        // Evidence that silently does not reach the model would be worse than no answer.
        match shown.iter().position(|shown| !shown) {
            Some(index) => Err(format!("it left out message {}", index + 1)),
            None => Ok(pieces),
        }
    }
}

fn explain(error: &Error) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn chat(contents: &[&str]) -> Vec<ChatMessage> {
        let roles = [Role::System, Role::User, Role::Assistant];
        contents.iter().zip(roles).map(|(c, role)| ChatMessage { role, content: (*c).to_owned() }).collect()
    }

    fn render(source: &str, contents: &[&str]) -> Result<String, String> {
        let messages = chat(contents);
        let pieces = ChatTemplate::new(source, "<s>".to_owned(), "</s>".to_owned())?.render(&messages)?;
        let text = |piece: &Piece<'_>| match piece {
            Piece::Template(text) => text.clone(),
            Piece::Content(text) => format!("[{text}]"),
        };
        Ok(pieces.iter().map(text).collect())
    }

    #[test]
    fn templates_render_with_content_kept_apart() {
        let check =
            |source: &str, expected: &str| assert_eq!(render(source, &["S", "{{x}} <s>"]).unwrap(), expected);
        check(
            "{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] }}{% endfor %}{% if add_generation_prompt %}>{% endif %}",
            "<|system|>[S]<|user|>[{{x}} <s>]>",
        );
        // Blocks are trimmed, Python methods work, the date is fixed.
        check(
            "{{ bos_token }}{% for m in messages %}\n    {% if m.role.upper() == 'USER' %}\n{{ m.content.strip() }}{% else %}\n{{ m.content | trim }}{% endif %}\n{% endfor %}\n{{ strftime_now('%Y') }}{{ eos_token }}",
            "<s>[S][{{x}} <s>]26 Jul 2024</s>",
        );
    }

    #[test]
    fn instructions_find_a_place_and_thinking_is_off() {
        let check = |source: &str, expected: &str| assert_eq!(render(source, &["S", "U"]).unwrap(), expected);
        let strict = "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}";
        check(
            &format!("{strict}{{{{ messages[0].role }}}}: {{{{ messages[0].content }}}}"),
            "user: [S]\n\n[U]",
        );
        let thinker = "{{ messages[0].content }}{{ messages[1].content }}";
        check(
            &format!(
                "{thinker}{{% if enable_thinking is defined and enable_thinking is false %}}off{{% endif %}}"
            ),
            "[S][U]off",
        );
    }

    #[test]
    fn templates_that_fail_say_why() {
        let check = |source: &str, expected: &str| {
            let error = render(source, &["S", "U"]).unwrap_err();
            assert!(error.contains(expected), "{source}: {error}");
        };
        check("{{ raise_exception('Nothing is supported') }}", "Nothing is supported");
        check("{% for m in messages %}{{ m.role }", "syntax error");
        check(
            "{% for m in messages if m.role == 'assistant' %}{{ m.content }}{% endfor %}",
            "left out message 1",
        );
        check("{{ messages[0].content }}{{ messages[1].content[:1] }}", "took the text");
        check("{% for i in range(9999) %}{% for j in range(9999) %}{{ i }}{% endfor %}{% endfor %}", "fuel");
    }
}
