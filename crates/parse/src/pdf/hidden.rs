//! Whether a viewer shows text: drawn invisibly, in the colour of its ground, or under something else.
//!
//! In doubt text counts as shown: on pictures and shadings, within form objects, under anything that is not a plain
//! rectangle.

use std::cell::OnceCell;
use std::collections::HashMap;

use pdfium_render::prelude::{
    PdfColor, PdfPage, PdfPageObject, PdfPageObjectCommon, PdfPageObjectsCommon, PdfPagePathObject,
    PdfPageTextChar, PdfPageTextRenderMode, PdfPathFillMode, PdfPathSegmentType, PdfPathSegments,
    PdfQuadPoints,
};

use super::words::union;

/// A page with more objects than this is a drawing, and what is painted on it is not looked at.
const MAX_OBJECTS: usize = 20_000;
/// Colours that differ by no more than this in any of red, green and blue (0 to 255) cannot be told apart.
const SAME_COLOR: u8 = 12;
/// Less than this is as good as transparent, 0 to 255.
const LEAST_ALPHA: u8 = 13;
/// What is thinner than this, in points, is a line and no ground.
const LEAST_GROUND: f32 = 3.0;
/// So many objects of a form are looked at for a picture.
const MAX_INSIDE: usize = 100;

type Rgb = [u8; 3];

/// What is painted on a page beside its text.
pub(super) struct Painted<'a> {
    page: &'a PdfPage<'a>,
    /// In the order of painting.
    grounds: Vec<Ground>,
    /// When the page's own text objects are painted, by their corners, to the bit.
    texts: OnceCell<HashMap<[u32; 4], usize>>,
}

struct Ground {
    /// `[left, bottom, right, top]` in the page's own coordinates.
    rect: [f32; 4],
    paint: Paint,
    /// When it is painted.
    order: usize,
}

#[derive(Clone, Copy)]
enum Paint {
    /// A plain, opaque rectangle.
    Plain(Rgb),
    /// A drawing or a picture, which may show text itself.
    Picture,
    Unknown,
}

impl<'a> Painted<'a> {
    /// `visible` is `[left, bottom, right, top]` of the page's visible part, in its own coordinates.
    pub fn new(page: &'a PdfPage<'a>, visible: [f32; 4]) -> Self {
        let mut painted = Self { page, grounds: Vec::new(), texts: OnceCell::new() };
        let count = page.objects().len();
        if count > MAX_OBJECTS {
            return painted;
        }
        for order in 0..count {
            let Ok(object) = page.objects().get(order) else { continue };
            let Some(paint) = paint(&object) else { continue };
            let Some(rect) = object.bounds().ok().map(|b| corners(&b)) else { continue };
            let rect = intersection(clipped(&object, rect), visible);
            if rect[2] - rect[0] >= LEAST_GROUND && rect[3] - rect[1] >= LEAST_GROUND {
                painted.grounds.push(Ground { rect, paint, order });
            }
        }
        painted
    }

    /// Whether no viewer shows a character. `rect` is `[left, bottom, right, top]` in the page's own coordinates.
    pub fn hides(&self, char: &PdfPageTextChar<'_>, rect: [f32; 4]) -> bool {
        use PdfPageTextRenderMode as Mode;
        let (x, y) = ((rect[0] + rect[2]) / 2.0, (rect[1] + rect[3]) / 2.0);
        let here = |g: &&Ground| (g.rect[0]..=g.rect[2]).contains(&x) && (g.rect[1]..=g.rect[3]).contains(&y);
        let top = self.grounds.iter().rev().find(here);
        // The text layer of a scan is drawn invisibly over or under the picture of the text.
        let on_picture = matches!(top, Some(Ground { paint: Paint::Picture, .. }));
        let color = match char.render_mode() {
            Ok(Mode::Invisible | Mode::InvisibleClipping) => return !on_picture,
            Ok(Mode::FilledUnstroked | Mode::FilledUnstrokedClipping) => char.fill_color(),
            Ok(Mode::StrokedUnfilled | Mode::StrokedUnfilledClipping) => char.stroke_color(),
            _ => return false,
        };
        let Ok(color) = color else { return false };
        if color.alpha() < LEAST_ALPHA {
            return !on_picture;
        }
        match top {
            None => is_same(rgb(&color), [255; 3]),
            Some(Ground { paint: Paint::Plain(ground), order, .. }) => match self.order(char) {
                // Painted over. Text in the colour of what covers it would not show either way.
                Some(text) if *order > text => true,
                Some(_) => is_same(rgb(&color), *ground),
                None => false,
            },
            Some(_) => false,
        }
    }

