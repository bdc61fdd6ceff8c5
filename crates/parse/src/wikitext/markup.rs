//! What has to be known of wikitext beside the library's tree.

use parse_wiki_text_2::Node;

use super::MAX_DEPTH;

/// Stands where something was left out, until [`tidy`]. No XML can hold it.
pub(super) const LEFT_OUT: char = '\u{1}';

/// The library's tree is dropped recursively, so that depth has to be bounded before it is built.
pub(super) fn is_too_deep(source: &str) -> bool {
    let mut depth = 0usize;
    let mut list = 0usize;
    let mut previous = b'\n';
    for &byte in source.as_bytes() {
        match (previous, byte) {
            (b'{', b'{' | b'|') | (b'[', b'[') => depth += 1,
            (b'}' | b'|', b'}') | (b']', b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
        list = match byte {
            b'*' | b'#' | b':' | b';' if previous == b'\n' || list > 0 => list + 1,
            _ => 0,
        };
        if depth > MAX_DEPTH || list > MAX_DEPTH {
            return true;
        }
        previous = byte;
    }
    false
}

/// What the library needs to have done first: comments count as nothing, and one alone on its line as no line.
pub(super) fn prepared(source: &str) -> String {
    let mut clean = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, after)) = rest.split_once("<!--") {
        let Some((_, behind)) = after.split_once("-->") else { break };
        clean.push_str(before);
        let line_starts = before.rsplit('\n').next().is_none_or(|line| line.trim().is_empty());
        rest = match behind.trim_start_matches(' ').strip_prefix('\n') {
            Some(next) if line_starts && (before.contains('\n') || clean.is_empty()) => next,
            _ => behind,
        };
    }
    clean.push_str(rest);
    // The library takes `pre` for a tag like any other and reads markup in it.
    for (tag, instead) in [("<pre>", "<source>"), ("<pre ", "<source "), ("</pre>", "</source>")] {
        if clean.contains(tag) {
            clean = clean.replace(tag, instead);
        }
    }
    clean
}

/// `==Words==` that the library took for running text, as it does after unclosed markup.
pub(super) fn heading_in_disguise(text: &str) -> Option<(u8, &str)> {
    let words = text.trim().trim_start_matches('=');
    let level = text.trim().len() - words.len();
    let words = words.trim_end_matches('=');
    let ends = text.trim().ends_with("==");
    ((2..=6).contains(&level) && ends && !words.contains('\n')).then(|| (level as u8, words.trim()))
}

/// A link to the same page in another language, which stands in the margin, or a picture in a namespace that the dump
/// does not name.
pub(super) fn shows_nothing(target: &str, text: &[Node<'_>]) -> bool {
    let Some((prefix, name)) = target.split_once(':') else { return false };
    let named = matches!(text, [Node::Text { value, .. }] if *value != target);
    let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    if name.contains('.')
        && matches!(ending.as_str(), "jpg" | "jpeg" | "png" | "gif" | "svg" | "webp" | "tif" | "ogg")
    {
        return true;
    }
    let language = prefix.split('-').next().unwrap_or_default();
    let is_language =
        (2..=3).contains(&language.len()) && prefix.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    is_language && !named
}

/// The number in an attribute such as `rowspan="2"`; else 1.
pub(super) fn span(attributes: Option<&[Node<'_>]>, name: &str) -> usize {
    let texts = attributes.unwrap_or_default().iter().filter_map(|node| match node {
        Node::Text { value, .. } => {
            value.to_ascii_lowercase().split_once(name).map(|(_, after)| after.to_owned())
        }
        _ => None,
    });
    let number = |after: String| {
        let digits: String = after
            .trim_start_matches([' ', '=', '"', '\''])
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        digits.parse().ok()
    };
    texts.filter_map(number).next().unwrap_or(1)
}

/// Whether nothing but `name="value"` is there.
pub(super) fn only_attributes(words: &str) -> bool {
    let words = words.replace(LEFT_OUT, " ");
    let mut words = words.split_whitespace().peekable();
    words.peek().is_some()
        && words.all(|word| {
            word.split_once('=').is_some_and(|(name, _)| {
                ["rowspan", "colspan", "bgcolor", "align", "style", "width", "class", "valign", "scope"]
                    .contains(&name)
            })
        })
}

pub(super) fn is_unshown_tag(tag: &str) -> bool {
    let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    tag.len() < 200
        && [
            "big",
            "onlyinclude",
            "noinclude",
            "includeonly",
            "nobr",
            "acronym",
            "translate",
            "tvar",
            "languages",
            "ref",
            "references",
            "thead",
            "tbody",
            "tfoot",
            "col",
            "colgroup",
            "section",
            "nowiki",
            "gallery",
        ]
        .contains(&name.as_str())
}

/// What stands between the first `>` and the last `<`.
pub(super) fn inside(element: &str) -> &str {
    let start = element.find('>').map_or(element.len(), |at| at + 1);
    let end = element.rfind('<').unwrap_or(element.len());
    element.get(start..end).unwrap_or_default()
}

/// Takes out the brackets that stood around left-out things only: `(; born 1900)` becomes `(born 1900)`, `()` goes.
pub(super) fn tidy(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('(') {
        clean.push_str(before);
        let kept = after.trim_start_matches([' ', '\u{a0}', ',', ';', LEFT_OUT]);
        let lost = after.get(..after.len() - kept.len()).unwrap_or_default();
        rest = match kept.strip_prefix(')') {
            Some(behind) if lost.contains(LEFT_OUT) => {
                clean.truncate(clean.trim_end_matches(' ').len());
                behind
            }
            _ => {
                clean.push('(');
                if lost.contains(LEFT_OUT) { kept } else { after }
            }
        };
    }
    clean.push_str(rest);
    clean.replace(LEFT_OUT, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_around_nothing_go() {
        for (text, clean) in [
            ("f() and g( )", "f() and g( )"),
            ("Ada (\u{1}; born 1815) wrote", "Ada (born 1815) wrote"),
            ("Ada (\u{1}, \u{1}) wrote\u{1}.", "Ada wrote."),
            ("a (b \u{1}) c (", "a (b ) c ("),
        ] {
            assert_eq!(tidy(text), clean);
        }
    }
}
