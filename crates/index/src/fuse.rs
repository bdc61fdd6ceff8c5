//! One ranking out of two. docs/evaluation.md says what was tried and measured.

use std::collections::BTreeMap;

use crate::Hit;

/// How the two legs are weighed. The default is the one that was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FusionWeights {
    /// Share of the vector leg, 0 to 1; the keyword leg has the rest.
    pub vector: f64,
}

impl Default for FusionWeights {
    fn default() -> Self {
        Self { vector: 0.6 }
    }
}

/// A chunk that at least one leg found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FusedHit {
    /// The chunk.
    pub chunk_id: i64,
    /// The document version it belongs to.
    pub version_id: i64,
    /// Cosine similarity, where the vector leg found it.
    pub vector: Option<f32>,
    /// BM25, where the keyword leg found it.
    pub keyword: Option<f32>,
    /// What it is ranked by, 0 to 1; comparable within one question only.
    pub fused: f64,
}

/// Fuses two rankings into one, best first; every chunk occurs once. Equal scores are ordered by chunk id. Measured with
/// the best 100 of each leg; with 20 it is weaker.
///
/// `fused = w · cosine + (1 − w) · BM25 / best BM25`, with `w` the vector leg's share. A negative cosine counts 0. A chunk that
/// only the keyword leg found gets the lowest cosine that the vector leg did find, for that is the most it can have; one that only
/// the vector leg found has no term of the question, or next to none, and gets 0 for keywords.
pub fn fuse(vectors: &[Hit], keywords: &[Hit], weights: &FusionWeights) -> Vec<FusedHit> {
    let mut fused: BTreeMap<i64, FusedHit> = BTreeMap::new();
    for (hits, leg) in [(vectors, vector_score as LegOf), (keywords, keyword_score)] {
        for hit in hits {
            let &Hit { chunk_id, version_id, score } = hit;
            let unscored = FusedHit { chunk_id, version_id, vector: None, keyword: None, fused: 0.0 };
            let leg = leg(fused.entry(chunk_id).or_insert(unscored));
            // A leg that names a chunk twice means its best score.
            *leg = Some(leg.map_or(score, |known| known.max(score)));
        }
    }
    let lowest_cosine = vectors.iter().map(|h| positive(h.score)).reduce(f64::min).unwrap_or(0.0);
    let best_bm25 = keywords.iter().map(|h| positive(h.score)).fold(0.0, f64::max);
    let share = weights.vector.clamp(0.0, 1.0);
    let mut fused: Vec<FusedHit> = fused.into_values().collect();
    for hit in &mut fused {
        let cosine = hit.vector.map_or(lowest_cosine, positive).min(1.0);
        let bm25 = if best_bm25 > 0.0 { hit.keyword.map_or(0.0, positive) / best_bm25 } else { 0.0 };
        hit.fused = share * cosine + (1.0 - share) * bm25;
    }
    fused.sort_by(|a, b| b.fused.total_cmp(&a.fused).then(a.chunk_id.cmp(&b.chunk_id)));
    fused
}

type LegOf = fn(&mut FusedHit) -> &mut Option<f32>;

fn vector_score(hit: &mut FusedHit) -> &mut Option<f32> {
    &mut hit.vector
}

fn keyword_score(hit: &mut FusedHit) -> &mut Option<f32> {
    &mut hit.keyword
}

/// The score where it is a positive number, else 0.
fn positive(score: f32) -> f64 {
    if score.is_finite() { f64::from(score.max(0.0)) } else { 0.0 }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn hits(scores: &[(i64, f32)]) -> Vec<Hit> {
        scores.iter().map(|&(chunk_id, score)| Hit { chunk_id, version_id: chunk_id / 10, score }).collect()
    }

    #[track_caller]
    fn check(vectors: &[(i64, f32)], keywords: &[(i64, f32)], expected: &[(i64, f64)]) {
        let fused = fuse(&hits(vectors), &hits(keywords), &FusionWeights { vector: 0.5 });
        let found: Vec<(i64, f64)> =
            fused.iter().map(|h| (h.chunk_id, (h.fused * 1e4).round() / 1e4)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn two_rankings_become_one() {
        check(&[], &[], &[]);
        check(&[(1, 0.8), (2, 0.4)], &[], &[(1, 0.4), (2, 0.2)]);
        check(&[], &[(1, 8.0), (2, 4.0)], &[(1, 0.5), (2, 0.25)]);
        // 3 was not among the nearest: it counts as if it were the last of them.
        check(&[(1, 0.8), (2, 0.4)], &[(3, 10.0), (1, 5.0)], &[(3, 0.7), (1, 0.65), (2, 0.2)]);
        check(&[(2, 0.5), (1, 0.5)], &[], &[(1, 0.25), (2, 0.25)]);
        check(&[(1, -0.5)], &[], &[(1, 0.0)]);
        check(&[(1, 0.2), (1, 0.6)], &[], &[(1, 0.3)]);
        check(&[(1, f32::NAN), (2, 0.2)], &[(1, 0.0)], &[(2, 0.1), (1, 0.0)]);
    }

    fn leg() -> impl Strategy<Value = Vec<Hit>> {
        // Few distinct scores, so that there are ties; few ids, so that the legs share some.
        prop::collection::vec((0i64..40, 0i8..8), 0..40)
            .prop_map(|v| v.into_iter().map(|(id, s)| (id, f32::from(s) / 7.0)).collect::<Vec<_>>())
            .prop_map(|v| hits(&v))
    }

    proptest! {
        #[test]
        fn every_hit_occurs_once_in_an_order_of_its_own(
            mut vectors in leg(), mut keywords in leg(), share in 0.0f64..=1.0
        ) {
            let weights = FusionWeights { vector: share };
            let fused = fuse(&vectors, &keywords, &weights);
            let ids: BTreeSet<i64> = vectors.iter().chain(&keywords).map(|h| h.chunk_id).collect();
            prop_assert_eq!(fused.len(), ids.len());
            prop_assert_eq!(fused.iter().map(|h| h.chunk_id).collect::<BTreeSet<_>>(), ids);
            for hit in &fused {
                prop_assert!((0.0..=1.0 + 1e-9).contains(&hit.fused));
                prop_assert_eq!(hit.vector.is_some(), vectors.iter().any(|h| h.chunk_id == hit.chunk_id));
                prop_assert_eq!(hit.keyword.is_some(), keywords.iter().any(|h| h.chunk_id == hit.chunk_id));
            }
            for pair in fused.windows(2) {
                let (a, b) = (pair.first().unwrap(), pair.last().unwrap());
                prop_assert!(a.fused > b.fused || (a.fused == b.fused && a.chunk_id < b.chunk_id));
            }
            vectors.reverse();
            keywords.reverse();
            prop_assert_eq!(fuse(&vectors, &keywords, &weights), fused);
        }
    }
}
