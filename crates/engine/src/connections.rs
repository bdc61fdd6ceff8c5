//! How many connections this program has: the proof behind "nothing leaves this computer".

/// Internet sockets, listening ones included, of this process and of those that it started, such as the window's web
/// process. `None` where the system does not tell.
#[cfg(target_os = "linux")]
pub fn connections() -> Option<usize> {
    let sockets = internet_sockets()?;
    let ours = descendants(std::process::id());
    let held = ours.iter().flat_map(|pid| sockets_of(*pid)).filter(|inode| sockets.contains(inode));
    Some(held.collect::<std::collections::BTreeSet<_>>().len())
}

/// Not known on this system.
#[cfg(not(target_os = "linux"))]
pub fn connections() -> Option<usize> {
    None
}

/// The inodes of all internet sockets of the system: the tenth column of the tables in proc(5).
#[cfg(target_os = "linux")]
fn internet_sockets() -> Option<std::collections::BTreeSet<u64>> {
    let mut sockets = std::collections::BTreeSet::new();
    for table in ["tcp", "tcp6", "udp", "udp6", "raw", "raw6"] {
        // A system without the newer protocol has no such table.
        let Ok(lines) = std::fs::read_to_string(format!("/proc/self/net/{table}")) else { continue };
        let inodes =
            lines.lines().skip(1).filter_map(|line| line.split_whitespace().nth(9)?.parse::<u64>().ok());
        // A socket that is closed and waits has no inode.
        sockets.extend(inodes.filter(|inode| *inode != 0));
    }
    std::path::Path::new("/proc/self/net/tcp").exists().then_some(sockets)
}

/// A process and all below it.
#[cfg(target_os = "linux")]
fn descendants(root: u32) -> Vec<u32> {
    let mut parents: Vec<(u32, u32)> = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        // The name in brackets may hold anything; the state and the parent follow it.
        let after = stat.rsplit_once(')').map(|(_, after)| after).unwrap_or_default();
        if let Some(parent) = after.split_whitespace().nth(1).and_then(|parent| parent.parse().ok()) {
            parents.push((pid, parent));
        }
    }
    let mut found = vec![root];
    let mut at = 0;
    while let Some(&parent) = found.get(at) {
        found.extend(parents.iter().filter(|(_, p)| *p == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    found
}

#[cfg(target_os = "linux")]
fn sockets_of(pid: u32) -> Vec<u64> {
    let entries = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    let inode =
        |link: std::path::PathBuf| link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok();
    entries.filter_map(|entry| inode(std::fs::read_link(entry.path()).ok()?)).collect()
}

#[cfg(all(test, target_os = "linux"))]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    #[test]
    fn an_open_socket_is_counted() {
        let before = super::connections().unwrap();
        let listening = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        assert_eq!(super::connections().unwrap(), before + 1);
        drop(listening);
        assert_eq!(super::connections().unwrap(), before);
    }
}
