//! Every verb: the JSON that the program promises, exit codes, what goes to stdout, and that every quote is the text.

use std::collections::HashMap;
use std::ffi::OsStr;

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::support::shape::{self, assert_fits};
use crate::support::{Vault, asset, batch, files, folder, rounded, samples, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("contract::ingest", ingest),
        trial("contract::search", search),
        trial("contract::search_batch", search_batch),
        trial("contract::ask_in_quotes", ask_in_quotes),
        trial("contract::ask_about_all_documents", ask_about_all_documents),
        trial("contract::copies_are_shown_once", copies_are_shown_once),
        trial("contract::ask_in_words", ask_in_words),
        trial("contract::check", check_alone),
        trial("contract::documents", documents),
        trial("contract::answers_and_export", answers_and_export),
        trial("contract::models_and_doctor", models_and_doctor),
        trial("contract::relative_paths", relative_paths),
        trial("contract::usage", usage),
    ]
}

/// Every passage and citation in `result` is the slice of the document's text that it says it is.
pub fn assert_verbatim(vault: &Vault, result: &Value) {
    let mut texts: HashMap<String, Vec<char>> = HashMap::new();
    let list = |name: &str| result[name].as_array().cloned().unwrap_or_default();
    let shown = list("passages").into_iter().map(|p| (p["text"].clone(), p));
    for (quote, place) in shown.chain(list("citations").into_iter().map(|c| (c["quote"].clone(), c))) {
        let id = place["document_id"].as_str().unwrap().to_owned();
        let text = texts.entry(id).or_insert_with_key(|id| vault.text(id).chars().collect());
        let [start, end] = ["start", "end"].map(|n| usize::try_from(place[n].as_u64().unwrap()).unwrap());
        let slice: String = text.get(start..end).expect("a range inside the text").iter().collect();
        assert_eq!(quote, slice, "{place:#}");
        assert!(!slice.trim().is_empty(), "{place:#}");
    }
    for (n, passage) in list("passages").iter().enumerate() {
        assert_eq!(passage["rank"], n + 1, "best first");
    }
    for (n, citation) in list("citations").iter().enumerate() {
        assert_eq!(citation["number"], n + 1);
        let mark = format!("[{}]", n + 1);
        assert!(result["text"].as_str().unwrap().contains(&mark), "{mark} is not in {}", result["text"]);
    }
}

/// What must hold of every answer, whatever it says.
pub fn assert_sound(vault: &Vault, answer: &Value) {
    assert_fits(answer, &shape::answer());
    assert_verbatim(vault, answer);
    let citations = answer["citations"].as_array().unwrap();
    if answer["outcome"] == "not_found" {
        assert!(citations.is_empty() && answer["text"] != "", "{answer:#}");
    } else {
        let cited = |s: &Value| s["citations"].as_array().is_some_and(|c| !c.is_empty());
        let kept = answer["sentences"].as_array().unwrap().iter().filter(|s| s["verdict"] == "supported");
        assert!(kept.clone().count() > 0 && kept.clone().all(cited), "{answer:#}");
        assert!(!citations.is_empty());
    }
    for passage in answer["passages"].as_array().unwrap() {
        let id = &passage["document_id"];
        let within = |c: &Value| {
            c["document_id"] == *id
                && c["start"].as_u64() >= passage["start"].as_u64()
                && c["end"].as_u64() <= passage["end"].as_u64()
        };
        let cited = citations.iter().any(within);
        assert!(passage["used"] == false || cited, "used, and no citation lies in it: {passage:#}");
    }
}

