SELECT
  "p"."customer_id"
FROM customer_profiles AS p
