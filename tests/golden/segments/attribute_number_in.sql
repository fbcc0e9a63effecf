SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  "p"."subscriptions_active_count" IN ($p0, $p1, $p2)
-- $p0 = 1
-- $p1 = 3
-- $p2 = 5
