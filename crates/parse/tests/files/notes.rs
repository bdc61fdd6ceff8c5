//! Wikis and notes that are folders of files: DokuWiki, Notion, Obsidian and the dialects of Markdown.

use libtest_mimic::Trial;

use crate::support::{check, check_at, read, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("notes::dokuwiki", dokuwiki),
        trial("notes::dokuwiki_is_told_by_content", dokuwiki_is_told_by_content),
        trial("notes::notion_markdown", notion_markdown),
        trial("notes::notion_html", notion_html),
        trial("notes::notion_database", notion_database),
        trial("notes::obsidian", obsidian),
        trial("notes::markdown_trees", markdown_trees),
        trial("notes::markdown_blocks", markdown_blocks),
    ]
}

const DOKUWIKI: &str = "====== Leave ======\n~~NOTOC~~\n{{tag>policy \"paid leave\"}}\nEveryone gets **28 days**\n\
    of [[hr:leave|paid leave]]((except [[hr:interns]])).\\\\ See http://x.org//y.\n\n\
    ===== How =====\n  * ask\n    - your //boss//\n    - wait\n  * go{{:sun.png?200|in the sun}}\n{{:beach.jpg}}\n\n\
    ^ Grade ^ Days ^^\n| A | 28 | old |\n| ::: | 30 | %%a|b%% |\n\n<code bash book.sh>\nbook  --days 28\n</code>\n\n\
    \x20 plain  text\n\n<html><b>x</b></html>\n> quoted\n----\n<WRAP info>Mind this.</WRAP>\n== Deep ==\nend";

const DOKUWIKI_OUTLINE: &str = "h2 Leave\np Everyone gets 28 days / of paid leave (except interns). / See http://x.org//y.\n\
    h3 How\nli ask\nli 1. your boss\nli 2. wait\nli goin the sun\n\
    tr Grade | Days\ntr A | 28 | old\ntr A | 30 | a|b\ncode book  --days 28\ncode plain  text\np quoted\np Mind this.\nh6 Deep\np end";

fn dokuwiki() {
    let document = check_at(
        "wiki/data/pages/hr/time_off/leave.txt",
        DOKUWIKI.as_bytes(),
        &format!("dokuwiki: Leave\nh1 hr > time off\n{DOKUWIKI_OUTLINE}"),
    );
    assert_eq!(document.metadata["tags"], "policy, paid leave");
    // Below `data/pages` everything is a page.
    check_at("data/pages/start_here.txt", b"just words", "dokuwiki: start here\np just words");
    check_at("data/pages/a/b.txt", b"  * a\n  <code>x", "dokuwiki: b\nh1 a\nli a / <code>x");
}

fn dokuwiki_is_told_by_content() {
    for (name, text, format) in [
        ("a.txt", DOKUWIKI, "dokuwiki"),
        ("b.txt", "====== Title ======\n\n  * one\n  * [[two]]\n", "dokuwiki"),
        ("c.txt", "===== Part =====\n^ a ^ b ^\n| c | d |\n", "dokuwiki"),
        // A frame, a raw page of MediaWiki, a mail, AsciiDoc, a log.
        ("d.txt", "====== REPORT ======\n\n  * one thing\n  * another\n", "text"),
        ("e.txt", "== History ==\n* one [[link]]\n=== Early ===\n{{cite|x}} <code>x</code>\n", "text"),
        ("f.txt", "From: a@b.c\nSubject: x\n\n  * one\n  - two\n-- \n====\nfoot", "text"),
        ("g.txt", "= Title\n\n== Part\n\n* one\n", "text"),
        ("h.txt", "===== 2024-01-15 =====\nstarted ** [[ ok ]]\n", "text"),
    ] {
        let (documents, end) = read(name, text.as_bytes());
        assert_eq!(format!("{:?}", documents[0].format).to_lowercase(), format, "{name}: {end:?}");
    }
}

const ID: &str = "152bb52ee2b580f1bc1bd5ac36d7f9e3";

