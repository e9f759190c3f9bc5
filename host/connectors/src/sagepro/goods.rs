//! Sage Pro's goods and people on the wire, and what they are in canonical terms: products, stock levels, customers,
//! shipments, invoices. Shapes and conversions only; the requests are in `peer.rs`.

use crate::{
    custom::{self, Beside},
    exact::Amount,
    rows::{bytes, instant, moment, shape},
};
use crossdock_flow::{
    Code, Currency, Decimal, Fault, OrderNumber,
    entity::{
        customer::{Customer, Standing},
        echo::Kind,
        invoice::{self, Invoice},
        kit::{Component, Kit},
        product::{Price, Product, Weight, WeightUnit},
        shipment::{Parcel, Quantity, Shipment},
    },
    order::{Address, Field},
    sync::{Level, Subject},
};
use serde::{Deserialize, Serialize};

/// The columns that are known by name, of each list; any other is a custom field.
const PRODUCT: [&str; 11] =
    ["ItemCode", "Description", "LongDescription", "ItemType", "Active", "TaxClass", "Weight", "WeightUnit", "Prices", "Kit", "UpdatedAt"];
pub(super) const CUSTOMER: [&str; 16] = [
    "CustomerNo",
    "WebId",
    "Status",
    "Company",
    "Contact",
    "Email",
    "Phone",
    "Segment",
    "Terms",
    "PriceList",
    "TaxCode",
    "Currency",
    "CreditLimit",
    "BillTo",
    "ShipTo",
    "UpdatedAt",
];
const SHIPMENT: [&str; 8] = ["ShipmentNo", "PurchaseOrderNo", "SalesOrderNo", "Warehouse", "ShippedAt", "Lines", "Packages", "UpdatedAt"];
const INVOICE: [&str; 12] = [
    "InvoiceNo",
    "PurchaseOrderNo",
    "SalesOrderNo",
    "InvoiceDate",
    "Currency",
    "Shipments",
    "Lines",
    "DiscountAmount",
    "ShippingAmount",
    "ShippingTax",
    "TotalAmount",
    "UpdatedAt",
];

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ProductRow {
    item_code: String,
    description: String,
    long_description: String,
    item_type: String,
    active: bool,
    tax_class: String,
    weight: Option<Amount>,
    weight_unit: String,
    prices: Vec<PriceRow>,
    kit: Vec<ComponentRow>,
    updated_at: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ComponentRow {
    item_code: String,
    #[serde(default)]
    description: String,
    quantity: Amount,
    #[serde(default)]
    price: Option<Amount>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PriceRow {
    currency: String,
    #[serde(default)]
    price_list: String,
    #[serde(default)]
    from_quantity: Amount,
    price: Amount,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LevelRow {
    item_code: String,
    warehouse: String,
    available: Amount,
    updated_at: String,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CustomerRow {
    customer_no: String,
    web_id: String,
    status: String,
    company: String,
    contact: String,
    email: String,
    phone: String,
    segment: String,
    terms: String,
    price_list: String,
    tax_code: String,
    currency: String,
    credit_limit: Option<Amount>,
    bill_to: AddressRow,
    ship_to: Vec<ShipToRow>,
    updated_at: String,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct AddressRow {
    name: String,
    company: String,
    address1: String,
    address2: String,
    city: String,
    state: String,
    zip: String,
    country: String,
    phone: String,
    email: String,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ShipToRow {
    code: String,
    address: AddressRow,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ShipmentRow {
    shipment_no: String,
    purchase_order_no: String,
    #[serde(default)]
    warehouse: String,
    shipped_at: String,
    lines: Vec<ShippedRow>,
    #[serde(default)]
    packages: Vec<PackageRow>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ShippedRow {
    line_no: u32,
    quantity: Amount,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PackageRow {
    #[serde(default)]
    carrier: String,
    tracking_no: String,
    #[serde(default)]
    url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InvoiceRow {
    invoice_no: String,
    purchase_order_no: String,
    invoice_date: String,
    currency: String,
    #[serde(default)]
    shipments: Vec<String>,
    lines: Vec<InvoicedRow>,
    #[serde(default)]
    discount_amount: Amount,
    #[serde(default)]
    shipping_amount: Amount,
    #[serde(default)]
    shipping_tax: Amount,
    total_amount: Amount,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InvoicedRow {
    line_no: u32,
    item_code: String,
    quantity: Amount,
    unit_price: Amount,
    #[serde(default)]
    discount_amount: Amount,
    ext_price: Amount,
    #[serde(default)]
    tax_amount: Amount,
}

/// Reads a row. Fails with E201, E202 or E204.
pub(super) fn read(kind: Kind, body: &[u8]) -> Result<Subject, Fault> {
    Ok(match kind {
        Kind::Product => Subject::Product(Box::new(product(shape(body)?, custom::columns(body, &PRODUCT)?)?)),
        Kind::Stock => {
            let row: LevelRow = shape(body)?;
            Subject::Stock(Level {
                sku: row.item_code.trim().to_owned(),
                warehouse: row.warehouse.trim().to_owned(),
                // An ERP may have sold what it does not have; a shop cannot.
                available: row.available.0.max(Decimal::ZERO),
                changed_at: instant(&row.updated_at)?,
            })
        }
        Kind::Customer => Subject::Customer(Box::new(customer(shape(body)?, custom::columns(body, &CUSTOMER)?)?)),
        Kind::Shipment => Subject::Shipment(shipment(shape(body)?, custom::columns(body, &SHIPMENT)?)?),
        Kind::Invoice => Subject::Invoice(Box::new(invoice(shape(body)?, custom::columns(body, &INVOICE)?)?)),
        Kind::Entry => Subject::Entry(Box::new(super::journal::read(body)?)),
        Kind::Order | Kind::Payment | Kind::Refund | Kind::Dispute | Kind::Payout => {
            return Err(Fault::new(Code::Internal, format!("the ERP has no {kind} of its own")));
        }
    })
}

/// Writes what this ERP takes: customers and journal entries. Fails with E202 for anything else.
pub(super) fn write(subject: &Subject) -> Result<Vec<u8>, Fault> {
    match subject {
        Subject::Customer(customer) => bytes(&Beside::of(customer_row(customer), &CUSTOMER, &customer.fields)?),
        Subject::Entry(journal) => super::journal::write(journal),
        Subject::Payment(_) | Subject::Refund(_) | Subject::Dispute(_) | Subject::Payout(_) => {
            Err(Fault::new(Code::InvalidField, format!("the ERP takes the journal entries of a {}, not itself", subject.kind())))
        }
        Subject::Product(_) | Subject::Stock(_) | Subject::Shipment(_) | Subject::Invoice(_) => {
            Err(Fault::new(Code::InvalidField, format!("the ERP is where a {} comes from: it takes none", subject.kind())))
        }
    }
}

fn product(row: ProductRow, fields: Vec<Field>) -> Result<Product, Fault> {
    let unit = match row.weight_unit.trim().to_ascii_lowercase().as_str() {
        "" | "kg" => WeightUnit::Kg,
        "g" => WeightUnit::G,
        "lb" | "lbs" => WeightUnit::Lb,
        "oz" => WeightUnit::Oz,
        _ => return Err(Fault::new(Code::InvalidField, "a weight is in kg, g, lb or oz").at("WeightUnit")),
    };
    let price = |row: PriceRow| {
        let PriceRow { currency, price_list, from_quantity, price } = row;
        Ok(Price {
            currency: Currency::parse(currency.trim()).map_err(|fault| fault.at("Currency"))?,
            list: price_list.trim().to_owned(),
            from: from_quantity.0,
            amount: price.0,
        })
    };
    let product = Product {
        sku: row.item_code.trim().to_owned(),
        name: row.description.trim().to_owned(),
        description: row.long_description.trim().to_owned(),
        product_type: row.item_type.trim().to_owned(),
        is_sold: row.active,
        tax_class: row.tax_class.trim().to_owned(),
        weight: row.weight.map(|amount| Weight { amount: amount.0, unit }),
        prices: row.prices.into_iter().map(price).collect::<Result<_, Fault>>()?,
        kit: kit(row.kit),
        changed_at: instant(&row.updated_at)?,
        fields,
    };
    product.check()?;
    Ok(product)
}

/// An article that consists of others is a kit; what each is worth is its price.
fn kit(rows: Vec<ComponentRow>) -> Option<Kit> {
    let component = |row: ComponentRow| Component {
        sku: row.item_code.trim().to_owned(),
        name: row.description.trim().to_owned(),
        quantity: row.quantity.0,
        worth: row.price.map(|price| price.0),
    };
    (!rows.is_empty()).then(|| Kit { components: rows.into_iter().map(component).collect() })
}

fn customer(row: CustomerRow, fields: Vec<Field>) -> Result<Customer, Fault> {
    let standing = match row.status.trim() {
        "" | "Active" => Standing::Active,
        "OnHold" => Standing::OnHold,
        "Closed" => Standing::Closed,
        _ => return Err(Fault::new(Code::InvalidField, "a customer is Active, OnHold or Closed").at("Status")),
    };
    Ok(Customer {
        web_id: row.web_id.trim().to_owned(),
        number: Some(row.customer_no.trim().to_owned()).filter(|number| !number.is_empty()),
        standing,
        company: row.company.trim().to_owned(),
        contact: row.contact.trim().to_owned(),
        email: row.email.trim().to_owned(),
        phone: row.phone.trim().to_owned(),
        segment: row.segment.trim().to_owned(),
        billing: address(row.bill_to),
        ship_to: row.ship_to.into_iter().map(|one| (one.code.trim().to_owned(), address(one.address))).collect(),
        currency: Currency::parse(row.currency.trim()).map_err(|fault| fault.at("Currency"))?,
        credit_limit: row.credit_limit.map(|limit| limit.0),
        terms: row.terms.trim().to_owned(),
        price_list: row.price_list.trim().to_owned(),
        tax_code: row.tax_code.trim().to_owned(),
        // What we write has no time of its own yet.
        changed_at: instant(if row.updated_at.is_empty() { "1970-01-01T00:00:00Z" } else { &row.updated_at })?,
        fields,
    })
}

fn address(row: AddressRow) -> Address {
    Address {
        name: row.name,
        company: row.company,
        line1: row.address1,
        line2: row.address2,
        city: row.city,
        region: row.state,
        postal_code: row.zip,
        country: row.country,
        phone: row.phone,
        email: row.email,
    }
}

fn address_row(address: &Address) -> AddressRow {
    let Address { name, company, line1, line2, city, region, postal_code, country, phone, email } = address.clone();
    AddressRow { name, company, address1: line1, address2: line2, city, state: region, zip: postal_code, country, phone, email }
}

fn customer_row(customer: &Customer) -> CustomerRow {
    let status = match customer.standing {
        Standing::Active => "Active",
        Standing::OnHold => "OnHold",
        Standing::Closed => "Closed",
    };
    CustomerRow {
        customer_no: customer.number.clone().unwrap_or_default(),
        web_id: customer.web_id.clone(),
        status: status.into(),
        company: customer.company.clone(),
        contact: customer.contact.clone(),
        email: customer.email.clone(),
        phone: customer.phone.clone(),
        segment: customer.segment.clone(),
        terms: customer.terms.clone(),
        price_list: customer.price_list.clone(),
        tax_code: customer.tax_code.clone(),
        currency: customer.currency.code().into(),
        credit_limit: customer.credit_limit.map(Amount),
        bill_to: address_row(&customer.billing),
        ship_to: customer.ship_to.iter().map(|(code, address)| ShipToRow { code: code.clone(), address: address_row(address) }).collect(),
        updated_at: moment(customer.changed_at),
    }
}

/// The order is the purchase-order number and a line the number of the line there: the flow knows what they are in the shop.
fn shipment(row: ShipmentRow, fields: Vec<Field>) -> Result<Shipment, Fault> {
    let parcel = |row: PackageRow| Parcel { carrier: row.carrier.trim().to_owned(), tracking: row.tracking_no.trim().to_owned(), link: row.url };
    Ok(Shipment {
        number: row.shipment_no.trim().to_owned(),
        order: OrderNumber::parse(&row.purchase_order_no)?,
        warehouse: row.warehouse.trim().to_owned(),
        shipped_at: instant(&row.shipped_at)?,
        lines: row.lines.into_iter().map(|line| Quantity::new(line.line_no.to_string(), line.quantity.0)).collect(),
        parcels: row.packages.into_iter().map(parcel).collect(),
        fields,
    })
}

fn invoice(row: InvoiceRow, fields: Vec<Field>) -> Result<Invoice, Fault> {
    let line = |row: InvoicedRow| invoice::Line {
        line: row.line_no.to_string(),
        sku: row.item_code.trim().to_owned(),
        quantity: row.quantity.0,
        unit_price: row.unit_price.0,
        discount: row.discount_amount.0,
        total: row.ext_price.0,
        tax: row.tax_amount.0,
    };
    Ok(Invoice {
        number: row.invoice_no.trim().to_owned(),
        order: OrderNumber::parse(&row.purchase_order_no)?,
        shipments: row.shipments,
        invoiced_at: Some(instant(&row.invoice_date)?),
        currency: Currency::parse(row.currency.trim()).map_err(|fault| fault.at("Currency"))?,
        lines: row.lines.into_iter().map(line).collect(),
        discount: row.discount_amount.0,
        shipping: row.shipping_amount.0,
        shipping_tax: row.shipping_tax.0,
        total: row.total_amount.0,
        fields,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossdock_flow::sample;

    #[test]
    fn every_column_of_ours_is_known_by_name() {
        let names = |bytes: Vec<u8>| {
            let row: std::collections::BTreeMap<String, serde_json::Value> = serde_json::from_slice(&bytes).unwrap();
            row.into_keys().collect::<Vec<_>>()
        };
        assert_eq!(names(bytes(&CustomerRow::default()).unwrap()), sorted(&CUSTOMER));
        assert_eq!(names(bytes(&ProductRow::default()).unwrap()), sorted(&PRODUCT));
        // What is only read: what a row has must be known, or it would be a custom field.
        let shipment = br#"{"ShipmentNo":"S1","PurchaseOrderNo":"4711","SalesOrderNo":"9","Warehouse":"TOR","ShippedAt":"2026-03-02T09:30:00Z",
            "Lines":[],"Packages":[],"UpdatedAt":"2026-03-02T09:30:00Z","Driver":"Jo"}"#;
        assert_eq!(read(Kind::Shipment, shipment).unwrap().custom().iter().map(|field| &*field.name).collect::<Vec<_>>(), ["Driver"]);
    }

    fn sorted(names: &[&str]) -> Vec<String> {
        let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_written_reads_as_it_was() {
        let field = Field { name: "RouteCode".into(), value: crossdock_flow::order::Value::Number("12.50".parse().unwrap()) };
        let customer = Customer { fields: vec![field], ..sample::customer() };
        let written = write(&Subject::Customer(Box::new(customer.clone()))).unwrap();
        assert!(String::from_utf8(written.clone()).unwrap().ends_with(r#","RouteCode":12.50}"#));
        assert_eq!(read(Kind::Customer, &written).unwrap(), Subject::Customer(Box::new(customer)));
    }
}
