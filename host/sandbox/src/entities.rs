//! The contract's `customers` and `products`: reading them, and edits through [`crossdock_flow::sync::edit::SubjectEditor`].

use crate::{
    bindings::{TheCustomer, TheProduct, customers, orders, products, types},
    call::{Call, Subject, own},
    convert::{self, cut},
    meter::{EDIT, Stop},
    orders::address,
};
use crossdock_flow::{
    Currency, Decimal,
    edit::Refusal,
    entity::{
        Side,
        customer::{Customer, Standing},
        product::{Price, Product},
    },
    order::{Address, Field, Value, find},
    sync::edit::{Place, SubjectEditor},
};
use wasmtime::{Error, Result, component::Resource};

type Edit = Result<Result<(), types::EditError>>;

impl Call {
    fn entity<T: 'static>(&mut self, handle: &Resource<T>) -> Result<(Side, &mut SubjectEditor)> {
        own(handle)?;
        match &mut self.subject {
            Subject::Entity(from, editor) => Ok((*from, editor)),
            _ => Err(Error::new(Stop::Handle)),
        }
    }

    /// Reads something of the customer and counts its weight.
    fn read_customer<T>(&mut self, handle: &Resource<TheCustomer>, read: impl FnOnce(&Customer) -> Result<(T, usize)>) -> Result<T> {
        let (_, editor) = self.entity(handle)?;
        let (answer, weight) = read(editor.customer().ok_or_else(|| Error::new(Stop::Handle))?)?;
        self.meter.charge(weight)?;
        Ok(answer)
    }

    /// Reads something of the product and counts its weight.
    fn read_product<T>(&mut self, handle: &Resource<TheProduct>, read: impl FnOnce(&Product) -> Result<(T, usize)>) -> Result<T> {
        let (_, editor) = self.entity(handle)?;
        let (answer, weight) = read(editor.product().ok_or_else(|| Error::new(Stop::Handle))?)?;
        self.meter.charge(weight)?;
        Ok(answer)
    }

    /// Counts the weight, then edits.
    fn edit_entity<T: 'static>(
        &mut self,
        handle: &Resource<T>,
        weight: usize,
        edit: impl FnOnce(&mut SubjectEditor) -> Result<(), types::EditError>,
    ) -> Edit {
        self.meter.charge(EDIT + weight)?;
        let (_, editor) = self.entity(handle)?;
        Ok(edit(editor))
    }

    fn set_part<T: 'static>(
        &mut self,
        handle: &Resource<T>,
        name: &str,
        value: types::Value,
        reason: &str,
        set: impl FnOnce(&mut SubjectEditor, &str, Value, &str) -> Result<(), Refusal>,
    ) -> Edit {
        let weight = name.len() + reason.len() + convert::weigh_read(&value);
        self.edit_entity(handle, weight, |editor| set(editor, name, convert::read_value(name, value)?, cut(reason)).map_err(convert::refusal))
    }

    fn set_address(&mut self, handle: &Resource<TheCustomer>, place: Place<'_>, written: orders::Address, reason: &str) -> Edit {
        let written = read_address(written);
        let (_, weight) = address(&written);
        self.edit_entity(handle, weight + reason.len(), |editor| editor.set_address(place, written, cut(reason)).map_err(convert::refusal))
    }
}

fn read_address(written: orders::Address) -> Address {
    let orders::Address { name, company, line1, line2, city, region, postal_code, country, phone, email } = written;
    Address { name, company, line1, line2, city, region, postal_code, country, phone, email }
}

fn named(fields: &[Field], name: &str) -> Result<(Option<types::Value>, usize)> {
    let found = find(fields, name);
    Ok((found.map(convert::value).transpose()?, name.len() + found.map_or(0, convert::weigh_value)))
}

fn number(field: &str, number: types::Decimal) -> Result<Decimal, types::EditError> {
    convert::read_decimal(number).map_err(|why| types::EditError::OutOfRange(format!("{field}: {why}")))
}

fn currency(code: &str) -> Result<Currency, types::EditError> {
    Currency::parse(code).map_err(|fault| types::EditError::Invalid(format!("currency: {}", fault.message)))
}

impl customers::Host for Call {}

impl customers::HostCustomer for Call {
    fn comes_from(&mut self, this: Resource<TheCustomer>) -> Result<customers::Side> {
        self.meter.charge(1)?;
        Ok(match self.entity(&this)?.0 {
            Side::Shop => customers::Side::Shop,
            Side::Erp => customers::Side::Erp,
        })
    }

    fn account(&mut self, this: Resource<TheCustomer>) -> Result<customers::Account> {
        self.read_customer(&this, |customer| {
            let account = customers::Account {
                web_id: customer.web_id.clone(),
                number: customer.number.clone().unwrap_or_default(),
                standing: match customer.standing {
                    Standing::Active => customers::Standing::Active,
                    Standing::OnHold => customers::Standing::OnHold,
                    Standing::Closed => customers::Standing::Closed,
                },
                company: customer.company.clone(),
                contact: customer.contact.clone(),
                email: customer.email.clone(),
                phone: customer.phone.clone(),
                segment: customer.segment.clone(),
                currency: customer.currency.code().to_owned(),
                credit_limit: customer.credit_limit.map(convert::decimal).transpose()?,
                terms: customer.terms.clone(),
                price_list: customer.price_list.clone(),
                tax_code: customer.tax_code.clone(),
                changed_at: convert::instant(customer.changed_at),
            };
            let texts = [
                &account.web_id,
                &account.number,
                &account.company,
                &account.contact,
                &account.email,
                &account.phone,
                &account.segment,
                &account.terms,
                &account.price_list,
                &account.tax_code,
            ];
            let weight = 64 + texts.into_iter().map(|text| 8 + text.len()).sum::<usize>();
            Ok((account, weight))
        })
    }

