//! Confluence XML exports.

use citadel_parse::{Limits, Options};
use libtest_mimic::Trial;

use crate::hostile::noise;
use crate::support::{lines, outline, read, read_with, sandbox_with, trial, zip};

/// A page's text in the storage format.
const STORAGE: u8 = 2;
/// A page's text in the older markup.
const MARKUP: u8 = 0;

fn export(objects: &str) -> Vec<u8> {
    let xml =
        format!("<?xml version=\"1.0\"?>\n<hibernate-generic datetime=\"2026-01-02 03:04:05\">\n{objects}\n");
    zip(&[
        ("entities.xml", (xml + "</hibernate-generic>").as_bytes()),
        ("exportDescriptor.properties", b"exportType=space\n"),
        ("attachments/1/2/1", b"\x89PNG"),
    ])
}

fn object(class: &str, id: u32, properties: &str) -> String {
    format!("<object class=\"{class}\" package=\"x\"><id name=\"id\">{id}</id>{properties}</object>\n")
}

fn property(name: &str, value: &str) -> String {
    format!("<property name=\"{name}\"><![CDATA[{}]]></property>", value.replace("]]", "]] "))
}

fn reference(name: &str, class: &str, id: u32) -> String {
    format!(
        "<property name=\"{name}\" class=\"{class}\" package=\"x\"><id name=\"id\">{id}</id>\n</property>"
    )
}

/// A space with the number 1, whose home page is the page 10, and a user.
fn space() -> String {
    object(
        "Space",
        1,
        &(property("name", "Firm & Co") + &property("key", "F") + &reference("homePage", "Page", 10)),
    ) + "<object class=\"ConfluenceUserImpl\" package=\"x\"><id name=\"key\"><![CDATA[u1]]></id><property name=\"name\">ann</property></object>"
}

/// A page below `parent` and its text, which comes first.
fn page(id: u32, title: &str, parent: Option<u32>, body: &str, more: &str) -> String {
    let text = property("body", body)
        + &reference("content", "Page", id)
        + "<property name=\"bodyType\">2</property>";
    let listed = format!(
        "<collection name=\"bodyContents\"><element class=\"BodyContent\" package=\"x\"><id name=\"id\">{}</id></element></collection>",
        id + 1000
    );
    let parent = parent.map(|parent| reference("parent", "Page", parent)).unwrap_or_default();
    object("BodyContent", id + 1000, &text)
        + &object(
            "Page",
            id,
            &(property("title", title) + &reference("space", "Space", 1) + &parent + &listed + more),
        )
}

fn outlines(bytes: &[u8]) -> (Vec<String>, Result<(u64, u64), &'static str>) {
    let (documents, end) = read("export.zip", bytes);
    (documents.iter().map(outline).collect(), end.map(|end| (end.documents, end.skipped)))
}

/// A page with this text reads as these blocks.
fn check(body_type: u8, body: &str, expected: &str) {
    let objects = object(
        "BodyContent",
        2,
        &(property("body", body)
            + &reference("content", "Page", 3)
            + &format!("<property name=\"bodyType\">{body_type}</property>")),
    ) + &object("Page", 3, &property("title", "T"))
        + &space();
    let (outlines, end) = outlines(&export(&objects));
    assert_eq!(outlines.concat().strip_prefix("confluence: T\n"), Some(expected), "{body}: {end:?}");
}

pub fn trials() -> Vec<Trial> {
    vec![
        trial("confluence::storage", storage),
        trial("confluence::macros", macros),
        trial("confluence::links_and_tasks", links_and_tasks),
        trial("confluence::markup", markup),
        trial("confluence::pages", pages),
        trial("confluence::facts", facts),
        trial("confluence::attachments", attachments),
        trial("confluence::damaged", damaged),
        trial("confluence::hostile", hostile),
    ]
}

