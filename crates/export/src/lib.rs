//! Answers to Markdown, HTML and JSON; pure
