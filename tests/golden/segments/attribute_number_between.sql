SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  (
    "p"."debt_amount" >= $p0 AND "p"."debt_amount" <= $p1
  )
-- $p0 = Decimal('0.1')
-- $p1 = 3
