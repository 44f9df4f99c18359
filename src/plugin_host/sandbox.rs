//! What a child process gives up before it meets foreign code, and what this kernel can take away.
//!
//! On Linux: no new privileges, no files (Landlock), and only the system calls that running compiled code
//! needs (seccomp): no sockets, no exec, no new processes or threads, no opening of anything. Elsewhere the
//! child still has neither secrets nor open files, but the system does not hold it.

use serde::{Deserialize, Serialize};

/// What this kernel offers, for `doctor`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// System calls can be refused (seccomp with filters).
    pub seccomp: bool,
    /// The version of Landlock's interface; `None`: the kernel has none or it is switched off.
    pub landlock: Option<u32>,
}

impl Report {
    /// What the operator should know, as sentences; empty when nothing is missing.
    #[must_use]
    pub fn shortcomings(&self) -> Vec<&'static str> {
        let mut missing = Vec::new();
        if !self.seccomp {
            missing.push(
                "This kernel cannot refuse system calls (seccomp): plugins are held by WebAssembly alone.",
            );
        }
        if self.landlock.is_none() {
            missing
                .push("This kernel has no Landlock: that plugins cannot open files rests on seccomp alone.");
        }
        missing
    }
}

/// What a child found when it tried its own walls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    pub landlock: bool,
    pub seccomp: bool,
    /// It tried to make a socket and could not.
    pub sockets_refused: bool,
    /// It tried to open a file and could not.
    pub files_refused: bool,
}

#[cfg(target_os = "linux")]
pub use linux::{close_inherited, limit_resources, refuse_calls, refuse_files, report, try_walls};

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{close_inherited, limit_resources, refuse_calls, refuse_files, report, try_walls};

/// What a child is told in place of its parent's environment: its allocator takes memory as it needs it. By itself it
/// takes a gigabyte to write to at once, which alone is more than a child may have.
pub const ENVIRONMENT: [(&str, &str); 1] = [("MIMALLOC_ARENA_EAGER_COMMIT", "0")];

/// Limits of the system on one child process.
#[derive(Clone, Copy, Debug)]
pub struct ProcessLimits {
    /// Memory that can be written, in bytes; address space that is only reserved does not count.
    pub data_bytes: u64,
    /// Processor time in seconds; `None`: the process lives as long as it is needed.
    pub cpu_seconds: Option<u64>,
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;
    use std::fs::File;