fn notion_markdown() {
    let page = "# Espresso machine\n\nStatus: Done\nTags: coffee, home\nManual: https://x.org/a\n\nText of it\ngoes on.\n\n\
        <aside>\n💡 Mind this.\n\n</aside>\n\n- [x]  bought\n- [ ]  serviced\n\n[Other](Espresso%20machine%20152bb52ee2b580f1bc1bd5ac36d7f9e3/Other.md)\n";
    let expected = "markdown: Espresso machine\nh1 Kitchen > Machines\nh2 Espresso machine\n\
        p Status: Done / Tags: coffee, home / Manual: https://x.org/a\np Text of it goes on.\np 💡 Mind this.\n\
        li [x] bought\nli [ ] serviced\np Other";
    let path = format!("Export-d2b14fbf/Kitchen {ID}/Machines {ID}/Espresso machine {ID}.md");
    check_at(&path, page.as_bytes(), expected);
    // Without identities it is no export, and a folder says nothing.
    check_at("Kitchen/a.md", b"# T\n\nStatus: Done\nx", "markdown: T\nh1 T\np Status: Done x");
}

fn notion_html() {
    let cell = |kind: &str, name: &str, value: &str| {
        format!(
            "<tr class=\"property-row property-row-{kind}\"><th><span class=\"icon property-icon\">i</span>{name}</th><td>{value}</td></tr>"
        )
    };
    let tags = "<span class=\"selected-value\">home</span><span class=\"selected-value\">coffee</span>";
    let properties = [
        cell("text", "Notes", "Double boiler."),
        cell("multi_select", "Tags", tags),
        cell("checkbox", "Sold", "<div class=\"checkbox checkbox-off\"></div>"),
        cell("text", "Empty", ""),
    ];
    let body = "<nav class=\"table_of_contents\"><a>Part</a></nav><h1>Part</h1><p>Words.<div class=\"indented\"><p>Below.</p></div></p>\
        <details open=\"\"><summary style=\"font-weight:600;font-size:1.5em;\">Folded</summary><div class=\"indented\"><p>Inside.</p></div></details>\
        <ul class=\"toggle\"><li><details open=\"\"><summary>Item</summary><p>hidden</p></details></li></ul>\
        <ul class=\"to-do-list\"><li><div class=\"checkbox checkbox-on\"></div> <span>task</span></li></ul>\
        <figure class=\"callout\"><div><span class=\"icon\">💡</span></div><div><p>Mind this.</p></div></figure>\
        <figure class=\"equation\"><span class=\"katex-mathml\"><math><semantics><mi>x</mi><annotation>x^2</annotation></semantics></math></span><span class=\"katex-html\">x2</span></figure>\
        <table class=\"collection-content\"><thead><tr><th>Name</th><th>Done</th></tr></thead><tbody><tr><td><a>Row</a></td><td><div class=\"checkbox checkbox-on\"></div></td></tr></tbody></table>";
    let page = format!(
        "<html><head><title>Machine</title></head><body><article id=\"1590080a-a5a3-8024-88c2-e857dea7aa7e\" class=\"page sans\"><header>\
         <h1 class=\"page-title\">Machine</h1><table class=\"properties\"><tbody>{}</tbody></table></header>\
         <div class=\"page-body\">{body}</div></article></body></html>",
        properties.concat()
    );
    check_at(
        &format!("Private & Shared/Kitchen {ID}/Machine {ID}.html"),
        page.as_bytes(),
        "html: Machine\nh1 Kitchen\nh2 Machine\ntr Notes | Double boiler.\ntr Tags | home, coffee\ntr Sold | No\ntr Empty |\n\
         h2 Part\np Words.\np Below.\nh3 Folded\np Inside.\nli Item\nli hidden\nli [x] task\np Mind this.\np x^2\n\
         tr Name | Done\ntr Row | Yes",
    );
}

fn notion_database() {
    check_at(
        &format!("Home {ID}/Tasks {ID}_all.csv"),
        format!("\u{feff}Name,Owner\nBook,Ann (Staff/Ann%20{ID}.md)\n").as_bytes(),
        "csv: Tasks\nh1 Home\ntr Name | Owner\ntr Name: Book | Owner: Ann",
    );
}

fn obsidian() {
    let note = "---\ntags:\n  - hr\n  - leave\naliases: [Time off, \"PTO\"]\n---\n# Leave\nSee [[Policy]], [[hr/Rules#Pay|the rules]], [[Rules#Sick leave]], [[#Below]] and [[Rules#^a1b2c3]]. #hr/leave ^b2c3d4\n\n\
        ![[sun.png|300]] ![[Holiday calendar]] ![[data.pdf#page=2]]\n\n> [!warning]- Mind\n> ==never== late %%or so%%\n\n> [!tip]\n> early\n\n\
        %%\nnot shown\n%%\n| a | b |\n|---|---|\n| [[Policy\\|rules]] | $x_1$ |\n\n```dataview\nTABLE days FROM #hr\n```\n- [ ] ask ^c3d4\n\nstatus:: open";
    check(
        "Leave.md",
        note.as_bytes(),
        "markdown: Leave\nh1 Leave\np See Policy, the rules, Rules > Sick leave, Below and Rules. #hr/leave\n\
         p Holiday calendar data.pdf > page=2\np Mind\np never late\np Tip\np early\n\
         tr a | b\ntr rules | $x_1$\ncode TABLE days FROM #hr\nli [ ] ask\np status:: open",
    );
    let (documents, _) = read("Leave.md", note.as_bytes());
    let facts: Vec<_> = documents[0].metadata.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(facts[..], [("aliases", "Time off, PTO"), ("tags", "hr, leave")]);
}

