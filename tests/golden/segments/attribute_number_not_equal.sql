SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  "p"."age_years" <> $p0
-- $p0 = 3
