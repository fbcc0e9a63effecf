SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  NOT STARTS_WITH(LOWER(CAST("p"."district" AS TEXT)), LOWER($p0))
-- $p0 = 'ТАШ'