fn storage() {
    check(
        STORAGE,
        "<h1>Head</h1><p>one &amp; two&nbsp;<strong>b</strong>old<br/>next</p>",
        "h2 Head\np one & two bold / next",
    );
    check(
        STORAGE,
        "<ol start=\"2\"><li>a<ul><li>b</li></ul></li><li><p>c</p></li></ol><h6>deep</h6>",
        "li 2. a\nli b\nli 3. c\nh6 deep",
    );
    check(
        STORAGE,
        "<table class=\"x\"><colgroup><col/></colgroup><tbody><tr><th>k</th><th>v</th></tr><tr><td rowspan=\"2\">1</td><td>2</td></tr><tr><td><p>3</p></td></tr></tbody></table>",
        "tr k | v\ntr 1 | 2\ntr 1 | 3",
    );
    check(
        STORAGE,
        "<ac:layout><ac:layout-section ac:type=\"two_equal\"><ac:layout-cell>left</ac:layout-cell><ac:layout-cell>right</ac:layout-cell></ac:layout-section></ac:layout>",
        "p left\np right",
    );
    check(
        STORAGE,
        "<p>by <time datetime=\"2026-03-01\"/> <ac:emoticon ac:name=\"smile\"/><ac:placeholder>type here</ac:placeholder>\
         <ac:inline-comment-marker ac:ref=\"x\">marked</ac:inline-comment-marker><script>var x</script></p>",
        "p by 2026-03-01 marked",
    );
    // Text that is not well-formed: nothing is lost but the markup's meaning.
    check(STORAGE, "<p>a <b>b</i> c & d</p><p>e", "p a b c & d\np e");
    check(STORAGE, "<p>one</p><![CDATA[two", "p one\np two");
}

fn macros() {
    let holds = |name: &str, inner: &str| {
        format!(
            "<ac:structured-macro ac:name=\"{name}\" ac:schema-version=\"1\">{inner}</ac:structured-macro>"
        )
    };
    let parameter =
        |name: &str, value: &str| format!("<ac:parameter ac:name=\"{name}\">{value}</ac:parameter>");
    let rich = |body: &str| format!("<ac:rich-text-body>{body}</ac:rich-text-body>");
    let plain = |body: &str| format!("<ac:plain-text-body><![CDATA[{body}]]></ac:plain-text-body>");
    let title = parameter("title", "Mind &amp; see");
    for name in ["info", "note", "tip", "warning", "panel", "expand"] {
        check(
            STORAGE,
            &format!("a{}b", holds(name, &(title.clone() + &rich("<p>body</p>")))),
            "p a\np Mind & see\np body\np b",
        );
    }
    check(
        STORAGE,
        &holds("code", &(title + &parameter("language", "c") + &plain("if (a[b[0]]]]><![CDATA[>1)\n  <p>"))),
        "p Mind & see\ncode if (a[b[0]]>1) /   <p>",
    );
    check(STORAGE, &holds("noformat", &plain("a\n  b")), "code a /   b");
    check(
        STORAGE,
        &format!(
            "<p>is{}and{}</p>",
            holds("status", &(parameter("colour", "Red") + &parameter("title", "LATE"))),
            holds("jira", &parameter("key", "AB-1"))
        ),
        "p is LATE and AB-1",
    );
    let listing = [
        "toc",
        "children",
        "recently-updated",
        "pagetree",
        "livesearch",
        "blog-posts",
        "anchor",
        "view-file",
    ];
    let listings: String = listing
        .iter()
        .map(|name| {
            holds(
                name,
                &(parameter("title", "t")
                    + &parameter("", "x")
                    + &parameter("page", "<ac:link><ri:page ri:content-title=\"P\"/></ac:link>")),
            )
        })
        .collect();
    check(STORAGE, &format!("<p>a{listings}b</p>"), "p ab");
    check(STORAGE, &holds("excerpt", &rich(&holds("unknown", &rich("<p>kept</p>")))), "p kept");
    check(STORAGE, &holds("mathinline", &parameter("body", "a^2 &lt; b")), "p a^2 < b");
    check(STORAGE, &holds("html", &plain("<h3>H</h3><script>x</script>&eacute;")), "h3 H\np é");
    check(
        STORAGE,
        "<ac:macro ac:name=\"tip\"><ac:default-parameter>x</ac:default-parameter><ac:rich-text-body>old</ac:rich-text-body></ac:macro>",
        "p old",
    );
    check(
        STORAGE,
        "<ac:adf-extension><ac:adf-node type=\"panel\"><ac:adf-attribute key=\"panel-type\">note</ac:adf-attribute>\
         <ac:adf-content><p>new</p></ac:adf-content></ac:adf-node><ac:adf-fallback><p>new</p></ac:adf-fallback></ac:adf-extension>",
        "p new",
    );
}

