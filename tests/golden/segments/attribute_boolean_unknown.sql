SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  "p"."is_inactive" IS NULL
