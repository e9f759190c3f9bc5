//! The cases that are no components but files and links that a plugin directory should not hold.

use crate::{Case, Phase, Source, bombs, frame};
use crossdock_flow::Code::{self, NotWasm, PluginSize, PluginTrapped};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

type Prepared = (PathBuf, Box<dyn Send>);

/// Every case that is a file; those that this system cannot make are left out.
pub(crate) fn cases() -> impl Iterator<Item = Case> {
    let file = |name, route, expect: &[Code], limit, make: fn(&Path) -> Prepared| Case {
        name,
        route,
        source: Source::File(make),
        expect: expect.to_vec(),
        limit,
        phase: Phase::Load,
        endless: false,
        post_map: false,
    };
    let mut cases = vec![
        file("file-missing", "A name behind which there is no file.", &[NotWasm], "-", |folder| ready(folder.join("plugin.wasm"))),
        file("file-folder", "A folder with a plugin's name.", &[NotWasm], "-", |folder| {
            let path = folder.join("plugin.wasm");
            fs::create_dir(&path).unwrap_or_default();
            ready(path)
        }),
        file("file-sparse", "A file of 1 TiB that takes no room on disk.", &[PluginSize], "size", |folder| {
            let path = folder.join("plugin.wasm");
            File::create(&path).and_then(|file| file.set_len(1 << 40)).unwrap_or_default();
            ready(path)
        }),
        file("file-replaced-while-read", "A file that is overwritten and replaced while it is read.", &[NotWasm, PluginTrapped], "-", replaced),
        file("file-grows-while-read", "A file that grows as fast as it is read.", &[NotWasm, PluginSize], "size", grows),
    ];
    if cfg!(unix) {
        cases.extend([
            file(
                "link-replaced-while-read",
                "A link that leads to a component, to a device of endless zeroes and to a pipe in turns while it is followed.",
                &[NotWasm, PluginTrapped],
                "-",
                relinked,
            ),
            file("link-to-itself", "A link that leads to itself.", &[NotWasm], "-", |folder| link(folder, &folder.join("plugin.wasm"))),
            file("link-to-zeroes", "A link to a device of endless zeroes.", &[NotWasm], "-", |folder| link(folder, Path::new("/dev/zero"))),
            file("pipe", "A pipe into which nobody writes: who opens it waits for ever.", &[NotWasm], "-", |folder| {
                let path = folder.join("plugin.wasm");
                let made = Command::new("mkfifo").arg(&path).status();
                assert!(made.is_ok_and(|status| status.success()), "no pipe was made");
                ready(path)
            }),
        ]);
    }
    if cfg!(target_os = "linux") {
        cases.push(file(
            "link-to-endless-file",
            "A link to a file that says it is empty and has hundreds of gigabytes.",
            &[NotWasm, PluginSize],
            "size",
            |folder| link(folder, Path::new("/proc/self/pagemap")),
        ));
    }
    cases.into_iter()
}

fn ready(path: PathBuf) -> Prepared {
    (path, Box::new(()))
}

#[cfg(unix)]
fn link(folder: &Path, to: &Path) -> Prepared {
    let path = folder.join("plugin.wasm");
    std::os::unix::fs::symlink(to, &path).unwrap_or_default();
    ready(path)
}

#[cfg(not(unix))]
fn link(folder: &Path, _: &Path) -> Prepared {
    ready(folder.join("plugin.wasm"))
}

/// Somebody who works on a file until the case is over.
struct Busy(Arc<AtomicBool>, Option<JoinHandle<()>>);

impl Busy {
    fn doing(mut work: impl FnMut(usize) + Send + 'static) -> Box<dyn Send> {
        let over = Arc::new(AtomicBool::new(false));
        let seen = over.clone();
        let thread = std::thread::spawn(move || {
            for round in 0.. {
                if seen.load(Ordering::Relaxed) {
                    break;
                }
                work(round);
            }
        });
        Box::new(Busy(over, Some(thread)))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
        if let Some(thread) = self.1.take() {
            thread.join().unwrap_or_default();
        }
    }
}

/// A component that traps takes turns with pieces of it: written over it in place, and put in its place by a rename.
/// Whichever the host reads, what it checks is what it runs.
fn replaced(folder: &Path) -> Prepared {
    let path = folder.join("plugin.wasm");
    let traps = wat::parse_str(frame::framed("(func $misbehave (param i32 i32) (result i32) (unreachable))", frame::SAMPLE)).unwrap_or_default();
    fs::write(&path, &traps).unwrap_or_default();
    let (target, aside) = (path.clone(), folder.join("aside"));
    let busy = Busy::doing(move |round| {
        let piece = if round % 2 == 0 { &traps[..] } else { &traps[..traps.len() / 2] };
        if round % 3 == 0 {
            fs::write(&aside, piece).and_then(|()| fs::rename(&aside, &target)).unwrap_or_default();
        } else {
            fs::write(&target, piece).unwrap_or_default();
        }
        std::thread::sleep(std::time::Duration::from_micros(200));
    });
    (path, busy)
}

/// A link that leads elsewhere at every look. The pipe has a reader and a writer, so that an open end is not what is tested.
#[cfg(unix)]
fn relinked(folder: &Path) -> Prepared {
    let (path, component, pipe) = (folder.join("plugin.wasm"), folder.join("component"), folder.join("pipe"));
    let traps = wat::parse_str(frame::framed("(func $misbehave (param i32 i32) (result i32) (unreachable))", frame::SAMPLE)).unwrap_or_default();
    fs::write(&component, traps).unwrap_or_default();
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.is_ok_and(|status| status.success()), "no pipe was made");
    let open = File::options().read(true).write(true).open(&pipe);
    std::os::unix::fs::symlink(&component, &path).unwrap_or_default();
    let (target, aside) = (path.clone(), folder.join("aside"));
    let busy = Busy::doing(move |round| {
        let _open = &open;
        let to = [component.as_path(), Path::new("/dev/zero"), &pipe][round % 3];
        std::os::unix::fs::symlink(to, &aside).and_then(|()| fs::rename(&aside, &target)).unwrap_or_default();
        std::thread::sleep(std::time::Duration::from_micros(200));
    });
    (path, busy)
}

#[cfg(not(unix))]
fn relinked(folder: &Path) -> Prepared {
    ready(folder.join("plugin.wasm"))
}

/// Begins like a component with a section of 4 GiB, and grows by 1 MiB every millisecond, up to 256 MiB, so that a host
/// that reads on is found out before the disk is full.
fn grows(folder: &Path) -> Prepared {
    use std::io::Write;
    let path = folder.join("plugin.wasm");
    let mut begin = bombs::well();
    begin.extend([0, 0xff, 0xff, 0xff, 0xff, 0x0f]);
    fs::write(&path, &begin).unwrap_or_default();
    let (target, more) = (path.clone(), vec![0u8; 1 << 20]);
    let busy = Busy::doing(move |round| {
        if round < 256 {
            File::options().append(true).open(&target).and_then(|mut file| file.write_all(&more)).unwrap_or_default();
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    });
    (path, busy)
}
