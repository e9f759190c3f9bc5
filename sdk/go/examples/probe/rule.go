// Package rule is the conformance probe in Go: asks for everything the contract has and says what it got, as
// sdk/conformance/README.md describes it. No example of a good rule: see segment-discount for one.
package rule

import (
	"crossdock"
	"crossdock/log"
	"crossdock/settings"
	"slices"
	"strings"
)

var (
	preMapSteps = []string{
		"describe", "settings", "levels", "edit", "sums", "refused", "arithmetic", "hold", "hold-until", "reject",
		"error-settings", "error-unsupported", "error-failed", "panic", "loop",
	}
	routeOrderSteps = []string{"route", "halves", "hold", "reject", "error-failed"}
	postMapSteps    = []string{"document", "locked", "hold", "reject", "error-failed"}
)

// steps are those of the setting act that are this hook's to answer, or that no hook knows.
func steps(own []string, without ...string) []string {
	var steps []string
	for step := range strings.SplitSeq(settings.Or("act", ""), "+") {
		others := slices.Contains(slices.Concat(preMapSteps, routeOrderSteps, postMapSteps), step)
		if step != "" && (slices.Contains(own, step) || !others) {
			steps = append(steps, step)
		}
	}
	if steps == nil {
		return without
	}
	return steps
}

func unknown(step string) error {
	return &crossdock.HookError{Kind: crossdock.WrongSettings, Text: "setting `act` is unknown: " + step}
}

func saysSo(kind crossdock.HookErrorKind) error {
	return &crossdock.HookError{Kind: kind, Text: "probe says so"}
}

// PreMap does the steps of the setting act.
func PreMap(context crossdock.Context, order *crossdock.Order) (verdict crossdock.Verdict, err error) {
	for _, step := range steps(preMapSteps) {
		if verdict, err = preMapStep(step, context, order); err != nil {
			break
		}
	}
	return verdict, err
}

func preMapStep(step string, context crossdock.Context, order *crossdock.Order) (crossdock.Verdict, error) {
	switch step {
	case "describe":
		describe(context, order)
	case "settings":
		for _, setting := range settings.Below("") {
			log.Infof("%s=%s", setting.Key, setting.Value)
		}
	case "levels":
		log.Debugf("one")
		log.Infof("two")
		log.Warnf("three")
		log.Errorf("four")
	case "edit":
		return crossdock.Proceed(), edit(order)
	case "sums":
		return crossdock.Proceed(), sums(order)
	case "refused":
		refused(order)
	case "arithmetic":
		arithmetic()
	case "hold":
		return crossdock.Hold("waiting"), nil
	case "hold-until":
		return crossdock.HoldUntil("later", context.Now.PlusMinutes(90)), nil
	case "reject":
		return crossdock.Reject("not this one"), nil
	case "error-settings":
		return crossdock.Verdict{}, saysSo(crossdock.WrongSettings)
	case "error-unsupported":
		return crossdock.Verdict{}, saysSo(crossdock.Unsupported)
	case "error-failed":
		return crossdock.Verdict{}, saysSo(crossdock.Failed)
	case "panic":
		panic("probe says so")
	case "loop":
		for {
		}
	default:
		return crossdock.Verdict{}, unknown(step)
	}
	return crossdock.Proceed(), nil
}

