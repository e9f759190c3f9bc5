//! The folder target: each key is written once, whole, and found by reading; a change replaces it, whole as well.
#![allow(clippy::unwrap_used, reason = "a test: a panic is how it fails")]

use crossdock_connectors::folder::{self, Folder};
use crossdock_flow::{
    Code, Document,
    order::Value,
    sample,
    target::{Answer, Booked, Found, Page, Receipt, Standing, Target},
};
use jiff::{Timestamp, ToSpan};
use std::{
    fs::{self, File},
    path::Path,
    time::SystemTime,
};

fn document(key: &str) -> Document {
    Document { key: key.into(), ..sample::document(&sample::order(2)) }
}

fn receipt(key: &str) -> Receipt {
    Receipt { number: key.into() }
}

fn files(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_key_is_written_once() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::new("out", home.path().join("new/orders")).unwrap();
    assert_eq!(folder.find(&document("4711")).await, Found::Missing);
    for _ in 0..2 {
        assert_eq!(folder.create(&document("4711")).await, Answer::Done(receipt("4711")));
    }
    assert_eq!(folder.find(&document("4711")).await, Found::Here(receipt("4711")));
    let path = home.path().join("new/orders/4711.json");
    let before = fs::read(&path).unwrap();

    let mut other = document("4711");
    other.fields[2].value = Value::Text("NET60".into());
    assert!(matches!(folder.create(&other).await, Answer::Refused(fault) if fault.code == Code::Conflict));
    assert_eq!(fs::read(&path).unwrap(), before, "what is there is never replaced");
    other.total += other.total;
    assert!(matches!(folder.find(&other).await, Found::Other(fault) if fault.code == Code::Conflict));
    // Nothing half-written is left behind.
    assert_eq!(files(&home.path().join("new/orders")), ["4711.json"]);
}

#[tokio::test]
async fn many_at_once_make_one_file() {
    let home = tempfile::tempdir().unwrap();
    let folder = std::sync::Arc::new(Folder::new("out", home.path()).unwrap());
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let folder = folder.clone();
            tokio::spawn(async move { folder.create(&document("4711")).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), Answer::Done(receipt("4711")));
    }
    assert_eq!(files(home.path()), ["4711.json"]);
}

#[tokio::test]
async fn a_key_never_leaves_the_directory() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::new("out", home.path().join("orders")).unwrap();
    for key in ["../4711", "/etc/x", "..", "a/b", "ü %2F"] {
        assert_eq!(folder.create(&document(key)).await, Answer::Done(receipt(key)));
        assert_eq!(folder.find(&document(key)).await, Found::Here(receipt(key)));
    }
    assert_eq!(files(home.path()), ["orders"]);
    assert_eq!(files(&home.path().join("orders")).len(), 5);
}

#[tokio::test]
async fn cancelling_leaves_a_mark() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::new("out", home.path()).unwrap();
    assert!(matches!(folder.cancel("4711").await, Answer::Refused(_)));
    folder.create(&document("4711")).await;
    for _ in 0..2 {
        assert_eq!(folder.cancel("4711").await, Answer::Done(receipt("4711")));
    }
    assert_eq!(files(home.path()), ["4711.json", "4711.json.cancelled"]);
}

/// The document with another payment term and twice the worth.
fn changed(key: &str) -> Document {
    let mut changed = document(key);
    changed.fields[2].value = Value::Text("NET60".into());
    changed.total += changed.total;
    changed
}

#[tokio::test]
async fn a_change_replaces_the_file_whole() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::new("out", home.path()).unwrap();
    folder.create(&document("4711")).await;
    let (path, kept) = (home.path().join("4711.json"), home.path().join("kept"));
    let before = fs::read(&path).unwrap();
    // Whoever has opened the old file reads the old one to its end: nothing is written into it.
    fs::hard_link(&path, &kept).unwrap();
    for _ in 0..2 {
        assert_eq!(folder.change("4711", &changed("4711")).await, Answer::Done(receipt("4711")));
    }
    assert_eq!(fs::read(&kept).unwrap(), before);
    assert_ne!(fs::read(&path).unwrap(), before);
    assert_eq!(folder.find(&changed("4711")).await, Found::Here(receipt("4711")));
    assert!(matches!(folder.find(&document("4711")).await, Found::Other(_)));
    assert_eq!(files(home.path()), ["4711.json", "kept"], "nothing half-written is left behind");

    let after = fs::read(&path).unwrap();
    assert!(matches!(folder.change("4712", &changed("4712")).await, Answer::Refused(fault) if fault.code == Code::Refused));
    assert!(matches!(folder.change("4711", &changed("4712")).await, Answer::Refused(fault) if fault.code == Code::Conflict));
    folder.cancel("4711").await;
    assert!(matches!(folder.change("4711", &document("4711")).await, Answer::Refused(fault) if fault.code == Code::AlreadyExported));
    assert_eq!(fs::read(&path).unwrap(), after);
    assert_eq!(files(home.path()), ["4711.json", "4711.json.cancelled", "kept"]);
}

