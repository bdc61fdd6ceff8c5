/// The longest input in bytes.
const MAX_BYTES: usize = 16 << 10;
/// Bytes that mean something to one format or another, and numbers at the ends of their range.
const BYTES: &[u8] = b"\0\x01\x7f\x80\xff\t\n\r \"'#&*()+,-./:;<=>?@[\\]^_`{|}~09azAZ";

/// Makes inputs of samples: the same ones from the same seed.
#[derive(Clone, Debug)]
pub struct Mutator {
    state: u64,
    samples: Vec<Vec<u8>>,
}

impl Mutator {
    /// Without samples it begins with nothing.
    pub fn new(seed: u64, samples: Vec<Vec<u8>>) -> Self {
        Self { state: seed, samples }
    }

    /// The next input: a sample, changed in some places.
    pub fn input(&mut self) -> Vec<u8> {
        let mut input = self.sample().to_vec();
        for _ in 0..=self.below(8) {
            self.change(&mut input);
        }
        input.truncate(MAX_BYTES);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let (from, to) = self.range(input.len());
        match self.below(8) {
            0 => {
                input.drain(from..to);
            }
            // What nests, nests deeper.
            1 => {
                let piece = input[from..to].to_vec();
                let times = 1 << self.below(10);
                let room = MAX_BYTES.saturating_sub(input.len()) / piece.len().max(1);
                drop(input.splice(from..from, piece.repeat(times.min(room))));
            }
            2 => {
                let sample = self.sample().to_vec();
                let (start, end) = self.range(sample.len());
                drop(input.splice(from..to, sample[start..end].iter().copied()));
            }
            3 => {
                let piece = input[from..to].to_vec();
                let at = self.below(input.len() + 1);
                drop(input.splice(at..at, piece));
            }
            4 => input.truncate(to),
            5 => {
                // Any character, so that few inputs are not UTF-8.
                let largest = [0x7f, 0x7ff, 0xffff, 0x10_ffff][self.below(4)];
                let c = u32::try_from(self.below(largest)).ok().and_then(char::from_u32).unwrap_or(' ');
                drop(input.splice(from..from, c.to_string().into_bytes()));
            }
            6 => {
                let byte = BYTES[self.below(BYTES.len())];
                input.insert(from, byte);
            }
            _ => {
                let byte = BYTES[self.below(BYTES.len())];
                if let Some(old) = input.get_mut(from) {
                    *old = byte;
                }
            }
        }
    }

    fn sample(&mut self) -> &[u8] {
        let at = self.below(self.samples.len());
        self.samples.get(at).map_or(&[], Vec::as_slice)
    }

    /// A piece of something `length` long, short more often than long.
    fn range(&mut self, length: usize) -> (usize, usize) {
        let from = self.below(length + 1);
        let longest = (length - from).min(1 << self.below(12));
        (from, from + self.below(longest + 1))
    }

    /// A number below `end`, or 0 (SplitMix64, Steele et al. 2014).
    fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let z = z ^ (z >> 31);
        usize::try_from(z % (end.max(1) as u64)).unwrap_or(0)
    }
}