func describe(context crossdock.Context, order *crossdock.Order) {
	log.Infof("context integration=%s event=%s attempt=%d now=%s", context.Integration, context.EventID, context.Attempt, moment(context.Now))
	header := order.Header()
	log.Infof("header number=%s status=%s currency=%s digits=%d ordered-at=%s customer=%s segment=%s subtotal=%s discount=%s shipping=%s tax=%s total=%s",
		header.Number, header.Status, header.Currency, header.CurrencyDigits, moment(header.OrderedAt), header.CustomerID, header.Segment,
		plain(header.Subtotal), plain(header.Discount), plain(header.Shipping), plain(header.Tax), plain(header.Total))
	log.Infof("%s", address("billing", order.BillingAddress()))
	log.Infof("%s", address("shipping", order.ShippingAddress()))
	paid := order.Payment()
	log.Infof("payment method=%s status=%s transaction=%s amount=%s", paid.Method, paid.Status, paid.TransactionID, plain(paid.Amount))
	for i, line := range order.Lines() {
		grade := "none"
		if value, there := order.LineField(i, "grade"); there {
			grade = shown(value)
		}
		log.Infof("line %d id=%s sku=%s name=%s type=%s quantity=%s price=%s discount=%s rate=%s tax=%s total=%s grade=%s",
			i, line.ID, line.SKU, line.Name, line.ProductType, plain(line.Quantity), plain(line.UnitPrice), plain(line.Discount),
			plain(line.TaxRate), plain(line.Tax), plain(line.Total), grade)
	}
	logFields(order.Fields())
	log.Infof("tags %s", strings.Join(order.Tags(), ","))
}

func logFields(fields []crossdock.Field) {
	for _, field := range fields {
		log.Infof("field %s=%s", field.Name, shown(field.Value))
	}
}

func edit(order *crossdock.Order) error {
	digits := order.Header().CurrencyDigits
	for i, line := range order.Lines() {
		if err := order.SetUnitPrice(i, line.UnitPrice.PercentOff(crossdock.Int(5)).Round(digits), "5 % off"); err != nil {
			return err
		}
	}
	for _, edit := range []func() error{
		func() error { return order.SetDiscount(0, crossdock.Int(1), "one off") },
		func() error { return order.SetShipping(crossdock.Dec("7.5"), "flat") },
		func() error { return order.SetField("note", crossdock.Text("checked ✓"), "noted") },
		func() error { return order.SetField("score", crossdock.Number(crossdock.Dec("12.50")), "noted") },
		func() error { return order.SetField("gift", crossdock.Flag(true), "noted") },
		func() error { return order.SetField("po-reference", crossdock.Empty, "noted") },
		func() error { return order.SetLineField(0, "grade", crossdock.Text("A"), "graded") },
		func() error { return order.AddTag("probed", "seen") },
	} {
		if err := edit(); err != nil {
			return err
		}
	}
	return nil
}

func sums(order *crossdock.Order) error {
	if err := order.SetUnitPrice(0, crossdock.Int(1), "one"); err != nil {
		return err
	}
	header := order.Header()
	log.Infof("sums subtotal=%s tax=%s total=%s", plain(header.Subtotal), plain(header.Tax), plain(header.Total))
	return nil
}

func refused(order *crossdock.Order) {
	x := crossdock.Text("x")
	log.Infof("%s", outcome(order.SetUnitPrice(99, crossdock.Int(1), "try")))
	log.Infof("%s", outcome(order.SetUnitPrice(0, crossdock.Int(-1), "try")))
	log.Infof("%s", outcome(order.SetUnitPrice(0, crossdock.Dec("0.00001"), "try")))
	log.Infof("%s", outcome(order.SetDiscount(0, crossdock.Int(1_000_000), "try")))
	log.Infof("%s", outcome(order.SetShipping(crossdock.Int(-1), "try")))
	log.Infof("%s", outcome(order.SetField("", x, "try")))
	log.Infof("%s", outcome(order.SetLineField(99, "of-line", x, "try")))
	log.Infof("%s", outcome(order.SetUnitPrice(0, crossdock.Int(3), "try")))
}

// RouteOrder does the steps of the setting act.
func RouteOrder(_ crossdock.Context, order *crossdock.Order, candidates *crossdock.Candidates) (answer crossdock.Route, err error) {
	for _, step := range steps(routeOrderSteps, "route") {
		switch step {
		case "route":
			answer = route(order, candidates)
		case "halves":
			answer = halves(order, candidates)
		case "hold":
			answer = crossdock.HoldRoute("waiting")
		case "reject":
			answer = crossdock.RejectRoute("not this one")
		case "error-failed":
			return answer, saysSo(crossdock.Failed)
		default:
			return answer, unknown(step)
		}
	}
	return answer, nil
}

