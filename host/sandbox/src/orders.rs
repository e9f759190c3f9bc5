//! The contract's `orders`: reading the canonical order, and edits through [`crossdock_flow::edit::OrderEditor`].
//! Columns are built without an allocation per line.

use crate::{
    bindings::{TheOrder, orders as wit, types},
    call::{Call, Subject, own},
    convert::{self, cut},
    meter::{EDIT, Stop},
};
use crossdock_flow::{
    Decimal, Order,
    edit::{OrderEditor, Refusal},
    order::{Address, Line, find},
};
use wasmtime::{Error, Result, component::Resource};

type Edit = Result<Result<(), types::EditError>>;
type Checked = std::result::Result<(), types::EditError>;

impl Call {
    /// Reads something of the order and counts its weight.
    fn read_order<T>(&mut self, handle: &Resource<TheOrder>, read: impl FnOnce(&Order) -> Result<(T, usize)>) -> Result<T> {
        own(handle)?;
        // No hook without an order was ever given a handle on one.
        let (answer, weight) = read(self.subject.order().ok_or_else(|| Error::new(Stop::Handle))?)?;
        self.meter.charge(weight)?;
        Ok(answer)
    }

    /// Counts the weight, then edits the order where the hook allows it.
    fn edit_order(&mut self, handle: &Resource<TheOrder>, weight: usize, edit: impl FnOnce(&mut OrderEditor) -> Checked) -> Edit {
        own(handle)?;
        self.meter.charge(weight)?;
        Ok(match &mut self.subject {
            Subject::Order(editor) => edit(editor),
            Subject::Candidates(..) | Subject::Document(..) => Err(types::EditError::ReadOnly),
            Subject::Entity(..) => return Err(Error::new(Stop::Handle)),
        })
    }
}

fn refused(result: Result<(), Refusal>) -> Checked {
    result.map_err(convert::refusal)
}

fn number(field: &str, number: types::Decimal) -> Result<Decimal, types::EditError> {
    convert::read_decimal(number).map_err(|why| types::EditError::OutOfRange(format!("{field}: {why}")))
}

fn numbers(field: &str, column: &types::Decimals) -> Result<Vec<Decimal>, types::EditError> {
    convert::read_decimals(column).map_err(|why| types::EditError::OutOfRange(format!("{field}: {why}")))
}

/// An address for the guest, and its weight.
pub(crate) fn address(address: &Address) -> (wit::Address, usize) {
    let Address { name, company, line1, line2, city, region, postal_code, country, phone, email } = address;
    let weight = [name, company, line1, line2, city, region, postal_code, country, phone, email].into_iter().map(|text| 8 + text.len()).sum();
    let copy = wit::Address {
        name: name.clone(),
        company: company.clone(),
        line1: line1.clone(),
        line2: line2.clone(),
        city: city.clone(),
        region: region.clone(),
        postal_code: postal_code.clone(),
        country: country.clone(),
        phone: phone.clone(),
        email: email.clone(),
    };
    (copy, weight)
}

fn line(line: &Line) -> Result<wit::Line> {
    Ok(wit::Line {
        id: line.id.clone(),
        sku: line.sku.clone(),
        name: line.name.clone(),
        product_type: line.product_type.clone(),
        quantity: convert::decimal(line.quantity)?,
        unit_price: convert::decimal(line.unit_price)?,
        discount: convert::decimal(line.discount)?,
        tax_rate: convert::decimal(line.tax_rate)?,
        tax: convert::decimal(line.tax)?,
        total: convert::decimal(line.total)?,
    })
}

/// The four texts of a line, in the contract's order.
fn texts(line: &Line) -> [&str; 4] {
    [&line.id, &line.sku, &line.name, &line.product_type]
}

fn weigh_texts(order: &Order) -> usize {
    order.lines.iter().flat_map(texts).map(str::len).sum()
}

impl wit::Host for Call {}

