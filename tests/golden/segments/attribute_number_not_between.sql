SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  (
    "p"."data_mb_last_month" < $p0 OR "p"."data_mb_last_month" > $p1
  )
-- $p0 = 0.5
-- $p1 = 3.0
