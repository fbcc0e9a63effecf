SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  (
    NOT (
      "p"."debt_amount" > $p0
    ) IS TRUE
    OR NOT (
      "p"."segment" = $p1
    ) IS TRUE
  )
-- $p0 = 0
-- $p1 = 'premium'
