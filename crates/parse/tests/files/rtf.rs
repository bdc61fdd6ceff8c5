//! Rich Text Format.

use citadel_core::TextMap;
use libtest_mimic::Trial;

use crate::support::{check, check_fails, read, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("rtf::structure", structure),
        trial("rtf::programs", programs),
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

/// As LibreOffice, TextEdit and Word write it.
fn programs() {
    check(
        "libreoffice.rtf",
        br"{\rtf1\ansi\deff3\adeflang1025
{\fonttbl{\f0\froman\fprq2\fcharset0 Times New Roman;}{\f3\froman\fprq0\fcharset2 Symbol;}}
{\stylesheet{\s0\snext0\rtlch\af5 \ltrch\lang1033\fs24 Normal;}{\s1\sbasedon15\snext16\ilvl0\outlinelevel0\sb240 Heading 1;}}
{\*\listtable{\list\listtemplateid1{\listlevel\levelnfc0{\leveltext \'02\'00.;}{\levelnumbers\'01;}}\listid1}}
{\info{\creatim\yr2024\mo1}{\author Ann}}{\*\pgdsctbl{\pgdsc0 Default;}}
\formshade\viewkind1 \sectd\pgndec
\pgndec\pard\plain \s1\ilvl0\outlinelevel0\sb240{\rtlch \ltrch\loch
Leave}
\par \pard\plain \s0{\listtext\pard\plain \hich\af0\loch\f0 1.\tab}\ilvl0\ls1 \fi-360\li720\lin720{\rtlch \ltrch\loch
ask}
\par \trowd\trql\cellx4000\cellx8000\pard\plain \s0\intbl{\loch A}\cell\pard\plain \s0\intbl{\loch 28}\cell\row\pard \pard\plain \s0{\loch End}
\par }",
        "rtf: Leave\nh1 Leave\nli 1. ask\ntr A | 28\np End",
    );
    check(
        "textedit.rtf",
        b"{\\rtf1\\ansi\\ansicpg1252\\cocoartf2639\n{\\fonttbl\\f0\\fswiss\\fcharset0 Helvetica;\\f1\\fnil\\fcharset128 Hiragino;}\n{\\colortbl;\\red255;}\n{\\*\\expandedcolortbl;;}\n\
          \\paperw11900\\margl1440\\pard\\tx720\\f0\\fs24 \\cf0 One \\'93x\\'94\\\n\\\nTwo \n\\f1 \\'8b\\'78\\'89\\'c9\n\\f0 .\\\n\\pard\\ls1\\ilvl0{\\listtext\t\\uc0\\u8226 \t}item\\\n}",
        "rtf: textedit\np One “x”\np Two 休暇.\nli item",
    );
    check(
        "word.rtf",
        br"{\rtf1\adeflang1025\ansi\ansicpg1252\uc1\deff0{\fonttbl{\f0\fbidi \froman\fcharset0\fprq2{\*\panose 02020603050405020304}Times New Roman;}}
{\*\defchp \fs22 }{\stylesheet{\ql \snext0 Normal;}{\s1\ql\outlinelevel0 \sbasedon0 \snext0 \slink15 heading 1;}{\*\cs15 \additive Heading 1 Char;}}
{\*\rsidtbl \rsid1}{\mmathPr\mmathFont34\mbrkBin0}{\info{\title Policy}{\*\company Firm}{\nofpages1}}{\*\xmlnstbl {\xmlns1 http://x}}
\pard\plain \ltrpar\s1\ql {\rtlch\fcs1 \af0 \ltrch\fcs0 \insrsid1 Leave}{\rtlch\fcs1 \insrsid1 \par }
\pard\plain \ltrpar\ql {\field\flddirty{\*\fldinst {\insrsid1  HYPERLINK \\l x }{{\*\datafield 00d0}}}{\fldrslt {\ul the policy}}}{\insrsid1  of {\*\xmlopen\xmlns1{\factoidname place}}Rome{\*\xmlclose}}{\insrsid1\u8217\'92s.\par }
{\*\themedata 504b}{\*\latentstyles{\lsdlockedexcept Normal;}}}",
        "rtf: Policy\nh1 Leave\np the policy of Rome’s.",
    );
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
