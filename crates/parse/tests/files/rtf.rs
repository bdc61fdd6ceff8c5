//! Rich Text Format.

use citadel_core::TextMap;
use libtest_mimic::Trial;

use crate::support::{check, check_fails, read, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("rtf::structure", structure),
        trial("rtf::characters", characters),
        trial("rtf::hidden", hidden),
        trial("rtf::hostile", hostile),
    ]
}

fn structure() {
    let text = r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss Arial;}{\f1\fcharset204 Times CYR;}}{\colortbl;\red0;}
{\stylesheet{\s0 Normal;}{\s1\sb240 heading 1;}{\s2\outlinelevel1 My part;}{\*\cs10 Default;}}
{\*\generator Writer;}{\info{\title The \'dcbersicht}{\author Ann}{\*\company Firm}}
{\header\pard Page head\par}{\footer foot}
\pard\s1 Leave{\*\bkmkstart x}\par
\pard\plain Everyone {\b gets} 28\~days{\super\chftn{\footnote\pard\plain{\chftn} Except interns.}} of\line it.\par
\pard\s2 How\par
{\listtext\tab 1.\tab}\pard\ls1 ask\par
{\listtext\tab\'b7\tab}\pard\ls1{\deleted never }wait\par
\pard\trowd\cellx100\cellx200\intbl Grade\cell Days\cell\row
\trowd\intbl A\par more\cell 28\cell\row
\pard {\field{\*\fldinst HYPERLINK http://x.org}{\fldrslt a link}} {\pict\wmetafile8 0123456789abcdef}{\object{\*\objdata 00}{\result icon}}
{\shp{\*\shpinst{\sp{\sn x}{\sv 1}}{\shptxt boxed\par}}}\par
End{\*\unknown gone}.}";
    check(
        "a.rtf",
        text.as_bytes(),
        "rtf: The Übersicht\nh1 Leave\np Everyone gets 28 days of / it.\np Except interns.\nh2 How\nli 1. ask\nli wait\n\
         tr Grade | Days\ntr A more | 28\np a link boxed\np End.",
    );
    let (documents, _) = read("a.rtf", text.as_bytes());
    assert_eq!(documents[0].metadata["author"], "Ann");
}

fn characters() {
    for (raw, shown) in [
        (&br"\u1054\'ce\u1090\'f2 \u-10179?\u-8704? \uc0\u233 t\uc2\u233ab!"[..], "От 😀 ét\u{e9}!"),
        (br"{\f1\'ce\'f2} \'e9 {\f2\'8b\'78}\emdash\lquote x\rquote\{\}\\", "От é 休—‘x’{}\\"),
        (br"{\uc2\u20241\'bf\'a1}\'80", "休€"),
        (b"\\'e9\\\nnext\\'zz\\bin3 }}}end", "é\np nextzzend"),
    ] {
        let text = [
            &br"{\rtf1\ansi\ansicpg1252{\fonttbl{\f1\fcharset204 A;}{\f2\fcharset128 B;}}\f0 "[..],
            raw,
            b"}",
        ];
        check("b.rtf", &text.concat(), &format!("rtf: b\np {shown}"));
    }
    let (documents, _) = read("c.rtf", br"{\rtf1\ansi\ansicpg932 bad \'81\'00 bytes}");
    assert_eq!(documents[0].warnings, ["some characters could not be read in their code page"]);
}

fn hidden() {
    let (documents, _) =
        read("a.rtf", br"{\rtf1 seen {\v not  \b seen\b0} \v x\v0  seen {\v{\footnote deep}}\par}");
    let document = &documents[0];
    let map = TextMap::new(&document.text);
    assert_eq!(document.text, "seen not seen x seen\n\ndeep");
    let hidden: Vec<&str> = document.hidden.iter().map(|range| map.slice(*range).unwrap()).collect();
    assert_eq!(hidden, ["not", "seen", "x", "deep"]);
}

fn hostile() {
    check_fails("deep.rtf", &[&b"{\\rtf1 "[..], &b"{".repeat(100_000)].concat(), "damaged");
    check_fails("empty.rtf", b"{\\rtf1\\ansi}", "empty");
    check("closed.rtf", b"{\\rtf1 a}}}}\\par b", "rtf: closed\np a\np b");
    check("bin.rtf", b"{\\rtf1 a\\bin2147483647 b}", "rtf: bin\np a");
    check("u.rtf", b"{\\rtf1\\uc999999999 \\u-99999999999 a", "rtf: u\np \u{fffd}");
    let (documents, _) = read("cut.rtf", b"{\\rtf1 words {\\b more");
    assert_eq!(documents[0].warnings, ["the file ends in the middle: what was there was read"]);
    for piece in
        ["\\cell ", "\\row ", "\\trowd ", "{\\footnote ", "}", "\\par ", "\\u8217", "\\'", "\\*", "{\\pict "]
    {
        let (_, end) = read("soup.rtf", format!("{{\\rtf1 a{}", piece.repeat(900)).as_bytes());
        assert!(end.is_ok(), "{piece}: {end:?}");
    }
}
