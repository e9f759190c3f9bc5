//! Clarity's goods and people on the wire, and what they are in canonical terms. Shapes and conversions only; the requests
//! are in `peer.rs`.

use crate::{
    custom::Customs,
    exact::Amount,
    rows::{bytes, instant, moment, shape},
};
use crossdock_flow::{
    Code, Currency, Fault, OrderNumber,
    entity::{
        customer::{Customer, Standing},
        echo::Kind,
        invoice::{self, Invoice},
        kit::{Component, Kit},
        product::{Price, Product, Weight, WeightUnit},
        shipment::{Parcel, Quantity, Shipment},
    },
    order::Address,
    sync::{Level, Subject},
};
use serde::{Deserialize, Serialize};

/// What has no time of its own.
const NEVER: &str = "1970-01-01T00:00:00Z";

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ProductRow {
    sku: String,
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    product_type: String,
    active: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    tax_class: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<WeightRow>,
    prices: Vec<PriceRow>,
    components: Vec<ComponentRow>,
    #[serde(skip_serializing_if = "Customs::is_none")]
    custom_fields: Customs,
    updated_at: String,
}

#[derive(Serialize, Deserialize)]
struct ComponentRow {
    sku: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    quantity: Amount,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    worth: Option<Amount>,
}

#[derive(Serialize, Deserialize)]
struct WeightRow {
    amount: Amount,
    unit: WeightUnit,
}