    use anyhow::{Context, Result, bail};
    use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetStatus};
    use seccompiler::{BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition};
    use seccompiler::{SeccompFilter, SeccompRule};

    use super::{Confinement, ProcessLimits, Report};

    /// Landlock's interface that this list of rights was written for; an older kernel takes what it knows.
    const LANDLOCK: ABI = ABI::V5;

    /// On kernels before 5.9, which cannot close a whole range.
    const DESCRIPTORS_TRIED_MAX: i32 = 4_096;

    /// What compiled code, its signal handlers, the allocator and the pipe need.
    const ALLOWED: [libc::c_long; 33] = [
        libc::SYS_brk,
        libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep,
        libc::SYS_close,
        libc::SYS_exit,
        libc::SYS_exit_group,
        libc::SYS_futex,
        libc::SYS_getpid,
        libc::SYS_getrandom,
        libc::SYS_gettid,
        libc::SYS_madvise,
        libc::SYS_membarrier,
        libc::SYS_mmap,
        libc::SYS_mprotect,
        libc::SYS_mremap,
        libc::SYS_munmap,
        libc::SYS_nanosleep,
        libc::SYS_read,
        libc::SYS_readv,
        libc::SYS_restart_syscall,
        libc::SYS_rseq,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_rt_sigtimedwait,
        libc::SYS_sched_getaffinity,
        libc::SYS_sched_yield,
        libc::SYS_set_robust_list,
        libc::SYS_sigaltstack,
        libc::SYS_uname,
        libc::SYS_getrusage,
        libc::SYS_write,
        libc::SYS_writev,
    ];

    /// What this kernel offers.
    #[must_use]
    pub fn report() -> Report {
        // SAFETY: the call asks for the version only: no memory is read or written.
        let version = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, 0_usize, 0_usize, 1_u32) };
        let action = libc::SECCOMP_RET_ERRNO;
        // SAFETY: the kernel reads four bytes at the address of `action`, which lives through the call.
        let seccomp =
            unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_GET_ACTION_AVAIL, 0, &raw const action) };
        Report { seccomp: seccomp == 0, landlock: u32::try_from(version).ok().filter(|version| *version > 0) }
    }

    /// Closes every descriptor but stdin, stdout and stderr: whoever started the desk may have left some open
    /// in it that are handed down.
    pub fn close_inherited() {
        // SAFETY: called first of all, before anything of ours has opened a descriptor.
        if unsafe { libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, 0_u32) } == 0 {
            return;
        }
        for descriptor in 3..DESCRIPTORS_TRIED_MAX {
            // SAFETY: as above; closing one that is not open does nothing.
            unsafe { libc::close(descriptor) };
        }
    }

    /// Sets the limits of this process; they cannot be raised again.
    pub fn limit_resources(limits: ProcessLimits) -> Result<()> {
        let mut wanted =
            vec![(libc::RLIMIT_DATA, limits.data_bytes), (libc::RLIMIT_CORE, 0), (libc::RLIMIT_NPROC, 0)];
        wanted.extend(limits.cpu_seconds.map(|seconds| (libc::RLIMIT_CPU, seconds)));
        for (resource, most) in wanted {
            let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
            // SAFETY: the kernel reads `limit`, which lives through the call.
            if unsafe { libc::setrlimit(resource, &raw const limit) } != 0 {
                bail!("cannot set a limit of the process: {}", std::io::Error::last_os_error());
            }
        }
        Ok(())
    }

    /// Takes away all files and TCP ports. To be called before the process has other threads, which inherit it.
    ///
    /// Returns whether the kernel holds it.
    pub fn refuse_files() -> Result<bool> {
        let threads = std::fs::read_dir("/proc/self/task").map_or(1, Iterator::count);
        if threads > 1 {
            bail!("the process has {threads} threads already: it must confine itself before it starts any");
        }
        let status = Ruleset::default()
            .handle_access(AccessFs::from_all(LANDLOCK))
            .and_then(|rules| rules.handle_access(AccessNet::from_all(LANDLOCK)))
            .and_then(Ruleset::create)
            .and_then(landlock::RulesetCreated::restrict_self)
            .context("cannot give up the files")?;
        Ok(status.ruleset != RulesetStatus::NotEnforced)
    }

    /// Refuses all system calls that are not on the list, on all threads.
    ///
    /// Returns whether the kernel holds it.
    pub fn refuse_calls() -> Result<bool> {
        if !report().seccomp {
            return Ok(false);
        }
        let refuse = SeccompAction::Errno(libc::EPERM.cast_unsigned());
        let architecture = std::env::consts::ARCH.try_into().context("seccomp on this processor")?;
        let filter: BpfProgram = SeccompFilter::new(rules()?, refuse, SeccompAction::Allow, architecture)
            .and_then(TryInto::try_into)
            .context("the list of system calls is wrong")?;
        seccompiler::apply_filter_all_threads(&filter).context("cannot give up system calls")?;
        Ok(true)
    }

    fn rules() -> Result<BTreeMap<i64, Vec<SeccompRule>>> {
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
            ALLOWED.into_iter().map(|call| (call, vec![])).collect();
        // A process may end itself by a signal (abort, a second fault), nobody else.
        let me = u64::from(std::process::id());
        let is_me = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, me)?;
        rules.insert(libc::SYS_tgkill, vec![SeccompRule::new(vec![is_me])?]);
        Ok(rules)
    }

    /// Tries what should be refused.
    #[must_use]
    pub fn try_walls(landlock: bool, seccomp: bool) -> Confinement {
        // SAFETY: makes a descriptor or fails; no memory is involved.
        let socket = unsafe { libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0) };
        if socket >= 0 {
            // SAFETY: it is ours, made one line above.
            unsafe { libc::close(socket) };
        }
        Confinement {
            landlock,
            seccomp,
            sockets_refused: socket < 0,
            files_refused: File::open("/proc/self/exe").is_err(),
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use anyhow::Result;

    use super::{Confinement, ProcessLimits, Report};

    /// Nothing of Linux.
    #[must_use]
    pub fn report() -> Report {
        Report { seccomp: false, landlock: None }
    }

    /// Not on this system.
    pub fn close_inherited() {}

    /// Not on this system.
    pub fn limit_resources(_: ProcessLimits) -> Result<()> {
        Ok(())
    }

    /// Not on this system.
    pub fn refuse_files() -> Result<bool> {
        Ok(false)
    }

    /// Not on this system.
    pub fn refuse_calls() -> Result<bool> {
        Ok(false)
    }

    /// There are no walls to try.
    #[must_use]
    pub fn try_walls(landlock: bool, seccomp: bool) -> Confinement {
        Confinement { landlock, seccomp, sockets_refused: false, files_refused: false }
    }
}
