//! One line of text as the reading model wants it: level, 48 pixels tall.

use citadel_core::Picture;

use super::geometry::Slanted;

/// The height of a strip in pixels.
pub(crate) const HEIGHT: usize = 48;
/// Strips narrower than this are filled up: the model learned from wide ones.
const LEAST_WIDTH: usize = 160;
/// Wider ones are squeezed.
const MOST_WIDTH: usize = 3200;
/// The model gives one step for this many columns.
const STEP: usize = 8;
/// At most this many pixels in a row are averaged where a line is larger than its strip.
const MOST_TAPS: usize = 6;

/// A line of text, cut out and made level.
pub(crate) struct Strip {
    /// Columns with something of the line; `width - used` follow that are empty.
    pub used: usize,
    /// A multiple of the model's step.
    pub width: usize,
    /// Rows of `width` gray values, 0 black to 255; of the `used` columns only.
    pixels: Vec<f32>,
}

impl Strip {
    /// What of `picture` lies in `place`, its length along the strip.
    pub fn cut(picture: &Picture, place: &Slanted) -> Self {
        let (length, thickness) = (place.length.max(1.0), place.thickness.max(1.0));
        let used = (length / thickness * HEIGHT as f32).ceil().clamp(1.0, MOST_WIDTH as f32) as usize;
        let width = used.max(LEAST_WIDTH).next_multiple_of(STEP);
        let scale = [length / used as f32, thickness / HEIGHT as f32];
        let taps = scale.map(|s| (s.ceil() as usize).clamp(1, MOST_TAPS));
        let across = place.across();
        let corner = place.point(0.0, 0.0);
        let mut pixels = Vec::with_capacity(used * HEIGHT);
        for row in 0..HEIGHT {
            for column in 0..used {
                let mut sum = 0.0;
                for (j, i) in (0..taps[1]).flat_map(|j| (0..taps[0]).map(move |i| (j, i))) {
                    let part = |at: usize, tap: usize, axis: usize| {
                        (at as f32 + (tap as f32 + 0.5) / taps[axis] as f32) * scale[axis]
                    };
                    let (x, y) = (part(column, i, 0), part(row, j, 1));
                    let at = |k: usize| corner[k] + place.along[k] * x + across[k] * y;
                    sum += between(picture, at(0), at(1));
                }
                pixels.push(sum / (taps[0] * taps[1]) as f32);
            }
        }
        Self { used, width, pixels }
    }

    /// Three equal channels of -1 (black) to 1, filled up with the gray between.
    pub fn input(&self) -> Vec<f32> {
        let mut channel = Vec::with_capacity(3 * self.width * HEIGHT);
        for row in self.pixels.chunks_exact(self.used) {
            channel.extend(row.iter().map(|pixel| pixel / 127.5 - 1.0));
            channel.resize(channel.len() + self.width - self.used, 0.0);
        }
        channel.extend_from_within(..);
        channel.extend_from_within(..self.width * HEIGHT);
        channel
    }

    /// Of each of the `used` columns, whether it has ink in the middle of the line's height.
    pub fn ink(&self) -> Vec<bool> {
        let mut sorted = self.pixels.clone();
        sorted.sort_unstable_by(f32::total_cmp);
        let rank = |percent: usize| sorted.get(sorted.len() * percent / 100).copied().unwrap_or(0.0);
        // There is more paper than ink, whichever of them is dark.
        let (paper, contrast) = (rank(50), rank(98) - rank(2));
        let mut ink = vec![false; self.used];
        for row in self.pixels.chunks_exact(self.used).skip(HEIGHT / 8).take(HEIGHT * 3 / 4) {
            for (ink, pixel) in ink.iter_mut().zip(row) {
                *ink |= (pixel - paper).abs() > 0.35 * contrast;
            }
        }
        ink
    }
}

/// The gray value at a point between the middles of four pixels.
fn between(picture: &Picture, x: f32, y: f32) -> f32 {
    let (x, y) = (x - 0.5, y - 0.5);
    let (left, top) = (x.floor(), y.floor());
    let (right, low) = (x - left, y - top);
    let (column, row) = (left as isize, top as isize);
    let at = |dx: isize, dy: isize| f32::from(picture.at(column.saturating_add(dx), row.saturating_add(dy)));
    let upper = at(0, 0) * (1.0 - right) + at(1, 0) * right;
    let lower = at(0, 1) * (1.0 - right) + at(1, 1) * right;
    upper * (1.0 - low) + lower * low
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    /// 200 × 100, white, with a black left half below row 50.
    fn picture() -> Picture {
        let pixel = |i: usize| if i / 200 >= 50 && i % 200 < 100 { 0 } else { 255 };
        Picture::new(200, 100, (0..200 * 100).map(pixel).collect()).unwrap()
    }

    fn check(place: Slanted, used: usize, dark: [bool; 2], ink: &[(usize, bool)]) {
        let strip = Strip::cut(&picture(), &place);
        assert_eq!((strip.used, strip.width % STEP), (used, 0));
        let input = strip.input();
        assert_eq!(input.len(), 3 * strip.width * HEIGHT);
        let lower = (HEIGHT - 2) * strip.width;
        assert_eq!([lower + 1, lower + used - 2].map(|i| input[i] < 0.0), dark, "lower corners");
        let found = strip.ink();
        for (column, expected) in ink {
            assert_eq!(found[*column], *expected, "ink in column {column}");
        }
    }

    #[test]
    fn a_strip_shows_its_place_whichever_way_it_runs() {
        let place = Slanted { middle: [110.0, 75.0], along: [1.0, 0.0], length: 180.0, thickness: 50.0 };
        check(place, 173, [true, false], &[(10, true), (70, true), (100, false), (170, false)]);
        check(place.reversed(), 173, [false, true], &[(10, false), (160, true)]);
        let down =
            Slanted { middle: [90.0, 50.0], along: [1.0, 0.0], length: 40.0, thickness: 90.0 }.turned();
        check(down, 108, [false, true], &[]);
        // Far outside is as at the edge.
        let outside = Slanted { middle: [-900.0, 900.0], along: [1.0, 0.0], length: 10.0, thickness: 10.0 };
        check(outside, 48, [true, true], &[(20, false)]);
    }

    #[test]
    fn the_longest_line_has_an_end() {
        let place = Slanted { middle: [0.0, 0.0], along: [1.0, 0.0], length: 1e9, thickness: 1.0 };
        assert_eq!(Strip::cut(&picture(), &place).width, MOST_WIDTH);
    }
}
