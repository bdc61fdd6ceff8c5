use crate::{Done, Nested, Places, ask, output};

#[derive(clap::Subcommand)]
pub(crate) enum Verb {
    /// Earlier answers, newest first (the default).
    List,
    /// One answer, whole.
    Show {
        /// Its id, or enough of the beginning.
        id: String,
    },
}

pub(crate) fn run(places: &Places, arguments: &Nested<Verb>) -> anyhow::Result<Done> {
    let engine = places.open()?;
    match arguments.verb.as_ref().unwrap_or(&Verb::List) {
        Verb::List => {
            let answers = engine.answers()?;
            if arguments.json {
                output::json_line(&answers)?;
            } else if answers.is_empty() {
                output::text("No answers yet: `citadel ask QUESTION` gives one.")?;
            } else {
                for a in &answers {
                    let shown = if a.blanked {
                        output::faint("(blanked: a document it showed was removed)")
                    } else {
                        output::bold(&a.question)
                    };
                    output::text(&format!("{}  {shown}", a.id))?;
                }
            }
        }
        Verb::Show { id } => {
            let answer = engine.answer(id)?;
            if arguments.json { output::json_line(&answer)? } else { ask::show(&answer)? }
        }
    }
    Ok(Done::Whole)
}
