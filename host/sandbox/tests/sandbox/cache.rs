//! Compiled plugins on disk: hit, damage, foreign files, and directories that are not ours alone.

use crate::support::{given, guest, hooks, only_file, patient, small};
use crossdock_flow::{Code, hook::Plugin, sample};
use crossdock_sandbox::{Sandbox, Settings, Terms};
use std::{fs, path::Path, sync::Arc};

/// The sandbox makes the directory itself, closed to others.
fn sandbox(folder: &Path) -> Sandbox {
    small(Settings { cache: Some(folder.join("cache")), ..Settings::default() })
}

async fn from_cache(sandbox: &Sandbox) -> bool {
    let plugin = sandbox.load("hooks", hooks(), Terms { limits: patient(), settings: given(), ..Terms::default() }).await.unwrap();
    let ran = plugin.pre_map(&sample::context(), Arc::new(sample::order(3))).await;
    ran.answer.unwrap();
    plugin.facts().from_cache
}

#[tokio::test]
async fn the_second_load_comes_from_the_cache_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let first = sandbox(folder.path());
    assert!(!from_cache(&first).await);
    assert!(from_cache(&first).await);
    drop(first);
    assert!(from_cache(&sandbox(folder.path())).await);
}

#[tokio::test]
async fn a_damaged_foreign_or_renamed_file_is_compiled_anew() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = sandbox(folder.path());
    assert!(!from_cache(&sandbox).await);
    let file = only_file(&folder);
    let good = fs::read(&file).unwrap();
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 1;
    let other = wat::parse_str("(component)").unwrap();
    for damaged in [&flipped[..], &good[..good.len() / 2], &good[..10], b"", &other] {
        fs::write(&file, damaged).unwrap();
        assert!(!from_cache(&sandbox).await, "{} bytes", damaged.len());
        assert!(from_cache(&sandbox).await, "and the new one is kept");
    }
    // Another plugin's code under this plugin's name: the checksum covers the name.
    let one = sandbox.load("one", guest("one", "wasm32-wasip2"), patient()).await.unwrap();
    let name = file.file_name().unwrap().to_str().unwrap().replace(&*sha_of(&file), &one.facts().sha256);
    fs::copy(file.with_file_name(name), &file).unwrap();
    assert!(!from_cache(&sandbox).await);
}

fn sha_of(file: &Path) -> String {
    file.file_name().unwrap().to_str().unwrap()[..64].to_owned()
}

#[cfg(unix)]
#[tokio::test]
async fn what_others_can_write_is_not_trusted() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let sandbox = sandbox(folder.path());
    assert!(!from_cache(&sandbox).await);
    let file = only_file(&folder);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    assert!(!from_cache(&sandbox).await);

    let directory = file.parent().unwrap();
    assert_eq!(fs::metadata(directory).unwrap().permissions().mode() & 0o777, 0o700);
    fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).unwrap();
    let fault = Sandbox::new(Settings { concurrency: 1, cache: Some(directory.into()), ..Settings::default() }).err().unwrap();
    assert_eq!(fault.code, Code::Settings);
    assert!(fault.message.contains("755"), "{fault}");
}
