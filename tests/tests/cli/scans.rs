//! Pages that are pictures: read by text recognition where the model pack has it.

use libtest_mimic::Trial;

use crate::support::{Vault, models, trial};

/// A bitmap of 640 × 150, one bit for each pixel, 1 black.
const PAGE: &[u8] = include_bytes!("../../../crates/encode/tests/golden/page.pbm");

pub fn trials() -> Vec<Trial> {
    vec![trial("scans::a_scan_is_found_by_its_words", a_scan_is_found_by_its_words)]
}

/// A PDF of one page, which is that bitmap and nothing else.
pub fn scan() -> Vec<u8> {
    let bits = PAGE.strip_prefix(b"P4\n640 150\n").unwrap();
    let content = "320 0 0 75 100 600 cm /Im Do";
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    let stream = |entries: &str, bytes: &[u8]| {
        let head = format!("<< {entries} /Length {} >> stream\n", bytes.len());
        [head.as_bytes(), bytes, b"\nendstream"].concat()
    };
    let image = "/Type /XObject /Subtype /Image /Width 640 /Height 150 /BitsPerComponent 1 /ColorSpace /DeviceGray /Decode [1 0]";
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /XObject << /Im 5 0 R >> >> >>";
    for object in [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        page.as_bytes().to_vec(),
        stream("", content.as_bytes()),
        stream(image, bits),
    ] {
        offsets.push(out.len());
        out.extend(format!("{} 0 obj\n", offsets.len()).bytes());
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let xref = out.len();
    out.extend(b"xref\n0 6\n0000000000 65535 f \n");
    offsets.iter().for_each(|offset| out.extend(format!("{offset:010} 00000 n \n").bytes()));
    out.extend(format!("trailer << /Size 6 /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n").bytes());
    out
}

fn a_scan_is_found_by_its_words() {
    let manifest = std::fs::read_to_string(models().join("manifest.json")).unwrap();
    if !manifest.contains("\"ocr_reader\"") {
        println!("skipped: no text recognition in the model pack; `cargo xtask setup` prepares it");
        return;
    }
    let (vault, _) = Vault::with(&[("scan.pdf", &scan())]);
    let text = vault.text(&vault.id_of("scan.pdf"));
    assert!(text.contains("Employees earn 2.5 days of leave each month."), "{text}");
    let found = vault.run(&["search", "days of leave each month"]).done();
    assert!(found.stdout.contains("earn 2.5 days"), "{}", found.stdout);
}