fn links_and_tasks() {
    let link = |target: &str, text: &str| format!("<ac:link>{target}{text}</ac:link>");
    let to_page = "<ri:page ri:space-key=\"F\" ri:content-title=\"A &amp; B\" />";
    for (target, text, shown) in [
        (to_page, "<ac:link-body>see <b>this</b></ac:link-body>", "see this"),
        (to_page, "<ac:plain-text-link-body><![CDATA[x < y]]></ac:plain-text-link-body>", "x < y"),
        (to_page, "", "A & B"),
        ("<ri:user ri:userkey=\"u1\"/>", "", "ann"),
        ("<ri:user ri:userkey=\"gone\"/>", "", ""),
        ("<ri:attachment ri:filename=\"plan.pdf\"/>", "", "plan.pdf"),
    ] {
        let expected = format!("p a {shown} b").replace("  ", " ");
        check(STORAGE, &format!("<p>a {} b</p>", link(target, text)), &expected);
    }
    check(
        STORAGE,
        "<p>a<ac:image ac:alt=\"a plan\"><ri:attachment ri:filename=\"x.png\"/></ac:image>b<ac:image><ri:url ri:value=\"http://x\"/></ac:image> <a href=\"http://y\">c</a></p>",
        "p a a plan b c",
    );
    check(
        STORAGE,
        "<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>complete</ac:task-status><ac:task-body><p>first</p></ac:task-body></ac:task>\
         <ac:task><ac:task-status>incomplete</ac:task-status><ac:task-body>second</ac:task-body></ac:task></ac:task-list>",
        "li ☑ first\nli ☐ second",
    );
}

fn markup() {
    check(
        MARKUP,
        "h1. Head\n\nThis is *bold*, _it_ and {color:red}red{color}.\nA snake_case a-b 2 * 3 \\*kept\\* line\\\\break\n----\nbq. said",
        "h2 Head\np This is bold, it and red. / A snake_case a-b 2 * 3 *kept* line / break\np said",
    );
    check(
        MARKUP,
        "* one\n** inner\n# first\n# second\n- dash\n\n|| Key || Value ||\n| [a|http://x] | {{mono}} !x.png|thumbnail! |\n| | c |",
        "li one\nli inner\nli 1. first\nli 2. second\nli dash\ntr Key | Value\ntr a | mono\ntr | c",
    );
    check(
        MARKUP,
        "{toc}\n{info:title=Mind this}\nbody [~ann] [Page] [^f.pdf] [text|#anchor]{info}\n{code:title=x.c|lang=c}\na *b*\n  {c}\n{code} after\n{noformat}open",
        "p Mind this / body ann Page f.pdf text\np x.c\ncode a *b* /   {c}\np after\ncode open",
    );
}

fn pages() {
    let draft = property("contentStatus", "draft");
    let binned = property("contentStatus", "deleted");
    let current = property("contentStatus", "current");
    let objects = [
        page(14, "Leaf", Some(13), "<p>leaf</p>", &current),
        page(10, "Home", None, "<p>home</p>", ""),
        page(12, "Parent", Some(10), "<h1>H</h1>", ""),
        space(),
        page(13, "Between", Some(12), " <p> </p>", ""),
        page(15, "Older", Some(12), "old", &reference("originalVersion", "Page", 14)),
        page(16, "Draft", None, "draft", &draft),
        page(17, "Binned", None, "binned", &binned),
        page(18, "Leaf", Some(99), "twin", ""),
        page(19, "", None, "nameless", ""),
        page(20, "Ring", Some(21), "ring", ""),
        page(21, "Gnir", Some(20), "gnir", ""),
        object("Page", 22, &property("title", "No text")),
        object("BodyContent", 7, &(property("body", "a comment") + &reference("content", "Comment", 70))),
        object("Comment", 70, ""),
        object("BlogPost", 30, &property("title", "News")),
        object("BodyContent", 31, &(property("body", "*old* news") + &reference("content", "BlogPost", 30))),
    ];
    let (outlines, end) = outlines(&export(&objects.concat()));
    assert_eq!(
        outlines,
        [
            "confluence: Leaf\nh1 Firm & Co > Parent > Between\np leaf",
            "confluence: Home\nh1 Firm & Co\np home",
            "confluence: Parent\nh1 Firm & Co\nh2 H",
            "confluence: Leaf\nh1 Firm & Co\np twin",
            "confluence: untitled page\nh1 Firm & Co\np nameless",
            "confluence: Ring\nh1 Firm & Co > Gnir\np ring",
            "confluence: Gnir\nh1 Firm & Co > Ring\np gnir",
            "confluence: News\np old news",
        ]
    );
    assert_eq!(end, Ok((8, 5)));
}

