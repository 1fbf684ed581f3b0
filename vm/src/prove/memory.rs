//! How much memory this process may still take.

use std::fs;
use std::path::Path;

/// Where groups of processes have their limits, and what the files are called: version 2, then version 1.
const GROUPS: [Group; 2] = [
    Group { root: "/sys/fs/cgroup", controller: "", limit: "memory.max", used: "memory.current", reclaimable: "inactive_file" },
    Group {
        root: "/sys/fs/cgroup/memory",
        controller: "memory",
        limit: "memory.limit_in_bytes",
        used: "memory.usage_in_bytes",
        reclaimable: "total_inactive_file",
    },
];

struct Group {
    root: &'static str,
    /// Its name in `/proc/self/cgroup`.
    controller: &'static str,
    limit: &'static str,
    used: &'static str,
    /// What of it the system takes back when memory is short: a line of `memory.stat`.
    reclaimable: &'static str,
}

/// Memory in bytes that this process can take: what the system has, what its control groups leave,
/// and what its address space may grow by. None where the system does not tell.
#[must_use]
pub fn available_memory() -> Option<u64> {
    let system = fs::read_to_string("/proc/meminfo").ok().and_then(|text| kibibytes(&text, "MemAvailable:"));
    let groups = fs::read_to_string("/proc/self/cgroup").ok().and_then(|text| group_memory(&text));
    let limits = fs::read_to_string("/proc/self/limits").ok();
    let status = fs::read_to_string("/proc/self/status").ok();
    let space = limits.zip(status).and_then(|(limits, status)| address_space(&limits, &status));
    [system, groups, space].into_iter().flatten().min()
}

/// The bytes that a line such as `MemAvailable:  17017184 kB` states.
fn kibibytes(text: &str, key: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// What `ulimit -v` leaves, if it is set.
fn address_space(limits: &str, status: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max address space"))?;
    let limit: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(limit.saturating_sub(kibibytes(status, "VmSize:")?))
}

/// What the control groups of this process leave, the tightest of all above it.
fn group_memory(own: &str) -> Option<u64> {
    let left = own.lines().filter_map(|line| {
        let [_, controllers, path] = line.splitn(3, ':').collect::<Vec<_>>().try_into().ok()?;
        let group = GROUPS.iter().find(|group| controllers.split(',').any(|name| name == group.controller))?;
        let inside = Path::new(path.trim_start_matches('/'));
        inside.ancestors().filter_map(|above| group.left(&Path::new(group.root).join(above))).min()
    });
    left.min()
}

impl Group {
    /// What the group in this folder leaves, if it has a limit.
    fn left(&self, folder: &Path) -> Option<u64> {
        let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
        let limit: u64 = read(self.limit)?.trim().parse().ok()?;
        let used: u64 = read(self.used)?.trim().parse().ok()?;
        let stat = read("memory.stat").unwrap_or_default();
        let line = |line: &str| line.strip_prefix(self.reclaimable).and_then(|count| count.trim().parse::<u64>().ok());
        let reclaimable = stat.lines().find_map(line).unwrap_or(0);
        Some(limit.saturating_sub(used.saturating_sub(reclaimable)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_from_the_system_files() {
        let status = "Name:\ttern\nVmSize:\t  1000 kB\nVmHWM:\t 10 kB\n";
        assert_eq!(kibibytes(status, "VmSize:"), Some(1_024_000));
        assert_eq!(kibibytes(status, "VmRSS:"), None);
        let limits = |bytes: &str| format!("Limit  Soft Limit  Hard Limit  Units\nMax address space         {bytes}   unlimited   bytes\n");
        assert_eq!(address_space(&limits("2024000"), status), Some(1_000_000));
        assert_eq!(address_space(&limits("5"), status), Some(0));
        assert_eq!(address_space(&limits("unlimited"), status), None);
    }

    #[test]
    fn a_group_leaves_its_limit_less_what_cannot_be_taken_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let [version_2, _] = &GROUPS;
        assert_eq!(version_2.left(folder.path()), None);
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
        write("memory.max", "max\n");
        write("memory.current", "1000\n");
        assert_eq!(version_2.left(folder.path()), None);
        write("memory.max", "5000\n");
        assert_eq!(version_2.left(folder.path()), Some(4000));
        write("memory.stat", "anon 1\ninactive_file 300\nactive_file 7\n");
        assert_eq!(version_2.left(folder.path()), Some(4300));
        write("memory.current", "9000\n");
        assert_eq!(version_2.left(folder.path()), Some(0));
    }

    #[test]
    fn this_machine_has_some_memory() {
        assert!(available_memory().is_some_and(|bytes| bytes > 1 << 20));
    }
}
