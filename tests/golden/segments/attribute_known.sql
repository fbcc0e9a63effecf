SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  NOT "p"."birth_date" IS NULL
