//! How an ingest grows with the number of documents, and what it takes for a file of hundreds of megabytes.

use std::fs::{File, create_dir_all, write};
use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::Value;

use crate::child::Ended;
use crate::figures::show;
use crate::{Places, Result, machine};

/// Words that made-up documents are written of; what they say does not matter, only that no two are the same.
const WORDS: [&str; 24] = [
    "harbour", "master", "berth", "vessel", "crane", "quay", "tariff", "invoice", "pilot", "tide", "mooring",
    "cargo", "ledger", "clause", "notice", "lease", "storage", "permit", "survey", "fender", "anchor",
    "draft", "manifest", "customs",
];
const WORDS_PER_DOCUMENT: usize = 150;

/// Numbers of files whose ingests are compared.
const SIZES: [usize; 3] = [100, 1_000, 10_000];

/// A sequence of made-up words, the same for the same number.
struct Words(u64);

impl Iterator for Words {
    type Item = &'static str;

    /// A linear congruential generator (Knuth, MMIX): any will do.
    fn next(&mut self) -> Option<&'static str> {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        WORDS.get((self.0 >> 33) as usize % WORDS.len()).copied()
    }
}

fn prose(seed: u64, words: usize) -> String {
    Words(seed).take(words).collect::<Vec<_>>().join(" ")
}

/// Ingests folders of made-up Markdown files, each twice.
pub(crate) fn documents(places: &Places) -> Result<()> {
    println!("### Growth: folders of Markdown files of {WORDS_PER_DOCUMENT} made-up words\n");
    println!(
        "| files | first ingest, s | files/s | tokens/s | again, nothing changed, s | files/s | peak memory, MiB | n |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for size in SIZES {
        eprintln!("growth: {size} files, load averages {}", machine::load());
        let folder = places.scratch.path().join(format!("growth-{size}"));
        for number in 0..size {
            // A folder of ten thousand entries is slow for its own reasons.
            let below = folder.join(format!("{}", number / 500));
            create_dir_all(&below)?;
            let text = prose(number as u64 * 7_919 + 1, WORDS_PER_DOCUMENT);
            write(below.join(format!("{number}.md")), format!("# Entry {number}\n\n{text}.\n"))?;
        }
        let vault = places.fresh_vault()?;
        let ingest = || places.citadel(&vault, &["ingest", "--json", &folder.to_string_lossy()]);
        let (first, again) = (ingest()?, ingest()?);
        let report = report(&first)?;
        let tokens = report["tokens"].as_f64().unwrap_or(0.0);
        println!(
            "| {size} | {:.1} | {:.1} | {:.0} | {:.1} | {:.0} | {} | 1 |",
            first.seconds,
            size as f64 / first.seconds,
            tokens / first.seconds,
            again.seconds,
            size as f64 / again.seconds,
            show(first.peak_mib, 0),
        );
        std::fs::remove_dir_all(&folder)?;
    }
    println!();
    Ok(())
}

