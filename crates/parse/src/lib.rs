//! File bytes to documents with exact locations, in a child process with limits
