//! Searches in an index of made-up chunks: random vectors of length 1, words by Zipf's law. Only the index is measured;
//! embedding the question and reading the passages come on top.

use std::time::{Duration, Instant};

use citadel_index::{Batch, ChunkEntry, FusionWeights, Hit, Index, IndexOptions, Scope, fuse};

use crate::figures::{Figures, show};
use crate::{Result, machine};

const DIMENSIONS: usize = 384;
/// A chunk of 512 tokens: four windows, about 350 words.
const WINDOWS: usize = 4;
const WORDS: usize = 350;
const VOCABULARY: f64 = 50_000.0;
const QUERY_WORDS: usize = 8;
/// Chunks per commit, as in a large ingest.
const PER_COMMIT: usize = 2_000;
/// Hits that each leg gives to the fusion, as in the engine.
const DEPTH: usize = 100;
const WARM_UP: usize = 20;
const SEARCHES: usize = 200;
/// A leg that is slower than this in all is measured with fewer searches; the table says how many.
const LONGEST_LEG: Duration = Duration::from_secs(90);
const SEED: u64 = 2026;

/// Builds an index of each size and prints a table.
pub(crate) fn measure(sizes: &[usize]) -> Result<()> {
    println!("### Search in a synthetic index\n");
    println!(
        "{WINDOWS} vectors of {DIMENSIONS} dimensions and {WORDS} words a chunk, {VOCABULARY} words by Zipf's law, {QUERY_WORDS} \
         words a query drawn alike (so common words are in most queries: the worst case for the keyword leg).\n"
    );
    println!(
        "| chunks | leg | p50 ms | p95 ms | n | built in, s | on disk, MiB |\n|---|---|---|---|---|---|---|"
    );
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build()?;
    sizes.iter().try_for_each(|&chunks| runtime.block_on(size(chunks)))
}

async fn size(chunks: usize) -> Result<()> {
    eprintln!("an index of {chunks} chunks, load averages {}", machine::load());
    let dir = tempfile::tempdir()?;
    let options = IndexOptions {
        dir: dir.path().join("index"),
        fingerprint: "synthetic".to_owned(),
        dimensions: DIMENSIONS,
    };
    let (index, _) = Index::open(options).await?;
    let mut random = Random(SEED);
    let mut built = 0.0;
    for (generation, from) in (1..).zip((0..chunks).step_by(PER_COMMIT)) {
        let upserts = (from..chunks.min(from + PER_COMMIT)).map(|id| random.chunk(id)).collect();
        let begun = Instant::now();
        index.apply(&Batch { upserts, delete_versions: Vec::new(), generation }).await?;
        built += begun.elapsed().as_secs_f64();
    }
    let begun = Instant::now();
    index.compact().await?;
    built += begun.elapsed().as_secs_f64();
    let disk = index.stats().await?.bytes as f64 / f64::from(1 << 20);
    eprintln!("built in {built:.0} s, load averages {}", machine::load());

    for leg in [Leg::Vector, Leg::Keyword, Leg::Hybrid] {
        let mut times = Figures::default();
        let leg_begun = Instant::now();
        for search in 0..WARM_UP + SEARCHES {
            let (vector, words) = (random.vector(), random.words(QUERY_WORDS));
            let begun = Instant::now();
            let found = leg.search(&index, &vector, &words).await?;
            let ms = begun.elapsed().as_secs_f64() * 1e3;
            if found == 0 {
                return Err("a search of the synthetic index found nothing".into());
            }
            if search >= WARM_UP {
                times.0.push(ms);
                if leg_begun.elapsed() > LONGEST_LEG {
                    break;
                }
            }
        }
        println!(
            "| {chunks} | {} | {} | {} | {} | {built:.1} | {disk:.0} |",
            leg.name(),
            show(times.median(), 1),
            show(times.quantile(0.95), 1),
            times.n()
        );
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Leg {
    Vector,
    Keyword,
    Hybrid,
}

impl Leg {
    fn name(self) -> &'static str {
        match self {
            Self::Vector => "vector",
            Self::Keyword => "keyword",
            Self::Hybrid => "hybrid",
        }
    }

    /// The number of chunks found.
    async fn search(self, index: &Index, vector: &[f32], words: &str) -> Result<usize> {
        let scope = Scope::default();
        let vectors = async {
            match self {
                Self::Keyword => Ok(Vec::<Hit>::new()),
                Self::Vector | Self::Hybrid => index.search_vectors(vector, &scope, DEPTH).await,
            }
        };
        let keywords = async {
            match self {
                Self::Vector => Ok(Vec::<Hit>::new()),
                Self::Keyword | Self::Hybrid => index.search_keywords(words, &scope, DEPTH).await,
            }
        };
        let (vectors, keywords) = tokio::join!(vectors, keywords);
        Ok(fuse(&vectors?, &keywords?, &FusionWeights::default()).len())
    }
}

/// SplitMix64: the same numbers everywhere from the same seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 up to, but not, 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn vector(&mut self) -> Vec<f32> {
        let mut vector: Vec<f32> = (0..DIMENSIONS).map(|_| self.share() as f32 * 2.0 - 1.0).collect();
        let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        vector.iter_mut().for_each(|x| *x /= length);
        vector
    }

    /// Words by Zipf's law: the word of rank r is about 1/r as frequent as the first.
    fn words(&mut self, count: usize) -> String {
        let words: Vec<String> = (0..count).map(|_| word(VOCABULARY.powf(self.share()) as usize)).collect();
        words.join(" ")
    }

    fn chunk(&mut self, id: usize) -> ChunkEntry {
        let id = id as i64;
        ChunkEntry {
            chunk_id: id,
            version_id: id / 50,
            collection: "default".to_owned(),
            title: self.words(4),
            file_name: self.words(2),
            heading: vec![self.words(3)],
            text: self.words(WORDS),
            windows: (0..WINDOWS).map(|_| self.vector()).collect(),
        }
    }
}

/// A word of syllables for a number.
fn word(mut number: usize) -> String {
    const SYLLABLES: [&str; 16] =
        ["ba", "ke", "li", "mo", "nu", "pa", "re", "si", "to", "vu", "da", "fe", "gi", "ho", "ju", "za"];
    let mut word = String::new();
    loop {
        word.push_str(SYLLABLES[number % SYLLABLES.len()]);
        number /= SYLLABLES.len();
        if number == 0 {
            return word;
        }
    }
}
