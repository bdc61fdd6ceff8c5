//! Where text stands: what goes into the detection model, and from its map of probabilities to rectangles around lines
//! (the post-processing of "Real-time Scene Text Detection with Differentiable Binarization", Liao et al. 2020).

use citadel_core::Picture;

use super::geometry::{Slanted, level_around, smallest_around};

/// The longer side of what the model sees, in pixels. Smaller loses small print, larger only time.
const LONGEST_SIDE: usize = 1600;
/// The model halves its input five times.
const MULTIPLE: usize = 32;
/// A pixel as likely as this belongs to a line.
const PIXEL_THRESHOLD: f32 = 0.3;
/// The mean probability that a group of such pixels must have.
const LINE_THRESHOLD: f32 = 0.5;
/// The model draws lines thinner than they are, so that neighbours stay apart: they are grown by this times their area
/// by their circumference.
const GROWTH: f32 = 1.6;
/// Thinner groups are noise; in pixels of what the model sees.
const LEAST_THICKNESS: f32 = 3.0;
/// More lines than this on one page are not read; the largest are kept.
const MAX_LINES: usize = 1000;

/// The size at which the model is given a picture of `width` × `height`.
pub(crate) fn input_size(width: usize, height: usize) -> [usize; 2] {
    let scale = (LONGEST_SIDE as f32 / width.max(height).max(1) as f32).min(1.0);
    [width, height].map(|side| {
        let multiples = (side as f32 * scale / MULTIPLE as f32).round().max(1.0) as usize;
        multiples * MULTIPLE
    })
}

/// The picture at that size, as the model wants it: three equal channels of -1 (black) to 1.
pub(crate) fn input(picture: &Picture, [width, height]: [usize; 2]) -> Vec<f32> {
    let mut channel = Vec::with_capacity(3 * width * height);
    // The mean of the pixels that fall on each pixel, first over rows, then over columns.
    let part = |at: usize, of: usize, size: usize| {
        let (from, to) = (at * size / of, ((at + 1) * size).div_ceil(of));
        from..to.clamp(from + 1, size.max(from + 1))
    };
    let rows: Vec<&[u8]> = picture.rows().collect();
    let mut sums = vec![0u32; picture.width()];
    for y in 0..height {
        let rows = rows.get(part(y, height, picture.height())).unwrap_or_default();
        sums.fill(0);
        for row in rows {
            sums.iter_mut().zip(*row).for_each(|(sum, &pixel)| *sum += u32::from(pixel));
        }
        for x in 0..width {
            let here = sums.get(part(x, width, picture.width())).unwrap_or_default();
            let mean = here.iter().sum::<u32>() as f32 / (here.len() * rows.len()).max(1) as f32;
            channel.push(mean / 127.5 - 1.0);
        }
    }
    channel.extend_from_within(..);
    channel.extend_from_within(..width * height);
    channel
}

/// A run of likely pixels in one row of the map.
struct Run {
    row: usize,
    from: usize,
    /// Behind the last.
    to: usize,
    sum: f32,
}

/// The rectangles around the lines of a map of `width` columns, seen from left to right, in pixels of the map.
pub(crate) fn lines(map: &[f32], width: usize) -> Vec<Slanted> {
    let mut runs: Vec<Run> = Vec::new();
    let mut groups = Groups::default();
    // Runs of the row above.
    let mut above = 0..0;
    for (row, pixels) in map.chunks_exact(width.max(1)).enumerate() {
        let start = runs.len();
        let mut at = 0;
        for run in pixels.chunk_by(|a, b| is_likely(*a) == is_likely(*b)) {
            if run.first().is_some_and(|p| is_likely(*p)) {
                runs.push(Run { row, from: at, to: at + run.len(), sum: run.iter().sum() });
                groups.push();
            }
            at += run.len();
        }
        // Both rows are in order, so one pass finds all that touch, over corners too.
        let (mut upper, mut lower) = (above.start, start);
        while let (Some(a), Some(b)) = (runs.get(upper).filter(|_| upper < above.end), runs.get(lower)) {
            if a.from <= b.to && b.from <= a.to {
                groups.join(upper, lower);
            }
            if a.to < b.to { upper += 1 } else { lower += 1 }
        }
        above = start..runs.len();
    }
    let mut found: Vec<(usize, Slanted)> =
        groups.members().into_iter().filter_map(|group| line(&runs, &group)).collect();
    if found.len() > MAX_LINES {
        found.sort_by_key(|(pixels, _)| std::cmp::Reverse(*pixels));
        found.truncate(MAX_LINES);
    }
    found.into_iter().map(|(_, line)| line).collect()
}

fn is_likely(probability: f32) -> bool {
    probability > PIXEL_THRESHOLD
}

/// The rectangle around a group of runs, grown, with its number of pixels; `None` for noise.
fn line(runs: &[Run], group: &[usize]) -> Option<(usize, Slanted)> {
    let runs = || group.iter().filter_map(|&i| runs.get(i));
    let pixels: usize = runs().map(|run| run.to - run.from).sum();
    let mean = runs().map(|run| run.sum).sum::<f32>() / pixels.max(1) as f32;
    if mean < LINE_THRESHOLD {
        return None;
    }
    let mut ends: Vec<[i32; 2]> = Vec::new();
    for run in runs() {
        let [from, last, row] =
            [run.from, run.to - 1, run.row].map(|v| i32::try_from(v).unwrap_or(i32::MAX / 2));
        ends.extend([[from, row], [last, row]]);
    }
    let mut found = smallest_around(&mut ends)?;
    let (long, thin) = (found.length.max(found.thickness), found.length.min(found.thickness));
    if long < 2.0 * thin {
        // A word of one or two letters is nearly square, and its angle means nothing.
        found = level_around(&ends)?;
    }
    let thin = found.length.min(found.thickness);
    let margin = found.length * found.thickness * GROWTH / (2.0 * (found.length + found.thickness));
    (thin >= LEAST_THICKNESS).then(|| (pixels, found.grown(margin)))
}

