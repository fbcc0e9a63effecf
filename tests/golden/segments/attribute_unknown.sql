SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  "p"."debt_amount" IS NULL