fn ingest() {
    let vault = Vault::new();
    let corpus = folder("corpus");
    let write = |name: &str, bytes: &[u8]| std::fs::write(corpus.join(name), bytes).unwrap();
    write("letter.txt", b"The lease of the harbour office ends in March.");
    write("valve.pdf", &files::labelled_pdf(files::VALVE));
    write(
        "wiki.xml",
        &files::wiki(&[("Kiln", "The kiln is lit on Mondays."), ("Yard", "The yard is shut.")]),
    );
    let run = |more: &[&str]| {
        let arguments = ["ingest".as_ref(), corpus.as_os_str(), OsStr::new("--json")];
        let more = more.iter().map(OsStr::new);
        vault.run(&arguments.into_iter().chain(more).collect::<Vec<_>>())
    };
    let check = |run: crate::support::Run, changes: [(&str, u64); 4], documents: &[(&str, &str)]| {
        let run = run.done();
        let report = run.report();
        assert_fits(&report, &shape::report());
        for (field, expected) in changes {
            assert_eq!(report[field], expected, "{field} of {report}");
        }
        let event = json!({
            "event": "document", "path": "string", "part?": "string", "document_id": "string", "title": "string",
            "change": "added|updated|unchanged", "pages": "count", "pages_without_text": "count", "chunks": "count"
        });
        let lines = run.lines();
        let mut told: Vec<(String, String)> = Vec::new();
        for line in lines.iter().filter(|l| l["event"] == "document") {
            assert_fits(line, &event);
            let path = line["path"].as_str().unwrap();
            let name = path.rsplit('/').next().unwrap();
            let part = line["part"].as_str().unwrap_or_default();
            told.push((format!("{name}{part}"), line["change"].as_str().unwrap().to_owned()));
        }
        told.sort();
        let told: Vec<_> = told.iter().map(|(n, c)| (n.as_str(), c.as_str())).collect();
        assert_eq!(told, documents);
        assert_eq!(run.stderr, "", "no progress bar where there is no terminal");
    };
    check(
        run(&["--jobs", "2"]),
        [("added", 4), ("updated", 0), ("unchanged", 0), ("removed", 0)],
        &[
            ("letter.txt", "added"),
            ("valve.pdf", "added"),
            ("wiki.xmlKiln", "added"),
            ("wiki.xmlYard", "added"),
        ],
    );
    // Files whose bytes are known are not read again.
    check(run(&[]), [("added", 0), ("updated", 0), ("unchanged", 4), ("removed", 0)], &[]);
    write("letter.txt", b"The lease of the harbour office ends in April.");
    write("wiki.xml", &files::wiki(&[("Kiln", "The kiln is lit on Mondays."), ("Barn", "The barn is new.")]));
    check(
        run(&[]),
        [("added", 1), ("updated", 1), ("unchanged", 2), ("removed", 1)],
        &[("letter.txt", "updated"), ("wiki.xmlBarn", "added"), ("wiki.xmlKiln", "unchanged")],
    );
    let names: Vec<String> = vault.documents().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["letter.txt", "valve.pdf", "wiki.xmlBarn", "wiki.xmlKiln"]);
    assert_eq!(vault.text(&vault.id_of("letter.txt")), "The lease of the harbour office ends in April.");

    let [letter, kiln] = ["letter.txt", "wiki.xmlKiln"].map(|name| vault.id_of(name));
    // The same files in another collection are other documents; for people there is a sentence.
    let arguments = ["ingest".as_ref(), corpus.as_os_str(), "--collection".as_ref(), OsStr::new("second")];
    let told = vault.run(&arguments).done();
    assert!(told.stdout.starts_with("4 added, 0 updated, 0 unchanged, 0 removed"), "{}", told.stdout);
    assert_eq!(vault.documents().len(), 8);

    // Forgetting, with the report of it.
    vault.run(&["documents", "remove", &letter, "no-such-id"]).refused(&["no-such-id", "documents list"]);
    assert_eq!(vault.documents().len(), 8, "nothing is removed where one id is wrong");
    let removed = vault.json(&["documents", "remove", &letter, &kiln, "--json"]);
    assert_eq!(removed, json!({"documents": [letter, kiln], "answers_blanked": 0}));
    assert_eq!(vault.documents().len(), 6);
    check(
        run(&[]),
        [("added", 2), ("updated", 0), ("unchanged", 2), ("removed", 0)],
        &[("letter.txt", "added"), ("wiki.xmlBarn", "unchanged"), ("wiki.xmlKiln", "added")],
    );
}

