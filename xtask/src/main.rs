//! What a newcomer runs.
fn main() {}
