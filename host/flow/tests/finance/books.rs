//! The books balance: ten thousand random orders in three currencies, with splits, refunds, exchanges, gift cards and
//! chargebacks. What the shop sold, what the ERP has and what is posted are the same, to the cent.

use crate::{
    currency, gateway,
    shop::{self, Dice, Sale, minute},
};
use crossdock_flow::{
    Currency, Decimal,
    finance::{
        Account, Billing, Dispute, Entry, Ledger, Month, Payment, Payout, Periods, Refund, RefundDocument,
        certificate::{self, ErpKind, ErpTotal, Stated, certify},
        close::{self, close},
        dispute::DisputeStatus,
        invoice::{self, Sells},
        payment::TenderKind,
        payout::{PayoutKind, PayoutLine},
        refund_document,
    },
    mapping, sum,
};
use jiff::tz::TimeZone;
use std::collections::HashMap;

const ORDERS: usize = 10_000;

/// One set of books, and what the shop knows should be in it.
struct Books {
    ledger: Ledger,
    entries: Vec<Entry>,
    payments: Vec<Payment>,
    refunds: Vec<Refund>,
    disputes: Vec<Dispute>,
    gathered: Vec<(i64, PayoutLine)>,
    /// What each account should be, by the shop's own reckoning: debits are positive.
    due: HashMap<Account, Decimal>,
}

impl Books {
    fn new(currency: Currency) -> Books {
        let zone = TimeZone::get("America/Toronto").unwrap();
        let ledger = Ledger { currency, zone, periods: Periods::default() };
        let (entries, payments, refunds, disputes, gathered) = Default::default();
        Books { ledger, entries, payments, refunds, disputes, gathered, due: HashMap::new() }
    }

    fn owe(&mut self, account: Account, amount: Decimal) {
        *self.due.entry(account).or_default() += amount;
    }

    /// Bills, posts and pays out one sale; its certificate must hold.
    fn take(&mut self, sale: &Sale, mapping: &mapping::Mapping) {
        let Sale { order, exchange, shipments, .. } = sale;
        let (books, foreign) = (self.ledger.currency, self.ledger.currency != order.currency);
        let from = self.entries.len();
        let worth = if foreign { exchange.shop().round(order.total * exchange.rate()) } else { order.total };
        let mut erp = Vec::new();
        if !sale.cancelled {
            // The ERP's documents by the mapping; in the shop's currency where the order is in another.
            let documents = mapping.apply(order, shipments, &TimeZone::UTC).unwrap();
            sum::check_documents(order, &documents).unwrap();
            let mut invoices = invoice::bill(order, shipments, minute(sale.placed + 300));
            let same = |(invoice, document): (&invoice::Invoice, &crossdock_flow::Document)| {
                (&invoice.key, invoice.total) == (&document.key, document.total)
            };
            assert!(invoices.len() == documents.len() && invoices.iter().zip(&documents).all(same), "{}", order.number);
            if foreign {
                invoices = invoice::convert(&invoices, exchange).unwrap();
            }
            for invoice in invoices {
                self.owe(Account::GiftCardLiability, -invoice.sold(Sells::GiftCard));
                erp.push(ErpTotal { key: invoice.key.clone(), kind: ErpKind::Sale, total: invoice.total, currency: books });
                self.entries.push(self.ledger.post_invoice(&invoice).unwrap());
            }
            if !foreign {
                let sold = |kind: &str| order.lines.iter().filter(|line| line.product_type == kind).map(|line| line.total).sum::<Decimal>();
                for (account, debit) in [
                    (Account::Receivable, order.total),
                    (Account::Discounts, order.discount),
                    (Account::Sales, -sold("apparel")),
                    (Account::GiftCardLiability, -sold("gift-card")),
                    (Account::Tips, -sold("tip")),
                    (Account::Freight, -order.shipping.amount),
                    (Account::SalesTax, -order.tax()),
                ] {
                    let posted: Decimal = self.entries[from..].iter().map(|entry| entry.debit(account)).sum();
                    assert_eq!(posted, debit, "{account} of {}", order.number);
                }
            }
        }
        for payment in &sale.payments {
            self.entries.push(self.ledger.post_payment(payment).unwrap().unwrap());
            for tender in &payment.tenders {
                let amount = if books == exchange.shop() { tender.amount.shop } else { tender.amount.presentment };
                match tender.kind {
                    TenderKind::OnAccount => {}
                    TenderKind::BankTransfer => self.owe(Account::Bank, amount),
                    TenderKind::StoreCredit => self.owe(Account::StoreCreditLiability, amount),
                    TenderKind::GiftCard => self.owe(Account::GiftCardLiability, amount),
                    TenderKind::Card | TenderKind::Other(_) => {
                        self.gathered.push((sale.placed + 2, gateway::charged(&tender.transaction_id, amount, books)));
                    }
                }
            }
            self.payments.push(payment.clone());
        }
        let refunds = self.give_back(sale, worth, &mut erp);
        self.round_off(sale, worth, &refunds, from);
        if !sale.cancelled {
            let stated = Stated { tax: Some(order.tax()), ..Stated::default() };
            let entries = &self.entries[from..];
            let papers = certificate::Papers { order, exchange, stated: &stated, payments: &sale.payments, refunds: &refunds, erp: &erp, entries };
            let certificate = certify(&papers);
            assert!(certificate.holds, "{certificate}");
        }
    }

