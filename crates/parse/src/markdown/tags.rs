//! What site generators write between braces: Jekyll's and GitBook's `{% … %}`, Hugo's `{{< … >}}` and `{{% … %}}`.

use std::borrow::Cow;

/// How a tag begins and ends.
const BRACES: [(&str, &str); 3] = [("{{<", ">}}"), ("{{%", "%}}"), ("{%", "%}")];
/// GitBook's tags: its files have no front matter to tell them by.
const GITBOOK: [&str; 14] = [
    "hint",
    "tabs",
    "tab",
    "content-ref",
    "code",
    "embed",
    "file",
    "stepper",
    "step",
    "columns",
    "column",
    "openapi",
    "page-ref",
    "include",
];
/// A longer tag is none.
const MAX_TAG_BYTES: usize = 2_000;
/// Values that readers of the page see.
const SHOWN: [&str; 6] = ["title", "caption", "alt", "summary", "label", "name"];

/// `markdown` without tags, which break the links that they stand in. Words in quotes among them, such as the heading
/// of a box, are kept; what a comment tag encloses is not. Code is left as it is.
pub(super) fn without_tags(markdown: &str) -> Cow<'_, str> {
    if !BRACES.iter().any(|(open, _)| markdown.contains(open)) {
        return Cow::Borrowed(markdown);
    }
    let is_site = markdown.starts_with("---") || markdown.starts_with("+++");
    let mut clean = String::with_capacity(markdown.len());
    for (at, part) in markdown.split("\n```").enumerate() {
        if at > 0 {
            clean.push_str("\n```");
        }
        // Every other part is inside a fence.
        match (at % 2 == 1) != markdown.starts_with("```") {
            true => clean.push_str(part),
            false => rewrite(part, is_site, &mut clean),
        }
    }
    Cow::Owned(clean)
}

fn rewrite(part: &str, is_site: bool, clean: &mut String) {
    let mut rest = part;
    // Whether nothing but white space and tags stands in the line so far.
    let mut is_blank = true;
    let mut comments_end = true;
    while let Some(at) = rest.find('{') {
        let (before, after) = rest.split_at(at);
        clean.push_str(before);
        is_blank = match before.rsplit_once('\n') {
            Some((_, line)) => line.trim().is_empty(),
            None => is_blank && before.trim().is_empty(),
        };
        let found = BRACES.iter().find(|(open, _)| after.starts_with(open)).and_then(|(open, close)| {
            let inner = after.get(open.len()..)?;
            let near = inner.get(..inner.floor_char_boundary(MAX_TAG_BYTES))?;
            let mut ends = near.match_indices('}').filter_map(|(at, _)| near.get(..=at)?.strip_suffix(close));
            let tag = ends.next()?;
            let is_known =
                is_site || *open != "{%" || GITBOOK.contains(&name_of(tag).trim_start_matches("end"));
            let behind = inner.get(tag.len() + close.len()..)?;
            (is_known && !before.ends_with('`')).then_some((tag, behind, *open, *close))
        });
        let Some((tag, behind, open, close)) = found else {
            clean.push('{');
            rest = after.get(1..).unwrap_or_default();
            is_blank = false;
            continue;
        };
        rest = behind;
        if name_of(tag) == "comment" && comments_end {
            match behind.split_once("endcomment") {
                Some((_, after)) => rest = after.split_once(close).map_or("", |(_, rest)| rest),
                None => comments_end = false,
            }
        }
        if before.ends_with('(') || before.trim_end().ends_with("]:") {
            // A link's address has to be something without spaces.
            clean.push('#');
        } else if let Some(words) = shown_words(tag, open == "{%") {
            clean.push_str(words);
            is_blank = false;
        } else if is_blank {
            // A tag alone on its line must not leave an empty one, which would end a block.
            rest = rest.strip_prefix('\n').unwrap_or(rest);
        }
    }
    clean.push_str(rest);
}

fn name_of(tag: &str) -> &str {
    tag.trim_start_matches(['-', '/', ' ']).split([' ', '\n', '%', '>']).next().unwrap_or_default()
}

/// What a tag probably shows: a value with a telling key, a quoted value of several words, or, where words without a key
/// may be shown, the only one if it is no address.
fn shown_words(tag: &str, alone: bool) -> Option<&str> {
    let mut parts = tag.split('"');
    let mut key = parts.next()?;
    let mut values = Vec::new();
    while let (Some(value), Some(next)) = (parts.next(), parts.next()) {
        let name = key.strip_suffix('=').map(|key| key.rsplit(' ').next().unwrap_or_default());
        values.push((name, value));
        key = next;
    }
    let telling = |key: &Option<&str>| key.is_some_and(|key| SHOWN.contains(&key));
    let shown = values.iter().find(|(key, value)| telling(key) && !value.is_empty());
    let shown = shown.or_else(|| values.iter().find(|(_, value)| value.contains(' ')));
    shown.map(|(_, value)| *value).or(match values.as_slice() {
        [(None, only)] if alone && !only.contains(['/', '.']) => Some(only),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_leave_only_what_readers_see() {
        for (markdown, clean) in [
            (
                "---\n---\na {% x \"b c\" %} [d]({% page \"/e f/\" %})\n{% g %}\n{% channel \"h\" %}",
                "---\n---\na b c [d](#)\nh",
            ),
            (
                "---\n---\n{% comment %}gone{% endcomment %}\nkept {% comment %} no end",
                "---\n---\nkept  no end",
            ),
            ("{% hint style=\"info\" %}\nMind\n{% endhint %}\n{% tab title=\"Rust\" %}", "Mind\nRust"),
            ("Jinja writes {% for x in \"a b\" %} here", "Jinja writes {% for x in \"a b\" %} here"),
            ("{{< note title=\"Heads up\" >}}x{{< /note >}} {{% ref \"y\" %}} {{ v }}", "Heads upx  {{ v }}"),
            ("`{{< code >}}` {% open", "`{{< code >}}` {% open"),
            ("```\n{{< kept >}}\n```\n{{< gone >}}", "```\n{{< kept >}}\n```\n"),
        ] {
            assert_eq!(without_tags(markdown), clean, "{markdown}");
        }
    }

    #[test]
    fn hostile_tags_take_linear_time() {
        for piece in ["{%", "{% comment %}", "{{< x", "{", "{{< >}}"] {
            let markdown = format!("---\n{}", piece.repeat(1 << 18));
            assert!(without_tags(&markdown).len() <= markdown.len());
        }
    }
}