fn markdown_trees() {
    // MkDocs.
    check(
        "mkdocs.md",
        b"# Leave { #leave .big }\n\n[TOC]\n\n!!! warning \"Mind the *gap*\"\n    Ask first.\n\n    - one\n    - two\n\n??? note\n    Folded.\n\n\
          === \"Unix\"\n\n    ```sh\n    ls\n    ```\n\n=== \"Windows\"\n\n    dir\n\nSee [this](a.md){ .md-button target=_blank }.\n{: .lead }\n\nterm\n:   what it is\n\n--8<-- \"legal.md\"\nEnd.",
        "markdown: Leave\nh1 Leave\np Mind the gap\np Ask first.\nli one\nli two\np Note\np Folded.\np Unix\ncode ls\np Windows\np dir\np See this.\n\
         li term\nli what it is\np End.",
    );
    let (documents, _) = read("mkdocs.md", b"--8<-- \"legal.md\"\nEnd.");
    assert_eq!(documents[0].warnings, ["1 included files were not read with it: legal.md"]);
    // GitBook.
    check(
        "gitbook.md",
        b"---\ndescription: All about leave\n---\n\n# Leave\n\n{% hint style=\"info\" %}\nAsk **first**.\n{% endhint %}\n\n{% tabs %}\n{% tab title=\"Unix\" %}\n`ls`\n{% endtab %}\n{% endtabs %}\n\n\
          {% content-ref url=\"rules.md\" %}\n[rules.md](rules.md)\n{% endcontent-ref %}\n",
        "markdown: Leave\nh1 Leave\np Ask first.\np Unix ls\np rules.md",
    );
    // GitLab.
    check(
        "gitlab.md",
        b"---\ntitle: Leave policy\n---\n[[_TOC_]]\n\n## Who\n>>>\nQuoted.\n\nStill.\n>>>\n\n> [!important]\n> Now.\n",
        "markdown: Leave policy\nh2 Who\np Quoted.\np Still.\np Important\np Now.",
    );
    // Docusaurus and Hugo.
    check(
        "docusaurus.mdx",
        b"import Tabs from '@theme/Tabs';\n\n:::tip[Do it]\n\nAsk.\n\n:::\n\n:::danger\nNever.\n:::\n\n<Tabs><TabItem value=\"a\">In a tab.</TabItem></Tabs>\n",
        "markdown: docusaurus\np Do it\np Ask.\np Danger\np Never.\np In a tab.",
    );
    check(
        "hugo.md",
        b"+++\ntitle = \"Leave\"\ntags = [\"hr\", \"x\"]\n+++\n{{< note title=\"Heads up\" >}}\nAsk.\n{{< /note >}}\n\n[rules]({{< ref \"rules.md\" >}}) and {{% x %}}words{{% /x %}}\n",
        "markdown: Leave\np Heads up Ask.\np rules and words",
    );
}

fn markdown_blocks() {
    check(
        "blocks.md",
        b"a | b\n--|--\n1 | 2\n\n- [x] done\n- [ ] open\n\n[ref][r] and <img src=\"x.png\" alt=\"a picture\"> costs $5 and $6, $x$\n\n[r]: http://x.org\n\n\
          <details>\n<summary>More</summary>\n\nfolded *text*\n\n</details>\n\n<table>\n<tr><th>k</th>\n\n<th>v</th></tr>\n\n<tr><td>1</td><td>2</td></tr>\n</table>\n\nterm\n: meaning[^n]\n\n[^n]: note",
        "markdown: blocks\ntr a | b\ntr 1 | 2\nli [x] done\nli [ ] open\np ref and a picture costs $5 and $6, $x$\np More\np folded text\n\
         tr k | v\ntr 1 | 2\nli term\nli meaning\np note",
    );
}
