SELECT
  "p"."customer_id"
FROM customer_profiles AS p
LEFT JOIN (
  SELECT
    customer_id,
    SUM("amount") AS "sum_amount"
  FROM fct_payments
  WHERE
    (
      NOT customer_id IS NULL AND paid_date >= $p1
    ) AND paid_date <= $p2
  GROUP BY
    1
) AS j0
  ON j0.customer_id = p.customer_id
WHERE
  "j0"."sum_amount" > $p0
-- $p0 = 3
-- $p1 = datetime.date(2025, 4, 1)
-- $p2 = datetime.date(2026, 3, 31)
