// Edits on orders and documents in memory: taken, summed up and refused as the host does it.

package tests

import (
	"crossdock"
	"crossdock/log"
	"crossdock/sample"
	"crossdock/settings"
	"errors"
	"slices"
	"strings"
	"testing"
)

func same(t *testing.T, found crossdock.Decimal, expected string) {
	t.Helper()
	if !found.Equal(crossdock.Dec(expected)) {
		t.Errorf("found %s, expected %s", found, expected)
	}
}

func refusedAs(t *testing.T, err error, kind crossdock.EditErrorKind) {
	t.Helper()
	if refused, ok := errors.AsType[*crossdock.EditError](err); !ok || refused.Kind != kind {
		t.Errorf("answered %v, not refusal %d", err, kind)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func TestSumsFollowAndSnapshotsStay(t *testing.T) {
	order := sample.NewOrder().Line("A", "3", "10").Line("B", "1", "5.55").ShippingPrice("7.50")
	before, lines := order.Header(), order.Lines()
	for i, line := range lines {
		must(t, order.SetUnitPrice(i, line.UnitPrice.PercentOff(crossdock.Int(10)), "ten"))
	}
	same(t, before.Subtotal, "35.55")
	same(t, lines[1].UnitPrice, "5.55")
	lines = order.Lines()
	same(t, lines[0].Total, "27")
	same(t, lines[1].UnitPrice, "4.995")
	same(t, lines[1].Total, "5")
	same(t, order.Header().Subtotal, "32")
	same(t, order.Header().Tax, "5.14") // 4.16 and 0.98
	same(t, order.Header().Total, "44.64")
}

func TestTaxOfTouchedLinesIsSharedByLargestRemainder(t *testing.T) {
	// Three lines of 0.50 at 5 %: 0.075 of tax together, so 0.08, shared 0.03, 0.03, 0.02; alone each would have 0.03.
	order := sample.NewOrder()
	for range 3 {
		order.Line("A", "1", "1").TaxRate("0.05")
	}
	for i := range 3 {
		must(t, order.SetDiscount(i, crossdock.Dec("0.5"), "half"))
	}
	for i, tax := range []string{"0.03", "0.03", "0.02"} {
		same(t, order.Lines()[i].Tax, tax)
	}
}

func TestUntouchedLinesKeepTheirTax(t *testing.T) {
	order := sample.NewOrder().Line("A", "1", "0.50").TaxRate("0.05").Line("B", "1", "0.50").TaxRate("0.05")
	must(t, order.SetUnitPrice(1, crossdock.Dec("0.3"), "less"))
	same(t, order.Lines()[0].Tax, "0.03") // 0.025 and 0.015, each rounded away from zero
	same(t, order.Lines()[1].Tax, "0.02")
}

func TestTheHostsRulesForNumbersHold(t *testing.T) {
	dec, order := crossdock.Dec, sample.NewOrder().Line("A", "2", "10")
	refusedAs(t, order.SetUnitPrice(0, dec("1.00001"), "r"), crossdock.OutOfRange)
	refusedAs(t, order.SetUnitPrice(0, dec("100000000000"), "r"), crossdock.OutOfRange)
	refusedAs(t, order.SetUnitPrice(0, dec("99999999999"), "r"), crossdock.OutOfRange) // twice that is too large
	refusedAs(t, order.SetUnitPrice(0, dec("-0.01"), "r"), crossdock.Invalid)
	refusedAs(t, order.SetUnitPrice(9, dec("1"), "r"), crossdock.NoSuchLine)
	refusedAs(t, order.SetUnitPrice(-1, dec("1"), "r"), crossdock.NoSuchLine)
	refusedAs(t, order.SetDiscount(0, dec("20.01"), "r"), crossdock.Invalid)
	refusedAs(t, order.SetDiscount(0, dec("0.001"), "r"), crossdock.Invalid)
	refusedAs(t, order.SetShipping(dec("1.005"), "r"), crossdock.Invalid)
	refusedAs(t, order.SetLineField(7, "x", crossdock.Flag(true), "r"), crossdock.NoSuchLine)
	refusedAs(t, order.SetField("", crossdock.Flag(true), "r"), crossdock.Invalid)
	refusedAs(t, order.SetField("x", crossdock.Text(strings.Repeat("y", 4097)), "r"), crossdock.Invalid)
	if changes := order.Changes(); len(changes) > 0 {
		t.Errorf("refused edits were recorded: %v", changes)
	}
	must(t, order.SetUnitPrice(0, dec("1.50000000"), "r"))
	must(t, order.SetDiscount(0, dec("3"), "r"))
	refusedAs(t, order.SetUnitPrice(0, dec("1.4"), "r"), crossdock.Invalid) // below its discount
}

func TestFieldsTagsAndShippingAreEditedAndRecorded(t *testing.T) {
	order := sample.NewOrder().Line("A", "1", "100").WithLineField("gift", crossdock.Flag(true)).WithField("po", crossdock.Text("7")).WithTag("b")
	must(t, order.SetField("po", crossdock.Empty, "gone"))
	must(t, order.SetField("new", crossdock.Number(crossdock.Dec("2.5")), "why not"))
	must(t, order.AddTag("a", "first"))
	must(t, order.AddTag("b", "there already"))
	must(t, order.SetShipping(crossdock.Int(10), "flat"))
	if _, there := order.Field("po"); there {
		t.Error("the field is still there")
	}
	if gift, there := order.LineField(0, "gift"); !there || !gift.Flag {
		t.Error("the line's field is not there")
	}
	if tags := order.Tags(); !slices.Equal(tags, []string{"a", "b"}) {
		t.Errorf("tags %v", tags)
	}
	same(t, order.Header().Total, "124.30")
	var paths []string
	for _, change := range order.Changes() {
		paths = append(paths, change.Path)
	}
	if !slices.Equal(paths, []string{"fields.po", "fields.new", "tags", "shipping.amount"}) {
		t.Errorf("paths %v", paths)
	}
}

func TestDocumentsRefuseMoneyAndTakeTheRest(t *testing.T) {
	document := sample.NewDocument(sample.NewOrder().Line("A", "1", "100").Line("B", "1", "1"))
	one := crossdock.Number(crossdock.Int(1))
	refusedAs(t, document.SetField("TotalAmount", one, "r"), crossdock.NotAllowed)
	refusedAs(t, document.SetLineField(0, "UnitPrice", one, "r"), crossdock.NotAllowed)
	refusedAs(t, document.SetColumn("GLCode", []crossdock.Value{one}, "r"), crossdock.Invalid)
	must(t, document.SetColumn("GLCode", []crossdock.Value{crossdock.Text("1"), crossdock.Text("2")}, "r"))
	must(t, document.SetLineField(1, "GLCode", crossdock.Text("3"), "r"))
	if codes := document.Column("GLCode"); codes[0].Text != "1" || codes[1].Text != "3" {
		t.Errorf("codes %v", codes)
	}
	if len(document.LineFields(0)) != 5 || document.LineFields(2) != nil || len(document.Changes()) != 3 {
		t.Error("fields or changes are wrong")
	}
}

func TestErrorsBecomeHookErrors(t *testing.T) {
	order := sample.NewOrder().Line("A", "1", "10")
	failed := crossdock.AsHookError(order.SetUnitPrice(0, crossdock.Int(-1), "oops"))
	if failed.Kind != crossdock.Failed || failed.Text != "an edit was refused: lines[0].unit-price: the price is negative" {
		t.Errorf("%+v", failed)
	}
	if other := crossdock.AsHookError(errors.New("odd")); other.Kind != crossdock.Failed || other.Text != "odd" {
		t.Errorf("%+v", other)
	}
}

func TestSettingsAreFoundByKeyAndPrefix(t *testing.T) {
	sample.Settings(map[string]string{"b.2": "20", "b.1": "10", "a": "x", "hold": "perhaps"})
	below, err := settings.DecimalsBelow("b.")
	if err != nil || len(below) != 2 || below[1].Key != "2" {
		t.Errorf("%v %v", below, err)
	}
	for _, wrong := range []func() error{
		func() error { _, err := settings.Required("c"); return err },
		func() error { _, err := settings.Decimal("a", crossdock.Int(1)); return err },
		func() error { _, err := settings.Flag("hold", true); return err },
	} {
		if err := crossdock.AsHookError(wrong()); err.Kind != crossdock.WrongSettings || strings.Contains(err.Text, "perhaps") {
			t.Errorf("%+v", err)
		}
	}
	log.Infof("%d of %s", 3, crossdock.Dec("1.50"))
	if logged := sample.TakeLog(); len(logged) != 1 || logged[0].Text != "3 of 1.50" || logged[0].Level != crossdock.Info {
		t.Errorf("%v", logged)
	}
}

func TestCandidatesSayWhatTheyHave(t *testing.T) {
	order := sample.NewOrder().Line("A", "1", "1").Line("B", "1", "1").Line("A", "1", "1")
	candidates := sample.NewCandidates(order).Warehouse("TOR", "CA", "ON").Warehouse("VAN", "CA", "BC").Carries("hazmat").Stock("A", "4.5").Build()
	same(t, candidates.Stock(1, 2), "4.5")
	same(t, candidates.Stock(1, 1), "0")
	same(t, candidates.Stock(0, 0), "0")
	same(t, candidates.Stock(7, 0), "0")
	if warehouses := candidates.Warehouses(); !warehouses[0].Carries("apparel") || warehouses[1].Carries("apparel") {
		t.Error("product types are wrong")
	}
}
