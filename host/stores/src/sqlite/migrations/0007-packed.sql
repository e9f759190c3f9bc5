-- What is large and written for every order stands packed (LZ4, its length before it) from here on: a third of the bytes, and so of
-- the pages that are written twice. What stood there before stays as it is: `packed` is empty then, and the other column is not.

ALTER TABLE bodies ADD COLUMN packed BLOB;
ALTER TABLE attempts ADD COLUMN packed BLOB;
