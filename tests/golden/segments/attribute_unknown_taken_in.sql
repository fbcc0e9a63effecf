SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  (
    "p"."debt_amount" < $p0 OR "p"."debt_amount" IS NULL
  )
-- $p0 = 3
