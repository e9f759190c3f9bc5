//! What the ERP says of its fields, from the simulated ERP and from answers that are wrong.

use crate::{bearer, connect};
use crossdock_flow::{
    Code,
    schema::{CodePage, Kind},
    target::Target,
};
use crossdock_partners::{
    faults::{Fault, On},
    puppet::{Puppet, Say},
    sagepro::{Options, SagePro as Erp},
};

#[tokio::test]
async fn the_field_list_is_read_without_cards_and_passwords() {
    let erp = Erp::start(Options::default());
    let target = connect(erp.url(), bearer());
    let tables = target.tables().await.unwrap().unwrap();
    let names: Vec<&str> = tables.iter().map(|table| table.table.as_str()).collect();
    assert_eq!((names, tables[0].code_page), (vec!["SalesOrder", "SalesOrderLine"], CodePage::Unicode));
    assert_eq!((tables[0].width("ShipToAddress.City"), tables[1].width("ItemCode")), (Some(20), Some(15)));
    let kind = |name: &str| tables[0].column(name).map(|column| column.kind());
    assert_eq!(kind("TotalAmount"), Some(Kind::Number { width: 16, decimals: 4 }));
    assert_eq!([kind("OrderDate"), kind("Backorder"), kind("Comment")], [Kind::Date, Kind::Flag, Kind::Memo].map(Some));
    assert_eq!([kind("CC_NUM"), kind("Password")], [None, None]);
    assert!(erp.set_width("ShipToAddress.City", 15) && !erp.set_width("ShipToAddress.Town", 15));
    assert_eq!(target.tables().await.unwrap().unwrap()[0].width("ShipToAddress.City"), Some(15));
}

#[tokio::test]
async fn from_a_field_list_that_does_not_come_nothing_is_concluded() {
    let erp = Erp::start(Options::default());
    let target = connect(erp.url(), bearer());
    for (fault, code) in [
        (Fault::ErrorBefore, Code::PartnerBusy),
        (Fault::SilenceAfter, Code::PartnerBusy),
        (Fault::Unauthorized, Code::Credentials),
        (Fault::ErrorInside, Code::PartnerAnswer),
        (Fault::GarbageAfter, Code::PartnerAnswer),
        (Fault::FloodAfter, Code::PartnerAnswer),
    ] {
        erp.faults().next(On::Metadata, 1, fault.clone());
        assert!(target.tables().await.is_err_and(|busy| busy.fault.code == code), "{fault:?}");
    }
    let puppet = Puppet::start();
    let target = connect(puppet.url(), bearer());
    puppet.say([Say::new(404, "<html>Not Found</html>")]);
    assert_eq!(target.tables().await, Ok(None), "an older facade has none, and is not ill for it");
}
