SELECT
  "p"."customer_id"
FROM customer_profiles AS p
LEFT JOIN (
  SELECT
    customer_id,
    COUNT(*) AS "row_count"
  FROM dim_subscriptions
  WHERE
    (
      (
        NOT customer_id IS NULL AND valid_from <= $p0
      )
      AND (
        valid_to IS NULL OR valid_to > $p0
      )
    )
    AND "status" IN ($p1, $p2)
  GROUP BY
    1
) AS j0
  ON j0.customer_id = p.customer_id
LEFT JOIN (
  SELECT
    customer_id,
    COUNT(*) AS "row_count"
  FROM dim_subscriptions
  WHERE
    (
      NOT customer_id IS NULL AND valid_from <= $p0
    )
    AND (
      valid_to IS NULL OR valid_to > $p0
    )
  GROUP BY
    1
) AS j1
  ON j1.customer_id = p.customer_id
WHERE
  "j0"."row_count" = "j1"."row_count"
-- $p0 = datetime.date(2026, 3, 31)
-- $p1 = 'active'
-- $p2 = 'new'
