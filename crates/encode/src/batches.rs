//! Which texts are run through the model together.

/// The most tokens of one batch, padding counted: four windows of full length. Larger batches are slower (5 % at 1,040
/// tokens, 20 % at 4,160: the activations leave the cache), and this bounds the memory of a run.
pub(crate) const BATCH_TOKENS: usize = 520;

/// Puts texts of these token counts into batches: like lengths together, so that little is padded, longest first, so that
/// memory peaks at once. Every position occurs once.
pub(crate) fn batches(tokens: &[usize]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..tokens.len()).collect();
    let length = |i: usize| tokens.get(i).copied().unwrap_or(0).max(1);
    order.sort_by_key(|&i| (std::cmp::Reverse(length(i)), i));
    let mut batches: Vec<Vec<usize>> = Vec::new();
    let mut room = 0;
    let mut width = 1;
    for i in order {
        match batches.last_mut() {
            Some(batch) if room >= width => batch.push(i),
            _ => {
                width = length(i);
                room = BATCH_TOKENS;
                batches.push(vec![i]);
            }
        }
        room = room.saturating_sub(width);
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn like_lengths_share_a_batch() {
        assert_eq!(batches(&[]), Vec::<Vec<usize>>::new());
        assert_eq!(batches(&[10, 500, 30]), [vec![1], vec![2, 0]]);
        assert_eq!(batches(&[130; 5]), [vec![0, 1, 2, 3], vec![4]]);
        assert_eq!(batches(&[9000, 0]), [vec![0], vec![1]]);
    }

    proptest! {
        #[test]
        fn every_text_is_in_one_batch_within_the_budget(tokens in prop::collection::vec(0usize..=BATCH_TOKENS, 0..200)) {
            let found = batches(&tokens);
            let mut all: Vec<usize> = found.iter().flatten().copied().collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..tokens.len()).collect::<Vec<_>>());
            for batch in &found {
                let width = batch.iter().map(|&i| tokens[i]).max().unwrap_or(0);
                prop_assert!(!batch.is_empty() && width * batch.len() <= BATCH_TOKENS);
            }
        }
    }
}
