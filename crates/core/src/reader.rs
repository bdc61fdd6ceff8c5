use crate::{CharRange, ModelError, StopFlag};

/// A piece of a document as a [`Reader`] is given it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReaderText<'a> {
    /// Title and heading that tell what the text is about; may be empty.
    pub context: &'a str,
    /// The words themselves, some sentences.
    pub text: &'a str,
}

/// A stretch of a text that may be what a question asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AnswerSpan {
    /// Its characters, counted from the start of [`ReaderText::text`].
    pub range: CharRange,
    /// How likely the answer begins and ends there, if the text holds one: 0 to 1.
    pub probability: f32,
}

/// What a [`Reader`] makes of one text for a question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// Log-odds that the text answers the question, as the model gives them: not calibrated.
    pub answerable: f32,
    /// Where the answer may stand, likeliest first; no two begin at the same place.
    pub spans: Vec<AnswerSpan>,
}

/// An encoder that reads a question, or a claim, together with a text. Blocking.
pub trait Reader: Send {
    /// What each of `texts` says about `question`, in order. Looks at `stop` between batches.
    ///
    /// # Errors
    /// [`ModelError::Failed`], [`ModelError::Stopped`].
    fn read(
        &mut self,
        question: &str,
        texts: &[ReaderText<'_>],
        stop: &StopFlag,
    ) -> Result<Vec<Reading>, ModelError>;

    /// Log-odds that each text carries the claim beside it, in order, as the model gives them: not calibrated.
    ///
    /// # Errors
    /// [`ModelError::Failed`], [`ModelError::Stopped`].
    fn support(&mut self, pairs: &[(&str, ReaderText<'_>)], stop: &StopFlag) -> Result<Vec<f32>, ModelError>;
}
