//! What the figures were measured on. Read from `/proc`; a dash where a system has none.

use std::fs::read_to_string;

/// Lines of a Markdown list: processor, cores, memory, system, build.
pub(crate) fn description() -> String {
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "–".to_owned());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = field("/proc/meminfo", "MemTotal")
        .and_then(|total| total.trim_end_matches("kB").trim().parse::<f64>().ok())
        .map_or_else(|| "–".to_owned(), |kib| format!("{:.1} GiB", kib / f64::from(1 << 20)));
    let system = read_to_string("/etc/os-release")
        .ok()
        .and_then(|text| {
            let name = text.lines().find_map(|l| l.strip_prefix("PRETTY_NAME="))?;
            Some(name.trim_matches('"').to_owned())
        })
        .unwrap_or_else(|| std::env::consts::OS.to_owned());
    let profile = if cfg!(debug_assertions) {
        "development (own code at opt-level 1, most dependencies at 0, the hot ones at 3)"
    } else {
        "release"
    };
    format!(
        "- Processor: {processor}, {cores} cores ({})\n- Memory: {memory}\n- System: {system}\n\
         - Build profile: {profile}\n",
        std::env::consts::ARCH,
    )
}

/// The load averages of the last 1, 5 and 15 minutes: how much else the machine did.
pub(crate) fn load() -> String {
    let text = read_to_string("/proc/loadavg").unwrap_or_default();
    let averages: Vec<&str> = text.split_whitespace().take(3).collect();
    if averages.is_empty() { "–".to_owned() } else { averages.join(" ") }
}

/// Seconds of processor time of this process, all threads; 0 where the system does not say.
pub(crate) fn own_cpu_seconds() -> f64 {
    crate::child::Stat::of("self").map_or(0.0, |stat| stat.cpu_seconds)
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = read_to_string(file).ok()?;
    let line = text.lines().find(|l| l.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