#[tokio::test]
async fn the_standing_is_what_is_in_the_folder() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::new("out", home.path()).unwrap();
    assert_eq!(folder.standing("a/b").await, Ok(None));
    folder.create(&document("a/b")).await;
    assert_eq!(folder.standing("a/b").await, Ok(Some(Standing::Open)));
    folder.cancel("a/b").await;
    assert_eq!(folder.standing("a/b").await, Ok(Some(Standing::Cancelled)));
}

fn set_time(path: &Path, at: Timestamp) {
    File::options().write(true).open(path).unwrap().set_modified(SystemTime::from(at)).unwrap();
}

#[tokio::test]
async fn what_was_written_or_cancelled_since_then_is_listed() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::new("out", home.path()).unwrap();
    let day: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
    for (hour, key) in ["c", "a", "b/1"].into_iter().enumerate() {
        folder.create(&document(key)).await;
        let name = if key == "b/1" { "b%2F1.json".to_owned() } else { format!("{key}.json") };
        set_time(&home.path().join(name), day + (hour as i64).hours());
    }
    for name in ["notes.txt", ".draft-1-1"] {
        fs::write(home.path().join(name), "x").unwrap();
    }
    fs::create_dir(home.path().join("d.json")).unwrap();
    let row =
        |key: &str, standing| Booked { number: key.into(), key: key.into(), customer: document(key).customer, total: document(key).total, standing };
    let page = async |since| folder.booked(since, None).await.unwrap();
    let open = |keys: &[&str]| Page { rows: keys.iter().map(|key| row(key, Standing::Open)).collect(), next: None };
    assert_eq!(page(day).await, open(&["a", "b/1", "c"]));
    assert_eq!(page(day + 1.hours()).await, open(&["a", "b/1"]));
    assert_eq!(page(day + 3.hours()).await, open(&[]));
    // A cancellation is a change.
    folder.cancel("c").await;
    set_time(&home.path().join("c.json.cancelled"), day + 3.hours());
    assert_eq!(page(day + 3.hours()).await, Page { rows: vec![row("c", Standing::Cancelled)], next: None });

    // What is no document of ours is named, and not passed over: the list would be short by it.
    fs::write(home.path().join("e.json"), "{}").unwrap();
    let busy = folder.booked(day, None).await.unwrap_err();
    assert_eq!((busy.fault.code, busy.fault.place.as_deref()), (Code::PartnerAnswer, Some("e.json")));
}

#[tokio::test]
async fn a_long_list_comes_page_by_page() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::new("out", home.path()).unwrap();
    folder.create(&document("0000")).await;
    let text = fs::read_to_string(home.path().join("0000.json")).unwrap();
    for number in 1..=400 {
        fs::write(home.path().join(format!("{number:04}.json")), text.replace(r#""key": "0000""#, &format!(r#""key": "{number:04}""#))).unwrap();
    }
    let (mut keys, mut lengths, mut next) = (Vec::new(), Vec::new(), None);
    loop {
        let page = folder.booked(Timestamp::UNIX_EPOCH, next.as_deref()).await.unwrap();
        lengths.push(page.rows.len());
        keys.extend(page.rows.into_iter().map(|row| row.key));
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(lengths, [200, 200, 1]);
    assert_eq!(keys, (0..=400).map(|number| format!("{number:04}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_lost_directory_is_busy_and_says_nothing_of_its_files() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::new("out", home.path().join("orders")).unwrap();
    folder.create(&document("1")).await;
    fs::rename(home.path().join("orders"), home.path().join("elsewhere")).unwrap();
    let writes = [folder.create(&document("1")).await, folder.change("1", &document("1")).await, folder.cancel("1").await];
    assert!(writes.iter().all(|answer| matches!(answer, Answer::Busy(busy) if busy.fault.code == Code::PartnerBusy)), "{writes:?}");
    assert!(matches!(folder.find(&document("1")).await, Found::Busy(_)));
    assert!(folder.standing("1").await.is_err() && folder.booked(Timestamp::UNIX_EPOCH, None).await.is_err());
    fs::rename(home.path().join("elsewhere"), home.path().join("orders")).unwrap();
    assert_eq!(folder.find(&document("1")).await, Found::Here(receipt("1")));
}

#[test]
fn imports_come_by_name() {
    let home = tempfile::tempdir().unwrap();
    for (name, text) in [("b.json", "2"), ("a.json", "1"), ("c.txt", "x"), (".draft-1", "x")] {
        fs::write(home.path().join(name), text).unwrap();
    }
    fs::create_dir(home.path().join("d.json")).unwrap();
    let found: Vec<_> = folder::orders(home.path()).unwrap().map(Result::unwrap).collect();
    assert_eq!(found, [("a.json".into(), b"1".to_vec()), ("b.json".into(), b"2".to_vec())]);

    File::create(home.path().join("a.json")).unwrap().set_len(folder::MAX_IMPORT + 1).unwrap();
    let results: Vec<_> = folder::orders(home.path()).unwrap().collect();
    assert!(results[0].as_ref().is_err_and(|fault| fault.code == Code::Malformed && fault.reached.is_some()));
    assert!(results[1].is_ok());
    assert!(folder::orders(&home.path().join("none")).is_err());
}
