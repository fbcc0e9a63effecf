SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  (
    "p"."has_marketing_consent" = $p0 AND "p"."is_inactive" = $p1
  )
-- $p0 = True
-- $p1 = False
