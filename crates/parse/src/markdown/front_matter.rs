//! The facts above a Markdown text: the plain values and lists of YAML, and the plain values of TOML.

/// Front matter beyond this is no fact about the document but content.
const MAX_FACTS: usize = 50;
const MAX_FACT_CHARS: usize = 500;

/// The `key: value` lines, and lists as `a, b`. Nested values are left out.
pub(super) fn facts(text: &str) -> Vec<(String, String)> {
    let mut facts: Vec<(String, String)> = Vec::new();
    // The key whose list is being read.
    let mut open: Option<(String, Vec<&str>)> = None;
    for line in text.lines().chain(std::iter::once("")) {
        if let Some((_, items)) = &mut open
            && let Some(item) = line.trim_start().strip_prefix("- ")
        {
            items.push(unquoted(item));
            continue;
        }
        facts.extend(open.take().map(|(key, items)| (key, items.join(", "))));
        let Some((key, value)) = line.split_once(':').or_else(|| line.split_once(" = ")) else { continue };
        let value = value.trim();
        let is_plain = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "_-".contains(c));
        if !is_plain {
        } else if value.is_empty() {
            open = Some((key.to_owned(), Vec::new()));
        } else if line.get(key.len()..).is_some_and(|rest| rest.starts_with(": ") || rest.starts_with(" = "))
        {
            let list = value.strip_prefix('[').and_then(|list| list.strip_suffix(']'));
            let value = match list {
                Some(list) => list.split(',').map(unquoted).collect::<Vec<_>>().join(", "),
                None => unquoted(value).to_owned(),
            };
            facts.push((key.to_owned(), value));
        }
    }
    facts.retain(|(_, value)| !value.is_empty() && value.chars().count() <= MAX_FACT_CHARS);
    facts.truncate(MAX_FACTS);
    facts
}

fn unquoted(value: &str) -> &str {
    let value = value.trim();
    let quoted = ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
    quoted.unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_values_and_lists_are_facts() {
        for (text, expected) in [
            (
                "title: \"A: b\"\nurl: http://x\nempty:\nlist:\n  - x\n  - 'y'\nlast: 1",
                "title=A: b; url=http://x; list=x, y; last=1",
            ),
            (
                "tags: [a, \"b c\"]\nnested:\n  key: value\nnote:no space\ndate = 2024-01-15\n",
                "tags=a, b c; date=2024-01-15",
            ),
            ("tags:\n- a\n- b", "tags=a, b"),
            ("quote: '\nodd: \"", "quote='; odd=\""),
            ("", ""),
        ] {
            let found: Vec<String> =
                facts(text).iter().map(|(key, value)| format!("{key}={value}")).collect();
            assert_eq!(found.join("; "), expected, "{text}");
        }
    }
}
