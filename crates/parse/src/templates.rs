//! The few templates, of the English Wikipedia and the wikis that copied them, whose call holds the words they show.

use parse_wiki_text_2::Parameter;

/// Beginnings of templates that cite, navigate or tell editors something.
const NO_BOX: [&str; 16] = [
    "cite",
    "citation",
    "sfn",
    "harv",
    "ref",
    "nav",
    "short desc",
    "use ",
    "about",
    "coord",
    "authority",
    "commons",
    "multiple image",
    "quote",
    "image",
    "main",
];

/// What a template shows, from its unnamed parameters; `None` for a template that is not known.
pub(crate) fn words(name: &str, mut parameter: impl FnMut(usize) -> Option<String>) -> Option<String> {
    match name {
        "convert" | "cvt" => {
            let (number, second) = (parameter(0)?, parameter(1)?);
            Some(match second.as_str() {
                "to" | "-" | "–" | "and" | "or" | "by" | "x" | "×" => {
                    format!("{number} {second} {} {}", parameter(2)?, parameter(3)?)
                }
                unit => format!("{number} {unit}"),
            })
        }
        "lang" | "transl" | "transliteration" | "lang-x" => parameter(1),
        "nowrap" | "nobr" | "nobold" | "small" | "smaller" | "big" | "larger" | "abbr" | "tooltip" | "em"
        | "strong" | "mono" | "kbd" | "var" | "code" | "samp" | "val" | "url" | "ill"
        | "interlanguage link" | "flag" | "sortname" | "sort" | "math" | "angle bracket" | "tq" | "sc"
        | "smallcaps" | "marriage" => parameter(0),
        "quote" | "blockquote" | "cquote" | "quotation" | "bquote" => parameter(0),
        "circa" | "c." => Some(format!("c. {}", parameter(0)?)),
        "as of" => Some(format!("As of {}", joined(parameter, " "))),
        "frac" | "sfrac" | "fraction" => Some(joined(parameter, "/")),
        "birth date" | "birth date and age" | "death date" | "start date" | "end date"
        | "start date and age" | "birth-date" | "death date and age" | "date" => {
            let parts: Vec<String> = (0..3).map_while(&mut parameter).collect();
            Some(parts.join("-"))
        }
        "ubl" | "unbulleted list" | "hlist" | "plainlist" | "flatlist" => Some(joined(parameter, ", ")),
        "ndash" | "–" | "spnd" | "snd" | "spaced ndash" | "dash" => Some(" – ".into()),
        "mdash" | "—" => Some("—".into()),
        "!" => Some("|".into()),
        "=" => Some("=".into()),
        "'" => Some("'".into()),
        "·" | "•" | "dot" | "bull" => Some(" · ".into()),
        "nbsp" | "space" | "sp" => Some(" ".into()),
        _ if name.starts_with("lang-") => parameter(0),
        _ => name.strip_prefix("formatnum:").map(|number| number.trim().to_owned()),
    }
    .filter(|words| !words.is_empty())
}

fn joined(parameter: impl FnMut(usize) -> Option<String>, gap: &str) -> String {
    let all: Vec<String> = (0..100).map_while(parameter).filter(|words| !words.is_empty()).collect();
    all.join(gap)
}

/// Whether a call is a box of named facts, such as an infobox. Before any text of the page, every call with several
/// named values is taken for one; further down many are charts and the like.
pub(crate) fn is_box(name: &str, parameters: &[Parameter<'_>], first_on_page: bool) -> bool {
    let named = parameters.iter().filter(|parameter| parameter.name.is_some()).count();
    if !first_on_page && !name.contains("info") {
        return false;
    }
    named >= 3 && named * 2 > parameters.len() && !NO_BOX.iter().any(|start| name.starts_with(start))
}

/// Whether a parameter of a box is read by people, not by the box.
pub(crate) fn is_fact(key: &str, value: &str) -> bool {
    const LAYOUT: [&str; 18] = [
        "image",
        "img",
        "photo",
        "logo",
        "alt",
        "width",
        "height",
        "size",
        "style",
        "class",
        "color",
        "colour",
        "align",
        "map",
        "coordinates",
        "latd",
        "longd",
        "background",
    ];
    let key = key.to_lowercase();
    !value.is_empty() && !key.split(' ').any(|word| LAYOUT.iter().any(|layout| word.starts_with(layout)))
}
