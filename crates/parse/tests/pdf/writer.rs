//! A tiny PDF writer.

/// A page, US letter unless `media` says otherwise.
#[derive(Clone, Default)]
pub struct Page {
    pub content: String,
    /// What else its dictionary holds, such as `/Rotate 90`.
    pub more: &'static str,
    /// What lies on it: dictionaries, or references to some.
    pub annotations: Vec<String>,
}

impl Page {
    /// Adds text with its baseline starting at `x`, `y` points from the lower left corner. Font `F1` is Helvetica,
    /// `F2` the same in bold, `F3` a composite font of small letters, 500 units wide.
    pub fn text(mut self, font: &str, size: f32, x: f32, y: f32, text: &str) -> Self {
        let escaped = text.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
        self.content += &format!("BT /{font} {size} Tf 1 0 0 1 {x} {y} Tm ({escaped}) Tj ET\n");
        self
    }

    /// Lines of body text, 14 points apart.
    pub fn lines(self, x: f32, y: f32, lines: &[&str]) -> Self {
        lines
            .iter()
            .enumerate()
            .fold(self, |page, (i, line)| page.text("F1", 11.0, x, y - 14.0 * i as f32, line))
    }

    /// Adds an annotation with these entries.
    pub fn annotation(mut self, entries: &str) -> Self {
        self.annotations.push(format!("<< /Type /Annot {entries} >>"));
        self
    }

    pub fn raw(mut self, operators: &str) -> Self {
        self.content += operators;
        self
    }
}

/// The catalog's own entries may refer to page `n` (from 0) as object `{}`, see [`page_object`].
pub fn pdf(pages: &[Page], catalog: &str, more_objects: &[String]) -> Vec<u8> {
    let to_unicode = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def /CMapType 2 def\n\
        1 begincodespacerange <0000> <FFFF> endcodespacerange\n1 beginbfrange <0001> <001A> <0061> endbfrange\n\
        endcmap CMapName currentdict /CMap defineresource pop end end";
    let kids: String = (0..pages.len()).map(|i| format!("{} 0 R ", page_object(i))).collect();
    let mut objects = vec![
        format!("<< /Type /Catalog /Pages 2 0 R {catalog} >>"),
        format!("<< /Type /Pages /Kids [{kids}] /Count {} >>", pages.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".into(),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>".into(),
        "<< /Type /Font /Subtype /Type0 /BaseFont /Small /Encoding /Identity-H /DescendantFonts [6 0 R] /ToUnicode 8 0 R >>".into(),
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Small /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) \
         /Supplement 0 >> /FontDescriptor 7 0 R /DW 1000 /W [1 26 500] >>"
            .into(),
        "<< /Type /FontDescriptor /FontName /Small /Flags 4 /FontBBox [0 -250 1000 750] /ItalicAngle 0 /Ascent 750 \
         /Descent -250 /CapHeight 700 /StemV 80 >>"
            .into(),
        format!("<< /Length {} >> stream\n{to_unicode}\nendstream", to_unicode.len()),
    ];
    for (i, page) in pages.iter().enumerate() {
        let media = if page.more.contains("/MediaBox") { "" } else { "/MediaBox [0 0 612 792]" };
        let resources = match page.more.contains("/Resources") {
            true => "",
            false => "/Resources << /Font << /F1 3 0 R /F2 4 0 R /F3 5 0 R >> >>",
        };
        let content = match page.more.contains("/Contents") {
            true => String::new(),
            false => format!("/Contents {} 0 R", page_object(i) + 1),
        };
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R {media} {} /Annots [{}] {content} {resources} >>",
            page.more,
            page.annotations.join(" "),
        ));
        objects.push(format!("<< /Length {} >> stream\n{}endstream", page.content.len(), page.content));
    }
    objects.extend_from_slice(more_objects);
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (i, object) in objects.iter().enumerate() {
        offsets.push(out.len());
        out.extend(format!("{} 0 obj\n{object}\nendobj\n", i + 1).bytes());
    }
    let xref = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for offset in offsets {
        out.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    out.extend(
        format!("trailer << /Size {} /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n", objects.len() + 1).bytes(),
    );
    out
}

/// The object number of page `index`, counted from 0.
pub fn page_object(index: usize) -> usize {
    9 + 2 * index
}

/// The number of the first of `more_objects`.
pub fn first_more(pages: usize) -> usize {
    page_object(pages)
}
