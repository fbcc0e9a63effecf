SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  ENDS_WITH(LOWER(CAST("p"."district" AS TEXT)), LOWER($p0))
-- $p0 = '%'