/// Ingests one file after the other that is larger than the memory it may take.
pub(crate) fn large(places: &Places) -> Result<()> {
    println!("### Large files\n");
    println!(
        "| file | MiB | ended | pages | documents | s | peak memory, citadel, MiB | its parser, MiB | n |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    type Make = fn(&Path) -> Result<()>;
    let kinds: [(&str, &str, Make); 5] = [
        ("PDF of 400 pages with pictures", "pictures.pdf", picture_pdf),
        ("PDF of 20,000 pages of text", "pages.pdf", page_pdf),
        ("wiki dump of old revisions and talk", "dump.xml", dump),
        ("plain text", "text.txt", plain),
        ("table of values", "table.csv", table),
    ];
    for (name, file, make) in kinds {
        let path = places.scratch.path().join(file);
        eprintln!("large: {name}, load averages {}", machine::load());
        make(&path)?;
        let size = std::fs::metadata(&path)?.len() >> 20;
        let vault = places.fresh_vault()?;
        let ended = places.citadel(&vault, &["ingest", "--json", &path.to_string_lossy()])?;
        let report = report(&ended)?;
        let how = report["failed"][0]["code"].as_str().unwrap_or("read");
        println!(
            "| {name} | {size} | {how} | {} | {} | {:.1} | {} | {} | 1 |",
            report["pages"],
            report["added"],
            ended.seconds,
            show(ended.peak_mib, 0),
            show(ended.child_peak_mib, 0),
        );
        std::fs::remove_file(&path)?;
        std::fs::remove_dir_all(&vault)?;
    }
    println!();
    Ok(())
}

fn report(ended: &Ended) -> Result<Value> {
    let last = ended.lines.last().ok_or("an ingest printed nothing")?;
    Ok(serde_json::from_str(&last.1)?)
}

/// 800 MB: each page a line of text and a picture of 2 MB that does not compress.
fn picture_pdf(path: &Path) -> Result<()> {
    let mut pdf = Pdf::create(path, 400)?;
    let mut noise = Words(3);
    for page in 0..400 {
        // Eight bits a pixel, grey.
        let mut bytes = Vec::with_capacity(2 << 20);
        while bytes.len() < 2 << 20 {
            noise.next();
            bytes.extend_from_slice(&noise.0.to_le_bytes());
        }
        let text = format!("BT /F1 11 Tf 72 720 Td ({} {}) Tj ET ", page, prose(page, 12));
        let picture = "q 468 0 0 600 72 72 cm /P Do Q";
        pdf.page(&format!("{text}{picture}"), Some(&bytes))?;
    }
    pdf.finish()
}

/// 20,000 pages of 3 lines.
fn page_pdf(path: &Path) -> Result<()> {
    let mut pdf = Pdf::create(path, 20_000)?;
    for page in 0..20_000u64 {
        let lines: String =
            (0..3).map(|line| format!("({}) Tj 0 -14 Td ", prose(page * 31 + line, 9))).collect();
        pdf.page(&format!("BT /F1 11 Tf 72 720 Td {lines}ET"), None)?;
    }
    pdf.finish()
}

/// Writes pages one by one, and the table of where they stand at the end.
struct Pdf {
    out: BufWriter<File>,
    at: u64,
    places: Vec<u64>,
    pages: u64,
}

impl Pdf {
    fn create(path: &Path, pages: u64) -> Result<Self> {
        let mut pdf = Self { out: BufWriter::new(File::create(path)?), at: 0, places: Vec::new(), pages };
        pdf.put(b"%PDF-1.4\n")?;
        let kids: String = (0..pages).map(|n| format!("{} 0 R ", 4 + 3 * n)).collect();
        pdf.object(b"<< /Type /Catalog /Pages 2 0 R >>")?;
        pdf.object(format!("<< /Type /Pages /Kids [{kids}] /Count {pages} >>").as_bytes())?;
        pdf.object(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")?;
        Ok(pdf)
    }

    fn page(&mut self, content: &str, picture: Option<&[u8]>) -> Result<()> {
        let number = self.places.len() + 1;
        let (text, image) = (number + 1, number + 2);
        self.object(
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {text} 0 R \
                 /Resources << /Font << /F1 3 0 R >> /XObject << /P {image} 0 R >> >> >>"
            )
            .as_bytes(),
        )?;
        self.object(format!("<< /Length {} >> stream\n{content}\nendstream", content.len()).as_bytes())?;
        let bytes = picture.unwrap_or(b"\0\0");
        let mut object = format!(
            "<< /Type /XObject /Subtype /Image /Width {} /Height 2 /BitsPerComponent 8 /ColorSpace /DeviceGray \
             /Length {} >> stream\n",
            bytes.len() / 2,
            bytes.len()
        )
        .into_bytes();
        object.extend_from_slice(bytes);
        object.extend_from_slice(b"\nendstream");
        self.object(&object)
    }

    fn object(&mut self, body: &[u8]) -> Result<()> {
        self.places.push(self.at);
        let head = format!("{} 0 obj\n", self.places.len());
        self.put(head.as_bytes())?;
        self.put(body)?;
        self.put(b"\nendobj\n")
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.at += bytes.len() as u64;
        Ok(self.out.write_all(bytes)?)
    }

    fn finish(mut self) -> Result<()> {
        debug_assert_eq!(self.places.len() as u64, 3 + 3 * self.pages);
        let (start, size) = (self.at, self.places.len() + 1);
        let mut table = format!("xref\n0 {size}\n0000000000 65535 f \n");
        for place in &self.places {
            table += &format!("{place:010} 00000 n \n");
        }
        table += &format!("trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
        self.put(table.as_bytes())?;
        Ok(self.out.flush()?)
    }
}

/// 5 GB: 200 pages of content among talk pages and redirects, each page with old revisions.
fn dump(path: &Path) -> Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    out.write_all(b"<mediawiki xml:lang=\"en\"><siteinfo><sitename>Harbour</sitename></siteinfo>\n")?;
    let text = prose(5, 3_000);
    for number in 0..60_000u64 {
        let (namespace, title) = match number % 300 {
            0 => (0, format!("Page {number}")),
            _ => (1, format!("Talk:Page {number}")),
        };
        write!(out, "<page><title>{title}</title><ns>{namespace}</ns><id>{number}</id>")?;
        for revision in 0..4 {
            write!(
                out,
                "<revision><id>{}</id><timestamp>2024-01-0{}T00:00:00Z</timestamp><model>wikitext</model>\
                 <text>Entry {number}. {text}</text></revision>",
                number * 4 + revision,
                revision + 1
            )?;
        }
        out.write_all(b"</page>\n")?;
    }
    out.write_all(b"</mediawiki>\n")?;
    Ok(out.flush()?)
}

/// 600 MB: over the limit for what is read whole, and must be refused with the reason.
fn plain(path: &Path) -> Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let text = prose(7, 120);
    for number in 0..600_000u64 {
        writeln!(out, "Paragraph {number}. {text}.\n")?;
    }
    Ok(out.flush()?)
}

/// 20,000 short rows.
fn table(path: &Path) -> Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    writeln!(out, "Berth,Vessel,Fee,Note")?;
    for number in 0..20_000u64 {
        writeln!(out, "{number},{},{},{}", prose(number, 2), number % 97, prose(number + 1, 3))?;
    }
    Ok(out.flush()?)
}
