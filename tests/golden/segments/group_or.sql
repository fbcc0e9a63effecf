SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  (
    "p"."debt_amount" > $p0 OR "p"."segment" = $p1
  )
-- $p0 = 0
-- $p1 = 'premium'