impl wit::HostOrder for Call {
    fn header(&mut self, this: Resource<TheOrder>) -> Result<wit::Header> {
        self.read_order(&this, |order| {
            let header = wit::Header {
                number: order.number.as_str().to_owned(),
                status: order.status.clone(),
                currency: order.currency.code().to_owned(),
                currency_digits: u8::try_from(order.currency.digits())?,
                ordered_at: convert::instant(order.ordered_at),
                customer_id: order.customer.id.clone(),
                segment: order.customer.segment.clone(),
                subtotal: convert::decimal(order.subtotal())?,
                discount: convert::decimal(order.discount)?,
                shipping: convert::decimal(order.shipping.amount)?,
                tax: convert::decimal(order.tax())?,
                total: convert::decimal(order.total)?,
            };
            let weight = 128 + header.number.len() + header.status.len() + header.customer_id.len() + header.segment.len();
            Ok((header, weight))
        })
    }

    fn line_count(&mut self, this: Resource<TheOrder>) -> Result<u32> {
        self.read_order(&this, |order| Ok((u32::try_from(order.lines.len())?, 4)))
    }

    fn lines(&mut self, this: Resource<TheOrder>) -> Result<Vec<wit::Line>> {
        self.read_order(&this, |order| Ok((order.lines.iter().map(line).collect::<Result<_>>()?, weigh_texts(order) + 128 * order.lines.len())))
    }

    fn line_amounts(&mut self, this: Resource<TheOrder>) -> Result<wit::LineAmounts> {
        self.read_order(&this, |order| {
            let lines = order.lines.iter();
            let amounts = wit::LineAmounts {
                quantity: convert::decimals(lines.clone().map(|line| &line.quantity))?,
                unit_price: convert::decimals(lines.clone().map(|line| &line.unit_price))?,
                discount: convert::decimals(lines.clone().map(|line| &line.discount))?,
                tax_rate: convert::decimals(lines.clone().map(|line| &line.tax_rate))?,
                tax: convert::decimals(lines.clone().map(|line| &line.tax))?,
                total: convert::decimals(lines.map(|line| &line.total))?,
            };
            Ok((amounts, 48 * order.lines.len()))
        })
    }

    fn line_texts(&mut self, this: Resource<TheOrder>) -> Result<wit::LineTexts> {
        self.read_order(&this, |order| {
            let mut pool = String::with_capacity(weigh_texts(order));
            let mut ends = Vec::with_capacity(order.lines.len() * 4);
            for text in order.lines.iter().flat_map(texts) {
                pool.push_str(text);
                ends.push(u32::try_from(pool.len())?);
            }
            let weight = pool.len() + 4 * ends.len();
            Ok((wit::LineTexts { pool, ends }, weight))
        })
    }

    fn billing_address(&mut self, this: Resource<TheOrder>) -> Result<wit::Address> {
        self.read_order(&this, |order| Ok(address(&order.billing)))
    }

    fn shipping_address(&mut self, this: Resource<TheOrder>) -> Result<wit::Address> {
        self.read_order(&this, |order| Ok(address(&order.shipping_to)))
    }

    fn payment(&mut self, this: Resource<TheOrder>) -> Result<wit::Payment> {
        self.read_order(&this, |order| {
            let payment = &order.payment;
            let copy = wit::Payment {
                method: payment.method.clone(),
                status: payment.status.clone(),
                transaction_id: payment.transaction_id.clone(),
                amount: convert::decimal(payment.amount)?,
            };
            Ok((copy, 48 + payment.method.len() + payment.status.len() + payment.transaction_id.len()))
        })
    }

    fn fields(&mut self, this: Resource<TheOrder>) -> Result<Vec<types::Field>> {
        self.read_order(&this, |order| Ok((convert::fields(&order.fields)?, convert::weigh_fields(&order.fields))))
    }

