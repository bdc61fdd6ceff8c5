use crate::ModelError;

/// A picture of a page: 8-bit gray, 0 black, row by row from the top without gaps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Picture {
    /// `None` where `pixels` are not `width` × `height` or there are none.
    pub fn new(width: usize, height: usize, pixels: Vec<u8>) -> Option<Self> {
        let whole = width.checked_mul(height).is_some_and(|n| n > 0 && n == pixels.len());
        whole.then_some(Self { width, height, pixels })
    }

    /// In pixels; at least 1.
    pub fn width(&self) -> usize {
        self.width
    }

    /// In pixels; at least 1.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The rows, from the top.
    pub fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.pixels.chunks_exact(self.width.max(1))
    }

    /// The pixel at column `x` and row `y`; beyond an edge, that at the edge.
    pub fn at(&self, x: isize, y: isize) -> u8 {
        let inside = |v: isize, size: usize| v.clamp(0, size.saturating_sub(1) as isize) as usize;
        let index = inside(y, self.height) * self.width + inside(x, self.width);
        self.pixels.get(index).copied().unwrap_or(255)
    }
}

/// What was recognised on a picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recognition {
    /// The lines that were read, in no order that means anything.
    pub lines: Vec<RecognizedLine>,
    /// Places that look like lines of text and could not be read, such as those in a script that the recognition does
    /// not know.
    pub unread: usize,
}

/// A line of text found on a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct RecognizedLine {
    /// Its letters in the order of reading; never empty, and neither the first nor the last is white space.
    pub letters: Vec<RecognizedLetter>,
    /// Which way it runs on the picture: a vector `[x, y]` of length 1, y downwards. `[1, 0]` on an upright page.
    pub direction: [f32; 2],
    /// The size of its font in pixels, about: from the top of a tall letter to the bottom of a hanging one.
    pub size: f32,
}

/// One character of a [`RecognizedLine`]. A space between words is one too.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecognizedLetter {
    /// Never a control character; any white space is a plain space.
    pub char: char,
    /// Its middle, `[x, y]` in pixels from the top left corner of the picture.
    pub middle: [f32; 2],
    /// Its extent along the line's direction, in pixels.
    pub width: f32,
    /// How sure the recognition is of it, 0 to 1.
    pub confidence: f32,
}

/// Reads text off pictures of pages. Blocking.
pub trait TextRecognizer {
    /// The text on `picture`.
    ///
    /// # Errors
    /// [`ModelError::Failed`] where the model library fails.
    fn recognize(&mut self, picture: &Picture) -> Result<Recognition, ModelError>;
}

#[cfg(test)]
mod tests {
    use super::Picture;

    #[test]
    fn a_picture_has_all_its_pixels_or_is_none() {
        let check = |width, height, pixels, there| {
            let picture = Picture::new(width, height, vec![7; pixels]);
            assert_eq!(picture.is_some(), there, "{width} × {height} of {pixels}");
        };
        check(2, 3, 6, true);
        check(2, 3, 5, false);
        check(0, 3, 0, false);
        check(usize::MAX, 2, 6, false);
    }

    #[test]
    fn beyond_an_edge_is_the_pixel_at_the_edge() {
        let picture = Picture::new(2, 2, vec![1, 2, 3, 4]).unwrap_or_default();
        let found = [(-5, 0), (9, 0), (0, 9), (1, 1)].map(|(x, y)| picture.at(x, y));
        assert_eq!(found, [1, 2, 3, 4]);
        assert_eq!(picture.rows().collect::<Vec<_>>(), [[1, 2], [3, 4]]);
    }
}
