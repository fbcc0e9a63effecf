SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  (
    "p"."age_years" > $p0 AND "p"."is_inactive" = $p1
  )
-- $p0 = 1
-- $p1 = True
