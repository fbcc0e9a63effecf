SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  "p"."district" <> $p0
-- $p0 = '100%'
