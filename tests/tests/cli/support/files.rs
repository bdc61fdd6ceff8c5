//! Small files of every kind, sound and broken.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

/// A manual of three pages, labelled i, ii and 1.
pub const VALVE: &[&str] = &[
    "The Zorvex valve is made in Lisbon by Quintal and Sons since 1987.",
    "The Zorvex valve opens at a pressure of 41 bar and closes at 38 bar.",
    "Oil the spindle of the Zorvex valve every 600 hours with mineral oil.",
];

/// A PDF of one line per page; the first two pages are labelled i and ii, those after from 1.
pub fn labelled_pdf(lines: &[&str]) -> Vec<u8> {
    write_pdf(lines, "/PageLabels << /Nums [0 << /S /r >> 2 << /S /D >>] >>", "")
}

pub fn pdf(lines: &[&str]) -> Vec<u8> {
    write_pdf(lines, "", "")
}

/// A PDF whose password nobody knows.
pub fn locked_pdf() -> Vec<u8> {
    let key = "5a".repeat(32);
    let encrypt = format!(
        "/Encrypt << /Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O <{key}> /U <{key}> >> /ID [<{key}> <{key}>]"
    );
    write_pdf(&["Nobody reads this."], "", &encrypt)
}

fn write_pdf(lines: &[&str], catalog: &str, trailer: &str) -> Vec<u8> {
    let kids: String = (0..lines.len()).map(|i| format!("{} 0 R ", 4 + 2 * i)).collect();
    let mut objects = vec![
        format!("<< /Type /Catalog /Pages 2 0 R {catalog} >>"),
        format!("<< /Type /Pages /Kids [{kids}] /Count {} >>", lines.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    for (i, line) in lines.iter().enumerate() {
        let content = format!("BT /F1 11 Tf 1 0 0 1 72 700 Tm ({line}) Tj ET\n");
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {} 0 R /Resources << /Font << /F1 3 0 R >> >> >>",
            5 + 2 * i
        ));
        objects.push(format!("<< /Length {} >> stream\n{content}endstream", content.len()));
    }
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (i, object) in objects.iter().enumerate() {
        offsets.push(out.len());
        out.extend(format!("{} 0 obj\n{object}\nendobj\n", i + 1).bytes());
    }
    let (xref, size) = (out.len(), objects.len() + 1);
    out.extend(format!("xref\n0 {size}\n0000000000 65535 f \n").bytes());
    for offset in offsets {
        out.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    out.extend(
        format!("trailer << /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{xref}\n%%EOF\n").bytes(),
    );
    out
}

/// A Word document of these paragraphs, with one more part of `padding` zeros.
pub fn docx(paragraphs: &[&str], padding: usize) -> Vec<u8> {
    let body: String = paragraphs.iter().map(|p| format!("<w:p><w:r><w:t>{p}</w:t></w:r></w:p>")).collect();
    let document = format!(
        "<?xml version=\"1.0\"?><w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">\
         <w:body>{body}</w:body></w:document>"
    );
    let types = "<?xml version=\"1.0\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Override PartName=\"/word/document.xml\" \
         ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>";
    let relations = "<?xml version=\"1.0\"?><Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
         <Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
         Target=\"word/document.xml\"/></Relationships>";
    let zeros = vec![0; padding];
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let parts: [(&str, &[u8]); 4] = [
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", relations.as_bytes()),
        ("word/document.xml", document.as_bytes()),
        ("word/media/image1.png", &zeros),
    ];
    for (name, bytes) in parts {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A MediaWiki dump of pages `(title, text)`.
pub fn wiki(pages: &[(&str, &str)]) -> Vec<u8> {
    let pages: String = pages
        .iter()
        .enumerate()
        .map(|(id, (title, text))| {
            format!(
                "<page><title>{title}</title><ns>0</ns><id>{id}</id><revision><id>{id}</id>\
                 <timestamp>2026-01-01T00:00:00Z</timestamp><text xml:space=\"preserve\">{text}</text></revision></page>\n",
                id = id + 1
            )
        })
        .collect();
    format!(
        "<mediawiki xmlns=\"http://www.mediawiki.org/xml/export-0.11/\" version=\"0.11\" xml:lang=\"en\">\n\
         <siteinfo><sitename>W</sitename><dbname>w</dbname><base>https://w.example/wiki/Main_Page</base></siteinfo>\n\
         {pages}</mediawiki>\n"
    )
    .into_bytes()
}

pub fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut packed = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}