/// Which items belong together (union-find with path halving).
#[derive(Default)]
struct Groups(Vec<usize>);

impl Groups {
    /// One more item, alone.
    fn push(&mut self) {
        self.0.push(self.0.len());
    }

    fn root(&mut self, mut item: usize) -> usize {
        while let Some(&parent) = self.0.get(item).filter(|&&parent| parent != item) {
            let above = self.0.get(parent).copied().unwrap_or(parent);
            if let Some(slot) = self.0.get_mut(item) {
                *slot = above;
            }
            item = above;
        }
        item
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if let Some(slot) = self.0.get_mut(a.max(b)) {
            *slot = a.min(b);
        }
    }

    /// The items of each group, in order of their first.
    fn members(mut self) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut group_of: Vec<usize> = Vec::with_capacity(self.0.len());
        for item in 0..self.0.len() {
            // The root of a group is its first item.
            let root = self.root(item);
            let group = group_of.get(root).copied().unwrap_or(groups.len());
            group_of.push(group);
            match groups.get_mut(group) {
                Some(members) => members.push(item),
                None => groups.push(vec![item]),
            }
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    /// A map drawn with one letter for each pixel: `#` is sure, `+` likely, the rest is nothing.
    fn map(rows: &[&str]) -> (Vec<f32>, usize) {
        let probability = |c: char| match c {
            '#' => 0.9,
            '+' => 0.35,
            _ => 0.1,
        };
        (rows.iter().flat_map(|row| row.chars().map(probability)).collect(), rows[0].len())
    }

    /// The rectangles before they are grown: `[left, top, length, thickness]`.
    fn check(rows: &[&str], expected: &[[f32; 4]]) {
        let (map, width) = map(rows);
        let shrunk = |line: Slanted| {
            // Grown by m on each side from a × b, with m = 1.6 a b / (2 (a + b)): found again by bisection.
            let (mut low, mut high) = (0.0, line.thickness.min(line.length) / 2.0);
            for _ in 0..50 {
                let m = (low + high) / 2.0;
                let (a, b) = (line.length - 2.0 * m, line.thickness - 2.0 * m);
                if m < GROWTH * a * b / (2.0 * (a + b)) { low = m } else { high = m }
            }
            let bare = line.grown(-low);
            let [left, top] = bare.point(0.0, 0.0);
            [left, top, bare.length, bare.thickness].map(|v| (v * 10.0).round() / 10.0)
        };
        let found: Vec<[f32; 4]> = lines(&map, width).into_iter().map(shrunk).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn groups_of_likely_pixels_become_lines() {
        check(
            &["..........", ".########.", ".#####+##.", ".########.", ".........."],
            &[[1.0, 1.0, 8.0, 3.0]],
        );
        // Two that touch nowhere, one of them not sure enough.
        check(
            &[
                "####...+++",
                "####...+++",
                "####...+++",
                "..........",
                "######....",
                "######....",
                "######....",
            ],
            &[[0.0, 0.0, 4.0, 3.0], [0.0, 4.0, 6.0, 3.0]],
        );
        // Joined below, and over a corner.
        check(&["###...###", "###...###", "####.####", "...###..."], &[[0.0, 0.0, 9.0, 4.0]]);
        // Too thin, or nothing at all.
        check(&["..........", "##########", "##########"], &[]);
        check(&["......"], &[]);
    }

    #[test]
    fn an_empty_map_has_no_lines() {
        assert!(lines(&[], 0).is_empty());
        assert!(lines(&[1.0; 3], 0).is_empty());
    }

    #[test]
    fn the_model_sees_multiples_of_32_and_the_mean_of_what_falls_on_a_pixel() {
        assert_eq!(input_size(1654, 2339), [1120, 1600]);
        assert_eq!(input_size(40, 3), [32, 32]);
        assert_eq!(input_size(100, 100_000), [32, 1600]);
        let picture = Picture::new(4, 2, vec![0, 255, 0, 0, 255, 0, 255, 255]).unwrap();
        let found = input(&picture, [2, 1]);
        assert_eq!(found, [0.0; 6]);
        let found = input(&picture, [8, 4]);
        assert_eq!(found.len(), 96);
        assert_eq!(found[..4], [-1.0, -1.0, 1.0, 1.0]);
    }

    proptest! {
        #[test]
        fn any_map_gives_rectangles_with_a_size(map in prop::collection::vec(0f32..1.0, 0..900), width in 0usize..40) {
            for line in lines(&map, width) {
                prop_assert!(line.length >= LEAST_THICKNESS && line.thickness >= LEAST_THICKNESS);
                prop_assert!(line.middle[0] >= 0.0 && line.middle[0] <= width as f32);
            }
        }

        #[test]
        fn any_picture_fills_its_input(width in 1usize..200, height in 1usize..200) {
            let picture = Picture::new(width, height, vec![255; width * height]).unwrap();
            let size = input_size(width, height);
            let found = input(&picture, size);
            prop_assert_eq!(found.len(), 3 * size[0] * size[1]);
            prop_assert!(found.iter().all(|&v| v == 1.0));
        }
    }
}
