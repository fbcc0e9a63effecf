SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  (
    "p"."lifecycle_status" <> $p0 AND "p"."segment" IN ($p1, $p2)
  )
-- $p0 = 'left'
-- $p1 = 'premium'
-- $p2 = 'soho'
