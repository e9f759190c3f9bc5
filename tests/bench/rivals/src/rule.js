// The segment discount in whole ten-thousandths, which JavaScript's numbers hold exactly up to 2^53.
const units = (text) => Math.floor(Number(text) * 10000 + 0.5);

// Line, price, line, price, …
export function prices(order) {
    const prices = [];
    if (order.customer.segment !== "wholesale") return prices;
    const lines = order.lines;
    for (let index = 0; index < lines.length; index++) {
        const quantity = units(lines[index].quantity);
        if (quantity < 50000) continue;
        const list = units(lines[index]["unit-price"]);
        const keep = quantity >= 100000 ? 90 : 95;
        const step = list % 100 === 0 ? 100 : 1;
        prices.push(index, Math.floor((list * keep + 50 * step) / (100 * step)) * step);
    }
    return prices;
}