    fn give_back(&mut self, sale: &Sale, worth: Decimal, erp: &mut Vec<ErpTotal>) -> Vec<(Refund, RefundDocument)> {
        let books = self.ledger.currency;
        let mut refunds = Vec::new();
        for refund in &sale.refunds {
            let mut refund = if refund.currency == books { refund.clone() } else { refund.convert(&sale.exchange).unwrap() };
            if sale.cancelled {
                // What goes back is what came, in the books' currency, too.
                let tenders = sale.payments.iter().flat_map(|payment| &payment.tenders).filter(|tender| tender.kind != TenderKind::OnAccount);
                let paid = tenders.map(|tender| tender.amount.pick(&sale.exchange, books).unwrap());
                refund.transactions.iter_mut().zip(paid).for_each(|(one, paid)| one.amount = paid);
                refund.amount = refund.settled();
            }
            let paid: Decimal = sale.payments.iter().map(|payment| payment.total().presentment).sum();
            let billing = Billing::of(if sale.cancelled { Decimal::ZERO } else { worth }, paid);
            let document = refund_document(billing, &refund).unwrap();
            let (credit, cash) = (document.credit(), refund.settled());
            if !sale.cancelled {
                erp.push(ErpTotal { key: refund.id.clone(), kind: ErpKind::Credit, total: credit, currency: books });
                let cards = refund.lines.iter().filter(|line| line.sells == Sells::GiftCard);
                self.owe(Account::GiftCardLiability, cards.map(|line| line.amount).sum());
                // What the customer gets back of the books: credit without cash is owed to the customer.
                self.owe(Account::Receivable, cash - credit);
            }
            for one in &refund.transactions {
                match one.tender {
                    TenderKind::Card | TenderKind::Other(_) => {
                        let line = PayoutLine {
                            transaction: one.id.clone(),
                            kind: PayoutKind::Refund,
                            gross: -one.amount,
                            fee: Decimal::ZERO,
                            net: -one.amount,
                        };
                        self.gathered.push((sale.placed + 4000, line));
                    }
                    TenderKind::BankTransfer => self.owe(Account::Bank, -one.amount),
                    TenderKind::StoreCredit => self.owe(Account::StoreCreditLiability, -one.amount),
                    TenderKind::GiftCard => self.owe(Account::GiftCardLiability, -one.amount),
                    TenderKind::OnAccount => {}
                }
            }
            self.entries.push(self.ledger.post_refund(&refund, &document).unwrap());
            self.refunds.push(refund.clone());
            refunds.push((refund, document));
        }
        refunds
    }

    /// Payments that were converted each by itself leave a unit here and there on the customer's account.
    fn round_off(&mut self, sale: &Sale, worth: Decimal, refunds: &[(Refund, RefundDocument)], from: usize) {
        let tenders = || sale.payments.iter().flat_map(|payment| &payment.tenders);
        let amount = |tender: &crossdock_flow::finance::payment::Tender| tender.amount.pick(&sale.exchange, self.ledger.currency).unwrap();
        let on_account: Decimal = tenders().filter(|tender| tender.kind == TenderKind::OnAccount).map(amount).sum();
        let paid: Decimal = tenders().map(amount).sum();
        let posted: Decimal = self.entries[from..].iter().map(|entry| entry.debit(Account::Receivable)).sum();
        let kept: Decimal = refunds.iter().map(|(refund, document)| document.credit() - refund.settled()).sum();
        if sale.cancelled {
            assert_eq!(posted, Decimal::ZERO, "{}: the deposit went back", sale.order.number);
            return;
        }
        assert_eq!(posted, worth - paid + on_account - kept, "{}", sale.order.number);
        self.owe(Account::Receivable, on_account);
        if paid != worth {
            let entry = self.ledger.post_rounding(&sale.order.number, worth - paid, tenders().count(), minute(sale.placed + 5000)).unwrap();
            self.entries.push(entry);
        }
    }

    fn argue(&mut self, sale: &Sale, dispute: Dispute) {
        let Dispute { id, amount, fee, fee_returned, status, .. } = dispute.clone();
        let taken = PayoutLine { transaction: id.clone(), kind: PayoutKind::Dispute, gross: -amount, fee, net: -amount - fee };
        self.gathered.push((sale.placed + 9000, taken));
        self.owe(Account::GatewayFees, fee);
        match status {
            DisputeStatus::Won => {
                let net = amount + fee_returned;
                let back = PayoutLine { transaction: id, kind: PayoutKind::DisputeReversal, gross: amount, fee: -fee_returned, net };
                self.gathered.push((sale.placed + 29_000, back));
                self.owe(Account::GatewayFees, -fee_returned);
            }
            DisputeStatus::Lost | DisputeStatus::Accepted => self.owe(Account::ChargebackLosses, amount),
            DisputeStatus::NeedsResponse | DisputeStatus::UnderReview => self.owe(Account::ChargebacksReceivable, amount),
        }
        self.entries.extend(self.ledger.post_dispute(&dispute).unwrap());
        self.disputes.push(dispute);
    }

