SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  (
    "p"."age_years" >= $p0
    AND "p"."data_mb_last_month" < $p1
    AND "p"."debt_amount" <= $p2
    AND "p"."debt_amount" > $p3
  )
-- $p0 = 0
-- $p1 = 6.75
-- $p2 = 3
-- $p3 = Decimal('0.1')
