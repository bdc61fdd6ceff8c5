use std::time::Duration;

use crate::{ModelError, StopFlag};

/// Who speaks in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Standing instructions.
    System,
    /// The person, and the evidence shown to the model.
    User,
    /// The model.
    Assistant,
}

impl Role {
    /// The name that chat templates use.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        }
    }
}

/// One turn of a chat. Content is text only: a generator must not let it act as a control token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatMessage {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
}

/// How the next token is chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sampling {
    /// Always the likeliest token: the same input gives the same text.
    Greedy,
    /// Drawn from the likeliest tokens that together reach probability `top_p`.
    TopP {
        /// Above 0; 1 leaves the distribution as it is.
        temperature: f64,
        /// Above 0, at most 1.
        top_p: f64,
        /// The same seed and input give the same text.
        seed: u64,
    },
}

/// What to generate.
#[derive(Clone, Debug)]
pub struct GenerationRequest<'a> {
    /// The chat so far; the model writes the next assistant turn.
    pub messages: &'a [ChatMessage],
    /// The beginning of the assistant turn, already written; empty for none. Not part of the generated text.
    pub prefill: &'a str,
    /// Most tokens to write.
    pub max_tokens: usize,
    /// How each token is chosen.
    pub sampling: Sampling,
}

/// Why generation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishReason {
    /// The model ended its turn.
    EndOfTurn,
    /// `max_tokens` or the context was reached.
    Length,
    /// The stop flag was raised, or the receiver wanted no more.
    Stopped,
}

/// What was generated.
#[derive(Clone, Debug, PartialEq)]
pub struct Generation {
    /// The text, without control tokens.
    pub text: String,
    /// Tokens read before the first was written.
    pub prompt_tokens: usize,
    /// Tokens written.
    pub generated_tokens: usize,
    /// Time to read the prompt.
    pub prefill_time: Duration,
    /// Time to write, from the end of the prompt.
    pub decode_time: Duration,
    /// Why it ended.
    pub finish: FinishReason,
}

/// A language model that continues a chat. Blocking.
pub trait Generator: Send {
    /// Its name in the model pack.
    fn name(&self) -> &str;

    /// `cpu`, `cuda:0` or `metal`.
    fn device(&self) -> &str;

    /// Tokens of prompt and answer together that fit.
    fn context_length(&self) -> usize;

    /// Tokens of `text`, without any control tokens of a chat.
    fn count_tokens(&self, text: &str) -> Result<usize, ModelError>;

    /// Writes the next assistant turn, pushing pieces of text as they come. `sink` returns `false` to end early;
    /// `stop` is looked at before every token. A prompt that leaves no room for an answer is
    /// [`ModelError::TooLong`].
    fn generate(
        &mut self,
        request: &GenerationRequest<'_>,
        stop: &StopFlag,
        sink: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Generation, ModelError>;
}
