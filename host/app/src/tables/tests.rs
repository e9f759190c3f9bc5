//! What the nightly look tells, and how often.

use super::*;
use async_trait::async_trait;
use crossdock_flow::{
    Document,
    record::Store,
    schema::Kind,
    target::{Answer, Booked, Busy, Found, Page, Standing, Stock},
};
use crossdock_stores::sqlite::SqliteStore;
use std::sync::Mutex;

/// An ERP that has one table, of one column.
struct Erp(Mutex<usize>);

#[async_trait]
impl Target for Erp {
    fn name(&self) -> &str {
        "my/erp"
    }
    async fn create(&self, _: &Document) -> Answer {
        unreachable!()
    }
    async fn find(&self, _: &Document) -> Found {
        unreachable!()
    }
    async fn cancel(&self, _: &str) -> Answer {
        unreachable!()
    }
    async fn change(&self, _: &str, _: &Document) -> Answer {
        unreachable!()
    }
    async fn standing(&self, _: &str) -> Result<Option<Standing>, Busy> {
        unreachable!()
    }
    async fn booked(&self, _: Timestamp, _: Option<&str>) -> Result<Page<Booked>, Busy> {
        unreachable!()
    }
    async fn stock(&self) -> Result<Stock, Busy> {
        unreachable!()
    }
    async fn tables(&self) -> Result<Option<Vec<Schema>>, Busy> {
        let width = *self.0.lock().unwrap();
        Ok(Some(vec![Schema::read("SalesOrder", CodePage::Cp1252, [("City", Kind::Text { width })])]))
    }
}

#[tokio::test]
async fn a_change_is_told_once_until_it_is_another() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(&folder.path().join("store.db")).unwrap());
    let erp = Arc::new(Erp(Mutex::new(20)));
    let settings = TablesSettings {
        keep: folder.path().join("schema"),
        files: Vec::new(),
        code_page: None,
        header: Vec::new(),
        lines: Vec::new(),
        columns: Default::default(),
    };
    let tables = Tables { target: erp.clone(), settings };
    let (clock, now) = (Arc::new(crossdock_flow::clock::SystemClock), Timestamp::UNIX_EPOCH);
    let watch = Watch { tables: tables.clone(), store: store.clone(), clock, nightly: Time::midnight(), zone: TimeZone::UTC };
    let mut told = Vec::new();
    // The first time there is nothing to compare with; then narrower, the same, wider, back, narrower again.
    for width in [20, 20, 15, 15, 25, 20, 15] {
        *erp.0.lock().unwrap() = width;
        watch.look(now).await.unwrap();
        told.push(store.alerts(0).await.unwrap().len());
    }
    assert_eq!(told, [0, 0, 1, 1, 2, 2, 3]);
    assert_eq!(tables.kept().unwrap().unwrap().tables[0].schema.width("City"), Some(20), "what was accepted stays until it is read anew");
    tables.keep(&tables.read(tables.all(), now).await.unwrap()).unwrap();
    watch.look(now).await.unwrap();
    assert_eq!((store.alerts(0).await.unwrap().len(), tables.seen_file().exists()), (3, false));
    assert_eq!(tables.kept_file(), folder.path().join("schema/my_erp.json"), "a name is no path");
    // A file of another version, or none at all, is never taken for one without tables.
    let text = fs::read_to_string(tables.kept_file()).unwrap();
    for wrong in [text.replace("\"version\": 1", "\"version\": 2"), text[..text.len() / 2].to_owned(), "{}".into()] {
        fs::write(tables.kept_file(), wrong).unwrap();
        assert_eq!(watch.look(now).await.unwrap_err().code, Code::Store);
    }
}
