SELECT
  "p"."customer_id"
FROM customer_profiles AS p
LEFT JOIN (
  SELECT
    customer_id,
    MIN(paid_date) AS "first"
  FROM fct_payments
  WHERE
    NOT customer_id IS NULL AND paid_date <= $p1
  GROUP BY
    1
) AS j0
  ON j0.customer_id = p.customer_id
WHERE
  "j0"."first" >= $p0
-- $p0 = datetime.date(2025, 12, 31)
-- $p1 = datetime.date(2026, 3, 31)
