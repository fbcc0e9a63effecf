SELECT
  "p"."customer_id"
FROM customer_profiles AS p
LEFT JOIN (
  SELECT
    customer_id,
    COUNT(*) AS "row_count",
    MAX(paid_date) AS "last",
    SUM("amount") AS "sum_amount"
  FROM fct_payments
  WHERE
    (
      NOT customer_id IS NULL AND paid_date >= $p3
    ) AND paid_date <= $p4
  GROUP BY
    1
) AS j0
  ON j0.customer_id = p.customer_id
WHERE
  (
    "j0"."row_count" >= $p0 AND "j0"."last" < $p1 AND "j0"."sum_amount" >= $p2
  )
-- $p0 = 2
-- $p1 = datetime.date(2026, 2, 28)
-- $p2 = 3
-- $p3 = datetime.date(2025, 10, 1)
-- $p4 = datetime.date(2026, 3, 31)
