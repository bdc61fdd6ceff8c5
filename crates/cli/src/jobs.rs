use crate::{Done, Nested, Places, output};

#[derive(clap::Subcommand)]
pub(crate) enum Verb {
    /// Ingests that were stopped or cut off (the default); `citadel ingest --resume` goes on with them.
    List,
    /// Take one out of the journal; what was committed stays.
    Cancel {
        /// Its number.
        id: i64,
    },
}

pub(crate) fn run(places: &Places, arguments: &Nested<Verb>) -> anyhow::Result<Done> {
    let engine = places.open()?;
    if let Some(Verb::Cancel { id }) = arguments.verb {
        engine.cancel_job(id)?;
    }
    let jobs = engine.unfinished_jobs()?;
    if arguments.json {
        output::json_line(&jobs)?;
    } else if jobs.is_empty() {
        output::text("No ingest is unfinished.")?;
    } else {
        for job in &jobs {
            let how = if job.stopped_at.is_some() { "stopped" } else { "cut off" };
            let paths = output::safe(&job.paths.join(", "));
            let detail = format!("{how} after {} of {} files · {}", job.done, job.total, job.collection);
            output::text(&format!("{}  {paths}  {}", job.id, output::faint(&detail)))?;
        }
    }
    Ok(Done::Whole)
}
