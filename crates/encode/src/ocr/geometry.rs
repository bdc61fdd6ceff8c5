//! Rectangles at any angle around groups of points. Coordinates are in pixels, y downwards.

/// A rectangle with one side along a unit vector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Slanted {
    pub middle: [f32; 2],
    /// The direction of `length`, of length 1.
    pub along: [f32; 2],
    pub length: f32,
    /// Across it.
    pub thickness: f32,
}

impl Slanted {
    /// The direction of `thickness`: a quarter turn clockwise from `along` as the picture is seen.
    pub fn across(&self) -> [f32; 2] {
        [-self.along[1], self.along[0]]
    }

    /// Wider by `margin` on each side.
    pub fn grown(self, margin: f32) -> Self {
        Self { length: self.length + 2.0 * margin, thickness: self.thickness + 2.0 * margin, ..self }
    }

    /// The same place on a picture that is larger by these factors in x and y, which must be nearly equal.
    pub fn scaled(self, [x, y]: [f32; 2]) -> Self {
        let stretch = |[a, b]: [f32; 2]| (a * x).hypot(b * y);
        let along = [self.along[0] * x, self.along[1] * y];
        let norm = along[0].hypot(along[1]).max(f32::MIN_POSITIVE);
        Self {
            middle: [self.middle[0] * x, self.middle[1] * y],
            along: along.map(|v| v / norm),
            length: self.length * stretch(self.along),
            thickness: self.thickness * stretch(self.across()),
        }
    }

    /// Seen along its other side, so that a line that runs down is as long as it is tall: a quarter turn clockwise.
    pub fn turned(self) -> Self {
        Self { along: self.across(), length: self.thickness, thickness: self.length, ..self }
    }

    /// Seen from the other end.
    pub fn reversed(self) -> Self {
        Self { along: self.along.map(|v| -v), ..self }
    }

    /// The point `x` along and `y` across from the corner where both begin.
    pub fn point(&self, x: f32, y: f32) -> [f32; 2] {
        let (x, y) = (x - self.length / 2.0, y - self.thickness / 2.0);
        let across = self.across();
        [0, 1].map(|i| self.middle[i] + self.along[i] * x + across[i] * y)
    }
}

/// The smallest rectangle around `points`, seen along the side that is nearer to the horizontal, from left to right.
/// `None` where there is no point.
pub(crate) fn smallest_around(points: &mut Vec<[i32; 2]>) -> Option<Slanted> {
    let hull = hull(points);
    let mut best = level_around(&hull)?;
    let mut area = best.length * best.thickness;
    for (a, b) in hull.iter().zip(hull.iter().cycle().skip(1)) {
        let edge = [(b[0] - a[0]) as f32, (b[1] - a[1]) as f32];
        let norm = edge[0].hypot(edge[1]);
        if norm == 0.0 {
            continue;
        }
        let found = around(&hull, edge.map(|v| v / norm))?;
        if found.length * found.thickness < area {
            (area, best) = (found.length * found.thickness, found);
        }
    }
    if best.along[0].abs() < best.along[1].abs() {
        best = best.turned();
    }
    Some(if best.along[0] < 0.0 { best.reversed() } else { best })
}

/// The upright rectangle around `points`.
pub(crate) fn level_around(points: &[[i32; 2]]) -> Option<Slanted> {
    around(points, [1.0, 0.0])
}

/// The rectangle around `points`, each a pixel of size 1, with a side along `along`.
fn around(points: &[[i32; 2]], along: [f32; 2]) -> Option<Slanted> {
    let span = |axis: [f32; 2]| {
        let places = points.iter().map(|p| p[0] as f32 * axis[0] + p[1] as f32 * axis[1]);
        places.fold((f32::MAX, f32::MIN), |(low, high), v| (low.min(v), high.max(v)))
    };
    let across = [-along[1], along[0]];
    let ((x0, x1), (y0, y1)) = (span(along), span(across));
    if x1 < x0 {
        return None;
    }
    let (x, y) = ((x0 + x1) / 2.0, (y0 + y1) / 2.0);
    // Points are the upper left corners of pixels.
    let middle = [0, 1].map(|i| along[i] * x + across[i] * y + 0.5);
    Some(Slanted { middle, along, length: x1 - x0 + 1.0, thickness: y1 - y0 + 1.0 })
}