    /// When the text object of a character is painted; `None` where it lies in another object.
    fn order(&self, char: &PdfPageTextChar<'_>) -> Option<usize> {
        let texts = self.texts.get_or_init(|| {
            let objects = self.page.objects();
            let text = |order: usize| match objects.get(order).ok()? {
                PdfPageObject::Text(text) => Some((key(&text.bounds().ok()?), order)),
                _ => None,
            };
            // The same text painted twice shows if the last one does.
            (0..objects.len()).filter_map(text).collect()
        });
        texts.get(&key(&char.text_object().ok()?.bounds().ok()?)).copied()
    }
}

/// What an object paints, if it can be a ground.
fn paint(object: &PdfPageObject<'_>) -> Option<Paint> {
    match object {
        PdfPageObject::Path(path) => {
            let is_filled = path.fill_mode().is_ok_and(|fill| fill != PdfPathFillMode::None);
            let is_broad = || {
                path.is_stroked().unwrap_or(false)
                    && path.stroke_width().is_ok_and(|width| width.value >= LEAST_GROUND)
            };
            match plain_color(path).filter(|_| is_filled) {
                Some(color) => Some(Paint::Plain(color)),
                None => (is_filled || is_broad()).then_some(Paint::Picture),
            }
        }
        PdfPageObject::Image(_) => Some(Paint::Picture),
        PdfPageObject::XObjectForm(form) => {
            let mut inside = (0..form.len().min(MAX_INSIDE)).filter_map(|at| form.get(at).ok());
            let has_picture = inside.any(|object| matches!(object, PdfPageObject::Image(_)));
            Some(if has_picture { Paint::Picture } else { Paint::Unknown })
        }
        PdfPageObject::Shading(_) => Some(Paint::Unknown),
        _ => None,
    }
}

/// The colour of an opaque rectangle.
fn plain_color(path: &PdfPagePathObject<'_>) -> Option<Rgb> {
    let color = path.fill_color().ok().filter(|color| color.alpha() == 255)?;
    if path.has_transparency() {
        return None;
    }
    let segments = path.segments();
    // Four corners, the way back to the first, and a mark that closes it.
    if !(4..=6).contains(&segments.len()) {
        return None;
    }
    let mut corners: Vec<(f32, f32)> = Vec::new();
    for at in 0..segments.len() {
        let segment = segments.get(at).ok()?;
        if segment.segment_type() == PdfPathSegmentType::BezierTo {
            return None;
        }
        let (x, y) = (segment.point().0.value, segment.point().1.value);
        if !corners.iter().any(|(a, b)| (a - x).abs() + (b - y).abs() < 0.01) {
            corners.push((x, y));
        }
    }
    let distinct = |value: fn(&(f32, f32)) -> f32| {
        let mut all: Vec<f32> = corners.iter().map(value).collect();
        all.sort_by(f32::total_cmp);
        all.dedup_by(|b, a| *b - *a < 0.01);
        all.len()
    };
    (corners.len() == 4 && distinct(|c| c.0) == 2 && distinct(|c| c.1) == 2).then(|| rgb(&color))
}

/// What a clipping path leaves of an object's rectangle, at most.
fn clipped(object: &PdfPageObject<'_>, rect: [f32; 4]) -> [f32; 4] {
    let Some(clip) = object.get_clip_path() else { return rect };
    let mut left = rect;
    for path in (0..clip.len()).filter_map(|at| clip.get(at).ok()) {
        let points = (0..path.len()).filter_map(|at| path.get(at).ok()).map(|segment| segment.point());
        let around = points.map(|(x, y)| [x.value, y.value, x.value, y.value]).reduce(union);
        left = around.map_or(left, |around| intersection(left, around));
    }
    left
}

fn intersection(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
    [a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])]
}

fn corners(points: &PdfQuadPoints) -> [f32; 4] {
    [points.left().value, points.bottom().value, points.right().value, points.top().value]
}

fn key(points: &PdfQuadPoints) -> [u32; 4] {
    corners(points).map(f32::to_bits)
}

fn rgb(color: &PdfColor) -> Rgb {
    [color.red(), color.green(), color.blue()]
}

fn is_same(a: Rgb, b: Rgb) -> bool {
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= SAME_COLOR)
}