func route(order *crossdock.Order, candidates *crossdock.Candidates) crossdock.Route {
	lines, warehouses := order.Lines(), candidates.Warehouses()
	shipments := make([]crossdock.Shipment, len(warehouses))
	for at, warehouse := range warehouses {
		stock := make([]crossdock.Decimal, len(lines))
		for i := range lines {
			stock[i] = candidates.Stock(at, i)
		}
		log.Infof("warehouse %s country=%s region=%s types=%s stock=%s", warehouse.ID, warehouse.Country, warehouse.Region,
			strings.Join(warehouse.ProductTypes, ","), joined(stock, plain))
		shipments[at].Warehouse = warehouse.ID
	}
	for i, line := range lines {
		for at := range warehouses {
			if candidates.Stock(at, i).Cmp(line.Quantity) >= 0 {
				shipments[at].Add(i, line.Quantity)
				break
			}
		}
	}
	empty := func(shipment crossdock.Shipment) bool { return len(shipment.Lines) == 0 }
	return crossdock.Ship(slices.DeleteFunc(shipments, empty)...)
}

func halves(order *crossdock.Order, candidates *crossdock.Candidates) crossdock.Route {
	var quantity crossdock.Decimal
	if lines := order.Lines(); len(lines) > 0 {
		quantity = lines[0].Quantity
	}
	exact := quantity.Mul(crossdock.Dec("0.5"))
	half := exact.Round(0)
	if half.Cmp(exact) > 0 {
		half = half.Sub(crossdock.Int(1))
	}
	var shipments []crossdock.Shipment
	warehouses := candidates.Warehouses()
	for at, units := range []crossdock.Decimal{half, quantity.Sub(half)} {
		if at < len(warehouses) && units.Sign() != 0 {
			shipment := crossdock.Shipment{Warehouse: warehouses[at].ID}
			shipment.Add(0, units)
			shipments = append(shipments, shipment)
		}
	}
	return crossdock.Ship(shipments...)
}

// PostMap does the steps of the setting act.
func PostMap(_ crossdock.Context, _ *crossdock.Order, document *crossdock.Document) (verdict crossdock.Verdict, err error) {
	for _, step := range steps(postMapSteps, "document") {
		verdict = crossdock.Proceed()
		switch step {
		case "document":
			describeDocument(document)
			err = editDocument(document)
		case "locked":
			log.Infof("%s", outcome(document.SetField("TotalAmount", crossdock.Number(crossdock.Int(1)), "try")))
		case "hold":
			verdict = crossdock.Hold("waiting")
		case "reject":
			verdict = crossdock.Reject("not this one")
		case "error-failed":
			err = saysSo(crossdock.Failed)
		default:
			err = unknown(step)
		}
		if err != nil {
			return verdict, err
		}
	}
	return verdict, nil
}

func describeDocument(document *crossdock.Document) {
	log.Infof("document key=%s warehouse=%s", document.Key(), document.Warehouse())
	logFields(document.Fields())
	for i := range document.LineCount() {
		var fields strings.Builder
		for _, field := range document.LineFields(i) {
			fields.WriteString(" " + field.Name + "=" + shown(field.Value))
		}
		log.Infof("line %d%s", i, fields.String())
	}
	log.Infof("column Quantity=%s", joined(document.Column("Quantity"), shown))
}

func editDocument(document *crossdock.Document) error {
	if err := document.SetField("Comment", crossdock.Text("probed"), "noted"); err != nil {
		return err
	}
	if err := document.SetLineField(0, "GLCode", crossdock.Text("4000"), "coded"); err != nil {
		return err
	}
	sites := make([]crossdock.Value, document.LineCount())
	for i := range sites {
		sites[i] = crossdock.Text("S" + plain(crossdock.Int(int64(i))))
	}
	return document.SetColumn("Site", sites, "sited")
}
