//! Runs a program and watches its time and memory from outside.

use std::fs::{read, read_dir, read_to_string};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Result;

/// How often memory is looked at.
const INTERVAL: Duration = Duration::from_millis(10);

/// What was seen of a program that ended well.
pub(crate) struct Ended {
    /// From the start of the process to the end of its output.
    pub(crate) seconds: f64,
    /// Processor time of the process and of its children.
    pub(crate) cpu_seconds: Option<f64>,
    /// The most memory the process held, in MiB.
    pub(crate) peak_mib: Option<f64>,
    /// The most memory one of its children held, in MiB.
    pub(crate) child_peak_mib: Option<f64>,
    /// Its output: seconds since the start, and the line.
    pub(crate) lines: Vec<(f64, String)>,
}

/// Runs `command` to its end. An exit code above 1 is an error; 1 is `citadel`'s word for "done in part".
pub(crate) fn watch(command: &mut Command) -> Result<Ended> {
    let begun = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let output = child.stdout.take().ok_or("no output pipe")?;
    let reader = std::thread::spawn(move || {
        let lines = BufReader::new(output).lines().map_while(std::result::Result::ok);
        let lines: Vec<_> = lines.map(|line| (begun.elapsed().as_secs_f64(), line)).collect();
        (begun.elapsed().as_secs_f64(), lines)
    });
    let pid = child.id().to_string();
    let (mut peak, mut child_peak, mut cpu_seconds) = (None, None, None);
    // A process that has ended but was not waited for still tells its processor time.
    while let Some(stat) = Stat::of(&pid) {
        cpu_seconds = Some(stat.cpu_seconds);
        if stat.ended {
            break;
        }
        peak = most(peak, high_water_mib(&pid));
        // Between fork and exec a child still is its parent, and would count the parent's memory.
        for grandchild in children(&pid).iter().filter(|c| command_line(c) != command_line(&pid)) {
            child_peak = most(child_peak, high_water_mib(grandchild));
        }
        std::thread::sleep(INTERVAL);
    }
    let status = child.wait()?;
    let (seconds, lines) = reader.join().map_err(|_| "reading the output failed")?;
    if !matches!(status.code(), Some(0 | 1)) {
        return Err(format!("{command:?} ended with {status}").into());
    }
    Ok(Ended { seconds, cpu_seconds, peak_mib: peak, child_peak_mib: child_peak, lines })
}

/// A line of `/proc/PID/stat`.
pub(crate) struct Stat {
    /// Of the process and of the children it waited for.
    pub(crate) cpu_seconds: f64,
    ended: bool,
}

impl Stat {
    /// `None` where there is no such process, or no `/proc`.
    pub(crate) fn of(pid: &str) -> Option<Self> {
        /// Linux shows every system's ticks as hundredths of a second.
        const TICKS: f64 = 100.0;
        let text = read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name in parentheses may hold anything.
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks: f64 = fields.get(11..15)?.iter().filter_map(|f| f.parse::<f64>().ok()).sum();
        Some(Self { cpu_seconds: ticks / TICKS, ended: *fields.first()? == "Z" })
    }
}

fn children(pid: &str) -> Vec<String> {
    // The kernel lists children by the thread that started them.
    let tasks = read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    tasks
        .filter_map(|task| read_to_string(task.path().join("children")).ok())
        .flat_map(|text| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

fn command_line(pid: &str) -> Option<Vec<u8>> {
    read(format!("/proc/{pid}/cmdline")).ok()
}

fn high_water_mib(pid: &str) -> Option<f64> {
    let status = read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib / 1024.0)
}

/// The larger of two, where known.
pub(crate) fn most(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (a, b) => a.or(b),
    }
}
