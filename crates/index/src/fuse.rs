//! One ranking out of two. docs/evaluation.md says what was tried and measured.

use std::collections::{BTreeMap, HashMap};

use crate::Hit;

/// How the two legs are weighed. The default is the one that was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FusionWeights {
    /// Share of the vector leg, 0 to 1; the keyword leg has the rest.
    pub vector: f64,
    /// What each further chunk of a document is worth beside the one before it, 0 to 1: five passages of one document
    /// answer fewer questions than passages of several.
    pub repeated: f64,
}

impl Default for FusionWeights {
    fn default() -> Self {
        Self { vector: 0.35, repeated: 0.93 }
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
/// `fused = rⁿ · (w · v + (1 − w) · BM25 / best BM25)`, with `w` the vector leg's share, `v` the cosine's place between the lowest
/// (0) and the best (1) that the leg found, and `n` the number of better chunks of the same document. Cosines are stretched since
/// those of the best hundred lie close together, the closer the more alike the documents are. A chunk that one leg did not find
/// gets 0 for it: by cosine it is at most as near as the last that was found, by keywords it has no term of the question, or
/// next to none.
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
    let cosines = || vectors.iter().map(|h| positive(h.score));
    let (lowest, best_cosine) = (cosines().fold(f64::INFINITY, f64::min), cosines().fold(0.0, f64::max));
    let best_bm25 = keywords.iter().map(|h| positive(h.score)).fold(0.0, f64::max);
    let nearness = |cosine: f32| match best_cosine - lowest {
        range if range > 0.0 => (positive(cosine) - lowest) / range,
        // All alike: as near as can be, where they are near at all.
        _ => f64::from(best_cosine > 0.0),
    };
    let share = weights.vector.clamp(0.0, 1.0);
    let mut fused: Vec<FusedHit> = fused.into_values().collect();
    for hit in &mut fused {
        let bm25 = if best_bm25 > 0.0 { hit.keyword.map_or(0.0, positive) / best_bm25 } else { 0.0 };
        hit.fused = share * hit.vector.map_or(0.0, nearness) + (1.0 - share) * bm25;
    }
    sort(&mut fused);
    let mut worth: HashMap<i64, f64> = HashMap::new();
    for hit in &mut fused {
        let worth = worth.entry(hit.version_id).or_insert(1.0);
        hit.fused *= *worth;
        *worth *= weights.repeated.clamp(0.0, 1.0);
    }
    sort(&mut fused);
    fused
}

fn sort(hits: &mut [FusedHit]) {
    hits.sort_by(|a, b| b.fused.total_cmp(&a.fused).then(a.chunk_id.cmp(&b.chunk_id)));
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
        let weights = FusionWeights { vector: 0.5, repeated: 0.9 };
        let fused = fuse(&hits(vectors), &hits(keywords), &weights);
        let found: Vec<(i64, f64)> =
            fused.iter().map(|h| (h.chunk_id, (h.fused * 1e4).round() / 1e4)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn two_rankings_become_one() {
        // Each chunk of a document of its own.
        check(&[], &[], &[]);
        check(&[(10, 0.8), (20, 0.4)], &[], &[(10, 0.5), (20, 0.0)]);
        check(&[(10, 0.8), (20, 0.6), (30, 0.4)], &[], &[(10, 0.5), (20, 0.25), (30, 0.0)]);
        check(&[], &[(10, 8.0), (20, 4.0)], &[(10, 0.5), (20, 0.25)]);
        // 30 was not among the nearest: it counts as if it were the last of them.
        check(&[(10, 0.8), (20, 0.4)], &[(30, 10.0), (10, 5.0)], &[(10, 0.75), (30, 0.5), (20, 0.0)]);
        // Nothing to tell them apart by: by their ids.
        check(&[(20, 0.5), (10, 0.5)], &[], &[(10, 0.5), (20, 0.5)]);
        check(&[(10, -0.5)], &[], &[(10, 0.0)]);
        check(&[(10, 0.2), (10, 0.6), (20, 0.4), (30, 0.2)], &[], &[(10, 0.5), (20, 0.25), (30, 0.0)]);
        check(&[(10, f32::NAN), (20, 0.2)], &[(10, 0.0)], &[(20, 0.5), (10, 0.0)]);
    }

    #[test]
    fn further_chunks_of_a_document_count_less() {
        check(&[], &[(11, 10.0), (12, 8.0), (21, 7.4)], &[(11, 0.5), (21, 0.37), (12, 0.36)]);
        check(&[], &[(11, 10.0), (12, 10.0), (13, 10.0)], &[(11, 0.5), (12, 0.45), (13, 0.405)]);
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
            mut vectors in leg(), mut keywords in leg(), share in 0.0f64..=1.0, repeated in 0.0f64..=1.0
        ) {
            let weights = FusionWeights { vector: share, repeated };
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
