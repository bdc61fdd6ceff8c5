//! The installer in a system that never saw Citadel: a fresh Debian, no network, a user without rights.

use std::path::Path;
use std::process::Command;

use crate::places;
use crate::run::{Result, output, run};
use crate::setup;

/// What makes such a system, with a command that shows it is there.
const PACKAGES: &[(&str, &[&str])] =
    &[("mmdebstrap", &["mmdebstrap", "--version"]), ("util-linux", &["unshare", "--version"])];

/// What it has beyond the base: a screen, a session bus, and something to look into the vault with.
const INCLUDED: &str = "xvfb,xdotool,dbus,sqlite3";

/// Its own processes, mounts and network: all that is started ends with it, and there is nothing to connect to.
const APART: [&str; 5] = ["--net", "--mount", "--pid", "--fork", "--kill-child"];

/// Run in the new system by its superuser. The window is opened with a document, as "open with" does it; it has passed
/// once the document was read into the vault, for which the pack's models must be there and load. Prints how long both
/// took, in tenths of a second, and leaves the screen in `/screen`.
const TRY: &str = r#"
set -eu
useradd --create-home ada
mkdir -p /tmp/.X11-unix /screen
chmod 1777 /tmp /tmp/.X11-unix /screen
exec su ada -c '
set -u
export HOME=/home/ada DISPLAY=:7 WEBKIT_DISABLE_DMABUF_RENDERER=1 LC_ALL=C.UTF-8 NO_AT_BRIDGE=1
Xvfb :7 -screen 0 1400x900x24 -nolisten tcp -fbdir /screen &
until xdotool getdisplaygeometry >/dev/null 2>&1; do sleep 0.1; done
dbus-run-session -- citadel-desktop /usr/lib/Citadel/samples/handbook.md >/screen/said 2>&1 &
wait_for() {
    for tenths in $(seq 600); do
        if eval "$2" >/dev/null 2>&1; then echo "$1 $tenths"; return; fi
        sleep 0.1
    done
    echo "no $1 after a minute" >&2
    cat /screen/said >&2
    exit 1
}
vault="file:$HOME/.local/share/citadel/vault/catalog.sqlite?mode=ro"
wait_for window "xdotool search --onlyvisible --name Citadel"
wait_for document "test \"\$(sqlite3 \"$vault\" \"select count(*) from documents\")\" = 1"
sleep 1
cp /screen/Xvfb_screen0 /screen/picture.xwd
'
"#;

/// Installs `deb` in a fresh root with what it says it depends on, and starts it there. Needs the rights to make one;
/// without them it says so and passes.
pub(crate) fn test_installer(deb: &Path) -> Result<()> {
    if output(Command::new("id").arg("-u"))?.trim() != "0" {
        eprintln!("the installer is not tried: only the superuser can make a fresh system");
        return Ok(());
    }
    setup::packages(PACKAGES)?;
    if run(Command::new("unshare").args(APART).args(["mount", "-t", "tmpfs", "tmpfs", "/tmp"])).is_err() {
        eprintln!("the installer is not tried: this system lets nobody begin namespaces and mount in them");
        return Ok(());
    }
    let root = places::target()?.join("fresh-system");
    clear(&root)?;
    let tried = install_and_start(deb, &root);
    clear(&root)?;
    tried
}

fn install_and_start(deb: &Path, root: &Path) -> Result<()> {
    let of_host = std::fs::read_to_string("/etc/os-release")?;
    let suite = of_host.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    let suite = suite.ok_or("this system does not say which Debian it is")?;
    let made = run(Command::new("mmdebstrap")
        .args(["--quiet", "--variant=apt", "--include", INCLUDED, suite])
        .arg(root));
    if let Err(error) = made {
        eprintln!("the installer is not tried: no fresh system could be made: {error}");
        return Ok(());
    }
    std::fs::copy(deb, root.join("citadel.deb"))?;
    // With the packages that it names, and no others.
    let install = "apt-get update -qq && apt-get install -yqq --no-install-recommends /citadel.deb >/dev/null && rm /citadel.deb";
    run(Command::new("chroot")
        .arg(root)
        .args(["sh", "-c", install])
        .env("DEBIAN_FRONTEND", "noninteractive"))?;
    std::fs::write(root.join("try.sh"), TRY)?;
    let start =
        r#"mount -t proc proc "$0/proc" && mount --bind /dev "$0/dev" && exec chroot "$0" sh /try.sh"#;
    let said = output(Command::new("unshare").args(APART).args(["sh", "-c", start]).arg(root))?;
    let seconds = |what: &str| {
        let tenths = said.lines().find_map(|line| line.strip_prefix(what)?.trim().parse::<f64>().ok());
        tenths.map(|tenths| tenths / 10.0).ok_or(format!("it did not say when the {what} came: {said}"))
    };
    let (window, document) = (seconds("window")?, seconds("document")?);
    let bytes = std::fs::metadata(deb)?.len();
    println!(
        "{} ({bytes} bytes) in a fresh {suite} without network: window after {window} s, its document read after {document} s more",
        deb.display()
    );
    let picture = std::fs::read(root.join("screen/picture.xwd"))?;
    let first = picture.iter().rev().take(4).copied().collect::<Vec<_>>();
    let varied = picture.rchunks_exact(4).filter(|pixel| **pixel != *first).count();
    if varied < picture.len() / 100 {
        return Err("its window shows nothing".into());
    }
    Ok(())
}

/// Removes a root of an earlier run.
fn clear(root: &Path) -> Result<()> {
    match std::fs::remove_dir_all(root) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
