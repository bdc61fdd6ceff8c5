use crate::{Done, Places, output};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The report as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(places: &Places, arguments: &Arguments) -> anyhow::Result<Done> {
    let report = citadel_engine::doctor(&places.options()?);
    if arguments.json {
        output::json_line(&report)?;
    } else {
        for finding in &report.findings {
            let mark = if finding.ok { "ok     " } else { "MISSING" };
            output::text(&format!("{mark} {:<14} {}", finding.what, output::safe(&finding.found)))?;
            if let Some(hint) = &finding.hint {
                output::text(&format!("        {:<14} {}", "", output::faint(hint)))?;
            }
        }
    }
    Ok(if report.ok { Done::Whole } else { Done::InPart })
}