#[derive(Serialize, Deserialize)]
struct PriceRow {
    currency: String,
    #[serde(default)]
    list: String,
    #[serde(default)]
    from: Amount,
    amount: Amount,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LevelRow {
    sku: String,
    warehouse: String,
    available: Amount,
    #[serde(default)]
    updated_at: String,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct CustomerRow {
    customer_id: String,
    erp_number: String,
    status: String,
    company: String,
    name: String,
    email: String,
    phone: String,
    segment: String,
    currency: String,
    billing_address: AddressRow,
    shipping_addresses: Vec<ShipToRow>,
    #[serde(skip_serializing_if = "Customs::is_none")]
    custom_fields: Customs,
    updated_at: String,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AddressRow {
    name: String,
    company: String,
    line1: String,
    line2: String,
    city: String,
    region: String,
    postal_code: String,
    country: String,
    phone: String,
    email: String,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct ShipToRow {
    code: String,
    address: AddressRow,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShipmentRow {
    number: String,
    order_id: String,
    #[serde(default)]
    warehouse: String,
    shipped_at: String,
    lines: Vec<ShippedRow>,
    #[serde(default)]
    parcels: Vec<ParcelRow>,
    #[serde(default, skip_serializing_if = "Customs::is_none")]
    custom_fields: Customs,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShippedRow {
    line_id: String,
    quantity: Amount,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ParcelRow {
    #[serde(default)]
    carrier: String,
    #[serde(default)]
    tracking_number: String,
    #[serde(default)]
    url: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct InvoiceRow {
    number: String,
    order_id: String,
    invoiced_at: String,
    currency: String,
    #[serde(default)]
    shipments: Vec<String>,
    lines: Vec<InvoicedRow>,
    discount_amount: Amount,
    shipping_amount: Amount,
    shipping_tax: Amount,
    total_amount: Amount,
    #[serde(default, skip_serializing_if = "Customs::is_none")]
    custom_fields: Customs,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct InvoicedRow {
    line_id: String,
    sku: String,
    quantity: Amount,
    unit_price: Amount,
    discount_amount: Amount,
    line_total: Amount,
    tax_amount: Amount,
}

/// Reads a row. Fails with E201, E202 or E204.
pub(super) fn read(kind: Kind, body: &[u8]) -> Result<Subject, Fault> {
    Ok(match kind {
        Kind::Product => Subject::Product(Box::new(product(shape(body)?)?)),
        Kind::Stock => {
            let LevelRow { sku, warehouse, available, updated_at } = shape(body)?;
            Subject::Stock(Level { sku, warehouse, available: available.0, changed_at: instant(or_never(&updated_at))? })
        }
        Kind::Customer => Subject::Customer(Box::new(customer(shape(body)?)?)),
        Kind::Shipment => Subject::Shipment(shipment(shape(body)?)?),
        Kind::Invoice => Subject::Invoice(Box::new(invoice(shape(body)?)?)),
        Kind::Payment | Kind::Refund | Kind::Dispute | Kind::Payout => return super::money::read(kind, body),
        Kind::Order | Kind::Entry => return Err(Fault::new(Code::Internal, format!("an {kind} goes another way"))),
    })
}

/// Writes a row as the shop takes it.
pub(super) fn write(subject: &Subject) -> Result<Vec<u8>, Fault> {
    match subject {
        Subject::Product(product) => bytes(&product_row(product)),
        Subject::Stock(level) => bytes(&LevelRow {
            sku: level.sku.clone(),
            warehouse: level.warehouse.clone(),
            available: level.available.into(),
            updated_at: moment(level.changed_at),
        }),
        Subject::Customer(customer) => bytes(&customer_row(customer)),
        Subject::Shipment(shipment) => bytes(&shipment_row(shipment)),
        Subject::Invoice(invoice) => bytes(&invoice_row(invoice)),
        Subject::Payment(_) | Subject::Refund(_) | Subject::Dispute(_) | Subject::Payout(_) | Subject::Entry(_) => {
            Err(Fault::new(Code::InvalidField, format!("the shop takes no {}: money goes from it to the ERP", subject.kind())))
        }
    }
}

fn or_never(text: &str) -> &str {
    if text.is_empty() { NEVER } else { text }
}

fn product(row: ProductRow) -> Result<Product, Fault> {
    let price = |row: PriceRow| Ok(Price { currency: Currency::parse(&row.currency)?, list: row.list, from: row.from.0, amount: row.amount.0 });
    Ok(Product {
        sku: row.sku,
        name: row.name,
        description: row.description,
        product_type: row.product_type,
        is_sold: row.active,
        tax_class: row.tax_class,
        weight: row.weight.map(|weight| Weight { amount: weight.amount.0, unit: weight.unit }),
        prices: row.prices.into_iter().map(price).collect::<Result<_, Fault>>()?,
        kit: (!row.components.is_empty()).then(|| Kit { components: row.components.into_iter().map(component).collect() }),
        changed_at: instant(or_never(&row.updated_at))?,
        fields: row.custom_fields.take("customFields")?,
    })
}

fn product_row(product: &Product) -> ProductRow {
    let price = |price: &Price| PriceRow {
        currency: price.currency.code().into(),
        list: price.list.clone(),
        from: price.from.into(),
        amount: price.amount.into(),
    };
    ProductRow {
        sku: product.sku.clone(),
        name: product.name.clone(),
        description: product.description.clone(),
        product_type: product.product_type.clone(),
        active: product.is_sold,
        tax_class: product.tax_class.clone(),
        weight: product.weight.map(|weight| WeightRow { amount: weight.amount.into(), unit: weight.unit }),
        prices: product.prices.iter().map(price).collect(),
        components: product.kit.iter().flat_map(|kit| &kit.components).map(component_row).collect(),
        custom_fields: Customs::of(&product.fields),
        updated_at: moment(product.changed_at),
    }
}

fn component(row: ComponentRow) -> Component {
    Component { sku: row.sku, name: row.name, quantity: row.quantity.0, worth: row.worth.map(|worth| worth.0) }
}

fn component_row(component: &Component) -> ComponentRow {
    let Component { sku, name, quantity, worth } = component.clone();
    ComponentRow { sku, name, quantity: quantity.into(), worth: worth.map(Into::into) }
}

/// Terms, limits, price lists and tax codes are the ERP's alone: the shop has no place for them.
fn customer(row: CustomerRow) -> Result<Customer, Fault> {
    let standing = match row.status.trim() {
        "" | "active" => Standing::Active,
        "on-hold" => Standing::OnHold,
        "closed" => Standing::Closed,
        _ => return Err(Fault::new(Code::InvalidField, "a customer is active, on-hold or closed").at("status")),
    };
    Ok(Customer {
        web_id: row.customer_id.trim().to_owned(),
        number: Some(row.erp_number.trim().to_owned()).filter(|number| !number.is_empty()),
        standing,
        company: row.company.trim().to_owned(),
        contact: row.name.trim().to_owned(),
        email: row.email.trim().to_owned(),
        phone: row.phone.trim().to_owned(),
        segment: row.segment.trim().to_owned(),
        billing: address(row.billing_address),
        ship_to: row.shipping_addresses.into_iter().map(|one| (one.code, address(one.address))).collect(),
        currency: Currency::parse(row.currency.trim()).map_err(|fault| fault.at("currency"))?,
        credit_limit: None,
        terms: String::new(),
        price_list: String::new(),
        tax_code: String::new(),
        changed_at: instant(or_never(&row.updated_at))?,
        fields: row.custom_fields.take("customFields")?,
    })
}

fn customer_row(customer: &Customer) -> CustomerRow {
    let status = match customer.standing {
        Standing::Active => "active",
        Standing::OnHold => "on-hold",
        Standing::Closed => "closed",
    };
    CustomerRow {
        customer_id: customer.web_id.clone(),
        erp_number: customer.number.clone().unwrap_or_default(),
        status: status.into(),
        company: customer.company.clone(),
        name: customer.contact.clone(),
        email: customer.email.clone(),
        phone: customer.phone.clone(),
        segment: customer.segment.clone(),
        currency: customer.currency.code().into(),
        billing_address: address_row(&customer.billing),
        shipping_addresses: customer.ship_to.iter().map(|(code, address)| ShipToRow { code: code.clone(), address: address_row(address) }).collect(),
        custom_fields: Customs::of(&customer.fields),
        updated_at: moment(customer.changed_at),
    }
}

fn address(row: AddressRow) -> Address {
    let AddressRow { name, company, line1, line2, city, region, postal_code, country, phone, email } = row;
    Address { name, company, line1, line2, city, region, postal_code, country, phone, email }
}

fn address_row(address: &Address) -> AddressRow {
    let Address { name, company, line1, line2, city, region, postal_code, country, phone, email } = address.clone();
    AddressRow { name, company, line1, line2, city, region, postal_code, country, phone, email }
}

fn shipment(row: ShipmentRow) -> Result<Shipment, Fault> {
    let parcel = |row: ParcelRow| Parcel { carrier: row.carrier, tracking: row.tracking_number, link: row.url };
    Ok(Shipment {
        number: row.number,
        order: OrderNumber::parse(&row.order_id)?,
        warehouse: row.warehouse,
        shipped_at: instant(&row.shipped_at)?,
        lines: row.lines.into_iter().map(|line| Quantity::new(line.line_id, line.quantity.0)).collect(),
        parcels: row.parcels.into_iter().map(parcel).collect(),
        fields: row.custom_fields.take("customFields")?,
    })
}

fn shipment_row(shipment: &Shipment) -> ShipmentRow {
    let parcel = |parcel: &Parcel| ParcelRow { carrier: parcel.carrier.clone(), tracking_number: parcel.tracking.clone(), url: parcel.link.clone() };
    ShipmentRow {
        number: shipment.number.clone(),
        order_id: shipment.order.to_string(),
        warehouse: shipment.warehouse.clone(),
        shipped_at: moment(shipment.shipped_at),
        lines: shipment.lines.iter().map(|line| ShippedRow { line_id: line.line.clone(), quantity: line.units.into() }).collect(),
        parcels: shipment.parcels.iter().map(parcel).collect(),
        custom_fields: Customs::of(&shipment.fields),
    }
}

fn invoice(row: InvoiceRow) -> Result<Invoice, Fault> {
    let line = |row: InvoicedRow| invoice::Line {
        line: row.line_id,
        sku: row.sku,
        quantity: row.quantity.0,
        unit_price: row.unit_price.0,
        discount: row.discount_amount.0,
        total: row.line_total.0,
        tax: row.tax_amount.0,
    };
    Ok(Invoice {
        number: row.number,
        order: OrderNumber::parse(&row.order_id)?,
        shipments: row.shipments,
        invoiced_at: Some(instant(&row.invoiced_at)?),
        currency: Currency::parse(&row.currency)?,
        lines: row.lines.into_iter().map(line).collect(),
        discount: row.discount_amount.0,
        shipping: row.shipping_amount.0,
        shipping_tax: row.shipping_tax.0,
        total: row.total_amount.0,
        fields: row.custom_fields.take("customFields")?,
    })
}

fn invoice_row(invoice: &Invoice) -> InvoiceRow {
    let line = |line: &invoice::Line| InvoicedRow {
        line_id: line.line.clone(),
        sku: line.sku.clone(),
        quantity: line.quantity.into(),
        unit_price: line.unit_price.into(),
        discount_amount: line.discount.into(),
        line_total: line.total.into(),
        tax_amount: line.tax.into(),
    };
    InvoiceRow {
        number: invoice.number.clone(),
        order_id: invoice.order.to_string(),
        invoiced_at: invoice.invoiced_at.map_or_else(|| NEVER.into(), moment),
        currency: invoice.currency.code().into(),
        shipments: invoice.shipments.clone(),
        lines: invoice.lines.iter().map(line).collect(),
        discount_amount: invoice.discount.into(),
        shipping_amount: invoice.shipping.into(),
        shipping_tax: invoice.shipping_tax.into(),
        total_amount: invoice.total.into(),
        custom_fields: Customs::of(&invoice.fields),
    }
}
