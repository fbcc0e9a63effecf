SELECT
  "p"."customer_id"
FROM customer_profiles AS p
LEFT JOIN (
  SELECT
    customer_id,
    COUNT(*) AS "row_count"
  FROM fct_payments
  WHERE
    NOT customer_id IS NULL AND paid_date <= $p1
  GROUP BY
    1
) AS j0
  ON j0.customer_id = p.customer_id
WHERE
  COALESCE("j0"."row_count", 0) = $p0
-- $p0 = 0
-- $p1 = datetime.date(2026, 3, 31)