fn search() {
    let vault = samples();
    let check = |query: &str, more: &[&str], path: &str, words: &str| {
        let arguments: Vec<&str> = ["search", query, "--json"].iter().chain(more).copied().collect();
        let run = vault.run(&arguments).done();
        assert_eq!(run.stderr, "");
        let found = run.json();
        assert_fits(&found, &shape::search());
        assert_eq!(found["query"], query);
        assert!(found.get("query_id").is_none());
        assert_verbatim(&vault, &found);
        let passages = found["passages"].as_array().unwrap();
        let place = |p: &Value| {
            let text = p["text"].as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
            p["path"].as_str().unwrap().ends_with(path) && text.contains(words)
        };
        assert!(passages.iter().any(place), "{query}: {passages:#?}");
        passages.clone()
    };
    let hotel = "What is the limit for a hotel night in Amsterdam?";
    for mode in ["hybrid", "vector", "keyword"] {
        let passages =
            check(hotel, &["--mode", mode], "handbook.md", "Amsterdam and Zurich the limit is £190");
        assert_eq!(passages.len(), 5);
        for scores in passages.iter().map(|p| &p["scores"]) {
            assert!(mode != "vector" || (scores["vector"].is_number() && scores["keyword"].is_null()));
            assert!(mode != "keyword" || (scores["keyword"].is_number() && scores["vector"].is_null()));
        }
    }
    assert_eq!(check("E-31", &["--limit", "2"], "larkspur-manual.pdf", "E-31").len(), 2);
    let valves = check("Larkspur valve", &["--collection", "valves"], "valve.pdf", "Zorvex valve opens");
    assert!(valves.iter().all(|p| p["collection"] == "valves"));
    assert_eq!((&valves[0]["page"], &valves[0]["page_label"]), (&json!(1), &json!("i")));
    vault.run(&["search", "valve", "--collection", "pipes"]).refused(&["\"pipes\"", "default, valves"]);
    let told = vault.run(&["search", "Zorvex", "--collection", "valves"]).done();
    assert!(told.stdout.contains("valve.pdf, page i (1)"), "{}", told.stdout);
}

/// A vault and documents may be named from where the user stands, and a document is found by its file's name.
fn relative_paths() {
    let place = folder("relative");
    for (year, day) in [("2021", "third"), ("2022", "fourth"), ("2023", "fifth")] {
        let text = format!("# Lease\n\nThe rent is due on the {day} day.");
        std::fs::write(place.join(format!("{year} Harbour.md")), text).unwrap();
    }
    let vault = Vault::at("./vault".into());
    let run = |arguments: &[&str]| crate::support::run(vault.command(arguments).current_dir(&place)).done();
    run(&["ingest", "."]);
    for year in ["2021", "2022", "2023"] {
        let found = run(&["search", &format!("lease {year}"), "--mode", "keyword", "--json"]).json();
        let best = found["passages"][0]["path"].as_str().unwrap().to_owned();
        assert!(best.ends_with(&format!("{year} Harbour.md")), "{found:#}");
    }
    assert!(run(&["ask", "When is the rent due?", "--mode", "quote"]).stdout.contains("day"));
}