    fn field(&mut self, this: Resource<TheOrder>, name: String) -> Result<Option<types::Value>> {
        self.read_order(&this, |order| {
            let found = find(&order.fields, &name);
            Ok((found.map(convert::value).transpose()?, name.len() + found.map_or(0, convert::weigh_value)))
        })
    }

    fn line_field(&mut self, this: Resource<TheOrder>, line: u32, name: String) -> Result<Option<types::Value>> {
        self.read_order(&this, |order| {
            let found = order.lines.get(line as usize).and_then(|line| find(&line.fields, &name));
            Ok((found.map(convert::value).transpose()?, name.len() + found.map_or(0, convert::weigh_value)))
        })
    }

    fn tags(&mut self, this: Resource<TheOrder>) -> Result<Vec<String>> {
        self.read_order(&this, |order| Ok((order.tags.clone(), order.tags.iter().map(|tag| 8 + tag.len()).sum())))
    }

    fn set_unit_price(&mut self, this: Resource<TheOrder>, line: u32, price: types::Decimal, reason: String) -> Edit {
        self.edit_order(&this, EDIT + reason.len(), |editor| {
            let price = number("unit-price", price)?;
            refused(editor.set_unit_prices(&[line], &[price], cut(&reason)))
        })
    }

    fn set_unit_prices(&mut self, this: Resource<TheOrder>, lines: Vec<u32>, prices: types::Decimals, reason: String) -> Edit {
        self.edit_order(&this, EDIT * prices.units.len().max(lines.len()) + reason.len(), |editor| {
            let prices = numbers("unit-price", &prices)?;
            refused(editor.set_unit_prices(&lines, &prices, cut(&reason)))
        })
    }

    fn set_discount(&mut self, this: Resource<TheOrder>, line: u32, discount: types::Decimal, reason: String) -> Edit {
        self.edit_order(&this, EDIT + reason.len(), |editor| {
            let discount = number("discount", discount)?;
            refused(editor.set_discounts(&[line], &[discount], cut(&reason)))
        })
    }

    fn set_discounts(&mut self, this: Resource<TheOrder>, lines: Vec<u32>, discounts: types::Decimals, reason: String) -> Edit {
        self.edit_order(&this, EDIT * discounts.units.len().max(lines.len()) + reason.len(), |editor| {
            let discounts = numbers("discount", &discounts)?;
            refused(editor.set_discounts(&lines, &discounts, cut(&reason)))
        })
    }

    fn set_shipping(&mut self, this: Resource<TheOrder>, amount: types::Decimal, reason: String) -> Edit {
        self.edit_order(&this, EDIT + reason.len(), |editor| {
            let amount = number("shipping.amount", amount)?;
            refused(editor.set_shipping(amount, cut(&reason)))
        })
    }

    fn set_field(&mut self, this: Resource<TheOrder>, name: String, value: types::Value, reason: String) -> Edit {
        let weight = EDIT + name.len() + reason.len() + convert::weigh_read(&value);
        self.edit_order(&this, weight, |editor| {
            let value = convert::read_value(&name, value)?;
            refused(editor.set_field(&name, value, cut(&reason)))
        })
    }

    fn set_line_field(&mut self, this: Resource<TheOrder>, line: u32, name: String, value: types::Value, reason: String) -> Edit {
        let weight = EDIT + name.len() + reason.len() + convert::weigh_read(&value);
        self.edit_order(&this, weight, |editor| {
            let value = convert::read_value(&name, value)?;
            refused(editor.set_line_field(line, &name, value, cut(&reason)))
        })
    }

    fn add_tag(&mut self, this: Resource<TheOrder>, tag: String, reason: String) -> Edit {
        self.edit_order(&this, EDIT + tag.len() + reason.len(), |editor| refused(editor.add_tag(&tag, cut(&reason))))
    }

    fn drop(&mut self, _: Resource<TheOrder>) -> Result<()> {
        Ok(())
    }
}
