-- Which stocks hold something for an order, so that they are found by it; and what the shop is told of a stock, by its key,
-- so that it is due again when the stock changes.

CREATE TABLE promises (
    order_key TEXT NOT NULL,
    sku       TEXT NOT NULL,
    warehouse TEXT NOT NULL,
    PRIMARY KEY (order_key, sku, warehouse)
) STRICT, WITHOUT ROWID;

CREATE INDEX change_stock ON changes (key) WHERE kind = 'stock';
