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
      NOT customer_id IS NULL AND valid_from <= $p1
    )
    AND (
      valid_to IS NULL OR valid_to > $p1
    )
  GROUP BY
    1
) AS j0
  ON j0.customer_id = p.customer_id
WHERE
  "j0"."row_count" >= $p0
-- $p0 = 2
-- $p1 = datetime.date(2026, 3, 31)
