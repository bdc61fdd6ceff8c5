//! Documents to chunks of at most 512 tokens; pure