/// The convex hull (Andrew's monotone chain); collinear points are left out.
fn hull(points: &mut Vec<[i32; 2]>) -> Vec<[i32; 2]> {
    points.sort_unstable();
    points.dedup();
    let turns_left = |a: [i32; 2], b: [i32; 2], c: [i32; 2]| {
        let cross = |i: usize, j: usize| i64::from(b[i] - a[i]) * i64::from(c[j] - a[j]);
        cross(0, 1) - cross(1, 0) > 0
    };
    let half = |points: &mut dyn Iterator<Item = [i32; 2]>| {
        let mut chain: Vec<[i32; 2]> = Vec::new();
        for c in points {
            while let [.., a, b] = chain.as_slice()
                && !turns_left(*a, *b, c)
            {
                chain.pop();
            }
            chain.push(c);
        }
        chain.pop();
        chain
    };
    let mut hull = half(&mut points.iter().copied());
    hull.extend(half(&mut points.iter().rev().copied()));
    if hull.is_empty() { points.clone() } else { hull }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(a: f32, b: f32) -> bool {
        (a - b).abs() < 0.02
    }

    #[test]
    fn upright_and_slanted_bars_are_found() {
        // Bars of 3 × 1 steps along a slope of 3 : 4, which has whole numbers.
        let bar = |along: [i32; 2], across: [i32; 2]| {
            let at = |i: i32, j: i32| [0, 1].map(|k| 500 + i * along[k] + j * across[k]);
            vec![at(0, 0), at(3, 0), at(0, 1), at(3, 1), at(2, 1), at(1, 0)]
        };
        let check = |along, across, direction: [f32; 2], size: [f32; 2]| {
            let found = smallest_around(&mut bar(along, across)).map(|s| (s.along, s.length, s.thickness));
            let Some((found, length, thickness)) = found else { panic!("no rectangle") };
            assert!(near(found[0], direction[0]) && near(found[1], direction[1]), "{found:?}");
            assert!(near(length, size[0]) && near(thickness, size[1]), "{length} × {thickness}");
        };
        check([10, 0], [0, 10], [1.0, 0.0], [31.0, 11.0]);
        check([40, 30], [-3, 4], [0.8, 0.6], [151.0, 6.0]);
        check([40, -30], [3, 4], [0.8, -0.6], [151.0, 6.0]);
        // A tall one is seen along its short side, which is nearer to the horizontal.
        check([0, 10], [10, 0], [1.0, 0.0], [11.0, 31.0]);
        assert_eq!(smallest_around(&mut Vec::new()), None);
        assert_eq!(
            smallest_around(&mut vec![[4, 7]; 3]).map(|s| (s.middle, s.length)),
            Some(([4.5, 7.5], 1.0))
        );
    }

    #[test]
    fn views_of_one_rectangle_agree_on_its_corners() {
        let one = Slanted { middle: [10.0, 20.0], along: [1.0, 0.0], length: 8.0, thickness: 4.0 };
        assert_eq!(one.point(0.0, 0.0), [6.0, 18.0]);
        assert_eq!(one.reversed().point(0.0, 0.0), [14.0, 22.0]);
        // Running down, it begins at the upper right.
        assert_eq!(one.turned().point(0.0, 0.0), [14.0, 18.0]);
        assert_eq!(one.turned().turned(), one.reversed());
        let large = one.scaled([2.0, 2.0]);
        assert_eq!((large.middle, large.length, large.thickness), ([20.0, 40.0], 16.0, 8.0));
        assert_eq!(one.grown(1.0).point(0.0, 0.0), [5.0, 17.0]);
    }

    proptest! {
        #[test]
        fn every_point_is_inside(points in prop::collection::vec([0i32..500, 0i32..500], 1..60)) {
            let Some(found) = smallest_around(&mut points.clone()) else { panic!("no rectangle") };
            let across = found.across();
            for p in points {
                let from = [p[0] as f32 + 0.5 - found.middle[0], p[1] as f32 + 0.5 - found.middle[1]];
                let x = from[0] * found.along[0] + from[1] * found.along[1];
                let y = from[0] * across[0] + from[1] * across[1];
                prop_assert!(x.abs() <= found.length / 2.0 && y.abs() <= found.thickness / 2.0);
            }
            prop_assert!(found.along[0] >= found.along[1].abs() - 1e-4);
        }
    }
}
