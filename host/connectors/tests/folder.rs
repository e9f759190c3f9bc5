//! The folder target: each key is written once, whole, and found by reading.
#![allow(clippy::unwrap_used, reason = "a test: a panic is how it fails")]

use crossdock_connectors::folder::{self, Folder};
use crossdock_flow::{
    Code, Document,
    order::Value,
    sample,
    target::{Answer, Found, Receipt, Target},
};

fn document(key: &str) -> Document {
    Document { key: key.into(), ..sample::document(&sample::order(2)) }
}

fn receipt(key: &str) -> Receipt {
    Receipt { number: key.into() }
}

fn files(directory: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
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
    let before = std::fs::read(&path).unwrap();

    let mut other = document("4711");
    other.fields[2].value = Value::Text("NET60".into());
    assert!(matches!(folder.create(&other).await, Answer::Refused(fault) if fault.code == Code::Conflict));
    assert_eq!(std::fs::read(&path).unwrap(), before, "what is there is never replaced");
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

#[tokio::test]
async fn a_lost_directory_is_busy() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::new("out", home.path().join("orders")).unwrap();
    std::fs::remove_dir(home.path().join("orders")).unwrap();
    assert!(matches!(folder.create(&document("1")).await, Answer::Busy(busy) if busy.fault.code == Code::PartnerBusy));
}

#[test]
fn imports_come_by_name() {
    let home = tempfile::tempdir().unwrap();
    for (name, text) in [("b.json", "2"), ("a.json", "1"), ("c.txt", "x"), (".draft-1", "x")] {
        std::fs::write(home.path().join(name), text).unwrap();
    }
    std::fs::create_dir(home.path().join("d.json")).unwrap();
    let found: Vec<_> = folder::orders(home.path()).unwrap().map(Result::unwrap).collect();
    assert_eq!(found, [("a.json".into(), b"1".to_vec()), ("b.json".into(), b"2".to_vec())]);

    std::fs::File::create(home.path().join("a.json")).unwrap().set_len(folder::MAX_IMPORT + 1).unwrap();
    let results: Vec<_> = folder::orders(home.path()).unwrap().collect();
    assert!(results[0].as_ref().is_err_and(|fault| fault.code == Code::Malformed && fault.reached.is_some()));
    assert!(results[1].is_ok());
    assert!(folder::orders(&home.path().join("none")).is_err());
}
