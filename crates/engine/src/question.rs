//! What a question asks for, read by rules: no model, no index. The rules are those of English; a question in another
//! language passes through as it is. Where a rule is not sure, the question stays as it was asked.

mod clean;
mod follow_up;
mod kind;
mod parts;
mod pronouns;
mod reading;
mod sweeping;
mod topic;

pub(crate) use clean::clean;
pub(crate) use follow_up::follow_up;
pub(crate) use kind::{Kind, kind};
pub(crate) use parts::parts;
pub(crate) use sweeping::{Aim, Sweep};
