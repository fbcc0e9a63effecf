SELECT
  "p"."customer_id"
FROM customer_profiles AS p
LEFT JOIN (
  SELECT
    customer_id,
    COUNT(*) AS "row_count"
  FROM fct_interactions
  WHERE
    (
      NOT customer_id IS NULL AND interaction_date >= $p2
    )
    AND interaction_date <= $p3
  GROUP BY
    1
) AS j0
  ON j0.customer_id = p.customer_id
WHERE
  (
    "j0"."row_count" >= $p0 AND "j0"."row_count" <= $p1
  )
-- $p0 = 1
-- $p1 = 2
-- $p2 = datetime.date(2026, 1, 1)
-- $p3 = datetime.date(2026, 3, 31)
