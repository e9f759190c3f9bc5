//! Payment terms: what is paid is prepaid; else the segment's terms, and a deposit above a limit.

use crossdock_sdk::{Context, Document, HookError, Order, PostMap, Verdict, settings};

struct PaymentTerms;

impl PostMap for PaymentTerms {
    fn post_map(_: &Context, order: &Order, document: &mut Document) -> Result<Verdict, HookError> {
        let (header, payment) = (order.header(), order.payment());
        let deposit_above = settings::decimal(&format!("deposit-above.{}", header.currency))?;
        let (terms, reason) = if payment.status == "captured" && payment.amount >= header.total {
            ("PREPAID".into(), "paid in full")
        } else if deposit_above.is_some_and(|limit| header.total > limit) {
            (
                settings::required("deposit-terms")?,
                "above the limit for a deposit",
            )
        } else if let Some(terms) = settings::get(&format!("terms.{}", header.segment)) {
            (terms, "terms of the customer's segment")
        } else if let Some(terms) = settings::get("terms.default") {
            (terms, "terms of everybody else")
        } else {
            return Ok(Verdict::Proceed);
        };
        document.set_field("PaymentTerms", terms, reason)?;
        Ok(Verdict::Proceed)
    }
}

crossdock_sdk::export!(PaymentTerms: post_map);

#[cfg(test)]
mod tests {
    use super::PaymentTerms;
    use crossdock_sdk::{Payment, dec, sample};

    fn terms(segment: &str, quantity: i64, status: &str) -> String {
        sample::settings(&[
            ("deposit-above.CAD", "5000"),
            ("deposit-terms", "DEP30"),
            ("terms.wholesale", "NET45"),
            ("terms.default", "NET30"),
        ]);
        // The total of 44 lamps is 4,972.00 with tax; of 45 it is 5,085.00.
        let payment = Payment {
            status: status.into(),
            ..Payment::default()
        };
        let order = sample::order()
            .segment(segment)
            .payment(payment)
            .line("LAMP", quantity, 100);
        let order = order.build();
        assert_eq!(order.payment().amount, order.header().total); // so the sample says
        assert_eq!(order.header().total, dec!(113) * quantity.into());
        let mut document = sample::document(&order);
        sample::post_map::<PaymentTerms>(&order, &mut document).unwrap();
        document
            .field("PaymentTerms")
            .unwrap()
            .as_text()
            .unwrap()
            .to_owned()
    }

    #[test]
    fn payment_worth_and_segment_decide_in_this_order() {
        assert_eq!(terms("wholesale", 45, "captured"), "PREPAID");
        assert_eq!(terms("wholesale", 45, "pending"), "DEP30");
        assert_eq!(terms("wholesale", 44, "pending"), "NET45");
        assert_eq!(terms("retail", 44, "authorized"), "NET30");
    }
}
