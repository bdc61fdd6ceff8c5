//! Which language a text is in.

use whatlang::{Lang, detect};

/// Less text than this tells too little.
const LEAST_CHARS: usize = 100;
/// As much as is looked at: more does not change the answer.
const SAMPLE_CHARS: usize = 4_000;

/// The language of most of `text`, as a BCP-47 code; `None` where it is not clear.
pub(crate) fn of(text: &str) -> Option<&'static str> {
    let end = text.char_indices().nth(SAMPLE_CHARS).map_or(text.len(), |(at, _)| at);
    let sample = text.get(..end)?;
    // Scripts that one language uses are told from a few letters, but a name is no text.
    if sample.chars().filter(|c| c.is_alphabetic()).nth(LEAST_CHARS - 1).is_none() && !is_dense(sample) {
        return None;
    }
    let found = detect(sample).filter(whatlang::Info::is_reliable)?;
    Some(code(found.lang()))
}

/// Whether a text of at least thirty letters is in a script that needs few of them.
fn is_dense(text: &str) -> bool {
    let dense =
        |c: &char| matches!(*c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}');
    text.chars().filter(dense).nth(29).is_some()
}

/// The two-letter code of a language, in ISO 639-1.
fn code(language: Lang) -> &'static str {
    match language {
        Lang::Epo => "eo",
        Lang::Eng => "en",
        Lang::Rus => "ru",
        Lang::Cmn => "zh",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Ben => "bn",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Ukr => "uk",
        Lang::Kat => "ka",
        Lang::Ara => "ar",
        Lang::Hin => "hi",
        Lang::Jpn => "ja",
        Lang::Heb => "he",
        Lang::Yid => "yi",
        Lang::Pol => "pl",
        Lang::Amh => "am",
        Lang::Jav => "jv",
        Lang::Kor => "ko",
        Lang::Nob => "nb",
        Lang::Dan => "da",
        Lang::Swe => "sv",
        Lang::Fin => "fi",
        Lang::Tur => "tr",
        Lang::Nld => "nl",
        Lang::Hun => "hu",
        Lang::Ces => "cs",
        Lang::Ell => "el",
        Lang::Bul => "bg",
        Lang::Bel => "be",
        Lang::Mar => "mr",
        Lang::Kan => "kn",
        Lang::Ron => "ro",
        Lang::Slv => "sl",
        Lang::Hrv => "hr",
        Lang::Srp => "sr",
        Lang::Mkd => "mk",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Est => "et",
        Lang::Tam => "ta",
        Lang::Vie => "vi",
        Lang::Urd => "ur",
        Lang::Tha => "th",
        Lang::Guj => "gu",
        Lang::Uzb => "uz",
        Lang::Pan => "pa",
        Lang::Aze => "az",
        Lang::Ind => "id",
        Lang::Tel => "te",
        Lang::Pes => "fa",
        Lang::Mal => "ml",
        Lang::Ori => "or",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Sin => "si",
        Lang::Khm => "km",
        Lang::Tuk => "tk",
        Lang::Aka => "ak",
        Lang::Zul => "zu",
        Lang::Sna => "sn",
        Lang::Afr => "af",
        Lang::Lat => "la",
        Lang::Slk => "sk",
        Lang::Cat => "ca",
        Lang::Tgl => "tl",
        Lang::Hye => "hy",
        Lang::Cym => "cy",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_told_only_where_it_is_clear() {
        let english = "The employee is entitled to twenty-eight days of paid leave in every calendar year. ";
        let german = "Der Anspruch auf Urlaub beträgt in jedem Kalenderjahr achtundzwanzig bezahlte Tage. ";
        let japanese =
            "休暇は年に二十日です。申請は上司に提出してください。承認された後に休むことができます。";
        for (text, language) in [
            (english.repeat(3), Some("en")),
            (german.repeat(3), Some("de")),
            ("Отпуск сотрудника составляет двадцать восемь календарных дней в году. ".repeat(3), Some("ru")),
            (japanese.into(), Some("ja")),
            ("Leave policy".into(), None),
            ("12.50 | 13.75 | 99.00\n".repeat(50), None),
            ("日本".into(), None),
            (String::new(), None),
        ] {
            assert_eq!(of(&text), language, "{text}");
        }
        assert_eq!(of(&english.repeat(10_000)), Some("en"));
    }
}