    fn pay_out(&mut self) -> Vec<Payout> {
        let payouts = gateway::pay_out(self.ledger.currency, std::mem::take(&mut self.gathered));
        for payout in &payouts {
            self.owe(Account::Bank, payout.amount);
            let charges = payout.lines.iter().filter(|line| line.kind == PayoutKind::Charge);
            self.owe(Account::GatewayFees, charges.map(|line| line.fee).sum());
            self.entries.push(self.ledger.post_payout(payout).unwrap());
        }
        payouts
    }

    fn balance(&self, account: Account) -> Decimal {
        self.entries.iter().map(|entry| entry.debit(account)).sum()
    }
}

#[test]
fn the_books_of_ten_thousand_orders_balance() {
    let mut dice = Dice(2026);
    let mapping = mapping::read(mapping::SHIPPED[0].0, mapping::SHIPPED[0].1).unwrap();
    let mut all: Vec<Books> = ["JPY", "CAD", "KWD"].map(|code| Books::new(currency(code))).into();
    // How often each thing happened: a generator that forgets one proves nothing.
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for index in 0..ORDERS {
        let sale = shop::sell(index, &mut dice);
        let books = all.iter_mut().find(|books| books.ledger.currency == sale.books).unwrap();
        books.take(&sale, &mapping);
        if !sale.cancelled
            && dice.one_in(20)
            && let Some(dispute) = gateway::dispute(&sale, index, &mut dice)
        {
            *seen.entry("disputes").or_default() += 1;
            books.argue(&sale, dispute);
        }
        let tenders = || sale.payments.iter().flat_map(|payment| &payment.tenders);
        for (what, is) in [
            ("splits", sale.shipments.len() > 1),
            ("backorders", sale.shipments.iter().any(|shipment| shipment.backorder)),
            ("in one currency", sale.books == sale.order.currency),
            ("foreign", sale.books != sale.order.currency),
            ("in the customer's currency", sale.books != sale.exchange.shop()),
            ("cancelled", sale.cancelled),
            ("gift cards redeemed", tenders().any(|tender| tender.kind == TenderKind::GiftCard)),
            ("several tenders", tenders().count() > 1),
            ("refunds of lines", sale.refunds.iter().any(|refund| !refund.lines.is_empty())),
            ("amounts alone", sale.refunds.iter().any(Refund::is_amount_only)),
            ("exchanges", sale.refunds.iter().any(|refund| refund.swap.is_some())),
            ("owing after an exchange", sale.refunds.iter().any(|refund| !refund.owed().is_zero())),
        ] {
            *seen.entry(what).or_default() += usize::from(is);
        }
    }
    assert!(seen.values().all(|times| *times >= 50), "{seen:?}");
    for books in &mut all {
        check(books);
    }
}

/// Whole books: every entry and all together balance, every account is what the shop knows it to be, and each month closes.
fn check(books: &mut Books) {
    let payouts = books.pay_out();
    for entry in &books.entries {
        assert_eq!(Account::ALL.iter().map(|account| entry.debit(*account)).sum::<Decimal>(), Decimal::ZERO, "{entry}");
        assert!(entry.legs().iter().all(|leg| books.ledger.currency.round(leg.amount) == leg.amount), "{entry}");
    }
    let told = |account: Account| format!("{account} in {}", books.ledger.currency);
    assert_eq!(Account::ALL.iter().map(|account| books.balance(*account)).sum::<Decimal>(), Decimal::ZERO);
    let known = [
        Account::Receivable,
        Account::Bank,
        Account::GatewayFees,
        Account::StoreCreditLiability,
        Account::GiftCardLiability,
        Account::ChargebacksReceivable,
        Account::ChargebackLosses,
    ];
    for account in known {
        assert_eq!(books.balance(account), books.due[&account], "{}", told(account));
    }
    assert_eq!(books.balance(Account::CashClearing), Decimal::ZERO, "{}", told(Account::CashClearing));
    // Rounding stays rounding: less than a unit for each entry.
    let most = Decimal::new(1, books.ledger.currency.digits()) * Decimal::from(books.entries.len());
    assert!(books.balance(Account::Rounding).abs() < most);

    for month in ["2026-07", "2026-08", "2026-09"] {
        let month = Month::parse(month).unwrap();
        let Books { payments, refunds, disputes, entries, .. } = &*books;
        let papers = close::Papers { payouts: &payouts, payments, refunds, disputes, entries };
        let closed = close(month, &books.ledger, &papers);
        assert!(closed.unmatched.is_empty() && closed.matched.len() > 20, "{closed}");
        books.ledger.periods.lock(&closed).unwrap();
    }
    assert_eq!(books.ledger.date(minute(0)).corrects, Some(Month::parse("2026-07").unwrap()));
    assert_eq!(books.ledger.periods.locked().count(), 3);
}
