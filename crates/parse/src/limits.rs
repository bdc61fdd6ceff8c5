//! What a child does to itself before it reads a byte of the file, and how the parent watches its memory.

use crate::Limits;

/// Gives up what reading needs not: memory and processor time beyond the limits, core dumps, writing files, new
/// privileges, and life after the parent. A limit that the system refuses is left out, since the parent watches too.
#[cfg(unix)]
pub(crate) fn apply(limits: &Limits) {
    set(libc::RLIMIT_AS, limits.memory_bytes);
    set(libc::RLIMIT_CORE, 0);
    // A pipe may still be written; a file may not.
    set(libc::RLIMIT_FSIZE, 0);
    set(libc::RLIMIT_NOFILE, 64);
    // SAFETY: plain system calls on this process with constant arguments.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, 10);
        #[cfg(target_os = "linux")]
        {
            libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0);
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL, 0, 0, 0);
        }
    }
}

/// Only the parent's time limit holds here.
#[cfg(not(unix))]
pub(crate) fn apply(_: &Limits) {}

/// Allows `seconds` of processor time from now on. A second net below the parent's clock: it holds even when the
/// parent is gone.
#[cfg(unix)]
pub(crate) fn renew_processor_time(seconds: u64) {
    // SAFETY: all-zero is a valid `rusage`, and the pointer to it is valid for the call.
    let used = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
    };
    let soft = u64::try_from(used).unwrap_or(0).saturating_add(seconds).saturating_add(1);
    let limit = libc::rlimit { rlim_cur: soft as libc::rlim_t, rlim_max: libc::RLIM_INFINITY };
    // SAFETY: the pointer is valid for the call.
    unsafe { libc::setrlimit(libc::RLIMIT_CPU, &limit) };
}

#[cfg(not(unix))]
pub(crate) fn renew_processor_time(_: u64) {}

#[cfg(all(unix, target_os = "linux", target_env = "gnu"))]
type Resource = libc::__rlimit_resource_t;
#[cfg(all(unix, not(all(target_os = "linux", target_env = "gnu"))))]
type Resource = libc::c_int;

#[cfg(unix)]
fn set(resource: Resource, value: u64) {
    let limit = libc::rlimit { rlim_cur: value as libc::rlim_t, rlim_max: value as libc::rlim_t };
    // SAFETY: the pointer is valid for the call.
    unsafe { libc::setrlimit(resource, &limit) };
}

/// Standard output for frames alone. The descriptor that everybody else knows as standard output leads to standard
/// error from then on, so that a library that prints cannot break a frame.
#[cfg(unix)]
pub(crate) fn claim_stdout() -> std::io::Result<std::fs::File> {
    use std::os::fd::AsFd;
    let frames = std::io::stdout().as_fd().try_clone_to_owned()?;
    // SAFETY: both descriptors are open for the life of the process.
    if unsafe { libc::dup2(libc::STDERR_FILENO, libc::STDOUT_FILENO) } < 0 {
        return Err(std::io::Error::last_os_error());
    }
    Ok(frames.into())
}

/// Standard output. A library that prints would break the frames here; none of those in use does.
#[cfg(not(unix))]
pub(crate) fn claim_stdout() -> std::io::Result<std::io::Stdout> {
    Ok(std::io::stdout())
}

/// Standard input as the file it is.
#[cfg(unix)]
pub(crate) fn claim_stdin() -> std::io::Result<std::fs::File> {
    use std::os::fd::AsFd;
    Ok(std::io::stdin().as_fd().try_clone_to_owned()?.into())
}

/// Standard input as the file it is.
#[cfg(windows)]
pub(crate) fn claim_stdin() -> std::io::Result<std::fs::File> {
    use std::os::windows::io::AsHandle;
    Ok(std::io::stdin().as_handle().try_clone_to_owned()?.into())
}

/// Memory of process `id` in bytes, `(resident, address space)`; `None` where the system does not tell.
#[cfg(target_os = "linux")]
pub(crate) fn memory_of(id: u32) -> Option<(u64, u64)> {
    // SAFETY: a query with a constant argument.
    let page = u64::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).ok()?;
    let text = std::fs::read_to_string(format!("/proc/{id}/statm")).ok()?;
    let mut pages = text.split(' ').map_while(|n| n.parse::<u64>().ok());
    let (space, resident) = (pages.next()?, pages.next()?);
    Some((resident * page, space * page))
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn memory_of(_: u32) -> Option<(u64, u64)> {
    None
}
