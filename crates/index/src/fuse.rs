//! One ranking out of two. docs/fusion.md says which way of fusing was chosen and by what measurement.

use std::collections::BTreeMap;

use crate::Hit;

/// How the two legs are weighed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FusionWeights {
    /// Share of the vector leg, 0 to 1; the keyword leg has the rest.
    pub vector: f64,
}

impl Default for FusionWeights {
    fn default() -> Self {
        Self { vector: 0.5 }
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

/// Fuses two rankings into one, best first; every chunk occurs once. Equal scores are ordered by chunk id.
///
/// Each leg's scores are brought to 0..1 by its own extremes (the cosine from the lowest found to the highest, BM25 from
/// 0, its theoretical minimum, to the highest) and added by weight; a chunk that a leg did not find gets 0 from it.
pub fn fuse(vectors: &[Hit], keywords: &[Hit], weights: &FusionWeights) -> Vec<FusedHit> {
    let mut fused: BTreeMap<i64, FusedHit> = BTreeMap::new();
    for (hits, is_vector) in [(vectors, true), (keywords, false)] {
        for hit in hits {
            let entry = fused.entry(hit.chunk_id).or_insert(FusedHit {
                chunk_id: hit.chunk_id,
                version_id: hit.version_id,
                vector: None,
                keyword: None,
                fused: 0.0,
            });
            let leg = if is_vector { &mut entry.vector } else { &mut entry.keyword };
            // A leg that names a chunk twice means its best score.
            *leg = Some(leg.map_or(hit.score, |score| score.max(hit.score)));
        }
    }
    let vector = Scale::over(vectors, None);
    let keyword = Scale::over(keywords, Some(0.0));
    let share = weights.vector.clamp(0.0, 1.0);
    let mut fused: Vec<FusedHit> = fused.into_values().collect();
    for hit in &mut fused {
        hit.fused = share * hit.vector.map_or(0.0, |s| vector.of(s))
            + (1.0 - share) * hit.keyword.map_or(0.0, |s| keyword.of(s));
    }
    fused.sort_by(|a, b| b.fused.total_cmp(&a.fused).then(a.chunk_id.cmp(&b.chunk_id)));
    fused
}

/// Brings a leg's scores to 0..1.
struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    /// From the lowest score, or `low` where given, to the highest.
    fn over(hits: &[Hit], low: Option<f64>) -> Scale {
        let scores = || hits.iter().map(|h| f64::from(h.score)).filter(|s| s.is_finite());
        let low = low.unwrap_or_else(|| scores().fold(f64::INFINITY, f64::min));
        Scale { low, high: scores().fold(f64::NEG_INFINITY, f64::max) }
    }

    fn of(&self, score: f32) -> f64 {
        let width = self.high - self.low;
        if width > 0.0 { ((f64::from(score) - self.low) / width).clamp(0.0, 1.0) } else { 1.0 }
    }
}
