SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  (
    NOT ENDS_WITH(LOWER(CAST("p"."district" AS TEXT)), LOWER($p0))
    OR "p"."district" IS NULL
  )
-- $p0 = 'КЕНТ'