fn search_batch() {
    let vault = samples();
    let lines = [
        json!({"id": "b", "query": "annual leave"}),
        json!({"id": "a", "query": "Zorvex"}),
        json!({"id": "empty", "query": "  "}),
        json!({"id": "none"}),
        json!({"id": "ü", "query": "Larkspur"}),
    ];
    let file = batch(&lines);
    let run = vault
        .run(&["search".as_ref(), "--batch".as_ref(), file.as_os_str(), "--limit".as_ref(), OsStr::new("3")])
        .ended(1)
        .complains(&["the question is empty", "line 4 is not the JSON expected"]);
    let found = run.lines();
    let ids: Vec<&Value> = found.iter().map(|f| &f["query_id"]).collect();
    assert_eq!(ids, ["b", "a", "empty", "none", "ü"], "one line out for each line in, in order");
    for (line, found) in lines.iter().zip(&found) {
        if found.get("error").is_some() {
            assert_fits(found, &json!({"query_id": "string", "error": "string"}));
            continue;
        }
        assert_fits(found, &shape::search());
        assert_eq!(found["query"], line["query"]);
        assert!(found["passages"].as_array().unwrap().len() <= 3);
        assert_verbatim(&vault, found);
    }
    assert_eq!(found.iter().filter(|f| f.get("error").is_some()).count(), 2);
    // A line that is no text spoils that line alone.
    let garbled = folder("garbled").join("lines.jsonl");
    std::fs::write(
        &garbled,
        b"{\"id\": \"caf\xe9\", \"query\": \"x\"}\n\n{\"id\": \"z\", \"query\": \"Zorvex\"}",
    )
    .unwrap();
    let found = vault.run(&["search".as_ref(), "--batch".as_ref(), garbled.as_os_str()]).ended(1).lines();
    assert_eq!((found.len(), &found[0]["query_id"], &found[1]["query_id"]), (2, &Value::Null, &json!("z")));
    vault
        .run(&["search", "--batch", "/no/such/file.jsonl"])
        .refused(&["/no/such/file.jsonl", "check the path"]);
    vault.run(&["search", "x", "--batch", "f"]).refused(&["cannot be used with"]);
}