fn facts() {
    let more = property("version", "7")
        + &property("lastModificationDate", "2026-01-02 03:04:05.678")
        + "<property name=\"lastModifier\" class=\"ConfluenceUserImpl\" package=\"x\"><id name=\"key\"><![CDATA[u1]]></id></property>";
    let objects = space()
        + &page(11, "T", None, "one", &more)
        + &page(12, "[[t]] & u", None, "two", "")
        + &page(13, "T", None, "x", "");
    let (documents, end) = read("export.zip", &export(&objects));
    let facts: Vec<(&str, &str)> =
        documents[0].metadata.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(
        facts,
        [("author", "ann"), ("revision", "7"), ("site", "Firm & Co"), ("timestamp", "2026-01-02T03:04:05")],
        "{end:?}"
    );
    let parts: Vec<Option<&str>> = documents.iter().map(|d| d.part.as_deref()).collect();
    assert_eq!(parts, [Some("T (page 11)"), Some("[[t]] & u"), Some("T (page 13)")]);
}

/// Of each file the newest version, and only those of current pages; as Confluence 4 and 7 name them.
fn attachments() {
    let attachment = |id: u32, page: u32, more: &str| {
        object("Attachment", id, &(reference("containerContent", "Page", page) + more))
    };
    let objects = [
        space(),
        page(10, "Home", None, "<p>home</p>", ""),
        page(11, "Leave", Some(10), "<p>leave</p>", ""),
        page(12, "Gone", None, "gone", &property("contentStatus", "deleted")),
        attachment(20, 11, &(property("title", "plan.txt") + &property("version", "2"))),
        attachment(
            21,
            11,
            &(property("title", "plan.txt")
                + &property("version", "1")
                + &reference("originalVersionId", "Attachment", 20)),
        ),
        object(
            "Attachment",
            22,
            &(reference("content", "Page", 10)
                + &property("fileName", "a/b.txt")
                + &property("attachmentVersion", "7")),
        ),
        attachment(23, 12, &property("title", "of a page that is gone.txt")),
        attachment(24, 11, &(property("title", "gone.txt") + &property("contentStatus", "deleted"))),
        attachment(25, 11, &property("title", "not exported.txt")),
        attachment(26, 11, &property("title", "logo.png")),
    ];
    let xml = format!("<hibernate-generic>{}</hibernate-generic>", objects.concat());
    let (lines, end) = lines(
        "export.zip",
        &zip(&[
            ("attachments/11/20/1", b"old plan"),
            ("attachments/11/20/2", b"new plan"),
            ("entities.xml", xml.as_bytes()),
            ("attachments/10/22/3", b"three"),
            ("attachments/10/22/12", b"twelve"),
            ("attachments/12/23/1", b"x"),
            ("attachments/11/24/1", b"x"),
            ("attachments/11/26/1", b"\x89PNG"),
        ]),
    );
    assert_eq!(
        lines,
        [
            "Home | confluence: Home | h1 Firm & Co | p home",
            "Leave | confluence: Leave | h1 Firm & Co | p leave",
            "Home > a/b.txt | to Home | text: a/b | p twelve",
            "Leave > plan.txt | to Leave | text: plan | p new plan",
            "Leave > logo.png ! unsupported",
        ]
    );
    assert_eq!(end.unwrap().warnings, ["1 attachments are not in the export: it was made without them"]);
}