    fn billing_address(&mut self, this: Resource<TheCustomer>) -> Result<orders::Address> {
        self.read_customer(&this, |customer| Ok(address(&customer.billing)))
    }

    fn ship_to(&mut self, this: Resource<TheCustomer>) -> Result<Vec<customers::ShipTo>> {
        self.read_customer(&this, |customer| {
            let mut weight = 0;
            let places = customer.ship_to.iter().map(|(code, place)| {
                let (address, bytes) = address(place);
                weight += 8 + code.len() + bytes;
                customers::ShipTo { code: code.clone(), address }
            });
            let places = places.collect();
            Ok((places, weight))
        })
    }

    fn fields(&mut self, this: Resource<TheCustomer>) -> Result<Vec<types::Field>> {
        self.read_customer(&this, |customer| Ok((convert::fields(&customer.fields)?, convert::weigh_fields(&customer.fields))))
    }

    fn field(&mut self, this: Resource<TheCustomer>, name: String) -> Result<Option<types::Value>> {
        self.read_customer(&this, |customer| named(&customer.fields, &name))
    }

    fn set(&mut self, this: Resource<TheCustomer>, name: String, value: types::Value, reason: String) -> Edit {
        self.set_part(&this, &name, value, &reason, SubjectEditor::set)
    }

    fn set_billing_address(&mut self, this: Resource<TheCustomer>, address: orders::Address, reason: String) -> Edit {
        self.set_address(&this, Place::Billing, address, &reason)
    }

    fn set_ship_to(&mut self, this: Resource<TheCustomer>, code: String, address: orders::Address, reason: String) -> Edit {
        self.set_address(&this, Place::ShipTo(&code), address, &reason)
    }

    fn set_field(&mut self, this: Resource<TheCustomer>, name: String, value: types::Value, reason: String) -> Edit {
        self.set_part(&this, &name, value, &reason, SubjectEditor::set_field)
    }

    fn drop(&mut self, _: Resource<TheCustomer>) -> Result<()> {
        Ok(())
    }
}

impl products::Host for Call {}

impl products::HostProduct for Call {
    fn item(&mut self, this: Resource<TheProduct>) -> Result<products::Item> {
        self.read_product(&this, |product| {
            let item = products::Item {
                sku: product.sku.clone(),
                name: product.name.clone(),
                description: product.description.clone(),
                product_type: product.product_type.clone(),
                is_sold: product.is_sold,
                tax_class: product.tax_class.clone(),
                changed_at: convert::instant(product.changed_at),
            };
            let texts = [&item.sku, &item.name, &item.description, &item.product_type, &item.tax_class];
            let weight = 32 + texts.into_iter().map(|text| 8 + text.len()).sum::<usize>();
            Ok((item, weight))
        })
    }

    fn prices(&mut self, this: Resource<TheProduct>) -> Result<Vec<products::Price>> {
        self.read_product(&this, |product| {
            let price = |price: &Price| {
                Ok(products::Price {
                    currency: price.currency.code().to_owned(),
                    price_list: price.list.clone(),
                    from_units: convert::decimal(price.from)?,
                    amount: convert::decimal(price.amount)?,
                })
            };
            let weight = product.prices.iter().map(|price| 64 + price.list.len()).sum();
            Ok((product.prices.iter().map(price).collect::<Result<_>>()?, weight))
        })
    }

    fn fields(&mut self, this: Resource<TheProduct>) -> Result<Vec<types::Field>> {
        self.read_product(&this, |product| Ok((convert::fields(&product.fields)?, convert::weigh_fields(&product.fields))))
    }

    fn field(&mut self, this: Resource<TheProduct>, name: String) -> Result<Option<types::Value>> {
        self.read_product(&this, |product| named(&product.fields, &name))
    }

    fn set(&mut self, this: Resource<TheProduct>, name: String, value: types::Value, reason: String) -> Edit {
        self.set_part(&this, &name, value, &reason, SubjectEditor::set)
    }

    fn set_price(&mut self, this: Resource<TheProduct>, price: products::Price, reason: String) -> Edit {
        self.edit_entity(&this, 64 + price.price_list.len() + reason.len(), |editor| {
            let (from, amount) = (number("from-units", price.from_units)?, number("amount", price.amount)?);
            let price = Price { currency: currency(&price.currency)?, list: price.price_list, from, amount };
            editor.set_price(price, cut(&reason)).map_err(convert::refusal)
        })
    }

    fn remove_price(&mut self, this: Resource<TheProduct>, code: String, list: String, from: types::Decimal, reason: String) -> Edit {
        self.edit_entity(&this, 64 + list.len() + reason.len(), |editor| {
            editor.remove_price(currency(&code)?, &list, number("from-units", from)?, cut(&reason));
            Ok(())
        })
    }

    fn set_field(&mut self, this: Resource<TheProduct>, name: String, value: types::Value, reason: String) -> Edit {
        self.set_part(&this, &name, value, &reason, SubjectEditor::set_field)
    }

    fn drop(&mut self, _: Resource<TheProduct>) -> Result<()> {
        Ok(())
    }
}
