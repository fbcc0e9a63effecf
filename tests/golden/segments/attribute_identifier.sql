SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  "p"."main_product_id" IN ($p0, $p1)
-- $p0 = 1
-- $p1 = 4