fn damaged() {
    let whole: String =
        space() + &(100..200).map(|id| page(id, &format!("P{id}"), None, "text", "")).collect::<String>();
    let half = format!("<hibernate-generic>{}", &whole[..whole.len() / 2]);
    let broken = half.clone() + "</property></object>" + &whole[whole.len() / 2..];
    for (xml, code) in [(half, "truncated"), (broken, "damaged")] {
        let (documents, end) = read("export.zip", &zip(&[("entities.xml", xml.as_bytes())]));
        assert_eq!(end.err(), Some(code));
        assert!((40..60).contains(&documents.len()), "{code}: {}", documents.len());
    }
    for (xml, code) in [
        ("", "unsupported"),
        ("<html/>", "unsupported"),
        ("no XML", "unsupported"),
        ("<hibernate-generic>", "truncated"),
    ] {
        let (documents, end) = read("export.zip", &zip(&[("entities.xml", xml.as_bytes())]));
        assert_eq!((documents.len(), end.err()), (0, Some(code)), "{xml}");
    }
}

fn hostile() {
    // Entities of a document type are neither expanded nor fetched.
    let xml = format!(
        "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b SYSTEM \"file:///etc/hostname\">]><hibernate-generic>{}</hibernate-generic>",
        page(10, "T", None, "words", "").replace("<![CDATA[words]]>", "one &a;&b; two")
    );
    let (read_of_it, _) = outlines(&zip(&[("entities.xml", xml.as_bytes())]));
    assert_eq!(read_of_it, ["confluence: T\np one two"]);
    let bomb = page(10, "T", None, &" ".repeat(30 << 20), "");
    assert_eq!(outlines(&export(&bomb)).1, Err("bomb"));
    for bad in [
        "<div>".repeat(100_000),
        "</div>".repeat(100_000),
        "<ac:structured-macro ac:name=\"info\"><ac:rich-text-body>".repeat(50_000),
        "<ac:link>".repeat(100_000),
        "<table><tr><td>".repeat(50_000),
        "<![CDATA[".repeat(50_000),
        "&".repeat(100_000),
        "<".repeat(100_000),
        "[{!*_".repeat(20_000),
        "{code:".repeat(20_000),
        "{code}\n".repeat(20_001),
        "|| a |".repeat(20_000),
        "*".repeat(100_000) + " x",
    ] {
        let objects = page(10, "Before", None, "before", "")
            + &page(11, "Bad", None, &bad, "")
            + &page(12, "Old", None, &bad, "").replace("\"bodyType\">2", "\"bodyType\">0")
            + &page(13, "After", None, "after", "");
        let (documents, end) = read("export.zip", &export(&objects));
        let titles: Vec<&str> = documents.iter().map(|d| d.title.as_str()).collect();
        assert!(
            titles.starts_with(&["Before"]) && titles.ends_with(&["After"]),
            "{:?}…: {titles:?} {end:?}",
            &bad[..1]
        );
    }
    let whole = space()
        + &page(
            10,
            "T",
            Some(10),
            "<table><tr><td>a</td></tr></table><ac:link><ri:page ri:content-title=\"P\"/></ac:link>",
            "",
        );
    for seed in 1..60 {
        let mut xml = format!("<hibernate-generic>{whole}</hibernate-generic>").into_bytes();
        for pair in noise(16, seed).chunks(2) {
            let at = usize::from(pair[0]) * usize::from(pair[1]) % xml.len();
            xml[at] = b"<>&\"/]\0\xff"[usize::from(pair[1] % 8)];
        }
        let (_, end) = read("export.zip", &zip(&[("entities.xml", &xml)]));
        assert!(matches!(end, Ok(_) | Err("damaged" | "truncated" | "unsupported")), "{seed}: {end:?}");
    }
    // Only a file that is read whole has a largest size.
    let limits = Limits { max_file_bytes: 16, ..Limits::default() };
    let small = export(&page(10, "T", None, "text", ""));
    let (documents, end) =
        read_with(&sandbox_with("child", Options::default(), limits), "export.zip", &small);
    assert_eq!(documents.len(), 1, "{end:?}");
}