/// A search shows every document with the same words; an answer is written from one of them, so that the others take
/// no one's place. (Files with the same bytes are one document: the ending tells these apart.)
fn copies_are_shown_once() {
    let berth: &[u8] = b"The berth at the north quay costs 40 pounds a night.";
    let crane: &[u8] = b"The crane at the north quay lifts nine tonnes.";
    let (vault, _) = Vault::with(&[("a.txt", berth), ("copy of a.md", berth), ("b.txt", crane)]);
    let question = "What does the berth at the north quay cost?";
    let texts = |found: &Value| -> Vec<String> {
        let passages = found["passages"].as_array().unwrap();
        passages.iter().map(|p| p["text"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(texts(&vault.json(&["search", question, "--json"])).len(), 3);
    let answer = vault.json(&["ask", question, "--mode", "quote", "--json"]);
    assert_sound(&vault, &answer);
    assert_eq!(texts(&answer).len(), 2, "{answer:#}");
    assert!(answer["text"].as_str().unwrap().contains("40 pounds"), "{answer:#}");
}

fn ask_in_quotes() {
    let vault = samples();
    let check = |question: &str, quote: &str, path: &str, page: Value, label: Value| {
        let run = vault.run(&["ask", question, "--mode", "quote", "--json"]).done();
        assert_eq!(run.stderr, "");
        let answer = run.json();
        assert_sound(&vault, &answer);
        assert_eq!(
            (&answer["question"], &answer["outcome"]),
            (&json!(question), &json!("answered")),
            "{answer:#}"
        );
        assert!(answer["model"].is_null() && answer["timings_ms"]["first_token"].is_null());
        let right = |c: &&Value| {
            let words = c["quote"].as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
            words.contains(quote) && c["path"].as_str().unwrap().ends_with(path)
        };
        let citation = answer["citations"].as_array().unwrap().iter().find(right);
        let citation = citation.unwrap_or_else(|| panic!("{quote:?} is not cited: {}", answer["citations"]));
        assert_eq!((&citation["page"], &citation["page_label"]), (&page, &label), "{question}");
    };
    let none = || Value::Null;
    check("What do cars in private use cost per mile?", "45 pence per mile", "handbook.md", none(), none());
    check("Where is the assembly point of the Galway office?", "Weir Lane", "wiki.xml", none(), none());
    check("Where is the Zorvex valve made?", "made in Lisbon", "valve.pdf", json!(1), json!("i"));
    check("At what pressure does the Zorvex valve open?", "41 bar", "valve.pdf", json!(2), json!("ii"));
    check(
        "How often is the spindle of the Zorvex valve oiled?",
        "600 hours",
        "valve.pdf",
        json!(3),
        json!("1"),
    );
    check(
        "What is the limit of liability for breaches of clause 7?",
        "£2,500,000",
        "master-services-agreement.pdf",
        json!(3),
        none(),
    );
}

/// A question about the documents as a set is answered by a look through all of them: with counts, and no model.
fn ask_about_all_documents() {
    let (vault, corpus) = Vault::with(&[
        ("crane.txt", b"The crane lifts 9 tonnes. Disputes go to arbitration in Cork."),
        ("berth.md", b"# Berths\n\nA berth costs 40 pounds a night.\n\nArbitration is held in Cork."),
        ("lamp.txt", b"The lamp is lit at dusk."),
    ]);
    std::fs::write(corpus.join("broken.pdf"), b"%PDF-1.7 and nothing more").unwrap();
    vault.run(&[OsStr::new("ingest"), corpus.as_os_str()]).ended(1);
    let ask = |question: &str| {
        let run = vault.run(&["ask", question, "--json"]).done();
        assert_eq!(run.stderr, "");
        let answer = run.json();
        assert_sound(&vault, &answer);
        assert!(answer["model"].is_null());
        assert_eq!(vault.json(&["answers", "show", answer["id"].as_str().unwrap(), "--json"]), answer);
        answer
    };
    let answer = ask("Which documents mention arbitration?");
    let text = answer["text"].as_str().unwrap();
    let counted =
        "2 of 3 documents mention “arbitration” [1][2]; all 3 were searched, 1 file could not be read.";
    assert!(text.starts_with(counted), "{text}");
    assert!(text.contains("“Arbitration is held in Cork.” [1]."), "{text}");
    let sweep = json!({
        "searched": 3, "matching": 2, "lacking": 1, "unreadable": 1, "unread_pages": 0, "words": ["string"],
        "matching_documents": [{"document_id": "string", "path": "string", "title": "string"}],
        "lacking_documents": [{"document_id": "string", "path": "string", "title": "string"}]
    });
    assert_fits(&answer["sweep"], &sweep);
    assert_eq!(answer["confidence"], 0.75);
    let answer = ask("Which files do not mention arbitration?");
    assert!(
        answer["text"].as_str().unwrap().starts_with("1 of 3 documents does not mention “arbitration”: ")
    );
    let shown = vault.run(&["ask", "How many documents mention arbitration?"]).done();
    assert!(shown.stdout.contains("2 of 3 documents"), "{}", shown.stdout);
}

/// The language model itself. What it writes is its own affair; that it is cited, checked and shown in full is ours.
fn ask_in_words() {
    let vault = samples();
    let questions = [
        json!({"id": "yes", "question": "At what pressure does the Zorvex valve open?"}),
        json!({"id": "no", "question": "Who won the chess championship of Iceland in 1974?"}),
    ];
    let run = vault.run(&["ask".as_ref(), "--batch".as_ref(), batch(&questions).as_os_str()]).done();
    assert_eq!(run.stderr, "", "nothing is streamed in a batch");
    let answers = run.lines();
    for (answer, line) in answers.iter().zip(&questions) {
        assert_sound(&vault, answer);
        assert_eq!((&answer["question_id"], &answer["question"]), (&line["id"], &line["question"]));
        assert_eq!(vault.json(&["answers", "show", answer["id"].as_str().unwrap(), "--json"]), *answer);
    }
    let [yes, no] = answers.as_slice() else { panic!("{answers:#?}") };
    assert_fits(yes, &shape::written_answer());
    assert!(yes["timings_ms"]["first_token"].is_u64() && yes["timings_ms"]["generate"].as_u64() > Some(0));
    assert_eq!((&no["outcome"], &no["confidence"]), (&json!("not_found"), &json!(0.0)));
    assert_eq!(no["passages"].as_array().unwrap().len(), 5, "the nearest passages are shown");
    assert!(no["text"].as_str().unwrap().contains("chess championship"), "{}", no["text"]);
}

fn check_alone() {
    let vault = Vault::new();
    let passages =
        json!(["The Zorvex valve opens at 41 bar. It closes at 38 bar.", "Oil it every 600 hours."]);
    let line =
        |id: &str, answer: &str| json!({"id": id, "question": "?", "answer": answer, "passages": passages});
    let cases = [
        (line("verbatim", "The Zorvex valve opens at 41 bar [1]."), vec!["supported"]),
        (line("number", "The Zorvex valve opens at 44 bar."), vec!["unsupported"]),
        (
            line("half", "The Zorvex valve opens at 41 bar. It was painted in Rome."),
            vec!["supported", "unsupported"],
        ),
        (line("nothing", ""), vec![]),
        (json!({"id": "none", "answer": "It opens.", "passages": []}), vec!["unsupported"]),
    ];
    let lines: Vec<Value> = cases.iter().map(|(line, _)| line.clone()).collect();
    let run = vault.run(&["check".as_ref(), "--batch".as_ref(), batch(&lines).as_os_str()]).done();
    assert_eq!(run.stderr, "");
    let found = run.lines();
    assert_eq!(found.len(), cases.len());
    for ((line, expected), found) in cases.iter().zip(&found) {
        assert_fits(
            found,
            &json!({
                "id": "string", "supported": "bool", "score": "from 0 to 1",
                "sentences": [{"text": "string", "verdict": "supported|unsupported", "score": "from 0 to 1"}]
            }),
        );
        assert_eq!(found["id"], line["id"]);
        let verdicts: Vec<&Value> =
            found["sentences"].as_array().unwrap().iter().map(|s| &s["verdict"]).collect();
        assert_eq!(verdicts, *expected, "{found}");
        assert_eq!(found["supported"], !expected.is_empty() && expected.iter().all(|v| *v == "supported"));
    }
    let bad = batch(&[json!({"id": "x"}), lines[0].clone()]);
    let run = vault.run(&["check".as_ref(), "--batch".as_ref(), bad.as_os_str()]).ended(1);
    assert_eq!(run.lines().iter().map(|l| &l["id"]).collect::<Vec<_>>(), ["x", "verbatim"]);
}

fn documents() {
    let vault = samples();
    let list = vault.json(&["documents", "--json"]);
    assert_eq!(list, vault.json(&["documents", "list", "--json"]), "list is the default");
    assert_fits(&list, &json!([shape::document()]));
    let of =
        |name: &str| list.as_array().unwrap().iter().find(|d| d["path"].as_str().unwrap().ends_with(name));
    for (name, format, pages) in
        [("larkspur-manual.pdf", "pdf", 7), ("handbook.md", "markdown", 0), ("wiki.xml", "mediawiki", 0)]
    {
        let listed = of(name).unwrap();
        assert_eq!((&listed["format"], &listed["pages"]), (&json!(format), &json!(pages)), "{listed}");
        let id = listed["document_id"].as_str().unwrap();
        let text = vault.text(id);
        assert_eq!(listed["chars"], text.chars().count());
        for part in [id, &id[..12]] {
            let shown = vault.json(&["documents", "show", part, "--json"]);
            assert_fits(&shown, &shape::document());
            assert_fits(
                &shown,
                &json!({
                    "coverage": {"total": "count", "text": "count", "no_text": "count", "blank": "count", "unreadable": "count"},
                    "unread_pages": [{"page": "count"}], "warnings": ["string"], "metadata": {}
                }),
            );
            assert_eq!((&shown["document_id"], &shown["coverage"]["text"]), (&json!(id), &json!(pages)));
            let whole = vault.json(&["documents", "show", part, "--text", "--json"]);
            assert_eq!(whole, json!({"document_id": id, "text": text}));
        }
    }
    assert!(vault.run(&["documents", "list"]).done().stdout.contains("Larkspur"));
    vault.run(&["documents", "show", "0000"]).refused(&[
        "no document",
        "\"0000\"",
        "`citadel documents list`",
    ]);
    vault.run(&["documents", "show", ""]).refused(&["document"]);
    vault.run(&["documents", "remove"]).refused(&["required"]);
    let empty = Vault::new();
    assert_eq!(empty.json(&["documents", "list", "--json"]), json!([]));
    assert!(empty.run(&["documents"]).done().stdout.contains("`citadel ingest PATH…`"));
}

fn answers_and_export() {
    let vault = samples();
    let question = "At what pressure does the Zorvex valve open?";
    let told = vault.run(&["ask", question, "--mode", "quote"]).done();
    assert!(told.stdout.contains("[1]") && told.stdout.contains("valve.pdf, page ii (2)"), "{}", told.stdout);
    let answer = vault.json(&["ask", question, "--mode", "quote", "--json"]);
    let id = answer["id"].as_str().unwrap();
    let list = vault.json(&["answers", "--json"]);
    assert_eq!(list, vault.json(&["answers", "list", "--json"]));
    assert_fits(
        &list,
        &json!([{
            "id": "string", "question": "string", "outcome": "answered|not_found", "created_at": "RFC 3339",
            "blanked": "bool"
        }]),
    );
    assert_eq!((&list[0]["id"], &list[0]["question"]), (&json!(id), &json!(question)), "newest first");
    for part in [id, &id[..14]] {
        assert_eq!(vault.json(&["answers", "show", part, "--json"]), answer);
    }
    assert!(vault.run(&["answers", "show", id]).done().stdout.contains("41 bar"));
    vault.run(&["answers", "show", "zzz"]).refused(&["no answer", "\"zzz\"", "`citadel answers list`"]);

    let out = folder("export");
    let export = |format: &str, file: &str| {
        let file = out.join(file);
        vault.run(&[
            "export".as_ref(),
            OsStr::new(id),
            "--format".as_ref(),
            format.as_ref(),
            "--output".as_ref(),
            file.as_os_str(),
        ])
    };
    for format in ["md", "html", "json"] {
        let file = format!("answer.{format}");
        // A second time: the file is replaced.
        for _ in 0..2 {
            let run = export(format, &file).done();
            assert_eq!(run.stdout, "");
            assert!(run.stderr.contains(&file), "{}", run.stderr);
        }
        let written = std::fs::read_to_string(out.join(&file)).unwrap();
        assert!(written.contains("41 bar"), "{written}");
        if format == "json" {
            assert_eq!(rounded(serde_json::from_str(&written).unwrap()), answer);
        } else {
            assert!(written.contains("valve.pdf") && written.contains("page 2 (labelled ii)"), "{written}");
        }
    }
    for (format, begins) in [("docx", &b"PK"[..]), ("pdf", b"%PDF-")] {
        let file = format!("answer.{format}");
        export(format, &file).done();
        assert!(std::fs::read(out.join(file)).unwrap().starts_with(begins), "{format}");
    }
    export("odt", "unknown").refused(&["\"odt\"", "md, html, json, docx or pdf"]);
    // Several answers are a conversation; its sources have the hash that the certificate has.
    let file = out.join("conversation.json");
    let arguments = ["export", id, id, "--format", "json", "--output"].map(OsStr::new);
    vault.run(&arguments.into_iter().chain([file.as_os_str()]).collect::<Vec<_>>()).done();
    let conversation: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(conversation["answers"].as_array().map(Vec::len), Some(2));
    assert_fits(
        &conversation["sources"][0],
        &json!({
            "document_id": "string", "version_id": "count", "ingested_at": "RFC 3339", "text_sha256": "SHA-256",
            "file_sha256": "SHA-256"
        }),
    );
    export("md", "no/such/folder/answer.md").refused(&["no/such/folder/answer.md", "check the folder"]);
    let left: Vec<_> = std::fs::read_dir(&out).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 6, "no half file stays: {left:?}");
}

fn models_and_doctor() {
    let vault = Vault::new();
    let entry = json!({
        "name": "string", "role": "string", "file": "string", "bytes": "count", "sha256": "SHA-256", "licence": "string",
        "source": "string"
    });
    let list = vault.json(&["models", "list", "--json"]);
    assert_fits(&list, &json!([entry]));
    let sum = |list: &Value| -> Vec<(String, u64)> {
        let of = |e: &Value| (e["file"].to_string(), e["memory"]["needed"].as_u64().unwrap_or(0));
        list.as_array().unwrap().iter().map(of).collect()
    };
    assert_eq!(sum(&list), sum(&vault.json(&["models", "--json"])));
    let generator = list.as_array().unwrap().iter().find(|e| e["role"] == "generator").unwrap();
    assert_fits(
        &generator["memory"],
        &json!({
            "weights": {"four_bits": "count", "eight_bits": "count", "floats": "count"},
            "needed": "count", "available": "count?", "fits": true
        }),
    );
    assert!(generator["memory"]["needed"].as_u64() > generator["bytes"].as_u64());
    let roles: Vec<&str> = list.as_array().unwrap().iter().filter_map(|e| e["role"].as_str()).collect();
    for role in ["embedder", "embedder_tokenizer", "generator", "onnx_runtime", "licence"] {
        assert!(roles.contains(&role), "{role} is not in {roles:?}");
    }
    let verified = vault.json(&["models", "verify", "--json"]);
    assert_fits(&verified, &json!([{"file": "string", "ok": true, "error": "string?"}]));
    assert_eq!(verified.as_array().unwrap().len(), roles.len());
    assert!(vault.run(&["models", "verify"]).done().stdout.contains("ok  embedder.onnx"));
    assert!(!vault.dir.exists(), "the models need no vault");

    let report = vault.json(&["doctor", "--json"]);
    assert_fits(
        &report,
        &json!({"ok": true, "findings": [{"what": "string", "ok": true, "found": "string", "hint?": "string"}]}),
    );
    let seen: Vec<&str> =
        report["findings"].as_array().unwrap().iter().filter_map(|f| f["what"].as_str()).collect();
    for what in ["models", "memory", "cpu", "vault", "catalog"] {
        assert!(seen.contains(&what), "{what} is not in {seen:?}");
    }
    let told = samples().run(&["doctor"]).done();
    for words in ["ok      vault", "ok      catalog", "ok      index"] {
        assert!(told.stdout.contains(words), "{words}: {}", told.stdout);
    }
}

/// A wrong command line is 2 and goes to stderr; help and version are results.
fn usage() {
    let vault = Vault::new();
    for (arguments, word) in [
        (&["fly"][..], "fly"),
        (&[], "Usage"),
        (&["ingest"], "PATH"),
        (&["ask"], "QUESTION"),
        (&["search", "x", "--mode", "psychic"], "hybrid"),
        (&["search", "x", "--limit", "0"], "1..=1000"),
        (&["ingest", "x", "--jobs", "0"], "1..=64"),
        (&["export", "x"], "--format"),
        (&["check"], "--batch"),
    ] {
        vault.run(arguments).refused(&[word]);
    }
    assert!(!vault.dir.exists(), "a wrong command line makes nothing");
    let help = vault.run(&["--help"]).done();
    for verb in ["ingest", "search", "ask", "check", "documents", "export", "answers", "models", "doctor"] {
        assert!(help.stdout.contains(&format!("  {verb} ")), "{verb}: {}", help.stdout);
    }
    assert!(!help.stdout.contains("parse-child"), "a hidden verb is hidden");
    assert!(vault.run(&["--version"]).done().stdout.starts_with("citadel "));
    assert!(asset("samples/corpus").is_dir());
}
