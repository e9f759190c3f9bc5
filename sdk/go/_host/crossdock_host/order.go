// The order as the host lends it, for one call.

package crossdock_host

import (
	"crossdock"
	wit "wit_component/crossdock_plugin_orders"
)

type order struct{ lent *wit.Order }

// OrderIn is the order as the host lends it for one call.
func OrderIn(lent *wit.Order) *crossdock.Order { return crossdock.NewOrder(order{lent}) }

func (o order) Header() crossdock.Header {
	in := o.lent.Header()
	return crossdock.Header{
		Number:         in.Number,
		Status:         in.Status,
		Currency:       in.Currency,
		CurrencyDigits: in.CurrencyDigits,
		OrderedAt:      instantIn(in.OrderedAt),
		CustomerID:     in.CustomerId,
		Segment:        in.Segment,
		Subtotal:       decimalIn(in.Subtotal),
		Discount:       decimalIn(in.Discount),
		Shipping:       decimalIn(in.Shipping),
		Tax:            decimalIn(in.Tax),
		Total:          decimalIn(in.Total),
	}
}

// Lines takes the fast form of the contract: two calls, and one text for all lines.
func (o order) Lines() []crossdock.Line {
	amounts, texts := o.lent.LineAmounts(), o.lent.LineTexts()
	start, at := uint32(0), 0
	text := func() string {
		from, end := start, texts.Ends[at]
		start, at = end, at+1
		return texts.Pool[from:end]
	}
	quantity, unitPrice, discount := ColumnIn(amounts.Quantity), ColumnIn(amounts.UnitPrice), ColumnIn(amounts.Discount)
	taxRate, tax, total := ColumnIn(amounts.TaxRate), ColumnIn(amounts.Tax), ColumnIn(amounts.Total)
	lines := make([]crossdock.Line, len(quantity))
	for i := range lines {
		lines[i] = crossdock.Line{
			ID: text(), SKU: text(), Name: text(), ProductType: text(),
			Quantity: quantity[i], UnitPrice: unitPrice[i], Discount: discount[i], TaxRate: taxRate[i], Tax: tax[i],
			Total: total[i],
		}
	}
	return lines
}

func addressIn(in wit.Address) crossdock.Address {
	return crossdock.Address{
		Name:       in.Name,
		Company:    in.Company,
		Line1:      in.Line1,
		Line2:      in.Line2,
		City:       in.City,
		Region:     in.Region,
		PostalCode: in.PostalCode,
		Country:    in.Country,
		Phone:      in.Phone,
		Email:      in.Email,
	}
}

func (o order) BillingAddress() crossdock.Address { return addressIn(o.lent.BillingAddress()) }

func (o order) ShippingAddress() crossdock.Address { return addressIn(o.lent.ShippingAddress()) }

func (o order) Payment() crossdock.Payment {
	in := o.lent.Payment()
	return crossdock.Payment{
		Method:        in.Method,
		Status:        in.Status,
		TransactionID: in.TransactionId,
		Amount:        decimalIn(in.Amount),
	}
}

func (o order) Fields() []crossdock.Field { return FieldsIn(o.lent.Fields()) }

func (o order) Field(name string) (crossdock.Value, bool) { return OptionIn(o.lent.Field(name)) }

func (o order) LineField(line uint32, name string) (crossdock.Value, bool) {
	return OptionIn(o.lent.LineField(line, name))
}

func (o order) Tags() []string { return o.lent.Tags() }

func (o order) SetUnitPrice(line uint32, price crossdock.Decimal, reason string) *crossdock.EditError {
	return Edited(o.lent.SetUnitPrice(line, DecimalOut(price), reason))
}

func (o order) SetDiscount(line uint32, discount crossdock.Decimal, reason string) *crossdock.EditError {
	return Edited(o.lent.SetDiscount(line, DecimalOut(discount), reason))
}

func (o order) SetShipping(amount crossdock.Decimal, reason string) *crossdock.EditError {
	return Edited(o.lent.SetShipping(DecimalOut(amount), reason))
}

func (o order) SetField(name string, value crossdock.Value, reason string) *crossdock.EditError {
	return Edited(o.lent.SetField(name, ValueOut(value), reason))
}

func (o order) SetLineField(line uint32, name string, value crossdock.Value, reason string) *crossdock.EditError {
	return Edited(o.lent.SetLineField(line, name, ValueOut(value), reason))
}

func (o order) AddTag(tag, reason string) *crossdock.EditError {
	return Edited(o.lent.AddTag(tag, reason))
}
